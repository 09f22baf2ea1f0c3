"""What two revisions of a training file differ in, over fakes."""

import json
from uuid import UUID, uuid4

import pytest

from tests.support.builders import a_scored_pair, an_enriched_file
from tests.support.workshop import Workshop
from training_files.domain.training_file.build_request import CreateTrainingFileInput, RefreshConversationsInput
from training_files.domain.training_file.comparison import Comparison, ComparisonPlace
from training_files.domain.training_file.totals import Totals
from training_files.errors import (
    RequestInvalidError,
    RevisionNotFoundError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def ids(workshop: Workshop) -> list[UUID]:
    """The fourth one comes later."""
    return [workshop.a_conversation(persona_key=key) for key in ("one", "two", "two", "three")]


@pytest.fixture
def file_id(workshop: Workshop, ids: list[UUID]) -> UUID:
    """Up to revision 4: the first is removed, the fourth is added, the second is refreshed."""
    training_file_id = workshop.a_training_file(*ids[:3])
    workshop.remove(workshop.service, training_file_id, ids[0])
    workshop.add(workshop.service, training_file_id, ids[3])
    workshop.replace_file_of(ids[1], json.dumps(an_enriched_file(a_scored_pair(1, 1.5))).encode())
    wanted = RefreshConversationsInput(training_file_id=training_file_id, conversation_ids=(ids[1],))
    assert workshop.service.refresh_training_file(wanted).revision == 4
    return training_file_id


def changes_of(comparison: Comparison) -> list[tuple[str, UUID]]:
    return [(change.kind, change.conversation_id) for change in comparison.difference.changes]


def compared(workshop: Workshop, file_id: UUID, before: int | None = None, after: int | None = None) -> Comparison:
    return workshop.service.compare_revisions(file_id, before=before, after=after, limit=100)


def numbers_of(comparison: Comparison) -> tuple[int | None, int]:
    return comparison.before.number if comparison.before else None, comparison.after.number


def test_it_is_the_current_revision_and_the_one_before_unless_others_are_named(
    workshop: Workshop, file_id: UUID, ids: list[UUID]
) -> None:
    found = compared(workshop, file_id)
    of_second = compared(workshop, file_id, after=2)
    of_first = compared(workshop, file_id, before=1)

    assert (numbers_of(found), changes_of(found)) == ((3, 4), [("replaced", ids[1])])
    assert (numbers_of(of_second), changes_of(of_second)) == ((1, 2), [("removed", ids[0])])
    assert numbers_of(of_first) == (1, 4)
    assert changes_of(of_first) == [("removed", ids[0]), ("replaced", ids[1]), ("added", ids[3])]


def test_the_later_one_first_tells_the_way_back(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> None:
    back = compared(workshop, file_id, before=4, after=1)

    assert changes_of(back) == [("added", ids[0]), ("replaced", ids[1]), ("removed", ids[3])]
    assert numbers_of(back) == (4, 1)


def test_before_the_first_one_there_was_nothing(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> None:
    found = compared(workshop, file_id, after=1)

    assert found.before is None
    assert changes_of(found) == [("added", one) for one in ids[:3]]


def test_both_revisions_say_what_they_add_up_to(workshop: Workshop, file_id: UUID) -> None:
    found = compared(workshop, file_id, before=1)

    assert found.before is not None
    before, after = (Totals.from_json(each.totals or {}) for each in (found.before, found.after))
    assert (before.personas, after.personas) == ({"one": 1, "two": 2}, {"two": 2, "three": 1})
    assert before.scores.minimum != after.scores.minimum


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_have_each_change_once_in_file_order(workshop: Workshop, file_id: UUID, limit: int) -> None:
    whole = compared(workshop, file_id, before=1)
    pages = [workshop.service.compare_revisions(file_id, before=1, limit=limit)]
    while place := pages[-1].next_place:
        pages.append(workshop.service.compare_revisions(file_id, limit=limit, begin=place))

    assert [change for page in pages for change in page.difference.changes] == list(whole.difference.changes)
    assert {len(page.difference.changes) for page in pages[:-1]} <= {limit}
    assert {page.difference.total for page in pages} == {3}


def test_further_pages_stay_with_the_revisions_of_the_first(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> None:
    place = workshop.service.compare_revisions(file_id, before=1, limit=1).next_place
    workshop.remove(workshop.service, file_id, ids[2])

    rest = workshop.service.compare_revisions(file_id, before=5, after=5, limit=10, begin=place)

    assert numbers_of(rest) == (1, 4)
    assert changes_of(rest) == [("replaced", ids[1]), ("added", ids[3])]


def test_revisions_whose_objects_are_gone_can_be_compared(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> None:
    workshop.training_files.objects.clear()

    assert changes_of(compared(workshop, file_id, before=1, after=2)) == [("removed", ids[0])]


@pytest.mark.parametrize(("before", "after"), [(None, 5), (5, None), (9, 9), (1, 5)])
def test_an_unknown_revision_is_not_found(
    workshop: Workshop, file_id: UUID, before: int | None, after: int | None
) -> None:
    with pytest.raises(RevisionNotFoundError):
        compared(workshop, file_id, before, after)


@pytest.mark.parametrize("place", [ComparisonPlace(1, 5, 1), ComparisonPlace(5, 1, 1)])
def test_a_place_that_cannot_be_is_refused(workshop: Workshop, file_id: UUID, place: ComparisonPlace) -> None:
    with pytest.raises(RequestInvalidError, match="cursor"):
        workshop.service.compare_revisions(file_id, limit=1, begin=place)


def test_there_is_nothing_to_compare_before_there_is_a_revision(workshop: Workshop) -> None:
    wanted = CreateTrainingFileInput(
        name="later", conversation_ids=(workshop.a_conversation(),), created_by=workshop.owner
    )
    queued = workshop.service.request_training_file(wanted)
    assert queued.id is not None

    with pytest.raises(TrainingFileProcessingError):
        compared(workshop, queued.id)


def test_nobody_elses_file_can_be_compared(workshop: Workshop, file_id: UUID) -> None:
    with pytest.raises(TrainingFileNotFoundError):
        workshop.service.acting_for(uuid4()).compare_revisions(file_id, before=1, after=2, limit=1)
