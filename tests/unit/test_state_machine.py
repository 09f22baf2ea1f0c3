"""What the definition of the state machine promises wherever it is executed, and what it may do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local_api.cloudformation import Resolver, load_cloudformation, parameter_values
from infra.local_executions import read_state_machine
from tests.support.cloudformation import SamTemplate, references
from tests.support.state_machines import retriers_of
from tests.support.transformed import DEFINITION_KEY, transformed

PROJECT = Path(__file__).parents[2]
TEMPLATE = PROJECT / "template.yaml"
SAM = SamTemplate.read(TEMPLATE)
DEFINITION = json.loads(read_state_machine(TEMPLATE, {"MaxShardsAtOnce": "7"}).definition)
STATES = DEFINITION["States"]
SHARD_STATES = STATES["Shards"]["ItemProcessor"]["States"]

# What AWS says of Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
LARGEST_STATE_BYTES = 256 * 1024
# A million conversations.
MOST_SHARDS = 1000
A_UUID = "0b9f5c6e-7a0e-4b7f-8c55-9d6a1f2e3c4d"
QUARTER_OF_AN_HOUR_IN_SECONDS = 15 * 60
HALF_A_DAY_IN_SECONDS = 12 * 60 * 60


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in [*STATES.items(), *SHARD_STATES.items()]:
        if state["Type"] == "Task":
            yield name, state


TASKS = dict(tasks())
each_task = pytest.mark.parametrize("name", TASKS)


def pauses(retrier: dict[str, Any]) -> list[float]:
    """In seconds, one before each further try."""
    first, rate, most = retrier["IntervalSeconds"], retrier["BackoffRate"], retrier["MaxDelaySeconds"]
    return [min(first * rate**number, most) for number in range(retrier["MaxAttempts"])]


def test_every_value_of_the_template_is_in_its_place() -> None:
    functions = {task["Parameters"]["FunctionName"].rpartition(":")[2] for task in TASKS.values()}

    assert functions == {"DirectShardsFunction", "BuildShardFunction"}
    assert "${" not in json.dumps(DEFINITION)
    assert {task["Resource"] for task in TASKS.values()} == {"arn:aws:states:::lambda:invoke"}


@each_task
def test_work_that_is_over_is_never_tried_again(name: str) -> None:
    first, *_ = TASKS[name]["Retry"]

    assert first == {"ErrorEquals": ["WorkEndedError"], "MaxAttempts": 0}


@each_task
def test_whatever_else_goes_wrong_is_tried_again_beyond_a_short_outage(name: str) -> None:
    *_, last = TASKS[name]["Retry"]

    assert last["ErrorEquals"] == ["States.ALL"]
    assert sum(pauses(last)) >= QUARTER_OF_AN_HOUR_IN_SECONDS
    # Without chance, which would make some tries come sooner.
    assert "JitterStrategy" not in last


@each_task
def test_a_task_that_finds_no_free_worker_waits_for_hours(name: str) -> None:
    _, throttled, _ = TASKS[name]["Retry"]

    assert throttled["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    # By chance half of the pauses, on average.
    assert HALF_A_DAY_IN_SECONDS / 4 < sum(pauses(throttled)) / 2 < HALF_A_DAY_IN_SECONDS


@each_task
def test_a_task_ends_after_its_function_has_to(name: str) -> None:
    function = TASKS[name]["Parameters"]["FunctionName"].rpartition(":")[2]
    timeout = SAM.functions[function]["Timeout"]

    assert timeout < TASKS[name]["TimeoutSeconds"] <= timeout + 60


def test_all_of_it_ends_within_half_a_day() -> None:
    assert DEFINITION["TimeoutSeconds"] == HALF_A_DAY_IN_SECONDS


@pytest.mark.parametrize("name", ["Plan", "Shards", "Assemble", "Commit"])
def test_whatever_fails_for_good_ends_the_work_as_failed(name: str) -> None:
    assert STATES[name]["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}]
    assert STATES["Fail"]["Parameters"]["Payload"] == {"step": "fail", "work.$": "$.work", "error.$": "$.error"}
    assert STATES[STATES["Fail"]["Next"]]["Type"] == "Fail"
    # An error need not have a cause: the step says in any case why it ended the work.
    assert STATES["Fail"]["ResultSelector"] == {"reason.$": "$.Payload.reason"}
    assert STATES["Failed"]["CausePath"] == "$.failed.reason"


def test_a_shard_that_fails_for_good_ends_the_work_with_its_own_reason() -> None:
    """A map only tells that too many have failed."""
    [caught] = SHARD_STATES["BuildShard"]["Catch"]
    ends = SHARD_STATES[caught["Next"]]

    assert caught["ErrorEquals"] == ["States.ALL"]
    told = {"step": "fail", "work.$": "$.work", "shard.$": "$.shard", "error.$": "$.error"}
    assert ends["Parameters"]["Payload"] == told
    assert SHARD_STATES[ends["Next"]]["Type"] == "Fail"


def test_not_one_shard_may_fail() -> None:
    shards = STATES["Shards"]

    assert shards["ToleratedFailureCount"] == 0
    assert "ToleratedFailurePercentage" not in shards


def test_as_many_shards_run_at_once_as_the_template_says() -> None:
    """CloudFormation puts text into texts only, and so the number is read from one."""
    assert STATES["Plan"]["ResultSelector"]["at_once.$"] == "States.StringToJson('7')"
    assert STATES["Plan"]["ResultPath"] == "$.plan"
    assert STATES["Shards"]["MaxConcurrencyPath"] == "$.plan.at_once"
    assert SAM.parameters["MaxShardsAtOnce"]["Default"] == 40


def test_no_state_comes_close_to_the_largest_there_may_be() -> None:
    """What is handed on are numbers of shards; a shard answers nothing, and all of these nothings are thrown away."""
    numbers = {"work": {"revision_id": A_UUID}, "plan": {"shards": [*range(1, MOST_SHARDS + 1)], "at_once": 40}}
    answers: list[dict[str, Any]] = [{} for _ in range(MOST_SHARDS)]

    assert STATES["Shards"]["ItemSelector"] == {"work.$": "$.work", "shard.$": "$$.Map.Item.Value"}
    assert SHARD_STATES["BuildShard"]["OutputPath"] is None
    assert STATES["Shards"]["ResultPath"] is None
    assert max(len(json.dumps(numbers)), len(json.dumps(answers))) < LARGEST_STATE_BYTES / 10


def test_every_rule_for_another_try_is_one_of_three() -> None:
    """So that no task is forgotten when one of them changes."""
    rules = {json.dumps(retrier) for retrier in retriers_of(STATES)}

    assert len(rules) == 3
    assert all(len(task["Retry"]) == 3 for task in TASKS.values())


def test_the_role_may_invoke_both_functions_and_follow_its_own_executions_and_nothing_else() -> None:
    document = load_cloudformation(TEMPLATE.read_text(encoding="utf-8"))
    functions = {f"{name}.Arn": name for name in ("DirectShardsFunction", "BuildShardFunction")}
    resolver = Resolver(document, parameter_values(document, {}), functions)
    role = resolver.resolve(document["Resources"]["ShardsStateMachineRole"]["Properties"])
    name = read_state_machine(TEMPLATE).name
    [policy] = role["Policies"]

    own = f"arn:aws:states:us-east-1:000000000000:{{}}:{name}"
    assert {str(each["Action"]): each["Resource"] for each in policy["PolicyDocument"]["Statement"]} == {
        "lambda:InvokeFunction": ["DirectShardsFunction", "BuildShardFunction"],
        "states:StartExecution": own.format("stateMachine"),
        "['states:DescribeExecution', 'states:StopExecution']": [
            f"{own.format('execution')}:*",
            f"{own.format('execution')}/*",
        ],
    }
    assert role["AssumeRolePolicyDocument"]["Statement"]["Principal"] == {"Service": "states.amazonaws.com"}
    assert "ManagedPolicyArns" not in role


@pytest.mark.artifact
def test_it_is_deployed_as_one_that_may_take_hours_with_the_values_of_the_template() -> None:
    deployed = transformed(TEMPLATE)["Resources"]["ShardsStateMachine"]

    assert deployed["Type"] == "AWS::StepFunctions::StateMachine"
    assert deployed["Properties"]["StateMachineType"] == "STANDARD"
    assert deployed["Properties"]["DefinitionS3Location"]["Key"] == DEFINITION_KEY
    assert references(deployed["Properties"]["DefinitionSubstitutions"]) == {
        "AWS::Partition",
        "BuildShardFunction",
        "DirectShardsFunction",
        "MaxShardsAtOnce",
    }


def test_only_the_worker_knows_the_state_machine() -> None:
    knowing = {
        logical_id: function["Environment"]["Variables"]["SHARDS_STATE_MACHINE_ARN"]
        for logical_id, function in SAM.functions.items()
        if "SHARDS_STATE_MACHINE_ARN" in function["Environment"]["Variables"]
    }

    assert knowing == {"BuildRevisionFunction": {"Ref": "ShardsStateMachine"}}


def test_alarms_watch_how_executions_end() -> None:
    watched = {
        alarm["MetricName"]
        for alarm in SAM.properties_by_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/States"
    }

    assert watched == {"ExecutionsFailed", "ExecutionsTimedOut"}
