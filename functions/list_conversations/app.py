"""GET /api/conversations: those that the caller may use and a filter takes, page by page."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.conversations.answers import conversations_answer
from training_files.api.conversations.requests import ListConversationsQuery
from training_files.api.trusted import create_app

app = create_app()


@app.get("/api/conversations")
def list_conversations() -> dict[str, Any]:
    query = app.query_as(ListConversationsQuery)
    page = app.service.page_of_choices(query.wanted, sort=query.sort, limit=query.limit, after=query.after)

    return conversations_answer(page, query.sort)


lambda_handler = lambda_handler_of(app)
