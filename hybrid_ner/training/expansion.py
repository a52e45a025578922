"""What is learned in words: from raw text, and from reviewed documents where mentions begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from hybrid_ner.corpus import Corpus
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.sources.expand import ExpansionSettings, expand
from hybrid_ner.sources.learned import LearnedWord
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, content_hash, fold, quantity
from hybrid_ner.training.label import Steps, fingerprint
from hybrid_ner.training.policy import Reviewed
from hybrid_ner.words import other_words, resolve_words

TABLE = "learned_words.tsv"
"""Accepted words, then those that a person should look at."""
_USED, _REVIEW = "labeled", "review"


def learn_from(
    gazetteer: Gazetteer, corpora: Iterable[Corpus], folder: Path, settings: ExpansionSettings
) -> tuple[tuple[LearnedWord, ...], dict[str, Any]]:
    """Learn words from the first texts, or take them from the last run with the same inputs.

    Args:
        corpora: Text, the most important first; annotations are never read.
        folder: Where the table and the record of the step are.

    Returns:
        The words to label, and the result of the step: counts, seconds, whether it was reused.
    """
    texts = list(_first(corpora, settings.tokens))
    path = folder / TABLE
    words = resolve_words(settings.words, texts)
    if not path.is_file():
        (folder / "expand.json").unlink(missing_ok=True)

    def work() -> dict[str, Any]:
        found = expand(texts, gazetteer, settings, everyday_words(), words, other_words(words))
        lines = ["term\tlabel\tscore\tdocuments\tuse"]
        for listed, use in ((found.accepted, _USED), (found.to_review, _REVIEW)):
            lines += [f"{w.word}\t{w.label}\t{w.score}\t{w.documents}\t{use}" for w in listed]
        with atomic_path(path) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        counts = {"words": len(found.accepted), "to_review": len(found.to_review)}
        vectors = words.name if words else "none"
        return {"documents": len(texts), **counts, "vectors": vectors, "known": dict(found.known)}

    told = gazetteer.fingerprint, asdict(settings), words.fingerprint if words else ""
    inputs = fingerprint(*told, [content_hash(text) for text in texts])
    result = Steps(folder).run("expand", inputs, work)
    return read_words(path), result


def read_words(path: Path) -> tuple[LearnedWord, ...]:
    """The words of a table that are to be labeled."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(
        LearnedWord(word, label, float(score), int(documents))
        for word, label, score, documents, use in rows
        if use == _USED
    )


def _first(corpora: Iterable[Corpus], tokens: int) -> Iterator[str]:
    """Texts up to the number of words, as white space parts them."""
    for corpus in corpora:
        for document in corpus:
            yield document.text
            tokens -= len(document.text.split())
            if tokens <= 0:
                return


# What reviewed documents say about where mentions begin, in words: "severity stays outside".
#
# Annotation policy, which no term list states, is mostly about words at the left edge: "severe pain" or
# "pain"? Each such word is looked at where it stands directly before a mention (outside) or begins one
# (inside). The CRF learns the same from its features; a habit that a reviewer does not want is hidden from
# it.

KINDS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "severity": (
            "mild moderate severe profound extreme marked slight minor major massive serious significant"
        ),
        "course": "acute chronic subacute recurrent persistent progressive intermittent transient stable",
        "location": (
            "left right bilateral unilateral upper lower anterior posterior lateral medial proximal distal "
            "central peripheral superior inferior dorsal ventral"
        ),
        "time": "new old prior previous former recent early late initial current",
        "titles": "mr mrs ms dr shri smt sri justice hon'ble honourable honorable learned sir",
        "articles": "the a an this that these those his her its their our",
        "doubt": "possible probable suspected likely presumed alleged apparent",
    }.items()
}
"""Words that annotation guidelines have rules about, by what they tell."""
_LEAST_PLACES, _LEAST_DOCUMENTS = 3, 2
_CLEAR = 0.75
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Habit:
    """Words that mostly stand inside, or mostly outside of mentions.

    Args:
        kind: What they tell: a key of ``KINDS``.
        inside: Whether mentions take them in.
        words: Those met, most frequent first.
        agree: Places where it is so …
        places: … of all places.
    """

    kind: str
    inside: bool
    words: tuple[str, ...]
    agree: int
    places: int

    def sentence(self) -> str:
        """``severity (severe, mild) stays outside: 9 of 10 places``."""
        named = ", ".join(self.words[:_SHOWN]) + (", …" if len(self.words) > _SHOWN else "")
        verb, where = ("belong", "inside") if self.inside else ("stay", "outside")
        where = f"{verb}{'' if self.kind.endswith('s') else 's'} {where}"  # "articles stay", "severity stays"
        return f"{self.kind} ({named}) {where}: {self.agree} of {quantity(self.places, 'place')}"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "inside": self.inside, "sentence": self.sentence()}


def habits(reviewed: Iterable[Reviewed], forget: Collection[str] = ()) -> tuple[Habit, ...]:
    """Every clear habit of the completely reviewed documents but with words to forget, most places first."""
    seen: dict[str, list[tuple[bool, str, int]]] = defaultdict(list)
    for number, (doc, decided) in enumerate(reviewed):
        for entity in decided.accepted if decided.complete else ():
            for inside, word in _at_edge(doc, entity.start, entity.end):
                for kind, words in KINDS.items():
                    if word in words and word not in forget:
                        seen[kind].append((inside, word, number))
    found = [habit for kind, places in seen.items() if (habit := _habit(kind, places))]
    return tuple(sorted(found, key=lambda habit: -habit.places))


def hidden_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of kinds, and words named one by one, folded and in order."""
    return tuple(sorted({word for name in names for word in KINDS.get(name, (fold(name),))}))


def _at_edge(doc: Doc, start: int, end: int) -> Iterable[tuple[bool, str]]:
    """The word that begins a mention of several, and the word right before it, folded."""
    span = doc.char_span(start, end)
    if span is None:
        return
    if len(span) > 1:
        yield True, fold(span[0].text).rstrip(".")
    before = doc[span.start - 1] if span.start else None
    if before is not None and before.whitespace_:
        yield False, fold(before.text).rstrip(".")


def _habit(kind: str, places: list[tuple[bool, str, int]]) -> Habit | None:
    within = sum(inside for inside, _, _ in places)
    inside = 2 * within >= len(places)
    agree = within if inside else len(places) - within
    documents = len({number for _, _, number in places})
    if len(places) < _LEAST_PLACES or documents < _LEAST_DOCUMENTS or agree < _CLEAR * len(places):
        return None
    words = [word for where, word, _ in places if where is inside]
    met = sorted(set(words), key=lambda word: (-words.count(word), word))
    return Habit(kind, inside, tuple(met), agree, len(places))
