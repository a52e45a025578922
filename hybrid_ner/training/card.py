"""The model card of a packaged model, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hybrid_ner.text import quantity

__all__ = ["FACTS", "card_lines", "systems_of", "title_of"]

FACTS = "hybrid"
"""Key of ``meta.json`` with what a card says."""


def card_lines(package: str, meta: Mapping[str, Any]) -> Iterator[str]:
    """The model card in Markdown."""
    facts = meta[FACTS]
    yield from (f"# {package} {meta['version']}", "", title_of(package, meta), "")
    for name in ("author", "license"):
        if meta.get(name):
            yield f"- {name}: {meta[name]}"
    yield f"- pipeline: {', '.join(meta['pipeline'])}"
    yield f"- needs: {', '.join(meta['dependencies'])}"
    yield from ("", "```python", "import spacy", "", f'nlp = spacy.load("{package}")')
    yield from ('[(ent.text, ent.label_) for ent in nlp("…").ents]', "```", "")
    if facts.get("lost"):
        yield from ("## Opens with spaCy alone", "", f"{facts['patterns']:,} patterns of terms. Lost:", "")
        yield from (f"- {line}" for line in facts["lost"])
        yield from ("", "Ids of concepts stand in `ent.ent_id_`, not in `ent.kb_id_`.", "")
    yield from _card_scores(facts)
    yield from _card_lists(facts)
    if facts["models"]:
        yield from (
            "## Models that it asks",
            "",
            "They do not travel with it; HYBRID_NER_MODELS names their folder.",
            "",
        )
        yield from (*(f"- {each}" for each in facts["models"]), "")
    yield from ("## Review", "")
    reviewed = facts.get("reviewed") or {"how": "nobody has reviewed it, as far as its records say"}
    yield from (f"- {what}: {value}" for what, value in reviewed.items())
    yield from ("", "## Made from", "")
    for name, value in facts.items():
        if name.endswith(("fingerprint", "_terms")) or name in ("domain", "recipe", "inputs"):
            yield f"- {name.replace('_', ' ')}: {value}"
    yield from ("", "No text of documents is in this package; terms, rules and weights are.")


def _card_scores(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Scores", "")
    systems = systems_of(facts)
    if not systems:
        yield from ("None: the model was not scored on gold.", "")
        return
    gold = facts.get("gold") or {}
    documents = next(iter(systems.values())).get("documents", gold.get("documents", 0))
    mark = f", fingerprint {gold['fingerprint'][:16]}" if gold.get("fingerprint") else ""
    yield f"Strict, on {gold.get('name') or 'gold'} ({quantity(documents, 'document')}{mark})."
    if facts.get("lost"):
        yield "They are those of the full pipeline, not of this plain one."
    yield from ("", "| | precision | recall | F1 | 95 % interval |", "|---|---|---|---|---|")
    for name, scores in systems.items():
        yield _score_row(name, scores["micro"])
    for label, scores in systems.get("hybrid", next(iter(systems.values()))).get("per_label", {}).items():
        yield _score_row(label, scores)
    yield ""


def _score_row(name: str, found: Mapping[str, Any]) -> str:
    shown = " | ".join(f"{100 * found[key]:.1f}" for key in ("precision", "recall", "f1"))
    interval = found.get("f1_interval") or {}
    bounds = f"{100 * interval['low']:.1f} to {100 * interval['high']:.1f}" if interval else ""
    return f"| {name} | {shown} | {bounds} |"


def _card_lists(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Term lists", "", "| list | terms | from | licence |", "|---|---|---|---|")
    for used in facts["lists"]:
        cells = (used["file"], f"{used['terms']:,}", used["origin"], used["license"])
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


def systems_of(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    systems: Mapping[str, Any] = (facts.get("scores") or {}).get("systems", {})
    return systems


def title_of(package: str, meta: Mapping[str, Any]) -> str:
    labels = ", ".join(sorted({label for found in meta.get("labels", {}).values() for label in found}))
    said = " ".join(str(meta.get("description") or "").split())
    return said or f"{package}: named entities{f' ({labels})' if labels else ''}"
