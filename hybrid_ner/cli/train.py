"""``hybrid-ner label``, ``sources``, ``train`` and ``words``: what is made from text, step by step.

Weak labels, who gives them, a student from them, and word vectors.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Inputs, parse_shard, print_all
from hybrid_ner.cli._options import Json, Quiet, SkipBad, bars, model_lines, say, trust_lines, unfit_lines
from hybrid_ner.errors import InputError
from hybrid_ner.text import atomic_path, quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Document
    from hybrid_ner.training.trust import SourceFacts, Worth
    from hybrid_ner.words import WordVectors


# ``hybrid-ner label``: weak labels for a corpus, without training.


@opt.asks(opt.which_rules)
def label(
    *,
    corpus: Annotated[Path, typer.Option(help="Text: any format; text, Word and PDF in one folder.")],
    output: Annotated[
        Path, typer.Option(help="File to write; its ending names the format (.spacy, .jsonl, …).")
    ],
    asked: opt.Asked,
    ids: opt.Ids = "",
    shard: opt.Shard = "0/1",
    quiet: opt.Quiet = False,
    as_json: opt.Json = False,
) -> None:
    """Label text by rules alone and write the aggregated weak labels with a manifest.

    The manifest, OUTPUT.manifest.json, has counts and the fingerprints of the terms and the text. It is
    written last: an output without one is not whole.
    """
    from hybrid_ner.cli._bootstrap import Request
    from hybrid_ner.training.label import label_corpus

    if str(output) == "-":
        raise InputError("a manifest is written beside the output.", hint="Give a file as --output.")
    request = Request(corpus=corpus, out=output, ids=ids, **asked)
    part, inputs = parse_shard(shard), Inputs(request.skip_bad, silent=as_json)
    with bars(quiet or as_json) as report:
        report("terms", 0.0, "reading term lists")
        terms, settings = request.terms(inputs), request.rules_settings
    inputs.tell()
    with bars(quiet or as_json) as report:
        whole = inputs.corpus(corpus)
        texts = whole.shard(*part)
        manifest = label_corpus(
            terms, request.domain, settings, texts, output, report=report, lost=inputs.told, whole=whole
        )
    if inputs.answered(as_json, manifest):
        return
    found = quantity(manifest["entities"], "weak label")
    typer.echo(f"{found} in {quantity(manifest['documents'], 'document')} → {output}")
    unfit = unfit_lines(manifest, f"listed in {output}.manifest.json")
    asked_models = model_lines(manifest.get("models", {}), f"{output}.manifest.json")
    for line in (*unfit, *asked_models, *trust_lines(manifest["trust"])):
        typer.echo(line)
    if manifest["entities"]:
        typer.echo(f"Next: hybrid-ner train --labels {shlex.quote(str(output))} --out DIR")


def train(
    context: typer.Context,
    labels: Annotated[
        list[Path], typer.Option(help="Labeled documents in any corpus format; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the trained pipeline.")],
    skip_bad: opt.SkipBad = False,
    recipe: opt.Recipe = "cnn",
    encoder: opt.Encoder = "",
    quiet: opt.Quiet = False,
    as_json: opt.Json = False,
) -> None:
    """Train a spaCy recognizer on labeled documents, by a recipe.

    Any setting of the recipe can be overridden by its dotted name: --training.max_epochs 3.
    """
    from hybrid_ner.training.label import labeled_documents
    from hybrid_ner.training.recipe import parse_overrides, train_on_documents

    overrides, inputs = parse_overrides(opt.with_encoder(encoder, opt.settings_in(context))), Inputs(skip_bad)
    with bars(quiet or as_json) as report:
        result = train_on_documents(
            recipe,
            labeled_documents(labels, inputs.told),
            out,
            overrides=overrides,
            progress=lambda share, line: report("train", share, line),
        )
    if inputs.answered(as_json, {"model": str(out), **result}):
        return
    tokens = quantity(result["train_tokens"], "token")
    typer.echo(f"Trained on {tokens}, labels {', '.join(result['labels'])} → {out}")
    for kind, why in (("misaligned", "fitting no tokens"), ("overlapping", "overlapping longer ones")):
        if lines := result[kind]:
            more = ", the first of them" if len(lines) > 10 else ""
            said = f"{quantity(len(lines), 'span')} {why}, not learned{more}:"
            typer.echo("\n  ".join([said, *lines[:10]]))


# ``hybrid-ner sources``: what each labeling source covers, and how often it is right.


@opt.asks(opt.which_rules)
def sources(
    *,
    corpus: Annotated[Path, typer.Option(help="Text in any format; its annotations are not read.")],
    reviewed: Annotated[
        list[Path] | None,
        typer.Option(help="Completely reviewed documents in any corpus format; may be repeated."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Look at the sources of this pipeline instead of the options' ones.")
    ] = None,
    asked: opt.Asked,
    quiet: opt.Quiet = False,
    as_json: opt.Json = False,
) -> None:
    """Show what each labeling source covers, with whom it agrees, and how often it is right.

    By source and label: votes, share of documents with one, share that another source casts as well
    (overlap) or contradicts (conflict), precision as the agreement of independent sources tells (at least;
    models and the rules as one), precision by the reviewed documents with its 95 % interval, spans that
    would be missing without it, and what leaving it out adds to the F1 of the rules' answer.

    With `--reviewed`, what each model among the sources has earned is said below, as retraining decides it.
    All documents are held in memory.
    """
    from hybrid_ner.cli.retrain import RetrainRequest, reviewed_documents
    from hybrid_ner.pipeline import rule_pipeline
    from hybrid_ner.training.policy import with_sentence
    from hybrid_ner.training.predict import load_pipeline

    request = RetrainRequest(corpus=corpus, out=Path(), reviewed=tuple(reviewed or ()), **asked)
    inputs = Inputs(request.skip_bad, silent=as_json)
    with bars(quiet or as_json) as report:
        report("load", 0.0, "the sources")
        if model is not None:
            nlp = load_pipeline(model)
        else:
            terms = request.terms(inputs)
            inputs.tell()
            nlp = rule_pipeline(terms, request.domain, request.rules_settings, judged=False)
        known = reviewed_documents(request, inputs, set()) if reviewed else []
        worth = _read(nlp, known, [*inputs.corpus(corpus)], report)
    rows = [asdict(row) for row in worth.rows]
    trust = list(map(with_sentence, worth.trust))
    counts = {"documents": worth.documents, "reviewed": worth.reviewed}
    if not inputs.answered(as_json, {**counts, "sources": rows, "trust": trust}):
        print_all(_renderables(worth))


def _read(nlp: Any, known: Sequence[Document], corpus: Sequence[Document], report: Any) -> Worth:
    """Each text once, with what reviewers decided of it."""
    from hybrid_ner.pipeline import labeling_sources, voters_of
    from hybrid_ner.training.policy import Decided
    from hybrid_ner.training.predict import read_docs
    from hybrid_ner.training.trust import source_facts

    texts = {d.content_hash: d for d in (*corpus, *known)}
    decided = {d.content_hash: Decided(d.entities or (), complete=True) for d in known}

    def told() -> Iterator[tuple[Any, Decided]]:
        with nlp.select_pipes(enable=[part.name for part in labeling_sources(nlp)]):
            for number, (document, doc) in enumerate(read_docs(nlp, texts.values()), 1):
                report("read", number / len(texts), quantity(number, "document"))
                yield doc, decided.get(document.content_hash, Decided())

    return source_facts(told(), voters_of(nlp))


def _renderables(worth: Worth) -> Iterator[Any]:
    from hybrid_ner.cli.evaluate import score_table

    reviewed = f", {worth.reviewed:,} of them reviewed" if worth.reviewed else ""
    names = ("votes", "documents", "overlap", "conflict", "estimated", "reviewed", "alone", "F1 without")
    table = score_table(f"{quantity(worth.documents, 'document')}{reviewed}", ["source", *names])
    for row in worth.rows:
        silent = " (only shown)" if row.source in worth.voters.silent else ""
        table.add_row(f"  {row.label}" if row.label else f"{row.source}{silent}", *_cells(row))
    yield table
    yield from (each.sentence() for each in worth.trust)


def _cells(row: SourceFacts) -> Iterator[str]:
    yield f"{row.votes:,}"
    yield from (f"{share:.0%}" for share in (row.coverage, row.overlap, row.conflict))
    yield "" if row.estimated is None else f"≥ {row.estimated:.0%}"
    between = f" ({100 * row.low:.0f}–{100 * row.high:.0f})"
    yield f"{row.right / row.seen:.0%} of {row.seen:,}{between}" if row.seen else ""
    yield f"{row.alone:,}"
    yield "" if row.f1_without is None else f"{100 * row.f1_without:+.1f}"


# ``hybrid-ner words``: word vectors and classes, made from text and looked into.

words_app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Word vectors and classes from raw text."
)

_CLASS_WORDS = 8
"""Words of a class that are shown beside its number."""


@words_app.command()
def build(
    texts: Annotated[
        list[Path], typer.Argument(help="Raw text: JSONL, folder of .txt, CSV, …; several are read in order.")
    ],
    out: Annotated[Path, typer.Option(help="File to write, for example my.words.")],
    base: Annotated[
        str, typer.Option(help="Words to join with: medical, legal, a file of words build, or none.")
    ] = "none",
    name: Annotated[str, typer.Option(help="Name of the words; by default that of the file.")] = "",
    dimensions: Annotated[
        int, typer.Option(min=1, help="Numbers a word of the text; joined, it has those of --base.")
    ] = 100,
    vocabulary: Annotated[
        int, typer.Option(min=1, help="Most frequent words of the text to keep, beside those of --base.")
    ] = 100_000,
    skip_bad: SkipBad = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make word vectors and classes from raw text, for text that neither shipped file fits.

    Annotations in the text are not read. Give the file to `bootstrap --words`, `retrain --words` or
    `words show --words`.
    """
    from hybrid_ner.words import BuildSettings, build_words, join, resolve_words, write_words

    inputs = Inputs(skip_bad)
    start = resolve_words(base, ())
    settings = BuildSettings(dimensions=dimensions, vocabulary=vocabulary)
    with bars(quiet or as_json) as report, atomic_path(out) as written:
        written.touch()  # where that is impossible it is said before the work
        report("words", 0.0, "reading text and making vectors")
        read = (document.text for path in texts for document in inputs.corpus(path))
        words = build_words(read, settings, name or out.stem)
        if not len(words):
            raise InputError("the text holds no word twice.", hint="Give more text.")
        if start is not None:
            words = join(start, words)
        write_words(words, written)
        report("words", 1.0, quantity(len(words), "word"))
    about = {"name": words.name, "words": len(words), "texts": words.texts, "dimensions": words.dimensions}
    about |= {"classes": list(words.classes), "fingerprint": words.fingerprint}
    result = {**about, "out": str(out), "bytes": out.stat().st_size}
    if inputs.answered(as_json, result):
        return
    classes = ", ".join(map(str, words.classes)) or "none"
    said = (
        f"{quantity(len(words), 'word')} of {quantity(words.texts, 'text')}, {words.dimensions} numbers each"
    )
    typer.echo(f"{said}, classes {classes} → {out}")
    typer.echo(f"Look into it: hybrid-ner words show WORD --words {out}")


@words_app.command()
def show(
    word: Annotated[str, typer.Argument(help="A word.")],
    words: Annotated[
        str, typer.Option(help="medical, legal, or a file of words build; by default every shipped one.")
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="Neighbours to list.")] = 10,
    as_json: Json = False,
) -> None:
    """Show the nearest words and the classes of a word."""
    from hybrid_ner.words import SHIPPED, load_words

    found = [_entry(load_words(name), word, count) for name in ([words] if words else SHIPPED)]
    say(as_json, found, *(line for entry in found for line in _lines(entry)))


def _entry(words: WordVectors, word: str, count: int) -> dict[str, Any]:
    numbers = {size: int(column[0]) for size, column in words.classes_of([word]).items()}
    return {
        "words": words.name,
        "word": word,
        "known": word in words,
        "documents": words.documents_of(word),
        "texts": words.texts,
        "neighbours": [[near, round(cosine, 3)] for near, cosine in words.neighbours(word, count)],
        "classes": {
            size: {"class": number, "words": words.members(size, number)[:_CLASS_WORDS]}
            for size, number in numbers.items()
            if number >= 0
        },
    }


def _lines(entry: dict[str, Any]) -> Iterator[str]:
    seen = f"in {entry['documents']:,} of {quantity(entry['texts'], 'text')}"
    if not entry["known"]:
        seen = "not in the vocabulary, judged by its letters" if entry["neighbours"] else "unknown"
    yield f"{entry['words']}: {entry['word']}, {seen}"
    yield from (f"  {cosine:.2f}  {near}" for near, cosine in entry["neighbours"])
    for size, found in entry["classes"].items():
        yield f"  class {found['class']} of {size}: {', '.join(found['words'])}"
