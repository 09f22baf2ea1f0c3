"""Headless Chromium without a network: every request that a page makes is seen, and those beyond itself fail."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.support.builders import Json
from training_files.api.report.page.page import page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "There is no Chromium. Install it (Debian and Ubuntu: apt-get install chromium; macOS: brew install --cask "
    "chromium), or name one: make test-browser CHROMIUM=/path/to/chromium"
)
# It runs as root in containers, and should not ask its makers for anything.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page in a browser, what it asked for, and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def around(cls, opened: Page) -> "Opened":
        seen = cls(opened)
        opened.route("**/*", seen.follow)
        opened.on("console", lambda message: seen.complaints.append(message.text))
        opened.on("pageerror", lambda error: seen.complaints.append(str(error)))
        return seen

    def follow(self, route: Route) -> None:
        """What its policy forbids a page never comes this far."""
        self.requests.append(route.request.url)
        route.fallback()


OpenReport = Callable[..., Opened]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    named = os.environ.get("CHROMIUM")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.exit(MISSING, returncode=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_report(chromium: Browser, tmp_path: Path) -> Iterator[OpenReport]:
    """Opens a report as a file, as someone does who was sent it: `open_report(report, width=360, scheme="dark")`."""
    contexts = []

    def opening(report: Json, *, width: int = 1280, scheme: Any = "light", **options: Any) -> Opened:
        file = tmp_path / "report.html"
        file.write_text(page(report), encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True, **options
        )
        contexts.append(context)
        opened = Opened.around(context.new_page())
        opened.page.goto(file.as_uri())
        return opened

    yield opening
    for context in contexts:
        context.close()
