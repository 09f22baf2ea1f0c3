"""The rules of one text, in a table, and what they find in it.

A rule is a function that takes a text and yields the places that it finds: an offset in characters, and a message that
goes on behind what the text is, as in "the target holds …". It never repeats the text.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from training_files.domain.health.escapes import escaped_line_breaks_in, other_escapes_in
from training_files.domain.health.findings import SEVERITIES, Rule, Severity
from training_files.domain.health.personal_data import Kind, kinds_of_personal_data
from training_files.domain.health.role_labels import role_labels_in
from training_files.domain.health.texts import Place, Text
from training_files.domain.health.truncation import truncations_in

EVERYWHERE: frozenset[Place] = frozenset(get_args(Place))
PLACEHOLDERS = frozenset({"[object Object]", "NaN", "None", "null", "undefined"})
GRAVE_KINDS: frozenset[Kind] = frozenset({"key", "card", "iban", "ssn"})
NAMES_OF_KINDS: dict[Kind, str] = {
    "key": "a secret key",
    "card": "a card number",
    "iban": "a bank account (IBAN)",
    "ssn": "a social security number",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "ip_address": "an IP address",
}


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule of one text. Of what it finds in a text, the first is taken; it need not look further."""

    rule: Rule
    found_in: Callable[[str], Iterable[tuple[int, str]]]
    places: frozenset[Place] = EVERYWHERE


# Those of texts that say something at all.
TEXT_RULES: tuple[TextRule, ...] = (
    TextRule("literal_backslash_n", escaped_line_breaks_in),
    TextRule("escaped_text", other_escapes_in),
    TextRule("role_leak", role_labels_in),
    TextRule("truncated_target", truncations_in, frozenset({"target"})),
)


@dataclass(frozen=True, slots=True)
class Sign:
    """What a rule finds in a text; `message` goes on behind what the text is."""

    rule: Rule
    severity: Severity
    offset: int | None
    message: str


def signs_in(text: Text, *, may_have_personal_data: bool) -> Iterator[Sign]:
    content = text.content.strip()
    if not content:
        yield _sign("empty_turn", 0, "is empty" if not text.content else "is only white space")
    elif content in PLACEHOLDERS:
        yield _sign("placeholder_text", text.content.index(content), f"is nothing but {content}")
    else:
        yield from _personal_data_in(text.content) if may_have_personal_data else ()
        for rule in TEXT_RULES:
            first = next(iter(rule.found_in(text.content)), None) if text.place in rule.places else None
            if first:
                yield _sign(rule.rule, *first)


def _personal_data_in(text: str) -> Iterator[Sign]:
    """One sign for each kind."""
    for kind in kinds_of_personal_data(text):
        severity: Severity = "error" if kind in GRAVE_KINDS else "warning"
        yield Sign("personal_data", severity, None, f"holds {NAMES_OF_KINDS[kind]}")


def _sign(rule: Rule, offset: int, message: str) -> Sign:
    return Sign(rule, SEVERITIES[rule], offset, message)
