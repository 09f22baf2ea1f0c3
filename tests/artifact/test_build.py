"""What `sam build` makes for deployment can run on Lambda and carries nothing else."""

import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.support.cloudformation import SamTemplate

pytestmark = [pytest.mark.artifact, pytest.mark.slow]

PROJECT = Path(__file__).parents[2]
FUNCTIONS = SamTemplate.read(PROJECT / "template.yaml").functions
(RUNTIME,) = {function["Runtime"] for function in FUNCTIONS.values()}
CPYTHON_OF_THE_RUNTIME = "cpython-" + RUNTIME.removeprefix("python").replace(".", "")

LAMBDA_UNZIPPED_LIMIT_BYTES = 250 * 1024 * 1024
ELF_MAGIC = b"\x7fELF"
ELF_MACHINE_AARCH64 = 0xB7
# https://peps.python.org/pep-0552/
PYC_UNCHECKED_HASH = (1).to_bytes(4, "little")


@pytest.fixture(scope="session")
def layer(deployment_build: Path) -> Path:
    """What Lambda shows as /opt/python."""
    return deployment_build / "TrainingFilesLayer" / "python"


def shared_objects(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if re.search(r"\.(so|dylib|pyd)(\.|$)", path.name)]


def elf_machine(path: Path) -> int | None:
    """The processor that a binary is for, or None when it is not an ELF binary."""
    header = path.read_bytes()[:20]
    return int.from_bytes(header[18:20], "little") if header.startswith(ELF_MAGIC) else None


def size_in_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def locked_packages() -> dict[str, str]:
    """Names and versions in the layer's lock."""
    lock = (PROJECT / "requirements/layer.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock, re.MULTILINE))


def test_every_binary_is_for_lambdas_processor(layer: Path) -> None:
    binaries = shared_objects(layer)

    assert binaries
    assert {path.name: elf_machine(path) for path in binaries} == {path.name: ELF_MACHINE_AARCH64 for path in binaries}


def test_version_specific_binaries_are_for_the_functions_python(layer: Path) -> None:
    versions = {found[0] for path in shared_objects(layer) if (found := re.search(r"cpython-\d+", path.name))}

    assert versions == {CPYTHON_OF_THE_RUNTIME}


def test_the_layer_holds_the_whole_package(layer: Path) -> None:
    source = PROJECT / "layers/training_files"
    expected = {path.relative_to(source) for path in source.rglob("*.py")}

    assert expected == {path.relative_to(layer) for path in layer.glob("training_files/**/*.py")}
    assert (layer / "training_files/py.typed").is_file()


def test_the_layer_holds_exactly_what_the_lock_names(layer: Path) -> None:
    installed = {
        distribution.metadata["Name"].lower().replace("_", "-"): distribution.version
        for distribution in distributions(path=[str(layer)])
    }

    assert installed == locked_packages()


def test_the_layer_leaves_to_lambda_what_lambda_brings(layer: Path) -> None:
    assert not [name for name in ("boto3", "botocore", "awslambdaric") if (layer / name).exists()]


def test_the_layer_carries_no_tests_and_no_commands(layer: Path) -> None:
    assert not list(layer.rglob("tests"))
    assert not (layer / "bin").exists()


def test_bytecode_is_for_the_functions_python_and_believed_without_a_look_at_the_source(layer: Path) -> None:
    """A layer's files get new times when Lambda unpacks them: bytecode that compares times is never used."""
    kinds = {(path.suffixes[-2], path.read_bytes()[4:8]) for path in layer.rglob("*.pyc")}

    # Empty where the building machine has no Python of the runtime's version.
    assert kinds <= {(f".{CPYTHON_OF_THE_RUNTIME}", PYC_UNCHECKED_HASH)}


def test_functions_and_layer_together_fit_lambdas_limit(deployment_build: Path, layer: Path) -> None:
    largest_function = max(size_in_bytes(deployment_build / name) for name in FUNCTIONS)

    assert size_in_bytes(layer) + largest_function < LAMBDA_UNZIPPED_LIMIT_BYTES


def test_a_function_holds_only_its_handler(deployment_build: Path) -> None:
    held = {name: [path.name for path in (deployment_build / name).rglob("*")] for name in FUNCTIONS}

    assert held == {name: ["app.py"] for name in FUNCTIONS}


def test_the_host_build_needs_nothing_but_itself(host_build: Path) -> None:
    """A bare interpreter, without the packages of this environment, can import it."""
    layer = host_build.parent / "TrainingFilesLayer" / "python"
    program = "import sys; sys.path.insert(0, sys.argv[1]); import training_files, supabase, jwt, orjson, pydantic"

    finished = subprocess.run(  # noqa: S603  # The interpreter of these tests, with the program above.
        [sys.executable, "-I", "-S", "-B", "-c", program, str(layer)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
