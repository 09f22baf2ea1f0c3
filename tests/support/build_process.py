"""A process that makes a copy of itself for each build it is asked for, so that a build can be killed at once.

Reads one JSON object a line: `owner`, `conversation_ids`, and either `name` or `training_file_id`; or `revision_id` for
a build in the background, with how much of it is taken `at_once`, if not as much as usual, and whether it is written
over `s3`, for which the environment has the keys. Writes the id of the copy's process, and when that
has ended its exit code, negative for a signal. It ends with its standard input.
"""

import json
import os
import sys
from dataclasses import replace
from typing import Any
from uuid import UUID

# Whatever a build imports is imported before the first copy is made.
import boto3  # noqa: F401
import httpx  # noqa: F401
import storage3  # noqa: F401

from training_files.adapters.supabase import object_store as supabase_object_store  # noqa: F401
from training_files.bootstrap import application_from
from training_files.builds import attempts, waiting, worker  # noqa: F401
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
)
from training_files.exports import worker as export_worker  # noqa: F401
from training_files.settings import Settings, settings_from


def serve(settings: Settings) -> None:
    for line in sys.stdin:
        process_id = os.fork()
        if process_id == 0:
            build(settings, json.loads(line))
            os._exit(0)
        print(process_id, flush=True)  # noqa: T201 - its answer
        _, status = os.waitpid(process_id, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def build(settings: Settings, wanted: dict[str, Any]) -> None:
    if "revision_id" in wanted:
        if "at_once" in wanted:
            worker.CONVERSATIONS_AT_ONCE = attempts.ROWS_AT_ONCE = wanted["at_once"]
        s3 = settings.s3 if wanted.get("s3") else None
        application_from(replace(settings, s3=s3)).service.build_revision(UUID(wanted["revision_id"]))
    elif "export_id" in wanted:
        application_from(settings).service.build_export(UUID(wanted["export_id"]))
    else:
        build_while_the_caller_waits(settings, wanted)


def build_while_the_caller_waits(settings: Settings, wanted: dict[str, Any]) -> None:
    owner = UUID(wanted["owner"])
    ids = tuple(map(UUID, wanted["conversation_ids"]))
    service = application_from(settings).service.acting_for(owner)
    change, file_id = wanted.get("change"), wanted.get("training_file_id")
    if change == "remove":
        service.remove_conversations_from_training_file(
            RemoveConversationsInput(training_file_id=file_id, conversation_ids=ids)
        )
    elif change == "refresh":
        service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id, conversation_ids=ids))
    elif "name" in wanted:
        service.create_training_file(
            CreateTrainingFileInput(name=wanted["name"], conversation_ids=ids, created_by=owner)
        )
    else:
        service.add_conversations_to_training_file(
            AddConversationsInput(training_file_id=UUID(wanted["training_file_id"]), conversation_ids=ids)
        )


if __name__ == "__main__":
    serve(settings_from(os.environ, lambda *_: "{}"))
