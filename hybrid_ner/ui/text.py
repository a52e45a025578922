"""Words on the screen: text of documents, files and people is shown as it is, never interpreted."""

from __future__ import annotations

import re

__all__ = ["plain", "quoted"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:^&=\"'/@])")

_ADDRESS = re.compile(r"https?:|www(?=\.)|(?<=\S)@(?=\S)", re.IGNORECASE)


def plain(text: object) -> str:
    """Text for places where Streamlit reads Markdown: labels of buttons and messages.

    Every character that could start markup, a link, a formula, an icon or an image is escaped. Addresses
    are recognized even then, so an invisible word joiner takes them apart.
    """
    line = _ADDRESS.sub("\\g<0>\u2060", " ".join(str(text).split()))
    return _SPECIAL.sub(r"\\\1", line)


def quoted(text: str) -> str:
    """Text as one word of the command language."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
