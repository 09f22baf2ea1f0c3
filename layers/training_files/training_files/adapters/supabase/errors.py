"""What Supabase's clients raise, as errors of ours; and the one place that tries again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
from postgrest.exceptions import APIError

from training_files.deadline import is_late, refuse_when_late
from training_files.errors import NotSetUpError, UnauthorizedError, UpstreamUnavailableError

Result = TypeVar("Result")

ATTEMPTS = 2
PAUSE_SECONDS = 0.1

# PostgREST's own codes for what it does not find in its schema cache, and PostgreSQL's for what it does not find.
# https://docs.postgrest.org/en/stable/references/errors.html
MISSING_IN_DATABASE = {"PGRST200", "PGRST202", "PGRST204", "PGRST205", "42P01", "42883", "42703", "3F000"}
# What is there but may not be touched: new projects grant nothing on a table by themselves, to service_role neither.
NOT_GRANTED = "42501"
# PostgREST's codes for a token it does not believe: a caller's, or the server key, which is one on older projects.
NOT_BELIEVED = "PGRST3"
NOT_BELIEVED_BY_STORAGE = "InvalidJWT"
# Where requests carry a key of ours.
STORAGE = "/storage/v1/"
WITH_KEY = ("/rest/v1/", STORAGE)
UNIQUE_VIOLATION = "23505"
# PostgREST cannot reach the database (PGRST0xx); a connection broke, resources ran out, the database shuts down,
# a lock or a statement took too long, transactions collided.
PASSING_CLASSES = ("PGRST0", "08", "53", "57", "40", "55P03")


class _Seen(threading.local):
    """The status of the last answer on this thread: a gateway's refusal has no code, and the client keeps no status."""

    status = 0


_seen = _Seen()


def note_status(answer: httpx.Response) -> None:
    """A hook for HTTP clients of others, which are used as they are."""
    _seen.status = answer.status_code


def call_with_retry(call: Callable[[], Result]) -> Result:
    """Calls, and calls once more when Supabase did not answer: everything we ask of it may be asked twice.

    Raises UpstreamUnavailableError or NotSetUpError; what a caller can act on itself goes through as it is. Nothing is
    asked when the caller waits no longer.
    """
    refuse_when_late()
    for _ in range(ATTEMPTS - 1):
        try:
            return _translated(call)
        except UpstreamUnavailableError:
            if is_late():
                raise
            time.sleep(PAUSE_SECONDS)
    return _translated(call)


def unavailable(what: str) -> UpstreamUnavailableError:
    # Whether something was changed is not known here: a call may have been obeyed and only its answer lost.
    return UpstreamUnavailableError(f"{what}. Try again in a few seconds.")


def not_set_up(what: str) -> NotSetUpError:
    return NotSetUpError(
        f"{what} is missing in the Supabase project. Run `make migrate`, or paste the files of sql/ into its SQL "
        "editor, then `make verify`."
    )


def not_granted(refusal: str | None) -> NotSetUpError:
    """`refusal` is the database's: "permission denied for table …", which names the table and nothing else."""
    return NotSetUpError(
        f"The database refuses: {refusal or 'permission denied'}. For your own table, run "
        "`grant select on public.conversations to service_role;` in the SQL editor; for those of Training Files, "
        "`make migrate`. `make verify` says which grants are missing."
    )


def bucket_too_small(bucket: str) -> NotSetUpError:
    return NotSetUpError(
        f"The training file would be larger than the bucket {bucket} takes. Set TRAINING_FILES_BUCKET_SIZE_LIMIT "
        "(bytes) and run `make migrate`; the project's own limit for uploads counts too."
    )


def types_refused(bucket: str) -> NotSetUpError:
    return NotSetUpError(
        f"The bucket {bucket} does not take a type of file that Training Files writes: application/json, "
        "application/x-ndjson, application/zip and text/plain. Run `make migrate`, which sets them, then `make verify`."
    )


def refuse_a_refused_key(answer: httpx.Response) -> None:
    """A hook of an HTTP client with the server key: a gateway's 401 carries no code that the clients would pass on."""
    if _is_refused(answer):
        raise key_refused()


def refuse_a_refused_caller(answer: httpx.Response) -> None:
    """A hook of an HTTP client with callers' tokens. PostgREST says when it is the token that it does not believe."""
    if not _is_refused(answer):
        return
    if code_of(answer).startswith(NOT_BELIEVED) or _said(answer, "error") == NOT_BELIEVED_BY_STORAGE:
        raise UnauthorizedError(
            "The access token was refused: the Supabase project does not take it, or no more. Sign in again for a new "
            "one."
        )
    raise publishable_key_refused()


def code_of(answer: httpx.Response) -> str:
    """The code that the auth server or the database gives in an answer that was read; empty where there is none."""
    return _said(answer, "error_code", "code")


def _said(answer: httpx.Response, *names: str) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    found = (body.get(name) for name in names) if isinstance(body, dict) else ()
    return next((str(value) for value in found if value), "")


def publishable_key_refused() -> NotSetUpError:
    return NotSetUpError(
        "The Supabase project refuses the publishable key. Check SUPABASE_PUBLISHABLE_KEY, then `make verify`."
    )


def _is_refused(answer: httpx.Response) -> bool:
    """Storage refuses a token with 400, and says in its code why. What is refused was read, so that it can be told."""
    path = answer.request.url.path
    if answer.status_code == httpx.codes.BAD_REQUEST and path.startswith(STORAGE):
        answer.read()
        return _said(answer, "error") == NOT_BELIEVED_BY_STORAGE
    if answer.status_code == httpx.codes.UNAUTHORIZED and path.startswith(WITH_KEY):
        answer.read()
        return True
    return False


def key_refused() -> NotSetUpError:
    return NotSetUpError(
        "The Supabase project refuses the server key. Check SUPABASE_SERVICE_ROLE_KEY, or the secret that "
        "SUPABASE_SECRET_ARN names, then `make verify`."
    )


def _translated(call: Callable[[], Result]) -> Result:
    _seen.status = 0
    with http_errors_translated():
        try:
            return call()
        except APIError as error:
            code = str(error.code or "")
            if _seen.status == httpx.codes.UNAUTHORIZED and not _is_of_the_database(code):
                raise key_refused() from error
            if code == NOT_GRANTED:
                raise not_granted(error.message) from error
            if code in MISSING_IN_DATABASE:
                raise not_set_up("A table or function that Training Files needs") from error
            if code.startswith(NOT_BELIEVED) and _seen.status in (0, httpx.codes.UNAUTHORIZED):
                raise key_refused() from error
            if code.startswith(PASSING_CLASSES) or not _is_of_the_database(code):
                raise unavailable("The database did not answer") from error
            raise


@contextmanager
def http_errors_translated() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise unavailable("Supabase did not answer in time") from error
    except httpx.TransportError as error:
        raise unavailable("Supabase cannot be reached") from error


def _is_of_the_database(code: str) -> bool:
    """A gateway's JSON has no code; where its answer is no JSON, the client gives the HTTP status as the code."""
    return len(code) > len("503")
