"""What there is to choose from, in memory."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.support.fakes.cursors import not_a_cursor
from tests.support.fakes.rows import Rows
from training_files.domain.conversation.choices import (
    ConversationCounts,
    ConversationPlace,
    KeyCounts,
    ListedConversation,
    ScoreCounts,
    Sort,
)
from training_files.domain.conversation.conversation import EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import KEYED, ConversationFilter
from training_files.domain.conversation.usable import fault_of_row
from training_files.domain.quality import on_scale
from training_files.domain.spelling import rounded
from training_files.ports.conversations import ListedConversations, SummarizedConversations

KEY_COLUMNS = ("persona_key", "emotional_arc_key", "training_topic_key", "tier", "batch_id")
LONGEST_KEY = 255
INFINITE = Decimal("Infinity")
Order = tuple[Any, ...]


class InMemoryChoices(Rows):
    """Implements what `training_files.ports.conversations.ConversationRepository` says of choosing by a filter."""

    def list_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        sort: Sort,
        limit: int,
        after: ConversationPlace | None = None,
    ) -> ListedConversations:
        edge = _order(after, sort) if after else None
        rows = [self._listed(each, owner) for each in self._chosen(wanted, owner, all_conversations=all_conversations)]
        rows.sort(key=lambda row: _order(row.place, sort), reverse=sort == "newest")
        if edge:
            rows = [
                row
                for row in rows
                if (_order(row.place, sort) < edge if sort == "newest" else _order(row.place, sort) > edge)
            ]
        return ListedConversations(
            unknown_training_file=self._unknown_file(wanted, owner),
            conversations=tuple(rows[:limit]),
            more=len(rows) > limit,
        )

    def summarize_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        keys: int,
    ) -> SummarizedConversations:
        rows = list(self._chosen(wanted, owner, all_conversations=all_conversations))
        usable_count = sum(fault_of_row(row, enriched_paths, usable_statuses) is None for row in rows)
        counts = counted(rows, keys).model_dump() | {"usable_count": usable_count}
        return SummarizedConversations(**counts | {"unknown_training_file": self._unknown_file(wanted, owner)})

    def _chosen(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        without_score: bool = False,
    ) -> Iterator[ListedConversation]:
        left_out = self._left_out(wanted, owner)
        for row, created_by in self._rows_with_tiers():
            is_in_scope = owner is None or all_conversations or created_by in (None, owner)
            if (
                is_in_scope
                and row.conversation_id not in left_out
                and is_wanted(row, wanted, without_score=without_score)
            ):
                yield row

    def _left_out(self, wanted: ConversationFilter, owner: UUID | None) -> set[UUID]:
        return {
            member.conversation_id
            for file_id in wanted.not_in
            if self.get_training_file(file_id, owner)
            for member in self.members.get(file_id, [])
        }

    def _rows_with_tiers(self) -> Iterator[tuple[ListedConversation, UUID | None]]:
        for conversation, created_by in self._conversations.values():
            place = ConversationPlace(
                created_at=str(conversation.created_at),
                score_order=str(INFINITE if conversation.quality_score is None else -conversation.quality_score),
                conversation_id=conversation.conversation_id,
            )
            columns = conversation.model_dump() | {"place": place, "tier": self.tiers.get(conversation.id)}
            yield ListedConversation.model_validate(columns), created_by

    def _listed(self, row: ListedConversation, owner: UUID | None) -> ListedConversation:
        count = sum(
            any(member.conversation_id == row.conversation_id for member in members)
            for file_id, members in self.members.items()
            if self.get_training_file(file_id, owner)
        )
        return row.model_copy(update={"training_file_count": count})

    def _unknown_file(self, wanted: ConversationFilter, owner: UUID | None) -> UUID | None:
        return next((each for each in wanted.not_in if not self.get_training_file(each, owner)), None)


def counted(rows: Sequence[ListedConversation], keys: int) -> ConversationCounts:
    """Of each kind the `keys` most frequent keys. How many of them can be used, it does not say."""
    scores = [row.quality_score for row in rows if row.quality_score is not None and on_scale(row.quality_score)]
    columns = {**dict(zip(KEYED, KEY_COLUMNS, strict=True)), "enrichment_statuses": "enrichment_status"}
    return ConversationCounts(
        conversation_count=len(rows),
        **{field: _key_counts([getattr(row, column) for row in rows], keys) for field, column in columns.items()},
        scores=ScoreCounts(
            without_score=sum(row.quality_score is None for row in rows),
            off_scale=sum(not on_scale(row.quality_score) for row in rows),
            avg_quality_score=rounded(sum(scores, Decimal(0)) / len(scores)) if scores else None,
            min_quality_score=min(scores, default=None),
            max_quality_score=max(scores, default=None),
            steps=dict(Counter(min(int(score * 2) + 1, 10) for score in scores)),
        ),
    )


def is_wanted(row: ListedConversation, wanted: ConversationFilter, *, without_score: bool = False) -> bool:
    """Of a row whose moment can be read; the fake knows no others. `without_score` are within all limits, or none."""
    keys = [(getattr(wanted, field), getattr(row, column)) for field, column in zip(KEYED, KEY_COLUMNS, strict=True)]
    score, moment = row.quality_score, row.created_at
    least, most = wanted.min_quality_score, wanted.max_quality_score
    if not without_score and (least is not None or most is not None) and score is None:
        return False
    return (
        moment is not None
        and all(not named or key in named for named, key in keys)
        and (least is None or score is None or score >= least)
        and (most is None or score is None or score <= most)
        and (wanted.created_after is None or moment >= wanted.created_after)
        and (wanted.created_before is None or moment < wanted.created_before)
    )


def _order(place: ConversationPlace, sort: Sort) -> Order:
    try:
        moment = datetime.fromisoformat(place.created_at)
    except ValueError as error:
        raise not_a_cursor() from error
    by_age = (moment, place.conversation_id)
    return (Decimal(place.score_order or 0), *by_age) if sort == "score" else by_age


def _key_counts(keys: Sequence[str | None], most: int) -> KeyCounts:
    counted = Counter(key for key in keys if key)
    first = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    named = {key: count for key, count in first[:most] if len(key) <= LONGEST_KEY}
    return KeyCounts(counts=named, without_key=sum(not key for key in keys), further_keys=len(first) - len(named))
