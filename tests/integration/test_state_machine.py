"""The very state machine that is deployed, executed: what it has done in which order, again, and never again."""

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Barrier, Event
from uuid import uuid4

import pytest

from infra.local_executions import LambdaEndpoint, read_state_machine, run_lambda_endpoint
from infra.local_queue.server import aws_client, run_server
from tests.support.builders import Json
from tests.support.state_machines import TEMPLATE, Machine, ScriptedFunctions, a_machine, failure, tried_quickly
from training_files.adapters.aws.step_functions import StepFunctionsExecutions
from training_files.api.steps import reason_in
from training_files.ports.executions import Execution

SHARDS = [1, 2, 3, 4]
AT_ONCE = 2
TRIES = 3

Script = Callable[..., tuple[Machine, ScriptedFunctions]]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LambdaEndpoint]:
    with run_lambda_endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def aws_url(endpoint: LambdaEndpoint) -> Iterator[str]:
    with run_server(lambda_port=endpoint.port) as url:
        yield url


@pytest.fixture(scope="module")
def machine(aws_url: str) -> Iterator[Machine]:
    spec = read_state_machine(TEMPLATE, {"MaxShardsAtOnce": str(AT_ONCE)})
    with aws_client("stepfunctions", aws_url) as states:
        yield a_machine(tried_quickly(spec, tries=TRIES), aws_url, states)


@pytest.fixture
def functions(endpoint: LambdaEndpoint) -> Iterator[ScriptedFunctions]:
    """Functions with which all goes well, unless a test says otherwise. Work that was ended as failed is over."""
    done, scripted = {"done": True}, ScriptedFunctions()

    def assemble(_: Json) -> Json:
        if "fail" in scripted.directed:
            raise failure("WorkEndedError", "It has failed.")
        return done

    scripted.steps = {"plan": lambda _: {"shards": SHARDS}, "assemble": assemble, "commit": lambda _: done}
    scripted.steps["fail"] = lambda event: {"reason": reason_in(event)}
    with endpoint.invoking(scripted):
        yield scripted
    scripted.close()


def in_turn(*answers: Json | Exception) -> Callable[[Json], Json]:
    """The answers one after the other, and then the last one again and again."""
    left = list(answers)

    def answer(_: Json) -> Json:
        following = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(following, Exception):
            raise following
        return following

    return answer


def test_work_is_planned_built_in_shards_put_together_and_committed(
    machine: Machine, functions: ScriptedFunctions
) -> None:
    work_id = uuid4()
    work = {"revision_id": str(work_id)}

    ended = machine.run(work_id)

    assert ended["status"] == "SUCCEEDED"
    assert functions.steps_taken == ["plan", "shard", "assemble", "commit"]
    assert functions.shards_built == SHARDS
    assert [event for name, event in functions.calls if name == "DirectShardsFunction"] == [
        {"step": step, "work": work} for step in ("plan", "assemble", "commit")
    ]
    shards = [event for name, event in functions.calls if name == "BuildShardFunction"]
    assert all(event == {"work": work, "shard": event["shard"]} for event in shards)


def test_work_without_shards_is_put_together_at_once(machine: Machine, functions: ScriptedFunctions) -> None:
    functions.steps["plan"] = lambda _: {"shards": []}

    assert machine.run()["status"] == "SUCCEEDED"
    assert functions.steps_taken == ["plan", "assemble", "commit"]


@pytest.mark.parametrize("step", ["plan", "assemble", "commit"])
def test_work_that_is_over_ends_the_execution_without_a_failure(
    machine: Machine, functions: ScriptedFunctions, step: str
) -> None:
    functions.steps[step] = lambda _: {"ended": True, "shards": [], "done": False}

    assert machine.run()["status"] == "SUCCEEDED"
    assert functions.directed[-1] == step


@pytest.mark.parametrize("step", ["assemble", "commit"])
def test_a_step_may_ask_for_another_plan(machine: Machine, functions: ScriptedFunctions, step: str) -> None:
    functions.steps["plan"] = in_turn({"shards": SHARDS}, {"shards": [3]})
    functions.steps[step] = in_turn({"done": False}, {"done": True})

    assert machine.run()["status"] == "SUCCEEDED"
    assert functions.steps_taken.count("plan") == 2
    assert functions.shards_built == sorted([*SHARDS, 3])
    assert functions.steps_taken[-2:] == ["assemble", "commit"]


def test_every_shard_has_all_its_tries_whatever_befalls_the_others(
    machine: Machine, functions: ScriptedFunctions
) -> None:
    tries: Counter[int] = Counter()

    def build(event: Json) -> Json:
        tries[event["shard"]] += 1
        if tries[event["shard"]] < TRIES:
            raise failure("UpstreamUnavailableError", "Supabase did not answer.")
        return {}

    functions.shard = build

    assert machine.run()["status"] == "SUCCEEDED"
    assert tries == dict.fromkeys(SHARDS, TRIES)
    assert functions.steps_taken.count("plan") == 1


def test_a_shard_that_fails_for_good_ends_the_work_with_what_it_said(
    machine: Machine, functions: ScriptedFunctions
) -> None:
    def build(event: Json) -> Json:
        if event["shard"] == 3:
            raise failure("UpstreamUnavailableError", "Supabase did not answer.")
        return {}

    functions.shard, work_id = build, uuid4()

    ended = machine.run(work_id)

    assert ended["status"] == "FAILED"
    assert functions.shards_built.count(3) == TRIES
    assert "commit" not in functions.directed
    first, *_ = [event for _, event in functions.calls if event.get("step") == "fail"]
    assert (first["work"], first["error"]["Error"]) == ({"revision_id": str(work_id)}, "UpstreamUnavailableError")
    assert reason_in(first) == "shard 3: Supabase did not answer."


@pytest.mark.parametrize("step", ["plan", "assemble", "commit"])
def test_a_step_that_fails_for_good_ends_the_work(machine: Machine, functions: ScriptedFunctions, step: str) -> None:
    functions.steps[step] = in_turn(failure("UpstreamUnavailableError", "Supabase did not answer."))

    assert machine.run()["status"] == "FAILED"
    assert functions.steps_taken.count(step) == TRIES
    assert functions.steps_taken[-2:] == [step, "fail"]


@pytest.mark.parametrize("step", ["plan", "assemble", "commit", "fail"])
def test_a_step_that_broke_off_is_tried_again(machine: Machine, functions: ScriptedFunctions, step: str) -> None:
    if step == "fail":
        functions.steps["commit"] = in_turn(failure("WorkEndedError", "It was deleted."))
    answer = {"reason": "It was deleted."} if step == "fail" else functions.steps[step]({})
    functions.steps[step] = in_turn(failure("StepBrokeOffError", "The log says where."), answer)

    assert machine.run()["status"] == ("FAILED" if step == "fail" else "SUCCEEDED")
    assert functions.steps_taken.count(step) == 2


@pytest.mark.parametrize("step", ["plan", "assemble", "commit", "fail"])
def test_a_step_of_work_that_is_over_is_not_tried_again(
    machine: Machine, functions: ScriptedFunctions, step: str
) -> None:
    ended = failure("WorkEndedError", "It was deleted.")
    functions.steps["commit" if step == "fail" else step] = in_turn(ended)
    functions.steps["fail"] = in_turn(ended if step == "fail" else {"reason": "It was deleted."})

    assert machine.run()["status"] == "FAILED"
    assert functions.steps_taken.count(step) == 1
    assert functions.steps_taken[-1] == "fail"


def test_a_shard_of_work_that_is_over_is_not_tried_again(machine: Machine, functions: ScriptedFunctions) -> None:
    def build(_: Json) -> Json:
        raise failure("WorkEndedError", "It was deleted.")

    functions.shard = build

    assert machine.run()["status"] == "FAILED"
    assert len(functions.shards_built) == len({*functions.shards_built})
    assert "commit" not in functions.directed


def test_as_many_shards_as_may_are_built_at_once(machine: Machine, functions: ScriptedFunctions) -> None:
    """They meet in pairs, so that at least two are at work together."""
    together = Barrier(AT_ONCE)

    def build(_: Json) -> Json:
        together.wait(timeout=30)
        return {}

    functions.shard = build

    ended = machine.run()

    [map_run] = machine.states.list_map_runs(executionArn=ended["executionArn"])["mapRuns"]
    assert machine.states.describe_map_run(mapRunArn=map_run["mapRunArn"])["maxConcurrency"] == AT_ONCE
    assert ended["status"] == "SUCCEEDED"
    assert functions.most_shards_at_once == AT_ONCE


# --- started by the worker ---


@pytest.fixture
def executions(machine: Machine, aws_url: str, monkeypatch: pytest.MonkeyPatch) -> StepFunctionsExecutions:
    variables = {"AWS_ENDPOINT_URL": aws_url, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    for name, value in {**variables, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    return StepFunctionsExecutions(machine.arn)


def test_what_is_started_twice_is_executed_once(
    machine: Machine, functions: ScriptedFunctions, executions: StepFunctionsExecutions
) -> None:
    work_id, halfway = uuid4(), Barrier(2)
    functions.steps["assemble"] = lambda _: {"done": halfway.wait(timeout=30) >= 0}

    assert executions.start_build(work_id) == executions.start_build(work_id) == Execution("running")
    halfway.wait(timeout=30)
    machine.ended(machine.execution_arn(work_id))

    assert executions.start_build(work_id) == Execution("succeeded")
    assert functions.steps_taken == ["plan", "shard", "assemble", "commit"]


def test_what_has_failed_says_why(
    machine: Machine, functions: ScriptedFunctions, executions: StepFunctionsExecutions
) -> None:
    work_id = uuid4()
    functions.steps["plan"] = in_turn(failure("WorkEndedError", "It was deleted."))

    executions.start_build(work_id)
    machine.ended(machine.execution_arn(work_id))

    assert executions.start_build(work_id) == Execution("failed", "It was deleted.")


def test_what_was_stopped_is_told_from_what_has_failed(
    machine: Machine, functions: ScriptedFunctions, executions: StepFunctionsExecutions
) -> None:
    work_id, planning, may_go_on = uuid4(), Event(), Event()

    def plan(_: Json) -> Json:
        planning.set()
        return {"shards": SHARDS if may_go_on.wait(timeout=30) else []}

    functions.steps["plan"] = plan
    executions.start_build(work_id)
    assert planning.wait(timeout=30)
    machine.states.stop_execution(executionArn=machine.execution_arn(work_id))
    may_go_on.set()
    machine.ended(machine.execution_arn(work_id))

    assert executions.start_build(work_id).status == "aborted"


def test_an_export_is_executed_as_a_build_is(
    machine: Machine, functions: ScriptedFunctions, executions: StepFunctionsExecutions
) -> None:
    export_id = uuid4()

    assert executions.start_export(export_id) == Execution("running")
    machine.ended(machine.execution_arn(export_id))

    assert {tuple(event["work"].items()) for _, event in functions.calls} == {(("export_id", str(export_id)),)}
