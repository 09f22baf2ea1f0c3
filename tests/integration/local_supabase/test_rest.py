"""The REST API answers as PostgREST does."""

from typing import Any

import httpx
import pytest
from supabase import Client

from infra.local_supabase import LocalSupabase
from tests.integration.local_supabase.calls import raised, rows


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("zoned", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("zoned", "2026-01-02T03:04:05.678901+02:00", "2026-01-02T01:04:05.678901+00:00"),
        ("unzoned", "2026-01-02 03:04:05", "2026-01-02T03:04:05"),
        ("amount", "1.5000", 1.5),
        ("amount", 3, 3),
        ("document", {"a": [1, None, "ü"]}, {"a": [1, None, "ü"]}),
        ("document", [1, 2], [1, 2]),
        ("bytes", "\\x00ff", "\\x00ff"),
        ("tags", ["a", "b,c"], ["a", "b,c"]),
        ("zoned", None, None),
    ],
)
def test_column_values_come_back_in_the_form_of_hosted_projects(
    service: Client, column: str, written: Any, read: object
) -> None:
    table = service.table("column_values")

    [inserted] = rows(table.insert({column: written}))
    [selected] = rows(table.select(column).eq("id", inserted["id"]))

    assert (inserted[column], selected[column]) == (read, read)


@pytest.mark.parametrize(
    ("code", "status"), [("P0001", 400), ("23505", 409), ("PT409", 409), ("40001", 500), ("57014", 500)]
)
def test_a_raised_error_keeps_its_code_words_and_hint(
    service: Client, http: httpx.Client, supabase_stack: LocalSupabase, code: str, status: int
) -> None:
    arguments = {"code": code, "hint": "Do this"}
    headers = {"apikey": supabase_stack.secret_key}

    error = raised(service.rpc("raise_error", arguments))
    response = http.post("/rest/v1/rpc/raise_error", json=arguments, headers=headers)

    assert response.status_code == status
    assert response.json() == error.json()
    assert error.json() == {"code": code, "message": "It failed", "details": "Some detail", "hint": "Do this"}


def test_a_plain_raise_is_the_callers_error(service: Client) -> None:
    error = raised(service.rpc("plain_raise"))

    assert (error.code, error.message) == ("P0001", "It failed plainly")


def test_a_failed_check_is_answered_with_its_code(service: Client) -> None:
    error = raised(service.table("constrained").insert({"name": "small", "size": 0}))

    assert error.code == "23514"
    assert "constrained_size_check" in str(error.message)


def test_a_duplicate_is_answered_with_its_code_and_details(service: Client) -> None:
    service.table("constrained").upsert({"name": "same", "size": 1}).execute()

    error = raised(service.table("constrained").insert({"name": "same", "size": 2}))

    assert error.code == "23505"
    assert error.details == "Key (name)=(same) already exists."


def test_a_missing_table_is_answered_as_postgrest_does(service: Client) -> None:
    assert raised(service.table("nowhere").select("*")).code == "PGRST205"


@pytest.mark.parametrize("table", ["notes", "ungranted", "constrained"])
def test_anon_gets_nothing_that_was_not_granted(anon: Client, table: str) -> None:
    assert raised(anon.table(table).select("*")).code == "42501"


def test_even_the_secret_key_needs_a_grant(service: Client) -> None:
    assert raised(service.table("ungranted").select("*")).code == "42501"


def test_a_function_takes_json_and_array_arguments(service: Client) -> None:
    arguments = {"document": {"items": [{"deep": True}]}, "names": ["a", "b"]}

    answer = service.rpc("keys_of", arguments).execute()

    assert answer.data == {"type": "object", "first": {"deep": True}, "names": ["a", "b"]}


def test_an_answer_has_at_most_1000_rows(service: Client) -> None:
    assert len(rows(service.table("many_rows").select("number").limit(5000))) == 1000


def test_every_row_can_be_read_page_by_page(service: Client) -> None:
    last_page = rows(service.table("many_rows").select("number").order("number").range(1000, 1999))

    assert [row["number"] for row in last_page] == [1001, 1002, 1003, 1004, 1005]


def test_a_delete_without_a_filter_is_refused(service: Client) -> None:
    error = raised(service.table("constrained").delete())

    assert (error.code, error.message) == ("21000", "DELETE requires a WHERE clause")


def test_an_update_without_a_filter_is_refused(service: Client) -> None:
    assert raised(service.table("constrained").update({"size": 5})).code == "21000"
