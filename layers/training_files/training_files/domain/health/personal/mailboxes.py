"""E-mail addresses, in any script, with all of what stands in front of the at sign."""

import re
from collections.abc import Iterator

from training_files.domain.health.personal.spans import Span

# The last part is of one script: text in another may follow without a space.
AT = re.compile(
    r"@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}"
    r"(xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}|[\u0370-\u052f\u0590-\u06ff\u0900-\u097f]{2,24})(?![A-Za-z0-9_@])"
)
# What mail servers let it hold besides letters and digits. They know more marks, which addresses have in links only.
IN_A_LOCAL_PART = frozenset("._%+-'")
ENDS_A_LOCAL_PART = frozenset("_%+-'")
# A quotation mark, a dash or a full stop in front of an address is no part of it.
BEGINS_NO_LOCAL_PART = frozenset(".-'")
# Kana, Chinese characters, Hangul: written without spaces in front of an address in Latin letters.
WITHOUT_SPACES = re.compile("[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]")
IMAGE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "avif"})
# The user in a repository's address, git@host:path, is nobody.
NOBODY = "git"


def mailboxes_in(text: str) -> Iterator[Span]:
    since = 0
    for match in AT.finditer(text) if "@" in text else ():
        begin = _begin_of_local_part(text, match.start(), since)
        since = match.end()
        if begin is not None and match[1].lower() not in IMAGE_SUFFIXES:
            yield begin, match.end()


def _begin_of_local_part(text: str, at: int, since: int) -> int | None:
    if at == since or not (text[at - 1].isalnum() or text[at - 1] in ENDS_A_LOCAL_PART):
        return None
    is_of_a_script_with_spaces = not WITHOUT_SPACES.match(text[at - 1])
    begin = at
    while begin > since and (text[begin - 1].isalnum() or text[begin - 1] in IN_A_LOCAL_PART):
        if is_of_a_script_with_spaces and WITHOUT_SPACES.match(text[begin - 1]):
            break
        begin -= 1
    while begin < at and text[begin] in BEGINS_NO_LOCAL_PART:
        begin += 1
    return None if begin == at or (text.startswith(NOBODY, begin) and begin + len(NOBODY) == at) else begin
