"""GET /api/openapi.json and GET /api/docs: the API described for programs, and for people who want to try it."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from training_files.api.app import create_public_app, json_answer, lambda_handler_of
from training_files.api.description.docs_page import page, policy
from training_files.api.description.openapi import SERVER, document

CACHEABLE = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}

app = create_public_app()


@app.get("/api/openapi.json", compress=True)
def get_openapi() -> Response[Any]:
    here = {"servers": [SERVER | {"url": app.prefix or "/"}]}
    return json_answer(HTTPStatus.OK, document() | here, CACHEABLE)


@app.get("/api/docs", compress=True)
def get_docs() -> Response[str]:
    headers = CACHEABLE | {"Content-Security-Policy": policy(), "Referrer-Policy": "no-referrer"}
    return Response(HTTPStatus.OK.value, content_types.TEXT_HTML, page(), headers)


lambda_handler = lambda_handler_of(app)
