"""One call of the API: what its description is made from, and what tests hold its function to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel

from training_files import errors

Credential = Literal["access_token", "webhook_secret"]
Errors = tuple[type[errors.TrainingFilesError], ...]

BY_CREDENTIAL: Mapping[Credential | None, Errors] = {
    "access_token": (errors.UnauthorizedError, errors.NotSetUpError, errors.UpstreamUnavailableError),
    "webhook_secret": (errors.UnauthorizedError, errors.NotSetUpError, errors.UpstreamUnavailableError),
    None: (),
}


OF_REPEATED_CALLS: Errors = (errors.IdempotencyKeyReusedError, errors.RequestInProgressError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back when all is well. `texts` are content types beside JSON; without a model there is no JSON."""

    description: str
    model: Any = None
    example: Callable[[], Any] | None = None
    texts: tuple[str, ...] = ()
    has_location: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A method and a path, the function behind it, and all that may go in and come out."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    function: str
    tag: str
    summary: str
    answers: Mapping[HTTPStatus, Answer]
    description: str = ""
    name: str = ""
    body: type[BaseModel] | None = None
    body_example: dict[str, Any] = field(default_factory=dict)
    query: type[BaseModel] | None = None
    prefers: bool = False
    is_idempotent: bool = False
    credential: Credential | None = "access_token"
    raises: Errors = ()

    @property
    def operation_id(self) -> str:
        """The name of the route's function in the handler."""
        return self.name or self.function

    @property
    def errors(self) -> Errors:
        """All errors but those of the gateway and `internal_error`, which any call may end with."""
        takes_something = self.body or self.query or "{" in self.path
        invalid: Errors = (errors.RequestInvalidError,) if takes_something else ()
        repeated = OF_REPEATED_CALLS if self.is_idempotent else ()
        return (*invalid, *self.raises, *repeated, *BY_CREDENTIAL[self.credential])


FILES = "/api/training-files"
FILE = f"{FILES}/{{id}}"
