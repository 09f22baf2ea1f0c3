"""The plan of a refresh whose conversations lie in the objects of its shards, each in the place where it was before.

One query tells which stretches of the revision before stay, and which of the shards' objects stand between them: no
conversation is looked up by itself.
"""

from collections.abc import Iterable, Iterator, Sequence

from training_files.builds.attempts import as_of_now
from training_files.builds.cutting import SizesDisagreeError, begin_of_elements, joined, separated, with_tail
from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.planning import Parts, PlannedRevision, plan_revision
from training_files.builds.sizes import existing_base, find_sizes_of_base
from training_files.domain.training_file.formats import SEPARATOR, TAIL
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import Totals
from training_files.ports.members import RevisionSizes
from training_files.ports.objects import BytesPart, StoredPart
from training_files.ports.shards import FinishedShard, RefreshedRevision, ShardResult, Stretch
from training_files.sharded.finished_shards import FinishedShards
from training_files.sharded.planning import told_of

# Of a file of 100,000 conversations, every other one of which is another, an answer has 20,000 stretches: 1 MB.
CONVERSATIONS_AT_ONCE = 20_000


def plan_refresh(leased: LeasedRevision, shards: FinishedShards) -> PlannedRevision:
    """The revision that follows the current one. There is at least one conversation in the shards.

    Raises SizesDisagreeError, or UpstreamUnavailableError or TrainingFileNotFoundError when an object of the base is
    gone.
    """
    base = existing_base(leased.base)
    made = [shard for shard in shards.shards if shard.result.count]
    refreshed = _added_up(leased, base, made)
    stretches = _stretches(leased, base, made)
    first = next(stretches)
    begins_file = _what_begins_file(first, made)
    training_file = as_of_now(leased.context, leased.training_file)
    return plan_revision(
        training_file.model_copy(update={"vertical": begins_file.vertical}) if begins_file else training_file,
        Totals.from_json(refreshed.totals),
        _parts(base, refreshed, made, [first, *stretches], begins_file),
        Change(kind="refresh", count=shards.count),
        **told_of(leased, shards),
    )


def _added_up(leased: LeasedRevision, base: Revision, made: Sequence[FinishedShard]) -> RefreshedRevision:
    """With all sizes."""

    def ask() -> RefreshedRevision:
        return leased.context.shards.add_up_refreshed(
            leased.revision.training_file_id, revision=base.number, try_ids=[shard.try_id for shard in made]
        )

    refreshed = ask()
    if refreshed.has_sizes:
        return refreshed
    find_sizes_of_base(leased.context, leased.revision.training_file_id, base)
    return ask()


def _stretches(leased: LeasedRevision, base: Revision, made: Sequence[FinishedShard]) -> Iterator[Stretch]:
    """In file order."""
    after = 0
    while page := leased.context.shards.list_stretches(
        leased.revision.training_file_id,
        revision=base.number,
        try_ids=[shard.try_id for shard in made],
        limit=CONVERSATIONS_AT_ONCE,
        after=after,
    ):
        yield from page
        after += sum(stretch.conversations for stretch in page)


def _what_begins_file(first: Stretch, made: Sequence[FinishedShard]) -> ShardResult | None:
    """The shard whose first conversation is the first one of the file, and says what stands before all of them."""
    if first.made_by and not first.first and made[first.made_by - 1].result.body_start:
        return made[first.made_by - 1].result
    return None


def _parts(
    base: Revision,
    sizes: RevisionSizes,
    made: Sequence[FinishedShard],
    stretches: Iterable[Stretch],
    begins_file: ShardResult | None,
) -> Parts:
    """Raises SizesDisagreeError."""
    offset, end = base.json_body_offset or 0, (base.json_file_size or 0) - len(TAIL)
    first = begin_of_elements(base, sizes)
    if not sizes.has_sizes or first <= offset or sizes.jsonl_bytes != base.jsonl_file_size:
        raise SizesDisagreeError(base.id)
    json_paths = [base.json_file_path, *(f"{shard.result.path}.json" for shard in made)]
    jsonl_paths = [base.jsonl_file_path, *(f"{shard.result.path}.jsonl" for shard in made)]
    elements, lines = list[StoredPart](), list[StoredPart]()
    for stretch in stretches:
        # Each conversation with a separator in front, as it is in the objects of shards.
        start = stretch.json_before + len(SEPARATOR) * stretch.first
        start += 0 if stretch.made_by else first - len(SEPARATOR)
        size = stretch.json_size + len(SEPARATOR) * stretch.conversations
        elements.append(StoredPart(json_paths[stretch.made_by], start, start + size))
        if stretch.jsonl_size:
            start = stretch.jsonl_before
            lines.append(StoredPart(jsonl_paths[stretch.made_by], start, start + stretch.jsonl_size))
    body_start = (
        BytesPart(begins_file.body_start.encode()) if begins_file else StoredPart(base.json_file_path, offset, first)
    )
    json = list(joined([body_start, *separated(elements)]))
    return Parts(with_tail(json, base.json_file_path, end), list(joined(lines)))
