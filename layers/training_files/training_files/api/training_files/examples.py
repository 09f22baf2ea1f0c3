"""Examples of answers about training files, made by the very functions that answer."""

from typing import Any

from training_files.api.examples import CONVERSATION_IDS, FILE, IDS, LINK, REVISION
from training_files.api.training_files import answers
from training_files.domain.conversation import faults
from training_files.domain.health.findings import Finding, Warnings
from training_files.domain.training_file.training_file import BuiltTrainingFile, ChangedTrainingFile, TrainingFilePage
from training_files.ports.paging import Page

NOT_ENRICHED = faults.not_enriched(CONVERSATION_IDS[1], "validated")
MESSAGE = "the target ends without terminal punctuation"
CUT_OFF = Finding("truncated_target", "error", IDS[0], 6, "target_response", 412, MESSAGE)


def training_files() -> Any:
    return answers.training_files_answer(TrainingFilePage(files=(FILE,), next_cursor=None))


def training_file() -> Any:
    return answers.training_file_answer(FILE)


def updated() -> Any:
    return answers.updated_answer(ChangedTrainingFile.model_construct(**dict(FILE)))


def built(*, dry_run: bool = False) -> Any:
    return answers.training_file_answer(_built(dry_run=dry_run))


def planned() -> Any:
    columns = {"id": None, "json_file_path": None, "jsonl_file_path": None}
    return answers.training_file_answer(_built(dry_run=True).model_copy(update=columns))


def queued() -> Any:
    columns = {
        "status": "processing",
        "revision": 0,
        "json_file_path": None,
        "jsonl_file_path": None,
        "json_file_size": 0,
        "jsonl_file_size": 0,
        "conversation_count": 0,
    }
    return answers.training_file_answer(_built(queued=True).model_copy(update=columns))


def retried() -> Any:
    return answers.training_file_answer(FILE) | {"status": "processing"}


def conversations() -> Any:
    return answers.conversations_answer(CONVERSATION_IDS, None)


def revisions() -> Any:
    return answers.revisions_answer(Page([REVISION], more=False), limit=50)


def download() -> Any:
    url = f"{LINK}/{FILE.jsonl_file_path}?token=…"
    return answers.download_answer(url, f"{FILE.name}.jsonl", expires_in_seconds=3600)


def _built(*, dry_run: bool = False, queued: bool = False) -> BuiltTrainingFile:
    return BuiltTrainingFile.model_construct(
        **dict(FILE), skipped=(NOT_ENRICHED,), warnings=Warnings((CUT_OFF,), 1), dry_run=dry_run, queued=queued
    )
