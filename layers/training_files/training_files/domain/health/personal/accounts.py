"""Bank accounts (IBAN) and cards, by the check digits that their issuers give them."""

import re
from collections.abc import Iterator

from training_files.domain.health.personal.spans import Span

# An account is found by its check digits, which are rarer than letters.
IBAN_CHECK_DIGITS = re.compile(r"[0-9](?<=[A-Za-z]{2}[0-9])[0-9](?=[ \u00a0-]?[A-Za-z0-9]{4})")
BETWEEN_GROUPS = " \u00a0-"
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

# Plain, by fours, or as American Express and Diners write it; not a part of a longer code.
CARD = re.compile(
    r"(?<![0-9-])(?<![0-9][.,])(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
    r"|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5})(?![.-]?[0-9])"
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


def ibans_in(text: str) -> Iterator[Span]:
    known_up_to = 0
    for match in IBAN_CHECK_DIGITS.finditer(text):
        begin = match.start() - len("DE")
        end = _end_of_iban(text, begin) if begin >= known_up_to else None
        if end is not None:
            yield begin, end
            known_up_to = end


def cards_in(stretch: str) -> Iterator[Span]:
    return (match.span() for match in CARD.finditer(stretch) if is_card(match[0]))


def is_card(card: str) -> bool:
    """The check digit of ISO/IEC 7812, by Luhn, in a number as the networks give them."""
    digits = [int(character) for character in reversed(card) if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    has_check_digit = (sum(digits[::2]) + sum(doubled)) % 10 == 0
    return has_check_digit and card.startswith(CARD_BEGINNINGS.get(len(digits), ()))


def _end_of_iban(text: str, begin: int) -> int | None:
    """Where the account number that begins here ends; None when none does, by its length or by what it is made of."""
    length = IBAN_LENGTHS.get(text[begin : begin + 2].upper())
    if length is None or (begin and (text[begin - 1].isalnum() or text[begin - 1] in "-_")):
        return None
    compact, end = "", begin
    while len(compact) < length and end < len(text) and (text[end] in BETWEEN_GROUPS or text[end].isalnum()):
        compact += text[end] if text[end].isalnum() else ""
        end += 1
    is_whole = len(compact) == length and compact.isascii() and not text[end : end + 1].isalnum()
    return end if is_whole and _is_checked_by_97(compact) and _is_made_as_its_country_makes_it(compact) else None


def _is_checked_by_97(account: str) -> bool:
    """The check of ISO 7064 as IBANs use it: letters count from A = 10."""
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


def _is_made_as_its_country_makes_it(account: str) -> bool:
    """One code in 97 passes the check by chance; hardly any has letters and digits where the registry wants them."""
    from stdnum import iban

    return iban.is_valid(account, check_country=False)
