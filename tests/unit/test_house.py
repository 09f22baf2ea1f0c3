"""The house itself: imports point inwards, handlers are thin, errors are answered and documented."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from training_files import errors
from training_files.api.app import STATUS
from training_files.errors import SettingsError, TrainingFilesError

PROJECT = Path(__file__).parents[2]
LAYER = PROJECT / "layers/training_files"
PACKAGE = LAYER / "training_files"
HANDLERS = sorted((PROJECT / "functions").iterdir())
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")

OUTSIDE = {"supabase", "postgrest", "storage3", "httpx", "boto3", "botocore", "jwt"}
CORE = {
    "pydantic",
    "orjson",
    *(f"training_files.{name}" for name in ("deadline", "domain", "errors", "ports", "records")),
}
# Where, beside `ports`, something stands that adapters implement.
PORTS = {"training_files.events", "training_files.housekeeping"}
SERVICE = {
    f"training_files.{name}"
    for name in (
        "attempts",
        "background",
        "building",
        "checking",
        "collecting",
        "events",
        "exporting",
        "housekeeping",
        "leases",
        "preparing",
        "rendering",
        "reporting",
        "service",
        "spool",
        "writing",
        "zipping",
    )
}
# What each part of the package may import besides the standard library, by the first matching part of its path.
ALLOWED = {
    "domain/": {"pydantic", "orjson", "training_files.domain", "training_files.records"},
    "adapters/": OUTSIDE | CORE | PORTS | {"training_files.adapters"},
    "api/": CORE
    | {
        "aws_lambda_powertools",
        "typing_extensions",
        "training_files.api",
        "training_files.bootstrap",
        "training_files.service",
    },
    "bootstrap.py": OUTSIDE
    | CORE
    | PORTS
    | {"training_files.adapters", "training_files.service", "training_files.settings"},
    "": CORE | SERVICE,
}
HANDLER_IMPORTS = {
    "aws_lambda_powertools",
    "training_files.api",
    "training_files.bootstrap",
    "training_files.records",
    "training_files.service",
}

MAX_HANDLER_LINES = 60


def imported(path: Path) -> Iterator[str]:
    """Everything that a module imports from outside the standard library, in functions and for types too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                found = [module]
            case ast.ImportFrom():
                found = ["a relative import"]
            case _:
                found = []
        yield from (name for name in found if name.split(".")[0] not in sys.stdlib_module_names)


def not_allowed(path: Path, allowed: set[str]) -> list[str]:
    return [name for name in imported(path) if not any(f"{name}.".startswith(f"{known}.") for known in allowed)]


def files_of_the_project() -> list[Path]:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=PROJECT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return [path for name in names.split("\0") if name and (path := PROJECT / name).is_file()]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_inwards(module: Path) -> None:
    place = str(module.relative_to(PACKAGE))
    allowed = next(names for part, names in ALLOWED.items() if place.startswith(part))

    assert not_allowed(module, allowed) == []


@pytest.mark.parametrize("folder", HANDLERS, ids=lambda path: path.name)
def test_a_handler_is_one_short_module_that_knows_only_the_api_the_records_and_the_service(folder: Path) -> None:
    app = folder / "app.py"

    assert [path.name for path in folder.iterdir() if path.name != "__pycache__"] == ["app.py"]
    assert len(app.read_text(encoding="utf-8").splitlines()) <= MAX_HANDLER_LINES
    assert not_allowed(app, HANDLER_IMPORTS) == []


def test_a_read_handler_imports_no_more_than_it_needs() -> None:
    """A cold start pays for every module. Building, objects, secrets and their libraries come when first used."""
    needless = {
        "boto3",
        "concurrent.futures.thread",
        "orjson",
        "realtime",
        "storage3",
        "supabase",
        "supabase_auth",
        "supabase_functions",
        "training_files.adapters.aws_secrets",
        "training_files.adapters.s3_object_store",
        "training_files.adapters.supabase_object_store",
        "training_files.api.calls",
        "training_files.api.openapi",
        "training_files.attempts",
        "training_files.background",
        "training_files.building",
        "training_files.checking",
        "training_files.domain.exports.rows",
        "training_files.domain.formats",
        "training_files.domain.suggestions",
        "training_files.exporting",
        "training_files.preparing",
        "training_files.rendering",
        "training_files.reporting",
        "training_files.spool",
        "training_files.writing",
    }
    paths = [str(LAYER), str(PROJECT / "functions/list_training_files")]
    code = f"import sys; sys.path[:0] = {paths}; import app; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603

    assert "training_files.service" in loaded.stdout.splitlines()
    assert needless.intersection(loaded.stdout.splitlines()) == set()


def test_a_store_that_could_write_over_s3_loads_boto3_only_when_it_does() -> None:
    """Links and removals go over REST, in functions that should start quickly too."""
    code = (
        f"import sys; sys.path[:0] = [{str(LAYER)!r}];"
        "from training_files.bootstrap import application_from;"
        "from training_files.settings import settings_from;"
        "names = ('URL', 'SERVICE_ROLE_KEY', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'S3_REGION');"
        "settings = settings_from({f'SUPABASE_{name}': 'https://a' for name in names}, dict);"
        "print(type(application_from(settings).service.stores.training_files).__name__, *sys.modules, sep='\\n')"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603

    assert shown.stdout.startswith("S3ObjectStore\n")
    assert {"boto3", "botocore"}.intersection(shown.stdout.splitlines()) == set()


def error_classes() -> list[type[TrainingFilesError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [value for value in found if issubclass(value, TrainingFilesError) and value is not TrainingFilesError]


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_every_error_has_a_code_of_its_own_a_status_and_a_line_in_the_tree(error: type[TrainingFilesError]) -> None:
    # A setting is the operator's affair: callers get what they get for any fault of ours.
    expected_code = "internal_error" if error is SettingsError else error.code

    assert error.code == expected_code
    assert (error in STATUS) == (error is not SettingsError)
    assert error is SettingsError or [other.code for other in error_classes()].count(error.code) == 1
    assert re.search(rf"── {error.__name__} .*", errors.__doc__ or "")


def test_the_readme_lists_every_code_with_its_status_and_no_other() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", readme, re.MULTILINE))
    answered = {error.code: str(status.value) for error, status in STATUS.items()}

    assert listed == answered | {"internal_error": "500"}


def test_no_file_names_a_package_registry_or_somebodys_home() -> None:
    """The project installs from wherever its user does, and runs wherever its user puts it."""
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "registry.yarnpkg" + ".com"]
    foreign = re.compile("|".join([*map(re.escape, hosts), r"/(?:home|root|Users)/" + r"\w"]).encode())
    found = {str(path.relative_to(PROJECT)): foreign.findall(path.read_bytes()) for path in files_of_the_project()}

    assert {name: matches for name, matches in found.items() if matches} == {}
