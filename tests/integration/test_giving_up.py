"""A revision that housekeeping gives up while somebody begins something with it: whoever is first has it.

Each test has two transactions at once, one of which is open while the other goes on.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from infra.local_supabase import LocalSupabase

Connection = psycopg.Connection[Any]

A_REVISION = """
insert into public.training_file_revisions (
  id, training_file_id, number, status, json_file_path, jsonl_file_path, json_file_size, jsonl_file_size,
  json_body_offset, totals, created_by, finished_at)
select folder.id, %(file)s, %(number)s, 'committed', folder.id || '/training.json', folder.id || '/training.jsonl', 1,
  1, 0, '{}', %(owner)s, now() - interval '2 days'
from (select %(id)s::uuid as id) as folder
"""
A_FILE = """
insert into public.training_files (id, name, status, revision, json_file_path, jsonl_file_path, created_by)
values (%(file)s, 'a file', 'active', 2, 'a', 'b', %(owner)s)
"""
WAITS_FOR_A_LOCK = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and pid = %s"

# For its own transaction only: what is looked at is answered when the test lets it.
LOOKS_SLOWLY = """
alter function public.is_training_file_revision_needless(public.training_file_revisions) rename to was_needless;
create function public.is_training_file_revision_needless(p_old public.training_file_revisions)
returns boolean language plpgsql stable as $$
declare
  answer constant boolean := public.was_needless(p_old);
begin
  perform pg_advisory_xact_lock_shared(17);
  return answer;
end
$$;
"""

TAG = "select public.tag_training_file_revision(%(file)s, null, 'v1', 1, null) ->> 'outcome'"
EXPORT = """
select public.begin_training_file_export(%(new)s, %(file)s, null, 1, '{"format": "messages"}', %(new)s, 60)
  ->> 'outcome'
"""
REVERT = """
select public.begin_training_file_revision(%(new)s, %(file)s, null, '{"change": "revert", "revision": 1}') ->> 'outcome'
"""
BEGINNINGS = pytest.mark.parametrize(
    ("begin", "outcome"), [(TAG, "tagged"), (EXPORT, "begun"), (REVERT, "begun")], ids=["tag", "export", "revert"]
)


@dataclass(frozen=True)
class Two:
    """Two connections, and a training file whose first revision nobody needs."""

    one: Connection
    other: Connection
    watching: Connection
    file_id: UUID
    first: UUID

    def outcome(self, connection: Connection, statement: str) -> str:
        [found] = connection.execute(statement, {"file": self.file_id, "new": uuid4()}).fetchall()
        outcome: str = found[0]
        return outcome

    def gives_up(self, connection: Connection) -> bool:
        """Whether housekeeping is told to remove the objects of the first revision."""
        [found] = connection.execute("select public.list_training_file_housekeeping(1, 10000) -> 'remove'").fetchall()
        return str(self.first) in found[0]

    def wait_until_it_waits(self, waiting: Connection, ended: Future[Any]) -> None:
        """Until this connection stands in front of a lock that another one has."""
        pid = waiting.info.backend_pid
        while self.watching.execute(WAITS_FOR_A_LOCK, [pid]).fetchall() != [(1,)]:
            assert not ended.done(), f"it did not wait: {ended.result()}"


@pytest.fixture
def two(supabase: LocalSupabase) -> Iterator[Two]:
    owner, file_id, ids = uuid4(), uuid4(), [uuid4(), uuid4()]
    with (
        psycopg.connect(supabase.database_url) as one,
        psycopg.connect(supabase.database_url) as other,
        psycopg.connect(supabase.database_url, autocommit=True) as watching,
    ):
        watching.execute("insert into auth.users (id, email) values (%s, %s)", [owner, f"{owner}@example.com"])
        watching.execute(A_FILE, {"file": file_id, "owner": owner})
        for number, revision_id in enumerate(ids, start=1):
            columns = {"id": str(revision_id), "file": file_id, "number": number, "owner": owner}
            watching.execute(A_REVISION, columns)
        yield Two(one, other, watching, file_id, ids[0])
        one.rollback()
        other.rollback()
        watching.execute("delete from auth.users where id = %s", [owner])


@BEGINNINGS
def test_what_is_begun_first_is_not_given_up(two: Two, begin: str, outcome: str) -> None:
    assert two.outcome(two.one, begin) == outcome

    # Housekeeping does not wait for anybody.
    assert not two.gives_up(two.other)
    two.other.commit()
    two.one.commit()

    assert not two.gives_up(two.other)


@pytest.mark.parametrize("begin", [TAG, EXPORT, REVERT], ids=["tag", "export", "revert"])
def test_what_is_given_up_first_is_refused(two: Two, begin: str) -> None:
    assert two.gives_up(two.one)
    with ThreadPoolExecutor(1) as executor:
        begun = executor.submit(two.outcome, two.other, begin)
        two.wait_until_it_waits(two.other, begun)
        two.one.commit()

        assert begun.result() == "no_revision"


@BEGINNINGS
def test_what_housekeeping_was_about_to_give_up_may_be_begun_when_it_breaks_off(
    two: Two, begin: str, outcome: str
) -> None:
    assert two.gives_up(two.one)
    with ThreadPoolExecutor(1) as executor:
        begun = executor.submit(two.outcome, two.other, begin)
        two.wait_until_it_waits(two.other, begun)
        two.one.rollback()

        assert begun.result() == outcome


@BEGINNINGS
def test_what_was_begun_between_the_look_and_the_lock_is_not_given_up(two: Two, begin: str, outcome: str) -> None:
    two.one.execute(LOOKS_SLOWLY)
    two.watching.execute("select pg_advisory_lock(17)")
    with ThreadPoolExecutor(1) as executor:
        listed = executor.submit(two.gives_up, two.one)
        two.wait_until_it_waits(two.one, listed)
        assert two.outcome(two.other, begin) == outcome
        two.other.commit()
        two.watching.execute("select pg_advisory_unlock(17)")

        assert not listed.result()
