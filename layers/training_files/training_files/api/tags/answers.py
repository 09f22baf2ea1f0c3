"""Answers about tags, as plain JSON values."""

from typing import Any

from training_files.domain.spelling import iso_utc
from training_files.domain.training_file.tags import Tag


def tag_answer(tag: Tag) -> dict[str, Any]:
    return {
        "tag": {
            "name": tag.name,
            "revision": tag.revision,
            "created_by": str(tag.created_by),
            "created_at": iso_utc(tag.created_at),
            "updated_at": iso_utc(tag.updated_at),
        }
    }
