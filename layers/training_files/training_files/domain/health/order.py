"""What is said of messages that are out of order: whose they are, and what exports leave out for them."""

import re
from collections.abc import Mapping

from training_files.domain.conversation.dialogues import Mapped
from training_files.domain.conversation.granularity import Granularity

OUT_OF_PLACE = {
    "user": "two messages of the user follow each other",
    "assistant": "a message of the assistant stands where the user's belongs",
    "system": "a system message stands behind the beginning of the dialogue",
}
# What is no word, or a long one, may be anything: a name, an address, a text.
NAMED = re.compile(r"[A-Za-z][A-Za-z_-]{0,23}")
LEFT_OUT: dict[Granularity, str] = {
    "conversation": "the conversation is left out with granularity conversation",
    "turn": "this turn is left out with granularity turn",
}


def messages_out_of_order(mappings: Mapping[Granularity, Mapped]) -> dict[int | None, str]:
    """By turn: which role is in the wrong place, and which exports that keeps something out of."""
    roles: dict[int | None, str] = {}
    lost: dict[int | None, list[str]] = {}
    for granularity, mapping in mappings.items():
        for each in mapping.left_out:
            if each.reason == "role_order":
                roles.setdefault(each.turn, each.role or "")
                lost.setdefault(each.turn, []).append(LEFT_OUT[granularity])
    return {turn: f"{_what(role)}, so {' and '.join(lost[turn])}" for turn, role in roles.items()}


def _what(role: str) -> str:
    if role in OUT_OF_PLACE:
        return OUT_OF_PLACE[role]
    if NAMED.fullmatch(role):
        return f"a message has the role {role}, which is neither the user's nor the assistant's"
    return "a message has a role that is neither the user's nor the assistant's"
