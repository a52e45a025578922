"""Where people begin: ``hybrid-ner demo`` and ``bootstrap``, ``new``, ``domains`` and ``rules``.

Term lists and text in, a hybrid pipeline out; a project file, what is installed, and
rules of one's own.
"""

from __future__ import annotations

import os
import warnings
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import print_all
from hybrid_ner.cli._options import Domain, Gazetteers, Json, Quiet, bars, plugin_paths, say
from hybrid_ner.errors import HybridNerError, InputError, MissingPartError, need
from hybrid_ner.io import write_text
from hybrid_ner.project_file import NAME, current, project_text, read_project_file
from hybrid_ner.registry import COMMANDS, DOMAINS, FORMATS, LEARNERS, READERS, SOURCES
from hybrid_ner.text import quantity, scratch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from rich.table import Table

    from hybrid_ner.training.update import Round


@opt.asks(opt.which_rules, opt.which_student)
def bootstrap(
    context: typer.Context,
    *,
    corpus: Annotated[
        Path, typer.Option(help="Text to be good at: any format; text, Word and PDF in one folder.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the pipeline; a second run resumes.")],
    asked: opt.Asked,
    gold: Annotated[
        Path | None,
        typer.Option(help="Annotated documents for scoring alone; by default those of the corpus, if any."),
    ] = None,
    recipe: opt.Recipe = "cnn",
    encoder: opt.Encoder = "",
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Label text by rules, train a student on it, fuse both, and score them if there is gold.

    Gold is used for the score table alone; the report is OUT.report.html. What each step left is in
    OUT.work, so that a second run repeats only what changed. Both stand beside the model, which holds no
    text of the documents.

    Any setting of the recipe can be overridden by its dotted name, as in spacy train:
    --training.max_epochs 3.
    """
    from hybrid_ner.cli._bootstrap import Request, run

    overrides = opt.with_encoder(encoder, opt.settings_in(context))
    request = Request(corpus=corpus, out=out, gold=gold, recipe=recipe, overrides=overrides, **asked)
    run(request, as_json=as_json, quiet=quiet)


# ``hybrid-ner demo``: the whole main job on the shipped samples, and what a few reviewed documents add.

_REVIEWED = (0, 5, 10, 25)


def demo(
    domain: Annotated[str, typer.Option(help="A domain with samples (`hybrid-ner domains`).")] = "medical",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pipeline; by default runs/demo-DOMAIN.")
    ] = None,
    review: Annotated[bool, typer.Option(help="Simulate a review of a few samples at the end.")] = True,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bootstrap a hybrid model from shipped term lists and sample texts, score it, and simulate a review.

    The samples were written for this project; those with gold are never trained on, except in the simulated
    review: it begins with one in ten of the shipped terms and no other rules, as with your own list; half of
    the annotated samples are answered as their gold says, the other half scores what that taught.
    """
    from hybrid_ner.cli._bootstrap import Request, run
    from hybrid_ner.domains.registry import gold_path, unlabeled_path

    place = out or Path("runs") / f"demo-{domain}"
    request = Request(domain=domain, corpus=unlabeled_path(domain), gold=gold_path(domain), out=place)
    run(request, as_json=as_json, quiet=quiet, after=partial(_review, domain, quiet) if review else None)


def _review(domain: str, quiet: bool) -> None:
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.domains.registry import gold_path, unlabeled_path
    from hybrid_ner.matching import gather_terms
    from hybrid_ner.training.bootstrap import BootstrapSettings
    from hybrid_ner.training.update import rehearse, small_list

    try:
        need("sklearn", "scipy")
    except MissingPartError as error:
        print_all([f"\nNo simulated review: {error}"])
        return
    terms = small_list(gather_terms(domain))
    gold, text = list(read_corpus(gold_path(domain))), list(read_corpus(unlabeled_path(domain)))
    with bars(quiet) as report, scratch() as folder:
        settings = BootstrapSettings("generic")
        numbers = [n for n in _REVIEWED if n <= len(gold[::2])]
        rounds = list(rehearse(terms, text, gold, numbers, settings, folder, report))
    print_all(["", _table(rounds), *_told(rounds, len(terms), len(gold[1::2]))])


def _table(rounds: Sequence[Round]) -> Table:
    from rich.table import Table

    table = Table(title="A simulated review: what a few documents add to a small list")
    for name in ("documents reviewed", "rules, F1 × 100", "hybrid, F1 × 100", "missed or wrong", "seconds"):
        table.add_column(name, justify="right")
    for each in rounds:
        taught = each.reviewed > 0
        hybrid = f"{100 * each.f1():.1f}" if taught else "not yet"
        wrong = each.wrong("hybrid" if taught else "rule")
        seconds = f"{each.seconds:.0f}" if taught else ""
        table.add_row(str(each.reviewed), f"{100 * each.f1('rule'):.1f}", hybrid, str(wrong), seconds)
    return table


def _told(rounds: Sequence[Round], terms: int, kept_out: int) -> list[str]:
    last = rounds[-1]
    return [
        f"It began with {terms:,} terms, one in ten of the shipped ones, and no other rules. Scored on the "
        f"{kept_out} annotated samples that took no part.",
        f"After {last.reviewed} reviewed documents the rules alone have {100 * last.f1('rule'):.1f}, "
        f"rules and model together {100 * last.f1():.1f}.",
        "In your project: the review page offers it after every five documents; hybrid-ner retrain --fast",
    ]


def domains(as_json: Json = False) -> None:
    """List the domains, and the labeling sources, formats and commands that other packages bring."""
    from hybrid_ner.corpus import formats
    from hybrid_ner.review.commands.base import BY_NAME
    from hybrid_ner.terms import readers

    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "title": domain.title,
            "labels": list(domain.labels),
            "terms": domain.terms is not None and domain.terms.is_dir(),
            "rules": domain.sources is not None or domain.rules is not None,
            "samples": domain.has_samples,
            "switches": list(domain.switches),
        }
        for name, domain in DOMAINS.all()
    ]
    doors: dict[Any, Collection[str]] = {SOURCES: (), LEARNERS: (), COMMANDS: BY_NAME}
    doors |= {READERS: readers.FORMATS, FORMATS: formats.FORMATS}
    # Each is looked at: who wrote one wants to know whether it can be had.
    others = {
        each.plural: tuple(name for name, _ in each.all(taken) if _usable(each, name))
        for each, taken in doors.items()
    }
    lines = []
    for row in rows:
        has = [word for word in ("terms", "rules", "samples") if row[word]]
        lines.append(f"{row['name']:<12} {row['title']}{' (' + ', '.join(has) + ')' if has else ''}")
        lines += [f"{'':<12} {', '.join(row['labels'])}"] if row["labels"] else []
    lines += [f"{kind:<12} {', '.join(names)}" for kind, names in others.items() if names]
    say(as_json, {"domains": rows, **others}, *lines)


def _usable(door: Any, name: str) -> bool:
    """Whether a source of others can be made and a recipe of theirs is there; where not, it is told."""
    from hybrid_ner.sources.functions import as_sources
    from hybrid_ner.training.recipe import recipe_path

    try:
        if door is SOURCES and not door.is_ours(name):
            if not hasattr(door.get(name), "settings_type"):  # a kind of model is made with its place
                as_sources(name)
        elif door is LEARNERS and not door.is_ours(name):
            recipe_path(name)
    except HybridNerError as error:
        warnings.warn(f"left out: {error}", stacklevel=2)
        return False
    return True


# ``hybrid-ner rules``: rule files written without Python.

rules_app = typer.Typer(add_completion=False, no_args_is_help=True)


@rules_app.callback()
def rules() -> None:
    """Check files of your own rules; --rules FILE uses one.

    A rule file is YAML: `label: Dose` and `rules:` with a list of entries such as
    `- pattern: '[0-9]+ ?mg'` and `match: ["take [[5 mg]] daily"]`. Instead of pattern a rule may have heads,
    suffixes, terms or veto, each with a list of words; all may have label, name, match, no match and case;
    suffixes have except, heads have modifiers. `lists: {units: [µg, ml]}`, beside rules, gives {units} in a
    pattern its words. Capitals matter in patterns and in short forms that are words ("ME"), unless case says
    true or false. Terms are found in the number and spelling they have here (in term lists: in others too);
    in terms and vetoes privileg* stands for all its endings. A TSV file has these as columns, beside kind and
    value.
    """


@rules_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Rule files, YAML or TSV.")],
    domain: Domain = "generic",
    as_json: Json = False,
) -> None:
    """Run the rules on their own examples, and refuse patterns that could take very long.

    Labels that neither the project file nor the domain has are noted: they may be misspelled.
    """
    from hybrid_ner.sources import VETO
    from hybrid_ner.sources.rule_sets import check_rules

    rows, lines, wrong = [], [], 0
    for path in files:
        try:
            name, made, problems = check_rules(path)
        except InputError as error:  # the other files are checked all the same
            name, made, problems = path.stem, (), [str(error)]
        wrong += len(problems)
        given = sorted({rule.label for rule in made} - {VETO})
        notes = list(_unknown_labels(given, domain))
        row = {"file": str(path), "name": name, "rules": len(made), "problems": problems, "notes": notes}
        rows.append(row)
        examples = sum(len(rule.match) + len(rule.no_match) for rule in made)
        labels = ", ".join(given) or "none"
        vetoes = sum(rule.label == VETO for rule in made)
        of_them = f" ({quantity(vetoes, 'veto', 'vetoes')})" if vetoes else ""
        about = f"{quantity(len(made), 'rule')}{of_them}, {quantity(examples, 'example')}, labels {labels}"
        lines.append(f"{path}: {name}: {about}: {quantity(len(problems), 'problem')}")
        lines += [f"  {problem}" for problem in problems] + [f"  note: {note}" for note in notes]
    say(as_json, rows, *lines)
    if wrong:
        raise typer.Exit(2)


def _unknown_labels(given: Iterable[str], domain: str) -> Iterator[str]:
    """Labels that the project file and the domain lack, with what may have been meant."""
    known = current().labels or tuple(DOMAINS.get(domain).labels)
    whose = str(current().path) if current().labels else f"the domain {domain}"
    for label in given:
        if known and label not in known:
            by_name = {each.casefold(): each for each in known}
            near = get_close_matches(label.casefold(), list(by_name), 1)
            meant = f" Did you mean {by_name[near[0]]}?" if near else f" It has {', '.join(known)}."
            yield f"{whose} has no label {label}: it becomes one of its own.{meant}"


# ``hybrid-ner new``: a project file for a folder of work.


def new(
    folder: Annotated[Path, typer.Argument(help="Folder of the work; made if it is new.")] = Path("."),
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    labels: Annotated[str, typer.Option(help="Labels in key order, with commas between.")] = "",
    rules: Annotated[list[Path] | None, typer.Option(help="File of rules; may be repeated.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="The text to work on.")] = None,
    model: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("model"),
) -> None:
    """Write hybrid-ner.toml: lists, labels and settings that every command and the page then start from."""
    from hybrid_ner.terms.shipped import find_pack
    from hybrid_ner.ui.creating import labels_given

    DOMAINS.get(domain)
    file = folder / NAME
    if file.exists():
        raise InputError("there is a project file already.", path=file, hint="Edit it, or remove it first.")
    lists = [str(path) if find_pack(str(path)) else _from(folder, path) for path in gazetteer or ()]
    values = {
        "domain": domain,
        "labels": list(meanings := labels_given(labels)),
        "lists": lists,
        "rules": [_from(folder, path) for path in rules or ()],
        "plugins": [_from(folder, Path(path)) for path in plugin_paths()],
        "corpus": _from(folder, corpus) if corpus else "",
        "model": _from(folder, model) if model.is_absolute() else str(model),
    }
    with write_text(file) as handle:
        handle.write(project_text(values))
    read_project_file(file)
    typer.echo(f"Wrote     {file}")
    if any(meanings.values()):
        typer.echo("          what labels mean is not kept there, but by review init --labels FILE")
    files = [*(path for path in gazetteer or () if not find_pack(str(path))), *(rules or ()), corpus]
    if gone := [str(path) for path in files if path is not None and not path.exists()]:
        typer.echo(f"          not there yet: {', '.join(gone)}")
    missing = [name for name in ("lists", "corpus") if not values[name]]
    if missing and domain == "generic":
        typer.echo(f"Next      say there what is missing: {', '.join(missing)}")
    else:
        typer.echo("Next      hybrid-ner bootstrap, in that folder")


def _from(folder: Path, path: Path) -> str:
    """A path as the file in ``folder`` will name it."""
    return os.path.relpath(path, folder)
