"""Going back to an earlier revision, over fakes."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import a_pair, a_scored_pair, an_enriched_file
from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.domain.training_file.build_request import RefreshConversationsInput, RevertInput
from training_files.domain.training_file.revision import Change
from training_files.domain.training_file.training_file import BuiltTrainingFile
from training_files.errors import RevisionNotFoundError, TrainingFileNotFoundError

OF_A_REVISION = {"id", "revision", "json_file_path", "jsonl_file_path", "created_at", "updated_at", "last_updated_at"}


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def ids(workshop: Workshop) -> list[UUID]:
    return [workshop.a_conversation(persona_key=key) for key in ("one", "two", "one")]


@pytest.fixture
def file_id(workshop: Workshop, ids: list[UUID]) -> UUID:
    return workshop.a_training_file(*ids)


def revert(workshop: Workshop, file_id: UUID, revision: int) -> BuiltTrainingFile:
    return workshop.service.revert_training_file(RevertInput(training_file_id=file_id, revision=revision))


def body_of(workshop: Workshop, file_id: UUID, number: int) -> tuple[bytes, bytes]:
    """Both objects of a revision, without the header."""
    found = workshop.repository.get_revision(file_id, number=number)
    assert found is not None
    read = workshop.training_files.read
    return read(found.json_file_path)[found.json_body_offset :], read(found.jsonl_file_path)


def everything_changes(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    """Up to revision 4: one is removed, one is added, one is refreshed."""
    workshop.remove(workshop.service, file_id, ids[0])
    workshop.add(workshop.service, file_id, workshop.a_conversation())
    workshop.replace_file_of(ids[1], json.dumps(an_enriched_file(a_pair(1), a_pair(2))).encode())
    wanted = RefreshConversationsInput(training_file_id=file_id, conversation_ids=(ids[1],))
    assert workshop.service.refresh_training_file(wanted).revision == 4


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_newest_revision_is_as_that_one(workshop: Workshop, ids: list[UUID], file_id: UUID, number: int) -> None:
    totals = {}
    everything_changes(workshop, ids, file_id)
    for one in workshop.repository.revisions.values():
        totals[one.number] = one.totals

    built = revert(workshop, file_id, number)

    assert built.revision == 5
    assert body_of(workshop, file_id, 5) == body_of(workshop, file_id, number)
    now, then = (workshop.repository.members_in(file_id, each) for each in (5, number))
    assert [(m.position, m.conversation_id, m.figures) for m in now] == [
        (m.position, m.conversation_id, m.figures) for m in then
    ]
    newest = workshop.repository.get_revision(file_id, number=5)
    assert newest is not None
    assert newest.totals == totals[number]
    assert newest.change is not None
    assert newest.change.kind == "revert"
    assert workshop.repository.training_files[file_id].conversation_count == len(now)


def test_a_file_can_be_changed_again_behind_it(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    everything_changes(workshop, ids, file_id)
    revert(workshop, file_id, 1)

    workshop.remove(workshop.service, file_id, ids[1])
    workshop.add(workshop.service, file_id, new := workshop.a_conversation())

    assert workshop.consistent_ids(file_id) == [ids[0], ids[2], new]
    revert(workshop, file_id, 5)
    assert workshop.consistent_ids(file_id) == ids


def test_it_says_how_many_conversations_are_another_way(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    everything_changes(workshop, ids, file_id)

    revert(workshop, file_id, 1)

    assert workshop.repository.events[-1].detail["change"] == Change(kind="revert", count=3).as_json()


def test_going_back_to_what_is_there_makes_no_revision(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    assert revert(workshop, file_id, 1).revision == 1
    workshop.remove(workshop.service, file_id, ids[0])
    revert(workshop, file_id, 1)

    assert revert(workshop, file_id, 1).revision == 3


def test_the_order_alone_is_a_difference(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    workshop.remove(workshop.service, file_id, ids[0])
    workshop.add(workshop.service, file_id, ids[0])

    assert revert(workshop, file_id, 1).revision == 4
    assert workshop.consistent_ids(file_id) == ids


def of_profile(score: float, vertical: str | None, name: str) -> bytes:
    enriched = an_enriched_file(a_scored_pair(1, score))
    enriched["dataset_metadata"]["vertical"] = vertical
    enriched["consultant_profile"]["name"] = name
    return json.dumps(enriched).encode()


def beginning_of(workshop: Workshop, file_id: UUID) -> tuple[Any, Any]:
    file = workshop.repository.training_files[file_id]
    document = json.loads(workshop.training_files.read(file.json_file_path or ""))
    assert document["training_file_metadata"]["vertical"] == file.vertical
    return file.vertical, document["consultant_profile"]["name"]


@pytest.mark.parametrize(("vertical", "name"), [("one", "Bea"), ("two", "Ann"), ("two", "Beatrix")])
def test_what_is_said_of_the_whole_file_alone_is_a_difference(workshop: Workshop, vertical: str, name: str) -> None:
    """The first conversation says it, when it is refreshed; it stays when that conversation is removed."""
    first, second, third = (workshop.a_conversation() for _ in range(3))
    workshop.replace_file_of(first, of_profile(5, "one", "Ann"))
    workshop.replace_file_of(second, of_profile(4, vertical, name))
    file_id = workshop.a_training_file(first, second, third)
    workshop.remove(workshop.service, file_id, first)
    wanted = RefreshConversationsInput(training_file_id=file_id, conversation_ids=(second,))
    for score in (3, 4):
        workshop.replace_file_of(second, of_profile(score, vertical, name))
        workshop.service.refresh_training_file(wanted)
    assert beginning_of(workshop, file_id) == (vertical, name)

    assert revert(workshop, file_id, 2).revision == 5

    assert beginning_of(workshop, file_id) == ("one", "Ann")
    assert body_of(workshop, file_id, 5) == body_of(workshop, file_id, 2)
    assert workshop.repository.events[-1].detail["change"] == {"kind": "revert", "count": 0}
    assert revert(workshop, file_id, 2).revision == 5
    assert revert(workshop, file_id, 4).revision == 6
    assert beginning_of(workshop, file_id) == (vertical, name)


def test_what_rows_said_when_it_was_refreshed_is_a_difference(workshop: Workshop) -> None:
    first = workshop.a_conversation(persona_key="one")
    [row] = workshop.repository.resolve(ids=[first], owner=workshop.owner, all_conversations=False).conversations
    file_id = workshop.a_training_file(first, workshop.a_conversation(persona_key="one"))
    wanted = RefreshConversationsInput(training_file_id=file_id, conversation_ids=(first,))
    before = workshop.enriched_files.read(row.enriched_file_path or "")
    workshop.repository.put_conversation(workshop.owner, **row.model_dump() | {"persona_key": "two"})
    for content in (of_profile(3, None, "Ann"), before):
        workshop.replace_file_of(first, content)
        workshop.service.refresh_training_file(wanted)
    assert workshop.repository.training_files[file_id].scaffolding_distribution["personas"] == {"two": 1, "one": 1}

    assert revert(workshop, file_id, 1).scaffolding_distribution["personas"] == {"one": 2}


def test_a_revision_that_never_was_or_is_not_kept_is_refused(
    workshop: Workshop, ids: list[UUID], file_id: UUID
) -> None:
    first = workshop.repository.get_revision(file_id, number=1)
    assert first is not None
    workshop.remove(workshop.service, file_id, ids[0])
    workshop.training_files.remove([first.json_file_path, first.jsonl_file_path])

    for number in (1, 3):
        with pytest.raises(RevisionNotFoundError):
            revert(workshop, file_id, number)

    assert workshop.consistent_ids(file_id) == ids[1:]


@pytest.mark.parametrize("gone", [["json_file_path", "jsonl_file_path"], ["jsonl_file_path"]], ids=["both", "JSONL"])
def test_what_is_removed_while_it_is_copied_is_not_kept_and_changes_nothing(
    workshop: Workshop, ids: list[UUID], file_id: UUID, gone: list[str]
) -> None:
    first = workshop.repository.get_revision(file_id, number=1)
    assert first is not None
    workshop.remove(workshop.service, file_id, ids[0])
    prune = lambda: workshop.training_files.remove([getattr(first, path) for path in gone])  # noqa: E731
    busy = replace(workshop, trouble=Trouble(meanwhile=("write training.json", prune)))

    with pytest.raises(RevisionNotFoundError):
        revert(busy, file_id, 1)

    assert workshop.consistent_ids(file_id) == ids[1:]
    assert workshop.repository.training_files[file_id].revision == 2


def test_what_another_adds_meanwhile_is_taken_back_and_kept_in_its_own_revision(
    workshop: Workshop, ids: list[UUID], file_id: UUID
) -> None:
    workshop.remove(workshop.service, file_id, ids[0])
    once = [lambda: workshop.add(workshop.untroubled, file_id, workshop.a_conversation())]

    def meanwhile() -> None:
        while once:
            once.pop()()

    built = revert(replace(workshop, trouble=Trouble(meanwhile=("commit_revision", meanwhile))), file_id, 1)

    assert built.revision == 4
    assert workshop.consistent_ids(file_id) == ids
    assert len(workshop.repository.members_in(file_id, 3)) == 3
    assert workshop.repository.events[-1].detail["change"] == {"kind": "revert", "count": 2}


def test_another_ones_file_is_not_there(workshop: Workshop, file_id: UUID) -> None:
    stranger = workshop.service.acting_for(uuid4())

    for call in (stranger.revert_training_file, stranger.request_reversion):
        with pytest.raises(TrainingFileNotFoundError):
            call(RevertInput(training_file_id=file_id, revision=1))


def test_a_worker_goes_back(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    workshop.remove(workshop.service, file_id, ids[0])
    wanted = RevertInput(training_file_id=file_id, revision=1)
    assert workshop.service.request_reversion(wanted).queued

    [revision_id] = workshop.queue.waiting
    workshop.service.build_revision(revision_id)

    assert workshop.consistent_ids(file_id) == ids


def test_a_worker_that_comes_too_late_says_so(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    first = workshop.repository.get_revision(file_id, number=1)
    assert first is not None
    workshop.remove(workshop.service, file_id, ids[0])
    workshop.service.request_reversion(RevertInput(training_file_id=file_id, revision=1))
    workshop.training_files.remove([first.json_file_path, first.jsonl_file_path])

    [revision_id] = workshop.queue.waiting
    workshop.service.build_revision(revision_id)

    failed = workshop.repository.revisions[revision_id]
    assert (failed.status, (failed.error or {})["code"]) == ("failed", "revision_not_found")
    assert workshop.consistent_ids(file_id) == ids[1:]
