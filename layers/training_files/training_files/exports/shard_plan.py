"""The plan of an export in shards: what each worker has to know before it begins."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Self

from training_files.domain.exports.export import ExportRequest
from training_files.domain.exports.groups import Member
from training_files.domain.exports.splits import SplitRequest
from training_files.domain.exports.stretches import Stretch
from training_files.errors import UpstreamUnavailableError
from training_files.exports.leased_export import LeasedExport
from training_files.exports.shard_objects import PLAN, ShardObjects, followers_of


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """`split` is what the request comes to; `consultant` is the name in the profile of the JSON.

    `stretches` are those of the shards, which are numbered from 1 on.
    """

    split: SplitRequest | None
    consultant: str | None
    stretches: tuple[Stretch, ...]

    @property
    def shards(self) -> range:
        return range(1, len(self.stretches) + 1)

    def stretch_of(self, shard: int) -> Stretch:
        return self.stretches[shard - 1]

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.split.seed if self.split else None,
            "seeds_tried": self.split.seeds_tried if self.split else None,
            "consultant": self.consultant,
            "stretches": [astuple(stretch) for stretch in self.stretches],
        }

    @classmethod
    def from_json(cls, request: ExportRequest, value: Mapping[str, Any]) -> Self:
        asked = request.split
        return cls(
            split=SplitRequest(asked.validation, asked.test, value["seed"], value["seeds_tried"]) if asked else None,
            consultant=value["consultant"],
            stretches=tuple(Stretch(*stretch) for stretch in value["stretches"]),
        )


def kept_plan(leased: LeasedExport) -> ShardPlan | None:
    """The plan that was made before; None where there is none yet."""
    value = ShardObjects(leased.context, leased.id).read(PLAN)
    return None if value is None else ShardPlan.from_json(leased.export.request, value)


def existing_plan(leased: LeasedExport) -> ShardPlan:
    """Raises UpstreamUnavailableError where there is none, though shards are to be done."""
    plan = kept_plan(leased)
    if plan is None:
        raise UpstreamUnavailableError("The plan of the export is missing in the bucket.")
    return plan


def kept_followers(leased: LeasedExport, shard: int) -> dict[str, Member]:
    """Those of a shard that follow another conversation, or are near to one in another split.

    Raises UpstreamUnavailableError where they are not there.
    """
    value = ShardObjects(leased.context, leased.id).read(followers_of(shard))
    if value is None:
        raise UpstreamUnavailableError(f"The plan of shard {shard} of the export is missing in the bucket.")
    return {key: Member(leader, tuple(near_to)) for key, (leader, near_to) in value.items()}


def keep_followers(leased: LeasedExport, shard: int, followers: Mapping[str, Member]) -> None:
    value = {key: [member.leader, member.near_to] for key, member in followers.items()}
    ShardObjects(leased.context, leased.id).write(followers_of(shard), value)
