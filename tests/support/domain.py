"""Records of the domain, valid by default, and training files written without a database or a bucket."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from tests.support.builders import Json, an_enriched_file
from tests.support.clock import Clock
from tests.support.fake_objects import InMemoryObjectStore
from training_files.builds.planning import plan_addition
from training_files.builds.preparing import prepare
from training_files.builds.spool import Spool
from training_files.choosing.choices import Choice
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, analysis_of
from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.enriched_file import EnrichedFile, read_enriched_file
from training_files.domain.conversation.figures import ConversationFigures, ScoreTally, figures_of
from training_files.domain.conversation.scaffolding import scaffolding_of
from training_files.domain.conversation.usable import usable_and_faults
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.objects import BytesPart, LocalPart, Part

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
USER = UUID("00000000-0000-4000-8000-000000000001")

Source = tuple[Conversation, Json | bytes]


def a_conversation(**changes: Any) -> Conversation:
    """An enriched conversation without a score, as the database resolves it."""
    usual = {
        "id": uuid4(),
        "conversation_id": uuid4(),
        "enrichment_status": "completed",
        "enriched_file_path": f"{uuid4()}/enriched.json",
        "created_at": MOMENT,
        "persona_key": "planner",
        "persona_name": "Kim",
    }
    return Conversation(**usual | changes)


def as_read(enriched: Json | bytes) -> EnrichedFile:
    raw = enriched if isinstance(enriched, bytes) else json.dumps(enriched, ensure_ascii=False).encode()
    return read_enriched_file(USER, raw)


def the_figures(conversation: Conversation | None = None, enriched: Json | None = None) -> ConversationFigures:
    conversation = conversation or a_conversation()
    read = as_read(enriched or an_enriched_file())
    return figures_of(conversation, read, scaffolding_of(conversation, read), "0" * 64)


def some_figures(scores: Sequence[Any] = (), **changes: Any) -> ConversationFigures:
    usual: dict[str, Any] = {
        "conversation_id": uuid4(),
        "training_pairs": 3,
        "trainable_pairs": 2,
        "reviewed_pairs": 1,
        "scores": ScoreTally.of(list(scores)),
        "persona_key": "planner",
        "emotional_arc_key": None,
        "training_topic_key": "budget",
        "enriched_sha256": "0" * 64,
    }
    return ConversationFigures(**usual | changes)


def some_analysis(conversation_id: UUID, **changes: Any) -> ConversationAnalysis:
    """What is kept of a conversation with one clean pair."""
    usual = analysis_of(
        str(conversation_id), as_read(an_enriched_file()).model.training_pairs, row_score=None, jsonl_size=7
    )
    return replace(usual, **changes)


def the_totals(*conversations: ConversationFigures, before: Totals | None = None) -> Totals:
    totals = before or Totals()
    for figures in conversations:
        totals = totals.plus(figures)
    return totals


def a_training_file(**changes: Any) -> TrainingFile:
    """A new training file, before its first revision."""
    usual = {
        "id": UUID("00000000-0000-4000-8000-000000000002"),
        "name": "Grüße",
        "status": "processing",
        "created_by": USER,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "last_updated_at": MOMENT,
    }
    return TrainingFile(**usual | changes)


@dataclass(frozen=True)
class Written:
    """A revision as it would be committed, and the bytes of its two objects."""

    training_file: TrainingFile
    revision: Revision
    json: bytes
    jsonl: bytes

    @property
    def document(self) -> Json:
        document: Json = json.loads(self.json)
        return document


def written(sources: Sequence[Source], base: Written | None = None, **changes: Any) -> Written:
    """The training file made of `sources`, in their order; `changes` are columns of the training file before."""
    store = InMemoryObjectStore(Clock())
    for conversation, enriched in sources:
        store.put(str(conversation.enriched_file_path), _bytes_of(enriched))
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        wanted = [conversation.conversation_id for conversation, _ in sources]
        # The database returns rows in any order.
        usable, found_faults = usable_and_faults(
            wanted,
            [conversation for conversation, _ in reversed(sources)],
            caller=None,
            enriched_paths="any",
            usable_statuses=("completed",),
        )
        choice = Choice(wanted, usable, found_faults)
        prepared = prepare(store, [choice], BuildOptions(), spool)
        before = (base.training_file if base else a_training_file()).model_copy(update=changes)
        planned = plan_addition(before, base.revision if base else None, prepared)
        number = before.revision + 1
        return Written(
            planned.training_file.model_copy(update={"revision": number, "status": "active"}),
            _committed(number, planned.content.model_dump(mode="json")),
            b"".join(_bytes_of_part(part, base.json if base else None) for part in planned.json_parts),
            b"".join(_bytes_of_part(part, base.jsonl if base else None) for part in planned.jsonl_parts),
        )


def _bytes_of(enriched: Json | bytes) -> bytes:
    return enriched if isinstance(enriched, bytes) else json.dumps(enriched).encode()


def _bytes_of_part(part: Part, before: bytes | None) -> bytes:
    match part:
        case BytesPart(content):
            return content
        case LocalPart(file, start, end):
            return file.read_bytes()[start:end]
    assert before is not None
    return before[part.start : part.end]


def _committed(number: int, content: Json) -> Revision:
    """The revision as the database gives it back; a jsonb column keeps no order of keys."""
    return Revision(
        id=uuid4(),
        training_file_id=uuid4(),
        number=number,
        status="committed",
        json_file_path="the JSON",
        jsonl_file_path="the JSONL",
        json_file_size=content["training_file"]["json_file_size"],
        jsonl_file_size=content["training_file"]["jsonl_file_size"],
        json_body_offset=content["json_body_offset"],
        totals=json.loads(json.dumps(content["totals"], sort_keys=True)),
        created_by=USER,
        created_at=MOMENT,
    )
