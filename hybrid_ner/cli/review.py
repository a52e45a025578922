"""``hybrid-ner review``: the same review in a terminal, what goes in and what comes out of it."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli import _options as opt
from hybrid_ner.cli._inputs import names, open_output, problems
from hybrid_ner.cli._options import Columns, Json, TextColumn, bars, kept, print_json, say
from hybrid_ner.errors import CompiledFileError, InputError, MissingPartError, ModelError, told
from hybrid_ner.io import ProblemLog, standard_output, write_bytes
from hybrid_ner.project_file import ListFile, current
from hybrid_ner.registry import DOMAINS
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.matching import Fuzzy
    from hybrid_ner.project_file import ListFile
    from hybrid_ner.review import Reply, ReviewSession, ReviewStore
    from hybrid_ner.ui.workspace import Workspace

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Review suggestions: in a terminal or in a browser."
)

ENDS = ("quit", "exit", "q")
"""Lines that end the chat in a terminal; the language itself has no need of them."""

Store = Annotated[str, typer.Argument(help="File of the review store, or a postgresql:// URL.")]
ProjectName = Annotated[str, typer.Option("--project", "-p", help="Project; the only one by default.")]
Reviewer = Annotated[str, typer.Option("--reviewer", "-r", envvar="USER", help="Who reviews.")]
Terms = Annotated[
    list[Path] | None,
    typer.Option("--gazetteer", help="Term files, for links and why not; by default those of the project."),
]
Misspelled = Annotated[
    list[str] | None,
    typer.Option(
        "--fuzzy",
        help="Misspelled terms: off, suggest, label, or LABEL=MODE. Default: label, for people suggest.",
    ),
]
Labels = Annotated[
    str,
    typer.Option(help="Labels in key order, with commas between; or a file, `LABEL: what it means` a line."),
]


@app.command()
def init(
    store: Store,
    project: Annotated[str, typer.Option("--project", "-p", help="Name of the new project.")] = "review",
    labels: Labels = "",
    domain: opt.Domain = "generic",
    reviews: Annotated[int, typer.Option(help="Reviewers that each document needs.")] = 1,
    gazetteer: opt.Gazetteers = None,
    label: opt.Label = "",
    columns: Columns = "",
    shipped: opt.Shipped = True,
    source: opt.Source = None,
    rules: opt.Rules = None,
    fuzzy: Misspelled = None,
    fuzzy_threshold: opt.FuzzyThreshold = 0.0,
    variants: opt.Variants = True,
    ids: opt.Ids = "",
    as_json: Json = False,
) -> None:
    """Make a project, and the store if it is new. What is given here holds on the page and in training."""
    from hybrid_ner.review import ReviewStore
    from hybrid_ner.review.rounds import ModelSetup
    from hybrid_ner.review.store.database import shown_store
    from hybrid_ner.sources.functions import plugin_files
    from hybrid_ner.sources.models.settings import kept_names
    from hybrid_ner.terms.shipped import parse_ids
    from hybrid_ner.ui.creating import as_spelled, define, labels_given
    from hybrid_ner.ui.importing import keep_usable, listed, save_rules, save_terms
    from hybrid_ner.ui.workspace import Workspace

    own, near = opt.own_sources(source), _near(fuzzy, fuzzy_threshold)
    named = list(meanings := labels_given(labels)) or list(DOMAINS.get(domain).labels) or list(names(label))
    shown = shown_store(store)
    with ReviewStore.begin(store) as found:
        sources = kept_names(own, named)
        given = listed(_lists(gazetteer or (), columns), rules or ())
        if project in found.projects():
            hint = f"Go on with `hybrid-ner review import {shown} FILE`, or name a new one: --project NAME."
            raise InputError(f"project {project!r} exists already.", hint=hint)
        with _new_folder(Workspace.of(found), project) as (folder, kept_folder):
            setup = ModelSetup(
                folder,
                domain,
                shipped=shipped,
                label=label,
                lists=given.told,
                sources=sources,
                plugins=tuple(dict.fromkeys((*plugin_files(sources), *opt.plugin_paths()))),
                fuzzy=near,
                variants=variants,
                ids=",".join(parse_ids(ids)),
            )
            save_rules(folder, given.rules)
            kept_lists, left_out = save_terms(folder, given.terms), list[str]()
            told = keep_usable(kept_lists, label, left_out, given.told, _WORDS)
            setup, twice = as_spelled(setup, told, named, named, _ALONE)
            for line in (*left_out, *twice):
                typer.echo(line, err=True)
            kept = {**setup.settings, **kept_folder}
            made = found.create_project(project, named, domain=domain, reviews=reviews, settings=kept)
            define(made, meanings, "admin")
    row = {"project": project, "labels": named, "domain": domain, "reviews": reviews}
    say(as_json, row, f"made project {project} in {shown}")


_APART = "hybrid-ner gazetteer import FILE --out terms.tsv"
_WORDS = {
    **dict.fromkeys(
        ("bad row", "label of row"), f"Correct the row, or leave such rows out: {_APART} --skip-bad."
    ),
    **dict.fromkeys(
        ("format", "option", "rows", "prose", "types", "language", "quotes"),
        f"{_APART} takes options for its format (--format, --set, --map); give what it writes.",
    ),
}
"""Hints of lists as options of this command, or of the one that has them."""
_ALONE = "give --domain generic to use your lists alone"


@contextmanager
def _new_folder(place: Workspace, project: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder for a new project, gone again if that is not made, and what the project's row says of it."""
    folder = place.new_folder(project)
    kept = place.kept_folder(folder, project)
    if kept:
        usual = place.project_folder(project)
        said = "is the folder of another project of this name, or of one whose store is gone"
        typer.echo(f"{usual} {said}: the lists and models of this one are in {folder}", err=True)
    try:
        yield folder, kept
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()  # unless it holds other projects
        raise


def _lists(files: Iterable[Path], columns: str) -> list[ListFile]:
    """Term lists of a new project, each with what the project file says of it."""
    said = current()
    given = {"columns": columns} if columns else {}
    return [ListFile(file, **{**said.options_of(file), **given}) for file in files]


def _near(modes: list[str] | None, threshold: float) -> Fuzzy:
    """What was asked of near matches, the rest as reviews have it by default."""
    from hybrid_ner.matching import Fuzzy
    from hybrid_ner.review.rounds import FOR_REVIEW

    asked = Fuzzy.parse(modes or (), threshold, default=FOR_REVIEW.mode)
    kept = dict(FOR_REVIEW.labels) if asked.mode == FOR_REVIEW.mode else {}
    return Fuzzy(asked.mode, tuple({**kept, **dict(asked.labels)}.items()), threshold)


@contextmanager
def opened(store: str, *, to_read: bool = False) -> Iterator[ReviewStore]:
    """A store that is there; one that is only looked at may lie on a read-only disk."""
    from hybrid_ner.review import ReviewStore
    from hybrid_ner.review.store.backup import readable

    with (
        readable(store) if to_read else nullcontext(store) as place,
        ReviewStore.open(place, create=False) as found,
    ):
        yield found


@app.command("import")
def import_(
    store: Store,
    corpus: Annotated[Path, typer.Argument(help="File or folder of documents.")],
    project: ProjectName = "",
    format: Annotated[str | None, typer.Option(help="Format of the corpus; told by its ending.")] = None,
    run: Annotated[str, typer.Option(help="Show its entities as suggestions of this run.")] = "",
    decided_by: Annotated[
        str, typer.Option(help="Take its entities over as this reviewer's; of several people, this one's.")
    ] = "",
    as_suggestions: Annotated[
        bool,
        typer.Option(
            "--as-suggestions",
            help="Make each person and model that the file names a source of suggestions of the project.",
        ),
    ] = False,
    source: Annotated[
        str, typer.Option(help="Name of the source where the file names nobody; by default the file's.")
    ] = "",
    model: Annotated[Path | None, typer.Option(help="Pipeline that makes the suggestions.")] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Let the project's own lists and rules make the suggestions.")
    ] = False,
    corrected: Annotated[
        bool,
        typer.Option(
            "--corrected",
            help="Take over another text of documents that the project has, with the decisions that fit it.",
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take in documents that were erased from the project, too.")
    ] = False,
    text_column: TextColumn = "",
    skip_bad: opt.SkipBad = False,
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who imports, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Add documents; their entities become suggestions, decisions, or nothing.

    With --as-suggestions the annotators, answers and predictions of an export of Argilla, Label Studio or
    Prodigy, of a folder in which people have files of their own (brat, INCEpTION, doccano), or the entities
    of any other file, become sources beside the rules: `queue disagree` begins where they disagree, and each
    counts as far as it earns trust.
    """
    from hybrid_ner.cli._review_import import ImportRequest
    from hybrid_ner.cli._review_import import run as run_import

    named = source or corpus.stem if as_suggestions else ""
    request = ImportRequest(
        *(store, corpus, project, format, run, decided_by, model, skip_bad, by, named, suggest, corrected),
        again,
    )
    run_import(request, as_json=as_json)


@app.command()
def run(
    store: Store,
    project: ProjectName = "",
    reviewer: Reviewer = "reviewer",
    gazetteer: Terms = None,
    columns: Columns = "",
    helper: Annotated[
        str,
        typer.Option(
            envvar="HYBRID_NER_HELPER",
            help="OpenAI-compatible server on this machine that may propose lines; none by default.",
        ),
    ] = "",
) -> None:
    """Review in the terminal by sentences and commands. quit, bye or Ctrl-D ends; nothing is lost."""
    with opened(store) as found:
        refused = _chat(session_of(found, project, reviewer, gazetteer, helper))
    if refused and not sys.stdin.isatty():  # a script sees no answers
        lines = ", ".join(map(str, refused))
        typer.echo(f"{quantity(len(refused), 'line')} changed nothing, by number: {lines}", err=True)
        raise typer.Exit(1)


def session_of(
    store: ReviewStore, project: str, reviewer: str, gazetteer: list[Path] | None, helper: str = ""
) -> ReviewSession:
    from hybrid_ner.matching import gather_terms
    from hybrid_ner.review import FileAccess, ReviewSession
    from hybrid_ner.review.commands.help import Proposer
    from hybrid_ner.review.rounds.model_service import ProjectModels
    from hybrid_ner.ui.workspace import Terms as ProjectTerms
    from hybrid_ner.ui.workspace import Workspace

    place, chosen = Workspace.of(store), store.project(project)
    terms: Any = ProjectTerms(place, chosen, now=False)
    if gazetteer:
        terms = gather_terms("generic", gazetteer, columns=kept("columns"), told=current().options_of)
    return ReviewSession(
        store,
        chosen.name,
        reviewer,
        gazetteer=terms,
        models=ProjectModels(place.store, place.setup(chosen), reviewer, chosen),
        files=FileAccess(),
        proposer=Proposer(helper) if helper else None,
    )


def _chat(session: ReviewSession) -> list[int]:
    """Answer lines until the last; return the numbers of those that were refused."""
    from hybrid_ner.review import Shown
    from hybrid_ner.review.document import DocumentView, card_lines, changed_lines, reply_lines, span_states

    def card(before: DocumentView | None = None) -> DocumentView | None:
        view = session.view()
        none = "no document waits for you (`go 1` opens the first)"
        none = none if len(session.project) else "no document: import some first"
        if view is None:
            typer.echo(none)
        elif before is not None and before.doc_id == view.doc_id:
            typer.echo("\n".join(changed_lines(view, span_states(before))))
        else:
            typer.echo("\n".join(card_lines(view)))
        return view

    if isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes that are no UTF-8 are refused line by line, instead of ending the chat.
        sys.stdin.reconfigure(errors="surrogateescape")
    closed, framed = set[str](), 0  # the mention that was asked about last: "no, it is a tax"
    refused: list[int] = []
    _show_suggestions(session, closed)
    if (first := session.view()) is not None:
        session.open(first.doc_id)  # from now on: who begins before a line is typed gets another one
    shown = card()
    for number, line in enumerate(iter(_ask, None), 1):
        if line.strip().lower() in ENDS:
            break
        if not line.strip() or line.strip().lower() == "show":
            shown = card()
            continue
        reply = session.handle(line, shown=Shown.of(shown) if shown else None, framed=framed)
        reply, framed = _in_short(reply, line), session.asked_about() if reply.then else 0
        told, asks = reply_lines(replace(reply, then="")), reply_lines(reply)
        typer.echo("\n".join(told))
        if reply.level == "error":
            refused.append(number)
        if reply.ends:
            break
        asked = re.match(r"go\b", reply.understood or line.strip(), re.IGNORECASE) is not None
        if _show_suggestions(session, closed) or reply.changed or reply.moved or reply.stale or asked:
            shown = card(None if reply.moved or reply.stale or asked else shown)
        if asks[len(told) :]:  # what is asked next stands last, where it is seen
            typer.echo("\n".join(asks[len(told) :]))
    return refused


def _in_short(reply: Reply, line: str) -> Reply:
    """An answer to "why" without the steps of the machine, which ``why 9 exactly`` shows."""
    from hybrid_ner.review.commands.explain import Why
    from hybrid_ner.review.commands.language import read_line

    command = read_line(reply.understood or line).command
    if not isinstance(command, Why) or command.exactly or not reply.lines:
        return reply
    more = f"`why {command.number} exactly` shows every step"
    return replace(reply, lines=(more,))


def _show_suggestions(session: ReviewSession, closed: set[str]) -> bool:
    """Let the documents show what the model in use says; whether they did not before.

    Args:
        closed: Models that do not open, which is said once: another version made them, or they are gone.
    """
    from hybrid_ner.review.rounds.model_runs import documents_without, show
    from hybrid_ner.review.rounds.model_service import ProjectModels

    models = session.services.models
    if not isinstance(models, ProjectModels) or not models.current() or models.current() in closed:
        return False
    if not (waiting := documents_without(session.project, models.current())):
        return False
    try:
        with bars(not sys.stderr.isatty()) as report:
            return show(session.project, models.setup, models.registry, report).documents > 0
    except (CompiledFileError, InputError, MissingPartError, ModelError) as error:
        closed.add(models.current())
        without = f"{quantity(len(waiting), 'document')} that came after it: no suggestions"
        typer.echo(f"The model in use does not open. {told(error)} In {without}; `update` learns another.\n")
        return False


def _ask() -> str | None:
    try:
        if sys.stdin.isatty() and sys.stdout is not None:
            return input("> ")
    except EOFError:
        return None
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None


def time_of(name: str, said: str) -> str:
    """A day or time that an option names, as the log has times; empty for none.

    Raises:
        typer.BadParameter: It is neither.
    """
    from hybrid_ner.review.store.journal import moment

    try:
        return moment(said, end=name == "until") if said else ""
    except ValueError:
        problem = f"{said!r} is no day and no time such as 2026-11-30 or 2026-11-30T14:00+01:00."
        raise typer.BadParameter(problem, param_hint=f"--{name}") from None


def _write_whole(path: Path, content: bytes, *, piped: bool) -> None:
    if piped:
        typer.echo(content, file=standard_output(), nl=False)
        return
    with write_bytes(path) as written:
        written.write(content)


@app.command()
def export(
    store: Store,
    output: Annotated[Path, typer.Argument(help="File or folder to write; - for standard output.")],
    format: Annotated[
        str, typer.Option(help="Format of the output, table for a spreadsheet; else its ending tells.")
    ] = "",
    project: ProjectName = "",
    by: Annotated[
        str, typer.Option("--by", help="Write what this reviewer has finished, instead of the gold.")
    ] = "",
    since: Annotated[
        str,
        typer.Option(help="Only documents that are new or changed since then: 2026-11-30, in UTC."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Write the gold, or what one person has decided; what is left out is said.

    What --by writes, `review import --decided-by` takes over, for example into the store of another site.
    """
    from hybrid_ner.corpus import write_corpus
    from hybrid_ner.corpus.formats import for_writing
    from hybrid_ner.review.store import gold
    from hybrid_ner.review.store.lookups import label_looks

    if by and since:
        raise InputError("--since goes with the gold, not with --by.", hint="Leave out one of them.")
    piped, lost = str(open_output(output, as_json)) == "-", ProblemLog()
    at = time_of("since", since)
    with opened(store, to_read=True) as found:
        chosen = found.project(project)
        changes = gold.gold_changes(chosen, at) if at else None
        format = format or ("jsonl" if piped else for_writing(output, None).name)
        table = format == gold.TABLE
        path = output if piped or table else gold.export_path(format, chosen.name, str(output), Path())
        report, key = gold.gold_report(chosen, by, changes), gold.gold_hash(chosen, by)
        with chosen.read() as connection:
            labeled = gold.Labeled(connection, chosen.id)
        if not report.documents and path.is_file() and path.stat().st_size and not piped:
            hint = "Finish a document (hybrid-ner review run), or give a file that is not there yet."
            raise InputError("no document is reviewed, and the file holds something.", path=path, hint=hint)
        documents = gold.gold_documents(chosen, by, changes)
        if table:
            names = {look.label: look.name for look in label_looks(chosen)}
            _write_whole(path, gold.gold_table(documents, names), piped=piped)
        else:
            write_corpus(path, labeled(documents), format=format, report=lost)
    about = {"gold": key, "codebook": labeled.version, "earlier": labeled.earlier, "by": by}
    about |= {"format": format, "output": str(path)}
    if as_json:
        return print_json({**asdict(report), **about, **problems(lost)})
    typer.echo(f"{report.sentence()} → {path}", err=piped)
    typer.echo(f"gold {key}" + (f", {book}" if (book := labeled.sentence()) else ""), err=piped)
    for problem in lost.problems:
        typer.echo(problem.message, err=True)


@app.command()
def replay(
    store: Store,
    session_file: Annotated[Path, typer.Argument(help="Commands, one a line; # starts a comment.")],
    project: ProjectName = "",
    reviewer: Reviewer = "reviewer",
    as_json: Json = False,
) -> None:
    """Run a session file; the same file on the same data gives the same gold."""
    from hybrid_ner.review.store.gold import gold_hash

    with opened(store) as found:
        session = session_of(found, project, reviewer, None)
        replies = session.replay(session_file)
        gold = gold_hash(session.project)
    steps = sum(reply.level == "done" for reply in replies)
    row = {"lines": len(replies), "steps": steps, "gold": gold}
    say(as_json, row, f"{quantity(len(replies), 'line')}; gold {gold}")


@app.command()
def transcript(store: Store, project: ProjectName = "", reviewer: Reviewer = "reviewer") -> None:
    """Print what a reviewer did as a session file for `replay`."""
    with opened(store, to_read=True) as found:
        for line in session_of(found, project, reviewer, None).transcript():
            typer.echo(line)


@app.command()
def commands() -> None:
    """Print the command language, with the commands of installed packages, as Markdown."""
    from hybrid_ner.review.commands.help import language_page

    typer.echo(language_page(), nl=False)
