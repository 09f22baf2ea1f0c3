"""Which conversations can be used, as far as their rows tell."""

from collections.abc import Sequence
from uuid import UUID

from training_files.domain.conversation import faults
from training_files.domain.conversation.conversation import ENRICHED, Conversation
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.quality import on_scale


def usable_and_faults(
    wanted: Sequence[UUID], found: Sequence[Conversation]
) -> tuple[list[Conversation], list[ConversationFault]]:
    """The usable conversations in the order in which they are wanted, and a fault for each of the others."""
    by_row_id = {conversation.id: conversation for conversation in found}
    by_business_key = {conversation.conversation_id: conversation for conversation in found}
    usable: dict[UUID, Conversation] = {}
    found_faults: dict[UUID, ConversationFault] = {}
    for wanted_id in wanted:
        conversation = by_business_key.get(wanted_id) or by_row_id.get(wanted_id)
        if conversation is None:
            found_faults[wanted_id] = faults.not_found(wanted_id)
        elif fault := _fault_of_row(conversation):
            found_faults[conversation.conversation_id] = fault
        else:
            usable[conversation.conversation_id] = conversation
    return list(usable.values()), list(found_faults.values())


def _fault_of_row(conversation: Conversation) -> ConversationFault | None:
    conversation_id = conversation.conversation_id
    if conversation.already_in_file:
        return faults.already_in_file(conversation_id)
    if conversation.enrichment_status not in ENRICHED:
        return faults.not_enriched(conversation_id, conversation.enrichment_status)
    if not conversation.enriched_file_path:
        return faults.no_enriched_file(conversation_id)
    if not on_scale(conversation.quality_score):
        return faults.row_quality_score_invalid(conversation_id)
    return None
