"""The API answers under whatever its paths begin with: nothing, an API mapping, or a stage."""

import json
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.event_handler import Response

from tests.support.handlers import a_context, handler_of
from training_files.api.app import create_public_app, json_answer, lambda_handler_of
from training_files.api.routing import without_prefix

FILE = str(uuid4())


def an_event(prefix: str, *, stage: str = "$default", route: str = "GET /api/openapi.json") -> dict[str, Any]:
    method, _, path = route.partition(" ")
    path = path.replace("{id}", FILE)
    http = {"method": method, "path": prefix + path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1", "userAgent": "-"}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": prefix + path,
        "rawQueryString": "",
        "headers": {},
        "pathParameters": {"id": FILE},
        "requestContext": {"http": http, "requestId": "1", "stage": stage, "routeKey": route},
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("prefix", ["", "/prod", "/v1", "/data/v1"])
@pytest.mark.parametrize("route", ["GET /api/training-files", "PATCH /api/training-files/{id}"])
def test_a_path_is_that_of_its_route(prefix: str, route: str) -> None:
    event, found = without_prefix(an_event(prefix, stage="prod", route=route))

    assert found == prefix
    assert event["rawPath"] == route.partition(" ")[2].replace("{id}", FILE)


@pytest.mark.parametrize("route_key", ["$default", "GET /other/{id}", ""])
def test_a_path_that_is_not_that_of_its_route_stays_as_it_is(route_key: str) -> None:
    event = an_event("/v1") | {"routeKey": route_key}

    assert without_prefix(event) == (event, "")


@pytest.mark.parametrize(
    ("prefix", "stage", "server"),
    [("", "$default", "/"), ("/prod", "prod", "/prod"), ("/v1", "$default", "/v1"), ("/v1", "prod", "/v1")],
)
def test_the_description_says_where_it_comes_from(prefix: str, stage: str, server: str) -> None:
    answer = handler_of("get_openapi")(an_event(prefix, stage=stage), a_context())

    assert answer["statusCode"] == 200
    assert [each["url"] for each in json.loads(answer["body"])["servers"]] == [server]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_a_route_with_an_id_is_found_and_tells_locations_as_the_caller_sees_them(prefix: str) -> None:
    app = create_public_app()

    @app.get("/api/training-files/<training_file_id>")
    def get(training_file_id: str) -> Response[Any]:
        return json_answer(HTTPStatus.ACCEPTED, {"id": training_file_id}, {"Location": "/api/training-files/other"})

    event = an_event(prefix, route="GET /api/training-files/{id}")
    answer = lambda_handler_of(app)(event, a_context())

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"id": FILE})
    assert answer["headers"]["Location"] == f"{prefix}/api/training-files/other"
