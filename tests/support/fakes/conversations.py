"""Which conversations there are to choose from, in memory."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from tests.support.fakes.choices import is_wanted
from tests.support.fakes.selections import InMemorySelections
from training_files.domain.conversation.choices import ListedConversation
from training_files.domain.conversation.conversation import Candidate, Conversation, EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.usable import fault_of_row
from training_files.domain.quality import on_scale
from training_files.domain.training_file.training_file import (
    TrainingFile,
)
from training_files.ports.conversations import CollectionMatch, ResolvedRequest, SuggestionBase


class InMemoryConversations(InMemorySelections):
    """Implements `training_files.ports.conversations.ConversationRepository`."""

    def resolve(
        self,
        *,
        ids: Sequence[UUID],
        owner: UUID | None,
        all_conversations: bool,
        training_file_id: UUID | None = None,
        name: str | None = None,
    ) -> ResolvedRequest:
        wanted = set(ids)
        training_file = self.training_files.get(training_file_id) if training_file_id else None
        caller = owner or (training_file.created_by if training_file else None)
        members = {member.conversation_id for member in self.members.get(training_file_id or uuid4(), [])}
        own = training_file if training_file and owner in (None, training_file.created_by) else None
        return ResolvedRequest(
            name_taken=any(
                file.created_by == owner and file.name == name and not self._is_dead(file)
                for file in self.training_files.values()
            ),
            name_of_failed=any(
                (file.created_by, file.name, file.status) == (owner, name, "failed")
                for file in self.training_files.values()
            ),
            training_file=own,
            base=self._base(own) if own else None,
            conversations=tuple(
                conversation.model_copy(update={"already_in_file": conversation.conversation_id in members})
                for conversation, created_by in self._conversations.values()
                if not wanted.isdisjoint((conversation.id, conversation.conversation_id))
                and (all_conversations or created_by in (None, caller))
            ),
        )

    def match_collections(
        self, ids: Sequence[UUID], *, usable_statuses: Sequence[EnrichmentStatus]
    ) -> list[CollectionMatch]:
        matches: list[CollectionMatch] = []
        for file in self.training_files.values():
            taken = tuple(self._taken_by(file, set(ids), usable_statuses))
            if taken and file.id and file.collect:
                matches.append(
                    CollectionMatch(
                        training_file_id=file.id,
                        created_by=file.created_by,
                        collect=file.collect,
                        conversation_ids=taken,
                    )
                )
        return matches

    def suggestion_base(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        *,
        all_conversations: bool,
        limit: int,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        wanted: ConversationFilter,
    ) -> SuggestionBase:
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return SuggestionBase()
        members = {member.conversation_id for member in self.members.get(training_file_id, [])}
        cells: dict[tuple[str | None, ...], list[Candidate]] = {}
        for conversation in self._chosen(wanted, file.created_by, all_conversations=all_conversations):
            is_usable = fault_of_row(conversation, enriched_paths, usable_statuses) is None
            if is_usable and conversation.conversation_id not in members:
                candidate = Candidate.model_validate(conversation.model_dump())
                keys = candidate.persona_key, candidate.emotional_arc_key, candidate.training_topic_key
                cells.setdefault(keys, []).append(candidate)
        best = [candidate for cell in cells.values() for candidate in sorted(cell, key=_merit)[:limit]]
        return SuggestionBase(
            training_file=file,
            candidates=tuple(best),
            unknown_training_file=self._unknown_file(wanted, file.created_by),
        )

    def _taken_by(
        self, file: TrainingFile, ids: set[UUID], usable_statuses: Sequence[EnrichmentStatus]
    ) -> Iterator[UUID]:
        """Those of the conversations that the rule of a training file takes."""
        if file.status != "active" or file.collect is None or file.id is None:
            return
        ever = [*self.members.get(file.id, []), *self.former.get(file.id, [])]
        kept_away = {member.conversation_id for member in ever} | self.queued_by_rule(file)
        kept_away |= self._left_out(file.collect, file.created_by)
        for row, created_by in self._rows_with_tiers():
            is_told_of = not ids.isdisjoint((row.id, row.conversation_id))
            is_new = created_by == file.created_by and row.conversation_id not in kept_away
            is_usable = _is_usable(row, usable_statuses)
            if is_told_of and is_new and is_usable and is_wanted(row, file.collect, without_score=True):
                yield row.conversation_id


def _merit(candidate: Candidate) -> tuple[Any, ...]:
    score = candidate.quality_score
    is_low = score is not None and score < Decimal("3.5")
    return (is_low, score is None, -(score or 0), candidate.created_at, candidate.conversation_id)


def _is_usable(conversation: Conversation | ListedConversation, usable_statuses: Sequence[EnrichmentStatus]) -> bool:
    return (
        conversation.enrichment_status in usable_statuses
        and bool(conversation.enriched_file_path)
        and on_scale(conversation.quality_score)
        and conversation.created_at is not None
    )
