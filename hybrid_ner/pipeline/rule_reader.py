"""The rules' answer to texts, without spaCy's ``Doc`` where no source asks for one, and without the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.language import Language

from hybrid_ner.matching.exact import batches
from hybrid_ner.pipeline.context_flags import ContextFlags
from hybrid_ner.pipeline.fusion import EntityFusion
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.sources.base import TextView, Vote, aggregate
from hybrid_ner.sources.models.base import ModelSource
from hybrid_ner.text.tokenizer import TokenEdges

_AT_ONCE = 200_000
"""Characters of the texts that are read together: the next answer comes soon, and batches are worth it."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What the rules say of a text.

    Args:
        votes: The chosen ones, in order.
        flags: Context flags of each, in the same order.
    """

    votes: list[Vote]
    flags: list[tuple[str, ...]]


class RuleReader:
    """Runs the labeling sources of a pipeline, and nothing else of it.

    Args:
        nlp: A pipeline that ``serves`` accepts.
    """

    def __init__(self, nlp: Language) -> None:
        pipes = [pipe for _, pipe in nlp.pipeline]
        self._parts = [pipe for pipe in pipes if isinstance(pipe, LabelingSourceComponent)]
        self._fusion = next(pipe for pipe in pipes if isinstance(pipe, EntityFusion))
        self._flags = next((pipe for pipe in pipes if isinstance(pipe, ContextFlags)), None)
        self._tokens = TokenEdges(nlp.tokenizer)

    @staticmethod
    def serves(nlp: Language, others: Iterable[str] = ()) -> bool:
        """Whether the rules of a pipeline can be asked alone: models among the sources tell of each ``Doc``.

        Args:
            nlp: A pipeline.
            others: Factories of components that are passed over.
        """
        known = {"labeling_source", "entity_fusion", "context_flags", *others}
        factories = [nlp.get_pipe_meta(name).factory for name in nlp.pipe_names]
        models = any(
            isinstance(pipe, LabelingSourceComponent) and isinstance(pipe.source, ModelSource)
            for _, pipe in nlp.pipeline
        )
        return not models and (
            "entity_fusion" in factories and known.issuperset(factories) and TokenEdges.serves(nlp.tokenizer)
        )

    def read(self, texts: Iterable[str]) -> Iterator[RuleAnswer]:
        """The answer to each text, in order."""
        for batch in batches(texts, _AT_ONCE):
            views = [TextView(text, tokens=self._tokens) for text in batch]
            ahead = [(part, part.look_ahead(views)) for part in self._parts]
            for number, view in enumerate(views):
                for part, found in ahead:
                    part.read(view, None if found is None else found[number])
                yield self._answer(view)

    def _answer(self, view: TextView) -> RuleAnswer:
        votes = aggregate(view, self._fusion.sources)  # type: ignore[arg-type]
        if self._flags is None:
            return RuleAnswer(votes, [()] * len(votes))
        spans = [(vote.match.start, vote.match.end) for vote in votes]
        found = self._flags.found(view.text, spans)
        return RuleAnswer(votes, [tuple(sorted(flags)) for flags in found])
