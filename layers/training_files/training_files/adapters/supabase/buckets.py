"""The buckets of a project, and how much is read of them at once."""

from collections.abc import Iterator

import httpx

from training_files.domain.limits import MAX_ENRICHED_FILE_BYTES
from training_files.errors import NotSetUpError
from training_files.ports.objects import ObjectTooLargeError

CONVERSATION_BUCKET = "conversation-files"
TRAINING_BUCKET = "training-files"
AS_IT_IS = "identity"


def ask_for_no_compression(request: httpx.Request) -> None:
    """A hook for requests: an enriched file comes as it is. Compressed, a few bytes could become gigabytes here."""
    if _reads_an_enriched_file(request):
        request.headers["Accept-Encoding"] = AS_IT_IS


def refuse_what_is_too_large(answer: httpx.Response) -> None:
    """A hook for answers: an enriched file is refused by its length, or where its bytes go on behind the limit.

    Raises ObjectTooLargeError, at once or when the bytes are read, or NotSetUpError.
    """
    if not _reads_an_enriched_file(answer.request) or not answer.is_success:
        return
    if answer.headers.get("content-encoding", AS_IT_IS) != AS_IT_IS:
        raise NotSetUpError(
            "The storage sends enriched files compressed although it is asked not to. Switch the compression of "
            "/storage/v1/ off in the proxy in front of the Supabase project."
        )
    if int(answer.headers.get("content-length", 0)) > MAX_ENRICHED_FILE_BYTES:
        raise ObjectTooLargeError
    if isinstance(answer.stream, httpx.SyncByteStream):
        answer.stream = _Limited(answer.stream)


def _reads_an_enriched_file(request: httpx.Request) -> bool:
    return request.method == "GET" and f"/storage/v1/object/{CONVERSATION_BUCKET}/" in request.url.path


class _Limited(httpx.SyncByteStream):
    """Stops when more has arrived than an enriched file may have, whatever its length was said to be."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        arrived = 0
        for chunk in self._stream:
            arrived += len(chunk)
            if arrived > MAX_ENRICHED_FILE_BYTES:
                raise ObjectTooLargeError
            yield chunk

    def close(self) -> None:
        self._stream.close()
