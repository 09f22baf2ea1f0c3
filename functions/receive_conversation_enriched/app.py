"""POST /api/hooks/conversation-enriched: a database webhook says which conversations were enriched."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import json_answer, lambda_handler_of
from training_files.api.hooks.app import create_hook_app
from training_files.api.hooks.requests import ConversationEnrichedRequest

app = create_hook_app()


@app.post("/api/hooks/conversation-enriched")
def receive_conversation_enriched() -> Response[Any]:
    request = app.body_as(ConversationEnrichedRequest)

    return json_answer(HTTPStatus.ACCEPTED, {"queued": app.queue_enriched(request)})


lambda_handler = lambda_handler_of(app)
