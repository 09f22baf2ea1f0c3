"""The state machine of a SAM template on this machine: moto executes it, and functions of ours do its tasks."""

from infra.local_executions.endpoint import LambdaEndpoint, run_lambda_endpoint
from infra.local_executions.state_machine import (
    StateMachineSpec,
    create_state_machine,
    definition_of,
    function_arns,
    read_state_machine,
)

__all__ = [
    "LambdaEndpoint",
    "StateMachineSpec",
    "create_state_machine",
    "definition_of",
    "function_arns",
    "read_state_machine",
    "run_lambda_endpoint",
]
