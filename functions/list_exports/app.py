"""GET /api/training-files/{id}/exports: what was exported, the newest first."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.exports.answers import exports_answer
from training_files.api.exports.requests import ExportsQuery
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>/exports")
def list_exports(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(ExportsQuery)
    exports = app.service.list_exports(uuid_in_path(training_file_id), limit=query.limit, before=query.cursor)

    return exports_answer(exports, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)


lambda_handler = lambda_handler_of(app)
