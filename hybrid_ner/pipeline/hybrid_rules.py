"""All the rules as one component for anyone's pipeline; and a pipeline that opens with spaCy alone.

::

    nlp.add_pipe("hybrid_rules", config={"terms": "drugs.csv", "domain": "generic"})

It reads its lists when the first document comes, or its saved state when the pipeline is opened, which then
needs no list any more. Where only spaCy is installed, the terms become patterns of two entity rulers
(exact letters, any case), with spaCy's tokenizer and the same cuts, and its own recognizer with the same
weights behind them, which leaves entities that are there; what is lost on the way is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc

from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.matching import TERMS, Compiled, Fuzzy, gather_terms, read_terms, terms_given
from hybrid_ner.pipeline.concept_ids import ConceptIds
from hybrid_ner.pipeline.fusion import (
    RULE_GROUP,
    ContextFlags,
    EntityFusion,
    joined,
    set_ents,
    spans_of,
    write_rules,
)
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.pipeline.scored_ner import ScoredEntityRecognizer
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import NEAR_MATCHES, Unfit, view_of
from hybrid_ner.sources.context import read_lists
from hybrid_ner.sources.functions import check_saving, source_state
from hybrid_ner.sources.gazetteer import GazetteerSource, compiled_terms
from hybrid_ner.sources.learned import LearnedWordSource, ReviewedTermSource
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms import Gazetteer, Term, guess_mode
from hybrid_ner.terms.shipped import parse_ids
from hybrid_ner.terms.variants import with_own_variants
from hybrid_ner.text import brief, fold, quantity
from hybrid_ner.text.tokenizer import name_requirement

_STATE = "rules.json"
_READING = RLock()
"""Held while lists are read, by one of several threads; a component with a lock of its own has no pickle."""


@dataclass(frozen=True, slots=True)
class RulesConfig:
    """What the component is told.

    Args:
        terms: Term lists: files in any format, or shipped packs by name (``medical/anatomy``).
        label: Label of every row of the lists, instead of their own.
        columns: Roles of the columns of lists that are tables: ``term=NAME,label=TYPE``.
        domain: Whose sources run.
        shipped: Whether the lists that the domain ships come after yours.
        rules: Files of rules (``hybrid-ner --rules``).
        sources: Registered labeling sources of your own.
        disable: Names of sources to leave out.
        switches: The domain's optional rules to turn on.
        overwrite_ents: Whether a rule span takes the place of entities that earlier components set; by
            default those stand, and rule spans come where none is.
        spans_key: Span group of the rules' answer; each source has its own group beside it, with evidence.
        flags: Whether context flags are set where the domain has some.
        fuzzy: Near matches of terms: ``off``, ``suggest``, ``label``, or one of them for a label
            (``Disease=label``); suggested ones stand in ``doc.spans["near_matches"]``.
        variants: Whether other forms of the terms of your lists are looked for.
        ids: Vocabularies that ``kb_id_`` is wanted of (``mesh,omim``); by default the ids of the lists.
    """

    terms: tuple[str, ...] = ()
    label: str = ""
    columns: str = ""
    domain: str = "generic"
    shipped: bool = True
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    overwrite_ents: bool = False
    spans_key: str = RULE_GROUP
    flags: bool = True
    fuzzy: tuple[str, ...] = ()
    variants: bool = True
    ids: str = ""


class HybridRules:
    """Term lists and rules in one component: writes ``doc.spans`` and ``doc.ents``.

    Args:
        nlp: The pipeline the component belongs to.
        name: Name of the component.
        config: See ``RulesConfig``.
    """

    def __init__(self, nlp: Language, name: str, config: RulesConfig) -> None:
        self.nlp, self.name, self.config = nlp, name, config
        self._parts: list[LabelingSourceComponent] | None = None
        self._flags: ContextFlags | None = None
        vocabularies = parse_ids(config.ids)
        self._ids = ConceptIds(vocabularies, config.domain, config.spans_key) if vocabularies else None

    def __repr__(self) -> str:
        names = "not read yet" if self._parts is None else quantity(len(self._parts), "source")
        return f"<hybrid rules {self.name!r}, domain {self.config.domain}, {names}>"

    @property
    def parts(self) -> list[LabelingSourceComponent]:
        """The labeling sources in order of trust; the lists are read when they are first asked for."""
        if self._parts is None:
            with _READING:
                if self._parts is None:  # still: another thread may have read them meanwhile
                    self._read()
        assert self._parts is not None
        return self._parts

    def _read(self) -> None:
        config = self.config
        own = bool(config.rules or config.sources)
        if not (own or config.terms or (config.shipped and DOMAINS.get(config.domain).terms)):
            raise InputError(
                f"the component {self.name!r} has no terms and no rules.",
                hint='Give them: config={"terms": "drugs.csv"}, or call use(gazetteer).',
            )
        how: dict[str, Any] = {name: getattr(config, name) for name in ("label", "columns", "shipped")}
        self.use(gather_terms(config.domain, map(Path, config.terms), **how, may_be_empty=own))

    def use(self, gazetteer: Gazetteer) -> HybridRules:
        """Take terms made in Python instead of those of the lists.

        Raises:
            InputError: It is no gazetteer.
        """
        config = self.config
        gazetteer = terms_given(gazetteer, config.domain)
        rules = read_rules(*config.rules)
        own, fuzzy = (*config.sources, *rules), Fuzzy.parse(config.fuzzy)
        which = config.disable, config.switches
        settings = DomainSettings(*which, sources=own, fuzzy=fuzzy, variants=config.variants)
        parts = []
        for source in build_sources(config.domain, gazetteer, settings):
            check_saving(source)
            counts = bool(getattr(source, "counts", True))
            part = LabelingSourceComponent(self.nlp, source.name, config.domain, counts)
            part.source = source
            parts.append(part)
        if config.spans_key in (names := [part.name for part in parts]):
            said = f"spans_key {config.spans_key!r} is the group of a source of {self.name!r}."
            raise InputError(said, hint=f"Use a name that is none of {', '.join(names)}.")
        folder = DOMAINS.get(config.domain).context
        if config.flags and folder is not None:
            self._flags = ContextFlags(lists=read_lists(folder))
        self._parts = parts  # last: from now on other threads go by it
        return self

    score = staticmethod(get_ner_prf)
    """Strict scores of the entities, as spaCy's own recognizer gives them."""

    def __call__(self, doc: Doc) -> Doc:
        parts, key = self.parts, self.config.spans_key
        with view_of(doc).apart(self.name, [*(part.name for part in parts), NEAR_MATCHES, key]):
            for part in parts:
                part(doc)
            found = write_rules(doc, [part.name for part in parts if part.counts], key)
            if doc.ents:
                rules, own = spans_of(doc, found), self.config.overwrite_ents
                doc.set_ents(joined(rules, doc.ents) if own else joined(doc.ents, rules))
            else:
                set_ents(doc, found)
            if self._ids is not None:
                self._ids(doc)
        if self._flags is not None:
            self._flags(doc)
        return doc

    def take_misaligned(self) -> Unfit:
        """The matches since the last call that fitted no tokens, the first 1,000 of every source."""
        return Unfit.together(part.take_misaligned() for part in self.parts)

    def _state(self) -> tuple[dict[str, Any], Gazetteer | None]:
        """Every source as plain values, and the terms that they share."""
        sources: list[dict[str, Any]] = []
        shared: Gazetteer | None = None
        for part in self.parts:
            gazetteer = getattr(part.source, "gazetteer", None)
            shared = gazetteer if shared is None else shared
            if gazetteer is not None and gazetteer is not shared:
                raise ModelError(f"{self.name}: the source {part.name!r} has terms of its own; leave it out.")
            assert part.source is not None
            sources.append({"state": source_state(part.source), "terms": gazetteer is not None})
        lists = self._flags.lists if self._flags else None
        return {"sources": sources, "flags": lists}, shared

    def _compiled(self, gazetteer: Gazetteer) -> Compiled:
        return compiled_terms(gazetteer, (part.source for part in self.parts))

    def _restore(self, state: Mapping[str, Any], gazetteer: Gazetteer | None, where: str) -> HybridRules:
        parts = []
        try:
            if gazetteer is None and any(kept["terms"] for kept in state["sources"]):
                raise ModelError(
                    f"{where}: the terms of {self.name!r} are not there. Save the pipeline again."
                )
            for kept in state["sources"]:
                part = LabelingSourceComponent(self.nlp, kept["state"]["name"], self.config.domain)
                parts.append(part.restore(kept["state"], gazetteer if kept["terms"] else None, where))
                part.counts = bool(getattr(part.source, "counts", True))
            lists = state["flags"]
        except (KeyError, TypeError) as error:
            raise ModelError(f"{where}: unusable rules ({error}). Save the pipeline again.") from error
        self._parts, self._flags = parts, None if lists is None else ContextFlags(lists=lists)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        state, gazetteer = self._state()
        terms = b"" if gazetteer is None else self._compiled(gazetteer).to_bytes()
        packed: bytes = srsly.msgpack_dumps({"state": json.dumps(state), "terms": terms})
        return packed

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> HybridRules:
        """The inverse of ``to_bytes``.

        Raises:
            ModelError: The data are something else.
        """
        try:
            kept = srsly.msgpack_loads(data)
            state, terms = json.loads(kept["state"]), kept["terms"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self.name}: unreadable rules ({error}). Call to_bytes() again.") from error
        return self._restore(state, read_terms(terms) if terms else None, self.name)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        state, gazetteer = self._state()
        (folder / _STATE).write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        if gazetteer is not None:
            self._compiled(gazetteer).save(folder / TERMS, whole=False)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> HybridRules:
        """The inverse of ``to_disk``.

        Raises:
            ModelError: The folder lacks the state, or it is damaged.
        """
        folder = Path(path)
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{folder}: unreadable rules ({error}). Save the pipeline again.") from error
        terms = folder / TERMS
        return self._restore(state, read_terms(terms) if terms.is_file() else None, str(folder / _STATE))

    def __getstate__(self) -> dict[str, Any]:
        _ = self.parts  # a pickle carries its terms, as a folder does
        return self.__dict__


_DEFAULTS = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(RulesConfig()).items()}


@Language.factory(
    "hybrid_rules",
    assigns=["doc.ents", "doc.spans", "token.ent_iob", "token.ent_type"],
    default_config=_DEFAULTS,
)
def create_hybrid_rules(
    nlp: Language,
    name: str,
    terms: str | list[str],
    label: str,
    columns: str,
    domain: str,
    shipped: bool,
    rules: str | list[str],
    sources: list[str],
    disable: list[str],
    switches: list[str],
    overwrite_ents: bool,
    spans_key: str,
    flags: bool,
    fuzzy: str | list[str],
    variants: bool,
    ids: str,
) -> HybridRules:
    DOMAINS.get(domain)  # a misspelled one is told now, not with the first document
    if not spans_key:
        raise InputError(f"{name}: spans_key is empty.", hint=f'Leave it out, which is "{RULE_GROUP}".')
    Fuzzy.parse(_several(fuzzy))
    name_requirement(nlp)
    config = RulesConfig(
        terms=_several(terms),
        label=label,
        columns=columns,
        domain=domain,
        shipped=shipped,
        rules=_several(rules),
        sources=tuple(sources),
        disable=tuple(disable),
        switches=tuple(switches),
        overwrite_ents=overwrite_ents,
        spans_key=spans_key,
        flags=flags,
        fuzzy=_several(fuzzy),
        variants=variants,
        ids=ids,
    )
    return HybridRules(nlp, name, config)


def _several(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


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
                Term(t.text, t.label, t.concept_id, source="review", mode=guess_mode(t.text))
                for t in source.terms
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


def _entities(nlp: Language, texts: Iterable[str]) -> Iterator[set[tuple[int, int, str]]]:
    """The entities of each text, in characters."""
    for doc in nlp.pipe(texts):
        yield {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def compared(full: Language, plain: Language, texts: Iterable[str]) -> dict[str, int]:
    """How many entities both find, and each alone."""
    read = list(texts)
    counts: Counter[str] = Counter(documents=len(read), both=0, lost=0, added=0)
    for first, second in zip(_entities(full, read), _entities(plain, read), strict=True):
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
