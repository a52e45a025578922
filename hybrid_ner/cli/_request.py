"""What ``bootstrap`` and ``retrain`` are asked for, alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.pipeline.build import FusionSettings
from hybrid_ner.sources.expand import ExpansionSettings
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms.crosswalk import parse_ids
from hybrid_ner.training.bootstrap import BootstrapSettings, expand_by_default
from hybrid_ner.training.recipe import parse_overrides

__all__ = ["Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    domain: str
    corpus: Path
    out: Path
    gazetteers: tuple[Path, ...] = ()
    unlabeled: tuple[Path, ...] = ()
    gold: Path | None = None
    label: str = ""
    shipped: bool = True
    skip_bad: bool = False
    switches: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    recipe: str = "cnn"
    overrides: tuple[str, ...] = ()
    train_tokens: int = 600_000
    min_score: float | None = None
    expand: bool | None = None
    words: str = "auto"
    fuzzy: Fuzzy = field(default_factory=Fuzzy)
    variants: bool = True
    ids: str = ""
    forget: tuple[str, ...] = ()

    @property
    def settings(self) -> BootstrapSettings:
        """The same for the library."""
        own = (source for path in self.rules for source in read_rules(path))
        return BootstrapSettings(
            domain=self.domain,
            sources=DomainSettings(
                self.disabled,
                self.switches,
                sources=(*self.sources, *own),
                fuzzy=self.fuzzy,
                variants=self.variants,
                ids=",".join(parse_ids(self.ids)),
            ),
            fusion=FusionSettings(min_score=self.min_score),
            recipe=self.recipe,
            overrides=parse_overrides(self.overrides),
            train_tokens=self.train_tokens,
            expand=expand_by_default(self.domain, self.shipped) if self.expand is None else self.expand,
            expansion=ExpansionSettings(words=self.words),
            forget=self.forget,
        )
