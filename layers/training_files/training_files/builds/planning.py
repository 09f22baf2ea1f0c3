"""The plan of a revision: its two objects as parts of the revision before and of the new conversations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from training_files.builds.preparing import Prepared
from training_files.domain.conversation.limited_faults import kept_faults
from training_files.domain.spelling import iso_utc, plain_number
from training_files.domain.training_file.formats import TAIL, json_header
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.objects import BytesPart, Part, StoredPart
from training_files.ports.revisions import RevisionContent


@dataclass(frozen=True, slots=True)
class PlannedRevision:
    """Everything about a revision but the copying of its bytes."""

    training_file: TrainingFile
    json_parts: Sequence[Part]
    jsonl_parts: Sequence[Part]
    content: RevisionContent


@dataclass(frozen=True, slots=True)
class Parts:
    """What both objects of a revision are made of; the JSON without its header."""

    json: Sequence[Part]
    jsonl: Sequence[Part]


def plan_revision(
    training_file: TrainingFile, totals: Totals, parts: Parts, change: Change, **content: Any
) -> PlannedRevision:
    """The revision that has these totals and consists of these parts. `content` are other fields of RevisionContent."""
    planned = training_file.model_copy(update=totals.as_columns())
    header = BytesPart(json_header(planned, totals))
    json_parts, jsonl_parts = [header, *parts.json], list(parts.jsonl)
    planned = planned.model_copy(update={"json_file_size": _size(json_parts), "jsonl_file_size": _size(jsonl_parts)})
    made = RevisionContent(
        training_file=_as_json(planned),
        totals=totals.as_json(),
        json_body_offset=header.size,
        change=change,
        **content,
    )
    return PlannedRevision(planned, json_parts, jsonl_parts, made)


def plan_addition(training_file: TrainingFile, base: Revision | None, prepared: Prepared) -> PlannedRevision:
    """The revision that follows `base`, or the first one, with `training_file` as it will be."""
    totals = prepared.spool.added_to(Totals.from_json(base.totals) if base and base.totals else Totals())
    vertical = training_file.vertical if base else prepared.vertical
    return plan_revision(
        training_file.model_copy(update={"vertical": vertical}),
        totals,
        Parts(list(_json_parts(base, prepared)), list(_jsonl_parts(base, prepared))),
        Change(kind="add" if base else "create", count=len(prepared.spool)),
        warnings=prepared.health.warnings().as_json(),
        **kept_faults(prepared.skipped, prepared.further_skipped),
    )


def _json_parts(base: Revision | None, prepared: Prepared) -> Iterator[Part]:
    if base and base.json_file_size is not None and base.json_body_offset is not None:
        yield StoredPart(base.json_file_path, base.json_body_offset, base.json_file_size - len(TAIL))
    else:
        yield BytesPart(prepared.json_body_start)
    yield from prepared.spool.json_parts(behind_others=base is not None)
    yield BytesPart(TAIL)


def _jsonl_parts(base: Revision | None, prepared: Prepared) -> Iterator[Part]:
    if base and base.jsonl_file_size:
        yield StoredPart(base.jsonl_file_path, 0, base.jsonl_file_size)
    yield from prepared.spool.jsonl_parts()


def _size(parts: Sequence[Part]) -> int:
    return sum(part.size for part in parts)


def _as_json(training_file: TrainingFile) -> dict[str, object]:
    """The columns that a commit sets."""
    return {
        "vertical": training_file.vertical,
        "json_file_size": training_file.json_file_size,
        "jsonl_file_size": training_file.jsonl_file_size,
        "conversation_count": training_file.conversation_count,
        "total_training_pairs": training_file.total_training_pairs,
        "trainable_pairs": training_file.trainable_pairs,
        "avg_quality_score": plain_number(training_file.avg_quality_score),
        "min_quality_score": plain_number(training_file.min_quality_score),
        "max_quality_score": plain_number(training_file.max_quality_score),
        "human_reviewed_count": training_file.human_reviewed_count,
        "scaffolding_distribution": training_file.scaffolding_distribution,
        "last_updated_at": iso_utc(training_file.last_updated_at),
    }
