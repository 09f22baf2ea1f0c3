"""What a contract test of repositories arranges and looks at through the port."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.contract.subjects import RepositorySubject
from training_files.domain.spelling import iso_utc
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.conversations import ResolvedRequest
from training_files.ports.revisions import BegunRevision, CommittedRevision, NewTrainingFile, RevisionContent

MOMENT = datetime(2026, 3, 4, 5, 6, 7, 89_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Started:
    """A revision that was begun."""

    owner: UUID
    training_file_id: UUID
    revision_id: UUID
    begun: BegunRevision


def begin(
    rows: RepositorySubject,
    owner: UUID | None,
    training_file_id: UUID,
    new_file: NewTrainingFile | None = None,
    *,
    requested: dict[str, Any] | None = None,
    background: bool = False,
) -> tuple[UUID, BegunRevision]:
    revision_id = uuid4()
    begun = rows.repository.begin_revision(
        revision_id=revision_id,
        training_file_id=training_file_id,
        owner=owner,
        requested=requested or {"n": 1},
        new_file=new_file,
        background=background,
    )
    return revision_id, begun


def started(rows: RepositorySubject, owner: UUID, name: str = "a file", **options: Any) -> Started:
    """A training file whose first revision was begun."""
    training_file_id = uuid4()
    revision_id, begun = begin(rows, owner, training_file_id, NewTrainingFile(name=name), **options)
    return Started(owner, training_file_id, revision_id, begun)


def content_of(conversation_ids: Sequence[UUID], *, before: int = 0, at: datetime = MOMENT) -> RevisionContent:
    """What a revision with one pair for each conversation would say, with `before` conversations before these."""
    count = before + len(conversation_ids)
    return RevisionContent(
        training_file={
            "vertical": "planning",
            "json_file_size": 1000 * count,
            "jsonl_file_size": 100 * count,
            "conversation_count": count,
            "total_training_pairs": count,
            "trainable_pairs": count,
            "avg_quality_score": 3.25,
            "min_quality_score": 3,
            "max_quality_score": 3.5,
            "human_reviewed_count": 0,
            "scaffolding_distribution": {"personas": {"kim": count}, "emotional_arcs": {}, "training_topics": {}},
            "last_updated_at": iso_utc(at),
        },
        totals={"conversation_count": count},
        json_body_offset=17,
    )


def figures_of(conversation_ids: Sequence[UUID], *, first_position: int = 1) -> list[dict[str, Any]]:
    """The rows of conversations with one pair each."""
    return [
        {
            "conversation_id": str(conversation_id),
            "position": position,
            "training_pairs": 1,
            "trainable_pairs": 1,
            "reviewed_pairs": 0,
            "score_sum": "3.25",
            "score_count": 1,
            "min_quality_score": 3,
            "max_quality_score": 3.5,
            "persona_key": "kim",
            "emotional_arc_key": None,
            "training_topic_key": None,
            "enriched_sha256": "0" * 64,
            "json_size": 400,
            "jsonl_size": 100,
            "analysis": {"turns": [position], "score": None},
        }
        for position, conversation_id in enumerate(conversation_ids, start=first_position)
    ]


def commit(
    rows: RepositorySubject, revision_id: UUID, conversation_ids: Sequence[UUID], expected: int = 0, **content: Any
) -> CommittedRevision:
    return rows.repository.commit_revision(
        revision_id=revision_id,
        expected_revision=expected,
        content=content_of(conversation_ids, **content),
        conversations=figures_of(conversation_ids),
    )


def remove(rows: RepositorySubject, training_file_id: UUID, *conversation_ids: UUID) -> None:
    """A revision without these conversations, which the training file has."""
    current = existing(rows, training_file_id)
    left = current.conversation_count - len(conversation_ids)
    change = {"change": Change(kind="remove", count=len(conversation_ids)), "removed": conversation_ids}
    revision_id, _ = begin(rows, current.created_by, training_file_id, requested={"change": "remove"})
    committed = rows.repository.commit_revision(
        revision_id=revision_id,
        expected_revision=current.revision,
        content=content_of([uuid4()] * left).model_copy(update=change),
        conversations=[],
    )
    assert committed.outcome == "committed"


def finished(
    rows: RepositorySubject,
    owner: UUID,
    conversation_ids: Sequence[UUID] = (),
    name: str = "a file",
    at: datetime = MOMENT,
) -> UUID:
    """The id of a training file with one committed revision."""
    start = started(rows, owner, name)
    assert commit(rows, start.revision_id, conversation_ids or [uuid4()], at=at).outcome == "committed"
    return start.training_file_id


def resolve(rows: RepositorySubject, ids: Sequence[UUID], owner: UUID | None, **options: Any) -> ResolvedRequest:
    options = {"all_conversations": False, **options}
    return rows.repository.resolve(ids=ids, owner=owner, **options)


def file_of(record: BegunRevision | CommittedRevision | ResolvedRequest) -> TrainingFile:
    assert record.training_file is not None
    return record.training_file


def existing(rows: RepositorySubject, training_file_id: UUID) -> TrainingFile:
    found = rows.repository.get_training_file(training_file_id, None)
    assert found is not None
    return found


def revision(rows: RepositorySubject, training_file_id: UUID, revision_id: UUID) -> Revision:
    [found] = [r for r in rows.repository.list_revisions(training_file_id, limit=1000) if r.id == revision_id]
    return found
