"""`Idempotency-Key`: a call that is made again with the same key and body has one effect, and the same answer.

https://docs.powertools.aws.dev/lambda/python/latest/utilities/idempotency/
"""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.errors import IdempotencyKeyReusedError, RequestInProgressError, UpstreamUnavailableError

REMEMBERED_SECONDS = 24 * 3600

Answer = dict[str, Any]


class Idempotency:
    """Remembers the answers of calls that succeeded, for a day, in a table of DynamoDB."""

    def __init__(self, table: str) -> None:
        # One configuration for everything that shares the table: Powertools lets the first one win.
        self._config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="body",
            expires_after_seconds=REMEMBERED_SECONDS,
            raise_on_no_idempotency_key=True,
        )
        self._table = DynamoDBPersistenceLayer(table_name=table)

    def once(self, key: str, body: str, context: LambdaContext, act: Callable[[], Answer]) -> Answer:
        """The answer of `act`, or the one that it gave to the same key and body before.

        Raises IdempotencyKeyReusedError, RequestInProgressError, or UpstreamUnavailableError.
        """
        self._config.register_lambda_context(context)

        @idempotent_function(  # type: ignore[untyped-decorator]  # as Powertools ships it
            data_keyword_argument="call", persistence_store=self._table, config=self._config
        )
        def remembered(*, call: dict[str, str]) -> str:  # noqa: ARG001 - the decorator reads it
            return _packed(act())

        try:
            return _unpacked(remembered(call={"key": key, "body": body}))
        except IdempotencyValidationError as error:
            raise IdempotencyKeyReusedError from error
        except IdempotencyAlreadyInProgressError as error:
            raise RequestInProgressError from error
        except IdempotencyPersistenceLayerError as error:
            raise UpstreamUnavailableError("The table of idempotency keys did not answer. Try again.") from error


def _packed(answer: Answer) -> str:
    """A list of thousands of skipped conversations has to fit into an item of 400 KB."""
    return base64.b64encode(zlib.compress(json.dumps(answer).encode())).decode()


def _unpacked(packed: str) -> Answer:
    answer: Answer = json.loads(zlib.decompress(base64.b64decode(packed)))
    return answer
