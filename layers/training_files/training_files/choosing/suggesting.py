"""Which conversations would balance a training file best."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from uuid import UUID

from training_files.choosing.counting import refuse_unknown, unknown_keys
from training_files.context import Context
from training_files.domain.balance.suggestions import Suggestions, suggested
from training_files.domain.conversation.conversation import Candidate
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.errors import TrainingFileNotFoundError


def suggest_conversations(
    context: Context, training_file_id: UUID, wanted: ConversationFilter, *, limit: int
) -> Suggestions:
    """Among those that the filter takes. Raises TrainingFileNotFoundError, also for a training file of the filter."""
    base = context.conversations.suggestion_base(
        training_file_id,
        context.owner,
        all_conversations=context.options.all_conversations,
        limit=limit,
        usable_statuses=context.options.usable_statuses,
        enriched_paths=context.options.enriched_paths,
        wanted=wanted,
    )
    if base.training_file is None:
        raise TrainingFileNotFoundError(training_file_id)
    refuse_unknown(base.unknown_training_file)
    suggestions = suggested(
        base.candidates,
        base.training_file.scaffolding_distribution,
        conversation_count=base.training_file.conversation_count,
        limit=limit,
    )
    owners = context.acting_for(base.training_file.created_by)
    return replace(suggestions, unknown_keys=unknown_keys(owners, wanted, _keys_of(base.candidates)))


def _keys_of(candidates: Iterable[Candidate]) -> Mapping[str, Set[str]]:
    """As far as candidates have them: of tier and batch nothing is known."""
    candidates = list(candidates)
    return {
        "personas": {each.persona_key for each in candidates if each.persona_key},
        "emotional_arcs": {each.emotional_arc_key for each in candidates if each.emotional_arc_key},
        "training_topics": {each.training_topic_key for each in candidates if each.training_topic_key},
    }
