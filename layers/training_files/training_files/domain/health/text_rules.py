"""The rules of one text, in a table, and what they find in it.

A rule is a function that takes a text and yields the places that it finds: an offset in characters, and a message that
goes on behind what the text is, as in "the target holds …". It never repeats the text.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import get_args

from training_files.domain.health.escapes import escaped_line_breaks_in, other_escapes_in
from training_files.domain.health.findings import SEVERITIES, Rule, Severity
from training_files.domain.health.mojibake import mojibake_in
from training_files.domain.health.personal_data import KINDS, Kind, personal_data_in
from training_files.domain.health.placeholders import placeholder_of, placeholders_in, placeholders_in_metadata
from training_files.domain.health.refusals import refusals_in
from training_files.domain.health.repetition import repetitions_in
from training_files.domain.health.role_labels import role_labels_in
from training_files.domain.health.special_tokens import special_tokens_in
from training_files.domain.health.template_blanks import template_blanks_in
from training_files.domain.health.texts import Place, Text
from training_files.domain.health.thinking import thinking_tags_in
from training_files.domain.health.truncation import truncated_targets_in, truncated_user_texts_in
from training_files.domain.text import is_blank

# Metadata is not trained on.
TRAINED_ON: frozenset[Place] = frozenset(get_args(Place)) - {"metadata"}
GRAVE_KINDS: frozenset[Kind] = frozenset({"key", "card", "iban", "ssn", "national_id"})
NAMES_OF_KINDS: dict[Kind, str] = {
    "key": "a secret key",
    "card": "a card number",
    "iban": "a bank account (IBAN)",
    "ssn": "a social security number",
    "national_id": "a national identity number",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "ip_address": "an IP address",
}


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule of one text. Of what it finds in a text, the first is taken; it need not look further."""

    rule: Rule
    found_in: Callable[[str], Iterable[tuple[int, str]]]
    places: frozenset[Place] = TRAINED_ON


# Those of texts that say something at all.
TEXT_RULES: tuple[TextRule, ...] = (
    TextRule("literal_backslash_n", escaped_line_breaks_in),
    TextRule("escaped_text", other_escapes_in),
    TextRule("special_tokens", special_tokens_in),
    TextRule("placeholder_text", placeholders_in),
    TextRule("role_leak", role_labels_in),
    TextRule("template_left", template_blanks_in),
    TextRule("mojibake", mojibake_in),
    TextRule("refusal", refusals_in, frozenset({"target"})),
    TextRule("repeated_text", repetitions_in, frozenset({"target"})),
    TextRule("thinking_left", thinking_tags_in, frozenset({"target"})),
    TextRule("truncated_target", truncated_targets_in, frozenset({"target"})),
    TextRule("truncated_user_text", truncated_user_texts_in, frozenset({"user's text"})),
)


@dataclass(frozen=True, slots=True)
class Sign:
    """What a rule finds in a text; `message` goes on behind what the text is."""

    rule: Rule
    severity: Severity
    offset: int | None
    message: str


def signs_in(text: Text, *, may_have_personal_data: bool) -> Iterator[Sign]:
    if is_blank(text.content):
        yield _sign("empty_turn", 0, _kind_of_blank(text.content))
    elif placeholder := placeholder_of(text.content):
        yield _sign("placeholder_text", text.content.index(placeholder), f"is nothing but {placeholder}")
    else:
        yield from _personal_data_in(text.content) if may_have_personal_data else ()
        for rule in TEXT_RULES:
            for offset, message in islice(rule.found_in(text.content), 1) if text.place in rule.places else ():
                yield _sign(rule.rule, offset, message)


def _kind_of_blank(text: str) -> str:
    if not text:
        return "is empty"
    return "is only characters that nobody sees" if text.strip() else "is only white space"


def signs_in_metadata(text: Text) -> Iterator[Sign]:
    """Whoever reads a training file sees it; nobody trains on it, so it is worth a warning."""
    for offset, message in islice(placeholders_in_metadata(text.content), 1):
        yield Sign("placeholder_text", "warning", offset, message)


def _personal_data_in(text: str) -> Iterator[Sign]:
    """The first of each kind, the gravest kind first."""
    first: dict[Kind, int] = {}
    for datum in personal_data_in(text):
        first.setdefault(datum.kind, datum.begin)
    for kind in sorted(first, key=KINDS.index):
        severity: Severity = "error" if kind in GRAVE_KINDS else "warning"
        yield Sign("personal_data", severity, first[kind], f"holds {NAMES_OF_KINDS[kind]}")


def _sign(rule: Rule, offset: int, message: str) -> Sign:
    return Sign(rule, SEVERITIES[rule], offset, message)
