"""Executions of the state machine, which has many workers do what is too much for one."""

import json
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

ExecutionStatus = Literal["running", "succeeded", "failed", "timed_out", "aborted"]


@dataclass(frozen=True, slots=True)
class Execution:
    """How the execution for a piece of work is, and in the words of the state machine why it ended."""

    status: ExecutionStatus
    cause: str | None = None


class Executions(Protocol):
    """An execution is named after its work, so that starting it twice is starting it once."""

    def start_build(self, revision_id: UUID) -> Execution:
        """Starts the execution for a revision, or says how it is if there was one. Raises UpstreamUnavailableError."""

    def start_export(self, export_id: UUID) -> Execution:
        """Starts the execution for an export, or says how it is if there was one. Raises UpstreamUnavailableError."""


def words_of_cause(cause: str) -> str:
    """The message of a cause: Lambda's own is a JSON object, which has the stack beside it."""
    try:
        failure = json.loads(cause)
    except ValueError:
        return cause
    return str(failure["errorMessage"]) if isinstance(failure, dict) and "errorMessage" in failure else cause
