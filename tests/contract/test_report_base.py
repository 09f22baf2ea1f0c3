"""What a repository tells the quality report, whichever it is."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import MOMENT, begin, commit, content_of, figures_of, finished, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.ports.reports import RevisionSurroundings

ENRICHED = "conversation-files"
OWN = "training-files"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A user, whose conversations have enriched files that were written an hour ago."""

    rows: RepositorySubject
    owner: UUID
    paths: dict[UUID, str] = field(default_factory=dict)

    def a_conversation(self, **written: Any) -> UUID:
        path = f"{uuid4()}/enriched.json"
        conversation_id = self.rows.a_conversation(self.owner, enriched_file_path=path).conversation_id
        self.paths[conversation_id] = path
        self.rows.put_object(ENRICHED, path, **({"size": 100} | written))
        return conversation_id

    def found(
        self, file_id: UUID, *, revision: int = 1, limit: int = 10, newer_only: bool = False
    ) -> RevisionSurroundings:
        return self.rows.repository.revision_surroundings(
            file_id, revision=revision, limit=limit, newer_only=newer_only
        )

    def doubts(self, file_id: UUID, **options: Any) -> list[tuple[UUID, str]]:
        return [(doubt.conversation_id, doubt.reason) for doubt in self.found(file_id, **options).doubts]


@pytest.fixture
def around(rows: RepositorySubject) -> Surroundings:
    return Surroundings(rows, rows.an_owner())


class TestMemberships:
    def test_say_what_is_known_of_each_conversation_in_file_order(self, rows: RepositorySubject) -> None:
        ids = [uuid4() for _ in range(3)]
        file_id = finished(rows, rows.an_owner(), ids)

        found = rows.repository.list_memberships(file_id, revision=1, limit=10)

        assert [(member.position, member.conversation_id) for member in found] == list(enumerate(ids, 1))
        first = found[0]
        assert (first.training_pairs, first.trainable_pairs, first.score_sum) == (1, 1, Decimal("3.25"))
        assert (first.persona_key, first.emotional_arc_key, first.training_topic_key) == ("kim", None, None)
        assert first.analysis == {"turns": [1], "score": None}

    def test_come_in_pages_and_only_as_far_as_the_revision_goes(self, rows: RepositorySubject) -> None:
        owner, ids = rows.an_owner(), [uuid4() for _ in range(5)]
        file_id = finished(rows, owner, ids[:4])
        commit(rows, begin(rows, owner, file_id)[0], ids[4:], expected=1, before=4, at=MOMENT)

        def page(revision: int, after: int) -> list[UUID]:
            options = {"revision": revision, "limit": 3, "after_position": after}
            return [member.conversation_id for member in rows.repository.list_memberships(file_id, **options)]

        assert [page(2, 0), page(2, 3), page(2, 5)] == [ids[:3], ids[3:], []]
        assert page(1, 3) == ids[3:4]


CUT_OFF = ["truncated_target", "error", 2, "it is cut off", "target_response", 17]
MAIL = ["personal_data", "warning", 1, "it holds an e-mail address", "target_response", None]
CARD = ["personal_data", "error", 1, "it holds a card number"]


class TestFindings:
    # The third is from before there was an analysis, the last one by an older version.
    KEPT: tuple[list[Any] | None, ...] = ([CUT_OFF, MAIL], [], None, [MAIL], [CARD])

    @pytest.fixture
    def ids(self) -> list[UUID]:
        return [uuid4() for _ in self.KEPT]

    @pytest.fixture
    def file_id(self, rows: RepositorySubject, ids: list[UUID]) -> UUID:
        start = started(rows, rows.an_owner())
        figures = [
            row | {"analysis": None if kept is None else {"findings": kept}}
            for row, kept in zip(figures_of(ids), self.KEPT, strict=True)
        ]
        committed = rows.repository.commit_revision(
            revision_id=start.revision_id, expected_revision=0, content=content_of(ids), conversations=figures
        )
        assert committed.outcome == "committed"
        return start.training_file_id

    def test_are_those_of_conversations_that_have_any_in_file_order(
        self, rows: RepositorySubject, file_id: UUID, ids: list[UUID]
    ) -> None:
        found = rows.repository.list_findings(file_id, WantedFindings(), revision=1, limit=10)

        assert [(each.position, each.conversation_id) for each in found] == [(1, ids[0]), (4, ids[3]), (5, ids[4])]
        assert [list(each.findings) for each in found] == [[CUT_OFF, MAIL], [MAIL], [CARD]]

    @pytest.mark.parametrize(
        ("wanted", "positions"),
        [
            ({"rule": "truncated_target"}, [1]),
            ({"rule": "personal_data"}, [1, 4, 5]),
            ({"severity": "error"}, [1, 5]),
            ({"severity": "info"}, []),
            ({"rule": "personal_data", "severity": "error"}, [5]),
            ({"rule": "truncated_target", "severity": "warning"}, []),
        ],
        ids=str,
    )
    def test_are_of_conversations_that_have_what_is_wanted(
        self, rows: RepositorySubject, file_id: UUID, wanted: dict[str, Any], positions: list[int]
    ) -> None:
        found = rows.repository.list_findings(file_id, WantedFindings(**wanted), revision=1, limit=10)

        assert [each.position for each in found] == positions

    def test_are_of_one_conversation_where_one_is_named(
        self, rows: RepositorySubject, file_id: UUID, ids: list[UUID]
    ) -> None:
        def found(conversation_id: UUID, **wanted: Any) -> list[int]:
            named = WantedFindings(conversation_id=conversation_id, **wanted)
            return [each.position for each in rows.repository.list_findings(file_id, named, revision=1, limit=10)]

        assert [found(ids[3]), found(ids[1]), found(uuid4())] == [[4], [], []]
        assert [found(ids[3], severity="warning"), found(ids[3], severity="error")] == [[4], []]

    def test_come_in_pages_and_only_as_far_as_the_revision_goes(self, rows: RepositorySubject, file_id: UUID) -> None:
        def page(begin: int, *, revision: int = 1, limit: int = 2) -> list[int]:
            options = {"revision": revision, "limit": limit, "from_position": begin}
            return [each.position for each in rows.repository.list_findings(file_id, WantedFindings(), **options)]

        assert [page(1), page(4), page(5), page(6)] == [[1, 4], [4, 5], [5], []]
        assert page(1, revision=0) == []
        assert rows.repository.list_findings(uuid4(), WantedFindings(), revision=1, limit=10) == []


class TestSurroundings:
    def test_tell_how_large_the_objects_of_the_revision_are(self, around: Surroundings) -> None:
        file_id = finished(around.rows, around.owner, [around.a_conversation()])
        revision = around.rows.repository.get_revision(file_id, number=1)
        assert revision is not None
        around.rows.put_object(OWN, revision.json_file_path, size=1234)

        found = around.found(file_id)

        assert (found.json_object_bytes, found.jsonl_object_bytes) == (1234, None)

    def test_doubt_no_file_that_is_older_than_its_place_in_the_training_file(self, around: Surroundings) -> None:
        file_id = finished(around.rows, around.owner, [around.a_conversation(minutes_ago=20) for _ in range(2)])

        found = around.found(file_id)

        assert (found.doubts, found.doubts_total) == ((), 0)

    def test_doubt_what_is_gone_and_what_was_written_since_or_just_before(self, around: Surroundings) -> None:
        before, same, later, gone = ids = [
            around.a_conversation(**written) for written in ({"minutes_ago": 10}, {}, {}, {})
        ]
        # A conversation whose row names no file that there is.
        lost = around.rows.a_conversation(around.owner, enriched_file_path=f"{uuid4()}/lost.json").conversation_id
        file_id = finished(around.rows, around.owner, [*ids, lost])
        around.rows.put_object(ENRICHED, around.paths[later], size=77, minutes_ago=-5)
        around.rows.forget(gone)

        assert same not in dict(around.doubts(file_id))
        assert around.doubts(file_id) == [
            (gone, "row_gone"),
            (lost, "file_missing"),
            (later, "newer"),
            (before, "newer"),
        ]
        [doubt] = [each for each in around.found(file_id).doubts if each.conversation_id == later]
        assert (doubt.enriched_file_path, doubt.enriched_sha256, doubt.bytes) == (around.paths[later], "0" * 64, 77)

    def test_name_no_more_doubts_than_asked_for_and_count_them_all(self, around: Surroundings) -> None:
        ids = [around.a_conversation(minutes_ago=-5) for _ in range(4)]
        file_id = finished(around.rows, around.owner, ids)

        found = around.found(file_id, limit=2)

        assert [doubt.conversation_id for doubt in found.doubts] == ids[:2]
        assert found.doubts_total == 4

    def test_are_of_files_that_are_there_where_only_these_are_asked_for(self, around: Surroundings) -> None:
        gone, first, second = ids = [around.a_conversation(minutes_ago=-5) for _ in range(3)]
        lost = around.rows.a_conversation(around.owner, enriched_file_path=f"{uuid4()}/lost.json").conversation_id
        file_id = finished(around.rows, around.owner, [lost, *ids])
        around.rows.forget(gone)

        assert around.doubts(file_id, limit=2, newer_only=True) == [(first, "newer"), (second, "newer")]
        assert around.found(file_id, limit=1, newer_only=True).doubts_total == 2

    def test_are_those_of_the_revision_that_was_asked_for(self, around: Surroundings) -> None:
        first, second = (around.a_conversation(minutes_ago=-5) for _ in range(2))
        file_id = finished(around.rows, around.owner, [first])
        commit(around.rows, begin(around.rows, around.owner, file_id)[0], [second], expected=1, before=1, at=MOMENT)

        assert around.doubts(file_id) == [(first, "newer")]
        assert around.doubts(file_id, revision=2) == [(first, "newer"), (second, "newer")]

    def test_of_what_is_not_there_are_nothing(self, around: Surroundings) -> None:
        assert around.found(uuid4()) == RevisionSurroundings()
