"""The queue of builds in memory."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class InMemoryQueue:
    """Implements `training_files.ports.queue.BuildQueue`. Messages stay until a test takes them out."""

    waiting: list[UUID] = field(default_factory=list)
    waiting_exports: list[UUID] = field(default_factory=list)

    def send(self, revision_id: UUID) -> None:
        self.waiting.append(revision_id)

    def send_export(self, export_id: UUID) -> None:
        self.waiting_exports.append(export_id)
