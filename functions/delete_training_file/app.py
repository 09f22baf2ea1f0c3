"""DELETE /api/training-files/{id}: the training file, its rows and its objects."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.trusted import create_app

app = create_app()


@app.delete("/api/training-files/<training_file_id>")
def delete_training_file(training_file_id: str) -> Response[str]:
    app.service.delete_training_file(uuid_in_path(training_file_id))

    return Response(HTTPStatus.NO_CONTENT.value)


lambda_handler = lambda_handler_of(app)
