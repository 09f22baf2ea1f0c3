"""POST /api/training-files/{id}/add-conversations: more conversations behind those that are there."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import changed_answer, create_app, lambda_handler_of
from training_files.api.requests import AddConversationsRequest, uuid_in_path
from training_files.domain.training_file.build_request import AddConversationsInput

app = create_app()


@app.post("/api/training-files/<training_file_id>/add-conversations")
def add_conversations(training_file_id: str) -> Response[Any]:
    wanted = app.body_as(AddConversationsRequest)
    request = AddConversationsInput(
        training_file_id=uuid_in_path(training_file_id),
        conversation_ids=wanted.unique_ids,
        on_invalid=wanted.on_invalid,
        on_duplicate=wanted.on_duplicate,
        on_unhealthy=wanted.on_unhealthy,
        dry_run=wanted.dry_run,
    )
    add = app.service.add_conversations_to_training_file
    if wanted.is_for_later(app.header("prefer")):
        add = app.service.request_conversations

    return app.once(lambda: changed_answer(add(request)))


lambda_handler = lambda_handler_of(app)
