"""The gateway treats requests and answers as API Gateway does."""

import base64

import httpx
import pytest

APP_ORIGIN = "https://app.example.com"


def test_a_function_sees_the_request_as_an_event_of_payload_format_2(client: httpx.Client) -> None:
    event = client.get(
        "/things/a%2Fb%20c?tag=x&tag=y%20z&empty=",
        headers=[("X-Trace", "1"), ("X-Trace", "2"), ("Cookie", "c=1; d=2")],
    ).json()

    assert event["version"] == "2.0"
    assert event["routeKey"] == "ANY /things/{id}"
    assert event["rawPath"] == "/things/a/b c"
    assert event["rawQueryString"] == "tag=x&tag=y%20z&empty="
    assert event["queryStringParameters"] == {"tag": "x,y z", "empty": ""}
    assert event["pathParameters"] == {"id": "a/b c"}
    assert event["headers"]["x-trace"] == "1,2"
    assert event["cookies"] == ["c=1", "d=2"]
    assert "cookie" not in event["headers"]
    assert "body" not in event


def test_a_request_without_query_and_cookies_has_no_such_keys(client: httpx.Client) -> None:
    event = client.get("/things/1").json()

    assert not {"queryStringParameters", "cookies", "body"} & event.keys()
    assert event["rawQueryString"] == ""


def test_the_request_context_tells_about_the_call(client: httpx.Client) -> None:
    answer = client.put("/things/1", headers={"User-Agent": "probe/1"})
    context = answer.json()["requestContext"]

    assert context["http"] == {
        "method": "PUT",
        "path": "/things/1",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "probe/1",
    }
    assert context["stage"] == "$default"
    assert context["requestId"] == answer.headers["apigw-requestid"]
    assert context["time"].endswith("+0000")
    assert context["timeEpoch"] > 1_700_000_000_000


def test_the_most_specific_route_answers(client: httpx.Client) -> None:
    assert client.get("/things/special").json()["routeKey"] == "GET /things/special"
    assert client.post("/things/special").json()["routeKey"] == "ANY /things/{id}"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", "/probe/plain"), ("GET", "//")])
def test_an_unknown_route_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_json_reaches_a_function_as_text(client: httpx.Client) -> None:
    event = client.post("/things/1", json={"name": "Grüße"}).json()

    assert (event["body"], event["isBase64Encoded"]) == ('{"name":"Grüße"}', False)


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/json", ""])
def test_what_is_no_text_reaches_a_function_as_base64(client: httpx.Client, content_type: str) -> None:
    body = bytes(range(256))

    event = client.post("/things/1", content=body, headers={"Content-Type": content_type}).json()

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_a_compressed_body_reaches_a_function_as_it_was_sent(client: httpx.Client) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    event = client.post("/things/1", content=b"\x1f\x8b not really", headers=headers).json()

    assert base64.b64decode(event["body"]) == b"\x1f\x8b not really"


def test_a_body_over_ten_megabytes_is_refused(client: httpx.Client) -> None:
    answer = client.post("/things/1", content=bytes(10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_an_answer_carries_status_headers_and_cookies(client: httpx.Client) -> None:
    answer = client.get("/things/1")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


def test_an_answer_without_content_type_is_plain_text(client: httpx.Client) -> None:
    answer = client.get("/probe/plain")

    assert (answer.status_code, answer.text) == (201, "done")
    assert answer.headers["content-type"] == "text/plain;charset=utf-8"


def test_an_answer_without_a_status_is_json(client: httpx.Client) -> None:
    answer = client.get("/probe/packages?names=json")

    assert (answer.status_code, answer.json()) == (200, {"json": True})
    assert answer.headers["content-type"] == "application/json"


def test_a_base64_answer_arrives_as_bytes(client: httpx.Client) -> None:
    assert client.get("/probe/binary").content == bytes(range(256))


def test_a_head_request_gets_no_body(client: httpx.Client) -> None:
    answer = client.head("/things/1")

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_preflight_is_answered_without_a_function(client: httpx.Client) -> None:
    answer = client.options("/nothing", headers={"Origin": APP_ORIGIN, "Access-Control-Request-Method": "POST"})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == APP_ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert answer.headers["access-control-max-age"] == "600"


@pytest.mark.parametrize("path", ["/things/1", "/nothing"])
def test_the_gateway_lets_an_allowed_origin_read_every_answer(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": APP_ORIGIN})

    assert answer.headers.get_list("access-control-allow-origin") == [APP_ORIGIN]


def test_a_function_cannot_widen_cors(client: httpx.Client) -> None:
    answer = client.get("/things/1", headers={"Origin": "https://stranger.example.com"})

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("behaviour", ["crash", "end_process", "malformed", "too_large"])
def test_a_failing_function_is_an_internal_error_without_details(client: httpx.Client, behaviour: str) -> None:
    answer = client.get(f"/probe/{behaviour}")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert client.get("/probe/plain").status_code == 201


def test_a_function_that_does_not_load_is_an_internal_error(client: httpx.Client) -> None:
    assert client.get("/broken").status_code == 500


def test_the_gateway_gives_up_before_a_patient_function_does(client: httpx.Client) -> None:
    answer = client.get("/patient/hang?me=patient")

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
