"""``hybrid-ner package``: a model as a wheel that others install."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._options import Json
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False)


@app.command()
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
    as_json: Json = False,
) -> None:
    """Make an installable wheel of a model, with a card of its scores, term lists and review.

    It holds no text of documents. The receiver says pip install FILE and spacy.load("en_NAME").
    """
    import json

    from hybrid_ner.cli._inputs import named
    from hybrid_ner.cli._options import print_json
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.project_file import current
    from hybrid_ner.training.package import About, package_model

    about = About(
        name=name or _name_of(model),
        version=version,
        description=description,
        author=author,
        license=license,
        reviewed=reviewed,
        lists=dict(named(each, "--list-info") for each in list_info or ()),
        known_lists={
            each.file.name: f"{each.version}, {each.license}"
            for each in current().lists
            if each.version or each.license
        },
    )
    made = package_model(
        model,
        out,
        about,
        plain=plain,
        compare_on=(document.text for document in read_corpus(compare)) if compare else (),
        scores=json.loads(scores.read_text(encoding="utf-8")) if scores else None,
    )
    if as_json:
        print_json({"wheel": str(made.wheel), "package": made.package, **made.facts})
        return
    typer.echo(f"Wheel     {made.wheel}  ({made.wheel.stat().st_size / 1e6:.1f} MB)")
    typer.echo(f"Needs     {', '.join(made.requirements)}")
    terms = sum(each["terms"] for each in made.facts["lists"])
    typer.echo(f"Terms     {terms:,} from {quantity(len(made.facts['lists']), 'list')}")
    for each in made.facts["models"]:
        typer.echo(f"Asks      {each}, which does not travel with it")
    for line in made.facts.get("lost", ()):
        typer.echo(f"Lost      {line}")
    typer.echo(f'Next      pip install {made.wheel}, then spacy.load("{made.package}")')


def _name_of(model: Path) -> str:
    """A name for ``pip`` from that of the folder."""
    import re

    place = model.resolve()
    place = place.parent if place.name == "model" and (place.parent / "overlay.json").is_file() else place
    return re.sub(r"[^a-z0-9]+", "_", place.name.lower()).strip("_").lstrip("0123456789_") or "model"
