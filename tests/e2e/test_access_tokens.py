"""No route answers without a token that the project gave, and nothing secret is ever echoed or logged."""

import re
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from infra.local_api.template import Route, read_template
from infra.stack import TEMPLATE
from tests.support.builders import a_pair, an_enriched_file
from tests.support.errors import the_error
from tests.support.world import User, World, client_of_api

ALL_ROUTES = read_template(TEMPLATE).routes
# Other systems call hooks; they show a shared secret instead of a user's token.
HOOKS = [route for route in ALL_ROUTES if route.path.startswith("/api/hooks/")]
# What describes the API says nothing of anyone's files.
PUBLIC = {"/api/openapi.json", "/api/docs"}
ROUTES = [route for route in ALL_ROUTES if route not in HOOKS and route.path not in PUBLIC]
BODY = {"name": "x", "conversation_ids": [str(UUID(int=7))]}
FILES = "/api/training-files"


def _call(world: World, route: Route, **headers: str) -> httpx.Response:
    path = re.sub(r"\{[^}]+\}", str(UUID(int=7)), route.path)
    with client_of_api(world.api_url) as http:
        return http.request(route.method, path, json=BODY, headers=headers)


def _list(world: World, authorization: str | bytes) -> httpx.Response:
    with client_of_api(world.api_url) as http:
        return http.get(FILES, headers={"Authorization": authorization})


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _refusal(answer: httpx.Response, token: str) -> str:
    """Why a token was refused, after it was checked that the token is not part of the answer."""
    body = the_error(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert all(part not in f"{answer.headers}{answer.text}" for part in token.split(".") if len(part) > 7)
    return str(body["error"])


@pytest.mark.parametrize("route", HOOKS, ids=lambda route: route.key)
@pytest.mark.parametrize("headers", [{}, {"X-Webhook-Secret": ""}, {"X-Webhook-Secret": "a guess"}], ids=str)
def test_every_hook_refuses_without_the_secret(world: World, user: User, route: Route, headers: dict[str, str]) -> None:
    answer = _call(world, route, **_bearer(user.token), **headers)

    assert "X-Webhook-Secret" in str(the_error(answer, 401, "unauthorized")["error"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_every_route_of_the_template_refuses_without_a_valid_token(world: World, route: Route) -> None:
    forged = world.a_token(str(uuid4()), secret="a secret of somebody else, long enough")

    assert "Authorization: Bearer" in _refusal(_call(world, route), "")
    assert "its signature is wrong" in _refusal(_call(world, route, **_bearer(forged)), forged)
    # Functions without a secret ask the auth server; nothing else is asked.
    of_workers = {request for request in world.proxy.requests if "/rpc/claim_" in request}
    assert set(world.proxy.requests) - of_workers <= {"GET /auth/v1/user"}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer " + "x" * 7000, "Bearer ümlaut".encode(), b"Bearer \xff\xfe.\xff.\xff"],
    ids=["empty", "long", "umlaut", "no UTF-8"],
)
def test_whatever_a_header_can_hold_is_refused_as_no_token(world: World, authorization: str | bytes) -> None:
    _refusal(_list(world, authorization), "")


def test_the_keys_of_the_project_are_no_access_tokens(world: World) -> None:
    for key in (world.supabase.publishable_key, world.supabase.secret_key):
        assert "it is an API key of a project" in _refusal(_list(world, f"Bearer {key}"), key)


def test_a_token_outlives_its_user_and_is_refused_where_the_user_is_needed(world: World) -> None:
    gone = world.a_user()
    conversation = world.a_conversation(None)
    world.database.execute("delete from auth.users where id = %s", [gone.id])

    assert "its session has ended" in str(the_error(gone.http.get(FILES), 401, "unauthorized")["error"])
    for preference in ({}, {"Prefer": "respond-async"}):
        answer = gone.http.post(FILES, json={"name": "late", "conversation_ids": [conversation]}, headers=preference)
        assert "does not exist any more" in str(the_error(answer, 401, "unauthorized")["error"])


def test_an_anonymous_sign_in_is_refused(world: World, user: User) -> None:
    token = world.a_token(user.id, is_anonymous=True)

    assert "anonymous sign-in" in _refusal(_list(world, f"Bearer {token}"), token)


def test_an_answer_in_json_may_not_be_stored_or_taken_for_another_type(world: World, user: User) -> None:
    for answer in (user.http.get(FILES), user.http.get(f"{FILES}/{uuid4()}"), _list(world, "")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_logs_never_hold_tokens_keys_or_text_of_a_conversation(world: World, user: User, functions_log: Path) -> None:
    secrets = {"token": user.token, "key": world.supabase.secret_key, "jwt secret": world.supabase.jwt_secret}
    said = "a sentence that only this conversation has"
    good = world.a_conversation(user, an_enriched_file(a_pair(1, current_user_input=said, target_response=said)))
    bad = world.a_conversation(user, an_enriched_file(a_pair(1, id=None, current_user_input=said)))
    broken = world.a_conversation(user, f'{{"training_pairs": "{said}'.encode())
    log_begins = functions_log.stat().st_size

    created = user.created([good], description=said)
    assert user.create([bad, broken]).status_code == 400
    assert user.add(created["id"], [good]).status_code == 409
    link = user.http.get(f"{FILES}/{created['id']}/download").json()["download_url"]
    forged = world.a_token(user.id, secret="a secret of somebody else, long enough")
    user.http.get(FILES, headers=_bearer(forged))
    world.a_row_that_nobody_can_read(user)
    assert user.http.get(FILES).status_code == 500
    world.proxy.fail(path_contains="/storage/v1", times=None)
    assert user.create([good]).status_code == 503

    logged = functions_log.read_bytes()[log_begins:].decode()
    assert f'"user":"{user.id}"' in logged.replace(": ", ":")
    assert '"refused"' in logged
    assert '"unexpected error"' in logged
    never = secrets | {"forged": forged.rpartition(".")[2], "text": said, "link": link.partition("token=")[2]}
    assert [name for name, value in never.items() if value in logged] == []
