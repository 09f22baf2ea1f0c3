"""The API's description of itself is valid, says what the functions do, and is made of what they use."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.cloudformation import SamTemplate
from tests.support.described import violations
from training_files.api import error_examples
from training_files.api.call import Call
from training_files.api.calls import CALLS
from training_files.api.description.docs_page import START, page, policy
from training_files.api.description.openapi import document
from training_files.api.errors import STATUS
from training_files.errors import TrainingFilesError

PROJECT = Path(__file__).parents[2]
TEMPLATE = SamTemplate.read(PROJECT / "template.yaml")
# What a Lambda function may answer.
LARGEST_ANSWER_BYTES = 6 * 1024 * 1024

each_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation_id)


def operation(call: Call) -> dict[str, Any]:
    described: dict[str, Any] = document()["paths"][call.path][call.method.lower()]
    return described


def source(function: str) -> str:
    return (PROJECT / "functions" / function / "app.py").read_text(encoding="utf-8")


def routes_of(function: str) -> dict[tuple[str, str], str]:
    """The method and path of each route of a handler, path variables as the gateway's braces, and its function."""
    found = {}
    for node in ast.walk(ast.parse(source(function))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else []:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                path = ast.literal_eval(decorator.args[0]) if decorator.args else ""
                found[decorator.func.attr.upper(), path.replace("<training_file_id>", "{id}")] = node.name
    return {(method, re.sub(r"<(\w+)>", r"{\1}", path)): name for (method, path), name in found.items() if path}


def test_the_description_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_every_route_of_the_template_is_a_call_and_no_other_call_exists() -> None:
    deployed = {
        (event["Properties"]["Method"], event["Properties"]["Path"]): function["CodeUri"].split("/")[1]
        for function in TEMPLATE.functions.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }

    assert {(call.method, call.path): call.function for call in CALLS} == deployed


def test_the_handlers_have_the_routes_of_the_calls() -> None:
    served = {
        route: name for function in {call.function for call in CALLS} for route, name in routes_of(function).items()
    }

    assert served == {(call.method, call.path): call.operation_id for call in CALLS}


@each_call
def test_a_handler_parses_with_the_models_and_headers_that_its_call_names(call: Call) -> None:
    handler = source(call.function)
    bodies, queries = (set(re.findall(rf"app\.{kind}_as\((\w+)\)", handler)) for kind in ("body", "query"))

    assert bodies == ({call.body.__name__} if call.body else set())
    assert queries == ({call.query.__name__} if call.query else set())
    assert ('app.header("prefer")' in handler) == call.prefers
    assert ("app.idempotent(" in handler) == call.is_idempotent
    made = {
        "access_token": {"create_app()", "create_reading_app()"},
        "webhook_secret": {"create_hook_app()"},
        None: {"create_public_app()"},
    }
    assert set(re.findall(r"^app = (.*)$", handler, re.MULTILINE)) <= made[call.credential]


@each_call
def test_examples_of_bodies_and_answers_are_as_their_schemas_say(call: Call) -> None:
    if call.body:
        call.body.model_validate(call.body_example)
        [content] = operation(call)["requestBody"]["content"].values()
        assert violations(content["example"], content["schema"], strict=False) == []
    for status, answer in call.answers.items():
        content = operation(call)["responses"][str(status.value)].get("content", {}).get("application/json", {})
        assert ("example" in content) == (answer.example is not None)
        if "example" in content:
            assert violations(content["example"], content["schema"]) == []


@each_call
def test_every_error_of_a_call_is_shown_under_its_status_as_its_schema_says(call: Call) -> None:
    responses = operation(call)["responses"]
    shown = {
        code: (status, example["value"], response["content"]["application/json"]["schema"])
        for status, response in responses.items()
        for code, example in response.get("content", {}).get("application/json", {}).get("examples", {}).items()
    }

    assert {code: status for code, (status, _, _) in shown.items()} == {
        error.code: str(STATUS[error].value) for error in call.errors
    } | {"internal_error": "500"}
    assert all(value["code"] == code for code, (_, value, _) in shown.items())
    assert [fault for _, value, schema in shown.values() for fault in violations(value, schema)] == []


@each_call
def test_an_error_that_a_call_does_not_tell_is_not_as_its_schema_says(call: Call) -> None:
    response = operation(call)["responses"]["500"]["content"]["application/json"]
    shown = response["examples"]["internal_error"]["value"]

    assert violations(shown, response["schema"]) == []
    assert violations(shown | {"code": "name_taken"}, response["schema"])
    assert violations(shown | {"details": [{"field": "id", "message": "it must be a UUID"}]}, response["schema"])


def test_there_is_an_example_of_every_error() -> None:
    assert {type(error) for error in error_examples.ERRORS} == {*STATUS, TrainingFilesError}


def test_every_error_is_raised_by_some_call() -> None:
    assert {error for call in CALLS for error in call.errors} == set(STATUS)


def test_the_page_fits_into_an_answer_and_names_nobody_to_ask() -> None:
    shell = re.sub(r"<(script|style)>.*?</\1>", "", page(), flags=re.DOTALL)

    assert len(page().encode()) < LARGEST_ANSWER_BYTES
    assert not re.search(r"https?:|//", shell + START)
    assert page().count("<script>") == policy().count("'sha256-") == 2


def test_describing_the_api_costs_no_other_function_anything() -> None:
    apart = {"call", "calls", "description", "error_examples", "examples", "models"}
    users = {
        path.parent.name
        for path in (PROJECT / "functions").glob("*/app.py")
        for module in re.findall(r"from training_files\.api\.([\w.]+) import", path.read_text(encoding="utf-8"))
        if apart & set(module.split("."))
    }

    assert users == {"get_openapi"}
