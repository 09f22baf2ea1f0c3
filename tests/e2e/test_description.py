"""The API describes itself to anyone who asks, for programs and as a page that asks nobody else."""

import re

import httpx

from tests.support.world import World, client_of_api
from training_files.api.description.openapi import document


def test_anyone_gets_the_description_and_may_keep_it_for_a_while(world: World) -> None:
    with client_of_api(world.api_url) as http:
        answer = http.get("/api/openapi.json")

    assert answer.json() == document()
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["content-encoding"] == "gzip"


def test_a_program_that_reads_no_gzip_gets_it_as_it_is(world: World) -> None:
    with client_of_api(world.api_url) as http:
        answer = http.get("/api/openapi.json", headers={"Accept-Encoding": "identity"})

    assert (answer.json(), "content-encoding" in answer.headers) == (document(), False)


def test_the_page_is_html_that_may_ask_only_where_it_came_from(world: World) -> None:
    with client_of_api(world.api_url) as http:
        answer = http.get("/api/docs")

    assert answer.headers["content-type"] == "text/html"
    directives = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    assert (directives["default-src"], directives["connect-src"]) == ("'none'", "'self'")
    assert "unsafe" not in directives["script-src"]
    assert '<div id="swagger-ui">' in answer.text
    assert wire_size(answer) < 1024 * 1024


def wire_size(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded


def test_an_id_with_characters_that_no_id_has_is_refused_as_any_other(world: World) -> None:
    user = world.a_user()
    answers = [user.http.get(f"/api/training-files/{odd}") for odd in ("%22", "a%2Fb", "%0A")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "validation_error")}
    assert all(re.search("id: it must be a UUID", answer.text) for answer in answers)
