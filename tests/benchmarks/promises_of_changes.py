"""What must hold of conversations that are refreshed or removed over S3 at 1,000 and 10,000, and whether it did.

Each part of a multipart upload but the last has 5 MiB at least. What stays is copied inside the storage where that much
of it lies between two places; what is new, a header or refreshed conversations, goes with up to 5 MiB of what is behind
it. What is sent in one part is read by one request, with the little that lies between its pieces.

- Together is one place, so it costs the same whatever the file holds.
- Removed apart, nothing is new but the header. At 10,000 conversations, all stretches are long enough to be copied. At
  1,000 none is, so there is nothing to copy, and the file is sent once.
- Refreshed apart, each conversation is a place of its own in both objects: a read, a part with it and what is behind
  it, and a copy. It cannot be 60 requests: between two places lie more bytes than may be sent, so each takes a part of
  its own and a copy, which is 80 for 20 places in two objects, and the enriched files are 20 reads.
"""

from collections.abc import Iterator

from tests.benchmarks.measurements import Results
from tests.benchmarks.promises import LARGE, MEGABYTE, Promise, pair_of, traffic_is_level
from tests.benchmarks.steps import APART, CHANGED, TOGETHER
from training_files.adapters.s3.parts import SMALLEST_PART_BYTES

OBJECTS = 2
MOST_REQUESTS = 60
MOST_BYTES = 25 * MEGABYTE
# A place is a header or a conversation; each costs a read, what is sent, and the copy of what is behind it.
MOST_REQUESTS_OF_PLACES = MOST_REQUESTS + OBJECTS * 3 * (CHANGED + 1)
MOST_BYTES_OF_PLACES = OBJECTS * SMALLEST_PART_BYTES * (CHANGED + 1) + MEGABYTE
BOUNDS = {
    f"refresh {TOGETHER}": (MOST_REQUESTS, MOST_BYTES),
    f"remove {TOGETHER}": (MOST_REQUESTS, MOST_BYTES),
    f"remove {APART}": (MOST_REQUESTS, MOST_BYTES),
    f"refresh {APART}": (MOST_REQUESTS_OF_PLACES, MOST_BYTES_OF_PLACES),
}
ONE_PLACE = [operation for operation in BOUNDS if operation.endswith(TOGETHER)]


def promises_of_changes(results: Results) -> Iterator[Promise]:
    for operation in ONE_PLACE:
        for figure in ("requests", "bytes_up", "bytes_down"):
            yield traffic_is_level(results, "S3", operation=operation, figure=figure)
    for operation, (most_requests, most_bytes) in BOUNDS.items():
        yield _is_bounded(results, operation, most_requests, most_bytes)


def _is_bounded(results: Results, operation: str, most_requests: int, most_bytes: int) -> Promise:
    sentence = f"{operation} over S3 at {LARGE:,}: at most {most_requests} requests, {most_bytes / MEGABYTE:.0f} MB up"
    sentence += f" and {most_bytes / MEGABYTE:.0f} MB down"
    pair = pair_of(results, operation, "S3")
    if pair is None:
        return Promise(sentence, "", None)
    large = pair[1]
    figures = f"{large.requests:.0f}; {large.bytes_up / MEGABYTE:.1f} MB, {large.bytes_down / MEGABYTE:.1f} MB"
    kept = large.requests <= most_requests and max(large.bytes_up, large.bytes_down) <= most_bytes
    return Promise(sentence, figures, kept)
