"""``hybrid-ner sources``: what each labeling source covers, and how often it is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli._inputs import Columns, TextColumn
from hybrid_ner.cli._options import (
    Disable,
    Domain,
    FuzzyModes,
    FuzzyThreshold,
    Gazetteers,
    Json,
    Label,
    Quiet,
    Rules,
    Shipped,
    SkipBad,
    Source,
    Switch,
    Variants,
)
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Document
    from hybrid_ner.training.trust import SourceFacts, Worth

app = typer.Typer(add_completion=False)


@app.command()
def sources(
    corpus: Annotated[Path, typer.Option(help="Text in any format; its annotations are not read.")],
    reviewed: Annotated[
        list[Path] | None,
        typer.Option(help="Completely reviewed documents in any corpus format; may be repeated."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Look at the sources of this pipeline instead of the options' ones.")
    ] = None,
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    label: Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    switch: Switch = None,
    disable: Disable = None,
    source: Source = None,
    rules: Rules = None,
    fuzzy: FuzzyModes = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    variants: Variants = True,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show what each labeling source covers, with whom it agrees, and how often it is right.

    By source and label: votes, share of documents with one, share that another source casts as well
    (overlap) or contradicts (conflict), precision as the agreement of independent sources tells (at least;
    models and the rules as one), precision by the reviewed documents with its 95 % interval, spans that
    would be missing without it, and what leaving it out adds to the F1 of the rules' answer.

    With `--reviewed`, what each model among the sources has earned is said below, as retraining decides it.
    All documents are held in memory.
    """
    from hybrid_ner.cli._inputs import Inputs, print_all
    from hybrid_ner.cli._options import bars, own_sources, print_json
    from hybrid_ner.cli._retrain import RetrainRequest, reviewed_documents
    from hybrid_ner.domains.registry import DomainSettings
    from hybrid_ner.matching.match import Fuzzy
    from hybrid_ner.pipeline.build import rule_pipeline
    from hybrid_ner.sources.rule_sets import read_rules
    from hybrid_ner.training.predict import load_pipeline

    inputs = Inputs(skip_bad)
    with bars(quiet or as_json) as report:
        report("load", 0.0, "the sources")
        if model is not None:
            nlp = load_pipeline(model)
        else:
            own = (*own_sources(source), *(each for path in rules or () for each in read_rules(path)))
            terms = inputs.terms(domain, gazetteer or (), label, shipped, bool(own))
            near = Fuzzy.parse(fuzzy or (), fuzzy_threshold)
            settings = DomainSettings(
                tuple(disable or ()), tuple(switch or ()), sources=own, fuzzy=near, variants=variants
            )
            nlp = rule_pipeline(terms, domain, settings, judged=False)
        known: list[Document] = []
        if reviewed:
            asked = RetrainRequest(domain=domain, corpus=corpus, out=Path(), reviewed=tuple(reviewed))
            known = reviewed_documents(asked, inputs, set())
        worth = _read(nlp, known, [*inputs.corpus(corpus)], report)
    if as_json:
        rows = [row.as_dict() for row in worth.rows]
        trust = [_plain(each) for each in worth.trust]
        counts = {"documents": worth.documents, "reviewed": worth.reviewed}
        print_json({**counts, "sources": rows, "trust": trust, "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    print_all(_renderables(worth))


def _read(nlp: Any, known: Sequence[Document], corpus: Sequence[Document], report: Any) -> Worth:
    """Each text once, with what reviewers decided of it."""
    from hybrid_ner.pipeline.labeling import labeling_sources, voters_of
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


def _plain(trust: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(trust), "sentence": trust.sentence()}


def _renderables(worth: Worth) -> Iterator[Any]:
    from rich import box
    from rich.table import Table

    reviewed = f", {worth.reviewed:,} of them reviewed" if worth.reviewed else ""
    table = Table(
        title=f"{quantity(worth.documents, 'document')}{reviewed}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    names = ("votes", "documents", "overlap", "conflict", "estimated", "reviewed", "alone", "F1 without")
    table.add_column("source", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
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
