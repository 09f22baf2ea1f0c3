"""A context over fakes."""

from typing import Any

from training_files.context import Context


def context_over(rows: Any, **others: Any) -> Context:
    """`rows` stands for every port of the database but exports; `others` are the other fields of the context."""
    ports = dict.fromkeys(
        ("conversations", "training_files", "revisions", "members", "builds", "reports", "tags", "shards"), rows
    )
    return Context(**ports, **others)
