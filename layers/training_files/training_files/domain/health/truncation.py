"""Whether a text was cut off, as far as its end shows.

Of a user's text only marks that nobody ends a text with show it: people leave full stops away. In a target, a person
who ends a text ends a sentence, or something that needs no full stop: a list, a table, code, an address, a signature.
Where it could be either, the text is taken for whole.
"""

import re
from collections.abc import Callable, Iterator

from training_files.domain.health.code_blocks import without_fenced_code, without_inline_code
from training_files.domain.health.punctuation import TERMINAL, without_closing_marks
from training_files.domain.health.redaction import PLACEHOLDER
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

# Thai and Lao have no full stop.
WITHOUT_FULL_STOPS = re.compile(r"[\u0e00-\u0eff]$")
GREEK_QUESTION = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff][;\u037e]$")
EMOJI = re.compile(
    "[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
    "[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*$"
)
EMOTICON = re.compile(r"(?:^|\s)(?:[:;][-'^]?[)(\]DPpOo/|*]|<3|\^_?\^)$")
FOOTNOTE = re.compile(r"(?:\[\^?\d{1,3}(?:, ?\d{1,3}){0,9}\]|[⁰¹²³⁴-⁹])+$")
# A remark behind a finished sentence: in brackets, or an action between asterisks.
ASIDE = re.compile(r"(?:\([^()\n]{1,200}\)|\[[^\[\]\n]{1,200}\]|(?<!\*)\*[^*\n]{1,200}\*)$")
TAGS = re.compile(r"(?:</?[A-Za-z][^<>\n]{0,40}>\s{0,9})+$")
ENDINGS_OF_SENTENCES = (EMOJI, EMOTICON, WITHOUT_FULL_STOPS, GREEK_QUESTION)
RULE = re.compile(r"\n\s{0,9}(?:-{3,}|\*{3,}|_{3,})$")

BULLETS = "-*+\u2022\u2023\u25aa\u25e6\u25b8\u25ba\u00b7\u2013\u2014\u2713\u2714\u2705\u2611\u2610"
LIST_MARK = rf"(?:[{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivx]{{1,4}})[.)])"
LIST_ITEM = re.compile(rf"[\s>]*{LIST_MARK}\s+\S")
# Articles, and what joins words: nobody ends an item with one. As they are written within a sentence.
GOES_ON = re.compile(r"\s(?:the|and|or|your|my|our|their|und|oder|eine|einen|el|los|las|del|le|les|et|des|une)$")
SENTENCES_BEFORE = 2
BARE_LIST_MARK = re.compile(rf"[\s>]*{LIST_MARK}$")
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

SIGNATURE_LINES = 4
SIGNATURE_WORDS = 5


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
    if _ends_a_sentence(tail) or _is_structured(end):
        return True
    for remark in (RULE, TAGS, FOOTNOTE):
        tail = remark.sub("", tail).rstrip()
    return _ends_a_sentence(tail) or any(is_ending(tail) for is_ending in ENDINGS_WITHOUT_FULL_STOP)


def _is_structured(end: str) -> bool:
    """JSON, or what looks like it."""
    return (end[:1], end[-1:]) in {("{", "}"), ("[", "]"), ("<", ">")}


def _ends_a_sentence(tail: str) -> bool:
    core = without_closing_marks(tail)
    if core[-1:] in TERMINAL:
        return not _is_bare_list_mark(core)
    # Japanese writes no full stop before a closing bracket.
    if tail.endswith(("\u300d", "\u300f")):
        return True
    return any(ending.search(end) for end in (tail, core) for ending in ENDINGS_OF_SENTENCES)


def _is_bare_list_mark(core: str) -> bool:
    """A number with its full stop, behind other items of a list, is no sentence."""
    lines = core.split("\n")
    return bool(BARE_LIST_MARK.match(lines[-1])) and any(map(LIST_ITEM.match, lines[:-1]))


def _last_line(tail: str) -> str:
    return tail.rpartition("\n")[2]


def _is_list_item(tail: str) -> bool:
    block = tail.rpartition("\n\n")[2].split("\n")
    inside = LIST_ITEM.match(block[-1]) or (block[-1][:1].isspace() and any(map(LIST_ITEM.match, block)))
    return bool(inside) and not _is_cut_item(block) and not without_closing_marks(tail).endswith((",", ":", ";"))


def _is_cut_item(block: list[str]) -> bool:
    """The last item goes on for certain, or all items before it, two at least, are sentences and it is none."""
    *others, last = (line for line in block if LIST_ITEM.match(line)) if LIST_ITEM.match(block[-1]) else (block[-1],)
    if GOES_ON.search(last):
        return True
    return len(others) >= SENTENCES_BEFORE and all(map(_ends_a_sentence, others))


def _is_table_row(tail: str) -> bool:
    return bool(TABLE_ROW.fullmatch(_last_line(tail)))


def _ends_with_an_address(tail: str) -> bool:
    words = without_closing_marks(tail).split()
    return (bool(words) and _is_address(words[-1])) or bool(LINK.search(tail))


def _is_address(word: str) -> bool:
    """Whether a word is, or ends in, a link, a host or a mailbox."""
    user, _, host = word.rpartition("@")
    return bool(LINK_OR_HOST.search(word) or (user and HOST_OF_MAILBOX.fullmatch(host)))


def _ends_with_marked_text(tail: str) -> bool:
    """Code within the line, a formula, hashtags, or a label with its figure."""
    line = _last_line(tail)
    patterns = (INLINE_CODE_AT_END, FORMULA)
    return any(pattern.search(line) for pattern in patterns) or bool(
        HASHTAGS.match(line) or LABELLED_FIGURE.fullmatch(line)
    )


def _is_remark_behind_a_sentence(tail: str) -> bool:
    aside = ASIDE.search(tail)
    before = tail[: aside.start()].rstrip() if aside else ""
    return bool(aside) and (not before or _ends_a_sentence(before))


def _is_signature(tail: str) -> bool:
    """Short lines behind a short one that ends in a comma: Kind regards, …"""
    before, _, block = tail.rpartition("\n\n")
    lines = [_last_line(before.rstrip()), *block.split("\n")][-1 - SIGNATURE_LINES :]
    closings = [index for index, line in enumerate(lines[:-1]) if line.rstrip().endswith((",", "\uff0c", "\u3001"))]
    return bool(closings) and all(map(_is_short, lines[closings[-1] :]))


def _is_short(line: str) -> bool:
    return len(line.split()) <= SIGNATURE_WORDS


ENDINGS_WITHOUT_FULL_STOP: tuple[Callable[[str], bool], ...] = (
    _is_list_item,
    _is_table_row,
    _ends_with_an_address,
    _ends_with_marked_text,
    _is_remark_behind_a_sentence,
    _is_signature,
)
