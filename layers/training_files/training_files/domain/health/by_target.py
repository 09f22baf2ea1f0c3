"""Which findings concern what a model would learn: those of a target, of what it answers, and of its system prompt."""

from collections.abc import Iterable, Sequence

from training_files.domain.health.findings import Finding

SYSTEM_PROMPT = "the system prompt "


def findings_by_target(
    turns: Iterable[tuple[int, bool]], findings: Sequence[Finding], *, in_one_dialogue: bool
) -> dict[int, list[Finding]]:
    """For the turn of each target, what is found in it, in what it answers, and in its system prompt.

    `turns` are those of the pairs, in order, and whether a pair has a target. In one dialogue all targets have the last
    system prompt; otherwise each has the one that was said last. Of several prompts only the first change is known.
    """
    by_target: dict[int, list[Finding]] = {}
    waiting: list[int] = []
    at_turn: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.turn is not None and not _is_of_prompt(finding) and not _is_nowhere(finding):
            at_turn.setdefault(finding.turn, []).append(finding)
    of_prompts = [finding for finding in findings if finding.turn is None or _is_of_prompt(finding)]
    changed = min((each.turn for each in findings if each.rule == "several_system_prompts" and each.turn), default=None)
    for turn, has_target in turns:
        waiting.append(turn)
        if has_target:
            own = [finding for each in waiting for finding in at_turn.get(each, ())]
            by_target[turn] = own + [
                each for each in of_prompts if _holds_at(each, turn, changed, in_one_dialogue=in_one_dialogue)
            ]
            waiting = []
    return by_target


def _holds_at(finding: Finding, turn: int, changed: int | None, *, in_one_dialogue: bool) -> bool:
    """`changed` is the turn of the first other system prompt."""
    if finding.turn is None:
        return True
    is_of_first = changed is not None and finding.turn < changed
    if in_one_dialogue:
        return not is_of_first
    return finding.turn <= turn and not (is_of_first and changed is not None and turn >= changed)


def _is_of_prompt(finding: Finding) -> bool:
    """A history may begin with the system prompt, too."""
    return finding.field == "system_prompt" or finding.message.startswith(SYSTEM_PROMPT)


def _is_nowhere(finding: Finding) -> bool:
    """Nobody trains on metadata."""
    return (finding.field or "").startswith("conversation_metadata")
