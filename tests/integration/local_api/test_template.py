"""A template is read as SAM would, as far as that is possible without AWS."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local_api.errors import TemplateError
from infra.local_api.template import Cors, Route, read_template

WriteTemplate = Callable[[str], Path]

FUNCTION = """
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.lambda_handler
"""


@pytest.fixture
def write_template(tmp_path: Path) -> WriteTemplate:
    def write(text: str) -> Path:
        path = tmp_path / "template.yaml"
        path.write_text(text)
        return path

    return write


def test_a_function_has_sams_defaults(write_template: WriteTemplate, tmp_path: Path) -> None:
    function = read_template(write_template(FUNCTION)).functions["OneFunction"]

    assert (function.timeout_seconds, function.memory_megabytes) == (3, 128)
    assert (function.code, function.layers, function.environment) == (tmp_path, (), {})


def test_globals_are_merged_into_every_function(template: Path) -> None:
    functions = read_template(template).functions

    assert functions["SlowFunction"].timeout_seconds == 1
    assert functions["ProbeFunction"].environment == {"STAGE": "dev", "QUEUE_URL": "", "OWN": "own"}
    assert [layer.name for layer in functions["ProbeFunction"].layers] == ["shared", "python"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Stage", "dev"),
        ("!Ref NoDefault", ""),
        ("!Ref Queue", ""),
        ("!GetAtt Queue.Arn", ""),
        ("!Sub '${Stage}-${AWS::Region}-${!literal}'", "dev-us-east-1-${literal}"),
        ("!Sub ['${Stage}${extra}', {extra: !Ref Stage}]", "devdev"),
        ("!Sub 'arn:${Queue.Arn}'", ""),
        ("!Join ['-', [a, !Ref Stage]]", "a-dev"),
        ("!Join [',', !Ref Many]", "a,b"),
        ("!Select [1, !Ref Many]", "b"),
        ("!Select [0, !Split ['.', x.y]]", "x"),
        ("!If [IsProd, yes-prod, no-prod]", "no-prod"),
        ("!FindInMap [Sizes, !Ref Stage, size]", "7"),
        ("!ImportValue somewhere", ""),
        ("true", "true"),
        ("30", "30"),
    ],
)
def test_a_variable_is_resolved_or_empty(write_template: WriteTemplate, expression: str, value: str) -> None:
    text = f"""
Parameters:
  Stage: {{Type: String, Default: dev}}
  NoDefault: {{Type: String}}
  Many: {{Type: CommaDelimitedList, Default: "a, b"}}
Mappings:
  Sizes: {{dev: {{size: 7}}}}
Conditions:
  IsProd: !And [!Equals [!Ref Stage, prod], !Not [!Equals [a, b]]]
{FUNCTION}
      Environment:
        Variables:
          VARIABLE: {expression}
"""
    assert read_template(write_template(text)).functions["OneFunction"].environment["VARIABLE"] == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Queue", "https://queue"),
        ("!GetAtt Queue.Arn", "arn:queue"),
        ("{Fn::GetAtt: [Queue, Arn]}", "arn:queue"),
        ("!Sub '${Queue.Arn}/*'", "arn:queue/*"),
        ("!GetAtt Queue.QueueName", ""),
    ],
)
def test_a_variable_that_names_a_resource_has_its_value_where_the_resource_exists(
    write_template: WriteTemplate, expression: str, value: str
) -> None:
    path = write_template(f"{FUNCTION}      Environment: {{Variables: {{VARIABLE: {expression}}}}}")
    known = {"Queue": "https://queue", "Queue.Arn": "arn:queue"}

    assert read_template(path, resources=known).functions["OneFunction"].environment["VARIABLE"] == value


def test_a_variable_without_value_is_absent(write_template: WriteTemplate) -> None:
    text = f"{FUNCTION}      Environment: {{Variables: {{GONE: !Ref AWS::NoValue}}}}"

    assert read_template(write_template(text)).functions["OneFunction"].environment == {}


def test_a_resource_whose_condition_is_false_does_not_exist(write_template: WriteTemplate) -> None:
    text = f"Conditions: {{Never: !Equals [a, b]}}\n{FUNCTION}    Condition: Never"

    assert read_template(write_template(text)).functions == {}


def test_routes_come_from_http_api_events(template: Path) -> None:
    routes = read_template(template).routes

    assert Route(method="GET", path="/things/special", function="EchoFunction") in routes
    assert Route(method="ANY", path="/things/{id}", function="EchoFunction") in routes


def test_an_event_without_path_is_the_default_route(write_template: WriteTemplate) -> None:
    (route,) = read_template(write_template(f"{FUNCTION}      Events: {{All: {{Type: HttpApi}}}}")).routes

    assert route.key == "$default"


def test_an_api_of_its_own_says_its_own_cors(write_template: WriteTemplate) -> None:
    text = f"""{FUNCTION}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {{AllowOrigins: ["*"], AllowCredentials: true}}
"""
    assert read_template(write_template(text)).cors == Cors(allow_origins=("*",), allow_credentials=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not valid YAML"),
        ("a: 1", "has no Resources"),
        (FUNCTION.replace("CodeUri: .", "CodeUri: gone/"), "CodeUri of OneFunction is no folder"),
        (FUNCTION + "      Layers: ['arn:aws:lambda:x']", "OneFunction uses the layer arn:aws:lambda:x"),
    ],
)
def test_a_template_that_cannot_be_served_says_why(write_template: WriteTemplate, text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        read_template(write_template(text))


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"There is no template .*none\.yaml"):
        read_template(tmp_path / "none.yaml")
