"""The publishable key, with which functions that only read act for their callers: whether the project takes it."""

from collections.abc import Iterator

import httpx

from infra.checks.finding import Finding
from training_files.adapters.supabase.errors import NOT_GRANTED, code_of


def check_publishable_key(url: str, key: str, http: httpx.Client) -> Iterator[Finding]:
    """Asks as nobody, who may read no table: a refusal by the database shows that the key was let through."""
    subject = "publishable key"
    try:
        answer = http.get(f"{url}/rest/v1/training_files", params={"select": "id", "limit": 1}, headers={"apikey": key})
    except httpx.HTTPError as error:
        yield Finding(subject, f"SUPABASE_URL did not answer ({type(error).__name__})")
        return
    if answer.is_success or code_of(answer) == NOT_GRANTED:
        yield Finding(subject)
    elif answer.status_code == httpx.codes.UNAUTHORIZED:
        yield Finding(subject, "the project refuses it; set SUPABASE_PUBLISHABLE_KEY to one of its publishable keys")
    else:
        yield Finding(subject, f"it cannot be tried: SUPABASE_URL answered {answer.status_code}")
