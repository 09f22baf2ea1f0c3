"""Numbers, keys and rules as a person reads them."""

from decimal import Decimal

from training_files.api.report.page.markup import Html, tag

MIDDLE_DOT = " \u00b7 "


def number(value: float | None) -> str:
    """1,234 or 3.25; a dash where nobody knows."""
    if value is None:
        return "\u2013"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """Of a share between 0 and 1. What is neither nothing nor everything is not shown as such."""
    if share is None:
        return "\u2013"
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{round(share * 100)} %"


def size(count: int) -> str:
    value = Decimal(count)
    for unit in ("bytes", "KB", "MB"):
        if value < 1024 or unit == "MB":
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def words(key: str | None) -> str:
    """`anxious_planner` as "anxious planner"."""
    return key.replace("_", " ").strip() or key if key else "no key"


def code(text: str) -> Html:
    return tag("code", text)
