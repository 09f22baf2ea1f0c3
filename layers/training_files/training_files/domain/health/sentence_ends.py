"""Whether a text ends as a sentence does: with a mark of any script, or with what people end sentences with instead."""

import re

from training_files.domain.health.list_marks import BARE_LIST_MARK, LIST_ITEM
from training_files.domain.health.punctuation import TERMINAL, without_closing_marks

# Thai and Lao have no full stop.
WITHOUT_FULL_STOPS = re.compile(r"[\u0e00-\u0eff]$")
GREEK_QUESTION = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff][;\u037e]$")
EMOJI = re.compile(
    "[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
    "[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*$"
)
EMOTICON = re.compile(r"(?:^|\s)(?:[:;][-'^]?[)(\]DPpOo/|*]|<3|\^_?\^)$")
# A wave behind Chinese, Japanese or Korean, from a keyboard that has no other one.
WAVE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]~{1,9}$")
# Verbs that end a polite sentence of Japanese or Korean, with or without its full stop.
POLITE_VERB = re.compile(
    "(?:(?:ます|です|ました|でした|ません|ましょう|でしょう|ください|下さい)[ねよか]?|ありがとう)$"
    "|(?:니다|세요|까요|네요|예요|에요|해요|어요|아요)$"
)
# Brackets that nothing opened, or nothing closes, smile or weep behind Russian.
SMILE = re.compile(r"[\u0400-\u052f!?.]\s?(?:\){1,9}|\({2,9})$")
BEHIND_A_SMILE = "()"

ENDINGS_OF_SENTENCES = (EMOJI, EMOTICON, WITHOUT_FULL_STOPS, GREEK_QUESTION, WAVE, POLITE_VERB)


def ends_a_sentence(tail: str) -> bool:
    core = without_closing_marks(tail)
    if core[-1:] in TERMINAL:
        return not _is_bare_list_mark(core)
    # Japanese writes no full stop before a closing bracket.
    if tail.endswith(("\u300d", "\u300f")) or _ends_in_a_smile(tail):
        return True
    return any(ending.search(end) for end in (tail, core) for ending in ENDINGS_OF_SENTENCES)


def last_line(tail: str) -> str:
    return tail.rpartition("\n")[2]


def _is_bare_list_mark(core: str) -> bool:
    """A number with its full stop, behind other items of a list, is no sentence."""
    lines = core.split("\n")
    return bool(BARE_LIST_MARK.match(lines[-1])) and any(map(LIST_ITEM.match, lines[:-1]))


def _ends_in_a_smile(tail: str) -> bool:
    line = last_line(tail)
    return bool(SMILE.search(line)) and not set(line.rstrip(BEHIND_A_SMILE)) & set(BEHIND_A_SMILE)
