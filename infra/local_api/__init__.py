"""Serves a SAM template's HTTP API on this machine as API Gateway and Lambda would, without containers."""

from infra.local_api.errors import (
    FunctionError,
    FunctionFailedError,
    FunctionTimedOutError,
    LocalApiError,
    TemplateError,
)
from infra.local_api.serving import LocalApi, run_local_api

__all__ = [
    "FunctionError",
    "FunctionFailedError",
    "FunctionTimedOutError",
    "LocalApi",
    "LocalApiError",
    "TemplateError",
    "run_local_api",
]
