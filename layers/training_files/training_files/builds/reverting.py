"""A new revision with the content of an earlier one: the bytes of its objects, behind a header of now."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson

from training_files.builds.attempts import Attempt, begun
from training_files.builds.cutting import begin_of_elements
from training_files.builds.intentions import Intention
from training_files.builds.planning import Parts, PlannedRevision, plan_revision
from training_files.builds.rebasing import commit_rebasing
from training_files.builds.requesting import queue_of, queued
from training_files.builds.results import built_training_file
from training_files.builds.sizes import existing_base
from training_files.builds.waiting import takes_too_long
from training_files.catalog.finding import existing
from training_files.catalog.revisions import kept_revision
from training_files.choosing.choices import refuse_unless_active
from training_files.context import Context
from training_files.domain.health.findings import Warnings
from training_files.domain.training_file.build_request import RevertInput
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import RevisionNotFoundError
from training_files.ports.members import RevisionMembers
from training_files.ports.objects import ObjectMissingError, Part, StoredPart


@dataclass(slots=True)
class Reversion:
    """Implements `Work`. `different` is how many conversations are another way than in `target`.

    Where these are none, what the objects say of the whole file may still be something else.
    """

    context: Context
    target: Revision
    different: int = field(init=False)
    is_left: bool = field(init=False)

    def rebase(self, training_file: TrainingFile) -> None:
        """What another writer has changed meanwhile is taken back as well: its own revision keeps it.

        Raises TrainingFileNotFoundError or RevisionNotFoundError.
        """
        self.different = _different(self.context, self.target, training_file.revision)
        self.is_left = self.different > 0 or self._says_something_else(training_file)

    def plan(self, training_file: TrainingFile, base: Revision | None) -> PlannedRevision:  # noqa: ARG002
        target = self.target
        return plan_revision(
            training_file.model_copy(update={"vertical": self._vertical()}),
            _totals(target),
            Parts(self._json(), self._jsonl()),
            Change(kind="revert", count=self.different),
            reverted_to=target.number,
            warnings=Warnings().as_json(),
        )

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:  # noqa: ARG002
        return iter(())

    def _says_something_else(self, training_file: TrainingFile) -> bool:
        """Of the same conversations: what they add up to, the vertical, or the profile that stands before them.

        Raises TrainingFileNotFoundError when the training file was deleted since, or RevisionNotFoundError.
        """
        target, file_id = self.target, self.target.training_file_id
        current = self.context.revisions.get_revision(file_id, number=training_file.revision)
        if current is None:
            existing(self.context, file_id)
        base = existing_base(current)
        if base.id == target.id:
            return False
        if _totals(base) != _totals(target) or self._vertical() != training_file.vertical:
            return True
        members = self.context.members.look_up_members(file_id, revision=base.number, ids=())
        # Where sizes are not known, nothing was refreshed yet, and the profile is that of the first creation.
        return members.has_sizes and self._profile(base, members) != self._profile(target, members)

    def _json(self) -> list[Part]:
        size = self.target.json_file_size or 0
        return [StoredPart(self.target.json_file_path, self.target.json_body_offset or 0, size)]

    def _jsonl(self) -> list[Part]:
        size = self.target.jsonl_file_size or 0
        return [StoredPart(self.target.jsonl_file_path, 0, size)] if size else []

    def _profile(self, revision: Revision, members: RevisionMembers) -> bytes:
        """What stands between the header and the first conversation; nothing where the object is gone."""
        content = BytesIO()
        profile = StoredPart(
            revision.json_file_path, revision.json_body_offset or 0, begin_of_elements(revision, members)
        )
        with suppress(ObjectMissingError):
            self.context.stores.training_files.download(profile, content)
        return content.getvalue()

    def _vertical(self) -> str | None:
        """As it was written, which also shows that the revision is kept. Raises RevisionNotFoundError."""
        content = BytesIO()
        header = StoredPart(self.target.json_file_path, 0, self.target.json_body_offset or 0)
        try:
            self.context.stores.training_files.download(header, content)
        except ObjectMissingError as error:
            raise RevisionNotFoundError(self.target.training_file_id, self.target.number) from error
        found: str | None = orjson.loads(content.getvalue() + b'"body": null}')["training_file_metadata"]["vertical"]
        return found


def reversion_to(context: Context, wanted: RevertInput, training_file: TrainingFile) -> Reversion:
    """Raises TrainingFileNotFoundError, RevisionNotFoundError or TagNotFoundError."""
    target = kept_revision(context, wanted.training_file_id, wanted.revision)
    reversion = Reversion(context, target)
    reversion.rebase(training_file)
    return reversion


def revert_training_file(context: Context, wanted: RevertInput) -> BuiltTrainingFile:
    """Goes back to an earlier revision, or leaves that to a worker when it takes longer than a caller waits.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError, RevisionNotFoundError,
    TagNotFoundError, or TrainingFileBusyError.
    """
    training_file, reversion = _looked_at(context, wanted)
    if not reversion.is_left:
        return built_training_file(training_file, ())
    size = {"json_file_size": reversion.target.json_file_size}
    if takes_too_long(context, training_file.model_copy(update=size)):
        return queued(context, queue_of(context), _intention(context, reversion.target, background=True), ())

    def next_attempt(_: Attempt | None) -> AbstractContextManager[Attempt]:
        return begun(context, _intention(context, reversion.target))

    outcome = commit_rebasing(
        context, wanted.training_file_id, reversion, next_attempt, checked_at=training_file.revision
    )
    return built_training_file(outcome.training_file, ())


def request_reversion(context: Context, wanted: RevertInput) -> BuiltTrainingFile:
    """Has a worker go back to an earlier revision; the training file as it is."""
    queue = queue_of(context)
    training_file, reversion = _looked_at(context, wanted)
    if not reversion.is_left:
        return built_training_file(training_file, ())
    return queued(context, queue, _intention(context, reversion.target, background=True), ())


def _looked_at(context: Context, wanted: RevertInput) -> tuple[TrainingFile, Reversion]:
    training_file = existing(context, wanted.training_file_id)
    refuse_unless_active(context, wanted.training_file_id, training_file.status)
    return training_file, reversion_to(context, wanted, training_file)


def _different(context: Context, target: Revision, revision: int) -> int:
    return context.members.compare_revisions(
        target.training_file_id, before=revision, after=target.number, limit=0
    ).total


def _totals(revision: Revision) -> Totals:
    return Totals.from_json(revision.totals or {})


def _intention(context: Context, target: Revision, *, background: bool = False) -> Intention:
    """By the number: a tag may have moved until a worker takes it up."""
    requested = {"change": "revert", "revision": target.number}
    return Intention(target.training_file_id, context.owner, requested, background=background)
