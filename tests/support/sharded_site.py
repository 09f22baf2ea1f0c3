"""A service over fakes whose large builds go to executions, which a test runs step by step."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.fake_executions import InMemoryExecutions, run_to_its_end
from tests.support.workshop import Workshop
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.service import TrainingFileService
from training_files.sharded.build import ShardedBuild


class Site:
    """A workshop whose large builds go to executions."""

    def __init__(self) -> None:
        self.workshop = replace(Workshop.new(), copies_inside=True)
        self.executions = InMemoryExecutions()

    @property
    def service(self) -> TrainingFileService:
        return TrainingFileService(replace(self.workshop.context, executions=self.executions))

    def conversations(self, count: int) -> list[UUID]:
        return [self.workshop.a_conversation(enriched_number(number)) for number in range(count)]

    def request(self, ids: Sequence[UUID], **options: Any) -> TrainingFile:
        wanted = CreateTrainingFileInput(
            name="large", conversation_ids=tuple(ids), created_by=self.workshop.owner, **options
        )
        return self.service.request_training_file(wanted)

    def request_addition(self, training_file_id: UUID | None, ids: Sequence[UUID], **options: Any) -> None:
        wanted = AddConversationsInput(
            training_file_id=training_file_id or uuid4(), conversation_ids=tuple(ids), **options
        )
        self.service.request_conversations(wanted)

    def work(self) -> None:
        """Takes every message as the worker of the queue does."""
        waiting = self.workshop.queue.waiting
        while waiting:
            self.service.build_revision(waiting.pop(0))

    @property
    def build(self) -> ShardedBuild:
        [*_, build_id] = self.executions.builds
        return ShardedBuild(self.service.context, build_id)

    def run(self, after_each_shard: Callable[[int], None] = lambda _: None) -> None:
        self.work()
        run_to_its_end(self.build, after_each_shard)

    def assembled(self) -> ShardedBuild:
        """The build that was asked for last, all of whose shards are put together."""
        self.work()
        build = self.build
        for shard in build.plan():
            build.build_shard(shard)
        assert build.assemble()
        return build

    def file(self, training_file_id: UUID | None) -> TrainingFile:
        file = self.service.get_training_file(training_file_id or uuid4())
        assert file
        return file

    def members(self, training_file_id: UUID | None) -> list[UUID]:
        return self.service.get_training_file_conversations(training_file_id or uuid4())

    def open_build(self, training_file_id: UUID | None) -> Revision:
        build = self.service.context.builds.open_build(training_file_id or uuid4())
        assert build
        return build

    def reason(self, training_file_id: UUID | None) -> str:
        """Why the build has failed."""
        return str((self.open_build(training_file_id).error or {})["message"])

    def contents(self, training_file_id: UUID | None) -> tuple[bytes, bytes]:
        file = self.file(training_file_id)
        objects = self.workshop.training_files.objects
        return objects[file.json_file_path or ""], objects[file.jsonl_file_path or ""]


def enriched_number(number: int) -> Json:
    response = f"Answer {number}: begin with what you have, and write it down."
    return an_enriched_file(a_pair(1, target_response=response), a_pair(2, target_response=None))
