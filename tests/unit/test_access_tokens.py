"""Whose access tokens are believed, and why others are refused."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from training_files.adapters.supabase.access_tokens import AccessTokens, SigningKeys
from training_files.adapters.supabase.auth_server import AuthServer
from training_files.errors import NotSetUpError, TrainingFilesError, UnauthorizedError, UpstreamUnavailableError

ISSUER = "https://abcdefghijklmnop.supabase.co/auth/v1"
USER = "5b7cf2ad-9b1b-4a0f-a0f6-8f0c1f6d7a11"
SECRET = "a secret of the project that is at least 32 bytes long"
HOUR = 3600

EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_EC_KEY = ec.generate_private_key(ec.SECP256R1())
P384_KEY = ec.generate_private_key(ec.SECP384R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(65537, 2048)

ALGORITHM_OF_KEY = {"ec": "ES256", "rsa": "RS256", "p384": "ES384", "ed": "EdDSA"}
KEYS: dict[str, Any] = {"ec": EC_KEY, "rsa": RSA_KEY, "p384": P384_KEY, "ed": ED_KEY}


def published(key_id: str) -> dict[str, Any]:
    algorithm = jwt.get_algorithm_by_name(ALGORITHM_OF_KEY[key_id])
    return {**algorithm.to_jwk(KEYS[key_id].public_key(), as_dict=True), "kid": key_id, "use": "sig"}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None removes one."""
    now = int(time.time())
    usual = {"sub": USER, "aud": "authenticated", "role": "authenticated", "iss": ISSUER, "iat": now, "exp": now + HOUR}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def a_token(key_id: str = "ec", key: Any = None, algorithm: str | None = None, **changes: Any) -> str:
    return jwt.encode(
        claims(**changes),
        key or KEYS[key_id],
        algorithm=algorithm or ALGORITHM_OF_KEY[key_id],
        headers={"kid": key_id},
    )


def handmade(header: Any, payload: Any, signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class Project:
    """A project's auth server: what it publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(200, json={"keys": self.keys})
        self.keys: list[Any] = [published(key_id) for key_id in KEYS]
        self.fetches = 0
        self.now = 1000.0
        self.verdict: Callable[[], httpx.Response] = lambda: httpx.Response(200, json={"id": USER})
        self.asked: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/user"):
            self.asked.append(request)
            return self.verdict()
        assert str(request.url) == f"{ISSUER}/.well-known/jwks.json"
        self.fetches += 1
        return self.answer()

    @contextmanager
    def tokens(self, secret: str | None = None, *, issuer: str = ISSUER, **options: bool) -> Iterator[AccessTokens]:
        with httpx.Client(transport=httpx.MockTransport(self.handle)) as http:
            yield AccessTokens(issuer, SigningKeys(http, ISSUER, lambda: self.now), secret, **options)

    @contextmanager
    def tokens_without_a_secret(self) -> Iterator[AccessTokens]:
        """As functions verify them that may not know the secret."""
        with httpx.Client(transport=httpx.MockTransport(self.handle)) as http:
            yield AccessTokens(
                ISSUER, SigningKeys(http, ISSUER, lambda: self.now), AuthServer(http, ISSUER, "a key", lambda: self.now)
            )


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def tokens(project: Project) -> Iterator[AccessTokens]:
    with project.tokens() as verified:
        yield verified


def refusal(tokens: AccessTokens, token: str) -> str:
    """The reason for which a token is refused, which never repeats any of it."""
    with pytest.raises(UnauthorizedError) as caught:
        tokens.user_of(f"Bearer {token}")
    assert not any(part in str(caught.value) for part in token.split(".") if len(part) > 3)
    return str(caught.value)


@pytest.mark.parametrize("key_id", ["ec", "rsa"])
def test_a_token_signed_with_a_published_key_names_its_user(tokens: AccessTokens, key_id: str) -> None:
    assert tokens.user_of(f"Bearer {a_token(key_id)}") == UUID(USER)


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", " Bearer  "])
def test_the_scheme_may_be_spelled_in_any_case(tokens: AccessTokens, scheme: str) -> None:
    assert tokens.user_of(scheme + a_token()) == UUID(USER)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "token"])
def test_a_call_without_a_token_is_told_what_to_send(tokens: AccessTokens, header: str | None) -> None:
    with pytest.raises(UnauthorizedError, match="Authorization: Bearer <token>"):
        tokens.user_of(header)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 1}, "it has expired"),
        ({"exp": None}, "it lacks a required claim"),
        ({"exp": "soon"}, "it is malformed"),
        ({"nbf": int(time.time()) + HOUR}, "it is not valid yet"),
        ({"aud": "anon"}, "it is meant for another audience"),
        ({"aud": None}, "it lacks a required claim"),
        ({"iss": "https://other.supabase.co/auth/v1"}, "its issuer is not the one that this deployment expects"),
        ({"iss": None}, "it lacks a required claim"),
        ({"role": "service_role"}, "it is an API key of a project"),
        ({"role": "anon"}, "it is an API key of a project"),
        ({"role": "supabase_admin"}, "its role is not authenticated"),
        ({"role": ["authenticated"]}, "its role is not authenticated"),
        ({"role": None}, "it lacks a required claim"),
        ({"sub": "admin"}, "its subject is not a user id"),
        ({"sub": ""}, "its subject is not a user id"),
        ({"sub": None}, "it lacks a required claim"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_reason(tokens: AccessTokens, changes: dict[str, Any], reason: str) -> None:
    assert reason in refusal(tokens, a_token(**changes))


def test_a_subject_that_is_no_text_is_refused(tokens: AccessTokens) -> None:
    signed = jwt.api_jws.encode(json.dumps(claims(sub=7)).encode(), EC_KEY, "ES256", headers={"kid": "ec"})

    assert "it is not acceptable" in refusal(tokens, signed)


def test_a_clock_that_runs_a_little_ahead_does_no_harm(tokens: AccessTokens) -> None:
    assert tokens.user_of(f"Bearer {a_token(iat=int(time.time()) + 5)}") == UUID(USER)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "....", "é.é.é", "\udcff.a.b", "W10.e30.e30"])
def test_what_is_no_token_is_malformed(tokens: AccessTokens, token: str) -> None:
    assert "it is malformed" in refusal(tokens, token)


def test_a_header_nested_beyond_reason_is_malformed(tokens: AccessTokens) -> None:
    nested = base64.urlsafe_b64encode(b'{"a":' + b"[" * 6001).decode()

    assert "it is malformed" in refusal(tokens, f"{nested}.e30.e30")


def test_a_token_signed_by_another_key_of_the_same_id_is_refused(tokens: AccessTokens) -> None:
    assert "its signature is wrong" in refusal(tokens, a_token("ec", OTHER_EC_KEY))


def test_a_changed_payload_is_refused(tokens: AccessTokens) -> None:
    header, _, signature = a_token().split(".")
    payload = handmade({}, claims(sub="00000000-0000-4000-8000-000000000000")).split(".")[1]

    assert "its signature is wrong" in refusal(tokens, f"{header}.{payload}.{signature}")


@pytest.mark.parametrize(
    "header", [{}, {"alg": ["HS256"]}, {"alg": "HS256", "crit": ["b64"], "b64": False}], ids=json.dumps
)
@pytest.mark.parametrize("signature", ["", "c2lnbmF0dXJl"])
def test_a_header_cannot_choose_how_a_token_is_verified(
    tokens: AccessTokens, header: dict[str, Any], signature: str
) -> None:
    refusal(tokens, f"{handmade(header, claims()).rpartition('.')[0]}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", ""])
def test_an_unsigned_token_is_refused(tokens: AccessTokens, algorithm: str) -> None:
    assert "it is not acceptable" in refusal(tokens, handmade({"alg": algorithm, "kid": "ec"}, claims()))


@pytest.mark.parametrize(
    ("key_id", "algorithm"), [("ec", "RS256"), ("rsa", "ES256"), ("rsa", "RS512"), ("rsa", "PS256")]
)
def test_a_token_cannot_choose_the_algorithm_of_a_key(tokens: AccessTokens, key_id: str, algorithm: str) -> None:
    signing_key = {"ES256": EC_KEY}.get(algorithm, RSA_KEY)

    assert "it is not acceptable" in refusal(tokens, a_token(key_id, signing_key, algorithm))


@pytest.mark.parametrize("secret", [None, SECRET])
def test_a_public_key_is_no_secret(project: Project, secret: str | None) -> None:
    """The known attack: HS256 with the bytes of the RSA key that everyone can read."""
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = handmade({"alg": "HS256", "kid": "rsa"}, claims())
    content = signed.rpartition(".")[0]
    signature = jwt.get_algorithm_by_name("HS256").sign(content.encode(), public)
    forged = f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with project.tokens(secret) as tokens:
        assert "refused" in refusal(tokens, forged)


@pytest.mark.parametrize("key_id", ["p384", "ed"])
def test_keys_of_other_kinds_are_not_used(tokens: AccessTokens, key_id: str) -> None:
    assert "it is not signed with a key of this project" in refusal(tokens, a_token(key_id))


def test_hs256_is_accepted_only_with_the_secret(project: Project) -> None:
    token = jwt.encode(claims(), SECRET, algorithm="HS256")

    with project.tokens(SECRET) as tokens:
        assert tokens.user_of(f"Bearer {token}") == UUID(USER)
        assert tokens.user_of(f"Bearer {a_token()}") == UUID(USER)
    with project.tokens() as tokens:
        assert "it is not signed with a key of this project" in refusal(tokens, token)
    with project.tokens("another secret of at least 32 bytes, too") as tokens:
        assert "its signature is wrong" in refusal(tokens, token)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_secret_is_used_for_hs256_only(project: Project, algorithm: str) -> None:
    token = jwt.encode(claims(), SECRET * 2, algorithm=algorithm)

    with project.tokens(SECRET * 2) as tokens:
        assert "refused" in refusal(tokens, token)


def test_hs256_needs_no_published_key(project: Project) -> None:
    project.keys = []
    with project.tokens(SECRET) as tokens:
        tokens.user_of("Bearer " + jwt.encode(claims(), SECRET, algorithm="HS256"))

    assert project.fetches == 0


def test_the_keys_are_fetched_once(project: Project, tokens: AccessTokens) -> None:
    for key_id in ("ec", "rsa", "ec"):
        tokens.user_of(f"Bearer {a_token(key_id)}")

    assert project.fetches == 1


def test_an_unknown_key_is_looked_for_at_most_once_a_minute(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token()}")
    project.keys.append(published("ec") | {"kid": "new"})
    by_new_key = a_token("new", EC_KEY, "ES256")

    project.now += 59.9
    assert "it is not signed with a key of this project" in refusal(tokens, by_new_key)
    assert project.fetches == 1
    project.now += 0.1
    assert tokens.user_of(f"Bearer {by_new_key}") == UUID(USER)
    for _ in range(3):
        refusal(tokens, a_token("unknown", EC_KEY, "ES256"))
    assert project.fetches == 2


def test_a_key_that_the_project_has_withdrawn_goes_with_the_next_fetch(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token('rsa')}")
    project.keys = [published("ec")]
    project.now += 60
    refusal(tokens, a_token("unknown", EC_KEY, "ES256"))

    assert "it is not signed with a key of this project" in refusal(tokens, a_token("rsa"))


def test_a_project_without_published_keys_believes_no_token_of_a_key(project: Project, tokens: AccessTokens) -> None:
    project.keys = []

    assert "it is not signed with a key of this project" in refusal(tokens, a_token())


@pytest.mark.parametrize("key_id", [None, 7, ["ec"]])
def test_a_token_without_a_key_id_is_refused(tokens: AccessTokens, key_id: Any) -> None:
    assert "refused" in refusal(tokens, handmade({"alg": "ES256", "kid": key_id}, claims()))


def _down() -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "answer",
    [
        _down,
        lambda: httpx.Response(500),
        lambda: httpx.Response(404, json={"message": "not found"}),
        lambda: httpx.Response(200, text="<html>"),
        lambda: httpx.Response(200, json=[]),
        lambda: httpx.Response(200, json={"keys": "none"}),
        lambda: httpx.Response(200, json={"keys": [None]}),
        lambda: httpx.Response(200, json={"keys": [{"kid": "ec", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}),
        lambda: httpx.Response(200, json={"keys": [{"kid": "ec", "kty": "EC", "crv": "P-256"}]}),
    ],
)
def test_keys_that_cannot_be_fetched_are_no_fault_of_the_token(
    project: Project, tokens: AccessTokens, answer: Callable[[], httpx.Response]
) -> None:
    usual, project.answer = project.answer, answer
    with pytest.raises(UpstreamUnavailableError):
        tokens.user_of(f"Bearer {a_token()}")

    project.answer = usual
    project.now += 5
    assert tokens.user_of(f"Bearer {a_token()}") == UUID(USER)


def test_keys_that_cannot_be_fetched_are_asked_for_every_five_seconds_and_not_by_each_call(
    project: Project, tokens: AccessTokens
) -> None:
    project.answer = _down
    for _ in range(3):
        with pytest.raises(UpstreamUnavailableError):
            tokens.user_of(f"Bearer {a_token()}")
    assert project.fetches == 1

    project.now += 5
    with pytest.raises(UpstreamUnavailableError):
        tokens.user_of(f"Bearer {a_token()}")
    assert project.fetches == 2


def test_a_fetch_that_fails_is_tried_again_after_a_minute(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token()}")
    by_unknown_key = a_token("unknown", EC_KEY, "ES256")
    project.answer = _down
    project.now += 60
    for _ in range(3):
        with pytest.raises(UpstreamUnavailableError):
            tokens.user_of(f"Bearer {by_unknown_key}")

    assert project.fetches == 2


def test_a_revoked_key_is_believed_for_ten_minutes_at_most(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token('rsa')}")
    project.keys = [published("ec")]

    project.now += 599
    assert tokens.user_of(f"Bearer {a_token('rsa')}") == UUID(USER)
    project.now += 1
    assert "it is not signed with a key of this project" in refusal(tokens, a_token("rsa"))
    assert project.fetches == 2


def test_keys_are_looked_for_every_ten_minutes_whoever_calls(project: Project, tokens: AccessTokens) -> None:
    for _ in range(4):
        tokens.user_of(f"Bearer {a_token()}")
        tokens.user_of(f"Bearer {a_token('rsa')}")
        project.now += 600

    assert project.fetches == 4


def test_a_project_that_suddenly_publishes_no_key_throws_nobody_out(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token()}")
    project.keys = []
    project.now += 600

    assert tokens.user_of(f"Bearer {a_token()}") == UUID(USER)
    assert "it is not signed with a key of this project" in refusal(tokens, a_token("unknown", EC_KEY, "ES256"))
    assert project.fetches == 2


def test_a_project_with_a_domain_of_its_own_has_another_issuer(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    own = "https://login.example/auth/v1"
    with project.tokens(issuer=own) as tokens:
        assert tokens.user_of(f"Bearer {a_token(iss=own)}") == UUID(USER)
        assert caplog.messages == []
        assert "SUPABASE_JWT_ISSUER" in refusal(tokens, a_token())

    (message,) = caplog.messages
    assert own in message
    assert ISSUER in message


def test_an_issuer_is_logged_only_where_the_project_has_signed(
    tokens: AccessTokens, caplog: pytest.LogCaptureFixture
) -> None:
    assert "its signature is wrong" in refusal(tokens, a_token(key=OTHER_EC_KEY, iss="made up"))

    assert caplog.messages == []


@pytest.mark.parametrize("claim", [True, "true", 1])
def test_an_anonymous_sign_in_is_refused_unless_it_is_allowed(project: Project, claim: Any) -> None:
    anonymous = a_token(is_anonymous=claim)

    with project.tokens() as tokens:
        assert "it is of an anonymous sign-in" in refusal(tokens, anonymous)
        assert tokens.user_of(f"Bearer {a_token(is_anonymous=False)}") == UUID(USER)
    with project.tokens(allow_anonymous=True) as tokens:
        assert tokens.user_of(f"Bearer {anonymous}") == UUID(USER)


def test_a_key_once_known_needs_no_auth_server(project: Project, tokens: AccessTokens) -> None:
    tokens.user_of(f"Bearer {a_token()}")
    project.answer = _down
    project.now += HOUR

    assert tokens.user_of(f"Bearer {a_token()}") == UUID(USER)


class TestWithoutTheSecret:
    """A function that does not know the project's secret has the auth server say whose signature is right."""

    @pytest.fixture
    def tokens(self, project: Project) -> Iterator[AccessTokens]:
        with project.tokens_without_a_secret() as verified:
            yield verified

    def test_what_the_auth_server_believes_is_believed(self, project: Project, tokens: AccessTokens) -> None:
        token = a_token("shared", SECRET, "HS256")

        assert tokens.user_of(f"Bearer {token}") == UUID(USER)
        [request] = project.asked
        assert (request.headers["apikey"], request.headers["authorization"]) == ("a key", f"Bearer {token}")

    def test_what_is_signed_with_a_published_key_is_not_asked_about(
        self, project: Project, tokens: AccessTokens
    ) -> None:
        assert tokens.user_of(f"Bearer {a_token()}") == UUID(USER)
        assert project.asked == []

    def test_what_is_believed_is_asked_about_once_a_minute(self, project: Project, tokens: AccessTokens) -> None:
        one, other = a_token("shared", SECRET, "HS256"), a_token("shared", SECRET, "HS256", sub=str(UUID(int=7)))

        for token in (one, one, other, one):
            tokens.user_of(f"Bearer {token}")
        assert len(project.asked) == 2

        project.now += 60
        project.verdict = lambda: httpx.Response(403, json={"error_code": "session_not_found"})
        refusal(tokens, one)
        refusal(tokens, one)
        assert len(project.asked) == 3

    @pytest.mark.parametrize("error_code", ["bad_jwt", "session_not_found", "user_not_found"])
    def test_what_the_auth_server_refuses_is_refused(
        self, project: Project, tokens: AccessTokens, error_code: str
    ) -> None:
        project.verdict = lambda: httpx.Response(403, json={"code": 403, "error_code": error_code, "msg": "no"})

        assert "its signature is wrong, or its session has ended" in refusal(tokens, a_token("shared", SECRET, "HS256"))

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"exp": int(time.time()) - 10}, "it has expired"),
            ({"nbf": int(time.time()) + HOUR}, "it is not valid yet"),
            ({"iss": "https://other.supabase.co/auth/v1"}, "its issuer is not"),
            ({"aud": "anon"}, "another audience"),
            ({"sub": None}, "it lacks a required claim"),
            ({"exp": None}, "it lacks a required claim"),
        ],
    )
    def test_what_is_no_good_anyway_is_refused_without_asking(
        self, project: Project, tokens: AccessTokens, changes: dict[str, Any], reason: str
    ) -> None:
        assert reason in refusal(tokens, a_token("shared", SECRET, "HS256", **changes))
        assert project.asked == []

    def test_a_token_that_anyone_can_make_writes_nothing_into_the_log(
        self, tokens: AccessTokens, caplog: pytest.LogCaptureFixture
    ) -> None:
        refusal(tokens, a_token("shared", SECRET, "HS256", iss="https://other.example\n{}"))

        assert caplog.text == ""

    def test_an_unsigned_token_is_refused_without_asking(self, project: Project, tokens: AccessTokens) -> None:
        refusal(tokens, handmade({"alg": "none"}, claims()))

        assert project.asked == []

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx.Response(401, json={"message": "Invalid API key"}), NotSetUpError),
            (httpx.Response(500, text="oops"), UpstreamUnavailableError),
            (httpx.Response(403, text="<html>Forbidden</html>"), UpstreamUnavailableError),
            (
                httpx.Response(429, json={"code": 429, "error_code": "over_request_rate_limit"}),
                UpstreamUnavailableError,
            ),
        ],
        ids=["the key is refused", "a fault", "a firewall", "too many requests"],
    )
    def test_what_says_nothing_of_the_token_does_not_refuse_it(
        self, project: Project, tokens: AccessTokens, answer: httpx.Response, error: type[TrainingFilesError]
    ) -> None:
        project.verdict = lambda: answer

        with pytest.raises(error):
            tokens.user_of(f"Bearer {a_token('shared', SECRET, 'HS256')}")

    def test_an_auth_server_that_does_not_answer_refuses_nobody(self, project: Project, tokens: AccessTokens) -> None:
        def hang() -> httpx.Response:
            raise httpx.ReadTimeout("later")

        project.verdict = hang

        with pytest.raises(UpstreamUnavailableError):
            tokens.user_of(f"Bearer {a_token('shared', SECRET, 'HS256')}")
