"""What selections take, in memory."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from tests.support.fakes.choices import InMemoryChoices, counted
from tests.support.fakes.rows import Member
from training_files.domain.conversation.choices import ConversationPlace, ListedConversation
from training_files.domain.conversation.selection import Selection, SelectionScope
from training_files.domain.conversation.usable import fault_of_row
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.conversations import PreviewedAddition, SelectedConversations

# The column of each aspect of a distribution.
ASPECTS = {
    "personas": "persona_key",
    "emotional_arcs": "emotional_arc_key",
    "training_topics": "training_topic_key",
}
NO_KEY = 100_000_000


class InMemorySelections(InMemoryChoices):
    """Implements what `training_files.ports.conversations.ConversationRepository` says of selections."""

    def select_conversations(
        self,
        selection: Selection,
        owner: UUID | None,
        *,
        scope: SelectionScope,
        most: int,
        training_file_id: UUID | None = None,
        beside: Sequence[UUID] = (),
    ) -> SelectedConversations:
        file = self.training_files.get(training_file_id) if training_file_id else None
        caller = owner or (file.created_by if file else None)
        selected = self.selected_by(selection, caller, scope, file, beside)
        return SelectedConversations(
            unknown_training_file=self._unknown_file(selection, caller),
            conversation_count=len(selected),
            conversation_ids=tuple(row.conversation_id for row in selected) if len(selected) <= most else (),
        )

    def preview_addition(
        self,
        owner: UUID | None,
        *,
        ids: Sequence[UUID],
        selection: Selection | None,
        scope: SelectionScope,
        keys: int,
        training_file_id: UUID | None = None,
    ) -> PreviewedAddition:
        file = self.training_files.get(training_file_id) if training_file_id else None
        caller = owner or (file.created_by if file else None)
        selected = self.selected_by(selection, caller, scope, file, ids) if selection else []
        rows = {row.conversation_id: row for row, _ in self._rows_with_tiers()}
        taken = [*(rows[one] for one in ids), *selected]
        members = [
            rows.get(one.conversation_id) or _gone(one) for one in self.members.get(training_file_id or uuid4(), [])
        ]
        return PreviewedAddition(
            unknown_training_file=self._unknown_file(selection, caller) if selection else None,
            selected_count=len(selected),
            taken=counted(taken, keys),
            after=counted([*members, *taken], keys),
        )

    def selected_by(
        self,
        selection: Selection,
        caller: UUID | None,
        scope: SelectionScope,
        file: TrainingFile | None,
        beside: Sequence[UUID],
    ) -> list[ListedConversation]:
        """In the order of `created_at`, then of the id."""
        own = self.members.get(file.id, []) if file and file.id else []
        if scope.by_rule and file and file.id:
            own = [*own, *self.former.get(file.id, [])]
        members = {one.conversation_id for one in own}
        if scope.by_rule and file:
            members |= self.queued_by_rule(file)
        eligible = [
            row
            for row in self._chosen(
                selection, caller, all_conversations=scope.all_conversations, without_score=scope.by_rule
            )
            if fault_of_row(row, scope.enriched_paths, scope.usable_statuses) is None
            and row.conversation_id not in members
            and not {row.id, row.conversation_id} & set(beside)
            and (row.created_by == caller or not scope.by_rule)
        ]
        eligible.sort(key=_merit)
        limit = len(eligible) if selection.limit is None else selection.limit
        counts = self._counts_with(file, beside)
        if selection.balance is None:
            taken = eligible[:limit]
        else:
            aspects = [selection.balance] if selection.balance != "all" else list(ASPECTS)
            taken = _balanced(eligible, limit, aspects, counts)
        return sorted(taken, key=lambda row: (row.created_at, row.conversation_id))

    def queued_by_rule(self, file: TrainingFile) -> set[UUID]:
        return {
            conversation_id
            for revision in self.revisions.values()
            if revision.training_file_id == file.id and revision.status == "building" and revision.background
            for conversation_id in self.requested_ids[revision.id]
            if self.requested[revision.id].get("by_rule")
        }

    def _counts_with(self, file: TrainingFile | None, beside: Sequence[UUID]) -> dict[str, Counter[str]]:
        """The distribution of the training file, with those beside that it has not."""
        inside = {one.conversation_id for one in self.members.get(file.id, [])} if file and file.id else set()
        counts = {
            aspect: Counter((file.scaffolding_distribution if file else {}).get(aspect, {})) for aspect in ASPECTS
        }
        for row, _ in self._rows_with_tiers():
            if {row.id, row.conversation_id} & set(beside) and row.conversation_id not in inside:
                for aspect, column in ASPECTS.items():
                    if key := getattr(row, column):
                        counts[aspect][key] += 1
        return counts


def _gone(member: Member) -> ListedConversation:
    """A conversation whose row is not there any more."""
    keys = {column: member.figures.get(column) for column in ASPECTS.values()}
    place = ConversationPlace(created_at="", score_order="", conversation_id=member.conversation_id)
    return ListedConversation(
        id=member.conversation_id, conversation_id=member.conversation_id, created_at=None, place=place, **keys
    )


def _balanced(
    eligible: Sequence[ListedConversation], limit: int, aspects: Sequence[str], counts: dict[str, Counter[str]]
) -> list[ListedConversation]:
    """Again and again the best of those whose keys are rarest by then."""
    tally: Counter[tuple[str, str]] = Counter(
        {(aspect, key): count for aspect in aspects for key, count in counts.get(aspect, {}).items()}
    )
    taken_of: Counter[tuple[Any, ...]] = Counter()
    left, taken = list(eligible), list[ListedConversation]()

    def keys_of(row: ListedConversation) -> list[tuple[str, str | None]]:
        return [(aspect, getattr(row, ASPECTS[aspect])) for aspect in aspects]

    def cost(row: ListedConversation) -> tuple[int, int]:
        spread = sum(tally[aspect, key] if key else NO_KEY for aspect, key in keys_of(row))
        return spread, taken_of[tuple(keys_of(row))]

    while left and len(taken) < limit:
        best = min(left, key=cost)
        left.remove(best)
        taken.append(best)
        taken_of[tuple(keys_of(best))] += 1
        tally.update((aspect, key) for aspect, key in keys_of(best) if key)
    return taken


def _merit(row: ListedConversation) -> tuple[Any, ...]:
    return (row.quality_score is None, -(row.quality_score or 0), row.created_at, row.conversation_id)
