"""The calls about training files and what is in them."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, FILES, Answer, Call, Errors
from training_files.api.examples import FILE as EXAMPLE
from training_files.api.examples import IDS
from training_files.api.exports import examples as export_examples
from training_files.api.exports import models as export_models
from training_files.api.training_files import examples, models, requests

TRAINING_FILES = "Training files"
CONTENT = "Content"

UNUSABLE: Errors = (
    errors.ConversationValidationError,
    errors.NothingSelectedError,
    errors.ConversationsAlreadyInFileError,
)

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        FILES,
        "list_training_files",
        TRAINING_FILES,
        "List your training files",
        {HTTPStatus.OK: Answer("One page, newest first.", models.TrainingFilesAnswer, examples.training_files)},
        query=requests.ListTrainingFilesQuery,
    ),
    Call(
        "POST",
        FILES,
        "create_training_file",
        TRAINING_FILES,
        "Create a training file",
        {
            HTTPStatus.CREATED: Answer("It is there.", models.BuiltAnswer, examples.built, has_location=True),
            HTTPStatus.OK: Answer(
                "After a dry run: as it would be, or what rows tell of it.",
                models.PlannedAnswer | models.PreviewAnswer,
                examples.planned,
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build it; ask at `Location`.",
                models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "From `conversation_ids`, or what `select` takes, or both. More than 100 conversations are built in the "
        "background.",
        body=requests.CreateTrainingFileRequest,
        body_example={"name": EXAMPLE.name, "conversation_ids": IDS},
        prefers=True,
        is_idempotent=True,
        raises=(*UNUSABLE, errors.TrainingFileNotFoundError, errors.NameTakenError, errors.TrainingFileBusyError),
    ),
    Call(
        "GET",
        FILE,
        "get_training_file",
        TRAINING_FILES,
        "Get a training file",
        {
            HTTPStatus.OK: Answer(
                "With its quality summary, and a build in the background that lasts, or awaits a retry.",
                models.TrainingFileAnswer,
                examples.training_file,
            )
        },
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "PATCH",
        FILE,
        "update_training_file",
        TRAINING_FILES,
        "Change a training file",
        {HTTPStatus.OK: Answer("As it is now.", models.UpdatedAnswer, examples.updated)},
        "Fields that are not sent stay as they are. `warnings` name keys of `collect` that no conversation has yet.",
        body=requests.UpdateTrainingFileRequest,
        body_example={"description": "For the summer release.", "collect": {"min_quality_score": 4}},
        raises=(
            errors.TrainingFileNotFoundError,
            errors.NameTakenError,
            errors.TrainingFileArchivedError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
    Call(
        "DELETE",
        FILE,
        "delete_training_file",
        TRAINING_FILES,
        "Delete a training file",
        {HTTPStatus.NO_CONTENT: Answer("Its rows and objects are gone.")},
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        f"{FILE}/conversations",
        "get_training_file_conversations",
        CONTENT,
        "List the conversations of a training file",
        {HTTPStatus.OK: Answer("One page, in file order.", models.ConversationsAnswer, examples.conversations)},
        query=requests.ConversationsQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "POST",
        f"{FILE}/add-conversations",
        "add_conversations",
        CONTENT,
        "Add conversations",
        {
            HTTPStatus.OK: Answer(
                "They are there; after a dry run, as it would be.",
                models.PreviewAnswer | models.DryRunAnswer | models.BuiltAnswer,
                examples.built,
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to add them; ask at `Location`. Meanwhile the file is as it was.",
                models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "They stand behind those that are there. More than 100 are added in the background; to a file with a full JSON "
        "of more than 25 MB even a single one is, unless training files are written over S3.",
        body=requests.AddConversationsRequest,
        body_example={"conversation_ids": IDS},
        prefers=True,
        is_idempotent=True,
        raises=(
            *UNUSABLE,
            errors.TrainingFileNotFoundError,
            errors.TrainingFileArchivedError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
            errors.TrainingFileBusyError,
        ),
    ),
    Call(
        "POST",
        f"{FILE}/remove-conversations",
        "remove_conversations",
        CONTENT,
        "Remove conversations",
        {
            HTTPStatus.OK: Answer(
                "They are gone from the newest revision; after a dry run, as it would be.",
                models.DryRunAnswer | models.BuiltAnswer,
                examples.built,
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to remove them; ask at `Location`. Meanwhile the file is as it was.",
                models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "The others stay in their order, and earlier revisions as they are. More than 100 are removed in the "
        "background; from a file with a full JSON of more than 25 MB even a single one is, unless training files are "
        "written over S3. The last conversation cannot be removed.",
        body=requests.RemoveConversationsRequest,
        body_example={"conversation_ids": IDS, "on_missing": "skip"},
        prefers=True,
        is_idempotent=True,
        raises=(
            errors.ConversationsNotInFileError,
            errors.TrainingFileWouldBeEmptyError,
            errors.TrainingFileNotFoundError,
            errors.TrainingFileArchivedError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
            errors.TrainingFileBusyError,
        ),
    ),
    Call(
        "POST",
        f"{FILE}/refresh",
        "refresh_training_file",
        CONTENT,
        "Refresh conversations whose enriched file has changed",
        {
            HTTPStatus.OK: Answer(
                "They are as they are enriched now; after a dry run, as it would be.",
                models.DryRunAnswer | models.BuiltAnswer,
                examples.built,
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to refresh them; ask at `Location`. Meanwhile the file is as it was.",
                models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "They are read again and replaced in their place; what is the same stays as it is. Where nothing has changed, "
        "there is no new revision.",
        body=requests.RefreshRequest,
        body_example={"conversation_ids": IDS},
        prefers=True,
        is_idempotent=True,
        raises=(
            errors.ConversationValidationError,
            errors.TrainingFileNotFoundError,
            errors.TrainingFileArchivedError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
            errors.TrainingFileBusyError,
        ),
    ),
    Call(
        "POST",
        f"{FILE}/revert",
        "revert_training_file",
        CONTENT,
        "Go back to an earlier revision",
        {
            HTTPStatus.OK: Answer(
                "The newest revision has the content of that one.", models.BuiltAnswer, examples.built
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to write it; ask at `Location`. Meanwhile the file is as it was.",
                models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "A new revision is made; those in between stay. Where nothing is different, there is no new revision.",
        body=requests.RevertRequest,
        body_example={"revision": 1},
        prefers=True,
        is_idempotent=True,
        raises=(
            errors.RevisionNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileNotFoundError,
            errors.TrainingFileArchivedError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
            errors.TrainingFileBusyError,
        ),
    ),
    Call(
        "GET",
        f"{FILE}/download",
        "get_download_url",
        CONTENT,
        "Get a download link",
        {
            HTTPStatus.OK: Answer("Good for an hour.", models.DownloadAnswer, examples.download),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build the export; ask at `Location`.",
                export_models.ExportAnswer,
                export_examples.export_being_built,
                has_location=True,
            ),
        },
        "`json` and `jsonl` are the training file itself; other formats export it with defaults.",
        query=requests.DownloadQuery,
        prefers=True,
        raises=(
            errors.TrainingFileNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
    Call(
        "GET",
        f"{FILE}/revisions",
        "list_revisions",
        CONTENT,
        "List the revisions of a training file",
        {
            HTTPStatus.OK: Answer(
                "Every attempt to write a version, newest first.", models.RevisionsAnswer, examples.revisions
            )
        },
        query=requests.RevisionsQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "POST",
        f"{FILE}/retry",
        "retry_training_file",
        TRAINING_FILES,
        "Take a failed build up again",
        {
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build; ask at `Location`.",
                models.RetriedAnswer,
                examples.retried,
                has_location=True,
            )
        },
        "A build in the background must have failed, and await it.",
        is_idempotent=True,
        raises=(errors.TrainingFileNotFoundError, errors.TrainingFileArchivedError, errors.NothingToRetryError),
    ),
)
