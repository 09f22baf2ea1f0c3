"""Secret keys and access tokens, by what their issuers let them begin with; private keys up to their last line."""

import re
from collections import deque
from collections.abc import Iterator

from training_files.domain.health.personal.spans import Span

# What keys begin with, those with a low line apart: most texts have none.
KEY_MARKS = ("sk-", "AKIA", "ASIA", "glpat-", "xox", "xapp-", "AIza", "eyJ", "GOCSPX-", "SG.", "ya29.", "pypi-")
LOW_LINE_KEY_MARKS = (
    *("sk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_", "sb_secret_", "npm_"),
    *("shpat_", "whsec_", "dop_v1_"),
)
# The whole key: it goes on as far as its characters do. The names of packages (sk-learn-extra) have no figure.
KEY = re.compile(
    r"(?<![\w-])(?:sk-(?=[A-Za-z_-]{0,64}[0-9])[\w-]{16,}|[sr]k_(?:live|test)_\w{16,}|A[KS]IA[A-Z0-9]{16}(?![\w-])"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[a-z]-[\w-]{10,}|xapp-[0-9]-[\w-]{10,}"
    r"|AIza[\w-]{35,}|hf_[A-Za-z0-9]{30,}|sb_secret_[\w-]{16,}|npm_[A-Za-z0-9]{36,}|GOCSPX-[\w-]{20,}"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,}|ya29\.[\w-]{20,}|pypi-[\w-]{50,}|shpat_[0-9a-f]{32,}|whsec_[\w+/]{20,}={0,2}"
    r"|dop_v1_[0-9a-f]{64}|eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8,})[\w-]*",
    re.ASCII,
)
PRIVATE_KEY_BEGIN = re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
PRIVATE_KEY_END = re.compile(r"-----END (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
# A key of 16,384 bits has 12,700 characters.
LONGEST_PRIVATE_KEY = 40_000
# What there is of a key that is cut off: lines of nothing but its characters.
LINES_OF_A_KEY = re.compile(r"(?:\r?\n[A-Za-z0-9+/=]{1,100}(?=\r?\n|\Z))*")


def private_keys_in(text: str) -> Iterator[Span]:
    """From the first line to the last one before the next key, if that is near."""
    begins = [match.span() for match in PRIVATE_KEY_BEGIN.finditer(text)] if "-----BEGIN" in text else []
    ends = deque(match.end() for match in (PRIVATE_KEY_END.finditer(text) if begins else ()))
    for place, (begin, end_of_line) in enumerate(begins):
        following = begins[place + 1][0] if place + 1 < len(begins) else len(text)
        while ends and ends[0] < end_of_line:
            ends.popleft()
        if ends and ends[0] <= min(following, begin + LONGEST_PRIVATE_KEY):
            yield begin, ends[0]
        else:
            yield begin, _end_of_lines(text, end_of_line)


def _end_of_lines(text: str, position: int) -> int:
    lines = LINES_OF_A_KEY.match(text, position)
    return lines.end() if lines else position


def keys_in(text: str) -> Iterator[Span]:
    """Keys and tokens of one word."""
    marks = KEY_MARKS + LOW_LINE_KEY_MARKS if "_" in text else KEY_MARKS
    if any(mark in text for mark in marks):
        yield from (match.span() for match in KEY.finditer(text))
