"""Gold into files, and session files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.io import write_bytes
from hybrid_ner.review.commands.base import Asking, Command, command
from hybrid_ner.review.commands.language import Cursor, read_line, words_of
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store import gold as golden
from hybrid_ner.review.store.journal import moment
from hybrid_ner.review.store.labels import LOOKS, human_name
from hybrid_ner.review.store.postings import GONE
from hybrid_ner.review.store.schema import turn
from hybrid_ner.text import quantity

# The lines of a session file.


def run_file(path: str | Path, handle: Callable[[str], Reply]) -> Iterator[Reply]:
    """Run the lines of a session file; blank lines and ``#`` comments are passed over.

    Raises:
        InputError: The file cannot be read, or a line is refused; what came before it stays.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the session file cannot be read: {error}.", path=path) from error
    for row, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("# ") or line.strip() == "#":
            continue
        reply = handle(line)
        if reply.level == "error":
            raise InputError(f"{line!r}: {reply.echo}", path=path, row=row, hint="Correct the line.")
        yield reply


def replayed(replies: Sequence[Reply]) -> Reply:
    """One answer for all lines of a session file."""
    steps = sum(reply.level == "done" for reply in replies)
    return Reply(
        f"replayed {quantity(len(replies), 'line')}, {quantity(steps, 'step')}",
        "done" if steps else "info",
        changed=tuple(dict.fromkeys(doc for reply in replies for doc in reply.changed)),
        doc_id=replies[-1].doc_id if replies else "",
        moved=any(reply.moved for reply in replies),
        table=Table(("line", "answer"), tuple((i, r.echo) for i, r in enumerate(replies, 1))[-20:]),
    )


def session_lines(turns: Iterable[tuple[str, str, str]]) -> list[str]:
    """Lines to repeat a session with, each on the document that it was about.

    Args:
        turns: What was said, the document on the card then, and the level of the answer.
    """
    lines: list[str] = []
    here, asked = "", False
    for line, doc_id, level in turns:
        said = read_line(line)
        answers = said.command is not None and said.command.answers
        # A sentence that was asked back about is no line, and so is the answer to such a question.
        # What was said of a document that is erased is known no more.
        if level == "error" or not line or GONE in line or not (asked or (said.commands and not answers)):
            continue
        # A question is dropped by another command, so nothing comes between it and its answer.
        if doc_id and doc_id != here and not asked:
            # With every space that the id has.
            lines.append('go "' + doc_id.replace("\\", "\\\\").replace('"', '\\"') + '"')
        lines.append(" ".join(line.splitlines()))
        # What is no command is the name of a model, as the answer to a question.
        stays = said.command is not None and not said.command.goes_on
        here, asked = doc_id if stays else "", level == "ask"
    return lines


SHOWN = 20
"""Lost annotations that the reply lists."""


@command(
    "export",
    says="export table · export jsonl · export spacy · export brat · export conll · export biluo · "
    "export csv · export table since last · export jsonl since 2026-11-30: write the gold, as a table for "
    "Excel or for programs; all, or what is new or changed since your last file or a day (UTC); a file or "
    "folder name may follow",
)
class Export(Asking):
    """``export jsonl [file] [since last]``: the gold; what is left out is said.

    A session without files answers with the format alone: whoever shows the answer offers a download.
    """

    alone = True
    proposed = False
    loose = True
    format: str
    path: str = ""
    since: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        form, rest = cursor.text("a format", "`export table`"), cursor.rest()
        path, since = re.fullmatch(r"(.*?)(?:(?:^| )since (\S.*))?", rest).groups("")  # type: ignore[union-attr]
        return cls(form, path, since)

    def run(self, work: Work) -> Reply:
        name = self.format.lower()
        if whose := re.fullmatch(r"by (\S.*)", self.path):
            hint = f"One person's: hybrid-ner review export STORE FILE --by {whose[1]}. Nothing was written."
            raise InputError("`export` writes what counts in the end, whoever decided it.", hint=hint)
        files, known = work.services.files, (*golden.GOLD_FORMATS, golden.TABLE)
        if files is None and name not in known:
            raise golden.unknown_format(name, known)
        if files is None and self.path:
            hint = f"Download the file with `export {name}`, or run `hybrid-ner review export` in a terminal."
            raise InputError(f"this session writes no files, so {self.path!r} was not written.", hint=hint)
        since = _since(work, self.since) if self.since else ""
        said = TAKEN + (f" and new or changed since {golden.since_said(since)}" if since else "")
        if files is None:
            form = "a table for Excel" if name == golden.TABLE else f"a file of the format {name}"
            return Reply(f"{said}, as {form}", download=name, since=since)
        path = golden.export_path(name, work.project.name, self.path, files.folder)
        changes = golden.changes_in(work.connection, work.project.id, since) if since else None
        report = golden.report_in(work.connection, work.project.id, changes=changes)
        if not report.documents:
            if since:
                return Reply(f"nothing is new: {report.sentence()}")
            return Reply("there is no gold yet: no document is finished. Every decision is saved at once.")
        labeled = golden.Labeled(work.connection, work.project.id)
        gold = labeled(golden.gold_in(work.connection, work.project.id, changes=changes))
        if name == golden.TABLE:
            looks = work.project.settings.get(LOOKS, {})
            names = {each: looks.get(each, {}).get("name") or human_name(each) for each in work.labels}
            with write_bytes(path) as written:
                written.write(golden.gold_table(gold, names))
            lost = []
        else:
            done = golden.export_documents(gold, name, path)
            lost = [problem.message for problem in done.lost.problems]
        told = f"{said}: {report.sentence()} → {path}"
        told += f"; {book}" if (book := labeled.sentence()) else ""
        if lost:
            told += f"; this format cannot hold {quantity(len(lost), 'thing')}"
        return Reply(told, lines=tuple(lost[:SHOWN]))


TAKEN = "what is reviewed"
"""How the answer to whoever took a file begins, by which the last one is found."""
_OVERLAP = timedelta(minutes=1)
"""What was being written while a file was made comes in the next one again, rather than in none."""


def last_taken(connection: sa.Connection, reviewer_id: int) -> str:
    """Since when something is new to whoever took the gold away last in a conversation; empty for nobody."""
    mine = (turn.c.reviewer_id == reviewer_id, turn.c.level == "info", turn.c.echo.startswith(TAKEN))
    at = connection.scalar(sa.select(turn.c.at).where(*mine).order_by(turn.c.id.desc()).limit(1))
    return moment((datetime.fromisoformat(at) - _OVERLAP).isoformat()) if at else ""


def _since(work: Work, said: str) -> str:
    """The time that a line names, as the log has times.

    Raises:
        InputError: It names none, or no file was taken before.
    """
    if said == "last":
        if at := last_taken(work.connection, work.author.reviewer_id):
            return at
        raise InputError("you have taken no file before.", hint="Take all: `export table`.")
    try:
        return moment(said)
    except ValueError:
        hint = "For example `export table since 2026-11-30`. Nothing was written."
        raise InputError(f"{said!r} is no day and no time.", hint=hint) from None


@command(
    "replay",
    says="replay FILE: run the commands of a session file",
    files=True,
    reads=words_of("the name of a session file", "`replay session.txt`"),
)
class Replay(Command):
    """``replay FILE``; a session that may read files runs its lines itself."""

    alone = True
    moves = True
    proposed = False
    path: str

    def run(self, work: Work) -> Reply:
        raise InputError(
            "`replay` reads a file on the server, which this session may not.",
            hint="In a terminal on the server: hybrid-ner review replay STORE FILE (STORE is "
            "review.sqlite3 in the workspace folder). Nothing changed.",
        )
