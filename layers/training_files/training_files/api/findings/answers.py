"""Answers about findings, as plain JSON values."""

from typing import Any

from training_files.api.findings.cursors import cursor_of
from training_files.domain.analysis.finding_places import FindingsPage


def findings_answer(page: FindingsPage) -> dict[str, Any]:
    return {
        "revision": page.revision,
        "findings": [finding.as_json() for finding in page.findings],
        "next_cursor": cursor_of(page.next_place) if page.next_place else None,
    }
