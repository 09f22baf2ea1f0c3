"""The quality report of a training file: its rows, its two objects, its sources and a sample, looked at anew."""

from typing import Any
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.catalog.revisions import asked_revision
from training_files.context import Context
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of
from training_files.domain.training_file.as_of_revision import as_of_revision
from training_files.domain.training_file.tags import RevisionName
from training_files.reports.members import memberships, rows_at_once
from training_files.reports.objects import read_objects
from training_files.reports.sources import SOURCES_COMPARED, compared_sources


def report(
    context: Context, training_file_id: UUID, *, seed: int | None, wanted: RevisionName | None = None
) -> dict[str, Any]:
    """The report of the wanted revision, or else of the current one, as JSON values.

    Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, or TrainingFileProcessingError or
    TrainingFileFailedError when there is no revision yet.
    """
    now = existing(context, training_file_id)
    revision = asked_revision(context, training_file_id, wanted, newest=now.revision)
    training_file = as_of_revision(now, revision)
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
        newest_revision=now.revision,
        tags=revision.tags,
        objects=objects_of(reading.json, reading.jsonl, checked=reading.checked),
        sources=compared_sources(context.stores.enriched_files, surroundings),
        sample={"seed": seed, "pairs": reading.pairs},
    )
