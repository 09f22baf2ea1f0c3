"""Reads CloudFormation YAML and resolves its intrinsic functions as far as that is possible without AWS."""

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

import yaml

Value = Any
"""Whatever YAML can hold; what a value is shows only where it is used."""


class Outcome(Enum):
    """What an expression comes to when it is not a plain value."""

    UNRESOLVED = auto()
    """Only a deployment could tell, as for the ARN of a queue."""
    NO_VALUE = auto()
    """`AWS::NoValue`: the property is to be treated as if it were absent."""


ACCOUNT_ID = "000000000000"

_PSEUDO_PARAMETERS: Mapping[str, Value] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::NoValue": Outcome.NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "local",
    "AWS::URLSuffix": "amazonaws.com",
}


class _TemplateLoader(yaml.SafeLoader):
    """A safe loader that also reads the short forms, such as `!Ref` and `!Sub`."""


def _construct_intrinsic(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Value]:
    argument: Value
    match node:
        case yaml.MappingNode():
            argument = loader.construct_mapping(node, deep=True)
        case yaml.SequenceNode():
            argument = loader.construct_sequence(node, deep=True)
        case _:
            argument = loader.construct_scalar(node)  # type: ignore[arg-type]  # The only kind left.
    if name == "GetAtt" and isinstance(argument, str):
        # The long form takes text only in YAML.
        argument = argument.split(".", 1)

    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": argument}


_TemplateLoader.add_multi_constructor("!", _construct_intrinsic)


def load_cloudformation(text: str) -> Value:
    """The document with every short form written as its long one, such as `{"Ref": name}`, and every loop written out.

    Raises `yaml.YAMLError` when the text is not YAML.
    """
    loader = _TemplateLoader(text)
    try:
        return _with_loops_written_out(loader.get_single_data())
    finally:
        loader.dispose()


def _with_loops_written_out(value: Value) -> Value:
    """What `Fn::ForEach` of AWS::LanguageExtensions makes of a mapping: its entries once for each item of its list.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
    """
    match value:
        case list():
            return [_with_loops_written_out(item) for item in value]
        case dict():
            entries: dict[Value, Value] = {}
            for key, item in value.items():
                if isinstance(key, str) and key.startswith("Fn::ForEach::"):
                    name, items, body = item
                    for each in items:
                        entries |= _with_loops_written_out(_with_item(body, name, each))
                else:
                    entries[key] = _with_loops_written_out(item)
            return entries
        case _:
            return value


def _with_item(value: Value, name: str, item: str) -> Value:
    """The body of a loop with the item in the place of its name. What `Fn::Sub` has nothing left to fill is text."""
    match value:
        case {"Ref": str(referred), **rest} if referred == name and not rest:
            return item
        case {"Fn::Sub": str(text), **rest} if "${" not in text.replace(f"${{{name}}}", item) and not rest:
            return text.replace(f"${{{name}}}", item)
        case dict():
            return {_with_item(key, name, item): _with_item(each, name, item) for key, each in value.items()}
        case list():
            return [_with_item(each, name, item) for each in value]
        case str():
            return value.replace(f"${{{name}}}", item)
        case _:
            return value


def parameter_values(document: Mapping[str, Value], overrides: Mapping[str, str]) -> dict[str, Value]:
    """The values of the template's parameters: the override, else the default, else `UNRESOLVED`."""
    return {
        name: _parameter_value(declaration, overrides.get(name, declaration.get("Default")))
        for name, declaration in document.get("Parameters", {}).items()
    }


def _parameter_value(declaration: Mapping[str, Value], value: Value) -> Value:
    if value is None:
        return Outcome.UNRESOLVED
    is_list = str(declaration.get("Type", "")).startswith(("CommaDelimitedList", "List<"))

    return [item.strip() for item in str(value).split(",")] if is_list else value


class Resolver:
    """Resolves expressions against the parameters, mappings and conditions of one template.

    `resources` says what resources that exist come to: `Queue` is what `Ref` gives, `Queue.Arn` what `GetAtt` does.
    """

    def __init__(
        self,
        document: Mapping[str, Value],
        parameters: Mapping[str, Value],
        resources: Mapping[str, Value] | None = None,
    ) -> None:
        self._names = {**_PSEUDO_PARAMETERS, **parameters, **(resources or {})}
        self._mappings: Mapping[str, Value] = document.get("Mappings", {})
        self._conditions: Mapping[str, Value] = document.get("Conditions", {})
        self._functions: Mapping[str, Callable[[Value], Value]] = {
            "Ref": self._ref,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }
        self._tests: Mapping[str, Callable[[Value], bool]] = {
            "Condition": self.holds,
            "Fn::And": lambda tests: all(self._test(test) for test in tests),
            "Fn::Equals": lambda pair: str(self.resolve(pair[0])) == str(self.resolve(pair[1])),
            "Fn::Not": lambda tests: not self._test(tests[0]),
            "Fn::Or": lambda tests: any(self._test(test) for test in tests),
        }

    def resolve(self, value: Value) -> Value:
        """The plain value; whole expressions that cannot be resolved become an `Outcome`.

        Entries of lists and mappings that come to `AWS::NoValue` are left out.
        """
        match value:
            case list():
                items = [self.resolve(item) for item in value]
                return [item for item in items if item is not Outcome.NO_VALUE]
            case dict() if len(value) == 1 and _is_intrinsic(name := next(iter(value))):
                function = self._functions.get(name)
                return function(value[name]) if function else Outcome.UNRESOLVED
            case dict():
                entries = {key: self.resolve(item) for key, item in value.items()}
                return {key: item for key, item in entries.items() if item is not Outcome.NO_VALUE}
            case _:
                return value

    def holds(self, condition: str) -> bool:
        """Whether the named condition of the template is true."""
        return self._test(self._conditions[condition])

    def _test(self, expression: Mapping[str, Value]) -> bool:
        ((name, argument),) = expression.items()
        return self._tests[name](argument)

    def _ref(self, name: str) -> Value:
        return self._names.get(name, Outcome.UNRESOLVED)

    def _get_att(self, argument: str | list[str]) -> Value:
        return self._ref(argument if isinstance(argument, str) else ".".join(argument))

    def _find_in_map(self, argument: list[Value]) -> Value:
        found: Any = self._mappings
        for key in self.resolve(argument):
            if key is Outcome.UNRESOLVED:
                return key
            found = found[key]
        return found

    def _if(self, argument: list[Value]) -> Value:
        condition, when_true, when_false = argument
        return self.resolve(when_true if self.holds(condition) else when_false)

    def _join(self, argument: list[Value]) -> Value:
        separator, items = argument[0], self.resolve(argument[1])
        if items is Outcome.UNRESOLVED or Outcome.UNRESOLVED in items:
            return Outcome.UNRESOLVED
        return str(separator).join(str(item) for item in items)

    def _select(self, argument: list[Value]) -> Value:
        index, items = self.resolve(argument)
        return items if items is Outcome.UNRESOLVED else items[int(index)]

    def _split(self, argument: list[Value]) -> Value:
        separator, text = argument[0], self.resolve(argument[1])
        return text if text is Outcome.UNRESOLVED else str(text).split(separator)

    def _sub(self, argument: str | list[Value]) -> Value:
        text, extra = (argument, {}) if isinstance(argument, str) else argument
        names = {**self._names, **self.resolve(extra)}
        wanted = set(re.findall(r"\$\{([^!}]+)\}", text))
        if any(names.get(name, Outcome.UNRESOLVED) is Outcome.UNRESOLVED for name in wanted):
            return Outcome.UNRESOLVED

        filled = re.sub(r"\$\{([^!}]+)\}", lambda match: str(names[match[1]]), text)
        return filled.replace("${!", "${")


def _is_intrinsic(key: Value) -> bool:
    return isinstance(key, str) and (key == "Ref" or key.startswith("Fn::"))
