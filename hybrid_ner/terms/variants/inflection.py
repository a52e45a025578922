"""Number and possessives: the head noun in singular and plural, eponyms with and without 's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.variants.order import inverted

__all__ = ["plural", "possessive", "singular"]

_SHORTEST = 4
_HEAD = re.compile(r"[a-z]+\Z")
_CONNECTED = re.compile(r" (?:of|in|with|due|by|from|for|to|without) ")
_MASS = re.compile(
    r"(?:ss|tis|us|ics|ness|ism|ity|ia|pathy|uria|ase|ide|ine|ate|ic|al|ous|ed|ing|ly|ive|able|oid|ary)\Z"
)
"""Ends of heads that are no countable nouns, or not nouns at all."""
_PLURALS = (
    (re.compile(r"(?<=[a-z])(s|x)is\Z"), r"\1es"),
    (re.compile(r"(?<=[^aeiou])y\Z"), "ies"),
    (re.compile(r"(s|x|z|ch|sh)\Z"), r"\1es"),
    (re.compile(r"\Z"), "s"),
)
_SINGULARS = (
    (re.compile(r"(?<=[a-z][aeiou])ses\Z"), "sis"),
    (re.compile(r"ies\Z"), "y"),
    (re.compile(r"(x|z|ch|sh|ss)es\Z"), r"\1"),
    (re.compile(r"(?<=[^s])s\Z"), ""),
)
_PLURAL = re.compile(r"(?<=[^su])s\Z(?<!is)")
_E_SINGULARS = re.compile(r"(?:eas|ea|cau|clau|ba|pha|pur|cour|nur|respon|relea|increa|decrea|hor|hou)ses\Z")
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])['’](s)?(?=\s|\Z)")


def _split(text: str) -> tuple[str, str, str] | None:
    """Words before the head, the head noun, words after it ("of the …"); ``None`` without a plain head.

    An inverted text is put in its natural order first: only that is ever inflected.
    """
    if "," in text:
        text = next(inverted(text), "")
    connected = _CONNECTED.search(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    before, space, head = front.rpartition(" ")
    if len(head) < _SHORTEST or not _HEAD.match(head.lower()) or head.isupper():
        return None
    return before + space, head, back


def plural(text: str) -> Iterator[str]:
    """Plural of the head noun, unless it is one or has none."""
    parts = _split(text)
    if parts is None or _PLURAL.search(parts[1].lower()) or _MASS.search(parts[1].lower()):
        return
    before, head, back = parts
    yield before + _first(head, _PLURALS) + back


def singular(text: str) -> Iterator[str]:
    """Singular of the head noun, if it looks like a plural."""
    parts = _split(text)
    if parts is None or not _PLURAL.search(parts[1].lower()):
        return
    before, head, back = parts
    if head.lower().endswith("ics"):
        return
    yield before + (head[:-1] if _E_SINGULARS.search(head.lower()) else _first(head, _SINGULARS)) + back


def _first(word: str, endings: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for ending, other in endings:
        changed, count = ending.subn(other, word, count=1)
        if count:
            return changed
    return word


def possessive(text: str) -> Iterator[str]:
    """Without the possessive ("Crohn disease") and without its apostrophe ("Crohns disease")."""
    if _POSSESSIVE.search(text):
        yield _POSSESSIVE.sub("", text)
        yield _POSSESSIVE.sub(lambda found: found[1] or "", text)
