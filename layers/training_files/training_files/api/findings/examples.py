"""An example of an answer about findings, made by the very function that answers."""

from typing import Any

from training_files.api.examples import FILE
from training_files.api.findings.answers import findings_answer
from training_files.api.training_files.examples import CUT_OFF
from training_files.domain.analysis.finding_places import FindingPlace, FindingsPage


def findings() -> Any:
    return findings_answer(FindingsPage(FILE.revision, (CUT_OFF,), FindingPlace(FILE.revision, 2, 0)))
