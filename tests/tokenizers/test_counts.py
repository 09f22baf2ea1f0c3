"""What is recorded of real tokenizers is what they count, and common words are one token in each."""

import pytest

from tests.support.counted_texts import COUNTS, texts
from tests.tokenizers.vocabularies import count
from training_files.domain.tokens.common_words import COMMON_WORDS
from training_files.domain.tokens.estimate import FAMILIES, Family, tokens_in

# Code with nothing but names that nobody knows, and tables of numbers, are off by more; these are what people ask for.
OTHER_TEXTS = {
    "a list of figures": "\n".join(
        f"- Month {month}: {month * 137}.{month:02d} EUR, {month} % of it saved" for month in range(1, 40)
    ),
    "a table": "\n".join(f"| item {row} | {row * 12:,} | yes | 2025-03-{row:02d} |" for row in range(1, 32)),
    "a configuration": "\n".join(
        f"service_{row}:\n  enabled: true\n  timeout_seconds: {row * 5}" for row in range(1, 30)
    ),
}


@pytest.mark.parametrize("tokenizer", FAMILIES)
@pytest.mark.parametrize("language", COUNTS)
def test_what_is_recorded_is_what_is_counted(language: str, tokenizer: Family) -> None:
    assert [count(tokenizer, text) for text in texts(language)] == COUNTS[language][tokenizer]


@pytest.mark.parametrize("tokenizer", FAMILIES)
def test_common_words_are_one_token_behind_a_space(tokenizer: Family) -> None:
    assert [word for word in COMMON_WORDS.split() if count(tokenizer, f" {word}") != 1] == []


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_figures_and_settings_are_not_far_off_either(name: str) -> None:
    text = OTHER_TEXTS[name]

    for family in FAMILIES:
        assert 0.85 < tokens_in(text).of(family) / count(family, text) < 1.35, family
