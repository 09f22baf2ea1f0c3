"""A tag of a model's thinking is told from a text about such tags, and from code."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.thinking import thinking_tags_in

LEFT = {
    "think": ("<think>The user is afraid.</think>\n\nThank you for telling me.", 0),
    "thinking": ("<thinking>\nShe is afraid.\n</thinking>\n\nThank you.", 0),
    "end alone": ("She is afraid.</think>\n\nThank you.", 14),
    "reasoning": ("<reasoning>She is afraid.</reasoning> Thank you.", 0),
    "scratchpad": ("<scratchpad>150 * 12 = 1800</scratchpad> You save $1,800.", 0),
    "reflection": ("You save $1,800. <reflection>Was that right?</reflection>", 17),
    "thought": ("<thought>Short answer.</thought>Yes.", 0),
    "inner monologue": ("<inner_monologue>Short.</inner_monologue>Yes.", 0),
    "capitals": ("<THINKING>Short.</THINKING>Yes.", 0),
    "attribute": ('<thinking mode="short">Yes.</thinking>Yes.', 0),
    "sentence that begins with a verb": ("<think> is she afraid? </think>Yes.", 0),
    "empty": ("<think></think>Yes.", 0),
    "empty element": ("<think/>Yes.", 0),
    "in square brackets": ("[THINK]Short.[/THINK]Yes.", 0),
    "between triangles": ("\u25c1think\u25b7Short.\u25c1/think\u25b7Yes.", 0),
    "behind code": ("`ls` lists.\n</thinking>\nYes.", 12),
}
MEANT = {
    "sentences": "I think that thinking it over is wise.",
    "in code": "```xml\n<thinking>a</thinking>\n```\nThat is all.",
    "in code in the line": "It writes `<think>` first.",
    "said to be a tag": "It puts its steps into <think> tags.",
    "two that are said to be tags": "It puts them between <think> and </think> tags.",
    "said to be no tag": "<reflection> is not an HTML tag.",
    "said to be no HTML": "<think> isn't HTML.",
    "said to be tags": "<think> and <reasoning> are known tags.",
    "called a tag": "Look for the tag <reasoning> in it.",
    "in quotes": 'It begins with "<think>" and goes on.',
    "other tags": "<b>Think</b> of <i>it</i>, <thinker> and <rethink>.",
    "comparison": "So a < think > b is not HTML.",
    "heading": "## Thinking\n\nReasoning: it pays.",
    "in brackets": "[thinks] Well. [Think about it] Yes.",
    "link": "[think](https://example.com/think)",
    "emoticon": "I <3 thinking. :>",
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", LEFT)
def test_a_tag_that_was_left_is_found_at_its_place(name: str) -> None:
    text, offset = LEFT[name]

    assert next(thinking_tags_in(text))[0] == offset


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_to_be_there_is_left_alone(name: str) -> None:
    assert list(thinking_tags_in(MEANT[name])) == []


@pytest.mark.parametrize("unit", ["<think", "<think ", "<think>", "</", '"<think>', "[THINK]"])
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(thinking_tags_in(text))
