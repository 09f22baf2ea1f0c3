"""Reads from a SAM template what it takes to serve its HTTP API here: functions, layers, routes and CORS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from infra.local_api.cloudformation import Outcome, Resolver, Value, load_cloudformation, parameter_values
from infra.local_api.errors import TemplateError

DEFAULT_ROUTE = "$default"
GATEWAY_TIMEOUT_SECONDS = 30.0

_FUNCTION = "AWS::Serverless::Function"
_HTTP_API = "AWS::Serverless::HttpApi"
_LAYER = "AWS::Serverless::LayerVersion"


@dataclass(frozen=True, kw_only=True)
class Cors:
    """The CORS configuration of an HTTP API."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method and path of the API and the logical id of the function that answers it."""

    method: str
    path: str
    function: str
    timeout_seconds: float = GATEWAY_TIMEOUT_SECONDS

    @property
    def key(self) -> str:
        return DEFAULT_ROUTE if self.path == DEFAULT_ROUTE else f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One Lambda function; `layers` are the folders that its layers add to the import path."""

    logical_id: str
    code: Path
    handler: str
    timeout_seconds: float
    memory_megabytes: int
    environment: Mapping[str, str]
    layers: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTemplate:
    """Everything of a SAM template that this machine serves."""

    functions: Mapping[str, FunctionSpec]
    routes: tuple[Route, ...]
    cors: Cors | None


def read_template(
    path: Path, parameters: Mapping[str, str] | None = None, resources: Mapping[str, str] | None = None
) -> ApiTemplate:
    """Read a SAM template as it stands in the source tree, or as `sam build` left it.

    Values that only a deployment could know become empty strings, unless `resources` tells them, as `Resolver` takes
    them. Raises `TemplateError`.
    """
    return _TemplateReader(path.resolve(), parameters or {}, resources or {}).read()


class _TemplateReader:
    def __init__(self, path: Path, parameters: Mapping[str, str], resources: Mapping[str, str]) -> None:
        document = _load(path)
        self._path = path
        self._globals: Mapping[str, Value] = document.get("Globals", {})
        self._resolver = Resolver(document, parameter_values(document, parameters), resources)
        self._resources: Mapping[str, Value] = {
            logical_id: resource
            for logical_id, resource in document["Resources"].items()
            if "Condition" not in resource or self._resolver.holds(resource["Condition"])
        }

    def read(self) -> ApiTemplate:
        functions = {
            logical_id: _with_globals(self._globals.get("Function", {}), resource.get("Properties", {}))
            for logical_id, resource in self._of_type(_FUNCTION)
        }
        return ApiTemplate(
            functions={logical_id: self._function(logical_id, it) for logical_id, it in functions.items()},
            routes=tuple(route for logical_id, it in functions.items() for route in self._routes(logical_id, it)),
            cors=self._cors(),
        )

    def _of_type(self, resource_type: str) -> Iterator[tuple[str, Mapping[str, Value]]]:
        for logical_id, resource in self._resources.items():
            if resource["Type"] == resource_type:
                yield logical_id, resource

    def _function(self, logical_id: str, properties: Mapping[str, Value]) -> FunctionSpec:
        return FunctionSpec(
            logical_id=logical_id,
            code=self._folder(logical_id, properties, "CodeUri"),
            handler=str(properties["Handler"]),
            timeout_seconds=float(self._resolver.resolve(properties.get("Timeout", 3))),
            memory_megabytes=int(self._resolver.resolve(properties.get("MemorySize", 128))),
            environment=self._environment(properties),
            layers=tuple(self._layers(logical_id, properties)),
        )

    def _environment(self, properties: Mapping[str, Value]) -> Mapping[str, str]:
        variables = self._resolver.resolve(properties.get("Environment", {}).get("Variables", {}))
        return {name: _text(value) for name, value in variables.items()}

    def _layers(self, logical_id: str, properties: Mapping[str, Value]) -> Iterator[Path]:
        layers = dict(self._of_type(_LAYER))
        for reference in properties.get("Layers", []):
            name = reference.get("Ref") if isinstance(reference, dict) else reference
            if name not in layers:
                raise TemplateError(f"{logical_id} uses the layer {reference}, which {self._path} lacks.")
            content = self._folder(name, layers[name]["Properties"], "ContentUri")
            yield content / "python" if (content / "python").is_dir() else content

    def _folder(self, logical_id: str, properties: Mapping[str, Value], key: str) -> Path:
        folder = self._path.parent / str(properties.get(key))
        if not folder.is_dir():
            raise TemplateError(f"The {key} of {logical_id} is no folder: {folder}")
        return folder.resolve()

    def _routes(self, logical_id: str, properties: Mapping[str, Value]) -> Iterator[Route]:
        for event in properties.get("Events", {}).values():
            if event["Type"] != "HttpApi":
                continue
            where = self._resolver.resolve(event.get("Properties") or {})
            timeout_seconds = where.get("TimeoutInMillis", GATEWAY_TIMEOUT_SECONDS * 1000) / 1000
            yield Route(
                method=where.get("Method", "ANY").upper(),
                path=where.get("Path", DEFAULT_ROUTE),
                function=logical_id,
                timeout_seconds=min(timeout_seconds, GATEWAY_TIMEOUT_SECONDS),
            )

    def _cors(self) -> Cors | None:
        own = [resource.get("Properties", {}) for _, resource in self._of_type(_HTTP_API)]
        if len(own) > 1:
            raise TemplateError(f"{self._path} has {len(own)} HTTP APIs; only one can be served.")
        properties = _with_globals(self._globals.get("HttpApi", {}), own[0] if own else {})
        configuration = self._resolver.resolve(properties.get("CorsConfiguration"))

        return _cors_of(configuration)


def _load(path: Path) -> Mapping[str, Value]:
    try:
        document = load_cloudformation(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TemplateError(f"There is no template {path}.") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(document, dict) or "Resources" not in document:
        raise TemplateError(f"{path} is no SAM template: it has no Resources.")
    return document


def _with_globals(common: Value, own: Value) -> Value:
    """As SAM merges Globals: mappings by key, lists one after the other, anything else replaced."""
    if isinstance(common, dict) and isinstance(own, dict):
        merged = {key: _with_globals(common[key], own[key]) for key in common.keys() & own.keys()}
        return {**common, **own, **merged}
    if isinstance(common, list) and isinstance(own, list):
        return [*common, *own]
    return own


def _cors_of(configuration: Value) -> Cors | None:
    match configuration:
        case dict():
            return Cors(
                allow_origins=_words(configuration.get("AllowOrigins")),
                allow_methods=_words(configuration.get("AllowMethods")),
                allow_headers=_words(configuration.get("AllowHeaders")),
                expose_headers=_words(configuration.get("ExposeHeaders")),
                allow_credentials=_text(configuration.get("AllowCredentials", False)) == "true",
                max_age_seconds=None if (age := configuration.get("MaxAge")) is None else int(age),
            )
        case True:
            return Cors(allow_origins=("*",))
        case _:
            return None


def _words(values: Value) -> tuple[str, ...]:
    return tuple(_text(value) for value in values) if isinstance(values, list) else ()


def _text(value: Value) -> str:
    match value:
        case Outcome.UNRESOLVED:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)
