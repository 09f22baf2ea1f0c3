"""Which faults of a build are kept with it: as many as fit into an answer, and of every conversation at least one."""

import json
from collections.abc import Sequence
from dataclasses import replace

from training_files.domain.conversation.faults import ConversationFault

# A Lambda function may answer 6 MB. What a request skipped before it was queued, up to 2 MB, may be shown beside them.
ROOM_BYTES = 4_000_000


def limit_faults(found: Sequence[ConversationFault]) -> list[ConversationFault]:
    """The first fault of each conversation, and further ones while there is room, in their order.

    Where even the first ones have no room, the longest reasons are cut.
    """
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


def _size(fault: ConversationFault) -> int:
    """Bytes in what a function gives to Lambda: JSON that is a string in another JSON."""
    return len(json.dumps(json.dumps(fault.as_detail())))


def _cut(fault: ConversationFault, room: int) -> ConversationFault:
    while fault.reason and _size(fault) > room:
        fault = replace(fault, reason=fault.reason[: min(room, len(fault.reason) * 9 // 10)])
    return fault
