"""The quality report says what a training file is, figure by figure, and what is not as it should be."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.sample_data import sample_conversations
from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.domain import a_training_file
from tests.support.exchanges import in_real_shape
from tests.support.reports import a_sample_file, keys_of
from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.domain.report.balance import EMPTY_CELLS_SHOWN, KEY_CHARACTERS, evenness
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import TrainingFileNotFoundError, TrainingFileProcessingError, UpstreamUnavailableError
from training_files.reports import objects as object_reading
from training_files.reports import reporting
from training_files.reports import sources as source_reading

KEYS = ("persona_key", "emotional_arc_key", "topic_key")
CHECKS = [
    "conversations",
    "average_score",
    "persona_balance",
    "emotional_arc_balance",
    "training_topic_balance",
    "trainable_pairs",
    "json_valid",
    "jsonl_valid",
    "text_health",
    "spot_check",
]
STEPS = [
    "get_training_file",
    "get_revision",
    "list_memberships",
    "revision_surroundings",
    "download training.json",
    "download training.jsonl",
]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def checks(report: Json) -> dict[str, Json]:
    return {check["id"]: check for check in report["checks"]}


def statuses(report: Json) -> dict[str, str]:
    return {check["id"]: check["status"] for check in report["checks"]}


def file_of(workshop: Workshop, *conversations: Json, **row: Any) -> UUID:
    return workshop.a_training_file(*(workshop.a_conversation(each, **row) for each in conversations))


def report_of(workshop: Workshop, *conversations: Json, **row: Any) -> Json:
    return workshop.untroubled.report(file_of(workshop, *conversations, **row))


def with_columns(workshop: Workshop, file_id: UUID, **columns: Any) -> Json:
    """The report of a file whose row says something else."""
    file = workshop.repository.training_files[file_id]
    workshop.repository.training_files[file_id] = file.model_copy(update=columns)
    return workshop.untroubled.report(file_id)


def one(workshop: Workshop) -> UUID:
    return workshop.a_training_file(workshop.a_conversation())


class TestTheChecklist:
    def test_is_that_of_the_quick_start(self, workshop: Workshop) -> None:
        report = workshop.untroubled.report(a_sample_file(workshop, 30))

        assert list(checks(report)) == CHECKS
        assert statuses(report) == dict.fromkeys(CHECKS, "pass") | {"trainable_pairs": "fail"}
        assert report["summary"] == {"status": "fail", "pass": 9, "warn": 0, "fail": 1}

    @pytest.mark.parametrize(
        ("count", "status"), [(9, "fail"), (10, "warn"), (19, "warn"), (20, "pass"), (80, "pass"), (81, "warn")]
    )
    def test_wants_ten_conversations_and_recommends_20_to_80(self, workshop: Workshop, count: int, status: str) -> None:
        report = with_columns(workshop, one(workshop), conversation_count=count)

        check = checks(report)["conversations"]
        assert (check["figure"], check["status"]) == (count, status)
        assert check["threshold"] == {"minimum": 10, "recommended_from": 20, "recommended_to": 80}

    @pytest.mark.parametrize(("average", "status"), [(None, "warn"), (3.49, "fail"), (3.5, "pass"), (5, "pass")])
    def test_wants_an_average_score_of_three_and_a_half(
        self, workshop: Workshop, average: float | None, status: str
    ) -> None:
        columns = {"avg_quality_score": average}
        file_id = one(workshop)
        validated = TrainingFile.model_validate(workshop.repository.training_files[file_id].model_dump() | columns)
        check = checks(with_columns(workshop, file_id, avg_quality_score=validated.avg_quality_score))["average_score"]

        assert (check["figure"], check["status"]) == (average, status)

    @pytest.mark.parametrize(
        ("count", "status"), [(0, "fail"), (99, "fail"), (100, "warn"), (499, "warn"), (500, "pass")]
    )
    def test_wants_100_trainable_pairs_and_recommends_500(self, workshop: Workshop, count: int, status: str) -> None:
        report = with_columns(workshop, one(workshop), trainable_pairs=count)

        assert checks(report)["trainable_pairs"]["status"] == status

    @pytest.mark.parametrize(
        ("personas", "figure", "status"),
        [
            (["a", "b"], 1, "pass"),
            (["a"] * 3 + ["b"], 0.811, "pass"),
            (["a"] * 4 + ["b"], 0.722, "warn"),
            (["a"] * 9 + ["b"], 0.469, "fail"),
            (["a", "a"], None, "warn"),
            ([None, None], None, "warn"),
        ],
    )
    def test_wants_keys_to_be_as_frequent_as_each_other(
        self, workshop: Workshop, personas: list[str | None], figure: float | None, status: str
    ) -> None:
        ids = [workshop.a_conversation(persona_key=persona, persona_name=None) for persona in personas]
        check = checks(workshop.untroubled.report(workshop.a_training_file(*ids)))["persona_balance"]

        assert (check["figure"], check["status"]) == (figure, status)

    @pytest.mark.parametrize(("pairs", "status"), [(4, "warn"), (5, "pass")])
    def test_wants_five_pairs_to_read(self, workshop: Workshop, pairs: int, status: str) -> None:
        report = report_of(
            workshop, an_enriched_file(*in_real_shape([(f"Why {n}?", "Because.") for n in range(pairs)]))
        )

        check = checks(report)["spot_check"]
        assert (check["figure"], check["status"]) == (pairs, status)


class TestBalance:
    def test_evenness_is_one_for_equal_shares_and_nothing_for_one(self) -> None:
        assert evenness([5, 5, 5]) == 1
        assert evenness([5]) == evenness([]) == evenness([5, 0]) == 0
        assert 0 < evenness([99, 1]) < evenness([60, 40]) < 1

    def test_cross_tables_count_what_is_there_and_name_what_is_not(self, workshop: Workshop) -> None:
        combinations = [("a", "x", "t"), ("a", "x", "t"), ("b", "y", "t"), (None, "x", "t")]
        ids = [workshop.a_conversation(**dict(zip(KEYS, keys, strict=True))) for keys in combinations]

        tables = workshop.untroubled.report(workshop.a_training_file(*ids))["cross_tables"]

        assert [list(cell.values()) for cell in tables["cells"]] == [
            ["a", "x", "t", 2],
            ["b", "y", "t", 1],
            [None, "x", "t", 1],
        ]
        assert [list(cell.values()) for cell in tables["empty_cells"]] == [["a", "y", "t"], ["b", "x", "t"]]
        assert (tables["possible_cells"], tables["empty_cells_total"], tables["cells_total"]) == (4, 2, 3)

    def test_arcs_are_counted_by_personas_whatever_the_topic(self, workshop: Workshop) -> None:
        combinations = [("a", "x", "t"), ("a", "x", "s"), ("a", "x", None), ("b", "y", "t"), (None, "x", "t")]
        ids = [workshop.a_conversation(**dict(zip(KEYS, keys, strict=True))) for keys in combinations]

        tables = workshop.untroubled.report(workshop.a_training_file(*ids))["cross_tables"]

        assert [list(each.values()) for each in tables["arcs_by_personas"]] == [["x", "a", 3], ["y", "b", 1]]

    def test_many_long_keys_stay_bearable(self, workshop: Workshop) -> None:
        ids = [workshop.a_conversation(**dict.fromkeys(KEYS, f"{'y' * 1000}{n}")) for n in range(12)]

        report = workshop.untroubled.report(workshop.a_training_file(*ids))

        tables = report["cross_tables"]
        assert (tables["possible_cells"], tables["empty_cells_total"]) == (12**3, 12**3 - 12)
        assert len(tables["empty_cells"]) == EMPTY_CELLS_SHOWN
        assert max(map(len, tables["personas"])) < KEY_CHARACTERS + 10
        assert report["balance"]["personas"]["keys"] == 12
        assert len(json.dumps(report)) < 200_000


class TestScores:
    def test_are_counted_in_halves_and_reported_as_varied(self, workshop: Workshop) -> None:
        scores = [0, 0.4, 2.5, 4.49, 4.5, 5]
        report = report_of(workshop, an_enriched_file(*(a_scored_pair(n, score) for n, score in enumerate(scores))))

        bins = {each["from"]: each["pairs"] for each in report["scores"]["histogram"] if each["pairs"]}
        assert bins == {0: 2, 2.5: 1, 4: 1, 4.5: 2}
        assert (report["scores"]["spread"], report["scores"]["distinct"]) == ("varied", 6)

    @pytest.mark.parametrize(
        ("scores", "spread"),
        [
            ([3, 3, 3], "flat"),
            ([3, 3], "varied"),
            ([3] * 8 + [4] * 2, "nearly_flat"),
            ([3] * 7 + [4] * 3, "varied"),
            ([None, None], "none"),
        ],
    )
    def test_that_are_all_alike_say_nothing(self, workshop: Workshop, scores: list[Any], spread: str) -> None:
        report = report_of(workshop, an_enriched_file(*(a_scored_pair(n, score) for n, score in enumerate(scores))))

        assert report["scores"]["spread"] == spread
        assert report["scores"]["unscored_pairs"] == scores.count(None)

    def test_the_lowest_conversations_are_named(self, workshop: Workshop) -> None:
        ids = [workshop.a_conversation(quality_score=score) for score in (5, 1, 4, 2, 3, 4.5, 2)]
        report = workshop.untroubled.report(workshop.a_training_file(*ids))

        lowest = report["scores"]["lowest_conversations"]
        assert [each["average_score"] for each in lowest] == [1, 2, 2, 3, 4]
        assert [each["conversation_id"] for each in lowest] == [str(ids[place]) for place in (1, 3, 6, 4, 2)]

    def test_reviewed_pairs_are_counted_against_all(self, workshop: Workshop) -> None:
        report = report_of(workshop, an_enriched_file(a_scored_pair(1, human_reviewed=True), a_pair(2), a_pair(3)))

        assert report["reviewed"] == {"pairs": 1, "of_pairs": 3, "percentage": 33.33}


class TestSizes:
    def test_rows_are_counted_for_both_granularities(self, workshop: Workshop) -> None:
        exchanges = [("u" * 4, "a" * 1_500), ("u" * 4, "b" * 1_500)]
        report = report_of(workshop, an_enriched_file(*in_real_shape(exchanges, system_prompt=None)))

        whole, turns = report["lengths"]["conversation"], report["lengths"]["turn"]
        assert (whole["rows"]["count"], whole["max_length"], whole["targets"]["count"]) == (1, 804, 2)
        assert (turns["rows"]["count"], turns["rows"]["p5"], turns["max_length"]) == (2, 402, 804)
        assert {each["up_to"]: each["rows"] for each in turns["histogram"] if each["rows"]} == {512: 1, 1024: 1}
        assert sum(each["rows"] for each in whole["histogram"]) == 1
        assert report["left_out"] == {"conversation": {}, "turn": {}}

    def test_readiness_is_shown_by_default_and_for_each_targets_best_format(self, workshop: Workshop) -> None:
        found = workshop.untroubled.report(a_sample_file(workshop, 30))["readiness"]

        default, best = ({each["target"]: each for each in found[kind]} for kind in ("default", "best"))
        assert len(default) == len(best) == 16
        assert {each["format"] for each in default.values()} == {"messages"}
        assert (default["bedrock_nova"]["ready"], best["bedrock_nova"]["ready"]) == (False, True)
        assert best["bedrock_nova"]["format"] == "bedrock"
        assert (default["openai"]["ready"], best["bedrock_claude"]["ready"]) == (True, False)


class TestFindings:
    def test_are_listed_by_rule_the_gravest_first_with_their_places(self, workshop: Workshop) -> None:
        cut_off = an_enriched_file(a_pair(1, target_response="It ends in the mid"), a_pair(2))
        ids = [workshop.a_conversation(each) for each in (an_enriched_file(), cut_off)]

        health = workshop.untroubled.report(workshop.a_training_file(*ids))["health"]

        rule = health["rules"][0]
        assert (rule["rule"], rule["severity"], rule["count"], rule["conversations"]) == (
            "truncated_target",
            "error",
            1,
            1,
        )
        [place] = rule["places"]
        assert (place["conversation_id"], place["turn"]) == (str(ids[1]), 1)
        assert (place["field"], place["offset"]) == ("target_response", 17)
        assert health["unhealthy_conversations"] == 1
        assert health["findings_total"] == sum(each["count"] for each in health["rules"])

    def test_scores_that_are_the_same_in_all_of_the_file_are_one(self, workshop: Workshop) -> None:
        flat = [an_enriched_file(*(a_scored_pair(turn, 3) for turn in (1, 2, 3))) for _ in range(4)]

        health = report_of(workshop, *flat)["health"]

        [rule] = [each for each in health["rules"] if each["rule"] == "flat_scores"]
        assert (rule["count"], rule["conversations"], len(rule["places"])) == (1, 0, 1)
        assert (rule["places"][0]["conversation_id"], rule["places"][0]["turn"]) == (None, None)

    def test_scores_that_are_the_same_only_within_each_conversation_are_one_for_each(self, workshop: Workshop) -> None:
        flat = [an_enriched_file(*(a_scored_pair(turn, score) for turn in (1, 2, 3))) for score in (3, 3, 4)]

        health = report_of(workshop, *flat)["health"]

        [rule] = [each for each in health["rules"] if each["rule"] == "flat_scores"]
        assert (rule["count"], rule["conversations"]) == (3, 3)

    def test_beyond_the_first_places_only_their_number_is_shown(self, workshop: Workshop) -> None:
        pairs = [a_pair(n, target_response=f"{n} ends in the mid") for n in range(120)]

        [rule, *_] = report_of(workshop, an_enriched_file(*pairs))["health"]["rules"]

        assert (rule["rule"], rule["count"], rule["conversations"], len(rule["places"])) == (
            "truncated_target",
            120,
            1,
            5,
        )

    def test_what_only_several_conversations_show_is_among_them(self, workshop: Workshop) -> None:
        report = report_of(
            workshop, an_enriched_file(), an_enriched_file(), an_enriched_file(a_pair(target_response="No."))
        )

        [group] = report["duplicates"]["groups"]
        assert (report["duplicates"]["conversations"], group["conversations"]) == (1, 2)
        duplicates = [each for each in report["health"]["rules"] if each["rule"] == "exact_duplicate"]
        assert [each["count"] for each in duplicates] == [1]
        assert duplicates[0]["places"][0]["conversation_id"] == group["conversation_ids"][1]

    def test_clean_conversations_have_none(self, workshop: Workshop) -> None:
        health = workshop.untroubled.report(a_sample_file(workshop, 30))["health"]

        nothing = {"findings": 0, "conversations": 0, "targets": 0, "rules": []}
        assert health == {
            "unhealthy_conversations": 0,
            "errors": nothing,
            "warnings": nothing,
            "findings_total": 0,
            "rules": [],
        }

    def test_a_file_whose_targets_are_all_cut_off_is_not_ready(self, workshop: Workshop) -> None:
        cut_off = an_enriched_file(*in_real_shape([("Why?", "Because it ends in the mid"), ("And?", "It goes on wi")]))

        report = report_of(workshop, *[cut_off] * 3)

        check = checks(report)["text_health"]
        assert (check["status"], check["figure"], check["unit"]) == ("fail", 6, "errors")
        assert "in 3 conversations, with 6 targets concerned: truncated_target" in check["hint"]
        assert "POST …/refresh: nothing else is left" in check["hint"]
        assert report["summary"]["status"] == "fail"
        assert all("3 of 3 rows (100 %)" in target["warnings"][0]["message"] for target in report["readiness"]["best"])

    def test_a_warning_is_no_failure_and_names_how_many_targets_it_concerns(self, workshop: Workshop) -> None:
        named = an_enriched_file(*in_real_shape([("Why?", "Ask ana@example.com."), ("And?", "Nothing more.")]))

        check = checks(report_of(workshop, named))["text_health"]

        assert (check["status"], check["figure"], check["unit"]) == ("warn", 1, "warnings")

    def test_scores_that_are_all_the_same_make_no_conversation_worth_leaving_out(self, workshop: Workshop) -> None:
        low = {"quality_score": 3, "human_reviewed": False}
        flat = an_enriched_file(*in_real_shape([("Why?", "Because."), ("And?", "So.")], training_metadata=low))

        check = checks(report_of(workshop, flat))["average_score"]

        assert (check["status"], "All scores are the same" in check["hint"]) == ("fail", True)


class TestObjects:
    def test_that_are_whole_are_valid(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 5)
        file = workshop.repository.training_files[file_id]

        objects = workshop.untroubled.report(file_id)["objects"]

        assert objects["checked"] == "all"
        assert (objects["json"]["valid"], objects["json"]["read_bytes"]) == (True, file.json_file_size)
        assert (objects["jsonl"]["valid"], objects["jsonl"]["read_bytes"]) == (True, file.jsonl_file_size)

    def test_without_any_line_are_valid(self, workshop: Workshop) -> None:
        report = report_of(workshop, an_enriched_file(a_pair(target_response=None)))

        assert (report["objects"]["jsonl"]["valid"], report["sample"]["pairs"]) == (True, [])

    @pytest.mark.parametrize("kind", ["json", "jsonl"])
    @pytest.mark.parametrize("limit", [None, 0], ids=["read completely", "read in samples"])
    @pytest.mark.parametrize(
        ("fault", "told"),
        [
            (lambda _: None, "missing"),
            (lambda content: content[:-1], "bytes instead of"),
            (lambda content: b"{" * len(content), "not valid JSON|begin|lines"),
        ],
        ids=["missing", "cut", "something else"],
    )
    def test_that_are_not_what_they_should_be_fail_their_check(
        self,
        workshop: Workshop,
        monkeypatch: pytest.MonkeyPatch,
        kind: str,
        limit: int | None,
        fault: Callable[[bytes], bytes | None],
        told: str,
    ) -> None:
        file_id = a_sample_file(workshop, 3)
        self.harm(workshop, file_id, kind, fault)
        if limit is not None:
            monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", limit)

        report = workshop.untroubled.report(file_id)

        assert report["objects"]["checked"] == ("all" if limit is None else "samples")
        assert report["objects"][kind]["valid"] is False
        assert any(word in report["objects"][kind]["problems"][0] for word in told.split("|"))
        assert statuses(report)[f"{kind}_valid"] == "fail"
        assert statuses(report)[{"json": "jsonl", "jsonl": "json"}[kind] + "_valid"] == "pass"

    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            (b'"target_response":"', b'"target_response":null,"":"', "no target"),
            (b'"conversation_id":"', b'"conversation_id":"#', "another conversation"),
            (b'"turn_number":', b'"turn_number";', "not valid JSON"),
        ],
    )
    def test_a_line_that_is_not_one_of_its_conversation_is_found(
        self, workshop: Workshop, was: bytes, becomes: bytes, told: str
    ) -> None:
        file_id = a_sample_file(workshop, 3)
        self.harm(workshop, file_id, "jsonl", lambda content: _of_same_size(content, was, becomes))

        jsonl = workshop.untroubled.report(file_id)["objects"]["jsonl"]

        assert jsonl["problem_count"] == 1
        assert told in jsonl["problems"][0]
        assert jsonl["null_targets"] == (1 if told == "no target" else 0)

    def test_a_json_of_other_conversations_is_found(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 3)
        place = str(workshop.repository.members[file_id][1].conversation_id).encode()
        self.harm(workshop, file_id, "json", lambda content: content.replace(place, place[::-1]))

        assert workshop.untroubled.report(file_id)["objects"]["json"]["problem_count"] == 1

    def test_of_a_large_file_the_ends_and_the_sample_are_read(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_id = a_sample_file(workshop, 40)
        whole = workshop.untroubled.report(file_id)
        monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", 1)

        report = workshop.untroubled.report(file_id)

        objects = report["objects"]
        assert (objects["checked"], objects["json"]["valid"], objects["jsonl"]["valid"]) == ("samples", True, True)
        assert 0 < objects["json"]["read_bytes"] < objects["json"]["bytes"]
        assert 0 < objects["jsonl"]["read_bytes"] < objects["jsonl"]["bytes"] / 3
        assert report["sample"] == whole["sample"]

    @staticmethod
    def harm(workshop: Workshop, file_id: UUID, kind: str, fault: Callable[[bytes], bytes | None]) -> None:
        file = workshop.repository.training_files[file_id]
        path = {"json": file.json_file_path, "jsonl": file.jsonl_file_path}[kind] or ""
        content = fault(workshop.training_files.objects.pop(path))
        if content is not None:
            workshop.training_files.objects[path] = content


class TestTheSample:
    def test_is_the_same_each_time_and_another_with_another_seed(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 40)
        samples = [workshop.untroubled.report(file_id, seed=seed)["sample"] for seed in (None, 1, 2)]

        assert samples[0] == samples[1]
        assert samples[0]["seed"] == 1
        assert samples[1]["pairs"] != samples[2]["pairs"]
        for sample in samples:
            assert len({pair["conversation_id"] for pair in sample["pairs"]}) == len(sample["pairs"]) == 8

    def test_shows_pairs_as_they_are_in_their_file(self, workshop: Workshop) -> None:
        sources = {each.conversation_id: each for each in sample_conversations(12, turns=8)}

        pairs = workshop.untroubled.report(a_sample_file(workshop, 12, turns=8))["sample"]["pairs"]

        for pair in pairs:
            source = sources[pair["conversation_id"]]
            [stated] = [each for each in source.enriched["training_pairs"] if each["turn_number"] == pair["turn"]]
            assert pair["target"] == {"content": stated["target_response"], "cut_characters": 0}
            assert [each["content"] for each in pair["messages"]] == [stated["current_user_input"]]
            assert pair["earlier_messages"] == len(stated["conversation_history"]) - 1
            assert pair["score"] == stated["training_metadata"]["quality_score"]
            assert pair["human_reviewed"] == stated["training_metadata"]["human_reviewed"]
            assert pair["persona"]["key"] == keys_of(source.row)["persona_key"]
            assert pair["persona"]["name"] == stated["conversation_metadata"]["client_persona"]

    def test_a_conversations_reviewed_score_is_the_one_that_is_shown(self, workshop: Workshop) -> None:
        [pair] = report_of(workshop, an_enriched_file(a_scored_pair(1, 2)), quality_score=4.5)["sample"]["pairs"]

        assert pair["score"] == 4.5

    def test_long_texts_are_cut(self, workshop: Workshop) -> None:
        [pair] = report_of(workshop, an_enriched_file(a_pair(target_response="word " * 2_000)))["sample"]["pairs"]

        assert (len(pair["target"]["content"]), pair["target"]["cut_characters"]) == (6_000, 4_000)


class TestSources:
    def test_are_as_they_were(self, workshop: Workshop) -> None:
        assert workshop.untroubled.report(one(workshop))["sources"] == {
            "changed": 0,
            "compared": 0,
            "not_checked": 0,
            "conversations": [],
        }

    def test_that_changed_or_went_are_named(self, workshop: Workshop) -> None:
        same, changed, missing, forgotten = ids = [workshop.a_conversation() for _ in range(4)]
        file_id = workshop.a_training_file(*ids)
        workshop.clock.advance(hours=1)
        workshop.replace_file_of(same, json.dumps(an_enriched_file()).encode())
        workshop.replace_file_of(changed, b"{}")
        workshop.break_file_of(missing)
        workshop.repository.forget_conversation(forgotten)

        sources = workshop.untroubled.report(file_id)["sources"]

        assert (sources["changed"], sources["compared"], sources["not_checked"]) == (3, 2, 0)
        assert {each["conversation_id"]: each["change"] for each in sources["conversations"]} == {
            str(changed): "changed",
            str(missing): "file_missing",
            str(forgotten): "row_gone",
        }

    def test_that_were_written_while_they_were_added_are_compared(self, workshop: Workshop) -> None:
        conversation_id = workshop.a_conversation()
        workshop.replace_file_of(conversation_id, json.dumps(an_enriched_file()).encode())
        workshop.clock.advance(minutes=10)
        file_id = workshop.a_training_file(conversation_id)

        assert workshop.untroubled.report(file_id)["sources"]["compared"] == 1

    @pytest.mark.parametrize("limit", ["SOURCES_COMPARED", "SOURCES_COMPARED_BYTES"])
    def test_no_more_are_read_than_can_be_waited_for(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, limit: str
    ) -> None:
        ids = [workshop.a_conversation() for _ in range(5)]
        file_id = workshop.a_training_file(*ids)
        workshop.clock.advance(hours=1)
        for conversation_id in ids:
            workshop.replace_file_of(conversation_id, b"{}")
        module, most = (reporting, 3) if limit == "SOURCES_COMPARED" else (source_reading, 6)
        monkeypatch.setattr(module, limit, most)

        sources = workshop.untroubled.report(file_id)["sources"]

        assert (sources["changed"], sources["compared"], sources["not_checked"]) == (3, 3, 2)


class TestOlderFiles:
    def test_what_was_added_before_there_was_an_analysis_is_counted_and_still_shown(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 10)
        members = workshop.repository.members[file_id]
        for place in (2, 7):
            members[place] = replace(members[place], figures=members[place].figures | {"analysis": None})

        report = workshop.untroubled.report(file_id)

        assert report["not_analysed"] == 2
        assert report["lengths"]["conversation"]["rows"]["count"] == 8
        assert sum(each["conversations"] for each in report["balance"]["personas"]["counts"]) == 10
        assert (report["objects"]["jsonl"]["valid"], len(report["sample"]["pairs"])) == (True, 8)

    def test_of_a_large_one_only_lines_that_can_be_found_are_read(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", 1)
        file_id = a_sample_file(workshop, 6)
        members = workshop.repository.members[file_id]
        members[3] = replace(members[3], figures=members[3].figures | {"analysis": None})

        report = workshop.untroubled.report(file_id)

        ids = [str(member.conversation_id) for member in members]
        assert {pair["conversation_id"] for pair in report["sample"]["pairs"]} == {*ids[:3], ids[-1]}
        assert report["objects"]["jsonl"]["valid"]


class TestTheUseCase:
    def test_reports_on_the_current_revision_only(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 3)
        workshop.add(workshop.untroubled, file_id, workshop.a_conversation())

        report = workshop.untroubled.report(file_id)

        assert (report["training_file"]["revision"], report["training_file"]["conversation_count"]) == (2, 4)
        assert report["sample"]["seed"] == 2
        assert report["objects"]["json"]["valid"]

    def test_is_not_there_for_someone_elses_file(self, workshop: Workshop) -> None:
        file_id = one(workshop)

        with pytest.raises(TrainingFileNotFoundError):
            workshop.untroubled.acting_for(uuid4()).report(file_id)

    def test_is_not_there_before_the_first_revision(self, workshop: Workshop) -> None:
        file_id = one(workshop)
        file = workshop.repository.training_files[file_id]
        workshop.repository.training_files[file_id] = file.model_copy(update={"revision": 0, "status": "processing"})

        with pytest.raises(TrainingFileProcessingError):
            workshop.untroubled.report(file_id)

    def test_these_are_its_steps(self, workshop: Workshop) -> None:
        workshop.service.report(one(workshop))

        assert list(dict.fromkeys(workshop.trouble.calls)) == STEPS

    @pytest.mark.parametrize("step", STEPS)
    def test_says_so_when_supabase_does_not_answer(self, workshop: Workshop, step: str) -> None:
        file_id = one(workshop)

        with pytest.raises(UpstreamUnavailableError, match=f"^{step} failed$"):
            replace(workshop, trouble=Trouble(step)).service.report(file_id)

    def test_changes_nothing(self, workshop: Workshop) -> None:
        file_id = a_sample_file(workshop, 3)
        before = hashlib.sha256(repr((workshop.repository.training_files, workshop.training_files.objects)).encode())

        workshop.untroubled.report(file_id)

        after = hashlib.sha256(repr((workshop.repository.training_files, workshop.training_files.objects)).encode())
        assert after.digest() == before.digest()


def _of_same_size(content: bytes, was: bytes, becomes: bytes) -> bytes:
    """The first line with something else in it, and as many bytes as before."""
    line, _, rest = content.partition(b"\n")
    changed = line.replace(was, becomes, 1)
    surplus = len(changed) - len(line)
    if surplus:
        place = changed.index(b'"system_prompt":"') + len(b'"system_prompt":"')
        changed = changed[:place] + changed[place + surplus :]
    return changed + b"\n" + rest


@pytest.mark.parametrize(
    ("conversations", "pairs", "rows"), [(0, 0, 1000), (1000, 12_000, 1000), (1000, 100_000, 524), (10, 20_000, 27)]
)
def test_rows_are_read_in_pages_that_memory_has_room_for(conversations: int, pairs: int, rows: int) -> None:
    training_file = a_training_file(conversation_count=conversations, total_training_pairs=pairs)

    assert reporting.rows_at_once(training_file) == rows
