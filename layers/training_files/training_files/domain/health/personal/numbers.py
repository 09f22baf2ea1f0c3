"""What a number of several digits is: a card, a social security number, a national id, an address, a telephone."""

import re
from collections.abc import Iterator
from typing import Literal

from training_files.domain.health.personal.accounts import cards_in
from training_files.domain.health.personal.ip_addresses import ipv4_addresses_in
from training_files.domain.health.personal.national_ids import national_numbers_in
from training_files.domain.health.personal.phones import end_with_extension, is_said_to_be_a_phone, phones_in
from training_files.domain.health.personal.spans import KNOWN, Span, in_front_of, without

NumberKind = Literal["card", "ssn", "national_id", "ip_address", "phone"]
FoundNumber = tuple[NumberKind, Span]

# A stretch that may hold numbers of several digits, with what is written between them.
STRETCH = re.compile(r"(?:\(\+|[+(0-9])[0-9 ().\-/]{6,}")
ENDS_NO_NUMBER = " .-/("
# Of a time of day, whose colon ends the stretch.
HOUR = re.compile(r" [0-2]?[0-9]\Z")
MINUTES = re.compile(r":[0-5][0-9](?![0-9])")
# Behind these it is a part of something else, or an amount. Scripts without spaces put words right in front of it.
PART_OF_MORE = re.compile(
    r"(?:[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]-?|[0-9][,:]|[#_@%]|[$\u20ac\u00a3\u00a5\u20b9] ?)\Z"
)
# With a letter behind it is a code in hexadecimal, unless that begins the extension of a telephone number.
GOES_ON = re.compile(r"[0-9](?!(?:x|ext\.?)[ .:]{0,2}[0-9])[A-Za-z_]")

SSN = re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}([ -]?)(?!00)[0-9]{2}\1(?!0000)[0-9]{4}(?![0-9-]|[.,][0-9])")
SAID_TO_BE_AN_SSN = re.compile(r"\b(?:ssn|social security)\b[^.\n]{0,24}$", re.IGNORECASE)


def numbers_in(text: str) -> Iterator[FoundNumber]:
    """Those in a text whose spaces and hyphens are plain, in no order. What is in front of one ends at the last one."""
    position, known_up_to = 0, 0
    while match := STRETCH.search(text, position):
        begin, position = match.span()
        before = in_front_of(text, begin, since=known_up_to)
        if PART_OF_MORE.search(before) or GOES_ON.match(text, position - 1):
            continue
        for kind, (first, last) in _numbers_in_stretch(_without_hour(match).rstrip(ENDS_NO_NUMBER), before):
            end = end_with_extension(text, begin + last) if kind == "phone" else begin + last
            yield kind, (begin + first, end)
            known_up_to = max(known_up_to, end)
        position = max(position, known_up_to)


def _without_hour(stretch: re.Match[str]) -> str:
    is_time = MINUTES.match(stretch.string, stretch.end())
    hour = HOUR.search(stretch[0], len(stretch[0]) - len(" 23")) if is_time else None
    return stretch[0][: hour.start()] if hour else stretch[0]


def _numbers_in_stretch(stretch: str, before: str) -> Iterator[FoundNumber]:
    """The gravest first: what is known to be one kind is not looked at as another."""
    for kind in NUMBER_KINDS:
        spans = list(_of_kind(kind, stretch, before))
        yield from ((kind, span) for span in spans)
        stretch = without(stretch, spans)
    first = stretch.partition(KNOWN)[0].rstrip(ENDS_NO_NUMBER)
    if is_said_to_be_a_phone(first, before):
        yield "phone", (0, len(first))


NUMBER_KINDS: tuple[NumberKind, ...] = ("card", "ssn", "national_id", "ip_address", "phone")


def _of_kind(kind: NumberKind, stretch: str, before: str) -> Iterator[Span]:
    match kind:
        case "card":
            return cards_in(stretch)
        case "ssn":
            return _social_security_numbers_in(stretch, before)
        case "national_id":
            return national_numbers_in(stretch, before)
        case "ip_address":
            return ipv4_addresses_in(stretch, before)
        case "phone":
            return phones_in(stretch)


def _social_security_numbers_in(stretch: str, before: str) -> Iterator[Span]:
    for match in SSN.finditer(stretch):
        if match[1] == "-" or SAID_TO_BE_AN_SSN.search(before):
            yield match.span()
