"""Schemathesis sends what the description allows and what it forbids: every answer is described, and none is a 5xx.

The requests are the same in every run. Most of those that are allowed aim at what is there.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.described import strict_document
from tests.support.world import User, World
from training_files.api.call import Call
from training_files.api.calls import CALLS

pytestmark = pytest.mark.slow

EXAMPLES = 25
# How many of the requests aim at what is there.
AIMS = (True, True, True, False)
# Longer ones are the gateway's to refuse.
LONGEST_QUERY = 7_000
CONFORMS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CHECKS = {
    GenerationMode.POSITIVE: CONFORMS,
    GenerationMode.NEGATIVE: [*CONFORMS, negative_data_rejection],
}
# A request that takes nothing cannot be wrong.
REQUESTS = [
    pytest.param(call, mode, id=f"{call.operation_id}-{mode.value}")
    for call in CALLS
    for mode in CHECKS
    if mode is GenerationMode.POSITIVE or call.body or call.query or "{" in call.path
]
# Which existing ids a request may aim at, by the name of the parameter or field.
Estate = dict[str, Any]


@pytest.fixture
def estate(world: World, user: User) -> Iterator[Estate]:
    """A training file with an export and a tag, and conversations that could be added."""
    ids = world.some_conversations(user, 4)
    created = user.created(ids[:2])
    exported = user.http.post(f"/api/training-files/{created['id']}/exports", json={"format": "messages"})
    tagged = user.http.put(f"/api/training-files/{created['id']}/tags/v1", json={"revision": 1})
    return {
        "id": created["id"],
        "export_id": exported.json()["export"]["id"],
        "tag": tagged.json()["tag"]["name"],
        "conversation_ids": ids,
    }


@pytest.mark.parametrize(("call", "mode"), REQUESTS)
def test_every_answer_is_described(world: World, user: User, estate: Estate, call: Call, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(strict_document())
    schema.config.update(base_url=world.api_url)
    # Every request carries a valid token; what is refused without one is another test's.
    schema.config.generation.update(with_security_parameters=False)
    credentials = {"Authorization": f"Bearer {user.token}"}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(schema[call.path][call.method].as_strategy(generation_mode=mode), st.sampled_from(AIMS))
    def send(case: Case, aims: bool) -> None:  # noqa: FBT001 - drawn
        # The local API remembers no answers.
        case.headers.pop("Idempotency-Key", None)
        if aims and mode is GenerationMode.POSITIVE:
            aim(case, estate)
        assume(len(urlencode(case.query, doseq=True)) <= LONGEST_QUERY)
        case.call_and_validate(headers=credentials, checks=CHECKS[mode])

    send()


def aim(case: Case, estate: Estate) -> None:
    """Puts ids that exist where the request has ids."""
    case.path_parameters = {name: estate[name] for name in case.path_parameters}
    if isinstance(case.body, dict) and "conversation_ids" in case.body:
        case.body = {**case.body, "conversation_ids": estate["conversation_ids"]}
