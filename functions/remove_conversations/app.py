"""POST /api/training-files/{id}/remove-conversations: a revision without some of the conversations."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.training_files.requests import RemoveConversationsRequest
from training_files.api.training_files.responses import changed_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/remove-conversations")
def remove_conversations(training_file_id: str) -> Response[Any]:
    request = app.body_as(RemoveConversationsRequest)
    wanted = request.to_input(uuid_in_path(training_file_id))
    remove = app.service.remove_conversations_from_training_file
    if request.is_for_later(app.header("prefer")):
        remove = app.service.request_removal

    return app.idempotent(lambda: changed_answer(remove(wanted)))


lambda_handler = lambda_handler_of(app)
