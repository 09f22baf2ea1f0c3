"""What the functions behind the state machine share: work in, and of errors no more than may be seen there."""

import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.api.log import logger
from training_files.background.sharded_work import ShardedWork, WorkEndedError
from training_files.bootstrap import application
from training_files.errors import TrainingFilesError
from training_files.ports.executions import words_of_cause

Event = dict[str, Any]


class StepBrokeOffError(Exception):
    """A step met what is no error of ours; the log says where."""


# Work that is over is no error: its owner knows why, and nobody has to be alarmed.
ENDED: Event = {"ended": True, "shards": [], "done": False}


def step_handler_of(act: Callable[[ShardedWork, Event], Event]) -> Callable[[Event, LambdaContext], Event]:
    """A handler of `{"work": {"revision_id": …}, …}` or `{"work": {"export_id": …}, …}`.

    It answers what `act` does, with `"ended": false`, or `ENDED` when the work is over.

    Errors of ours go to the state machine by name and message. The state machine keeps what it is told, and messages of
    libraries may repeat what a user wrote: they stay here.
    """

    @logger.inject_lambda_context
    def lambda_handler(event: Event, context: LambdaContext) -> Event:  # noqa: ARG001 - Lambda's own
        with _ErrorsTold():
            try:
                return {"ended": False} | act(_work_of(event["work"]), event)
            except WorkEndedError as error:
                logger.info("the work is over", reason=str(error))
                return ENDED

    return lambda_handler


def reason_in(event: Event) -> str:
    """Why the state machine gives the work up, of an event with its `error`, and the `shard` that failed if one did."""
    error = event.get("error") or {}
    cause = error.get("Cause")
    reason = words_of_cause(cause) if cause else str(error.get("Error", "unknown"))
    return f"shard {event['shard']}: {reason}" if "shard" in event else reason


def _work_of(work: dict[str, str]) -> ShardedWork:
    service = application().service
    match work:
        case {"revision_id": str(revision_id)}:
            return service.sharded_build(UUID(revision_id))
        case {"export_id": str(export_id)}:
            return service.sharded_export(UUID(export_id))
        case _:
            raise StepBrokeOffError("The event names no work that is known here.")


class _ErrorsTold:
    """Logs what a step raises, and lets it out as far as the state machine may see it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if error is None:
            return
        known = isinstance(error, TrainingFilesError | StepBrokeOffError)
        reason = str(error) if known else None
        logger.error(
            "a step broke off", error_type=type(error).__name__, reason=reason, stack=traceback.format_tb(where)
        )
        if isinstance(error, Exception) and not known:
            raise StepBrokeOffError(f"A step broke off with {type(error).__name__}; the log says where.") from None
