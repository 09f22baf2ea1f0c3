"""What is published of a trainer or a service: what it reads, its limits, its models, and whether it is closing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.row_facts import RowFacts
from training_files.domain.exports.splits import Split
from training_files.domain.tokens.estimate import Family

Unit = Literal["rows", "bytes", "tokens", "texts", "messages", "percent"]

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Limit:
    """A published limit. `breaks`: beyond it the target refuses the file; otherwise something is lost or unwise."""

    rule: str
    limit: int
    unit: Unit
    source: str
    advice: str
    breaks: bool = True
    only_format: ExportFormat | None = None


@dataclass(frozen=True, slots=True)
class SplitLimit(Limit):
    """On the number of rows, or the bytes, of the file of a split; of every split where none is named.

    `model` is the one of the target's that it is about, where it is not about all. `advice_where_asked` is for a split
    that was asked for and got nothing.
    """

    split: Split | None = None
    at_least: bool = False
    model: str | None = None
    advice_where_asked: str | None = None

    def broken_by(self, amount: int) -> bool:
        return amount < self.limit if self.at_least else amount > self.limit


@dataclass(frozen=True, slots=True)
class ShareLimit(Limit):
    """On the rows for validation, in percent of those for training, where there are more than `from_rows`."""

    from_rows: int = field(kw_only=True)

    def broken_by(self, validation: int, train: int) -> bool:
        return validation > self.from_rows and 100 * validation > self.limit * train


@dataclass(frozen=True, slots=True)
class RowLimit(Limit):
    """On one row. `excess` is what makes it break the limit: an amount over `limit`, which is 0 for forbidden texts.

    `texts` are those that it forbids, if it does.
    """

    excess: Callable[[RowFacts], int] = field(kw_only=True)
    texts: frozenset[str] = frozenset()

    def broken_by(self, facts: RowFacts) -> bool:
        return self.excess(facts) > self.limit


@dataclass(frozen=True, slots=True)
class Closing:
    """That a service takes no new jobs, or soon none: of nobody from `closed_from` on, if a day is known."""

    closed_from: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be fine-tuned. No new jobs are taken from `closed_from` on, and it is gone from `ends` on."""

    title: str
    id: str
    closed_from: str | None = None
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A trainer or service: what it reads, what suits it best, and its limits.

    `checked` is the day on which all this was compared with `documentation`, days are written 2026-01-31. `whole` and
    `turn` are the formats that suit it for each granularity. `on_repeats` says what helps where rows of granularity
    `turn` would train on the earlier answers in them again. `note` is what no limit can say.
    """

    title: str
    checked: str
    documentation: str
    whole: ExportFormat
    turn: ExportFormat
    reads: tuple[ExportFormat, ...]
    on_repeats: str
    limits: tuple[SplitLimit | ShareLimit | RowLimit, ...]
    models: tuple[Model, ...] = ()
    closing: Closing | None = None
    note: str | None = None

    def best(self, granularity: Granularity) -> ExportFormat:
        return self.whole if granularity == "conversation" else self.turn


def at_least(
    limit: int,
    split: Split,
    source: str,
    advice: str = "Add conversations.",
    *,
    breaks: bool = True,
    model: str | None = None,
    advice_where_asked: str | None = None,
) -> SplitLimit:
    return SplitLimit(
        f"min_{split}_rows",
        limit,
        "rows",
        source,
        advice,
        breaks,
        split=split,
        at_least=True,
        model=model,
        advice_where_asked=advice_where_asked,
    )


def at_most(
    limit: int,
    split: Split,
    source: str,
    advice: str = "Export fewer rows.",
    *,
    breaks: bool = True,
    model: str | None = None,
) -> SplitLimit:
    return SplitLimit(f"max_{split}_rows", limit, "rows", source, advice, breaks, split=split, model=model)


def file_bytes(
    limit: int, source: str, advice: str = "Export fewer conversations.", *, breaks: bool = True
) -> SplitLimit:
    return SplitLimit("max_file_bytes", limit, "bytes", source, advice, breaks)


def row_tokens(
    limit: int, source: str, advice: str, *, breaks: bool = True, tokenizer: Family | None = None
) -> RowLimit:
    """`tokenizer` is that of the models that are trained; None where they can be any."""
    rule = "max_row_tokens" if breaks else "rows_cut_by_default"
    return RowLimit(rule, limit, "tokens", source, advice, breaks, excess=lambda facts: facts.tokens.of(tokenizer))


def no_texts(texts: tuple[str, ...], source: str, advice: str, *, breaks: bool = True) -> RowLimit:
    forbidden = frozenset(texts)
    rule = "forbidden_text" if breaks else "suspicious_text"

    def excess(facts: RowFacts) -> int:
        return len(facts.marks & forbidden)

    return RowLimit(rule, 0, "texts", source, advice, breaks, excess=excess, texts=forbidden)


def even(source: str) -> RowLimit:
    return RowLimit(
        "odd_messages",
        0,
        "messages",
        source,
        "A row must end with an answer.",
        only_format="sharegpt",
        excess=lambda facts: facts.messages % 2,
    )
