"""Score tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from hybrid_ner.evaluation.compare import Comparison, ThreeWay
    from hybrid_ner.evaluation.counts import Interval, Score
    from hybrid_ner.evaluation.scores import Scores

_FEW = 30


def keep_scores(model: Path, scored: ThreeWay, gold: Path) -> None:
    """Leave the scores in the model, with the gold they were made on, for its card."""
    from hybrid_ner.training.label import fingerprint
    from hybrid_ner.training.package import keep_facts

    rows = [[d.content_hash, [[e.start, e.end, e.label] for e in d.entities or ()]] for d in scored.gold]
    about = {"name": gold.name, "documents": len(rows), "fingerprint": fingerprint(rows)}
    keep_facts(model, scores=scored.comparison.as_dict(), gold=about)


def comparison_renderables(comparison: Comparison, title: str = "All documents") -> list[RenderableType]:
    """Tables and notes for a comparison, its groups after the whole."""
    systems = comparison.systems

    only = next(iter(systems.values())) if len(systems) == 1 else None
    found: list[RenderableType] = [
        _overview(systems, title),
        _one_by_label(only) if only else _many_by_label(systems),
        *([_ids(systems)] if any(scores.ids for scores in systems.values()) else []),
        *map(Text, _notes(comparison)),
    ]
    for name, group in comparison.groups.items():
        found.extend(comparison_renderables(group, name))
    if comparison.empty_groups:
        found.append(Text(f"not scored, no gold entity: {', '.join(comparison.empty_groups)}"))
    return found


def _overview(systems: Mapping[str, Scores], title: str) -> Table:
    first = next(iter(systems.values()))
    columns = ["system", "gold", "P", "R", "F1", "95 %", "part.", "type"]
    if first.seen and first.unseen:
        columns += [f"seen {first.seen.gold}", f"unseen {first.unseen.gold}"]
    table = score_table(f"{title}: {quantity(first.documents, 'document')}, micro average, F1 × 100", columns)
    for name, scores in systems.items():
        cells = [name, str(scores.micro.gold), *three(scores.micro), _interval(scores.micro_interval)]
        cells += [_percent(scores.partial.f1), _percent(scores.type_only.f1)]
        cells += [_percent(part.f1) for part in (scores.seen, scores.unseen) if part]
        add_row(table, cells)
    return table


def _ids(systems: Mapping[str, Scores]) -> Table:
    """Ids of the right spans, then spans and ids together."""
    with_equivalents = any(s.ids and s.ids.equivalent is not None for s in systems.values())
    columns = [
        "system",
        "right spans",
        "right id %",
        *(["equivalent %"] if with_equivalents else []),
        "no id %",
    ]
    table = score_table("Concept ids; P, R and F1 of spans with their ids", [*columns, "P", "R", "F1"])
    for name, scores in systems.items():
        if (ids := scores.ids) is None:
            continue
        shares = [ids.right, *([ids.equivalent] if ids.equivalent is not None else []), ids.without]
        cells = (_percent(each / ids.spans if ids.spans else 0.0) for each in shares)
        add_row(table, [name, str(ids.spans), *cells, *three(ids.together)])
    return table


def _one_by_label(scores: Scores) -> Table:
    table = score_table("By label, strict", ["label", "gold", "P", "R", "F1", "95 %", "tp", "fp", "fn"])
    for label, score in scores.labels.items():
        counts = map(str, (score.tp, score.fp, score.fn))
        interval = _interval(scores.intervals[label])
        add_row(table, [label, str(score.gold), *three(score), interval, *counts])
    return table


def _many_by_label(systems: Mapping[str, Scores]) -> Table:
    table = score_table("F1 by label, strict, with 95 % interval", ["label", "gold", *systems])
    for label, score in next(iter(systems.values())).labels.items():
        cells = (
            f"{_percent(s.labels[label].f1)} ({_interval(s.intervals[label])})" for s in systems.values()
        )
        add_row(table, [label, str(score.gold), *cells])
    return table


def score_table(title: str, columns: Sequence[str]) -> Table:
    """A table whose first column is a name and whose others are numbers."""
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column(Text(columns[0]), overflow="fold", min_width=6)
    for name in columns[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    return table


def add_row(table: Table, cells: Iterable[str]) -> None:
    """A row whose square brackets are text, not markup."""
    table.add_row(*map(Text, cells))


def _notes(comparison: Comparison) -> Iterator[str]:
    for name, scores in comparison.systems.items():
        if scores.mapped:
            yield f"{name}: mapped: " + ", ".join(f"{a} → {b}" for a, b in sorted(scores.mapped.items()))
        if scores.out_of_scheme:
            total = sum(scores.out_of_scheme.values())
            listed = ", ".join(f"{label} {n}" for label, n in scores.out_of_scheme.items())
            yield f"{name}: {quantity(total, 'prediction')} outside the scored labels, not scored: {listed}"
        if scores.unscored_documents:
            documents = quantity(scores.unscored_documents, "predicted document")
            yield f"{name}: {documents} not in gold, not scored"
        if scores.duplicates:
            yield f"{name}: {quantity(scores.duplicates, 'prediction')} given twice, counted once"
    scored = next(iter(comparison.systems.values())).documents
    if scored < _FEW:
        yield f"only {quantity(scored, 'document')}: intervals and p-values are rough"
    for contrast in comparison.contrasts:
        difference = contrast.difference
        yield (
            f"{contrast.second} - {contrast.first}: {100 * difference.f1:+.2f} F1, 95 % "
            f"{100 * difference.interval.low:+.1f} to {100 * difference.interval.high:+.1f}, "
            f"p = {difference.p_value:.3f} "
            f"(paired bootstrap, {difference.resamples} draws of documents)"
        )


def three(score: Score) -> tuple[str, str, str]:
    """Precision, recall and F1 in percent."""
    return _percent(score.precision), _percent(score.recall), _percent(score.f1)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _interval(interval: Interval) -> str:
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"
