"""A service over fakes, whose ports can be made to fail, and a look at what it left."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID, uuid4

from tests.support.builders import Json, an_enriched_file
from tests.support.clock import Clock
from tests.support.contexts import context_over
from tests.support.fake_exports import InMemoryExports
from tests.support.fake_objects import InMemoryObjectStore, InMemoryStores
from tests.support.fake_queue import InMemoryQueue
from tests.support.fake_repository import InMemoryRepository
from tests.support.trouble import Trouble, TroubledPort, label_of_object, label_of_rows
from training_files.context import Context
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    RemoveConversationsInput,
)
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.service import TrainingFileService

NAME = "a file"


@dataclass(frozen=True)
class Workshop:
    """A service over fakes, and the trouble that awaits it."""

    @classmethod
    def new(cls) -> Self:
        clock = Clock()
        enriched_files, training_files = InMemoryObjectStore(clock), InMemoryObjectStore(clock)
        repository = InMemoryRepository(clock)
        repository.enriched_file, repository.object = enriched_files.row, training_files.row
        repository.object_paths = lambda: [*training_files.objects]
        return cls(
            clock,
            repository,
            enriched_files,
            training_files,
            uuid4(),
            InMemoryExports(repository, training_files.objects.keys),
        )

    clock: Clock
    repository: InMemoryRepository
    enriched_files: InMemoryObjectStore
    training_files: InMemoryObjectStore
    owner: UUID
    exports: InMemoryExports
    trouble: Trouble = field(default_factory=Trouble)
    queue: InMemoryQueue = field(default_factory=InMemoryQueue)
    copies_inside: bool = False

    @property
    def service(self) -> TrainingFileService:
        return TrainingFileService(self.context)

    @property
    def context(self) -> Context:
        return context_over(
            self.troubled(self.repository, label_of_rows),
            exports=self.troubled(self.exports, label_of_rows),
            stores=InMemoryStores(
                self.troubled(self.enriched_files, label_of_object),
                self.troubled(self.training_files, label_of_object),
                self.copies_inside,
            ),
            queue=self.troubled(self.queue, label_of_rows),
            now=self.clock.now,
            new_id=uuid4,
            owner=self.owner,
        )

    @property
    def untroubled(self) -> TrainingFileService:
        return replace(self, trouble=Trouble()).service

    def troubled(self, port: object, label_of: Callable[[str, Any], str]) -> Any:
        return TroubledPort(port, self.trouble, label_of)

    def a_conversation(self, enriched: Json | None = None, **row: Any) -> UUID:
        path = f"{self.owner}/{uuid4()}/enriched.json"
        self.enriched_files.objects[path] = json.dumps(enriched or an_enriched_file()).encode()
        return self.repository.put_conversation(self.owner, **{"enriched_file_path": path, **row}).conversation_id

    def break_file_of(self, conversation_id: UUID) -> Callable[[], None]:
        """Takes the enriched file of a conversation away; what it returns puts it back."""
        [conversation] = self.repository.resolve(
            ids=[conversation_id], owner=self.owner, all_conversations=False
        ).conversations
        path = conversation.enriched_file_path or ""
        content = self.enriched_files.objects.pop(path)
        return lambda: self.enriched_files.objects.update({path: content})

    def replace_file_of(self, conversation_id: UUID, content: bytes) -> None:
        """Writes another enriched file in the place of a conversation's own."""
        [conversation] = self.repository.resolve(
            ids=[conversation_id], owner=self.owner, all_conversations=False
        ).conversations
        self.enriched_files.put(conversation.enriched_file_path or "", content)

    def create(self, service: TrainingFileService, conversation_id: UUID, name: str = NAME) -> TrainingFile:
        wanted = CreateTrainingFileInput(name=name, conversation_ids=(conversation_id,), created_by=self.owner)
        return service.create_training_file(wanted)

    def add(self, service: TrainingFileService, training_file_id: UUID, *ids: UUID, **options: Any) -> TrainingFile:
        wanted = AddConversationsInput(training_file_id=training_file_id, conversation_ids=ids, **options)
        return service.add_conversations_to_training_file(wanted)

    def remove(
        self, service: TrainingFileService, training_file_id: UUID, *ids: UUID, **options: Any
    ) -> BuiltTrainingFile:
        wanted = RemoveConversationsInput(training_file_id=training_file_id, conversation_ids=ids, **options)
        return service.remove_conversations_from_training_file(wanted)

    def a_training_file(self, *ids: UUID, name: str = NAME) -> UUID:
        wanted = CreateTrainingFileInput(
            name=name, conversation_ids=ids or (self.a_conversation(),), created_by=self.owner
        )
        created = self.untroubled.create_training_file(wanted)
        assert created.id is not None
        return created.id

    def build_all(self) -> None:
        """What a worker does with everything that waits in the queue."""
        while self.queue.waiting:
            self.untroubled.build_revision(self.queue.waiting.pop(0))

    def consistent_ids(self, training_file_id: UUID) -> list[UUID]:
        """The conversations of a training file, on which its row, its members, its JSON and its JSONL agree."""
        file = self.repository.training_files[training_file_id]
        members = [member.conversation_id for member in self.repository.members[training_file_id]]
        raw_json = self.training_files.read(file.json_file_path or "")
        raw_jsonl = self.training_files.read(file.jsonl_file_path or "")
        document = json.loads(raw_json)
        in_json = [UUID(c["conversation_metadata"]["conversation_id"]) for c in document["conversations"]]
        in_jsonl = [UUID(json.loads(line)["conversation_id"]) for line in raw_jsonl.splitlines()]

        assert (file.status, file.json_file_size, file.jsonl_file_size) == ("active", len(raw_json), len(raw_jsonl))
        assert document["training_file_metadata"]["total_conversations"] == file.conversation_count == len(members)
        assert len(set(members)) == len(members)
        assert in_json == in_jsonl == members
        return members

    @property
    def objects_of_finished_revisions(self) -> set[str]:
        finished = [r for r in self.repository.revisions.values() if r.status == "committed"]
        return {path for revision in finished for path in (revision.json_file_path, revision.jsonl_file_path)}

    @property
    def objects_of_known_revisions(self) -> set[str]:
        known = self.repository.revisions.values()
        return {path for revision in known for path in (revision.json_file_path, revision.jsonl_file_path)}
