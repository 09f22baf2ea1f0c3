"""Why an unhealthy conversation is refused."""

from collections.abc import Iterable
from uuid import UUID

from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.health.findings import Finding

TURNS_NAMED = 10


def unhealthy_fault(conversation_id: UUID, errors: Iterable[Finding]) -> ConversationFault:
    """`errors` are its findings of that severity."""
    turns: dict[str, list[int]] = {}
    for finding in errors:
        turns.setdefault(finding.rule, []).extend([] if finding.turn is None else [finding.turn])
    return ConversationFault(
        conversation_id,
        "unhealthy",
        f"is unhealthy: {', '.join(f'{rule}{_in_turns(sorted(set(where)))}' for rule, where in turns.items())}",
        "Correct these turns in its enriched file, leave it out, or send on_unhealthy: allow.",
    )


def _in_turns(turns: list[int]) -> str:
    if not turns:
        return ""
    more = f" and {len(turns) - TURNS_NAMED} more" if len(turns) > TURNS_NAMED else ""
    return f" in turn{'s' * (len(turns) > 1)} {', '.join(map(str, turns[:TURNS_NAMED]))}{more}"
