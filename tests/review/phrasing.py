"""Sentences and what they have to do: the documents they are said about, and how an effect is written down.

A file of phrasings has four columns: the sentence (``{aspirin|3} is {right|fine}`` stands for all of its
sentences, some of which are drawn), the document on the card, what was said before (commands
or sentences with ``|`` between, ``framed=3`` for the span that the page frames), and the effect: the whole
difference that the sentence makes in the store, or one of several with ``||`` between:

``2=no`` ``2=ok`` ``2=open``      span 2 of the document is rejected, accepted, open again
``3=Chemical``                    it is accepted with this label
``5="pituitary hemorrhage"``      it is accepted with this text
``+"hypotension" Disease``        a new accepted span
``m1.2=no``                       the same in another document; ``*`` for others of its kind
``label+Symptom``                 a new label
``to:m5`` ``moves`` ``skips``     another document is on the card (``skips``: this one is deferred)
``flags`` ``unflags`` ``order:uncertain`` ``trains`` ``updates`` ``file``
``ask`` ``ask~words``             nothing is written, and a question waits (that has the words)
``says`` ``says~words``           nothing is written, and something is answered (with the words)
``nothing``                       nothing is written, whatever is answered
"""

from __future__ import annotations

import random
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document
from hybrid_ner.review import FileAccess, Reply, ReviewSession, ReviewStore, Suggestion
from hybrid_ner.review.store.schema import document, document_state, mention
from tests.review.conftest import unsafe_but_fast
from tests.review.helpers import FakeModels, suggest

FOLDER = Path(__file__).parent / "phrasings"


@dataclass(frozen=True)
class Phrasing:
    """One row of a file."""

    sentence: str
    document: str
    before: str
    effect: str
    where: str = ""


def phrasings(name: str = "*") -> Iterator[Phrasing]:
    """The rows of the files."""
    for path in sorted(FOLDER.glob(f"{name}.tsv")):
        yield from read_phrasings(path)


_CHOICE = re.compile(r"\{([^{}]*)\}")


def read_phrasings(path: Path, draws: int = 3) -> Iterator[Phrasing]:
    """The rows of one file; of a row with choices as many sentences as ``draws``, always the same ones."""
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("# "):
            said, *rest = line.split("\t")
            for each in dict.fromkeys(_drawn(said, draws)):
                yield Phrasing(each, *rest, where=f"{path.name}:{row}")


def _drawn(said: str, draws: int) -> Iterator[str]:
    chance = random.Random(said)
    return (_CHOICE.sub(lambda found: chance.choice(found[1].split("|")), said) for _ in range(draws))


def _filled(store: ReviewStore, letter: str, made: dict[str, Any]) -> None:
    """One project of ``documents.toml``."""
    project = store.create_project(letter, made["labels"].split(), domain=made["domain"])
    texts = [each for each in made["documents"] for _ in range(each.get("times", 1))]
    named = [(f"{letter}{n}", each["text"], each["spans"]) for n, each in enumerate(texts, 1)]
    project.add_documents(Document(name, text) for name, text, _ in named)
    project.add_suggestions(
        "r1", [(name, [_suggested(text, *span) for span in spans]) for name, text, spans in named]
    )


def _suggested(text: str, words: str, label: str, *more: str) -> Suggestion:
    model = next((each.split()[1] for each in more if each.startswith("model ")), "")
    nth = next((int(each) for each in more if each.isdecimal()), 1)
    found = ("model", float(model)) if model else ("rule+model", 0.9)
    return suggest(text, words, label, *found, nth=nth, chosen="faint" not in more)


def _fill(path: Path, projects: dict[str, Any]) -> Path:
    """Projects of ``documents.toml`` in a store."""
    with ReviewStore.open(path) as store:
        unsafe_but_fast(store)
        for letter, made in projects.items():
            _filled(store, letter, made)
    return path


@dataclass
class State:
    """What is in the store, as far as sentences can change it."""

    spans: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    here: str = ""
    labels: tuple[str, ...] = ()
    steps: int = 0
    flagged: bool = False
    order: str = ""


def _state(session: ReviewSession) -> State:
    here = session.view()
    assert here is not None
    flag = sa.select(sa.func.count()).where(document_state.c.flag.is_not(None))
    m = mention.c
    query = sa.select(m, document.c.doc_id, document.c.text).join(document, document.c.id == m.document_id)
    with session.store.engine.connect() as connection:
        rows = connection.execute(query).all()
        flagged = bool(connection.scalar(flag))
    spans = {
        f"{row.doc_id}.{row.number}": f"{row.status}|{row.label}"
        f"|{row.text[row.start_char : row.end_char]}|{row.reason}"
        for row in rows
    }
    new = {f"{row.doc_id}.{row.number}" for row in rows if not row.base_label}
    old = {
        f"{row.doc_id}.{row.number}": f"open|{row.base_label}|{row.text[row.base_start : row.base_end]}|"
        for row in rows
        if row.base_label
    }
    undone = sum(not row.undone for row in session.log(50))
    return State(spans, old, new, here.doc_id, session.labels, undone, flagged, session.order)


@dataclass(frozen=True)
class Outcome:
    """What a sentence did."""

    effects: frozenset[str]
    reply: Reply
    models: FakeModels
    files: tuple[str, ...]
    before: State
    after: State

    @property
    def wrote(self) -> bool:
        """Whether decisions or labels are other than before, or a training was started."""
        return bool(self.effects) or any(call.startswith(("retrain", "update")) for call in self.models.calls)


class Sayings:
    """Says sentences, each in the stores as they were filled.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.copy, self.files = folder, folder / "review.sqlite3", folder / "files"
        self.projects = tomllib.loads((FOLDER / "documents.toml").read_text(encoding="utf-8"))
        self.filled = _fill(folder / "others.sqlite3", dict(islice(self.projects.items(), 2)))
        self.stores: dict[str, Path] = dict.fromkeys(islice(self.projects, 2), self.filled)
        shutil.copy(self.filled, self.copy)
        self.store = ReviewStore.open(self.copy)
        unsafe_but_fast(self.store)

    def _filled(self, letter: str) -> Path:
        """A store of one project, beside which are the first two, in which nothing may happen."""
        if letter not in self.stores:
            path = Path(shutil.copy(self.filled, self.folder / f"filled-{letter}.sqlite3"))
            self.stores[letter] = _fill(path, {letter: self.projects[letter]})
        return self.stores[letter]

    def session(self, phrasing: Phrasing, models: FakeModels) -> tuple[ReviewSession, int]:
        """A session on the document of a phrasing after what was said before, and the framed span."""
        letter = phrasing.document.rstrip("0123456789")
        filled = self._filled(letter)
        self.store.engine.dispose()
        for name in ("review.sqlite3-wal", "review.sqlite3-shm"):
            (self.copy.parent / name).unlink(missing_ok=True)
        shutil.copy(filled, self.copy)
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir()
        session = ReviewSession(self.store, letter, "ana", models=models, files=FileAccess(self.files))
        session.open(phrasing.document)
        framed = 0
        for line in filter(None, (part.strip() for part in phrasing.before.split("|"))):
            if line.startswith("framed="):
                framed = int(line.removeprefix("framed="))
            else:
                reply = session.handle(line)
                assert reply.level != "error", (phrasing, reply.echo)
        return session, framed

    def say(self, phrasing: Phrasing) -> Outcome:
        """What a phrasing does."""
        models = FakeModels()
        session, framed = self.session(phrasing, models)
        models.calls.clear()
        before = _state(session)
        reply = session.handle(phrasing.sentence, framed=framed)
        after = _state(session)
        files = tuple(path.name for path in self.files.iterdir())
        return Outcome(frozenset(_changed(before, after)), reply, models, files, before, after)


def _changed(before: State, after: State) -> Iterator[str]:
    for name, value in after.spans.items():
        old = before.spans.get(name) or after.suggested.get(name, "|||")
        if value != old:
            status, label, surface, reason = value.split("|")
            _, old_label, old_surface, _ = old.split("|")
            if old == "|||":
                yield f'{name}+"{surface}" {label} {status}'
            elif status == "open":
                yield f"{name}=open"
            elif status == "rejected":
                yield f"{name}=overlap" if reason == "overlap" else f"{name}=no"
            elif surface != old_surface:
                yield f'{name}="{surface}"'
            else:
                yield f"{name}=ok" if label == old_label else f"{name}={label}"
    for name, value in before.spans.items():
        if name not in after.spans and not value.startswith("open"):
            yield f"{name}=open"
    for label in set(after.labels) - set(before.labels):
        yield f"label+{label}"


_PIECE = re.compile(r'\+"[^"]*" \w+|[\w.]+="[^"]*"|\S+')


def fits(outcome: Outcome, phrasing: Phrasing) -> bool:
    """Whether a sentence did what it has to do."""
    return any(_fits(outcome, phrasing, option.strip()) for option in phrasing.effect.split("||"))


def _fits(outcome: Outcome, phrasing: Phrasing, effect: str) -> bool:
    reply, doc = outcome.reply, phrasing.document
    if effect.startswith(("ask", "says", "nothing")) and outcome.wrote:
        return False
    words = " ".join((reply.echo, *reply.lines, str(reply.table), str(reply.pending)))
    if effect.startswith("ask"):
        return reply.level == "ask" and reply.pending is not None and re.search(effect[4:], words) is not None
    if effect.startswith("says"):
        return reply.level in ("info", "done") and re.search(effect[5:], words) is not None
    if effect == "nothing":
        return outcome.before.steps >= outcome.after.steps or reply.level in ("info", "ask", "error")
    wanted: set[tuple[str, str]] = set()
    others = False
    pieces = _PIECE.findall(effect)
    for piece in pieces:
        if not _besides(outcome, piece):
            return False
        if piece == "*":
            others = True
        elif piece.startswith("+"):
            wanted.add(("+", piece[1:]))
        elif "=" in piece:
            name, _, value = piece.partition("=")
            wanted.add((name if "." in name else f"{doc}.{name}", value))
        elif piece.startswith("label+"):
            wanted.add(("label", piece[6:]))
    return _same(outcome.effects, wanted, outcome, others)


def _besides(outcome: Outcome, piece: str) -> bool:
    before, after = outcome.before, outcome.after
    if piece.startswith("to:"):
        return after.here == piece[3:]
    if piece.startswith("order:"):
        return after.order == piece[6:]
    checks = {
        "moves": after.here != before.here,
        "skips": outcome.reply.step is not None
        and (after.here != before.here or outcome.reply.echo.startswith("skipped")),  # of one document alone
        "flags": after.flagged and not before.flagged, "unflags": before.flagged and not after.flagged,
        "trains": any(call.startswith("retrain") for call in outcome.models.calls),
        "updates": any(call.startswith("update") for call in outcome.models.calls),
        "file": bool(outcome.files) or "no gold yet" in outcome.reply.echo,
    }  # fmt: skip
    return checks.get(piece, True)


def _same(effects: frozenset[str], wanted: set[tuple[str, str]], outcome: Outcome, others: bool) -> bool:
    found = set()
    for effect in effects:
        if effect.startswith("label+"):
            found.add(("label", effect[6:]))
        elif added := re.fullmatch(r'[\w.]+\+"(.*)" (\S+) \w+', effect, re.DOTALL):
            found.add(("+", f'"{added[1]}" {added[2]}'))
        else:
            name, _, value = effect.partition("=")
            found.add((name, value))
    found = {(name, value) for name, value in found if value != "overlap"}
    # A span that lies in another one that was accepted goes out with it: as good as rejected, or made longer.
    told = outcome.reply.echo.partition("out, because they overlap: ")[2]
    for number in re.findall(r"(?:^|, )(\d+) “", told.partition(";")[0]):
        name = f"{outcome.before.here}.{number}"
        mine = {(each, value) for each, value in wanted if each == name}
        text = next((value for _, value in mine if value.startswith('"')), "")
        longer = [value for each, value in found if each == "+" and text and value.startswith(f"{text} ")]
        label = next((value for _, value in mine if value[:1].isupper()), "")
        if longer and longer[0].endswith(f" {label}"):
            found = (found - {("+", longer[0])}) | mine
        elif (name, "no") in wanted:
            found.add((name, "no"))
    loose = {(name, value) for name, value in wanted if (name, value) not in found}
    for name, value in list(loose):
        label = outcome.after.spans.get(name, "|||").split("|")[1]
        if (name, "ok") in found and value == label:
            loose.discard((name, value))
            wanted.add((name, "ok"))
        if value == label and any(each == name and '"' in said for each, said in found):
            loose.discard((name, value))  # another label and other words at once
    extra = found - wanted
    if others:
        kinds = {value for _, value in wanted}
        extra = {each for each in extra if each[1] not in kinds}
    return not loose and not extra
