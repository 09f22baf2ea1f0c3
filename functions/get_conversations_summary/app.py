"""GET /api/conversations/summary: how many conversations there are to choose from, and what they have."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.conversations.answers import summary_answer
from training_files.api.conversations.requests import SummaryQuery
from training_files.api.trusted import create_app

app = create_app()


@app.get("/api/conversations/summary")
def get_conversations_summary() -> dict[str, Any]:
    wanted = app.query_as(SummaryQuery).wanted

    return summary_answer(app.service.summarize_conversations(wanted))


lambda_handler = lambda_handler_of(app)
