"""A document as a notebook draws it: its entities, and below them who said what, in tiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from spacy import displacy
from spacy.tokens import Doc

from hybrid_ner.corpus.document import drawn
from hybrid_ner.pipeline.context_flags import CONTEXT_GROUP
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.sources.base import NEAR_MATCHES, VETO
from hybrid_ner.text import quantity

_TIERS = {RULE_GROUP: "rules", MODEL_GROUP: "model", NEAR_MATCHES: "near match", CONTEXT_GROUP: "context"}
_MOST_TOKENS = 2_000
"""Tokens whose tiers are drawn: displaCy makes an element of each."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document for a notebook; in a terminal it is one line.

    Args:
        doc: As a pipeline of this package has read it.
        groups: Further span groups to draw, by name: those of single sources, for example.
    """

    doc: Doc
    groups: tuple[str, ...] = ()

    def __repr__(self) -> str:
        found = ", ".join(f"{name} {len(self.doc.spans[key])}" for key, name in self._tiers())
        ents = quantity(len(self.doc.ents), "entity", "entities")
        return f"<document of {quantity(len(self.doc), 'token')}, {ents}{f': {found}' if found else ''}>"

    def _tiers(self) -> Iterator[tuple[str, str]]:
        for key, name in {**_TIERS, **{group: group for group in self.groups}}.items():
            if key in self.doc.spans and len(self.doc.spans[key]):
                yield key, name

    def _repr_html_(self) -> str:
        doc = self.doc
        ents = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        return drawn(doc.text, ents, str(doc.user_data.get("title", ""))) + self._drawn_tiers()

    def _drawn_tiers(self) -> str:
        spans = [row for key, name in self._tiers() for row in self._rows(key, name)]
        if not spans:
            return ""
        tokens = [escape(token.text) for token in self.doc[:_MOST_TOKENS]]
        row = {"text": escape(self.doc.text), "tokens": tokens, "spans": spans}
        html: str = displacy.render(row, style="span", manual=True, jupyter=False)
        left = len(self.doc) - len(tokens)
        return html + (f"<p>tiers of the other {left:,} tokens are not drawn</p>" if left > 0 else "")

    def _rows(self, key: str, name: str) -> Iterator[dict[str, Any]]:
        """The spans of one tier; a model's with its probability."""
        group = self.doc.spans[key]
        scores = group.attrs.get("scores") or [None] * len(group)
        for span, score in zip(group, scores, strict=True):
            if span.end <= _MOST_TOKENS and span.label_ != VETO:
                sure = f" {score:.2f}" if score is not None else ""
                label = escape(f"{name}: {span.label_}{sure}")
                yield {"start_token": span.start, "end_token": span.end, "label": label}


def show(doc: Doc, *groups: str) -> Shown:
    """A document for a notebook: entities, then rules, model, near matches and context flags in tiers.

    Args:
        doc: As a pipeline of this package has read it.
        *groups: Span groups of single sources to draw too (``"gazetteer"``).
    """
    return Shown(doc, groups)
