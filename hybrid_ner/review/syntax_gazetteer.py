"""How the commands that edit the gazetteer read their words."""

from __future__ import annotations

from hybrid_ner.review import commands as c
from hybrid_ner.review.lexer import Cursor, ParseError
from hybrid_ner.review.overlay import SCOPES

__all__ = ["abbr", "never", "term", "variant"]

_SCOPES = {**{scope: scope for scope in SCOPES}, "document": "here"}
"""Word that ends a line → scope."""
_DEFAULT = "list"


def _scope(cursor: Cursor) -> str:
    return _SCOPES.get(cursor.word(*_SCOPES), _DEFAULT)


def never(cursor: Cursor) -> c.Command:
    """``never "you" PERSON here``."""
    text = cursor.text("the term to block")
    label = ""
    if (token := cursor.peek()) and token.text.lower() not in _SCOPES and cursor.take("word"):
        label = token.text
    return c.Never(text, label, _scope(cursor))


def term(cursor: Cursor) -> c.Command:
    """``term + "afib" = atrial fibrillation PROBLEM global``."""
    cursor.word("+", "add")
    text = cursor.text("the term to add")
    words, scope = _definition(cursor, 'term + "afib" = atrial fibrillation PROBLEM')
    return c.TermAdd(text, words, scope)


def variant(cursor: Cursor) -> c.Command:
    """``variant "a-fib" = afib here``."""
    text = cursor.text("the spelling to add")
    if not _is_op(cursor):
        return c.Variant(text, "", _scope(cursor))
    words, scope = _definition(cursor, 'variant "a-fib" = afib')
    return c.Variant(text, " ".join(words), scope)


def abbr(cursor: Cursor) -> c.Command:
    """``abbr RA = right atrium here``."""
    text = cursor.text("the abbreviation")
    words, scope = _definition(cursor, "abbr RA = right atrium here")
    return c.Abbr(text, words, scope)


def _is_op(cursor: Cursor) -> bool:
    token = cursor.peek()
    return token is not None and token.kind == "op" and token.text == "="


def _definition(cursor: Cursor, example: str) -> tuple[tuple[str, ...], str]:
    if not _is_op(cursor):
        raise ParseError("say what it stands for after `=`.", hint=f"For example `{example}`.")
    cursor.take("op")
    words = cursor.words()
    scope = _DEFAULT
    if len(words) > 1 and words[-1].lower() in _SCOPES:
        scope = _SCOPES[words.pop().lower()]
    if not words:
        raise ParseError("say what it stands for after `=`.", hint=f"For example `{example}`.")
    return tuple(words), scope
