"""A pipeline that opens with spaCy alone, and what is lost on the way, counted.

The terms become patterns of two entity rulers (exact letters, any case), the tokenizer is spaCy's with the
same cuts, and the recognizer is spaCy's own with the same weights. The rulers come first, as the rules do;
spaCy's recognizer leaves entities that are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.language import Language

from hybrid_ner.pipeline.fusion import ContextFlags, EntityFusion
from hybrid_ner.pipeline.hybrid_rules import HybridRules
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.pipeline.scored_ner import ScoredEntityRecognizer
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.sources.learned import LearnedWordSource, ReviewedTermSource
from hybrid_ner.terms import Gazetteer, Term, guess_mode
from hybrid_ner.terms.variants import with_own_variants
from hybrid_ner.text import brief, fold, quantity

_HERE = {"labeling_source", "hybrid_rules", "entity_fusion", "context_flags", "crf_ner"}
"""Factories of this package that spaCy alone cannot make."""
_OTHER_LABEL = "terms whose words have another label before"


@dataclass(frozen=True, slots=True)
class Plain:
    """What was made.

    Args:
        nlp: The pipeline.
        patterns: Patterns of its rulers.
        lost: What the full pipeline has and this one has not, each with a count.
    """

    nlp: Language
    patterns: int
    lost: Mapping[str, int]

    __repr__ = brief

    def lines(self) -> list[str]:
        """The losses, for people; the one that has no count comes last."""
        return [
            *(f"{what}: {count:,}" for what, count in self.lost.items()),
            "reasons of a label, groups of rules and model, and probabilities: all",
        ]


def plain_pipeline(nlp: Language) -> Plain:
    """The same pipeline without this package.

    Args:
        nlp: One with labeling sources, ``hybrid_rules``, a model, or several of them. It stays as it is.
    """
    lost: Counter[str] = Counter()
    made = spacy.blank(nlp.lang)
    made.tokenizer.from_bytes(nlp.tokenizer.to_bytes())
    exact, folded = _patterns(_terms(nlp, lost), lost)
    for name, attribute, patterns in (("terms_exact", "ORTH", exact), ("terms", "LOWER", folded)):
        if patterns:
            ruler: Any = made.add_pipe(
                "entity_ruler",
                name=name,
                config={"phrase_matcher_attr": attribute, "overwrite_ents": name == "terms"},
            )
            ruler.add_patterns(patterns)
    _add_model(nlp, made, lost)
    made.meta.update({key: nlp.meta[key] for key in ("performance",) if key in nlp.meta})
    return Plain(made, len(exact) + len(folded), {what: count for what, count in lost.items() if count})


def parts_of(nlp: Language) -> Iterator[LabelingSourceComponent]:
    """Every labeling source, those of ``hybrid_rules`` too, in order of trust."""
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, LabelingSourceComponent):
            yield pipe
        elif isinstance(pipe, HybridRules):
            yield from pipe.parts


def _terms(nlp: Language, lost: Counter[str]) -> Iterator[Term]:
    """Terms of every source in order of trust; sources that are more than a list are counted."""
    reviewed, lists, words, others = [], [], [], []
    sources: Iterator[Any] = (part.source for part in parts_of(nlp))
    for source in sources:
        if isinstance(source, ReviewedTermSource):
            reviewed += [
                Term(t.text, t.label, source="review", mode=guess_mode(t.text)) for t in source.terms
            ]
        elif isinstance(source, LearnedWordSource):
            learned = source.words
            words += [Term(item.word, item.label, source="learned") for item in learned if not item.is_ending]
            lost["endings that tell words the lists lack"] += sum(item.is_ending for item in learned)
        elif type(source) is GazetteerSource:
            lists.append(with_own_variants(source.gazetteer) if source.variants else source.gazetteer)
            lost["near matches of terms (sources with fuzzy matching)"] += source.fuzzy.is_on
        else:
            others.append(source)
            own = getattr(source, "gazetteer", None)
            # A domain's own class of gazetteer source guards its terms; the terms are those of the list.
            if isinstance(own, Gazetteer) and not any(own is known for known in lists):
                lists.append(own)
    names = ", ".join(source.name for source in others)
    lost[f"labeling sources that are no list of terms ({names})"] += len(others)
    flags = (getattr(pipe, "_flags", None) or pipe for _, pipe in nlp.pipeline)
    lost["context flags (negated, family, …)"] += any(isinstance(each, ContextFlags) for each in flags)
    return iter([*reviewed, *(term for terms in lists for term in terms), *words])


def _patterns(terms: Iterable[Term], lost: Counter[str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Patterns of exact letters and of any case; the first term of a string gives its label."""
    exact: dict[str, Term] = {}
    folded: dict[str, Term] = {}
    for term in terms:
        if term.mode == "defined":
            lost["terms that match only where a text defines them"] += 1
            continue
        kept, key = (exact, term.text) if term.mode == "case" else (folded, fold(term.text))
        first = kept.setdefault(key, term)
        if first is not term:
            same = first.label == term.label
            lost["spellings and concepts beside the first of the same words" if same else _OTHER_LABEL] += 1
    return list(map(_pattern, exact.values())), list(map(_pattern, folded.values()))


def _pattern(term: Term) -> dict[str, str]:
    found = {"label": term.label, "pattern": term.text}
    return {**found, "id": term.concept_id} if term.concept_id else found


def _add_model(nlp: Language, made: Language, lost: Counter[str]) -> None:
    """The recognizer and everything that spaCy itself knows, in order."""
    fusion = next((pipe for _, pipe in nlp.pipeline if isinstance(pipe, EntityFusion)), None)
    for name, pipe in nlp.pipeline:
        factory = nlp.get_pipe_meta(name).factory
        if factory == "crf_ner":
            lost["models that spaCy alone cannot read (the CRF)"] += 1
        elif isinstance(pipe, ScoredEntityRecognizer) and fusion is not None and fusion.min_score > 1:
            lost["models left out, since the hybrid adds none of their spans"] += 1
        elif factory not in _HERE:
            original = "ner" if factory == "scored_ner" else factory
            config = {key: value for key, value in nlp.get_pipe_config(name).items() if key != "factory"}
            copy = made.add_pipe(original, name=name, config=config)
            if hasattr(copy, "from_bytes"):
                copy.from_bytes(pipe.to_bytes())
            if isinstance(pipe, ScoredEntityRecognizer) and fusion is not None:
                what = f"bounds of probability (spans of the model below {fusion.min_score:g} come in too)"
                lost[what] += fusion.min_score > 0


def spans_of(nlp: Language, texts: Iterable[str]) -> Iterator[set[tuple[int, int, str]]]:
    """The entities of each text, in characters."""
    for doc in nlp.pipe(texts):
        yield {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def compared(full: Language, plain: Language, texts: Iterable[str]) -> dict[str, int]:
    """How many entities both find, and each alone."""
    read = list(texts)
    counts: Counter[str] = Counter(documents=len(read), both=0, lost=0, added=0)
    for first, second in zip(spans_of(full, read), spans_of(plain, read), strict=True):
        counts.update(both=len(first & second), lost=len(first - second), added=len(second - first))
    return dict(counts)


def told(counts: Mapping[str, int]) -> str:
    """``compared`` in one sentence."""
    total = counts["both"] + counts["lost"]
    share = f" ({100 * counts['both'] / total:.1f} %)" if total else ""
    return (
        f"in {quantity(counts['documents'], 'document')} it finds {counts['both']:,} of the {total:,} "
        f"entities of the full pipeline{share}, and {counts['added']:,} that are none of it"
    )
