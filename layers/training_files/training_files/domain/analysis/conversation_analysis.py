"""What is kept of a conversation when it enters a training file, so that nobody has to read it again.

The report, the readiness of its exports, its balance and the findings of a whole file come from here: about 1 KB for
each conversation, in `training_file_conversations.analysis`.
"""

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Self

from training_files.domain.analysis.openings import hashed, opening_of
from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.dialogues import Mapped, in_turn_order, system_prompt_of
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.conversation.signature import signature_of
from training_files.domain.exports.row_facts import RowFacts, facts_of, marks_in, rough_tokens, turns_of_texts
from training_files.domain.exports.rows import line
from training_files.domain.health.findings import Finding, Rule, Severity, is_unhealthy, most_severe_first
from training_files.domain.health.rules import GRANULARITIES, findings_of, mappings_of
from training_files.domain.spelling import plain_number
from training_files.domain.tokens.estimate import Tokens, tokens_in

# 2: findings with their fields and offsets, and all of them; openings without names; a signature; tokens. 1 kept the
# gravest hundred findings, and neither signature nor tokens.
VERSION = 2
# More than 2,000 pairs with a fault of every kind have. A history of a hundred thousand messages that was made to have
# faults would fill a row with a hundred megabytes: the rest of them is counted.
FINDINGS_KEPT = 30_000


@dataclass(frozen=True, slots=True)
class PairFacts:
    """A training pair. `score` is the one that counts: the row's, or else its own; `opening` hashes the first words."""

    turn: int
    trainable: bool
    score: Decimal | None
    reviewed: bool
    target_characters: int
    target_tokens: int
    opening: str | None


@dataclass(frozen=True, slots=True)
class ConversationAnalysis:
    """`rows` are those of format `messages`. `jsonl_size` is the bytes of its lines in the training file's JSONL.

    The lines stand in file order and files only grow, so the sizes of those before tell where its lines begin.
    `findings` are all, the gravest first; version 1 kept only the gravest. `found` is how many there are of each rule.
    `signature` tells how much of another conversation is in it; None where too little is said, and in version 1.
    """

    conversation_id: str
    content_sha256: str
    signature: bytes | None
    system_prompt_hash: str | None
    pairs: tuple[PairFacts, ...]
    rows: dict[Granularity, tuple[RowFacts, ...]]
    left_out: dict[Granularity, dict[str, int]]
    findings: tuple[Finding, ...]
    found: dict[Rule, int]
    jsonl_size: int

    @property
    def is_unhealthy(self) -> bool:
        return is_unhealthy(self.findings)

    def as_json(self) -> dict[str, Any]:
        """For a jsonb column, without the id, which the row has. Lists stand for objects where there are many."""
        return {
            "version": VERSION,
            "content_sha256": self.content_sha256,
            "signature": None if self.signature is None else b64encode(self.signature).decode(),
            "system_prompt_hash": self.system_prompt_hash,
            "pairs": [_pair_as_json(pair) for pair in self.pairs],
            "rows": {granularity: [_row_as_json(row) for row in rows] for granularity, rows in self.rows.items()},
            "left_out": self.left_out,
            "findings": [_finding_as_json(finding) for finding in self.findings],
            "found": self.found,
            "jsonl_size": self.jsonl_size,
        }

    @classmethod
    def from_json(cls, conversation_id: str, value: dict[str, Any]) -> Self:
        return cls(
            conversation_id=conversation_id,
            content_sha256=value["content_sha256"],
            signature=signature_from_json(value.get("signature")),
            system_prompt_hash=value["system_prompt_hash"],
            pairs=tuple(_pair_from_json(*pair) for pair in value["pairs"]),
            rows={
                granularity: tuple(_row_from_json(conversation_id, *row) for row in value["rows"][granularity])
                for granularity in GRANULARITIES
            },
            left_out=value["left_out"] if value["version"] > 1 else _left_out_anew(value),
            findings=findings_from_json(conversation_id, value["findings"]),
            found=value["found"],
            jsonl_size=value["jsonl_size"],
        )


def findings_from_json(conversation_id: str, kept: Iterable[Sequence[Any]]) -> tuple[Finding, ...]:
    """Those of an analysis, in their order, from what is kept of it."""
    return tuple(_finding_from_json(conversation_id, *finding) for finding in kept)


def analysis_of(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    *,
    row_score: Decimal | None,
    jsonl_size: int,
    consultant: str | None = None,
) -> ConversationAnalysis:
    """`row_score` is the reviewed score of the conversation's row, which wins over those of its pairs.

    `consultant` is the name in the profile of its enriched file.
    """
    in_order = in_turn_order(pairs)
    mappings = mappings_of(conversation_id, in_order)
    findings = most_severe_first(findings_of(conversation_id, in_order, mappings, consultant))
    marks_of, tokens_of, turns_of = cache(marks_in), cache(tokens_in), cache(lambda: turns_of_texts(in_order))
    return ConversationAnalysis(
        conversation_id=conversation_id,
        content_sha256=content_sha256(in_order),
        signature=signature_of(in_order),
        system_prompt_hash=_system_prompt_hash(in_order),
        pairs=tuple(_facts_of_pair(pair, row_score, tokens_of) for pair in in_order),
        rows={
            granularity: _facts_of_rows(mapping, marks_of, tokens_of, turns_of)
            for granularity, mapping in mappings.items()
        },
        left_out={granularity: _left_out(mapping) for granularity, mapping in mappings.items()},
        findings=tuple(findings[:FINDINGS_KEPT]),
        found=dict(Counter(finding.rule for finding in findings)),
        jsonl_size=jsonl_size,
    )


def _facts_of_pair(pair: TrainingPairModel, row_score: Decimal | None, tokens_of: Callable[[str], Tokens]) -> PairFacts:
    own = None if pair.quality_score is None else Decimal(str(pair.quality_score))
    return PairFacts(
        turn=pair.turn_number,
        trainable=pair.trainable,
        score=own if row_score is None else row_score,
        reviewed=pair.human_reviewed,
        target_characters=len(pair.target_response or ""),
        target_tokens=tokens_of(pair.target_response or "").most,
        opening=opening_of(pair.target_response or "", pair.conversation_metadata),
    )


def _system_prompt_hash(in_order: Sequence[TrainingPairModel]) -> str | None:
    """Of the last one that is used."""
    prompts = [(system_prompt_of(pair) or "").strip() for pair in in_order if pair.trainable]
    return hashed(prompts[-1]) if prompts and prompts[-1] else None


def _facts_of_rows(
    mapping: Mapped,
    marks_of: Callable[[str], frozenset[str]],
    tokens_of: Callable[[str], Tokens],
    turns_of: Callable[[], Mapping[str, int]],
) -> tuple[RowFacts, ...]:
    return tuple(
        facts_of(
            dialogue,
            split="train",
            line_bytes=len(line(dialogue, "messages")),
            marks_of=marks_of,
            tokens_of=tokens_of,
            turns_of=turns_of,
        )
        for dialogue in mapping.dialogues
    )


def _left_out(mapping: Mapped) -> dict[str, int]:
    return dict(Counter(left_out.reason for left_out in mapping.left_out))


def signature_from_json(value: str | None) -> bytes | None:
    return None if value is None else b64decode(value)


def _finding_as_json(finding: Finding) -> list[Any]:
    return [finding.rule, finding.severity, finding.turn, finding.message, finding.field, finding.offset]


def _finding_from_json(
    conversation_id: str,
    rule: Rule,
    severity: Severity,
    turn: int | None,
    message: str,
    field: str | None = None,
    offset: int | None = None,
) -> Finding:
    """Version 1 knew no field and no offset."""
    return Finding(rule, severity, conversation_id, turn, field, offset, message)


def _left_out_anew(value: dict[str, Any]) -> dict[Granularity, dict[str, int]]:
    """Version 1 counted every pair without a target; what is lost is what is said behind the last one."""
    behind = 0
    for _, trainable, *_rest in value["pairs"]:
        behind = 0 if trainable else behind + 1
    return {
        granularity: ({"no_target": behind} if behind else {})
        | {reason: count for reason, count in counts.items() if reason != "no_target"}
        for granularity, counts in value["left_out"].items()
    }


def _pair_as_json(pair: PairFacts) -> list[Any]:
    score = plain_number(pair.score)
    facts = [pair.turn, int(pair.trainable), score, int(pair.reviewed), pair.target_characters, pair.opening]
    return [*facts, pair.target_tokens]


def _pair_from_json(
    turn: int,
    trainable: int,
    score: float | None,
    reviewed: int,
    target_characters: int,
    opening: str | None,
    target_tokens: int | None = None,
) -> PairFacts:
    """Version 1 knew no tokens: a character is a byte at least."""
    return PairFacts(
        turn=turn,
        trainable=bool(trainable),
        score=None if score is None else Decimal(str(score)),
        reviewed=bool(reviewed),
        target_characters=target_characters,
        target_tokens=rough_tokens(target_characters).most if target_tokens is None else target_tokens,
        opening=opening,
    )


def _row_as_json(row: RowFacts) -> list[Any]:
    turns = dict(row.turns_of_marks)
    marks = [[mark, turns[mark]] if mark in turns else mark for mark in sorted(row.marks)]
    return [row.turn, row.characters, row.bytes, row.messages, int(row.has_system), marks, list(row.tokens)]


def _row_from_json(
    conversation_id: str,
    turn: int,
    characters: int,
    line_bytes: int,
    messages: int,
    has_system: int,
    marks: list[str | tuple[str, int]],
    tokens: list[int] | None = None,
) -> RowFacts:
    """Version 1 knew no tokens and no turns of marks."""
    turns = tuple((mark[0], mark[1]) for mark in marks if not isinstance(mark, str))
    return RowFacts(
        conversation_id=conversation_id,
        turn=turn,
        split="train",
        characters=characters,
        bytes=line_bytes,
        messages=messages,
        has_system=bool(has_system),
        marks=frozenset(mark if isinstance(mark, str) else mark[0] for mark in marks),
        tokens=rough_tokens(line_bytes) if tokens is None else Tokens(*tokens),
        has_rough_tokens=tokens is None,
        turns_of_marks=turns,
    )
