"""Whoever sends something wrong is told so in words about what was sent, never in those of a library."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from training_files.api.exports.requests import CreateExportRequest
from training_files.api.parsing import parsed, uuid_in_path
from training_files.api.training_files.requests import (
    CreateTrainingFileRequest,
    ListTrainingFilesQuery,
    UpdateTrainingFileRequest,
)
from training_files.domain.wording import PROBLEMS, UNKNOWN_PROBLEM, problem_of
from training_files.errors import RequestInvalidError

ID = "5b7cf2ad-9b1b-4a0f-a0f6-8f0c1f6d7a11"
LIBRARY = re.compile(r"[Ii]nput|Value error|instance|validation|parse|dictionary|Extra|String|List|literal|tuple")

CASES: list[tuple[type[BaseModel], dict[str, Any], str, str]] = [
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": []}, "conversation_ids", "at least 1 of them"),
    (CreateTrainingFileRequest, {"conversation_ids": [ID]}, "name", "it is missing"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": ID}, "conversation_ids", "it must be a list"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": ["7"]}, "conversation_ids[0]", "it must be a UUID"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": [7]}, "conversation_ids[0]", "it must be a UUID"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": [f" {ID}"]}, "conversation_ids[0]", "be a UUID"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": [f"{{{ID}}}"]}, "conversation_ids[0]", "be a UUID"),
    (CreateTrainingFileRequest, {"name": 7, "conversation_ids": [ID]}, "name", "it must be a text"),
    (CreateTrainingFileRequest, {"name": "x" * 256, "conversation_ids": [ID]}, "name", "at most 255 characters"),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": [ID], "title": 1}, "title", "no such field"),
    (
        CreateTrainingFileRequest,
        {"name": "x", "conversation_ids": [ID], "on_invalid": "drop"},
        "on_invalid",
        "'reject' or 'skip'",
    ),
    (CreateTrainingFileRequest, {"name": "x", "conversation_ids": [ID], "dry_run": 1}, "dry_run", "true or false"),
    (CreateExportRequest, {"format": "messages", "split": 0.1}, "split", "it must be an object"),
    (CreateExportRequest, {"format": "messages", "split": {"validation": 1}}, "split.validation", "less than 1"),
    (CreateExportRequest, {"format": "messages", "split": {"validation": "x"}}, "split.validation", "be a number"),
    (CreateExportRequest, {"format": "messages", "split": {"validation": 0.1, "seed": 1.5}}, "split.seed", "whole"),
    (CreateExportRequest, {"format": "messages", "split": {"validation": 0.00001}}, "split.validation", "4 decimal"),
    (UpdateTrainingFileRequest, {"collect": {"min_quality_score": 9}}, "collect.min_quality_score", "at most 5"),
    (ListTrainingFilesQuery, {"limit": "1.5"}, "limit", "it must be a whole number"),
    (ListTrainingFilesQuery, {"limit": "many"}, "limit", "it must be a whole number"),
    (ListTrainingFilesQuery, {"limit": "0"}, "limit", "it must be at least 1"),
]


@pytest.mark.parametrize(
    ("model", "sent", "field", "words"), CASES, ids=[f"{field} {words}" for *_, field, words in CASES]
)
def test_a_field_is_told_in_words_about_what_was_sent(
    model: type[BaseModel], sent: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        parsed(model, sent)

    [detail] = caught.value.details
    assert detail["field"] == field
    assert words in detail["message"]
    assert not LIBRARY.search(detail["message"])


@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_wording_can_be_said(kind: str) -> None:
    """With the context that pydantic gives for its type: each bound that the words name."""
    names = re.findall(r"\{(\w+)\}", PROBLEMS[kind])

    said = problem_of({"type": kind, "ctx": dict.fromkeys(names, 3.0)})

    assert "3.0" not in said
    assert not LIBRARY.search(said)


def test_what_has_no_words_is_not_told_in_those_of_a_library() -> None:
    assert problem_of({"type": "a_new_one", "msg": "Input should be new"}) == UNKNOWN_PROBLEM


@pytest.mark.parametrize(
    "written", [f" {ID}", f"{ID} ", f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), f"{ID}0", ""]
)
def test_an_id_in_a_path_is_written_in_one_way(written: str) -> None:
    with pytest.raises(RequestInvalidError):
        uuid_in_path(written)

    assert str(uuid_in_path(ID.upper())) == ID
