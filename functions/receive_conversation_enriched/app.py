"""POST /api/hooks/conversation-enriched: a database webhook says that a conversation has changed."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import create_hook_app, json_answer, lambda_handler_of
from training_files.api.requests import ConversationEnrichedRequest

app = create_hook_app()


@app.post("/api/hooks/conversation-enriched")
def receive_conversation_enriched() -> Response[Any]:
    record = app.body_as(ConversationEnrichedRequest).record
    queued = record.is_enriched and app.queue_enriched(record.conversation_id)

    return json_answer(HTTPStatus.ACCEPTED, {"queued": queued})


lambda_handler = lambda_handler_of(app)
