"""Reads the README and the pages of docs/, so that tests can hold what they say to what is there."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
README = PROJECT / "README.md"
DOCS = PROJECT / "docs"
PAGES = [README, PROJECT / "CHANGELOG.md", PROJECT / "sql/README.md", *sorted(DOCS.glob("*.md"))]
SECTION = "\n## Fine-tune with it\n"


@dataclass(frozen=True)
class Recipe:
    """The commands for one trainer or service. The first asks for an export, and unpacks its bundle."""

    commands: tuple[str, ...]

    @property
    def request(self) -> dict[str, Any]:
        """The body that asks for the export."""
        function, body, _ = shlex.split(self.commands[0])
        assert function == "unpack_export"
        wanted: dict[str, Any] = json.loads(body)
        return wanted


def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def command_blocks(path: Path) -> list[str]:
    """The blocks of shell commands of a page, which have no language; a command over several lines is one line."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page(path), re.MULTILINE | re.DOTALL)
    return [text.replace("\\\n", "") for language, text in blocks if not language]


def fine_tuning_section() -> str:
    return page(DOCS / "exports.md").partition(SECTION)[2].partition("\n## ")[0]


def unpacking() -> str:
    """The shell function that all recipes begin with."""
    first = re.search(r"^```\n(.*?)^```$", fine_tuning_section(), re.MULTILINE | re.DOTALL)
    assert first is not None
    return first[1]


def recipes() -> dict[str, Recipe]:
    """By trainer or service. A command that goes on over several lines is one."""
    found = re.findall(r"^\*\*([^*]+)\*\*\n\n```\n(.*?)^```$", fine_tuning_section(), re.MULTILINE | re.DOTALL)
    return {name: Recipe(tuple(commands.replace("\\\n", "").splitlines())) for name, commands in found}
