"""What programs make of the description has names that somebody wants to type, each once."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from training_files.api.call import Call
from training_files.api.calls import CALLS
from training_files.api.description.names import NAMES
from training_files.api.description.openapi import document
from training_files.api.description.schemas import COMPONENTS, parameter_schemas

Json = dict[str, Any]

# What an operation begins with: what it does to the thing that it names.
VERBS = {
    *("add", "compare", "create", "delete", "get", "list", "receive", "refresh", "remove", "retry", "revert", "set"),
    *("tag", "untag", "update"),
}
# What the API is about, and needs no second word. Everything else says of what it is.
THINGS = {"Conversation", "Export", "Granularity", "Report", "Revision", "Suggestion"}
LONGEST_NAME = 32
IN_LISTS = ("anyOf", "oneOf", "allOf")
IN_PLACE = ("items", "additionalProperties", "propertyNames")

each_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation_id)


def components() -> dict[str, Json]:
    described: dict[str, Json] = document()["components"]["schemas"]
    return described


def inside(schema: Json) -> Iterator[Json]:
    """The schemas in a schema, without itself. Beside a reference nobody makes anything of them."""
    if "$ref" in schema:
        return
    parts = [*schema.get("properties", {}).values()]
    parts += [option for key in IN_LISTS for option in schema.get(key, [])]
    parts += [schema[key] for key in IN_PLACE if isinstance(schema.get(key), dict)]
    for part in parts:
        yield part
        yield from inside(part)


def of_operations() -> Iterator[Json]:
    """The schemas of all parameters, bodies and answers."""
    for path in document()["paths"].values():
        for operation in path.values():
            holders = [*operation["parameters"], *operation.get("requestBody", {}).get("content", {}).values()]
            for response in operation["responses"].values():
                holders += response.get("content", {}).values()
            yield from (holder["schema"] for holder in holders)


def everywhere() -> Iterator[Json]:
    """All schemas but the components themselves."""
    for schema in of_operations():
        yield schema
        yield from inside(schema)
    for component in components().values():
        yield from inside(component)


def names_what_it_is(name: str) -> bool:
    words = re.findall("[A-Z][a-z]+", name)
    return "".join(words) == name and (len(words) > 1 or name in THINGS) and len(name) <= LONGEST_NAME


def needs_a_name(schema: Json) -> bool:
    """Whether programs make a class of it."""
    return "$ref" not in schema and ("enum" in schema or schema.get("type") == "object")


def leaves_nothing_to(first: Json, second: Json) -> bool:
    """Whether all values of the second are ones of the first too, as far as a program looks that reads them."""
    properties, others = first["properties"], second["properties"]
    told_apart = any("const" in described and others.get(name) != described for name, described in properties.items())
    return not told_apart and set(first["required"]) <= set(second["required"])


@each_call
def test_an_operation_is_a_verb_and_what_it_is_done_to(call: Call) -> None:
    verb, _, noun = call.operation_id.partition("_")

    assert verb in VERBS
    assert re.fullmatch("[a-z]+(_[a-z]+)*", noun)


def test_every_operation_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(call.operation_id for call in CALLS).items() if count > 1] == []


@each_call
def test_a_tag_is_one_thing_or_two_words_for_it(call: Call) -> None:
    assert re.fullmatch("[A-Z][a-z]+( [a-z]+)?", call.tag)


def test_a_component_says_of_what_it_is() -> None:
    assert [name for name in components() if not names_what_it_is(name)] == []


@pytest.mark.parametrize("name", ["TrainingFile", "ExportFormat", "Report"])
def test_names_that_say_it(name: str) -> None:
    assert names_what_it_is(name)


@pytest.mark.parametrize("name", ["Item", "name_taken", "trainingFile", "CreateTrainingFileResponse201Data", "Cell"])
def test_names_that_do_not(name: str) -> None:
    assert not names_what_it_is(name)


def test_choices_and_objects_have_names() -> None:
    """If this fails, add the type to `training_files.api.description.names`."""
    assert [schema for schema in everywhere() if needs_a_name(schema)] == []


def test_no_component_is_a_choice_between_others() -> None:
    """Programs make a class of an object or an enumeration; of a choice they make classes called Type0 and Type1."""
    assert [name for name, schema in components().items() if set(IN_LISTS) & set(schema)] == []
    assert {schema["type"] for schema in components().values()} == {"object", "string"}


def test_every_component_is_used() -> None:
    used = {schema["$ref"].removeprefix(COMPONENTS) for schema in everywhere() if "$ref" in schema}

    assert used == set(components())


def test_every_name_stands_for_something_else() -> None:
    shapes = Counter(
        (*sorted(schema.get("enum", [])), str(schema.get("additionalProperties")), str(schema.get("propertyNames")))
        for name, schema in components().items()
        if name in NAMES
    )

    assert sum(shapes.values()) == len(NAMES)
    assert [shape for shape, count in shapes.items() if count > 1] == []


def test_a_list_says_of_what_it_is() -> None:
    schemas = [*everywhere(), *components().values()]

    assert [schema for schema in schemas if schema.get("type") == "array" and "items" not in schema] == []


def test_of_two_answers_the_one_that_says_more_is_tried_first() -> None:
    """Programs take the first that fits."""
    for schema in everywhere():
        options = [components()[option["$ref"].removeprefix(COMPONENTS)] for option in objects_among(schema)]
        for place, first in enumerate(options):
            assert not any(leaves_nothing_to(first, second) for second in options[place + 1 :]), schema


def test_an_answer_that_has_more_fields_is_one_that_has_fewer_too() -> None:
    built, of_a_dry_run, of_the_gateway = (
        components()[name] for name in ("BuiltAnswer", "DryRunAnswer", "GatewayAnswer")
    )

    assert leaves_nothing_to(built, of_a_dry_run)
    assert not leaves_nothing_to(of_a_dry_run, built)
    assert not leaves_nothing_to(of_the_gateway, built)


def objects_among(schema: Json) -> list[Json]:
    """The options of a choice that are objects."""
    options = [option for key in ("anyOf", "oneOf") for option in schema.get(key, []) if "$ref" in option]
    return [one for one in options if "properties" in components()[one["$ref"].removeprefix(COMPONENTS)]]


@each_call
def test_no_parameter_of_a_query_is_null(call: Call) -> None:
    parameters = parameter_schemas(call.query) if call.query else {}

    assert [name for name, schema in parameters.items() if {"type": "null"} in schema.get("anyOf", [])] == []


def test_a_parameter_that_can_be_two_things_is_either() -> None:
    class Query(BaseModel):
        one: int | None = None
        either: int | str | None = None

    integer, text = {"type": "integer"}, {"type": "string"}
    assert parameter_schemas(Query) == {"one": integer, "either": {"anyOf": [integer, text]}}


def test_a_default_stands_where_programs_look_for_it() -> None:
    """Beside a reference not all do."""
    assert [schema for schema in everywhere() if "$ref" in schema and "default" in schema] == []
