"""The bytes of a training file: full JSON (`brightrun-lora-v4`) and JSONL.

The full JSON is three stretches, so that a longer version can be made without reading the shorter one:

    header   { "training_file_metadata": {…},               new in every revision
    body       "consultant_profile": {…}, "conversations": [ … grows at its end
    tail     ] }                                             always the same
"""

from typing import Any

import orjson

from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.enriched_file import EnrichedFile
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.conversation.scaffolding import Scaffolding
from training_files.domain.json_lines import json_line
from training_files.domain.quality import quality_tier
from training_files.domain.spelling import iso_utc, percentage, plain_number
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import TrainingFile

FORMAT_SPEC = "brightrun-lora-v4"
VERSION = "4.0.0"
SEPARATOR = b",\n"
TAIL = b"\n  ]\n}"
PROFILE_KEYS = (
    "name",
    "business",
    "expertise",
    "years_experience",
    "core_philosophy",
    "communication_style",
)
LINE_KEYS = (
    "id",
    "conversation_id",
    "turn_number",
    "conversation_metadata",
    "system_prompt",
    "conversation_history",
    "current_user_input",
    "emotional_context",
    "target_response",
    "training_metadata",
)


def json_header(training_file: TrainingFile, totals: Totals) -> bytes:
    metadata = {
        "file_name": training_file.name,
        "version": VERSION,
        "created_date": iso_utc(training_file.created_at),
        "last_updated": iso_utc(training_file.last_updated_at),
        "format_spec": FORMAT_SPEC,
        "target_model": training_file.target_model,
        "vertical": training_file.vertical,
        "total_conversations": totals.conversation_count,
        "total_training_pairs": totals.total_training_pairs,
        "quality_summary": quality_summary(totals),
        "scaffolding_distribution": totals.scaffolding_distribution,
    }
    return b'{\n  "training_file_metadata": ' + _indented(metadata, 1) + SEPARATOR


def quality_summary(totals: Totals) -> dict[str, int | float | None]:
    return {
        "avg_quality_score": plain_number(totals.avg_quality_score),
        "min_quality_score": plain_number(totals.scores.minimum),
        "max_quality_score": plain_number(totals.scores.maximum),
        "human_reviewed_count": totals.human_reviewed_count,
        "human_reviewed_percentage": plain_number(percentage(totals.human_reviewed_count, totals.total_training_pairs)),
    }


def json_body_start(consultant_profile: dict[str, Any]) -> bytes:
    known = {key: consultant_profile.get(key) for key in PROFILE_KEYS}
    profile = known | consultant_profile
    return b'  "consultant_profile": ' + _indented(profile, 1) + b',\n  "conversations": [\n'


def json_conversation(
    conversation: Conversation, enriched: EnrichedFile, scaffolding: Scaffolding, figures: ConversationFigures
) -> bytes:
    """One element of `conversations`, indented for its place, without a separator.

    Raises orjson.JSONEncodeError when the file is nested deeper than 250 levels.
    """
    metadata = {
        "conversation_id": str(conversation.conversation_id),
        "source_file": f"fp_conversation_{conversation.conversation_id}.json",
        "created_date": conversation.created_date,
        "total_turns": figures.training_pairs,
        "quality_tier": quality_tier(figures.scores.mean),
        "scaffolding": {
            "persona_key": scaffolding.persona_key,
            "persona_name": scaffolding.persona_name,
            "emotional_arc_key": scaffolding.emotional_arc_key,
            "emotional_arc": scaffolding.emotional_arc,
            "training_topic_key": scaffolding.training_topic_key,
            "training_topic": scaffolding.training_topic,
        },
    }
    if conversation.batch_id is not None:
        metadata["batch_id"] = conversation.batch_id
    element = {"conversation_metadata": metadata, "training_pairs": enriched.training_pairs}
    return b"    " + _indented(element, 2)


def jsonl_lines(conversation: Conversation, enriched: EnrichedFile) -> bytes:
    """One line for each trainable pair, in the order of the enriched file."""
    conversation_id = str(conversation.conversation_id)
    lines = []
    for model, pair in zip(enriched.model.training_pairs, enriched.training_pairs, strict=True):
        if model.trainable:
            line = {key: pair.get(key) for key in LINE_KEYS}
            line["id"] = f"{model.id}_{conversation_id[:8]}"
            line["conversation_id"] = conversation_id
            lines.append(json_line(line))
    return b"".join(lines)


def _indented(value: Any, level: int) -> bytes:
    """JSON indented by two spaces, as it looks `level` levels down. Strings never hold a raw line break."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n" + b"  " * level)
