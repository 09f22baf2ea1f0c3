"""The queue of builds in the background."""

from typing import Protocol
from uuid import UUID


class BuildQueue(Protocol):
    """Where builds in the background wait for a worker. Each is handed out at least once."""

    def send(self, revision_id: UUID) -> None: ...

    def send_export(self, export_id: UUID) -> None: ...
