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
from tests.support.world import World

SECONDS = 60
CONVERSATIONS = 12

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the README's commands need curl")


@needs_curl
def test_the_first_command_of_every_recipe_unpacks_a_bundle_to_train_on(world: World, tmp_path: Path) -> None:
    user = world.a_user()
    keys = dict.fromkeys(("persona_key", "emotional_arc_key", "topic_key"))
    samples = sample_conversations(CONVERSATIONS, seed=uuid4().int)
    ids = [world.a_conversation(user, sample.enriched, **{**sample.row, **keys}) for sample in samples]
    environment = {
        **os.environ,
        "API_URL": str(user.http.base_url).rstrip("/"),
        "USER_TOKEN": user.token,
        "id": user.created(ids)["id"],
    }

    for recipe in recipes().values():
        script = f"set -eu\n{unpacking()}\n{recipe.commands[0]}\npwd"
        done = subprocess.run(  # noqa: S603 - The README's own commands.
            ["bash", "-c", script],  # noqa: S607
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        folder = Path(done.stdout.strip())
        assert folder == tmp_path / shlex.split(recipe.commands[0])[-1]
        rows = (folder / "train.jsonl").read_text().splitlines()
        assert len(rows) == json.loads((folder / "manifest.json").read_text())["files"][0]["rows"] > 0
