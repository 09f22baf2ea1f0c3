"""The report with its status and headers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from training_files.api.app import json_answer
from training_files.api.preferences import prefers_page


def report_answer(report: Mapping[str, Any], accept: str | None) -> Response[Any]:
    """200 with the report as JSON, or as a page for whoever prefers one. It holds texts that are nobody else's."""
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept, Accept-Encoding"}
    if not prefers_page(accept):
        return json_answer(HTTPStatus.OK, {"report": report}, headers)
    from training_files.api.report.page.page import page, policy

    headers |= {
        "Content-Security-Policy": f"{policy()}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(HTTPStatus.OK.value, f"{content_types.TEXT_HTML}; charset=utf-8", page(dict(report)), headers)
