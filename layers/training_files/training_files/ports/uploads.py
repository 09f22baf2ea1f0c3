"""Uploads that a lost worker began."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from training_files.errors import NotSetUpError, UpstreamUnavailableError


@dataclass(slots=True)
class AbortedUploads:
    """How many uploads were aborted, and of which revisions some were not."""

    count: int = 0
    failures: dict[UUID, NotSetUpError | UpstreamUnavailableError] = field(default_factory=dict)


class Uploads(Protocol):
    """Objects on their way into the bucket, where the object store sends them in parts."""

    def abort(self, revision_ids: Sequence[UUID]) -> AbortedUploads:
        """Aborts what was begun for objects of these revisions and is not complete.

        Raises UpstreamUnavailableError or NotSetUpError when it cannot be known what was begun.
        """
