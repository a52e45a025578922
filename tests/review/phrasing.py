"""Sentences and what they have to do: the documents they are said about, and how an effect is written down.

A file of phrasings has four columns: the sentence, the document on the card, what was said before (commands
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

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from hybrid_ner.corpus import Document
from hybrid_ner.review import FileAccess, Reply, ReviewSession, ReviewStore, Suggestion
from hybrid_ner.review.store.schema import document, mention
from tests.review.conftest import unsafe_but_fast
from tests.review.helpers import FakeModels, suggest

FOLDER = Path(__file__).parent / "phrasings"
MEDICAL = (
    "Severe chest pain and hypotension after warfarin. The patient took aspirin daily; warfarin was stopped "
    "because of pituitary hemorrhage. HIT was suspected.",
    "Busulfan caused seizures. Warfarin was given for pain.",
)
SMALL = "No pain today; warfarin continued."
LEGAL = (
    "In the Supreme Court of India, Mehta J. heard counsel Rao for the appellant Tata Steel"
    " under section 34 of "
    "the Arbitration Act, 1996 at Delhi."
)
LEGAL_LABELS = (
    "COURT", "STATUTE", "PROVISION", "JUDGE", "LAWYER", "PETITIONER", "RESPONDENT", "WITNESS",
    "OTHER_PERSON", "ORG",
    "GPE", "DATE", "PRECEDENT", "CASE_NUMBER",
)  # fmt: skip

CLINIC = (
    "Mr. Diaz is a 71-year-old man with heart failure, atrial fibrillation and type 2 diabetes. He takes "
    "metoprolol 25 mg twice daily and apixaban; lisinopril was held for hyperkalemia. A chest x-ray showed "
    "bilateral pleural effusions. Troponin was negative. No fever."
)
LEASE = (
    "This Lease is made on March 3, 2021 between Harbor Point LLC (the Landlord) and Jane Whitfield (the "
    "Tenant). The Tenant shall pay rent of $2,400 per month. Late fees are governed by Section 1950.5 of the "
    "Civil Code. Notices go to Harbor Point LLC at 12 Pier Road, Oakland."
)

CHEST_CT = (
    "CT chest with contrast. There is a 4 mm nodule in the right upper lobe and a small pleural effusion. No "
    "pulmonary embolism. Heparin was continued; the central line ends in the right atrium. Impression: nodule "
    "is likely a granuloma. Repeat CT in six months."
)
SECRETS = (
    "This Mutual Nondisclosure Agreement is entered into as of June 1, 2022 by Brightwell Analytics, Inc. and "
    "Dr. Elena Kovacs. Brightwell may terminate on thirty days notice. Disputes are heard by the Chancery Court "
    "of Delaware under Section 7 of the Agreement. Kovacs resides in Wilmington."
)


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
        for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("# "):
                yield Phrasing(*line.split("\t"), where=f"{path.name}:{row}")


def _medical(store: ReviewStore) -> None:
    first, second = MEDICAL
    found: list[tuple[str, list[Suggestion]]] = [
        (
            first,
            [
                suggest(first, "chest pain", "Disease"),
                suggest(first, "warfarin", "Chemical"),
                suggest(first, "aspirin", "Disease", "model", 0.6),
                suggest(first, "warfarin", "Chemical", nth=2),
                suggest(first, "hemorrhage", "Disease"),
                suggest(first, "HIT", "Disease", "model", 0.55),
            ],
        ),
        (
            second,
            [
                suggest(second, "Busulfan", "Chemical"),
                suggest(second, "seizures", "Disease"),
                suggest(second, "Warfarin", "Chemical"),
                suggest(second, "pain", "Disease"),
            ],
        ),
        *(
            (SMALL, [suggest(SMALL, "pain", "Disease"), suggest(SMALL, "warfarin", "Chemical")])
            for _ in range(10)
        ),
    ]
    _fill(store, "m", ("Disease", "Chemical"), "medical", found)


def _legal(store: ReviewStore) -> None:
    labels = {
        "Supreme Court of India": "COURT", "Mehta": "JUDGE", "Rao": "OTHER_PERSON", "Tata Steel": "ORG",
        "section 34": "PROVISION", "Arbitration Act, 1996": "STATUTE", "Delhi": "GPE",
    }  # fmt: skip
    other = "The Court at Delhi dismissed it."
    found = [
        (LEGAL, [suggest(LEGAL, text, label) for text, label in labels.items()]),
        (other, [suggest(other, "Delhi", "GPE")]),
    ]
    _fill(store, "l", LEGAL_LABELS, "legal", found)


def _clinic(store: ReviewStore) -> None:
    labels = {
        "heart failure": "Problem", "atrial fibrillation": "Problem", "diabetes": "Problem",
        "metoprolol": "Drug", "apixaban": "Problem", "lisinopril": "Drug", "hyperkalemia": "Problem",
        "chest x-ray": "Test", "effusions": "Problem", "Troponin": "Drug", "fever": "Problem",
    }  # fmt: skip
    other = "Fever and chills; metoprolol stopped."
    found = [
        (CLINIC, [suggest(CLINIC, text, label) for text, label in labels.items()]),
        (other, [suggest(other, "Fever", "Problem"), suggest(other, "metoprolol", "Drug")]),
    ]
    _fill(store, "c", ("Problem", "Drug", "Test", "Device"), "medical", found)


def _lease(store: ReviewStore) -> None:
    found = [
        suggest(LEASE, "March 3, 2021", "DATE"), suggest(LEASE, "Harbor Point LLC", "ORG"),
        suggest(LEASE, "Jane Whitfield", "ORG"), suggest(LEASE, "$2,400", "MONEY"),
        suggest(LEASE, "Section 1950.5", "PROVISION"), suggest(LEASE, "Civil Code", "STATUTE"),
        suggest(LEASE, "Harbor Point LLC", "ORG", nth=2), suggest(LEASE, "Oakland", "PERSON"),
    ]  # fmt: skip
    other = "Whitfield left Oakland."
    labels = ("ORG", "PERSON", "DATE", "MONEY", "PROVISION", "STATUTE", "GPE")
    _fill(store, "k", labels, "legal", [(LEASE, found), (other, [suggest(other, "Oakland", "GPE")])])


def _chest_ct(store: ReviewStore) -> None:
    found = [
        suggest(CHEST_CT, "CT", "Procedure"), suggest(CHEST_CT, "nodule", "Finding"),
        suggest(CHEST_CT, "right upper lobe", "Anatomy"), suggest(CHEST_CT, "effusion", "Finding"),
        suggest(CHEST_CT, "embolism", "Finding"), suggest(CHEST_CT, "Heparin", "Finding"),
        suggest(CHEST_CT, "central line", "Anatomy"), suggest(CHEST_CT, "right atrium", "Anatomy"),
        suggest(CHEST_CT, "nodule", "Finding", nth=2), suggest(CHEST_CT, "Repeat", "Finding"),
        suggest(CHEST_CT, "CT", "Procedure", nth=2),
    ]  # fmt: skip
    other = "Heparin and a nodule; the effusion resolved."
    labels = ("Finding", "Anatomy", "Medication", "Procedure")
    more = [suggest(other, "Heparin", "Medication"), suggest(other, "nodule", "Finding")]
    _fill(store, "t", labels, "medical", [(CHEST_CT, found), (other, more)])


def _secrets(store: ReviewStore) -> None:
    labels = {
        "June 1, 2022": "DATE", "Brightwell Analytics, Inc.": "PARTY", "Elena Kovacs": "PARTY",
        "thirty days": "DATE", "Chancery Court": "COURT", "Section 7": "LAW", "Wilmington": "LOCATION",
    }  # fmt: skip
    found = [suggest(SECRETS, text, label) for text, label in labels.items()]
    found += [suggest(SECRETS, name, "PERSON", nth=2) for name in ("Brightwell", "Kovacs")]
    other = "Kovacs moved to Wilmington."
    names = ("PARTY", "PERSON", "DATE", "COURT", "LAW", "LOCATION")
    more = [suggest(other, "Kovacs", "PERSON"), suggest(other, "Wilmington", "LOCATION")]
    _fill(store, "n", names, "legal", [(SECRETS, sorted(found, key=lambda one: one.start)), (other, more)])


def _fill(
    store: ReviewStore,
    letter: str,
    labels: tuple[str, ...],
    domain: str,
    found: list[tuple[str, list[Suggestion]]],
) -> None:
    project = store.create_project(letter, labels, domain=domain)
    named = [(f"{letter}{n}", text, spans) for n, (text, spans) in enumerate(found, 1)]
    project.add_documents(Document(name, text) for name, text, _ in named)
    project.add_suggestions("r1", [(name, spans) for name, _, spans in named])


def fill_stores(path: Path) -> None:
    """All projects in a new store."""
    with ReviewStore.open(path) as store:
        for fill in (_medical, _legal, _clinic, _lease, _chest_ct, _secrets):
            fill(store)


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
    m = mention.c
    query = sa.select(m, document.c.doc_id, document.c.text).join(document, document.c.id == m.document_id)
    with session.store.engine.connect() as connection:
        rows = connection.execute(query).all()
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
    return State(spans, old, new, here.doc_id, session.labels, undone, here.flagged, session.order)


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
        """Whether decisions or labels are other than before."""
        return bool(self.effects)


class Sayings:
    """Says sentences, each in the stores as they were filled.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.filled, self.copy, self.files = (
            folder / "filled.sqlite3",
            folder / "review.sqlite3",
            folder / "files",
        )
        fill_stores(self.filled)
        shutil.copy(self.filled, self.copy)
        self.store = ReviewStore.open(self.copy)
        unsafe_but_fast(self.store)

    def session(self, phrasing: Phrasing, models: FakeModels) -> tuple[ReviewSession, int]:
        """A session on the document of a phrasing after what was said before, and the framed span."""
        self.store.engine.dispose()
        for name in ("review.sqlite3-wal", "review.sqlite3-shm"):
            (self.copy.parent / name).unlink(missing_ok=True)
        shutil.copy(self.filled, self.copy)
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir()
        session = ReviewSession(
            self.store, phrasing.document[0], "ana", models=models, files=FileAccess(self.files)
        )
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
        "skips": after.here != before.here and outcome.reply.step is not None,
        "flags": after.flagged and not before.flagged, "unflags": before.flagged and not after.flagged,
        "trains": any(call.startswith("retrain") for call in outcome.models.calls),
        "updates": any(call.startswith("update") for call in outcome.models.calls),
        "file": bool(outcome.files) or "no gold yet" in outcome.reply.echo,
    }  # fmt: skip
    return checks.get(piece, True)


def _same(effects: frozenset[str], wanted: set[tuple[str, str]], outcome: Outcome, others: bool) -> bool:
    found = set()
    for effect in effects:
        if "+" in effect.split("=")[0] and '"' in effect and "=" not in effect:
            surface, label = re.fullmatch(r'[\w.]+\+"(.*)" (\w+) \w+', effect).groups()  # type: ignore[union-attr]
            found.add(("+", f'"{surface}" {label}'))
        elif effect.startswith("label+"):
            found.add(("label", effect[6:]))
        else:
            name, _, value = effect.partition("=")
            found.add((name, value))
    # A span that lies in another one that was accepted goes out with it.
    found = {(name, value) for name, value in found if value != "overlap"}
    loose = {(name, value) for name, value in wanted if (name, value) not in found}
    for name, value in list(loose):
        label = outcome.after.spans.get(name, "|||").split("|")[1]
        if (name, "ok") in found and value == label:
            loose.discard((name, value))
            wanted.add((name, "ok"))
    extra = found - wanted
    if others:
        kinds = {value for _, value in wanted}
        extra = {each for each in extra if each[1] not in kinds}
    return not loose and not extra
