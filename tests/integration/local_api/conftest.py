"""The sample API, served once for all tests that only call it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local_api import LocalApi, run_local_api

TEMPLATE = Path(__file__).parent / "sample" / "template.yaml"


@pytest.fixture(scope="session")
def template() -> Path:
    return TEMPLATE


@pytest.fixture(scope="session")
def meeting_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where functions and tests tell each other that they are there."""
    return tmp_path_factory.mktemp("meeting")


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "functions.log"


@pytest.fixture(scope="session")
def api(template: Path, meeting_folder: Path, log: Path) -> Iterator[LocalApi]:
    with run_local_api(template, environment={"MEETING_FOLDER": str(meeting_folder)}, log=log) as api:
        yield api


@pytest.fixture
def client(api: LocalApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, timeout=15) as client:
        yield client
