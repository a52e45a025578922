"""The command language: one table from which the parser, the help and the suggestions come."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from hybrid_ner.review.commands import syntax as g
from hybrid_ner.review.commands import syntax as s
from hybrid_ner.review.commands.lexer import Cursor, ParseError, tokenize
from hybrid_ner.review.commands.typed import (
    Command,
    Confirm,
    Dismiss,
    Except,
    Export,
    Promote,
    ReplayFile,
    Rollback,
    Which,
)

__all__ = ["COMMANDS", "TOPICS", "CommandSpec", "help_lines", "nearest", "parse", "script"]


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command of the language.

    Args:
        names: Words that start it, the usual one first; ``N`` stands for a span number.
        topic: Topic of the help it belongs to.
        usage: Forms it takes, as shown in help.
        does: What it does, one line.
        parse: Reads what follows the name.
        files: It needs a session that may read files; no page offers it.
    """

    names: tuple[str, ...]
    topic: str
    usage: tuple[str, ...]
    does: str
    parse: Callable[[Cursor], Command]
    files: bool = False


_ALONE = (Confirm, Dismiss, Except, Which, Export, ReplayFile, Promote, Rollback)
"""Commands that stand in a line of their own: answers, files, and what asks for a name."""
MOST_PARTS = 50
"""Commands in one line."""
NUMBER = "N"
"""Stands for a span number."""

COMMANDS: tuple[CommandSpec, ...] = (
    CommandSpec(
        ("ok", "a", "accept"),
        "decide",
        ("ok", "ok 1 3", "ok all but 4", "ok next"),
        "accept; `ok next` goes on",
        s.accept,
    ),
    CommandSpec(
        ("no", "x", "reject"), "decide", ("no 4", "no 2-5"), "reject, kept as a negative example", s.reject
    ),
    CommandSpec(
        ("reopen",), "decide", ("reopen 2",), "take a decision back without touching later ones", s.reopen
    ),
    CommandSpec(
        ("skip", "later"),
        "decide",
        ("skip", "later"),
        "defer: it comes back at the end of the queue",
        s.defer,
    ),
    CommandSpec(("flag", "f"), "decide", ('flag "ask cardiology"',), "mark with a note; note kept", s.flag),
    CommandSpec(("unflag",), "decide", ("unflag",), "remove the flag", s.unflag),
    CommandSpec(
        (NUMBER,),
        "edit",
        (
            "2 is DRUG",
            "2 drug",
            '3 = "metropolol 25 mg"',
            "3 +1",
            "3 -1",
            "3 <1",
            "3 >1",
            "3 -> atrial fibrillation",
        ),
        "relabel; boundary by quote, or by tokens: right edge +/-, left edge < out / > in; link to a concept",
        s.numbered,
    ),
    CommandSpec(
        ("add", "n"),
        "edit",
        ('add "ECHO" TEST', 'add "ECHO" #2 TEST', 'add "ECHO" @65-69 TEST', 'add all "ECHO" TEST'),
        "new span: the only one, the second one, the one at these characters; "
        "`add all` labels every occurrence of the corpus that has no span",
        s.add,
    ),
    CommandSpec(("merge",), "edit", ("merge 2 3",), "make one span of several", s.merge),
    CommandSpec(
        ("split",), "edit", ('split 2 at "and"',), "make two spans of one, without the words between", s.split
    ),
    CommandSpec(("label",), "edit", ("label NAME",), "add a label to the project", s.new_label),
    CommandSpec(
        ("why", "w"),
        "explain",
        ("why 3", 'why not "ECG"'),
        "every step that led to a span, or the step that failed",
        s.why,
    ),
    CommandSpec(("left",), "explain", ("left",), "what is still open, here and in all", s.left),
    CommandSpec(("labels",), "explain", ("labels",), "the labels, with what is here of each", s.labels),
    CommandSpec(("who",), "explain", ("who changed 2",), "history of a span", s.who),
    CommandSpec(
        ("all", "A"),
        "bulk",
        ('all "afib"',),
        "every occurrence: count, documents, labels and status, samples",
        s.occurrences,
    ),
    CommandSpec(
        ("ok all",),
        "bulk",
        ('ok all "afib"', "ok all score>0.95 label:DRUG except doc 31"),
        "accept over the corpus; preview first",
        s.accept,
    ),
    CommandSpec(
        ("no all",),
        "bulk",
        ('no all "mi" where near "arbor"', "no all source:model where neg"),
        "reject over the corpus; add `including reviewed` to touch decided spans",
        s.reject,
    ),
    CommandSpec(
        ("relabel",), "bulk", ('relabel all "ECHO" -> TEST', "relabel 2 3 -> TEST"), "relabel", s.relabel
    ),
    CommandSpec(
        ("link",),
        "gazetteer",
        (
            'link all "afib" -> MESH:D001281',
            'link all "afib" -> atrial fibrillation',
            "link 3 -> MESH:D001281",
        ),
        "give every mention of a text a concept, and keep it as a term of the gazetteer",
        s.link,
    ),
    CommandSpec(
        ("never",),
        "gazetteer",
        ('never "mi"', 'never "you" PERSON', 'never "mi" here'),
        "reject all and block the term in the matcher",
        g.never,
    ),
    CommandSpec(
        ("term",),
        "gazetteer",
        ('term + "afib" = atrial fibrillation PROBLEM', 'term + "afib" = atrial fibrillation PROBLEM global'),
        "add a term; scope here, list (default) or global",
        g.term,
    ),
    CommandSpec(
        ("variant",), "gazetteer", ('variant "a-fib"', 'variant "a-fib" = afib'), "add a spelling", g.variant
    ),
    CommandSpec(("abbr",), "gazetteer", ("abbr RA = right atrium here",), "add an abbreviation", g.abbr),
    CommandSpec(("next",), "move", ("next",), "save and go on", s.following),
    CommandSpec(("back",), "move", ("back",), "the document before", s.back),
    CommandSpec(("go",), "move", ("go 31", "go note_17"), "a document by number or id", s.go),
    CommandSpec(
        ("queue",),
        "move",
        (
            "queue disagree",
            "queue uncertain",
            "queue fuzzy",
            "queue new-terms",
            "queue conflicts",
            "queue random 50",
            "queue flagged",
            "queue mine",
        ),
        "order of the queue",
        s.queue,
    ),
    CommandSpec(("find",), "move", ('find "statin"',), "documents that hold a text", s.find),
    CommandSpec(
        ("undo",),
        "undo",
        ("undo", "undo 3", "undo bulk b7", "undo all"),
        "take back a step, of any kind",
        s.undo,
    ),
    CommandSpec(("redo",), "undo", ("redo",), "repeat what was undone last", s.redo),
    CommandSpec(("log",), "undo", ("log",), "the last steps", s.log),
    CommandSpec(
        ("score",), "models", ("score", "score r2"), "rule, model and hybrid, seen and unseen", s.score
    ),
    CommandSpec(("diff",), "models", ("diff r2 r3",), "two models side by side", s.diff),
    CommandSpec(
        ("confusions",), "models", ("confusions",), "labels that were corrected, and to what", s.confusions
    ),
    CommandSpec(("worst",), "models", ("worst terms",), "terms that are rejected most", s.worst),
    CommandSpec(("retrain",), "models", ("retrain",), "train a candidate in the background", s.retrain),
    CommandSpec(
        ("update",), "models", ("update",), "learn from the decisions in seconds, as a candidate", s.update
    ),
    CommandSpec(("status",), "models", ("status",), "the training job, and what it changed", s.status),
    CommandSpec(
        ("changes",),
        "models",
        ("changes", "changes r2"),
        "documents with suggestions that a model has new or no longer",
        s.changes,
    ),
    CommandSpec(("stop",), "models", ("stop", "cancel training"), "stop the training job", s.stop),
    CommandSpec(
        ("promote",), "models", ("promote r4",), "use a candidate; shows the gate report first", s.promote
    ),
    CommandSpec(("rollback",), "models", ("rollback r2",), "go back to an earlier model", s.rollback),
    CommandSpec(
        ("agreement",), "team", ("agreement",), "span F1 and Cohen's kappa of the reviewers", s.agreement
    ),
    CommandSpec(("compare",), "team", ("compare with ana",), "differences in this document", s.compare),
    CommandSpec(
        ("adjudicate",), "team", ("adjudicate",), "go to a document that reviewers disagree on", s.adjudicate
    ),
    CommandSpec(
        ("take",), "team", ("take ana",), "make a reviewer's decisions the gold of this document", s.take
    ),
    CommandSpec(
        ("export",),
        "files",
        ("export spacy", "export jsonl", "export brat", "export conll", "export biluo", "export csv"),
        "write the gold; a file or folder name may follow",
        s.export,
    ),
    CommandSpec(
        ("replay",), "files", ("replay FILE",), "run the commands of a session file", s.replay, files=True
    ),
    CommandSpec(("yes",), "answer", ("yes", "yes 128"), "confirm what was asked", s.confirm),
    CommandSpec(
        ("except",), "answer", ("except 3",), "confirm all but some of the samples shown", s.excluding
    ),
    CommandSpec(
        ("cancel", "leave"),
        "answer",
        ("cancel",),
        "leave the step that was asked about; nothing changes",
        s.cancel,
    ),
    CommandSpec(
        ("?", "h", "help"),
        "help",
        ("?", "? say", "? bulk"),
        "this help; `? say` for what you can say",
        s.help_about,
    ),
)
"""Every command, in the order of the help."""

TOPICS: tuple[str, ...] = tuple(dict.fromkeys(spec.topic for spec in COMMANDS))


def parse(line: str) -> Command:
    """What a line means.

    Raises:
        ParseError: It is no command; the message names the nearest one.
    """
    tokens = tokenize(line)
    if not tokens:
        raise ParseError("an empty line is no command.", hint="Type ? for help.")
    first = tokens[0]
    if first.kind == "hash" and len(tokens) == 1:
        return s.which(first.text)
    if first.kind in ("number", "range"):
        return _finish(s.numbered, Cursor(line, tokens))
    spec = _spec(first.text) if first.kind == "word" else None
    if spec is None and line.startswith("?"):
        return s.help_about(Cursor(line[1:], tokenize(line[1:])))
    if spec is None:
        raise ParseError(f"{line.strip()!r} is no command.", hint=f"{_advice(line)} Nothing changed.")
    return _finish(spec.parse, Cursor(line, tokens, 1))


def script(line: str) -> tuple[str, ...]:
    """The commands of a line that holds several, ``ok 1; no 2``; empty when it does not."""
    if ";" not in line:
        return ()
    parts = _parted(line)
    if not 1 < len(parts) <= MOST_PARTS:
        return ()
    with suppress(ParseError):
        if not any(isinstance(parse(part), _ALONE) for part in parts):
            return tuple(parts)
    return ()


def _parted(line: str) -> list[str]:
    """The line between its semicolons; those inside quotes part nothing."""
    parts, quoted = [""], False
    for piece in re.split(r'([";])', line):
        quoted ^= piece == '"'
        if piece == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _finish(read: Callable[[Cursor], Command], cursor: Cursor) -> Command:
    command = read(cursor)
    cursor.end()
    return command


def _spec(word: str) -> CommandSpec | None:
    for said in (word, word.lower()):
        for spec in COMMANDS:
            if said in spec.names and said != NUMBER:
                return spec
    return None


def _advice(line: str) -> str:
    if guess := nearest(line):
        return f"Did you mean `{guess}`?"
    names = _near_names(line)
    return f"Type `? {names[0]}` for the forms of {names[0]}." if names else "Type ? for help."


def nearest(line: str) -> str:
    """The line with its words replaced by the closest ones that make it a command; empty when none do."""
    rest = line[tokenize(line)[0].end :].strip()
    for name in _near_names(line):
        for guess in (f"{name} {rest}".strip(), f"{name} {_corrected(name, rest)}"):
            with suppress(ParseError):
                parse(guess)
                return guess
    return ""


def _near_names(line: str) -> list[str]:
    """Commands whose name is close to the first word, the closest first."""
    word = tokenize(line)[0].text.lower()
    names = [name for spec in COMMANDS for name in spec.names if len(name) > 1 and " " not in name]
    return [name for name, *_ in process.extract(word, names, scorer=fuzz.ratio, score_cutoff=55, limit=3)]


def _corrected(name: str, rest: str) -> str:
    """What follows a command's name, with bare words replaced by close ones of the command's forms."""
    spec = _spec(name)
    forms = " ".join(form for each in COMMANDS if spec and each.parse is spec.parse for form in each.usage)
    known = sorted({word for word in forms.split() if word.isalpha() and word.islower()})
    for token in reversed(tokenize(rest)):
        found = process.extractOne(token.text.lower(), known, scorer=fuzz.ratio, score_cutoff=60)
        if found and token.kind == "word":
            rest = rest[: token.start] + found[0] + rest[token.end :]
    return rest


def help_lines(topic: str = "", *, files: bool = True) -> list[str]:
    """Help for everything in short, or for one topic or command with all its forms."""
    offered = [spec for spec in COMMANDS if files or not spec.files]
    chosen = [spec for spec in offered if topic in ("", spec.topic) or topic in spec.names]
    if not chosen:
        return []
    lines = []
    for spec in chosen:
        shorts = [name for name in spec.names if len(name) == 1 and name not in (NUMBER, "?")]
        short = f"  [{', '.join(shorts)}]" if shorts else ""
        forms = spec.usage if topic else spec.usage[:2]
        lines.append(f"{' · '.join(forms)}{short}: {spec.does}")
    return lines
