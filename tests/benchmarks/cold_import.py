"""The import of a read handler on a cold interpreter, from the built layer, beside its libraries alone."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.local_api.runtime_packages import link_lambda_runtime

HANDLER = "list_training_files"
LOGICAL_ID = "ListTrainingFilesFunction"
LAYER = "TrainingFilesLayer"
RUNS = 9
# What a handler that validates, logs, verifies tokens and reads tables would import by itself.
LIBRARIES = """
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver; APIGatewayHttpResolver(enable_validation=True)
from aws_lambda_powertools import Logger
import postgrest, jwt
"""
TIMED = "import time; begun = time.perf_counter()\n{}\nprint((time.perf_counter() - begun) * 1000)"


@dataclass(frozen=True, slots=True)
class Imports:
    """Milliseconds of each run, the two in turns, so that a change of the machine's speed meets both."""

    label: str
    handler: list[float]
    libraries: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(ours / theirs for ours, theirs in zip(self.handler, self.libraries, strict=True))


def measured(build: Path, *, runs: int = RUNS) -> list[Imports]:
    """With bytecode, and without; from what `make build-host` made."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = link_lambda_runtime(Path(folder))
        path = os.pathsep.join(str(part) for part in (build / LOGICAL_ID, build / LAYER / "python", runtime))
        options = {"with bytecode": [], "without bytecode": ["-X", f"pycache_prefix={folder}/none"]}
        found = [Imports(label, [], []) for label in options]
        for imports in found:
            for _ in range(runs):
                imports.handler.append(_milliseconds("import app", path, options[imports.label]))
                imports.libraries.append(_milliseconds(LIBRARIES, path, options[imports.label]))
        return found


def table(found: Iterable[Imports]) -> Iterator[str]:
    yield f"{HANDLER:<20}{'handler':>9}{'(min)':>8}{'libraries':>11}{'(min)':>8}{'ratio':>7}"
    for imports in found:
        yield (
            f"{imports.label:<20}{statistics.median(imports.handler):>9.0f}{min(imports.handler):>8.0f}"
            f"{statistics.median(imports.libraries):>11.0f}{min(imports.libraries):>8.0f}{imports.ratio:>7.2f}"
        )


def _milliseconds(statement: str, path: str, options: list[str]) -> float:
    base_interpreter = getattr(sys, "_base_executable", sys.executable)
    command = [base_interpreter, "-B", "-P", "-s", "-S", *options, "-c", TIMED.format(statement)]
    done = subprocess.run(  # noqa: S603 - our own statement
        command, env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    return float(done.stdout)
