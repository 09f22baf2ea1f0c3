"""The report shows the text around the first places of each rule, the right one, and none where it is not met."""

import json
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.exchanges import in_real_shape
from tests.support.workshop import Workshop
from training_files.domain.report.excerpts import CHARACTERS_AROUND, EXCERPTS_SHOWN, Excerpts, excerpt_of
from training_files.reports import objects as object_reading

LONG = "x" * 100


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture(params=["read completely", "read in samples"])
def is_large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if large := request.param == "read in samples":
        monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", 1)
    return large


def file_of(workshop: Workshop, *conversations: Json) -> UUID:
    return workshop.a_training_file(*map(workshop.a_conversation, conversations))


def places(report: Json, rule: str) -> list[Json]:
    [found] = [each for each in report["health"]["rules"] if each["rule"] == rule]
    shown: list[Json] = found["places"]
    return shown


def shown(place: Json) -> tuple[str, str, str] | None:
    excerpt = place["excerpt"]
    return excerpt and (excerpt["before"], excerpt["marked"], excerpt["after"])


@pytest.mark.parametrize(
    ("text", "offset", "marked"),
    [
        ("One.\\nTwo.", 4, "\\n"),
        ("A caf\\u00e9 there.", 5, "\\u00e9"),
        ("Dear [Insert client name], hello", 5, "[Insert client name]"),
        ("Dear {{name}}, hello", 5, "{{name}}"),
        ("And so\nUser: yes", 7, "User:"),
        ("It ends in the mid", 17, "d"),
        ("A\u200b b", 1, "\u200b"),
        ("a b", 1, " "),
        ("w" * 100, 0, "w" * 24),
    ],
)
def test_what_stands_at_the_place_is_marked(text: str, offset: int, marked: str) -> None:
    excerpt = excerpt_of(text, offset)

    assert excerpt["marked"] == marked
    assert text.startswith(excerpt["before"] + marked + excerpt["after"], excerpt["characters_before"])


def test_sixty_characters_on_both_sides_are_shown_and_the_others_counted() -> None:
    excerpt = excerpt_of(f"{LONG} here {LONG}", 101)

    assert len(excerpt["before"]) == len(excerpt["after"]) == CHARACTERS_AROUND
    assert (excerpt["characters_before"], excerpt["characters_after"]) == (41, 41)


@pytest.mark.usefixtures("is_large")
def test_texts_of_targets_users_and_histories_are_found(workshop: Workshop) -> None:
    exchanges = [("Is it\\nright?", "It is."), ("And how?", "By\\nwalking."), ("More?", "It ends in the mid")]
    report = workshop.untroubled.report(file_of(workshop, an_enriched_file(*in_real_shape(exchanges))))

    assert [shown(each) for each in places(report, "literal_backslash_n")] == [
        ("Is it", "\\n", "right?"),
        ("By", "\\n", "walking."),
    ]
    assert [shown(each) for each in places(report, "truncated_target")] == [("It ends in the mi", "d", "")]


def test_a_place_in_metadata_and_in_a_history_is_found(workshop: Workshop) -> None:
    said = [{"role": "user", "content": "Is\\nit?"}, {"role": "assistant", "content": "It is."}]
    pair = a_pair(conversation_history=said, conversation_metadata={"client_background": "is [object Object] now"})

    report = workshop.untroubled.report(file_of(workshop, an_enriched_file(pair)))

    assert [shown(each) for each in places(report, "placeholder_text")] == [("is ", "[object Object]", " now")]
    assert shown(places(report, "literal_backslash_n")[0]) == ("Is", "\\n", "it?")


@pytest.mark.usefixtures("is_large")
def test_the_first_three_places_of_a_rule_have_one(workshop: Workshop) -> None:
    targets = [an_enriched_file(a_pair(target_response=f"Part {n} ends in the mid")) for n in range(9)]

    found = places(workshop.untroubled.report(file_of(workshop, *targets)), "truncated_target")

    assert [each["excerpt"] and each["excerpt"]["before"] for each in found] == [
        *(f"Part {n} ends in the mi" for n in range(3)),
        None,
        None,
    ]


def test_of_a_large_file_no_more_is_read_than_there_is_room_for(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = [an_enriched_file(a_pair(target_response=f"Sentence {n}.")) for n in range(40)]
    faulty = workshop.a_conversation(an_enriched_file(a_pair(target_response="It ends in the mid")))
    others = [workshop.a_conversation(each) for each in clean]
    file_id = workshop.a_training_file(*others[:20], faulty, *others[20:])
    monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", 1)

    # What is in the sample is read in any case.
    read = next(
        report
        for report in (workshop.untroubled.report(file_id, seed=seed) for seed in count())
        if str(faulty) not in {pair["conversation_id"] for pair in report["sample"]["pairs"]}
    )
    monkeypatch.setattr(object_reading, "LARGEST_EXCERPTS_BYTES", 10)
    unread = workshop.untroubled.report(file_id, seed=read["sample"]["seed"])

    assert shown(places(read, "truncated_target")[0]) == ("It ends in the mi", "d", "")
    assert shown(places(unread, "truncated_target")[0]) is None
    assert read["objects"]["jsonl"]["valid"]
    assert read["objects"]["jsonl"]["read_bytes"] < read["objects"]["jsonl"]["bytes"] / 2


def test_there_is_none_without_a_place_or_a_text_of_its_own(workshop: Workshop) -> None:
    file_id = file_of(
        workshop,
        an_enriched_file(a_pair(target_response="It ends in the mid")),
        an_enriched_file(a_pair(target_response=" \n ")),
        an_enriched_file(),
        an_enriched_file(),
    )
    members = workshop.repository.members[file_id]
    analysis = members[0].figures["analysis"]
    old = analysis | {"version": 1, "findings": [finding[:4] for finding in analysis["findings"]]}
    members[0] = replace(members[0], figures=members[0].figures | {"analysis": old})

    report = workshop.untroubled.report(file_id)

    for rule in ("truncated_target", "empty_turn", "exact_duplicate"):
        assert [shown(each) for each in places(report, rule)] == [None]


def test_there_is_none_where_the_object_is_another_one(workshop: Workshop) -> None:
    file_id = file_of(workshop, an_enriched_file(a_pair(target_response="It ends in the mid")))
    path = workshop.repository.training_files[file_id].json_file_path or ""
    content = json.loads(workshop.training_files.objects[path])
    content["conversations"][0]["conversation_metadata"]["conversation_id"] = "0" * 36
    size = len(workshop.training_files.objects[path])
    workshop.training_files.objects[path] = json.dumps(content).encode()[:size].ljust(size)

    report = workshop.untroubled.report(file_id)

    assert shown(places(report, "truncated_target")[0]) is None


@pytest.mark.parametrize(
    "pair",
    [
        None,
        {},
        {"turn_number": 1, "target_response": None},
        {"turn_number": 1, "target_response": 5},
        {"turn_number": 1, "target_response": "short"},
        {"turn_number": 2, "target_response": LONG},
        {"turn_number": 1, "conversation_history": 3},
    ],
    ids=str,
)
def test_a_pair_that_is_not_what_it_was_gives_none(pair: Any) -> None:
    place: Json = {"conversation_id": "one", "turn": 1, "field": "target_response", "offset": 9, "excerpt": None}

    Excerpts({"rules": [{"places": [place]}]}).look_in("one", [pair])

    assert place["excerpt"] is None


def test_many_rules_have_no_more_than_can_be_read() -> None:
    placed = {"turn": 1, "field": "target_response", "offset": 0, "excerpt": None}
    rules = [{"places": [placed | {"conversation_id": f"{rule} {n}"} for n in range(5)]} for rule in range(30)]

    wanted = Excerpts({"rules": rules}).conversation_ids

    assert len(wanted) == EXCERPTS_SHOWN
    assert wanted[:4] == ["0 0", "0 1", "0 2", "1 0"]
