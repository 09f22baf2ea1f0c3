"""Whatever JSON a training pair holds comes out value for value, and number spelling for number spelling."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.domain import Written, a_conversation, written

# The same examples at every run: a failure here is a failure everywhere.
quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)

PLACE = "HERE"
ODD_NUMBERS = ["1.50", "1E5", "-0", "-0.0", "1e-7", str(2**70), str(-(2**63) - 1), "0.1234567890123456789", "1.0"]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
digits = st.integers(0, 10**25).map(str)
spelled_numbers = st.one_of(
    st.sampled_from(ODD_NUMBERS),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), digits, digits),
    st.builds("{}{}{}".format, digits, st.sampled_from(["e", "E+", "E-"]), st.integers(0, 99)),
)
plain_numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-1000, 1000).map(lambda n: n / 8))


def json_texts(scalars: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """JSON as it may stand in a file: lists and objects of `scalars`, strings, booleans and null."""
    leaves = st.one_of(scalars, texts.map(lambda text: json.dumps(text, ensure_ascii=False)), st.just("null"))
    return st.recursive(
        leaves | st.sampled_from(["true", "false"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
            st.dictionaries(texts, inner, max_size=3).map(_object),
        ),
        max_leaves=8,
    )


def _object(values: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(key)}: {value}" for key, value in values.items()) + "}"


def spelled(text: str | bytes) -> Any:
    """JSON with its numbers as they are written and its keys as they are ordered."""
    as_text = {"parse_int": "the number {}".format, "parse_float": "the number {}".format}
    return json.loads(text, object_pairs_hook=list, **as_text)


def file_with(value: str) -> Written:
    """A file of one pair that holds `value` in a field of the JSONL and in one that nobody knows."""
    enriched = an_enriched_file(a_pair(emotional_context={"any": PLACE}, added_later=PLACE))
    return written([(a_conversation(), json.dumps(enriched).replace(f'"{PLACE}"', value).encode())])


def in_json(file: Written, key: str) -> Any:
    conversations = dict(spelled(file.json))["conversations"]
    return dict(dict(conversations[0])["training_pairs"][0])[key]


@quick
@given(json_texts(spelled_numbers))
def test_a_value_comes_out_as_it_was_written(value: str) -> None:
    file = file_with(value)

    assert in_json(file, "added_later") == spelled(value)
    assert in_json(file, "emotional_context") == [("any", spelled(value))]
    assert dict(spelled(file.jsonl))["emotional_context"] == [("any", spelled(value))]


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_a_number_keeps_its_spelling(number: str) -> None:
    file = file_with(number)

    assert f'"added_later": {number}\n'.encode() in file.json
    assert f'"emotional_context":{{"any":{number}}}'.encode() in file.jsonl


@quick
@given(json_texts(plain_numbers.map(json.dumps)))
@example('{"": {}, "a": [], "b": [[]], "c": [{}]}')
def test_the_json_is_laid_out_as_by_the_standard_library(value: str) -> None:
    file = file_with(value)

    assert file.json.decode() == json.dumps(json.loads(file.json), indent=2, ensure_ascii=False)


@quick
@given(texts)
@example("é → 🙂 \u2028\u2029\x85\x7f")
@example('\x00\x1f\n\r\t"\\/')
def test_text_is_written_as_itself_but_for_what_could_end_a_line_of_the_jsonl(text: str) -> None:
    file = file_with(json.dumps(text))
    as_itself = json.dumps(text, ensure_ascii=False)
    in_a_line = re.sub("[\u2028\u2029\x85]", lambda separator: f"\\u{ord(separator[0]):04x}", as_itself)

    assert b'"added_later": ' + as_itself.encode() + b"\n" in file.json
    assert b'"any":' + in_a_line.encode() in file.jsonl


@quick
@given(texts)
@example("One\u2028two\u2029three\x85four, \\\u2028\\\\\x85 and \x0b\x0c\x1c\x1d\x1e.")
def test_whatever_a_text_holds_each_reader_of_lines_sees_one_line(text: str) -> None:
    lines = file_with(json.dumps(text)).jsonl.decode().splitlines()

    assert [json.loads(line)["emotional_context"]["any"] for line in lines] == [text]


@quick
@given(st.lists(st.one_of(st.none(), texts), min_size=1, max_size=6))
def test_the_jsonl_has_one_line_for_each_trainable_pair(targets: list[str | None]) -> None:
    pairs: list[Json] = [a_pair(turn, target_response=target) for turn, target in enumerate(targets)]
    lines = written([(a_conversation(), an_enriched_file(*pairs))]).jsonl.split(b"\n")

    assert lines.pop() == b""
    assert [json.loads(line)["target_response"] for line in lines] == [target for target in targets if target]
