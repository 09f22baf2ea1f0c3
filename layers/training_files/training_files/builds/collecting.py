"""Adding conversations by themselves, as soon as they are enriched, to the training files whose rules take them."""

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import Field

from training_files.builds.requesting import request_addition
from training_files.context import Context
from training_files.deadline import seconds_left
from training_files.domain.record import Record
from training_files.domain.training_file.build_request import MAX_IDS, AddConversationsInput
from training_files.errors import (
    ConversationValidationError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
)
from training_files.ports.conversations import CollectionMatch
from training_files.ports.queue import NOT_OFFERED

# Several queries and a message, each of which may have to be asked twice.
SECONDS_FOR_A_REQUEST = 10

logger = logging.getLogger(__name__)


class Collected(Record):
    """How many training files are going to have an addition, and which conversations there was no time for.

    Those in `left` have been offered to the training files up to the one that stands beside them.
    """

    additions: int
    left: dict[UUID, UUID] = Field(default_factory=dict)


def collect_conversations(context: Context, conversation_ids: Mapping[UUID, UUID]) -> Collected:
    """Requests one addition for each training file that takes any of these conversations.

    Beside a conversation stands the training file up to which it was offered before, or NOT_OFFERED: training files are
    gone through in the order of their ids, so that each call comes further, whatever becomes of the additions. Called
    twice for the same conversations it adds them once: what is in the file already, or queued for it, is not matched
    again. A conversation that cannot be used keeps no other one from its file.
    """
    matches = _matches(context, list(conversation_ids)) if conversation_ids else []
    matches = [left for match in matches if (left := _not_offered(match, conversation_ids)).conversation_ids]
    matches.sort(key=lambda match: match.training_file_id)
    additions = 0
    for number, match in enumerate(matches):
        if number and _time_is_up():
            last = matches[number - 1].training_file_id
            return Collected(
                additions=additions,
                left={one: last for other in matches[number:] for one in other.conversation_ids},
            )
        additions += _request(context, match)
    return Collected(additions=additions)


def _matches(context: Context, conversation_ids: Sequence[UUID]) -> list[CollectionMatch]:
    return context.conversations.match_collections(conversation_ids, usable_statuses=context.options.usable_statuses)


def _not_offered(match: CollectionMatch, before: Mapping[UUID, UUID]) -> CollectionMatch:
    """The match with those of its conversations that its training file was not offered yet."""
    ids = tuple(one for one in match.conversation_ids if before.get(one, NOT_OFFERED) < match.training_file_id)
    return match.model_copy(update={"conversation_ids": ids})


def _time_is_up() -> bool:
    seconds = seconds_left()
    return seconds is not None and seconds < SECONDS_FOR_A_REQUEST


def _request(context: Context, match: CollectionMatch) -> bool:
    wanted = AddConversationsInput(
        training_file_id=match.training_file_id,
        conversation_ids=match.conversation_ids[:MAX_IDS],
        on_invalid="skip",
        on_duplicate="skip",
        min_quality_score=match.collect.min_quality_score,
        max_quality_score=match.collect.max_quality_score,
        by_rule=True,
    )
    try:
        return request_addition(context.acting_for(match.created_by), wanted).queued
    except (TrainingFileArchivedError, TrainingFileNotFoundError, TrainingFileProcessingError):
        # It has been archived or deleted since, so it does not collect any more.
        return False
    except ConversationValidationError as error:
        # None of them can be used, or not any more: rows change between the match and the look at them.
        logger.info("training file %s collects none of %d conversations", match.training_file_id, len(error.faults))
        return False
