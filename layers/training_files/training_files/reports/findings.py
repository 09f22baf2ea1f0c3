"""All findings of a training file's revision, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.catalog.revisions import asked_revision
from training_files.context import Context
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, findings_from_json
from training_files.domain.analysis.file_health import findings_across, may_be_across
from training_files.domain.analysis.finding_places import FindingPlace, FindingsPage, WantedFindings
from training_files.domain.health.findings import Finding, Rule
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import not_a_cursor
from training_files.ports.reports import FindingsOfConversation, ReportRepository
from training_files.reports.members import memberships, rows_at_once

# A row has all findings of its conversation, and most conversations that have any have few.
ROWS_WITH_FINDINGS_AT_ONCE = 200

Placed = tuple[FindingPlace, Finding]


def page_of_findings(
    context: Context,
    training_file_id: UUID,
    wanted: WantedFindings,
    *,
    limit: int,
    revision: RevisionName | None = None,
    begin: FindingPlace | None = None,
) -> FindingsPage:
    """Up to `limit` of the wanted findings, from the place `begin` on: of its revision, else of the one that is named.

    Without either, of the current one.

    Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, RequestInvalidError for a place that
    cannot be, or TrainingFileProcessingError or TrainingFileFailedError when there is no revision yet.
    """
    training_file = existing(context, training_file_id)
    asked: Revision | None = None
    if begin is None and (revision is not None or training_file.revision == 0):
        # Of the current one, the training file itself tells all that is needed.
        asked = asked_revision(context, training_file_id, revision, newest=training_file.revision)
    begin = begin or FindingPlace(asked.number if asked else training_file.revision, position=1, index=0)
    if not 0 < begin.revision <= training_file.revision:
        raise not_a_cursor()
    search = _Search(
        context.reports,
        training_file_id,
        begin.revision,
        wanted,
        rows_at_once(training_file),
        # One fact is one finding.
        said_of_the_file="flat_scores" if _has_flat_scores(context, training_file, asked, begin.revision) else None,
    )
    found = list(islice(search.found_from(begin), limit + 1))
    return FindingsPage(
        revision=begin.revision,
        findings=tuple(finding for _, finding in found[:limit]),
        next_place=found[limit][0] if len(found) > limit else None,
    )


def _has_flat_scores(context: Context, training_file: TrainingFile, revision: Revision | None, number: int) -> bool:
    """Of the revision that was asked for, or else that the first page was about, which may be an older one by now."""
    if number == training_file.revision or training_file.id is None:
        return training_file.has_flat_scores
    revision = revision or context.revisions.get_revision(training_file.id, number=number)
    totals = (revision and revision.totals) or {}
    least = totals.get("min_quality_score")
    return least is not None and least == totals.get("max_quality_score")


@dataclass(frozen=True, slots=True)
class _Search:
    """Reads no more rows than it takes to find what is asked of it."""

    reports: ReportRepository
    training_file_id: UUID
    revision: int
    wanted: WantedFindings
    rows_at_once: int
    said_of_the_file: Rule | None

    def found_from(self, begin: FindingPlace) -> Iterator[Placed]:
        if begin.position is not None:
            yield from self._in_conversations(begin.position, begin.index)
        if may_be_across(self.wanted):
            yield from self._across(begin.index if begin.position is None else 0)

    def _in_conversations(self, begin: int, first: int) -> Iterator[Placed]:
        """`first` is the first that counts of the conversation at the position `begin`."""
        for row in self._rows_from(begin):
            for index, finding in enumerate(findings_from_json(str(row.conversation_id), row.findings)):
                is_behind = row.position > begin or index >= first
                if is_behind and self.wanted.has(finding) and finding.rule != self.said_of_the_file:
                    yield FindingPlace(self.revision, row.position, index), finding

    def _rows_from(self, position: int) -> Iterator[FindingsOfConversation]:
        limit = min(self.rows_at_once, ROWS_WITH_FINDINGS_AT_ONCE)
        while rows := self.reports.list_findings(
            self.training_file_id, self.wanted, revision=self.revision, limit=limit, from_position=position
        ):
            yield from rows
            position = rows[-1].position + 1

    def _across(self, first: int) -> Iterator[Placed]:
        members = memberships(self.reports, self.training_file_id, revision=self.revision, limit=self.rows_at_once)
        analyses = (
            ConversationAnalysis.from_json(str(member.conversation_id), member.analysis)
            for member in members
            if member.analysis is not None
        )
        for index, finding in enumerate(findings_across(analyses)):
            if index >= first and self.wanted.has(finding):
                yield FindingPlace(self.revision, None, index), finding
