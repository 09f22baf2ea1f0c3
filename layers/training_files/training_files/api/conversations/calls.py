"""The calls about conversations to choose from."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import Answer, Call
from training_files.api.conversations import examples, models, requests

CONVERSATIONS = "Conversations"
PATH = "/api/conversations"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        PATH,
        "list_conversations",
        CONVERSATIONS,
        "List conversations to choose from",
        {
            HTTPStatus.OK: Answer(
                "One page of those that you may use, each with why it cannot be used.",
                models.ConversationsPage,
                examples.conversations,
            )
        },
        "A parameter that takes several keys is repeated: `personas=one&personas=another`.",
        query=requests.ListConversationsQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        f"{PATH}/summary",
        "get_conversations_summary",
        CONVERSATIONS,
        "Count the conversations that there are to choose from",
        {HTTPStatus.OK: Answer("How many have what.", models.ConversationsSummary, examples.summary)},
        "Takes the filter of the list, and counts all conversations that it takes.",
        query=requests.SummaryQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
)
