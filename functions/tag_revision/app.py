"""PUT /api/training-files/{id}/tags/{tag}: the tag names this revision from now on."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import tag_in_path, uuid_in_path
from training_files.api.tags.answers import tag_answer
from training_files.api.tags.requests import TagRequest
from training_files.api.trusted import create_app

app = create_app()


@app.put("/api/training-files/<training_file_id>/tags/<tag>")
def tag_revision(training_file_id: str, tag: str) -> dict[str, Any]:
    wanted, name = uuid_in_path(training_file_id), tag_in_path(tag)

    return tag_answer(app.service.tag_revision(wanted, name, app.body_as(TagRequest).revision))


lambda_handler = lambda_handler_of(app)
