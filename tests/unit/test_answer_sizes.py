"""However much went wrong with a build, what its training file answers fits into an answer of a Lambda function."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.workshop import NAME, Workshop
from training_files.api.training_files.answers import (
    FAULTS_SHOWN,
    WARNINGS_ON_A_PAGE,
    revisions_answer,
    training_file_answer,
)
from training_files.api.training_files.requests import RevisionsQuery
from training_files.builds.results import error_column
from training_files.domain.conversation import faults, limited_faults
from training_files.domain.conversation.enriched_file import MAX_FAULTS_SHOWN
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.limited_faults import MOST_FAILED, limit_faults
from training_files.domain.health.findings import WARNINGS_SHOWN, Finding
from training_files.domain.health.unhealthy import unhealthy_fault
from training_files.domain.training_file.build_request import MAX_IDS, CreateTrainingFileInput
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import ConversationsAlreadyInFileError, ConversationValidationError
from training_files.ports.paging import Page

LARGEST_ANSWER_BYTES = 6 * 1024 * 1024
LONGEST_PAGE = 200
NOW = datetime(2026, 1, 31, tzinfo=UTC)
IDS = [uuid4() for _ in range(MAX_IDS)]


def size_of(answer: dict[str, Any]) -> int:
    """In bytes, as a function hands it to Lambda: the body is a string in a JSON."""
    return len(json.dumps({"statusCode": 200, "body": json.dumps(answer, separators=(",", ":"))}))


def invalid(conversation_id: UUID, number: int = 0) -> ConversationFault:
    place = f"training_pairs[{100 + number}].training_metadata.quality_score"
    return faults.enriched_file_invalid(conversation_id, "Input should be less than or equal to 5", place)


def missing(conversation_id: UUID) -> ConversationFault:
    return faults.enriched_file_missing(conversation_id, "漢" * 1024)


def unhealthy(conversation_id: UUID) -> ConversationFault:
    rules = ("truncated_target", "empty_turn", "placeholder_text", "role_order", "personal_data")
    turns = range(1000, 1020)
    return unhealthy_fault(
        conversation_id,
        [Finding(rule, "error", str(conversation_id), turn, None, None, "") for rule in rules for turn in turns],  # type: ignore[arg-type]
    )


def a_revision(*, skipped: Sequence[ConversationFault] = (), failed: Sequence[ConversationFault] = ()) -> Revision:
    # The longest message names another conversation, and no field.
    message = f"the conversation says the same, word for word, as conversation {uuid4()}"
    finding = Finding("exact_duplicate", "warning", str(uuid4()), None, None, None, message)
    return Revision(
        id=uuid4(),
        training_file_id=uuid4(),
        number=1,
        status="failed" if failed else "committed",
        background=True,
        skipped=tuple(fault.as_detail() for fault in skipped),
        error={"message": "No.", "code": "any", "failed_conversations": [f.as_detail() for f in failed]}
        if failed
        else None,
        warnings=None if failed else {"findings": [finding.as_json()] * WARNINGS_SHOWN, "total": 1000},
        json_file_path="a.json",
        jsonl_file_path="a.jsonl",
        created_by=uuid4(),
        created_at=NOW,
    )


def a_failed_file() -> TrainingFile:
    return TrainingFile(
        id=uuid4(), name=NAME, status="failed", created_by=uuid4(), created_at=NOW, updated_at=NOW, last_updated_at=NOW
    )


@pytest.fixture(
    scope="module",
    params=[
        lambda: (invalid(each, number) for each in IDS for number in range(MAX_FAULTS_SHOWN)),
        pytest.param(lambda: map(missing, IDS), marks=pytest.mark.slow),
        pytest.param(lambda: map(unhealthy, IDS), marks=pytest.mark.slow),
    ],
    ids=["twenty faults each", "long paths", "many turns"],
)
def found(request: pytest.FixtureRequest) -> list[ConversationFault]:
    """All that is found in as many conversations as can be asked for."""
    return list(request.param())


@pytest.fixture(scope="module")
def kept_of_it(found: list[ConversationFault]) -> list[ConversationFault]:
    return limit_faults(found)


class TestWhatIsKept:
    def test_names_every_conversation_in_an_answer_that_can_be_given(self, kept_of_it: list[ConversationFault]) -> None:
        build = a_revision(failed=kept_of_it)

        answer = training_file_answer(a_failed_file(), build)

        named = [fault["conversation_id"] for fault in answer["trainingFile"]["failed_conversations"]]
        assert list(dict.fromkeys(named)) == [str(each) for each in IDS]
        assert answer["trainingFile"]["failed_total"] == len(IDS)
        assert size_of(answer) < LARGEST_ANSWER_BYTES

    def test_can_be_looked_at_in_a_page_of_one_beside_what_was_skipped_before(
        self, found: list[ConversationFault]
    ) -> None:
        last_ones = set(IDS[-1000:])
        few = [fault for fault in found if fault.conversation_id in last_ones]
        skipped = [faults.already_in_file(each) for each in IDS[:-1000]]

        answer = revisions_answer(Page([a_revision(skipped=skipped, failed=limit_faults(few))], more=False), limit=1)

        assert size_of(answer) < LARGEST_ANSWER_BYTES

    def test_is_everything_where_there_is_room(self) -> None:
        few = [invalid(each, number) for each in IDS[:100] for number in range(MAX_FAULTS_SHOWN)]

        assert limit_faults(few) == few

    def test_says_the_reasons_in_full_where_the_first_ones_have_room(self) -> None:
        a_fault_each = [invalid(each) for each in IDS]

        assert limit_faults(a_fault_each) == a_fault_each

    def test_is_of_the_first_of_more_conversations_than_an_answer_has_room_for(self) -> None:
        many = [missing(UUID(int=number)) for number in range(MOST_FAILED + 5)]

        kept = error_column(ConversationValidationError(many))
        answer = training_file_answer(a_failed_file(), a_revision(failed=many[:1]).model_copy(update={"error": kept}))

        assert len(kept["failed_conversations"]) == MOST_FAILED
        assert answer["trainingFile"]["failed_total"] == len(many)
        assert size_of(answer) < LARGEST_ANSWER_BYTES

    def test_stands_in_the_order_in_which_it_was_found(self, kept_of_it: list[ConversationFault]) -> None:
        order = {each: index for index, each in enumerate(IDS)}

        places = [order[fault.conversation_id] for fault in kept_of_it]

        assert places == sorted(places)


class TestAPageOfRevisions:
    def test_can_be_given_however_long_it_is(self) -> None:
        skipped = [unhealthy(each) for each in IDS[:100]]
        longest = RevisionsQuery(limit=LONGEST_PAGE).limit

        answer = revisions_answer(
            Page([a_revision(skipped=skipped) for _ in range(longest)], more=False), limit=longest
        )

        assert size_of(answer) < LARGEST_ANSWER_BYTES

    def test_shows_the_first_faults_and_how_many_conversations_there_were(self) -> None:
        skipped, failed = [invalid(each) for each in IDS[:30]], [invalid(each) for each in IDS[30:70]]

        [shown] = revisions_answer(Page([a_revision(skipped=skipped, failed=failed)], more=False), limit=2)["revisions"]

        assert shown["skipped"] == [fault.as_detail() for fault in skipped[:FAULTS_SHOWN]]
        assert shown["error"]["failed_conversations"] == [fault.as_detail() for fault in failed[:FAULTS_SHOWN]]
        assert (shown["skipped_total"], shown["error"]["failed_total"]) == (30, 40)

    def test_shows_all_faults_of_a_revision_that_it_has_to_itself(self) -> None:
        skipped, failed = [invalid(each) for each in IDS[:30]], [invalid(each) for each in IDS[30:70]]

        [shown] = revisions_answer(Page([a_revision(skipped=skipped, failed=failed)], more=False), limit=1)["revisions"]

        assert (len(shown["skipped"]), len(shown["error"]["failed_conversations"])) == (30, 40)

    @pytest.mark.parametrize(("limit", "shown"), [(2, WARNINGS_ON_A_PAGE), (1, WARNINGS_SHOWN)])
    def test_shows_all_warnings_of_a_revision_only_if_it_has_it_to_itself(self, limit: int, shown: int) -> None:
        [revision] = revisions_answer(Page([a_revision()], more=False), limit=limit)["revisions"]

        assert (len(revision["warnings"]), revision["warnings_total"]) == (shown, 1000)

    def test_shows_warnings_that_were_kept_before_findings_had_a_field(self) -> None:
        warning = {
            "rule": "role_leak",
            "severity": "warning",
            "conversation_id": None,
            "turn": 3,
            "message": "it leaks",
        }
        kept = a_revision().model_copy(update={"warnings": {"findings": [warning], "total": 1}})

        [shown] = revisions_answer(Page([kept], more=False), limit=2)["revisions"]

        assert shown["warnings"] == [warning | {"field": None, "offset": None}]

    def test_says_why_an_attempt_ended_that_named_no_conversation(self) -> None:
        ended = a_revision().model_copy(update={"status": "failed", "error": {"message": "the build broke off"}})

        [shown] = revisions_answer(Page([ended], more=False), limit=2)["revisions"]

        assert shown["error"] == {"message": "the build broke off"}


@pytest.mark.parametrize("fault", [faults.not_found, faults.row_quality_score_invalid, faults.no_enriched_file])
def test_a_request_that_is_refused_at_once_names_every_conversation(fault: Any) -> None:
    refused = ConversationValidationError([fault(each) for each in IDS])

    assert len(refused.details) == len(IDS)
    assert size_of({"error": refused.message, "details": refused.details}) < LARGEST_ANSWER_BYTES


def test_an_addition_of_duplicates_that_is_refused_at_once_names_every_conversation() -> None:
    refused = ConversationsAlreadyInFileError([faults.already_in_file(each) for each in IDS])

    assert size_of({"error": refused.message, "details": refused.details}) < LARGEST_ANSWER_BYTES


class TestABuild:
    @pytest.fixture(autouse=True)
    def little_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For two faults, and not for three."""
        monkeypatch.setattr(limited_faults, "ROOM_BYTES", 800)

    def test_that_fails_keeps_no_more_faults_than_there_is_room_for(self) -> None:
        workshop, broken = self.with_broken_ones(on_invalid="reject")

        [build] = workshop.repository.revisions.values()
        assert build.error is not None
        failed = build.error["failed_conversations"]
        assert list(dict.fromkeys(fault["conversation_id"] for fault in failed)) == [str(each) for each in broken]
        assert len(failed) == len(broken)

    def test_that_skips_keeps_no_more_faults_than_there_is_room_for(self) -> None:
        workshop, broken = self.with_broken_ones(on_invalid="skip")

        [build] = workshop.repository.revisions.values()
        assert build.status == "committed"
        assert [fault["conversation_id"] for fault in build.skipped] == [str(each) for each in broken]

    @staticmethod
    def with_broken_ones(**options: Any) -> tuple[Workshop, list[UUID]]:
        """Two whose pairs lack all that they need, and one that is as it should be."""
        workshop = Workshop.new()
        broken = [workshop.a_conversation({"training_pairs": [{}, {}]}) for _ in range(2)]
        ids = (*broken, workshop.a_conversation())
        workshop.service.request_training_file(
            CreateTrainingFileInput(name=NAME, conversation_ids=ids, created_by=workshop.owner, **options)
        )
        workshop.service.build_revision(workshop.queue.waiting.pop())
        return workshop, broken
