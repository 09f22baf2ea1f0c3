"""Directs work beyond one worker: plans it, has its shards put together, commits it, or ends it as failed."""

from typing import Any

from training_files.api.steps import ShardedWork, reason_in, step_handler_of


def direct(work: ShardedWork, event: dict[str, Any]) -> dict[str, Any]:
    """`{"shards": [1, 2, …]}`, `{"done": …}`, or of a failure its reason."""
    match event["step"]:
        case "plan":
            return {"shards": work.plan()}
        case "assemble":
            return {"done": work.assemble()}
        case "commit":
            return {"done": work.commit()}
        case "fail":
            reason = reason_in(event)
            work.fail(reason)
            return {"reason": reason}
        case step:
            raise ValueError(f"There is no step {step}.")


lambda_handler = step_handler_of(direct)
