"""The quality report of a training file: its rows, its two objects, its sources and a sample, looked at anew."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from training_files.catalog.finding import existing, unfinished
from training_files.context import Context
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of
from training_files.domain.training_file.revision import Membership, Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.reports.objects import read_objects
from training_files.reports.sources import SOURCES_COMPARED, compared_sources

ROWS_AT_ONCE = 1000
# What is kept of a conversation has about so many bytes, and so many more for each training pair.
PAGE_BYTES, ROW_BYTES, PAIR_BYTES = 8 * 1024 * 1024, 1_000, 150


def report(context: Context, training_file_id: UUID, *, seed: int | None) -> dict[str, Any]:
    """The report of the current revision, as JSON values.

    Raises TrainingFileNotFoundError, or TrainingFileProcessingError or TrainingFileFailedError when there is no
    revision yet.
    """
    training_file = existing(context, training_file_id)
    revision = context.revisions.get_revision(training_file_id, number=training_file.revision)
    if revision is None:
        raise unfinished(context, training_file_id)
    seed = revision.number if seed is None else seed
    tally = ReportTally(f"{training_file_id}:{seed}")
    tally.take(_memberships(context, revision, limit=rows_at_once(training_file)))
    surroundings = context.reports.revision_surroundings(
        training_file_id, revision=revision.number, limit=SOURCES_COMPARED
    )
    reading = read_objects(context.stores.training_files, training_file, revision, surroundings, tally)
    return report_of(
        training_file,
        tally.figures(),
        objects=objects_of(reading.json, reading.jsonl, checked=reading.checked),
        sources=compared_sources(context.stores.enriched_files, surroundings),
        sample={"seed": seed, "pairs": reading.pairs},
    )


def rows_at_once(training_file: TrainingFile) -> int:
    """As many rows as memory has room for at once; fewer than usual where conversations have hundreds of pairs."""
    pairs = training_file.total_training_pairs // max(training_file.conversation_count, 1)
    return max(1, min(ROWS_AT_ONCE, PAGE_BYTES // (ROW_BYTES + PAIR_BYTES * pairs)))


def _memberships(context: Context, revision: Revision, *, limit: int) -> Iterator[Membership]:
    position = 0
    while page := context.reports.list_memberships(
        revision.training_file_id, revision=revision.number, limit=limit, after_position=position
    ):
        yield from page
        position = page[-1].position
