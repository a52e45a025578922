"""Findings and statistics for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from hybrid_ner.corpus.check import CheckResult
    from hybrid_ner.corpus.findings import Finding
    from hybrid_ner.corpus.stats import CorpusStats

__all__ = ["check_renderables", "stats_renderables"]


def check_renderables(result: CheckResult, limit: int) -> Iterator[RenderableType]:
    """What was found, the first ``limit`` findings of each kind with an example."""
    mentions = quantity(result.mentions, "annotation")
    yield f"{quantity(result.documents, 'document')} ({result.unlabeled:,} unlabeled), {mentions}"
    for kind, group in groupby(result.findings, key=lambda finding: finding.kind):
        findings = list(group)
        yield f"\n{kind}: {quantity(result.counts[kind], 'place')}"
        for finding in findings[:limit]:
            yield from _finding_lines(finding)
        if len(findings) > limit:
            yield f"  … {len(findings) - limit} more; --limit or --json lists them."
    for shared in result.shared:
        share = shared.shared / shared.mentions if shared.mentions else 0
        yield (
            f"\n{shared.shared:,} of {quantity(shared.mentions, 'mention')} of {shared.second} ({share:.0%})"
            f" with a surface that {shared.first} holds with the same label"
        )
        yield "  " + ", ".join(f"{label} {a} of {b}" for label, (a, b) in shared.by_label.items())
    if not result.findings:
        yield "nothing found"


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.message}"
    for example in finding.examples[:1]:
        label = f" {example.label}" if example.label else ""
        yield f"      {example.doc_id}{label}: {example.excerpt}"


def stats_renderables(stats: CorpusStats) -> Iterator[RenderableType]:
    """Sizes, then a table by label."""
    longest, length = stats.longest
    yield (
        f"{quantity(stats.documents, 'document')} ({stats.unlabeled:,} unlabeled, "
        f"{stats.without_entities:,} without entities), {quantity(stats.words, 'word')}, "
        f"{quantity(stats.characters, 'character')}"
    )
    yield f"length: median {stats.median_length:,.0f} characters, longest {length:,} ({longest})"
    for name, values in stats.meta.items():
        yield f"meta.{name}: " + ", ".join(f"{value} {count:,}" for value, count in values.items())
    if not stats.labels:
        return
    title = f"{quantity(stats.mentions, 'annotation')}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("label", no_wrap=True, min_width=max(map(len, stats.labels)))
    for name in ("mentions", "surfaces", "documents", "words", "concepts"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    table.add_column("most frequent", overflow="ellipsis", no_wrap=True)
    for label, row in stats.labels.items():
        top = ", ".join(f"{surface} {count}" for surface, count in row.top[:3])
        counts = (f"{n:,}" for n in (row.mentions, row.surfaces, row.documents))
        table.add_row(label, *counts, f"{row.words:.1f}", f"{row.concepts:,}", top)
    yield table
