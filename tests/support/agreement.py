"""Reading a training file from its three places, and finding that they say the same."""

import json
from typing import Any

from tests.support.world import World


def agreed_conversation_ids(world: World, training_file_id: str) -> list[str]:
    """The ids in file order, on which the rows, the counts, the JSON and the JSONL of the current revision agree."""
    [file] = world.rows("select * from public.training_files where id = %s", training_file_id)
    members = world.rows(
        "select * from public.training_file_conversations where training_file_id = %s order by position",
        training_file_id,
    )
    bucket = world.client.storage.from_("training-files")
    raw_json, raw_jsonl = bucket.download(file["json_file_path"]), bucket.download(file["jsonl_file_path"])
    document, lines = json.loads(raw_json), [json.loads(line) for line in raw_jsonl.splitlines()]

    ids = [str(member["conversation_id"]) for member in members]
    assert len(set(ids)) == len(ids)
    assert [member["position"] for member in members] == list(range(1, len(ids) + 1))
    assert [one["conversation_metadata"]["conversation_id"] for one in document["conversations"]] == ids
    assert list(dict.fromkeys(line["conversation_id"] for line in lines)) == ids
    assert (file["json_file_size"], file["jsonl_file_size"]) == (len(raw_json), len(raw_jsonl))
    _assert_counts_agree(file, members, document["training_file_metadata"], lines)
    return ids


def _assert_counts_agree(
    file: dict[str, Any], members: list[dict[str, Any]], metadata: dict[str, Any], lines: list[dict[str, Any]]
) -> None:
    pairs = sum(member["training_pairs"] for member in members)
    assert file["conversation_count"] == metadata["total_conversations"] == len(members)
    assert file["total_training_pairs"] == metadata["total_training_pairs"] == pairs
    assert file["trainable_pairs"] == sum(member["trainable_pairs"] for member in members) == len(lines)
    assert file["revision"] == max(member["added_in_revision"] for member in members)
    assert file["scaffolding_distribution"] == metadata["scaffolding_distribution"]
