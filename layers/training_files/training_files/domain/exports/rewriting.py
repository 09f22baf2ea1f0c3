"""Texts of an export that are others than those of the training file: repaired, and without personal data.

The training file stays as it was enriched. Pairs repeat each other's texts, so a text is rewritten once in a
conversation and the same way wherever it stands: dialogues stay what they are.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from training_files.domain.conversation.dialogues import in_turn_order
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.exports.export import Redact, Repair
from training_files.domain.health.escapes import unescaped
from training_files.domain.health.redaction import Redactor
from training_files.domain.health.texts import texts_of


@dataclass(frozen=True, slots=True)
class Change:
    """What was rewritten in one text: `what` is `escapes`, or the kind of the personal data; how often."""

    turn: int
    field: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The pairs as they are exported, in the order of their turns. Changes stand where a text is said first."""

    pairs: tuple[TrainingPairModel, ...]
    repaired: tuple[Change, ...] = ()
    redacted: tuple[Change, ...] = ()


def rewritten(pairs: Sequence[TrainingPairModel], repair: Collection[Repair], redact: Collection[Redact]) -> Rewritten:
    """Repairs first: what was escaped may hide personal data."""
    in_order = tuple(in_turn_order(pairs))
    repaired: tuple[Change, ...] = ()
    redacted: tuple[Change, ...] = ()
    if "escapes" in repair:
        in_order, repaired = _with_each_text(in_order, _without_escapes)
    if "personal_data" in redact:
        in_order, redacted = _with_each_text(in_order, _redacting(in_order))
    return Rewritten(in_order, repaired, redacted)


# A text as it should be, and how much of what was rewritten in it.
Rewrite = Callable[[str], tuple[str, dict[str, int]]]


def _without_escapes(text: str) -> tuple[str, dict[str, int]]:
    content, count = unescaped(text)
    return content, {"escapes": count} if count else {}


def _redacting(pairs: Sequence[TrainingPairModel]) -> Rewrite:
    redactor = Redactor(text.content for text in texts_of(pairs))

    def without_personal_data(text: str) -> tuple[str, dict[str, int]]:
        content, redactions = redactor.redacted(text)
        counts: dict[str, int] = {}
        for redaction in redactions:
            counts[redaction.kind] = counts.get(redaction.kind, 0) + 1
        return content, counts

    return without_personal_data


def _with_each_text(
    pairs: tuple[TrainingPairModel, ...], rewrite: Rewrite
) -> tuple[tuple[TrainingPairModel, ...], tuple[Change, ...]]:
    """In the order in which they are said, so that the first of several values gets the first number."""
    others: dict[str, str] = {}
    changes: list[Change] = []
    seen: dict[str, tuple[str, dict[str, int]]] = {}
    for text in texts_of(pairs):
        if text.content not in seen:
            seen[text.content] = rewrite(text.content)
        content, counts = seen[text.content]
        if counts:
            others[text.content] = content
            changes += [Change(text.turn, text.field, what, count) for what, count in counts.items()]
    return tuple(_with_texts(pair, others) for pair in pairs) if others else pairs, tuple(changes)


def _with_texts(pair: TrainingPairModel, others: dict[str, str]) -> TrainingPairModel:
    history = pair.conversation_history
    own = (pair.system_prompt, pair.current_user_input, pair.target_response)
    if not any(text in others for text in (*own, *(turn.content for turn in history or ()))):
        return pair

    def other(text: str | None) -> str | None:
        return None if text is None else others.get(text, text)

    return pair.model_copy(
        update={
            "system_prompt": other(pair.system_prompt),
            "current_user_input": other(pair.current_user_input),
            "target_response": other(pair.target_response),
            "conversation_history": history
            and [turn.model_copy(update={"content": other(turn.content)}) for turn in history],
        }
    )
