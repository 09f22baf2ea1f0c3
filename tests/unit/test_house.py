"""The layout of the package: imports go downwards, handlers are thin, errors are answered and documented."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from training_files import errors
from training_files.api.errors import STATUS
from training_files.errors import SettingsError, TrainingFilesError

PROJECT = Path(__file__).parents[2]
LAYER = PROJECT / "layers/training_files"
PACKAGE = LAYER / "training_files"
HANDLERS = sorted((PROJECT / "functions").iterdir())
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def rooms_in_the_drawing() -> list[str]:
    """The rooms of docs/architecture.md as paths in the package, from the top floor to the ground floor."""
    drawing = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8").split("```")[1]
    rooms = [line.split()[0] for line in drawing.strip().splitlines()]
    assert rooms[0] == "functions/"
    return rooms[1:]


ROOMS = rooms_in_the_drawing()
# Below the wiring nobody knows the adapters, and nobody but users knows the records as one module.
KNOWN_BY = {
    "adapters/": ("adapters/", "bootstrap.py", "wiring/"),
    "records.py": (),
    "service.py": ("api/", "bootstrap.py", "wiring/"),
}
# What else than the standard library and the package itself a room imports.
OUTSIDE = {"supabase", "postgrest", "storage3", "httpx", "boto3", "botocore", "jwt"}
LIBRARIES = {
    "adapters/": OUTSIDE | {"pydantic"},
    "api/": {"aws_lambda_powertools", "pydantic", "orjson", "typing_extensions"},
    "bootstrap.py": {"httpx"},
    "wiring/": {"httpx"},
    "domain/health/personal/": {"stdnum"},
    "": {"pydantic", "orjson"},
}
HANDLER_IMPORTS = {
    "aws_lambda_powertools",
    "training_files.api",
    "training_files.bootstrap",
    "training_files.deadline",
    "training_files.domain",
    "training_files.ports.queue",
    "training_files.service",
}

MAX_HANDLER_LINES = 60


def imported(path: Path) -> Iterator[str]:
    """Everything that a module imports from outside the standard library, in functions and for types too.

    What is imported from a package of ours by the name of one of its modules is that module.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found = [f"{module}.{name.name}" if is_ours(f"{module}.{name.name}") else module for name in names]
            case ast.ImportFrom():
                found = ["a relative import"]
            case _:
                found = []
        yield from (name for name in found if name.split(".")[0] not in sys.stdlib_module_names)


def path_of(module: str) -> Path:
    return LAYER / f"{module.replace('.', '/')}.py"


def is_ours(module: str) -> bool:
    return module.startswith("training_files.") and path_of(module).is_file()


def place_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room_of(place: str) -> str:
    [room] = [room for room in ROOMS if place.startswith(room)]
    return room


def own_imports(path: Path) -> set[Path]:
    return {path_of(name) for name in imported(path) if is_ours(name)}


def is_known_to(place: str, imported_place: str) -> bool:
    """Whether those few who may know the room of an import include the module that imports it."""
    allowed = [who for room, who in KNOWN_BY.items() if imported_place.startswith(room)]
    return all(place.startswith(who) for who in allowed)


def not_allowed(path: Path, allowed: set[str]) -> list[str]:
    return [name for name in imported(path) if not any(f"{name}.".startswith(f"{known}.") for known in allowed)]


def files_of_the_project() -> list[Path]:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=PROJECT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return [path for name in names.split("\0") if name and (path := PROJECT / name).is_file()]


def test_the_drawing_has_every_room_and_no_other() -> None:
    assert {room_of(place_of(module)) for module in MODULES} == set(ROOMS)


def test_no_import_goes_round_in_a_circle() -> None:
    """Not even by a lazy import or one for types. A circle is raised as graphlib.CycleError, which names it."""
    list(TopologicalSorter({module: own_imports(module) for module in MODULES}).static_order())


def test_imports_go_down() -> None:
    imports = [(place_of(module), place_of(other)) for module in MODULES for other in own_imports(module)]
    floors = {place_of(module): ROOMS.index(room_of(place_of(module))) for module in MODULES}

    assert [(place, other) for place, other in imports if floors[other] < floors[place]] == []
    assert [(place, other) for place, other in imports if not is_known_to(place, other)] == []


def test_only_adapters_and_the_api_import_what_talks_to_the_outside() -> None:
    def libraries(module: Path) -> set[str]:
        return next(names for room, names in LIBRARIES.items() if place_of(module).startswith(room))

    found = {place_of(module): not_allowed(module, libraries(module) | {"training_files"}) for module in MODULES}

    assert {place: names for place, names in found.items() if names} == {}


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
        "difflib",
        "orjson",
        "realtime",
        "stdnum",
        "storage3",
        "supabase",
        "supabase_auth",
        "supabase_functions",
        "training_files.adapters.aws.secrets",
        "training_files.adapters.s3.object_store",
        "training_files.adapters.supabase.object_store",
        "training_files.api.calls",
        "training_files.api.description.openapi",
        "training_files.builds.attempts",
        "training_files.builds.planning",
        "training_files.builds.preparing",
        "training_files.builds.requesting",
        "training_files.builds.spool",
        "training_files.builds.waiting",
        "training_files.builds.worker",
        "training_files.choosing.listing",
        "training_files.choosing.refusing",
        "training_files.choosing.choices",
        "training_files.domain.balance.suggestions",
        "training_files.domain.exports.rows",
        "training_files.domain.training_file.formats",
        "training_files.exports.building",
        "training_files.exports.rendering",
        "training_files.exports.requesting",
        "training_files.records",
        "training_files.reports.reporting",
        "training_files.upkeep.announcing",
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
        "settings = settings_from({f'SUPABASE_{name}': 'https://a' for name in names}, None);"
        "print(type(application_from(settings).service.context.stores.training_files).__name__,"
        "*sys.modules, sep='\\n')"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603

    assert shown.stdout.startswith("S3ObjectStore\n")
    assert {"boto3", "botocore"}.intersection(shown.stdout.splitlines()) == set()


def test_handlers_hold_nothing_before_a_call_that_a_snapshot_must_not() -> None:
    """Instances that start from one snapshot share what was there: settings and keys, clients, connections.

    Without an environment there are no settings to hold.
    """
    code = (
        f"import sys; sys.path[:0] = [{str(LAYER)!r}]; import gc, runpy;"
        f"made = [runpy.run_path(path) for path in {[str(path) for path in PROJECT.glob('functions/*/app.py')]}];"
        "names = {f'{type(each).__module__}.{type(each).__qualname__}' for each in gc.get_objects()};"
        "print(len(made), *(name for name in names if name.endswith(('.Client', '.socket', 'Socket', 'Application'))))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env={})  # noqa: S603

    number, *held = shown.stdout.split()
    assert int(number) == len(list(PROJECT.glob("functions/*/app.py")))
    assert held == []


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


def test_no_file_names_a_package_registry_or_somebodys_home() -> None:
    """The project installs from wherever its user does, and runs wherever its user puts it."""
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "registry.yarnpkg" + ".com"]
    foreign = re.compile("|".join([*map(re.escape, hosts), r"/(?:home|root|Users)/" + r"\w"]).encode())
    found = {str(path.relative_to(PROJECT)): foreign.findall(path.read_bytes()) for path in files_of_the_project()}

    assert {name: matches for name, matches in found.items() if matches} == {}
