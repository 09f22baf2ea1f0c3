"""Pairs to be read by a person: chosen by a seed, the same each time, and laid out as a dialogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from heapq import heappush, heappushpop
from typing import Any

import orjson

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.conversation.dialogues import system_prompt_of, walked
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.report.balance import shown
from training_files.domain.spelling import plain_number
from training_files.domain.training_file.revision import Membership

PAIRS = 8
LEAST_PAIRS = 5
TEXT_CHARACTERS = 6_000
# Whoever wrote a key that long did not write it to be read.
NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines of a conversation in the JSONL. `offset` is None where nobody knows where they begin."""

    member: Membership
    analysis: ConversationAnalysis | None
    offset: int | None


@dataclass(frozen=True, slots=True)
class Pick:
    """The place of a line among those of its conversation, from 0."""

    stretch: Stretch
    line: int


class SampleChoice:
    """Chooses conversations by a hash of the seed and their id. Memory holds only the chosen ones."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._heap: list[tuple[bytes, int, Stretch]] = []

    def add(self, stretch: Stretch) -> None:
        if not stretch.member.trainable_pairs:
            return
        # The heap's first is the one to go next, so those with the highest hashes stay.
        entry = (self._hash(stretch.member.conversation_id), stretch.member.position, stretch)
        if len(self._heap) < PAIRS:
            heappush(self._heap, entry)
        else:
            heappushpop(self._heap, entry)

    def picks(self) -> list[Pick]:
        """One pair of each conversation, and more of each where there are too few; in file order."""
        rounds = [self._lines_of(stretch) for _, _, stretch in sorted(self._heap, reverse=True)]
        chosen: list[Pick] = []
        while rounds and len(chosen) < PAIRS:
            taken = [next(lines, None) for lines in rounds]
            rounds = [lines for lines, pick in zip(rounds, taken, strict=True) if pick]
            chosen += [pick for pick in taken if pick]
        return sorted(chosen[:PAIRS], key=lambda pick: (pick.stretch.member.position, pick.line))

    def _lines_of(self, stretch: Stretch) -> Iterator[Pick]:
        lines = range(stretch.member.trainable_pairs)
        in_order = sorted(lines, key=lambda line: self._hash(stretch.member.conversation_id, line))
        return (Pick(stretch, line) for line in in_order)

    def _hash(self, *parts: object) -> bytes:
        return sha256(":".join(map(str, (self._seed, *parts))).encode()).digest()


def laid_out(pick: Pick, line: bytes) -> dict[str, Any]:
    """A line of the JSONL as a dialogue: the user's last words, and the target. Texts that are very long are cut.

    Raises pydantic.ValidationError or orjson.JSONDecodeError for a line that is none.
    """
    value = orjson.loads(line)
    pair = TrainingPairModel.model_validate(value)
    member = pick.stretch.member
    *context, (_, target) = walked([pair]).said
    last = _last_words(context)
    score, reviewed = _judged(pick, pair)
    metadata = pair.conversation_metadata or {}
    prompt = system_prompt_of(pair)
    return {
        "conversation_id": str(member.conversation_id),
        "turn": pair.turn_number,
        "score": score,
        "human_reviewed": reviewed,
        "persona": _named(shown(member.persona_key), metadata.get("client_persona")),
        "emotional_arc": _named(shown(member.emotional_arc_key), metadata.get("emotional_arc")),
        "training_topic": _named(shown(member.training_topic_key), metadata.get("training_topic")),
        "system_prompt": _text(prompt) if prompt else None,
        "earlier_messages": len(context) - len(last),
        "messages": [{"role": role, **_text(content)} for role, content in last],
        "target": _text(target),
    }


def _last_words(context: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was said since the assistant spoke last."""
    begin = len(context)
    while begin and context[begin - 1][0] != "assistant":
        begin -= 1
    return context[begin:]


def _judged(pick: Pick, pair: TrainingPairModel) -> tuple[int | float | None, bool]:
    analysis = pick.stretch.analysis
    if analysis:
        for facts in analysis.pairs:
            if facts.turn == pair.turn_number:
                return plain_number(facts.score), facts.reviewed
    return pair.quality_score, pair.human_reviewed


def _named(key: str | None, name: object) -> dict[str, str | None]:
    return {"key": key, "name": name[:NAME_CHARACTERS] if isinstance(name, str) and name else None}


def _text(content: str | None) -> dict[str, Any]:
    whole = content or ""
    return {"content": whole[:TEXT_CHARACTERS], "cut_characters": max(0, len(whole) - TEXT_CHARACTERS)}
