"""HTML and SVG elements whose text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["Markup", "element", "join"]


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | float) -> Markup:
    """An element; children that are not ``Markup`` are escaped.

    Args:
        name: Name of the element.
        *children: Content, in order.
        **attributes: Attribute values, escaped; a trailing underscore of a name is dropped and inner ones
            become hyphens.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{shown}>{join(children)}</{name}>")


def join(children: Iterable[str]) -> Markup:
    """Several pieces of markup or text as one."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def _plain(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
