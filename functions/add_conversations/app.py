"""POST /api/training-files/{id}/add-conversations: more conversations behind those that are there."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.training_files.requests import AddConversationsRequest
from training_files.api.training_files.responses import changed_answer, previewed_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/add-conversations")
def add_conversations(training_file_id: str) -> Response[Any]:
    request = app.body_as(AddConversationsRequest)
    wanted = request.to_input(uuid_in_path(training_file_id))
    if request.is_for_rows:
        return previewed_answer(app.service.preview_conversations(wanted))
    add = app.service.add_conversations_to_training_file
    if request.is_for_later(app.header("prefer")):
        add = app.service.request_conversations

    return app.idempotent(lambda: changed_answer(add(wanted)))


lambda_handler = lambda_handler_of(app)
