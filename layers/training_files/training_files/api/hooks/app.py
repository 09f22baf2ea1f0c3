"""The application of handlers that other systems call, with the shared secret of the hooks."""

import hmac
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from training_files.api.app import TrainingFilesApp
from training_files.api.hooks.requests import ConversationEnrichedRequest
from training_files.errors import NotSetUpError, UnauthorizedError
from training_files.ports.queue import NOT_OFFERED
from training_files.wiring.hooks import hook_application


class HookApp(TrainingFilesApp):
    """A resolver whose routes see only requests with the secret."""

    def __init__(self) -> None:
        super().__init__()
        self.use([self._verify_secret])

    def start(self) -> None:
        hook_application()

    def queue_enriched(self, request: ConversationEnrichedRequest) -> bool:
        """Has conversations looked at by the collection rules. False where there are none, or nothing listens."""
        conversation_ids = request.ids_with(hook_application().usable_statuses)
        queue = hook_application().enriched_queue
        if queue is None or not conversation_ids:
            return False
        queue.send(dict.fromkeys(conversation_ids, NOT_OFFERED))
        return True

    def _verify_secret(self, _: TrainingFilesApp, next_middleware: NextMiddleware) -> Response[Any]:
        expected, given = hook_application().hook_secret or "", self.header("x-webhook-secret") or ""
        if not expected:
            # What the database tells of is lost, and the operator should know.
            raise NotSetUpError(
                "No webhook can be verified: HOOK_SECRET is not set, and HOOK_SECRET_ARN names no secret."
            )
        # Compared in constant time: how long it takes says nothing about how much of it is right.
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise UnauthorizedError("Send the shared secret of the hooks in the header X-Webhook-Secret.")
        return next_middleware(self)


def create_hook_app() -> HookApp:
    """An application for one function that another system calls."""
    return HookApp()
