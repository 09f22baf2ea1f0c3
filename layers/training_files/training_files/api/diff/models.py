"""The shapes of answers about what two revisions differ in."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import Bytes, Count, Cursor, Moment, ScaffoldingDistribution, Uuid
from training_files.api.training_files.models import QualitySummary


class ComparedRevision(TypedDict):
    revision: Annotated[int, Field(ge=1, description="Its number.")]
    tags: list[str]
    finished_at: Moment | None
    conversation_count: Count
    total_training_pairs: Count
    trainable_pairs: Count
    json_file_size: Bytes | None
    jsonl_file_size: Bytes | None
    scaffolding_distribution: ScaffoldingDistribution
    quality_summary: QualitySummary


class RevisionDiff(TypedDict):
    """A page has some of the changes, those of each kind in file order; the totals count all."""

    before: Annotated[
        ComparedRevision | None, Field(description="Null where `after` is compared with nothing, before revision 1.")
    ]
    after: ComparedRevision
    added_total: Count
    removed_total: Count
    replaced_total: Count
    moved_total: Count
    added: list[Uuid]
    removed: list[Uuid]
    replaced: Annotated[list[Uuid], Field(description="In both, from another enriched file: refreshed in between.")]
    moved: Annotated[list[Uuid], Field(description="The same in both, at another place.")]
    next_cursor: Cursor
