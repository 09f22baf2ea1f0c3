"""With S3, an addition costs what it adds: the same requests and bytes, however large the training file is."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local_supabase import LocalSupabase
from tests.support.costs import BYTES_BESIDE, Cost, Surroundings, run_cost_surroundings
from training_files.adapters.s3.parts import MEBIBYTE
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.training_file import TrainingFile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def surroundings(supabase: LocalSupabase) -> Iterator[Surroundings]:
    with run_cost_surroundings(supabase) as running:
        yield running


@dataclass(frozen=True)
class Addition:
    """What it cost, and the sizes in bytes of the JSON before and of what came to it."""

    cost: Cost
    size_before: int
    size_added: int


@pytest.fixture(scope="module")
def additions(surroundings: Surroundings) -> tuple[Addition, Addition]:
    """To a file of more than 20 MiB, and the same one when it has more than 60 MiB."""
    large = surroundings.large_conversations(9)
    wanted = CreateTrainingFileInput(name="growing", conversation_ids=large[:3], created_by=surroundings.owner)
    created = surroundings.service.create_training_file(wanted)
    small_addition = an_addition(surroundings, created)
    assert created.id
    grown = surroundings.service.add_conversations_to_training_file(
        AddConversationsInput(training_file_id=created.id, conversation_ids=large[3:])
    )
    return small_addition, an_addition(surroundings, grown)


def an_addition(surroundings: Surroundings, training_file: TrainingFile) -> Addition:
    assert training_file.id
    new = surroundings.small_conversations(20)
    wanted = AddConversationsInput(training_file_id=training_file.id, conversation_ids=new)
    before = training_file.json_file_size

    cost = surroundings.cost_of(lambda service: service.add_conversations_to_training_file(wanted))

    after = surroundings.service.existing(training_file.id).json_file_size
    return Addition(cost, size_before=before, size_added=after - before)


def test_an_addition_costs_the_same_whatever_the_file_holds(additions: tuple[Addition, Addition]) -> None:
    small, large = additions

    assert small.size_before > 20 * MEBIBYTE
    assert large.size_before > 60 * MEBIBYTE
    assert large.cost.requests == small.cost.requests
    assert large.cost.bytes_up == pytest.approx(small.cost.bytes_up, rel=0.05)
    assert large.cost.bytes_down == pytest.approx(small.cost.bytes_down, rel=0.05)


def test_an_addition_moves_5_mib_of_what_is_there_and_what_is_new(additions: tuple[Addition, Addition]) -> None:
    """Old bytes come and go for the JSON only; new ones go into both files."""
    addition = additions[1]

    assert addition.cost.bytes_down < 5 * MEBIBYTE + addition.size_added + BYTES_BESIDE
    assert addition.cost.bytes_up < 5 * MEBIBYTE + 2 * addition.size_added + BYTES_BESIDE
