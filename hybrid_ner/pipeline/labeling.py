"""Labeling sources as spaCy components: each writes one span group and is saved with the pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.errors import ModelError
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources.base import NEAR_MATCHES, LabelingSource, Misaligned, view_of, write_matches
from hybrid_ner.sources.functions import restore_source, source_state
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.saved import read_terms, write_terms

__all__ = ["LabelingSourceComponent", "add_source", "set_fuzzy", "source_names"]

_STATE, _TERMS = "source.json", "terms.tsv.gz"


class LabelingSourceComponent:
    """Runs one labeling source.

    Args:
        nlp: The pipeline the component belongs to.
        name: Name of the component; the source and its span group have the same.
        domain: Domain of the pipeline; pipelines of the first version restore their sources by it.
    """

    def __init__(self, nlp: Language, name: str, domain: str) -> None:
        self.nlp, self.name, self.domain = nlp, name, domain
        self.source: LabelingSource | None = None
        self.misaligned: list[Misaligned] = []

    def __call__(self, doc: Doc) -> Doc:
        if self.source is None:
            raise ModelError(
                f"the labeling source {self.name!r} was never given its terms or rules. "
                "Load a saved pipeline, or add the component with add_source()."
            )
        given = view_of(doc) if getattr(self.source, "reads_view", False) else doc
        if isinstance(self.source, GazetteerSource) and self.source.fuzzy.is_on:
            found, near = self.source.match_apart(given)
            self.misaligned += write_matches(doc, NEAR_MATCHES, near)
        else:
            found = self.source(given)
        self.misaligned += write_matches(doc, self.name, found)
        return doc

    def take_misaligned(self) -> list[Misaligned]:
        """The matches since the last call that fitted no tokens."""
        taken, self.misaligned = self.misaligned, []
        return taken

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the source's state, and the rows of its gazetteer if it has one."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        assert self.source is not None
        (folder / _STATE).write_text(
            json.dumps(source_state(self.source), ensure_ascii=False), encoding="utf-8"
        )
        gazetteer = getattr(self.source, "gazetteer", None)
        if isinstance(gazetteer, Gazetteer):
            write_terms(folder / _TERMS, gazetteer)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> LabelingSourceComponent:
        """Restore the source.

        Raises:
            ModelError: The folder lacks the state.
        """
        folder = Path(path)
        try:
            state: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{folder / _STATE}: unreadable source state ({error}). Save the model again."
            ) from error
        terms = folder / _TERMS
        try:
            if self.domain in DOMAINS:
                DOMAINS.get(
                    self.domain
                ).builder()  # its sources are known now, wherever they stood when saved
            self.source = restore_source(state, read_terms(terms) if terms.is_file() else None)
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{folder / _STATE}: unusable source state ({type(error).__name__}: {error}). "
                "Save the model again."
            ) from error
        return self


def add_source(nlp: Language, source: LabelingSource, domain: str) -> None:
    """Append a component for ``source`` to the pipeline."""
    source_state(source)  # complains now, not after a bootstrap
    component = nlp.add_pipe("labeling_source", name=source.name, config={"domain": domain})
    component.source = source


def set_fuzzy(nlp: Language, fuzzy: Fuzzy | str) -> None:
    """Let the gazetteers of a pipeline take near matches in another way than it was made with."""
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, LabelingSourceComponent) and isinstance(pipe.source, GazetteerSource):
            old = pipe.source
            pipe.source = GazetteerSource(old.gazetteer, old.name, Fuzzy.of(fuzzy), old.variants)


def source_names(nlp: Language) -> list[str]:
    """Names of the labeling sources in the pipeline, in order of trust."""
    return [name for name, pipe in nlp.pipeline if isinstance(pipe, LabelingSourceComponent)]


@Language.factory("labeling_source", default_config={"domain": "generic"})
def create_labeling_source(nlp: Language, name: str, domain: str) -> LabelingSourceComponent:
    """Factory ``labeling_source``."""
    return LabelingSourceComponent(nlp, name, domain)
