"""Writing the two objects of a planned revision."""

from concurrent.futures import ThreadPoolExecutor

from training_files.builds.planning import PlannedRevision
from training_files.deadline import with_same_deadline
from training_files.ports.objects import ObjectStore

JSON_TYPE = "application/json"
JSONL_TYPE = "application/x-ndjson"


def write_revision(planned: PlannedRevision, json_path: str, jsonl_path: str, store: ObjectStore) -> None:
    """Writes both objects side by side; when one fails, the other one is finished first."""
    write_one = with_same_deadline(store.write)
    with ThreadPoolExecutor(2) as executor:
        writes = [
            executor.submit(write_one, json_path, planned.json_parts, JSON_TYPE),
            executor.submit(write_one, jsonl_path, planned.jsonl_parts, JSONL_TYPE),
        ]
    for write in writes:
        write.result()
