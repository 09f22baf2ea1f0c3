"""The import of a read handler on a cold interpreter, from the built layer, beside its libraries alone."""

import os
import statistics
import subprocess
import sys
import tempfile
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


def report(build: Path) -> None:
    """Prints milliseconds, medians of runs in turn, so that a change of the machine's speed meets both."""
    print(f"\nimport of {HANDLER} on a cold interpreter, milliseconds")
    print(f"{'':<18}{'handler':>9}{'(min)':>8}{'libraries':>11}{'(min)':>8}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        runtime = link_lambda_runtime(Path(folder))
        path = os.pathsep.join(str(part) for part in (build / LOGICAL_ID, build / LAYER / "python", runtime))
        for label, options in (("with bytecode", []), ("without bytecode", ["-X", f"pycache_prefix={folder}/none"])):
            handler, libraries = [], []
            for _ in range(RUNS):
                handler.append(_milliseconds("import app", path, options))
                libraries.append(_milliseconds(LIBRARIES, path, options))
            ratio = statistics.median(ours / theirs for ours, theirs in zip(handler, libraries, strict=True))
            print(
                f"{label:<18}{statistics.median(handler):>9.0f}{min(handler):>8.0f}"
                f"{statistics.median(libraries):>11.0f}{min(libraries):>8.0f}{ratio:>7.2f}"
            )


def _milliseconds(statement: str, path: str, options: list[str]) -> float:
    base_interpreter = getattr(sys, "_base_executable", sys.executable)
    command = [base_interpreter, "-B", "-P", "-s", "-S", *options, "-c", TIMED.format(statement)]
    done = subprocess.run(  # noqa: S603 - our own statement
        command, env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    return float(done.stdout)
