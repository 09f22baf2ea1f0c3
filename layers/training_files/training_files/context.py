"""What every use case works with, and for whom it works."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from training_files.domain.conversation.conversation import USABLE_STATUSES, EnrichedPaths, EnrichmentStatus
from training_files.domain.exports.sharding import ExportShards
from training_files.ports.builds import BuildRepository
from training_files.ports.conversations import ConversationRepository
from training_files.ports.events import EventBus, Outbox
from training_files.ports.executions import Executions
from training_files.ports.exports import ExportRepository
from training_files.ports.members import MemberRepository
from training_files.ports.objects import ObjectStores
from training_files.ports.queue import BuildQueue
from training_files.ports.reports import ReportRepository
from training_files.ports.revisions import RevisionRepository
from training_files.ports.shards import ShardRepository
from training_files.ports.tags import TagRepository
from training_files.ports.training_files import TrainingFileRepository


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator has set.

    `all_conversations` lifts the limit to conversations of the caller and ownerless ones. `default_target_model` is for
    requests that name none. `enriched_paths` is where enriched files may lie, `usable_statuses` what
    conversations may have gone through to be used. `export_shards` is where an export goes beyond one worker.
    """

    all_conversations: bool = False
    default_target_model: str | None = None
    enriched_paths: EnrichedPaths = "own"
    usable_statuses: tuple[EnrichmentStatus, ...] = USABLE_STATUSES
    export_shards: ExportShards = field(default_factory=ExportShards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The outside as ports, the clock, the source of ids, and the user for whom a use case acts.

    Without an `owner` it is trusted and sees the training files of every user. Without a `queue` nothing is built in
    the background, without `executions` one worker does all of a build, without an `event_bus` nothing is announced.
    """

    conversations: ConversationRepository
    training_files: TrainingFileRepository
    revisions: RevisionRepository
    members: MemberRepository
    builds: BuildRepository
    exports: ExportRepository
    reports: ReportRepository
    tags: TagRepository
    shards: ShardRepository
    stores: ObjectStores
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    queue: BuildQueue | None = None
    executions: Executions | None = None
    outbox: Outbox | None = None
    event_bus: EventBus | None = None
    options: Options = Options()
    owner: UUID | None = None

    def acting_for(self, owner: UUID) -> "Context":
        """The same context, in which only the training files of `owner` exist."""
        return replace(self, owner=owner)
