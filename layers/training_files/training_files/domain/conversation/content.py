"""When two conversations say the same."""

import hashlib
import unicodedata
from collections.abc import Sequence

import orjson

from training_files.domain.conversation.dialogues import in_turn_order, walked
from training_files.domain.conversation.enriched_file import TrainingPairModel


def content_sha256(pairs: Sequence[TrainingPairModel]) -> str:
    """The SHA-256, in hex, of who says what up to the last target; the same for exact duplicates under any id.

    Spelling that nobody sees does not count: Unicode forms of the same characters, and the kind and amount of white
    space. The system prompt does not count either.
    """
    in_order = in_turn_order(pairs)
    trainable = [pair for pair in in_order if pair.trainable]
    said = walked(trainable or in_order).said
    return hashlib.sha256(orjson.dumps([(role, _normalised(text)) for role, text in said])).hexdigest()


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
