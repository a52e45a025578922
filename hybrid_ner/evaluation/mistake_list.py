"""The report's lists of mistakes: confusions between labels, and every kind with excerpts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from hybrid_ner.corpus.document import Entity
from hybrid_ner.evaluation.compare import Comparison
from hybrid_ner.evaluation.html import Markup, element
from hybrid_ner.evaluation.mistakes import MISTAKE_KINDS, Mistake, confusions, find_mistakes
from hybrid_ner.evaluation.pairs import System
from hybrid_ner.evaluation.report_tables import table

__all__ = ["mistake_sections"]

_SHOWN = 150


def mistake_sections(systems: Mapping[str, System], comparison: Comparison) -> Iterator[Markup]:
    """A section a system."""
    for name, system in systems.items():
        labels = list(comparison.systems[name].labels)
        mistakes = list(find_mistakes(system.pairs, labels))
        yield element(
            "section",
            element("h2", f"Mistakes of {name} ({len(mistakes):,})"),
            element(
                "p",
                "Underlined: ",
                element("span", "gold", class_="gold"),
                ". Shaded: ",
                element("span", "predicted", class_="found"),
                ".",
                class_="note",
            ),
            *_kinds(mistakes),
            _confusion_details(system, labels),
        )


def _kinds(mistakes: Sequence[Mistake]) -> Iterator[Markup]:
    for kind in MISTAKE_KINDS:
        found = [mistake for mistake in mistakes if mistake.kind == kind]
        if not found:
            continue
        shown = found[:: max(1, -(-len(found) // _SHOWN))]
        said = f"{kind}: {len(found):,}"
        if len(shown) < len(found):
            said += f" ({len(shown)} shown, evenly over the documents)"
        rows = ([m.doc_id, _label(m.gold), _label(m.predicted), marked(m)] for m in shown)
        listed = table(["Document", "Gold", "Predicted", "Text"], rows)
        yield element("details", element("summary", said), element("div", listed, class_="scroll"))


def _label(entity: Entity | None) -> str:
    return "" if entity is None else entity.label


def marked(mistake: Mistake) -> Markup:
    """The excerpt with gold underlined and the prediction shaded."""
    spans = [
        (entity.start - mistake.offset, entity.end - mistake.offset, name)
        for entity, name in ((mistake.gold, "gold"), (mistake.predicted, "found"))
        if entity is not None
    ]
    text = mistake.window
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    pieces: list[str] = []
    for start, end in pairwise(cuts):
        names = " ".join(name for left, right, name in spans if left <= start and end <= right)
        piece = text[start:end]
        pieces.append(element("span", piece, class_=names) if names else piece)
    return element("span", *pieces)


def _confusion_details(system: System, labels: Sequence[str]) -> Markup:
    counts = confusions(system.pairs, labels)
    names = [*labels, ""]
    rows = (
        [gold or "(none)", *(str(counts.get((gold, found), 0) or "") for found in names)] for gold in names
    )
    shown = table(["Gold ↓ predicted →", *labels, "(none)"], rows)
    return element(
        "details",
        element("summary", "labels: gold against predicted, overlapping mentions"),
        element("div", shown, class_="scroll"),
    )
