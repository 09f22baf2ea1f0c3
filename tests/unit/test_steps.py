"""What the state machine is told of a step, and what only the log is told."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.handlers import Handler, a_context, handler_of
from training_files import service
from training_files.api import steps
from training_files.api.steps import StepBrokeOffError, reason_in
from training_files.background.sharded_work import WorkEndedError
from training_files.errors import TrainingFilesError, UpstreamUnavailableError

WRITTEN_BY_A_USER = "what only one person should read"


class Work:
    """Implements `training_files.background.sharded_work.ShardedWork`. Every step raises `error` if there is one."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.finds_all_done = True
        self.error: Exception | None = None

    def plan(self) -> list[int]:
        self._step("plan")
        return [1, 2]

    def build_shard(self, shard: int) -> None:
        self._step(shard)

    def assemble(self) -> bool:
        self._step("assemble")
        return self.finds_all_done

    def commit(self) -> bool:
        self._step("commit")
        return self.finds_all_done

    def fail(self, reason: str) -> None:
        self._step(reason)

    def _step(self, step: Any) -> None:
        self.done.append(step)
        if self.error:
            raise self.error


class Service:
    """Stands for `TrainingFileService`: all work is one, which is asked for by `asked`."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.asked: list[tuple[str, UUID]] = []

    def sharded_build(self, revision_id: UUID) -> Work:
        self.asked.append(("build", revision_id))
        return self.work

    def sharded_export(self, export_id: UUID) -> Work:
        self.asked.append(("export", export_id))
        return self.work


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture(autouse=True)
def the_service(work: Work, monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service(work)
    monkeypatch.setattr("training_files.bootstrap.application", lambda: type("Application", (), {"service": made}))
    monkeypatch.setattr(steps, "application", lambda: type("Application", (), {"service": made}))
    return made


@pytest.fixture
def direct() -> Handler:
    return handler_of("direct_shards")


@pytest.fixture
def build_shard() -> Handler:
    return handler_of("build_shard")


def of_a_build(**event: Any) -> dict[str, Any]:
    return {"work": {"revision_id": str(uuid4())}, **event}


def test_the_double_is_what_the_handlers_use_of_the_service() -> None:
    public = {name for name in vars(Service) if not name.startswith("_")}

    assert public <= set(dir(service.TrainingFileService))


@pytest.mark.parametrize(("kind", "field"), [("build", "revision_id"), ("export", "export_id")])
def test_the_event_says_which_work_it_is(direct: Handler, the_service: Service, kind: str, field: str) -> None:
    work_id = uuid4()

    assert direct({"step": "plan", "work": {field: str(work_id)}}, a_context()) == {"ended": False, "shards": [1, 2]}
    assert the_service.asked == [(kind, work_id)]


@pytest.mark.parametrize("step", ["assemble", "commit"])
@pytest.mark.parametrize("is_done", [True, False])
def test_a_step_says_whether_another_plan_is_needed(
    direct: Handler,
    work: Work,
    step: str,
    is_done: bool,  # noqa: FBT001 - a case
) -> None:
    work.finds_all_done = is_done

    assert direct(of_a_build(step=step), a_context()) == {"ended": False, "done": is_done}


def test_a_shard_answers_nothing(build_shard: Handler, work: Work) -> None:
    assert build_shard(of_a_build(shard=7), a_context()) == {"ended": False}
    assert work.done == [7]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"Error": "UpstreamUnavailableError", "Cause": json.dumps({"errorMessage": "No answer."})}, "No answer."),
        ({"Error": "States.Timeout", "Cause": "It took too long."}, "It took too long."),
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
        ({"Error": "States.Timeout"}, "States.Timeout"),
        ({"Error": "any", "Cause": '["a", "list"]'}, '["a", "list"]'),
        ({}, "unknown"),
    ],
)
def test_why_work_is_given_up_is_told_in_words(direct: Handler, work: Work, error: dict[str, str], reason: str) -> None:
    direct(of_a_build(step="fail", error=error), a_context())

    assert work.done == [reason]
    assert reason_in({"error": error}) == reason


def test_errors_of_ours_are_told_by_name_and_message(build_shard: Handler, work: Work) -> None:
    work.error = UpstreamUnavailableError("Supabase did not answer.")

    with pytest.raises(UpstreamUnavailableError) as caught:
        build_shard(of_a_build(shard=1), a_context())

    assert caught.value is work.error


@pytest.mark.parametrize("step", ["plan", "assemble", "commit"])
def test_work_that_is_over_is_no_error(direct: Handler, work: Work, step: str) -> None:
    work.error = WorkEndedError("It was deleted.")

    assert direct(of_a_build(step=step), a_context()) == {"ended": True, "shards": [], "done": False}
    assert work.done == [step]


def test_a_shard_of_work_that_is_over_is_no_error(build_shard: Handler, work: Work) -> None:
    work.error = WorkEndedError("It was deleted.")

    assert build_shard(of_a_build(shard=1), a_context())["ended"]
    assert work.done == [1]


def test_a_shard_that_failed_is_named(direct: Handler, work: Work) -> None:
    answer = direct(of_a_build(step="fail", shard=7, error={"Error": "States.Timeout"}), a_context())

    assert answer["reason"] == "shard 7: States.Timeout"
    assert work.done == ["shard 7: States.Timeout"]


@pytest.mark.parametrize("error", [ValueError(WRITTEN_BY_A_USER), KeyError(WRITTEN_BY_A_USER)])
def test_what_libraries_say_is_told_nobody(
    build_shard: Handler, work: Work, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The state machine keeps what it is told, and the log tells of it by type and place."""
    work.error = error

    with pytest.raises(StepBrokeOffError) as caught:
        build_shard(of_a_build(shard=1), a_context())

    line = vars(caplog.records[-1])
    assert WRITTEN_BY_A_USER not in f"{caught.value}{line}"
    assert type(error).__name__ in str(caught.value)
    assert caught.value.__suppress_context__
    assert (line["error_type"], line["reason"]) == (type(error).__name__, None)
    assert "build_shard" in "".join(line["stack"])


@pytest.mark.parametrize(
    "event",
    [{"step": "plan", "work": {}}, {"step": "plan", "work": {"revision_id": "none"}}, {"step": "plan"}, {}],
)
def test_an_event_without_work_is_no_step(direct: Handler, event: dict[str, Any]) -> None:
    with pytest.raises(StepBrokeOffError):
        direct(event, a_context())


def test_an_unknown_step_is_none(direct: Handler, work: Work) -> None:
    with pytest.raises(StepBrokeOffError):
        direct(of_a_build(step="any"), a_context())

    assert work.done == []


def test_what_is_over_is_told_from_errors_that_may_be_answered() -> None:
    assert not issubclass(WorkEndedError, TrainingFilesError)
    assert not issubclass(StepBrokeOffError, TrainingFilesError)
