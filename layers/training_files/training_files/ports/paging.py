"""Rows that come by pages."""

from collections.abc import Iterable
from typing import TypeVar

Row = TypeVar("Row")


class Page(list[Row]):
    """The rows of one page, and whether others follow.

    It may be shorter than what was asked for: a project may hand out fewer rows at once, and long ones are fewer. So
    its length says nothing about what follows.
    """

    def __init__(self, rows: Iterable[Row] = (), *, more: bool) -> None:
        super().__init__(rows)
        self.more = more
