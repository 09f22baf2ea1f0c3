"""What an attempt says about its revision until the commit, kept as an object beside those that it is about."""

from uuid import UUID

from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.planning import PlannedRevision
from training_files.builds.writing import JSON_TYPE
from training_files.context import Context
from training_files.domain.record import Record
from training_files.ports.objects import BytesPart, ObjectMissingError
from training_files.ports.revisions import RevisionContent
from training_files.sharded.finished_shards import FinishedShards
from training_files.sharded.joining import piece_paths


class Assembled(Record):
    """The content of a revision that is put together on top of `expected_revision`.

    `shard_paths` are the objects that it is made of, `own_paths` those that the attempt has beside its two.
    """

    expected_revision: int
    content: RevisionContent
    shard_paths: tuple[str, ...]
    own_paths: tuple[str, ...]


def begin_assembling(leased: LeasedRevision, planned: PlannedRevision, shards: FinishedShards) -> None:
    """Says, before the first byte is written, what the attempt is about to write.

    Where an earlier call has said so, it may still be writing: the build goes on under another attempt then, with the
    same plan, in a folder of its own.

    Raises BuiltElsewhereError.
    """
    store, expected = leased.context.stores.training_files, leased.training_file.revision
    try:
        store.read(_path(leased.id))
    except ObjectMissingError:
        pass
    else:
        leased.continue_after("putting it together broke off")
    assembled = Assembled(
        expected_revision=expected,
        content=planned.content,
        shard_paths=tuple(shards.paths),
        own_paths=(*piece_paths(leased.id, planned), _path(leased.id)),
    )
    store.write(_path(leased.id), [BytesPart(assembled.model_dump_json().encode())], JSON_TYPE)


def read_assembled(context: Context, revision_id: UUID) -> Assembled:
    """Raises ObjectMissingError where nothing was put together."""
    return Assembled.model_validate_json(context.stores.training_files.read(_path(revision_id)))


def _path(revision_id: UUID) -> str:
    return f"{revision_id}/shard-plan.json"
