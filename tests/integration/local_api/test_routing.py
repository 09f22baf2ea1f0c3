"""The most specific route that fits is chosen, whatever the order of the template."""

import pytest

from infra.local_api.routing import Router
from infra.local_api.template import Route


def router(*keys: str) -> Router:
    methods_and_paths = [key.rpartition(" ") for key in keys]
    return Router(Route(method=method or "ANY", path=path, function=path) for method, _, path in methods_and_paths)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/files", "GET /files"),
        ("GET", "/files/1", "GET /files/{id}"),
        ("POST", "/files/1", "ANY /files/{id}"),
        ("GET", "/files/new", "GET /files/new"),
        ("GET", "/files/1/rows", "ANY /files/{rest+}"),
        ("GET", "/files/", "$default"),
        ("GET", "/elsewhere", "$default"),
    ],
)
def test_the_most_specific_route_is_chosen(method: str, path: str, key: str) -> None:
    routes = router(
        "$default", "ANY /files/{rest+}", "ANY /files/{id}", "GET /files/{id}", "GET /files/new", "GET /files"
    )

    match = routes.match(method, path)

    assert match is not None
    assert match.route.key == key


def test_path_variables_are_decoded_after_the_route_is_chosen() -> None:
    match = router("GET /files/{id}/{rest+}").match("GET", "/files/a%2Fb/c/d")

    assert match is not None
    assert match.path_parameters == {"id": "a/b", "rest": "c/d"}


def test_no_route_fits_another_method() -> None:
    assert router("GET /files").match("POST", "/files") is None
