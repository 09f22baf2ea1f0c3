"""The calls about the API itself."""

from http import HTTPStatus
from typing import Any

from training_files.api.call import Answer, Call

ABOUT = "About"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        "/api/openapi.json",
        "get_openapi",
        ABOUT,
        "Get this description",
        {HTTPStatus.OK: Answer("OpenAPI 3.1.", dict[str, Any])},
        credential=None,
    ),
    Call(
        "GET",
        "/api/docs",
        "get_openapi",
        ABOUT,
        "Read and try the API",
        {HTTPStatus.OK: Answer("A page for a browser.", texts=("text/html",))},
        name="get_docs",
        credential=None,
    ),
)
