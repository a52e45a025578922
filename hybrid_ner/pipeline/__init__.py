"""Build, save and move into place the two pipelines: rules alone, and rules with a trained student."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spacy.language import Language
from spacy.strings import StringStore

from hybrid_ner.corpus.document import LEARNED, Document
from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.errors import InputError, given_path, wrong_kind
from hybrid_ner.matching import Fuzzy, terms_given
from hybrid_ner.pipeline.concept_ids import CONCEPT_GROUP, add_concept_ids, candidates_of, set_ids
from hybrid_ner.pipeline.fusion import (
    CONTEXT_GROUP,
    RULE_GROUP,
    SYSTEMS,
    TRUST,
    EntityFusion,
    Key,
    Policy,
    System,
    add_context_flags,
    flags_by_span,
    least_of,
    pool,
    said_of,
    sources_of,
    system_spans,
    write_rules,
)
from hybrid_ner.pipeline.labeling import (
    READ_ATTR,
    TRUST_ATTR,
    RuleReader,
    Voters,
    add_source,
    labeling_sources,
    notes_of,
    set_fuzzy,
    source_names,
    take_reports,
    voters_of,
)
from hybrid_ner.pipeline.scored_ner import CONSIDERED, MODEL_GROUP, Recognizer, bare
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import Unfit
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import lock, named_after, part_of
from hybrid_ner.text.tokenizer import blank, ready

__all__ = [
    "CONCEPT_GROUP",
    "CONSIDERED",
    "CONTEXT_GROUP",
    "MODEL_GROUP",
    "READ_ATTR",
    "RULE_GROUP",
    "SYSTEMS",
    "TRUST_ATTR",
    "EntityFusion",
    "FusionSettings",
    "Key",
    "Policy",
    "Recognizer",
    "RuleReader",
    "System",
    "Voters",
    "add_source",
    "alone",
    "assemble",
    "bare",
    "blank",
    "candidates_of",
    "flags_by_span",
    "labeling_sources",
    "least_of",
    "notes_of",
    "pool",
    "rule_pipeline",
    "said_of",
    "save",
    "set_fuzzy",
    "set_ids",
    "source_names",
    "sources_of",
    "system_spans",
    "take_reports",
    "voters_of",
    "write_rules",
]


_LAST = "config.cfg"
_WORK = "work"
_OWN = {"labeling_source", "hybrid_rules", "entity_fusion", "context_flags", "concept_ids", "crf_ner"}
_OWN |= {"scored_ner", "ner", "tok2vec", "transformer"}
"""Factories that need no string of the vocabulary but their labels."""
_ELSEWHERE = "Choose another folder."


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """Settings of ``entity_fusion``.

    Args:
        min_score: Least probability of a model span; ``None`` lets a bootstrap choose it on held-out text,
            so that the hybrid cannot fall noticeably below the rules, and lets retraining choose it and the
            policy by the documents that were reviewed.
        policy, trust: See ``EntityFusion``.
        known: Whether spans that a model among the sources added have, where the two are pooled, at least the
            probability that it has earned by review; a learner that hears it may know better.
        right: The probability that the rules' answer stands for where the two are pooled, by label, by label
            and source, and of all else (``fusion.said_of``). Empty: it is certain.
    """

    min_score: float | None = None
    policy: Policy = "rules_first"
    trust: float = TRUST
    known: bool = False
    right: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        # Read from a file they are lists, which cannot be the key of a comparison.
        object.__setattr__(self, "right", tuple((label, share) for label, share in self.right))

    def config(self, earned: Sequence[tuple[str, str, float]]) -> dict[str, Any]:
        """For the component ``entity_fusion``.

        Args:
            earned: What models among the sources have earned (``ReviewPolicy.earned``).
        """
        kept = {
            "policy": self.policy,
            "trust": self.trust,
            "earned": [list(e) for e in earned if self.known],
            # As pairs: a config holds no key that is empty or has "=" in it.
            "right": [list(pair) for pair in self.right],
        }
        return kept if self.min_score is None else {**kept, "min_score": self.min_score}


def rule_pipeline(
    gazetteer: Gazetteer | str | Path,
    domain: str = "generic",
    settings: DomainSettings | None = None,
    *,
    sources: Iterable[Any] | str = (),
    fuzzy: Fuzzy | str | None = None,
    ids: str = "",
    judged: bool = True,
) -> Language:
    """Tokenizer, labeling sources and fusion, without a model: ``doc.ents`` are the rules' answer.

    What models among the sources add to rules is shown in their span groups; it is an entity where it has
    earned it (``settings.reviewed``), or the model says ``counts: true``.

    Args:
        gazetteer: Terms for the domain's sources; or the path of a list, which the lists of the
            domain are added to; or the name of a domain, for that domain and its lists.
        domain: A registered domain.
        settings: Which sources run, and switches.
        sources: The user's own beside them: names of registered sources, decorated functions or objects;
            or one name.
        fuzzy: ``off``, ``suggest`` or ``label``, or ``Fuzzy``; by default as ``settings`` say. Near matches
            that are only suggested stand in ``doc.spans["near_matches"]``.
        ids: Vocabularies that ``kb_id_`` is wanted of, such as ``mesh`` or ``mesh,omim``; by default as
            ``settings`` say, else the ids that the lists give.
        judged: ``False`` lets everything count, for those who judge what models have earned.

    Raises:
        InputError: Unknown domain, source, switch or vocabulary, or a source that cannot be saved; or
            something else than terms.
    """
    several = isinstance(sources, Iterable) and not isinstance(sources, str | bytes)
    sources = tuple(sources) if several else (sources,)
    domain = gazetteer if isinstance(gazetteer, str) and gazetteer in DOMAINS else domain
    gazetteer = terms_given(gazetteer, domain)
    nlp, settings = blank(), settings or DomainSettings()
    if not isinstance(settings, DomainSettings):
        raise wrong_kind("DomainSettings", settings, 'Give DomainSettings(sources=("doses",)).')
    if fuzzy is not None:
        settings = replace(settings, fuzzy=Fuzzy.of(fuzzy))
    _add_rules(nlp, gazetteer, domain, replace(settings, sources=(*settings.sources, *sources)), judged)
    add_fusion(nlp, domain, ids or settings.ids)
    return prepared(nlp)


def add_fusion(nlp: Language, domain: str, ids: str, **config: Any) -> None:
    """What every pipeline ends with: fusion, and the flags and concept ids of what it found."""
    nlp.add_pipe("entity_fusion", config={"sources": source_names(nlp), **config})
    add_context_flags(nlp, domain)
    add_concept_ids(nlp, domain, ids)


_FIRST = (
    "Mr. Rao of Acme Inc. told the Supreme Court on March 3, 2021 in Smith v. Jones, 12 U.S. 3, that under "
    "section 5 of the Drugs Act, 1940 she had no pain from 5 mg of aspirin."
)
"""A sentence that most rules look at."""


def prepared(nlp: Language) -> Language:
    """The pipeline as it is after a first text: special cases are cut, and patterns compiled (legal: 1 s)."""
    doc = nlp.make_doc(_FIRST)
    for part in labeling_sources(nlp):
        if type(part.source).__module__.startswith("hybrid_ner.domains."):
            doc = part(doc)
    return ready(nlp)


def assemble(
    gazetteer: Gazetteer, domain: str, sources: DomainSettings, student: Language, fusion: FusionSettings
) -> Language:
    """The hybrid pipeline: labeling sources, the student's components, fusion."""
    nlp = blank()
    _add_rules(nlp, gazetteer, domain, sources)
    for name in student.pipe_names:
        nlp.add_pipe(name, source=student)
    add_fusion(nlp, domain, sources.ids, **fusion.config(sources.reviewed.earned))
    return nlp


def given_pipeline(nlp: Any) -> Language:
    """A pipeline as somebody gave it.

    Raises:
        InputError: It is none, such as its path.
    """
    if not isinstance(nlp, Language):
        raise wrong_kind("a pipeline", nlp, "Open a saved one with load_pipeline(folder).")
    return nlp


def save(nlp: Language, out: str | Path, linked: Mapping[str, Path] = MappingProxyType({})) -> None:
    """Write the pipeline beside ``out`` and move its files in, ``config.cfg`` last.

    Args:
        linked: Component → folder of an earlier save, whose files serve again instead of being written.

    Raises:
        InputError: It is no pipeline, or ``out`` no folder.
    """
    out = given_path(out)
    given_pipeline(nlp)
    _no_file(out)
    out.mkdir(parents=True, exist_ok=True)
    temporary = part_of(out / "saving")
    try:
        with named_after(out):
            nlp.to_disk(temporary, exclude=list(linked))
            _forget_words(nlp, temporary / "vocab")
            for name, folder in linked.items():
                shutil.copytree(folder, temporary / name, copy_function=_link)
        (out / _LAST).unlink(missing_ok=True)
        for path in sorted(temporary.iterdir(), key=lambda p: p.name == _LAST):
            target = out / path.name
            if target.is_dir():
                shutil.rmtree(target)
            os.replace(path, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _forget_words(nlp: Language, vocab: Path) -> None:
    """Leave what documents brought to the vocabulary ("Mrs Johannsen") out of the one that was saved.

    spaCy keeps every word it has read; the components here hash words, so they need none of them. A pipeline
    with word vectors or other components keeps all.
    """
    if len(nlp.vocab.vectors) or not {nlp.get_pipe_meta(n).factory for n in nlp.component_names} <= _OWN:
        return
    kept = StringStore([*_own_words(), *chain.from_iterable(nlp.pipe_labels.values())])
    kept.to_disk(vocab / "strings.json")


@cache
def _own_words() -> tuple[str, ...]:
    """What a pipeline knows that has read nothing: its tokenizer's special cases."""
    nlp = blank()
    nlp.tokenizer.settle()
    return tuple(nlp.vocab.strings)


_HASH = 16
"""Digits that tell a text from all others."""


def note_learned(nlp: Language, hashes: Iterable[str]) -> None:
    """Let a pipeline know the documents that it has learned from, by their ``content_hash``."""
    nlp.meta[LEARNED] = sorted({each[:_HASH] for each in hashes})


def tell_learned(nlp: Language, documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, marked where the pipeline has learned from them; the mark of another is taken off."""
    known = frozenset(nlp.meta.get(LEARNED, ()))
    for document in documents:
        if known and document.content_hash[:_HASH] in known:
            yield replace(document, meta={**document.meta, LEARNED: True})
        elif LEARNED in document.meta:
            yield replace(document, meta={k: v for k, v in document.meta.items() if k != LEARNED})
        else:
            yield document


def beside(out: Path, name: str) -> Path:
    """``OUT.NAME``: where what holds text of documents stands, since a model's folder is passed on whole."""
    place = out if out.name not in ("", "..") else Path(os.path.abspath(out))
    return place.with_name(f"{place.name}.{name}")


def work_folder(out: Path) -> Path:
    """``OUT.work``: what a bootstrap or a fast update of ``OUT`` left for the next one."""
    return beside(out, _WORK)


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _no_file(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError("expected a folder for the pipeline, found a file.", path=out, hint=_ELSEWHERE)


def check_out(out: Path, *, trains: bool = True) -> None:
    """Complain about a place that ``save`` cannot use before any work is done.

    Args:
        trains: spaCy trains there, whose settings hold the path as UTF-8.

    Raises:
        InputError: It is a file, or a folder of something else than a pipeline.
        OSError: It cannot be written to.
    """
    if trains and (whole := str(out.absolute())) != whole.encode(errors="replace").decode():
        raise InputError("the name of the folder is not UTF-8.", path=out, hint=_ELSEWHERE)
    _no_file(out)
    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    begun = out.with_name(f"{out.name}.{_WORK}").is_dir() if out.name else False  # and killed while it saved
    if names and not begun and names.isdisjoint((_LAST, "meta.json")):
        raise InputError(
            f"expected a new folder or that of an earlier model, found one with {min(names)!r}.",
            path=out,
            hint=_ELSEWHERE,
        )
    place = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Let no other process make a pipeline in this folder, or in what is kept beside it, meanwhile.

    Raises:
        InputError: One does.
    """
    place = Path(os.path.realpath(out))
    place, held = place.with_name(f".{place.name}.lock"), None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        held = lock(place)
    except BlockingIOError as error:
        hint = f"Wait until it has ended, or c{_ELSEWHERE[1:]}"
        raise InputError("another process makes its own there now.", path=out, hint=hint) from error
    except (OSError, ImportError):
        pass  # what cannot be locked is tried all the same
    try:
        yield
    finally:
        if held is not None:
            with suppress(OSError):
                place.unlink(missing_ok=True)
            os.close(held)


def take_misaligned(nlp: Language) -> Unfit:
    """Matches since the last call that fitted no tokens: the first 1,000 of every source, all counted."""
    return Unfit.together(part.take_misaligned() for part in labeling_sources(nlp))


def _add_rules(
    nlp: Language, gazetteer: Gazetteer, domain: str, sources: DomainSettings, judged: bool = True
) -> None:
    for source in build_sources(domain, gazetteer, sources, judged=judged):
        add_source(nlp, source, domain)
