"""The quality report over HTTP: JSON for programs, a page for people, about what is really stored."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.sample_data import sample_conversations
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def answer_of(user: User, training_file_id: str, accept: str | None = None, **parameters: Any) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return user.http.get(f"{FILES}/{training_file_id}/report", params=parameters, headers=headers)


def report_of(user: User, training_file_id: str, **parameters: Any) -> Json:
    answer = answer_of(user, training_file_id, **parameters)
    assert answer.status_code == 200, answer.text
    report: Json = answer.json()["report"]
    return report


def sample_file(world: World, user: User, count: int) -> str:
    keys = dict.fromkeys(("persona_key", "emotional_arc_key", "topic_key"))
    samples = sample_conversations(count, seed=uuid4().int)
    ids = [world.a_conversation(user, sample.enriched, **{**sample.row, **keys}) for sample in samples]
    return str(user.created(ids, name=f"<b>{uuid4()}</b>")["id"])


def put_enriched_file(world: World, conversation_id: str, enriched: Json) -> None:
    bucket = world.client.storage.from_("conversation-files")
    options: Any = {"content-type": "application/json", "upsert": "true"}
    bucket.upload(f"{conversation_id}/enriched.json", json.dumps(enriched).encode(), options)


def test_the_report_is_about_what_is_stored(world: World, user: User) -> None:
    file_id = sample_file(world, user, 11)
    file = user.get(file_id)

    report = report_of(user, file_id)

    statuses = {check["id"]: check["status"] for check in report["checks"]}
    assert len(statuses) == 10
    assert (statuses["conversations"], statuses["trainable_pairs"]) == ("warn", "fail")
    assert (statuses["json_valid"], statuses["jsonl_valid"], statuses["spot_check"]) == ("pass", "pass", "pass")
    objects = report["objects"]
    assert (objects["json"]["read_bytes"], objects["jsonl"]["read_bytes"]) == (
        file["json_file_size"],
        file["jsonl_file_size"],
    )
    lines = {line["target_response"] for line in map(json.loads, user.download(file_id, "jsonl").splitlines())}
    assert len(report["sample"]["pairs"]) == 8
    assert all(pair["target"]["content"] in lines for pair in report["sample"]["pairs"])
    assert (report["scores"]["average"], report["not_analysed"]) == (file["avg_quality_score"], 0)
    counted = {each["key"]: each["conversations"] for each in report["balance"]["personas"]["counts"]}
    assert counted == file["scaffolding_distribution"]["personas"]


def test_a_browser_gets_a_page_that_holds_its_texts_escaped(world: World, user: User) -> None:
    said = "<script>alert(1)</script>"
    pair = a_pair(current_user_input=said, conversation_history=[{"role": "user", "content": said}])
    file_id = user.created([world.a_conversation(user, an_enriched_file(pair))], name=f"{said} {uuid4()}")["id"]

    answer = answer_of(user, file_id, BROWSER)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "<script" not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_a_report_is_not_cached_and_its_page_makes_no_requests(user: User, world: World) -> None:
    file_id = sample_file(world, user, 1)

    for accept in ("application/json", BROWSER):
        headers = answer_of(user, file_id, accept).headers
        assert headers["cache-control"] == "private, no-store"
        assert {"Accept", "Accept-Encoding"} <= set(headers["vary"].split(", "))
    directives = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert (directives["default-src"], directives["frame-ancestors"]) == ("'none'", "'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_another_seed_chooses_another_sample(world: World, user: User) -> None:
    file_id = sample_file(world, user, 30)

    samples = [report_of(user, file_id, **seed)["sample"] for seed in ({}, {"seed": 1}, {"seed": 2})]

    assert samples[0] == samples[1]
    assert samples[1]["pairs"] != samples[2]["pairs"]
    assert [sample["seed"] for sample in samples] == [1, 1, 2]


def test_sources_that_changed_since_are_named(world: World, user: User) -> None:
    same, changed, missing, gone = ids = [world.a_conversation(user) for _ in range(4)]
    file_id = user.created(ids)["id"]
    put_enriched_file(world, same, an_enriched_file())
    put_enriched_file(world, changed, an_enriched_file(a_pair(target_response="Something else.")))
    world.client.storage.from_("conversation-files").remove([f"{missing}/enriched.json"])
    world.database.execute("delete from public.conversations where conversation_id = %s", [gone])

    sources = report_of(user, file_id)["sources"]

    assert sources["changed"] == 3
    assert {each["conversation_id"]: each["change"] for each in sources["conversations"]} == {
        changed: "changed",
        missing: "file_missing",
        gone: "row_gone",
    }


def test_an_object_that_is_lost_fails_its_check(world: World, user: User) -> None:
    file_id = sample_file(world, user, 2)
    world.client.storage.from_("training-files").remove([user.get(file_id)["jsonl_file_path"]])

    report = report_of(user, file_id)

    assert (report["objects"]["json"]["valid"], report["objects"]["jsonl"]["valid"]) == (True, False)
    assert "missing" in report["objects"]["jsonl"]["problems"][0]


def test_an_archived_file_has_a_report_too(world: World, user: User) -> None:
    file_id = sample_file(world, user, 1)
    user.http.patch(f"{FILES}/{file_id}", json={"status": "archived"})

    assert report_of(user, file_id)["training_file"]["status"] == "archived"


@pytest.mark.parametrize("seed", ["-1", "one", "3000000000"])
def test_a_malformed_seed_is_refused(user: User, seed: str) -> None:
    assert the_invalid_fields(answer_of(user, str(uuid4()), seed=seed)) == ["seed"]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_someone_elses_file_has_none_and_says_so_as_json(world: World, user: User, accept: str) -> None:
    theirs = world.a_user().created([world.a_conversation(None)])

    the_error(answer_of(user, theirs["id"], accept), 404, "training_file_not_found")
