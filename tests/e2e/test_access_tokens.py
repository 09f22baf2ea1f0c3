"""No route answers without a token that the project gave, and nothing secret is ever echoed or logged."""

import base64
import json
import re
import time
from pathlib import Path
from typing import Any
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
NOW = int(time.time())
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


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


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
    assert world.proxy.requests == []


def _name_of(claims: dict[str, Any]) -> str:
    """The same each day."""
    return "-".join(f"{claim} {'now' if isinstance(value, int) else value}" for claim, value in claims.items())


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": NOW - 5}, "it has expired"),
        ({"nbf": NOW + 600}, "it is not valid yet"),
        ({"iss": "https://another.supabase.co/auth/v1"}, "it was issued by another project"),
        ({"aud": "anon"}, "it is meant for another audience"),
        ({"role": "anon"}, "its role is not authenticated"),
        ({"role": "service_role"}, "its role is not authenticated"),
        ({"role": ["authenticated"]}, "its role is not authenticated"),
        ({"sub": "postgres"}, "its subject is not a user id"),
        ({"sub": ""}, "its subject is not a user id"),
        ({"exp": "soon"}, "it is malformed"),
        *(({claim: None}, "it lacks a required claim") for claim in ("exp", "iss", "aud", "sub", "role")),
    ],
    ids=lambda value: _name_of(value) if isinstance(value, dict) else "",
)
def test_a_token_with_wrong_claims_is_refused_with_the_reason(
    world: World, user: User, claims: dict[str, Any], reason: str
) -> None:
    token = world.a_token(user.id, **claims)

    assert f"refused: {reason}." in _refusal(user.http.get(FILES, headers=_bearer(token)), token)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None", "typ": "JWT"},
        {"alg": "HS512", "typ": "JWT"},
        {"alg": "ES256", "kid": "unknown"},
        {"alg": "HS256", "kid": 7},
        {"alg": "HS256", "crit": ["b64"], "b64": False},
        {"alg": ["HS256"]},
        {},
        [],
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("signature", ["", "c2lnbmF0dXJl"])
def test_a_token_cannot_choose_how_it_is_verified(world: World, user: User, header: Any, signature: str) -> None:
    claims = user.token.split(".")[1]
    token = f"{_encoded(header)}.{claims}.{signature}"

    _refusal(_list(world, f"Bearer {token}"), token)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer garbage",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer " + "x" * 7000,
        "Basic dXNlcjpwYXNzd29yZA==",
        "Bearer ümlaut".encode(),
        b"Bearer \xff\xfe.\xff.\xff",
        "Bearer " + base64.urlsafe_b64encode(b"[" * 4500).decode() + ".e30.c2ln",
    ],
    ids=["empty", "bare", "one part", "no base64", "dots", "long", "Basic", "umlaut", "no UTF-8", "deep"],
)
def test_garbage_is_no_token(world: World, authorization: str | bytes) -> None:
    _refusal(_list(world, authorization), "")


def test_the_keys_of_the_project_are_no_access_tokens(world: World) -> None:
    for key in (world.supabase.publishable_key, world.supabase.secret_key):
        _refusal(_list(world, f"Bearer {key}"), key)


def test_a_tampered_token_is_refused(world: World, user: User) -> None:
    header, _, signature = user.token.split(".")
    someone_else = world.a_token(str(uuid4())).split(".")[1]
    token = f"{header}.{someone_else}.{signature}"

    assert "its signature is wrong" in _refusal(user.http.get(FILES, headers=_bearer(token)), token)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_valid_token_is_taken_however_its_scheme_is_written(world: World, user: User, scheme: str) -> None:
    assert _list(world, f"{scheme} {user.token}").status_code == 200


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
    assert '"refused"' in logged
    assert '"unexpected error"' in logged
    never = secrets | {"forged": forged.rpartition(".")[2], "text": said, "link": link.partition("token=")[2]}
    assert [name for name, value in never.items() if value in logged] == []
