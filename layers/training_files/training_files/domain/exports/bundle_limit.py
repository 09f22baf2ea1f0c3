"""How large a bundle may be: one worker compresses it, and one ZIP is downloaded and unpacked whole."""

from training_files.domain.conversation.granularity import Granularity

# Of the files in it. Many programs that unpack a ZIP still take none of more than 2 GB, and a worker has both the files
# and the ZIP on its disk.
LARGEST_BUNDLE_BYTES = 2 * 1024**3
# Rows and their metadata, in percent of the full JSON. Of conversations with ten pairs they have 14 and 35: a row of a
# whole conversation says once what each of its pairs repeats. Rather too few: nothing is refused that would fit.
LEAST_PERCENT: dict[Granularity, int] = {"conversation": 10, "turn": 25}
ADVICE = "Ask without bundle: then every file of the export has a link of its own."


def least_bundle_bytes(json_bytes: int, granularity: Granularity) -> int:
    """What the files of a bundle surely have, before anybody has written them."""
    return json_bytes * LEAST_PERCENT[granularity] // 100


def why_too_large(file_bytes: int, *, is_estimate: bool = False) -> str | None:
    """What to tell whoever asked for a bundle of so much; None where it may be made."""
    if file_bytes <= LARGEST_BUNDLE_BYTES:
        return None
    said = f"{'at least about ' if is_estimate else ''}{file_bytes / 1024**3:.1f} GB"
    return f"A bundle holds at most 2 GB of files, and these have {said}. {ADVICE}"
