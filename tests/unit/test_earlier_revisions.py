"""What is said of an earlier revision is what was said when it was the newest one, whatever has become of the file."""

import json
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.exchanges import in_real_shape
from tests.support.fake_exports import InMemoryExports
from tests.support.workshop import Workshop
from training_files.api.report.page.page import page
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.exports.export import CreateExportInput, ExportResult, ExportSplit
from training_files.domain.training_file.build_request import RefreshConversationsInput, RevertInput
from training_files.domain.training_file.tags import RevisionName
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.reports import objects as object_reading

CUT_OFF = "This ends in the mid"
# What an owner edits, and when it was committed: a worker's clock and the database's differ.
OF_NOW = {"newest_revision", "last_updated_at"}


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def a_found_one(workshop: Workshop, *targets: str, **row: Any) -> UUID:
    exchanges = [(f"Question {number}?", target) for number, target in enumerate(targets, 1)]
    return workshop.a_conversation(an_enriched_file(*in_real_shape(exchanges)), **row)


def report_of(workshop: Workshop, file_id: UUID, revision: RevisionName | None = None) -> Json:
    """Without what may be otherwise later: sources are compared with what is enriched now."""
    report = workshop.service.report(file_id, revision=revision)
    report.pop("sources")
    report["training_file"] = {key: value for key, value in report["training_file"].items() if key not in OF_NOW}
    return report


def findings_of(workshop: Workshop, file_id: UUID, revision: RevisionName | None = None) -> list[Json]:
    """Over several pages, of which only the first is told which revision."""
    found: list[Json] = []
    listed = workshop.service.page_of_findings(file_id, WantedFindings(), limit=1, revision=revision)
    while True:
        found += [{"revision": listed.revision, **finding.as_json()} for finding in listed.findings]
        if listed.next_place is None:
            return found
        listed = workshop.service.page_of_findings(file_id, WantedFindings(), limit=1, begin=listed.next_place)


def export_of(workshop: Workshop, file_id: UUID, revision: RevisionName | None = None) -> ExportResult:
    """Made anew, with everything in it that depends on a revision."""
    wanted = CreateExportInput(
        training_file_id=file_id,
        format="messages",
        split=ExportSplit(validation=Decimal("0.4"), seed="best"),
        bundle=True,
        revision=revision,
    )
    anew = replace(workshop, exports=InMemoryExports(workshop.repository))
    result = anew.service.create_export(wanted).export.result
    assert result is not None
    return result


def everything_changes(workshop: Workshop) -> tuple[UUID, list[tuple[Json, list[Json], ExportResult]]]:
    """A training file with six revisions, and what was said of each while it was the newest one."""
    keys = [{"persona_key": key, "quality_score": score} for key, score in (("one", 4), ("two", 3.5), ("one", 5))]
    ids = [a_found_one(workshop, f"{key}. {CUT_OFF}", "Whole.", **row) for key, row in zip("abc", keys, strict=True)]
    file_id, said = workshop.a_training_file(*ids), []

    def say() -> None:
        assert workshop.repository.training_files[file_id].revision == len(said) + 1
        said.append((report_of(workshop, file_id), findings_of(workshop, file_id), export_of(workshop, file_id)))

    say()
    workshop.remove(workshop.service, file_id, ids[0])
    say()
    workshop.add(workshop.service, file_id, a_found_one(workshop, f"Added. {CUT_OFF}", persona_key="three"))
    say()
    scored = an_enriched_file(a_scored_pair(1, 2, human_reviewed=True), a_pair(2), a_pair(3, target_response=None))
    workshop.replace_file_of(ids[1], json.dumps(scored).encode())
    workshop.service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id))
    say()
    workshop.service.revert_training_file(RevertInput(training_file_id=file_id, revision=2))
    say()
    workshop.remove(workshop.service, file_id, ids[2])
    say()
    return file_id, said


@pytest.mark.parametrize("reads", ["all", "samples"])
def test_report_findings_and_exports_are_those_of_the_revision(
    workshop: Workshop, reads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reads == "samples":
        monkeypatch.setattr(object_reading, "LARGEST_READ_WHOLE_BYTES", 100)
    file_id, said = everything_changes(workshop)

    again = [
        (report_of(workshop, file_id, n), findings_of(workshop, file_id, n), export_of(workshop, file_id, n))
        for n in range(1, len(said) + 1)
    ]

    assert [report["objects"]["checked"] for report, _, _ in again] == [reads] * len(said)
    for now, then in zip(again, said, strict=True):
        assert now == then
    # They differ, so that this says something.
    assert len({json.dumps(report["training_file"] | {"revision": 0}) for report, _, _ in again}) > 3
    assert len({len(findings) for _, findings, _ in again}) > 2


def test_a_report_says_which_revision_it_is_about(workshop: Workshop) -> None:
    file_id, _ = everything_changes(workshop)
    for tag in ("v1", "best"):
        workshop.service.tag_revision(file_id, tag, 2)
    workshop.service.update_training_file(file_id, TrainingFileChanges(name="renamed", status="archived"))

    now, then = workshop.service.report(file_id), workshop.service.report(file_id, revision="v1")

    shown = [
        {key: report["training_file"][key] for key in ("name", "status", "revision", "newest_revision", "tags")}
        for report in (now, then)
    ]
    of_now = {"name": "renamed", "status": "archived", "newest_revision": 6}
    assert shown == [of_now | {"revision": 6, "tags": []}, of_now | {"revision": 2, "tags": ["best", "v1"]}]
    assert "Revision 6 of 6 " in page(now)
    assert "Revision 2 of 6 (best, v1) " in page(then)


def test_a_report_knows_when_its_revision_was_committed(workshop: Workshop) -> None:
    file_id = workshop.a_training_file()
    first = workshop.service.report(file_id)["training_file"]["last_updated_at"]
    workshop.clock.advance(days=3)
    workshop.add(workshop.service, file_id, workshop.a_conversation())

    assert workshop.service.report(file_id, revision=1)["training_file"]["last_updated_at"] == first
    assert workshop.service.report(file_id)["training_file"]["last_updated_at"] > first


def test_an_export_says_which_tags_its_revision_had(workshop: Workshop) -> None:
    """It stays as it is when they move: what is made of a revision depends on its number alone."""
    file_id = workshop.a_training_file()
    workshop.service.tag_revision(file_id, "v1", 1)
    wanted = CreateExportInput(training_file_id=file_id, format="messages", bundle=True, revision="v1")
    offered = workshop.service.create_export(wanted)
    workshop.service.untag_revision(file_id, "v1")

    again = workshop.service.create_export(wanted.model_copy(update={"revision": 1}))

    assert again.export.id == offered.export.id
    with ZipFile(BytesIO(workshop.training_files.read(f"{offered.export.id}/bundle.zip"))) as bundle:
        manifest, card = json.loads(bundle.read("manifest.json")), bundle.read("README.md").decode()
    assert (manifest["revision"], manifest["tags"]) == (1, ["v1"])
    assert "revision 1 (v1) of training file" in card
