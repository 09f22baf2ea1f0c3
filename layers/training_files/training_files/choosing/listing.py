"""What there is to choose from: conversations by pages, and a summary of all that a filter takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from itertools import islice
from uuid import UUID

from training_files.context import Context
from training_files.domain.conversation.choices import (
    Choice,
    ChoicesPage,
    ConversationCounts,
    ConversationPlace,
    ConversationSummary,
    ListedConversation,
    Sort,
)
from training_files.domain.conversation.conversation_filter import KEYED, ConversationFilter
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.unknown_keys import (
    UNKNOWN_KEYS_SHOWN,
    UnknownKey,
    keys_not_among,
    with_nearest,
)
from training_files.domain.conversation.usable import fault_of_row
from training_files.errors import TrainingFileNotFoundError

# Of each kind. Nobody reads more, and an answer has room for as many of the longest.
KEYS_COUNTED = 1_000


def page_of_choices(
    context: Context, wanted: ConversationFilter, *, sort: Sort, limit: int, after: ConversationPlace | None = None
) -> ChoicesPage:
    """Raises TrainingFileNotFoundError for a training file of the filter, or RequestInvalidError for a false place."""
    listed = context.conversations.list_conversations(
        wanted,
        context.owner,
        all_conversations=context.options.all_conversations,
        sort=sort,
        limit=limit + 1,
        after=after,
    )
    _refuse_unknown(listed.unknown_training_file)
    shown = listed.conversations[:limit]
    return ChoicesPage(
        tuple(Choice(each, _fault(context, each)) for each in shown),
        shown[-1].place if len(listed.conversations) > limit else None,
        _unknown_keys(context, wanted, _keys_of(shown)) if after is None else (),
    )


def summarize_conversations(context: Context, wanted: ConversationFilter) -> ConversationSummary:
    """Raises TrainingFileNotFoundError for a training file of the filter."""
    counts = _counts(context, wanted)
    return ConversationSummary(counts, _unknown_keys(context, wanted, _keys_in(counts)))


def _fault(context: Context, conversation: ListedConversation) -> ConversationFault | None:
    return fault_of_row(conversation, context.options.enriched_paths, context.options.usable_statuses)


def _unknown_keys(context: Context, wanted: ConversationFilter, seen: Mapping[str, Set[str]]) -> tuple[UnknownKey, ...]:
    """The first keys of the filter that no conversation has. Those that were seen are not looked for."""
    unseen = keys_not_among(wanted, seen)
    if not unseen:
        return ()
    everything = _counts(context, ConversationFilter())
    unknown = keys_not_among(ConversationFilter.model_validate(unseen), _keys_in(everything))
    for field in unknown:
        if getattr(everything, field).further_keys:
            # It may be one of those that were counted and not named.
            only = ConversationFilter.model_validate({field: unknown[field]})
            unknown[field] = keys_not_among(only, _keys_in(_counts(context, only))).get(field, [])
    return tuple(islice(with_nearest(unknown, _keys_in(everything)), UNKNOWN_KEYS_SHOWN))


def _keys_of(conversations: Iterable[ListedConversation]) -> Mapping[str, Set[str]]:
    keys: dict[str, set[str]] = defaultdict(set)
    for each in conversations:
        columns = each.persona_key, each.emotional_arc_key, each.training_topic_key, each.tier, each.batch_id
        for field, key in zip(KEYED, columns, strict=True):
            if key is not None:
                keys[field].add(key)
    return keys


def _keys_in(counts: ConversationCounts) -> Mapping[str, Set[str]]:
    return {field: getattr(counts, field).counts.keys() for field in KEYED}


def _counts(context: Context, wanted: ConversationFilter) -> ConversationCounts:
    counts = context.conversations.summarize_conversations(
        wanted,
        context.owner,
        all_conversations=context.options.all_conversations,
        usable_statuses=context.options.usable_statuses,
        enriched_paths=context.options.enriched_paths,
        keys=KEYS_COUNTED,
    )
    _refuse_unknown(counts.unknown_training_file)
    return counts


def _refuse_unknown(training_file_id: UUID | None) -> None:
    if training_file_id is not None:
        raise TrainingFileNotFoundError(training_file_id)
