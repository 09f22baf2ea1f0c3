"""Planning an export in shards: who does which stretch, and which conversations go to a split together.

Whom a conversation follows depends on all that stand before it, so it is found here, once for the whole file, from what
the rows of the database keep of each conversation.
"""

from itertools import islice

from training_files.domain.exports.composition import Composition
from training_files.domain.exports.export import ExportSplit
from training_files.domain.exports.groups import Groups, Member
from training_files.domain.exports.splits import SplitRequest, assignment
from training_files.exports.leased_export import LeasedExport
from training_files.exports.seeding import seeded
from training_files.exports.shard_objects import PLAN, ShardObjects
from training_files.exports.shard_plan import ShardPlan, keep_followers
from training_files.exports.shard_sources import RevisionSource


def make_plan(leased: LeasedExport) -> ShardPlan:
    """Makes the plan and keeps it; the same one each time.

    Raises StoredFileInvalidError, or TrainingFileNotFoundError when the training file was removed meanwhile.
    """
    source = RevisionSource(leased)
    stretches = source.stretches(leased.context.options.export_shards)
    first = stretches[0].begin
    plan = ShardPlan(None, source.consultant(first), stretches)
    asked = leased.export.request.split
    if asked:
        plan = _with_split(leased, plan, asked, source)
    ShardObjects(leased.context, leased.id).write(PLAN, plan.as_json())
    return plan


def _with_split(leased: LeasedExport, plan: ShardPlan, asked: ExportSplit, source: RevisionSource) -> ShardPlan:
    """The seed is chosen when all conversations are known, and only then is known who is in another split."""
    groups, composition = Groups(), Composition()
    wants_best = asked.seed == "best"
    followers: list[dict[str, Member]] = []
    facts = source.facts(plan.stretches[0].begin)
    for stretch in plan.stretches:
        found: dict[str, Member] = {}
        for one in islice(facts, stretch.count):
            member = groups.add(one.conversation_id, one.content_sha256, one.signature)
            if member.leader != one.conversation_id:
                found[one.conversation_id] = member
            if wants_best and one.gives_rows:
                composition.add(member.leader, one.scaffolding)
        followers.append(found)
    split = seeded(asked, composition)
    for shard, found in zip(plan.shards, followers, strict=True):
        keep_followers(leased, shard, {key: _needed(member, groups, split) for key, member in found.items()})
    return ShardPlan(split, plan.consultant, plan.stretches)


def _needed(member: Member, groups: Groups, split: SplitRequest) -> Member:
    """Whom it is near to matters only where that is in another split."""
    own = assignment(member.leader, split)
    near_to = (near for near in member.near_to if assignment(groups.leader_of(near), split) != own)
    return Member(member.leader, tuple(near_to))
