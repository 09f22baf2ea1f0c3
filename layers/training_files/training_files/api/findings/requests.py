"""What callers send for findings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from training_files.api.findings.cursors import place_of
from training_files.api.parsing import Id, Request, RevisionName
from training_files.domain.analysis.finding_places import FindingPlace, WantedFindings
from training_files.domain.health.findings import Rule, Severity

# Longer than any that this service gives.
CURSOR_CHARACTERS = 100


def _checked(cursor: str) -> str:
    place_of(cursor)
    return cursor


class FindingsQuery(Request):
    revision: RevisionName | None = Field(
        None,
        description="A number or a tag; the current one unless given. Pages behind the first stay with its revision.",
    )
    rule: Rule | None = Field(None, description="Only findings of this rule.")
    severity: Severity | None = Field(None, description="Only findings as grave as this.")
    conversation_id: Id | None = Field(None, description="Only findings that are about this conversation.")
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=CURSOR_CHARACTERS), AfterValidator(_checked)] | None = None

    @property
    def wanted(self) -> WantedFindings:
        return WantedFindings(self.rule, self.severity, self.conversation_id)

    @property
    def begin(self) -> FindingPlace | None:
        return place_of(self.cursor) if self.cursor is not None else None
