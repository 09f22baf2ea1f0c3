"""From usable rows to conversations that are ready to be written: fetch, check, render, spool.

Nothing is written outside the spool, and every fault is collected, so that one answer names them all.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from training_files.builds.spool import Spool
from training_files.choosing.choices import Choice
from training_files.choosing.refusing import refuse_faults
from training_files.deadline import with_same_deadline
from training_files.domain.analysis.conversation_analysis import analysis_of
from training_files.domain.analysis.file_health import FileHealth
from training_files.domain.conversation import faults
from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.enriched_file import (
    EnrichedFile,
    EnrichedFileInvalidError,
    read_enriched_file,
)
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.figures import figures_of
from training_files.domain.conversation.scaffolding import scaffolding_of
from training_files.domain.health.unhealthy import unhealthy_fault
from training_files.domain.limits import TOO_LARGE
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.formats import json_body_start, json_conversation, jsonl_lines
from training_files.ports.objects import ObjectMissingError, ObjectStore, ObjectTooLargeError

FETCHED_AT_ONCE = 16

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class Prepared:
    """Conversations in the order of the request, and what the `first` one says about the whole file.

    `further_skipped` are as many conversations that were skipped before, beside those that are named.
    """

    spool: Spool
    skipped: list[ConversationFault] = field(default_factory=list)
    further_skipped: int = 0
    first: UUID | None = None
    json_body_start: bytes = b""
    vertical: str | None = None
    health: FileHealth = field(default_factory=FileHealth)

    def drop(self, conversation_ids: set[UUID]) -> None:
        """Leaves these conversations out of everything that follows."""
        self.spool.drop(conversation_ids)
        self.health = FileHealth.of(self.spool.analyses())


def prepare(
    enriched_files: ObjectStore,
    choices: Iterable[Choice],
    options: BuildOptions,
    spool: Spool,
    report_progress: Callable[[int], None] | None = None,
    *,
    needs_one: bool = True,
    refuses: bool = True,
) -> Prepared:
    """Fetches, checks and spools the chosen conversations, and refuses the faults that the caller did not ask to skip.

    Conversations whose mean score the options do not take are left out: that of the row, or else that of their pairs.
    Unhealthy ones are faults unless they are allowed. `report_progress` is called after each choice with the number of
    ids that are done.

    Where all is skipped that was chosen, the request is refused if it `needs_one`. Unless this `refuses`, faults are
    only collected.

    Raises ConversationValidationError or ConversationsAlreadyInFileError.
    """
    prepared, done = Prepared(spool), 0
    for choice in choices:
        prepared.skipped.extend(choice.faults)
        for conversation, outcome in _fetched(choice.usable, enriched_files):
            if isinstance(outcome, bytes):
                _spool_one(conversation, outcome, prepared, options)
            else:
                prepared.skipped.append(outcome)
        done += len(choice.ids)
        if report_progress:
            report_progress(done)
    if refuses:
        refuse_faults(prepared.skipped, options, nothing_left=needs_one and not spool)
    return prepared


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

    return concurrently(fetch, conversations, at_once=FETCHED_AT_ONCE)


def concurrently(function: Callable[[Item], Result], items: Iterable[Item], *, at_once: int) -> Iterator[Result]:
    """Results in the order of the items, with a bounded number of calls under way or waiting to be taken."""
    punctual = with_same_deadline(function)
    with ThreadPoolExecutor(at_once) as executor:
        pending: deque[Future[Result]] = deque()
        try:
            for item in items:
                pending.append(executor.submit(punctual, item))
                if len(pending) == at_once:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _spool_one(conversation: Conversation, raw: bytes, prepared: Prepared, options: BuildOptions) -> None:
    try:
        enriched = read_enriched_file(conversation.conversation_id, raw)
        # Only the first one's is used; the others' is made to see that it can be, so that order decides nothing.
        body_start = json_body_start(enriched.consultant_profile)
        first = prepared.first is None
        appended = _append(conversation, enriched, raw, prepared, options)
    except EnrichedFileInvalidError as error:
        prepared.skipped.extend(error.faults)
        return
    if first and appended:
        prepared.first = conversation.conversation_id
        prepared.json_body_start = body_start
        prepared.vertical = enriched.vertical


def _append(
    conversation: Conversation, enriched: EnrichedFile, raw: bytes, prepared: Prepared, options: BuildOptions
) -> bool:
    """Whether the conversation is good enough."""
    scaffolding = scaffolding_of(conversation, enriched)
    figures = figures_of(conversation, enriched, scaffolding, hashlib.sha256(raw).hexdigest())
    if not options.takes(figures.scores.mean):
        return False
    lines = jsonl_lines(conversation, enriched)
    analysis = analysis_of(
        str(conversation.conversation_id),
        enriched.model.training_pairs,
        row_score=conversation.quality_score,
        jsonl_size=len(lines),
        consultant=enriched.consultant,
    )
    if analysis.is_unhealthy and options.on_unhealthy != "allow":
        errors = [finding for finding in analysis.findings if finding.severity == "error"]
        prepared.skipped.append(unhealthy_fault(conversation.conversation_id, errors))
        return False
    prepared.spool.append(figures, analysis, json_conversation(conversation, enriched, scaffolding, figures), lines)
    prepared.health.add(analysis)
    return True
