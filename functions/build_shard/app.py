"""Builds one shard of a revision or of an export, beside others that do the same."""

from typing import Any

from training_files.api.steps import ShardedWork, step_handler_of


def build_shard(work: ShardedWork, event: dict[str, Any]) -> dict[str, Any]:
    """Nothing: what a shard comes to is in the database and in the storage."""
    work.build_shard(event["shard"])
    return {}


lambda_handler = step_handler_of(build_shard)
