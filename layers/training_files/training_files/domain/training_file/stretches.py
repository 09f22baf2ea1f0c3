"""How many bytes each conversation takes in the objects of a training file, found by reading their lines.

`stored_file` says why an element of `conversations` can be told by its lines alone.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from training_files.domain.training_file.stored_file import (
    CONVERSATIONS_BEGIN,
    CONVERSATIONS_END,
    ELEMENT_BEGINS,
    ELEMENT_ENDS,
    StoredFileInvalidError,
)

# In an element the id stands on the third line: `{`, `"conversation_metadata": {`, `"conversation_id": "…",`.
ID_LINE = 3


def element_sizes(lines: Iterable[bytes], conversation_ids: Iterable[str]) -> Iterator[int]:
    """The sizes of the elements of a full JSON, in file order, without what separates them.

    Raises StoredFileInvalidError when they are not exactly those of these conversations.
    """
    rest, ids = iter(lines), iter(conversation_ids)
    if CONVERSATIONS_BEGIN not in rest:
        raise StoredFileInvalidError("it has no list of conversations")
    for line in rest:
        if line == CONVERSATIONS_END:
            if next(ids, None) is not None:
                raise StoredFileInvalidError("it has fewer conversations than its rows")
            return
        if line != ELEMENT_BEGINS:
            raise StoredFileInvalidError("a conversation does not begin where one should")
        yield len(line) + _rest_of_element(rest, next(ids, None))
    raise StoredFileInvalidError("it ends within its conversations")


def lines_sizes(lines: Iterable[bytes], counts: Iterable[int]) -> Iterator[int]:
    """The sizes of runs of so many lines each.

    Raises StoredFileInvalidError when there are more or fewer lines.
    """
    rest = iter(lines)
    for count in counts:
        taken = [len(line) for line in islice(rest, count)]
        if len(taken) < count:
            raise StoredFileInvalidError("it has fewer lines than its rows say")
        yield sum(taken)
    if next(rest, None) is not None:
        raise StoredFileInvalidError("it has more lines than its rows say")


def _rest_of_element(lines: Iterator[bytes], conversation_id: str | None) -> int:
    """Without the separator behind the last line: a comma, or nothing, and the end of the line."""
    size = 0
    for number, line in enumerate(lines, start=2):
        if number == ID_LINE and (conversation_id is None or f'"{conversation_id}"'.encode() not in line):
            raise StoredFileInvalidError("its conversations are not those of its rows")
        if line in ELEMENT_ENDS:
            return size + len(line.rstrip(b",\n"))
        size += len(line)
    raise StoredFileInvalidError("it ends within its conversations")
