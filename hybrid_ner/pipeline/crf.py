"""A linear-chain conditional random field over words and the votes of the labeling sources.

It learns from ten documents, in seconds: what a list or a rule says about a token is a feature like the
word itself, so a few documents are enough to learn which votes hold, where mentions end and which words no
list has. Reading needs numpy alone, and explains a span by its weights.
``benchmarks/learner.md`` has what every kind of feature is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Any, Literal, get_args
from weakref import finalize

import numpy as np
import srsly
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.util import minibatch
from spacy.vocab import Vocab

from hybrid_ner.errors import ModelError
from hybrid_ner.pipeline.crf_model import CrfModel, CrfSettings, Lattice, PartScores, Weights
from hybrid_ner.pipeline.dense_tagger import DenseReader, DenseTagger, fit_dense
from hybrid_ner.pipeline.encoder import FrozenEncoder, TokenStates
from hybrid_ner.pipeline.fusion import Key
from hybrid_ner.pipeline.scored_ner import (
    LISTED,
    MODEL_GROUP,
    SURE_EDGES,
    ScoredSpan,
    SpanScorer,
    added,
    by_document,
    defined,
    log_odds,
    rebounded,
    surest,
)
from hybrid_ner.pipeline.token_features import Numbered, OwnPart, Part, TokenFeatures, stretches
from hybrid_ner.text import scratch
from hybrid_ner.words import SHIPPED, WordVectors, load_words, read_words, write_words

WEIGHTS = "weights"
"""Method of the evidence of a span: its reference says which features weighed most."""
_Which = Literal["model", "edges", "untold"]
_WEIGHTS: tuple[_Which, ...] = get_args(_Which)
_FILE = "crf.msgpack"
_ENCODER = "encoder"
_READING = RLock()
"""Held while documents are read: what was seen of words and features is kept in tables, which grow. A
recognizer with a lock of its own could not be pickled."""
_NETWORK = "the words and votes here read together"
_WHOLE = "the mention judged as a whole, with the words around it and what else it might be"


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature that speaks for or against a span.

    Args:
        text: What it says, for people.
        weight: Log odds that it adds to the span's tags over no entity, summed over the span's tokens.
    """

    text: str
    weight: float

    def __str__(self) -> str:
        return f"{self.text} ({self.weight:+.1f})"


class CrfEntityRecognizer:
    """Writes its spans and their probabilities to ``doc.spans["model"]`` and ``doc.ents``.

    Args:
        sources: Span groups of the labeling sources it reads, in order of trust; components that write them
            come before it in the pipeline.
        heard: Span groups of further sources, such as models, whose votes are no part of the rules' answer.
    """

    def __init__(
        self,
        vocab: Vocab,
        name: str,
        sources: Sequence[str],
        settings: CrfSettings | None = None,
        heard: Sequence[str] = (),
    ) -> None:
        self.vocab, self.name, self.sources, self.heard = vocab, name, tuple(sources), tuple(heard)
        self.settings = settings or CrfSettings()
        self.learn(CrfModel(("O",), {}, np.zeros((1, 1))))

    def learn(
        self,
        model: CrfModel,
        words: WordVectors | None = None,
        states: TokenStates | None = None,
        dense: DenseTagger | None = None,
        edges: CrfModel | None = None,
        untold: CrfModel | None = None,
        spans: SpanScorer | None = None,
        numbered: Numbered | None = None,
        rows: Mapping[str, Sequence[Sequence[Part]]] | None = None,
    ) -> None:
        """Take over fitted weights, and what was known of words and seen by an encoder by then.

        ``edges`` has the same tags and tells where mentions that are found by ``model`` begin and end;
        ``untold`` was not told what the sources say, and finds some that no list has; ``spans`` judges each
        span as a whole. What ``numbered`` knows of features, those of the same sources, need not be found out
        again, nor the ``rows`` of texts that it has read with the votes they will have.
        """
        self.model, self.words, self.states, self.dense = model, words, states, dense
        self.edges, self.untold, self.spans = edges, untold, spans
        own = self.sources, words, self.settings.forget, self.heard, states
        self.features = numbered.features if numbered else TokenFeatures(*own)
        self._rows = dict(rows or {})
        self._reader = DenseReader(dense, self.features) if dense else None
        self._scores = PartScores([model, *(each for each in (edges, untold) if each)], numbered)
        self._said: dict[str, dict[Part, tuple[tuple[str, list[float]], ...]]] = {w: {} for w in _WEIGHTS}

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(tag[2:] for tag in self.model.tags if tag[0] == "B")

    def __call__(self, doc: Doc) -> Doc:
        with _READING:
            return self.read([doc], [self.features(doc)])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Read many documents: their words are looked up together."""
        for batch in minibatch(stream, batch_size):
            with _READING:
                self.features.look_up(batch)
                rows = [self._rows.get(doc.text) or self.features(doc) for doc in batch]
                read = self.read(batch, rows)
            yield from read

    def read(
        self, docs: Sequence[Doc], rows: Sequence[Sequence[Sequence[Part]]], *, explain: bool = True
    ) -> list[Doc]:
        """Read documents at once whose features are known, and perhaps without the reasons for each span."""
        dense = self._by_network(docs, rows)
        found, edges, moved = self._found(docs, rows, dense)
        starts = np.cumsum([0, *map(len, docs)]).tolist()
        parts = [None if dense is None else dense[a:b] for a, b in pairwise(starts)]
        seen = zip(docs, rows, parts, strict=True)
        said = zip(found, edges, moved, strict=True)
        return [self._write(*a, *b, explain) for a, b in zip(seen, said, strict=True)]

    def _found(
        self, docs: Sequence[Doc], rows: Sequence[Sequence[Sequence[Part]]], dense: Weights | None
    ) -> tuple[list[list[ScoredSpan]], list[list[ScoredSpan]], list[dict[Key, float]]]:
        """Spans of each document that are to be weighed, those with sure edges, and what judging them does.

        The last is what is added to the log odds of each span where it is judged as a whole.
        """
        starts = np.cumsum([0, *map(len, docs)]).tolist()
        pairs = zip(starts, docs, strict=False)
        bounds = [(first + start, first + end) for first, doc in pairs for start, end in stretches(doc)]
        lattices = self._lattices(rows, bounds, dense)
        found = by_document(lattices["model"].likely(LISTED), starts)
        found = [defined(doc, each) for doc, each in zip(docs, found, strict=True)]
        if self.untold:
            more = by_document(lattices["untold"].likely(LISTED), starts)
            more = [defined(doc, each) for doc, each in zip(docs, more, strict=True)]
            found = [added(*pair) for pair in zip(found, more, strict=True)]
        sure = lattices["edges"].likely(SURE_EDGES) if self.edges else ()
        edges = by_document(sure, starts)
        if self.spans is None:
            return found, edges, [{} for _ in docs]
        judged = self.spans.judged(self.features, docs, found)
        moved = [
            {
                (s.start, s.end, s.label): log_odds(now.score) - log_odds(s.score)
                for s, now in zip(*pair, strict=True)
            }
            for pair in zip(found, judged, strict=True)
        ]
        return judged, edges, moved

    def _by_network(self, docs: Sequence[Doc], rows: Sequence[Sequence[Sequence[Part]]]) -> Weights | None:
        """What the network adds to the score of every tag at every token of the documents."""
        return self.settings.dense * self._reader.scores(docs, rows) if self._reader else None

    def _lattices(
        self,
        rows: Sequence[Sequence[Sequence[Part]]],
        bounds: Sequence[tuple[int, int]],
        dense: Weights | None,
    ) -> dict[_Which, Lattice]:
        """By each of the weights that there are; those of the words alone do not hear the network either."""
        there = [which for which in _WEIGHTS if getattr(self, which)]
        scores = self._scores([row for each in rows for row in each])
        found: dict[_Which, Lattice] = {}
        for which, own in zip(there, scores, strict=True):
            model: CrfModel = getattr(self, which)
            if dense is None or self.dense is None or which == "untold":
                found[which] = model.lattice(own, bounds)
                continue
            rest = 1 - self.settings.dense
            between = rest * model.transitions + self.settings.dense * self.dense.transitions
            found[which] = model.lattice(rest * own + dense, bounds, between)
        return found

    def _write(
        self,
        doc: Doc,
        rows: Sequence[Sequence[Part]],
        dense: Weights | None,
        likely: Sequence[ScoredSpan],
        edges: Sequence[ScoredSpan],
        moved: Mapping[Key, float],
        explain: bool,
    ) -> Doc:
        spans = rebounded(surest(likely, self.settings.least_score), edges)
        made = [Span(doc, s.start, s.end, s.label) for s in spans]
        attrs: dict[str, Any] = {
            "scores": [round(s.score, 4) for s in spans],
            "considered": [[s.start, s.end, s.label, round(s.score, 4)] for s in likely],
        }
        if edges:
            attrs["edges"] = [[s.start, s.end, s.label] for s in edges]
        if explain:
            attrs["evidence"] = {
                f"{span.start_char}:{span.end_char}:{span.label_}": self._evidence(
                    span, s.score, rows, dense, moved
                )
                for s, span in zip(spans, made, strict=True)
            }
        doc.set_ents(made)
        doc.spans[MODEL_GROUP] = SpanGroup(doc, name=MODEL_GROUP, spans=made, attrs=attrs)
        return doc

    score = staticmethod(get_ner_prf)
    """Strict scores of the entities, as spaCy's own recognizer gives them."""

    def _evidence(
        self,
        span: Span,
        score: float,
        rows: Sequence[Sequence[Part]],
        dense: Weights | None,
        moved: Mapping[Key, float],
    ) -> dict[str, Any]:
        reasons = self._reasons(rows, dense, (span.start, span.end, span.label_), 3, moved)
        return {
            "method": WEIGHTS,
            "surface": span.text,
            "reference": "; ".join(map(str, reasons)),
            "evidence_score": round(score, 4),
        }

    def span_scores(self, doc: Doc, start: int, end: int) -> dict[str, float]:
        """Probability of each label for the tokens ``[start, end)``, whatever was chosen there."""
        with _READING:
            return self._span_scores(doc, start, end)

    def _span_scores(self, doc: Doc, start: int, end: int) -> dict[str, float]:
        rows, bounds = [self.features(doc)], list(stretches(doc))
        lattices = self._lattices(rows, bounds, self._by_network([doc], rows))
        scores = {label: lattices["model"].probability(start, end, label) for label in self.labels}
        if self.untold:
            other = lattices["untold"]
            asked = [ScoredSpan(start, end, label, other.probability(start, end, label)) for label in scores]
            known = [ScoredSpan(start, end, label, score) for label, score in scores.items()]
            scores = {span.label: span.score for span in added(known, asked)}
        if self.spans:
            spans = [ScoredSpan(start, end, label, s) for label, s in scores.items() if s >= LISTED]
            others = (s for s in lattices["model"].likely(LISTED) if (s.start, s.end) != (start, end))
            (judged,) = self.spans.judged(self.features, [doc], [[*spans, *others]])
            scores |= {span.label: span.score for span in judged[: len(spans)]}
        return scores

    def why(self, doc: Doc, start: int, end: int, label: str, most: int = 5) -> list[Reason]:
        """The heaviest features for and against tokens ``[start, end)`` as ``label``, best first."""
        with _READING:
            rows = self.features(doc)
            dense = self._by_network([doc], [rows])
            moved = self._found([doc], [rows], dense)[-1][0] if self.spans else {}
            return self._reasons(rows, dense, (start, end, label), most, moved)

    def _reasons(
        self,
        rows: Sequence[Sequence[Part]],
        dense: Weights | None,
        key: Key,
        most: int,
        moved: Mapping[Key, float],
    ) -> list[Reason]:
        where, label = slice(*key[:2]), key[2]
        if label not in self.labels:
            return []
        first, inside = (self.model.tags.index(f"{kind}-{label}") for kind in "BI")
        total = self._total("model", rows[where], first, inside)
        if dense is not None:
            rest, added = 1 - self.settings.dense, dense[where]
            total = {said: rest * weight for said, weight in total.items()}
            by_network = added[0, first] + added[1:, inside].sum() - added[:, 0].sum()
            total[_NETWORK] = float(by_network)
        if self.untold and sum(total.values()) < 0:
            other = self._total("untold", rows[where], first, inside)
            total = other if sum(other.values()) > 0 else total
        if key in moved:
            total[_WHOLE] = moved[key]
        heaviest = sorted(total.items(), key=lambda item: -abs(item[1]))[:most]
        return [Reason(said, round(w, 2)) for said, w in sorted(heaviest, key=lambda i: -i[1])]

    def _total(
        self, which: _Which, rows: Sequence[Sequence[Part]], first: int, inside: int
    ) -> dict[str, float]:
        """Weight of what is seen of a span, over no entity."""
        total: dict[str, float] = {}
        model, kept = getattr(self, which), self._said[which]
        for place, parts in enumerate(rows):
            tag = inside if place else first
            for part in parts:
                known = kept.get(part)
                if known is None:
                    known = tuple((said, [w - row[0] for w in row]) for said, row in model.told(part))
                    if not isinstance(part, OwnPart):
                        kept[part] = known
                for said, row in known:
                    total[said] = total.get(said, 0.0) + row[tag]
        return total

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Any = None) -> None:
        """Fit on the examples' entities, for ``spacy train``; votes are read where the examples hold them."""
        docs = [example.reference for example in get_examples()]
        states = TokenStates.fit(self.settings.encoder, docs) if self.settings.encoder else None
        features = TokenFeatures(self.sources, self.words, self.settings.forget, self.heard, states)
        features.look_up(docs)
        numbered = Numbered(features)
        learned = [stretch for doc in docs for stretch in numbered(doc)]
        model = CrfModel.fit(learned, numbered, self.settings)
        dense = fit_dense(features, docs, [features(doc) for doc in docs], model.tags, self.settings)
        self.learn(model, self.words, states, dense)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Weights, and the words they were fitted with: by name where they come with the package."""
        packed: bytes = srsly.msgpack_dumps(
            {
                **self.model.to_plain(),
                "edges": self.edges.to_plain() if self.edges else {},
                "untold": self.untold.to_plain() if self.untold else {},
                "words": _packed(self.words),
                "states": self._packed_states("encoder" not in exclude),
                "dense": self.dense.to_plain() if self.dense else {},
                "spans": self.spans.to_plain() if self.spans else {},
            }
        )
        return packed

    def _packed_states(self, whole: bool) -> dict[str, Any]:
        """The projection of the encoder's states, and unless it stands beside it the encoder."""
        if self.states is None:
            return {}
        grid = np.vstack([self.states.mean, self.states.components.T]).astype("float32")
        kept: dict[str, Any] = {"shape": list(grid.shape), "projection": grid.tobytes()}
        if whole:
            kept["files"] = {path.name: path.read_bytes() for path in self.states.encoder.files}
        return kept

    def from_bytes(
        self, data: bytes, *, exclude: Iterable[str] = (), folder: Path | None = None
    ) -> CrfEntityRecognizer:
        """The inverse of ``to_bytes``.

        Args:
            data: What it gave.
            exclude: Nothing is left out.
            folder: Where the encoder is, when it is not in ``data``.
        """
        kept = srsly.msgpack_loads(data)
        model = CrfModel.of_plain(kept)
        dense = DenseTagger.of_plain(kept["dense"], model.tags) if kept.get("dense") else None
        more = (CrfModel.of_plain(kept[name]) if kept.get(name) else None for name in ("edges", "untold"))
        states = self._opened_states(kept.get("states"), folder)
        edges, untold = more
        spans = SpanScorer.of_plain(kept["spans"]) if kept.get("spans") else None
        self.learn(model, _unpacked(kept["words"]), states, dense, edges, untold, spans)
        return self

    def _opened_states(self, kept: Mapping[str, Any] | None, folder: Path | None) -> TokenStates | None:
        if not kept:
            return None
        if folder is None:
            stack = ExitStack()
            finalize(self, stack.close)
            folder = stack.enter_context(scratch())
            for name, data in kept["files"].items():
                (folder / name).write_bytes(data)
        grid = np.frombuffer(kept["projection"], dtype="float32").reshape(kept["shape"])
        return TokenStates(FrozenEncoder(folder), grid[0], grid[1:].T)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write one file into the component's folder, and beside it the encoder if there is one."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_bytes(self.to_bytes(exclude=["encoder"]))
        if self.states is not None:
            self.states.encoder.copy(folder / _ENCODER)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> CrfEntityRecognizer:
        """The inverse of ``to_disk``.

        Raises:
            ModelError: The folder lacks the file, or it is damaged.
        """
        file = Path(path) / _FILE
        try:
            return self.from_bytes(file.read_bytes(), folder=Path(path) / _ENCODER)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{file}: unreadable weights ({error}). Train the model again.") from error


def _packed(words: WordVectors | None) -> dict[str, Any]:
    if words is None:
        return {}
    if words.name in SHIPPED:
        return {"name": words.name, "fingerprint": words.fingerprint}
    with scratch() as folder:
        write_words(words, folder / "words")
        return {"file": (folder / "words").read_bytes()}


def _unpacked(kept: Mapping[str, Any]) -> WordVectors | None:
    """The words that ``_packed`` kept; a ``ModelError`` where the package brings other ones by now."""
    if not kept:
        return None
    if "file" in kept:
        with scratch() as folder:
            (folder / "words").write_bytes(kept["file"])
            return read_words(folder / "words")
    words = load_words(kept["name"])
    if words.fingerprint != kept["fingerprint"]:
        raise ModelError(
            f"the model was trained with other {kept['name']} words than this version brings. "
            "Update or retrain it."
        )
    return words


@Language.factory(
    "crf_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"sources": [], "heard": [], **asdict(CrfSettings()), "forget": []},
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0},
)
def create_crf_ner(
    nlp: Language,
    name: str,
    sources: list[str],
    heard: list[str],
    l1: float,
    l2: float,
    iterations: int,
    least_score: float,
    forget: list[str],
    encoder: str,
    dense: float,
) -> CrfEntityRecognizer:
    settings = CrfSettings(l1, l2, iterations, least_score, tuple(forget), encoder, dense)
    return CrfEntityRecognizer(nlp.vocab, name, sources, settings, heard)
