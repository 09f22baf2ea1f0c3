"""The state machine of the template as moto executes it, over functions that answer as a test says."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID, uuid4

from infra.local_api import FunctionFailedError
from infra.local_executions import StateMachineSpec, create_state_machine
from tests.support.builders import Json
from tests.support.commands import LIMIT_SECONDS, wait_until

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
# More than any test has at work at once.
THREADS = 32
# So that nobody waits for what is to be tried again: half a second each time.
QUICKLY = {"IntervalSeconds": 1, "BackoffRate": 1.0, "JitterStrategy": "FULL"}

Answer = Callable[[Json], Json]


def retriers_of(states: Mapping[str, Any]) -> Iterator[Json]:
    """Every rule for another try, those of shards too."""
    for state in states.values():
        yield from state.get("Retry", [])
        yield from retriers_of(state.get("ItemProcessor", {}).get("States", {}))


def tried_quickly(spec: StateMachineSpec, *, tries: int | None = None) -> StateMachineSpec:
    """The same with hardly a pause before another try, and at most so many tries, or as many as it says."""
    definition = json.loads(spec.definition)
    for retrier in retriers_of(definition["States"]):
        if retrier["MaxAttempts"]:
            retrier.pop("MaxDelaySeconds")
            retrier.update(QUICKLY, MaxAttempts=tries - 1 if tries else retrier["MaxAttempts"])
    return replace(spec, name=f"quick-{uuid4()}", definition=json.dumps(definition))


def failure(error_type: str, message: str) -> FunctionFailedError:
    """What a function is known by that raises an error of this class."""
    return FunctionFailedError("any", error_type, message)


@dataclass
class ScriptedFunctions:
    """Implements what `LambdaEndpoint.invoking` needs. `steps` and `shard` answer, or raise; `calls` are in order."""

    steps: dict[str, Answer] = field(default_factory=dict)
    shard: Answer = field(default=lambda _: {})
    calls: list[tuple[str, Json]] = field(default_factory=list)
    most_shards_at_once: int = 0
    _shards: int = 0
    _lock: Lock = field(default_factory=Lock)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))

    def start(self, function_logical_id: str, event: Mapping[str, Any]) -> Future[Any]:
        return self._threads.submit(self._answer, function_logical_id, dict(event))

    @property
    def steps_taken(self) -> list[str]:
        """The steps, and `shard` once for any number of these that follow each other."""
        taken = [event.get("step", "shard") for _, event in self.calls]
        return [step for step, before in zip(taken, ["", *taken], strict=False) if (step, before) != ("shard", "shard")]

    @property
    def directed(self) -> list[str]:
        """The steps, without shards: of these some may still be at work when another one has failed."""
        return [event["step"] for _, event in self.calls if "step" in event]

    @property
    def shards_built(self) -> list[int]:
        return sorted(event["shard"] for function, event in self.calls if function == "BuildShardFunction")

    def close(self) -> None:
        self._threads.shutdown()

    def _answer(self, function: str, event: Json) -> Json:
        with self._lock:
            self.calls.append((function, event))
        if function == "DirectShardsFunction":
            return {"ended": False} | self.steps[event["step"]](event)
        with self._counted():
            return self.shard(event)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._shards += 1
            self.most_shards_at_once = max(self.most_shards_at_once, self._shards)
        try:
            yield
        finally:
            with self._lock:
                self._shards -= 1


@dataclass(frozen=True)
class Machine:
    """A state machine on a server; `states` is a client for it."""

    arn: str
    states: Any

    def start(self, work_id: UUID, *, kind: str = "revision_id") -> str:
        work = json.dumps({"work": {kind: str(work_id)}})
        arn: str = self.states.start_execution(stateMachineArn=self.arn, name=str(work_id), input=work)["executionArn"]
        return arn

    def ended(self, execution_arn: str, *, limit_seconds: float = LIMIT_SECONDS) -> Json:
        """How an execution ended that takes so long at most."""
        assert wait_until(lambda: self._described(execution_arn)["status"] != "RUNNING", limit_seconds=limit_seconds)
        return self._described(execution_arn)

    def execution_arn(self, work_id: UUID) -> str:
        return f"{self.arn.replace(':stateMachine:', ':execution:')}:{work_id}"

    def is_there(self, work_id: UUID) -> bool:
        """Whether an execution has been started for this work."""
        executions = self.states.list_executions(stateMachineArn=self.arn)["executions"]
        return self.execution_arn(work_id) in [execution["executionArn"] for execution in executions]

    def run(self, work_id: UUID | None = None, *, kind: str = "revision_id") -> Json:
        return self.ended(self.start(work_id or uuid4(), kind=kind))

    def _described(self, execution_arn: str) -> Json:
        answer: Json = self.states.describe_execution(executionArn=execution_arn)
        return answer


def a_machine(spec: StateMachineSpec, endpoint_url: str, states: Any) -> Machine:
    return Machine(create_state_machine(spec, endpoint_url), states)
