"""A collection rule means what the filter of a list means, and what a training file had it takes only once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, commit, finished, remove
from tests.contract.subjects import RepositorySubject, SupabaseRepositorySubject
from training_files.domain.conversation.conversation import USABLE_STATUSES
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import TrainingFileChanges

BATCH = "7f0c3f5a-3f64-4c64-9f0e-5f7f2a3b1c11"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WRITTEN = {"created_at": "2026-01-31T13:00:00+01:00"}
OF_A_SNAPSHOT: dict[str, Any] = {
    **dict.fromkeys(["persona_key", "emotional_arc_key", "topic_key"], ""),
    "scaffolding_snapshot": {
        "persona": {"persona_key": "kim"},
        "emotional_arc": {"arc_key": "calm"},
        "training_topic": {"topic_key": "debt"},
    },
}
OF_NOTHING = {**OF_A_SNAPSHOT, "scaffolding_snapshot": {}}

# A filter, a row, and whether the filter takes it.
EXAMPLES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({}, OF_NOTHING, True),
    ({"personas": ("kim", "lee")}, {"persona_key": "lee"}, True),
    ({"personas": ("kim", "lee")}, {"persona_key": "Lee"}, False),
    ({"personas": ("kim",)}, OF_NOTHING, False),
    ({"emotional_arcs": ("calm",)}, {"emotional_arc_key": "calm"}, True),
    ({"emotional_arcs": ("calm",)}, {"emotional_arc_key": "anger"}, False),
    ({"training_topics": ("debt",)}, {"topic_key": "debt"}, True),
    ({"training_topics": ("debt",)}, {"topic_key": "budget"}, False),
    ({"personas": ("kim",), "emotional_arcs": ("calm",)}, {"persona_key": "kim", "emotional_arc_key": "calm"}, True),
    ({"personas": ("kim",), "emotional_arcs": ("calm",)}, {"persona_key": "kim", "emotional_arc_key": "x"}, False),
    ({"tiers": ("edge_case", "template")}, {"tier": "template"}, True),
    ({"tiers": ("edge_case",)}, {"tier": "template"}, False),
    ({"tiers": ("edge_case",)}, {"tier": None}, False),
    ({"tiers": ("edge_case",)}, {"tier": ""}, False),
    ({"batch_ids": (BATCH,)}, {"batch_id": BATCH}, True),
    ({"batch_ids": (BATCH,)}, {"batch_id": str(UUID(int=1))}, False),
    ({"batch_ids": (BATCH,)}, {}, False),
    ({"min_quality_score": Decimal("3.5")}, {"quality_score": 3.5}, True),
    ({"min_quality_score": Decimal("3.5")}, {"quality_score": 3.49}, False),
    ({"max_quality_score": Decimal("3.5")}, {"quality_score": 3.5}, True),
    ({"max_quality_score": Decimal("3.5")}, {"quality_score": 3.51}, False),
    ({"min_quality_score": Decimal(0), "max_quality_score": Decimal(0)}, {"quality_score": 0}, True),
    ({"created_after": NOON}, WRITTEN, True),
    ({"created_after": NOON.replace(microsecond=1)}, WRITTEN, False),
    ({"created_before": NOON}, WRITTEN, False),
    ({"created_before": NOON.replace(microsecond=1)}, WRITTEN, True),
    ({"created_after": NOON, "created_before": NOON.replace(hour=13)}, WRITTEN, True),
]
OF_SNAPSHOTS: list[tuple[dict[str, Any], bool]] = [
    ({field: (key,)}, is_taken)
    for field, own in (("personas", "kim"), ("emotional_arcs", "calm"), ("training_topics", "debt"))
    for key, is_taken in ((own, True), ("other", False))
]


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


def an_enriched_one(rows: RepositorySubject, owner: UUID | None, **row: Any) -> UUID:
    return rows.a_conversation(owner, **{"enriched_file_path": f"{uuid4()}/enriched.json"} | row).conversation_id


def a_collecting_file(rows: RepositorySubject, owner: UUID, *ids: UUID, **rule: Any) -> UUID:
    training_file_id = finished(rows, owner, ids, name=f"file {uuid4()}")
    changes = TrainingFileChanges(collect=CollectionRule(**rule))
    assert rows.repository.update_training_file(training_file_id, owner, changes) is not None
    return training_file_id


def taken_by(rows: RepositorySubject, training_file_id: UUID, *ids: UUID) -> set[UUID]:
    matches = rows.repository.match_collections(ids, usable_statuses=USABLE_STATUSES)
    return {one for match in matches if match.training_file_id == training_file_id for one in match.conversation_ids}


def listed(rows: RepositorySubject, owner: UUID, **wanted: Any) -> set[UUID]:
    answer = rows.repository.list_conversations(
        ConversationFilter(**wanted), owner, all_conversations=False, sort="newest", limit=10_000
    )
    # Others have left conversations of nobody, which no rule takes.
    return {row.conversation_id for row in answer.conversations if row.created_by == owner}


def is_taken_by_both(rows: RepositorySubject, owner: UUID, wanted: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a list of the filter has the conversation, and a rule of the same takes it, which is one thing."""
    conversation = an_enriched_one(rows, owner, **row)
    file_id = a_collecting_file(rows, owner, **wanted)
    is_listed = conversation in listed(rows, owner, **wanted)
    assert (conversation in taken_by(rows, file_id, conversation)) == is_listed
    return is_listed


@pytest.mark.parametrize(("wanted", "row", "is_taken"), EXAMPLES)
def test_a_rule_takes_what_a_list_of_the_same_filter_has(
    rows: RepositorySubject, owner: UUID, wanted: dict[str, Any], row: dict[str, Any], *, is_taken: bool
) -> None:
    assert is_taken_by_both(rows, owner, wanted, row) == is_taken


@pytest.mark.parametrize("written", [lambda snapshot: snapshot, json.dumps], ids=["as it is", "as a text"])
@pytest.mark.parametrize(("wanted", "is_taken"), OF_SNAPSHOTS)
def test_a_key_that_a_row_lacks_is_that_of_its_snapshot(
    supabase_repository: SupabaseRepositorySubject,
    wanted: dict[str, Any],
    written: Callable[[Any], Any],
    *,
    is_taken: bool,
) -> None:
    """The fake knows no snapshots."""
    row = {**OF_A_SNAPSHOT, "scaffolding_snapshot": written(OF_A_SNAPSHOT["scaffolding_snapshot"])}

    assert is_taken_by_both(supabase_repository, supabase_repository.an_owner(), wanted, row) == is_taken


@pytest.mark.parametrize("limit", [{"min_quality_score": Decimal(4)}, {"max_quality_score": Decimal(4)}])
def test_a_rule_leaves_what_has_no_score_to_be_judged_when_it_is_read(
    rows: RepositorySubject, owner: UUID, limit: dict[str, Any]
) -> None:
    conversation = an_enriched_one(rows, owner)
    file_id = a_collecting_file(rows, owner, **limit)

    assert conversation not in listed(rows, owner, **limit)
    assert taken_by(rows, file_id, conversation) == {conversation}


def test_neither_has_what_other_files_of_the_owner_have(rows: RepositorySubject, owner: UUID) -> None:
    inside, was_inside, outside = ids = [an_enriched_one(rows, owner) for _ in range(3)]
    other = finished(rows, owner, [inside, was_inside], name="another file")
    remove(rows, other, was_inside)
    foreign = finished(rows, rows.an_owner(), [outside])
    file_id = a_collecting_file(rows, owner, not_in=(other, foreign))

    # Beside what other tests left that is nobody's.
    assert listed(rows, owner, not_in=(other, foreign)).intersection(ids) == {was_inside, outside}
    assert taken_by(rows, file_id, *ids) == {was_inside, outside}


def test_a_file_that_is_deleted_keeps_nothing_away_any_more(rows: RepositorySubject, owner: UUID) -> None:
    inside = an_enriched_one(rows, owner)
    other = finished(rows, owner, [inside], name="another file")
    file_id = a_collecting_file(rows, owner, not_in=(other,))
    assert taken_by(rows, file_id, inside) == set()

    rows.repository.delete_training_file(other, owner)

    assert taken_by(rows, file_id, inside) == {inside}


def test_each_of_many_rules_takes_its_own(rows: RepositorySubject, owner: UUID) -> None:
    of_kim, of_lee = (an_enriched_one(rows, owner, persona_key=key) for key in ("kim", "lee"))
    files = [a_collecting_file(rows, owner, personas=keys) for keys in (("kim",), ("lee",), ("kim", "lee"), ("x",))]

    taken = [taken_by(rows, one, of_kim, of_lee) for one in files]

    assert taken == [{of_kim}, {of_lee}, {of_kim, of_lee}, set()]


def test_what_was_removed_a_rule_does_not_take_again(rows: RepositorySubject, owner: UUID) -> None:
    removed, kept = (an_enriched_one(rows, owner) for _ in range(2))
    file_id, elsewhere = a_collecting_file(rows, owner, removed, kept), a_collecting_file(rows, owner)

    remove(rows, file_id, removed)

    assert taken_by(rows, file_id, removed) == set()
    assert taken_by(rows, elsewhere, removed) == {removed}


def test_what_was_removed_can_be_added_by_hand(rows: RepositorySubject, owner: UUID) -> None:
    removed, kept = (an_enriched_one(rows, owner) for _ in range(2))
    file_id = a_collecting_file(rows, owner, removed, kept)
    remove(rows, file_id, removed)

    revision_id, _ = begin(rows, owner, file_id)

    assert commit(rows, revision_id, [removed], expected=2, before=1).outcome == "committed"
