"""Which personal data a text holds: of which kind, and where; never what it says.

Numbers are checked as their issuers check them, so that a figure, a date or a version is not taken for a card or an
account. Each pattern begins with what it is anchored to and looks a bounded way from there: however hostile a text,
the time for it grows with its length.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from training_files.domain.health.personal.accounts import cards_in, ibans_in
from training_files.domain.health.personal.ip_addresses import ipv6_addresses_in
from training_files.domain.health.personal.keys import keys_in, private_keys_in
from training_files.domain.health.personal.mailboxes import mailboxes_in
from training_files.domain.health.personal.national_ids import national_ids_in
from training_files.domain.health.personal.numbers import numbers_in
from training_files.domain.health.personal.spans import Span, without

# The gravest first.
Kind = Literal["key", "card", "iban", "ssn", "national_id", "email", "phone", "ip_address"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Looked for in this order, each in what the ones before left.
BEFORE_NUMBERS: tuple[tuple[Kind, Callable[[str], Iterable[Span]]], ...] = (
    ("key", private_keys_in),
    ("key", keys_in),
    ("iban", ibans_in),
    ("national_id", national_ids_in),
    ("email", mailboxes_in),
    ("ip_address", ipv6_addresses_in),
)
# A number that another one follows without a space is seen when that one is known. What takes more rounds than this is
# no writing of people, and might take as many as it has characters.
ROUNDS = 8
# Spaces and hyphens that do not break are written in numbers too. No datum goes on across a bracket, and a word in
# front of one is not about what stands behind it: so what stands around a placeholder reads as it did around a datum.
PLAIN = {"\u00a0": " ", "\u202f": " ", "\u2011": "-", "[": "\n", "]": "\n"}


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """The whole of a datum; `begin` and `end` are offsets of its first character and of the one behind its last."""

    kind: Kind
    begin: int
    end: int


def personal_data_in(text: str) -> list[PersonalDatum]:
    """All that a text holds, from its beginning to its end; none overlaps another."""
    text = _plain(text)
    data: list[PersonalDatum] = []
    for _ in range(ROUNDS):
        found = sorted(_data_in(text), key=lambda datum: datum.begin)
        if not found:
            break
        data += found
        text = without(text, ((datum.begin, datum.end) for datum in found))
    return sorted(data, key=lambda datum: datum.begin)


def kinds_of_personal_data(text: str) -> list[Kind]:
    """The kinds that a text holds, each once, the gravest first."""
    found = {datum.kind for datum in personal_data_in(text)}
    return [kind for kind in KINDS if kind in found]


def _plain(text: str) -> str:
    """As long as it was. Faster than str.translate, which looks each character up."""
    for written, read in PLAIN.items():
        text = text.replace(written, read)
    return text


def _data_in(text: str) -> Iterator[PersonalDatum]:
    for kind, spans_in in BEFORE_NUMBERS:
        spans = list(spans_in(text))
        yield from (PersonalDatum(_gravest(kind, text[begin:end]), begin, end) for begin, end in spans)
        text = without(text, spans)
    yield from (PersonalDatum(kind, begin, end) for kind, (begin, end) in numbers_in(text))


def _gravest(kind: Kind, datum: str) -> Kind:
    """A card's number may be somebody's mailbox."""
    return "card" if kind == "email" and any(cards_in(datum)) else kind
