"""``hybrid-ner transfer``: the shipped default on annotated sets, with what its rules have read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli._inputs import TextColumn
from hybrid_ner.cli._options import Ids, Json, Quiet, SkipBad

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hybrid_ner.corpus import Document
    from hybrid_ner.evaluation.transfer import Transfer

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command()
def transfer(
    sets: Annotated[
        list[str],
        typer.Argument(metavar="SET...", help="Annotated documents in any format, as FILE or NAME=FILE."),
    ],
    domain: Annotated[str, typer.Option(help="Domain whose shipped rules are scored.")] = "medical",
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", help="Count a gold label as one of the domain: Sign_symptom=Disease."),
    ] = None,
    ids: Ids = "",
    text_column: TextColumn = "",
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Score the rules that a domain ships on annotated sets, each tuned on or never read.

    Each set is marked by its documents: "tuned on" where rules were written with their text in sight, "scores
    seen" where only scores were looked at, "never read" for all others; a set of both is scored in parts.
    """
    from hybrid_ner.cli._console import bars, print_json
    from hybrid_ner.cli._inputs import Inputs, print_all
    from hybrid_ner.cli.evaluate import named, systems_given
    from hybrid_ner.evaluation.transfer import transfer as scored

    inputs = Inputs(skip_bad)
    mapping = dict(named(each, "--map") for each in rename or [])
    files = systems_given(sets)

    def read() -> Iterator[tuple[str, list[Document]]]:
        for name, path in files.items():
            yield name, list(inputs.corpus(path))

    with bars(quiet or as_json) as report:
        found = scored(read(), domain, mapping, ids=ids, report=lambda line: report("transfer", 0.0, line))
    if as_json:
        print_json({**found.as_dict(), "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    print_all(_table(found))


def _table(found: Transfer) -> list[RenderableType]:
    from rich.text import Text

    from hybrid_ner.cli._scores import add_row, score_table, three

    table = score_table(
        f"Shipped rules of {found.domain}: strict, F1 × 100",
        ["set", "rules were", "documents", "gold", "P", "R", "F1", "95 %", "ids %"],
    )
    notes: list[RenderableType] = []
    for row in found.rows:
        if row.scores is None:
            add_row(table, [row.name, row.mark, *["-"] * 7])
            continue
        scores = row.scores
        low, high = 100 * scores.micro_interval.low, 100 * scores.micro_interval.high
        ids = f"{100 * scores.ids.accuracy:.1f}" if scores.ids else "-"
        cells = [row.name, row.mark, str(scores.documents), str(scores.micro.gold), *three(scores.micro)]
        add_row(table, [*cells, f"{low:.1f}–{high:.1f}", ids])
    for row in found.rows:
        if row.unasked:
            labels = ", ".join(f"{label} {count}" for label, count in sorted(row.unasked.items()))
            notes.append(Text(f"{row.name} ({row.mark}): labels the domain does not have: {labels}"))
    return [table, *notes]
