"""Readiness: the published limits of each target, at their very borders."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tests.support.exchanges import CONVERSATION_ID, a_dialogue, in_real_shape, in_simple_shape, models
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, analysis_of
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import RowFacts, facts_of
from training_files.domain.exports.rows import EXPORT_FORMATS, line
from training_files.domain.exports.splits import Split
from training_files.domain.exports.target import SplitLimit
from training_files.domain.exports.targets import TARGET_NAMES, TARGETS, TargetName
from training_files.domain.tokens.estimate import Tokens, tokens_in

MEGABYTE = 1024 * 1024
FACTS = RowFacts(
    conversation_id=CONVERSATION_ID,
    turn=2,
    split="train",
    characters=400,
    bytes=500,
    messages=2,
    has_system=True,
    marks=frozenset(),
    tokens=Tokens.same(100),
)
Answer = dict[str, Any]


def readiness(
    target: TargetName,
    rows: list[RowFacts],
    export_format: ExportFormat | None = None,
    granularity: Granularity = "conversation",
    file_bytes: dict[Split, int] | None = None,
) -> Answer:
    tally = ReadinessTally(export_format, granularity)
    for facts in rows:
        tally.add(facts)
    [answer] = [one for one in tally.readiness(file_bytes or {"train": 0}) if one["target"] == target]
    return answer


def rules(answer: Answer) -> dict[str, list[str]]:
    return {key: [entry["rule"] for entry in answer[key]] for key in ("broken", "warnings")}


def rows(train: int, validation: int = 0, **changes: Any) -> list[RowFacts]:
    facts = replace(FACTS, **changes)
    return [facts] * train + [replace(facts, split="validation")] * validation


# The numbers are stated again here, apart from the table that they test.
SPLIT_LIMITS = [
    ("openai", "min_train_rows", 10),
    ("openai", "max_file_bytes", 512 * MEGABYTE),
    ("trl", "min_train_rows", 1),
    ("axolotl", "min_train_rows", 1),
    ("unsloth", "min_train_rows", 1),
    ("llama_factory", "min_train_rows", 1),
    ("mlx_lm", "min_train_rows", 1),
    ("mlx_lm", "min_validation_rows", 1),
    ("together", "min_train_rows", 1),
    ("fireworks", "min_train_rows", 3),
    ("fireworks", "max_train_rows", 3_000_000),
    ("fireworks", "max_file_bytes", 150 * MEGABYTE),
    ("bedrock_nova", "min_train_rows", 8),
    ("bedrock_nova", "max_train_rows", 20_000),
    ("bedrock_llama", "max_train_rows", 10_000),
    ("bedrock_llama", "max_validation_rows", 1_000),
    ("bedrock_claude", "min_train_rows", 32),
    ("bedrock_claude", "max_train_rows", 10_000),
    ("jumpstart", "min_train_rows", 1),
    ("together", "max_file_bytes", 53_794_465_382),
    ("gemini", "min_train_rows", 1),
    ("gemini", "max_train_rows", 10_000_000),
    ("gemini", "max_validation_rows", 5_000),
    ("gemini", "max_file_bytes", 1024 * MEGABYTE),
    ("tinker", "min_train_rows", 1),
    ("azure_openai", "min_train_rows", 10),
    ("azure_openai", "max_file_bytes", 512 * MEGABYTE - 1),
    ("mistral", "min_train_rows", 1),
    ("mistral", "max_file_bytes", 512 * MEGABYTE),
]


@pytest.mark.parametrize(("target", "rule", "border"), SPLIT_LIMITS)
def test_a_file_keeps_to_a_limit_at_its_border_and_breaks_it_beyond(target: TargetName, rule: str, border: int) -> None:
    found = [one for one in TARGETS[target].limits if isinstance(one, SplitLimit) and one.rule == rule]
    beyond = border - 1 if rule.startswith("min") else border + 1

    assert not found[0].broken_by(border)
    assert found[0].broken_by(beyond)


@pytest.mark.parametrize(
    ("target", "fewest"),
    [
        ("openai", 10),
        ("azure_openai", 10),
        ("mistral", 1),
        ("gemini", 1),
        ("tinker", 1),
        ("fireworks", 3),
        ("bedrock_nova", 8),
        ("bedrock_claude", 32),
        ("together", 1),
        ("trl", 1),
    ],
)
def test_a_target_is_ready_from_its_fewest_training_rows_on(target: TargetName, fewest: int) -> None:
    too_few = readiness(target, rows(fewest - 1, validation=fewest))

    assert readiness(target, rows(fewest))["ready"]
    assert not too_few["ready"]
    assert too_few["broken"] == [
        {
            "rule": "min_train_rows",
            "limit": fewest,
            "unit": "rows",
            "count": fewest - 1,
            "places": [],
            "source": TARGETS[target].limits[0].source,
            "message": f"train has {fewest - 1} rows; at least {fewest}. Add conversations.",
        }
    ]


def test_the_size_of_each_file_counts_by_itself() -> None:
    border = 512 * MEGABYTE

    assert readiness("openai", rows(10), file_bytes={"train": border, "validation": border})["ready"]
    beyond = readiness("openai", rows(10), file_bytes={"train": border, "validation": border + 1})
    assert rules(beyond)["broken"] == ["max_file_bytes"]


def test_a_large_file_takes_another_way_to_fireworks_and_is_not_refused() -> None:
    answer = readiness("fireworks", rows(3), file_bytes={"train": 150 * MEGABYTE + 1})

    assert answer["ready"]
    assert rules(answer)["warnings"] == ["max_file_bytes"]


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        (100, 1_000, None),
        (3_334, 1_001, "validation has 1,001 rows; at most 1,000, 30 % of train. Ask for a smaller validation share."),
        (3_337, 1_001, None),
        (4_000, 1_201, "validation has 1,201 rows; at most 1,200, 30 % of train. Ask for a smaller validation share."),
        (4_000, 1_200, None),
    ],
)
def test_gemini_takes_a_large_validation_set_only_beside_a_larger_training_set(
    train: int, validation: int, message: str | None
) -> None:
    answer = readiness("gemini", rows(train, validation))

    assert [entry["message"] for entry in answer["broken"]] == ([message] if message else [])


def test_a_service_that_is_closing_says_so_and_from_when_whatever_the_files_are() -> None:
    closing = {name: readiness(name, rows(500, validation=500)).get("closing") for name in TARGET_NAMES}
    named = {name: found["closed_from"] for name, found in closing.items() if found}

    assert named == {"mistral": None, "openai": "2027-01-06", "bedrock_claude": "2026-03-10"}
    for day in ("2026-05-07", "2026-07-02", "2027-01-06"):
        assert day in closing["openai"]["message"]
    assert "2026-09-10" in closing["bedrock_claude"]["message"]
    assert readiness("openai", rows(10))["ready"]


def test_the_models_of_bedrock_are_named_with_the_days_on_which_they_end() -> None:
    nova, llama, claude = (
        {model["id"]: model["ends"] for model in readiness(name, rows(1))["models"]}
        for name in ("bedrock_nova", "bedrock_llama", "bedrock_claude")
    )

    assert next(iter(nova)) == "amazon.nova-2-lite-v1:0:256k"
    assert set(nova.values()) == {None}
    assert llama["meta.llama3-3-70b-instruct-v1:0:128k"] is None
    assert llama["meta.llama3-2-3b-instruct-v1:0:128k"] == "2026-07-07"
    assert list(claude.values()) == ["2026-09-10"]


def test_every_target_says_when_it_was_checked_and_against_what() -> None:
    for name, target in TARGETS.items():
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", target.checked)
        assert "https://" in target.documentation
        assert readiness(name, rows(1))["checked"] == target.checked


def test_what_stays_comes_first() -> None:
    closing = [name for name, target in TARGETS.items() if target.closing]

    assert list(TARGETS)[:5] == ["trl", "axolotl", "llama_factory", "mlx_lm", "unsloth"]
    assert closing == list(TARGETS)[-len(closing) :]


def test_mlx_lm_should_have_a_validation_set_and_one_that_fills_its_usual_batches() -> None:
    without = readiness("mlx_lm", rows(4))

    assert without["ready"]
    assert rules(without) == {"broken": [], "warnings": ["min_validation_rows", "min_validation_rows"]}
    assert rules(readiness("mlx_lm", rows(4, validation=3))) == {"broken": [], "warnings": ["min_validation_rows"]}
    assert rules(readiness("mlx_lm", rows(4, validation=4))) == {"broken": [], "warnings": []}


TOKEN_LIMITS = [
    ("bedrock_llama", 16_000, "broken"),
    ("bedrock_claude", 32_000, "broken"),
    ("trl", 1_024, "warnings"),
    ("axolotl", 2_048, "warnings"),
    ("unsloth", 2_048, "warnings"),
    ("llama_factory", 2_048, "warnings"),
    ("mlx_lm", 2_048, "warnings"),
    ("openai", 65_536, "warnings"),
    ("gemini", 131_072, "broken"),
    ("tinker", 32_768, "warnings"),
]


@pytest.mark.parametrize(("target", "tokens", "key"), TOKEN_LIMITS)
def test_a_row_that_is_too_long_is_named_and_one_at_the_border_is_not(
    target: TargetName, tokens: int, key: str
) -> None:
    enough = rows(130, validation=50)
    too_long = replace(FACTS, tokens=Tokens.same(tokens + 1), turn=6, split="validation")
    at_border = readiness(target, [*enough, replace(FACTS, tokens=Tokens.same(tokens))])
    [entry] = readiness(target, [*enough, too_long])[key]

    assert at_border[key] == []
    assert (entry["limit"], entry["unit"], entry["count"]) == (tokens, "tokens", 1)
    assert entry["places"] == [{"conversation_id": CONVERSATION_ID, "turn": 6, "split": "validation"}]


def marks_in(*texts: str, system: str | None = None) -> frozenset[str]:
    exchanges = list(zip(texts[::2], texts[1::2], strict=True))
    dialogue = a_dialogue(*exchanges, system=system)
    return facts_of(dialogue, split="train", line_bytes=1).marks


@pytest.mark.parametrize("text", ["User:", "Bot:", "Assistant:", "System:", "[EOS]", "<image>", "<video>"])
@pytest.mark.parametrize("place", ["user", "target", "system"])
def test_what_nova_reserves_is_found_in_any_text(text: str, place: str) -> None:
    said = {"user": "Hello.", "target": "Welcome.", "system": "Be kind."} | {place: f"so {text} it says"}
    marks = marks_in(said["user"], said["target"], system=said["system"])

    assert text in marks
    assert rules(readiness("bedrock_nova", rows(200, marks=marks))) == {"broken": ["forbidden_text"], "warnings": []}


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (("User:",), '"User:" stands in 1 row. Reword'),
        (("User:", "Bot:"), '"Bot:" and "User:" stand in 1 row. Reword'),
    ],
)
def test_a_reserved_word_is_named_with_the_turn_in_which_it_stands(marks: tuple[str, ...], said: str) -> None:
    turns = {"User:": 3, "Bot:": 5}
    facts = replace(FACTS, turn=8, marks=frozenset(marks), turns_of_marks=tuple((mark, turns[mark]) for mark in marks))

    [entry] = readiness("bedrock_nova", [*rows(200), facts])["broken"]

    assert entry["message"].startswith(said)
    assert [(place["turn"], place["text"]) for place in entry["places"]] == [(turns[mark], mark) for mark in marks]


def test_of_several_rows_the_first_places_are_named_and_all_rows_counted() -> None:
    facts = replace(FACTS, turn=8, marks=frozenset({"[EOS]"}))
    others = [replace(facts, conversation_id=f"c{number}") for number in range(100)]

    [entry] = readiness("bedrock_nova", others * 2)["broken"]

    assert entry["message"].startswith('"[EOS]" stands in 200 rows.')
    # What an older version kept has no turn but that of its row.
    assert [(place["turn"], place["text"]) for place in entry["places"]] == [(8, "[EOS]")] * 5
    assert len({place["conversation_id"] for place in entry["places"]}) == 5


def test_words_that_count_only_somewhere_or_in_any_case_are_named_so() -> None:
    def message(target: TargetName, mark: str, key: str) -> str:
        [entry] = readiness(target, rows(200, marks=frozenset({mark})))[key]
        said: str = entry["message"]
        return said

    assert message("bedrock_nova", "bot:", "warnings").startswith('"bot:" in any case stands in 200 rows.')
    claude = message("bedrock_claude", "\nHuman:", "broken")
    assert claude.startswith('"Human:" at the beginning of a line stands in 200 rows.')


def test_rows_over_a_limit_are_counted_in_words_that_agree() -> None:
    too_long = replace(FACTS, tokens=Tokens.same(10_000_000))

    one, two = (readiness("bedrock_claude", [*rows(40), *[too_long] * count])["broken"][0] for count in (1, 2))

    assert one["message"].startswith("1 row is over the limit. ")
    assert two["message"].startswith("2 rows are over the limit. ")


@pytest.mark.parametrize("shape", [in_real_shape, in_simple_shape])
@pytest.mark.parametrize("granularity", ["conversation", "turn"])
def test_a_mark_stands_in_the_turn_in_which_it_is_said_first(
    shape: Callable[..., list[Any]], granularity: Granularity
) -> None:
    pairs = models(shape([("Hello.", "Welcome."), ("so User: it says", "It says [EOS] here."), ("And?", "Yes.")]))
    expected = {"User:": 3, "[EOS]": 4} if shape is in_real_shape else {"User:": 2, "[EOS]": 2}

    analysis = analysis_of(CONVERSATION_ID, pairs, row_score=None, jsonl_size=1)
    kept = ConversationAnalysis.from_json(CONVERSATION_ID, orjson.loads(orjson.dumps(analysis.as_json())))

    assert kept == analysis
    assert {row.turns_of_marks for row in kept.rows[granularity] if row.marks} == {tuple(expected.items())}


def test_marks_of_an_older_version_have_no_turn() -> None:
    pairs = models(in_simple_shape([("User: hi", "Yes.")]))
    value = analysis_of(CONVERSATION_ID, pairs, row_score=None, jsonl_size=1).as_json()
    for rows_of_one in value["rows"].values():
        rows_of_one[0][5] = ["User:"]

    [row] = ConversationAnalysis.from_json(CONVERSATION_ID, value).rows["turn"]

    assert (row.marks, row.turns_of_marks, row.turn_of("User:")) == ({"User:"}, (), row.turn)


@pytest.mark.parametrize("text", ["the user: me", "SYSTEM: x", "bot:", "my assistant: she", "<unk>", "<UNK>"])
def test_what_only_novas_validator_refuses_is_a_warning(text: str) -> None:
    marks = marks_in("Hello.", text)

    assert rules(readiness("bedrock_nova", rows(200, marks=marks))) == {"broken": [], "warnings": ["suspicious_text"]}


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("He said\nHuman: no", True),
        ("He said\n\nAssistant: no", True),
        ("He said\n Human: no", False),
        ("Human: no", False),
        ("the Assistant: no", False),
    ],
)
def test_claude_takes_no_line_that_begins_with_a_speaker(text: str, breaks: bool) -> None:  # noqa: FBT001
    answer = readiness("bedrock_claude", rows(32, marks=marks_in(text, "Welcome.")))

    assert answer["ready"] is not breaks


def test_plain_text_with_colons_and_brackets_has_no_marks() -> None:
    assert marks_in("At 10:30: is 3 < 4 [sic]?", "Yes: always, userland: too. I use: this") == frozenset()


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_a_target_that_does_not_read_a_format_says_so_and_recommends_one(export_format: ExportFormat) -> None:
    for name in TARGET_NAMES:
        answer = readiness(name, rows(500, validation=500), export_format)
        expected = [] if export_format in TARGETS[name].reads else ["format"]

        assert rules(answer)["broken"] == expected
        assert answer["format"] == export_format
        assert answer.get("recommended_format", export_format) == TARGETS[name].whole


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
def test_without_a_format_each_target_is_judged_in_the_one_that_suits_it_best(granularity: Granularity) -> None:
    for name in TARGET_NAMES:
        answer = readiness(name, rows(500, validation=500), granularity=granularity)

        assert answer["ready"]
        assert answer["format"] == TARGETS[name].best(granularity)
        assert "recommended_format" not in answer


def test_rows_that_would_train_on_earlier_answers_again_are_warned_of() -> None:
    turn_by_turn = [readiness("openai", rows(10), one, "turn") for one in ("messages", "messages_weight")]

    assert [rules(answer)["warnings"] for answer in turn_by_turn] == [["repeated_targets"], []]
    assert turn_by_turn[0]["recommended_format"] == "messages_weight"


def test_completions_of_whole_conversations_train_on_the_last_answer_only_which_is_warned_of() -> None:
    assert rules(readiness("trl", rows(1), "prompt_completion"))["warnings"] == ["last_target_only"]
    assert rules(readiness("trl", rows(1), "prompt_completion", "turn"))["warnings"] == []


def test_sharegpt_takes_an_even_number_of_messages() -> None:
    odd = rows(1, messages=3)

    assert rules(readiness("llama_factory", odd, "sharegpt"))["broken"] == ["odd_messages"]
    assert rules(readiness("llama_factory", odd, "messages"))["broken"] == []


def test_all_places_are_counted_and_the_first_five_are_shown() -> None:
    answer = readiness("bedrock_llama", [replace(FACTS, tokens=Tokens.same(17_500), turn=turn) for turn in range(9)])
    [entry] = answer["broken"]

    assert entry["count"] == 9
    assert [place["turn"] for place in entry["places"]] == [0, 1, 2, 3, 4]


def test_a_limit_of_one_model_names_it() -> None:
    answers = ReadinessTally("bedrock", "conversation").readiness({"train": 0})
    [nova] = [answer for answer in answers if answer["target"] == "bedrock_nova"]

    assert [entry["message"] for entry in nova["warnings"]] == [
        "For Nova 2 Lite: train has 0 rows; at least 200. Add conversations."
    ]


@pytest.mark.parametrize(("asked", "advice"), [((), "Ask for a validation share"), (("validation",), "a larger one")])
def test_a_share_that_came_out_empty_is_not_asked_for_again(asked: tuple[Split, ...], advice: str) -> None:
    tally = ReadinessTally("messages", "conversation", asked)

    messages = [
        entry["message"]
        for answer in tally.readiness({"train": 0})
        if answer["target"] == "mlx_lm"
        for entry in answer["warnings"]
        if entry["rule"] == "min_validation_rows"
    ]

    assert advice in messages[0]


def test_every_target_answers_in_the_order_of_the_table() -> None:
    found = ReadinessTally("messages", "conversation").readiness({"train": 0})

    assert [answer["target"] for answer in found] == list(TARGET_NAMES) == list(TARGETS)
    assert not any(answer["ready"] for answer in found)


def test_the_facts_of_a_row_are_those_of_its_texts_and_its_line() -> None:
    dialogue = a_dialogue(("Où?", "Là."), ("Ah.", "Oui."), system="Sois bref.")
    written = line(dialogue, "messages")
    facts = facts_of(dialogue, split="test", line_bytes=len(written))

    assert facts == RowFacts(
        conversation_id=CONVERSATION_ID,
        turn=4,
        split="test",
        characters=len("Où?Là.Ah.Oui.Sois bref."),
        bytes=len(written),
        messages=4,
        has_system=True,
        marks=frozenset(),
        tokens=Tokens.total([*map(tokens_in, ("Sois bref.", "Où?", "Là.", "Ah.", "Oui.")), Tokens.same(5 * 5)]),
    )


def test_a_limit_counts_the_tokens_of_the_models_that_it_is_about() -> None:
    tokens = Tokens(o200k=1_000, cl100k=1_000, llama3=16_001, qwen=1_000, qwen3_5=1_000, tekken=1_000)
    of_others = tokens._replace(llama3=16_000, qwen=20_000)

    assert "max_row_tokens" in rules(readiness("bedrock_llama", rows(1, tokens=tokens)))["broken"]
    assert "max_row_tokens" not in rules(readiness("bedrock_llama", rows(1, tokens=of_others)))["broken"]
    assert "rows_cut_by_default" in rules(readiness("trl", rows(1, tokens=tokens)))["warnings"]
