"""A client that is made of the description has good names and types, no warnings, and does what docs/api.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.client.conftest import Generated
from tests.support.readme import DOCS, page

# What the generator makes of a choice whose options have no names.
NAMELESS = re.compile(r"_(type|item|response)_?\d*$|_\d+$")


def blocks(language: str) -> list[str]:
    section = page(DOCS / "api.md").partition("\n## A Python client\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def test_it_is_made_without_a_warning(generated: Generated) -> None:
    assert [line.partition(" ")[0] for line in generated.output.splitlines()] == ["Generating"]
    assert generated.exit_code == 0


def test_the_page_says_how_it_is_made() -> None:
    [commands] = blocks("")

    assert "openapi-python-client generate --fail-on-warning --url" in commands


def test_tags_are_packages_and_calls_are_modules(generated: Generated) -> None:
    assert {"create_training_file", "get_training_file"} <= generated.modules(
        "training_files_client.api.training_files"
    )
    assert {"add_conversations", "get_report"} <= generated.modules("training_files_client.api.content")
    assert {"create_export", "get_export"} <= generated.modules("training_files_client.api.exports")


def test_every_model_has_a_name_of_its_own(generated: Generated) -> None:
    models = generated.modules("training_files_client.models")

    assert {"training_file", "export", "export_format", "error_answer"} <= models
    assert [model for model in models if NAMELESS.search(model)] == []


def test_the_tour_of_the_page_is_typed_from_end_to_end(generated: Generated, tmp_path: Path) -> None:
    """What the generator itself leaves to be wished for is not ours."""
    [tour] = blocks("python")
    (tmp_path / "tour.py").write_text(tour, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent", "tour.py"]
    environment = os.environ | {"MYPYPATH": str(generated.folder)}
    looked_at = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - The environment's own program.

    assert looked_at.stdout == "Success: no issues found in 1 source file\n"


def test_the_tour_of_the_page_can_be_made(
    stack: dict[str, str],
    client_package: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    [tour] = blocks("python")
    for name, value in stack.items():
        monkeypatch.setenv(name, value)

    made = {"__name__": client_package.__name__}
    exec(compile(tour, "docs/api.md", "exec"), made)  # noqa: S102 - It is our own page.

    printed = capsys.readouterr().out
    assert re.search(r"^rows train \d+ http://\S+$", printed, re.MULTILINE)
    assert re.search(r"^bundle None None http://\S+$", printed, re.MULTILINE)
    assert "From a client.jsonl http://" in printed
    gone = made["get_training_file"].sync(made["id"], client=made["client"])
    made["client"].get_httpx_client().close()
    assert gone.code == made["ErrorCode"].TRAINING_FILE_NOT_FOUND
    assert gone.details == []
