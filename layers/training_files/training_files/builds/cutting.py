"""The objects of a revision without some of its conversations, or with others in their place, as parts of it.

What stays is as few stretches as there can be: those that touch each other are one, each with the separator in front of
it. An object store moves what it has to, and copies the rest inside the storage where it can.
"""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from training_files.domain.training_file.formats import SEPARATOR, TAIL
from training_files.domain.training_file.revision import Revision
from training_files.ports.members import RevisionMembers, RevisionSizes
from training_files.ports.objects import BytesPart, LocalPart, Part, StoredPart


class SizesDisagreeError(Exception):
    """The sizes that are kept of conversations are not those of the objects that hold them. Nothing is written then."""


def json_without(
    base: Revision,
    members: RevisionMembers,
    replacements: Mapping[UUID, LocalPart] | None = None,
    body_start: bytes | None = None,
) -> list[Part]:
    """The JSON behind its header, without the named conversations; some may be replaced.

    A replacement begins with a separator. `body_start` is another beginning of the body than that which is there.

    Raises SizesDisagreeError.
    """
    offset, size = base.json_body_offset or 0, base.json_file_size or 0
    end = size - len(TAIL)
    first = begin_of_elements(base, members)
    if not members.has_sizes or first <= offset:
        raise SizesDisagreeError(base.id)
    start: Part = StoredPart(base.json_file_path, offset, first) if body_start is None else BytesPart(body_start)
    elements = separated(_json_elements(base, members, first, end, replacements or {}))
    return with_tail(list(joined([start, *elements])), base.json_file_path, end)


def begin_of_elements(base: Revision, members: RevisionSizes) -> int:
    """Where the first conversation is in the JSON, as the sizes of all tell."""
    end = (base.json_file_size or 0) - len(TAIL)
    return end - (members.json_bytes or 0) - len(SEPARATOR) * (members.count - 1)


def jsonl_without(
    base: Revision, members: RevisionMembers, replacements: Mapping[UUID, LocalPart] | None = None
) -> list[Part]:
    """The JSONL without the lines of the named conversations; some may be replaced. Raises SizesDisagreeError."""
    if members.jsonl_bytes != base.jsonl_file_size:
        raise SizesDisagreeError(base.id)
    return [part for part in _jsonl_lines(base, members, replacements or {}) if part.size]


def _json_elements(
    base: Revision, members: RevisionMembers, first: int, end: int, replacements: Mapping[UUID, LocalPart]
) -> Iterator[LocalPart | StoredPart]:
    """Each with a separator in front, also where there is none: before the first conversation."""
    path, at = base.json_file_path, first
    for member in members.named:
        start = first + (member.json_before or 0) + len(SEPARATOR) * member.index
        if at < start:
            yield StoredPart(path, at - len(SEPARATOR), start - len(SEPARATOR))
        if member.conversation_id in replacements:
            yield replacements[member.conversation_id]
        at = start + (member.json_size or 0) + len(SEPARATOR)
    if at < end:
        yield StoredPart(path, at - len(SEPARATOR), end)


def separated(elements: Iterable[LocalPart | StoredPart]) -> Iterator[Part]:
    """The first one without its separator."""
    for index, element in enumerate(elements):
        start = element.start if index else element.start + len(SEPARATOR)
        match element:
            case LocalPart(file, _, end):
                yield LocalPart(file, start, end)
            case StoredPart(path, _, end):
                yield StoredPart(path, start, end)


def with_tail(parts: list[Part], path: str, end: int) -> list[Part]:
    """Where the last part is the stored end, with the tail that is stored behind it: it takes no request of its own."""
    match parts[-1]:
        case StoredPart(same, start, stop) if (same, stop) == (path, end):
            return [*parts[:-1], StoredPart(path, start, end + len(TAIL))]
    return [*parts, BytesPart(TAIL)]


def _jsonl_lines(
    base: Revision, members: RevisionMembers, replacements: Mapping[UUID, LocalPart]
) -> Iterator[LocalPart | StoredPart]:
    path, at = base.jsonl_file_path, 0
    for member in members.named:
        start = member.jsonl_before or 0
        yield StoredPart(path, at, start)
        if member.conversation_id in replacements:
            yield replacements[member.conversation_id]
        at = start + (member.jsonl_size or 0)
    yield StoredPart(path, at, base.jsonl_file_size or 0)


def joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Stored parts that touch each other as one."""
    before: Part | None = None
    for part in parts:
        match before, part:
            case StoredPart(path, start, middle), StoredPart(same, begin, end) if (path, middle) == (same, begin):
                before = StoredPart(path, start, end)
                continue
        if before is not None:
            yield before
        before = part
    if before is not None:
        yield before
