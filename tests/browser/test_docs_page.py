"""The API's page in a browser: it asks only where it came from, and calls the API with a token that was pasted."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, Route

from tests.browser.conftest import Opened
from training_files.api.description.docs_page import page, policy
from training_files.api.description.openapi import document

# Nobody listens there: what the page may ask for is answered by the test.
HOST = "http://api.test"
TOKEN = "a.pasted.token"


class Api:
    """Answers as the deployment does, and keeps what was asked."""

    def __init__(self) -> None:
        self.calls: list[Request] = []
        self.strangers: list[str] = []

    def answer(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(HOST)
        if path == "/api/docs":
            headers = {"Content-Security-Policy": policy()}
            route.fulfill(content_type="text/html", headers=headers, body=page())
        elif path == "/api/openapi.json":
            route.fulfill(json=document())
        elif path.startswith("/api/training-files"):
            self.calls.append(request)
            route.fulfill(json={"files": [], "next_cursor": None})
        else:
            self.strangers.append(request.url)
            route.abort()


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def docs(chromium: Browser, api: Api) -> Iterator[Opened]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/*", api.answer)
    opened = Opened.around(context.new_page())
    opened.page.goto(f"{HOST}/api/docs")
    opened.page.locator(".opblock").first.wait_for()
    yield opened
    context.close()


def test_it_shows_every_call_and_asks_nobody_else(docs: Opened, api: Api) -> None:
    calls = [(method, path) for path, methods in document()["paths"].items() for method in methods]

    assert docs.page.locator(".opblock").count() == len(calls)
    assert {url for url in docs.requests if not url.startswith("data:")} == {
        f"{HOST}/api/docs",
        f"{HOST}/api/openapi.json",
    }
    assert api.strangers == []
    assert docs.complaints == []


def test_a_token_that_is_pasted_is_sent_and_the_answer_shown(docs: Opened, api: Api) -> None:
    page = docs.page
    page.locator(".auth-wrapper button.authorize").first.click()
    page.locator(".modal-ux input").first.fill(TOKEN)
    page.locator(".modal-ux button.authorize").first.click()
    page.locator(".modal-ux button.btn-done").first.click()

    listing = page.locator(".opblock", has=page.locator('[data-path="/api/training-files"]')).first
    listing.locator(".opblock-summary").click()
    listing.get_by_role("button", name="Try it out").click()
    listing.get_by_role("button", name="Execute").click()
    shown = listing.locator(".live-responses-table .response .microlight").first
    shown.wait_for()

    [call] = api.calls
    assert (call.method, call.headers["authorization"]) == ("GET", f"Bearer {TOKEN}")
    assert json.loads(shown.inner_text()) == {"files": [], "next_cursor": None}
    assert api.strangers == []
    assert docs.complaints == []
