"""The SAM template declares every function of the API, grants little, and names nothing that is not there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.local_api.cloudformation import Resolver, load_cloudformation, parameter_values
from tests.support.cloudformation import SamTemplate, references
from tests.support.transformed import rights_by_function, transformed
from training_files.adapters.aws.queues import LONGEST_PAUSE_SECONDS
from training_files.upkeep.housekeeping import HousekeepingReport

PROJECT = Path(__file__).parents[2]
TEMPLATE = SamTemplate.read(PROJECT / "template.yaml")
FUNCTIONS = TEMPLATE.functions
ALARMS = TEMPLATE.properties_by_type("AWS::CloudWatch::Alarm")
QUEUES = TEMPLATE.properties_by_type("AWS::SQS::Queue")

ROUTES = {
    ("GET", "/api/conversations"): "ListConversationsFunction",
    ("GET", "/api/conversations/summary"): "GetConversationsSummaryFunction",
    ("GET", "/api/training-files"): "ListTrainingFilesFunction",
    ("POST", "/api/training-files"): "CreateTrainingFileFunction",
    ("GET", "/api/training-files/{id}"): "GetTrainingFileFunction",
    ("PATCH", "/api/training-files/{id}"): "UpdateTrainingFileFunction",
    ("DELETE", "/api/training-files/{id}"): "DeleteTrainingFileFunction",
    ("GET", "/api/training-files/{id}/conversations"): "GetTrainingFileConversationsFunction",
    ("POST", "/api/training-files/{id}/add-conversations"): "AddConversationsFunction",
    ("POST", "/api/training-files/{id}/remove-conversations"): "RemoveConversationsFunction",
    ("POST", "/api/training-files/{id}/refresh"): "RefreshTrainingFileFunction",
    ("POST", "/api/training-files/{id}/revert"): "RevertTrainingFileFunction",
    ("GET", "/api/training-files/{id}/download"): "GetDownloadUrlFunction",
    ("GET", "/api/training-files/{id}/revisions"): "ListRevisionsFunction",
    ("GET", "/api/training-files/{id}/diff"): "CompareRevisionsFunction",
    ("POST", "/api/training-files/{id}/retry"): "RetryTrainingFileFunction",
    ("PUT", "/api/training-files/{id}/tags/{tag}"): "TagRevisionFunction",
    ("DELETE", "/api/training-files/{id}/tags/{tag}"): "UntagRevisionFunction",
    ("POST", "/api/training-files/{id}/exports"): "CreateExportFunction",
    ("GET", "/api/training-files/{id}/exports"): "ListExportsFunction",
    ("GET", "/api/training-files/{id}/exports/{export_id}"): "GetExportFunction",
    ("GET", "/api/training-files/{id}/findings"): "GetFindingsFunction",
    ("GET", "/api/training-files/{id}/report"): "GetReportFunction",
    ("GET", "/api/training-files/{id}/suggestions"): "GetSuggestionsFunction",
    ("GET", "/api/openapi.json"): "GetOpenapiFunction",
    ("GET", "/api/docs"): "GetOpenapiFunction",
    ("POST", "/api/hooks/conversation-enriched"): "ReceiveConversationEnrichedFunction",
}
# Which function each queue feeds.
CONSUMERS = {
    "BuildQueue": "BuildRevisionFunction",
    "BuildDeadLetterQueue": "FailRevisionFunction",
    "EnrichedQueue": "CollectConversationsFunction",
}
ONE_AT_A_TIME = ["BuildQueue", "BuildDeadLetterQueue"]

# What each function may do besides writing logs and traces: actions, and what they may be done to.
Grant = tuple[frozenset[str], frozenset[str]]


def grant(actions: str, *resources: str) -> Grant:
    return frozenset(actions.split()), frozenset(resources)


READ_SECRETS = frozenset({"secretsmanager:GetSecretValue"})
SEND_TO_BUILDS = grant("sqs:SendMessage", "BuildQueue")
ANNOUNCE = grant("events:PutEvents", "AWS::Partition", "AWS::Region", "AWS::AccountId", "EventBusName")
REMEMBER = grant("dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem", "IdempotencyTable")
TAKE = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"
GRANTS: dict[str, set[Grant]] = {
    "CreateTrainingFileFunction": {SEND_TO_BUILDS, ANNOUNCE, REMEMBER},
    "DeleteTrainingFileFunction": {ANNOUNCE},
    "UpdateTrainingFileFunction": {SEND_TO_BUILDS},
    "AddConversationsFunction": {SEND_TO_BUILDS, ANNOUNCE, REMEMBER},
    "RemoveConversationsFunction": {SEND_TO_BUILDS, ANNOUNCE, REMEMBER},
    "RefreshTrainingFileFunction": {SEND_TO_BUILDS, ANNOUNCE, REMEMBER},
    "RevertTrainingFileFunction": {SEND_TO_BUILDS, ANNOUNCE, REMEMBER},
    "GetDownloadUrlFunction": {SEND_TO_BUILDS},
    "RetryTrainingFileFunction": {SEND_TO_BUILDS, REMEMBER},
    "CreateExportFunction": {SEND_TO_BUILDS},
    "BuildRevisionFunction": {
        grant(f"{TAKE} sqs:ChangeMessageVisibility", "BuildQueue"),
        grant("states:StartExecution", "ShardsStateMachine"),
        grant("states:DescribeExecution", "AWS::Partition", "AWS::Region", "AWS::AccountId", "ShardsStateMachine"),
        ANNOUNCE,
    },
    "DirectShardsFunction": {ANNOUNCE},
    "FailRevisionFunction": {grant(TAKE, "BuildDeadLetterQueue"), ANNOUNCE},
    "ReceiveConversationEnrichedFunction": {grant("sqs:SendMessage", "EnrichedQueue")},
    "CollectConversationsFunction": {
        grant(TAKE, "EnrichedQueue"),
        grant("sqs:SendMessage", "EnrichedQueue"),
        SEND_TO_BUILDS,
    },
    "RunHousekeepingFunction": {SEND_TO_BUILDS, ANNOUNCE},
}
KEYS_OF = {
    "create_app()": {"SUPABASE_SECRET_ARN"},
    "create_reading_app()": {"SUPABASE_PUBLISHABLE_KEY"},
    "create_hook_app()": {"HOOK_SECRET_ARN"},
    "create_public_app()": set[str](),
}
WRITE_OVER_S3 = {
    "CreateTrainingFileFunction",
    "AddConversationsFunction",
    "RemoveConversationsFunction",
    "RefreshTrainingFileFunction",
    "RevertTrainingFileFunction",
    "GetDownloadUrlFunction",  # which also exports
    "CreateExportFunction",
    "BuildRevisionFunction",
    "DirectShardsFunction",
    "BuildShardFunction",
    "RunHousekeepingFunction",
}
SECRETS = {
    "SUPABASE_SECRET_ARN": "SupabaseSecretArn",
    "SUPABASE_S3_SECRET_ARN": "SupabaseS3SecretArn",
    "HOOK_SECRET_ARN": "HookSecretArn",
}
# Logs and traces: by policies of AWS where SAM makes the role, by statements of its own where the role is written out.
LOGS_AND_TRACES = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
SEND_TRACES = grant("xray:PutTraceSegments xray:PutTelemetryRecords")

# Each is named by what it builds, which nobody knows before.
EXECUTIONS_OF_OURS = "execution:${ShardsStateMachine.Name}:*"

GATEWAY_TIMEOUT_SECONDS = 30
LONGEST_TIMEOUT_SECONDS = 900
LONGEST_VISIBILITY_SECONDS = 12 * 60 * 60
FOURTEEN_DAYS_IN_SECONDS = 14 * 24 * 60 * 60
# More messages of a batch than SQS hands out in one answer.
RECEIVED_AT_ONCE = 10
# Lambda takes no lower limit.
LEAST_CONCURRENCY = 2
# 10,000 conversations, or a hundred of the largest, about 1 GB of JSON and JSONL together: spooled, and once more as
# the objects to be sent.
LARGEST_SPOOL_MEGABYTES = 2 * 1024
# What pg_net, which Supabase's database webhooks are made of, sends at once and then waits a second.
SENT_BY_A_DATABASE_AT_ONCE = 200
CURRENT_RUNTIMES = {"python3.13", "python3.14"}

each_function = pytest.mark.parametrize("logical_id", FUNCTIONS)
each_function_of_the_api = pytest.mark.parametrize("logical_id", dict.fromkeys(ROUTES.values()))
each_consumer = pytest.mark.parametrize(("queue", "logical_id"), CONSUMERS.items())


def events_of(logical_id: str, event_type: str) -> list[dict[str, Any]]:
    events = FUNCTIONS[logical_id].get("Events", {}).values()
    return [event["Properties"] for event in events if event["Type"] == event_type]


def folder_of(logical_id: str) -> str:
    """The folder that build.mk takes it from: `functions/list_revisions` for ListRevisionsFunction."""
    words = re.findall("[A-Z][a-z]+", logical_id.removesuffix("Function"))
    return "functions/" + "_".join(words).lower()


def build_setting(name: str) -> str:
    found = re.search(rf"^{name} *\?= *(\S+)$", (PROJECT / "build.mk").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"build.mk does not set {name}"
    return found[1]


def keys_needed(logical_id: str) -> set[str]:
    """By what the handler starts from; those of queues and schedules act for the whole system."""
    handler = (PROJECT / FUNCTIONS[logical_id]["CodeUri"] / "app.py").read_text(encoding="utf-8")
    made = re.findall(r"^app = (.*)$", handler, re.MULTILINE)
    over_s3 = {"SUPABASE_S3_SECRET_ARN"} if logical_id in WRITE_OVER_S3 else set()
    return KEYS_OF[made[0] if made else "create_app()"] | over_s3


def log_group_of(function: dict[str, Any]) -> str:
    (logical_id,) = references(function["LoggingConfig"]["LogGroup"])
    return logical_id


def granted_by(statement: dict[str, Any]) -> Grant:
    actions = statement["Action"]
    return grant(actions if isinstance(actions, str) else " ".join(actions), *references(statement["Resource"]))


def test_every_function_folder_is_in_the_template() -> None:
    folders = {f"functions/{app.parent.name}" for app in PROJECT.glob("functions/*/app.py")}

    assert folders == {folder_of(logical_id) for logical_id in FUNCTIONS}


@each_function
def test_a_functions_code_is_in_the_folder_it_is_built_from(logical_id: str) -> None:
    code = FUNCTIONS[logical_id]["CodeUri"].rstrip("/")

    assert code == folder_of(logical_id)
    assert (PROJECT / code / "app.py").is_file()


def test_every_route_of_the_api_calls_its_function_and_no_other_route_exists() -> None:
    declared = {
        (event["Method"], event["Path"]): logical_id
        for logical_id in FUNCTIONS
        for event in events_of(logical_id, "HttpApi")
    }

    assert declared == ROUTES


def test_functions_stand_in_the_order_of_the_api() -> None:
    serving = [logical_id for logical_id in FUNCTIONS if events_of(logical_id, "HttpApi")]

    assert serving == list(dict.fromkeys(ROUTES.values()))


def test_every_route_belongs_to_the_one_api() -> None:
    (api,) = TEMPLATE.properties_by_type("AWS::Serverless::HttpApi")

    apis = [event["ApiId"] for logical_id in FUNCTIONS for event in events_of(logical_id, "HttpApi")]

    assert all(references(reference) == {api} for reference in apis)


def test_a_burst_of_the_database_is_not_throttled() -> None:
    """A database webhook does not ask again. No other route has limits of its own, and none is misspelled."""
    [api] = TEMPLATE.properties_by_type("AWS::Serverless::HttpApi").values()

    [(route, limits)] = api["RouteSettings"].items()
    method, path = route.split()

    assert ROUTES[method, path] == "ReceiveConversationEnrichedFunction"
    assert min(limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) >= SENT_BY_A_DATABASE_AT_ONCE


@each_function_of_the_api
def test_a_function_gives_up_before_the_gateway_does(logical_id: str) -> None:
    assert 0 < FUNCTIONS[logical_id]["Timeout"] < GATEWAY_TIMEOUT_SECONDS


@each_function
def test_a_function_says_what_it_is_for(logical_id: str) -> None:
    assert FUNCTIONS[logical_id]["Description"]


@each_function
def test_a_function_has_a_log_group_with_retention_to_itself(logical_id: str) -> None:
    log_group = log_group_of(FUNCTIONS[logical_id])

    retention = TEMPLATE.properties_by_type("AWS::Logs::LogGroup")[log_group]["RetentionInDays"]
    assert references(retention) == {"LogRetentionInDays"}
    assert [log_group_of(each) for each in FUNCTIONS.values()].count(log_group) == 1


def test_every_log_group_has_a_retention() -> None:
    assert all("RetentionInDays" in each for each in TEMPLATE.properties_by_type("AWS::Logs::LogGroup").values())


@pytest.mark.artifact
@each_function
def test_a_functions_own_role_grants_what_it_does_and_nothing_else(logical_id: str) -> None:
    """All write logs and traces, and beside that no policy of AWS is taken."""
    rights = rights_by_function(PROJECT / "template.yaml")[logical_id]
    write_own_logs = grant("logs:CreateLogStream logs:PutLogEvents", log_group_of(FUNCTIONS[logical_id]))
    granted = {granted_by(statement) for statement in rights.statements}
    secrets = [resources for actions, resources in granted if actions == READ_SECRETS]
    granted = {one for one in granted if one[0] != READ_SECRETS}
    expected = GRANTS.get(logical_id, set())

    assert set().union(*secrets) - {"AWS::NoValue"} == {
        SECRETS[key] for key in keys_needed(logical_id) if key in SECRETS
    }
    if rights.managed_policies:
        assert (granted, rights.managed_policies) == (expected, LOGS_AND_TRACES)
    else:
        assert granted == expected | {write_own_logs, SEND_TRACES}


@pytest.mark.artifact
def test_only_xray_which_has_no_resources_to_name_is_granted_on_everything() -> None:
    rights = rights_by_function(PROJECT / "template.yaml").values()
    statements = [statement for one in rights for statement in one.statements]
    unlimited = [each for each in statements if "*" in str(each["Resource"]).replace(EXECUTIONS_OF_OURS, "")]

    assert {granted_by(statement) for statement in unlimited} == {SEND_TRACES}


@pytest.mark.artifact
def test_no_statement_grants_an_open_set_of_actions() -> None:
    rights = rights_by_function(PROJECT / "template.yaml").values()

    assert not [each for one in rights for each in one.statements if "*" in str(each["Action"])]


@each_function
def test_functions_run_what_the_build_makes(logical_id: str) -> None:
    function = FUNCTIONS[logical_id]

    assert function["Runtime"] in CURRENT_RUNTIMES
    assert function["Runtime"] == f"python{build_setting('PY_VERSION')}"
    assert function["Architectures"] == ["arm64"]
    assert build_setting("PY_PLATFORM").startswith("aarch64-")


@each_function
def test_functions_start_in_lambda_handler_with_the_shared_layer(logical_id: str) -> None:
    (layer,) = TEMPLATE.properties_by_type("AWS::Serverless::LayerVersion")

    assert FUNCTIONS[logical_id]["Handler"] == "app.lambda_handler"
    assert references(FUNCTIONS[logical_id]["Layers"]) == {layer}


def test_the_layer_is_offered_for_what_it_is_built_for() -> None:
    (layer,) = TEMPLATE.properties_by_type("AWS::Serverless::LayerVersion").values()

    assert layer["CompatibleRuntimes"] == [f"python{build_setting('PY_VERSION')}"]
    assert layer["CompatibleArchitectures"] == ["arm64"]


@each_function
def test_functions_get_the_names_of_the_secrets_that_they_use_and_never_a_secret(logical_id: str) -> None:
    variables = FUNCTIONS[logical_id]["Environment"]["Variables"]

    assert {*SECRETS, "SUPABASE_PUBLISHABLE_KEY"} & variables.keys() == keys_needed(logical_id)
    assert {"SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_JWT_SECRET", "HOOK_SECRET"}.isdisjoint(variables)
    for variable, parameter in SECRETS.items():
        assert variable not in variables or references(variables[variable]) == {parameter}


def test_no_parameter_takes_a_secret() -> None:
    secret_like = {name for name in TEMPLATE.parameters if re.search("secret|key|token|password", name, re.IGNORECASE)}

    assert secret_like == {*SECRETS.values(), "SupabasePublishableKey"}


@pytest.mark.parametrize("parameter", SECRETS.values())
@pytest.mark.parametrize(
    "pasted_by_mistake",
    ["sb_secret_0123456789", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "training-files/server-key", "a secret of the hooks"],
)
def test_a_secret_parameter_takes_only_an_arn(parameter: str, pasted_by_mistake: str) -> None:
    pattern = TEMPLATE.parameters[parameter]["AllowedPattern"]

    assert re.search(pattern, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:training-files-a1B2c3")
    assert not re.search(pattern, pasted_by_mistake)


def test_the_server_key_has_to_be_named_and_the_other_secrets_do_not() -> None:
    patterns = {name: TEMPLATE.parameters[name]["AllowedPattern"] for name in SECRETS.values()}

    assert {name for name, pattern in patterns.items() if not re.search(pattern, "")} == {"SupabaseSecretArn"}


@pytest.mark.parametrize(
    ("key", "fits"),
    [("sb_publishable_abc-1", True), ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", True), ("sb_secret_abc", False), ("", False)],
)
def test_the_publishable_key_is_none_that_is_secret(key: str, fits: bool) -> None:  # noqa: FBT001 - a case
    assert bool(re.search(TEMPLATE.parameters["SupabasePublishableKey"]["AllowedPattern"], key)) == fits


@each_function
def test_an_alarm_watches_each_functions_errors(logical_id: str) -> None:
    watched = [
        references(alarm.get("Dimensions"))
        for alarm in ALARMS.values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    ]

    assert {logical_id} in watched


def test_alarms_watch_what_callers_notice() -> None:
    (api,) = TEMPLATE.properties_by_type("AWS::Serverless::HttpApi")

    watched = {alarm["MetricName"] for alarm in ALARMS.values() if references(alarm.get("Dimensions")) == {api}}

    assert watched == {"5xx", "Latency"}


@each_consumer
def test_a_queue_feeds_its_function_and_no_more_messages_than_it_has_workers_for(queue: str, logical_id: str) -> None:
    (event,) = events_of(logical_id, "SQS")

    assert references(event["Queue"]) == {queue}
    assert event["ScalingConfig"]["MaximumConcurrency"] >= LEAST_CONCURRENCY


@pytest.mark.parametrize("queue", ONE_AT_A_TIME)
def test_the_failure_of_one_build_is_no_others(queue: str) -> None:
    (event,) = events_of(CONSUMERS[queue], "SQS")

    assert event["BatchSize"] == 1


@each_consumer
def test_only_messages_that_failed_come_back(queue: str, logical_id: str) -> None:  # noqa: ARG001 - only in the name
    (event,) = events_of(logical_id, "SQS")

    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@each_consumer
def test_a_batch_of_more_than_sqs_hands_out_at_once_has_a_time_to_gather(queue: str, logical_id: str) -> None:  # noqa: ARG001
    """Lambda refuses it otherwise."""
    (event,) = events_of(logical_id, "SQS")

    assert event["BatchSize"] <= RECEIVED_AT_ONCE or event["MaximumBatchingWindowInSeconds"] >= 1


def test_no_other_function_takes_from_a_queue() -> None:
    assert {logical_id for logical_id in FUNCTIONS if events_of(logical_id, "SQS")} == set(CONSUMERS.values())


@each_consumer
def test_a_message_stays_out_of_sight_while_its_function_may_run(queue: str, logical_id: str) -> None:
    """Lambda refuses anything shorter; SQS takes no more than twelve hours. It waits for others of its batch, too."""
    (event,) = events_of(logical_id, "SQS")
    longest = event.get("MaximumBatchingWindowInSeconds", 0) + FUNCTIONS[logical_id]["Timeout"]

    assert longest <= QUEUES[queue]["VisibilityTimeout"] <= LONGEST_VISIBILITY_SECONDS


@pytest.mark.parametrize("logical_id", ["BuildRevisionFunction", "DirectShardsFunction", "BuildShardFunction"])
def test_a_worker_has_as_long_as_lambda_gives_it(logical_id: str) -> None:
    assert FUNCTIONS[logical_id]["Timeout"] == LONGEST_TIMEOUT_SECONDS


@pytest.mark.parametrize(
    "logical_id",
    [
        "CreateTrainingFileFunction",
        "AddConversationsFunction",
        "RefreshTrainingFileFunction",
        "BuildRevisionFunction",
        "BuildShardFunction",
    ],
)
def test_a_function_that_builds_has_room_for_its_largest_build(logical_id: str) -> None:
    assert FUNCTIONS[logical_id]["EphemeralStorage"]["Size"] >= LARGEST_SPOOL_MEGABYTES


def test_a_build_that_fails_six_times_goes_to_the_dead_letter_queue_and_is_kept_for_fourteen_days() -> None:
    redrive = QUEUES["BuildQueue"]["RedrivePolicy"]

    assert references(redrive["deadLetterTargetArn"]) == {"BuildDeadLetterQueue"}
    assert redrive["maxReceiveCount"] == FUNCTIONS["BuildRevisionFunction"]["Environment"]["Variables"]["BUILD_TRIES"]
    assert QUEUES["BuildDeadLetterQueue"]["MessageRetentionPeriod"] == FOURTEEN_DAYS_IN_SECONDS


def test_queues_are_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in QUEUES.values())


def test_only_functions_that_queue_builds_know_the_queue_and_the_worker_that_puts_them_off() -> None:
    knowing = {
        logical_id: references(function["Environment"]["Variables"]["BUILD_QUEUE_URL"])
        for logical_id, function in FUNCTIONS.items()
        if "BUILD_QUEUE_URL" in function["Environment"]["Variables"]
    }

    queueing = {logical_id for logical_id, grants in GRANTS.items() if SEND_TO_BUILDS in grants}
    assert knowing == {logical_id: {"BuildQueue"} for logical_id in queueing | {"BuildRevisionFunction"}}


def test_only_the_hook_and_what_goes_on_with_a_batch_know_the_queue_of_enriched_conversations() -> None:
    knowing = {
        logical_id: references(function["Environment"]["Variables"]["ENRICHED_QUEUE_URL"])
        for logical_id, function in FUNCTIONS.items()
        if "ENRICHED_QUEUE_URL" in function["Environment"]["Variables"]
    }

    sends = grant("sqs:SendMessage", "EnrichedQueue")
    assert knowing == {logical_id: {"EnrichedQueue"} for logical_id, grants in GRANTS.items() if sends in grants}


def test_a_build_that_was_put_off_comes_back_before_its_queue_would_bring_it() -> None:
    assert QUEUES["BuildQueue"]["VisibilityTimeout"] > LONGEST_PAUSE_SECONDS


def test_alarms_watch_what_the_queues_tell() -> None:
    watched = {
        (queue, alarm["MetricName"])
        for alarm in ALARMS.values()
        if alarm["Namespace"] == "AWS/SQS"
        for queue in references(alarm.get("Dimensions"))
    }

    # The dead letters are taken as they come, so that none is ever seen waiting.
    assert watched >= {
        ("BuildQueue", "ApproximateAgeOfOldestMessage"),
        ("BuildDeadLetterQueue", "NumberOfMessagesReceived"),
    }


def test_every_alarm_tells_the_topic_if_there_is_one() -> None:
    expected = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}

    assert all(alarm["AlarmActions"] == expected for alarm in ALARMS.values())


def test_everything_that_the_template_refers_to_exists() -> None:
    known = TEMPLATE.parameters.keys() | TEMPLATE.resources.keys()

    used = references(TEMPLATE.document["Globals"]) | references(TEMPLATE.resources)
    used |= references(TEMPLATE.document["Outputs"])

    assert {name for name in used if not name.startswith("AWS::")} <= known


def test_every_parameter_and_output_is_described() -> None:
    described = [*TEMPLATE.parameters.values(), *TEMPLATE.document["Outputs"].values()]

    assert all(each.get("Description") for each in described)


DOCUMENT = load_cloudformation((PROJECT / "template.yaml").read_text(encoding="utf-8"))


def resolver_with(rule_name: str = "ProdNamesItsOrigins", **parameters: str) -> Resolver:
    """Of the template, with a rule as two of its conditions."""
    rule = DOCUMENT["Rules"][rule_name]
    [assertion] = rule["Assertions"]
    conditions = {"asked": rule["RuleCondition"], "held": assertion["Assert"]}
    whole = DOCUMENT | {"Conditions": DOCUMENT["Conditions"] | conditions}
    return Resolver(whole, parameter_values(whole, parameters))


def test_prod_has_to_name_its_origins() -> None:
    assert not resolver_with(Stage="dev").holds("asked")
    assert resolver_with(Stage="prod").holds("asked")
    assert not resolver_with(Stage="prod").holds("held")
    assert resolver_with(Stage="prod", AllowedOrigins="https://app.example").holds("held")


def test_the_hook_has_no_secret_in_common_with_the_server() -> None:
    arns = [f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}" for name in ("one", "other")]

    def is_deployed(hook: str) -> bool:
        resolver = resolver_with("HookSecretIsApart", SupabaseSecretArn=arns[0], HookSecretArn=hook)
        return not resolver.holds("asked") or resolver.holds("held")

    assert [is_deployed(hook) for hook in ("", arns[1], arns[0])] == [True, True, False]


BUILDERS = {
    "CreateTrainingFileFunction",
    "AddConversationsFunction",
    "RefreshTrainingFileFunction",
    "CreateExportFunction",
    "BuildRevisionFunction",
}


def test_the_functions_that_build_may_have_a_concurrency_of_their_own() -> None:
    functions = {
        name: resource["Properties"]
        for name, resource in DOCUMENT["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    key = "ReservedConcurrentExecutions"

    assert {name for name, each in functions.items() if key in each} == BUILDERS
    for name in BUILDERS:
        assert key not in resolver_with().resolve({key: functions[name][key]})
        assert resolver_with(ReservedConcurrency="7").resolve(functions[name][key]) == "7"


# Lambda takes no snapshot of a function with a larger disk.
LARGEST_DISK_OF_A_SNAPSHOT_MEGABYTES = 512
WAITED_FOR = sorted({*ROUTES.values()} - {"ReceiveConversationEnrichedFunction"})


@pytest.mark.parametrize("logical_id", WAITED_FOR)
def test_a_function_that_people_wait_for_may_start_from_a_snapshot_or_be_kept_ready(logical_id: str) -> None:
    """Lambda does one or the other, and neither unless it is asked for."""
    function = FUNCTIONS[logical_id]
    disk = function.get("EphemeralStorage", {}).get("Size", LARGEST_DISK_OF_A_SNAPSHOT_MEGABYTES)
    ready = {"ProvisionedConcurrencyConfig": function.get("ProvisionedConcurrencyConfig", {"Ref": "AWS::NoValue"})}

    assert ("SnapStart" in function) == (disk <= LARGEST_DISK_OF_A_SNAPSHOT_MEGABYTES)
    assert ("SnapStart" in function) != ("ProvisionedConcurrencyConfig" in function)
    assert resolver_with().resolve(function.get("SnapStart", {"ApplyOn": "None"})) == {"ApplyOn": "None"}
    assert resolver_with().resolve(ready) == {}
    if "SnapStart" in function:
        assert resolver_with(SnapStart="yes").resolve(function["SnapStart"]) == {"ApplyOn": "PublishedVersions"}
    else:
        kept = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": "2"}}
        assert resolver_with(ProvisionedConcurrency="2").resolve(ready) == kept


@pytest.mark.artifact
def test_callers_reach_the_version_that_was_deployed_last() -> None:
    """What the code of functions shares is in the layer, so a new layer makes new versions, and the old ones go."""

    def deployed(layer: str) -> dict[str, Any]:
        resources: dict[str, Any] = transformed(PROJECT / "template.yaml", layer=layer)["Resources"]
        return resources

    before, after = deployed("before.zip"), deployed("after.zip")
    versions = {name for name, each in after.items() if each["Type"] == "AWS::Lambda::Version"}
    aliases = {name: each["Properties"] for name, each in after.items() if each["Type"] == "AWS::Lambda::Alias"}

    assert {alias["FunctionName"]["Ref"] for alias in aliases.values()} == set(WAITED_FOR)
    assert {alias["FunctionVersion"]["Fn::GetAtt"][0] for alias in aliases.values()} == versions
    assert versions.isdisjoint(before)
    assert {after[name]["DeletionPolicy"] for name in versions} == {"Delete"}
    integrations = json.dumps(after["TrainingFilesApi"]["Properties"]["Body"]["paths"])
    assert set(re.findall(r"\$\{(\w+Alias\w+)\}", integrations)) == aliases.keys()


def test_the_dashboard_shows_what_is_there() -> None:
    """Its body is JSON once the names are in it, and each metric is one that this stack has."""
    [dashboard] = TEMPLATE.properties_by_type("AWS::CloudWatch::Dashboard").values()
    text, own = dashboard["DashboardBody"]["Fn::Sub"]
    text = text.replace("${Where}", own["Where"]["Fn::Sub"])
    named = set(re.findall(r"\$\{(\w+)(?:\.\w+)?\}", text))

    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "name", text))["widgets"]

    assert named <= {*TEMPLATE.resources}
    assert len({(widget["x"], widget["y"]) for widget in widgets}) == len(widgets)
    assert all(widget["properties"]["title"] and widget["properties"]["metrics"] for widget in widgets)
    counted = {name.lower() for name in re.findall(r"Housekeeping([A-Z]\w+)", text)}
    assert counted <= HousekeepingReport().counts.keys()


def test_what_a_worker_logs_of_a_build_that_is_not_set_up_rings() -> None:
    filters = list(TEMPLATE.properties_by_type("AWS::Logs::MetricFilter").values())
    builders = ("BuildRevisionFunction", "BuildShardFunction", "DirectShardsFunction")
    worker = (PROJECT / "layers/training_files/training_files/builds/leased_revision.py").read_text(encoding="utf-8")
    named = [(alarm["Namespace"], alarm["MetricName"]) for alarm in ALARMS.values()]

    logs = set().union(*(references(watched["LogGroupName"]) for watched in filters))
    assert logs == {log_group_of(FUNCTIONS[builder]) for builder in builders}
    for watched in filters:
        [metric] = watched["MetricTransformations"]
        assert watched["FilterPattern"].strip('"') in worker
        assert (metric["MetricNamespace"], metric["MetricName"]) in named
