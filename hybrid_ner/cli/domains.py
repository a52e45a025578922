"""``hybrid-ner domains``: what is installed, by name."""

from __future__ import annotations

from typing import Any

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.cli._options import Json

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
