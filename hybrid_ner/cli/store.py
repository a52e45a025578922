"""``hybrid-ner review``, around the reviewing: roles, shares, copies of the store; and ``app``, the page."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from hybrid_ner.cli._options import Json, say
from hybrid_ner.cli.review import ProjectName, Reviewer, Store, app, opened, session_of, time_of
from hybrid_ner.errors import InputError, need
from hybrid_ner.io import shipped
from hybrid_ner.text import plain_line, quantity

if TYPE_CHECKING:
    from hybrid_ner.review.store.backup import Checked
    from hybrid_ner.review.store.gold import DocumentChange
    from hybrid_ner.ui.workspace import Workspace


@app.command()
def role(
    store: Store,
    name: Annotated[str, typer.Argument(help="As the person signs in; * for everybody who does.")] = "",
    given: Annotated[str, typer.Argument(metavar="ROLE", help="reviewer, lead, owner, or none.")] = "",
    project: ProjectName = "",
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who gives it, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Give a role in a project where reviewers sign in, or list the roles.

    A reviewer reviews; a lead also trains, switches models, imports and adjudicates; an owner gives
    roles and erases documents.
    """
    from hybrid_ner.review.store.reviewers import give_role, load_roles

    if name and not given:
        raise typer.BadParameter("say which role: reviewer, lead, owner or none.", param_hint="ROLE")
    with opened(store, to_read=not name) as found:
        chosen = found.project(project)
        if name:
            give_role(chosen, name, given, by)
        with chosen.read() as connection:
            roles = load_roles(connection, chosen.id)
    lines = [f"{role}  {person}" for person, role in roles.items()]
    lines = lines or ["nobody has a role yet: everybody who signs in is a reviewer"]
    say(as_json, {"project": chosen.name, "roles": roles}, *lines)


@app.command()
def agreement(
    store: Store,
    project: ProjectName = "",
    by_label: Annotated[
        bool, typer.Option("--by-label", help="By label, over all pairs, the least agreed first.")
    ] = False,
    reviewer: Reviewer = "reviewer",
    as_json: Json = False,
) -> None:
    """F1 and Cohen's kappa of every two reviewers, and Krippendorff's alpha of more."""
    line, rows = ("agreement by label", "labels") if by_label else ("agreement", "pairs")
    _answered(store, project, reviewer, (line,), rows, as_json)


@app.command()
def assign(
    store: Store,
    names: Annotated[list[str], typer.Argument(help="Reviewers; nobody takes the assignment back.")],
    each: Annotated[int, typer.Option(min=1, help="Reviewers of a document.")] = 1,
    overlap: Annotated[float, typer.Option(min=0, max=100, help="Percent read by one more.")] = 0.0,
    documents: Annotated[str, typer.Option(help="Their numbers, such as 1-40; all by default.")] = "",
    project: ProjectName = "",
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who assigns, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Share the documents out among reviewers: each then has a queue of their own."""
    quoted = ", ".join(name if name == "nobody" else f'"{name}"' for name in names)
    line = f"assign {quoted} each {each}" + (f" overlap {overlap:g}%" if overlap else "")
    line = f"{line} docs {documents}" if documents else line
    line = "assign nobody" if names == ["nobody"] else line
    _answered(store, project, by, (line, "yes"), "people", as_json, to_read=False)


@app.command()
def progress(store: Store, project: ProjectName = "", as_json: Json = False) -> None:
    """How far everybody is."""
    _answered(store, project, "admin", ("progress",), "people", as_json)


@app.command()
def withdraw(
    store: Store,
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="[DOC]...", help="Ids; without one, what is withdrawn.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for everybody who asks: wrong patient, duplicate.")] = "",
    project: ProjectName = "",
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who does it, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Take documents out of a project that should not be there, or list those that are out.

    Their text and what was decided in them stay in the store; they are in no queue, count, gold, agreement
    or training until `review reinstate` brings them back.
    """
    from hybrid_ner.review.store.events import NO_REASON
    from hybrid_ner.review.store.lookups import withdrawals, withdrawn_said

    with opened(store, to_read=not documents) as found:
        chosen = found.project(project)
        if documents:
            chosen.withdraw(documents, reason, by=by)
        with chosen.read() as connection:
            out = withdrawals(connection, chosen.id)
    rows = [f"{each.doc_id}  {each.reason or NO_REASON}  {each.reviewer}  {each.at[:16]}" for each in out]
    row = {"project": chosen.name, "withdrawn": [asdict(each) for each in out]}
    say(as_json, row, withdrawn_said(out) or "no document is withdrawn", *rows)


@app.command()
def reinstate(
    store: Store,
    documents: Annotated[list[str], typer.Argument(metavar="DOC...", help="Ids of withdrawn documents.")],
    project: ProjectName = "",
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who does it, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Bring withdrawn documents back, with everything that was decided in them."""
    with opened(store) as found:
        chosen = found.project(project)
        back = chosen.reinstate(documents, by=by)
    what = quantity(len(back), "document is", "documents are")
    say(as_json, {"project": chosen.name, "reinstated": back}, f"{what} back: {', '.join(back)}")


@app.command()
def erase(
    store: Store,
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="[DOC]...", help="Ids; without one, what was erased.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for everybody who asks: consent withdrawn.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without a question.")] = False,
    hide_id: Annotated[
        bool, typer.Option("--hide-id", help="Let the ids go too, where they name people; a hash stays.")
    ] = False,
    keep_terms: Annotated[
        bool,
        typer.Option("--keep-terms", help="Keep terms and rules in words that only these documents have."),
    ] = False,
    workspace: Annotated[
        Path | None,
        typer.Option(
            envvar="HYBRID_NER_WORKSPACE", help="Folder of the projects, where it is not that of the store."
        ),
    ] = None,
    project: ProjectName = "",
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who does it, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Erase the text of documents for good, and all that was decided and said in them. It cannot be undone.

    It goes from the store and from the folder of the project; that they were erased, by whom, when and why
    stays in the log, and with it hashes by which a later import knows them. What is out of reach (models,
    exports, backups) is listed. Says first what would go, and asks. `review withdraw` keeps everything.
    """
    from hybrid_ner.review.rounds.decisions import erase_documents
    from hybrid_ner.ui.workspace import Workspace

    if documents and not reason.strip():
        raise typer.BadParameter("say why, for the log.", param_hint="--reason")
    with opened(store, to_read=not documents) as found:
        chosen, place = found.project(project), Workspace.of(found)
        if not documents:
            gone = chosen.erasures()
            told = [f"{each.doc_id or '(without its id)'} {each.sentence()}" for each in gone]
            listed = {"project": chosen.name, "erased": [asdict(each) for each in gone]}
            return say(as_json, listed, *(told or ["no document was erased"]))
        setup = (replace(place, folder=workspace.absolute()) if workspace else place).setup(chosen)
        how: dict[str, Any] = {"by": by, "hide_id": hide_id, "keep_terms": keep_terms}
        if not yes:
            asked = erase_documents(chosen, setup, documents, reason, **how, ask=True)
            typer.echo("\n".join(asked.sentences(asked=True)), err=as_json)
            typer.confirm("Erase all of this for good? It cannot be undone.", abort=True, err=as_json)
        done = erase_documents(chosen, setup, documents, reason, **how)
    left = ["out of reach, and may still hold the text:", *(f"- {line}" for line in done.left)]
    rows = [asdict(each) for each in done.store.documents]
    row = {"project": chosen.name, "erased": rows, "lines": done.store.lines, "terms": done.store.terms}
    say(as_json, {**row, "files": done.files, "left": done.left}, *done.sentences(), *left)


@app.command()
def changes(
    store: Store,
    since: Annotated[
        str,
        typer.Option(help="Day or time in ISO 8601, UTC without a zone: 2026-11-30, 2026-11-30T14:00+01:00."),
    ],
    until: Annotated[str, typer.Option(help="The same, a day with all of it; now by default.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="Write every change to this file, .csv or .json.")
    ] = None,
    project: ProjectName = "",
    as_json: Json = False,
) -> None:
    """What changed in the gold between two times: added, taken out, relabelled, resized, and by whom.

    Counts what the log had then: steps that were undone by that time do not count, and withdrawn documents
    are out. Documents that were erased are named; what was decided in them is not known any more.
    """
    from hybrid_ner.review.store import gold

    times = {name: time_of(name, said) for name, said in (("since", since), ("until", until))}
    with opened(store, to_read=True) as found:
        chosen = found.project(project)
        made = gold.gold_changes(chosen, **times)
    rows = 0 if output is None else gold.write_changes(output, made)
    lines = [f"from {made.since} to {made.until}: {made.sentence()}"]
    lines += [
        f"{label}: {', '.join(f'{n:,} {kind}' for kind, n in count.items())}"
        for label, count in made.counts().items()
        if label != "all"
    ]
    lines += [_change_line(each) for each in made.documents]
    lines += [f"{each.doc_id or 'a document'} {each.sentence()}" for each in made.erased]
    lines += [f"{quantity(rows, 'row')} → {output}"] if output else []
    say(as_json, {"project": chosen.name, **asdict(made), "counts": made.counts()}, *lines)


def _change_line(each: DocumentChange) -> str:
    """``d1 (changed): + “afib” PROBLEM (ana), − “pain” PROBLEM (bob)``."""
    signs = {"added": "+", "taken out": "−"}
    said = []
    for change in each.changes:
        was = f" (was {change.was[2]}, {change.was[0]}-{change.was[1]})" if change.was else ""
        by = f" by {change.by}" if change.by else ""
        said.append(
            f"{signs.get(change.kind, change.kind)} “{plain_line(change.text)}” {change.label}{was}{by}"
        )
    return f"{each.doc_id} ({each.state}): {'; '.join(said) or 'no mention'}"


def _answered(
    store: str,
    project: str,
    reviewer: str,
    lines: Sequence[str],
    rows: str,
    as_json: bool,
    *,
    to_read: bool = True,
) -> None:
    """Say lines of the command language; the table of the last answer that has one is printed."""
    from hybrid_ner.review.document import reply_lines

    with opened(store, to_read=to_read) as found:
        session = session_of(found, project, reviewer, None)
        for line in lines:
            reply = session.handle(line)
            if reply.level == "error":
                raise InputError(reply.echo)
    table = reply.table
    names = [column.lower().replace(" ", "_") for column in table.columns] if table else []
    listed = [dict(zip(names, row, strict=True)) for row in table.rows] if table else []
    say(as_json, {rows: listed}, *reply_lines(replace(reply, understood="", then="")))


@app.command()
def codebook(
    store: Store,
    project: ProjectName = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Write it to this file, .md or .json; otherwise it is printed."),
    ] = None,
    proposed: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take guidelines (Markdown) or an exported codebook (.json) in, as proposals."
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", envvar="USER", help="Who proposes, for the log.")] = "admin",
    as_json: Json = False,
) -> None:
    """Print the codebook: what each label means, includes and excludes, with decided mentions as examples.

    With --from, each rule becomes a proposal: `codebook LABEL ok N` in the chat, or a button of the page,
    takes it. The gold that is exported names the version, and models that are asked for labels are told it.
    """
    from hybrid_ner.corpus.codebook import rules_of
    from hybrid_ner.review.store.codebook import codebook_of, suggest_rules, write_codebook

    with opened(store, to_read=proposed is None) as found:
        chosen = found.project(project)
        if proposed is not None:
            new = suggest_rules(chosen, rules_of(proposed), by, "codebook")
            if not as_json:
                typer.echo(f"{quantity(new, 'rule')} proposed")
        book = codebook_of(chosen)
    if to is not None:
        write_codebook(book, to, chosen.name)
        say(as_json, {"codebook": book.version, "output": str(to)}, f"codebook {book.version} → {to}")
    elif proposed is None or as_json:
        say(as_json, book.as_dict(), book.markdown(f"Codebook of {chosen.name}").rstrip())


@app.command()
def overlay(
    store: Store,
    output: Annotated[Path, typer.Argument(help="CSV file to write.")],
    project: ProjectName = "",
    as_json: Json = False,
) -> None:
    """Write the gazetteer edits made in review: what to block and what to add, with who, when and where."""
    from hybrid_ner.review.store.overlay import load_overlay, write_overlay

    with opened(store, to_read=True) as found:
        chosen = found.project(project)
        with chosen.read() as connection:
            count = write_overlay(output, load_overlay(connection, chosen.id))
    say(as_json, {"edits": count, "output": str(output)}, f"{quantity(count, 'edit')} → {output}")


@app.command()
def check(
    store: Store,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the state follow from the log first.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Go on with a copy that may lack the last steps.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check that the texts are whole and that everything shown follows from the log."""
    from hybrid_ner.review.store.backup import accept_copy, check_store

    with opened(store, to_read=not (rebuild or accept)) as found:
        if accept:
            accept_copy(found)
        for name in found.projects() if rebuild else ():
            found.project(name).rebuild()
        checked = check_store(found)
    _say_checked(as_json, {"store": store}, checked)
    if any(each.problems for each in checked):
        raise typer.Exit(1)


@app.command()
def backup(
    store: Store,
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    as_json: Json = False,
) -> None:
    """Copy a store, which may be in use, into one file, and check the copy."""
    from hybrid_ner.review.store.backup import backup as back_up

    with opened(store, to_read=True) as found:
        checked = back_up(found, file)
    _say_checked(as_json, {"backup": str(file)}, checked, f"backup {file}, checked")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, or a closed review store.")],
    store: Annotated[str, typer.Argument(help="File that does not exist, or URL of an empty database.")],
    as_json: Json = False,
) -> None:
    """Make a store of a backup, on SQLite or PostgreSQL, and check it."""
    from hybrid_ner.review.store.backup import restore as bring_back
    from hybrid_ner.review.store.database import shown_store

    found, shown = bring_back(file, store), shown_store(store)
    _say_checked(as_json, {"store": shown}, found, f"restored {file} to {shown}, checked")


def _say_checked(as_json: bool, row: Mapping[str, Any], found: Sequence[Checked], *lines: str) -> None:
    said = [*lines]
    for each in found:
        said += [each.sentence(), *(f"  problem: {problem}" for problem in each.problems)]
    say(as_json, {**row, "projects": [asdict(each) for each in found]}, *said)


@app.command()
def serve(
    store: Store,
    project: ProjectName = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8501,
) -> None:
    """Open the review page on this store, on this machine only. Stop it with Ctrl-C."""
    from hybrid_ner.ui.workspace import Workspace

    with opened(store) as found:
        place, chosen = Workspace.of(found), found.project(project)
    open_page(place, port, project=chosen.name)


# ``hybrid-ner app``: the page in the browser, on a workspace instead of one store.


def page(
    workspace: Annotated[
        Path | None,
        typer.Option(
            envvar="HYBRID_NER_WORKSPACE",
            help="Folder of the projects; made at the first start. By default that of --store, or workspace.",
        ),
    ] = None,
    store: Annotated[
        str,
        typer.Option(
            envvar="HYBRID_NER_STORE",
            help="Review store: a file or a postgresql:// URL; by default in the workspace.",
        ),
    ] = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine by default.")
    ] = "127.0.0.1",
    proxy_name: Annotated[
        list[str] | None,
        typer.Option(help="Name under which a proxy on this machine serves the page; may be repeated."),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Path under which the proxy serves it, for example ner for /ner/.")
    ] = "",
    trainings: Annotated[
        int, typer.Option(min=1, max=99, help="Trainings that run at a time; further ones wait in a queue.")
    ] = 1,
) -> None:
    """Open the review page: correct suggestions, retrain, compare. Stop it with Ctrl-C."""
    need("streamlit", "altair")  # the page is a process of its own, and would end without a word
    from hybrid_ner.review import ReviewStore
    from hybrid_ner.ui.workspace import Workspace

    place = Workspace.at(workspace or "", store)
    if place.exists:
        with ReviewStore.open(place.store) as found:  # what is wrong is told here, not to reviewers alone
            place.check(found)
    open_page(place, port, host.strip("[]"), "", proxy_name or (), prefix, trainings)


def open_page(
    place: Workspace,
    port: int,
    host: str = "127.0.0.1",
    project: str = "",
    names: Sequence[str] = (),
    prefix: str = "",
    trainings: int = 1,
) -> NoReturn:
    """Become the server of the page.

    Args:
        project: The project to open first.
        names: Names under which a proxy on this machine serves the page.
        prefix: Path under which it does.
        trainings: How many may run at a time.

    Raises:
        InputError: The workspace cannot be written to, nothing can listen there, or the secrets of the
            server cannot be read.
    """
    from hybrid_ner.training.jobs import PLACES_VARIABLE
    from hybrid_ner.ui.security import LOOPBACK, page_address, path_prefix, server_flags, sign_in_configured
    from hybrid_ner.ui.workspace import PROJECT_VARIABLE, STORE_VARIABLE, WORKSPACE_VARIABLE

    flags = server_flags(port, host, names, prefix)
    place.prepare()
    address, signed = page_address(port, host), sign_in_configured()
    environment = {**os.environ, WORKSPACE_VARIABLE: str(place.folder), STORE_VARIABLE: place.store}
    environment |= {PROJECT_VARIABLE: project, PLACES_VARIABLE: str(trainings)}
    typer.echo(f"Projects: {place.folder}")
    typer.echo(f"Page:     {'/'.join(filter(None, (address, path_prefix(prefix))))}")
    if host not in LOOPBACK or names:
        sign_in = (
            " and configure sign-in ([auth] in .streamlit/secrets.toml), or reviewers are known by typed "
            "names alone"
        )
        https = "Other machines can reach this page. Put it behind HTTPS"
        typer.echo(f"{https}{'' if signed else sign_in}.", err=True)
    command = [sys.executable, "-m", "streamlit", "run", str(shipped("app.py")), *flags]
    os.execve(sys.executable, command, environment)
