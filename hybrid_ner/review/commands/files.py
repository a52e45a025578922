"""Gold into files, and session files."""

from __future__ import annotations

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Command, command
from hybrid_ner.review.commands.language import Cursor, words_of
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.store.codebook import load_codebook
from hybrid_ner.review.store.gold import (
    GOLD_FORMATS,
    export_documents,
    export_path,
    gold_in,
    report_in,
    with_codebook,
)
from hybrid_ner.text import quantity

SHOWN = 20
"""Lost annotations that the reply lists."""


@command(
    "export",
    says="export spacy · export jsonl · export brat · export conll · export biluo · export csv: write the "
    "gold; a file or folder name may follow",
)
class Export(Command):
    """``export jsonl [file]``: the gold; what is left out is said.

    A session without files answers with the format alone: whoever shows the answer offers a download.
    """

    effect = "asks"
    alone = True
    proposed = False
    loose = True
    format: str
    path: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return cls(cursor.text("a format", "`export jsonl`"), cursor.rest())

    def run(self, work: Work) -> Reply:
        """``export jsonl [file]``: the gold; what is left out is said.

        A session without files answers with the format alone: whoever shows the answer offers a download.
        """
        name = self.format.lower()
        files = work.services.files
        if files is None:
            return _download(name, self.path)
        path = export_path(name, work.project.name, self.path, files.folder)
        report = report_in(work.connection, work.author.project_id)
        if not report.documents:
            said = f"there is no gold yet: {report.sentence()}"
            return Reply(said)
        version = load_codebook(work.connection, work.author.project_id).version
        gold = with_codebook(gold_in(work.connection, work.author.project_id), version)
        done = export_documents(gold, name, path)
        lost = [problem.message for problem in done.lost.problems]
        said = f"{report.sentence()} → {done.path}" + (f"; codebook {version}" if version else "")
        if lost:
            said += f"; this format cannot hold {quantity(len(lost), 'thing')}"
        return Reply(said, lines=tuple(lost[:SHOWN]))


def _download(name: str, path: str) -> Reply:
    if name not in GOLD_FORMATS:
        raise InputError(f"unknown export format {name!r}.", hint=f"Use one of {', '.join(GOLD_FORMATS)}.")
    if path:
        raise InputError(
            f"this session writes no files, so {path!r} was not written.",
            hint=f"Download the file with `export {name}`, or run `hybrid-ner review export` in a terminal.",
        )
    return Reply(f"the gold as a {name} file, saved on your own computer", download=name)


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
