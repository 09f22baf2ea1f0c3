"""What the repository of exports promises, whichever it is."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import MOMENT, begin, commit, content_of, figures_of, finished, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import Export, ExportedFile, ExportResult
from training_files.errors import RequestInvalidError
from training_files.ports.exports import BegunExport, ExportMember
from training_files.ports.leases import Lease

REQUEST: dict[str, Any] = {
    "version": 1,
    "format": "messages",
    "granularity": "turn",
    "split": {"validation": "0.1", "test": "0", "seed": 42},
    "bundle": True,
    "filter": {"min_quality_score": "4", "reviewed_only": False, "without": ["error"]},
    "repair": ["escapes"],
    "redact": [],
}
FILE = ExportedFile(
    name="train.jsonl", kind="rows", split="train", rows=3, bytes=17, sha256="0" * 64, filename="a-file.train.jsonl"
)
RESULT = ExportResult(
    files=(FILE,),
    totals={"rows": 3},
    left_out={"by_reason": {"no_target": 1}, "places": [{"turn": 1}]},
    history_mismatch={"count": 0, "places": []},
    splits={"got": {"train": 0.9}},
    lengths={"max_length": 12},
    readiness=({"target": "trl", "ready": True},),
)
# The file that `finished` makes says of its JSON that it has 1,000 bytes for each conversation.
BYTES = 1000


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


@pytest.fixture
def file_id(rows: RepositorySubject, owner: UUID) -> UUID:
    return finished(rows, owner)


def a_lease(seconds: int = 120) -> Lease:
    return Lease(uuid4(), seconds)


def begin_export(rows: RepositorySubject, file_id: UUID, **wanted: Any) -> BegunExport:
    usual: dict[str, Any] = {
        "export_id": uuid4(),
        "training_file_id": file_id,
        "owner": None,
        "revision": None,
        "request": REQUEST,
        "lease": a_lease(),
        "waits_up_to_bytes": BYTES,
    }
    return rows.exports.begin_export(**(usual | wanted))


def begun(rows: RepositorySubject, file_id: UUID, **wanted: Any) -> Export:
    answer = begin_export(rows, file_id, **wanted)
    assert answer.outcome == "begun"
    assert answer.export is not None
    return answer.export


def queued(rows: RepositorySubject, file_id: UUID) -> Export:
    return begun(rows, file_id, waits_up_to_bytes=-1)


def status_of(rows: RepositorySubject, export: Export) -> str | None:
    found = rows.exports.get_export(export.training_file_id, export.id)
    return found.status if found else None


class TestBeginning:
    def test_an_export_is_of_the_current_revision_and_keeps_what_was_asked_for(
        self, rows: RepositorySubject, owner: UUID, file_id: UUID
    ) -> None:
        export_id = uuid4()

        answer = begin_export(rows, file_id, export_id=export_id, owner=owner)

        assert answer.outcome == "begun"
        assert answer.revision == rows.repository.get_revision(file_id, number=1)
        assert answer.export == rows.exports.get_export(file_id, export_id)
        export = answer.export
        assert export is not None
        assert (export.id, export.training_file_id, export.revision) == (export_id, file_id, 1)
        assert (export.status, export.background, export.created_by) == ("building", False, owner)
        assert export.request.model_dump(mode="json") | {"version": 1} == REQUEST | {
            "name": "a file",
            "target_model": None,
            "tags": [],
        }

    def test_the_same_request_on_the_same_revision_is_the_same_export(
        self, rows: RepositorySubject, file_id: UUID
    ) -> None:
        first = begun(rows, file_id)

        in_other_words = dict(reversed(REQUEST.items()))
        again = begin_export(rows, file_id, request=in_other_words, revision=1)

        assert (again.outcome, again.export) == ("building", first)

    def test_another_request_or_revision_is_another_export(
        self, rows: RepositorySubject, owner: UUID, file_id: UUID
    ) -> None:
        first = begun(rows, file_id)
        commit(rows, begin(rows, owner, file_id)[0], [uuid4()], expected=1, before=1)

        others = [
            begun(rows, file_id, revision=1, request=REQUEST | {"granularity": "conversation"}),
            begun(rows, file_id, waits_up_to_bytes=None),
        ]

        assert [export.revision for export in others] == [1, 2]
        assert len({first.id, *(export.id for export in others)}) == 3

    def test_asking_again_under_the_same_id_has_the_same_answer(self, rows: RepositorySubject, file_id: UUID) -> None:
        wanted = {"export_id": uuid4(), "lease": a_lease()}

        assert begin_export(rows, file_id, **wanted) == begin_export(rows, file_id, **wanted)

    @pytest.mark.parametrize(("limit", "background"), [(BYTES, False), (BYTES - 1, True), (None, False), (-1, True)])
    def test_what_is_larger_than_a_caller_waits_for_is_for_the_background(
        self, rows: RepositorySubject, file_id: UUID, limit: int | None, *, background: bool
    ) -> None:
        assert begun(rows, file_id, waits_up_to_bytes=limit).background is background

    def test_files_that_cannot_be_exported(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        unfinished = started(rows, owner, "not finished").training_file_id

        assert begin_export(rows, uuid4()).outcome == "not_found"
        assert begin_export(rows, file_id, owner=rows.an_owner()).outcome == "not_found"
        assert begin_export(rows, unfinished).outcome == "processing"
        assert begin_export(rows, file_id, revision=2).outcome == "no_revision"

    def test_a_lost_export_is_taken_over_by_the_next_request(self, rows: RepositorySubject, file_id: UUID) -> None:
        lost = begun(rows, file_id)
        rows.age(file_id, minutes=3)

        assert begun(rows, file_id).id == lost.id
        assert begin_export(rows, file_id).outcome == "building"

    def test_a_lost_export_can_be_built_in_the_background(self, rows: RepositorySubject, file_id: UUID) -> None:
        lost = begun(rows, file_id)
        rows.age(file_id, minutes=3)

        taken_over = queued(rows, file_id)

        assert (taken_over.id, taken_over.background) == (lost.id, True)
        assert rows.exports.claim_export(export_id=lost.id, lease=a_lease()).outcome == "claimed"

    def test_a_queued_export_is_not_queued_twice(self, rows: RepositorySubject, file_id: UUID) -> None:
        waiting = queued(rows, file_id)

        again = begin_export(rows, file_id, waits_up_to_bytes=-1)

        assert (again.outcome, again.export) == ("building", waiting)

    def test_a_queued_export_is_built_by_a_caller_who_waits(self, rows: RepositorySubject, file_id: UUID) -> None:
        waiting = queued(rows, file_id)

        assert begun(rows, file_id).model_dump() == waiting.model_dump() | {"background": False}
        assert rows.exports.claim_export(export_id=waiting.id, lease=a_lease()).outcome == "leased"


class TestLeases:
    def test_one_worker_at_a_time_builds(self, rows: RepositorySubject, file_id: UUID) -> None:
        export, lease = queued(rows, file_id), a_lease()

        first = rows.exports.claim_export(export_id=export.id, lease=lease)

        assert (first.outcome, first.export) == ("claimed", export)
        assert first.revision == rows.repository.get_revision(file_id, number=1)
        assert rows.exports.claim_export(export_id=export.id, lease=lease) == first
        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "leased"

    def test_a_lost_workers_export_is_taken_over(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = queued(rows, file_id)
        rows.exports.claim_export(export_id=export.id, lease=a_lease())

        rows.age(file_id, minutes=3)

        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "claimed"

    def test_a_renewed_lease_lasts_longer(self, rows: RepositorySubject, file_id: UUID) -> None:
        export, lease = queued(rows, file_id), a_lease()
        rows.exports.claim_export(export_id=export.id, lease=lease)

        rows.age(file_id, minutes=1)
        rows.exports.renew_export(export_id=export.id, lease=lease)
        rows.age(file_id, minutes=1)

        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "leased"

    def test_a_lease_that_was_given_back_is_free(self, rows: RepositorySubject, file_id: UUID) -> None:
        export, lease = queued(rows, file_id), a_lease()
        rows.exports.claim_export(export_id=export.id, lease=lease)
        rows.exports.release_export(export_id=export.id, lease=a_lease())
        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "leased"

        rows.exports.release_export(export_id=export.id, lease=lease)

        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "claimed"

    def test_an_unknown_export_is_gone(self, rows: RepositorySubject) -> None:
        assert rows.exports.claim_export(export_id=uuid4(), lease=a_lease()).outcome == "gone"


class TestTheEnd:
    def test_a_committed_export_is_ready_with_its_result(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = begun(rows, file_id)

        ready = rows.exports.commit_export(export_id=export.id, result=RESULT)

        assert ready == rows.exports.get_export(file_id, export.id)
        assert ready is not None
        assert (ready.status, ready.result) == ("ready", RESULT)
        assert ready.finished_at is not None
        asked_again = begin_export(rows, file_id).export
        assert asked_again is not None
        assert asked_again.used_at >= ready.used_at
        assert asked_again.model_copy(update={"used_at": ready.used_at}) == ready
        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "finished"

    def test_the_first_result_counts(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = begun(rows, file_id)
        first = rows.exports.commit_export(export_id=export.id, result=RESULT)

        again = rows.exports.commit_export(export_id=export.id, result=RESULT.model_copy(update={"totals": {}}))

        assert again == first

    def test_a_failed_export_says_why_and_makes_room_for_another(self, rows: RepositorySubject, file_id: UUID) -> None:
        lease = a_lease()
        export = begun(rows, file_id, lease=lease)

        for _ in range(2):
            assert rows.exports.fail_export(export_id=export.id, lease=lease, error={"message": "gone"})

        failed = rows.exports.get_export(file_id, export.id)
        assert failed is not None
        assert (failed.status, failed.error) == ("failed", {"message": "gone"})
        assert rows.exports.commit_export(export_id=export.id, result=RESULT) is None
        assert rows.exports.claim_export(export_id=export.id, lease=lease).outcome == "finished"
        assert begun(rows, file_id).id != export.id

    def test_a_queued_export_can_fail(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = queued(rows, file_id)

        assert rows.exports.fail_export(export_id=export.id, lease=a_lease(), error={})

    def test_only_the_holder_of_the_lease_can_let_it_fail(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = begun(rows, file_id)

        assert not rows.exports.fail_export(export_id=export.id, lease=a_lease(), error={})

        assert status_of(rows, export) == "building"

    def test_a_ready_export_does_not_fail(self, rows: RepositorySubject, file_id: UUID) -> None:
        lease = a_lease()
        export = begun(rows, file_id, lease=lease)
        rows.exports.commit_export(export_id=export.id, result=RESULT)

        assert not rows.exports.fail_export(export_id=export.id, lease=lease, error={})

        assert status_of(rows, export) == "ready"

    def test_a_removed_file_takes_its_exports_with_it(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = begun(rows, file_id)

        rows.repository.delete_training_file(file_id, None)

        assert rows.exports.get_export(file_id, export.id) is None
        assert rows.exports.commit_export(export_id=export.id, result=RESULT) is None
        assert not rows.exports.fail_export(export_id=export.id, lease=a_lease(), error={})
        assert rows.exports.claim_export(export_id=export.id, lease=a_lease()).outcome == "gone"


class TestReading:
    def test_an_export_is_found_with_its_own_file_only(
        self, rows: RepositorySubject, owner: UUID, file_id: UUID
    ) -> None:
        export, other = begun(rows, file_id), finished(rows, owner, name="other")

        assert rows.exports.get_export(file_id, export.id) == export
        assert rows.exports.get_export(other, export.id) is None
        assert rows.exports.list_exports(other, limit=10) == []

    def test_an_export_that_is_used_says_when(self, rows: RepositorySubject, file_id: UUID) -> None:
        export = begun(rows, file_id)

        assert rows.exports.use_export(file_id, export.id)

        used = rows.exports.get_export(file_id, export.id)
        assert used is not None
        assert used.used_at >= export.used_at
        assert used.model_copy(update={"used_at": export.used_at}) == export

    def test_what_is_not_there_is_not_used(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        export, other = begun(rows, file_id), finished(rows, owner, name="other")

        assert not rows.exports.use_export(other, export.id)
        assert not rows.exports.use_export(file_id, uuid4())
        assert rows.exports.get_export(file_id, export.id) == export

    @pytest.mark.parametrize("of_one_moment", [False, True])
    def test_exports_are_listed_newest_first_page_by_page(
        self, rows: RepositorySubject, file_id: UUID, *, of_one_moment: bool
    ) -> None:
        made = []
        for seed in range(5):
            made.append(begun(rows, file_id, request=REQUEST | {"version": seed}).id)
            rows.age(file_id, minutes=0)
        if of_one_moment:
            rows.start_exports_at(file_id, MOMENT)

        pages = [rows.exports.list_exports(file_id, limit=2)]
        while len(pages[-1]) == 2:
            pages.append(rows.exports.list_exports(file_id, limit=2, before=pages[-1][-1].id))

        listed = [export for page in pages for export in page]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert {export.id for export in listed} == set(made)
        assert listed == sorted(listed, key=lambda export: (export.created_at, export.id), reverse=True)

    def test_a_page_behind_no_export_is_refused(self, rows: RepositorySubject, file_id: UUID) -> None:
        with pytest.raises(RequestInvalidError):
            rows.exports.list_exports(file_id, limit=2, before=uuid4())

    def test_what_a_plan_needs_is_that_of_the_revision_in_file_order_page_by_page(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        """Of rows that have all of it, and of those of before there were sizes or an analysis."""
        ids = [uuid4() for _ in range(4)]
        kept = {
            "version": 2,
            "content_sha256": "ab" * 32,
            "signature": "AAEC",
            "rows": {"conversation": [[3, 17, 40]], "turn": []},
        }
        analyses = [kept, kept | {"signature": None}, {"version": 1, "content_sha256": "cd" * 32}, None]
        figures = [row | {"analysis": analysis} for row, analysis in zip(figures_of(ids), analyses, strict=True)]
        figures[3]["json_size"] = None
        start = started(rows, owner)
        committed = rows.repository.commit_revision(
            revision_id=start.revision_id, expected_revision=0, content=content_of(ids), conversations=figures
        )
        assert committed.outcome == "committed"

        def listed(granularity: Granularity, limit: int = 1000, after: int = 0) -> list[ExportMember]:
            return rows.exports.list_export_members(
                start.training_file_id, revision=1, granularity=granularity, limit=limit, after_position=after
            )

        found = listed("conversation")
        assert [(one.position, one.conversation_id) for one in found] == list(enumerate(ids, start=1))
        assert [one.json_size for one in found] == [400, 400, 400, None]
        assert [one.version for one in found] == [2, 2, 1, None]
        assert [one.content_sha256 for one in found] == ["ab" * 32, "ab" * 32, "cd" * 32, None]
        assert [one.signature for one in found] == ["AAEC", None, None, None]
        assert [one.first_row for one in found] == [[3, 17, 40], [3, 17, 40], None, None]
        assert {(one.persona_key, one.emotional_arc_key, one.training_topic_key) for one in found} == {
            ("kim", None, None)
        }
        assert [one.first_row for one in listed("turn")] == [None] * 4
        assert listed("conversation", limit=2, after=1) == found[1:3]

    def test_the_objects_in_their_folders_are_found_and_no_others(self, rows: RepositorySubject) -> None:
        """Whether or not there is such an export, and folders whose names begin in the same way are others."""
        one, other, third = uuid4(), uuid4(), uuid4()
        for name in ("shard-00001.train.jsonl", "README.md", "a/b.json"):
            rows.put_object("training-files", f"{one}/{name}", size=1)
        rows.put_object("training-files", f"{other}/train.jsonl", size=1)
        rows.put_object("training-files", f"{third}/train.jsonl", size=1)
        rows.put_object("training-files", f"{one}0/train.jsonl", size=1)
        rows.put_object("training-files", f"{one}-/train.jsonl", size=1)
        rows.put_object("conversation-files", f"{one}/enriched.json", size=1)

        assert sorted(rows.exports.list_objects([one, other])) == sorted(
            [f"{one}/README.md", f"{one}/a/b.json", f"{one}/shard-00001.train.jsonl", f"{other}/train.jsonl"]
        )
        assert rows.exports.list_objects([uuid4()]) == []
        assert rows.exports.list_objects([]) == []

    def test_scores_are_those_of_the_revision_in_file_order_page_by_page(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        first, second = [uuid4() for _ in range(3)], [uuid4() for _ in range(2)]
        file_id = finished(rows, owner, first)
        commit(rows, begin(rows, owner, file_id)[0], second, expected=1, before=3)

        def ids(**options: Any) -> list[UUID]:
            return [scores.conversation_id for scores in rows.exports.list_scores(file_id, **options)]

        assert ids(revision=1, limit=1000) == first
        assert ids(revision=2, limit=1000) == [*first, *second]
        assert ids(revision=2, limit=2, after_position=2) == [first[2], second[0]]
        [scores] = rows.exports.list_scores(file_id, revision=1, limit=1)
        assert (scores.position, str(scores.mean)) == (1, "3.25")
        assert (scores.min_quality_score, scores.max_quality_score) == (3, 3.5)
