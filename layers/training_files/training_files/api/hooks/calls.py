"""The call that tells of enriched conversations."""

from http import HTTPStatus

from training_files.api.call import Answer, Call
from training_files.api.examples import IDS
from training_files.api.hooks import models, requests

HOOKS = "Hooks"

CALLS: tuple[Call, ...] = (
    Call(
        "POST",
        "/api/hooks/conversation-enriched",
        "receive_conversation_enriched",
        HOOKS,
        "Tell of enriched conversations",
        {HTTPStatus.ACCEPTED: Answer("It was heard.", models.HookAnswer, lambda: {"queued": True})},
        "For a database webhook on `conversations`, which sends one `record`, or a trigger that sends "
        f"`conversation_ids`, up to {requests.MAX_ENRICHED_IDS}; files with a collection rule take them then.",
        body=requests.ConversationEnrichedRequest,
        body_example={"record": {"conversation_id": IDS[0], "enrichment_status": "completed"}},
        credential="webhook_secret",
    ),
)
