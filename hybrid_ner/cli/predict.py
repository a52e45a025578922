"""``hybrid-ner predict``, ``predict-files`` and ``package``: a model on documents, on folders, elsewhere."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Inputs, named, open_output, parse_shard
from hybrid_ner.io import Problem
from hybrid_ner.project_file import current
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.corpus import Document
    from hybrid_ner.matching.match import Fuzzy


def predict(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[Path, typer.Option(help="Corpus: any format, or - for standard input.")],
    output: Annotated[
        Path,
        typer.Option(help="File to write; its ending names the format (.jsonl, …); - for standard output."),
    ],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    fuzzy: Annotated[
        list[str] | None,
        typer.Option(
            help="Near matches of terms: off, label, or LABEL=MODE; by default as the model was made."
        ),
    ] = None,
    fuzzy_threshold: opt.FuzzyThreshold = 0.0,
    ids: opt.Ids = "",
    text_column: opt.TextColumn = "",
    skip_bad: opt.SkipBad = False,
    shard: opt.Shard = "0/1",
    quiet: opt.Quiet = False,
    as_json: opt.Json = False,
) -> None:
    """Find entities in documents with one of a pipeline's three systems."""
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.pipeline import set_fuzzy, set_ids, take_misaligned, take_reports
    from hybrid_ner.training.predict import load_pipeline, parse_system
    from hybrid_ner.training.predict import predict as predicted

    chosen, part, inputs = parse_system(system), parse_shard(shard), Inputs(skip_bad)
    near = _near(fuzzy, fuzzy_threshold, inputs)
    corpus = inputs.corpus(input).shard(*part)
    with opt.bars(quiet or as_json) as report:
        report("load", 0.0, str(model))
        nlp = load_pipeline(model)
        if near is not None:
            for said in near.unused(set_fuzzy(nlp, near)):
                inputs.log(Problem("label", said, warning=True))
        if ids:
            set_ids(nlp, ids)
        entities = learned = 0

        def counted() -> Iterator[Document]:
            nonlocal entities, learned
            for number, document in enumerate(predicted(nlp, corpus, chosen), 1):
                entities += len(document.entities or ())
                learned += document.was_learned
                found = quantity(entities, "entity", "entities")
                report("predict", 0.0, f"{quantity(number, 'document')}, {found}")
                yield document

        documents = write_corpus(open_output(output, as_json), counted(), report=inputs.told)
    did = {name: report.as_dict() for name, report in take_reports(nlp).items()}
    unfit = take_misaligned(nlp).as_dict()
    counts = {"system": system, "documents": documents, "entities": entities, "output": str(output)}
    counts["learned_from"] = learned
    if inputs.answered(as_json, {**counts, "models": did, **unfit}):
        return
    for line in _said(counts, did, unfit):
        typer.echo(line, err=str(output) == "-")


def _near(fuzzy: list[str] | None, threshold: float, inputs: Inputs) -> Fuzzy | None:
    """Which near matches are asked for; ``None``: those that the model was made with."""
    from hybrid_ner.matching.match import Fuzzy

    near = Fuzzy.parse(fuzzy, threshold) if fuzzy else None
    if near is not None and "suggest" in (near.mode, *dict(near.labels).values()):
        said = "near matches that are suggested are no entities: review shows them, --fuzzy label writes them"
        inputs.log(Problem("label", f"{said}.", warning=True))
    return near


def _said(counts: dict[str, Any], did: dict[str, dict[str, Any]], unfit: dict[str, Any]) -> Iterator[str]:
    """What a prediction came to, for people."""
    entities, documents, learned = counts["entities"], counts["documents"], counts["learned_from"]
    found = f"{quantity(entities, 'entity', 'entities')} in {quantity(documents, 'document')}"
    yield f"{found} ({counts['system']}) → {counts['output']}"
    yield from opt.unfit_lines(unfit, "--json lists them")
    yield from opt.model_lines(did, "the span groups of each document (hybrid-ner label lists them)")
    if learned:
        yield f"The model has learned from {learned:,} of these: a score on them says nothing of other text."


# ``hybrid-ner predict-files``: entities of more documents than one process should read.


def predict_files(
    model: Annotated[Path, typer.Option(help="Folder of a bootstrapped or trained pipeline.")],
    input: Annotated[
        str, typer.Option(help="Folder of files in any format, Word and PDF too; or an address (s3://…).")
    ],
    output: Annotated[
        str, typer.Option(help="Folder or address for the results, one file for each input file.")
    ],
    system: Annotated[str, typer.Option(help="rule, model or hybrid.")] = "hybrid",
    text: Annotated[
        str, typer.Option("--text-column", "--text", help="Column of the text in Parquet, tables and JSON.")
    ] = "text",
    column: Annotated[str, typer.Option(help="Column of the entities in Parquet files.")] = "entities",
    shard: Annotated[
        str, typer.Option(help="Only every Nth file from I on, as I/N, counted from 0: one process each.")
    ] = "0/1",
    quiet: opt.Quiet = False,
    as_json: opt.Json = False,
) -> None:
    """Find entities in every file of a folder; a file that is finished is not done again.

    Parquet files keep their columns and get one more, a list of start, end, label, concept_id, source and
    model_score. Start the same command once for each shard; after an interruption start it again. Addresses
    of object stores are opened by fsspec, with the package that it asks for (s3fs, gcsfs, adlfs, …).
    """
    from hybrid_ner.pipeline import take_misaligned
    from hybrid_ner.scale import BatchLabeler, is_address, label_files, label_store
    from hybrid_ner.sources import Unfit

    labeler = BatchLabeler(model, system=system, text=text, column=column)
    part = parse_shard(shard)
    with opt.bars(quiet or as_json) as report:
        if is_address(input) or is_address(output):
            done = list(label_store(input, output, labeler, shard=part, report=report))
        else:
            done = list(label_files(Path(input), Path(output), labeler, shard=part, report=report))
    documents, entities = sum(each.documents for each in done), sum(each.entities for each in done)
    finished = sum(each.reused for each in done)
    unfit = (Unfit() if finished == len(done) else take_misaligned(labeler.pipeline)).as_dict()
    said = f"{quantity(entities, 'entity', 'entities')} in {quantity(documents, 'document')}"
    said += f" of {quantity(len(done), 'file')} ({system}) → {output}"
    said += f"; finished before: {finished:,}" if finished else ""
    counted = ("documents", "entities", "reused")
    rows = [
        {"input": str(each.source), "output": str(each.output), **{n: getattr(each, n) for n in counted}}
        for each in done
    ]
    row = {"system": system, "files": rows, **unfit}
    opt.say(as_json, row, said, *opt.unfit_lines(unfit, "--json lists them"))


# ``hybrid-ner package``: a model as a wheel that others install.


def package(
    model: Annotated[Path, typer.Argument(help="Folder of a pipeline, or of a project's model (models/r2).")],
    out: Annotated[Path, typer.Option(help="Folder for the wheel.")] = Path("dist"),
    name: Annotated[str, typer.Option(help="Name without the language: drugs becomes en_drugs.")] = "",
    version: Annotated[str, typer.Option(help="Version of the package.")] = "0.1.0",
    description: Annotated[str, typer.Option(help="One sentence for the model card.")] = "",
    author: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    license: Annotated[str, typer.Option(help="Licence of the whole.")] = "",
    reviewed: Annotated[str, typer.Option(help="How it was reviewed, for the model card.")] = "",
    list_info: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE=ORIGIN, LICENCE", help="Version and licence of a list; may be repeated."),
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="What `evaluate --json` printed, instead of the model's own scores.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="A pipeline that opens with spaCy alone; what is lost is said.")
    ] = False,
    compare: Annotated[
        Path | None, typer.Option(help="Documents on which --plain is compared with the full pipeline.")
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Make an installable wheel of a model, with a card of its scores, term lists and review.

    It holds no text of documents. The receiver says pip install FILE and spacy.load("en_NAME").
    """
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.training.package import About, package_model

    told = (each for each in current().lists if each.version or each.license)
    known = {each.file.name: f"{each.version}, {each.license}" for each in told}
    lists = dict(named(each, "--list-info") for each in list_info or ())
    said = description, author, license, reviewed
    about = About(name or _name_of(model), version, *said, lists, known)
    texts = (document.text for document in read_corpus(compare)) if compare else ()
    own = json.loads(scores.read_text(encoding="utf-8")) if scores else None
    made = package_model(model, out, about, plain=plain, compare_on=texts, scores=own)
    terms = sum(each["terms"] for each in made.facts["lists"])
    opt.say(
        as_json,
        {"wheel": str(made.wheel), "package": made.package, **made.facts},
        f"Wheel     {made.wheel}  ({made.wheel.stat().st_size / 1e6:.1f} MB)",
        f"Needs     {', '.join(made.requirements)}",
        f"Terms     {terms:,} from {quantity(len(made.facts['lists']), 'list')}",
        *(f"Asks      {each}, which does not travel with it" for each in made.facts["models"]),
        *(f"Lost      {line}" for line in made.facts.get("lost", ())),
        f'Next      pip install {shlex.quote(str(made.wheel))}, then spacy.load("{made.package}")',
    )


def _name_of(model: Path) -> str:
    """A name for ``pip`` from that of the folder."""
    place = model.resolve()
    place = place.parent if place.name == "model" and (place.parent / "overlay.json").is_file() else place
    return re.sub(r"[^a-z0-9]+", "_", place.name.lower()).strip("_").lstrip("0123456789_") or "model"
