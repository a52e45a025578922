"""Hybrid named entity recognition: term lists, weak labels, a trained model, and review.

The names below are the face of the package; ``docs/python.md`` shows each in use. They are imported when they
are first asked for, so that ``import hybrid_ner`` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybrid_ner.corpus import Corpus, Document, Entity, ProblemLog, read_corpus, write_corpus
    from hybrid_ner.errors import HybridNerError, InputError
    from hybrid_ner.evaluation.compare import compare, three_way
    from hybrid_ner.matching import Evidence, GazetteerMatcher, Match, gather_terms
    from hybrid_ner.pipeline import rule_pipeline, save
    from hybrid_ner.registry import Domain, load_plugin
    from hybrid_ner.review import ReviewSession, ReviewStore, Suggestion
    from hybrid_ner.scale import BatchLabeler
    from hybrid_ner.sources import VETO
    from hybrid_ner.sources.functions import labeling_source
    from hybrid_ner.sources.rule_sets import read_rules
    from hybrid_ner.terms import Gazetteer, Term
    from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer
    from hybrid_ner.training.bootstrap import BootstrapSettings, bootstrap
    from hybrid_ner.training.predict import load_pipeline, predict, show
    from hybrid_ner.training.retrain import RetrainSettings, retrain

__version__ = "0.1.0"

_FACE = {
    "corpus": ("Corpus", "Document", "Entity", "ProblemLog", "read_corpus", "write_corpus"),
    "errors": ("HybridNerError", "InputError"),
    "evaluation.compare": ("compare", "three_way"),
    "matching": ("Evidence", "GazetteerMatcher", "Match", "gather_terms"),
    "pipeline": ("rule_pipeline", "save"),
    "registry": ("Domain", "load_plugin"),
    "review": ("ReviewSession", "ReviewStore", "Suggestion"),
    "scale": ("BatchLabeler",),
    "sources": ("VETO",),
    "sources.functions": ("labeling_source",),
    "sources.rule_sets": ("read_rules",),
    "terms": ("Gazetteer", "Term"),
    "terms.readers": ("load_gazetteer", "read_gazetteer"),
    "training.bootstrap": ("BootstrapSettings", "bootstrap"),
    "training.predict": ("load_pipeline", "predict", "show"),
    "training.retrain": ("RetrainSettings", "retrain"),
}
_MODULES = {name: f"hybrid_ner.{module}" for module, names in _FACE.items() for name in names}

__all__ = [
    "VETO",
    "BatchLabeler",
    "BootstrapSettings",
    "Corpus",
    "Document",
    "Domain",
    "Entity",
    "Evidence",
    "Gazetteer",
    "GazetteerMatcher",
    "HybridNerError",
    "InputError",
    "Match",
    "ProblemLog",
    "RetrainSettings",
    "ReviewSession",
    "ReviewStore",
    "Suggestion",
    "Term",
    "bootstrap",
    "compare",
    "gather_terms",
    "labeling_source",
    "load_gazetteer",
    "load_pipeline",
    "load_plugin",
    "predict",
    "read_corpus",
    "read_gazetteer",
    "read_rules",
    "retrain",
    "rule_pipeline",
    "save",
    "show",
    "three_way",
    "write_corpus",
]
_NEEDS = {"pyarrow": ("BatchLabeler",), "sqlalchemy": ("ReviewSession", "ReviewStore", "Suggestion")}
"""Names that need a part: where it is missing ``from hybrid_ner import *`` leaves them out."""


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


_ABSENT = {name for module, names in _NEEDS.items() if not _is_installed(module) for name in names}
__all__ = [name for name in __all__ if name not in _ABSENT]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(_MODULES[name]), name)
    except ModuleNotFoundError as error:
        from hybrid_ner.errors import missing_part

        raise missing_part(error) or error from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
