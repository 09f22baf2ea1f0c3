"""What the README and the pages of docs/ say is there: links, commands, calls, bodies, settings, errors."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.readme import DOCS, PAGES, PROJECT, README, command_blocks, page
from training_files import settings
from training_files.api.calls import CALLS
from training_files.api.description.openapi import document
from training_files.api.errors import STATUS
from training_files.api.parsing import parsed, query_parameters
from training_files.version import VERSION

# The README is read in one go; what it has no room for has a page of its own.
MOST_LINES = 160
EXAMPLE_ID = "7c0e4a52-61d3-4c1e-9a55-2f6d1b8e9c10"
# What the shell fills in.
VARIABLES = {"$API_URL": "", "$id": EXAMPLE_ID, "$first": EXAMPLE_ID, "$last": EXAMPLE_ID, "$1": "{}"}

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def calls_in(path: Path) -> list[list[str]]:
    """The words of every command line that calls our API with curl, with example values for the shell's variables."""
    lines = [line for block in command_blocks(path) for line in block.splitlines()]
    calls = [line[line.index("curl") :].removesuffix(" &&") for line in lines if "curl" in line and "$API_URL" in line]
    return [shlex.split(_filled(call)) for call in calls]


def _filled(line: str) -> str:
    for name, value in VARIABLES.items():
        line = line.replace(name, value)
    return line


def option(words: list[str], *names: str) -> str | None:
    return next((words[place + 1] for place, word in enumerate(words) if word in names), None)


def test_the_readme_is_short_and_names_every_page() -> None:
    readme = page(README)

    assert len(readme.splitlines()) <= MOST_LINES
    assert {f"docs/{path.name}" for path in DOCS.glob("*.md")} <= set(re.findall(r"\]\((docs/\w+\.md)", readme))


@every_page
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page(path))
    targets = [(link, *link.partition("#")[::2]) for link in links if not link.startswith("https://")]
    files = {link: (path.parent / name if name else path) for link, name, _ in targets}

    assert [link for link, file in files.items() if not file.is_file()] == []
    assert [link for link, _, anchor in targets if anchor and anchor not in anchors(files[link])] == []


@every_page
def test_make_has_every_target_that_a_page_names(path: Path) -> None:
    makefiles = (PROJECT / "Makefile").read_text(encoding="utf-8") + (PROJECT / "build.mk").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefiles, re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z][a-z-]+)(?=[`\s])", " ".join(_code_in(page(path))))) <= targets


def _code_in(text: str) -> list[str]:
    return re.findall(r"`[^`\n]+`", text) + re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


@every_page
def test_every_call_with_curl_is_one_of_the_api_and_sends_what_it_takes(path: Path) -> None:
    for words in calls_in(path):
        url = next(word for word in words if word.startswith("/api/"))
        called, _, query = url.partition("?")
        body = option(words, "-d", "--data")
        method = option(words, "-X") or ("POST" if body else "GET")
        [call] = [call for call in CALLS if call.method == method and re.fullmatch(_pattern(call.path), called)]

        if body and body != "{}":
            assert call.body is not None
            call.body.model_validate(json.loads(body))
        if query:
            assert call.query is not None
            parsed(call.query, query_parameters(query, call.query))


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))


def test_the_calls_of_the_quick_start_are_there() -> None:
    posted = [option(words, "-d") is not None for words in calls_in(README)]

    # To try it, then choose twice, create, add, look twice, remove, compare, tag, export, download.
    assert posted == [False, *(False, False, True, True), *(False, False, True, False), *(True, True, False)]


def test_every_call_is_listed() -> None:
    documented = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/api/[^ ?`]+)", page(DOCS / "api.md"))

    assert {(call.method, call.path) for call in CALLS} == {(method, path) for method, path in documented}


def test_every_error_code_is_listed_with_its_status_and_no_other() -> None:
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", page(DOCS / "api.md"), re.MULTILINE))
    answered = {error.code: str(status.value) for error, status in STATUS.items()}

    assert listed == answered | {"internal_error": "500"}


def test_every_setting_is_listed_and_no_other() -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read: set[Any] = set(re.findall(r'"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)"', source))

    of_functions, of_commands = page(DOCS / "operations.md").split("\nThe commands use these variables")
    assert _settings_in(of_functions) == read
    assert _settings_in(page(README)) <= read

    commands = "".join(
        path.read_text(encoding="utf-8") for path in [PROJECT / "Makefile", *(PROJECT / "infra").glob("**/*.py")]
    )
    assert {name for name in _settings_in(of_commands) if name not in commands} == set()


def _settings_in(text: str) -> set[str]:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_there_is_one_version() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [newest, *_] = re.findall(r"^## ([\d.]+)", page(PROJECT / "CHANGELOG.md"), re.MULTILINE)

    assert project["version"] == newest == document()["info"]["version"] == VERSION


def test_the_policy_of_a_deployer_has_every_service_of_the_template() -> None:
    [policy] = re.findall(r"^```json\n(.*?)^```$", page(DOCS / "maintenance.md"), re.MULTILINE | re.DOTALL)
    allowed = {action.split(":")[0] for one in json.loads(policy)["Statement"] for action in one["Action"]}
    template = (PROJECT / "template.yaml").read_text(encoding="utf-8")

    services = {name.lower() for name in re.findall(r"Type: AWS::(\w+)::", template)} - {"serverless"}
    assert services <= allowed | {"apigateway"}
    assert {"cloudformation", "lambda", "apigateway", "iam"} <= allowed
