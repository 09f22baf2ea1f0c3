"""Which kinds of personal data a text holds; never which data.

Numbers are checked as their issuers check them, so that a figure, a date or a version is not taken for a card or an
account. Each pattern begins with what it is anchored to and looks a bounded way from there: however hostile a text,
the time for it grows with its length.
"""

import re
from collections.abc import Iterator
from typing import Literal, get_args

# The gravest first.
Kind = Literal["key", "card", "iban", "ssn", "email", "phone", "ip_address"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# How much in front of a number is read to see what it is.
CONTEXT_CHARACTERS = 40

AT = re.compile(r"@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}([A-Za-z]{2,24}|xn--[\w-]{2,59})(?![\w@-])")
IMAGE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "avif"})
# The user in a repository's address, git@host:path, is nobody.
NOBODY = "git"

# What keys begin with, those with a low line apart: most texts have none.
KEY_MARKS = ("sk-", "AKIA", "ASIA", "glpat-", "xox", "AIza", "eyJ")
LOW_LINE_KEY_MARKS = ("sk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_", "sb_secret_")
KEY = re.compile(
    r"(?<![\w-])(?:sk-[\w-]{16}|[sr]k_(?:live|test)_\w{16}|A[KS]IA[A-Z0-9]{16}(?![\w-])|gh[pousr]_\w{20}"
    r"|github_pat_\w{20}|glpat-[\w-]{20}|xox[a-z]-[\w-]{10}|AIza[\w-]{35}|hf_\w{30}|sb_secret_[\w-]{16}"
    r"|eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8})",
    re.ASCII,
)
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")

# Found by its check digits, which are rarer than letters.
IBAN_CHECK_DIGITS = re.compile(r"[0-9](?<=[A-Za-z]{2}[0-9])[0-9](?=[ \u00a0]?[A-Za-z0-9]{4})")
# The registry of ISO 13616: how long the account numbers of a country are.
COUNTRIES_BY_IBAN_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTHS = {country: length for length, all_of in COUNTRIES_BY_IBAN_LENGTH.items() for country in all_of.split()}

# A stretch that may hold a number of several digits, with what is written between them.
NUMBER = re.compile(r"[+(0-9][0-9 ().\-/\u00a0\u2011]{6,}")
# Behind these it is a part of something else, or an amount.
PART_OF_MORE = re.compile(r"(?:[^\W\d_]-?|[0-9][,:]|[#_@%]|[$€£¥₹] ?)$")
# With a letter behind it is a code in hexadecimal; an x begins the extension of a telephone number.
GOES_ON = re.compile(r"[0-9][A-Za-wyz_]")

# Plain, by fours, or as American Express and Diners write it; not a part of a longer code.
CARD = re.compile(
    r"(?<![0-9])(?<![0-9]-)(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
    r"|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5})(?!-?[0-9])"
)
# What the cards of the networks begin with, by how many digits they have.
CARD_BEGINNINGS = {
    13: ("4",),
    14: ("30", "36", "38", "39"),
    15: ("34", "37"),
    16: ("22", "23", "24", "25", "26", "27", "35", "4", "5", "6"),
    17: ("6",),
    18: ("6",),
    19: ("4", "6"),
}
SSN = re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}([ -]?)(?!00)[0-9]{2}\1(?!0000)[0-9]{4}(?![0-9-]|[.,][0-9])")
SAID_TO_BE_AN_SSN = re.compile(r"\b(?:ssn|social security)\b[^.\n]{0,24}$", re.IGNORECASE)

OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = re.compile(rf"(?<![0-9.])(?:{OCTET}\.){{3}}{OCTET}(?![0-9]|\.[0-9])")
# This machine, none at all, and network masks.
NOBODYS_OCTETS = frozenset({"0", "127", "255"})
SAID_TO_BE_A_VERSION = re.compile(
    r"(?:\b(?:v|version|versions|release|build|firmware|driver|macos|ios|android|windows|section|chapter|clause"
    r"|article|upgrade to|update to|updated to|upgraded to)|[§/])[ :.]{0,2}$",
    re.IGNORECASE,
)
SAID_TO_BE_AN_ADDRESS = re.compile(r"\b(?:ip|ipv4|address|host|server|client|gateway)\b[^.\n]{0,24}$", re.IGNORECASE)
IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,40}[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
# Part of any such address, and quickly looked for.
IPV6_MIDDLE = re.compile(r":[0-9A-Fa-f]{0,4}:")
IPV6_DIGITS = 4

PHONE = re.compile(
    r"""
    # International, as ITU E.164 counts the digits; no decimal fraction, no rounded amount
      \+ (?! [0-9]{1,3} \. [0-9]+ (?![0-9 .\-]) ) (?! [0-9 ]* 000[ ]000 )
      [1-9] (?: [ .\-/()]{0,3} [0-9] ){7,14} (?![0-9])
    # North America: (415) 555-0132, 1-415-555-0132, 415.555.0132
    | (?<![0-9+.,]) (?<![0-9]-) (?: 1[ .\-] )? (?: \([0-9]{3}\)[ ]? | [0-9]{3}[.\-] | [2-9][0-9]{2}[ ] )
      [0-9]{3} [ .\-] [0-9]{4} (?! -?[0-9] )
    # With the 0 of a trunk call: 020 7946 0958, (030) 123456-78, 0171/1234567; no date, no month of a year
    | (?<![0-9+.,]) (?<![0-9][ \-]) (?! [0-3]?[0-9][\-/ ][01]?[0-9][\-/ ](?:19|20)?[0-9]{2}(?![0-9]) )
      (?! 0[1-9][\-/ ](?:19|20)[0-9]{2}(?![0-9]) )
      \(?0[1-9][0-9]{0,3} (?: \)[ ]? | [ ]?/[ ]? | [ ]?-[ ]? | [ ] ) [0-9] (?: [ \-]?[0-9] ){5,8} (?![ \-]?[0-9])
    # In pairs: 01 23 45 67 89
    | (?<![0-9+.,]) (?<![0-9][ .\-]) 0[1-9] (?: (?:[ ][0-9]{2}){4} | (?:[.][0-9]{2}){4} | (?:-[0-9]{2}){4} )
      (?![ .\-]?[0-9])
    # With an area code in brackets: (11) 91234-5678; no year
    | (?<![0-9+]) \( (?!(?:19|20)[0-9]{2}\)) [0-9]{2,5} \)[ ]? [0-9]{3,5} [ \-] [0-9]{3,5} (?![0-9])
    """,
    re.VERBOSE,
)
SAID_TO_BE_A_PHONE = re.compile(
    r"(?:\b(?:(?:tele)?phone|tel|mobile|cell|whatsapp|fax|telefono?|tel\u00e9fono|t\u00e9l\u00e9phone|m\u00f3vil"
    r"|celular|handy|rufnummer|telefonnummer)|\u96fb\u8a71|\u7535\u8bdd|\u624b\u673a)"
    r"(?: (?:number|no|nr|#))?[ .:=#]{0,3}(?:is|at|on)?[ :]{0,2}$",
    re.IGNORECASE,
)
YEARS = re.compile(r"(?:19|20)[0-9]{2} ?[-/] ?(?:19|20)[0-9]{2}")
PHONE_DIGITS = range(7, 16)


def kinds_of_personal_data(text: str) -> list[Kind]:
    """The kinds that a text holds, each once, the gravest first."""
    found = set(_kinds_in(text))
    return [kind for kind in KINDS if kind in found]


def _kinds_in(text: str) -> Iterator[Kind]:
    if _holds_key(text):
        yield "key"
    if "@" in text and any(map(_is_mailbox, AT.finditer(text))):
        yield "email"
    if IPV6_MIDDLE.search(text) and any(_is_ipv6(match[0]) for match in IPV6.finditer(text)):
        yield "ip_address"
    beginnings = [match.start() - len("DE") for match in IBAN_CHECK_DIGITS.finditer(text)]
    accounts = [(begin, end) for begin in beginnings if (end := _end_of_iban(text, begin))]
    if accounts:
        yield "iban"
        text = _without(text, accounts)
    for match in NUMBER.finditer(text):
        before = text[max(0, match.start() - CONTEXT_CHARACTERS) : match.start()]
        if not PART_OF_MORE.search(before) and not GOES_ON.match(text, match.end() - 1):
            yield from _kinds_of_number(match[0], before)


def _holds_key(text: str) -> bool:
    if "-----BEGIN" in text and PRIVATE_KEY.search(text):
        return True
    marks = KEY_MARKS + LOW_LINE_KEY_MARKS if "_" in text else KEY_MARKS
    return any(mark in text for mark in marks) and bool(KEY.search(text))


def _is_mailbox(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - len(NOBODY)) : match.start()]
    if not before or not (before[-1].isalnum() or before[-1] in "_%+-'"):
        return False
    return before != NOBODY and match[1].lower() not in IMAGE_SUFFIXES


def _is_ipv6(candidate: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address

    try:
        address = IPv6Address(candidate)
    except AddressValueError:
        return False
    return len(candidate.replace(":", "")) >= IPV6_DIGITS and not address.is_loopback


def _end_of_iban(text: str, begin: int) -> int | None:
    """Where the account number that begins here ends; None when none does, by its length or by its check digits."""
    length = IBAN_LENGTHS.get(text[begin : begin + 2].upper())
    if length is None or (begin and (text[begin - 1].isalnum() or text[begin - 1] in "-_")):
        return None
    compact, end = "", begin
    while len(compact) < length and end < len(text) and (text[end] in " \u00a0" or text[end].isalnum()):
        compact += text[end] if text[end].isalnum() else ""
        end += 1
    is_whole = len(compact) == length and compact.isascii() and not text[end : end + 1].isalnum()
    return end if is_whole and _is_checked_by_97(compact) else None


def _is_checked_by_97(account: str) -> bool:
    """The check of ISO 7064 as IBANs use it: letters count from A = 10."""
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for begin, end in spans:
        pieces.append(text[position:begin])
        position = max(position, end)
    return "\n".join([*pieces, text[position:]])


def _kinds_of_number(stretch: str, before: str) -> Iterator[Kind]:
    stretch = stretch.rstrip(" .-/(\u00a0").replace("\u00a0", " ").replace("\u2011", "-")
    if any(_is_card(match[0]) for match in CARD.finditer(stretch)):
        yield "card"
    elif any(match[1] == "-" or SAID_TO_BE_AN_SSN.search(before) for match in SSN.finditer(stretch)):
        yield "ssn"
    elif any(_is_ipv4(match, before) for match in IPV4.finditer(stretch)):
        yield "ip_address"
    elif PHONE.search(stretch) or _is_said_to_be_a_phone(stretch, before):
        yield "phone"


def _is_card(card: str) -> bool:
    """The check digit of ISO/IEC 7812, by Luhn, in a number as the networks give them."""
    digits = [int(character) for character in reversed(card) if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    has_check_digit = (sum(digits[::2]) + sum(doubled)) % 10 == 0
    return has_check_digit and card.startswith(CARD_BEGINNINGS.get(len(digits), ()))


def _is_ipv4(match: re.Match[str], before: str) -> bool:
    """Four numbers with points between may be a version or a section too; then all are small, or the text says so."""
    octets = match[0].split(".")
    near = match.string[max(0, match.start() - CONTEXT_CHARACTERS) : match.start()]
    before = (before + near)[-CONTEXT_CHARACTERS:] if match.start() < CONTEXT_CHARACTERS else near
    if octets[0] in NOBODYS_OCTETS or SAID_TO_BE_A_VERSION.search(before):
        return False
    return any(len(octet) > 1 for octet in octets) or bool(SAID_TO_BE_AN_ADDRESS.search(before))


def _is_said_to_be_a_phone(stretch: str, before: str) -> bool:
    digits = sum(character.isdigit() for character in stretch)
    return digits in PHONE_DIGITS and bool(SAID_TO_BE_A_PHONE.search(before)) and not YEARS.fullmatch(stretch)
