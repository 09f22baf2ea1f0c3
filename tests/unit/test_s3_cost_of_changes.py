"""What a change of 20 conversations costs over S3, counted from its plan: requests to Storage, bytes through here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.benchmarks.steps import CHANGED, apart, together
from training_files.adapters.s3.parts import MEBIBYTE, SMALLEST_PART_BYTES, CopiedPart, PartLimits, upload_parts
from training_files.adapters.supabase.reads import stretches_to_read
from training_files.builds.cutting import json_without, jsonl_without
from training_files.domain.training_file.formats import SEPARATOR, TAIL
from training_files.domain.training_file.revision import Revision
from training_files.ports.members import NamedMember, RevisionMembers
from training_files.ports.objects import BytesPart, LocalPart, Part, StoredPart

# As of an enriched file of 56 KB.
JSON_BYTES, JSONL_BYTES = 46_000, 44_000
HEADER = BytesPart(bytes(1_500))
BODY_OFFSET, BODY_START_BYTES = HEADER.size + 7, 900
REQUESTS_AROUND_PARTS = 2
# To the database, and to read the enriched files that are refreshed.
MOST_REQUESTS, REQUESTS_BESIDE = 60, 5
# The enriched files.
MOST_BYTES, BYTES_BESIDE = 25_000_000, CHANGED * 56_000

Chosen = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True)
class Cost:
    requests: int
    bytes_up: int
    bytes_down: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.requests + other.requests, self.bytes_up + other.bytes_up, self.bytes_down + other.bytes_down)


def cost_of(parts: Sequence[Part]) -> Cost:
    """Of an object of more than one part."""
    planned = list(upload_parts(parts, PartLimits.for_object_of(sum(part.size for part in parts))))
    sent = [part for part in planned if not isinstance(part, CopiedPart)]
    read = [stretch for part in sent for stretch in stretches_to_read(part.pieces, holds_all=True)]
    return Cost(
        REQUESTS_AROUND_PARTS + len(planned) + len(read),
        sum(part.size for part in sent),
        sum(stretch.size for stretch in read),
    )


def a_base(count: int) -> Revision:
    body = BODY_START_BYTES + count * JSON_BYTES + (count - 1) * len(SEPARATOR) + len(TAIL)
    return Revision(
        id=uuid4(),
        training_file_id=uuid4(),
        number=1,
        status="committed",
        json_file_path="old/training.json",
        jsonl_file_path="old/training.jsonl",
        json_file_size=BODY_OFFSET + body,
        jsonl_file_size=count * JSONL_BYTES,
        json_body_offset=BODY_OFFSET,
        created_by=uuid4(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def the_members(count: int, chosen: Chosen) -> RevisionMembers:
    indexes = [int(one) for one in chosen([str(index) for index in range(count)])]
    named = tuple(a_member(index) for index in indexes)
    return RevisionMembers(
        count=count, json_bytes=count * JSON_BYTES, jsonl_bytes=count * JSONL_BYTES, named=named, others={}
    )


def a_member(index: int) -> NamedMember:
    conversation_id = UUID(int=index + 1)
    return NamedMember(
        asked_as=(conversation_id,),
        conversation_id=conversation_id,
        position=index + 1,
        index=index,
        enriched_sha256="0" * 64,
        json_size=JSON_BYTES,
        json_before=index * JSON_BYTES,
        jsonl_size=JSONL_BYTES,
        jsonl_before=index * JSONL_BYTES,
    )


def cost_of_a_removal(count: int, chosen: Chosen) -> Cost:
    base, members = a_base(count), the_members(count, chosen)
    return cost_of([HEADER, *json_without(base, members)]) + cost_of(jsonl_without(base, members))


def cost_of_a_refresh(count: int, chosen: Chosen) -> Cost:
    base, members = a_base(count), the_members(count, chosen)
    json, jsonl = (
        {
            member.conversation_id: LocalPart(Path("new"), place * size, (place + 1) * size)
            for place, member in enumerate(members.named)
        }
        for size in (len(SEPARATOR) + JSON_BYTES, JSONL_BYTES)
    )
    enriched_files = Cost(CHANGED, 0, BYTES_BESIDE)
    return (
        cost_of([HEADER, *json_without(base, members, json)])
        + cost_of(jsonl_without(base, members, jsonl))
        + enriched_files
    )


def is_within(cost: Cost, *, requests: int, size: int) -> bool:
    return cost.requests <= requests and max(cost.bytes_up, cost.bytes_down) <= size


@pytest.mark.parametrize("cost_of_a_change", [cost_of_a_removal, cost_of_a_refresh])
def test_a_change_in_one_place_costs_the_same_whatever_the_file_holds(
    cost_of_a_change: Callable[[int, Chosen], Cost],
) -> None:
    costs = [cost_of_a_change(count, together) for count in (1_000, 10_000)]

    assert costs[0] == costs[1]
    assert is_within(costs[0], requests=MOST_REQUESTS - REQUESTS_BESIDE, size=MOST_BYTES)


@pytest.mark.parametrize("chosen", [apart, lambda ids: ids[::500]], ids=["apart", "each 500th"])
def test_a_removal_from_everywhere_copies_all_but_5_mib_where_stretches_are_long_enough(chosen: Chosen) -> None:
    cost = cost_of_a_removal(10_000, chosen)

    assert is_within(cost, requests=MOST_REQUESTS - REQUESTS_BESIDE, size=SMALLEST_PART_BYTES + JSON_BYTES)


def test_a_removal_from_everywhere_sends_a_file_of_short_stretches_once() -> None:
    """With one read for each part that is sent, whatever lies between its pieces."""
    count = 1_000
    cost = cost_of_a_removal(count, apart)

    size = count * (JSON_BYTES + JSONL_BYTES) + MEBIBYTE
    assert is_within(cost, requests=MOST_REQUESTS // 2, size=size)


def test_a_refresh_everywhere_costs_a_read_two_parts_and_5_mib_for_each_place() -> None:
    places = 2 * (CHANGED + 1)

    cost = cost_of_a_refresh(10_000, apart)

    assert is_within(
        cost,
        requests=CHANGED + 3 * places + 2 * REQUESTS_AROUND_PARTS,
        size=places * SMALLEST_PART_BYTES + BYTES_BESIDE,
    )


def test_what_is_removed_close_to_each_other_is_one_place() -> None:
    """Every other one of 40: what stays between them is sent in one part, and read by one request."""

    one_place, many_places = (cost_of_a_removal(1_000, chosen) for chosen in (together, lambda ids: ids[500:540:2]))

    # In each object a part and its read.
    assert many_places.requests <= one_place.requests + 2 * 2
    assert many_places.bytes_up <= one_place.bytes_up + 2 * SMALLEST_PART_BYTES


@pytest.mark.parametrize(("removed", "is_copied_along"), [(5, True), (999, False)], ids=["within", "the last one"])
def test_the_end_of_the_json_is_copied_with_what_stays_before_it(removed: int, *, is_copied_along: bool) -> None:
    base = a_base(1_000)

    parts = json_without(base, the_members(1_000, lambda _: [str(removed)]))

    assert isinstance(parts[-1], StoredPart) is is_copied_along
    end = parts[-1].end if isinstance(parts[-1], StoredPart) else None
    assert end == (base.json_file_size if is_copied_along else None)
    assert is_copied_along or parts[-1] == BytesPart(TAIL)


def test_few_mebibytes_are_sent_for_a_place_in_front() -> None:
    """The header and the first conversation are one place."""
    cost = cost_of_a_refresh(1_000, lambda ids: ids[:CHANGED])

    assert cost.bytes_up <= 2 * SMALLEST_PART_BYTES + MEBIBYTE
