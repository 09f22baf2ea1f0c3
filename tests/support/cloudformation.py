"""Reads the project's SAM template for tests: resources by type, and functions as SAM sees them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from infra.local_api.cloudformation import load_cloudformation

Properties = dict[str, Any]


@dataclass(frozen=True)
class SamTemplate:
    """A SAM template whose intrinsic functions stand in their long form, such as `{"Ref": name}`."""

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(load_cloudformation(path.read_text(encoding="utf-8")))

    @property
    def parameters(self) -> dict[str, Properties]:
        return dict(self.document["Parameters"])

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return dict(self.document["Resources"])

    def properties_by_type(self, resource_type: str) -> dict[str, Properties]:
        """The properties of every resource of a type, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.resources.items()
            if resource["Type"] == resource_type
        }

    @property
    def functions(self) -> dict[str, Properties]:
        """The properties of every function, those from Globals included."""
        common = self.document["Globals"]["Function"]
        own = self.properties_by_type("AWS::Serverless::Function")
        return {logical_id: _merged(common, properties) for logical_id, properties in own.items()}


def references(expression: object) -> set[str]:
    """The names that an expression refers to with `Ref`, `GetAtt` or `Sub`, without their attributes."""
    match expression:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::GetAtt": str(attribute)}:
            return {attribute.partition(".")[0]}
        case {"Fn::GetAtt": [str(logical_id), *_]}:
            return {logical_id}
        case {"Fn::Sub": [str(text), dict(own)]}:
            return references({"Fn::Sub": text}) - own.keys() | references(own)
        case {"Fn::Sub": str(text)}:
            names = re.findall(r"\$\{([^!}]+)\}", text)
            return {name.partition(".")[0] for name in names}
        case dict():
            return set().union(*map(references, expression.values()))
        case list():
            return set().union(*map(references, expression))
        case _:
            return set()


def _merged(common: Properties, own: Properties) -> Properties:
    """Both, as SAM merges Globals: mappings by key, lists by joining, otherwise the function's own."""
    merged = dict(common)
    for key, value in own.items():
        match common.get(key), value:
            case dict() as shared, dict():
                merged[key] = _merged(shared, value)
            case list() as shared, list():
                merged[key] = shared + value
            case _:
                merged[key] = value

    return merged
