"""In which script a text is written."""

import re
from typing import Literal

Script = Literal[
    "Latin",
    "Greek",
    "Cyrillic",
    "Armenian",
    "Hebrew",
    "Arabic",
    "Devanagari",
    "Bengali",
    "Tamil",
    "Thai",
    "Georgian",
    "Kana",
    "Han",
    "Hangul",
]
RANGES: dict[Script, str] = {
    "Latin": "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Cyrillic": "\u0400-\u052f",
    "Armenian": "\u0531-\u058f",
    "Hebrew": "\u05d0-\u05ea",
    "Arabic": "\u0620-\u06ff\u0750-\u077f",
    "Devanagari": "\u0900-\u0963\u0966-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Tamil": "\u0b80-\u0bff",
    "Thai": "\u0e00-\u0e7f",
    "Georgian": "\u10a0-\u10ff",
    "Kana": "\u3040-\u30ff",
    "Han": "\u3400-\u9fff",
    "Hangul": "\u1100-\u11ff\uac00-\ud7af",
}
LETTERS = {script: re.compile(f"[{letters}]+") for script, letters in RANGES.items()}

# As many letters show a script. A character of these stands for a syllable or a word.
MIN_LETTERS = 40
MIN_DENSE_LETTERS = 15
DENSE: frozenset[Script] = frozenset({"Han", "Kana", "Hangul"})
MIN_SHARE = 0.9
# Japanese has Chinese characters among its own; a Chinese text has none of those.
MIN_SHARE_OF_KANA = 0.1


def script_of(text: str) -> Script | None:
    """The one script that a text is in for sure; None for a short text, a mixed one and any other script."""
    letters = _letters_of(text)
    script = max(letters, key=lambda each: letters[each])
    enough = MIN_DENSE_LETTERS if script in DENSE else MIN_LETTERS
    is_sure = letters[script] >= enough and letters[script] >= MIN_SHARE * sum(letters.values())
    return script if is_sure else None


def _letters_of(text: str) -> dict[Script, int]:
    if text.isascii():
        return {"Latin": sum(map(len, LETTERS["Latin"].findall(text)))}
    letters = {script: sum(map(len, of_script.findall(text))) for script, of_script in LETTERS.items()}
    if letters["Kana"] > MIN_SHARE_OF_KANA * letters["Han"]:
        letters |= {"Kana": letters["Kana"] + letters["Han"], "Han": 0}
    return letters
