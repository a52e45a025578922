"""``hybrid-ner rules``: rule files written without Python."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.cli._options import Json
from hybrid_ner.text import quantity

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def rules() -> None:
    """Check files of your own rules; --rules FILE uses one.

    A rule file is YAML: `label: Dose` and `rules:` with a list of entries such as
    `- pattern: '[0-9]+ ?mg'` and `match: ["take [[5 mg]] daily"]`. Instead of pattern a rule may have heads,
    suffixes, terms or veto, each with a list of words; all may have label, name, match, no match and case;
    suffixes have except, heads have modifiers. A TSV file has these as columns, beside kind and value.
    """


@app.command()
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
