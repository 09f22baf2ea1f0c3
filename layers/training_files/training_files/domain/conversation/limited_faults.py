"""Which faults of a build are kept with it: as many as fit into an answer, and of many conversations at least one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from training_files.domain.conversation.faults import ConversationFault

# A Lambda function may answer 6 MB. What a request skipped before it was queued, up to 2 MB, may be shown beside them.
ROOM_BYTES = 4_000_000
# Of more conversations, not even the shortest faults would fit.
MOST_FAILED = 10_000
# Of what was left out because it was to be, some say enough.
MOST_SKIPPED = 100


def conversations_in(found: Sequence[ConversationFault]) -> int:
    return len({fault.conversation_id for fault in found})


def kept_faults(skipped: Sequence[ConversationFault], further: int = 0) -> dict[str, Any]:
    """What a revision keeps of what was skipped: the first conversations, and how many, with `further` ones."""
    first = limit_faults(skipped, MOST_SKIPPED)
    return {
        "skipped": tuple(fault.as_detail() for fault in first),
        "skipped_total": conversations_in(skipped) + further,
    }


def limit_faults(found: Sequence[ConversationFault], most: int = MOST_FAILED) -> list[ConversationFault]:
    """The first fault of each of the first `most` conversations, and further ones of theirs while there is room.

    They stand in their order. Where even the first ones have no room, the longest reasons are cut.
    """
    found = _of_first(found, most)
    firsts = set({fault.conversation_id: index for index, fault in reversed(list(enumerate(found)))}.values())
    room = ROOM_BYTES - sum(_size(found[index]) for index in firsts)
    if room < 0:
        return [_cut(found[index], ROOM_BYTES // len(firsts)) for index in sorted(firsts)]
    further = set()
    for index, fault in enumerate(found):
        if index in firsts:
            continue
        room -= _size(fault)
        if room < 0:
            break
        further.add(index)
    return [found[index] for index in sorted(firsts | further)]


def _of_first(found: Sequence[ConversationFault], most: int) -> Sequence[ConversationFault]:
    named = set(islice(dict.fromkeys(fault.conversation_id for fault in found), most))
    return [fault for fault in found if fault.conversation_id in named]


def _size(fault: ConversationFault) -> int:
    """Bytes in what a function gives to Lambda: JSON that is a string in another JSON."""
    return len(json.dumps(json.dumps(fault.as_detail())))


def _cut(fault: ConversationFault, room: int) -> ConversationFault:
    while fault.reason and _size(fault) > room:
        fault = replace(fault, reason=fault.reason[: min(room, len(fault.reason) * 9 // 10)])
    return fault
