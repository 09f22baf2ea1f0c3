"""Chooses the route of a request as API Gateway does: the most specific one that fits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from infra.local_api.template import DEFAULT_ROUTE, Route


@dataclass(frozen=True)
class RouteMatch:
    """A route and what its path variables stand for, decoded."""

    route: Route
    path_parameters: Mapping[str, str]


class Router:
    """The routes of one API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        ordered = sorted(routes, key=_generality)
        self._routes = [(route, re.compile(_pattern(route.path))) for route in ordered]

    def match(self, method: str, raw_path: str) -> RouteMatch | None:
        """The most specific route for the path as it was sent, still percent-encoded."""
        for route, pattern in self._routes:
            if route.method in {"ANY", method} and (found := pattern.fullmatch(raw_path)):
                variables = zip(_variables(route.path), found.groups(), strict=True)
                return RouteMatch(route, {name: unquote(value) for name, value in variables})
        return None


def _generality(route: Route) -> tuple[bool, tuple[int, ...], bool]:
    """Sorts names before variables before greedy variables, segment by segment; `$default` is last."""
    segments = route.path.split("/")
    return route.path == DEFAULT_ROUTE, tuple(map(_segment_generality, segments)), route.method == "ANY"


def _segment_generality(segment: str) -> int:
    if segment.endswith("+}"):
        return 2
    return 1 if segment.startswith("{") else 0


def _pattern(path: str) -> str:
    if path == DEFAULT_ROUTE:
        return ".*"
    return "/".join(map(_segment_pattern, path.split("/")))


def _segment_pattern(segment: str) -> str:
    return [re.escape(segment), "([^/]+)", "(.+)"][_segment_generality(segment)]


def _variables(path: str) -> list[str]:
    return [segment.strip("{+}") for segment in path.split("/") if segment.startswith("{")]
