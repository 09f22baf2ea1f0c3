"""Where the conversations of a revision lie in its full JSON, and what is known of them without reading them."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby, islice
from tempfile import TemporaryFile
from typing import IO

from training_files.builds.sizes import find_sizes
from training_files.domain.analysis.conversation_analysis import VERSION, signature_from_json
from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.dialogues import mapped
from training_files.domain.conversation.signature import signature_of
from training_files.domain.exports.sharding import ExportShards
from training_files.domain.exports.stretches import Stretch, stretches
from training_files.domain.training_file.formats import SEPARATOR, TAIL
from training_files.domain.training_file.stored_file import (
    StoredFileInvalidError,
    consultant_in,
    conversations_of,
)
from training_files.errors import TrainingFileNotFoundError
from training_files.exports.leased_export import LeasedExport
from training_files.ports.exports import ExportMember
from training_files.ports.objects import ObjectMissingError, StoredPart

ROWS_AT_ONCE = 1000
# Conversations of before there was an analysis are read again, so many at once.
READ_AT_ONCE = ExportShards(conversations=ROWS_AT_ONCE, bytes=8 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What decides into which split a conversation goes, and which seed is the best."""

    conversation_id: str
    content_sha256: str
    signature: bytes | None
    gives_rows: bool
    scaffolding: dict[str, str | None]


class RevisionSource:
    """The conversations of the revision that is exported."""

    def __init__(self, leased: LeasedExport) -> None:
        self._context = leased.context
        self._export = leased.export
        self._revision = leased.revision

    def stretches(self, shards: ExportShards) -> tuple[Stretch, ...]:
        """Where the conversations of each shard lie in the JSON.

        Sizes that nobody knows are found first. Raises StoredFileInvalidError when they are not those of the object.
        """
        positions, sizes = self._sizes()
        if not all(sizes):
            self._find_sizes()
            positions, sizes = self._sizes()
        end = (self._revision.json_file_size or 0) - len(TAIL)
        first = end - sum(sizes) - len(SEPARATOR) * (len(sizes) - 1)
        if not sizes or not all(sizes) or first <= (self._revision.json_body_offset or 0):
            raise StoredFileInvalidError("the sizes of its conversations are not those of the object")
        cut = stretches(zip(positions, sizes, strict=True), shards)
        return tuple(self._clipped(stretch.moved(first)) for stretch in cut)

    def consultant(self, first: int) -> str | None:
        """The name in the consultant profile, which is in front of the first conversation."""
        with TemporaryFile() as head:
            self.download(StoredPart(self._revision.json_file_path, 0, first), head)
            head.seek(0)
            return consultant_in(head)

    def facts(self, first: int) -> Iterator[MemberFacts]:
        """Of all conversations in file order, the first of which lies at `first`."""
        for is_known, run in groupby(self._members(), key=lambda member: member.version == VERSION):
            while members := list(islice(run, ROWS_AT_ONCE)):
                yield from (map(_facts_of_row, members) if is_known else self._read_facts(members, first))
                first += sum((member.json_size or 0) + len(SEPARATOR) for member in members)

    def part(self, stretch: Stretch) -> StoredPart:
        return StoredPart(self._revision.json_file_path, stretch.begin, stretch.end)

    def download(self, part: StoredPart, target: IO[bytes]) -> None:
        """Raises TrainingFileNotFoundError when the training file or the revision was removed meanwhile."""
        try:
            self._context.stores.training_files.download(part, target)
        except ObjectMissingError as error:
            raise TrainingFileNotFoundError(self._export.training_file_id, revision=self._revision.number) from error

    def _sizes(self) -> tuple["array[int]", "array[int]"]:
        """All positions, and the size at each; 0 where it is not known. A million of them take 16 MB."""
        positions, sizes = array("q"), array("q")
        for member in self._members():
            positions.append(member.position)
            sizes.append(member.json_size or 0)
        return positions, sizes

    def _find_sizes(self) -> None:
        try:
            find_sizes(self._context, self._export.training_file_id, self._revision)
        except ObjectMissingError as error:
            raise TrainingFileNotFoundError(self._export.training_file_id, revision=self._revision.number) from error

    def _members(self) -> Iterator[ExportMember]:
        position = 0
        while page := self._context.exports.list_export_members(
            self._export.training_file_id,
            revision=self._revision.number,
            granularity=self._export.request.granularity,
            limit=ROWS_AT_ONCE,
            after_position=position,
        ):
            yield from page
            position = page[-1].position

    def _read_facts(self, members: list[ExportMember], first: int) -> Iterator[MemberFacts]:
        """Of members without an analysis of today, from the JSON itself."""
        sizes = [(member.position, member.json_size or 0) for member in members]
        for stretch in stretches(sizes, READ_AT_ONCE):
            content = BytesIO()
            self.download(self.part(self._clipped(stretch.moved(first))), content)
            content.seek(0)
            for conversation in conversations_of(content, None):
                conversation_id, pairs = conversation.conversation_id, conversation.pairs
                yield MemberFacts(
                    conversation_id,
                    content_sha256(pairs),
                    signature_of(pairs),
                    bool(mapped(conversation_id, pairs, self._export.request.granularity).dialogues),
                    conversation.scaffolding,
                )

    def _clipped(self, stretch: Stretch) -> Stretch:
        """Behind the last conversation there is the end of a line, and no comma."""
        end = (self._revision.json_file_size or 0) - len(TAIL) + 1
        return Stretch(stretch.after_position, stretch.count, stretch.begin, min(stretch.end, end))


def _facts_of_row(member: ExportMember) -> MemberFacts:
    return MemberFacts(
        str(member.conversation_id),
        member.content_sha256 or "",
        signature_from_json(member.signature),
        member.first_row is not None,
        {
            "persona_key": member.persona_key,
            "emotional_arc_key": member.emotional_arc_key,
            "training_topic_key": member.training_topic_key,
        },
    )
