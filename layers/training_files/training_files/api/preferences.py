"""What a caller would rather have, by the headers Prefer and Accept."""

import re
from collections.abc import Mapping


def prefers_background(prefer: str | None) -> bool:
    """Whether the caller would rather not wait (RFC 7240)."""
    return "respond-async" in (prefer or "").lower()


def prefers_page(accept: str | None) -> bool:
    """Whether the caller would rather have HTML than JSON (RFC 9110). Who has no preference gets JSON."""
    weights = dict(_weighed(media_range) for media_range in (accept or "").lower().split(","))
    return _weight("text/html", weights) > _weight("application/json", weights)


def _weighed(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in media_range.split(";"))
    weight = next((value for value in parameters if value.startswith("q=")), "q=1").removeprefix("q=")
    return name, float(weight) if re.fullmatch(r"\d(\.\d{0,3})?", weight) else 0.0


def _weight(name: str, weights: Mapping[str, float]) -> tuple[float, int]:
    """Of those with the same weight, what was named is preferred to what a wildcard allows."""
    general = f"{name.partition('/')[0]}/*"
    for specificity, known in ((2, name), (1, general), (0, "*/*")):
        if weights.get(known):
            return weights[known], specificity
        if known in weights:
            break
    return 0.0, 0
