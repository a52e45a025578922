"""Keys and mouse actions per gold mention of a reviewer who knows the answer.

Purpose: what a decision costs on the page. An oracle that knows the gold of BC5CDR's dev part takes the
cheapest way that the page offers, and every line it sends goes through the same session as the page's own::

    python -m benchmarks.oracle --documents 16            # document after document
    python -m benchmarks.oracle --documents 100 --terms   # by term first, then what is left in documents

Counted are key presses, clicks, and drags (one each). In a document: the mouse frames a span by resting on
it, which costs nothing but is counted beside; x, a digit or a decides it, X or a digit with Shift at all
places of the term in the document. A drag over the text makes a span of the label that the page guesses
(``guess.js``), and a digit another one; with Shift held the drag marks all places of the term in the
document; E (and Enter) gives the verdict in all documents; Enter accepts what is shown, the new span too,
and goes on. By term: a click on one of the two buttons in its row decides a card, a click on the row and a
key give it another label; a question costs Enter. What a person reads is not counted.
Checked at the end: the gold that was exported is the corpus' own.
"""

from __future__ import annotations

import argparse
import collections
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.review import DocumentView, ReviewSession, ReviewStore, SpanView
from hybrid_ner.review.store.gold import gold_documents
from hybrid_ner.review.store.postings import find_all
from hybrid_ner.review.term_queue import TermCard, term_queue
from hybrid_ner.ui.components import card_key
from hybrid_ner.ui.creating import Wish, create_project
from hybrid_ner.ui.frame import quoted
from hybrid_ner.ui.inbox import accept_line
from hybrid_ner.ui.workspace import Terms, Workspace

Mention = tuple[int, int, str]
Gold = dict[str, set[Mention]]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "bc5cdr" / "dev.jsonl"
PATIENCE = 2
"""Spans that a card must settle to be worth a click; one span is as quick in its document."""
CARDS = 400
"""Cards that the oracle goes through."""


@dataclass
class Oracle:
    """A reviewer at work.

    Args:
        session: The project.
        gold: Mentions by document.
        guess: What the page takes new spans for.
        actions: Keys, clicks and drags so far, by what they were for.
        framed: Number of the span that the page frames.
        waiting: Documents that are not finished.
    """

    session: ReviewSession
    gold: Gold
    guess: Guess
    actions: collections.Counter[str] = field(default_factory=collections.Counter)
    framed: int = 0
    waiting: set[str] = field(default_factory=set)
    pointed: int = 0
    last: str = ""

    def say(self, line: str) -> None:
        """Send a line; it must be understood."""
        reply = self.session.handle(line)
        if reply.pending is not None:
            reply = self.session.handle(reply.pending.answer)
        if reply.level == "error":
            raise SystemExit(f"{line!r}: {reply.echo}")

    def view(self) -> DocumentView:
        """The document on the card."""
        view = self.session.view()
        assert view is not None
        return view

    # -- documents -------------------------------------------------------------------------------------

    def document(self, doc_id: str) -> None:
        """Correct a document, accept the rest, go on."""
        self.session.open(doc_id)
        view, gold = self.view(), self.gold[doc_id]
        self.guess.learn(view)
        self.framed = next_open(view, 0)
        for group in missing(view, gold):
            self.make(group)
        while wrong := rejects(self.view(), gold):
            self.reject(wrong[0], gold)
        _, line = accept_line(self.view())
        self.say(f"{line} next")
        self.waiting.discard(doc_id)
        self.actions["Enter: accept the rest, next"] += 1

    def frame(self, span: SpanView) -> None:
        """Point at a span, unless it is framed."""
        self.pointed += span.number != self.framed

    def make(self, group: Sequence[Mention]) -> None:
        """Mark what is missing: one place, then its other places."""
        start, end, label = group[0]
        view = self.view()
        there = next((s for s in view.spans if (s.start, s.end) == (start, end)), None)
        guessed = there is None and (self.guess.of(view, start, end) or self.last) == label
        self.last = label
        if there is None:
            more = ", with Shift: all here" if len(group) > 1 else ""
            self.actions[f"drag over a missed span{more}"] += 1
            self.actions["digit: another label than the guessed one"] += not guessed
            self.say(added(view.text, [group[0]]))
        else:
            self.frame(there)
            self.actions["digit"] += 1
            self.say(f"{there.number} is {label}")
        self.guess.learn(self.view())
        self.framed = next_open(self.view(), start)
        if there is None and self.elsewhere(view.text[start:end], label, view.doc_id):
            self.actions["E, Enter: the same in all documents"] += 2
            self.say(f"add all {quoted(view.text[start:end])} {label}")
        elif len(group) > 1:
            # Shift with the drag or the digit does it at once.
            self.say(added(view.text, group[1:]))

    def elsewhere(self, surface: str, label: str, here: str) -> bool:
        """Whether the term is missing in another document too, and right wherever it would be marked."""
        found = 0
        for doc_id in self.waiting - {here}:
            view = self.session.view(doc_id)
            assert view is not None
            taken = [(s.start, s.end) for s in view.spans if s.status != "rejected"]
            for start, end in find_all(view.text, surface):
                if any(a < end and start < b for a, b in taken):
                    continue
                if (start, end, label) not in self.gold[doc_id]:
                    return False
                found += 1
        return found > 0

    def reject(self, span: SpanView, gold: set[Mention]) -> None:
        """Reject a span and, where that is right, the others of its term."""
        self.frame(span)
        self.actions["x, or X: here at once"] += 1
        self.say(f"no {span.number}")
        view = self.view()
        same = [s for s in view.spans if s.status == "open" and s.surface.lower() == span.surface.lower()]
        self.framed = next_open(view, span.start)
        if same and not any((s.start, s.end, s.label) in gold for s in same):
            self.say("no " + " ".join(str(s.number) for s in same))

    # -- terms -------------------------------------------------------------------------------------------

    def terms(self) -> None:
        """Go through the cards and click on those that are wrong; what is right, Enter accepts later."""
        found = term_queue(self.session.project, self.session.reviewer, CARDS)
        for card in found.cards:
            if card.spans + card.others >= PATIENCE:
                self.card(card)

    def card(self, card: TermCard) -> None:
        """Give the verdict that settles the card, where it needs one and there is one."""
        likely = [c for c in card.contexts if c.likely]
        right = [c for c in likely if (c.start, c.end, card.label) in self.gold[c.doc_id]]
        other = collections.Counter(
            label
            for c in likely
            for start, end, label in self.gold[c.doc_id]
            if (start, end) == (c.start, c.end) and label != card.label
        ).most_common(1)
        words = card_key(card, single=False) + (" likely" if card.others and card.spans else "")
        others = [c for c in card.contexts if not c.likely]
        faint = [c for c in others if (c.start, c.end, card.label) in self.gold[c.doc_id]]
        if not likely and len(faint) == len(others):
            self.verdict(f"ok {words}", "click on \u2713 of a card", card)
        elif not likely or len(right) == len(likely):
            return
        elif other and other[0][1] == len(likely):
            self.verdict(f"relabel {words} -> {other[0][0]}", "digit: relabel everywhere", card)
        elif not right and not other:
            self.verdict(f"no {words}", "click on \u2717 of a card", card)

    def verdict(self, line: str, what: str, card: TermCard) -> None:
        """A click on a button in the row, or on the card and one key, and Enter where the page asks."""
        self.say(line)
        self.actions["click on a card"] += what.startswith("digit")
        self.actions[what] += 1
        self.actions["Enter: a question"] += card.spans > 100


BEHIND_HEAD = frozenset(["of", "in", "to", "with", "due", "from", "after", "by", "on", "at", "for", "during"])
ABBREVIATION = re.compile(r"[^\W\d_]?[A-Z][^\W_-]{0,5}[A-Z][^\W\d_]?")


class Guess:
    """The label that the page guesses for a new span: what ``guess.js`` does.

    Args:
        told: For each word the label of the listed terms that end like it.
    """

    def __init__(self, told: Callable[[Sequence[str]], Sequence[str]]) -> None:
        self.told = told
        self.places: dict[tuple[str, int, int], str] = {}
        self.counts: dict[str, collections.Counter[str]] = {}

    @staticmethod
    def head(surface: str) -> str:
        """The last word before what only says more of it."""
        words = surface.lower().split()
        cut = next((n for n, word in enumerate(words) if n and word in BEHIND_HEAD), len(words))
        return words[cut - 1]

    def signs(self, surface: str) -> list[str]:
        """The term, its head, and how that ends."""
        head = self.head(surface)
        ends = [f"~{head[-size:]}" for size in (5, 4, 3) if len(head) > size]
        return ["=" + " ".join(surface.lower().split()), "_" + head, *ends]

    def learn(self, view: DocumentView) -> None:
        """Take in what the page shows."""
        for s in view.spans:
            place = (view.doc_id, s.start, s.end)
            if not s.chosen or s.status == "rejected" or self.places.get(place) == s.label:
                continue
            before = self.places.get(place)
            self.places[place] = s.label
            for sign in self.signs(s.surface):
                counts = self.counts.setdefault(sign, collections.Counter())
                counts[s.label] += 1
                if before is not None:
                    counts[before] -= 1

    def best(self, sign: str) -> str:
        """The label that most terms with a sign have, or none."""
        found = [(label, n) for label, n in self.counts.get(sign, {}).items() if n > 0]
        return max(found, key=lambda each: each[1])[0] if found else ""

    def of(self, view: DocumentView, start: int, end: int) -> str:
        """The likeliest label, or none."""
        surface = view.text[start:end]
        term, head, *ends = self.signs(surface)
        tries = (
            self.best(term),
            self.spelled_out(view, start, end),
            self.best(head),
            self.listed(view, start, end),
            *map(self.best, ends),
        )
        return next(filter(None, tries), "")

    def listed(self, view: DocumentView, start: int, end: int) -> str:
        """What the lists tell of the head of a span."""
        words = [view.text[a:b] for a, b in view.tokens if start < b and a < end]
        cut = next((n for n, word in enumerate(words) if n and word.lower() in BEHIND_HEAD), len(words))
        return self.told(words[cut - 1 : cut])[0]

    def spelled_out(self, view: DocumentView, start: int, end: int) -> str:
        """The label of what stands before the bracket that an abbreviation begins."""
        gap = re.search(r"\s*[(\[]$", view.text[max(0, start - 3) : start])
        if not gap or not ABBREVIATION.fullmatch(view.text[start:end]):
            return ""
        behind = start - len(gap.group())
        spans = (s for s in view.spans if s.end == behind and s.status != "rejected" and s.chosen)
        word = next((view.text[a:b] for a, b in view.tokens if b == behind), "")
        return next((s.label for s in spans), "") or self.told([word])[0]


def next_open(view: DocumentView, after: int) -> int:
    """The span that the page frames next."""
    waiting = sorted((s for s in view.spans if s.status == "open" and s.chosen), key=lambda s: s.start)
    found = next((s for s in waiting if s.start >= after), waiting[0] if waiting else None)
    return found.number if found else 0


def missing(view: DocumentView, gold: Iterable[Mention]) -> list[list[Mention]]:
    """Gold that Enter would not accept, those of one surface and label together."""
    kept = {(s.start, s.end, s.label) for s in view.spans if s.status == "accepted"}
    kept |= {(s.start, s.end, s.label) for s in view.spans if s.status == "open" and s.chosen}
    groups: dict[tuple[str, str], list[Mention]] = {}
    for start, end, label in sorted(gold):
        if (start, end, label) not in kept:
            groups.setdefault((view.text[start:end].lower(), label), []).append((start, end, label))
    parts = []
    for (surface, _), group in groups.items():
        # With e the page marks all places of the term: only where that is right.
        places = set(find_all(view.text, surface))
        every = {(start, end) for start, end, _ in gold} >= places
        parts += [group] if every else [[each] for each in group]
    return parts


def rejects(view: DocumentView, gold: set[Mention]) -> list[SpanView]:
    """What Enter would accept and should not."""
    waiting = [s for s in view.spans if s.status in ("open", "accepted") and (s.chosen or s.status != "open")]
    return [s for s in waiting if (s.start, s.end, s.label) not in gold]


def added(text: str, places: Iterable[Mention]) -> str:
    """The line that marks some places."""
    return "; ".join(f"add {quoted(text[a:b])} @{a}-{b} {label}" for a, b, label in places)


def main() -> None:
    """Print the actions of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--documents", type=int, default=16)
    parser.add_argument("--terms", action="store_true", help="review by term first")
    given = parser.parse_args()
    documents = [d for d, _ in zip(read_corpus(given.data), range(given.documents), strict=False)]
    gold = {d.doc_id: {(e.start, e.end, e.label) for e in d.entities or ()} for d in documents}
    with TemporaryDirectory() as folder:
        place = Workspace.at(Path(folder))
        with ReviewStore.open(place.store) as store:
            texts = [Document(d.doc_id, d.text) for d in documents]
            create_project(store, place, Wish("oracle", "medical", texts, by="oracle"), lambda *said: None)
            terms = Terms(place, store.project("oracle"), now=False)
            terms.make_ready()
            session = ReviewSession(store, "oracle", "oracle")
            oracle = Oracle(
                session, gold, Guess(partial(terms.labels_like, used=session.labels)), waiting=set(gold)
            )
            if given.terms:
                oracle.terms()
            for each in documents:
                oracle.document(each.doc_id)
            exported = {
                d.doc_id: {(e.start, e.end, e.label) for e in d.entities or ()}
                for d in gold_documents(oracle.session.project)
            }
    report(oracle.actions, gold, exported)
    print(f"{oracle.pointed:,} times the mouse rested on a span before a key")


def report(actions: collections.Counter[str], gold: Gold, exported: Gold) -> None:
    """Print what was done, and what the gold lacks (a span that is no whole token cannot be made)."""
    mentions = sum(map(len, gold.values()))
    for what, count in actions.most_common():
        print(f"{count:6,}  {what}")
    right = sum(len(gold[name] & exported.get(name, set())) for name in gold)
    more = sum(len(exported.get(name, set()) - gold[name]) for name in gold)
    print(f"{mentions:,} gold mentions, {right:,} of them exported, {more:,} other spans")
    print(f"{sum(actions.values()) / mentions:.3f} actions per gold mention")


if __name__ == "__main__":
    main()
