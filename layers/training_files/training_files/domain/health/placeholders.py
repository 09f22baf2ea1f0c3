"""What a program writes in place of a text that it does not have."""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

# Texts that are nothing else.
PLACEHOLDERS = frozenset({"[object Object]", "NaN", "None", "null", "undefined"})
# A value of metadata may be the word None, or null as a figure.
PLACEHOLDERS_IN_METADATA = frozenset({"NaN", "undefined"})
# An object as JavaScript or Python writes it, or an amount of nothing.
OBJECT = re.compile(
    r"\[object [A-Z][A-Za-z]{1,30}\]|<[\w.]{1,80} object at 0x[0-9A-Fa-f]{4,16}>"
    r"|[$\u20ac\u00a3](?:NaN|undefined|null|None)(?!\w)"
)
# Of programs someone speaks who says what they show or asks why, or names a language or a part of one, in one sentence.
SHOWN = re.compile(
    r"\b(?:shows?|showing|shown|displays?|displaying|prints?|printing|returns?|returned|renders?|rendered|logs?|outputs?"
    r"|seeing|getting|says|as|called|zeigt|muestra|affiche)(?: me| up| only| just){0,2}:? $",
    re.IGNORECASE,
)
ASKED_ABOUT = re.compile(
    r"\b(?:what(?:['\u2019]s| is| are| does)|rid of|to fix|was ist|was bedeutet|qu\u00e9 (?:es|significa)|que signifie"
    r"|(?:why|where) (?:do|does|did|is|am|are) [^\n]{0,80}(?:say|see|get|show|print|display|have|read|find|there|with)"
    r"(?: only| just)?) (?:an? |the )?$",
    re.IGNORECASE,
)
OF_PROGRAMS = re.compile(
    r"\b(?:PowerShell|JavaScript|TypeScript|Python|PHP|Perl|jQuery|React|Node\.js|console|browser"
    r"|(?:web ?)?page|web ?site|cells?|columns?"
    r"|variables?|strings?|arrays?|toString|JSON|stringify|debug\w{0,5}|bugs?|error message|(?:source )?code|API|app"
    r"|spreadsheet)\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
AROUND_CHARACTERS = 200
QUOTES = "\"'\u201c\u201d\u2018\u2019"
INSTEAD = "holds what a program writes in place of a text"


def placeholder_of(text: str) -> str | None:
    """The placeholder that a text is nothing but."""
    content = text.strip()
    return content if content in PLACEHOLDERS else None


def placeholders_in(text: str) -> Iterator[tuple[int, str]]:
    """Outside of code, and not where one is quoted or spoken of."""
    for match in _unquoted_in(text):
        if not _is_spoken_of(match):
            yield match.start(), INSTEAD


def placeholders_in_metadata(value: str) -> Iterator[tuple[int, str]]:
    if value.strip() in PLACEHOLDERS_IN_METADATA:
        yield 0, INSTEAD
    yield from ((match.start(), INSTEAD) for match in _unquoted_in(value))


def _unquoted_in(text: str) -> Iterator[re.Match[str]]:
    if not OBJECT.search(text):
        return
    prose = without_code(text)
    for match in OBJECT.finditer(prose):
        before, behind = prose[match.start() - 1 : match.start()], prose[match.end() : match.end() + 1]
        is_quoted = before and behind and before in QUOTES and behind in QUOTES
        if not is_quoted:
            yield match


def _is_spoken_of(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - AROUND_CHARACTERS) : match.start()]
    behind = match.string[match.end() : match.end() + AROUND_CHARACTERS]
    begin = SENTENCE_END.split(before)[-1]
    end = SENTENCE_END.search(behind)
    around = f"{begin} {behind[: end.end()] if end else behind}"
    return bool(SHOWN.search(begin) or ASKED_ABOUT.search(begin) or OF_PROGRAMS.search(around))
