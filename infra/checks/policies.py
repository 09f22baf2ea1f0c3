"""The policies that let users at a table, and what their conditions say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.project_database import Database

# Texts and quoted names are whole pieces, so that nothing inside them is taken for syntax.
_PIECES = re.compile(r"""('(?:[^']|'')*'|"[^"]*"|[()]|\s(?:AND|OR)\s)""")
_BUCKETS = re.compile(
    r"(?:objects\.)?bucket_id = (?:'[^']*'::text|ANY \(ARRAY\[(?:'[^']*'::text(?:, )?)+\]\))"
    r"|(?:objects\.)?bucket_id <> '(?P<spared>[^']*)'::text"
)
_TEXT = re.compile("'([^']*)'")


@dataclass(frozen=True)
class Policy:
    """A policy that lets users in. One of its conditions is None where it follows the other, or holds always."""

    name: str
    command: str
    using: str | None
    with_check: str | None

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(condition for condition in (self.using, self.with_check) if condition is not None)

    @property
    def asks_who_calls(self) -> bool:
        return bool(self.conditions) and all("auth.uid()" in condition for condition in self.conditions)

    def spares(self, bucket: str) -> bool:
        """Whether it lets nobody at the objects of this bucket, because it is about other ones."""
        return bool(self.conditions) and all(spares(condition, bucket) for condition in self.conditions)


def policies_for_users(database: Database, table: str) -> list[Policy]:
    """Those of the table that let `anon` or `authenticated` in, also by way of PUBLIC or of another role."""
    query = """
        select policyname::text, cmd, qual, with_check from pg_policies
        where schemaname || '.' || tablename = %s and permissive = 'PERMISSIVE' and exists (
          select from unnest(roles) as role
          where role = 'public' or pg_has_role('anon', role, 'usage') or pg_has_role('authenticated', role, 'usage'))
        order by policyname"""
    return [Policy(*row) for row in database.execute(query, [table])]


def spares(condition: str, bucket: str) -> bool:
    """Whether the condition, as PostgreSQL prints it, can hold for objects of other buckets only."""
    condition = _without_outer_parentheses(condition)
    alternatives = _operands(condition, "OR")
    if len(alternatives) > 1:
        return all(spares(one, bucket) for one in alternatives)
    demands = _operands(condition, "AND")
    if len(demands) > 1:
        return any(spares(one, bucket) for one in demands)
    return condition == "false" or _names_other_buckets(condition, bucket)


def _names_other_buckets(condition: str, bucket: str) -> bool:
    match = _BUCKETS.fullmatch(condition)
    if match is None:
        return False
    return match["spared"] == bucket if match["spared"] is not None else bucket not in _TEXT.findall(condition)


def _operands(condition: str, connective: str) -> list[str]:
    operands = [""]
    for piece, depth in _with_depth(condition):
        if depth == 0 and piece.strip() == connective:
            operands.append("")
        else:
            operands[-1] += piece
    return operands


def _without_outer_parentheses(condition: str) -> str:
    condition = condition.strip()
    while condition.startswith("(") and _closes_at_the_end(condition):
        condition = condition[1:-1].strip()
    return condition


def _closes_at_the_end(condition: str) -> bool:
    closings = [piece for piece, depth in _with_depth(condition) if depth == 0 and piece]
    return closings == [")"]


def _with_depth(condition: str) -> Iterator[tuple[str, int]]:
    """The pieces, and in how many parentheses one stands after each."""
    depth = 0
    for piece in _PIECES.split(condition):
        depth += (piece == "(") - (piece == ")")
        yield piece, depth
