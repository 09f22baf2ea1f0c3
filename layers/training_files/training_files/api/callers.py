"""Applications of handlers that users call: a verified access token before any route, then a service for its user."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from training_files.api.app import TrainingFilesApp
from training_files.api.log import logger
from training_files.service import TrainingFileService


class CallersApplication(Protocol):
    """What the wiring gives: who calls, and what acts for that user."""

    def user_of(self, authorization: str | None) -> UUID:
        """The user whose token the header `Authorization` carries. Raises UnauthorizedError."""

    def service_for(self, user: UUID, authorization: str | None, /) -> TrainingFileService:
        """A service for which only the training files of this user exist."""


class CallersApp(TrainingFilesApp):
    """A resolver whose routes see only requests of a verified user, and a service that is limited to that user."""

    def __init__(self, application: Callable[[], CallersApplication]) -> None:
        super().__init__()
        self._application = application
        self.use([self._verify_token])

    def start(self) -> None:
        self._application()

    @property
    def caller(self) -> UUID:
        """The user whose token the current request carries."""
        caller: UUID = self.context["caller"]
        return caller

    @property
    def service(self) -> TrainingFileService:
        return self._application().service_for(self.caller, self.header("authorization"))

    def _verify_token(self, _: TrainingFilesApp, next_middleware: NextMiddleware) -> Response[Any]:
        caller = self._application().user_of(self.header("authorization"))
        logger.append_keys(user=str(caller))
        self.append_context(caller=caller)  # type: ignore[no-untyped-call]  # as Powertools ships it
        return next_middleware(self)
