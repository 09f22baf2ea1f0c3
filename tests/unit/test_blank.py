"""What nobody sees is blank, and everything else is not."""

import unicodedata

import pytest

from training_files.domain.text import INVISIBLE_AT_END, is_blank, without_invisible_end


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "\u00a0",
        "\u200b",
        "\u2800",
        "\u3164",
        "\ufeff",
        "\u00ad",
        "\u2060",
        "\u115f\u1160",
        "\U000e0061",
    ],
)
def test_what_nobody_sees_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", " \u200b.", "\u0301", "한", "⠁", "😀", "\u0600", "\ufffd", "\u200ba"])
def test_what_anybody_sees_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_no_letter_of_a_script_but_the_fillers_of_korean_is_blank() -> None:
    letters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] in "LN"]

    assert "".join(filter(is_blank, letters)) == "\u115f\u1160\u3164\uffa0"


def test_the_end_of_a_text_is_its_last_character_that_is_seen() -> None:
    assert without_invisible_end("One\u200b two.\u200f \n\ufeff") == "One\u200b two."
    assert without_invisible_end("\u200b") == ""


def test_white_space_is_what_python_says_it_is() -> None:
    assert [chr(code) for code in range(0x110000) if chr(code).isspace() and chr(code) not in INVISIBLE_AT_END] == []
