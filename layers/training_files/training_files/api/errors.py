"""The status of each error."""

from http import HTTPStatus

from training_files import errors

STATUS: dict[type[errors.TrainingFilesError], HTTPStatus] = {
    errors.RequestInvalidError: HTTPStatus.BAD_REQUEST,
    errors.ConversationValidationError: HTTPStatus.BAD_REQUEST,
    errors.NothingSelectedError: HTTPStatus.BAD_REQUEST,
    errors.UnauthorizedError: HTTPStatus.UNAUTHORIZED,
    errors.TrainingFileNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RevisionNotFoundError: HTTPStatus.NOT_FOUND,
    errors.TagNotFoundError: HTTPStatus.NOT_FOUND,
    errors.ExportNotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConversationsAlreadyInFileError: HTTPStatus.CONFLICT,
    errors.ConversationsNotInFileError: HTTPStatus.CONFLICT,
    errors.TrainingFileWouldBeEmptyError: HTTPStatus.CONFLICT,
    errors.NameTakenError: HTTPStatus.CONFLICT,
    errors.TrainingFileArchivedError: HTTPStatus.CONFLICT,
    errors.TrainingFileProcessingError: HTTPStatus.CONFLICT,
    errors.TrainingFileFailedError: HTTPStatus.CONFLICT,
    errors.NothingToRetryError: HTTPStatus.CONFLICT,
    errors.IdempotencyKeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RequestInProgressError: HTTPStatus.CONFLICT,
    errors.TrainingFileBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotSetUpError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UpstreamUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
