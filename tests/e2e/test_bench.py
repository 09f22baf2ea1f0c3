"""`make bench` runs from end to end, at sizes too small to say anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.promises_of_changes import BOUNDS
from tests.benchmarks.steps import LEAST_TO_CHANGE
from tests.support.builders import Json

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SMALL, LARGE = 2, LEAST_TO_CHANGE


@pytest.fixture(scope="module")
def bench(host_build: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Json]:
    """What it printed and what it wrote."""
    result = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--sizes", str(SMALL), str(LARGE), "--repeats", "1"]
    command += ["--build", str(host_build.parent), "--result", str(result)]
    # As `make` sets it: the packages are not installed.
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'training_files'}{os.pathsep}{ROOT}"}
    done = subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout, json.loads(result.read_text())


def test_every_way_is_measured_at_every_size(bench: tuple[str, Json]) -> None:
    cases = {(run["operation"], run["way"], run["conversations"]) for run in bench[1]["runs"]}

    assert cases == {
        (operation, way, size)
        for operation in ("create", "append")
        for way in ("REST", "S3", "naive")
        for size in (SMALL, LARGE)
    } | {(operation, way, LARGE) for operation in BOUNDS for way in ("REST", "S3")}


def test_every_figure_is_more_than_nothing(bench: tuple[str, Json]) -> None:
    assert [name for run in bench[1]["runs"] for name, figure in run.items() if not figure] == []


def test_creates_read_every_enriched_file(bench: tuple[str, Json]) -> None:
    creates = [run for run in bench[1]["runs"] if run["operation"] == "create"]

    assert all(run["requests"] > run["conversations"] for run in creates)
    assert all(run["bytes_down"] > 28_000 * run["conversations"] for run in creates)


def test_the_table_ends_with_the_promises(bench: tuple[str, Json]) -> None:
    *_, promises = bench[0].split("\npromises\n")

    assert len(bench[1]["promises"]) == promises.count("not measured") == 20
