"""What models among the sources do to the hybrid, and how well their precision is estimated without gold.

Purpose: a source that somebody names may be anything, so a bad one must not hurt (the hybrid is never more
than 0.3 below the one without it) and a good one must help. Three sources are made from train and dev gold as
files of predictions: ``random`` (as many spans as gold has, of one to three words anywhere), ``mediocre``
(every second span is right, the others are random) and ``good`` (gold, a tenth of it random or cut short).
Documents of train are reviewed by an oracle, the product's fast update learns from them, and the hybrid is
scored on dev (strict F1)::

    python benchmarks/trust.py                                       # both corpora
    python benchmarks/trust.py --tasks ener --n 20 --draws 2

The first table is what bootstrap makes of the same sources before anybody has reviewed: F1 of the rules'
answer on dev, from which the student learns, with every source counting, and with those that have earned it
by agreement (``training.trust.earned``). The last table compares the precision that ``hybrid-ner sources``
estimates without gold with the true one, by label, on the documents of the project, with all three sources
in it.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from rounds import Bench, Task, own_terms, read
from spacy.language import Language

from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.pipeline.labeling import voters_of
from hybrid_ner.terms import Gazetteer
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import read_docs
from hybrid_ner.training.trust import earned, source_facts, with_trust

TASKS = {"bc5cdr": Task("bc5cdr", "generic", share=0.1), "ener": Task("ener", "generic", own=0.3)}
KINDS = {"random": 1.0, "mediocre": 0.5, "good": 0.1, "good2": 0.2}
"""Source → share of its spans that are noise."""
ALL = ("random", "mediocre", "good")
PROJECTS = ((), ("random",), ("mediocre",), ("good",), ("random", "mediocre"), ALL)
NOTICED = 0.3
_LONG = 3_000
"""Characters from which a document is cut at line breaks: E-NER has documents of 54,000 tokens."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--n", type=int, nargs="+", default=[10, 50], help="numbers of reviewed documents")
    parser.add_argument(
        "--sources",
        nargs="+",
        default=["+".join(kinds) for kinds in PROJECTS if kinds],
        help="good mediocre+good",
    )
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--documents", type=int, default=200, help="documents of train in the project")
    parser.add_argument("--dev", type=int, default=250, help="documents of dev that are scored")
    arguments = parser.parse_args()
    for name in arguments.tasks:
        with TemporaryDirectory() as folder:
            run(name, arguments, Path(folder))


def run(name: str, arguments: argparse.Namespace, folder: Path) -> None:
    """Print both tables of a corpus."""
    task = TASKS[name]
    parts = ([*pieces(read(arguments.data, task, part))] for part in ("train", "dev"))
    train, dev = (random.Random(0).sample(part, len(part)) for part in parts)
    terms = own_terms(task, train)
    train, dev = train[: arguments.documents], dev[: arguments.dev]
    files = {kind: write(folder, kind, noise, [*train, *dev]) for kind, noise in KINDS.items()}
    before_review(task, terms, train, dev, files)
    print(
        f"\n## {name}: {len(train)} documents in the project, {len(dev)} of dev, {len(terms):,} terms\n\n"
        "| reviewed | draw | sources | rules | model | hybrid | to without | counts for |\n"
        "|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    projects = ((), *(tuple(named.split("+")) for named in arguments.sources))
    benches = {kinds: Bench(task, terms, train, dev, folder / "-".join(("p", *kinds))) for kinds in projects}
    for kinds, bench in benches.items():
        bench.folder.mkdir()
        sources = DomainSettings(sources=tuple(files[kind] for kind in kinds))
        bench.settings = replace(bench.settings, sources=sources)
    for number in arguments.n:
        for draw in range(arguments.draws):
            without = 0.0
            for kinds, bench in benches.items():
                hybrid, line = scored(bench, bench.draw(number, draw))
                without = without if kinds else hybrid
                worse = " **worse**" if hybrid - without < -NOTICED else ""
                cells = (
                    number,
                    draw,
                    " ".join(kinds) or "none",
                    line.format(f"{hybrid - without:+.1f}{worse}"),
                )
                print(f"| {' | '.join(map(str, cells))} |", flush=True)
    if ALL in benches:
        estimates(benches[ALL], train)


def before_review(
    task: Task, terms: Gazetteer, train: Sequence[Document], dev: Sequence[Document], files: dict[str, str]
) -> None:
    """F1 of the rules' answer with every source counting, and with those that have earned it so far."""
    print(
        f"\n## {task.corpus} before review\n\n| sources | every one counts | by agreement | to rules alone "
        "| counts for |\n|---|---|---|---|---|",
        flush=True,
    )
    alone = 0.0
    for kinds in (*PROJECTS, ("good", "good2")):
        sources = DomainSettings(sources=tuple(files[kind] for kind in kinds))
        found, _ = earned(terms, task.domain, sources, (Document(d.doc_id, d.text) for d in train))
        every = _f1(rule_pipeline(terms, task.domain, sources, judged=False), dev)
        now = _f1(rule_pipeline(terms, task.domain, with_trust(sources, found)), dev)
        alone = now if not kinds else alone
        counting = ", ".join(f"{t.source} {t.label}" for t in found if t.counts) or "none"
        cells = (" + ".join(kinds) or "none", f"{every:.1f}", f"{now:.1f}", f"{now - alone:+.1f}", counting)
        print(f"| {' | '.join(cells)} |", flush=True)


def _f1(nlp: Language, dev: Sequence[Document]) -> float:
    """Strict micro F1 in points."""
    right = predicted = gold = 0
    for document, doc in read_docs(nlp, dev):
        found = {(e.start_char, e.end_char, e.label_) for e in doc.ents}
        true = {(e.start, e.end, e.label) for e in document.entities or ()}
        right, predicted, gold = right + len(found & true), predicted + len(found), gold + len(true)
    return 200 * right / max(1, predicted + gold)


def scored(bench: Bench, reviewed: Sequence[str]) -> tuple[float, str]:
    """F1 of the hybrid, and the cells that tell the rest."""
    made = bench.update(reviewed)
    found = bench.score([doc for _, doc in made.read(bench.dev)])
    counting = [f"{t['source']} {t['label']}" for t in made.counts.get("trust", ()) if t["counts"]]
    cells = [f"{found[system]:.1f}" for system in ("rule", "model", "hybrid")]
    return found["hybrid"], f"{' | '.join(cells)} | {{}} | {', '.join(counting)}"


def estimates(bench: Bench, train: Sequence[Document]) -> None:
    """Precision as estimated without gold, and by gold."""
    nlp = rule_pipeline(bench.gazetteer, bench.task.domain, bench.settings.sources, judged=False)
    docs = [doc for _, doc in read_docs(nlp, bench.bare)]
    blind = source_facts([(doc, Decided()) for doc in docs], voters_of(nlp))
    gold = [Decided(d.entities or (), complete=True) for d in train]
    true = source_facts(zip(docs, gold, strict=True), voters_of(nlp))
    print("\n| source | label | votes | estimated | true | difference |\n|---|---|---|---|---|---|")
    for guess, known in zip(blind.rows, true.rows, strict=True):
        if guess.estimated is None or not known.seen:
            continue
        share = known.right / known.seen
        cells = (guess.source, guess.label or "all", f"{guess.votes:,}", f"{100 * guess.estimated:.0f}")
        print(f"| {' | '.join(cells)} | {100 * share:.0f} | {100 * (guess.estimated - share):+.0f} |")


def pieces(documents: Sequence[Document]) -> Iterator[Document]:
    """Long documents cut at line breaks outside of annotations."""
    for document in documents:
        inside = [(e.start, e.end) for e in document.entities or ()]
        cuts = [0]
        for place, char in enumerate(document.text):
            far = place - cuts[-1] >= _LONG
            if far and char in "\n." and not any(start < place + 1 < end for start, end in inside):
                cuts.append(place + 1)
        for number, (start, end) in enumerate(pairwise([*cuts, len(document.text)])):
            own = (e for e in document.entities or () if start <= e.start and e.end <= end)
            moved = tuple(replace(e, start=e.start - start, end=e.end - start) for e in own)
            yield Document(f"{document.doc_id} {number}", document.text[start:end], moved)


def write(folder: Path, kind: str, noise: float, documents: Sequence[Document]) -> str:
    """A source of this kind as settings and a file of predictions."""
    drawn = random.Random(kind)
    labels = sorted({e.label for d in documents for e in d.entities or ()})
    found = [replace(d, entities=tuple(noisy(d, noise, labels, drawn))) for d in documents]
    write_corpus(folder / f"{kind}.jsonl", found)
    settings = folder / f"{kind}.yaml"
    settings.write_text(f"- predictions: {kind}.jsonl\n  name: {kind}\n", encoding="utf-8")
    return str(settings)


def noisy(document: Document, noise: float, labels: Sequence[str], drawn: random.Random) -> Iterator[Entity]:
    """The entities, a share of them replaced: cut short, or with much noise always anywhere in the text."""
    words = [(m, m + len(w)) for m, w in _words(document.text)]
    for entity in document.entities or ():
        if drawn.random() >= noise:
            yield entity
        elif noise < 0.5 and " " in document.text[entity.start : entity.end] and drawn.random() < 0.5:
            cut = document.text.index(" ", entity.start)
            yield Entity(entity.start, cut, entity.label)
        else:
            first = drawn.randrange(len(words))
            last = min(len(words) - 1, first + drawn.randrange(3))
            yield Entity(words[first][0], words[last][1], drawn.choice(labels))


def _words(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at, word
        at += len(word)


if __name__ == "__main__":
    main()
