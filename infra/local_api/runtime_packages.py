"""Where a worker finds third-party packages that neither its code nor its layers bring."""

import importlib.util
import sys
from pathlib import Path
from typing import Literal

RuntimePackages = Literal["environment", "lambda"]
"""`environment`: all that is installed beside this program, which suits the source tree.
`lambda`: only what AWS's Python runtime brings, which proves that an artifact lacks nothing."""

# Top-level modules of the AWS SDK and of the runtime client, with what those two import.
_LAMBDA_RUNTIME_MODULES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)


def interpreter_command(runtime_packages: RuntimePackages) -> list[str]:
    """The interpreter and its options: nothing is imported from the script's folder or a user's home."""
    if runtime_packages == "environment":
        return [sys.executable, "-P", "-s"]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    base_interpreter = Path(sys.base_prefix) / "bin" / f"python{version}"

    # Without `site`, which would add the packages installed beside the base interpreter.
    return [str(base_interpreter), "-P", "-s", "-S"]


def link_lambda_runtime(folder: Path) -> Path:
    """Fill the folder with links to just the modules that AWS's Python runtime brings."""
    for module in _LAMBDA_RUNTIME_MODULES:
        origin = _location(module)
        (folder / origin.name).symlink_to(origin)
    return folder


def _location(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The Lambda runtime needs {module}, which is not installed.", name=module)
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
