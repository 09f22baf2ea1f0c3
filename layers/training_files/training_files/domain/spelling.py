"""How numbers and times are spelled in everything that leaves the system."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

TWO_PLACES = Decimal("0.01")


def plain_number(value: Decimal | None) -> int | float | None:
    """Whole numbers as integers, others as floats: 3, 4.25."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def rounded(value: Decimal) -> Decimal:
    """To two places, a half away from zero."""
    return value.quantize(TWO_PLACES, ROUND_HALF_UP)


def percentage(part: int, whole: int) -> Decimal:
    """`part` in percent of `whole`, to two places; 0 where there is nothing."""
    return rounded(Decimal(100 * part) / whole) if whole else Decimal(0)


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: 2026-01-31T09:30:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment without what `iso_utc` does not show, so that database and file agree."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
