"""The application of handlers that act with the server key: what they do for a caller is limited by the service."""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import json_answer
from training_files.api.callers import CallersApp
from training_files.api.parsing import idempotency_key
from training_files.bootstrap import application
from training_files.errors import RequestInvalidError

if TYPE_CHECKING:
    from training_files.api.idempotency import Idempotency


class TrustedApp(CallersApp):
    """As its base, with answers that are remembered."""

    def idempotent(self, act: Callable[[], Response[Any]]) -> Response[Any]:
        """What `act` answers; with an Idempotency-Key, what it answered when the same call was made before.

        Raises RequestInvalidError for a key that is none, or where keys are not remembered.
        """
        key = self.header("idempotency-key")
        if key is None:
            return act()
        table = application().idempotency_table
        if table is None:
            raise RequestInvalidError("Idempotency-Key is not available in this deployment; leave it out.")
        remembered = remembered_in(table)
        event = self.current_event
        scope = f"{self.caller} {event.http_method} {event.path} {idempotency_key(key)}"
        kept = remembered.once(scope, event.body or "", self.lambda_context, lambda: _kept(act()))
        return json_answer(HTTPStatus(kept["status"]), kept["body"], kept["headers"])


def create_app() -> TrustedApp:
    """An application for one function, whose routes see only requests with a verified token."""
    return TrustedApp(application)


@lru_cache(maxsize=1)
def remembered_in(table: str) -> "Idempotency":
    """What remembers Idempotency-Keys; imported by the calls that carry one."""
    from training_files.api.idempotency import Idempotency

    return Idempotency(table)


def _kept(answer: Response[Any]) -> dict[str, Any]:
    return {"status": answer.status_code, "body": answer.body, "headers": dict(answer.headers)}
