"""The marks that end a sentence, in any script, and those that close what it stands in."""

import unicodedata

# Unicode's Sentence_Terminal (PropList.txt 15.1), and what ends a text without being in it: dots of omission, waves of
# Japanese, marks of Tibetan and Khmer, vertical forms.
TERMINAL = frozenset(
    "!.?\u0589\u061d\u061e\u061f\u06d4\u0700\u0701\u0702\u07f9\u0837\u0839\u083d\u083e\u0964\u0965\u104a\u104b\u1362\u1367\u1368"
    "\u166e\u1735\u1736\u1803\u1809\u1944\u1945\u1aa8\u1aa9\u1aaa\u1aab\u1b5a\u1b5b\u1b5e\u1b5f\u1b7d\u1b7e\u1c3b\u1c3c\u1c7e\u1c7f"
    "\u203c\u203d\u2047\u2048\u2049\u2e2e\u2e3c\u2e53\u2e54\u3002\ua4ff\ua60e\ua60f\ua6f3\ua6f7\ua876\ua877\ua8ce\ua8cf\ua92f\ua9c8"
    "\ua9c9\uaa5d\uaa5e\uaa5f\uaaf0\uaaf1\uabeb\ufe52\ufe56\ufe57\uff01\uff0e\uff1f\uff61\U00011047\U00011048\U000110be\U000110bf"
    "\U000110c0\U000110c1\U00011141\U00011142\U00011143\U000111c5\U000111c6\U000111cd\U000111de\U000111df\U00011238\U00011239"
    "\U0001123b\U0001123c\U000112a9\U0001144b\U0001144c\U000115c2\U000115c3\U00011641\U00011642\U0001173c\U0001173d\U0001173e"
    "\U00011944\U00011946\U00016a6e\U00016a6f\U00016af5\U00016b37\U00016b38\U00016b44\U00016e98\U0001bc9f\U0001da88"
    "\u2025\u2026\u22ef\u301c\uff5e\u0f0d\u0f0e\u0f11\u0f14\u17d4\u17d5\ufe12\ufe15\ufe16\ufe19"
)
# Unicode's categories of what closes, and of quotes, which close in one language and open in another.
CLOSING_CATEGORIES = frozenset({"Pe", "Pf", "Pi"})
# Marks of Markdown, and quotes of other categories.
OTHER_CLOSING = frozenset("\"'*_~ \t\n\uff02\uff07")


def without_closing_marks(text: str) -> str:
    """A text without the closing marks, and the white space, at its end."""
    end = len(text)
    while end and (text[end - 1] in OTHER_CLOSING or unicodedata.category(text[end - 1]) in CLOSING_CATEGORIES):
        end -= 1
    return text[:end]
