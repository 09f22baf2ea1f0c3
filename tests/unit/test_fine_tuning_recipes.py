"""The README's recipes for fine-tuning ask for what the API gives, and call services as they want to be called."""

import re
import shlex

import botocore.session
import pytest
from botocore.model import OperationModel

from tests.support.readme import fine_tuning_section, recipes
from training_files.api.exports.requests import CreateExportRequest
from training_files.domain.exports.targets import TARGETS, TargetName

TARGETS_OF: dict[str, TargetName] = {
    "TRL": "trl",
    "Axolotl": "axolotl",
    "LLaMA-Factory": "llama_factory",
    "MLX-LM": "mlx_lm",
    "Unsloth": "unsloth",
    "Amazon Bedrock": "bedrock_nova",
    "Together AI": "together",
    "Fireworks AI": "fireworks",
    "Gemini on Vertex AI": "gemini",
    "Tinker": "tinker",
    "Azure OpenAI": "azure_openai",
    "OpenAI": "openai",
}
every_recipe = pytest.mark.parametrize("name", TARGETS_OF)


def bedrock_call(command: str) -> tuple[OperationModel, dict[str, str]]:
    """The operation of Amazon's API that a command line of its tool calls, and the values by their names there."""
    _, service, operation, *options = shlex.split(command)
    names = (option.removeprefix("--") for option in options[::2])
    model = botocore.session.get_session().get_service_model(service)
    values = {_camel(name): value for name, value in zip(names, options[1::2], strict=True)}
    return model.operation_model(_camel(operation, upper=True)), values


def _camel(name: str, *, upper: bool = False) -> str:
    words = re.sub(r"-(.)", lambda found: found[1].upper(), name)
    return words[0].upper() + words[1:] if upper else words


def test_there_is_a_recipe_of_five_commands_for_each_and_what_stays_comes_first() -> None:
    assert {name: len(recipe.commands) for name, recipe in recipes().items()} == dict.fromkeys(TARGETS_OF, 5)
    assert list(recipes()) == list(TARGETS_OF)
    assert list(TARGETS_OF.values()) == [name for name in TARGETS if name in TARGETS_OF.values()]


@every_recipe
def test_it_asks_for_an_export_with_a_bundle_in_a_format_that_suits_the_target(name: str) -> None:
    request = CreateExportRequest.model_validate(recipes()[name].request)

    assert request.bundle
    assert request.format == TARGETS[TARGETS_OF[name]].best(request.granularity)


def test_the_formats_that_it_names_for_single_turns_are_the_recommended_ones() -> None:
    closing = fine_tuning_section().rpartition("```")[2]

    for target in ("openai", "azure_openai", "together", "fireworks", "axolotl"):
        assert TARGETS[target].turn == "messages_weight"
        assert TARGETS[target].title.split()[0] in closing
    assert TARGETS["trl"].turn == "prompt_completion"


def test_bedrock_and_gemini_are_asked_for_a_model_that_they_fine_tune() -> None:
    for name, target in (("Amazon Bedrock", "bedrock_nova"), ("Gemini on Vertex AI", "gemini")):
        commands = " ".join(recipes()[name].commands)
        assert [model for model in TARGETS[target].models if model.id in commands and not model.closed_from]


@pytest.mark.parametrize("place", [3, 4])
def test_bedrock_knows_each_option_and_gets_those_that_it_needs(place: int) -> None:
    operation, values = bedrock_call(recipes()["Amazon Bedrock"].commands[place])
    known = operation.input_shape.members

    assert set(operation.input_shape.required_members) <= set(values) <= set(known)
    for name, value in values.items():
        if known[name].type_name == "structure":
            assert value.partition("=")[0] in known[name].members
        if enum := getattr(known[name], "enum", None):
            assert value in enum
