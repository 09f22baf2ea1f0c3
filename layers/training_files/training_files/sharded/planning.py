"""The plan of a revision whose conversations lie in the objects of its shards."""

from collections.abc import Iterator
from typing import Any

from training_files.builds.attempts import as_of_now
from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.planning import Parts, PlannedRevision, plan_revision
from training_files.domain.conversation.limited_faults import MOST_SKIPPED, conversations_in, limit_faults
from training_files.domain.training_file.formats import SEPARATOR, TAIL
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import Totals
from training_files.ports.objects import BytesPart, Part, StoredPart
from training_files.sharded.finished_shards import FinishedShards


def plan_from_shards(leased: LeasedRevision, shards: FinishedShards) -> PlannedRevision:
    """The revision that follows the current one, or the first one. There is at least one conversation in the shards."""
    context, base = leased.context, leased.base
    training_file = as_of_now(context, leased.training_file)
    first = shards.with_conversations[0]
    return plan_revision(
        training_file if base else training_file.model_copy(update={"vertical": first.vertical}),
        shards.behind(Totals.from_json(base.totals) if base and base.totals else Totals()),
        Parts(list(_json_parts(base, shards)), list(_jsonl_parts(base, shards))),
        Change(kind="add" if base else "create", count=shards.count),
        **told_of(leased, shards),
    )


def told_of(leased: LeasedRevision, shards: FinishedShards) -> dict[str, Any]:
    """What the content of a revision says of its shards, whatever these are for."""
    # What was skipped before the build was queued comes first.
    skipped = [*leased.skipped_before, *shards.skipped]
    return {
        "warnings": shards.health(leased.context).warnings().as_json(),
        "skipped": tuple(fault.as_detail() for fault in limit_faults(skipped, MOST_SKIPPED)),
        "skipped_total": conversations_in(leased.skipped_before) + leased.further_skipped_before + shards.skipped_total,
        "shard_tries": shards.try_ids,
    }


def _json_parts(base: Revision | None, shards: FinishedShards) -> Iterator[Part]:
    separator = 0
    if base and base.json_file_size is not None and base.json_body_offset is not None:
        yield StoredPart(base.json_file_path, base.json_body_offset, base.json_file_size - len(TAIL))
    else:
        yield BytesPart(shards.with_conversations[0].body_start.encode())
        separator = len(SEPARATOR)
    for result in shards.with_conversations:
        yield StoredPart(f"{result.path}.json", separator, result.json_size)
        separator = 0
    yield BytesPart(TAIL)


def _jsonl_parts(base: Revision | None, shards: FinishedShards) -> Iterator[Part]:
    if base and base.jsonl_file_size:
        yield StoredPart(base.jsonl_file_path, 0, base.jsonl_file_size)
    for result in shards.with_conversations:
        yield StoredPart(f"{result.path}.jsonl", 0, result.jsonl_size)
