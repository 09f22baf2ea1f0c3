"""How sql/ defines the columns of a table, so that one that was dropped can be made again."""

import re
from collections.abc import Iterator
from pathlib import Path

SQL = Path(__file__).parents[2] / "sql"
# What stands among the columns of a table and is none.
CONSTRAINTS = ("constraint", "primary key", "unique", "check", "foreign key")
# A statement for a column of a table that is there can set no key.
NEVER_ADDED = re.compile(r"\s+primary key\b")
TABLE = re.compile(r"create table (?:if not exists )?public\.(\w+) \((.*?)\n\s*\);", re.DOTALL)


def statement_for(table: str, columns: list[str]) -> str:
    """The statement that adds the columns as sql/ makes them with the table; empty when `make migrate` adds them."""
    definitions = dict(_definitions(table))
    added = [f"add column {name} {definitions[name]}" for name in columns if name in definitions]
    return f"alter table public.{table} {', '.join(added)};" if added else ""


def _definitions(table: str) -> Iterator[tuple[str, str]]:
    for file in sorted(SQL.glob("*.sql")):
        for name, body in TABLE.findall(file.read_text(encoding="utf-8")):
            if name == table:
                yield from map(_parted, filter(_is_column, _at_commas(body)))


def _is_column(definition: str) -> bool:
    return not definition.lower().startswith(CONSTRAINTS)


def _parted(definition: str) -> tuple[str, str]:
    name, _, rest = definition.partition(" ")
    return name, NEVER_ADDED.sub("", " ".join(rest.split()))


def _at_commas(body: str) -> Iterator[str]:
    """The parts of a list, whose commas in parentheses and texts part nothing."""
    depth, in_text, part = 0, False, ""
    for character in re.sub(r"--.*", "", body):
        in_text ^= character == "'"
        depth += 0 if in_text else (character == "(") - (character == ")")
        if character == "," and depth == 0 and not in_text:
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip()
