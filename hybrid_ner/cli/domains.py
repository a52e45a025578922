"""``hybrid-ner new``, ``domains`` and ``rules``: a project file, what is installed, one's own rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from hybrid_ner.cli._options import Domain, Gazetteers, Json, print_json
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False)


@app.command()
def domains(as_json: Json = False) -> None:
    """List the domains, and the labeling sources, formats and commands that other packages bring."""
    from hybrid_ner.registry import COMMANDS, DOMAINS, FORMATS, LEARNERS, READERS, SOURCES

    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "title": domain.title,
            "labels": list(domain.labels),
            "terms": domain.terms is not None,
            "samples": domain.samples is not None,
            "switches": list(domain.switches),
        }
        for name, domain in DOMAINS.all()
    ]
    others = {each.plural: each.names() for each in (SOURCES, READERS, FORMATS, LEARNERS, COMMANDS)}
    if as_json:
        print_json({"domains": rows, **others})
        return
    for row in rows:
        has = [word for word in ("terms", "samples") if row[word]]
        typer.echo(f"{row['name']:<12} {row['title']}{' (' + ', '.join(has) + ')' if has else ''}")
        if row["labels"]:
            typer.echo(f"{'':<12} {', '.join(row['labels'])}")
    for kind, names in others.items():
        if names:
            typer.echo(f"{kind:<12} {', '.join(names)}")


# ``hybrid-ner rules``: rule files written without Python.

rules_app = typer.Typer(add_completion=False, no_args_is_help=True)


@rules_app.callback()
def rules() -> None:
    """Check files of your own rules; --rules FILE uses one.

    A rule file is YAML: `label: Dose` and `rules:` with a list of entries such as
    `- pattern: '[0-9]+ ?mg'` and `match: ["take [[5 mg]] daily"]`. Instead of pattern a rule may have heads,
    suffixes, terms or veto, each with a list of words; all may have label, name, match, no match and case;
    suffixes have except, heads have modifiers. A TSV file has these as columns, beside kind and value.
    """


@rules_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Rule files, YAML or TSV.")], as_json: Json = False
) -> None:
    """Run the rules on their own examples, and refuse patterns that could take very long."""
    from hybrid_ner.sources.rule_sets import check_rules

    found = [(path, *check_rules(path)) for path in files]
    wrong = sum(len(problems) for *_, problems in found)
    if as_json:
        keys = ("file", "name", "rules", "problems")
        print_json([dict(zip(keys, (str(p), n, len(r), w), strict=True)) for p, n, r, w in found])
    for path, name, made, problems in () if as_json else found:
        examples = sum(len(rule.match) + len(rule.no_match) for rule in made)
        labels = ", ".join(sorted({rule.label for rule in made}))
        about = f"{quantity(len(made), 'rule')}, {quantity(examples, 'example')}, labels {labels}"
        typer.echo(f"{path}: {name}: {about}: {quantity(len(problems), 'problem')}")
        for problem in problems:
            typer.echo(f"  {problem}")
    if wrong:
        raise typer.Exit(2)


# ``hybrid-ner new``: a project file for a folder of work.

new_app = typer.Typer(add_completion=False)


@new_app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder of the work; made if it is new.")] = Path("."),
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    labels: Annotated[str, typer.Option(help="Labels in key order, with commas between.")] = "",
    rules: Annotated[list[Path] | None, typer.Option(help="File of rules; may be repeated.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="The text to work on.")] = None,
    model: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("model"),
) -> None:
    """Write hybrid-ner.toml: lists, labels and settings that every command and the page then start from."""
    from hybrid_ner.cli._inputs import names
    from hybrid_ner.errors import InputError
    from hybrid_ner.project_file import NAME, project_text, read_project_file
    from hybrid_ner.registry import DOMAINS
    from hybrid_ner.terms.shipped import find_pack
    from hybrid_ner.text import atomic_path

    DOMAINS.get(domain)
    file = folder / NAME
    if file.exists():
        raise InputError("there is a project file already.", path=file, hint="Edit it, or remove it first.")
    lists = [str(path) if find_pack(str(path)) else _from(folder, path) for path in gazetteer or ()]
    values = {
        "domain": domain,
        "labels": list(names(labels)),
        "lists": lists,
        "rules": [_from(folder, path) for path in rules or ()],
        "corpus": _from(folder, corpus) if corpus else "",
        "model": _from(folder, model) if model.is_absolute() else str(model),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(file) as temporary:
        temporary.write_text(project_text(values), encoding="utf-8")
    read_project_file(file)
    typer.echo(f"Wrote     {file}")
    missing = [name for name in ("lists", "corpus") if not values[name]]
    if missing and domain == "generic":
        typer.echo(f"Next      say there what is missing: {', '.join(missing)}")
    else:
        typer.echo("Next      hybrid-ner bootstrap, in that folder")


def _from(folder: Path, path: Path) -> str:
    """A path as the file in ``folder`` will name it."""
    return os.path.relpath(path, folder)
