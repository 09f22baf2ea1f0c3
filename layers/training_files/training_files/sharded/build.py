"""The steps of a build beyond one worker. Each is a call of its own, and may be made again, also beside itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError
from training_files.background.sharded_work import WorkEndedError
from training_files.builds.attempts import Attempt, remove_objects
from training_files.builds.leased_revision import LeasedRevision, NothingLeftError, claimed_revision
from training_files.builds.planning import PlannedRevision
from training_files.builds.writing import write_revision
from training_files.catalog.finding import existing
from training_files.catalog.folders import left_to_housekeeping, remove_objects_at
from training_files.choosing.choices import in_parts
from training_files.context import Context
from training_files.domain.limits import SHARDED_LEASE_SECONDS
from training_files.errors import (
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFilesError,
    UpstreamUnavailableError,
)
from training_files.ports.leases import Lease
from training_files.ports.objects import ObjectMissingError
from training_files.sharded.assembled import Assembled, begin_assembling, note_assembled, read_assembled
from training_files.sharded.finished_shards import FinishedShards
from training_files.sharded.joining import joined_pieces
from training_files.sharded.planning import plan_from_shards
from training_files.sharded.refusing import refuse_faults_of, refuse_too_large
from training_files.sharded.replacing import plan_refresh
from training_files.sharded.shard import build_shard

FAILED_SHARDS_NAMED = 20
TRIES_AT_ONCE = 25


def _tell_nobody(_: UUID) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ShardedBuild:
    """Implements `ShardedWork`. `build_id` is the revision that was asked for; whichever attempt of it lasts is built.

    The lease is the build's own, so that all its workers have it at once, and nobody else.
    """

    context: Context
    build_id: UUID
    announce: Callable[[UUID], None] = _tell_nobody
    """Is called with the training file when a step has ended its build."""

    @property
    def lease(self) -> Lease:
        return Lease(self.build_id, SHARDED_LEASE_SECONDS)

    def plan(self) -> list[int]:
        with self._claimed() as leased:
            refuse_too_large(leased, self.build_id)
            return self._to_do(leased)

    def build_shard(self, shard: int) -> None:
        with self._ending_for_good():
            build_shard(self.context, self.build_id, self.lease, shard, self._ending)

    def assemble(self) -> bool:
        with self._claimed() as leased:
            shards = FinishedShards.of(leased.context, self.build_id)
            # A try that others finish meanwhile is looked at by the next plan.
            if self._to_do(leased) or FinishedShards.of(leased.context, self.build_id).try_ids != shards.try_ids:
                return False
            # Of a refresh all may be skipped: the file has them already.
            refuse_faults_of(shards, leased.options, needs_one=not leased.is_refresh)
            if not shards.count:
                raise NothingLeftError
            plan = plan_refresh if leased.is_refresh else plan_from_shards
            planned, expected = plan(leased, shards), leased.training_file.revision
            begin_assembling(leased)
            _write(leased, joined_pieces(leased.context, leased.id, planned))
            note_assembled(leased.context, leased.id, expected, planned, shards)
        return True

    def commit(self) -> bool:
        if self._is_committed():
            # Only the answer to the commit was lost.
            return True
        with self._claimed() as leased:
            leased.renew()
            assembled = read_assembled(leased.context, leased.id)
            if assembled is None:
                # Another call has gone on with another attempt.
                return False
            committed = leased.context.revisions.commit_revision(
                revision_id=leased.id,
                expected_revision=assembled.expected_revision,
                content=assembled.content,
                conversations=(),
            )
            match committed.outcome:
                case "superseded":
                    attempt = Attempt(leased.id, leased.training_file, leased.base)
                    leased.continue_after("another writer was first")
                    with left_to_housekeeping(attempt.revision_id):
                        remove_objects(leased.context, attempt)
                        remove_objects_at(leased.context, assembled.own_paths)
                    return False
                case "archived":
                    raise TrainingFileArchivedError(leased.revision.training_file_id)
                case "gone":
                    # The next plan tells whether it is the training file, or this attempt alone.
                    return False
            _tidy_up(leased, assembled)
            self.announce(leased.revision.training_file_id)
        return True

    def fail(self, reason: str) -> None:
        leased = claimed_revision(self.context, self.build_id, lease=self.lease)
        if leased is not None:
            leased.fail(UpstreamUnavailableError(self._why_failed(reason)))
            self.announce(leased.revision.training_file_id)

    def _is_committed(self) -> bool:
        claimed = self.context.builds.claim_revision(
            revision_id=self.build_id, lease=self.lease, next_id=self.context.new_id()
        )
        return claimed.is_committed

    def _to_do(self, leased: LeasedRevision) -> list[int]:
        shards = leased.context.shards.list_shards_to_do(self.build_id, lease=self.lease)
        if shards is None:
            raise BuiltElsewhereError(self.build_id)
        return shards

    @contextmanager
    def _claimed(self) -> Iterator[LeasedRevision]:
        """The attempt that lasts. What cannot succeed ends as failed. Raises WorkEndedError."""
        with self._ending_for_good():
            leased = claimed_revision(self.context, self.build_id, lease=self.lease)
            if leased is None:
                raise BuiltElsewhereError(self.build_id)
            with self._ending(leased):
                yield leased

    @contextmanager
    def _ending(self, leased: LeasedRevision) -> Iterator[None]:
        """A block whose permanent errors end the build as failed. Raises WorkEndedError then."""
        try:
            yield
        except leased.permanent_errors as error:
            leased.fail(error)
            self.announce(leased.revision.training_file_id)
            raise WorkEndedError(_told(error)) from error

    @contextmanager
    def _ending_for_good(self) -> Iterator[None]:
        """A block of a build that others may end. Raises WorkEndedError when they have."""
        try:
            yield
        except (BuiltElsewhereError, TrainingFileNotFoundError) as error:
            raise WorkEndedError(f"The build {self.build_id} has ended.") from error

    def _why_failed(self, reason: str) -> str:
        failed = self.context.shards.list_failed(self.build_id, limit=FAILED_SHARDS_NAMED)
        advice = "Try it again; if it fails again, look at the logs of the workers."
        if not failed:
            return f"The build broke off: {reason} {advice}"
        numbers = ", ".join(str(one.shard) for one in failed)
        said = dict.fromkeys(one.message for one in failed if one.message)
        reasons = " ".join(said) or reason
        return f"These shards of the build broke off again and again: {numbers}. {reasons} {advice}"


def _told(error: Exception) -> str:
    """Ours name no text of a user."""
    return error.message if isinstance(error, TrainingFilesError) else "Nothing was left to do."


def _write(leased: LeasedRevision, planned: PlannedRevision) -> None:
    try:
        write_revision(
            planned,
            leased.revision.json_file_path,
            leased.revision.jsonl_file_path,
            leased.context.stores.training_files,
        )
    except ObjectMissingError as error:
        # An object of the base, or of a shard: perhaps someone has deleted the training file.
        existing(leased.context, leased.revision.training_file_id)
        raise UpstreamUnavailableError(
            f"The object {error.path} of the current revision or of a shard is missing in the bucket."
        ) from error


def _tidy_up(leased: LeasedRevision, assembled: Assembled) -> None:
    """The new objects hold everything by now."""
    with left_to_housekeeping(leased.id):
        remove_objects_at(leased.context, [*assembled.shard_paths, *assembled.own_paths])
        for try_ids in in_parts(assembled.content.shard_tries, TRIES_AT_ONCE):
            leased.context.shards.forget_tries(try_ids)
