"""``hybrid-ner gazetteer``: import, build, inspect and search term lists."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli import _gazetteer as show
from hybrid_ner.cli._gazetteer import Files, Input, load, print_reports, which_input, which_subtrees
from hybrid_ner.cli._inputs import list_problems, start_log
from hybrid_ner.cli._options import Asked, FuzzyModes, FuzzyThreshold, Json, Variants, asks, say
from hybrid_ner.text import quantity

app = typer.Typer(
    help="Import, build, inspect and search term lists.", no_args_is_help=True, add_completion=False
)

VARIANT_RULES = "inverted,plural,singular,british,american,greek,possessive,hyphen,roman,of-the"
LINT_KINDS = "markup, too-short, too-common, number, gene-symbol, species, protein, ambiguous, duplicate"

Output = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Gazetteer to write: .tsv or .tsv.gz; or .csv, .ttl (SKOS), .jsonl (spaCy patterns).",
    ),
]


@app.command()
def formats(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only this format.")] = "",
    as_json: Json = False,
) -> None:
    """List the formats that can be read: their options, labels, and the files of a release they take."""
    from hybrid_ner.terms.readers import get_reader, reader_names

    show.formats([get_reader(one) for one in ([name] if name else reader_names())], as_json)


@app.command()
def packs(
    domain: Annotated[
        str, typer.Argument(help="A domain that brings terms; all of them if none is given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the packs that domains bring; each can be named wherever a term file is asked for."""
    from hybrid_ner.terms.shipped import pack_domains, shipped_packs

    rows = [
        {"name": f"{each}/{p.name}", "default": p.default, "note": p.note}
        for each in ((domain,) if domain else pack_domains())
        for p in shipped_packs(each)
    ]
    lines = (f"{r['name']:<36} {'' if r['default'] else 'on request: '}{r['note']}" for r in rows)
    say(as_json, rows, *lines)


@app.command("import")
@asks(which_input)
def import_(
    *,
    file: Annotated[str, typer.Argument(help="Term file, archive or release folder.")],
    out: Output,
    asked: Asked,
    as_json: Json = False,
) -> None:
    """Convert one file to the gazetteer format, row by row, whatever its size."""
    from hybrid_ner.terms.write import is_gazetteer, write_reading

    given: Input = asked["given"]
    reading = given.open(file)
    with show.counted("terms") as count:
        reading.watch = count
        if is_gazetteer(show.checked_output(out)):
            written = write_reading(reading, out)
        else:
            written = show.export(reading.gazetteer(), out)
    row = {"out": str(out), "terms": written, "reports": [reading.report.as_dict()]}
    print_reports(() if as_json else given.reports)
    say(as_json, row, f"{quantity(written, 'term')} → {out}")


@app.command()
@asks(which_input, which_subtrees)
def build(
    *,
    files: Files,
    out: Output,
    asked: Asked,
    variants: Annotated[
        str, typer.Option(metavar="RULES", help=f"Add variants: all, or some of {VARIANT_RULES}.")
    ] = "",
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Leave out the terms of this file; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Merge files into one gazetteer without repeats: earlier files win."""
    from hybrid_ner.terms.variants import RULES, expand
    from hybrid_ner.terms.write import is_gazetteer, write_gazetteer

    given: Input = asked["given"]
    show.checked_output(out)
    gazetteer = load(files, **asked)
    before = len(gazetteer)
    if without:
        others = load(without, Input(label=given.label or "any", skip_bad=given.skip_bad))
        texts = {term.text.casefold() for term in others}
        gazetteer = gazetteer.filter(lambda term: term.text.casefold() not in texts)
    dropped = before - len(gazetteer)
    made: dict[str, int] = {}
    if variants:
        expansion = expand(gazetteer, RULES if variants == "all" else variants.split(","))
        gazetteer, made = expansion.gazetteer, dict(expansion.made)
    if is_gazetteer(out):
        write_gazetteer(gazetteer, out)
    else:
        show.export(gazetteer, out)
    row = {"out": str(out), "terms": len(gazetteer), "left_out": dropped, "variants": made}
    row |= {"fingerprint": gazetteer.fingerprint, "reports": [r.as_dict() for r in given.reports]}
    print_reports(() if as_json else given.reports)
    lines = [f"{quantity(dropped, 'term')} left out"] if without else []
    lines += [f"{quantity(count, 'variant')} by {rule}" for rule, count in made.items()]
    said = f"{quantity(len(gazetteer), 'term')}, labels {', '.join(gazetteer.labels)} → {out}"
    say(as_json, row, *lines, said)


@app.command()
@asks(which_input, which_subtrees)
def stats(
    *,
    files: Files,
    asked: Asked,
    tree: Annotated[
        str, typer.Option(metavar="CONCEPT", help="Count the subtrees below this concept instead.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Count terms, concepts, labels, sources, statuses and modes."""
    gazetteer = load(files, **asked)
    if tree:
        show.tree(gazetteer, tree, as_json)
    else:
        show.stats(gazetteer, asked["given"].reports, as_json)


@app.command()
@asks(which_input)
def diff(
    *,
    old: Annotated[str, typer.Argument(help="Term file, shipped domain or pack.")],
    new: Annotated[str, typer.Argument(help="Term file, shipped domain or pack.")],
    asked: Asked,
    limit: Annotated[int, typer.Option(help="Rows shown of each kind; 0 for all.")] = 20,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there is a difference.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what the second gazetteer adds, removes and changes."""
    found = load([old], **asked).diff(load([new], **asked))
    show.diff(found, limit, as_json)
    if exit_code and (found.added or found.removed or found.changed):
        raise typer.Exit(1)


@app.command()
@asks(which_input, which_subtrees)
def match(
    *,
    files: Files,
    text: Annotated[str, typer.Option("--text", "-t", help="Text to look at.")] = "",
    input: Annotated[
        str,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            help="File or folder to look at, in any format of documents; - for text on standard input.",
        ),
    ] = "",
    asked: Asked,
    every_label: Annotated[
        bool, typer.Option("--every-label", help="Every label of an ambiguous string.")
    ] = False,
    fuzzy: FuzzyModes = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    variants: Variants = True,
    limit: Annotated[int, typer.Option(help="Matches shown; 0 for all.")] = 200,
    as_json: Json = False,
) -> None:
    """Show what a list would hit in a text, and why.

    Other forms of the terms are found as a pipeline finds them. With --fuzzy label near matches are among
    the matches, with --fuzzy suggest they are marked "near".
    """
    from hybrid_ner.matching.match import Fuzzy
    from hybrid_ner.sources.gazetteer import GazetteerSource

    log, report = start_log(asked["given"].skip_bad)
    documents = show.documents(text, input, report)
    list_problems(log)
    near = Fuzzy.parse(fuzzy or (), fuzzy_threshold)
    source = GazetteerSource(terms := load(files, **asked), fuzzy=near, variants=variants)
    for said in near.unused(terms.labels) if near.labels else ():
        typer.echo(said, err=True)
    told = (each for each in asked["given"].reports if each.skipped or each.bad or each.notes)
    print_reports(() if as_json else told)
    show.matches(documents, every_label, source, limit, as_json)


@app.command()
@asks(which_input, which_subtrees)
def search(
    *,
    file: Annotated[str, typer.Argument(help="Term file, shipped domain or pack.")],
    query: Annotated[str, typer.Argument(help="What to look for.")],
    how: Annotated[str, typer.Option(help="substring, prefix, exact, concept or fuzzy.")] = "substring",
    limit: Annotated[int, typer.Option(help="Terms shown.")] = 20,
    offset: Annotated[int, typer.Option(help="Terms to pass over first.")] = 0,
    only: Annotated[str, typer.Option(metavar="LABEL", help="Only terms with this label.")] = "",
    asked: Asked,
    as_json: Json = False,
) -> None:
    """Find terms."""
    narrow = how != "fuzzy" and not asked["under"] and not asked["not_under"]
    gazetteer = show.holding(file, query, asked["given"]) if narrow else load([file], **asked)
    show.found(gazetteer, query, how, limit, offset, only, as_json)


Model = Annotated[
    str, typer.Option("--source", help="Language model: llm:ADDRESS, or a YAML file of settings with one.")
]
Wanted = Annotated[str, typer.Option("--label", "-l", help="Label to write for.")]


@app.command()
def draft(
    label: Wanted,
    source: Model,
    files: Annotated[list[str] | None, typer.Argument(help="Term lists at hand.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Draft to write.")] = Path("terms.draft.tsv"),
    count: Annotated[int, typer.Option(min=1, help="Terms wanted.")] = 50,
    as_json: Json = False,
) -> None:
    """Let a language model propose more terms like those of a list, for people to judge.

    The draft is no term list and is refused as one. As a source it only suggests: --source draft:FILE in
    `hybrid-ner review init` shows reviewers the terms where they stand in documents.
    """
    from dataclasses import asdict

    from hybrid_ner.sources.models.drafts import draft_terms, drafting_model, write_draft
    from hybrid_ner.terms import Gazetteer

    gazetteer, model = load(files, Input()) if files else Gazetteer(), drafting_model(source)
    found = draft_terms(model, gazetteer, label, count, lambda line: typer.echo(line, err=True))
    write_draft(out, found.terms)
    problems = [*found.problems, *([f"ended early: {found.failed}"] if found.failed else [])]
    for line in [] if as_json else problems:
        typer.echo(line, err=True)
    say(
        as_json,
        {"out": str(out), **asdict(found)},
        f"{quantity(len(found.terms), 'proposal')} for {label} by {model.title} → {out}",
        *([f"The list has {quantity(found.known, 'proposal')} already."] if found.known else []),
        f"Next: hybrid-ner review init STORE --source draft:{shlex.quote(str(out))} …",
    )


@app.command()
def guide(
    label: Wanted,
    source: Model,
    files: Annotated[list[str] | None, typer.Argument(help="Term lists at hand.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Documents, of which the first few are shown.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Markdown file to write.")] = Path(
        "guide.draft.md"
    ),
) -> None:
    """Let a language model draft annotation guidelines for a label, for people to correct."""
    from itertools import islice

    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.io import write_text
    from hybrid_ner.sources.models.drafts import SAMPLES, draft_guidelines, drafting_model
    from hybrid_ner.terms import Gazetteer

    texts = [d.text for d in islice(read_corpus(corpus), SAMPLES)] if corpus else []
    gazetteer = load(files, Input()) if files else Gazetteer()
    said = draft_guidelines(drafting_model(source), gazetteer, label, texts)
    with write_text(out) as handle:
        handle.write(said)
    typer.echo(f"a draft of guidelines for {label} → {out}")
    typer.echo(
        f"Next, read it, then propose it: hybrid-ner review codebook STORE --from {shlex.quote(str(out))}"
    )


@app.command()
@asks(which_input)
def lint(
    *,
    files: Files,
    asked: Asked,
    common: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Everyday words, one a line, instead of the shipped list."),
    ] = None,
    genes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Gene symbols, one a line, instead of the shipped list."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help=f"Only findings of this kind: {LINT_KINDS}; may be repeated."),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="No findings of this kind; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Findings shown of each kind; 0 for all.")] = 10,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there are findings.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find terms that are too short, too common, ambiguous, repeated, damaged, or gene symbols."""
    given: Input = asked["given"]
    kinds = {"only": only or (), "skip": skip or ()}
    found = show.linted(files, given, common=common, genes=genes, **kinds, limit=limit)
    show.findings(found, limit, given.reports, as_json)
    if exit_code and found.counts:
        raise typer.Exit(1)
