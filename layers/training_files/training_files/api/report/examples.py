"""An example of a report, made by the very functions that make one."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from training_files.api.examples import FILE, FILE_ID, IDS, REVISION
from training_files.domain.analysis.conversation_analysis import analysis_of
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.report.objects import Verdict
from training_files.domain.report.sample import laid_out
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of, sources_of
from training_files.domain.training_file.revision import Membership

PAIR: dict[str, Any] = {
    "id": "retirement_turn2",
    "turn_number": 2,
    "conversation_metadata": {
        "client_persona": "Jordan Ellis - The Anxious Planner",
        "emotional_arc": "Fear → Confidence",
    },
    "system_prompt": "You are a warm, precise financial planner.",
    "conversation_history": [{"role": "user", "content": "I am 45 and have saved nothing. Is it too late?"}],
    "current_user_input": "I am 45 and have saved nothing. Is it too late?",
    "target_response": "It is not. Twenty years are a long time for money to grow; let us look at the first step.",
    "training_metadata": {"quality_score": 4.25, "human_reviewed": True},
}


def report() -> Any:
    """As if it were made of two conversations, of which one pair is read."""
    tally = ReportTally(f"{FILE_ID}:1")
    tally.take(_memberships())
    [pick, *_] = tally.sample.picks()
    json, jsonl = (Verdict(bytes=size, read_bytes=size) for size in (FILE.json_file_size, FILE.jsonl_file_size))
    return {
        "report": report_of(
            FILE,
            tally.figures(),
            newest_revision=FILE.revision,
            tags=REVISION.tags,
            objects=objects_of(json, jsonl, checked="all"),
            sources=sources_of([], compared=0, not_checked=0, shown=50),
            sample={"seed": 1, "pairs": [laid_out(pick, orjson.dumps(PAIR))]},
        )
    }


def _memberships() -> list[Membership]:
    pairs = [TrainingPairModel.model_validate(PAIR)]
    analyses = [analysis_of(conversation_id, pairs, row_score=None, jsonl_size=812) for conversation_id in IDS]
    columns = [list(counts) for counts in FILE.scaffolding_distribution.values()]
    return [
        Membership(
            conversation_id=UUID(analysis.conversation_id),
            position=position,
            training_pairs=6,
            trainable_pairs=3,
            score_sum=Decimal("25.5"),
            score_count=6,
            persona_key=personas,
            emotional_arc_key=columns[1][0],
            training_topic_key=topics,
            analysis=analysis.as_json(),
        )
        for position, (analysis, personas, topics) in enumerate(zip(analyses, columns[0], columns[2], strict=True), 1)
    ]
