"""The README's recipes name packages that bring what is called, on files that are in the bundle that they unpack."""

from decimal import Decimal
from importlib.metadata import distribution, entry_points

import pytest

from tests.support.readme import recipes
from tests.trainers.exports import Exported, Exports
from training_files.domain.exports.export import ExportSplit
from training_files.domain.exports.recipes import COMMANDS
from training_files.domain.exports.targets import TargetName

TRAINERS: dict[str, TargetName] = {
    "TRL": "trl",
    "Axolotl": "axolotl",
    "LLaMA-Factory": "llama_factory",
    "MLX-LM": "mlx_lm",
}
# It cannot be installed beside the others.
ELSEWHERE = {"llamafactory"}
BUILT_IN = {"python"}


def asked_for(exports: Exports, name: str) -> Exported:
    request = recipes()[name].request
    # As JSON gives it to the API, but that this file is small: of its 40 conversations a tenth may be none.
    split = {share: Decimal(str(value)) * 2 for share, value in request.get("split", {}).items()}
    return exports.of(request["format"], split=ExportSplit.model_validate(split) if split else None)


@pytest.mark.parametrize("name", TRAINERS)
def test_a_trainer_is_called_as_its_bundle_says_on_a_file_in_it(exports: Exports, name: str) -> None:
    called = recipes()[name].commands[-1]

    assert called == COMMANDS[TRAINERS[name]]
    assert (asked_for(exports, name).folder / called.split()[-1]).is_file()


@pytest.mark.parametrize("name", TRAINERS)
def test_the_packages_that_are_installed_bring_the_command(name: str) -> None:
    *_, installing, called = recipes()[name].commands
    packages = set(installing.removeprefix("pip install ").split()) - ELSEWHERE
    commands = {script.name for script in entry_points(group="console_scripts")} | BUILT_IN

    assert all(distribution(package).version for package in packages)
    assert called.split()[0] in commands or not packages


@pytest.mark.parametrize(
    "name", ["Amazon Bedrock", "Together AI", "Fireworks AI", "Gemini on Vertex AI", "Azure OpenAI", "OpenAI"]
)
def test_what_is_uploaded_is_in_the_bundle(exports: Exports, name: str) -> None:
    commands = " ".join(recipes()[name].commands)

    assert "train.jsonl" in commands
    assert asked_for(exports, name).file("train").stat().st_size > 0
