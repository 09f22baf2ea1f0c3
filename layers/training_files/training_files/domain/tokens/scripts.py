"""Of which script a character is, as far as tokenizers tell scripts apart."""

from bisect import bisect_right

# Where each begins. Scripts that are not named go by the bytes of a character in UTF-8.
SCRIPTS = {
    0x0: "Latin-1",
    0x100: "Latin beyond Latin-1",
    0x250: "two bytes",
    0x370: "Greek",
    0x400: "Cyrillic",
    0x530: "two bytes",
    0x590: "Hebrew",
    0x600: "Arabic mark",
    0x620: "Arabic",
    0x64B: "Arabic mark",
    0x660: "Arabic",
    0x66E: "Arabic of other languages",
    0x6D6: "Arabic mark",
    0x6EE: "Arabic of other languages",
    0x700: "two bytes",
    0x750: "Arabic of other languages",
    0x780: "two bytes",
    0x800: "three bytes",
    0x900: "Devanagari",
    0x980: "three bytes",
    0xE00: "Thai",
    0xE80: "three bytes",
    0x1E00: "Vietnamese",
    0x1F00: "Greek",
    0x2000: "typographic mark",
    0x2070: "symbol",
    0x3000: "Han mark",
    0x3040: "Hiragana",
    0x30A0: "Katakana",
    0x3100: "three bytes",
    0x3130: "Hangul",
    0x3190: "three bytes",
    0x3400: "rare Han",
    0x4DC0: "symbol",
    0x4E00: "Han",
    0xA000: "three bytes",
    0xAC00: "Hangul",
    0xD7B0: "three bytes",
    0xF900: "rare Han",
    0xFB00: "three bytes",
    0xFF00: "Han mark",
    0xFF10: "three bytes",
    0x10000: "four bytes",
    0x1F000: "emoji",
    0x20000: "rare Han",
}
BEGINS, NAMES = tuple(SCRIPTS), tuple(SCRIPTS.values())
# These mostly stand alone. Other Han characters make words of two, which many vocabularies hold.
HAN_ALONE = frozenset(
    "的一是不了在有我他这你们来她个上也说到就和要得那没会着看为又么还只都以可让很把被给吗呢吧啊想做能去好吃再先过最真跟谁"
)


def script_of(character: str) -> str:
    return NAMES[bisect_right(BEGINS, ord(character)) - 1]
