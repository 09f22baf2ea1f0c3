"""What really went into each split: counts, that no two share anything, and what is to be warned of."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from training_files.domain.exports.composition import WHOLE, Composition, fit, lacking_in
from training_files.domain.exports.groups import Member
from training_files.domain.exports.splits import METHOD, SPLITS, STRATA, Split, SplitRequest
from training_files.domain.spelling import plain_number

FEWEST_VALIDATION_CONVERSATIONS = 10
KEYS_NAMED = 5
NAMES = {"personas": "persona", "emotional_arcs": "emotional arc", "training_topics": "training topic"}

Warned = dict[str, Any]


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    conversations: set[str] = field(default_factory=set)
    contents: set[bytes] = field(default_factory=set)
    strata: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in STRATA})


class SplitTally:
    """What really went into each split, to be proved afterwards."""

    def __init__(self, request: SplitRequest) -> None:
        self._request = request
        self._counts = {split: _Counts() for split in SPLITS}
        self._composition = Composition()
        self._shared_near_duplicates = 0

    def add(
        self,
        split: Split,
        conversation_id: str,
        *,
        content_sha256: str,
        scaffolding: Mapping[str, str | None],
        rows: int,
        member: Member | None = None,
    ) -> None:
        """A conversation that gave `rows` rows; one without rows is in no split. In file order."""
        if not rows:
            return
        member = member or Member(conversation_id)
        counts = self._counts[split]
        counts.rows += rows
        counts.conversations.add(conversation_id)
        counts.contents.add(bytes.fromhex(content_sha256))
        for name, key in STRATA.items():
            if value := scaffolding.get(key):
                counts.strata[name][value] += 1
        self._composition.add(member.leader, scaffolding)
        others = [self._counts[other].conversations for other in SPLITS if other != split]
        self._shared_near_duplicates += any(near in other for near in member.near_to for other in others)

    def proof(self) -> dict[str, Any]:
        """Counts and shares of each split, what two splits share, warnings, and a seed that would be better."""
        conversations = {split: len(self._counts[split].conversations) for split in SPLITS}
        return {
            "unit": "conversation",
            "method": METHOD,
            "seed": self._request.seed,
            "seeds_tried": self._request.seeds_tried,
            "asked": {split: plain_number(self._request.share(split)) for split in SPLITS},
            "got": _shares(conversations),
            "conversations": conversations,
            "rows": {split: self._counts[split].rows for split in SPLITS},
            "shared_conversations": sum(
                len(one.conversations & other.conversations) for one, other in combinations(self._counts.values(), 2)
            ),
            "shared_duplicates": sum(
                len(one.contents & other.contents) for one, other in combinations(self._counts.values(), 2)
            ),
            "shared_near_duplicates": self._shared_near_duplicates,
            "distribution": {
                split: {name: dict(sorted(counter.items())) for name, counter in self._counts[split].strata.items()}
                for split in SPLITS
            },
            "warnings": list(self._warnings(conversations)),
            "better_seed": self._better_seed(),
        }

    def _better_seed(self) -> dict[str, Any] | None:
        better = None if self._request.seeds_tried else self._composition.better(self._request)
        if better is None:
            return None
        counts = self._composition.counts(better)
        conversations = {split: counts[split][WHOLE] for split in SPLITS}
        return {
            "seed": better.seed,
            "seeds_tried": better.seeds_tried,
            "conversations": conversations,
            "got": _shares(conversations),
            "lacking": fit(self._composition.cells(better), counts, better.seed).lacking,
        }

    def _warnings(self, conversations: Mapping[Split, int]) -> Iterator[Warned]:
        for split in self._request.asked:
            if not conversations[split]:
                yield _warned("empty_split", f"No conversation fell into {split}.")
        if self._request.validation > 0 and 0 < conversations["validation"] < FEWEST_VALIDATION_CONVERSATIONS:
            yield _warned(
                "few_validation_conversations",
                f"Conversations in validation: {conversations['validation']}. Under {FEWEST_VALIDATION_CONVERSATIONS}, "
                "its loss says little.",
            )
        yield from self._not_represented(conversations)
        if self._shared_near_duplicates:
            yield _warned(
                "near_duplicates_in_two_splits",
                "Conversations that say almost the same as one in another split, because they are near to several that "
                f"were apart before they came: {self._shared_near_duplicates}.",
            )

    def _not_represented(self, conversations: Mapping[Split, int]) -> Iterator[Warned]:
        cells = self._composition.cells(self._request)
        keys: dict[tuple[Split, str], list[str]] = defaultdict(list)
        got = {
            split: Counter(
                {(name, value): n for name, counter in counts.strata.items() for value, n in counter.items()}
            )
            for split, counts in self._counts.items()
        }
        for cell in lacking_in(cells, got):
            if conversations[cell.split] and cell.stratum != WHOLE:
                keys[cell.split, cell.stratum[0]].append(cell.stratum[1])
        for (split, name), lacking in keys.items():
            more = f" and {len(lacking) - KEYS_NAMED} more" if len(lacking) > KEYS_NAMED else ""
            named = ", ".join(sorted(lacking)[:KEYS_NAMED]) + more
            message = f"No conversation of {NAMES[name]} {named} fell into {split}, though the file has enough of them."
            yield _warned("not_represented", message)


def _warned(rule: str, message: str) -> Warned:
    return {"rule": rule, "message": message}


def _shares(conversations: Mapping[Split, int]) -> dict[Split, float]:
    total = sum(conversations.values())
    return {split: round(count / total, 4) if total else 0 for split, count in conversations.items()}
