"""Conversations in which text health finds errors, at a create and an addition: taken, left out or refused.

What is found in those that are taken is answered and kept with the revision.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.workshop import NAME, Workshop
from training_files.api.training_files.answers import revisions_answer, training_file_answer
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.health.findings import WARNINGS_SHOWN, Finding
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.training_file import BuiltTrainingFile
from training_files.errors import ConversationsAlreadyInFileError, ConversationValidationError
from training_files.ports.paging import Page

Build = Callable[..., BuiltTrainingFile]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture(params=["create", "addition"])
def build(request: pytest.FixtureRequest, workshop: Workshop) -> Build:
    """Creates a training file of conversations, or adds them to one."""

    def create(*ids: UUID, **options: Any) -> BuiltTrainingFile:
        wanted = CreateTrainingFileInput(name=NAME, conversation_ids=ids, created_by=workshop.owner, **options)
        return workshop.service.create_training_file(wanted)

    def add(*ids: UUID, **options: Any) -> BuiltTrainingFile:
        workshop.clock.advance(seconds=1)
        wanted = AddConversationsInput(training_file_id=existing[0], conversation_ids=ids, **options)
        return workshop.service.add_conversations_to_training_file(wanted)

    if request.param == "create":
        return create
    existing = [workshop.a_training_file(a_healthy_one(workshop))]
    return add


def an_enriched(target: str, **changes: Any) -> Json:
    """A conversation that nobody else has, with this target at turn 2."""
    question = f"And then, in case {uuid4()}?"
    history = [{"role": "user", "content": question}]
    pair = a_pair(2, target_response=target, conversation_history=history, current_user_input=question)
    return an_enriched_file(pair | changes)


def a_healthy_one(workshop: Workshop) -> UUID:
    return workshop.a_conversation(an_enriched(f"Then you save a little more, {uuid4()}."))


def a_cut_off_one(workshop: Workshop) -> UUID:
    return workshop.a_conversation(an_enriched("Then you save a little mo"))


def a_personal_one(workshop: Workshop) -> UUID:
    """With a warning, which makes it no unhealthy one."""
    return workshop.a_conversation(an_enriched("Then you write to kim@example.com."))


def cut_off(conversation_id: UUID) -> Finding:
    message = "the target ends without terminal punctuation"
    end = len("Then you save a little mo") - 1
    return Finding("truncated_target", "error", str(conversation_id), 2, "target_response", end, message)


def personal(conversation_id: UUID) -> Finding:
    message = "the target holds an e-mail address"
    begin = len("Then you write to ")
    return Finding("personal_data", "warning", str(conversation_id), 2, "target_response", begin, message)


def test_unhealthy_conversations_are_taken_with_a_warning(workshop: Workshop, build: Build) -> None:
    healthy, ill, named = a_healthy_one(workshop), a_cut_off_one(workshop), a_personal_one(workshop)

    built = build(named, healthy, ill)

    assert built.id is not None
    assert workshop.consistent_ids(built.id)[-3:] == [named, healthy, ill]
    assert (built.warnings.total, built.warnings.first) == (2, (cut_off(ill), personal(named)))


def test_unhealthy_conversations_are_left_out_where_that_was_asked_for(workshop: Workshop, build: Build) -> None:
    healthy, ill, named = a_healthy_one(workshop), a_cut_off_one(workshop), a_personal_one(workshop)

    built = build(ill, healthy, named, on_unhealthy="skip")

    assert built.id is not None
    assert ill not in workshop.consistent_ids(built.id)
    assert workshop.consistent_ids(built.id)[-2:] == [healthy, named]
    [fault] = built.skipped
    assert (fault.conversation_id, fault.code, fault.place) == (ill, "unhealthy", None)
    assert fault.reason == "is unhealthy: truncated_target in turn 2"
    assert built.warnings.first == (personal(named),)


def test_unhealthy_conversations_are_refused_where_that_was_asked_for(workshop: Workshop, build: Build) -> None:
    """All of them are named, and nothing else."""
    before = dict(workshop.training_files.objects)
    one, healthy, other = a_cut_off_one(workshop), a_healthy_one(workshop), a_cut_off_one(workshop)

    with pytest.raises(ConversationValidationError) as refused:
        build(one, healthy, other, on_unhealthy="reject")

    assert [(fault.conversation_id, fault.code) for fault in refused.value.faults] == [
        (one, "unhealthy"),
        (other, "unhealthy"),
    ]
    assert "truncated_target in turn 2" in refused.value.message
    assert workshop.training_files.objects == before


@pytest.mark.parametrize("how", ["skip", "reject"])
def test_healthy_conversations_are_taken_however_strictly(workshop: Workshop, build: Build, how: str) -> None:
    built = build(named := a_personal_one(workshop), on_unhealthy=how)

    assert (built.skipped, built.warnings.first) == ((), (personal(named),))


def test_where_all_are_unhealthy_there_is_nothing_left_to_build(workshop: Workshop, build: Build) -> None:
    ill = a_cut_off_one(workshop)

    with pytest.raises(ConversationValidationError) as refused:
        build(ill, on_unhealthy="skip")

    assert [fault.code for fault in refused.value.faults] == ["unhealthy"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"on_invalid": "reject", "on_unhealthy": "skip"}, ["not_found"]),
        ({"on_invalid": "skip", "on_unhealthy": "reject"}, ["unhealthy"]),
        ({"on_invalid": "reject", "on_unhealthy": "reject"}, ["not_found", "unhealthy"]),
    ],
    ids=str,
)
def test_a_refusal_names_what_was_not_to_be_skipped(
    workshop: Workshop, build: Build, options: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(ConversationValidationError) as refused:
        build(uuid4(), a_healthy_one(workshop), a_cut_off_one(workshop), **options)

    assert sorted(fault.code for fault in refused.value.faults) == named


def test_what_is_skipped_may_be_skipped_for_several_reasons(workshop: Workshop, build: Build) -> None:
    built = build(uuid4(), a_healthy_one(workshop), a_cut_off_one(workshop), on_invalid="skip", on_unhealthy="skip")

    assert sorted(fault.code for fault in built.skipped) == ["not_found", "unhealthy"]


def test_a_duplicate_is_no_invalid_conversation_beside_unhealthy_ones_to_be_skipped(workshop: Workshop) -> None:
    training_file_id = workshop.a_training_file(known := a_healthy_one(workshop))

    with pytest.raises(ConversationsAlreadyInFileError):
        workshop.add(workshop.service, training_file_id, known, a_cut_off_one(workshop), on_unhealthy="skip")


def test_a_dry_run_reports_what_would_be_found(workshop: Workshop, build: Build) -> None:
    built = build(ill := a_cut_off_one(workshop), dry_run=True)

    assert (built.dry_run, built.warnings.first) == (True, (cut_off(ill),))


def test_what_conversations_have_in_common_is_found_among_the_new_ones(workshop: Workshop, build: Build) -> None:
    enriched = an_enriched("Then you save a little more.")
    one, other = workshop.a_conversation(enriched), workshop.a_conversation(enriched)

    built = build(one, other)

    [finding] = built.warnings.first
    assert (finding.rule, finding.conversation_id) == ("exact_duplicate", str(other))
    assert str(one) in finding.message


def test_infos_are_no_warnings(workshop: Workshop, build: Build) -> None:
    scored = [an_enriched(f"Then you save {n}.") for n in range(4)]

    built = build(*map(workshop.a_conversation, scored))

    assert (built.warnings.first, built.warnings.total) == ((), 0)


def test_a_hundred_warnings_are_shown_the_errors_first_and_all_are_counted(workshop: Workshop, build: Build) -> None:
    named = [a_personal_one(workshop) for _ in range(WARNINGS_SHOWN)]
    ill = a_cut_off_one(workshop)

    built = build(*named, ill)

    # The targets of those begin alike, too.
    assert built.warnings.total == WARNINGS_SHOWN + 2
    assert built.warnings.first == (cut_off(ill), *map(personal, named[:-1]))


def test_warnings_are_kept_with_the_revision_and_listed(workshop: Workshop, build: Build) -> None:
    built = build(ill := a_cut_off_one(workshop))

    assert built.id is not None
    [listed, *_] = revisions_answer(workshop.service.list_revisions(built.id, limit=1), limit=1)["revisions"]
    answer = training_file_answer(built)
    assert listed["warnings"] == answer["warnings"] == [cut_off(ill).as_json()]
    assert listed["warnings_total"] == answer["warnings_total"] == 1


def test_a_revision_of_before_text_health_does_not_claim_to_be_healthy(workshop: Workshop) -> None:
    training_file_id = workshop.a_training_file()
    [revision] = workshop.service.list_revisions(training_file_id, limit=1)

    [listed] = revisions_answer(Page([revision.model_copy(update={"warnings": None})], more=False), limit=1)[
        "revisions"
    ]

    assert (listed["warnings"], listed["warnings_total"]) == ([], None)


def test_the_option_is_kept_with_the_revision(workshop: Workshop, build: Build) -> None:
    built = build(a_healthy_one(workshop), on_unhealthy="skip")

    assert built.id is not None
    [revision, *_] = workshop.service.list_revisions(built.id, limit=1)
    assert workshop.repository.requested[revision.id]["on_unhealthy"] == "skip"


def test_the_analysis_of_each_conversation_is_kept_with_it(workshop: Workshop, build: Build) -> None:
    ids = [a_healthy_one(workshop), a_cut_off_one(workshop)]
    built = build(*ids)

    assert built.id is not None
    raw = workshop.training_files.read(built.jsonl_file_path or "")
    kept = []
    for member in workshop.repository.members[built.id]:
        assert member.analysis is not None
        kept.append(ConversationAnalysis.from_json(str(member.conversation_id), member.analysis))
    assert [analysis.is_unhealthy for analysis in kept][-2:] == [False, True]
    assert sum(analysis.jsonl_size for analysis in kept) == len(raw)
    begin = sum(analysis.jsonl_size for analysis in kept[:-1])
    assert str(ids[-1]).encode() in raw[begin : begin + kept[-1].jsonl_size]
    assert str(ids[-1]).encode() not in raw[:begin]


def test_there_is_no_warning_about_conversations_that_someone_else_added_meanwhile(workshop: Workshop) -> None:
    """They are in that writer's revision."""
    training_file_id = workshop.a_training_file(a_healthy_one(workshop))
    ill, named = a_cut_off_one(workshop), a_personal_one(workshop)
    workshop.trouble.meanwhile = ("begin_revision", lambda: add_once(ill))
    done: list[UUID] = []

    def add_once(conversation_id: UUID) -> None:
        if not done:
            done.append(conversation_id)
            workshop.add(workshop.untroubled, training_file_id, conversation_id)

    wanted = AddConversationsInput(
        training_file_id=training_file_id, conversation_ids=(ill, named), on_duplicate="skip"
    )
    built = workshop.service.add_conversations_to_training_file(wanted)

    assert [fault.code for fault in built.skipped] == ["already_in_file"]
    assert built.warnings.first == (personal(named),)


class TestInTheBackground:
    @pytest.fixture
    def request_of(self, workshop: Workshop) -> Build:
        def request(*ids: UUID, **options: Any) -> BuiltTrainingFile:
            wanted = CreateTrainingFileInput(name=NAME, conversation_ids=ids, created_by=workshop.owner, **options)
            requested = workshop.service.request_training_file(wanted)
            workshop.untroubled.build_revision(workshop.queue.waiting.pop())
            return requested

        return request

    def test_unhealthy_conversations_are_left_out_where_that_was_asked_for(
        self, workshop: Workshop, request_of: Build
    ) -> None:
        healthy, ill, named = a_healthy_one(workshop), a_cut_off_one(workshop), a_personal_one(workshop)

        requested = request_of(healthy, ill, named, on_unhealthy="skip")

        assert requested.id is not None
        assert "warnings" not in training_file_answer(requested)
        assert workshop.consistent_ids(requested.id) == [healthy, named]
        [listed] = revisions_answer(workshop.service.list_revisions(requested.id, limit=1), limit=2)["revisions"]
        assert [(fault["conversation_id"], fault["code"]) for fault in listed["skipped"]] == [(str(ill), "unhealthy")]
        assert listed["warnings"] == [personal(named).as_json()]

    def test_unhealthy_conversations_let_the_build_fail_where_that_was_asked_for(
        self, workshop: Workshop, request_of: Build
    ) -> None:
        healthy, ill = a_healthy_one(workshop), a_cut_off_one(workshop)

        requested = request_of(healthy, ill, on_unhealthy="reject")

        assert requested.id is not None
        build = workshop.service.open_build(requested.id)
        answer = training_file_answer(workshop.service.existing(requested.id), build)["trainingFile"]
        assert answer["status"] == "failed"
        assert [(f["conversation_id"], f["code"]) for f in answer["failed_conversations"]] == [(str(ill), "unhealthy")]

    def test_unhealthy_conversations_are_taken_by_default(self, workshop: Workshop, request_of: Build) -> None:
        requested = request_of(ill := a_cut_off_one(workshop))

        assert requested.id is not None
        assert workshop.consistent_ids(requested.id) == [ill]
