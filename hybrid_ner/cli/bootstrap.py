"""``hybrid-ner bootstrap``: term lists and text in, a hybrid pipeline out; ``demo`` with what is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._options import Json, Quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from hybrid_ner.training.update import Round

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
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

    overrides = opt.with_encoder(encoder, context.args)
    request = Request(corpus=corpus, out=out, gold=gold, recipe=recipe, overrides=overrides, **asked)
    run(request, as_json=as_json, quiet=quiet)


# ``hybrid-ner demo``: the whole main job on the shipped samples, and what a few reviewed documents add.

demo_app = typer.Typer(add_completion=False)

_REVIEWED = (0, 5, 10, 25)


@demo_app.command()
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
    run(request, as_json=as_json, quiet=quiet)
    if review and not as_json:
        _review(domain, quiet)


def _review(domain: str, quiet: bool) -> None:
    from tempfile import TemporaryDirectory

    from hybrid_ner.cli._inputs import print_all
    from hybrid_ner.cli._options import bars
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.domains.registry import gold_path, unlabeled_path
    from hybrid_ner.errors import MissingPartError, need
    from hybrid_ner.matching.lists import gather_terms
    from hybrid_ner.training.bootstrap import BootstrapSettings
    from hybrid_ner.training.update import rehearse, small_list

    try:
        need("pycrfsuite", "sklearn", "scipy")
    except MissingPartError as error:
        print_all([f"\nNo simulated review: {error}"])
        return
    terms = small_list(gather_terms(domain))
    gold, text = list(read_corpus(gold_path(domain))), list(read_corpus(unlabeled_path(domain)))
    with bars(quiet) as report, TemporaryDirectory() as folder:
        settings = BootstrapSettings("generic")
        numbers = [n for n in _REVIEWED if n <= len(gold[::2])]
        rounds = list(rehearse(terms, text, gold, numbers, settings, Path(folder), report))
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
