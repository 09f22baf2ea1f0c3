"""Leases of work in the background."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lease:
    """Which worker has a revision or an export, and for how long unless it renews the lease."""

    worker: UUID
    seconds: int
