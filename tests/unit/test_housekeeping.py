"""A step of housekeeping that fails silences no other, and the run says what was done and what was not."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.fake_surroundings import InMemoryBus, InMemoryHousekeeping, InMemoryOutbox
from tests.support.fakes.shard_tries import ShardTry
from tests.support.handlers import a_context, handler_of
from tests.support.trouble import Trouble, label_of_rows
from tests.support.workshop import Workshop
from training_files import bootstrap
from training_files.deadline import refuse_when_late
from training_files.domain.training_file.build_request import CreateTrainingFileInput
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.ports.housekeeping import HousekeepingWork
from training_files.ports.uploads import AbortedUploads
from training_files.upkeep.housekeeping import Housekeeping, KnownError

ALL_DONE = {
    "announced": 2,
    "requeued": 1,
    "abandoned": 1,
    "swept": 1,
    "pruned": 1,
    "aborted": 2,
    "removed": 1,
    "shards": 1,
    "failed": 0,
}


class Rows(InMemoryHousekeeping):
    """With a folder that no row names, and an event that is a month old."""

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork:
        work = super().list_work(keep_revisions=keep_revisions, limit=limit)
        return work.model_copy(update={"sweep": (uuid4(),)})

    def prune_events(self, *, limit: int) -> int:  # noqa: ARG002 - there is one
        return 1


@dataclass
class OneUpload:
    """Implements `training_files.ports.uploads.Uploads`; one is under way wherever one looks."""

    failures: dict[UUID, KnownError] = field(default_factory=dict)

    def abort(self, revision_ids: Sequence[UUID]) -> AbortedUploads:
        refuse_when_late()
        failures = {one: error for one, error in self.failures.items() if one in revision_ids}
        return AbortedUploads(count=0 if failures else 1, failures=failures)


@pytest.fixture
def workshop() -> Workshop:
    """With one thing to do of each kind, and two events to tell of."""
    workshop = Workshop.new()
    file_id = workshop.a_training_file()
    workshop.add(workshop.untroubled, file_id, workshop.a_conversation())
    lost = CreateTrainingFileInput(
        name="lost", conversation_ids=(workshop.a_conversation(),), created_by=workshop.owner
    )
    workshop.untroubled.request_training_file(lost)
    workshop.repository.begin_revision(
        revision_id=uuid4(), training_file_id=file_id, owner=None, requested={}, new_file=None, background=False
    )
    committed = next(one for one in workshop.repository.revisions.values() if one.status == "committed")
    begun_at, path = workshop.clock.moment, f"{committed.id}/shard-00001-0a0b0c0d"
    left = ShardTry(uuid4(), committed.id, 1, path, begun_at)
    workshop.repository.shard_tries[left.id] = left
    workshop.training_files.put(f"{path}.json", b"what nobody needs")
    workshop.clock.moment += timedelta(hours=25)
    return workshop


def a_housekeeping(
    workshop: Workshop, trouble: Trouble | None = None, *, rows: Rows | None = None, uploads: OneUpload | None = None
) -> Housekeeping:
    troubled = replace(workshop, trouble=trouble or Trouble())
    context = replace(
        troubled.context,
        outbox=troubled.troubled(InMemoryOutbox(workshop.repository), label_of_rows),
        event_bus=troubled.troubled(InMemoryBus(), label_of_rows),
    )
    return Housekeeping(
        troubled.troubled(rows or Rows(workshop.repository), label_of_rows),
        context,
        keep_revisions=1,
        keep_exports_days=30,
        uploads=troubled.troubled(uploads or OneUpload(), label_of_rows),
    )


@pytest.mark.parametrize("error", [UpstreamUnavailableError, NotSetUpError])
@pytest.mark.parametrize(
    ("call", "step", "done"),
    [
        ("publish", "announce", {"announced": 0}),
        ("send", "requeue", {"requeued": 0}),
        ("abandon_revision", "abandon", {"abandoned": 0}),
        ("prune_events", "prune", {"pruned": 0}),
        ("abort", "abort", {"aborted": 1, "removed": 0}),
        ("mark_objects_removed", "remove", {"removed": 0}),
        ("list_left", "shards", {"aborted": 1, "shards": 0}),
        ("list_work", "list", {"requeued": 0, "abandoned": 0, "swept": 0, "aborted": 1, "removed": 0}),
    ],
)
def test_a_step_that_fails_is_named_and_the_others_are_done(
    workshop: Workshop, call: str, step: str, done: dict[str, int], error: type[KnownError]
) -> None:
    report = a_housekeeping(workshop, Trouble(call, error=error)).run()

    assert report.counts == ALL_DONE | done | {"failed": 1}
    assert report.failures.keys() == {step}
    with pytest.raises(error) as raised:
        report.raise_failures()
    assert raised.value.__notes__ == [f"{step}: {raised.value}"]


def test_a_run_in_which_nothing_fails_does_all_there_is(workshop: Workshop) -> None:
    report = a_housekeeping(workshop).run()

    assert report.counts == ALL_DONE
    report.raise_failures()
    assert not [path for path in workshop.training_files.objects if "/shard-" in path]
    assert not workshop.repository.shard_tries


def test_what_was_done_before_a_step_failed_is_counted(workshop: Workshop) -> None:
    another = CreateTrainingFileInput(
        name="another", conversation_ids=(workshop.a_conversation(),), created_by=workshop.owner
    )
    workshop.untroubled.request_training_file(another)
    workshop.clock.moment += timedelta(minutes=30)

    report = a_housekeeping(workshop, Trouble("send", number=2)).run()

    assert (report.requeued, report.failures.keys()) == (1, {"requeue"})


def test_a_fault_of_ours_ends_the_run(workshop: Workshop) -> None:
    with pytest.raises(KeyError):
        a_housekeeping(workshop, Trouble("send", error=KeyError)).run()


def test_a_revision_whose_upload_was_not_aborted_is_looked_for_again(workshop: Workshop) -> None:
    rows = Rows(workshop.repository)
    [due] = rows.list_work(keep_revisions=1, limit=10).remove
    uploads = OneUpload({due: UpstreamUnavailableError("no answer")})

    report = a_housekeeping(workshop, rows=rows, uploads=uploads).run()
    assert (report.removed, report.reasons) == (0, {"abort": "no answer"})

    uploads.failures.clear()
    assert a_housekeeping(workshop, rows=rows, uploads=uploads).run().removed == 1


def test_tries_of_shards_whose_upload_was_not_aborted_are_looked_at_again(workshop: Workshop) -> None:
    [left] = workshop.repository.shard_tries.values()
    uploads = OneUpload({left.revision_id: UpstreamUnavailableError("no answer")})

    report = a_housekeeping(workshop, uploads=uploads).run()
    assert (report.shards, report.reasons) == (0, {"abort": "no answer"})
    assert workshop.repository.shard_tries

    uploads.failures.clear()
    assert a_housekeeping(workshop, uploads=uploads).run().shards == 1


def test_nothing_more_is_begun_when_the_time_is_over(workshop: Workshop) -> None:
    report = a_housekeeping(workshop).run(seconds=0)

    assert (report.aborted, report.failures.keys()) == (0, {"abort"})


def test_a_run_that_fails_is_logged_and_measured_and_fails_the_function(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    housekeeping = a_housekeeping(workshop, Trouble("send"))
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(housekeeping=housekeeping))
    # Loggers of one service share their stream, which is not that of this test.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", str(uuid4()))
    monkeypatch.delitem(sys.modules, "training_files.api.log", raising=False)

    with pytest.raises(UpstreamUnavailableError):
        handler_of("run_housekeeping")({}, a_context())

    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [line for line in lines if line.get("message") == "housekeeping"]
    [metrics] = [line for line in lines if "_aws" in line]
    assert (line["abandoned"], line["requeued"], line["failed"], line["failures"].keys()) == (1, 0, 1, {"requeue"})
    assert (metrics["HousekeepingAbandoned"], metrics["HousekeepingFailed"]) == ([1], [1])
