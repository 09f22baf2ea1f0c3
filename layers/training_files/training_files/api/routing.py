"""Where the API hangs: behind a domain of its own, paths may begin with an API mapping; behind a stage, with its name.

Whether the gateway leaves a mapping in `rawPath` differs; the key of the route says what the path is without it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
"""

import re
from collections.abc import Mapping
from typing import Any

PARAMETER = re.compile(r"\{(\w+)\+?\}")


def without_prefix(event: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The event with the path of its route, and what stood before it: empty, or for example `/prod` or `/v1`."""
    path = _path_of_route(str(event.get("routeKey", "")), event.get("pathParameters") or {})
    raw = str(event.get("rawPath", ""))
    prefix = raw.removesuffix(path)
    if not path.startswith("/") or prefix in ("", raw):
        return event, ""
    # Powertools would look for the stage in front of the path, where it is no more.
    context = {**event.get("requestContext", {}), "stage": "$default"}
    return {**event, "rawPath": path, "requestContext": context}, prefix


def _path_of_route(route_key: str, parameters: Mapping[str, str]) -> str:
    template = route_key.partition(" ")[2]
    return PARAMETER.sub(lambda match: parameters.get(match[1], match[0]), template)
