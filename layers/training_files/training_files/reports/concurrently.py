"""Several reads at once, within the time that a caller waits."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from training_files.deadline import with_same_deadline

READ_AT_ONCE = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def concurrently(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Results in the order of the items."""
    with ThreadPoolExecutor(READ_AT_ONCE) as executor:
        return list(executor.map(with_same_deadline(function), items))
