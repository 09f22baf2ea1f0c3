"""A target in another language than the user's text, where that is sure.

By the script, or by function words of six languages. Whoever learns, translates or quotes uses two languages: where a
text holds some of both, or names a language, nothing is said.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code
from training_files.domain.health.function_words import function_words_in, language_of
from training_files.domain.health.scripts import Script, script_of

MESSAGE = "is in another language than the user's text"
# One spoken language is written in both: Hindi and Urdu. Of Latin letters only the six languages are
# sure: Serbian, and what is typed without the right keyboard, is written in them too.
WRITTEN_IN_BOTH: tuple[set[Script], ...] = ({"Devanagari", "Arabic"},)
# A longer text of a user's was not typed: in it is what the request is about.
LONGEST_USER_TEXT = 4_000
# Longer targets take time, and are in the language of their beginning.
LOOKED_AT_CHARACTERS = 2_000
GLANCE_CHARACTERS = 300
# A request stands in front of the text that it is about, or behind it: Summarize this: …
LONGEST_REQUEST = 80
END_OF_REQUEST = re.compile(r"[\n:\uff1a]")
LATIN_WORD = re.compile(r"[A-Za-z]?[a-z]{3}")
NAMES_A_LANGUAGE = re.compile(
    r"translat|interpret|übersetz|traduc|traduz|tradui|pronounc|pronunci|vocabular|bilingual|lingu|sprache|idioma|langue"
    r"|language|english|german|french|spanish|italian|portugu|chinese|mandarin|cantonese|japanese|korean|russian|arabic"
    r"|hebrew|hindi|urdu|greek|turkish|dutch|polish|ukrainian|vietnamese|thai|englisch|deutsch|französ|spanisch"
    r"|italienisch|chinesisch|japanisch|russisch|ingl[eé]s|alem[aá]n|franc[eé]s|español|italiano|chin[oé]s|japon[eé]s"
    r"|ruso|anglais|allemand|français|espagnol|italien|chinois|russe|tedesco|inglese|giapponese"
    r"|\u044f\u0437\u044b\u043a|\u043f\u0435\u0440\u0435\u0432|\u0430\u043d\u0433\u043b\u0438\u0439|\u0440\u0443\u0441\u0441\u043a|\u043d\u0435\u043c\u0435\u0446|\u0444\u0440\u0430\u043d\u0446|\u043c\u043e\u0432\u043e\u044e|\u043c\u043e\u0432\u0430"
    r"|\u7ffb\u8bd1|\u7ffb\u8b6f|\u7ffb\u8a33|\u82f1\u6587|\u82f1\u8bed|\u82f1\u8a9e|\u4e2d\u6587|\u6c49\u8bed|\u65e5\u8bed|\u65e5\u672c\u8a9e|\u6cd5\u8bed|\u5fb7\u8bed|[\u4e00-\u9fff\u30a0-\u30ff]\u8a9e"
    r"|번역|영어|한국어|일본어|\u062a\u0631\u062c\u0645|\u0627\u0644\u0625\u0646\u062c\u0644\u064a\u0632\u064a\u0629|\u0627\u0644\u0639\u0631\u0628\u064a\u0629|\u05ea\u05e8\u05d2\u05dd|\u05d0\u05e0\u05d2\u05dc\u05d9\u05ea|\u05e2\u05d1\u05e8\u05d9\u05ea|\u0905\u0902\u0917\u094d\u0930\u0947\u091c\u0940|\u0939\u093f\u0902\u0926\u0940|\u0939\u093f\u0928\u094d\u0926\u0940",
    re.IGNORECASE,
)


def names_a_language(text: str) -> bool:
    """Whether a text speaks of languages or of translating: then another one may be what was asked for."""
    return bool(NAMES_A_LANGUAGE.search(text))


def language_switches_in(target: str, user_text: str) -> Iterator[tuple[int, str]]:
    """`user_text` is what the target answers. Nobody has asked before for another language: see `names_a_language`."""
    if len(user_text) > LONGEST_USER_TEXT or _are_plainly_the_same(target, user_text):
        return
    answer, said = without_code(target).strip()[:LOOKED_AT_CHARACTERS], without_code(user_text).strip()
    if _may_hold_a_request(said) or not (_differ_in_script(answer, said) or _differ_in_words(answer, said)):
        return
    if not names_a_language(user_text):
        yield len(target) - len(target.lstrip()), MESSAGE


def _are_plainly_the_same(target: str, user_text: str) -> bool:
    """What most are, by a short look at their beginnings."""
    answered = language_of(target[:GLANCE_CHARACTERS])
    return bool(answered) and answered == language_of(user_text[:GLANCE_CHARACTERS])


def _may_hold_a_request(said: str) -> bool:
    return bool(END_OF_REQUEST.search(said, 0, LONGEST_REQUEST) or END_OF_REQUEST.search(said[-LONGEST_REQUEST:]))


def _differ_in_script(answer: str, said: str) -> bool:
    written, asked = script_of(answer), script_of(said)
    if not written or not asked or written == asked or {written, asked} in WRITTEN_IN_BOTH:
        return False
    if written == "Latin" and any(map(LATIN_WORD.search, _ends_of(said))):
        return False
    return all(language_of(text) for text, script in ((answer, written), (said, asked)) if script == "Latin")


def _differ_in_words(answer: str, said: str) -> bool:
    """By the function words, of which neither text has those of the other where a request could stand."""
    written, asked = language_of(answer), language_of(said)
    if not written or not asked or written == asked:
        return False
    return not any(function_words_in(end)[written] for end in _ends_of(said))


def _ends_of(said: str) -> tuple[str, str]:
    """Where a request could stand, without the words that are cut in two."""
    if len(said) <= LONGEST_REQUEST:
        return said, said
    return said[:LONGEST_REQUEST].rpartition(" ")[0], said[-LONGEST_REQUEST:].partition(" ")[2]
