"""DELETE /api/training-files/{id}/tags/{tag}: the tag is gone, and keeps its revision no more."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import tag_in_path, uuid_in_path
from training_files.api.trusted import create_app

app = create_app()


@app.delete("/api/training-files/<training_file_id>/tags/<tag>")
def untag_revision(training_file_id: str, tag: str) -> Response[str]:
    app.service.untag_revision(uuid_in_path(training_file_id), tag_in_path(tag))

    return Response(HTTPStatus.NO_CONTENT.value)


lambda_handler = lambda_handler_of(app)
