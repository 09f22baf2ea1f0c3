"""Markup in which every text is escaped, because only what is made here counts as markup."""

from html import escape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

# Those of SVG are closed like any other.
VOID = frozenset({"link", "meta"})


class Html(str):
    """Markup that may stand in a page as it is."""

    __slots__ = ()


Content: TypeAlias = "str | int | float | Iterable[Content] | None"
Attribute: TypeAlias = str | float | bool | None


def html(content: Content) -> Html:
    """Markup stays, texts and numbers are escaped, lists are joined, None is nothing."""
    if isinstance(content, Html):
        return content
    if content is None:
        return Html()
    if isinstance(content, str | int | float):
        return Html(escape(str(content)))
    return Html("".join(html(each) for each in content))


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """An element. `class_` and `aria_label` are spelled `class` and `aria-label`; False and None leave one out."""
    opened = f"{name}{''.join(_attribute(*each) for each in attributes.items())}"
    return Html(f"<{opened}>" if name in VOID else f"<{opened}>{html(content)}</{name}>")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    spelled = name.rstrip("_").replace("_", "-")
    return f" {spelled}" if value is True else f' {spelled}="{escape(str(value))}"'
