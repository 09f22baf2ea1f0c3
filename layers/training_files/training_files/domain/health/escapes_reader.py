"""What stands before the escape sequences of a text."""

import re

# What parts words, where a path could begin.
SEPARATORS = " \r\n\t\"'(["
LONGEST_PATH = 260
# Line breaks and tabs in a row are one thing: what stands around them stands around each.
RUN = re.compile(r"(?:\\{1,4}[nrt])+")
UNESCAPED_QUOTE = re.compile(r'(?<!\\)"')
INDENTED = re.compile(r"(?: {4}|\t)\s{0,40}(?!(?:[-*+>\u2022]|[0-9A-Za-z]{1,3}[.)])\s)")
SIGN_OF_CODE = re.compile(r"\w\(|\w\s?[-+]?=\s?\S|[;{}]\s*$|->|::|\$\w|\b(?:return|import|echo|printf?|sed|awk|grep)\b")
# How much of a line shows whether it is code.
CODE_CHARACTERS = 300
# In front of the quote that opens a string: a key of JSON, a list or another string, a call or an assignment.
BEFORE_A_STRING = re.compile(r'(?:"\s?[:,]\s?|[{\[]\s?|\w\(|\w\s?=\s?)$')
CHARACTERS_BEFORE_A_STRING = 4


class Reader:
    """What stands before a place in a text: where its word begins, and whether a quotation is open in its line.

    Goes from sequence to sequence, and reads each character once.
    """

    def __init__(self, text: str, prose: str) -> None:
        """`prose` is the text with spaces in the place of its code."""
        self.prose = prose
        self._text = text
        self.run = (0, 0)
        self.range_until = 0
        self._position = 0
        self._word = 0
        self._line = 0
        self._is_code: bool | None = None
        self._quotes = 0
        self._opened_at = 0
        self._taken_until = 0

    @property
    def in_quotes(self) -> bool:
        return self._quotes % 2 == 1

    def read_to(self, match: re.Match[str]) -> None:
        position = match.start()
        between = self.prose[self._position : position]
        last = max(map(between.rfind, SEPARATORS))
        if last >= 0:
            self._word = self._position + last + 1
        _, is_new_line, line = between.rpartition("\n")
        begin = position - len(line)
        if is_new_line:
            self._quotes, self._line, self._is_code = 0, begin, None
        for quote in UNESCAPED_QUOTE.finditer(self.prose, begin, position):
            self._quotes += 1
            self._opened_at = quote.start()
        if position >= self.run[1]:
            run = RUN.match(self.prose, position)
            self.run = run.span() if run else match.span()
        self._position = position

    def take(self, match: re.Match[str], meant: str) -> None:
        """Goes on behind a sequence that was meant as a character."""
        self._position = self._word = self._taken_until = match.end()
        if meant.endswith("\n"):
            self._quotes = 0

    def before(self, place: int, characters: int = 1) -> str:
        """What stands before a place; none of it where another sequence ends that was meant as a character."""
        return self.prose[max(place - characters, self._taken_until) : place]

    def word(self) -> str:
        """What stands of the word before the place; nothing of one that is longer than any path."""
        return self.prose[self._word : self._position] if self._position - self._word <= LONGEST_PATH else ""

    def is_in_code(self) -> bool:
        """Whether the line is indented as code is, and looks like it."""
        if self._is_code is None:
            line = self._text[self._line : self._line + CODE_CHARACTERS].partition("\n")[0]
            self._is_code = bool(INDENTED.match(line) and SIGN_OF_CODE.search(line))
        return self._is_code

    def is_in_string_of_code(self) -> bool:
        before = self.prose[max(0, self._opened_at - CHARACTERS_BEFORE_A_STRING) : self._opened_at]
        return self.in_quotes and bool(BEFORE_A_STRING.search(before))
