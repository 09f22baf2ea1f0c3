"""How numbers and times are spelled."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from training_files.domain.spelling import iso_utc, percentage, plain_number, rounded, to_milliseconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [("4.345", "4.35"), ("4.335", "4.34"), ("2.5", "2.50"), ("0.005", "0.01"), ("0.0049", "0.00"), ("3", "3.00")],
)
def test_a_half_is_rounded_up(value: str, expected: str) -> None:
    assert str(rounded(Decimal(value))) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("3", "3"), ("3.00", "3"), ("4.250", "4.25"), ("0", "0"), ("1E1", "10")]
)
def test_whole_numbers_are_integers(value: str, expected: str) -> None:
    assert repr(plain_number(Decimal(value))) == expected


def test_no_number_stays_none() -> None:
    assert plain_number(None) is None


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(1, 3, "33.33"), (2, 3, "66.67"), (1, 8, "12.5"), (3, 3, "100"), (0, 0, "0")]
)
def test_a_percentage_has_two_places(part: int, whole: int, expected: str) -> None:
    assert str(plain_number(percentage(part, whole))) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00.000Z"),
        (datetime(2026, 1, 31, 9, 30, 0, 999_999, tzinfo=UTC), "2026-01-31T09:30:00.999Z"),
        (datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5))), "2026-02-01T04:30:00.000Z"),
    ],
)
def test_times_are_utc_with_milliseconds(moment: datetime, expected: str) -> None:
    assert iso_utc(moment) == expected


def test_a_moment_is_stored_as_precisely_as_it_is_shown() -> None:
    moment = datetime(2026, 1, 31, 9, 30, 0, 123_456, tzinfo=UTC)

    assert datetime.fromisoformat(iso_utc(moment)) == to_milliseconds(moment)
