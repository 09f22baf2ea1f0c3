"""One shard of a build: its conversations are fetched, checked, rendered, and laid aside as objects and rows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import orjson

from training_files.background.leases import BuiltElsewhereError
from training_files.builds.attempts import ROWS_AT_ONCE, ROWS_AT_ONCE_BYTES
from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.preparing import Prepared, prepare
from training_files.builds.spool import Spool, temporary_spool
from training_files.builds.writing import JSON_TYPE, JSONL_TYPE
from training_files.catalog.folders import left_to_housekeeping
from training_files.choosing.choices import choose_for_refresh, choose_in_file, in_parts
from training_files.choosing.refusing import refused_among
from training_files.context import Context
from training_files.domain.conversation.limited_faults import conversations_in, limit_faults
from training_files.domain.training_file.totals import Totals
from training_files.errors import TrainingFilesError
from training_files.ports.leases import Lease
from training_files.ports.objects import LocalPart, Part
from training_files.ports.queue import ONLY_DELIVERY
from training_files.ports.shards import BegunShard, ShardResult

CONVERSATIONS_AT_ONCE = 250
# Of 1,000 shards, what is kept of each has to be small. One worker keeps as many of a whole build.
FAULTS_KEPT = 100


def build_shard(
    context: Context,
    build_id: UUID,
    lease: Lease,
    shard: int,
    ending: Callable[[LeasedRevision], AbstractContextManager[None]],
) -> None:
    """Builds a shard, as a try of its own. Within `ending`, permanent errors end the build.

    Raises BuiltElsewhereError when the build has ended, or UpstreamUnavailableError.
    """
    try_id = context.new_id()
    path = f"{build_id}/shard-{shard:05d}-{try_id.hex[:8]}"
    begun = context.shards.begin_shard(build_id, lease=lease, shard=shard, try_id=try_id, path=path)
    if begun.revision is None or begun.training_file is None:
        raise BuiltElsewhereError(build_id)
    owners = context.acting_for(begun.training_file.created_by)
    leased = LeasedRevision(
        owners, lease, begun.training_file, begun.revision, begun.base, begun.requested, ONLY_DELIVERY
    )
    with ending(leased), _noting_setbacks(owners, try_id), temporary_spool() as spool:
        prepared = _prepared(leased, begun, spool)
        _stage(leased, begun, try_id, prepared)
        result = _written(leased, path, prepared)
        if not owners.shards.finish_shard(try_id, lease=lease, result=result):
            raise BuiltElsewhereError(build_id)


@contextmanager
def _noting_setbacks(context: Context, try_id: UUID) -> Iterator[None]:
    """What is worth another try is said, should all further ones fail too."""
    try:
        yield
    except TrainingFilesError as error:
        with left_to_housekeeping(try_id):
            context.shards.note_setback(try_id, error.message)
        raise


def _prepared(leased: LeasedRevision, begun: BegunShard, spool: Spool) -> Prepared:
    """With all that was found: whether that refuses the build, all shards together say."""
    ids = [asked.conversation_id for asked in begun.asked]
    choose = choose_for_refresh if leased.is_refresh else choose_in_file
    choices = (
        choose(leased.context, leased.revision.training_file_id, part) for part in in_parts(ids, CONVERSATIONS_AT_ONCE)
    )
    prepared = prepare(leased.context.stores.enriched_files, choices, leased.options, spool, refuses=False)
    if leased.is_refresh:
        _drop_what_is_the_same(prepared, begun.in_file)
    return prepared


def _drop_what_is_the_same(prepared: Prepared, in_file: Mapping[UUID, str]) -> None:
    prepared.drop(
        {
            figures.conversation_id
            for figures in prepared.spool.figures()
            if in_file.get(figures.conversation_id) == figures.enriched_sha256
        }
    )


def _stage(leased: LeasedRevision, begun: BegunShard, try_id: UUID, prepared: Prepared) -> None:
    positions = {asked.conversation_id: asked.position for asked in begun.asked}
    for page in prepared.spool.pages_of_rows(most_rows=ROWS_AT_ONCE, most_bytes=ROWS_AT_ONCE_BYTES):
        rows = [row | {"position": positions[UUID(row["conversation_id"])]} for row in page]
        leased.context.shards.stage_shard(try_id, rows)


def _written(leased: LeasedRevision, path: str, prepared: Prepared) -> ShardResult:
    spool = prepared.spool
    json_parts, jsonl_parts = list(spool.json_parts(behind_others=True)), list(spool.jsonl_parts())
    with TemporaryDirectory(prefix="training-files-") as folder:
        analyses = _analyses(spool, Path(folder) / "analyses.jsonl")
        if spool:
            _write(leased.context, f"{path}.json", json_parts, JSON_TYPE)
            _write(leased.context, f"{path}.jsonl", jsonl_parts, JSONL_TYPE)
            _write(leased.context, f"{path}.analyses.jsonl", [analyses], JSONL_TYPE)
    first = next((figures.conversation_id for figures in spool.figures()), None)
    refused = refused_among(prepared.skipped, leased.options)
    kept = limit_faults(refused or prepared.skipped, FAULTS_KEPT)
    return ShardResult(
        path=path,
        count=len(spool),
        json_size=sum(part.size for part in json_parts),
        jsonl_size=sum(part.size for part in jsonl_parts),
        analyses_size=analyses.size,
        totals=spool.added_to(Totals()).as_json(),
        skipped=tuple(fault.as_detail() for fault in kept),
        skipped_total=conversations_in(prepared.skipped),
        refused_total=conversations_in(refused),
        # Where the one that says it was left out again, nobody does.
        body_start=prepared.json_body_start.decode() if first == prepared.first else "",
        vertical=prepared.vertical,
    )


def _write(context: Context, path: str, parts: list[LocalPart], content_type: str) -> None:
    """An object without bytes, such as the lines of conversations that have none to train on, is written too."""
    context.stores.training_files.write(path, list[Part](parts), content_type)


def _analyses(spool: Spool, path: Path) -> LocalPart:
    """What all conversations together are looked at by, a line each."""
    with path.open("wb") as file:
        for row in spool.rows():
            told = {"conversation_id": row["conversation_id"], "analysis": row["analysis"]}
            file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return LocalPart(path, 0, file.tell())
