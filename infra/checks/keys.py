"""The keys of the project: whether it takes the server key and the publishable key."""

from collections.abc import Iterator

import httpx

from infra.checks.finding import Finding
from training_files.adapters.supabase.errors import NOT_BELIEVED, NOT_GRANTED, code_of
from training_files.settings import ReadingSettings, Settings


def check_keys(settings: Settings, reading: ReadingSettings, http: httpx.Client) -> Iterator[Finding]:
    yield _server_key(settings, http)
    yield _publishable_key(reading, http)


def _server_key(settings: Settings, http: httpx.Client) -> Finding:
    key = settings.service_role_key
    answer = _asked(settings.supabase_url, {"apikey": key, "Authorization": f"Bearer {key}"}, http)
    is_refused = isinstance(answer, httpx.Response) and code_of(answer).startswith(NOT_BELIEVED)
    name = "SUPABASE_SERVICE_ROLE_KEY, or the secret that SUPABASE_SECRET_ARN names, to one of its secret keys"
    return _finding("server key", answer, name, is_refused=is_refused)


def _publishable_key(reading: ReadingSettings, http: httpx.Client) -> Finding:
    """Asked as nobody, who may read no table: a refusal by the database shows that the key was let through."""
    answer = _asked(reading.supabase_url, {"apikey": reading.publishable_key}, http)
    name = "SUPABASE_PUBLISHABLE_KEY to one of its publishable keys"
    is_refused = isinstance(answer, httpx.Response) and code_of(answer).startswith(NOT_BELIEVED)
    return _finding("publishable key", answer, name, is_refused=is_refused)


def _asked(url: str, headers: dict[str, str], http: httpx.Client) -> httpx.Response | httpx.HTTPError:
    try:
        return http.get(f"{url}/rest/v1/training_files", params={"select": "id", "limit": 1}, headers=headers)
    except httpx.HTTPError as error:
        return error


def _finding(subject: str, answer: httpx.Response | httpx.HTTPError, name: str, *, is_refused: bool) -> Finding:
    if isinstance(answer, httpx.HTTPError):
        return Finding(subject, f"it cannot be tried: SUPABASE_URL does not answer ({type(answer).__name__})")
    if is_refused or (answer.status_code == httpx.codes.UNAUTHORIZED and not code_of(answer)):
        return Finding(subject, f"the project refuses it; set {name}")
    if answer.is_success or code_of(answer) == NOT_GRANTED or _is_of_the_database(answer):
        return Finding(subject)
    return Finding(subject, f"it cannot be tried: SUPABASE_URL answers {answer.status_code}; is it the project's URL?")


def _is_of_the_database(answer: httpx.Response) -> bool:
    """PostgREST does not find the table, which another check tells; to say so it had to let the key through."""
    return code_of(answer).startswith(("PGRST2", "42"))
