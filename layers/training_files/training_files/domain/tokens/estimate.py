"""How many tokens a text has, by estimate, for the families of tokenizers that today's models use.

A tokenizer's vocabulary has megabytes. Here words are counted by length and language, and digits, punctuation, line
ends and the characters of other scripts; each has a weight for each family, which was fitted on real tokenizers.
"""

from collections.abc import Iterable
from math import ceil
from typing import Literal, NamedTuple, Self, get_args

from training_files.domain.tokens.features import features_of
from training_files.domain.tokens.weights import WEIGHTS

Family = Literal["o200k", "cl100k", "llama3", "qwen", "qwen3_5", "tekken"]
FAMILIES: tuple[Family, ...] = get_args(Family)


class Tokens(NamedTuple):
    """Of a text or a row, by family of tokenizers."""

    o200k: int = 0
    """GPT-4o, GPT-4.1 and gpt-oss."""
    cl100k: int = 0
    """GPT-3.5 and GPT-4."""
    llama3: int = 0
    """Llama 3, 3.1, 3.2 and 3.3."""
    qwen: int = 0
    """Qwen 2, 2.5 and 3."""
    qwen3_5: int = 0
    """Qwen 3.5 and 3.6."""
    tekken: int = 0
    """Mistral NeMo, Ministral, Mistral Small 3 and later ones."""

    @property
    def most(self) -> int:
        """For a model that nobody named. Those of cl100k are old, and it needs half as much again for some scripts."""
        return max(self.o200k, self.llama3, self.qwen, self.qwen3_5, self.tekken)

    def of(self, family: Family | None) -> int:
        """None is a model that nobody named."""
        count: int = self.most if family is None else getattr(self, family)
        return count

    @classmethod
    def same(cls, count: int) -> Self:
        return cls(*[count] * len(FAMILIES))

    @classmethod
    def total(cls, parts: Iterable[Self]) -> Self:
        return cls(*map(sum, zip(cls(), *parts, strict=True)))


def tokens_in(text: str) -> Tokens:
    """Of a text alone, without what a chat template puts around it. It takes time in proportion to the text."""
    weighed = [0.0] * len(Tokens._fields)
    for feature, count in features_of(text).items():
        for place, weight in enumerate(WEIGHTS[feature]):
            weighed[place] += count * weight
    return Tokens(*(max(0, ceil(tokens)) for tokens in weighed))
