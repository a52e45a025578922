"""One HTML file with tables, plots and lists of mistakes; it needs nothing else and asks for nothing.

It holds excerpts of the documents, escaped: share it as the documents may be shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hybrid_ner import __version__
from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.files import write_text
from hybrid_ner.evaluation.compare import Comparison
from hybrid_ner.evaluation.html import Markup, element
from hybrid_ner.evaluation.mistake_list import mistake_sections
from hybrid_ner.evaluation.pairs import System, pair_system
from hybrid_ner.evaluation.plots import Mark, PlotRow, dot_plot, legend
from hybrid_ner.evaluation.report_tables import contrast_table, label_table, notes, overview_table
from hybrid_ner.text import quantity

__all__ = ["render_report", "save_report", "write_report"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --line: #d5dbe1; --soft: #f3f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ee; --paper: #14191f; --line: #38424d; --soft: #1e252d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 1000px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } h3 { font-size: 1rem; }
table { border-collapse: collapse; margin: .7rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .22rem .7rem; text-align: right; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
.grid { stroke: var(--line); } .key { margin-right: 1.4rem; } .key svg { vertical-align: -3px; }
summary { cursor: pointer; padding: .2rem 0; }
.note { color: color-mix(in srgb, var(--ink) 72%, transparent); }
.scroll { overflow-x: auto; }
.gold { border-bottom: 3px solid #009e73; } .found { background: #f0b35266; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write_report(
    path: str | Path,
    comparison: Comparison,
    gold: Iterable[Document],
    predictions: Mapping[str, Iterable[Document]],
    title: str = "Evaluation",
) -> None:
    """Write the report; it appears only once it is complete.

    Args:
        path: File to write.
        comparison: The scores.
        gold: The documents that were scored.
        predictions: The predictions that were scored, by system.
        title: Heading.
    """
    documents = list(gold)
    systems = {
        name: pair_system(documents, predicted, comparison.systems[name].mapped, aliases=False)
        for name, predicted in predictions.items()
    }
    save_report(path, comparison, systems, title)


def save_report(
    path: str | Path, comparison: Comparison, systems: Mapping[str, System], title: str = "Evaluation"
) -> None:
    """As ``write_report``, for systems that are already paired with gold."""
    with write_text(Path(path)) as handle:
        handle.write(render_report(comparison, systems, title))


def render_report(comparison: Comparison, systems: Mapping[str, System], title: str) -> str:
    """The report as one HTML page.

    Args:
        comparison: The scores.
        systems: What was scored, for the lists of mistakes.
        title: Heading.
    """
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width">'),
        element("title", title),
        element("style", Markup(_STYLE)),
    )
    body = element(
        "body",
        element("h1", title),
        element(
            "p",
            "Strict: exact characters and label, micro average, × 100. Partial and type: nervaluate. "
            "Intervals: 95 %, by drawing documents with replacement.",
            class_="note",
        ),
        _scores(comparison, "All documents"),
        *(_scores(group, name) for name, group in comparison.groups.items()),
        *_empty(comparison),
        *mistake_sections(systems, comparison),
        element("p", f"hybrid-ner {__version__}", class_="note"),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _scores(comparison: Comparison, title: str) -> Markup:
    names = list(comparison.systems)
    documents = next(iter(comparison.systems.values())).documents
    parts = [
        element("h2", f"{title} ({quantity(documents, 'document')})"),
        _scroll(overview_table(comparison.systems)),
        *([contrast_table(comparison.contrasts)] if comparison.contrasts else []),
        *(element("p", note, class_="note") for note in notes(comparison.systems)),
        element("h3", "F1"),
        legend(names),
        dot_plot(_summary_rows(comparison), names, f"F1 of {', '.join(names)}, {title}"),
        element("h3", "F1 by label"),
        dot_plot(_label_rows(comparison), names, f"F1 by label of {', '.join(names)}, {title}"),
        _scroll(label_table(comparison.systems)),
    ]
    return element("section", *parts)


def _scroll(content: Markup) -> Markup:
    return element("div", content, class_="scroll")


def _empty(comparison: Comparison) -> list[Markup]:
    if not comparison.empty_groups:
        return []
    return [element("p", f"Not scored, no gold entity: {', '.join(comparison.empty_groups)}.", class_="note")]


def _summary_rows(comparison: Comparison) -> list[PlotRow]:
    systems = list(comparison.systems.values())
    first = systems[0]
    micro = [Mark(s.micro.f1, s.micro_interval.low, s.micro_interval.high) for s in systems]
    rows = [PlotRow(f"all ({first.micro.gold:,})", micro)]
    if first.seen and first.unseen:
        rows.append(PlotRow(f"seen ({first.seen.gold:,})", [Mark(s.seen.f1) for s in systems if s.seen]))
        unseen = [Mark(s.unseen.f1) for s in systems if s.unseen]
        rows.append(PlotRow(f"unseen ({first.unseen.gold:,})", unseen))
    rows.append(PlotRow("partial", [Mark(s.partial.f1) for s in systems]))
    rows.append(PlotRow("type", [Mark(s.type_only.f1) for s in systems]))
    return rows


def _label_rows(comparison: Comparison) -> list[PlotRow]:
    systems = list(comparison.systems.values())
    return [
        PlotRow(
            f"{label} ({score.gold:,})",
            [Mark(s.labels[label].f1, s.intervals[label].low, s.intervals[label].high) for s in systems],
        )
        for label, score in systems[0].labels.items()
    ]
