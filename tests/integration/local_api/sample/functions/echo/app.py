"""Answers with the event that it was given, so that a test can look at it."""

import json
from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": json.dumps(event),
    }
