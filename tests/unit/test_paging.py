"""A page is over when nothing follows, however few rows a project hands out at once, and however long they are."""

import json
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from tests.support.domain import a_training_file
from tests.support.repositories import SupabaseRepository
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.domain.training_file.training_file import ListTrainingFilesFilters

FILE = UUID(int=7)
IN_FILE = 120
MOST_ROWS = 50


class Project:
    """PostgREST over one table, with the setting *Max rows*."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.most_rows = MOST_ROWS

    def handle(self, request: httpx.Request) -> httpx.Response:
        parameters = request.url.params
        first = int(parameters.get("position", "gt.0").removeprefix("gt."))
        matching = self.rows[first:]
        given = matching[: min(int(parameters["limit"]), self.most_rows)]
        counted = len(matching) if "count=exact" in request.headers.get("prefer", "") else "*"
        content_range = f"0-{len(given) - 1}/{counted}" if given else f"*/{counted}"
        return httpx.Response(206, json=given, headers={"Content-Range": content_range})


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def repository(project: Project) -> Iterator[SupabaseRepository]:
    with httpx.Client(transport=httpx.MockTransport(project.handle)) as http:
        yield SupabaseRepository(SupabaseConnection("https://abcdefghijklmnop.supabase.co", "sb_secret_key", http))


def test_a_page_that_is_shorter_than_was_asked_for_is_not_the_last(
    project: Project, repository: SupabaseRepository
) -> None:
    project.rows = [{"position": place, "conversation_id": str(UUID(int=place))} for place in range(1, IN_FILE + 1)]
    pages, position, more = [], 0, True
    while more:
        page = repository.list_conversation_ids(FILE, limit=1000, after_position=position)
        pages.append(len(page))
        position, more = page[-1][0], page.more

    assert pages == [50, 50, 20]
    assert position == IN_FILE


@pytest.mark.parametrize(("count", "more"), [(3, True), (2, False), (1, False)])
def test_a_full_page_is_the_last_where_nothing_follows(
    project: Project, repository: SupabaseRepository, count: int, *, more: bool
) -> None:
    project.rows = [json.loads(a_training_file(id=UUID(int=place)).model_dump_json()) for place in range(count)]

    page = repository.list_training_files(ListTrainingFilesFilters(limit=2), None)

    assert (len(page.files), page.next_cursor is not None) == (min(count, 2), more)


def test_rows_that_are_long_come_in_more_pages(project: Project, repository: SupabaseRepository) -> None:
    """A description that was not written through the API may have any length."""
    project.rows = [
        json.loads(a_training_file(id=UUID(int=place), description="x" * 900_000).model_dump_json())
        for place in range(5)
    ]

    page = repository.list_training_files(ListTrainingFilesFilters(limit=5), None)

    assert len(page.files) == 2
    assert page.next_cursor is not None


def test_a_row_that_is_longer_than_a_page_is_a_page(project: Project, repository: SupabaseRepository) -> None:
    row = json.loads(a_training_file(id=FILE, description="x" * 3_000_000).model_dump_json())
    project.rows = [row, row]

    page = repository.list_training_files(ListTrainingFilesFilters(limit=5), None)

    assert len(page.files) == 1
    assert page.next_cursor is not None
