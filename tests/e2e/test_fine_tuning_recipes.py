"""The README's way from a training file to a folder to train in works as it is printed."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from infra.sample_data import sample_conversations
from tests.support.readme import recipes, unpacking
from tests.support.world import User, World

SECONDS = 60
CONVERSATIONS = 12

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the README's commands need curl")


def run(
    commands: str, user: User, training_file_id: str, folder: Path, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """The commands after those that the page gives before all recipes."""
    variables = {"API_URL": str(user.http.base_url).rstrip("/"), "USER_TOKEN": user.token, "id": training_file_id}
    return subprocess.run(  # noqa: S603 - The page's own commands.
        ["bash", "-c", f"set -eu\n{unpacking()}\n{commands}"],  # noqa: S607
        cwd=folder,
        env={**os.environ, **variables, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@needs_curl
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"format": "messages"}', "There is no bundle: ask for it"),
        ('{"format": "chat", "bundle": true}', "The request is not valid: format: it must be 'messages'"),
    ],
)
def test_what_stands_in_the_way_of_a_bundle_is_said(world: World, tmp_path: Path, body: str, sentence: str) -> None:
    user = world.a_user()
    training_file_id = user.created(world.some_conversations(user, 2))["id"]

    done = run(f"unpack_export '{body}' folder", user, training_file_id, tmp_path)

    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "folder").exists()


@needs_curl
def test_an_export_that_a_worker_builds_is_waited_for(world: World, tmp_path: Path) -> None:
    user = world.a_user()
    training_file_id = user.created(world.some_conversations(user, 2))["id"]
    later = tmp_path / "curl"
    later.write_text(f'#!/bin/sh\nexec {shutil.which("curl")} -H "Prefer: respond-async" "$@"\n')
    later.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    commands = 'sleep() { command sleep 0.2; }\nunpack_export \'{"format": "messages", "bundle": true}\' folder'
    done = run(commands, user, training_file_id, tmp_path, PATH=path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "folder/train.jsonl").is_file()


@needs_curl
def test_the_first_command_of_every_recipe_unpacks_a_bundle_to_train_on(world: World, tmp_path: Path) -> None:
    user = world.a_user()
    keys = dict.fromkeys(("persona_key", "emotional_arc_key", "topic_key"))
    samples = sample_conversations(CONVERSATIONS, seed=uuid4().int)
    ids = [world.a_conversation(user, sample.enriched, **{**sample.row, **keys}) for sample in samples]
    training_file_id = user.created(ids)["id"]

    for recipe in recipes().values():
        done = run(f"{recipe.commands[0]}\npwd", user, training_file_id, tmp_path)

        assert done.returncode == 0, done.stderr
        folder = Path(done.stdout.strip())
        assert folder == tmp_path / shlex.split(recipe.commands[0])[-1]
        rows = (folder / "train.jsonl").read_text().splitlines()
        assert len(rows) == json.loads((folder / "manifest.json").read_text())["files"][0]["rows"] > 0
