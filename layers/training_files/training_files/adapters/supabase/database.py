"""Calls to the database over PostgREST: reads through tables, writes through the functions of sql/."""

from typing import Any, Protocol, cast
from uuid import UUID

from postgrest import SyncQueryRequestBuilder, SyncRequestBuilder, SyncRPCFilterRequestBuilder

from training_files.adapters.supabase.errors import call_with_retry
from training_files.errors import RequestInvalidError


class Database(Protocol):
    """The part of `supabase.Client` that is used here."""

    def table(self, table_name: str, /) -> SyncRequestBuilder: ...
    def rpc(self, fn: str, params: dict[str, Any], /) -> SyncRPCFilterRequestBuilder: ...


class DatabaseAdapter:
    """What the adapters of the database's ports have in common. They use the service role's key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _call(self, function: str, **parameters: object) -> Any:
        return call_with_retry(self._database.rpc(function, parameters).execute).data


def rows_of(query: SyncQueryRequestBuilder) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", call_with_retry(query.execute).data)


def text_of(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def behind(created_at: str, row_id: UUID) -> str:
    """The filter for the rows behind this one, newest first; rows of one moment are ordered by their ids."""
    # Inside `or=(…)`, a time without quotes would be cut at its punctuation.
    moment = f'"{created_at}"'
    return f"created_at.lt.{moment},and(created_at.eq.{moment},id.lt.{row_id})"


def not_a_cursor() -> RequestInvalidError:
    return RequestInvalidError(
        "The cursor is not one that this service gave.",
        [{"field": "cursor", "message": "Use the next_cursor of the page before, unchanged."}],
    )
