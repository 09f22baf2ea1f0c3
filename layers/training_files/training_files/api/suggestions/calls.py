"""The call for suggestions."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.suggestions import examples, models, requests

CONTENT = "Content"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{FILE}/suggestions",
        "get_suggestions",
        CONTENT,
        "Suggest conversations that would balance a training file",
        {
            HTTPStatus.OK: Answer(
                "The best first, with the file as it is and as it would be.",
                models.SuggestionsAnswer,
                examples.suggestions,
            )
        },
        "They are enriched, yours to use and not in the file; `conversation_ids` can be sent to add-conversations. "
        "Each is the one that leaves the least imbalance when those before it are added; a reason counts them in.",
        query=requests.SuggestionsQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
)
