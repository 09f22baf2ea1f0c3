"""All ports of the database in memory, as one object over the same rows.

As the other fakes, `tests/contract` holds it to the same promises as the adapters.
"""

from tests.support.fakes.conversations import InMemoryConversations
from tests.support.fakes.members import InMemoryMembers
from tests.support.fakes.refreshes import InMemoryRefreshes
from tests.support.fakes.reports import InMemoryReports
from tests.support.fakes.revisions import InMemoryRevisions
from tests.support.fakes.shards import InMemoryShards
from tests.support.fakes.tags import InMemoryTags
from tests.support.fakes.training_files import InMemoryTrainingFiles


class InMemoryRepository(
    InMemoryConversations,
    InMemoryTrainingFiles,
    InMemoryRevisions,
    InMemoryMembers,
    InMemoryRefreshes,
    InMemoryShards,
    InMemoryReports,
    InMemoryTags,
):
    """Implements `tests.support.repositories.Repository`. Each method is one transaction."""
