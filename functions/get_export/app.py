"""GET /api/training-files/{id}/exports/{export_id}: one export, with fresh links to its files."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.exports.answers import export_answer
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>/exports/<export_id>")
def get_export(training_file_id: str, export_id: str) -> dict[str, Any]:
    offered = app.service.get_export(uuid_in_path(training_file_id), uuid_in_path(export_id))

    return export_answer(offered, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)


lambda_handler = lambda_handler_of(app)
