"""The rows of all conversations of a revision, in as many pages as memory asks for."""

from collections.abc import Iterator
from uuid import UUID

from training_files.domain.training_file.revision import Membership
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.reports import ReportRepository

ROWS_AT_ONCE = 1000
# What is kept of a conversation has about so many bytes, and so many more for each training pair.
PAGE_BYTES, ROW_BYTES, PAIR_BYTES = 8 * 1024 * 1024, 1_000, 150


def rows_at_once(training_file: TrainingFile) -> int:
    """As many rows as memory has room for at once; fewer than usual where conversations have hundreds of pairs."""
    pairs = training_file.total_training_pairs // max(training_file.conversation_count, 1)
    return max(1, min(ROWS_AT_ONCE, PAGE_BYTES // (ROW_BYTES + PAIR_BYTES * pairs)))


def memberships(
    reports: ReportRepository, training_file_id: UUID, *, revision: int, limit: int
) -> Iterator[Membership]:
    """All rows in file order, read `limit` at once."""
    position = 0
    while page := reports.list_memberships(training_file_id, revision=revision, limit=limit, after_position=position):
        yield from page
        position = page[-1].position
