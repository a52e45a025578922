"""How the commands that edit the gazetteer read their words."""

from __future__ import annotations

from hybrid_ner.review import commands as c
from hybrid_ner.review.lexer import Cursor, ParseError
from hybrid_ner.review.overlay import SCOPES

__all__ = ["abbr", "never", "term", "variant"]


def _scope(cursor: Cursor) -> str:
    found = cursor.word(*SCOPES, "document")
    return {"document": "here", "": "list"}.get(found, found)


def never(cursor: Cursor) -> c.Command:
    """``never "you" PERSON here``."""
    text = cursor.text("the term to block")
    scope = cursor.word(*SCOPES, "document")
    label = ""
    if not scope and (token := cursor.take("word")):
        label, scope = token.text, _scope(cursor)
    return c.Never(text, label, {"document": "here", "": "list"}.get(scope, scope))


def term(cursor: Cursor) -> c.Command:
    """``term + "afib" = atrial fibrillation PROBLEM global``."""
    cursor.word("+", "add")
    text = cursor.text("the term to add")
    words, scope = _definition(cursor, 'term + "afib" = atrial fibrillation PROBLEM')
    return c.TermAdd(text, words, scope)


def variant(cursor: Cursor) -> c.Command:
    """``variant "a-fib" = afib here``."""
    text = cursor.text("the spelling to add")
    words, scope = (
        ((), _scope(cursor)) if not _is_op(cursor) else _definition(cursor, 'variant "a-fib" = afib')
    )
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
    scope = "list"
    if len(words) > 1 and words[-1].lower() in (*SCOPES, "document"):
        scope = words.pop().lower().replace("document", "here")
    if not words:
        raise ParseError("say what it stands for after `=`.", hint=f"For example `{example}`.")
    return tuple(words), scope
