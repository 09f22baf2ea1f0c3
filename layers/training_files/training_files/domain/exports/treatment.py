"""What an export makes of a conversation before it is written: repaired, without personal data, filtered; its health.

Findings are those of the texts as they are exported: what was repaired or redacted is found no more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Any

from training_files.domain.conversation.dialogues import Dialogue, Mapped, in_turn_order
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.exports.export import ExportRequest
from training_files.domain.exports.filtering import Filtered, failing_targets, filtered
from training_files.domain.exports.rewriting import Change, rewritten
from training_files.domain.exports.row_facts import turns_of_texts
from training_files.domain.health.by_target import findings_by_target
from training_files.domain.health.findings import MOST_SEVERE_FIRST, Finding, Rule, is_unhealthy
from training_files.domain.health.rules import findings_of, mappings_of

PLACES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class TreatedConversation:
    """`filtered` has its dialogues, `found` its findings by the turns of its targets.

    `request` is that of the export. `turns_of` gives the turns in which its texts are said first, as they are exported.
    """

    conversation_id: str
    request: ExportRequest
    filtered: Filtered
    found: Mapping[int, list[Finding]]
    repaired: tuple[Change, ...]
    redacted: tuple[Change, ...]
    turns_of: Callable[[], Mapping[str, int]]

    @property
    def mapped(self) -> Mapped:
        return self.filtered.mapped

    def trained_turns(self, dialogue: Dialogue) -> tuple[int, ...]:
        """The turns of the targets that its row trains on, whether it was meant to or not."""
        request = self.request
        if request.format == "prompt_completion":
            return (dialogue.turn,)
        if request.granularity == "turn" and request.format != "messages_weight":
            return tuple(turn for turn in self.found if turn <= dialogue.turn)
        return dialogue.turns

    def findings_in(self, dialogue: Dialogue) -> list[Finding]:
        """Errors and warnings in what its row trains on, in what that answers, and in its system prompt; each once."""
        turns = self.trained_turns(dialogue)
        found = (finding for turn in turns for finding in self.found[turn] if finding.severity != "info")
        return list(dict.fromkeys(found))

    def as_metadata(self, dialogue: Dialogue) -> dict[str, str]:
        """For the sidecar of its row. Texts keep one type on all lines; an empty list has none."""
        findings = self.findings_in(dialogue)
        return {
            "health": min((each.severity for each in findings), key=MOST_SEVERE_FIRST.index, default=""),
            "findings": " ".join(f"{each.rule}@{'' if each.turn is None else each.turn}" for each in findings),
            "filtered": " ".join(f"{turn}:{','.join(reasons)}" for turn, reasons in self.filtered.failing.items()),
            "repaired": _listed(self.repaired, dialogue),
            "redacted": _listed(self.redacted, dialogue),
        }

    def changes_in_rows(self, changes: Iterable[Change]) -> list[Change]:
        """Those of texts that a row has."""
        last = max((dialogue.turn for dialogue in self.mapped.dialogues), default=None)
        return [] if last is None else [change for change in changes if change.turn <= last]


def _listed(changes: Iterable[Change], dialogue: Dialogue) -> str:
    """Each with its turn, its field, what it is and how often."""
    return " ".join(
        f"{each.turn}:{each.field}:{each.what}:{each.count}" for each in changes if each.turn <= dialogue.turn
    )


def treated_conversation(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    request: ExportRequest,
    scores: Mapping[int, Decimal | None],
    *,
    consultant: str | None = None,
) -> TreatedConversation:
    """`scores` are those that count, by turn; `consultant` is the name in the profile."""
    written = rewritten(pairs, request.repair, request.redact)
    mappings = mappings_of(conversation_id, written.pairs)
    findings = findings_of(conversation_id, written.pairs, mappings, consultant)
    turns = [(pair.turn_number, pair.trainable) for pair in written.pairs]
    found = findings_by_target(turns, findings, in_one_dialogue=request.granularity == "conversation")
    left = Filtered(mappings[request.granularity], {})
    if request.filter and (failing := failing_targets(written.pairs, request.filter, found, scores)):
        left = filtered(conversation_id, written.pairs, left.mapped, failing, request)
    turns_of = cache(partial(turns_of_texts, in_turn_order(written.pairs)))
    return TreatedConversation(conversation_id, request, left, found, written.repaired, written.redacted, turns_of)


class _Changes:
    """What was rewritten, by kind, and the first places."""

    def __init__(self) -> None:
        self.by_kind: Counter[str] = Counter()
        self.texts = 0
        self.places: list[dict[str, Any]] = []

    def add(self, conversation_id: str, changes: Iterable[Change]) -> None:
        texts = set()
        for change in changes:
            self.by_kind[change.what] += change.count
            texts.add((change.turn, change.field))
            if len(self.places) < PLACES_SHOWN:
                place = {"conversation_id": conversation_id, "turn": change.turn, "field": change.field}
                self.places.append(place | {"what": change.what, "count": change.count})
        self.texts += len(texts)

    def as_json(self) -> dict[str, Any]:
        return {"by_kind": self.by_kind, "texts": self.texts, "places": self.places}

    def absorb(self, later: Mapping[str, Any]) -> None:
        self.by_kind.update(later["by_kind"])
        self.texts += later["texts"]
        self.places += later["places"][: PLACES_SHOWN - len(self.places)]

    def summary(self) -> dict[str, Any]:
        return {
            "count": self.by_kind.total(),
            "texts": self.texts,
            "by_kind": dict(sorted(self.by_kind.items())),
            "places": self.places,
        }


class TreatmentTally:
    """What was filtered, repaired and redacted in an export, and what is still found in its rows."""

    def __init__(self, request: ExportRequest) -> None:
        self._request = request
        self._reasons: Counter[str] = Counter()
        self._filtered = self._lost = 0
        self._filtered_places: list[dict[str, Any]] = []
        self._repaired, self._redacted = _Changes(), _Changes()
        self._unhealthy_rows = 0
        self._rows_by_rule: Counter[Rule] = Counter()

    def add(self, treated: TreatedConversation) -> None:
        failing = treated.filtered.failing
        self._filtered += len(failing)
        self._lost += len(treated.filtered.lost)
        for turn, reasons in failing.items():
            self._reasons.update(reasons)
            if len(self._filtered_places) < PLACES_SHOWN:
                place = {"conversation_id": treated.conversation_id, "turn": turn, "reasons": list(reasons)}
                self._filtered_places.append(place)
        self._repaired.add(treated.conversation_id, treated.changes_in_rows(treated.repaired))
        self._redacted.add(treated.conversation_id, treated.changes_in_rows(treated.redacted))

    def add_row(self, findings: Sequence[Finding]) -> None:
        self._unhealthy_rows += is_unhealthy(findings)
        self._rows_by_rule.update({finding.rule for finding in findings})

    def as_json(self) -> dict[str, Any]:
        """For `absorb`."""
        return {
            "filtered": self._filtered,
            "lost": self._lost,
            "reasons": self._reasons,
            "places": self._filtered_places,
            "repaired": self._repaired.as_json(),
            "redacted": self._redacted.as_json(),
            "unhealthy_rows": self._unhealthy_rows,
            "rows_by_rule": self._rows_by_rule,
        }

    def absorb(self, later: Mapping[str, Any]) -> None:
        """Adds what another tally, of the same request and of later conversations, says `as_json`."""
        self._filtered += later["filtered"]
        self._lost += later["lost"]
        self._reasons.update(later["reasons"])
        self._filtered_places += later["places"][: PLACES_SHOWN - len(self._filtered_places)]
        self._repaired.absorb(later["repaired"])
        self._redacted.absorb(later["redacted"])
        self._unhealthy_rows += later["unhealthy_rows"]
        self._rows_by_rule.update(later["rows_by_rule"])

    def summary(self) -> dict[str, dict[str, Any] | None]:
        """None stands for what was not asked for."""
        filtered = {
            "targets": self._filtered,
            "lost_with_them": self._lost,
            "by_reason": dict(sorted(self._reasons.items())),
            "places": self._filtered_places,
        }
        return {
            "health": {
                "unhealthy_rows": self._unhealthy_rows,
                "rows_by_rule": dict(sorted(self._rows_by_rule.items())),
            },
            "filtered": filtered if self._request.filter else None,
            "repaired": self._repaired.summary() if self._request.repair else None,
            "redacted": self._redacted.summary() if self._request.redact else None,
        }
