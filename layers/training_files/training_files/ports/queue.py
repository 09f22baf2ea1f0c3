"""The queues: builds in the background, and enriched conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as a worker gets it: how often by now, and after how long again if the work breaks off."""

    number: int = 1
    seconds_to_the_next: int | None = None


# What is not a message of a queue, such as a build that Python code asks for.
ONLY_DELIVERY = Delivery()


class BuildQueue(Protocol):
    """Where builds in the background wait for a worker. Each is handed out at least once."""

    def send(self, revision_id: UUID) -> None: ...

    def send_export(self, export_id: UUID) -> None: ...


# Before the id of every training file.
NOT_OFFERED = UUID(int=0)


class EnrichedQueue(Protocol):
    """Where enriched conversations wait to be looked at by the collection rules."""

    def send(self, offered: Mapping[UUID, UUID]) -> None:
        """Conversations, each with the training file up to which it was offered already, or NOT_OFFERED."""
