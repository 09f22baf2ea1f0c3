"""The buckets of a project, and how much is read of them at once."""

import httpx

from training_files.domain.limits import MAX_ENRICHED_FILE_BYTES
from training_files.ports.objects import ObjectTooLargeError

CONVERSATION_BUCKET = "conversation-files"
TRAINING_BUCKET = "training-files"


def refuse_what_is_too_large(answer: httpx.Response) -> None:
    """A hook of an HTTP client: an enriched file is refused by its length, before its bytes are taken."""
    wanted = answer.request
    reads_one = wanted.method == "GET" and f"/storage/v1/object/{CONVERSATION_BUCKET}/" in wanted.url.path
    if reads_one and int(answer.headers.get("content-length", 0)) > MAX_ENRICHED_FILE_BYTES:
        raise ObjectTooLargeError
