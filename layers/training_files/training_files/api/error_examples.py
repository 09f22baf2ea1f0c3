"""An example of each error, for the API's description of itself."""

from typing import Any

from training_files import errors
from training_files.api.examples import CONVERSATION_IDS, EXPORT_ID, FILE, FILE_ID
from training_files.domain.conversation import faults
from training_files.domain.conversation.unknown_keys import UnknownKey

REQUEST_ID = "JKJaXmPLvHcESHA="


# One of each, as it might be raised.
ERRORS: tuple[errors.TrainingFilesError, ...] = (
    errors.RequestInvalidError(
        "The request is not valid: conversation_ids: it is missing.",
        [{"field": "conversation_ids", "message": "it is missing"}],
    ),
    errors.ConversationValidationError([faults.not_enriched(CONVERSATION_IDS[1], "validated")]),
    errors.NothingSelectedError([UnknownKey("personas", "anxios_planner", "anxious_planner")]),
    errors.UnauthorizedError("The access token has expired. Sign in again."),
    errors.TrainingFileNotFoundError(FILE_ID),
    errors.RevisionNotFoundError(FILE_ID, 3),
    errors.TagNotFoundError(FILE_ID, "basline", ["baseline"]),
    errors.ExportNotFoundError(FILE_ID, EXPORT_ID),
    errors.ConversationsAlreadyInFileError([faults.already_in_file(CONVERSATION_IDS[0])]),
    errors.ConversationsNotInFileError([faults.not_in_file(CONVERSATION_IDS[0])]),
    errors.TrainingFileWouldBeEmptyError(FILE_ID),
    errors.NameTakenError(FILE.name),
    errors.TrainingFileArchivedError(FILE_ID),
    errors.TrainingFileProcessingError(FILE_ID),
    errors.TrainingFileFailedError(FILE_ID, "No conversation was left to add."),
    errors.NothingToRetryError(FILE_ID),
    errors.IdempotencyKeyReusedError(),
    errors.RequestInProgressError(),
    errors.TrainingFileBusyError(FILE_ID),
    errors.NotSetUpError(
        "A table or function that Training Files needs is missing in the Supabase project. Run `make migrate`."
    ),
    errors.UpstreamUnavailableError("Supabase did not answer in time. Try again."),
    errors.TrainingFilesError("Something went wrong on our side."),
)


def answer_to(raised: errors.TrainingFilesError) -> dict[str, Any]:
    return {"error": raised.message, "code": raised.code, "details": raised.details, "request_id": REQUEST_ID}
