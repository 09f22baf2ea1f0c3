"""How many conversations a filter takes, and which of its keys no conversation has."""

from collections.abc import Mapping, Set
from itertools import islice
from uuid import UUID

from training_files.context import Context
from training_files.domain.conversation.choices import ConversationCounts
from training_files.domain.conversation.conversation_filter import KEYED, ConversationFilter
from training_files.domain.conversation.unknown_keys import (
    UNKNOWN_KEYS_SHOWN,
    UnknownKey,
    keys_not_among,
    with_nearest,
)
from training_files.errors import TrainingFileNotFoundError

# Of each kind. Nobody reads more, and an answer has room for as many of the longest.
KEYS_COUNTED = 1_000
# Of keys that were not seen: one conversation of each is found sooner than all conversations are counted.
LOOKED_FOR_SINGLY = 10


def keys_in(counts: ConversationCounts) -> Mapping[str, Set[str]]:
    return {field: getattr(counts, field).counts.keys() for field in KEYED}


def counts_of(context: Context, wanted: ConversationFilter) -> ConversationCounts:
    counts = context.conversations.summarize_conversations(
        wanted,
        context.owner,
        all_conversations=context.options.all_conversations,
        usable_statuses=context.options.usable_statuses,
        enriched_paths=context.options.enriched_paths,
        keys=KEYS_COUNTED,
    )
    refuse_unknown(counts.unknown_training_file)
    return counts


def refuse_unknown(training_file_id: UUID | None) -> None:
    if training_file_id is not None:
        raise TrainingFileNotFoundError(training_file_id)


def unknown_keys(context: Context, wanted: ConversationFilter, seen: Mapping[str, Set[str]]) -> tuple[UnknownKey, ...]:
    """The first keys of the filter that no conversation has. Those that were seen are not looked for."""
    unseen = keys_not_among(wanted, seen)
    if sum(map(len, unseen.values())) <= LOOKED_FOR_SINGLY:
        looked_for = {
            field: [key for key in keys if not _is_there(context, field, key)] for field, keys in unseen.items()
        }
        unseen = {field: keys for field, keys in looked_for.items() if keys}
    if not unseen:
        return ()
    everything = counts_of(context, ConversationFilter())
    unknown = keys_not_among(ConversationFilter.model_validate(unseen), keys_in(everything))
    for field in unknown:
        if getattr(everything, field).further_keys:
            # It may be one of those that were counted and not named.
            only = ConversationFilter.model_validate({field: unknown[field]})
            unknown[field] = keys_not_among(only, keys_in(counts_of(context, only))).get(field, [])
    return tuple(islice(with_nearest(unknown, keys_in(everything)), UNKNOWN_KEYS_SHOWN))


def _is_there(context: Context, field: str, key: str) -> bool:
    found = context.conversations.list_conversations(
        ConversationFilter.model_validate({field: (key,)}),
        context.owner,
        all_conversations=context.options.all_conversations,
        sort="newest",
        limit=1,
    )
    return bool(found.conversations)
