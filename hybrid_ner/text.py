"""Small text helpers that every layer may use."""

from __future__ import annotations

import hashlib

__all__ = ["content_hash", "excerpt"]


def content_hash(text: str) -> str:
    """SHA-256 of the text, in hex: the identity of a document's content."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def excerpt(text: str, start: int, end: int, width: int = 40) -> str:
    """The characters around ``[start, end)`` on one line, with the span in square brackets."""
    left, right = text[max(0, start - width) : start], text[end : end + width]
    return " ".join(f"{left}[{text[start:end]}]{right}".split())
