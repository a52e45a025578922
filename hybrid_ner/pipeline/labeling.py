"""Labeling sources as spaCy components: each writes one span group and is saved with the pipeline."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from hybrid_ner.errors import ModelError, PluginError
from hybrid_ner.matching import TERMS, Compiled, Fuzzy, Match, read_terms
from hybrid_ner.pipeline.fusion import ContextFlags, EntityFusion
from hybrid_ner.sources import NEAR_MATCHES, LabelingSource, TextView, Unfit, Vote, aggregate, view_of
from hybrid_ner.sources.functions import asked, check_saving, is_of_others, restore_source, source_state
from hybrid_ner.sources.gazetteer import GazetteerSource, compiled_terms
from hybrid_ner.sources.learned import DistrustedSource
from hybrid_ner.sources.models import ModelSource
from hybrid_ner.sources.models.endpoint import ModelReport
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text.patterns import batches, paused_gc
from hybrid_ner.text.tokenizer import BoundedTokenizer, cuts_at_spaces, token_edges

TRUST_ATTR = "trust"
"""Attribute of a span group: what models have earned, for people, by ``source|label``."""
READ_ATTR = "read"
"""Attribute of a span group: a model has read the whole document, so it has an opinion of every place."""
_STATE = "source.json"
_AHEAD = 16
"""Documents that a server is asked about together."""
_TOKENS = 40_000  # of documents that are looked through together: 32 abstracts take a tenth longer than 100

Failed = Callable[[Doc, PluginError], None]


class LabelingSourceComponent:
    """Runs one labeling source.

    The votes stand in the span group named after the source, by which rules and fusion know them. Under
    another name (``nlp.rename_pipe``, ``add_pipe(…, source=nlp, name=…)``) they stand in a group of that too.

    Args:
        name: Name of the component, and of the source where nobody renames the component.
        domain: Domain of the pipeline.
        counts: Whether its votes count among the rules, or are only shown to reviewers.
    """

    def __init__(self, nlp: Language, name: str, domain: str, counts: bool = True) -> None:
        self.nlp, self.name, self.domain, self.counts = nlp, name, domain, counts
        self._source: LabelingSource | None = None
        self.misaligned = Unfit()
        self._warned = False

    @property
    def source(self) -> LabelingSource | None:
        return self._source

    @source.setter
    def source(self, source: LabelingSource) -> None:
        self._source = source
        self._group = source.name
        self._reads_texts = bool(getattr(source, "reads_texts", False))
        self._reads_view = bool(getattr(source, "reads_view", False))
        self._is_of_others = source is not None and is_of_others(source)
        self._has_near = isinstance(source, GazetteerSource) and source.fuzzy.is_on
        ours = type(source).__module__.startswith("hybrid_ner.domains.")
        self._ships = ours or isinstance(source, GazetteerSource)

    def __call__(self, doc: Doc) -> Doc:
        return self._told(self._voted(doc))

    def _told(self, doc: Doc) -> Doc:
        """Say once that a match fits no tokens, as nobody may ask for the list of them.

        Not of term lists and of rules that ship, of which a part of a token is none ("or" in "and/or",
        "s 2006" in "the Department's 2006 report"), unless the tokenizer is another than the one that they
        were made for.
        """
        as_made_for = self._ships and isinstance(self.nlp.tokenizer, BoundedTokenizer)
        if self.misaligned and not self._warned and not as_made_for:
            self._warned = True
            lost = f"{self.misaligned[0].surface!r} is no whole number of tokens in a text"
            hint = 'take_misaligned() lists them; "hybrid_ner.Tokenizer.v1" cuts finer than other tokenizers.'
            warnings.warn(f"{self.name}: {lost}, so this match is lost. {hint}", stacklevel=3)
        return doc

    def _voted(self, doc: Doc) -> Doc:
        with paused_gc():  # a long text has many votes, and each collection looks at all of them
            self.read(view_of(doc))
        source = self._source
        if isinstance(source, ModelSource):
            notes: dict[str, Any] = source.take_notes()
            if source.opines and source.knows_text and "unanswered" not in notes:
                notes[READ_ATTR] = True
            doc.spans[self._group].attrs.update(notes)
        elif isinstance(source, DistrustedSource) and source.said:
            doc.spans[self._group].attrs[TRUST_ATTR] = source.said
        return doc

    def pipe(
        self, stream: Iterable[Doc], *, batch_size: int = 128, failed: Failed | None = None
    ) -> Iterator[Doc]:
        """The documents; lists are looked up in many at once, and a server is asked about several.

        Args:
            failed: Told where code of another package fails; that document is left out. Else the pipeline's
                error handler is (``nlp.set_error_handler``), which raises by default. Who gives it also lists
                the matches that fit no tokens.
        """
        read = self._pipe(stream, batch_size, failed)
        yield from map(self._told, read) if failed is None else read

    def _pipe(self, stream: Iterable[Doc], batch_size: int, failed: Failed | None) -> Iterator[Doc]:
        source = self._given()
        if isinstance(source, ModelSource) and source.at_once > 1:
            for docs in minibatch(stream, _AHEAD):
                source.look_ahead([doc.text for doc in docs])
                yield from map(self._voted, docs)
            return
        if not self._reads_texts:
            for doc in stream:
                try:
                    read = self._voted(doc)
                except PluginError as error:
                    if failed is None:
                        self.nlp.default_error_handler(self.name, self, [doc], error)
                    else:
                        failed(doc, error)
                else:
                    yield read
            return
        for docs in minibatch(stream, 1) if batch_size == 1 else batches(stream, _TOKENS):
            with paused_gc():
                views = [view_of(doc) for doc in docs]
                for view, found in zip(views, self.look_ahead(views), strict=True):
                    self.read(view, found)
            yield from docs

    def look_ahead(self, views: Sequence[TextView]) -> Sequence[tuple[list[Match], list[Match]] | None]:
        """What a source finds in texts, for ``read``; ``None`` of one that needs one at a time."""
        source: Any = self._given()
        return list(source.read([view.text for view in views])) if self._reads_texts else [None] * len(views)

    def read(self, view: TextView, found: tuple[list[Match], list[Match]] | None = None) -> None:
        """Vote on a text.

        Args:
            view: The text with the votes so far.
            found: What ``look_ahead`` gave for it.
        """
        source: Any = self._given()
        if self._reads_texts:
            voting, near = found or next(source.read([view.text]))
            if self._has_near:
                self.misaligned.add(view.take(NEAR_MATCHES, near))
        elif self._is_of_others:
            voting = asked(source, view if self._reads_view else view.doc)
        else:
            voting = source(view if self._reads_view else view.doc)
        if voting or view.has_doc:  # most sources find nothing
            self.misaligned.add(view.take(self._group, voting))
            if self.name != self._group:
                view.take(self.name, voting)

    def __repr__(self) -> str:
        return f"<labeling source {self.name!r}: {self.source!r}>"

    def take_misaligned(self) -> Unfit:
        """The matches since the last call that fitted no tokens."""
        taken, self.misaligned = self.misaligned, Unfit()
        return taken

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the source's state, and the rows of its gazetteer if it has one."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        state, gazetteer = self._state()
        (folder / TERMS).unlink(missing_ok=True)  # of an earlier save
        if gazetteer is not None:
            earlier = self._stored(folder.parent, gazetteer)
            state["terms_of"] = earlier or folder.name
            if not earlier:
                self._compiled(gazetteer).save(folder / TERMS, whole=False)
        (folder / _STATE).write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        state, gazetteer = self._state()
        terms = b"" if gazetteer is None else self._compiled(gazetteer).to_bytes()
        packed: bytes = srsly.msgpack_dumps({"source": json.dumps(state), "terms": terms})
        return packed

    def _state(self) -> tuple[dict[str, Any], Gazetteer | None]:
        gazetteer = getattr(self._given(), "gazetteer", None)
        return source_state(self._given()), gazetteer if isinstance(gazetteer, Gazetteer) else None

    def _compiled(self, gazetteer: Gazetteer) -> Compiled:
        return compiled_terms(gazetteer, (getattr(pipe, "source", None) for _, pipe in self.nlp.components))

    def _stored(self, model: Path, gazetteer: Gazetteer) -> str:
        """Name of an earlier source that has just written the same terms into the model, or ``""``."""
        for name, pipe in self.nlp.components:
            if pipe is self:
                break
            same = getattr(getattr(pipe, "source", None), "gazetteer", None) is gazetteer
            if same and (model / name / TERMS).is_file():
                return str(name)
        return ""

    def _opened(self, terms: Path | bytes) -> Gazetteer:
        """The terms, as the same object where another source has opened the same already."""
        pipes = (getattr(pipe, "source", None) for _, pipe in self.nlp.components if pipe is not self)
        return read_terms(terms, (getattr(source, "gazetteer", None) for source in pipes))

    def _given(self) -> LabelingSource:
        if self._source is None:
            raise ModelError(
                f"the labeling source {self.name!r} was never given its terms or rules. "
                "Load a saved pipeline, or add the component with add_source(). A config holds no terms: "
                'to train with spaCy, write source = "FOLDER" of a saved pipeline in the section of the '
                "component, and name it among frozen_components."
            )
        return self._source

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> LabelingSourceComponent:
        """Restore the source.

        Raises:
            ModelError: The folder lacks the state.
        """
        folder = Path(path)
        try:
            state: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            said = f"{folder / _STATE}: unreadable source state ({error}). Save the model again."
            raise ModelError(said) from error
        gazetteer = None
        if terms_of := state.get("terms_of"):
            terms = folder.parent / str(terms_of) / TERMS
            if not terms.is_file():
                said = f"{terms.parent}: the terms of {self.name!r} are not there. Save the model again."
                raise ModelError(said)
            gazetteer = self._opened(terms)
        return self.restore(state, gazetteer, folder / _STATE)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> LabelingSourceComponent:
        """Restore what ``to_bytes`` gave.

        Raises:
            ModelError: The data are none.
        """
        try:
            kept = srsly.msgpack_loads(data)
            state, terms = json.loads(kept["source"]), kept["terms"]
        except (ValueError, KeyError, TypeError) as error:
            said = f"{self.name}: unreadable source state ({error}). Call to_bytes() again."
            raise ModelError(said) from error
        return self.restore(state, self._opened(terms) if terms else None, self.name)

    def restore(
        self, state: dict[str, Any], gazetteer: Gazetteer | None, where: str | Path
    ) -> LabelingSourceComponent:
        """The source that a saved state describes.

        Args:
            state: What ``source_state`` gave.
            gazetteer: The terms that were saved with it.
            where: What an error calls the place of the state.

        Raises:
            ModelError: Unusable state.
        """
        try:
            self.source = restore_source(state, gazetteer)
        except (KeyError, TypeError, AttributeError) as error:
            said = f"unusable source state ({type(error).__name__}: {error})"
            raise ModelError(f"{where}: {said}. Save the model again.") from error
        return self


def add_source(nlp: Language, source: LabelingSource, domain: str) -> None:
    check_saving(source)  # complains now, not after a bootstrap
    config = {"domain": domain, "counts": bool(getattr(source, "counts", True))}
    component = nlp.add_pipe("labeling_source", name=source.name, config=config)
    component.source = source


def set_fuzzy(nlp: Language, fuzzy: Fuzzy | str) -> tuple[str, ...]:
    """Let the gazetteers of a pipeline take near matches in another way than it was made with.

    Returns:
        The labels of their terms.
    """
    labels: set[str] = set()
    for part in labeling_sources(nlp):
        if isinstance(old := part.source, GazetteerSource):
            part.source = GazetteerSource(old.gazetteer, old.name, Fuzzy.of(fuzzy), old.variants)
            labels.update(old.gazetteer.labels)
    return tuple(sorted(labels))


def source_names(nlp: Language) -> list[str]:
    """Names of the labeling sources whose votes count, in order of trust."""
    return [part.name for part in labeling_sources(nlp) if part.counts]


class Voters(NamedTuple):
    """The labeling sources of a pipeline by what their votes are worth; each in order of trust.

    Args:
        counting: Those whose votes count, if what reviewers decided is not against it.
        silent: Those whose votes are only shown.
        models: Those of both that are models.
        earning: Those of the models whose votes count as far as they have earned it.
    """

    counting: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    earning: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """What counts without having to earn it."""
        return tuple(name for name in self.counting if name not in self.earning)

    @property
    def heard(self) -> tuple[str, ...]:
        """All others, whose votes a learner may weigh by itself."""
        return (*self.earning, *self.silent)


def voters_of(nlp: Language) -> Voters:
    parts = labeling_sources(nlp)
    return Voters(
        tuple(part.name for part in parts if part.counts),
        tuple(part.name for part in parts if not part.counts),
        tuple(part.name for part in parts if isinstance(part.source, ModelSource)),
        tuple(part.name for part in parts if isinstance(part.source, ModelSource) and part.source.earns),
    )


def labeling_sources(nlp: Language) -> list[LabelingSourceComponent]:
    """Every labeling source in the pipeline, in order of trust."""
    return [pipe for _, pipe in nlp.pipeline if isinstance(pipe, LabelingSourceComponent)]


def take_reports(nlp: Language) -> dict[str, ModelReport]:
    """What every model among the sources did since the last call, by name."""
    sources = (part.source for part in labeling_sources(nlp))
    return {source.name: source.take_report() for source in sources if isinstance(source, ModelSource)}


def notes_of(doc: Doc) -> dict[str, dict[str, list[str]]]:
    """What went wrong with models on a document: source → ``unanswered`` or ``problems`` → lines."""
    found = {
        name: {kind: list(group.attrs[kind]) for kind in ("unanswered", "problems") if group.attrs.get(kind)}
        for name, group in doc.spans.items()
    }
    return {name: notes for name, notes in found.items() if notes}


@Language.factory("labeling_source", default_config={"domain": "generic", "counts": True})
def create_labeling_source(nlp: Language, name: str, domain: str, counts: bool) -> LabelingSourceComponent:
    return LabelingSourceComponent(nlp, name, domain, counts)


# The rules' answer to texts, without spaCy's ``Doc`` where no source asks for one, and without the model.

_AT_ONCE = 200_000
"""Characters of the texts that are read together: the next answer comes soon, and batches are worth it."""


class RuleReader:
    """Runs the labeling sources of a pipeline, and nothing else of it.

    Args:
        nlp: A pipeline that ``serves`` accepts.
    """

    def __init__(self, nlp: Language) -> None:
        pipes = [pipe for _, pipe in nlp.pipeline]
        self._parts = labeling_sources(nlp)
        self._fusion = next(pipe for pipe in pipes if isinstance(pipe, EntityFusion))
        self._flags = next((pipe for pipe in pipes if isinstance(pipe, ContextFlags)), None)
        self._tokens = token_edges(nlp.tokenizer)

    @staticmethod
    def serves(nlp: Language, others: Iterable[str] = ()) -> bool:
        """Whether the rules of a pipeline can be asked alone: models among the sources tell of each ``Doc``.

        Args:
            nlp: A pipeline.
            others: Factories of components that are passed over.
        """
        known = {"labeling_source", "entity_fusion", "context_flags", *others}
        factories = [nlp.get_pipe_meta(name).factory for name in nlp.pipe_names]
        models = any(isinstance(part.source, ModelSource) for part in labeling_sources(nlp))
        return not models and (
            "entity_fusion" in factories and known.issuperset(factories) and cuts_at_spaces(nlp.tokenizer)
        )

    def read(self, texts: Iterable[str]) -> Iterator[list[tuple[Vote, tuple[str, ...]]] | PluginError]:
        """For each text the chosen votes in order, with the context flags of each.

        Or what code of another package said when it failed.
        """
        for batch in batches(texts, _AT_ONCE):
            views = [TextView(text, tokens=self._tokens) for text in batch]
            failed: dict[int, PluginError] = {}
            with paused_gc():
                for part in self._parts:  # one after the other: what a source looks up stays in the caches
                    for number, found in enumerate(part.look_ahead(views)):
                        try:
                            part.read(views[number], found)
                        except PluginError as error:
                            failed.setdefault(number, error)
                answers = [failed.get(number) or self._answer(view) for number, view in enumerate(views)]
            yield from answers

    def _answer(self, view: TextView) -> list[tuple[Vote, tuple[str, ...]]]:
        votes = aggregate(view, self._fusion.sources)  # type: ignore[arg-type]
        if self._flags is None:
            return [(vote, ()) for vote in votes]
        found = self._flags.found(view.text, [(vote.match.start, vote.match.end) for vote in votes])
        return [(vote, tuple(sorted(flags))) for vote, flags in zip(votes, found, strict=True)]
