"""GET /api/training-files/{id}/conversations: the ids of its conversations, in file order."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app
from training_files.api.training_files.answers import conversations_answer
from training_files.api.training_files.requests import ConversationsQuery

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>/conversations")
def get_training_file_conversations(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(ConversationsQuery)
    conversation_ids, next_position = app.service.page_of_conversations(
        uuid_in_path(training_file_id), limit=query.limit, after_position=query.cursor or 0
    )

    return conversations_answer(conversation_ids, next_position)


lambda_handler = lambda_handler_of(app)
