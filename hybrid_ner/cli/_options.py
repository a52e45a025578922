"""Options that several commands share, called and described in one way."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.pipeline.build import FusionSettings
from hybrid_ner.sources.expand import ExpansionSettings
from hybrid_ner.sources.functions import as_source, sources_of
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.training.bootstrap import BootstrapSettings, expand_by_default
from hybrid_ner.training.recipe import parse_overrides

__all__ = [
    "PLUGINS",
    "Disable",
    "Domain",
    "Expand",
    "FuzzyModes",
    "FuzzyThreshold",
    "Gazetteers",
    "Json",
    "Label",
    "MinScore",
    "Quiet",
    "Recipe",
    "Request",
    "Rules",
    "Shard",
    "Shipped",
    "SkipBad",
    "Source",
    "Switch",
    "TrainTokens",
    "Unlabeled",
    "Variants",
    "Words",
    "own_sources",
]


PLUGINS: ContextVar[tuple[Path, ...]] = ContextVar("plugins", default=())
"""Files that the running command was given with ``--plugin``, which it has anyway."""

Domain = Annotated[
    str,
    typer.Option(help="Whose rules and lists to use; generic has yours alone (`hybrid-ner domains`)."),
]
Gazetteers = Annotated[
    list[Path] | None,
    typer.Option("--gazetteer", help="Term list in any known format, or a shipped pack; may be repeated."),
]
Label = Annotated[str, typer.Option(help="Label of every row of the given term lists.")]
Shipped = Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")]
Unlabeled = Annotated[list[Path] | None, typer.Option(help="More text of the same kind; may be repeated.")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out unusable rows and list them, instead of stopping.")
]
Switch = Annotated[list[str] | None, typer.Option(help="Turn on a domain switch, for example genetics.")]
Disable = Annotated[list[str] | None, typer.Option(help="Leave out a labeling source by name.")]
Recipe = Annotated[str, typer.Option(help="Training recipe (cnn) or a .cfg file.")]
TrainTokens = Annotated[int, typer.Option(min=1, help="Tokens of weakly labeled text to train on.")]
MinScore = Annotated[
    float | None,
    typer.Option(
        min=0.0, max=1.0, help="Least probability of an added model span; by default chosen on held-out text."
    ),
]
Expand = Annotated[
    bool | None,
    typer.Option(
        "--expand/--no-expand",
        help="Learn words your lists lack from the text; by default where lists are small.",
    ),
]
FuzzyModes = Annotated[
    list[str] | None,
    typer.Option(
        "--fuzzy",
        help="Near matches of terms (one or two typing errors): off, suggest (for review), label; or for one "
        "label, as Disease=label; may be repeated.",
    ),
]
FuzzyThreshold = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Least score of a near match: 0.9 is one edit in ten characters."),
]
Variants = Annotated[
    bool,
    typer.Option(
        "--variants/--no-variants",
        help="Find your terms in other forms too: plural, hyphens, British and American spelling.",
    ),
]
Source = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="Labeling source beside the domain's, by name; may be repeated. Default: those of --plugin.",
    ),
]
Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="File of rules (YAML or TSV; see `hybrid-ner rules`); may be repeated."),
]
Words = Annotated[
    str,
    typer.Option(
        help="Word vectors to learn with: auto (the shipped ones that fit), medical, legal, none, or a file."
    ),
]
Shard = Annotated[str, typer.Option(help="Only part I of N, as I/N, counted from 0: one process each.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bars.")]


def own_sources(given: Iterable[str] | None) -> tuple[str, ...]:
    """Names of the user's labeling sources: the given ones, else all of the ``--plugin`` files.

    Raises:
        InputError: There is no such source.
    """
    names = tuple(given or (name for path in PLUGINS.get() for name in sources_of(path)))
    for name in names:
        as_source(name)
    return names


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
            ),
            fusion=FusionSettings(min_score=self.min_score),
            recipe=self.recipe,
            overrides=parse_overrides(self.overrides),
            train_tokens=self.train_tokens,
            expand=expand_by_default(self.domain, self.shipped) if self.expand is None else self.expand,
            expansion=ExpansionSettings(words=self.words),
        )
