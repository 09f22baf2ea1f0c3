"""Exports of one training file, and a tiny model with random weights, for every trainer; all of it without a network.

Trainers read their settings when they are imported, so those are set before any test is.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.trainers.exports import Exports


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is taken from, or left in, the home folder; nobody is asked or told anything."""
    caches = tempfile.mkdtemp(prefix="trainers-")
    config.add_cleanup(lambda: shutil.rmtree(caches))
    os.environ |= {
        "HF_HOME": caches,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "AXOLOTL_DO_NOT_TRACK": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that wait for each other take longer than models this small do.
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    def refuse(_socket: socket.socket, address: Any) -> NoReturn:
        pytest.fail(f"a trainer tried to reach {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return Exports(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, exports: Exports) -> Path:
    """A folder that holds a model and its tokenizer, as trainers take one in place of a model's name."""
    from tests.trainers.tiny_model import save_tiny_model

    folder = tmp_path_factory.mktemp("model")
    save_tiny_model(folder, exports.texts())
    return folder
