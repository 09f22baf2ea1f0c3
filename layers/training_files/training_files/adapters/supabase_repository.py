"""The repository over PostgREST: reads through tables, writes through the functions of sql/03."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast
from uuid import UUID

from postgrest import SyncQueryRequestBuilder, SyncRequestBuilder, SyncRPCFilterRequestBuilder
from postgrest.exceptions import APIError

from training_files.adapters.supabase_errors import UNIQUE_VIOLATION, in_words_of_ours
from training_files.errors import NameTakenError, RequestInvalidError
from training_files.ports.rows import (
    BegunRevision,
    ClaimedRevision,
    CollectionMatch,
    CommittedRevision,
    Lease,
    NewTrainingFile,
    ResolvedRequest,
    RetriedBuild,
    RevisionContent,
    RevisionSurroundings,
    SuggestionBase,
)
from training_files.records import (
    ListTrainingFilesFilters,
    Membership,
    Revision,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)


class Database(Protocol):
    """The part of `supabase.Client` that is used here."""

    def table(self, table_name: str, /) -> SyncRequestBuilder: ...
    def rpc(self, fn: str, params: dict[str, Any], /) -> SyncRPCFilterRequestBuilder: ...


# Not what was asked for, which may name thousands of ids.
REVISION_COLUMNS = ",".join(Revision.model_fields)


class SupabaseRepository:
    """Implements `training_files.ports.rows.Repository` with the service role's key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resolve(
        self,
        *,
        ids: Sequence[UUID],
        owner: UUID | None,
        all_conversations: bool,
        training_file_id: UUID | None = None,
        name: str | None = None,
    ) -> ResolvedRequest:
        answer = self._call(
            "resolve_training_file_request",
            p_owner=_text(owner),
            p_ids=[str(conversation_id) for conversation_id in ids],
            p_all_conversations=all_conversations,
            p_training_file_id=_text(training_file_id),
            p_name=name,
        )
        return ResolvedRequest.model_validate(answer)

    def begin_revision(
        self,
        *,
        revision_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None = None,
        background: bool = False,
    ) -> BegunRevision:
        answer = self._call(
            "begin_training_file_revision",
            p_revision_id=str(revision_id),
            p_training_file_id=str(training_file_id),
            p_owner=_text(owner),
            p_requested=requested,
            p_new_file=new_file.model_dump() if new_file else None,
            p_background=background,
        )
        return BegunRevision.model_validate(answer)

    def commit_revision(
        self,
        *,
        revision_id: UUID,
        expected_revision: int,
        content: RevisionContent,
        conversations: Sequence[dict[str, Any]],
    ) -> CommittedRevision:
        answer = self._call(
            "commit_training_file_revision",
            p_revision_id=str(revision_id),
            p_expected_revision=expected_revision,
            p_result=content.model_dump(),
            p_conversations=list(conversations),
        )
        return CommittedRevision.model_validate(answer)

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        self._call(
            "stage_training_file_conversations",
            p_revision_id=str(revision_id),
            p_conversations=list(conversations),
        )

    def claim_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID) -> ClaimedRevision:
        answer = self._call(
            "claim_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_next_id=str(next_id),
            p_lease_seconds=lease.seconds,
        )
        return ClaimedRevision.model_validate(answer)

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        self._call(
            "continue_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_next_id=str(next_id),
            p_lease_seconds=lease.seconds,
            p_reason=reason,
        )

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        return bool(
            self._call(
                "report_training_file_progress",
                p_revision_id=str(revision_id),
                p_worker=str(lease.worker),
                p_done=done,
                p_lease_seconds=lease.seconds,
            )
        )

    def release_revision(self, *, revision_id: UUID, lease: Lease, reason: str) -> None:
        self._call(
            "release_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_reason=reason,
        )

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        self._call(
            "fail_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_error=error,
        )

    def retry_build(self, training_file_id: UUID, owner: UUID | None, *, next_id: UUID) -> RetriedBuild:
        answer = self._call(
            "retry_training_file_build",
            p_training_file_id=str(training_file_id),
            p_owner=_text(owner),
            p_next_id=str(next_id),
        )
        return RetriedBuild.model_validate(answer)

    def open_build(self, training_file_id: UUID) -> Revision | None:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_COLUMNS)
            .eq("training_file_id", str(training_file_id))
            .is_("background", "true")
            .or_("status.eq.building,awaits_retry.is.true")
            .order("status")  # `building` comes before `failed`.
            .order("created_at", desc=True)
            .order("id", desc=True)
            .limit(1)
        )
        rows = rows_of(query)
        return Revision.model_validate(rows[0]) if rows else None

    def abandon_revision(self, *, revision_id: UUID, error: dict[str, Any]) -> None:
        self._call("abandon_training_file_revision", p_revision_id=str(revision_id), p_error=error)

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        query = self._database.table("training_files").select("*")
        if owner:
            query = query.eq("created_by", str(owner))
        if filters.status:
            query = query.eq("status", filters.status)
        if filters.cursor:
            created_at, file_id = _position(filters.cursor)
            query = query.or_(f"created_at.lt.{created_at},and(created_at.eq.{created_at},id.lt.{file_id})")
        # One more than asked for tells whether there is another page.
        query = query.order("created_at", desc=True).order("id", desc=True).limit(filters.limit + 1)
        files = [TrainingFile.model_validate(row) for row in rows_of(query)]
        page = tuple(files[: filters.limit])
        return TrainingFilePage(files=page, next_cursor=_cursor(page[-1]) if len(files) > len(page) else None)

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None:
        query = self._database.table("training_files").select("*").eq("id", str(training_file_id))
        if owner:
            query = query.eq("created_by", str(owner))
        rows = rows_of(query)
        return TrainingFile.model_validate(rows[0]) if rows else None

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        query = (
            self._database.table("training_files")
            .update(_columns(changes))
            .eq("id", str(training_file_id))
            .in_("status", ["active", "archived"])
        )
        if owner:
            query = query.eq("created_by", str(owner))
        try:
            rows = rows_of(query)
        except APIError as error:
            if error.code == UNIQUE_VIOLATION and changes.name:
                raise NameTakenError(changes.name) from error
            raise
        return TrainingFile.model_validate(rows[0]) if rows else None

    def match_collections(self, ids: Sequence[UUID]) -> list[CollectionMatch]:
        answer = self._call("match_training_file_collections", p_ids=[str(conversation_id) for conversation_id in ids])
        return [CollectionMatch.model_validate(match) for match in answer]

    def suggestion_base(
        self, training_file_id: UUID, owner: UUID | None, *, all_conversations: bool, limit: int
    ) -> SuggestionBase:
        answer = self._call(
            "suggest_training_file_conversations",
            p_training_file_id=str(training_file_id),
            p_owner=_text(owner),
            p_all_conversations=all_conversations,
            p_limit=limit,
        )
        return SuggestionBase.model_validate(answer)

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        query = (
            self._database.table("training_file_conversations")
            .select(",".join(Membership.model_fields))
            .eq("training_file_id", str(training_file_id))
            .lte("added_in_revision", revision)
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [Membership.model_validate(row) for row in rows_of(query)]

    def revision_surroundings(self, training_file_id: UUID, *, revision: int, limit: int) -> RevisionSurroundings:
        answer = self._call(
            "training_file_revision_surroundings",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_limit=limit,
        )
        return RevisionSurroundings.model_validate(answer)

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        removed = self._call("delete_training_file", p_training_file_id=str(training_file_id), p_owner=_text(owner))
        return None if removed is None else [UUID(revision_id) for revision_id in removed]

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> list[tuple[int, UUID]]:
        query = (
            self._database.table("training_file_conversations")
            .select("position,conversation_id")
            .eq("training_file_id", str(training_file_id))
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [(row["position"], UUID(row["conversation_id"])) for row in rows_of(query)]

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> list[Revision]:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_COLUMNS)
            .eq("training_file_id", str(training_file_id))
        )
        if before:
            created_at = self._created_at_of_revision(training_file_id, before)
            query = query.or_(f"created_at.lt.{created_at},and(created_at.eq.{created_at},id.lt.{before})")
        query = query.order("created_at", desc=True).order("id", desc=True).limit(limit)
        return [Revision.model_validate(row) for row in rows_of(query)]

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_COLUMNS)
            .eq("training_file_id", str(training_file_id))
            .eq("number", number)
            .eq("status", "committed")
        )
        rows = rows_of(query)
        return Revision.model_validate(rows[0]) if rows else None

    def _created_at_of_revision(self, training_file_id: UUID, revision_id: UUID) -> str:
        query = (
            self._database.table("training_file_revisions")
            .select("created_at")
            .eq("id", str(revision_id))
            .eq("training_file_id", str(training_file_id))
        )
        rows = rows_of(query)
        if not rows:
            raise not_a_cursor()
        return quoted(rows[0]["created_at"])

    def _call(self, function: str, **parameters: object) -> Any:
        return in_words_of_ours(self._database.rpc(function, parameters).execute).data


def _columns(changes: TrainingFileChanges) -> dict[str, Any]:
    columns = changes.model_dump(mode="json", exclude_unset=True)
    if changes.collect:
        columns["collect"] = changes.collect.model_dump(mode="json")
    return columns


def rows_of(query: SyncQueryRequestBuilder) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", in_words_of_ours(query.execute).data)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def quoted(moment: str) -> str:
    """A time as it stands inside an `or=(…)`, where a bare one would be cut at its punctuation."""
    return f'"{moment}"'


def _cursor(last: TrainingFile) -> str:
    created_at = last.created_at.astimezone(UTC).isoformat()
    return base64.urlsafe_b64encode(f"{created_at} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[str, UUID]:
    try:
        written, file_id = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True).decode("ascii").split()
        created_at, after = datetime.fromisoformat(written), UUID(file_id)
    except (binascii.Error, ValueError) as error:
        raise not_a_cursor() from error
    if created_at.tzinfo != UTC:
        # Python knows offsets that PostgreSQL does not.
        raise not_a_cursor()
    return quoted(created_at.isoformat()), after


def not_a_cursor() -> RequestInvalidError:
    return RequestInvalidError(
        "The cursor is not one that this service gave.",
        [{"field": "cursor", "message": "Use the next_cursor of the page before, unchanged."}],
    )
