"""Which conversations are trained on and which are kept to judge the result; and the proof that none is both.

Rows of one conversation repeat each other, so it is conversations that are split, never rows. A stable hash decides,
not a shuffle: a conversation keeps its split when the file grows, on any machine, at any time.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, Literal, get_args

from training_files.domain.spelling import plain_number

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

DEFAULT_SEED = 42
FEWEST_VALIDATION_CONVERSATIONS = 10
METHOD = "sha256 of seed:conversation_id"
# As a distribution of a training file names them, and by which key of a conversation's scaffolding.
STRATA = {"personas": "persona_key", "emotional_arcs": "emotional_arc_key", "training_topics": "training_topic_key"}


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """The shares that are kept from training, from 0 to less than 1 together."""

    validation: Decimal
    test: Decimal = Decimal(0)
    seed: int = DEFAULT_SEED

    def share(self, split: Split) -> Decimal:
        shares = {"train": 1 - self.validation - self.test, "validation": self.validation, "test": self.test}
        return shares[split]


class Splitter:
    """Assigns conversations to splits. Without a request, all are trained on."""

    def __init__(self, request: SplitRequest | None) -> None:
        self._request = request
        self._of_content: dict[bytes, Split] = {}

    def split_of(self, conversation_id: str, content_sha256: str) -> Split:
        """To be asked in file order, for every conversation of the file, whether it has rows or not.

        An exact duplicate goes where the first of its kind went; files grow at their end, so that one stays the first.
        """
        if self._request is None:
            return "train"
        content = bytes.fromhex(content_sha256)
        return self._of_content.setdefault(content, assignment(conversation_id, self._request))


def assignment(conversation_id: str, request: SplitRequest) -> Split:
    """Where the hash puts a conversation.

    Validation is the bottom of the scale and test is above it, so that asking for a test share too moves nothing
    between training and validation.
    """
    digest = hashlib.sha256(f"{request.seed}:{conversation_id}".encode()).digest()
    position = Decimal(int.from_bytes(digest[:8])) / 2**64
    if position < request.validation:
        return "validation"
    return "test" if position < request.validation + request.test else "train"


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

    def add(
        self,
        split: Split,
        conversation_id: str,
        *,
        content_sha256: str,
        scaffolding: Mapping[str, str | None],
        rows: int,
    ) -> None:
        """A conversation that gave `rows` rows; one without rows is in no split."""
        if not rows:
            return
        counts = self._counts[split]
        counts.rows += rows
        counts.conversations.add(conversation_id)
        counts.contents.add(bytes.fromhex(content_sha256))
        for name, key in STRATA.items():
            if value := scaffolding.get(key):
                counts.strata[name][value] += 1

    def proof(self) -> dict[str, Any]:
        """Counts and shares of each split, what two splits share (nothing), and warnings."""
        conversations = {split: len(self._counts[split].conversations) for split in SPLITS}
        total = sum(conversations.values())
        return {
            "unit": "conversation",
            "method": METHOD,
            "seed": self._request.seed,
            "asked": {split: plain_number(self._request.share(split)) for split in SPLITS},
            "got": {split: round(count / total, 4) if total else 0 for split, count in conversations.items()},
            "conversations": conversations,
            "rows": {split: self._counts[split].rows for split in SPLITS},
            "shared_conversations": sum(
                len(one.conversations & other.conversations) for one, other in combinations(self._counts.values(), 2)
            ),
            "shared_duplicates": sum(
                len(one.contents & other.contents) for one, other in combinations(self._counts.values(), 2)
            ),
            "distribution": {
                split: {name: dict(sorted(counter.items())) for name, counter in self._counts[split].strata.items()}
                for split in SPLITS
            },
            "warnings": self._warnings(conversations),
        }

    def _warnings(self, conversations: Mapping[Split, int]) -> list[dict[str, Any]]:
        warnings: list[dict[str, Any]] = [
            {"rule": "empty_split", "message": f"No conversation fell into {split}."}
            for split in SPLITS
            if self._request.share(split) > 0 and not conversations[split]
        ]
        if self._request.validation > 0 and 0 < conversations["validation"] < FEWEST_VALIDATION_CONVERSATIONS:
            message = (
                f"Validation has {conversations['validation']} conversations; under "
                f"{FEWEST_VALIDATION_CONVERSATIONS}, its loss says little."
            )
            warnings.append({"rule": "few_validation_conversations", "message": message})
        return warnings
