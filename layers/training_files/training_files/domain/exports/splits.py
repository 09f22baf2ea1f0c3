"""Which conversations are trained on and which are kept to judge the result.

Rows of one conversation repeat each other, so it is conversations that are split, never rows. A stable hash decides,
not a shuffle: a conversation keeps its split when the file grows, on any machine, at any time.
"""

import hashlib
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, get_args

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

DEFAULT_SEED = 42
METHOD = "sha256 of seed:conversation_id"
# As a distribution of a training file names them, and by which key of a conversation's scaffolding.
STRATA = {"personas": "persona_key", "emotional_arcs": "emotional_arc_key", "training_topics": "training_topic_key"}


@dataclass(frozen=True)
class SplitRequest:
    """The shares that are kept from training, from 0 to less than 1 together.

    `seeds_tried` is of how many seeds this is the best; None where it was asked for by its number.
    """

    validation: Decimal
    test: Decimal = Decimal(0)
    seed: int = DEFAULT_SEED
    seeds_tried: int | None = None

    def share(self, split: Split) -> Decimal:
        shares = {"train": 1 - self.validation - self.test, "validation": self.validation, "test": self.test}
        return shares[split]

    @cached_property
    def asked(self) -> tuple[Split, ...]:
        return tuple(split for split in SPLITS if self.share(split) > 0)

    @cached_property
    def ends(self) -> tuple[bytes, bytes]:
        """Where validation and test end on the scale of the hash, as its first eight bytes."""
        first, second = (math.ceil(share * 2**64) for share in (self.validation, self.validation + self.test))
        return first.to_bytes(8), second.to_bytes(8)


def assignment(conversation_id: str, request: SplitRequest) -> Split:
    """Where the hash puts a conversation.

    Validation is the bottom of the scale and test is above it, so that asking for a test share too moves nothing
    between training and validation.
    """
    digest = hashlib.sha256(f"{request.seed}:{conversation_id}".encode()).digest()
    validation, test = request.ends
    if digest < validation:
        return "validation"
    return "test" if digest < test else "train"
