"""The sizes of conversations that were added before sizes were kept: found by reading both objects once."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from uuid import UUID

from training_files.builds.waiting import takes_too_long
from training_files.catalog.finding import existing
from training_files.context import Context
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.stretches import element_sizes, lines_sizes
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import RequestInvalidError, UpstreamUnavailableError
from training_files.ports.members import MemberLines, MemberSizes, RevisionMembers
from training_files.ports.objects import ObjectMissingError, ObjectStore, StoredPart

# In memory at once, beside the longest line.
WINDOW_BYTES = 8 * 1024 * 1024
ROWS_AT_ONCE = 1000


def with_sizes(
    context: Context, training_file_id: UUID, base: Revision, members: RevisionMembers, ids: Sequence[UUID]
) -> RevisionMembers:
    """The same conversations of `base`, named by `ids`, with their sizes.

    Raises UpstreamUnavailableError, or TrainingFileNotFoundError, when an object of the base is gone.
    """
    if members.has_sizes:
        return members
    find_sizes_of_base(context, training_file_id, base)
    return context.members.look_up_members(training_file_id, revision=base.number, ids=ids)


def find_sizes_of_base(context: Context, training_file_id: UUID, base: Revision) -> None:
    """Raises UpstreamUnavailableError, or TrainingFileNotFoundError, when an object of the base is gone."""
    try:
        find_sizes(context, training_file_id, base)
    except ObjectMissingError as error:
        existing(context, training_file_id)
        raise UpstreamUnavailableError(
            f"The object {error.path} of the current revision is missing in the bucket. Nothing was changed."
        ) from error


def takes_too_long_to_change(context: Context, training_file: TrainingFile, members: RevisionMembers) -> bool:
    """Whether the bytes that the file has would pass through here for longer than a caller waits."""
    return takes_too_long(context, training_file) or _takes_too_long_to_read(context, training_file, members)


def refuse_long_dry_run(context: Context, training_file: TrainingFile, members: RevisionMembers) -> None:
    """Raises RequestInvalidError where the sizes have to be found first, and that takes longer than a caller waits."""
    if _takes_too_long_to_read(context, training_file, members):
        advice = "A dry run works from the next removal or refresh on: a worker reads all of this training file then."
        raise RequestInvalidError(advice, [{"field": "dry_run", "message": advice}])


def _takes_too_long_to_read(context: Context, training_file: TrainingFile, members: RevisionMembers) -> bool:
    must_be_read = not members.has_sizes and training_file.json_file_size > LARGEST_WHILE_WAITING_BYTES
    return context.queue is not None and must_be_read


def existing_base(base: Revision | None) -> Revision:
    """Raises UpstreamUnavailableError where there is none, though the training file has a revision."""
    if base is None:
        raise UpstreamUnavailableError("The current revision is not there. Nothing was changed.")
    return base


def find_sizes(context: Context, training_file_id: UUID, revision: Revision) -> None:
    """Reads the objects of a revision as a stream, and notes the sizes of all of its conversations.

    Raises StoredFileInvalidError when the objects are not what the rows say, or ObjectMissingError.
    """
    members = list(_members(context, training_file_id, revision.number))
    store = context.stores.training_files
    json_lines = _lines(store, revision.json_file_path, revision.json_file_size or 0)
    jsonl_lines = _lines(store, revision.jsonl_file_path, revision.jsonl_file_size or 0)
    json_sizes = element_sizes(json_lines, (str(member.conversation_id) for member in members))
    jsonl_sizes = lines_sizes(jsonl_lines, (member.trainable_pairs for member in members))
    found = [
        MemberSizes(position=member.position, json_size=json, jsonl_size=jsonl)
        for member, json, jsonl in zip(members, list(json_sizes), list(jsonl_sizes), strict=True)
    ]
    for begin in range(0, len(found), ROWS_AT_ONCE):
        context.members.note_sizes(training_file_id, found[begin : begin + ROWS_AT_ONCE], revision=revision.number)


def _members(context: Context, training_file_id: UUID, revision: int) -> Iterator[MemberLines]:
    position = 0
    while page := context.members.list_member_lines(
        training_file_id, revision=revision, limit=ROWS_AT_ONCE, after_position=position
    ):
        yield from page
        position = page[-1].position


def _lines(store: ObjectStore, path: str, size: int) -> Iterator[bytes]:
    """Each with its end; the last one may have none."""
    rest = b""
    for start in range(0, size, WINDOW_BYTES):
        window = BytesIO()
        store.download(StoredPart(path, start, min(start + WINDOW_BYTES, size)), window)
        *whole, rest = (rest + window.getvalue()).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest
