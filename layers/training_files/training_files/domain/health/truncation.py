"""Whether a text was cut off, as far as its end shows.

Of a user's text only marks that nobody ends a text with show it: people leave full stops away. In a target, a person
who ends a text ends a sentence, or something that needs no full stop: a list, a table, code, an address, a signature.
Where it could be either, the text is taken for whole.
"""

import re
from collections.abc import Callable, Iterator

from training_files.domain.health.code_blocks import without_fenced_code, without_inline_code
from training_files.domain.health.letter_ends import ends_a_letter
from training_files.domain.health.list_ends import ends_with_a_list_item, ends_with_lines_alike
from training_files.domain.health.list_marks import LIST_ITEM
from training_files.domain.health.punctuation import without_closing_marks
from training_files.domain.health.redaction import PLACEHOLDER
from training_files.domain.health.sentence_ends import ends_a_sentence, last_line
from training_files.domain.text import without_invisible_end

DOUBLE_QUOTES = re.compile('["“”„‟]')
# As a unit behind a number, or inside a word as Hebrew writes abbreviations, it quotes nothing.
NO_QUOTE = re.compile(r'(?<=[0-9])["”]|(?<=[^\W\d_])["“”](?=[^\W\d_])')
ESCAPED_WHITE_SPACE = re.compile(r"(?:\\[nrt]\s{0,9})+$")
# Looked at for everything but quotes and fences: a text ends in less than this.
TAIL_CHARACTERS = 400

OPEN_FENCE = "ends inside a code fence that is not closed"
# A folder of Windows, or a face.
MEANT_BACKSLASH = re.compile(r"(?:^|[\s\"'(])(?:[A-Za-z]:\\[^\s\"']*|\\\\[^\s\"']+\\|[:;=]['-]?\\)$")
LONGEST_PATH = 260

FOOTNOTE = re.compile(r"(?:\[\^?\d{1,3}(?:, ?\d{1,3}){0,9}\]|[⁰¹²³⁴-⁹])+$")
# A remark behind a finished sentence: in brackets, or an action between asterisks.
ASIDE = re.compile(r"(?:\([^()\n]{1,200}\)|\[[^\[\]\n]{1,200}\]|(?<!\*)\*[^*\n]{1,200}\*)$")
# What someone is to say or to remember, behind a colon; a quotation also behind a comma, a sentence, or nothing.
QUOTATION = re.compile(
    r"[*_]{0,3}(?:\\?\"[^\"\n]{1,300}\"|“[^“”\n]{1,300}[”\"]|„[^„“”\n]{1,300}[“”]|«[^«»\n]{1,300}»)[*_]{0,3}$"
)
EMPHASIS = re.compile(r"(?:\*{1,3}[^*\n]{1,300}\*{1,3}|_{1,3}[^_\n]{1,300}_{1,3})$")
COLONS = (":", "\uff1a")
COMMAS = (",", "\uff0c", "\u3001", "\u060c")
CODE_INDENT = ("    ", "\t")
TAGS = re.compile(r"(?:</?[A-Za-z][^<>\n]{0,40}>\s{0,9})+$")
RULE = re.compile(r"\n\s{0,9}(?:-{3,}|\*{3,}|_{3,})$")

TABLE_ROW = re.compile(r"\s*\|.*\|$|[^|]+\|[^|]+\|[^|]+")
INLINE_CODE_AT_END = re.compile(r"`[^`\n]+`$")
# Of a word: a link, or the name of a host with a path or without one. A mailbox is what ends in a host as well.
LINK_OR_HOST = re.compile(r"https?://\S|www\.\S|[\w-]\.[A-Za-z]{2,24}(?:/|$)")
HOST_OF_MAILBOX = re.compile(r"[\w-]+(?:\.[\w-]+)+")
# What stands for the data of placeholders.
A_MAILBOX, A_NUMBER = "kim@example.org", "5550132"
LINK = re.compile(r"\]\([^()\s]+\)$")
FORMULA = re.compile(r"(?:\$\$|\\\]|\\\)|\\end\{\w+\*?\})$")
HASHTAGS = re.compile(r"(?:^|.*\s)#\w+$")
LABELLED_FIGURE = re.compile(
    r"[^:=\n]{1,80}[:=][\s*_]{0,5}[-+~\u2248]?[\d$€£¥₹(][\d.,'\s$€£¥₹%()/+\u00d7=\u2013-]{0,60}[\s*_]{0,5}"
)


def truncated_targets_in(text: str) -> Iterator[tuple[int, str]]:
    """The last character of a target that was cut off, and what shows it."""
    sign = sign_of_truncation(text)
    if sign:
        yield len(without_invisible_end(text)) - 1, sign


def truncated_user_texts_in(text: str) -> Iterator[tuple[int, str]]:
    """The last character of a user's text that was cut off, and what shows it for certain."""
    end = without_invisible_end(text)
    sign = _broken_off(end) or (OPEN_FENCE if without_fenced_code(end).is_open else None)
    if sign and not MEANT_BACKSLASH.search(end[-LONGEST_PATH:]):
        yield len(end) - 1, sign


def sign_of_truncation(text: str) -> str | None:
    """What shows that a target was cut off, as the end of a sentence about it; None for a text that is whole."""
    end = without_invisible_end(text)
    broken_off = _broken_off(end)
    if broken_off:
        return broken_off
    fenced = without_fenced_code(end)
    if fenced.is_open:
        return OPEN_FENCE
    if _has_open_quotation(without_inline_code(fenced.prose)):
        return "has a double quote that is not closed"
    if fenced.ends_with_code or _is_complete(_without_escapes(end)):
        return None
    return "ends without terminal punctuation"


def _broken_off(end: str) -> str | None:
    if end.endswith("\\"):
        return "ends in a backslash"
    if end.endswith(("\\'", "\\”", "\\“")) or (end.endswith('\\"') and end.count('\\"') % 2):
        return "ends in an escaped quote"
    return None


def _has_open_quotation(prose: str) -> bool:
    if len(DOUBLE_QUOTES.findall(prose)) % 2 == 0 or NO_QUOTE.search(prose):
        return False
    return sum(map(_open_quotes_in, _paragraphs_with_the_next(prose))) % 2 == 1


def _paragraphs_with_the_next(prose: str) -> list[tuple[str, str]]:
    paragraphs = [paragraph.lstrip() for paragraph in prose.split("\n\n")]
    return list(zip(paragraphs, [*paragraphs[1:], ""], strict=True))


def _open_quotes_in(paragraph_and_next: tuple[str, str]) -> int:
    """How many quotes a paragraph adds. A quotation over several opens in each of them and closes in the last one."""
    paragraph, following = paragraph_and_next
    quotes = len(DOUBLE_QUOTES.findall(paragraph))
    goes_on = quotes % 2 and DOUBLE_QUOTES.match(paragraph) and DOUBLE_QUOTES.match(following)
    return quotes - 1 if goes_on else quotes


def _without_escapes(end: str) -> str:
    """Line breaks and quotes that were left escaped are findings of their own."""
    if end.endswith(("\\n", "\\r", "\\t")):
        end = ESCAPED_WHITE_SPACE.sub("", end[-TAIL_CHARACTERS:])
    return f'{end[-TAIL_CHARACTERS:-2]}"' if end.endswith('\\"') else end


def _as_before_redaction(tail: str) -> str:
    """With data where placeholders are: a text is as complete as it was when its data became placeholders."""
    return PLACEHOLDER.sub(lambda match: A_MAILBOX if match[0].startswith("[EMAIL") else A_NUMBER, tail)


def _is_complete(end: str) -> bool:
    tail = _as_before_redaction(end[-TAIL_CHARACTERS:])
    if ends_a_sentence(tail) or _is_structured(end) or _is_indented_code(end):
        return True
    for remark in (RULE, TAGS, FOOTNOTE):
        tail = remark.sub("", tail).rstrip()
    return ends_a_sentence(tail) or any(is_ending(tail) for is_ending in ENDINGS_WITHOUT_FULL_STOP)


def _is_structured(end: str) -> bool:
    """JSON, or what looks like it."""
    return (end[:1], end[-1:]) in {("{", "}"), ("[", "]"), ("<", ">")}


def _is_indented_code(end: str) -> bool:
    """Lines that are indented, behind an empty one or one that announces them, and not below an item of a list."""
    if not last_line(end).startswith(CODE_INDENT):
        return False
    before, lines = "", end.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith(CODE_INDENT)):
        before = lines.pop()
    is_apart = bool(lines) and (not before.strip() or lines[-1].rstrip().endswith(COLONS))
    return is_apart and not LIST_ITEM.match(lines[-1])


def _is_table_row(tail: str) -> bool:
    return bool(TABLE_ROW.fullmatch(last_line(tail)))


def _ends_with_an_address(tail: str) -> bool:
    words = without_closing_marks(tail).split()
    return (bool(words) and _is_address(words[-1])) or bool(LINK.search(tail))


def _is_address(word: str) -> bool:
    """Whether a word is, or ends in, a link, a host or a mailbox."""
    user, _, host = word.rpartition("@")
    return bool(LINK_OR_HOST.search(word) or (user and HOST_OF_MAILBOX.fullmatch(host)))


def _ends_with_marked_text(tail: str) -> bool:
    """Code within the line, a formula, hashtags, or a label with its figure."""
    line = last_line(tail)
    patterns = (INLINE_CODE_AT_END, FORMULA)
    return any(pattern.search(line) for pattern in patterns) or bool(
        HASHTAGS.match(line) or LABELLED_FIGURE.fullmatch(line)
    )


def _is_remark_behind_a_sentence(tail: str) -> bool:
    aside = ASIDE.search(tail)
    before = tail[: aside.start()].rstrip() if aside else ""
    return bool(aside) and (not before or ends_a_sentence(before))


def _is_quotation(tail: str) -> bool:
    line = last_line(tail)
    emphasis, quotation = EMPHASIS.search(line), QUOTATION.search(line)
    if emphasis and line[: emphasis.start()].rstrip(" *_").endswith(COLONS):
        return True
    before = line[: quotation.start()].rstrip() if quotation else ""
    return bool(quotation) and (not before or before.endswith((*COLONS, *COMMAS)) or ends_a_sentence(before))


ENDINGS_WITHOUT_FULL_STOP: tuple[Callable[[str], bool], ...] = (
    ends_with_a_list_item,
    ends_with_lines_alike,
    _is_table_row,
    _ends_with_an_address,
    _ends_with_marked_text,
    _is_remark_behind_a_sentence,
    _is_quotation,
    ends_a_letter,
)
