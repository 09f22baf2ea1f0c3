"""POST /api/training-files/{id}/add-conversations: more conversations behind those that are there."""

from typing import Any

from training_files.api.answers import training_file_answer
from training_files.api.app import create_app, lambda_handler_of
from training_files.api.requests import AddConversationsRequest, refuse_asynchronous, uuid_in_path
from training_files.records import AddConversationsInput

app = create_app()


@app.post("/api/training-files/<training_file_id>/add-conversations")
def add_conversations(training_file_id: str) -> dict[str, Any]:
    refuse_asynchronous(app.header("prefer"))
    wanted = app.body_as(AddConversationsRequest)
    training_file = app.service.add_conversations_to_training_file(
        AddConversationsInput(
            training_file_id=uuid_in_path(training_file_id),
            conversation_ids=wanted.unique_ids,
            on_invalid=wanted.on_invalid,
            on_duplicate=wanted.on_duplicate,
            dry_run=wanted.dry_run,
        )
    )

    return training_file_answer(training_file)


lambda_handler = lambda_handler_of(app)
