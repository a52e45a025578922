"""How each command reads its words. ``grammar`` says which function reads which command."""

from __future__ import annotations

from dataclasses import replace

from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.lexer import Cursor, ParseError
from hybrid_ner.review.commands.selecting import selection
from hybrid_ner.review.store.overlay import SCOPES

__all__ = ["abbr", "never", "term", "variant"]


_WHOLE = c.Numbers(every=True)
_REVIEWED = " including reviewed"


def accept(cursor: Cursor) -> c.Command:
    """``ok``, ``ok 1 3``, ``ok all but 4``, ``ok all "afib" …``, ``ok next``."""
    if cursor.word("next"):
        return c.Accept(_WHOLE, then_next=True)
    found = _numbers_or_selection(cursor)
    if isinstance(found, c.Selection):
        return c.Bulk("accept", found)
    numbers = found or _WHOLE
    return c.Accept(numbers, then_next=bool(cursor.word("next")))


def reject(cursor: Cursor) -> c.Command:
    """``no 4``, ``no 2-5``, ``no all "mi" …``."""
    found = _numbers_or_selection(cursor)
    if isinstance(found, c.Selection):
        return c.Bulk("reject", found)
    if found is None:
        raise ParseError("say which spans to reject.", hint="For example `no 4`, `no 2-5` or `no all`.")
    return c.Reject(found)


def reopen(cursor: Cursor) -> c.Command:
    """``reopen 2``."""
    return c.Reopen(_listed(cursor, "reopen 2"))


def defer(cursor: Cursor) -> c.Command:
    """``skip``."""
    return c.Defer()


def flag(cursor: Cursor) -> c.Command:
    """``flag "note"``."""
    return c.Flag(cursor.rest())


def unflag(cursor: Cursor) -> c.Command:
    """``unflag``."""
    return c.Flag(None)


def numbered(cursor: Cursor) -> c.Command:
    """Everything that starts with a span number."""
    numbers = cursor.numbers()
    token = cursor.peek()
    if not numbers or token is None:
        raise ParseError("say what to do with it.", hint="For example `2 is DRUG`, `ok 2` or `no 2`.")
    if token.kind in ("op", "signed", "shift", "arrow") and not (token.kind == "op" and token.text != "="):
        if len(numbers) > 1:
            raise ParseError("a boundary or a link is for one span at a time.", hint="Nothing changed.")
        return _boundary(cursor, numbers[0])
    cursor.word("is")
    label = cursor.rest()
    if not label:
        raise ParseError("say which label.", hint="For example `2 is DRUG`.")
    return c.Relabel(c.Numbers(numbers), label)


def _boundary(cursor: Cursor, number: int) -> c.Command:
    if cursor.take("arrow"):
        concept = cursor.rest()
        if not concept:
            raise ParseError("say which concept.", hint="For example `3 -> atrial fibrillation`.")
        return c.Link(number, concept)
    if cursor.take("op"):
        quoted = cursor.take("quoted")
        if quoted and (at := cursor.characters()):
            return c.Boundary(number, quote=quoted.text, at=at)
        if quoted:
            cursor.at -= 1
        return c.Boundary(number, quote=cursor.rest() or cursor.text("the new text of the span"))
    left = right = 0
    while token := cursor.take("signed", "shift"):
        if token.kind == "signed":
            right += int(token.text)
        else:
            left += int(token.text[1:]) * (1 if token.text[0] == "<" else -1)
    return c.Boundary(number, left=left, right=right)


def add(cursor: Cursor) -> c.Command:
    """``add "ECHO" #2 TEST``; ``add all "ECHO" TEST``."""
    everywhere = bool(cursor.word("all"))
    text = cursor.text("the text of the new span")
    token = cursor.take("hash")
    which_one = int(token.text[1:]) if token else 0
    at = cursor.characters()
    label = cursor.rest()
    if not label:
        raise ParseError("say which label.", hint='For example `add "ECHO" TEST`.')
    if everywhere:
        return c.Bulk("add", c.Selection(term=text), label)
    return c.Add(text, label, which_one, at)


def merge(cursor: Cursor) -> c.Command:
    """``merge 2 3``."""
    numbers = cursor.numbers()
    if len(numbers) < 2:
        raise ParseError("name two spans or more.", hint="For example `merge 2 3`.")
    return c.Merge(numbers)


def split(cursor: Cursor) -> c.Command:
    """``split 2 at "and"``."""
    numbers = cursor.numbers()
    if len(numbers) != 1 or not cursor.word("at"):
        raise ParseError("name one span and where.", hint='For example `split 2 at "and"`.')
    return c.Split(numbers[0], cursor.text("the words between the two spans"))


def new_label(cursor: Cursor) -> c.Command:
    """``label NAME``."""
    return c.NewLabel(cursor.rest().strip() or cursor.text("the name of the label", "`label DRUG`"))


def why(cursor: Cursor) -> c.Command:
    """``why 3``; ``why not "ECG"``."""
    if cursor.word("not"):
        return c.WhyNot(cursor.text("the text that was not labeled"))
    return c.Why(_span(cursor, '`why 3` or `why not "ECG"`'))


def who(cursor: Cursor) -> c.Command:
    """``who changed 2``."""
    cursor.word("changed")
    return c.WhoChanged(_span(cursor, "`who changed 2`"))


def occurrences(cursor: Cursor) -> c.Command:
    """``all "afib" …``."""
    return c.Occurrences(selection(cursor))


def relabel(cursor: Cursor) -> c.Command:
    """``relabel all "ECHO" -> TEST``; ``relabel 2 3 -> TEST``."""
    found = _numbers_or_selection(cursor)
    if found is None or not cursor.take("arrow"):
        raise ParseError("name the spans and the label.", hint='For example `relabel all "ECHO" -> TEST`.')
    label = cursor.rest()
    if not label:
        raise ParseError("say which label.", hint='For example `relabel all "ECHO" -> TEST`.')
    if not isinstance(found, c.Selection):
        return c.Relabel(found, label)
    # As the preview advises it, at the end of the line.
    if label.lower().endswith(_REVIEWED):
        found, label = replace(found, reviewed=True), label[: -len(_REVIEWED)].strip()
    return c.Bulk("relabel", found, label)


def link(cursor: Cursor) -> c.Command:
    """``link all "afib" -> atrial fibrillation``; ``link 3 -> MESH:D001281``."""
    found = _numbers_or_selection(cursor)
    example = 'For example `link all "afib" -> MESH:D001281`.'
    if found is None or not cursor.take("arrow"):
        raise ParseError("name the spans and the concept.", hint=example)
    concept = cursor.rest()
    if not concept:
        raise ParseError("say which concept.", hint=example)
    if not isinstance(found, c.Selection):
        if len(found.listed) != 1:
            raise ParseError("a boundary or a link is for one span at a time.", hint="Nothing changed.")
        return c.Link(found.listed[0], concept)
    if not found.term:
        raise ParseError("say of which text.", hint=example)
    return c.LinkAll(found, concept)


def following(cursor: Cursor) -> c.Command:
    """``next``."""
    return c.Next()


def back(cursor: Cursor) -> c.Command:
    """``back``."""
    return c.Back()


def go(cursor: Cursor) -> c.Command:
    """``go 31``; ``go doc note_17``."""
    where = cursor.rest()
    if not where:
        raise ParseError("say where.", hint="For example `go 31`.")
    return c.Go(where)


def queue(cursor: Cursor) -> c.Command:
    """``queue random 50``."""
    token = cursor.take("word")
    return c.Order(token.text.lower() if token else "", _number(cursor, "queue random 50"))


def find(cursor: Cursor) -> c.Command:
    """``find "statin"``."""
    return c.Find(cursor.rest() or cursor.text("the text to look for"))


def undo(cursor: Cursor) -> c.Command:
    """``undo``, ``undo 3``, ``undo bulk b7``, ``undo all``."""
    if cursor.word("all"):
        return c.Undo(every=True)
    named = cursor.word("bulk")
    if number := _number(cursor, "undo 3"):
        return c.Undo(number=number)
    token = cursor.take("word")
    if named and token is None:
        raise ParseError("say which bulk step.", hint="For example `undo bulk b7`; see `log`.")
    return c.Undo(name=token.text.lower() if token else "")


def redo(cursor: Cursor) -> c.Command:
    """``redo``."""
    return c.Redo()


def log(cursor: Cursor) -> c.Command:
    """``log``."""
    return c.Log()


def score(cursor: Cursor) -> c.Command:
    """``score r2``."""
    return c.Score(cursor.rest())


def diff(cursor: Cursor) -> c.Command:
    """``diff r2 r3``."""
    names = [cursor.text("two model names", "`diff r2 r3`") for _ in range(2)]
    return c.Diff(*names)


def confusions(cursor: Cursor) -> c.Command:
    """``confusions``."""
    return c.Confusions()


def worst(cursor: Cursor) -> c.Command:
    """``worst terms``."""
    cursor.word("terms")
    return c.WorstTerms()


def retrain(cursor: Cursor) -> c.Command:
    """``retrain``."""
    return c.Retrain()


def update(cursor: Cursor) -> c.Command:
    """``update``."""
    return c.Update()


def changes(cursor: Cursor) -> c.Command:
    """``changes``, ``changes r2``."""
    return c.Changes(cursor.rest())


def status(cursor: Cursor) -> c.Command:
    """``status``."""
    return c.Status()


def cancel(cursor: Cursor) -> c.Command:
    """``cancel`` leaves a question; ``cancel training`` stops the job."""
    return c.Cancel() if cursor.word("training") else c.Dismiss()


def stop(cursor: Cursor) -> c.Command:
    """``stop``, ``stop training``."""
    cursor.word("training")
    return c.Cancel()


def promote(cursor: Cursor) -> c.Command:
    """``promote r4``."""
    return c.Promote(cursor.text("the name of the model", "`promote r4`"))


def rollback(cursor: Cursor) -> c.Command:
    """``rollback r2``."""
    return c.Rollback(cursor.text("the name of the model", "`rollback r2`"))


def agreement(cursor: Cursor) -> c.Command:
    """``agreement``."""
    return c.Agreement()


def compare(cursor: Cursor) -> c.Command:
    """``compare with ana``."""
    cursor.word("with")
    return c.Compare(cursor.rest() or cursor.text("the name of a reviewer", "`compare with ana`"))


def adjudicate(cursor: Cursor) -> c.Command:
    """``adjudicate``."""
    return c.Adjudicate()


def take(cursor: Cursor) -> c.Command:
    """``take ana``."""
    return c.Take(cursor.rest() or cursor.text("the name of a reviewer", "`take ana`"))


def export(cursor: Cursor) -> c.Command:
    """``export jsonl gold.jsonl``."""
    return c.Export(cursor.text("a format", "`export jsonl`"), cursor.rest())


def replay(cursor: Cursor) -> c.Command:
    """``replay FILE``."""
    return c.ReplayFile(cursor.rest() or cursor.text("the name of a session file", "`replay session.txt`"))


def left(cursor: Cursor) -> c.Command:
    """``left``."""
    return c.Left()


def labels(cursor: Cursor) -> c.Command:
    """``labels``."""
    return c.Labels()


def help_about(cursor: Cursor) -> c.Command:
    """``? bulk``."""
    return c.Help(cursor.rest().lower())


def confirm(cursor: Cursor) -> c.Command:
    """``yes 128``."""
    return c.Confirm(cursor.rest())


def excluding(cursor: Cursor) -> c.Command:
    """``except 3``."""
    return c.Except(_listed(cursor, "except 3").listed)


def which(text: str) -> c.Command:
    """``#2``."""
    return c.Which(int(text[1:]))


def _listed(cursor: Cursor, example: str) -> c.Numbers:
    numbers = cursor.numbers()
    if not numbers:
        raise ParseError("name one or more numbers.", hint=f"For example `{example}`.")
    return c.Numbers(numbers)


def _span(cursor: Cursor, example: str) -> int:
    numbers = cursor.numbers()
    if len(numbers) != 1:
        raise ParseError("name one span.", hint=f"For example {example}.")
    return numbers[0]


def _number(cursor: Cursor, example: str) -> int:
    """A number from 1 on, or 0 where there is none."""
    numbers = cursor.numbers()
    if len(numbers) > 1 or 0 in numbers:
        raise ParseError("expected one number, from 1 on.", hint=f"For example `{example}`. Nothing changed.")
    return numbers[0] if numbers else 0


def _numbers_or_selection(cursor: Cursor) -> c.Numbers | c.Selection | None:
    if cursor.word("all"):
        if cursor.peek() is None or cursor.word("next"):
            return _WHOLE
        start = cursor.at
        said = cursor.word("but", "except")
        if said and (numbers := cursor.numbers()):
            return c.Numbers(every=True, but=numbers)
        if said == "but":
            raise ParseError("say which spans to leave out.", hint="For example `ok all but 4`.")
        cursor.at = start
        return selection(cursor)
    numbers = cursor.numbers()
    return c.Numbers(numbers) if numbers else None


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
