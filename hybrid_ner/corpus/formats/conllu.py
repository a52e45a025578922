"""CoNLL-U: ten columns a word, as parsers and treebanks write them, with entities in the last one.

https://universaldependencies.org/format.html. Entities stand in MISC: as tags of each word (``NER=B-PER``,
``ner=S-ORG``, also under other keys, or labels alone, ``NE=PER_1``), or as the brackets of CorefUD and GUM
(``Entity=(e1-person-1-``, https://ufal.mff.cuni.cz/corefud). Of CoNLL-U Plus the column that its first line
calls NE or NER counts. A file with none of these is text that nobody has annotated.

A document is what stands under ``# newdoc``; in a file without, every sentence is one. Its text is that of
``# text``, else the words with a space where none has ``SpaceAfter=No``; sentences are joined by a space,
paragraphs (``# newpar``) by an empty line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.shared import Document, Entity, Located
from hybrid_ner.corpus.formats.tokens import Block, tagged_entities
from hybrid_ner.io import Place, Problem, Report, read_rows

_COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
_ID = re.compile(r"(\d{1,9})(?:-(\d{1,9})|\.\d{1,9})?\Z")
_COMMENT = re.compile(r"#\s*(newdoc|newpar|sent_id|text|global\.\w+)(?:\s+id)?\s*(?:=\s*(.*?)\s*)?\Z")
_TAG = re.compile(r"[BIESLU]-\w")
_KEY = re.compile(r"(?:ner?|entity|named_?entit(?:y|ies)|(?:ner|ne|entity)_?tags?|iob|bio)\Z", re.IGNORECASE)
"""Keys of MISC, or names of a column, under which labels of entities are kept."""
_NUMBERED = re.compile(r"(.*?)[_-]\d+\Z")
_BRACKETS = re.compile(r"\((?P<opened>[^()]+)(?P<whole>\))?|(?P<closed>[^()]*)\)")
_ETYPE = re.compile(r"(?![a-zA-Z]?\d+(?:\[|\Z)).*")
"""A field that is no id of a mention: ``person``, not ``e12``."""
_SNIFFED = 0.95
_Places = list[tuple[int, int]]


class _Form(NamedTuple):
    """How a file keeps its entities: a column, or a key of MISC; both empty where it has none.

    Args:
        column: Name of that which holds tags.
        in_brackets: Whether the key holds brackets around mentions.
        fields: Names of what stands between the hyphens of a bracket, where the file says it.
    """

    columns: tuple[str, ...]
    column: str = ""
    key: str = ""
    in_brackets: bool = False
    fields: tuple[str, ...] = ()


class _Word(NamedTuple):
    """A word, or several written as one, as the text shows it."""

    row: int
    form: str
    said: str
    space: str


@dataclass(slots=True)
class _Sentence:
    """The words of a sentence, and the comments above it."""

    row: int
    sent_id: str = ""
    text: str = ""
    paragraph: bool = False
    words: list[_Word] = field(default_factory=list)
    until: int = 0
    """Number of the last word that the one before stands for: 2 behind ``1-2``."""


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file; mentions in parts, without a type or of words not in the text are counted."""
    form, others, stray = _form(path), Counter[str](), shared.StrayTags()
    for number, (doc_id, sentences) in enumerate(_documents(path, form, others, report), start=1):
        place = Place(str(path), sentences[0].row)
        yield place, _document(doc_id or str(number), sentences, form, place, others, report, stray)
    stray.tell(report)
    shared.not_read(others, path, report)


def sniff(name: str, head: str) -> bool:
    """Whether nearly all lines are numbered words of ten columns or more."""
    if head.startswith("# global.columns"):
        return True
    lines = [line for line in head.split("\n") if line.strip() and not line.startswith("#")]
    rows = [line.split("\t") for line in lines]
    good = sum(len(row) >= len(_COLUMNS) and bool(_ID.match(row[0])) for row in rows)
    return good > 0 and good >= _SNIFFED * len(lines)


def _misc(said: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in said.strip().split("|") if "=" in each)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _form(path: Path) -> _Form:
    """What the whole file shows."""
    columns, fields = _COLUMNS, ""
    said_of, tags, labels, brackets = (Counter[str]() for _ in range(4))
    # What is wrong with the bytes is said when the lines are read again.
    for _, line in read_rows(path, lambda problem: None, windows=True):
        if line.startswith("#"):
            found = _COMMENT.match(line)
            said = (found[2] or "") if found else ""
            columns = tuple(said.split()) if found and found[1] == "global.columns" and said else columns
            fields = said if found and found[1] == "global.Entity" else fields
            continue
        misc = _misc(dict(zip(columns, line.split("\t"), strict=False)).get("MISC", ""))
        said_of.update(key for key, value in misc.items() if value not in ("O", "_"))
        tags.update(key for key, value in misc.items() if _TAG.match(value))
        labels.update(key for key, value in misc.items() if _KEY.match(key) and value != "_")
        brackets.update(key for key, value in misc.items() if _KEY.match(key) and "(" in value)
    named = next((name for name in columns if _KEY.match(name.rpartition(":")[2])), "")
    # "Gloss=I-see" is no tag: other glosses are none.
    keys = [key for key, count in tags.most_common() if _KEY.match(key) or count == said_of[key]]
    best = sorted(keys, key=lambda key: not _KEY.match(key)) or [*brackets, *labels]
    key = best[0] if best and not named else ""
    return _Form(columns, named, key, key in brackets, tuple(fields.split("-")) if fields else ())


def _documents(
    path: Path, form: _Form, others: Counter[str], report: Report
) -> Iterator[tuple[str, list[_Sentence]]]:
    """Id and sentences of each document."""
    sentences, now, doc_id, marked = list[_Sentence](), _Sentence(1), "", False
    for row, line in read_rows(path, report, windows=True):
        if not line.strip():
            if now.words:
                sentences.append(now)
                now = _Sentence(row + 1)
            if sentences and not marked:
                yield sentences[0].sent_id, sentences
                sentences = []
        elif found := _COMMENT.match(line):
            if found[1] == "newdoc":
                if sentences:
                    yield doc_id, sentences
                sentences, doc_id, marked = [], found[2] or "", True
            now.sent_id = found[2] or "" if found[1] == "sent_id" else now.sent_id
            now.text = found[2] or "" if found[1] == "text" else now.text
            now.paragraph |= found[1] == "newpar"
        elif not line.startswith("#"):
            _add(now, line, form, Place(str(path), row), others, report)
    sentences += [now] * bool(now.words)
    if sentences:
        yield doc_id if marked else sentences[0].sent_id, sentences


def _add(now: _Sentence, line: str, form: _Form, place: Place, others: Counter[str], report: Report) -> None:
    """A row of a sentence: a word, several that are written as one (``1-2``), or one that is not written."""
    cells = dict(zip(form.columns, line.split("\t"), strict=False))
    found, misc = _ID.match(cells.get("ID", "")), _misc(cells.get("MISC", ""))
    said = cells.get(form.column, "").strip() if form.column else misc.get(form.key, "")
    said = "" if said in ("_", "*", "O") else said
    if not found or not cells.get("FORM"):
        hint = "A row has ten columns with tabs between them, a number and a word first; see CoNLL-U."
        report(Problem("row", f"expected a numbered word, found {line[:60]!r}.", place, hint=hint))
    elif re.match(r"\d+(?:[:;]|\Z)", said):
        hint = "Write tags such as B-PER, or brackets as in CorefUD (Entity=(e1-person-1-)."
        report(Problem("tag", f"tags such as {said!r} (PARSEME) are not read.", place, hint=hint))
    elif "." in found[0]:
        others["mention of a word that is not in the text"] += bool(said)
    elif now.words and int(found[1]) <= now.until:  # a part of the word before
        last = now.words[-1]
        now.words[-1] = last._replace(said=last.said + said if form.in_brackets else last.said or said)
    else:
        now.until = int(found[2] or 0)
        space = misc.get("SpacesAfter", "").replace(r"\s", " ").replace(r"\n", "\n").replace(r"\t", "\t")
        space = "" if misc.get("SpaceAfter") == "No" else space or " "
        now.words.append(_Word(place.row or 0, cells["FORM"], said, space))


def _document(
    doc_id: str,
    sentences: list[_Sentence],
    form: _Form,
    place: Place,
    others: Counter[str],
    report: Report,
    stray: shared.StrayTags,
) -> Document:
    text, gap, spans, block = "", "", _Places(), Block(place.row or 1, doc_id)
    for sentence in sentences:
        said, places = _laid_out(sentence, others)
        text += "\n\n" if text and sentence.paragraph else gap
        block.sentence_starts.add(len(spans))
        spans += [(start + len(text), end + len(text)) for start, end in places]
        text, gap = text + said, sentence.words[-1].space
        block.rows += [(word.row, word.form, word.said) for word in sentence.words]
    if not (form.column or form.key):
        return Document(doc_id, text)
    if form.in_brackets:
        found = _bracketed(block, spans, form, place, others, report)
    else:
        tags = _as_tags([said for _, _, said in block.rows], block.sentence_starts)
        block.rows = [(row, word, tag) for (row, word, _), tag in zip(block.rows, tags, strict=True)]
        found = tagged_entities(block, spans, doc_id, place, report, stray)
    return Document(doc_id, text, tuple(found))


def _laid_out(sentence: _Sentence, others: Counter[str]) -> tuple[str, _Places]:
    """The text of a sentence, and the place of each word in it."""
    *before, last = sentence.words
    for text in (sentence.text, "".join(word.form + word.space for word in before) + last.form):
        places, at = _Places(), 0
        for word in sentence.words:
            start = text.find(word.form, at)
            if start < 0 or text[at:start].strip():
                break
            places.append((start, at := start + len(word.form)))
        else:
            return text, places
        others["text of a comment that its words do not have"] += bool(text)
    raise AssertionError("words stand in what they are joined to")


def _as_tags(said: list[str], starts: Iterable[int]) -> list[str]:
    """Tags as they are; labels alone become tags: the same one again goes on, as in ``NE=PER_1``."""
    if any(map(_TAG.match, said)):
        return [tag or "O" for tag in said]
    tags, before, starts = list[str](), "", {*starts}
    for at, value in enumerate(said):
        label = (_NUMBERED.match(value) or [value, value])[1]
        goes_on = value == before and at not in starts
        tags.append(f"{'I' if goes_on else 'B'}-{label}" if value else "O")
        before = value
    return tags


def _bracketed(
    block: Block, spans: _Places, form: _Form, place: Place, others: Counter[str], report: Report
) -> Iterator[Entity]:
    """Mentions between brackets, which may lie in each other."""
    opened: list[tuple[str, int, int]] = []
    for at, (row, _, said) in enumerate(block.rows):
        for found in _BRACKETS.finditer(said):
            if found["opened"]:
                opened.append((found["opened"], spans[at][0], row))
            if found["opened"] and not found["whole"]:
                continue
            key = {*(found["closed"] or "").split("-")} - {""}  # "e1)" of "(e1-person-2", "person-3)"
            which = next((n for n in reversed(range(len(opened))) if key <= {*opened[n][0].split("-")}), None)
            if which is None:
                message = f"the bracket {found[0]!r} closes none of document {block.doc_id!r}."
                report(Problem("tag", message, Place(place.path, row), block.doc_id))
            else:
                yield from _mention(*opened.pop(which)[:2], spans[at][1], form, others)
        if at + 1 in block.sentence_starts or at + 1 == len(block.rows):
            for name, _, first in opened:
                message = f"the bracket ({name} is not closed in its sentence."
                report(Problem("tag", message, Place(place.path, first), block.doc_id))
            opened.clear()


def _mention(said: str, start: int, end: int, form: _Form, others: Counter[str]) -> Iterator[Entity]:
    fields = said.split("-")
    named = dict(zip(form.fields, fields, strict=False))
    label = named["etype"] if "etype" in named else next(filter(_ETYPE.fullmatch, fields), "")
    if "[" in fields[0]:
        others["part of a mention in several parts"] += 1
    elif not label:
        others["untyped mention"] += 1
    else:
        attrs = {"eid": named["eid"]} if named.get("eid") else {}
        yield Entity(start, end, label, named.get("identity", ""), attrs)


FORMAT = shared.Format("conllu", (".conllu", ".conllup"), read, shared.read_only, sniff=sniff)
