"""Whether the targets would take an export as it is: what its rows and files are, beside their limits."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.row_facts import REFUSED_BY_NOVA_VALIDATOR, RowFacts
from training_files.domain.exports.splits import SPLITS, Split
from training_files.domain.exports.target import Limit, RowLimit, ShareLimit, SplitLimit, Target, Unit
from training_files.domain.exports.targets import TARGETS, TargetName

PLACES_SHOWN = 5
WITHOUT_ERRORS = '"filter": {"without": ["error"]}'


@dataclass(slots=True)
class _Found:
    count: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)

    def add(self, limit: RowLimit, facts: RowFacts) -> None:
        self.count += 1
        marks = sorted(facts.marks & limit.texts, key=lambda mark: (facts.turn_of(mark), mark))
        self.texts.update(marks)
        row = {"conversation_id": facts.conversation_id, "turn": facts.turn, "split": facts.split}
        places = [row | {"turn": facts.turn_of(mark), "text": mark.strip()} for mark in marks] or [row]
        # Rows for each turn repeat each other's texts.
        self.places += [place for place in places if place not in self.places][: PLACES_SHOWN - len(self.places)]

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "places": self.places, "texts": sorted(self.texts)}

    def absorb(self, later: Mapping[str, Any]) -> None:
        self.count += later["count"]
        self.places += later["places"][: PLACES_SHOWN - len(self.places)]
        self.texts.update(later["texts"])

    def said(self) -> str:
        """What is wrong with how many rows."""
        if self.texts:
            *others, last = (_quoted(text) for text in sorted(self.texts))
            named = f"{', '.join(others)} and {last}" if others else last
            return f"{named} {'stands' if len(self.texts) == 1 else 'stand'} in {_rows(self.count)}."
        return f"{_rows(self.count)} {'is' if self.count == 1 else 'are'} over the limit."


class ReadinessTally:
    """Collects the facts of an export's rows, and says for each target whether it would take the files.

    With format None, each target is judged as if its files were in the format that suits it best. Whether a service is
    closing is told beside that: it says nothing of the files.
    """

    def __init__(
        self, export_format: ExportFormat | None, granularity: Granularity, asked: Collection[Split] = ()
    ) -> None:
        """`asked`: the splits beside train that somebody asked for, whether or not any row got there."""
        self._asked = asked
        self._format = export_format
        self._granularity = granularity
        self._rows: dict[Split, int] = dict.fromkeys(SPLITS, 0)
        self._unhealthy = 0
        self._found: dict[int, _Found] = {}
        self._row_limits = [
            limit for target in TARGETS.values() for limit in target.limits if isinstance(limit, RowLimit)
        ]

    def add(self, facts: RowFacts, *, is_unhealthy: bool = False) -> None:
        """`is_unhealthy`: text health finds an error in what the row trains on."""
        self._rows[facts.split] += 1
        self._unhealthy += is_unhealthy
        for limit in self._row_limits:
            if limit.broken_by(facts):
                self._found.setdefault(id(limit), _Found()).add(limit, facts)

    def as_json(self) -> dict[str, Any]:
        """For `absorb`."""
        found = [self._found.get(id(limit)) for limit in self._row_limits]
        return {
            "rows": self._rows,
            "unhealthy": self._unhealthy,
            "found": [None if one is None else one.as_json() for one in found],
        }

    def absorb(self, later: Mapping[str, Any]) -> None:
        """Adds what another tally, of later conversations, says `as_json`."""
        for split in SPLITS:
            self._rows[split] += later["rows"][split]
        self._unhealthy += later["unhealthy"]
        for limit, found in zip(self._row_limits, later["found"], strict=True):
            if found is not None:
                self._found.setdefault(id(limit), _Found()).absorb(found)

    def readiness(self, file_bytes: Mapping[Split, int]) -> list[dict[str, Any]]:
        """One entry for each target, in the order of the table. `file_bytes`: of the files that there are."""
        return [self._readiness_for(name, target, file_bytes) for name, target in TARGETS.items()]

    def _readiness_for(self, name: TargetName, target: Target, file_bytes: Mapping[Split, int]) -> dict[str, Any]:
        best = target.best(self._granularity)
        used = self._format or best
        found = list(self._findings(target, used, file_bytes))
        broken = [entry for breaks, entry in found if breaks]
        answer = {
            "target": name,
            "title": target.title,
            "ready": not broken,
            "format": used,
            "broken": broken,
            "warnings": [entry for breaks, entry in found if not breaks],
            **_about_target(target),
        }
        return answer if used == best else answer | {"recommended_format": best}

    def _findings(
        self, target: Target, used: ExportFormat, file_bytes: Mapping[Split, int]
    ) -> Iterator[tuple[bool, dict[str, Any]]]:
        """Whether it breaks something, and what it is."""
        if self._unhealthy:
            yield False, self._about_health()
        yield from self._about_format(target, used)
        for limit in target.limits:
            if limit.only_format not in (None, used):
                continue
            if isinstance(limit, RowLimit):
                if found := self._found.get(id(limit)):
                    yield limit.breaks, _entry(limit, found.count, found.places, f"{found.said()} {limit.advice}")
            elif isinstance(limit, ShareLimit):
                yield from self._about_share(limit)
            else:
                yield from self._about_files(limit, file_bytes)

    def _about_health(self) -> dict[str, Any]:
        """No target looks at it, and each would train on it."""
        rows = sum(self._rows.values())
        verb = "trains" if rows == 1 else "train"
        share = f"{self._unhealthy:,} of {_rows(rows)} ({100 * self._unhealthy / rows:.0f} %)"
        advice = f"Correct it, or export with {WITHOUT_ERRORS}."
        message = f"{share} {verb} on a text with an error. {advice}"
        return _rule("text_health", None, None, self._unhealthy, message)

    def _about_format(self, target: Target, used: ExportFormat) -> Iterator[tuple[bool, dict[str, Any]]]:
        all_rows = sum(self._rows.values())
        if used not in target.reads:
            reads = " or ".join(target.reads)
            yield True, _rule("format", None, None, all_rows, f"{target.title} reads {reads}, not {used}.")
        elif used == "prompt_completion" and self._granularity == "conversation":
            message = "Only the last answer of each conversation is trained on. Use granularity turn, or messages."
            yield False, _rule("last_target_only", None, None, all_rows, message)
        elif self._granularity == "turn" and used not in ("messages_weight", "prompt_completion"):
            message = f"Each row would train on the earlier answers in it again. {target.on_repeats}"
            yield False, _rule("repeated_targets", None, None, all_rows, message)

    def _about_share(self, limit: ShareLimit) -> Iterator[tuple[bool, dict[str, Any]]]:
        validation, train = self._rows["validation"], self._rows["train"]
        if limit.broken_by(validation, train):
            most = max(limit.from_rows, limit.limit * train // 100)
            message = f"validation has {validation:,} rows; at most {most:,}, {limit.limit} % of train. {limit.advice}"
            yield limit.breaks, _entry(limit, validation, [], message)

    def _about_files(self, limit: SplitLimit, file_bytes: Mapping[Split, int]) -> Iterator[tuple[bool, dict[str, Any]]]:
        amounts = file_bytes if limit.unit == "bytes" else self._rows
        for split, amount in amounts.items():
            if limit.split in (None, split) and limit.broken_by(amount):
                bound = "at least" if limit.at_least else "at most"
                asks_in_vain = amount == 0 and split in self._asked
                advice = (limit.advice_where_asked if asks_in_vain else None) or limit.advice
                model = f"For {limit.model}: " if limit.model else ""
                message = f"{model}{split} has {_counted(amount, limit.unit)}; {bound} {limit.limit:,}. {advice}"
                yield limit.breaks, _entry(limit, amount, [], message)


def _counted(amount: int, unit: Unit) -> str:
    return _rows(amount) if unit == "rows" else f"{amount:,} {unit}"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _quoted(text: str) -> str:
    """A reserved word as a person reads it, with what makes it one."""
    if text.startswith("\n"):
        return f'"{text[1:]}" at the beginning of a line'
    return f'"{text}" in any case' if text in REFUSED_BY_NOVA_VALIDATOR else f'"{text}"'


def _about_target(target: Target) -> dict[str, Any]:
    """What is known of a target whatever the files are, as far as there is something to tell."""
    about: dict[str, Any] = {"checked": target.checked}
    if target.closing:
        about["closing"] = {"closed_from": target.closing.closed_from, "message": target.closing.message}
    if target.models:
        about["models"] = [
            {"title": model.title, "id": model.id, "closed_from": model.closed_from, "ends": model.ends}
            for model in target.models
        ]
    return about | ({"note": target.note} if target.note else {})


def _entry(limit: Limit, count: int, places: list[dict[str, Any]], message: str) -> dict[str, Any]:
    return _rule(limit.rule, limit.limit, limit.unit, count, message) | {"places": places, "source": limit.source}


def _rule(rule: str, limit: int | None, unit: Unit | None, count: int, message: str) -> dict[str, Any]:
    return {
        "rule": rule,
        "limit": limit,
        "unit": unit,
        "count": count,
        "places": [],
        "source": None,
        "message": message,
    }
