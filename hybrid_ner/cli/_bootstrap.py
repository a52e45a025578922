"""The body of ``hybrid-ner bootstrap`` and ``hybrid-ner demo``: run, score, say what to do next."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

from rich.text import Text

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import Inputs, first_of, print_all
from hybrid_ner.cli.evaluate import comparison_renderables, score_model
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.evaluation.compare import ThreeWay
from hybrid_ner.io import Problem
from hybrid_ner.pipeline import FusionSettings, beside, work_folder
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import parse_ids
from hybrid_ner.text import quantity
from hybrid_ner.training.bootstrap import BootstrapResult, BootstrapSettings
from hybrid_ner.training.bootstrap import bootstrap as run_bootstrap
from hybrid_ner.training.choose_fusion import MAX_ADDED
from hybrid_ner.training.expansion import TABLE, ExpansionSettings
from hybrid_ner.training.recipe import parse_overrides

# What ``bootstrap`` and ``retrain`` are asked for, alike.


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for.

    Args:
        how: Which rules of the domain run, and how terms are matched.
    """

    domain: str
    corpus: Path
    out: Path
    gazetteers: tuple[Path, ...] = ()
    unlabeled: tuple[Path, ...] = ()
    gold: Path | None = None
    label: str = ""
    shipped: bool = True
    skip_bad: bool = False
    how: DomainSettings = field(default_factory=DomainSettings)
    sources: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    recipe: str = "cnn"
    overrides: tuple[str, ...] = ()
    train_tokens: int = 600_000
    min_score: float | None = None
    expand: bool | None = None
    words: str = "auto"
    ids: str = ""
    forget: tuple[str, ...] = ()

    def terms(self, inputs: Inputs) -> Gazetteer:
        """The terms of every list; a command with sources or rules of the user's own needs none."""
        own = bool(self.sources or self.rules)
        terms = inputs.terms(self.domain, self.gazetteers, self.label, self.shipped, own)
        for said in self.how.fuzzy.unused(terms.labels) if self.how.fuzzy.labels else ():
            inputs.log(Problem("label", said, warning=True))
        return terms

    @property
    def rules_settings(self) -> DomainSettings:
        """Which rules run, for the library."""
        own = (*self.sources, *read_rules(*self.rules))
        return replace(self.how, sources=own, ids=",".join(parse_ids(self.ids)))

    @property
    def settings(self) -> BootstrapSettings:
        """All of it for the library."""
        return BootstrapSettings(
            domain=self.domain,
            sources=self.rules_settings,
            fusion=FusionSettings(min_score=self.min_score),
            recipe=self.recipe,
            overrides=parse_overrides(self.overrides),
            train_tokens=self.train_tokens,
            expand=DOMAINS.get(self.domain).expands(self.shipped) if self.expand is None else self.expand,
            expansion=ExpansionSettings(words=self.words),
            forget=self.forget,
        )


def run(request: Request, *, as_json: bool, quiet: bool, after: Callable[[], None] | None = None) -> None:
    """Bootstrap, score on gold if there is any, and print the outcome.

    Args:
        after: What else is done and told, before the next steps.
    """
    started = time.perf_counter()
    settings = request.settings
    inputs = Inputs(request.skip_bad, silent=as_json)
    corpus, gold = inputs.corpus(request.corpus), inputs.gold(request.gold)
    unlabeled = [inputs.corpus(path) for path in request.unlabeled]
    with opt.bars(quiet or as_json) as report:
        report("terms", 0.0, "reading term lists")
        gazetteer = request.terms(inputs)
        report("terms", 1.0, f"{quantity(len(gazetteer), 'term')}, labels {', '.join(gazetteer.labels)}")
    inputs.tell()
    with opt.bars(quiet or as_json) as report:
        result = run_bootstrap(gazetteer, corpus, request.out, settings, unlabeled=unlabeled, report=report)
        scored = None
        if any(document.entities for document in gold or corpus):
            report("score", 0.0, "rules, model and hybrid on the gold annotations")
            scored = score_model(request.out, gazetteer, gold or corpus, request.gold or request.corpus)
    seconds = time.perf_counter() - started
    warnings = inputs.warnings() if as_json else inputs.rest()
    outcome = _Outcome(request, gazetteer, result, scored, warnings, seconds)
    if as_json:
        return outcome.as_json()
    outcome.print()
    if after:
        after()
    outcome.print_next()


def _learned(step: Mapping[str, Any], table: Path) -> str:
    """What expansion did, and where to see it."""
    if step["vectors"] == "none" and step["known_to_vectors"] < 1:
        known = f"of English text, which know {step['known_to_vectors']:.0%} of its words"
        return f"{_found(step, table)}. From the text alone: the shipped word vectors are {known}"
    return _found(step, table)


def _found(step: Mapping[str, Any], table: Path) -> str:
    """How many words expansion learned."""
    if step["words"]:
        review = f", {step['to_review']:,} more to review" if step["to_review"] else ""
        endings = f" and {quantity(step['endings'], 'ending')} of such words" if step["endings"] else ""
        return f"Learned   {quantity(step['words'], 'word')} the lists lack{endings}{review}: {table}"
    if step["to_review"]:
        found = f"{quantity(step['to_review'], 'candidate')} to review: {table}"
        return f"Learned   no words, the lists name most of them already; {found}"
    return "Learned   no words: the text holds too few terms of one word"


def _fused(given: float | None, student: Mapping[str, Any]) -> str:
    """Which spans of the model the hybrid adds."""
    least = student["min_score"] if given is None else given
    if least > 1:
        return (
            f"Fusion    the rules alone: {_why_none(student)}. More text, or some reviewed documents "
            "(retrain --fast), let the model take part; --min-score 0.5 adds its spans of that probability"
        )
    return f"Fusion    the rules, and the model's spans from probability {least:g}"


def _repeats(student: Mapping[str, Any]) -> str:
    share = student["repeated"] / max(1, student["rule_spans"])
    return (
        f"Student   on held-out text it only repeats the rules ({share:.0%} of their spans, "
        f"{quantity(student['would_add'], 'span')} of its own), so its training ended there; a few reviewed "
        "documents teach more: hybrid-ner retrain --fast"
    )


def _why_none(student: Mapping[str, Any]) -> str:
    """Why no span of the model is added, from what the held-out text showed."""
    rules = quantity(student["rule_spans"], "rule span")
    if not student["may_add"]:
        needed = ceil(1 / MAX_ADDED)
        return f"the held-out text has {rules}, and the model may add one span for every {needed}"
    would, may = quantity(student["would_add"], "span"), student["may_add"]
    return (
        f"beside {rules} of the held-out text the model would add {would}, {may:,} may be added, "
        "and its probabilities do not tell which"
    )


def _since_last_run(steps: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What an earlier run had made already, and what had to be made anew."""
    names = {"label": "weak labels", "train": "student", "assemble": "pipeline"}
    for said, key in (
        ("Reused    {}: unchanged since the last run", "reused"),
        ("Anew      {}: what they depend on changed since the last run", "changed"),
    ):
        found = [_share(name, steps[step], key) for step, name in names.items() if steps[step].get(key)]
        if found:
            yield said.format(", ".join(found))


def _share(name: str, step: Mapping[str, Any], key: str) -> str:
    """Weak labels are made in parts, of which some may be reused."""
    parts = step.get("parts", 1)
    return name if step[key] == parts else f"{name} ({step[key]} of {parts} parts)"


@dataclass(frozen=True, slots=True)
class _Outcome:
    request: Request
    gazetteer: Gazetteer
    result: BootstrapResult
    scored: ThreeWay | None
    warnings: list[str]
    seconds: float

    def as_json(self) -> None:
        scores = self.scored.comparison.as_dict() if self.scored else None
        opt.print_json(
            {
                "model": str(self.result.model),
                "terms": len(self.gazetteer),
                "gazetteer_fingerprint": self.gazetteer.fingerprint,
                "steps": self.result.steps,
                "scores": scores,
                "misaligned_gold": [asdict(span) for span in self.scored.misaligned] if self.scored else [],
                "warnings": self.warnings,
                "seconds": round(self.seconds, 1),
            }
        )

    def print(self) -> None:
        print_all(self._lines())
        if self.scored:
            report = f"Report with plots and error lists: {beside(self.request.out, 'report.html')}"
            gold = self.request.gold or self.request.corpus
            print_all(["", *comparison_renderables(self.scored.comparison, f"Gold of {gold.name}"), report])
        print_all(Text(line, style="yellow") for line in self._warned())

    def print_next(self) -> None:
        print_all(["\nNext:", *(f"  {line}" for line in self._next())])

    def _lines(self) -> Iterator[str]:
        steps, request = self.result.steps, self.request
        label, data = steps["label"], steps["data"]
        given = quantity(len(request.gazetteers), "list")
        shipped = request.shipped and DOMAINS.get(request.domain).terms is not None
        lists = " and ".join([given] * bool(request.gazetteers) + ["the shipped ones"] * shipped) or "no list"
        yield f"Terms     {len(self.gazetteer):,} from {lists}, labels {', '.join(self.gazetteer.labels)}"
        if expanded := steps.get("expand"):
            yield _learned(expanded, work_folder(request.out) / TABLE)
        documents, tokens = quantity(label["documents"], "document"), quantity(label["tokens"], "token")
        yield f"Labeled   {documents}, {tokens}, {quantity(label['entities'], 'span')}"
        if label["misaligned"]:
            unfit = quantity(label["misaligned"], "match fits", "matches fit")
            yield f"          {unfit} no tokens: {work_folder(request.out)}/labels/*.json"
        yield from opt.model_lines(label["models"], f"{work_folder(request.out)}/labels/*.json")
        yield from opt.trust_lines(steps["trust"].get("sentences", ()))
        if other := steps.get("domain"):
            found = f"{quantity(other['spans'], 'span')} instead of {other['generic']:,}"
            asked = f"in {quantity(other['documents'], 'document')}: --domain {other['domain']} --no-shipped"
            yield f"Domain    the {other['domain']} rules find {found} {asked}"
        yield f"Trained   on {quantity(data['train_tokens'], 'token')}, recipe {request.recipe}"
        if left_out := data.get("left_out"):
            beyond = f"beyond --train-tokens {request.train_tokens:,}, labeled but not trained on"
            yield f"          {beyond}: {quantity(left_out, 'document')}"
        yield _fused(request.min_score, steps["train"])
        if steps["train"].get("repeats"):
            yield _repeats(steps["train"])
        yield f"Model     {self.result.model}  ({self.seconds:.0f} s in all)"
        yield from _since_last_run(steps)

    def _warned(self) -> list[str]:
        lines = [*self.warnings]
        if self.scored and self.scored.misaligned:
            unfit = quantity(len(self.scored.misaligned), "gold span fits", "gold spans fit")
            lines.append(f"{unfit} no tokens, so no system can find them:")
            lines += [
                f"  {m.doc_id} {m.start}-{m.end} {m.label} “{m.surface}”" for m in self.scored.misaligned
            ]
        return first_of(lines)

    def _next(self) -> list[str]:
        out, corpus = (shlex.quote(str(path)) for path in (self.result.model, self.request.corpus))
        domain = self.request.domain
        # A pipeline with rules from a file of one's own opens where that file is loaded.
        own = "".join(f" --plugin {shlex.quote(str(path))}" for path in opt.PLUGINS.get())
        kept = "".join(f" --source {shlex.quote(name)}" for name in self.request.sources)
        kept += "".join(f" --gazetteer {shlex.quote(str(path))}" for path in self.request.gazetteers)
        kept += f" --label {shlex.quote(self.request.label)}" if self.request.label else ""
        kept += f" --columns {shlex.quote(opt.kept('columns'))}" if opt.kept("columns") else ""
        kept += "".join(f" --rules {shlex.quote(str(path))}" for path in self.request.rules)
        return [
            f"hybrid-ner predict --model {out} --input NEW.jsonl --output found.jsonl{own}",
            f"hybrid-ner review init review.sqlite3 --domain {domain}{kept}{own}",
            f"hybrid-ner review import review.sqlite3 {corpus} --model {out}{own}",
            "hybrid-ner review run review.sqlite3",
        ]
