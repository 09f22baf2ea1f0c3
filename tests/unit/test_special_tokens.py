"""Control tokens of chat templates are found wherever they stand, and nothing that only looks like one."""

import pytest

from training_files.domain.health.special_tokens import special_tokens_in

TOKENS = [
    *("<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|begin_of_text|>", "<|end_of_text|>", "<|eot|>"),
    *("<|start_header_id|>", "<|end_header_id|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<|channel|>"),
    *(
        "<|fim_middle|>",
        "<|reserved_special_token_17|>",
        "<\uff5cUser\uff5c>",
        "<\uff5cend\u2581of\u2581sentence\uff5c>",
    ),
    *("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
    *("[TOOL_CALLS]", "[/AVAILABLE_TOOLS]", "[SYSTEM_PROMPT]"),
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["Save {} first.", "{}", "`{}`", "```\n{}\n```"])
def test_a_control_token_is_found_at_its_place(token: str, around: str) -> None:
    text = around.format(token)

    [(offset, message)] = special_tokens_in(text)

    assert offset == text.index(token)
    assert token not in message


def test_the_first_of_several_is_found() -> None:
    assert [offset for offset, _ in special_tokens_in("A </s> and <|im_end|> [INST]")] == [2]
    assert [offset for offset, _ in special_tokens_in("A <|im_end|> and </s>")] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "It was <s>20</s> 15 dollars.",
        'It was <s class="old">20</s> 15 dollars.',
        "f <| g |> h, and a <|> b, and <|name|>.",
        "<b>Save</b> first, <em>then</em> wait.</p>",
        "[INSTALL] and [Inst] and INST and <SYS>.",
        "a << SYS >> b",
        "end_of_turn, im_end, <start>, <end>, <user>",
        "",
    ],
)
def test_other_marks_are_no_control_tokens(text: str) -> None:
    assert list(special_tokens_in(text)) == []
