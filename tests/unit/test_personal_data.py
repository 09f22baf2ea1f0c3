"""Personal data is found as a whole, figures and dates are not taken for it. The values here are made up.

No assertion shows a text: what holds for the values of users holds for those of tests.
"""

import re

import pytest
from stdnum import numdb

from tests.support.bounded import bounded_cpu_time
from tests.support.personal_data import FOUND, LEFT_ALONE, marked_in, unmarked
from training_files.domain.health.personal.accounts import IBAN_LENGTHS
from training_files.domain.health.personal_data import Kind, kinds_of_personal_data, personal_data_in

CLEAN = {
    "sentence": "Three months of expenses is a good first goal.",
    "amounts": "From $1,200.50 to $12,345,678.90, or 1.234.567,89 €, or CHF 1'234'567.",
    "amounts with spaces": "Entre 1 234 567 € et 12 345 678 €, soit 250 000 000 FCFA.",
    "rounded amount with a sign": "It grew by +1 000 000 000 since then.",
    "change": "It went +12.5 %, then -3.25 %, then +3.1415926535.",
    "years": "Between 2019-2024, in 2023/2024 and from 1998 - 2004 (5 years).",
    "years by a phone": "I had the same phone 2019-2024.",
    "dates": "On 2024-01-15, 01/02/2024, 15.01.2024, 01-02-2024 and 2024-05-06 2024-06-07.",
    "date and time": "At 2024-01-15 10:30:45, or 08:30-17:00.",
    "months": "Paid in 06/2024 - 07/2025 and 01 2024.",
    "ranges": "Between 100-150 and 2000-3000, 3-5 days, 10 - 15 %.",
    "calculation": "1200 - 300 - 150 = 750, and (1200 + 300) / 12 = 125.",
    "interest": "0.05 100 000 and 7.25 over 30 years, 12 x 415.55.",
    "plain numbers": "Order 4155550132, account 123456789012, reference 00123456789.",
    "16 digits that are no card": "The reference is 4111 1111 1111 1112.",
    "zeros": "0000 0000 0000 0000",
    "timestamp": "1700000000000 and 20240115103045123.",
    "decimals": "Pi is 3.141592653589793238.",
    "ISBN": "See ISBN 978-3-16-148410-0 or 0-306-40615-2.",
    "postal code": "Springfield, IL 62704-1234.",
    "product code": "Part ABC-123-456-7890 and #415-555-0132.",
    "social security number that cannot be": "000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567 and 123-45-0000.",
    "account with a wrong check digit": "DE88 3704 0044 0532 0130 00",
    "codes like accounts": "AB12 3456, Form NO10 4022 and room DE101.",
    "versions": "Version 1.2.3.4, v10.15.7.1, Chrome 120.0.6099.109 and release 192.168.1.1.",
    "section": "See 1.2.3.4 and section 10.11.12.13.",
    "this machine": "Open 127.0.0.1, ::1 or 0.0.0.0 with the mask 255.255.255.0.",
    "time": "12:30:45 and 00:1A:2B:3C:4D:5E",
    "code with colons": "std::vector and Face::Bed and a::b",
    "picture": "icon@2x.png",
    "repository": "git@github.com:owner/name.git",
    "handle": "Ask @kim or @kim.planner, meet @ 6.30pm",
    "words like keys": "A task-force-of-many-people, risk-adjusted-returns-over-time, sk-SK.",
    "public key": "-----BEGIN PUBLIC KEY-----",
    "UUIDs": "52448043-0737-4728-957d-e0d577c3ce58, c7b0c07a-e253-49da-be86-839bde82f0e5, "
    "5ab114db-c2a1-4f67-be85-3ab491122eb7, 10161993-3905-4127-8450-631b7a470743.",
    "hashes": "39880409907581f0f2f60f85915142e556e1451c and 268473885038725f7250df8ff1a6e546bbd64f39.",
    "codes of digits": "726-377-1922-201 and 2014-0212-0412-0115-20.",
    "amounts with many spaces": "160 026 203 377 FCFA",
    "IMEI": "490154203237518",
    "certificate": "-----BEGIN CERTIFICATE-----",
    "verse": "1 Corinthians 13:4-7, 2:10 and 3:16.",
    "German": "Am 01.02.2024 waren es 1.234,56 € (12,5 % mehr als 2023).",
    "Japanese": "2024年1月15日に1,234円でした。",
}


LONG = 200_000
SECONDS = 20

SENTENCES = [(kind, sentence) for kind, sentences in FOUND.items() for sentence in sentences]
LOOKALIKES = [(kind, text) for kind, texts in LEFT_ALONE.items() for text in texts]


@pytest.mark.parametrize(("kind", "sentence"), SENTENCES)
def test_the_whole_datum_is_found_and_nothing_else(kind: Kind, sentence: str) -> None:
    found = personal_data_in(unmarked(sentence))

    assert found == marked_in(kind, sentence)


@pytest.mark.parametrize(("kind", "sentence"), SENTENCES)
def test_it_is_found_anywhere_in_a_text(kind: Kind, sentence: str) -> None:
    text = f"{CLEAN['amounts']}\n\n> {sentence}\n\n{CLEAN['dates']}"

    assert personal_data_in(unmarked(text)) == marked_in(kind, text)


@pytest.mark.parametrize(("kind", "text"), LOOKALIKES)
def test_what_only_looks_like_a_kind_is_not_taken_for_it(kind: Kind, text: str) -> None:
    assert kind not in kinds_of_personal_data(text)


@pytest.mark.parametrize("name", CLEAN)
def test_a_text_of_figures_and_names_holds_no_personal_data(name: str) -> None:
    assert personal_data_in(CLEAN[name]) == []


def test_each_kind_is_named_once_the_gravest_first() -> None:
    found = kinds_of_personal_data(" ".join(unmarked(sentence) for _, sentence in reversed(SENTENCES)))

    assert found == ["key", "card", "iban", "ssn", "national_id", "email", "phone", "ip_address"]


def test_data_are_told_in_the_order_of_the_text_and_none_overlaps_another() -> None:
    data = personal_data_in("\n".join(unmarked(sentence) for _, sentence in SENTENCES))

    places = [place for datum in data for place in (datum.begin, datum.end)]
    assert places == sorted(places)
    assert len(data) >= len(SENTENCES)


@pytest.mark.parametrize(
    "data",
    [
        ("30569309025904", ".", "123-45-6789"),
        ("020 7946 0958", " ", "415.555.0132"),
        ("4111 1111 1111 1111", ".", "(415) 555-0132"),
        ("kim@example.com", "-", "415-555-0132"),
    ],
    ids="".join,
)
def test_a_datum_right_behind_another_one_is_found_too(data: tuple[str, str, str]) -> None:
    text = "".join(data)

    assert [text[datum.begin : datum.end] for datum in personal_data_in(text)] == [data[0], data[2]]


def test_lengths_of_accounts_are_those_of_the_registry() -> None:
    """The library that knows how accounts are made has the registry of ISO 13616."""
    registry = numdb.get("iban")
    parts = {country: registry.info(f"{country}00")[0][1]["bban"] for country in IBAN_LENGTHS}

    made = {country: 4 + sum(map(int, re.findall(r"(\d+)!", bban))) for country, bban in parts.items()}

    assert made == IBAN_LENGTHS


HOSTILE = [
    *(
        "1",
        "1 ",
        "1-",
        "1.",
        "0",
        "01 ",
        "+1",
        "(1",
        "4111 ",
        "DE89",
        "de 12",
        "::",
        "a:",
        "1:",
        "@a",
        "a@",
        "@a.",
        "@a-",
        "00 1 ",
        "a@b.cd",
        "12345678Z ",
        "DNI 12345678",
        "AB 12 34 56 C",
        "(415) 555-0132 x1",
        "+1 415 555 0132 ",
        "01 23 45 67 89 ",
        "4111111111111111.",
    ),
    *(
        "eyJ",
        "eyJa-",
        ".eyJaaaaaaaaaa",
        "sk-",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\na",
        "-----END PRIVATE KEY-----",
        "(02) 1",
        "219-45-",
        "203.0.113.",
        "a",
        " ",
        "\n",
    ),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    """A quadratic search would take minutes."""
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        personal_data_in(text)
