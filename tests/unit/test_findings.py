"""All findings of a training file come once each, in their order, by pages, and only those that are wanted."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import Json, an_enriched_file
from tests.support.exchanges import in_real_shape
from tests.support.workshop import Workshop
from training_files.api.findings.answers import findings_answer
from training_files.api.findings.cursors import cursor_of, place_of
from training_files.api.findings.requests import FindingsQuery
from training_files.domain.analysis.finding_places import FindingPlace, FindingsPage, WantedFindings
from training_files.domain.health.findings import Finding
from training_files.errors import RequestInvalidError, TrainingFileNotFoundError, TrainingFileProcessingError

ALL = WantedFindings()
CUT_OFF = "This ends in the mid"
MAIL = "Write to kim@example.com."
# Of each conversation, which rules find something, in the order of the answer.
FOUND = [
    [("truncated_target", 4), ("personal_data", 2)],
    [],
    [("truncated_target", 2), ("truncated_target", 4)],
    [("personal_data", 2)],
    [("truncated_target", 4), ("personal_data", 2)],
]
ACROSS = ["exact_duplicate"]


def a_conversation(*targets: str) -> Json:
    exchanges = [(f"Question {number}?", target) for number, target in enumerate(targets, 1)]
    # Without scores none of them are alike.
    return an_enriched_file(*in_real_shape(exchanges, training_metadata=None))


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def ids(workshop: Workshop) -> list[UUID]:
    return [
        workshop.a_conversation(conversation)
        for conversation in (
            a_conversation(MAIL, CUT_OFF),
            a_conversation("A whole sentence."),
            a_conversation(f"One. {CUT_OFF}", f"Two. {CUT_OFF}"),
            a_conversation(f"Or so: {MAIL}"),
            a_conversation(MAIL, CUT_OFF),
        )
    ]


@pytest.fixture
def file_id(workshop: Workshop, ids: list[UUID]) -> UUID:
    return workshop.a_training_file(*ids)


def pages(workshop: Workshop, file_id: UUID, wanted: WantedFindings, limit: int) -> Iterator[FindingsPage]:
    page = workshop.untroubled.page_of_findings(file_id, wanted, limit=limit)
    yield page
    while page.next_place:
        page = workshop.untroubled.page_of_findings(file_id, wanted, limit=limit, begin=page.next_place)
        yield page


def all_of(workshop: Workshop, file_id: UUID, *, limit: int = 500, **wanted: Any) -> list[Finding]:
    return [each for page in pages(workshop, file_id, WantedFindings(**wanted), limit) for each in page.findings]


def rules(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def test_those_in_conversations_come_in_file_order_then_those_of_the_whole_file(
    workshop: Workshop, file_id: UUID, ids: list[UUID]
) -> None:
    found = all_of(workshop, file_id)

    in_conversations = [(str(one), *each) for one, expected in zip(ids, FOUND, strict=True) for each in expected]
    assert [(each.conversation_id, each.rule, each.turn) for each in found[: -len(ACROSS)]] == in_conversations
    assert rules(found[-len(ACROSS) :]) == ACROSS
    assert found[-1].conversation_id == str(ids[4])


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
@pytest.mark.parametrize("rows", [1, 2, 200])
def test_pages_of_any_size_have_each_once(
    workshop: Workshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch, limit: int, rows: int
) -> None:
    monkeypatch.setattr("training_files.reports.findings.ROWS_WITH_FINDINGS_AT_ONCE", rows)
    whole = all_of(workshop, file_id)

    found = list(pages(workshop, file_id, ALL, limit))

    assert [each for page in found for each in page.findings] == whole
    assert [len(page.findings) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert 0 < len(found[-1].findings) <= limit


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_only_what_is_wanted_comes(workshop: Workshop, file_id: UUID, ids: list[UUID], limit: int) -> None:
    def found(**wanted: Any) -> list[str]:
        return rules(all_of(workshop, file_id, limit=limit, **wanted))

    assert found(rule="truncated_target") == ["truncated_target"] * 4
    assert found(rule="exact_duplicate") == ["exact_duplicate"]
    assert found(severity="error") == ["truncated_target"] * 4
    assert found(severity="warning") == ["personal_data"] * 3 + ["exact_duplicate"]
    assert found(rule="personal_data", severity="error") == []
    assert found(conversation_id=ids[0]) == ["truncated_target", "personal_data"]
    assert found(conversation_id=ids[4]) == ["truncated_target", "personal_data", "exact_duplicate"]
    assert found(conversation_id=ids[1]) == found(conversation_id=uuid4()) == []


def test_each_says_where_it_is_and_never_what_stands_there(workshop: Workshop, file_id: UUID) -> None:
    answer = findings_answer(next(pages(workshop, file_id, ALL, 500)))

    [first, *_] = answer["findings"]
    assert set(first) == {"rule", "severity", "conversation_id", "turn", "field", "offset", "message"}
    assert (first["field"], first["offset"]) == ("target_response", len(CUT_OFF) - 1)
    assert "kim@" not in str(answer)
    assert "This ends" not in str(answer)


def test_scores_that_are_the_same_in_the_whole_file_are_one_finding(workshop: Workshop) -> None:
    flat = an_enriched_file(*in_real_shape([("Why?", "Because."), ("How?", "So.")]))
    varied = an_enriched_file(*in_real_shape([("Why?", "It is so."), ("How?", "By walking.")]))
    for pair in varied["training_pairs"]:
        pair["training_metadata"]["quality_score"] += pair["turn_number"] / 10
    all_flat = workshop.a_training_file(*(workshop.a_conversation(flat) for _ in range(3)))
    some_flat = workshop.a_training_file(*map(workshop.a_conversation, [flat, varied]), name="another")

    of_all, of_some = (all_of(workshop, file_id, rule="flat_scores", limit=1) for file_id in (all_flat, some_flat))

    assert [finding.conversation_id is None for finding in of_all] == [True]
    assert [finding.conversation_id is None for finding in of_some] == [False]


def test_further_pages_stay_with_the_revision_of_the_first(workshop: Workshop, file_id: UUID) -> None:
    first = workshop.untroubled.page_of_findings(file_id, ALL, limit=3)
    workshop.add(workshop.untroubled, file_id, workshop.a_conversation(a_conversation(f"More. {CUT_OFF}")))

    rest = workshop.untroubled.page_of_findings(file_id, ALL, limit=500, begin=first.next_place)
    anew = workshop.untroubled.page_of_findings(file_id, ALL, limit=500)

    assert (first.revision, rest.revision, anew.revision) == (1, 1, 2)
    assert len(first.findings) + len(rest.findings) == len(anew.findings) - 1


def test_what_older_versions_kept_comes_without_its_field(workshop: Workshop, file_id: UUID) -> None:
    members = workshop.repository.members[file_id]
    for place, member in enumerate(members):
        analysis = member.figures["analysis"]
        old = analysis | {"version": 1, "findings": [finding[:4] for finding in analysis["findings"]]}
        figures = member.figures | {"analysis": old if place else None}
        members[place] = replace(member, figures=figures)

    found = all_of(workshop, file_id, limit=2)

    assert rules(found) == [rule for conversation in FOUND[1:] for rule, _ in conversation]
    assert {(each.field, each.offset) for each in found} == {(None, None)}


def test_all_conversations_are_looked_at_only_where_something_may_come_of_it(workshop: Workshop, file_id: UUID) -> None:
    def looks(limit: int, **wanted: Any) -> bool:
        workshop.trouble.calls.clear()
        workshop.service.page_of_findings(file_id, WantedFindings(**wanted), limit=limit)
        return "list_memberships" in workshop.trouble.calls

    assert [looks(500), looks(500, severity="info"), looks(500, rule="exact_duplicate")] == [True, True, True]
    assert [looks(3), looks(500, severity="error"), looks(500, rule="truncated_target")] == [False, False, False]


@pytest.mark.parametrize("place", [FindingPlace(2, 1, 0), FindingPlace(2, None, 0)])
def test_a_place_in_a_revision_that_is_not_there_yet_is_refused(
    workshop: Workshop, file_id: UUID, place: FindingPlace
) -> None:
    with pytest.raises(RequestInvalidError, match="cursor"):
        workshop.untroubled.page_of_findings(file_id, ALL, limit=10, begin=place)


def test_there_are_none_for_someone_else_or_before_the_first_revision(workshop: Workshop, file_id: UUID) -> None:
    with pytest.raises(TrainingFileNotFoundError):
        workshop.untroubled.acting_for(uuid4()).page_of_findings(file_id, ALL, limit=10)
    file = workshop.repository.training_files[file_id]
    workshop.repository.training_files[file_id] = file.model_copy(update={"revision": 0, "status": "processing"})
    with pytest.raises(TrainingFileProcessingError):
        workshop.untroubled.page_of_findings(file_id, ALL, limit=10)


@pytest.mark.parametrize("place", [FindingPlace(1, 1, 0), FindingPlace(12, 9_999, 345), FindingPlace(3, None, 7)])
def test_a_cursor_leads_back_to_its_place(place: FindingPlace) -> None:
    assert place_of(cursor_of(place)) == place


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "1.1.0",
        "é",
        "!",
        "MS4xLjA=",
        "MS4xLjB",
        *map(
            written, ["", "1.1", "0.1.0", "1.-1.0", "1.1.0.0", "01.1.0", "1.1.0\n", "1.1.٣", "1.1.x", "9999999999.1.0"]
        ),
        "MS4x" * 1000,
    ],
)
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        FindingsQuery(cursor=cursor)
