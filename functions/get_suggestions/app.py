"""GET /api/training-files/{id}/suggestions: which conversations would balance it best."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.suggestions.answers import suggestions_answer
from training_files.api.suggestions.requests import SuggestionsQuery
from training_files.api.trusted import create_app

app = create_app()


@app.get("/api/training-files/<training_file_id>/suggestions")
def get_suggestions(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(SuggestionsQuery)

    return suggestions_answer(
        app.service.suggest_conversations(uuid_in_path(training_file_id), limit=query.limit, wanted=query.wanted)
    )


lambda_handler = lambda_handler_of(app)
