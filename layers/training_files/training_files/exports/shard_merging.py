"""The shards of an export put together: one result, the names of all files, and the texts that name them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training_files.domain.exports.bundle import archived_files
from training_files.domain.exports.bundle_texts import bundle_texts
from training_files.domain.exports.export import ExportedFile, ExportResult
from training_files.domain.exports.placing import PlacedConversation, count_placed
from training_files.domain.exports.sharding import name_of_shard
from training_files.domain.exports.split_proof import SplitTally
from training_files.domain.exports.splits import SPLITS
from training_files.domain.exports.tally import ExportTally
from training_files.errors import TrainingFileNotFoundError
from training_files.exports.archive import ZipEntry
from training_files.exports.building import CONTENT_TYPES, store_files
from training_files.exports.bundle_size import refuse_large_bundle
from training_files.exports.bundling import BUNDLE, archive, bundle_of
from training_files.exports.leased_export import LeasedExport
from training_files.exports.outputs import WrittenFile
from training_files.exports.rendering import splits_of
from training_files.exports.shard_objects import RESULT, ShardObjects, result_of
from training_files.exports.shard_plan import ShardPlan
from training_files.ports.objects import BytesPart, ObjectMissingError, StoredPart

Texts = dict[str, bytes]


def merge_shards(leased: LeasedExport, plan: ShardPlan) -> bool:
    """Keeps the result of the export, beside the texts and the bundle that it names; False where a shard has none.

    Raises RequestInvalidError when a bundle was asked for and would be too large.
    """
    merged = _merged(leased, plan)
    if merged is None:
        return False
    if leased.export.request.bundle:
        refuse_large_bundle(sum(file.bytes for file in merged.files))
    texts = bundle_texts(bundle_of(leased.export, merged, plan.split))
    files = [*merged.files, *_stored_texts(leased, texts)]
    if leased.export.request.bundle:
        files.append(_stored_bundle(leased, merged, plan, texts))
    result = merged.model_copy(update={"files": tuple(files)})
    ShardObjects(leased.context, leased.id).write(RESULT, result.model_dump(mode="json"))
    return True


def _merged(leased: LeasedExport, plan: ShardPlan) -> ExportResult | None:
    """Of one shard after the other: memory holds one result."""
    objects = ShardObjects(leased.context, leased.id)
    tally = ExportTally(leased.export.request, splits_of(plan.split))
    proof = SplitTally(plan.split) if plan.split else None
    written: list[WrittenFile] = []
    for shard in plan.shards:
        result = objects.read(result_of(shard))
        if result is None:
            return None
        tally.absorb(result["tally"])
        if proof and plan.split:
            count_placed(proof, plan.split, map(PlacedConversation.from_json, result["placed"]))
        written += [WrittenFile(**file) for file in result["files"]]
    sizes = dict.fromkeys(splits_of(plan.split), 0)
    for file in written:
        if file.kind == "rows":
            sizes[file.split] += file.bytes
    return ExportResult(files=tuple(_named(written)), splits=proof.proof() if proof else None, **tally.summary(sizes))


def _named(written: Iterable[WrittenFile]) -> Iterator[ExportedFile]:
    """The files of each split, its rows and then their metadata, numbered without gaps."""
    found: Mapping[Any, list[WrittenFile]] = defaultdict(list)
    for file in written:
        found[file.split, file.kind].append(file)
    for split in SPLITS:
        for kind in ("rows", "metadata"):
            for number, file in enumerate(found[split, kind], start=1):
                name = name_of_shard(split, kind, number, len(found[split, kind]))
                yield ExportedFile(
                    name=name,
                    kind=file.kind,
                    split=split,
                    rows=file.rows,
                    bytes=file.bytes,
                    sha256=file.sha256,
                    # Saved under their own names, the files make a folder that can be loaded.
                    filename=name,
                    object_name=file.name,
                )


def _stored_texts(leased: LeasedExport, texts: Texts) -> Iterator[ExportedFile]:
    store = leased.context.stores.training_files
    for name, text in texts.items():
        content_type = "application/json" if name.endswith(".json") else CONTENT_TYPES["text"]
        store.write(f"{leased.id}/{name}", [BytesPart(text)], content_type)
        yield ExportedFile(
            name=name,
            kind="text",
            split=None,
            rows=None,
            bytes=len(text),
            sha256=hashlib.sha256(text).hexdigest(),
            filename=name,
        )


def _stored_bundle(leased: LeasedExport, result: ExportResult, plan: ShardPlan, texts: Texts) -> ExportedFile:
    with TemporaryDirectory(prefix="training-files-") as name:
        folder = Path(name)
        files = _downloaded(leased, result, plan, folder)
        file = archive(leased.export, leased.revision, folder / BUNDLE, files, texts)
        store_files(leased, [(file.name, file.bytes, CONTENT_TYPES["bundle"])], folder)
    return file


def _downloaded(leased: LeasedExport, result: ExportResult, plan: ShardPlan, folder: Path) -> Iterator[ZipEntry]:
    """The files of an archive, each on the disk until the next one is asked for."""
    by_name = {file.name: file for file in result.files}
    for name, archived in archived_files(bundle_of(leased.export, result, plan.split)).items():
        file, path = by_name[archived.name], folder / name
        with path.open("wb") as target:
            try:
                leased.context.stores.training_files.download(
                    StoredPart(leased.export.path_of(file), 0, file.bytes), target
                )
            except ObjectMissingError as error:
                raise TrainingFileNotFoundError(
                    leased.export.training_file_id, revision=leased.export.revision
                ) from error
        yield ZipEntry(name, path)
        path.unlink()
