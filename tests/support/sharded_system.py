"""A system whose large builds and exports are executed by the state machine, beside the one that all tests share.

Only tests that ask for it pay for it: a server and functions of its own, over the same Supabase.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local_api import LocalApi, run_local_api
from infra.local_api.runtime_packages import RuntimePackages
from infra.local_executions import read_state_machine, run_lambda_endpoint
from infra.local_queue import LocalQueues, run_local_queues
from infra.local_queue.server import aws_client
from infra.local_supabase import LocalSupabase
from infra.stack import SECRETS, TEMPLATE, api_environment, queue_environment
from tests.support.state_machines import Machine, a_machine, tried_quickly


@dataclass(frozen=True)
class ShardedSystem:
    """What runs. `log` is what the functions write to."""

    api: LocalApi
    queues: LocalQueues
    machine: Machine
    log: Path


@contextmanager
def run_sharded_system(
    supabase: LocalSupabase,
    log: Path,
    *,
    template: Path = TEMPLATE,
    runtime_packages: RuntimePackages = "environment",
    shards_at_once: int = 2,
    visibility_seconds: int = 5,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ShardedSystem]:
    """A system that writes over S3, and has hardly a pause before another try. No process is left when it ends.

    Args:
        visibility_seconds: how long a message of the queue stays away unless it is removed.
        environment: variables for every function, which win over all others.
    """
    spec = tried_quickly(read_state_machine(template, {"MaxShardsAtOnce": str(shards_at_once)}))
    with (
        run_lambda_endpoint() as endpoint,
        run_local_queues(template, visibility_seconds=visibility_seconds, lambda_port=endpoint.port) as queues,
        aws_client("stepfunctions", queues.endpoint_url) as states,
    ):
        machine = a_machine(spec, queues.endpoint_url, states)
        variables = {
            **api_environment(supabase, s3=True),
            **queue_environment(queues),
            "SHARDS_STATE_MACHINE_ARN": machine.arn,
            "BUILD_RETRY_SECONDS": "0",
            **(environment or {}),
        }
        with (
            run_local_api(
                template, environment=variables, secrets=SECRETS, runtime_packages=runtime_packages, log=log
            ) as api,
            endpoint.invoking(api),
            queues.feeding(api),
        ):
            yield ShardedSystem(api, queues, machine, log)
