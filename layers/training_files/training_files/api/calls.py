"""Every call of the API in one table: what its description is made from, and what tests hold the functions to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel

from training_files.api import answer_models, examples, export_models, report_models, requests
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationValidationError,
    ExportNotFoundError,
    IdempotencyKeyReusedError,
    NameTakenError,
    NothingToRetryError,
    NotSetUpError,
    RequestInProgressError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileBusyError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    TrainingFilesError,
    UnauthorizedError,
    UpstreamUnavailableError,
)

Credential = Literal["access_token", "webhook_secret"]
Errors = tuple[type[TrainingFilesError], ...]

BY_CREDENTIAL: Mapping[Credential | None, Errors] = {
    "access_token": (UnauthorizedError, NotSetUpError, UpstreamUnavailableError),
    "webhook_secret": (UnauthorizedError, UpstreamUnavailableError),
    None: (),
}


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

    method: Literal["GET", "POST", "PATCH", "DELETE"]
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
        invalid: Errors = (RequestInvalidError,) if takes_something else ()
        repeated: Errors = (IdempotencyKeyReusedError, RequestInProgressError) if self.is_idempotent else ()
        return (*invalid, *self.raises, *repeated, *BY_CREDENTIAL[self.credential])


FILES = "/api/training-files"
FILE = f"{FILES}/{{id}}"

TRAINING_FILES = "Training files"
CONTENT = "What is in them"
EXPORTS = "Exports"
HOOKS = "Hooks"
ABOUT = "About the API"

UNUSABLE: Errors = (ConversationValidationError, ConversationsAlreadyInFileError)

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        FILES,
        "list_training_files",
        TRAINING_FILES,
        "List your training files",
        {HTTPStatus.OK: Answer("One page, newest first.", answer_models.TrainingFilesAnswer, examples.training_files)},
        query=requests.ListTrainingFilesQuery,
    ),
    Call(
        "POST",
        FILES,
        "create_training_file",
        TRAINING_FILES,
        "Create a training file",
        {
            HTTPStatus.CREATED: Answer("It is there.", answer_models.BuiltAnswer, examples.built, has_location=True),
            HTTPStatus.OK: Answer("After a dry run: as it would be.", answer_models.PlannedAnswer, examples.planned),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build it; ask at `Location`.",
                answer_models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "More than 100 conversations are built in the background.",
        body=requests.CreateTrainingFileRequest,
        body_example={"name": examples.FILE.name, "conversation_ids": examples.IDS},
        prefers=True,
        is_idempotent=True,
        raises=(*UNUSABLE, NameTakenError, TrainingFileBusyError),
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
                answer_models.TrainingFileAnswer,
                examples.training_file,
            )
        },
        raises=(TrainingFileNotFoundError,),
    ),
    Call(
        "PATCH",
        FILE,
        "update_training_file",
        TRAINING_FILES,
        "Change a training file",
        {HTTPStatus.OK: Answer("As it is now.", answer_models.ChangedAnswer, examples.training_file)},
        "Fields that are not sent stay as they are.",
        body=requests.UpdateTrainingFileRequest,
        body_example={"description": "For the summer release.", "collect": {"min_quality_score": 4}},
        raises=(TrainingFileNotFoundError, NameTakenError, TrainingFileProcessingError),
    ),
    Call(
        "DELETE",
        FILE,
        "delete_training_file",
        TRAINING_FILES,
        "Delete a training file",
        {HTTPStatus.NO_CONTENT: Answer("Its rows and objects are gone.")},
        raises=(TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        f"{FILE}/conversations",
        "get_training_file_conversations",
        CONTENT,
        "List the conversations of a training file",
        {HTTPStatus.OK: Answer("One page, in file order.", answer_models.ConversationsAnswer, examples.conversations)},
        query=requests.ConversationsQuery,
        raises=(TrainingFileNotFoundError,),
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
                answer_models.BuiltAnswer | answer_models.DryRunAnswer,
                examples.built,
            ),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to add them; ask at `Location`. Meanwhile the file is as it was.",
                answer_models.QueuedAnswer,
                examples.queued,
                has_location=True,
            ),
        },
        "They stand behind those that are there. More than 100 are added in the background; to a file with a full JSON "
        "of more than 25 MB even a single one is, unless training files are written over S3.",
        body=requests.AddConversationsRequest,
        body_example={"conversation_ids": examples.IDS},
        prefers=True,
        is_idempotent=True,
        raises=(
            *UNUSABLE,
            TrainingFileNotFoundError,
            TrainingFileArchivedError,
            TrainingFileProcessingError,
            TrainingFileBusyError,
        ),
    ),
    Call(
        "GET",
        f"{FILE}/download",
        "get_download_url",
        CONTENT,
        "Get a download link",
        {
            HTTPStatus.OK: Answer("Good for an hour.", answer_models.DownloadAnswer, examples.download),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build the export; ask at `Location`.",
                export_models.ExportAnswer,
                examples.export_being_built,
                has_location=True,
            ),
        },
        "`json` and `jsonl` are the training file itself; other formats export it with defaults.",
        query=requests.DownloadQuery,
        prefers=True,
        raises=(TrainingFileNotFoundError, TrainingFileProcessingError),
    ),
    Call(
        "GET",
        f"{FILE}/revisions",
        "list_revisions",
        CONTENT,
        "List the revisions of a training file",
        {
            HTTPStatus.OK: Answer(
                "Every attempt to write a version, newest first.", answer_models.RevisionsAnswer, examples.revisions
            )
        },
        query=requests.RevisionsQuery,
        raises=(TrainingFileNotFoundError,),
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
                answer_models.RetriedAnswer,
                examples.retried,
                has_location=True,
            )
        },
        "A build in the background must have failed, and await it.",
        is_idempotent=True,
        raises=(TrainingFileNotFoundError, TrainingFileArchivedError, NothingToRetryError),
    ),
    Call(
        "POST",
        f"{FILE}/exports",
        "create_export",
        EXPORTS,
        "Export a training file",
        {
            HTTPStatus.CREATED: Answer(
                "It was built now.", export_models.ExportAnswer, examples.export, has_location=True
            ),
            HTTPStatus.OK: Answer("It was there.", export_models.ExportAnswer, examples.export, has_location=True),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build it; ask at `Location`.",
                export_models.ExportAnswer,
                examples.export_being_built,
                has_location=True,
            ),
        },
        "In a format that trainers read, in splits. The same request on the same revision is the same export.",
        body=requests.CreateExportRequest,
        body_example={"format": "messages", "split": {"validation": 0.1}, "bundle": True},
        prefers=True,
        raises=(TrainingFileNotFoundError, TrainingFileProcessingError),
    ),
    Call(
        "GET",
        f"{FILE}/exports",
        "list_exports",
        EXPORTS,
        "List the exports of a training file",
        {HTTPStatus.OK: Answer("One page, newest first.", export_models.ExportsAnswer, examples.exports)},
        query=requests.ExportsQuery,
        raises=(TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        f"{FILE}/exports/{{export_id}}",
        "get_export",
        EXPORTS,
        "Get an export",
        {HTTPStatus.OK: Answer("With fresh links, good for an hour.", export_models.ExportAnswer, examples.export)},
        raises=(TrainingFileNotFoundError, ExportNotFoundError),
    ),
    Call(
        "GET",
        f"{FILE}/report",
        "get_report",
        CONTENT,
        "Report on the quality of a training file",
        {
            HTTPStatus.OK: Answer(
                "With a sample to read; as one self-contained page for `Accept: text/html`.",
                report_models.ReportAnswer,
                examples.report,
                texts=("text/html",),
            )
        },
        "The checklist of the quick start, balance, scores, lengths, readiness, text health, and whether the files are "
        "what they should be, looked at anew.",
        query=requests.ReportQuery,
        raises=(TrainingFileNotFoundError, TrainingFileProcessingError),
    ),
    Call(
        "GET",
        f"{FILE}/suggestions",
        "get_suggestions",
        CONTENT,
        "Suggest conversations that would balance a training file",
        {
            HTTPStatus.OK: Answer(
                "The best first, with the file as it is and as it would be.",
                answer_models.SuggestionsAnswer,
                examples.suggestions,
            )
        },
        "They are enriched, yours to use and not in the file; `conversation_ids` can be sent to add-conversations. "
        "Each is the one that leaves the least imbalance when those before it are added; a reason counts them in.",
        query=requests.SuggestionsQuery,
        raises=(TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        "/api/openapi.json",
        "get_openapi",
        ABOUT,
        "Get this description",
        {HTTPStatus.OK: Answer("OpenAPI 3.1.", dict[str, Any])},
        credential=None,
    ),
    Call(
        "GET",
        "/api/docs",
        "get_openapi",
        ABOUT,
        "Read and try the API",
        {HTTPStatus.OK: Answer("A page for a browser.", texts=("text/html",))},
        name="get_docs",
        credential=None,
    ),
    Call(
        "POST",
        "/api/hooks/conversation-enriched",
        "receive_conversation_enriched",
        HOOKS,
        "Tell of enriched conversations",
        {HTTPStatus.ACCEPTED: Answer("It was heard.", answer_models.HookAnswer, lambda: {"queued": True})},
        "For a database webhook on `conversations`, which sends one `record`, or a trigger that sends "
        f"`conversation_ids`, up to {requests.MAX_ENRICHED_IDS}; files with a collection rule take them then.",
        body=requests.ConversationEnrichedRequest,
        body_example={"record": {"conversation_id": examples.IDS[0], "enrichment_status": "enriched"}},
        credential="webhook_secret",
    ),
)
