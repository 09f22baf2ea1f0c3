"""Who has an export that is made in shards: its execution, whichever of its workers is at it."""

from typing import Any
from uuid import UUID

from training_files.ports.leases import Lease

# Longer than a step can last: every step renews it, when it begins and when it ends.
LEASE_SECONDS = 1200
LONGEST_REASON = 500


def lease_of_shards(export_id: UUID) -> Lease:
    return Lease(export_id, LEASE_SECONDS)


def broke_off(reason: str) -> dict[str, Any]:
    """The error of an export that ended for a reason that the state machine gave."""
    said = reason.strip().rstrip(".")[:LONGEST_REASON]
    return {"message": f"The export broke off: {said}. Ask for it again."}
