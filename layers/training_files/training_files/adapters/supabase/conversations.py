"""Conversations to choose from, over PostgREST."""

from collections.abc import Sequence
from uuid import UUID

from postgrest.exceptions import APIError

from training_files.adapters.supabase.database import DatabaseAdapter, text_of, with_room
from training_files.domain.conversation.choices import ConversationPlace, Sort
from training_files.domain.conversation.conversation import EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.selection import Selection, SelectionScope
from training_files.errors import not_a_cursor
from training_files.ports.conversations import (
    CollectionMatch,
    ListedConversations,
    PreviewedAddition,
    ResolvedRequest,
    SelectedConversations,
    SuggestionBase,
    SummarizedConversations,
)

# The SQLSTATE of our own with which sql/ refuses it.
NOT_A_PLACE = "TF002"


class SupabaseConversations(DatabaseAdapter):
    """Implements `training_files.ports.conversations.ConversationRepository`."""

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
            p_owner=text_of(owner),
            p_ids=[str(conversation_id) for conversation_id in ids],
            p_all_conversations=all_conversations,
            p_training_file_id=text_of(training_file_id),
            p_name=name,
        )
        return ResolvedRequest.model_validate(answer)

    def match_collections(
        self, ids: Sequence[UUID], *, usable_statuses: Sequence[EnrichmentStatus]
    ) -> list[CollectionMatch]:
        answer = self._call(
            "match_training_file_collections",
            p_ids=[str(conversation_id) for conversation_id in ids],
            p_usable_statuses=list(usable_statuses),
        )
        return [CollectionMatch.model_validate(match) for match in answer]

    def suggestion_base(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        *,
        all_conversations: bool,
        limit: int,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        wanted: ConversationFilter,
    ) -> SuggestionBase:
        answer = self._call(
            "suggest_training_file_conversations",
            p_training_file_id=str(training_file_id),
            p_owner=text_of(owner),
            p_all_conversations=all_conversations,
            p_limit=limit,
            p_usable_statuses=list(usable_statuses),
            p_any_path=enriched_paths == "any",
            p_filter=wanted.model_dump(mode="json"),
        )
        return SuggestionBase.model_validate(answer)

    def select_conversations(
        self,
        selection: Selection,
        owner: UUID | None,
        *,
        scope: SelectionScope,
        most: int,
        training_file_id: UUID | None = None,
        beside: Sequence[UUID] = (),
    ) -> SelectedConversations:
        answer = self._call_patiently(
            "look_up_training_file_selection",
            p_owner=text_of(owner),
            p_training_file_id=text_of(training_file_id),
            p_selection=selection.as_json(),
            p_scope=scope.as_json(),
            p_beside=[str(one) for one in beside],
            p_most=most,
        )
        return SelectedConversations.model_validate(answer)

    def preview_addition(
        self,
        owner: UUID | None,
        *,
        ids: Sequence[UUID],
        selection: Selection | None,
        scope: SelectionScope,
        keys: int,
        training_file_id: UUID | None = None,
    ) -> PreviewedAddition:
        answer = self._call_patiently(
            "preview_training_file_addition",
            p_owner=text_of(owner),
            p_training_file_id=text_of(training_file_id),
            p_ids=[str(one) for one in ids],
            p_selection=None if selection is None else selection.as_json(),
            p_scope=scope.as_json(),
            p_keys=keys,
        )
        return PreviewedAddition.model_validate(answer)

    def list_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        sort: Sort,
        limit: int,
        after: ConversationPlace | None = None,
    ) -> ListedConversations:
        try:
            answer = self._call(
                "list_conversations_for_training_files",
                p_owner=text_of(owner),
                p_all_conversations=all_conversations,
                p_filter=wanted.model_dump(mode="json"),
                p_sort=sort,
                p_limit=limit + 1,
                p_after=after.model_dump(mode="json") if after else None,
            )
        except APIError as error:
            if error.code == NOT_A_PLACE:
                raise not_a_cursor() from error
            raise
        found = answer["conversations"]
        room = with_room(found[:limit])
        return ListedConversations.model_validate({**answer, "conversations": room, "more": len(found) > len(room)})

    def summarize_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        keys: int,
    ) -> SummarizedConversations:
        answer = self._call(
            "summarize_conversations_for_training_files",
            p_owner=text_of(owner),
            p_all_conversations=all_conversations,
            p_filter=wanted.model_dump(mode="json"),
            p_usable_statuses=list(usable_statuses),
            p_any_path=enriched_paths == "any",
            p_keys=keys,
        )
        return SummarizedConversations.model_validate(answer)
