"""Which findings concern what a model would learn: those of a target, of what it answers, and of its whole dialogue."""

from collections.abc import Iterable, Sequence

from training_files.domain.health.findings import Finding


def findings_by_target(turns: Iterable[tuple[int, bool]], findings: Sequence[Finding]) -> dict[int, list[Finding]]:
    """For the turn of each target, what is found in it, in what it answers, and in what all of its dialogue has.

    `turns` are those of the pairs, in order, and whether a pair has a target.
    """
    by_target: dict[int, list[Finding]] = {}
    waiting: list[int] = []
    at_turn: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.turn is not None and not _is_everywhere(finding) and not _is_nowhere(finding):
            at_turn.setdefault(finding.turn, []).append(finding)
    everywhere = [finding for finding in findings if _is_everywhere(finding)]
    for turn, has_target in turns:
        waiting.append(turn)
        if has_target:
            own = [finding for each in waiting for finding in at_turn.get(each, ())]
            by_target[turn] = own + [each for each in everywhere if each.turn is None or each.turn <= turn]
            waiting = []
    return by_target


def _is_everywhere(finding: Finding) -> bool:
    return finding.turn is None or finding.field == "system_prompt"


def _is_nowhere(finding: Finding) -> bool:
    """Nobody trains on metadata."""
    return (finding.field or "").startswith("conversation_metadata")
