"""What an attempt says about its revision until the commit, kept as an object beside those that it is about."""

from uuid import UUID

from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.planning import PlannedRevision
from training_files.builds.writing import JSON_TYPE
from training_files.context import Context
from training_files.domain.record import Record
from training_files.ports.objects import BytesPart, ObjectMissingError
from training_files.ports.revisions import RevisionContent
from training_files.sharded.finished_shards import FinishedShards
from training_files.sharded.joining import piece_paths


class Assembled(Record):
    """The content of a revision that is put together on top of `expected_revision`.

    `shard_paths` are the objects that it is made of, `own_paths` those that the attempt has beside its two.
    """

    expected_revision: int
    content: RevisionContent
    shard_paths: tuple[str, ...]
    own_paths: tuple[str, ...]


def begin_assembling(leased: LeasedRevision) -> None:
    """Says, before the first byte is written, that the attempt is about to be put together.

    Where an earlier call has said so, it may still be writing: the build goes on under another attempt then, in a
    folder of its own.

    Raises BuiltElsewhereError.
    """
    store = leased.context.stores.training_files
    try:
        store.read(_begun(leased.id))
    except ObjectMissingError:
        pass
    else:
        leased.continue_after("putting it together broke off")
    store.write(_begun(leased.id), [BytesPart(b"{}")], JSON_TYPE)


def note_assembled(
    context: Context, revision_id: UUID, expected_revision: int, planned: PlannedRevision, shards: FinishedShards
) -> None:
    """Says, behind the last byte, what was put together."""
    assembled = Assembled(
        expected_revision=expected_revision,
        content=planned.content,
        shard_paths=tuple(shards.paths),
        own_paths=(*piece_paths(revision_id, planned), _begun(revision_id), _done(revision_id)),
    )
    content = BytesPart(assembled.model_dump_json().encode())
    context.stores.training_files.write(_done(revision_id), [content], JSON_TYPE)


def read_assembled(context: Context, revision_id: UUID) -> Assembled | None:
    """None where the attempt was not put together, or not to its end."""
    try:
        return Assembled.model_validate_json(context.stores.training_files.read(_done(revision_id)))
    except ObjectMissingError:
        return None


def _begun(revision_id: UUID) -> str:
    return f"{revision_id}/shard-assembling.json"


def _done(revision_id: UUID) -> str:
    return f"{revision_id}/shard-assembled.json"
