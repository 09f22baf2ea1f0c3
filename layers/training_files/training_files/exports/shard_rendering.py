"""One shard of an export: its stretch of the JSON is read, its rows are written, and what is in them is said."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from training_files.domain.exports.placing import AllForTraining, PlacedAsPlanned, Placing
from training_files.domain.exports.stretches import Stretch
from training_files.domain.training_file.stored_file import conversations_of
from training_files.exports.building import CONTENT_TYPES, store_files
from training_files.exports.leased_export import LeasedExport
from training_files.exports.outputs import Outputs
from training_files.exports.rendering import render_rows, splits_of
from training_files.exports.shard_objects import ShardObjects, prefix_of, result_of
from training_files.exports.shard_plan import ShardPlan, kept_followers
from training_files.exports.shard_sources import RevisionSource
from training_files.ports.exports import ConversationScores

ROWS_AT_ONCE = 1000


def build_shard(leased: LeasedExport, plan: ShardPlan, shard: int) -> None:
    """Writes the files of a shard that have rows, then its result. Whoever does it again writes the same bytes.

    Raises StoredFileInvalidError, or TrainingFileNotFoundError when the training file was removed meanwhile.
    """
    placing: Placing = AllForTraining()
    if plan.split:
        placing = PlacedAsPlanned(plan.split, kept_followers(leased, shard))
    stretch = plan.stretch_of(shard)
    with TemporaryDirectory(prefix="training-files-") as name:
        folder = Path(name)
        with Outputs(folder, splits_of(plan.split), prefix_of(shard)) as outputs:
            source = folder / "stretch.json"
            _download(leased, stretch, source)
            with source.open("rb") as file:
                conversations = conversations_of(file, plan.consultant)
                tally = render_rows(leased.export.request, conversations, _scores(leased, stretch), outputs, placing)
            source.unlink()
        files = [file for file in outputs.written() if file.rows]
        store_files(leased, [(file.name, file.bytes, CONTENT_TYPES[file.kind]) for file in files], folder)
    result = {
        "files": [asdict(file) for file in files],
        "tally": tally.as_json(),
        "placed": [list(one) for one in placing.placed] if isinstance(placing, PlacedAsPlanned) else [],
    }
    ShardObjects(leased.context, leased.id).write(result_of(shard), result)


def _download(leased: LeasedExport, stretch: Stretch, path: Path) -> None:
    source = RevisionSource(leased)
    with path.open("wb") as file:
        source.download(source.part(stretch), file)


def _scores(leased: LeasedExport, stretch: Stretch) -> Iterator[ConversationScores]:
    """Of the conversations of the stretch."""
    return islice(_scores_behind(leased, stretch.after_position, min(stretch.count, ROWS_AT_ONCE)), stretch.count)


def _scores_behind(leased: LeasedExport, position: int, limit: int) -> Iterator[ConversationScores]:
    export = leased.export
    while page := leased.context.exports.list_scores(
        export.training_file_id, revision=export.revision, limit=limit, after_position=position
    ):
        yield from page
        position = page[-1].position
