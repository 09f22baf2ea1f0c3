"""A client that was made of the description of the running API, by an environment that knows nothing else of it.

The API, and the Supabase behind it, run as `make dev` starts them, in the environment that has what they need.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.commands import ROOT, started_command

PYTHON_OF_THE_STACK = ROOT / ".venv/bin/python"
PORTS = {"SUPABASE_PORT": "", "POSTGRES_PORT": "", "API_PORT": ""}


@dataclass(frozen=True)
class Generated:
    """What the generator said, and the folder with the package that it made."""

    exit_code: int
    output: str
    folder: Path

    def modules(self, package: str) -> set[str]:
        """The names of the modules in a package of the client, without the package's own."""
        return {path.stem for path in (self.folder / package.replace(".", "/")).glob("[!_]*.py")}


@pytest.fixture(scope="session")
def stack() -> Iterator[dict[str, str]]:
    """The running API: what `make dev` writes into `.local/dev.env`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # PostgreSQL's own user may enter it, unlike pytest's folders.
        folder.chmod(0o711)
        yield from _running(folder)


def _running(folder: Path) -> Iterator[dict[str, str]]:
    with started_command("infra.dev", PORTS, folder, python=PYTHON_OF_THE_STACK) as dev:
        dev.wait_for("Ctrl-C stops everything.")
        lines = (folder / ".local/dev.env").read_text(encoding="utf-8").splitlines()
        yield dict(line.split("=", 1) for line in lines)
        dev.interrupted()


@pytest.fixture(scope="session")
def generated(stack: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """As docs/api.md says how."""
    folder = tmp_path_factory.mktemp("generated")
    programs = Path(sys.executable).parent
    command = [programs / "openapi-python-client", "generate", "--fail-on-warning"]
    ended = subprocess.run(  # noqa: S603 - The environment's own program.
        [*command, "--url", f"{stack['API_URL']}/api/openapi.json"],
        cwd=folder,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Generated(ended.returncode, ended.stdout, folder / "training-files-client")


@pytest.fixture(scope="session")
def client_package(generated: Generated) -> Iterator[ModuleType]:
    """The client, as if it was installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(generated.folder)
        import training_files_client

        yield training_files_client
