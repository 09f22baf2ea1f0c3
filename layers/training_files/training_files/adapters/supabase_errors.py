"""What Supabase's clients raise, as errors of ours; and the one place that tries again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
from postgrest.exceptions import APIError

from training_files.errors import NotSetUpError, UpstreamUnavailableError

Result = TypeVar("Result")

ATTEMPTS = 2
PAUSE_SECONDS = 0.1

# PostgREST's own codes for what it does not find in its schema cache, and PostgreSQL's for what it does not find.
# https://docs.postgrest.org/en/stable/references/errors.html
MISSING_IN_DATABASE = {"PGRST202", "PGRST204", "PGRST205", "42P01", "42883", "42703", "3F000"}
# Grants are part of the set-up: a table that exists but may not be touched was not made by sql/.
NOT_GRANTED = {"42501"}
UNIQUE_VIOLATION = "23505"
# PostgREST cannot reach the database (PGRST0xx); a connection broke, resources ran out, the database shuts down,
# a lock or a statement took too long, transactions collided.
PASSING_CLASSES = ("PGRST0", "08", "53", "57", "40", "55P03")


def in_words_of_ours(call: Callable[[], Result]) -> Result:
    """Calls, and calls once more when Supabase did not answer: everything we ask of it may be asked twice.

    Raises UpstreamUnavailableError or NotSetUpError; what a caller can act on itself goes through as it is.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _translated(call)
        except UpstreamUnavailableError:
            time.sleep(PAUSE_SECONDS)
    return _translated(call)


def unavailable(what: str) -> UpstreamUnavailableError:
    return UpstreamUnavailableError(f"{what}. Nothing was changed by this call; try again in a few seconds.")


def not_set_up(what: str) -> NotSetUpError:
    return NotSetUpError(
        f"{what} is missing in the Supabase project. Run `make migrate`, or paste the files of sql/ into its SQL "
        "editor, then `make verify`."
    )


def _translated(call: Callable[[], Result]) -> Result:
    with http_errors_translated():
        try:
            return call()
        except APIError as error:
            code = str(error.code or "")
            if code in MISSING_IN_DATABASE or code in NOT_GRANTED:
                raise not_set_up("A table or function that Training Files needs") from error
            if code.startswith(PASSING_CLASSES) or _is_server_error(code):
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


def _is_server_error(code: str) -> bool:
    """The client gives the HTTP status as the code when the answer was no error of PostgREST's."""
    return len(code) == 3 and (code.startswith("5") or code == "429")
