"""Which conversations can be used, as far as their rows tell."""

from collections.abc import Sequence
from uuid import UUID

from training_files.domain.conversation import faults
from training_files.domain.conversation.conversation import Conversation, EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.quality import on_scale


def usable_and_faults(
    wanted: Sequence[UUID],
    found: Sequence[Conversation],
    *,
    caller: UUID | None,
    enriched_paths: EnrichedPaths,
    usable_statuses: Sequence[EnrichmentStatus],
) -> tuple[list[Conversation], list[ConversationFault]]:
    """The usable conversations in the order in which they are wanted, and a fault for each of the others.

    An id means a conversation by its `conversation_id` or by its row's id. Where it means two, the caller's own one is
    meant.
    """
    by_row_id = {conversation.id: conversation for conversation in found}
    by_business_key = {conversation.conversation_id: conversation for conversation in found}
    usable: dict[UUID, Conversation] = {}
    found_faults: dict[UUID, ConversationFault] = {}
    for wanted_id in wanted:
        meant = _meant(by_business_key.get(wanted_id), by_row_id.get(wanted_id), caller)
        if len(meant) != 1:
            found_faults[wanted_id] = faults.ambiguous_id(wanted_id) if meant else faults.not_found(wanted_id)
            continue
        [conversation] = meant
        if fault := fault_of_row(conversation, enriched_paths, usable_statuses):
            found_faults[conversation.conversation_id] = fault
        else:
            usable[conversation.conversation_id] = conversation
    return list(usable.values()), list(found_faults.values())


def fault_of_row(
    conversation: Conversation, enriched_paths: EnrichedPaths, usable_statuses: Sequence[EnrichmentStatus]
) -> ConversationFault | None:
    """Why a conversation cannot be used, as far as its row tells; None where it can."""
    conversation_id = conversation.conversation_id
    if conversation.already_in_file:
        return faults.already_in_file(conversation_id)
    if conversation.enrichment_status not in usable_statuses:
        return faults.not_enriched(conversation_id, conversation.enrichment_status, usable_statuses)
    if not conversation.enriched_file_path:
        return faults.no_enriched_file(conversation_id)
    if enriched_paths == "own" and not conversation.has_its_own_path:
        return faults.enriched_file_elsewhere(conversation_id)
    if not on_scale(conversation.quality_score):
        return faults.row_quality_score_invalid(conversation_id)
    if conversation.created_at is None:
        return faults.row_created_at_invalid(conversation_id)
    return None


def _meant(
    by_business_key: Conversation | None, by_row_id: Conversation | None, caller: UUID | None
) -> list[Conversation]:
    """The conversations that an id means: none, one, or two of which the caller owns both or neither."""
    found = {each.id: each for each in (by_business_key, by_row_id) if each is not None}
    own = [each for each in found.values() if caller is not None and each.created_by == caller]
    return own if len(own) == 1 else list(found.values())
