"""Ports whose calls go wrong as a test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from training_files.errors import UpstreamUnavailableError
from training_files.ports.objects import StoredPart


@dataclass(slots=True)
class Trouble:
    """Lets one call of a port fail, by its label, such as `commit_revision` or `write training.json`.

    With `has_effect` the call is carried out and its answer lost. With `lasting` every later call fails as well,
    without effect: Supabase is gone. `meanwhile` is what others do just before calls of that label. `number` tells
    which call of that label fails, and `error` how: as what a process does that is gone, for example.
    """

    label: str = ""
    has_effect: bool = False
    lasting: bool = False
    meanwhile: tuple[str, Callable[[], object]] | None = None
    number: int = 1
    error: type[Exception] = UpstreamUnavailableError
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    _lock: RLock = field(default_factory=RLock)

    @contextmanager
    def around(self, label: str) -> Iterator[None]:
        """The call, one at a time."""
        with self._lock:
            self.calls.append(label)
            if self.meanwhile and self.meanwhile[0] == label:
                self.meanwhile[1]()
            strikes = label == self.label and self.calls.count(label) == self.number
            if self.is_down or (strikes and not self.has_effect):
                self._fail(label)
            yield
            if strikes:
                self._fail(label)

    def _fail(self, label: str) -> None:
        self.is_down = self.lasting
        raise self.error(f"{label} failed")


class TroubledPort:
    """A port whose calls go wrong as its trouble says."""

    def __init__(self, port: object, trouble: Trouble, label_of: Callable[[str, Any], str]) -> None:
        self._port = port
        self._trouble = trouble
        self._label_of = label_of

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            with self._trouble.around(self._label_of(method, arguments)):
                return getattr(self._port, method)(*arguments, **keywords)

        return call


def label_of_rows(method: str, _arguments: Any) -> str:
    return method


def label_of_object(method: str, arguments: Any) -> str:
    """The method with the file name: folders have new names each time."""
    path = arguments[0].path if isinstance(arguments[0], StoredPart) else arguments[0]
    return f"{method} {path.rpartition('/')[2]}" if isinstance(path, str) else method
