"""What there is to choose from: conversations by pages, and a summary of all that a filter takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from training_files.choosing.counting import counts_of, keys_in, refuse_unknown, unknown_keys
from training_files.context import Context
from training_files.domain.conversation.choices import (
    Choice,
    ChoicesPage,
    ConversationPlace,
    ConversationSummary,
    ListedConversation,
    Sort,
)
from training_files.domain.conversation.conversation_filter import KEYED, ConversationFilter
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.usable import fault_of_row


def page_of_choices(
    context: Context, wanted: ConversationFilter, *, sort: Sort, limit: int, after: ConversationPlace | None = None
) -> ChoicesPage:
    """Raises TrainingFileNotFoundError for a training file of the filter, or RequestInvalidError for a false place."""
    listed = context.conversations.list_conversations(
        wanted,
        context.owner,
        all_conversations=context.options.all_conversations,
        sort=sort,
        limit=limit,
        after=after,
    )
    refuse_unknown(listed.unknown_training_file)
    return ChoicesPage(
        tuple(Choice(each, _fault(context, each)) for each in listed.conversations),
        listed.conversations[-1].place if listed.more else None,
        unknown_keys(context, wanted, _keys_of(listed.conversations)) if after is None else (),
    )


def summarize_conversations(context: Context, wanted: ConversationFilter) -> ConversationSummary:
    """Raises TrainingFileNotFoundError for a training file of the filter."""
    counts = counts_of(context, wanted)
    return ConversationSummary(counts, unknown_keys(context, wanted, keys_in(counts)))


def _fault(context: Context, conversation: ListedConversation) -> ConversationFault | None:
    return fault_of_row(conversation, context.options.enriched_paths, context.options.usable_statuses)


def _keys_of(conversations: Iterable[ListedConversation]) -> Mapping[str, Set[str]]:
    keys: dict[str, set[str]] = defaultdict(set)
    for each in conversations:
        columns = each.persona_key, each.emotional_arc_key, each.training_topic_key, each.tier, each.batch_id
        for field, key in zip(KEYED, columns, strict=True):
            if key is not None:
                keys[field].add(key)
    return keys
