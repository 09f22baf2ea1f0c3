"""Asking for exports over HTTP, and downloading what is in them."""

import hashlib
from typing import Any

import httpx

from tests.support.builders import Json
from tests.support.export_reading import lines_of
from tests.support.world import SHARED_TLS, User

FILES = "/api/training-files"


def ask_for_export(user: User, training_file_id: str, export_format: str = "messages", **wanted: Any) -> httpx.Response:
    headers = wanted.pop("headers", None)
    body = {"format": export_format, **wanted}
    return user.http.post(f"{FILES}/{training_file_id}/exports", json=body, headers=headers)


def exported(user: User, training_file_id: str, export_format: str = "messages", **wanted: Any) -> Json:
    """The export, which is there now."""
    answer = ask_for_export(user, training_file_id, export_format, **wanted)
    assert answer.status_code in (200, 201), answer.text
    export: Json = answer.json()["export"]
    assert export["status"] == "ready"
    assert answer.headers["location"] == f"{FILES}/{training_file_id}/exports/{export['id']}"
    return export


def downloads_of(export: Json) -> dict[str, bytes]:
    """The files of an export by name, which are what the answer says of them."""
    contents = {}
    for file in export["files"]:
        download = httpx.get(file["download_url"], verify=SHARED_TLS).raise_for_status()
        contents[file["name"]] = download.content
        assert (len(download.content), hashlib.sha256(download.content).hexdigest()) == (file["bytes"], file["sha256"])
        assert file["filename"] in download.headers["content-disposition"]
    return contents


def rows_of(export: Json, contents: dict[str, bytes]) -> dict[str, list[tuple[Json, Json]]]:
    """By split: each row with its metadata."""
    found = {}
    for file in export["files"]:
        if file["kind"] == "rows":
            rows = lines_of(contents[file["name"]])
            metadata = lines_of(contents[f"{file['split']}.metadata.jsonl"])
            assert [one["line"] for one in metadata] == list(range(1, file["rows"] + 1))
            found[file["split"]] = list(zip(rows, metadata, strict=True))
    return found
