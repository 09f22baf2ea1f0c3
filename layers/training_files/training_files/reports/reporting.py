"""The quality report of a training file: its rows, its two objects, its sources and a sample, looked at anew."""

from typing import Any
from uuid import UUID

from training_files.catalog.finding import existing, unfinished
from training_files.context import Context
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of
from training_files.reports.members import memberships, rows_at_once
from training_files.reports.objects import read_objects
from training_files.reports.sources import SOURCES_COMPARED, compared_sources


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
    limit = rows_at_once(training_file)
    tally.take(memberships(context.reports, training_file_id, revision=revision.number, limit=limit))
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
