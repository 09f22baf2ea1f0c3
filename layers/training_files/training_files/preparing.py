"""From ids to conversations that are ready to be written: resolve, fetch, check, render.

Nothing is written outside the spool, and every fault is collected, so that one answer names them all.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import orjson

from training_files.domain import faults
from training_files.domain.aggregation import figures_of
from training_files.domain.enriched_file import (
    EnrichedFile,
    EnrichedFileInvalidError,
    place_of_deepest_value,
    read_enriched_file,
)
from training_files.domain.faults import ConversationFault
from training_files.domain.formats import json_body_start, json_conversation, jsonl_lines
from training_files.domain.limits import TOO_LARGE
from training_files.domain.quality import on_scale
from training_files.domain.scaffolding import scaffolding_of
from training_files.errors import ConversationsAlreadyInFileError, ConversationValidationError
from training_files.ports import ObjectMissingError, ObjectStore, ObjectTooLargeError, ResolvedRequest
from training_files.records import BuildOptions, Conversation
from training_files.spool import Spool, SpooledConversation

FETCHED_AT_ONCE = 16
ENRICHED = ("enriched", "completed")

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class Prepared:
    """Conversations in the order of the request, and what the first one says about the whole file."""

    conversations: list[SpooledConversation] = field(default_factory=list)
    skipped: list[ConversationFault] = field(default_factory=list)
    json_body_start: bytes = b""
    vertical: str | None = None


def prepare(
    wanted: Sequence[UUID],
    resolved: ResolvedRequest,
    options: BuildOptions,
    enriched_files: ObjectStore,
    spool: Spool,
) -> Prepared:
    """Fetches, checks and spools the wanted conversations.

    Raises ConversationValidationError or ConversationsAlreadyInFileError with all faults that `options` do not
    allow to be skipped, or when nothing is left to build.
    """
    usable, found_faults = _sorted_out(wanted, resolved)
    prepared = Prepared(skipped=found_faults)
    for conversation, outcome in _fetched(usable, enriched_files):
        if isinstance(outcome, bytes):
            _spool_one(conversation, outcome, spool, prepared)
        else:
            prepared.skipped.append(outcome)
    spool.flush()
    refuse_unless_skipped(prepared.skipped, options, nothing_left=not prepared.conversations)
    return prepared


def refuse_unless_skipped(
    found_faults: Sequence[ConversationFault], options: BuildOptions, *, nothing_left: bool
) -> None:
    """Raises for faults that the caller did not ask to skip. Invalid ones weigh more than duplicates.

    An addition of nothing but duplicates that are to be skipped is done already, and no fault.
    """
    duplicates = [fault for fault in found_faults if fault.code == "already_in_file"]
    invalid = [fault for fault in found_faults if fault.code != "already_in_file"]
    if invalid and (options.on_invalid == "reject" or (nothing_left and not duplicates)):
        raise ConversationValidationError(found_faults if options.on_duplicate == "reject" else invalid)
    if duplicates and options.on_duplicate == "reject":
        raise ConversationsAlreadyInFileError(duplicates)


def _sorted_out(
    wanted: Sequence[UUID], resolved: ResolvedRequest
) -> tuple[list[Conversation], list[ConversationFault]]:
    by_row_id = {conversation.id: conversation for conversation in resolved.conversations}
    by_business_key = {conversation.conversation_id: conversation for conversation in resolved.conversations}
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


def _fetched(
    conversations: Sequence[Conversation], enriched_files: ObjectStore
) -> Iterator[tuple[Conversation, bytes | ConversationFault]]:
    def fetch(conversation: Conversation) -> tuple[Conversation, bytes | ConversationFault]:
        path = conversation.enriched_file_path or ""
        try:
            return conversation, enriched_files.read(path)
        except ObjectMissingError:
            return conversation, faults.enriched_file_missing(conversation.conversation_id, path)
        except ObjectTooLargeError:
            return conversation, faults.enriched_file_invalid(conversation.conversation_id, TOO_LARGE, None)

    return _concurrently(fetch, conversations, at_once=FETCHED_AT_ONCE)


def _concurrently(function: Callable[[Item], Result], items: Iterable[Item], *, at_once: int) -> Iterator[Result]:
    """Results in the order of the items, with a bounded number of calls under way or waiting to be taken."""
    with ThreadPoolExecutor(at_once) as executor:
        pending: deque[Future[Result]] = deque()
        try:
            for item in items:
                pending.append(executor.submit(function, item))
                if len(pending) == at_once:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _spool_one(conversation: Conversation, raw: bytes, spool: Spool, prepared: Prepared) -> None:
    try:
        enriched = read_enriched_file(conversation.conversation_id, raw)
        # Only the first one's is used; the others' is made to see that it can be, so that order decides nothing.
        body_start = json_body_start(enriched.consultant_profile)
        spooled = _rendered(conversation, enriched, raw, spool)
    except EnrichedFileInvalidError as error:
        prepared.skipped.extend(error.faults)
        return
    except (orjson.JSONEncodeError, RecursionError):
        problem = "its values are nested too deeply"
        place = place_of_deepest_value(raw)
        prepared.skipped.append(faults.enriched_file_invalid(conversation.conversation_id, problem, place))
        return
    if not prepared.conversations:
        prepared.json_body_start = body_start
        prepared.vertical = enriched.vertical
    prepared.conversations.append(spooled)


def _rendered(conversation: Conversation, enriched: EnrichedFile, raw: bytes, spool: Spool) -> SpooledConversation:
    scaffolding = scaffolding_of(conversation, enriched)
    figures = figures_of(conversation, enriched, scaffolding, hashlib.sha256(raw).hexdigest())
    return spool.append(
        figures,
        json_conversation(conversation, enriched, scaffolding, figures),
        jsonl_lines(conversation, enriched),
    )
