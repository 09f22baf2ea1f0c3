"""Wherever an export breaks off, nothing half done is offered, and asking again gives the whole of it.

Every call of a port fails once, before or after it took effect, and then for good; and its process is killed there.
"""

import hashlib
import io
import time
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.background.leases import BuiltElsewhereError
from training_files.catalog.folders import remove_export_folders
from training_files.domain.exports.export import CreateExportInput, Export, ExportSplit, OfferedExport
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.errors import (
    ExportNotFoundError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    UpstreamUnavailableError,
)
from training_files.exports.leased_export import LEASE_SECONDS, LeasedExport

STEPS = [
    "begin_export",
    "download training.json",
    "list_scores",
    "write train.jsonl",
    "write train.metadata.jsonl",
    "write bundle.zip",
    "commit_export",
    "signed_urls",
]
STEPS_OF_A_WORKER = ["claim_export", *STEPS[1:-1]]
GIVE_UP_AFTER_SECONDS = 20
either_way = pytest.mark.parametrize("has_effect", [False, True], ids=["before its effect", "after its effect"])
for_how_long = pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])


class KilledError(Exception):
    """What a process does that is gone: nothing more."""


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def file_id(workshop: Workshop) -> UUID:
    training_file_id = workshop.a_training_file()
    workshop.add(workshop.untroubled, training_file_id, workshop.a_conversation())
    return training_file_id


def wanted(training_file_id: UUID, **changes: Any) -> CreateExportInput:
    defaults = {"training_file_id": training_file_id, "format": "messages", "bundle": True}
    return CreateExportInput.model_validate(defaults | changes)


def assert_whole(workshop: Workshop, offered: OfferedExport) -> None:
    """It is ready, every object is what the export says of it, and every link opens its file."""
    export = offered.export
    assert export.status == "ready"
    assert [file.name for file in export.files] == ["train.jsonl", "train.metadata.jsonl", "bundle.zip"]
    for file in export.files:
        content = workshop.training_files.objects[export.path_of(file)]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
        assert workshop.training_files.open(offered.links[file.name]) == (content, file.filename)


def objects_of_exports(workshop: Workshop) -> set[str]:
    """The folders that have objects, but for those of revisions."""
    folders = {path.partition("/")[0] for path in workshop.training_files.objects}
    return folders - {str(revision_id) for revision_id in workshop.repository.revisions}


def test_these_are_all_steps_of_an_export(workshop: Workshop, file_id: UUID) -> None:
    workshop.service.create_export(wanted(file_id))

    steps = list(dict.fromkeys(workshop.trouble.calls))
    # The files are written side by side.
    assert sorted(steps) == sorted(STEPS)
    assert [step for step in steps if "write" not in step] == [step for step in STEPS if "write" not in step]


@pytest.mark.parametrize("step", STEPS)
@either_way
@for_how_long
class TestAnExportThatIsWaitedFor:
    def test_that_breaks_off_offers_nothing_and_leaves_no_orphaned_object(
        self, workshop: Workshop, file_id: UUID, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        before = workshop.repository.training_files[file_id]

        self.export_in_trouble(workshop, Trouble(step, has_effect, lasting), file_id)

        is_done = step == "signed_urls" or (step == "commit_export" and has_effect)
        rows = workshop.exports.rows.values()
        assert objects_of_exports(workshop) <= {str(row.id) for row in rows}
        assert [row.status for row in rows if row.status == "ready"] == (["ready"] if is_done else [])
        if not lasting and not is_done:
            assert objects_of_exports(workshop) == set()
        assert workshop.repository.training_files[file_id] == before

    def test_that_broke_off_can_be_asked_for_again(
        self, workshop: Workshop, file_id: UUID, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        """At once if the failed one could say so, else when its lease is over."""
        self.export_in_trouble(workshop, Trouble(step, has_effect, lasting), file_id)
        workshop.clock.advance(seconds=LEASE_SECONDS if lasting or step == "begin_export" else 0)

        assert_whole(workshop, workshop.untroubled.create_export(wanted(file_id)))

        [export] = [row for row in workshop.exports.rows.values() if row.status != "failed"]
        assert objects_of_exports(workshop) == {str(export.id)}

    @staticmethod
    def export_in_trouble(workshop: Workshop, trouble: Trouble, file_id: UUID) -> None:
        # Of the files that are written at once, any may be the first to find that Supabase is gone for good.
        reported = r" failed$" if trouble.lasting else f"^{trouble.label} failed$"
        with pytest.raises(UpstreamUnavailableError, match=reported):
            replace(workshop, trouble=trouble).service.create_export(wanted(file_id))


@pytest.mark.parametrize("step", STEPS_OF_A_WORKER)
@either_way
class TestAWorker:
    def test_that_is_killed_is_followed_by_another_who_writes_the_same(
        self, workshop: Workshop, file_id: UUID, step: str, *, has_effect: bool
    ) -> None:
        """Even if the training file was renamed meanwhile, which a bundle tells."""
        export_id = a_queued_export(workshop, file_id)
        trouble = Trouble(step, has_effect, lasting=True, error=KilledError)
        with pytest.raises(KilledError):
            replace(workshop, trouble=trouble).service.build_export(export_id)
        workshop.untroubled.update_training_file(file_id, TrainingFileChanges(name="renamed"))
        workshop.clock.advance(seconds=LEASE_SECONDS)

        workshop.untroubled.build_export(export_id)

        assert_whole(workshop, workshop.untroubled.get_export(file_id, export_id))
        assert objects_of_exports(workshop) == {str(export_id)}

    def test_that_supabase_fails_is_followed_at_once(
        self, workshop: Workshop, file_id: UUID, step: str, *, has_effect: bool
    ) -> None:
        export_id = a_queued_export(workshop, file_id)
        with pytest.raises(UpstreamUnavailableError):
            replace(workshop, trouble=Trouble(step, has_effect)).service.build_export(export_id)
        workshop.clock.advance(seconds=LEASE_SECONDS if (step, has_effect) == ("claim_export", True) else 0)

        workshop.untroubled.build_export(export_id)

        assert_whole(workshop, workshop.untroubled.get_export(file_id, export_id))


def a_queued_export(workshop: Workshop, file_id: UUID, **changes: Any) -> UUID:
    offered = workshop.untroubled.create_export(wanted(file_id, **changes), prefers_background=True)
    assert (offered.export.status, offered.links, offered.built) == ("building", {}, False)
    assert workshop.queue.waiting_exports[-1:] == [offered.export.id]
    return offered.export.id


def test_a_bundle_bears_the_date_of_its_revision_and_no_other(workshop: Workshop, file_id: UUID) -> None:
    """As everything in it, this is the same whenever it is written."""
    finished_at = workshop.clock.now()
    workshop.clock.advance(days=3)

    export = workshop.service.create_export(wanted(file_id)).export

    content = workshop.training_files.objects[f"{export.id}/bundle.zip"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {finished_at.timetuple()[:6]}


def test_a_removed_file_takes_the_objects_of_its_exports_with_it(workshop: Workshop, file_id: UUID) -> None:
    for export_format in ("messages", "alpaca"):
        workshop.service.create_export(wanted(file_id, format=export_format))

    workshop.service.delete_training_file(file_id)

    assert workshop.training_files.objects == {}
    assert workshop.exports.rows == {}


class TestTheSameRequest:
    def test_is_the_same_export_and_writes_nothing_again(self, workshop: Workshop, file_id: UUID) -> None:
        split = ExportSplit(validation=Decimal("0.1"))
        first = workshop.untroubled.create_export(wanted(file_id, split=split))

        again = workshop.service.create_export(wanted(file_id, split=ExportSplit(validation=Decimal("0.100"))))

        assert (first.built, again.built) == (True, False)
        assert again.export == first.export
        assert workshop.trouble.calls == ["begin_export", "signed_urls"]

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "alpaca"},
            {"granularity": "turn"},
            {"split": ExportSplit(validation=Decimal("0.1"))},
            {"bundle": False},
            {"revision": 1},
        ],
        ids=str,
    )
    def test_with_any_other_option_is_another_export(
        self, workshop: Workshop, file_id: UUID, change: dict[str, Any]
    ) -> None:
        first = workshop.service.create_export(wanted(file_id))

        assert workshop.service.create_export(wanted(file_id, **change)).export.id != first.export.id

    def test_while_another_caller_builds_waits_for_nothing_and_builds_nothing(
        self, workshop: Workshop, file_id: UUID
    ) -> None:
        seen: list[OfferedExport] = []
        meanwhile = ("commit_export", lambda: seen.append(workshop.untroubled.create_export(wanted(file_id))))

        built = replace(workshop, trouble=Trouble(meanwhile=meanwhile)).service.create_export(wanted(file_id))

        [other] = seen
        assert (other.export.id, other.export.status, other.built) == (built.export.id, "building", False)
        assert_whole(workshop, built)

    def test_of_a_caller_who_waits_does_not_wait_for_a_worker_that_has_not_begun(
        self, workshop: Workshop, file_id: UUID
    ) -> None:
        export_id = a_queued_export(workshop, file_id)

        offered = workshop.service.create_export(wanted(file_id))
        workshop.untroubled.build_export(export_id)

        assert (offered.export.id, offered.built) == (export_id, True)
        assert_whole(workshop, offered)

    def test_after_a_caller_was_lost_is_left_to_a_worker_if_asked_for(self, workshop: Workshop, file_id: UUID) -> None:
        trouble = Trouble("commit_export", lasting=True, error=KilledError)
        with pytest.raises(KilledError):
            replace(workshop, trouble=trouble).service.create_export(wanted(file_id))
        workshop.clock.advance(seconds=LEASE_SECONDS)

        export_id = a_queued_export(workshop, file_id)
        workshop.untroubled.build_export(export_id)

        assert_whole(workshop, workshop.untroubled.get_export(file_id, export_id))
        assert len(workshop.exports.rows) == 1


class TestInTheBackground:
    def test_a_large_file_is_left_to_a_worker(self, workshop: Workshop, file_id: UUID) -> None:
        self.grow(workshop, LARGEST_WHILE_WAITING_BYTES + 1)

        offered = workshop.service.create_export(wanted(file_id))

        assert (offered.export.status, workshop.queue.waiting_exports) == ("building", [offered.export.id])

    def test_the_largest_that_is_waited_for(self, workshop: Workshop, file_id: UUID) -> None:
        self.grow(workshop, LARGEST_WHILE_WAITING_BYTES)

        assert workshop.service.create_export(wanted(file_id)).built

    def test_without_a_queue_everything_is_waited_for(self, workshop: Workshop, file_id: UUID) -> None:
        self.grow(workshop, LARGEST_WHILE_WAITING_BYTES + 1)
        service = workshop.service
        service.context = replace(service.context, queue=None)

        assert service.create_export(wanted(file_id), prefers_background=True).built

    def test_that_cannot_be_queued_is_refused_and_can_be_requested_again(
        self, workshop: Workshop, file_id: UUID
    ) -> None:
        troubled = replace(workshop, trouble=Trouble("send_export")).service
        with pytest.raises(UpstreamUnavailableError):
            troubled.create_export(wanted(file_id), prefers_background=True)

        assert [row.status for row in workshop.exports.rows.values()] == ["failed"]
        a_queued_export(workshop, file_id)

    def test_a_message_that_comes_while_it_is_built_comes_again(self, workshop: Workshop, file_id: UUID) -> None:
        export_id = a_queued_export(workshop, file_id)

        def another_worker() -> None:
            with pytest.raises(BuiltElsewhereError):
                workshop.untroubled.build_export(export_id)

        trouble = Trouble(meanwhile=("list_scores", another_worker))
        replace(workshop, trouble=trouble).service.build_export(export_id)

        assert_whole(workshop, workshop.untroubled.get_export(file_id, export_id))

    @pytest.mark.parametrize("action", ["build_export", "give_up_export"])
    def test_a_message_about_one_that_is_ready_changes_nothing(
        self, workshop: Workshop, file_id: UUID, action: str
    ) -> None:
        ready = workshop.untroubled.create_export(wanted(file_id)).export

        getattr(workshop.service, action)(ready.id)

        assert workshop.exports.rows == {ready.id: ready}
        assert workshop.trouble.calls == ["claim_export"]

    def test_one_that_was_tried_too_often_ends_as_failed(self, workshop: Workshop, file_id: UUID) -> None:
        export_id = a_queued_export(workshop, file_id)

        workshop.untroubled.give_up_export(export_id)

        failed = workshop.untroubled.get_export(file_id, export_id).export
        assert failed.error is not None
        assert (failed.status, failed.error["code"]) == ("failed", "upstream_unavailable")
        assert "broke off several times" in failed.error["message"]

    def test_a_lease_is_renewed_while_a_worker_builds(
        self, workshop: Workshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is still built by this worker when more than the time of a lease has passed."""
        monkeypatch.setattr(LeasedExport, "renewed_every_seconds", 0.001)
        export_id = a_queued_export(workshop, file_id)
        commit, give_up_at = workshop.exports.commit_export, time.monotonic() + GIVE_UP_AFTER_SECONDS

        def commit_late(**arguments: Any) -> Export | None:
            for _ in range(3):
                workshop.clock.advance(seconds=LEASE_SECONDS - 1)
                while workshop.exports.lease_ends_at(export_id) < workshop.clock.now() + timedelta(
                    seconds=LEASE_SECONDS
                ):
                    assert time.monotonic() < give_up_at
            with pytest.raises(BuiltElsewhereError):
                workshop.untroubled.build_export(export_id)
            return commit(**arguments)

        monkeypatch.setattr(workshop.exports, "commit_export", commit_late)
        service = workshop.untroubled
        # Troubled ports take one call at a time; here the renewals come between.
        service.context = replace(service.context, exports=workshop.exports)
        service.build_export(export_id)

        assert_whole(workshop, workshop.untroubled.get_export(file_id, export_id))

    @staticmethod
    def grow(workshop: Workshop, size_bytes: int) -> None:
        """Makes the revisions say that they are this large."""
        workshop.training_files.download = lambda part, target: target.write(  # type: ignore[method-assign]
            workshop.training_files.read(part.path)
        )
        for revision in workshop.repository.revisions.values():
            grown = revision.model_copy(update={"json_file_size": size_bytes})
            workshop.repository.revisions[revision.id] = grown


class TestWhatIsNotThere:
    def test_another_users_file_cannot_be_exported(self, workshop: Workshop, file_id: UUID) -> None:
        with pytest.raises(TrainingFileNotFoundError):
            workshop.service.acting_for(UUID(int=1)).create_export(wanted(file_id))

        assert workshop.exports.rows == {}

    def test_a_file_without_a_revision_cannot_be_exported(self, workshop: Workshop) -> None:
        conversation_id = workshop.a_conversation()
        troubled = replace(workshop, trouble=Trouble("write training.json", lasting=True)).service
        with pytest.raises(UpstreamUnavailableError):
            workshop.create(troubled, conversation_id)
        [file_id] = workshop.repository.training_files

        with pytest.raises(TrainingFileProcessingError):
            workshop.service.create_export(wanted(file_id))

    def test_a_revision_that_is_not_there_cannot_be_exported(self, workshop: Workshop, file_id: UUID) -> None:
        with pytest.raises(TrainingFileNotFoundError, match="no revision 3 of"):
            workshop.service.create_export(wanted(file_id, revision=3))

    def test_a_revision_whose_objects_go_meanwhile_is_gone(self, workshop: Workshop, file_id: UUID) -> None:
        path = workshop.repository.training_files[file_id].json_file_path or ""
        trouble = Trouble(meanwhile=("download training.json", lambda: workshop.training_files.remove([path])))

        with pytest.raises(TrainingFileNotFoundError, match="no revision 2 of"):
            replace(workshop, trouble=trouble).service.create_export(wanted(file_id))

        assert objects_of_exports(workshop) == set()

    def test_a_worker_ends_an_export_whose_revision_is_gone(self, workshop: Workshop, file_id: UUID) -> None:
        export_id = a_queued_export(workshop, file_id)
        workshop.training_files.remove([workshop.repository.training_files[file_id].json_file_path or ""])

        workshop.untroubled.build_export(export_id)

        error = workshop.untroubled.get_export(file_id, export_id).export.error
        assert error is not None
        assert error["code"] == "training_file_not_found"

    @pytest.mark.parametrize("step", ["download training.json", "write train.jsonl", "commit_export"])
    def test_a_file_that_is_removed_meanwhile_takes_the_export_with_it(
        self, workshop: Workshop, file_id: UUID, step: str
    ) -> None:
        remaining = [lambda: workshop.untroubled.delete_training_file(file_id)]
        trouble = Trouble(meanwhile=(step, lambda: remaining.pop()() if remaining else None))

        with pytest.raises(TrainingFileNotFoundError):
            replace(workshop, trouble=trouble).service.create_export(wanted(file_id))

        assert workshop.exports.rows == {}
        assert workshop.training_files.objects == {}

    def test_an_export_of_another_file_is_unknown(self, workshop: Workshop, file_id: UUID) -> None:
        export = workshop.untroubled.create_export(wanted(file_id)).export
        other = workshop.create(workshop.untroubled, workshop.a_conversation(), name="other")

        with pytest.raises(ExportNotFoundError):
            workshop.service.get_export(other.id or UUID(int=0), export.id)

    def test_an_export_whose_objects_are_gone_is_gone(self, workshop: Workshop, file_id: UUID) -> None:
        """Objects go before rows."""
        export = workshop.untroubled.create_export(wanted(file_id)).export
        remove_export_folders(workshop.context, [export.id])

        with pytest.raises(ExportNotFoundError):
            workshop.service.get_export(file_id, export.id)
