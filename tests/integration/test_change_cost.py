"""With S3, 20 conversations that lie together are refreshed or removed at the same cost, however large the file is."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local_supabase import LocalSupabase
from tests.support.costs import BYTES_BESIDE, Cost, Surroundings, run_cost_surroundings
from training_files.adapters.s3.parts import MEBIBYTE
from training_files.domain.training_file.build_request import (
    CreateTrainingFileInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
)

pytestmark = pytest.mark.slow

CHANGED = 20
MOST_REQUESTS, MOST_BYTES = 60, 25_000_000
# In the middle, with as much on both sides as makes parts that are copied, of the JSONL as well.
SMALL, LARGE = 6, 12


@dataclass(frozen=True)
class Changes:
    """Of a file of so many bytes."""

    json_file_size: int
    refresh: Cost
    removal: Cost


@pytest.fixture(scope="module")
def changes(supabase: LocalSupabase) -> Iterator[tuple[Changes, Changes]]:
    """Of a file of more than 40 MiB, and of one of more than 80 MiB."""
    with run_cost_surroundings(supabase) as surroundings:
        yield changes_of(surroundings, SMALL), changes_of(surroundings, LARGE)


def changes_of(surroundings: Surroundings, count: int) -> Changes:
    large = surroundings.large_conversations(count)
    small = surroundings.small_conversations(CHANGED)
    ids = (*large[: count // 2], *small, *large[count // 2 :])
    created = surroundings.service.create_training_file(
        CreateTrainingFileInput(name=f"changing {count}", conversation_ids=ids, created_by=surroundings.owner)
    )
    assert created.id
    refreshed = RefreshConversationsInput(training_file_id=created.id, conversation_ids=small)
    removed = RemoveConversationsInput(training_file_id=created.id, conversation_ids=small)

    surroundings.enrich_small_conversations_again()
    return Changes(
        created.json_file_size,
        surroundings.cost_of(lambda service: service.refresh_training_file(refreshed)),
        surroundings.cost_of(lambda service: service.remove_conversations_from_training_file(removed)),
    )


def test_a_change_costs_the_same_whatever_the_file_holds(changes: tuple[Changes, Changes]) -> None:
    small, large = changes

    assert small.json_file_size > 40 * MEBIBYTE
    assert large.json_file_size > 80 * MEBIBYTE
    for before, now in ((small.refresh, large.refresh), (small.removal, large.removal)):
        assert now.requests == before.requests
        assert now.bytes_up == pytest.approx(before.bytes_up, rel=0.05)
        assert now.bytes_down == pytest.approx(before.bytes_down, rel=0.05)


def test_a_change_takes_at_most_60_requests_and_25_mb(changes: tuple[Changes, Changes]) -> None:
    for cost in (changes[1].refresh, changes[1].removal):
        assert sum(cost.requests.values()) <= MOST_REQUESTS
        assert max(cost.bytes_up, cost.bytes_down) <= MOST_BYTES


def test_a_removal_moves_5_mib_of_what_is_there(changes: tuple[Changes, Changes]) -> None:
    """They are behind the header, which is new. All else is copied inside the storage."""
    for removal in (changes[0].removal, changes[1].removal):
        assert sum(removal.requests.values()) < 20
        assert removal.bytes_up < 5 * MEBIBYTE + BYTES_BESIDE
        assert removal.bytes_down < 5 * MEBIBYTE + BYTES_BESIDE


def test_a_refresh_moves_5_mib_behind_the_header_and_around_its_place(changes: tuple[Changes, Changes]) -> None:
    """In the JSON; in the JSONL around its place alone."""
    for refresh in (changes[0].refresh, changes[1].refresh):
        assert refresh.bytes_up < 3 * 5 * MEBIBYTE + BYTES_BESIDE
