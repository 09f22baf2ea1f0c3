"""Adding conversations by themselves, as soon as they are enriched, to the training files whose rules take them."""

import logging
from collections.abc import Iterable
from uuid import UUID

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

# Several queries and a message, each of which may have to be asked twice.
SECONDS_FOR_A_REQUEST = 10

logger = logging.getLogger(__name__)


class Collected(Record):
    """How many training files are going to have an addition, and which conversations there was no time to look at."""

    additions: int
    left: tuple[UUID, ...] = ()


def collect_conversations(context: Context, conversation_ids: Iterable[UUID]) -> Collected:
    """Requests one addition for each training file that takes any of these conversations.

    Called twice for the same conversations it adds them once: what is in the file already, or queued for it, is not
    matched again. So whoever is out of time can be called again for what is left, and goes on where it stopped. A
    conversation that cannot be used keeps no other one from its file.
    """
    ids = list(dict.fromkeys(conversation_ids))
    matches = context.conversations.match_collections(ids) if ids else []
    additions = 0
    for number, match in enumerate(matches):
        if number and _time_is_up():
            left = dict.fromkeys(one for other in matches[number:] for one in other.conversation_ids)
            return Collected(additions=additions, left=tuple(left))
        additions += _request(context, match)
    return Collected(additions=additions)


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
