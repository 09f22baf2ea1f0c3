"""`make bench`: a create of 80 conversations of 67 KB, every Supabase call 20 ms slower, beside the naive way;
and the import of a read handler on a cold interpreter."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.clients import supabase_client
from infra.local_supabase import run_local_supabase, temporary_data_folder
from infra.sample_data import SampleConversation, sample_conversations
from infra.seeding import sign_in, store_conversations
from infra.stack import api_environment
from tests.benchmarks import cold_import
from tests.support.fault_proxy import FaultProxy, run_fault_proxy

CONVERSATIONS = 80
ENRICHED_BYTES = 67 * 1024
DELAY_SECONDS = 0.02
RUNS = 5
RESULT = Path(".local/bench.json")
BUILD = Path(".aws-sam/host")


@dataclass(frozen=True)
class Measured:
    """Medians over the runs; requests are those of one run."""

    seconds: float
    requests: int
    megabytes: float


def main() -> int:
    with temporary_data_folder() as data, run_local_supabase(data) as supabase, run_fault_proxy(supabase.url) as proxy:
        owner, _ = sign_in(supabase)
        with supabase_client(supabase.url, supabase.secret_key) as client:
            ids = store_conversations(client, map(_padded, sample_conversations(CONVERSATIONS)), owner)
        environment = {**os.environ, **api_environment(supabase), "SUPABASE_URL": proxy.url}
        proxy.delay_seconds = DELAY_SECONDS
        runs: dict[str, list[Measured]] = {"service": [], "naive": []}
        for _ in range(RUNS):
            for way, measured in runs.items():
                measured.append(_run(way, owner, ids, environment, proxy))
    _report({way: _medians(measured) for way, measured in runs.items()}, runs)
    cold_import.report(BUILD)
    return 0


def _padded(sample: SampleConversation) -> SampleConversation:
    """The same conversation, as large as real ones are."""
    missing = ENRICHED_BYTES - len(json.dumps(sample.enriched, ensure_ascii=False).encode())
    pairs = sample.enriched["training_pairs"]
    for pair in pairs:
        pair["system_prompt"] += " Stay with the person." * (missing // len(pairs) // 22)
    return sample


def _run(way: str, owner: str, ids: list[str], environment: dict[str, str], proxy: FaultProxy) -> Measured:
    before = len(proxy.requests)
    command = [sys.executable, "-m", "tests.benchmarks.one_create", way, owner, ",".join(ids)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    result: dict[str, Any] = json.loads(done.stdout)
    return Measured(result["seconds"], len(proxy.requests) - before, result["megabytes"])


def _medians(runs: list[Measured]) -> Measured:
    return Measured(
        statistics.median(run.seconds for run in runs),
        max(run.requests for run in runs),
        statistics.median(run.megabytes for run in runs),
    )


def _report(medians: dict[str, Measured], runs: dict[str, list[Measured]]) -> None:
    print(f"create of {CONVERSATIONS} conversations of 67 KB, {DELAY_SECONDS * 1000:.0f} ms added to every call")
    print(f"{'':<10}{'seconds':>9}{'(min-max)':>14}{'requests':>10}{'peak MB':>9}")
    for way, measured in medians.items():
        seconds = [run.seconds for run in runs[way]]
        spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
        print(f"{way:<10}{measured.seconds:>9.2f}{spread:>14}{measured.requests:>10}{measured.megabytes:>9.0f}")
    ratios = [naive.seconds / service.seconds for naive, service in zip(runs["naive"], runs["service"], strict=True)]
    print(f"the naive way takes {statistics.median(ratios):.1f} times as long ({min(ratios):.1f}-{max(ratios):.1f})")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({way: vars(measured) for way, measured in medians.items()}, indent=2))


if __name__ == "__main__":
    sys.exit(main())
