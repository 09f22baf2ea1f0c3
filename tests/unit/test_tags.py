"""A tag names a revision, and does wherever a revision is asked for, over fakes."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.fake_surroundings import InMemoryHousekeeping
from tests.support.workshop import Workshop
from training_files.api.exports.requests import CreateExportRequest
from training_files.api.findings.requests import FindingsQuery
from training_files.api.parsing import TAG_PATTERN, parsed, tag_in_path
from training_files.api.report.requests import ReportQuery
from training_files.api.tags.requests import TagRequest
from training_files.api.training_files.requests import DownloadQuery, RevertRequest
from training_files.catalog.revisions import committed_revision, kept_revision
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.exports.export import CreateExportInput
from training_files.domain.training_file.build_request import CreateTrainingFileInput, RevertInput
from training_files.domain.training_file.tags import LONGEST_TAG, MOST_TAGS, RevisionName, is_tag
from training_files.errors import (
    RequestInvalidError,
    RevisionNotFoundError,
    TagNotFoundError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    TrainingFilesError,
)
from training_files.service import TrainingFileService

TAGS = ["v1", "a", "0a", "2026-11-28", "1.0", "1_", "9" * 63 + "x", "a" * 64, "release.2-rc_1", "1.", "a--"]
NO_TAGS = [
    "",
    "1",
    "007",
    "9" * 64,
    "V1",
    "é",
    "-a",
    ".a",
    "_a",
    "a b",
    "a/b",
    "a\n",
    "a" * 65,
    "9" * 64 + "x",
    "9" * 60 + "abcde",
    "٣a",
]

Use = Callable[[TrainingFileService, UUID, RevisionName], object]


def revert(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.revert_training_file(RevertInput(training_file_id=file_id, revision=name))


def revert_later(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.request_reversion(RevertInput(training_file_id=file_id, revision=name))


def download(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.get_download_of(file_id, file_format="json", revision=name)


def export(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.create_export(CreateExportInput(training_file_id=file_id, format="messages", revision=name))


def report(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.report(file_id, revision=name)


def find(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.page_of_findings(file_id, WantedFindings(), limit=10, revision=name)


def tag(service: TrainingFileService, file_id: UUID, name: RevisionName) -> object:
    return service.tag_revision(file_id, "another", name)


USES: list[Use] = [revert, revert_later, download, export, report, find, tag]
each_use = pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
# These have had another code for a number than the others from their first version on, and codes are stable.
GONE = {download: TrainingFileNotFoundError, export: TrainingFileNotFoundError}


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def file_id(workshop: Workshop) -> UUID:
    """With three revisions."""
    file_id = workshop.a_training_file()
    for _ in range(2):
        workshop.add(workshop.service, file_id, workshop.a_conversation())
    return file_id


def let_housekeeping_prune(workshop: Workshop) -> None:
    """Only the newest revision is kept, and what has a tag."""
    workshop.clock.advance(days=2)
    housekeeping = InMemoryHousekeeping(workshop.repository, workshop.exports)
    given_up = housekeeping.list_work(keep_revisions=1, limit=100).remove
    workshop.training_files.remove([f"{one}/training.{end}" for one in given_up for end in ("json", "jsonl")])


class TestNames:
    @pytest.mark.parametrize("text", TAGS)
    def test_are_a_tag(self, text: str) -> None:
        assert is_tag(text)
        assert tag_in_path(text) == text
        assert parsed(TagRequest, {"revision": text}).revision == text

    @pytest.mark.parametrize("text", NO_TAGS)
    def test_are_none(self, workshop: Workshop, text: str) -> None:
        assert not is_tag(text)
        with pytest.raises(RequestInvalidError, match="lowercase letters") as refused:
            tag_in_path(text)
        assert refused.value.details[0]["field"] == "tag"
        with pytest.raises(RequestInvalidError):
            workshop.service.tag_revision(uuid4(), text, 1)

    @pytest.mark.parametrize("text", [*TAGS, *NO_TAGS])
    def test_are_described_as_they_are_taken(self, text: str) -> None:
        described = re.search(TAG_PATTERN.replace("$", r"\Z"), text) is not None and len(text) <= LONGEST_TAG
        assert described == is_tag(text)

    @pytest.mark.parametrize(("value", "name"), [(1, 1), ("1", 1), ("007", 7), (2**31 - 1, 2**31 - 1), ("v1", "v1")])
    def test_of_revisions_are_read_in_one_way(self, value: object, name: RevisionName) -> None:
        """Digits are a number, in a body and in a query."""
        body, query = {"revision": value}, {"revision": str(value)}
        read = [
            parsed(TagRequest, body).revision,
            parsed(RevertRequest, body).revision,
            parsed(CreateExportRequest, body | {"format": "messages"}).revision,
            parsed(ReportQuery, query).revision,
            parsed(FindingsQuery, query).revision,
            parsed(DownloadQuery, query).revision,
        ]

        assert read == [name] * len(read)

    @pytest.mark.parametrize(
        "value", [0, -1, 2**31, "0", "2147483648", "9" * 5000, True, 1.5, None, [], {}, "V1", "-1", "1e3 ", "latest!"]
    )
    def test_of_no_revision_are_refused_in_words(self, value: object) -> None:
        with pytest.raises(RequestInvalidError, match="it must be the number of a revision") as refused:
            parsed(RevertRequest, {"revision": value})

        assert [detail["field"] for detail in refused.value.details] == ["revision"]


class TestTagging:
    def test_keeps_what_it_names(self, workshop: Workshop, file_id: UUID) -> None:
        workshop.service.tag_revision(file_id, "v1", 1)

        let_housekeeping_prune(workshop)

        kept = {one.number: (one.is_kept, one.tags) for one in workshop.service.list_revisions(file_id, limit=10)}
        assert kept == {1: (True, ("v1",)), 2: (False, ()), 3: (True, ())}

    def test_says_what_is_no_file_and_no_revision(self, workshop: Workshop, file_id: UUID) -> None:
        service = workshop.service
        with pytest.raises(TrainingFileNotFoundError):
            service.tag_revision(uuid4(), "v1", 1)
        with pytest.raises(TrainingFileNotFoundError):
            service.acting_for(uuid4()).tag_revision(file_id, "v1", 1)
        wanted = CreateTrainingFileInput(
            name="new", conversation_ids=(workshop.a_conversation(),), created_by=workshop.owner
        )
        new = service.request_training_file(wanted)
        assert new.id is not None
        with pytest.raises(TrainingFileProcessingError):
            service.tag_revision(new.id, "v1", 1)

    def test_says_when_there_are_enough(self, workshop: Workshop, file_id: UUID) -> None:
        for number in range(MOST_TAGS):
            workshop.service.tag_revision(file_id, f"v{number}", 1)

        with pytest.raises(RequestInvalidError, match="100 tags"):
            workshop.service.tag_revision(file_id, "v100", 1)

    def test_is_taken_back_once(self, workshop: Workshop, file_id: UUID) -> None:
        workshop.service.tag_revision(file_id, "v1", 1)
        workshop.service.untag_revision(file_id, "v1")

        with pytest.raises(TagNotFoundError, match="no tag v1"):
            workshop.service.untag_revision(file_id, "v1")
        with pytest.raises(TrainingFileNotFoundError):
            workshop.service.acting_for(uuid4()).untag_revision(file_id, "v1")

    @pytest.mark.parametrize(
        ("tags", "advice"),
        [
            ([], "It has none; PUT …/tags/relase makes one."),
            (["v1", "release", "base"], "Its tags are: release, base, v1."),
            ([f"v{n}" for n in range(9)], "Its tags are: v0, v1, v2, v3, v4, and 4 more."),
        ],
    )
    def test_of_an_unknown_name_mends_it(self, workshop: Workshop, file_id: UUID, tags: list[str], advice: str) -> None:
        for name in tags:
            workshop.service.tag_revision(file_id, name, 1)

        with pytest.raises(TagNotFoundError) as refused:
            workshop.service.report(file_id, revision="relase")

        assert refused.value.message == f"There is no tag relase of training file {file_id}. {advice}"


class TestWhereverARevisionIsAskedFor:
    @each_use
    def test_a_tag_will_do(self, workshop: Workshop, file_id: UUID, use: Use) -> None:
        workshop.service.tag_revision(file_id, "v1", 1)
        workshop.service.tag_revision(file_id, "v2", 2)

        by_tag, by_number = use(workshop.service, file_id, "v1"), use(workshop.service, file_id, 1)

        if use in (download, report, find):
            assert by_tag == by_number
        if use in (download, report, find, tag):
            assert by_tag != use(workshop.service, file_id, "v2")

    @each_use
    def test_an_unknown_tag_is_said_to_be_one(self, workshop: Workshop, file_id: UUID, use: Use) -> None:
        with pytest.raises(TagNotFoundError):
            use(workshop.service, file_id, "v1")

    @each_use
    @pytest.mark.parametrize("number", [1, 99], ids=["too old", "never"])
    def test_what_is_not_kept_is_not_found(self, workshop: Workshop, file_id: UUID, use: Use, number: int) -> None:
        let_housekeeping_prune(workshop)
        before = len(workshop.repository.revisions)

        expected: type[TrainingFilesError] = GONE.get(use, RevisionNotFoundError)
        with pytest.raises(expected, match=f"revision {number}"):
            use(workshop.service, file_id, number)

        assert len(workshop.repository.revisions) == before, "nothing was begun"

    @each_use
    def test_what_is_given_up_while_it_is_asked_for_is_not_found(
        self, workshop: Workshop, file_id: UUID, use: Use
    ) -> None:
        """The objects are there still, and nobody begins anything with them."""
        workshop.clock.advance(days=2)
        InMemoryHousekeeping(workshop.repository, workshop.exports).list_work(keep_revisions=1, limit=100)

        with pytest.raises(GONE.get(use, RevisionNotFoundError)):
            use(workshop.service, file_id, 1)

    def test_a_worker_goes_back_to_what_the_tag_named_when_it_was_asked(
        self, workshop: Workshop, file_id: UUID
    ) -> None:
        workshop.service.tag_revision(file_id, "v1", 1)
        revert_later(workshop.service, file_id, "v1")
        workshop.service.tag_revision(file_id, "v1", 2)

        [build] = workshop.queue.waiting
        workshop.service.build_revision(build)

        assert len(workshop.consistent_ids(file_id)) == 1

    def test_a_worker_finds_what_was_to_be_gone_back_to(self, workshop: Workshop, file_id: UUID) -> None:
        """Housekeeping leaves it as long as the build lasts."""
        revert_later(workshop.service, file_id, 1)
        let_housekeeping_prune(workshop)

        [build] = workshop.queue.waiting
        workshop.service.build_revision(build)

        assert workshop.repository.training_files[file_id].revision == 4


class TestLookingARevisionUp:
    """For those who compare rows: members of a revision stay when its objects are gone."""

    @pytest.mark.parametrize("name", [1, "v1"])
    def test_finds_what_is_committed(self, workshop: Workshop, file_id: UUID, name: RevisionName) -> None:
        workshop.service.tag_revision(file_id, "v1", 1)

        for look_up in (committed_revision, kept_revision):
            assert look_up(workshop.context, file_id, name).number == 1

    def test_finds_what_is_not_kept_as_well(self, workshop: Workshop, file_id: UUID) -> None:
        let_housekeeping_prune(workshop)

        assert committed_revision(workshop.context, file_id, 1).number == 1
        with pytest.raises(RevisionNotFoundError):
            kept_revision(workshop.context, file_id, 1)
        for name, error in cases():
            with pytest.raises(error):
                committed_revision(workshop.context, file_id, name)


def cases() -> list[tuple[RevisionName, type[Any]]]:
    return [(99, RevisionNotFoundError), ("v9", TagNotFoundError)]
