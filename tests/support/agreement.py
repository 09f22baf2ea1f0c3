"""Reading a training file from its three places, and finding that they say the same."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.world import World

Row = dict[str, Any]


def agreed_conversation_ids(world: "World", training_file_id: str) -> list[str]:
    """The ids in file order, on which the rows, the counts, the JSON and the JSONL of the current revision agree."""
    [file] = world.rows("select * from public.training_files where id = %s", training_file_id)
    members = world.rows(
        "select * from public.training_file_conversations where training_file_id = %s "
        "and removed_in_revision is null order by position",
        training_file_id,
    )
    bucket = world.client.storage.from_("training-files")
    return agreed_ids(file, members, bucket.download(file["json_file_path"]), bucket.download(file["jsonl_file_path"]))


def agreed_ids(file: Row, members: Sequence[Row], raw_json: bytes, raw_jsonl: bytes) -> list[str]:
    """The same for a row, its members in file order, and the bytes of both objects."""
    document, lines = json.loads(raw_json), [json.loads(line) for line in raw_jsonl.splitlines()]

    ids = [str(member["conversation_id"]) for member in members]
    assert len(set(ids)) == len(ids)
    positions = [member["position"] for member in members]
    assert positions == sorted(set(positions))
    assert [one["conversation_metadata"]["conversation_id"] for one in document["conversations"]] == ids
    trainable = {str(member["conversation_id"]): member["trainable_pairs"] for member in members}
    assert list(dict.fromkeys(line["conversation_id"] for line in lines)) == [i for i in ids if trainable[i]]
    assert Counter(line["conversation_id"] for line in lines) == Counter(trainable)
    assert (file["json_file_size"], file["jsonl_file_size"]) == (len(raw_json), len(raw_jsonl))
    _assert_counts_agree(file, members, document["training_file_metadata"], lines)
    return ids


def _assert_counts_agree(file: Row, members: Sequence[Row], metadata: Row, lines: Sequence[Row]) -> None:
    pairs = sum(member["training_pairs"] for member in members)
    assert file["conversation_count"] == metadata["total_conversations"] == len(members)
    assert file["total_training_pairs"] == metadata["total_training_pairs"] == pairs
    assert file["trainable_pairs"] == sum(member["trainable_pairs"] for member in members) == len(lines)
    assert file["revision"] >= max(member["added_in_revision"] for member in members)
    assert file["scaffolding_distribution"] == metadata["scaffolding_distribution"]
