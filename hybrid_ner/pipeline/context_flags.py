"""Context flags as a spaCy component: what clinical text says about each mention, saved with the pipeline.

Flags stand in ``doc.spans["context"]``, one span a flag with the trigger as evidence, so that they survive a
``DocBin``; ``span._.flags`` reads them for any span of the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from hybrid_ner.errors import ModelError
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import view_of, write_matches
from hybrid_ner.sources.context import Trigger, context_rules, read_lists, shipped_lists
from hybrid_ner.text.patterns import paused_gc

CONTEXT_GROUP = "context"
"""Span group of the flags: the label of a span is its flag in capitals."""
_LISTS = "lists.json"


class ContextFlags:
    """Gives the entities, and the spans of rules and model alone, their context flags.

    Args:
        name: Name of the component.
        lists: Trigger lists by flag; those that come with the package when ``None``.
    """

    def __init__(self, name: str = "context_flags", lists: dict[str, str] | None = None) -> None:
        self.name = name
        self._lists = lists

    @property
    def lists(self) -> dict[str, str]:
        """Trigger lists by flag."""
        if self._lists is None:
            self._lists = shipped_lists()
        return self._lists

    @lists.setter
    def lists(self, lists: dict[str, str]) -> None:
        self._lists = lists

    def __call__(self, doc: Doc) -> Doc:
        """Write ``doc.spans["context"]``."""
        groups = [doc.spans[name] for name in (RULE_GROUP, MODEL_GROUP) if name in doc.spans]
        spans = sorted({(s.start_char, s.end_char) for group in (doc.ents, *groups) for s in group})
        text = view_of(doc).text
        found = self.found(text, spans)
        write_matches(
            doc,
            CONTEXT_GROUP,
            (
                Match(
                    start,
                    end,
                    flag.upper(),
                    (),
                    1.0,
                    Evidence("pattern", text[start:end], trigger.phrase, Path(trigger.file).name),
                )
                for (start, end), flags in zip(spans, found, strict=True)
                for flag, trigger in sorted(flags.items())
            ),
        )
        return doc

    def found(self, text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Trigger]]:
        """For each span of characters its flags, with the trigger behind each."""
        with paused_gc():
            return context_rules(self.lists).explain(text, spans)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The trigger lists."""
        return json.dumps(self.lists, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> ContextFlags:
        """Restore the trigger lists.

        Raises:
            ModelError: The data are none.
        """
        try:
            lists = json.loads(data)
            self._lists = {str(flag): str(text) for flag, text in lists.items()}
        except (ValueError, AttributeError) as error:
            raise ModelError(f"unreadable trigger lists ({error}). Save the model again.") from error
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the trigger lists into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LISTS).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> ContextFlags:
        """Read them from it.

        Raises:
            ModelError: The folder lacks them.
        """
        try:
            return self.from_bytes((Path(path) / _LISTS).read_bytes())
        except OSError as error:
            raise ModelError(f"{Path(path) / _LISTS}: {error.strerror}. Save the model again.") from error


def flags_by_span(doc: Doc) -> dict[tuple[int, int], tuple[str, ...]]:
    """The flags of each flagged span, by its characters; empty without the component."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for span in doc.spans.get(CONTEXT_GROUP, ()):
        key = span.start_char, span.end_char
        found[key] = (*found.get(key, ()), span.label_.lower())
    return found


def _flags(span: Span) -> tuple[str, ...]:
    return flags_by_span(span.doc).get((span.start_char, span.end_char), ())


def add_context_flags(nlp: Language, domain: str) -> None:
    """Append the component where the domain has use for it."""
    folder = DOMAINS.get(domain).context if domain in DOMAINS else None
    if folder is not None:
        nlp.add_pipe("context_flags").lists = read_lists(folder)


@Language.factory("context_flags", assigns=["doc.spans"])
def create_context_flags(nlp: Language, name: str) -> ContextFlags:
    """Factory ``context_flags``."""
    if not Span.has_extension("flags"):
        Span.set_extension("flags", getter=_flags)
    return ContextFlags(name)
