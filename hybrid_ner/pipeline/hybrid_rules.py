"""All the rules as one component for anyone's pipeline.

::

    nlp.add_pipe("hybrid_rules", config={"terms": "drugs.csv", "domain": "generic"})

It reads its lists when the first document comes, or its saved state when the pipeline is opened, which then
needs no list any more.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.matching import TERMS, Compiled, Fuzzy, gather_terms, read_terms
from hybrid_ner.pipeline.concept_ids import ConceptIds
from hybrid_ner.pipeline.fusion import RULE_GROUP, ContextFlags, joined, set_ents, spans_of, write_rules
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import Misaligned
from hybrid_ner.sources.context import read_lists
from hybrid_ner.sources.functions import source_state
from hybrid_ner.sources.gazetteer import compiled_terms
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import parse_ids
from hybrid_ner.text import quantity

_STATE = "rules.json"


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
        self._warned = False

    def __repr__(self) -> str:
        names = "not read yet" if self._parts is None else quantity(len(self._parts), "source")
        return f"<hybrid rules {self.name!r}, domain {self.config.domain}, {names}>"

    @property
    def parts(self) -> list[LabelingSourceComponent]:
        """The labeling sources in order of trust; the lists are read when they are first asked for."""
        if self._parts is None:
            config = self.config
            own = bool(config.rules or config.sources)
            if not (own or config.terms or (config.shipped and DOMAINS.get(config.domain).terms)):
                raise InputError(
                    f"the component {self.name!r} has no terms and no rules.",
                    hint='Give them: config={"terms": "drugs.csv"}, or call use(gazetteer).',
                )
            how: dict[str, Any] = {name: getattr(config, name) for name in ("label", "columns", "shipped")}
            self.use(gather_terms(config.domain, map(Path, config.terms), **how, may_be_empty=own))
        assert self._parts is not None
        return self._parts

    def use(self, gazetteer: Gazetteer) -> HybridRules:
        """Take terms made in Python instead of those of the lists."""
        config = self.config
        rules = read_rules(*config.rules)
        own, fuzzy = (*config.sources, *rules), Fuzzy.parse(config.fuzzy)
        which = config.disable, config.switches
        settings = DomainSettings(*which, sources=own, fuzzy=fuzzy, variants=config.variants)
        self._parts = []
        for source in build_sources(config.domain, gazetteer, settings):
            counts = bool(getattr(source, "counts", True))
            part = LabelingSourceComponent(self.nlp, source.name, config.domain, counts)
            part.source = source
            self._parts.append(part)
        folder = DOMAINS.get(config.domain).context
        if config.flags and folder is not None:
            self._flags = ContextFlags(lists=read_lists(folder))
        return self

    def __call__(self, doc: Doc) -> Doc:
        for part in self.parts:
            part(doc)
        found = write_rules(doc, [part.name for part in self.parts if part.counts], self.config.spans_key)
        if doc.ents:
            rules, own = spans_of(doc, found), self.config.overwrite_ents
            doc.set_ents(joined(rules, doc.ents) if own else joined(doc.ents, rules))
        else:
            set_ents(doc, found)
        if self._flags is not None:
            self._flags(doc)
        if self._ids is not None:
            self._ids(doc)
        if not self._warned and (lost := next((p.misaligned[0] for p in self.parts if p.misaligned), None)):
            self._warned = True
            said = f"{lost.surface!r} is no whole number of tokens in a text, so this match is lost"
            step = 'The tokenizer "hybrid_ner.Tokenizer.v1" cuts finer; take_misaligned() lists what is lost.'
            warnings.warn(f"{self.name}: {said}. {step}", stacklevel=1)
        return doc

    def take_misaligned(self) -> list[Misaligned]:
        """The matches since the last call that fitted no tokens."""
        return [match for part in self.parts for match in part.take_misaligned()]

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
    Fuzzy.parse(_several(fuzzy))
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
