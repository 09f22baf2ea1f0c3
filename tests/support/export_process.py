"""One export in a process of its own, so that its memory is its own. Prints what it took as JSON."""

import json
import os
import sys
import time
from pathlib import Path

from training_files.bootstrap import application_from
from training_files.domain.exports.export import CreateExportInput
from training_files.settings import settings_from

KILOBYTE = 1024


def main(wanted: str) -> None:
    application = application_from(settings_from(os.environ, lambda *_: "{}"))
    begun = time.perf_counter()
    offered = application.service.create_export(CreateExportInput.model_validate_json(wanted))
    took = time.perf_counter() - begun
    application.close()
    rows = offered.export.result.totals["rows"] if offered.export.result else None
    sys.stdout.write(json.dumps({"seconds": took, "peak_bytes": peak_bytes(), "rows": rows}))


def peak_bytes() -> int:
    """Of this program alone: what getrusage says counts the process that started it, up to that moment."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * KILOBYTE


if __name__ == "__main__":
    main(sys.argv[1])
