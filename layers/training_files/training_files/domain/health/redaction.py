"""Personal data of a conversation becomes typed placeholders, [EMAIL_1] or [PHONE_2]: one for each value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from training_files.domain.health.personal_data import KINDS, Kind, PersonalDatum, personal_data_in

# None is taken for personal data, and none for a blank that somebody forgot to fill in.
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS).upper()})_[1-9][0-9]{{0,8}}\]")

# In +49 (0)30 1234567 the 0 is dialled at home only.
AT_HOME_ONLY = re.compile(r"\(0\)")
EXTENSION = re.compile(r"[^\W\d_]")
DIALLED_ABROAD = re.compile(r"^(?:00|011)(?=[1-9])")
DIGITS_OF_A_NORTH_AMERICAN_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Redaction:
    """What stands in the place of a datum; `offset` is where this began in the text as it was, in characters."""

    kind: Kind
    placeholder: str
    offset: int


class Redactor:
    """Redacts the texts of one conversation, in their order: the same texts always become the same ones.

    Values are the same if they are however they are written: telephone numbers and cards in other groups, e-mail
    addresses in capitals. `texts` are all texts of the conversation: a placeholder that already stands in one of them
    is not given to a value.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._taken = {placeholder for text in texts for placeholder in PLACEHOLDER.findall(text)}
        self._numbers = {kind: count(1) for kind in KINDS}
        self._placeholders: dict[tuple[Kind, str], str] = {}

    def redacted(self, text: str) -> tuple[str, list[Redaction]]:
        """The text with placeholders, and what became one; the very text where there is nothing to redact."""
        redactions, pieces, position = [], [], 0
        for datum in personal_data_in(text):
            redaction = Redaction(datum.kind, self._placeholder_of(datum, text), datum.begin)
            redactions.append(redaction)
            pieces += [text[position : datum.begin], redaction.placeholder]
            position = datum.end
        return ("".join([*pieces, text[position:]]) if pieces else text), redactions

    def _placeholder_of(self, datum: PersonalDatum, text: str) -> str:
        value = datum.kind, _normalised(datum.kind, text[datum.begin : datum.end])
        if value not in self._placeholders:
            self._placeholders[value] = self._next_placeholder(datum.kind)
        return self._placeholders[value]

    def _next_placeholder(self, kind: Kind) -> str:
        placeholders = (f"[{kind.upper()}_{number}]" for number in self._numbers[kind])
        return next(placeholder for placeholder in placeholders if placeholder not in self._taken)


def _normalised(kind: Kind, value: str) -> str:
    match kind:
        case "key":
            return value
        case "email":
            return value.casefold()
        case "phone":
            return _normalised_phone(value)
        case "ip_address":
            return _normalised_address(value)
        case _:
            return "".join(filter(str.isalnum, value)).casefold()


def _normalised_phone(value: str) -> str:
    """The digits, from the country's code on if it is there; those of the extension apart."""
    number, *extension = EXTENSION.split(AT_HOME_ONLY.sub("", value), maxsplit=1)
    digits = _digits_of(number)
    if DIALLED_ABROAD.match(digits):
        digits = DIALLED_ABROAD.sub("", digits)
    elif digits.startswith("1") and len(digits) == 1 + DIGITS_OF_A_NORTH_AMERICAN_NUMBER:
        digits = digits[1:]
    return "x".join([digits, *map(_digits_of, extension)])


def _digits_of(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _normalised_address(value: str) -> str:
    from ipaddress import ip_address

    return str(ip_address(value))
