"""What is done with one training file, one step behind the other, and to which of its conversations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHANGED = 20
TOGETHER, APART = "together", "apart"
# Fewer are not changed in two places.
LEAST_TO_CHANGE = 4 * CHANGED


@dataclass(frozen=True, slots=True)
class Step:
    """`change` is what `one_build` does to the training file, None to create it; `operation` is its name in the table.

    `count` is how many conversations the training file has behind it.
    """

    operation: str
    change: str | None
    conversation_ids: Sequence[str]
    count: int


def steps(size: int, conversation_ids: Sequence[str], *, with_changes: bool) -> Iterator[Step]:
    """A create of the first ones, an append of the last ones, then refreshes and removals of some that are there.

    Removals come last: each step finds a file of `size` conversations, or a few more.
    """
    file, added = list(conversation_ids[:size]), list(conversation_ids[-CHANGED:])
    yield Step("create", None, file, size)
    file = [*file, *added]
    yield Step("append", "append", added, len(file))
    if not with_changes or size < LEAST_TO_CHANGE:
        return
    for place, chosen in ((TOGETHER, together), (APART, apart)):
        yield Step(f"refresh {place}", "refresh", chosen(file), len(file))
    for place, chosen in ((TOGETHER, together), (APART, apart)):
        removed = chosen(file)
        file = [one for one in file if one not in removed]
        yield Step(f"remove {place}", "remove", removed, len(file))


def together(conversation_ids: Sequence[str]) -> list[str]:
    """Those in the middle, one behind the other."""
    start = (len(conversation_ids) - CHANGED) // 2
    return list(conversation_ids[start : start + CHANGED])


def apart(conversation_ids: Sequence[str]) -> list[str]:
    """The middle one of each of so many equal stretches of the file."""
    return [conversation_ids[(2 * index + 1) * len(conversation_ids) // (2 * CHANGED)] for index in range(CHANGED)]
