"""Text whose bytes were read in another encoding than the one in which they were written.

UTF-8 that was read as Windows-1252, Latin-1, Mac Roman or Windows-1251 leaves sequences that no language writes:
letters with marks or signs of currency in the midst of words. What could be a capital letter in front of a closing
quote, a dash or dots is none. U+FFFD stands for bytes that could not be read at all.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

WRONGLY_DECODED = "holds characters that come of reading it in the wrong encoding"
REPLACED = "holds U+FFFD, which stands for a character that was lost"

REPLACEMENT = "\ufffd"
# What the bytes 80 to BF are in Windows-1252, and in Latin-1 where Windows has none.
CONTINUATION = (
    "\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178\u00a0-\u00bf"
)
SYMBOL = (
    "\u20ac\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u0152\u017d\u02dc\u2122\u0161\u0153\u017e\u0178"
    "\u00a1-\u00aa\u00ac\u00ae-\u00b6\u00b8-\u00ba\u00bc-\u00bf"
)
SEQUENCE = re.compile(
    "|".join(
        (
            # Control characters that no text has; U+0085 is a line break.
            "[\u0080-\u0084\u0086-\u009f]",
            # Two bytes: é is Ã©, š is Å¡. A small letter in front of a capital one makes any of them sure.
            f"[\u00c3\u00c4\u00c5][{SYMBOL}]",
            f"(?<=[a-z])[\u00c3\u00c4\u00c5][{CONTINUATION}]",
            "\u00c3[\u00ad\u00a0](?=[a-z])",
            # Signs of Latin-1: £ is Â£, a no-break space Â and itself.
            "\u00c2[\u00a0\u00a1\u00a2\u00a3\u00a5\u00a7\u00a9\u00ab\u00ae\u00b0-\u00b3\u00b7\u00bb-\u00bf]",
            # Two bytes in whole words: Cyrillic, Greek, Hebrew, Arabic.
            f"(?:[\u00ce-\u00d1\u00d7-\u00d9][{CONTINUATION}]){{3}}",
            # Three bytes: punctuation, arrows, the euro; Vietnamese; other scripts by at least two letters.
            f"\u00e2(?:\u20ac|[{SYMBOL}][{CONTINUATION}]|[\u2022\u2013\u2014][{SYMBOL}])",
            f"\u00e1[\u00ba\u00bb][{SYMBOL}\u2018\u2019]",
            f"(?:[\u00e0\u00e1\u00e3-\u00e9\u00ea-\u00ed][{CONTINUATION}]{{2}}){{2}}",
            "\u00ef\u00bb\u00bf|\u00ef\u00bf\u00bd|\u00ef\u00b8",
            # Four bytes: emoji.
            "\u00f0\u0178",
            # As Mac Roman: é is √©, and what begins with U+201A and Ä is a quote.
            "\u201a\u00c4[\u00f4\u00fa\u00f9\u00ec\u00ee\u00f2\u00b6\u00a2]|\u221a[\u00a9\u00a7\u00a8]",
            # As Windows-1251, in Russian words and in punctuation.
            "\u0432\u0402[\u2122\u045a\u045c\u201c\u201d\u00a6]",
            "(?:[\u0420\u0421][\u0402-\u040f\u0451-\u045f\u0490\u0491\u2018-\u203a\u20ac\u2116\u2122\u00a0-\u00be]){4}",
            # U+FFFD itself, as GBK.
            "\u951f\u65a4\u62f7",
        )
    )
)
# Texts that have one of these are few, and nearly all prose of the West has none.
MARK = re.compile(
    "[\u0080-\u0084\u0086-\u009f\u00c2-\u00c5\u00ce-\u00d1\u00d7-\u00d9\u00e0-\u00f0\u201a\u221a\u0432\u0420\u0421\u951f]"
)
ABOUT_ENCODINGS = re.compile(
    r"mojibake|utf-?8|latin-?1|iso.8859|windows.125\d|cp125\d|unicode|encoding|charset|u\+fffd|replacement character"
    r"|zeichensatz|kodierung|codificaci|encodage|кодировк|编码|文字化け|乱码",
    re.IGNORECASE,
)


def mojibake_in(text: str) -> Iterator[tuple[int, str]]:
    if text.isascii() or not (REPLACEMENT in text or MARK.search(text)):
        return
    prose = without_code(text)
    found = [(match.start(), WRONGLY_DECODED) for match in SEQUENCE.finditer(prose)]
    found += [(match.start(), REPLACED) for match in re.finditer(REPLACEMENT, prose)]
    if found and not ABOUT_ENCODINGS.search(text):
        yield from sorted(found)
