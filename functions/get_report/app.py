"""GET /api/training-files/{id}/report: what there is to know of it before anyone trains on it, as JSON or as a page."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.report.requests import ReportQuery
from training_files.api.report.responses import report_answer
from training_files.api.trusted import create_app

app = create_app()


@app.get("/api/training-files/<training_file_id>/report", compress=True)
def get_report(training_file_id: str) -> Response[Any]:
    query = app.query_as(ReportQuery)
    report = app.service.report(uuid_in_path(training_file_id), revision=query.revision, seed=query.seed)

    return report_answer(report, app.header("accept"))


lambda_handler = lambda_handler_of(app)
