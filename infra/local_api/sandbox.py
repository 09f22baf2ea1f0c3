"""The surroundings of a worker process: its command line, its environment variables, its output."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from infra.local_api.runtime_packages import RuntimePackages, interpreter_command
from infra.local_api.template import FunctionSpec

_REGION = "us-east-1"
_WORKER_PROGRAM = Path(__file__).with_name("worker_process.py")
# Outside the code, because running it must not change it; kept, because compiling the standard library and all
# packages anew for every worker would take seconds.
_BYTECODE_CACHE = Path(__file__).resolve().parents[2] / ".local" / "pycache"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """What all workers of one API share."""

    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    """Variables of `environment` that a secret holds, and the variable by which a function's template names it."""
    function_environment: Mapping[str, Mapping[str, str]]
    """What only single functions get, by logical id."""
    runtime_packages: RuntimePackages
    runtime_folder: Path | None
    """Import path of the packages that the Lambda runtime brings, if they are not simply installed."""
    lifeline: int
    """A file descriptor that reaches its end when this process is gone."""
    log: BinaryIO | None
    """Where the workers' output goes; without it, to standard error."""

    def command(self, function: FunctionSpec) -> list[str]:
        return [*interpreter_command(self.runtime_packages), str(_WORKER_PROGRAM), function.handler]

    def variables(self, function: FunctionSpec, runtime_api: str) -> dict[str, str]:
        """Only what Lambda gives a function, and what the function's own settings and ours add."""
        return {
            **_lambda_variables(function),
            **function.environment,
            **self._shared_with(function),
            **self.function_environment.get(function.logical_id, {}),
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "PYTHONPATH": os.pathsep.join(str(folder) for folder in self._import_path(function)),
            "PYTHONUNBUFFERED": "1",
            **self._bytecode_variables(),
        }

    def _shared_with(self, function: FunctionSpec) -> dict[str, str]:
        """Without what is secret from the function: deployed, its role could not read it."""
        return {
            name: value
            for name, value in self.environment.items()
            if name not in self.secrets or self.secrets[name] in function.environment
        }

    def _bytecode_variables(self) -> dict[str, str]:
        """An artifact brings the bytecode of its layer, which would be overlooked beside a cache."""
        if self.runtime_packages == "lambda":
            return {"PYTHONDONTWRITEBYTECODE": "1"}
        return {"PYTHONPYCACHEPREFIX": str(_BYTECODE_CACHE)}

    def _import_path(self, function: FunctionSpec) -> list[Path]:
        runtime = [] if self.runtime_folder is None else [self.runtime_folder]
        return [function.code, *function.layers, *runtime]


def _lambda_variables(function: FunctionSpec) -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_megabytes),
        "AWS_LAMBDA_FUNCTION_NAME": function.logical_id,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.logical_id}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": _REGION,
        "LAMBDA_TASK_ROOT": str(function.code),
        "LANG": "C.UTF-8",  # Lambda says en_US.UTF-8, which not every machine has.
        "PATH": os.defpath,
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
