"""Which conversations can be used, as far as their rows tell: whose files are read, and what an id means."""

from uuid import UUID, uuid4

import pytest

from tests.support.domain import USER, a_conversation
from training_files.domain.conversation.conversation import Conversation, EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.usable import usable_and_faults

CONVERSATION_ID, OTHER_ID, STRANGER = UUID(int=0xAB1), UUID(int=0xAB2), UUID(int=0xAB3)


def codes(
    *wanted: UUID, found: list[Conversation], caller: UUID | None = USER, enriched_paths: EnrichedPaths = "own"
) -> tuple[list[UUID], list[str]]:
    """The row ids of the usable ones, and the codes of the faults."""
    usable, faults = usable_and_faults(
        wanted, found, caller=caller, enriched_paths=enriched_paths, usable_statuses=("completed",)
    )
    return [each.id for each in usable], [fault.code for fault in faults]


def at(path: str, *, created_by: UUID | None = USER) -> Conversation:
    return a_conversation(conversation_id=CONVERSATION_ID, enriched_file_path=path, created_by=created_by)


@pytest.mark.parametrize(
    ("usable", "status", "reason"),
    [
        (("completed",), "enriched", "enrichment_status must be 'completed' (it is 'enriched')"),
        (("completed",), None, "enrichment_status must be 'completed' (it is empty)"),
        (
            ("enriched", "completed"),
            "validated",
            "enrichment_status must be 'enriched' or 'completed' (it is 'validated')",
        ),
        (("enriched", "completed"), "enriched", None),
    ],
)
def test_a_conversation_is_used_in_the_statuses_that_are_set(
    usable: tuple[EnrichmentStatus, ...], status: str | None, reason: str | None
) -> None:
    conversation = at(f"{CONVERSATION_ID}/enriched.json").model_copy(update={"enrichment_status": status})

    found, faults = usable_and_faults(
        [CONVERSATION_ID], [conversation], caller=USER, enriched_paths="own", usable_statuses=usable
    )

    assert [fault.reason for fault in faults] == ([reason] if reason else [])
    assert found == ([] if reason else [conversation])


@pytest.mark.parametrize(
    "path",
    [
        f"{CONVERSATION_ID}/enriched.json",
        f"{USER}/{CONVERSATION_ID}/enriched.json",
        f"{USER}/anything.json",
        f"exports/2026/{CONVERSATION_ID}/enriched.json",
        f"{str(CONVERSATION_ID).upper()}/enriched.json",
    ],
)
def test_a_path_in_a_folder_of_the_conversation_or_of_its_user_counts(path: str) -> None:
    conversation = at(path)

    assert codes(CONVERSATION_ID, found=[conversation]) == ([conversation.id], [])


@pytest.mark.parametrize(
    "path",
    [
        "enriched.json",
        f"{CONVERSATION_ID}",
        f"{OTHER_ID}/enriched.json",
        f"{OTHER_ID}/{CONVERSATION_ID}",
        f"{CONVERSATION_ID}.json",
        f"x{CONVERSATION_ID}/enriched.json",
        f"{STRANGER}/{OTHER_ID}/enriched.json",
        f"{STRANGER}/{USER}/enriched.json",
        f"/{USER}/enriched.json",
    ],
)
def test_another_path_is_a_fault_unless_any_counts(path: str) -> None:
    conversation = at(path)

    assert codes(CONVERSATION_ID, found=[conversation]) == ([], ["enriched_file_elsewhere"])
    assert codes(CONVERSATION_ID, found=[conversation], enriched_paths="any") == ([conversation.id], [])


def test_a_conversation_of_nobody_has_no_folder_of_a_user() -> None:
    assert codes(CONVERSATION_ID, found=[at("None/enriched.json", created_by=None)]) == (
        [],
        ["enriched_file_elsewhere"],
    )


def two_rows(first_owner: UUID | None, second_owner: UUID | None) -> tuple[Conversation, Conversation]:
    """Rows of which one has the id of the other as its conversation_id."""
    by_row_id = a_conversation(conversation_id=OTHER_ID, created_by=second_owner)
    by_key = a_conversation(conversation_id=by_row_id.id, created_by=first_owner)
    return by_key, by_row_id


@pytest.mark.parametrize("stranger", [None, STRANGER])
def test_a_callers_own_conversation_never_loses_to_another(stranger: UUID | None) -> None:
    by_key, mine = two_rows(stranger, USER)
    assert codes(mine.id, found=[by_key, mine], enriched_paths="any") == ([mine.id], [])

    mine, by_row_id = two_rows(USER, stranger)
    assert codes(by_row_id.id, found=[by_row_id, mine], enriched_paths="any") == ([mine.id], [])


@pytest.mark.parametrize("owner", [None, USER, STRANGER])
def test_an_id_that_means_two_conversations_is_a_fault(owner: UUID | None) -> None:
    by_key, by_row_id = two_rows(owner, owner)

    assert codes(by_row_id.id, found=[by_key, by_row_id], enriched_paths="any") == ([], ["ambiguous_id"])
    assert codes(by_key.id, OTHER_ID, found=[by_key, by_row_id], enriched_paths="any") == (
        [by_key.id, by_row_id.id],
        [],
    )


def test_a_row_whose_two_ids_are_the_same_is_one_conversation() -> None:
    same = uuid4()
    conversation = a_conversation(id=same, conversation_id=same)

    assert codes(same, found=[conversation], enriched_paths="any") == ([same], [])
