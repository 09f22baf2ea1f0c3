"""Tokens of projects that sign with published keys, verified by what is deployed: the built layer, over HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from infra.local_api import run_local_api
from infra.stack import SECRETS, TEMPLATE
from tests.support.world import client_of_api

KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
WRITERS: dict[str, Any] = {"ES256": ECAlgorithm, "RS256": RSAAlgorithm}


class Project(BaseHTTPRequestHandler):
    """A Supabase project of which only the published keys and an empty table are there."""

    def do_GET(self) -> None:
        keys = [
            {**json.loads(WRITERS[algorithm].to_jwk(key.public_key())), "kid": algorithm, "alg": algorithm}
            for algorithm, key in KEYS.items()
        ]
        refused = {"code": 403, "error_code": "bad_jwt", "msg": "signature is invalid"}
        answers = {"/auth/v1/.well-known/jwks.json": (200, {"keys": keys}), "/auth/v1/user": (403, refused)}
        status, content = answers.get(self.path, (200, []))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def project() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Project)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def api_url(project: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from_source = request.config.getoption("--source")
    environment = {"SUPABASE_URL": project, "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_key"}
    template = TEMPLATE if from_source else request.getfixturevalue("host_build")
    log = tmp_path_factory.mktemp("signing-keys") / "functions.log"
    packages: Any = "environment" if from_source else "lambda"
    with run_local_api(template, environment=environment, secrets=SECRETS, runtime_packages=packages, log=log) as api:
        yield api.url


def a_token(project: str, algorithm: str, key: Any) -> str:
    claims = {"sub": str(uuid4()), "aud": "authenticated", "role": "authenticated", "iss": f"{project}/auth/v1"}
    return jwt.encode({**claims, "exp": int(time.time()) + 60}, key, algorithm, headers={"kid": algorithm})


def listed(api_url: str, token: str) -> httpx.Response:
    with client_of_api(api_url, token) as http:
        return http.get("/api/training-files")


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_signed_with_a_published_key_is_accepted(api_url: str, project: str, algorithm: str) -> None:
    answer = listed(api_url, a_token(project, algorithm, KEYS[algorithm]))

    assert (answer.status_code, answer.json()) == (200, {"files": [], "next_cursor": None})


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
        ("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        ("HS256", "a secret that is long enough for the algorithm"),
    ],
    ids=["another EC key", "another RSA key", "a shared secret"],
)
def test_a_token_signed_otherwise_is_refused(api_url: str, project: str, algorithm: str, key: Any) -> None:
    assert listed(api_url, a_token(project, algorithm, key)).status_code == 401
