r"""Escape sequences that are meant as they are written, by what stands around them.

What belongs to code, TeX, a path, a regular expression, a format string or JSON; and what a text names or quotes, as in
"\n means a line break". Where it could be either, it is this.
"""

import re

from training_files.domain.health.escapes_in_paths import is_in_path, is_in_path_without_drive
from training_files.domain.health.escapes_reader import Reader

# TeX commands and symbols that begin with the same two characters.
TEX_COMMAND = re.compile(
    r"(?:n(?:abla|e|earrow|eg|eq|ewcommand|ewline|ewpage|exists|geq|i|leq|mid|oindent|olimits|onumber|ormalsize|ot|otin"
    r"|u|warrow)|t(?:ableofcontents|abularnewline|ag|anh?|au|binom|ext(?:bf|it|normal|rm|sc|sf|style|tt|up|width)?|frac"
    r"|hanks|herefore|heta|hinspace|ilde|imes|iny|itle|o|oday|op|oprule|riangle(?:left|q|right)?|t))(?![A-Za-z])"
)
QUOTES = "\"'\u201c\u201d"
FOLDER = re.compile(r"t(?:emp|emplates|ests?|mp|ools)(?![A-Za-z])")
CLASSES_OF_PATTERNS = ("\\s", "\\d", "\\w")
# What is read in front of a sequence to see what it belongs to: a conversion, or a quote that was escaped itself.
CHARACTERS_BEFORE = 10

CONVERSION = re.compile(r"%[-+0#]?[0-9]{0,3}(?:\.[0-9]{1,3})?[sdifgxucq]$")
END_OF_A_STRING = re.compile(r"'(?:[\s),;\]}]|$)")

OPENING_QUOTE = re.compile(r"(?:^|[\s(\[=,:])\\{0,4}[\"'\u201c\u2018\u201e\u300c\u00ab]$")
CLOSING_QUOTE = re.compile(r"\\{0,4}[\"'\u201d\u2019\u201c\u300d\u00bb]")
# A word or a comma in front, and what follows goes on within the sentence.
NAMED_BEFORE = re.compile(r"(?:[^\W_]|,) $")
NAMED_BEHIND = re.compile(r"[,;)]|[.?!:](?:\s|$)| [^\W\d_]")

ALTERNATIVE = re.compile(r"\|[\\)]")
REST_OF_A_CLASS = re.compile(r'[^\]\s\\"]{0,4}\]')
CLASS_BEHIND = re.compile(r"\\[sSdDwWbBfv](?![A-Za-z])")
COUNTED = re.compile(
    r"(?:[+*?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})(?:[)/|\]?]|\$(?!\w)|[\"'](?!\w)|\\[sSdDwW](?![A-Za-z]))"
    r"|\{[0-9]{1,3},?[0-9]{0,3}\}"
)

RANGE_OF_CODES = re.compile(r"\\{1,4}u([0-9A-Fa-f]{4})-\\{1,4}u([0-9A-Fa-f]{4})")
ABOUT_CODES = re.compile(
    r"\bU\+[0-9A-F]{4}|\bunicode|\bJSON\b|\bcode ?points?\b|\bescap(?:ed?|es|ing)\b", re.IGNORECASE
)
CHARACTERS_ABOUT = 60


def is_meant_as_written(match: re.Match[str], reader: Reader) -> bool:
    """`reader` has read to the match, a sequence."""
    prose, begin, end = reader.prose, match.start(), match.end()
    before, behind = reader.before(begin), prose[end : end + 1]
    if (before and behind and before in QUOTES and behind in QUOTES) or reader.is_in_code():
        return True
    if match["quote"]:
        return reader.in_quotes or _is_accent(before, behind) or _is_class_of_quotes(prose, begin, behind)
    if reader.is_in_string_of_code():
        return True
    if match["code"]:
        return (bool(before and behind) and before in "[^-" and behind in "-]") or _is_code_as_written(match, reader)
    if TEX_COMMAND.match(prose, end - 1) or is_in_path(match, reader) or _is_around_run_of_code(reader):
        return True
    if match["line_break"]:
        # The end of a string in code, or what a pattern leaves out.
        is_end = (reader.in_quotes and behind == '"') or (before == "^" and behind == "]")
        return is_end or _is_named(reader) or is_in_path_without_drive(match, reader)
    return _is_tab_as_written(prose, match, before)


def _is_accent(before: str, behind: str) -> bool:
    r"""As TeX writes G\"odel."""
    return before.isascii() and before.isalpha() and behind.isascii() and (behind.isalpha() or behind == "{")


def _is_class_of_quotes(prose: str, begin: int, behind: str) -> bool:
    """A class of characters in a regular expression."""
    return prose[max(0, begin - 2) : begin] == "[^" or (prose[begin - 1 : begin] == "[" and behind in {"'", "]"})


def _is_code_as_written(match: re.Match[str], reader: Reader) -> bool:
    """One end of a range of characters, or a character that stands alone in a line about codes."""
    prose, begin, end = reader.prose, match.start(), match.end()
    if begin < reader.range_until:
        return True
    codes, before = RANGE_OF_CODES.match(prose, begin), prose[max(0, begin - 1) : begin]
    if codes and not before.isalnum() and int(codes[1], 16) < int(codes[2], 16):
        reader.range_until = codes.end()
        return True
    if before.strip("( \n") or prose[end : end + 1].strip(" \n,.;:)"):
        return False
    around = prose[max(0, begin - CHARACTERS_ABOUT) : begin].rpartition("\n")[2], prose[end : end + CHARACTERS_ABOUT]
    return bool(ABOUT_CODES.search(around[0]) or ABOUT_CODES.search(around[1].partition("\n")[0]))


def _is_named(reader: Reader) -> bool:
    """Whether the text speaks of the sequence: within a sentence, in brackets, or in quotes that open and close."""
    prose, (begin, end) = reader.prose, reader.run
    before = reader.before(begin, 2)
    if before.endswith("(") and prose.startswith(")", end):
        return True
    if OPENING_QUOTE.search(prose[max(0, begin - CHARACTERS_BEFORE) : begin]) and CLOSING_QUOTE.match(prose, end):
        return True
    behind = NAMED_BEHIND.match(prose, end)
    if behind is None or behind[0][-1:].isupper():
        return False
    return begin == 0 or prose[begin - 1] == "\n" or bool(NAMED_BEFORE.search(before))


def _is_around_run_of_code(reader: Reader) -> bool:
    """Whether a regular expression, a format string or the end of a string is around the line breaks and tabs."""
    prose, (begin, end) = reader.prose, reader.run
    before, behind = prose[max(0, begin - 1) : begin], prose[end : end + 1]
    if (before, behind) in {("/", "/"), ("(", "|"), ("|", ")")} or ALTERNATIVE.match(prose, end):
        return True
    if before in {"[", "^"} and REST_OF_A_CLASS.match(prose, end):
        return True
    if prose[max(0, begin - 2) : begin] in CLASSES_OF_PATTERNS or CONVERSION.search(
        prose[max(0, begin - CHARACTERS_BEFORE) : begin]
    ):
        return True
    return any(pattern.match(prose, end) for pattern in (CLASS_BEHIND, COUNTED, END_OF_A_STRING))


def _is_tab_as_written(prose: str, match: re.Match[str], before: str) -> bool:
    """A folder of a path, a part of a regular expression, or a word about the sequence itself."""
    begin, end = match.start(), match.end()
    behind, next_two = prose[end : end + 1], prose[end : end + 2]
    is_folder = behind.islower() and (before.isalnum() or bool(FOLDER.match(prose, end - 1)))
    is_in_class = before in {"[", "|", "^"} or prose[max(0, begin - 2) : begin] in CLASSES_OF_PATTERNS
    is_counted = behind in {"]", "{", "|", "?"} or (behind in {"+", "*"} and not next_two.endswith(" "))
    is_named = before in {" ", "("} and behind in {" ", ",", ".", ")", ";"}
    return is_folder or is_in_class or is_counted or is_named
