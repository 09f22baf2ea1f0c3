"""The checklist of the quick start: what a training file should have before anyone trains on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from training_files.domain.spelling import plain_number
from training_files.domain.training_file.training_file import TrainingFile

Status = Literal["pass", "warn", "fail"]
CheckId = Literal[
    "conversations",
    "average_score",
    "persona_balance",
    "emotional_arc_balance",
    "training_topic_balance",
    "trainable_pairs",
    "json_valid",
    "jsonl_valid",
    "text_health",
    "spot_check",
]

LEAST_CONVERSATIONS, RECOMMENDED_CONVERSATIONS = 10, (20, 80)
LEAST_SCORE = 3.5
LEAST_PAIRS, RECOMMENDED_PAIRS = 100, 500
LEAST_EVENNESS, RECOMMENDED_EVENNESS = 0.5, 0.8
PAIRS_TO_READ = 5
# What is sent to POST …/exports.
WITHOUT_ERRORS = '{"format": "messages_weight", "filter": {"without": ["error"]}}'
WITHOUT_LOW_SCORES = '{"format": "messages_weight", "filter": {"min_quality_score": 3.5}}'
BALANCED: dict[str, tuple[CheckId, str, str]] = {
    "personas": ("persona_balance", "Balance of personas", "persona"),
    "emotional_arcs": ("emotional_arc_balance", "Balance of emotional arcs", "emotional arc"),
    "training_topics": ("training_topic_balance", "Balance of training topics", "training topic"),
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Below `minimum` a check fails. Outside of what is recommended, it warns."""

    minimum: float | None = None
    recommended_from: float | None = None
    recommended_to: float | None = None

    def status(self, figure: float) -> Status:
        if self.minimum is not None and figure < self.minimum:
            return "fail"
        too_low = self.recommended_from is not None and figure < self.recommended_from
        too_high = self.recommended_to is not None and figure > self.recommended_to
        return "warn" if too_low or too_high else "pass"

    def as_json(self) -> dict[str, float | None]:
        return {
            "minimum": self.minimum,
            "recommended_from": self.recommended_from,
            "recommended_to": self.recommended_to,
        }


def checks_of(
    training_file: TrainingFile,
    *,
    balance: Mapping[str, Any],
    scores: Mapping[str, Any],
    health: Mapping[str, Any],
    objects: Mapping[str, Any],
    pairs_to_read: int,
) -> list[dict[str, Any]]:
    """In the order of the checklist. A check that passes may still have a hint."""
    return [
        _conversations(training_file),
        _average_score(training_file, scores),
        *_balances(balance),
        _trainable_pairs(training_file),
        _json_valid(objects),
        _jsonl_valid(objects),
        _text_health(health, training_file.trainable_pairs),
        _spot_check(pairs_to_read, training_file.trainable_pairs),
    ]


def summary_of(checks: list[dict[str, Any]]) -> dict[str, Any]:
    statuses = [check["status"] for check in checks]
    worst = next((status for status in ("fail", "warn") if status in statuses), "pass")
    return {"status": worst, **{status: statuses.count(status) for status in ("pass", "warn", "fail")}}


def _conversations(training_file: TrainingFile) -> dict[str, Any]:
    threshold = Threshold(LEAST_CONVERSATIONS, *RECOMMENDED_CONVERSATIONS)
    count = training_file.conversation_count
    hint = "A file of this size is right for a first fine-tuning."
    if count < RECOMMENDED_CONVERSATIONS[0]:
        hint = f"Add {RECOMMENDED_CONVERSATIONS[0] - count} conversations or more; suggestions name the best ones."
    elif count > RECOMMENDED_CONVERSATIONS[1]:
        hint = "Nothing is wrong with more. Beyond 80, choose by quality and balance rather than by number."
    return _check("conversations", "Conversations", threshold.status(count), count, "conversations", threshold, hint)


def _average_score(training_file: TrainingFile, scores: Mapping[str, Any]) -> dict[str, Any]:
    threshold = Threshold(minimum=LEAST_SCORE)
    average = plain_number(training_file.avg_quality_score)
    status, hint = "warn", "No pair is scored, so nobody knows. Score some, or have them reviewed."
    if average is not None:
        status = threshold.status(average)
        hint = "The average of all scored pairs, reviewed scores before generated ones."
        if status == "fail" and scores["distinct"] == 1:
            hint = "All scores are the same, so none are better to train on. Have the conversations reviewed."
        elif status == "fail" and (training_file.max_quality_score or 0) < LEAST_SCORE:
            hint = "No pair reaches 3.5. Have the conversations reviewed, or choose others."
        elif status == "fail":
            hint = f"Export with {WITHOUT_LOW_SCORES}, or send the lowest, named below, to POST …/remove-conversations."
    return _check("average_score", "Average score", status, average, "of 5", threshold, hint)


def _balances(balance: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    threshold = Threshold(LEAST_EVENNESS, RECOMMENDED_EVENNESS)
    for aspect, (check_id, title, noun) in BALANCED.items():
        found = balance[aspect]
        status, figure, hint = "warn", None, f"There is only one {noun}, so there is nothing to balance."
        if not found["keys"]:
            hint = f"No conversation says which {noun} it is about, neither in its row nor in its first pair."
        elif found["keys"] > 1:
            figure = found["evenness"]
            status = threshold.status(figure)
            hint = _spread(found["counts"][-1]["conversations"], found["counts"][0]["conversations"], noun)
            if status != "pass":
                hint += " Suggestions name conversations that would even it out."
        yield _check(check_id, title, status, figure, "evenness", threshold, hint)


def _spread(least: int, most: int, noun: str) -> str:
    if least == most:
        return f"Each {noun} has {'one conversation' if most == 1 else f'{most} conversations'}."
    return f"From {least} to {most} conversations for each {noun}."


def _trainable_pairs(training_file: TrainingFile) -> dict[str, Any]:
    threshold = Threshold(LEAST_PAIRS, RECOMMENDED_PAIRS)
    count = training_file.trainable_pairs
    status = threshold.status(count)
    hint = "Pairs that have a target; only these are trained on."
    if status != "pass":
        goal = LEAST_PAIRS if status == "fail" else RECOMMENDED_PAIRS
        hint = f"{goal - count} more pairs with a target make {goal}. Pairs without one do not count."
    return _check("trainable_pairs", "Trainable pairs", status, count, "pairs", threshold, hint)


def _json_valid(objects: Mapping[str, Any]) -> dict[str, Any]:
    found = objects["json"]
    return _valid("json_valid", "JSON is valid", found, found["problem_count"], objects["checked"])


def _jsonl_valid(objects: Mapping[str, Any]) -> dict[str, Any]:
    found = objects["jsonl"]
    return _valid("jsonl_valid", "JSONL is valid, no null target", found, found["problem_count"], objects["checked"])


def _valid(check_id: CheckId, title: str, found: Mapping[str, Any], problems: int, checked: str) -> dict[str, Any]:
    read = "All of it was read." if checked == "all" else "It is large: its ends and the sampled stretches were read."
    mended = "Send POST …/revert with an earlier revision, or make the file again."
    hint = read if found["valid"] else f"{found['problems'][0]}. {mended}"
    status: Status = "pass" if found["valid"] else "fail"
    threshold = Threshold(recommended_to=0)
    return _check(check_id, title, status, problems, "problems", threshold, hint[0].upper() + hint[1:])


def _text_health(health: Mapping[str, Any], trainable_pairs: int) -> dict[str, Any]:
    threshold = Threshold(recommended_to=0)
    errors, warnings = health["errors"], health["warnings"]
    if errors["findings"]:
        advice = f"Correct their enriched files and send POST …/refresh, or export with {WITHOUT_ERRORS}."
        if not errors["targets"]:
            advice = "No answer depends on them, so no row would train on them."
        elif errors["targets"] >= trainable_pairs:
            advice = "Correct their enriched files and send POST …/refresh: nothing else is left to train on."
        hint = f"{_concerned(errors)} {advice}"
        return _check("text_health", "Text health", "fail", errors["findings"], "errors", threshold, hint)
    hint = "Nothing is found that a model should not learn."
    if warnings["findings"]:
        hint = f"{_concerned(warnings)} Look at them below."
    status = "warn" if warnings["findings"] else "pass"
    return _check("text_health", "Text health", status, warnings["findings"], "warnings", threshold, hint)


def _concerned(found: Mapping[str, Any]) -> str:
    """Findings that only the whole file shows may concern no single conversation."""
    conversations, targets = found["conversations"], found["targets"]
    rules = ", ".join(found["rules"])
    where = f"in {conversations:,} conversation{'s' * (conversations != 1)}" if conversations else "in the whole file"
    of_targets = f", with {targets:,} target{'s' * (targets != 1)} concerned" if targets else ""
    return f"Found {where}{of_targets}: {rules}."


def _spot_check(pairs_to_read: int, trainable_pairs: int) -> dict[str, Any]:
    threshold = Threshold(recommended_from=PAIRS_TO_READ)
    status = threshold.status(pairs_to_read)
    hint = "Read the sample below: would you want a model to answer like this?"
    if status == "warn":
        hint = "There are too few pairs for a sample." if trainable_pairs < PAIRS_TO_READ else "Few could be read."
    return _check("spot_check", "Spot check", status, pairs_to_read, "pairs to read", threshold, hint)


def _check(
    check_id: CheckId,
    title: str,
    status: str,
    figure: float | None,
    unit: str,
    threshold: Threshold,
    hint: str,
) -> dict[str, Any]:
    return {
        "id": check_id,
        "title": title,
        "status": status,
        "figure": figure,
        "unit": unit,
        "threshold": threshold.as_json(),
        "hint": hint,
    }
