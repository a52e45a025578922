"""The step of a bootstrap that learns words from its text, and the table it leaves for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hybrid_ner.corpus import Corpus
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.sources.expand import Expansion, ExpansionSettings, expand
from hybrid_ner.sources.learned import LearnedWord
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, content_hash
from hybrid_ner.training.label import Steps, fingerprint
from hybrid_ner.words import other_words, resolve_words

TABLE = "learned_words.tsv"
"""Accepted words, then those that a person should look at."""

_HEADER = ("term", "label", "score", "documents", "use")
_USED, _REVIEW = "labeled", "review"


def learn_from(
    gazetteer: Gazetteer, corpora: Iterable[Corpus], folder: Path, settings: ExpansionSettings
) -> tuple[tuple[LearnedWord, ...], dict[str, Any]]:
    """Learn words from the first texts, or take them from the last run with the same inputs.

    Args:
        gazetteer: The terms at hand.
        corpora: Text, the most important first; annotations are never read.
        folder: Where the table and the record of the step are.
        settings: See ``ExpansionSettings``.

    Returns:
        The words to label, and the result of the step: counts, seconds, whether it was reused.
    """
    texts = list(_first(corpora, settings.tokens))
    path = folder / TABLE
    record = Steps(folder)
    words = resolve_words(settings.words, texts)
    if not path.is_file():
        (folder / "expand.json").unlink(missing_ok=True)

    def work() -> dict[str, Any]:
        found = expand(texts, gazetteer, settings, everyday_words(), words, other_words(words))
        _write(path, found)
        counts = {"words": len(found.accepted), "to_review": len(found.to_review)}
        vectors = words.name if words else "none"
        return {"documents": len(texts), **counts, "vectors": vectors, "known": dict(found.known)}

    vectors = words.fingerprint if words else ""
    inputs = fingerprint(
        gazetteer.fingerprint, asdict(settings), vectors, [content_hash(text) for text in texts]
    )
    result = record.run("expand", inputs, work)
    return read_words(path), result


def read_words(path: Path) -> tuple[LearnedWord, ...]:
    """The words of a table that are to be labeled."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(
        LearnedWord(word, label, float(score), int(documents))
        for word, label, score, documents, use in rows
        if use == _USED
    )


def _write(path: Path, found: Expansion) -> None:
    lines = ["\t".join(_HEADER)]
    for words, use in ((found.accepted, _USED), (found.to_review, _REVIEW)):
        lines += [f"{w.word}\t{w.label}\t{w.score}\t{w.documents}\t{use}" for w in words]
    with atomic_path(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _first(corpora: Iterable[Corpus], tokens: int) -> Iterator[str]:
    """Texts up to the number of words, as white space parts them."""
    for corpus in corpora:
        for document in corpus:
            yield document.text
            tokens -= len(document.text.split())
            if tokens <= 0:
                return
