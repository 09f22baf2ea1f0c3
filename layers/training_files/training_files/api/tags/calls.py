"""The calls about tags."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.tags import examples, models, requests

CONTENT = "Content"

CALLS: tuple[Call, ...] = (
    Call(
        "PUT",
        f"{FILE}/tags/{{tag}}",
        "tag_revision",
        CONTENT,
        "Give a revision a tag",
        {HTTPStatus.OK: Answer("It names this revision now.", models.TagAnswer, examples.tag)},
        "A tag names one revision, moves when it is given to another one, and keeps its revision. Wherever a revision "
        "is asked for, a tag will do. Archived training files can be tagged too.",
        body=requests.TagRequest,
        body_example={"revision": 1},
        raises=(
            errors.TrainingFileNotFoundError,
            errors.RevisionNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
    Call(
        "DELETE",
        f"{FILE}/tags/{{tag}}",
        "untag_revision",
        CONTENT,
        "Take a tag away",
        {HTTPStatus.NO_CONTENT: Answer("The tag is gone; the revision is there as long as any other.")},
        raises=(errors.TrainingFileNotFoundError, errors.TagNotFoundError),
    ),
)
