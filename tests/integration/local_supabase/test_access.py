"""Auth makes the tokens of hosted projects, and row level security holds their users apart."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import jwt
import pytest
from supabase import Client
from supabase_auth.errors import AuthApiError

from infra.local_supabase import LocalSupabase
from tests.integration.local_supabase.calls import rows

PASSWORD = "a long password"

SignIn = Callable[[], Client]


@pytest.fixture
def signed_in(client_with: Callable[[str], Client], supabase_stack: LocalSupabase) -> SignIn:
    """Makes a new user and answers a client that is signed in as them."""

    def sign_in() -> Client:
        client = client_with(supabase_stack.publishable_key)
        client.auth.sign_up({"email": f"{uuid4()}@example.com", "password": PASSWORD})
        return client

    return sign_in


@pytest.mark.parametrize("path", ["/_system/info", "/_system/config", "/_system/introspect", "/_system"])
def test_nothing_internal_is_served(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/rest/v1/many_rows", "/auth/v1/user"])
def test_no_key_gets_no_answer(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 401


def test_a_users_token_has_the_claims_of_hosted_projects(anon: Client, supabase_stack: LocalSupabase) -> None:
    email = f"{uuid4()}@example.com"
    user = anon.auth.sign_up({"email": email, "password": PASSWORD}).user
    session = anon.auth.sign_in_with_password({"email": email, "password": PASSWORD}).session
    assert user is not None
    assert session is not None

    claims = jwt.decode(
        session.access_token,
        supabase_stack.jwt_secret,
        algorithms=["HS256"],
        audience="authenticated",
        issuer=f"{supabase_stack.url}/auth/v1",
    )

    assert (claims["role"], claims["sub"], claims["email"]) == ("authenticated", user.id, email)
    assert (claims["aal"], claims["is_anonymous"]) == ("aal1", False)


def test_a_refreshed_token_has_the_same_claims(signed_in: SignIn, supabase_stack: LocalSupabase) -> None:
    session = signed_in().auth.refresh_session().session
    assert session is not None

    claims = jwt.decode(session.access_token, supabase_stack.jwt_secret, algorithms=["HS256"], audience="authenticated")

    assert claims["iss"] == f"{supabase_stack.url}/auth/v1"


def test_a_wrong_password_does_not_sign_in(anon: Client) -> None:
    email = f"{uuid4()}@example.com"
    anon.auth.sign_up({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError, match="Invalid login credentials"):
        anon.auth.sign_in_with_password({"email": email, "password": "another"})


def test_a_user_sees_only_their_own_rows(signed_in: SignIn) -> None:
    alice, bob = signed_in(), signed_in()
    alice.table("notes").insert({"body": "of Alice"}).execute()
    bob.table("notes").insert({"body": "of Bob"}).execute()

    assert [note["body"] for note in rows(alice.table("notes").select("body"))] == ["of Alice"]


def test_sql_knows_the_callers_email(signed_in: SignIn) -> None:
    client = signed_in()
    user = client.auth.get_user()
    assert user is not None

    [note] = rows(client.table("notes").insert({"body": "x"}))

    assert note["email"] == user.user.email


def test_the_secret_key_can_create_change_find_and_delete_users(service: Client, anon: Client) -> None:
    email = f"{uuid4()}@example.com"
    admin = service.auth.admin
    user = admin.create_user(
        {"email": email, "password": PASSWORD, "user_metadata": {"name": "A"}, "app_metadata": {"team": 1}}
    ).user

    admin.update_user_by_id(user.id, {"password": "a new password", "user_metadata": {"city": "B"}})
    found = admin.get_user_by_id(user.id).user
    anon.auth.sign_in_with_password({"email": email, "password": "a new password"})

    assert (found.email, found.user_metadata, found.app_metadata["team"]) == (
        email,
        found.user_metadata | {"name": "A", "city": "B"},
        1,
    )
    assert user.id in [each.id for each in admin.list_users()]
    admin.delete_user(user.id)
    with pytest.raises(AuthApiError, match="User not found"):
        admin.get_user_by_id(user.id)


def test_only_the_secret_key_may_manage_users(anon: Client) -> None:
    with pytest.raises(AuthApiError, match="not allowed"):
        anon.auth.admin.list_users()
