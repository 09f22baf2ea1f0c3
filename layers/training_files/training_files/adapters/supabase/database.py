"""Calls to the database over PostgREST: reads through tables, writes through the functions of sql/."""

import json
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from postgrest import (
    APIResponse,
    SyncQueryRequestBuilder,
    SyncRequestBuilder,
    SyncRPCFilterRequestBuilder,
    SyncSelectRequestBuilder,
)
from postgrest.types import CountMethod

from training_files.adapters.supabase.errors import call_with_retry
from training_files.adapters.supabase.punctual_http import patience
from training_files.ports.paging import Page

Row = TypeVar("Row")

EXACT = CountMethod.exact
# An answer of a Lambda function has at most 6 MB, as a text in a JSON.
PAGE_BYTES = 2 * 1024 * 1024
# What sql/ gives a function over many rows that a caller waits for, as its statement_timeout.
LONGEST_CALL_SECONDS = 25


class Database(Protocol):
    """The part of `supabase.Client` that is used here."""

    def table(self, table_name: str, /) -> SyncRequestBuilder: ...
    def rpc(self, fn: str, params: dict[str, Any], /) -> SyncRPCFilterRequestBuilder: ...


class DatabaseAdapter:
    """What the adapters of the database's ports have in common."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _call(self, function: str, **parameters: object) -> Any:
        return _answer_to(self._database.rpc(function, parameters)).data

    def _call_patiently(self, function: str, **parameters: object) -> Any:
        """For a function that may work on hundreds of thousands of rows."""
        with patience(LONGEST_CALL_SECONDS):
            return self._call(function, **parameters)


def rows_of(query: SyncQueryRequestBuilder) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", _answer_to(query).data)


def page_of(query: SyncSelectRequestBuilder, made_of: Callable[[dict[str, Any]], Row]) -> Page[Row]:
    """One page of a query that counts its rows, made of as many of them as an answer has room for.

    `select(…, count=EXACT)` has PostgREST count what matches beside what it gives, which may be less than was asked
    for: https://docs.postgrest.org/en/stable/references/api/pagination_count.html
    """
    answer = _answer_to(query)
    room = with_room(cast("list[dict[str, Any]]", answer.data))
    return Page(map(made_of, room), more=(answer.count or 0) > len(room))


def with_room(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of the rows, as many as an answer has room for."""
    sizes = accumulate(len(json.dumps(row)) for row in rows)
    return [row for row, size in zip(rows, sizes, strict=True) if size <= PAGE_BYTES] or rows[:1]


def text_of(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def in_revision(query: SyncSelectRequestBuilder, revision: int) -> SyncSelectRequestBuilder:
    """Of rows of `training_file_conversations` those that the revision has."""
    return query.lte("added_in_revision", revision).or_(
        f"removed_in_revision.is.null,removed_in_revision.gt.{revision}"
    )


def behind(created_at: str, row_id: UUID) -> str:
    """The filter for the rows behind this one, newest first; rows of one moment are ordered by their ids."""
    # Inside `or=(…)`, a time without quotes would be cut at its punctuation.
    moment = f'"{created_at}"'
    return f"created_at.lt.{moment},and(created_at.eq.{moment},id.lt.{row_id})"


def _answer_to(query: SyncQueryRequestBuilder | SyncRPCFilterRequestBuilder) -> APIResponse:
    # A client of somebody else has retries of its own, which sleep for seconds and would be made for each of ours.
    return call_with_retry(query.retry(enabled=False).execute)
