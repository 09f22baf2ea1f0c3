"""Addresses of machines, of both versions; no versions of programs, no sections, not this machine."""

import re
from collections.abc import Iterator

from training_files.domain.health.personal.spans import CONTEXT_CHARACTERS, Span

OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = re.compile(rf"(?<![0-9.])(?:{OCTET}\.){{3}}{OCTET}(?![0-9]|\.[0-9]|-[0-9]{{3}}[0-9-])")
# This machine, none at all, and network masks.
NOBODYS_OCTETS = frozenset({"0", "127", "255"})
SAID_TO_BE_A_VERSION = re.compile(
    r"(?:\b(?:v|version|versions|release|build|firmware|driver|macos|ios|android|windows|section|chapter|clause"
    r"|article|upgrade to|update to|updated to|upgraded to)|§|(?<![:/])/)[ :.]{0,2}$",
    re.IGNORECASE,
)
SAID_TO_BE_AN_ADDRESS = re.compile(
    r"\b(?:ip|ipv4|address|host|server|client|gateway|ping|dns)\b[^.\n]{0,24}$", re.IGNORECASE
)
IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,40}[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}"
    rf"(?:(?:{OCTET}\.){{3}}{OCTET}|[0-9A-Fa-f]{{0,4}})(?![\w:]|\.[0-9])"
)
# Part of any such address, and quickly looked for.
IPV6_MIDDLE = re.compile(r":[0-9A-Fa-f]{0,4}:")
IPV6_DIGITS = 4


def ipv6_addresses_in(text: str) -> Iterator[Span]:
    if IPV6_MIDDLE.search(text):
        yield from (match.span() for match in IPV6.finditer(text) if _is_ipv6(match[0]))


def ipv4_addresses_in(stretch: str, before: str) -> Iterator[Span]:
    """Those in a stretch of numbers; `before` is what stands in front of it."""
    return (match.span() for match in IPV4.finditer(stretch) if _is_ipv4(match, before))


def _is_ipv6(candidate: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address

    try:
        address = IPv6Address(candidate)
    except AddressValueError:
        return False
    return len(candidate.replace(":", "")) >= IPV6_DIGITS and not address.is_loopback


def _is_ipv4(match: re.Match[str], before: str) -> bool:
    """Four numbers with points between may be a version or a section too; then all are small, or the text says so."""
    octets = match[0].split(".")
    near = match.string[max(0, match.start() - CONTEXT_CHARACTERS) : match.start()]
    before = (before + near)[-CONTEXT_CHARACTERS:] if match.start() < CONTEXT_CHARACTERS else near
    if octets[0] in NOBODYS_OCTETS or SAID_TO_BE_A_VERSION.search(before):
        return False
    return any(len(octet) > 1 for octet in octets) or bool(SAID_TO_BE_AN_ADDRESS.search(before))
