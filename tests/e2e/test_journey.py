"""What a user does from the first call to the last, over HTTP, against the built system."""

import json

from tests.support.builders import a_pair, an_enriched_file
from tests.support.world import User, World


def test_a_training_file_is_created_extended_downloaded_and_removed(world: World, user: User) -> None:
    first, second, third = world.some_conversations(user, 3)

    created = user.created([second, first], name="Journey")
    extended = user.add(created["id"], [third]).json()["trainingFile"]

    assert (created["revision"], extended["revision"]) == (1, 2)
    assert user.conversation_ids(created["id"]) == [second, first, third]
    document = json.loads(user.download(created["id"]))
    in_file = [conversation["conversation_metadata"]["conversation_id"] for conversation in document["conversations"]]
    assert in_file == [second, first, third]
    lines = [json.loads(line) for line in user.download(created["id"], "jsonl").splitlines()]
    assert [line["conversation_id"] for line in lines] == [second, first, third]
    assert user.http.delete(f"/api/training-files/{created['id']}").status_code == 204
    assert user.http.get(f"/api/training-files/{created['id']}").status_code == 404
    assert world.training_file_rows(user) == []
    assert world.revision_rows(user) == []
    assert world.object_paths().isdisjoint({created["json_file_path"], extended["json_file_path"]})


def test_stated_sizes_are_those_of_the_stored_objects(world: World, user: User) -> None:
    created = user.created(world.some_conversations(user, 2))
    extended = user.add(created["id"], world.some_conversations(user, 2)).json()["trainingFile"]

    assert len(user.download(created["id"], "json")) == extended["json_file_size"]
    assert len(user.download(created["id"], "jsonl")) == extended["jsonl_file_size"]


def test_an_extended_file_has_the_bytes_of_one_that_was_created_whole(world: World, user: User) -> None:
    ids = world.some_conversations(user, 4)
    whole = json.loads(user.download(user.created(ids)["id"]))
    grown = user.created(ids[:2])["id"]
    user.add(grown, ids[2:])

    raw = user.download(grown)
    document = json.loads(raw)
    assert document["conversations"] == whole["conversations"]
    assert document["consultant_profile"] == whole["consultant_profile"]
    assert raw == json.dumps(document, indent=2, ensure_ascii=False).encode()


def test_a_file_without_any_trainable_pair_has_an_empty_jsonl(world: World, user: User) -> None:
    only_questions = world.a_conversation(user, an_enriched_file(a_pair(1, target_response="")))
    created = user.created([only_questions])

    assert created["trainable_pairs"] == 0
    assert user.download(created["id"], "jsonl") == b""
    grown = user.add(created["id"], world.some_conversations(user, 1)).json()["trainingFile"]
    assert len(user.download(created["id"], "jsonl").splitlines()) == grown["trainable_pairs"] == 1
