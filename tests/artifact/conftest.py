"""What `sam build` makes, built once for all tests."""

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def deployment_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the build for Lambda: the template and a folder for each function and the layer."""
    folder = tmp_path_factory.mktemp("deployment") / "build"
    _make("build", f"BUILD_DIR={folder}")
    return folder


@pytest.fixture(scope="session")
def host_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of the same build, made for this machine, so that it can be executed here."""
    folder = tmp_path_factory.mktemp("host") / "build"
    _make("build-host", f"HOST_BUILD_DIR={folder}")
    return folder / "template.yaml"


def _make(*arguments: str) -> None:
    # When `make` started these tests, its own flags are not meant for the build.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    subprocess.run(["make", "--no-print-directory", *arguments], cwd=PROJECT, env=environment, check=True)  # noqa: S603, S607  # The project's own rules; make is where PATH says.
