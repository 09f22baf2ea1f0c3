"""Adding conversations by themselves, as soon as they are enriched, to the training files whose rules take them."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from training_files.errors import (
    ConversationValidationError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
)
from training_files.ports.rows import CollectionMatch
from training_files.records import AddConversationsInput

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

CONVERSATIONS_AT_ONCE = 10_000

logger = logging.getLogger(__name__)


def collect_conversations(service: "TrainingFileService", ids: Iterable[UUID]) -> int:
    """Asks for one addition for each training file that takes any of these conversations. Returns how many.

    Called twice for the same conversations it adds them once: whatever is in the file already is skipped. What cannot
    be used keeps no other conversation from its file, and no file from the conversations of others.
    """
    wanted = list(dict.fromkeys(ids))
    matches = service.repository.match_collections(wanted) if wanted else []
    return sum(_request(service, match, match.conversation_ids) for match in matches)


def _request(service: "TrainingFileService", match: CollectionMatch, ids: Sequence[UUID]) -> bool:
    wanted = AddConversationsInput(
        training_file_id=match.training_file_id,
        conversation_ids=tuple(ids[:CONVERSATIONS_AT_ONCE]),
        on_invalid="skip",
        on_duplicate="skip",
        min_quality_score=match.collect.min_quality_score,
        by_rule=True,
    )
    try:
        return service.acting_for(match.created_by).request_conversations(wanted).queued
    except (TrainingFileArchivedError, TrainingFileNotFoundError, TrainingFileProcessingError):
        # It has been archived or removed since; then it does not collect any more.
        return False
    except ConversationValidationError as error:
        # None of them can be used, or not any more: rows change between the match and the look at them.
        logger.info("training file %s collects none of %d conversations", match.training_file_id, len(error.faults))
        return False
