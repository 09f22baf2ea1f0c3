"""An example of an answer about tags, made by the very function that answers."""

from typing import Any

from training_files.api.examples import CREATED_AT, OWNER_ID, REVISION
from training_files.api.tags.answers import tag_answer
from training_files.domain.training_file.tags import Tag


def tag() -> Any:
    [name] = REVISION.tags
    return tag_answer(
        Tag(name=name, revision=REVISION.number, created_by=OWNER_ID, created_at=CREATED_AT, updated_at=CREATED_AT)
    )
