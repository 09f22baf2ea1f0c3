"""Personal data is recognised by kind, figures and dates are not taken for it. The values here are made up.

No assertion shows a text: what holds for the values of users holds for those of tests.
"""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.personal_data import Kind, kinds_of_personal_data

HELD: dict[str, tuple[str, Kind]] = {
    "e-mail": ("Write to kim.planner+news@example.com, please.", "email"),
    "e-mail at the end": ("My address is kim@mail.example.co.uk", "email"),
    "e-mail of a link": ("[Write](mailto:kim@example.org)", "email"),
    "e-mail in Greek": ("Γράψε στο κιμ@παράδειγμα.gr.", "email"),
    "US phone with a bracket": ("Call (415) 555-0132 today.", "phone"),
    "US phone with hyphens": ("Call 415-555-0132.", "phone"),
    "US phone that nobody has": ("Call 555-123-4567.", "phone"),
    "US phone with points": ("Call 415.555.0132.", "phone"),
    "US phone with spaces": ("Call 415 555 0132.", "phone"),
    "toll-free phone": ("Call 1-800-555-0199.", "phone"),
    "international US phone": ("Call +1 (415) 555-0132.", "phone"),
    "compact international phone": ("Call +14155550132.", "phone"),
    "British phone": ("Call +44 20 7946 0958.", "phone"),
    "British phone at home": ("Call 020 7946 0958.", "phone"),
    "British mobile": ("Call 07700 900123.", "phone"),
    "German phone": ("Ruf +49 (0)30 1234567 an.", "phone"),
    "German phone at home": ("Ruf 030/1234567 an.", "phone"),
    "German mobile": ("Ruf 0171 1234567 an.", "phone"),
    "French phone": ("Appelle le 01 23 45 67 89.", "phone"),
    "French phone with points": ("Appelle le 06.12.34.56.78.", "phone"),
    "Spanish phone": ("Llama al +34 612 345 678.", "phone"),
    "Japanese phone": ("090-1234-5678 まで。", "phone"),
    "Brazilian phone": ("Ligue (11) 91234-5678.", "phone"),
    "Australian phone": ("Call 0412 345 678.", "phone"),
    "Indian phone": ("Call +91 98765 43210.", "phone"),
    "phone with an extension": ("Call 415-555-0132x12.", "phone"),
    "phone by its name": ("My phone number is 4155550132.", "phone"),
    "short phone by its name": ("Tel.: 555-0132", "phone"),
    "card by fours": ("It is 4111 1111 1111 1111, really.", "card"),
    "card with hyphens": ("It is 5555-5555-5555-4444.", "card"),
    "compact card": ("Card 4242424242424242.", "card"),
    "American Express": ("It is 3782 822463 10005.", "card"),
    "Diners": ("It is 30569309025904.", "card"),
    "card of 19 digits": ("It is 6304000000000000000.", "card"),
    "German account": ("Send it to DE89 3704 0044 0532 0130 00.", "iban"),
    "British account": ("Send it to GB82WEST12345698765432, please.", "iban"),
    "French account": ("IBAN: FR14 2004 1010 0505 0001 3M02 606", "iban"),
    "Norwegian account": ("(NO93 8601 1117 947)", "iban"),
    "account with its bank": ("DE89370400440532013000 COBADEFFXXX", "iban"),
    "social security number": ("It is 219-45-6789.", "ssn"),
    "social security number by its name": ("My SSN is 219456789.", "ssn"),
    "IPv4 address": ("It comes from 203.0.113.7.", "ip_address"),
    "local IPv4 address": ("Open 192.168.1.20 in the browser.", "ip_address"),
    "short IPv4 address by its name": ("The IP is 1.2.3.4.", "ip_address"),
    "IPv4 address with a port": ("203.0.113.7:8080", "ip_address"),
    "IPv6 address": ("It comes from 2001:db8:85a3::8a2e:370:7334.", "ip_address"),
    "whole IPv6 address": ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "ip_address"),
    "link-local IPv6 address": ("fe80::1ff:fe23:4567:890a", "ip_address"),
    "key of a model": ("Use sk-abcdefghijklmnopqrstuvwx1234.", "key"),
    "key of a project": ("sk-proj-AbCdEf123456_7890-xyzXYZ", "key"),
    "key of a payment": ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "key"),
    "AWS key": ("AKIAIOSFODNN7EXAMPLE", "key"),
    "GitHub token": ("ghp_" + "a1B2" * 9, "key"),
    "GitHub token of the new kind": ("github_pat_" + "11ABCDEFG0" * 3, "key"),
    "Slack token": ("xoxb-" + "123456789012-abcdefABCDEF", "key"),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "key"),
    "private key of OpenSSH": ("-----BEGIN OPENSSH PRIVATE KEY-----", "key"),
    "access token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "key"),
}

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


@pytest.mark.parametrize("name", HELD)
def test_personal_data_is_recognised(name: str) -> None:
    text, kind = HELD[name]

    found = kinds_of_personal_data(text)

    assert found == [kind]


@pytest.mark.parametrize("name", HELD)
def test_it_is_recognised_anywhere_in_a_text(name: str) -> None:
    text, kind = HELD[name]

    found = kinds_of_personal_data(f"{CLEAN['amounts']}\n\n> {text}\n{CLEAN['dates']}")

    assert found == [kind]


@pytest.mark.parametrize("name", CLEAN)
def test_what_only_looks_like_it_is_left_alone(name: str) -> None:
    found = kinds_of_personal_data(CLEAN[name])

    assert found == []


def test_each_kind_is_named_once_the_gravest_first() -> None:
    found = kinds_of_personal_data(" ".join(text for text, _ in reversed(HELD.values())))

    assert found == ["key", "card", "iban", "ssn", "email", "phone", "ip_address"]


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
    ),
    *("eyJ", "eyJa-", ".eyJaaaaaaaaaa", "sk-", "-----BEGIN ", "(02) 1", "219-45-", "203.0.113.", "a", " ", "\n"),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    """A quadratic search would take minutes."""
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        kinds_of_personal_data(text)
