"""The SAM template declares every function of the API, grants little, and names nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloudformation import SamTemplate, references

PROJECT = Path(__file__).parents[2]
TEMPLATE = SamTemplate.read(PROJECT / "template.yaml")
FUNCTIONS = TEMPLATE.functions
ROLES = TEMPLATE.properties_by_type("AWS::IAM::Role")
ALARMS = TEMPLATE.properties_by_type("AWS::CloudWatch::Alarm")

ROUTES = {
    ("GET", "/api/training-files"): "ListTrainingFilesFunction",
    ("POST", "/api/training-files"): "CreateTrainingFileFunction",
    ("GET", "/api/training-files/{id}"): "GetTrainingFileFunction",
    ("PATCH", "/api/training-files/{id}"): "UpdateTrainingFileFunction",
    ("DELETE", "/api/training-files/{id}"): "DeleteTrainingFileFunction",
    ("GET", "/api/training-files/{id}/conversations"): "GetTrainingFileConversationsFunction",
    ("POST", "/api/training-files/{id}/add-conversations"): "AddConversationsFunction",
    ("GET", "/api/training-files/{id}/download"): "GetDownloadUrlFunction",
    ("GET", "/api/training-files/{id}/revisions"): "ListRevisionsFunction",
}

GATEWAY_TIMEOUT_SECONDS = 30
CURRENT_RUNTIMES = {"python3.13", "python3.14"}

each_function = pytest.mark.parametrize("logical_id", FUNCTIONS)


def folder_of(logical_id: str) -> str:
    """The folder that build.mk takes it from: `functions/list_revisions` for ListRevisionsFunction."""
    words = re.findall("[A-Z][a-z]+", logical_id.removesuffix("Function"))
    return "functions/" + "_".join(words).lower()


def build_setting(name: str) -> str:
    found = re.search(rf"^{name} *\?= *(\S+)$", (PROJECT / "build.mk").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"build.mk does not set {name}"
    return found[1]


def log_group_of(function: dict[str, Any]) -> str:
    (logical_id,) = references(function["LoggingConfig"]["LogGroup"])
    return logical_id


def role_of(function: dict[str, Any]) -> str:
    (logical_id,) = references(function["Role"])
    return logical_id


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
        (event["Properties"]["Method"], event["Properties"]["Path"]): logical_id
        for logical_id, function in FUNCTIONS.items()
        for event in function["Events"].values()
    }

    assert declared == ROUTES


def test_functions_stand_in_the_order_of_the_api() -> None:
    assert list(FUNCTIONS) == list(ROUTES.values())


def test_every_route_belongs_to_the_one_api() -> None:
    (api,) = TEMPLATE.properties_by_type("AWS::Serverless::HttpApi")

    apis = [event["Properties"]["ApiId"] for each in FUNCTIONS.values() for event in each["Events"].values()]

    assert all(references(reference) == {api} for reference in apis)


@each_function
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


@each_function
def test_a_functions_own_role_lets_it_read_the_secret_and_write_its_own_logs_only(logical_id: str) -> None:
    function = FUNCTIONS[logical_id]
    role = role_of(function)

    granted = {
        statement["Sid"]: (statement["Action"], references(statement["Resource"]))
        for owner, statement in TEMPLATE.statements
        if owner == role
    }

    assert [role_of(each) for each in FUNCTIONS.values()].count(role) == 1
    assert granted == {
        "ReadServerKey": ("secretsmanager:GetSecretValue", {"SupabaseSecretArn"}),
        "WriteOwnLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], {log_group_of(function)}),
    }


def test_roles_take_no_policies_but_the_projects_own() -> None:
    own = set(TEMPLATE.properties_by_type("AWS::IAM::ManagedPolicy"))

    assert {name for role in ROLES.values() for name in references(role["ManagedPolicyArns"])} <= own


def test_only_xray_which_has_no_resources_to_name_is_granted_on_everything() -> None:
    unlimited = [statement for _, statement in TEMPLATE.statements if "*" in str(statement["Resource"])]

    assert [each["Action"] for each in unlimited] == [["xray:PutTraceSegments", "xray:PutTelemetryRecords"]]


def test_no_statement_grants_an_open_set_of_actions() -> None:
    assert not [statement for _, statement in TEMPLATE.statements if "*" in str(statement["Action"])]


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
def test_functions_get_the_name_of_the_secret_and_never_the_key(logical_id: str) -> None:
    variables = FUNCTIONS[logical_id]["Environment"]["Variables"]

    assert references(variables["SUPABASE_SECRET_ARN"]) == {"SupabaseSecretArn"}
    assert not {"SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_JWT_SECRET"} & variables.keys()


def test_no_parameter_takes_a_secret() -> None:
    secret_like = {name for name in TEMPLATE.parameters if re.search("secret|key|token|password", name, re.IGNORECASE)}

    assert secret_like == {"SupabaseSecretArn"}


@pytest.mark.parametrize(
    "pasted_by_mistake",
    ["sb_secret_0123456789", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "training-files/server-key", ""],
)
def test_the_secret_parameter_takes_only_an_arn(pasted_by_mistake: str) -> None:
    pattern = TEMPLATE.parameters["SupabaseSecretArn"]["AllowedPattern"]

    assert re.search(pattern, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:training-files-a1B2c3")
    assert not re.search(pattern, pasted_by_mistake)


@each_function
def test_an_alarm_watches_each_functions_errors(logical_id: str) -> None:
    watched = [
        references(alarm["Dimensions"])
        for alarm in ALARMS.values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    ]

    assert {logical_id} in watched


def test_alarms_watch_what_callers_notice() -> None:
    (api,) = TEMPLATE.properties_by_type("AWS::Serverless::HttpApi")

    watched = {alarm["MetricName"] for alarm in ALARMS.values() if references(alarm["Dimensions"]) == {api}}

    assert watched == {"5xx", "Latency"}


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
