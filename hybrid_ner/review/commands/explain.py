"""Why, why not, who, what is left; and what is asked about a label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from hybrid_ner.review.chat.reading import (
    GOODBYE,
    LEAVE,
    Choice,
    Item,
    Reading,
    Understand,
    asked,
    with_label,
)
from hybrid_ner.review.chat.readings_terms import POINTS
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, numbers_said, quoted
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.commands.base import Asking, Command, Key, command
from hybrid_ner.review.commands.language import Cursor, spec_of
from hybrid_ner.review.commands.models import news
from hybrid_ner.review.commands.selection import unlabeled
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import explain as reasons
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.spans import Numbers
from hybrid_ner.review.reply import Pending, Reply, Table
from hybrid_ner.review.rounds.model_runs import SpanScores, pipeline_folder, span_scores
from hybrid_ner.review.store.codebook import load_codebook
from hybrid_ner.review.store.events import Mention
from hybrid_ner.review.store.labels import LOOKS, find_label, is_a_kind, label_words, labels_meant, likeliest
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.postings import occurrences
from hybrid_ner.review.store.schema import document, document_state, of_project
from hybrid_ner.text import quantity
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

ROWS = 30


@command(
    "why, w",
    says='why 3 · why 3 exactly · why not "ECG": every step that led to a mention, or the step that failed',
    keys=(Key("w", "why {n}", "why this mention"),),
)
class Why(Asking):
    loose = True
    asks_terms = True
    number: int
    exactly: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if cursor.word("not"):
            return WhyNot(cursor.text("the text that was not labeled"))
        number = cursor.span('`why 3` or `why not "ECG"`')
        return cls(number, exactly=bool(cursor.word("exactly")))

    def run(self, work: Work) -> Reply:
        card = work.card()
        m = spans.pick(card, Numbers((self.number,)))[0]
        row = reasons.suggestion_rows(work.connection, card.id).get(m.key[:2])
        overlay = load_overlay(work.connection, work.project.id)
        tokens = work.tokens(card.text)
        lines = reasons.explain_span(card, m, row, tokens, work.services.terms, overlay)
        lines.append(reasons.decisions_on(work.connection, work.project.id, m.surface_key))
        return Reply(reasons.plain_reason(card.text[m.start : m.end], m, row), lines=tuple(lines))


@command()
class WhyNot(Asking):
    """``why not "ECG"``: the step that failed, and the edit that would catch it."""

    loose = True
    asks_terms = True
    text: str

    def run(self, work: Work) -> Reply:
        card = work.card()
        overlay = load_overlay(work.connection, work.project.id)
        tokens = work.tokens(card.text)

        def ask(text: str, start: int, end: int) -> SpanScores | str:
            run = card.model_id
            found = pipeline_folder(work.connection, work.project.id, run, work.services.models)
            return found if isinstance(found, str) else span_scores(found, run, text, start, end)

        lines = reasons.explain_text(card, self.text, tokens, work.services.terms, overlay, ask)
        if len(lines) > 1:
            places = Counter(place.document_id for place in unlabeled(work, self.text))
            here = places.pop(card.id, 0)
            elsewhere = f"{quantity(places.total(), 'time')} in {quantity(len(places), 'other document')}"
            edit = f'term + "{self.text}" = NAME LABEL'
            lines += [
                f"edit      `{edit}` would catch it here ({here}) and {elsewhere}",
                f'or        `add "{self.text}" LABEL` for this one alone',
            ]
        return Reply(lines[0], lines=tuple(lines[1:]))


@command("left", says="left: what is still open, here and in all")
class Left(Asking):
    def run(self, work: Work) -> Reply:
        rows: tuple[tuple[object, ...], ...] = ()
        if work.place.document_id is not None:
            card, likely = work.card(), open_likely(work)
            rows = tuple((m.number, card.text[m.start : m.end], m.label) for m in likely[:ROWS])
        table = Table(("number", "text", "label"), rows) if rows else None
        return Reply(" ".join(filter(None, (left_said(work), news(work)))), table=table)


@command(
    "labels",
    says="labels · labels Disease: the labels, with what is here of each; or what one is for",
    reads=Cursor.rest,
)
class Labels(Asking):
    loose = True
    label: str = ""

    def run(self, work: Work) -> Reply:
        if self.label:
            return Reply(_about(work, find_label(self.label, work.labels)))
        count: Counter[str] = Counter()
        if work.place.document_id is not None:
            count.update(m.label for m in work.card().mentions if m.status != "rejected")
        looks = work.project.settings.get(LOOKS, {})
        book = load_codebook(work.connection, work.project.id)
        rows = tuple(
            (label, count[label], _meaning(looks.get(label, {}), book.definition(label)))
            for label in work.labels
        )
        said = (
            f"{quantity(len(rows), 'label')}: {', '.join(work.labels)}" if rows else "there is no label yet"
        )
        return Reply(said, table=Table(("label", "here", "meaning"), rows))


_WORDS = 3
"""Other names of a label, and its texts, that an answer gives."""


def _about(work: Work, label: str) -> str:
    """What a label is for: as the project's codebook has it, else by what else it is called; what is here."""
    look = work.project.settings.get(LOOKS, {}).get(label, {})
    meaning = _meaning(look, load_codebook(work.connection, work.project.id).definition(label))
    words = label_words(work.labels)
    names = [" ".join(said) for said, (labels, plural) in words.items() if labels == (label,) and not plural]
    names = [name for name in names if name.replace(" ", "") != label.lower().replace("_", "")][:_WORDS]
    here: list[str] = []
    if work.place.document_id is not None:
        card = work.card()
        here = [
            spans.short(card.text[m.start : m.end])
            for m in card.mentions
            if m.label == label and m.status != "rejected"
        ]
    said = [meaning or f'nobody has written yet what it is for (`codebook {label} means "…"` writes it)']
    said += [f"also called {', '.join(names)}"] if names else []
    said += (
        [f"here: {', '.join(dict.fromkeys(here[:_WORDS]))}" + (", …" if len(here) > _WORDS else "")]
        if here
        else []
    )
    return f"{label}: {'; '.join(said)}."


def _meaning(look: Mapping[str, str], definition: str) -> str:
    """What people wrote of a label."""
    return ": ".join(filter(None, (look.get("name", ""), definition)))


@command(
    "who",
    says="who changed 2: history of a mention",
    reads=lambda cursor: cursor.span("`who changed 2`"),
)
class WhoChanged(Asking):
    skips = "changed"
    number: int

    def run(self, work: Work) -> Reply:
        card = work.card()
        m = spans.pick(card, Numbers((self.number,)))[0]
        rows = reasons.history_of(work.connection, card.id, m)
        said = f"mention {m.number} {spans.short(card.text[m.start : m.end])}: "
        if not rows:
            return Reply(f"{said}nobody changed it; {m.mark} suggested {m.base_label} {m.score:.2f}")
        columns = ("step", "at", "who", "command", "set", "model", "")
        names = list(dict.fromkeys(row[2] for row in rows))
        said += f"{quantity(len(rows), 'change')} by {', '.join(names)}"
        return Reply(said, table=Table(columns, tuple(rows)))


def left_said(work: Work) -> str:
    """How much is left, here and in all; a few documents by name."""
    count = work.queue.left(work.connection)
    if work.place.document_id is None:
        return "No document is open."
    card = work.card()
    likely = len(open_likely(work))
    here = f"{quantity(likely, 'mention is', 'mentions are')} open here" if likely else "Nothing is open here"
    if faint := len(card.open) - likely:
        here += f" (and {faint:,} less likely)"
    if not likely and not card.state.done and count:
        here += ", and `next` counts it as reviewed"
    names = _names_left(work) if 0 < count <= _NAMED else []
    named = f": {', '.join('this one' if name == card.doc_id else name for name in names)}" if names else ""
    return f"{here}; {quantity(count, 'document is', 'documents are')} left{named}."


_NAMED = 4
"""Documents that are named, where no more are left."""


def _names_left(work: Work) -> list[str]:
    """Names of the documents that the queue still counts for this reviewer."""
    query = sa.select(document.c.doc_id).select_from(
        document.outerjoin(document_state, work.queue.my_state())
    )
    waits = document_state.c.done.is_not(sa.true())
    where = (of_project(work.project.id), waits, document.c.done_count < work.queue.reviews)
    found = work.connection.scalars(query.where(*where).order_by(document.c.position).limit(_NAMED + 1))
    names = list(found)
    return names if len(names) == work.queue.left(work.connection) else []


def open_likely(work: Work) -> list[Mention]:
    """The open mentions as the page counts them: the less likely ones go along without saying."""
    card = work.card()
    chosen = work.chosen(card)
    return [m for m in card.open if chosen(m)] or list(card.open)


def next_question(work: Work, first: Mention | None) -> str:
    """What the assistant asks by itself: how much is left here, and about the span that comes next."""
    if work.place.document_id is None:
        return ""
    card = work.card()
    if first is None:
        if card.open:
            return ""
        if work.queue.following(work.connection, work.place.document_id) is None:
            counts = "" if card.state.done else ": `next` counts it as reviewed"
            return f"Nothing is left here, and no other document waits for you{counts}."
        counts = "" if card.state.done else "count it as reviewed and "
        return f"Nothing is left here: shall we {counts}go on to the `next` document?"
    count = len(open_likely(work))
    left = "One is left" if count == 1 else f"{count} are left"
    text = spans.short(card.text[first.start : first.end], 40)
    return f"{left}: is {text} {reasons.spoken_label(first.label)}?"


def about_work(work: Work, line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What a line asks or says of the work itself, with what is only talk around it; ``None`` for another.

    "How many have we done, all told?", "did I accept polyuria here?", "thank you, I have finished for today",
    "this report is complete", "no, leave norovirus out. Next please".
    """
    if (stays := _RE.STAYS.match(line)) and not _meant(work, stays, line, situation):
        rest = about_work(work, stays["rest"], situation, understand) or understand(stays["rest"], situation)
        lines = rest.lines if rest else ()
        if rest and lines and all(re.match(r"next$|back$|ok next$|go ", each) for each in lines):
            return replace(rest, lines=tuple("next" if each == "ok next" else each for each in lines))
    whole = _asked(work, line, situation)
    if whole is not None:
        return whole
    parts = re.split(r"(?<=[.!?;])\s+|(?<=\.\.)\s*", line)
    if not 1 < len(parts) <= _SENTENCES:
        return None
    read: list[Reading | None] = []
    for part in filter(None, parts):
        read.append(_asked(work, part, situation, after=any(each and each.lines for each in read)))
    others = [part for part, each in zip(filter(None, parts), read, strict=True) if each is None]
    found = [each for each in read if each is not None]
    goes = read[-1] is None or bool(read[-1].lines)
    onward = goes and any(each and each.answer == GOODBYE for each in read[:-1])  # "I'm off. Next."
    if not found or onward or not all(_idle(part, situation) for part in others):
        return None
    lines = tuple(dict.fromkeys(each for reading in found for each in reading.lines))
    asks = next((each for each in found if each.question), None)
    return asks or (Reading(lines) if lines else found[-1])


_SENTENCES = 4


def _idle(said: str, situation: Situation) -> bool:
    """Whether a sentence beside a question about the work asks for nothing: it names nothing here."""
    if _RE.MUSES.match(said):
        return True
    return re.search(r"(?:REF|LAB|TXT|NUM)\d", read_words(said, situation).text) is None


def _meant(work: Work, stays: re.Match[str], line: str, situation: Situation) -> bool:
    """Whether what is to be left out is a mention that is open or accepted, so that it is rejected.

    What was only wondered about names no mention and no label.
    """
    words = stays["left"] or stays["stays"] or stays["mind"] or ""
    if not words and stays["left"] is None:
        mused = read_words(line[: stays.start("rest")], situation).text
        return re.search(r"(?:REF|LAB)\d", mused) is not None
    plain = words.strip('"“” ').lower()
    if plain in ("it", "that", "this", "them", ""):
        return bool(situation.waiting) and bool(plain)
    numbers = situation.by_surface.get(plain, [])
    numbers = numbers or ([int(plain)] if plain.isdecimal() else [])
    card = work.card()
    return any((m := card.mention(n)) is not None and m.status != "rejected" for n in numbers)


def _asked(work: Work, line: str, situation: Situation, *, after: bool = False) -> Reading | None:
    """What one sentence asks or says of the work; ``after`` another one, whose thing "it" may be."""
    said = line.strip().lower().replace("’", "'")
    for pattern, kind in _RE.rules("asked"):
        if found := pattern.match(said):
            if kind == "close":
                return _closed(work, said, situation, on=bool(found["on"]))
            return _on_card(work, kind) or _answer(kind, situation)
    for pattern, kind in _RE.rules("labels"):
        if found := pattern.match(said):
            said_labels = re.split(r",? and |, | or ", found["labels"])
            named = [labels_meant(each, work.labels) for each in said_labels]
            if all(named):
                if kind == "count" and work.place.document_id is not None:
                    here = _of_labels(work, [label for each in named for label in each])
                    return Reading(answer=f"{here[0].upper()}{here[1:]}.")
                one = kind == "all" and len(named) == 1 and len(named[0]) == 1
                return Reading((f"all label:{named[0][0]}" if one else "totals",))
    if renames := _RE.RENAMES_LABEL.fullmatch(line):
        return _renamed(work, renames["old"], renames["new"])
    if assigns := _RE.ASSIGNS.fullmatch(line):
        return _assigned(assigns)
    if joins := _RE.JOINS_LABEL.fullmatch(line):
        own = {label.casefold(): label for label in work.labels}
        both = [own.get(each.casefold(), "") for each in joins.groups() if each]
        if all(both):  # by their own names: "merge disease and gout" is about mentions
            return _renamed(work, *both)
    for pattern, kind in _RE.rules("thing"):
        if found := pattern.match(said):
            if after and POINTS.fullmatch(found["what"].strip()):
                return Reading()  # of what the sentence before asked about
            if text := _thing(work, line.strip(), found, situation):
                numbers = situation.by_surface.get(text.lower(), []) if kind == "why" else []
                if kind == "number":
                    number = numbers_said(situation.by_surface.get(text.lower(), ()))
                    return Reading(answer=f"“{text}” is {number or 'not marked here'}.")
                return Reading((f"why {numbers[0]}" if numbers else f"decided {quoted(text)}",))
    for pattern, behind in _RE.rules("done"):
        if found := pattern.match(said):
            words = line.strip()[found.start("rest") :].split(" ")
            for count in range(min(_WORDS_OF_ONE, len(words) - (behind == "IS_DONE")), 0, -1):
                text = " ".join(words[:count]).strip('"“”?.! ,;:')
                if re.match(_RE.source(behind), " ".join(words[count:])) and (
                    text := _known(work, text, situation)
                ):
                    return Reading((f"decided {quoted(text)}",))
    return _told(work, line, said, situation)


def _renamed(work: Work, old: str, new: str) -> Reading | None:
    """What stands for another name of a label: a label keeps its own, or is joined into the one named."""
    if len(mine := labels_meant(old, work.labels)) != 1:
        return None
    known = labels_meant(new, work.labels)[:1]
    if known == tuple(mine):
        return Reading(answer=f"{mine[0]} is what “{new}” means here already; a label keeps its name.")
    if known:
        return Reading((f"join label {quoted(mine[0])} into {quoted(known[0])}",))
    said = f"A label keeps its name. Make {new}, and then say once more: rename {mine[0]} to {new}?"
    return asked(said, (f"Make the label {new}", f"label {new}"))


def _assigned(assigns: re.Match[str]) -> Reading | None:
    """Documents for the people who are named, unless what is named is a label or a word of the language."""
    names = re.split(r", and |,? ?& ?|, | and ", assigns["names"])
    if any(is_known(name.lower()) for name in names):
        return None
    first, last = assigns["from"], assigns["to"]
    docs = f" docs {first}-{last or first}" if first else ""
    return Reading((f"assign {', '.join(names)}{docs}",))


_WORDS_OF_ONE = 7
"""Words of a mention that a question about it may name."""


def asks(line: str) -> bool:
    """Whether a line asks something, and nothing that is to be done: "could you skip this?" is an order."""
    said = line.strip().replace("’", "'")
    return _RE.QUESTION.match(said) is not None and _RE.ORDERED.search(said) is None


def _told(work: Work, line: str, said: str, situation: Situation) -> Reading | None:
    """What a question that names no mention is answered with: about labels, what is missing, the work."""
    if not (sure := asks(line)) and not (_RE.MAY_I.match(said) or _RE.SUPPOSED.match(said)):
        return None
    items = read_words(_RE.NO_ORDINAL.sub("", line), situation).items
    if named := _named(items):
        means = named.kind == "txt" and _RE.STANDS_FOR.search(said)
        return Reading(answer=f"What “{named.said}” means I cannot tell.") if means else None
    labels = dict.fromkeys(item.labels[0] for item in items if item.kind == "lab" and len(item.labels) == 1)
    if sure and len(labels) == 1 and _RE.MEANS.search(said) and not _RE.MARKED.search(said):
        return Reading((f"labels {next(iter(labels))}",))
    if sure and ((missing := _RE.MISSES.search(said)) or (labels and _RE.MARKED.search(said))):
        more = "what else should be marked only you can see: say it as in “WORDS is a LABEL”."
        told = "; ".join(filter(None, (_of_labels(work, [*labels]), more if missing else "")))
        return Reading(answer=f"{told[0].upper()}{told[1:]}")
    if (how := _RE.HOW_TO.match(said)) and (topic := _first(_RE.rules("how"), how["do"])):
        return Reading((f"? {topic}",))
    if answer := _first(_RE.rules("topics"), said):
        return _answer(answer, situation)
    command = _RE.NAMES_COMMAND.match(said)
    return Reading((f"? {command['name']}",)) if command and spec_of(command["name"]) else None


def _first(rules: Iterable[tuple[re.Pattern[str], str]], said: str) -> str:
    """What stands behind the first pattern that is found; empty where none is."""
    return next((answer for pattern, answer in rules if pattern.search(said)), "")


def _answer(kind: str, situation: Situation) -> Reading:
    """An answer by its name or in its words, or the command that gives it: one word, or `several`."""
    told = {name.pattern: said for name, said in _RE.rules("answers")} | {"bye": GOODBYE}
    told["here"] = f"This is document {situation.place}, “{situation.document}”. {{left}}"
    answer = told.get(kind, kind)
    if line := re.fullmatch(r"`([^`]+)`|(\S+)", answer):
        return Reading((line[1] or line[2],))
    return Reading(answer=answer)


def _named(items: Sequence[Item]) -> Item | None:
    """The first mention, or words of the text, that a question names by words or number."""
    for item in items:
        by = item.numbers and (item.by in ("term", "order") or re.search(r"\d", item.said))
        if (item.kind == "ref" and by) or (item.kind == "txt" and not _RE.A_DOC.fullmatch(item.said)):
            return item
    return None


def _of_labels(work: Work, labels: Sequence[str]) -> str:
    """What is marked with labels in this document, and what was decided of it."""
    card, told = work.card(), list[str]()
    for label in labels:
        found = [m for m in card.mentions if m.label == label and m.status != "rejected"]
        each = (f"{m.number} {spans.short(card.text[m.start : m.end])} {m.status}" for m in found[:ROWS])
        told.append(f"{len(found)} {label} here: {', '.join(each)}" if found else f"nothing here is {label}")
    return "; ".join(told)


def _on_card(work: Work, kind: str) -> Reading | None:
    """What was decided in this document, what the model or lists have there, or what is least sure of it."""
    if kind not in ("did", "model", "rule", "unsure") or work.place.document_id is None:
        return None
    card = work.card()

    def named(found: Sequence[Mention], how: str = "") -> str:
        each = (f"{m.number} {spans.short(card.text[m.start : m.end])} {m.label}" for m in found[:ROWS])
        scores = (f"{how}{m.score:.0%}" if how else "" for m in found)
        return ", ".join(f"{text}{score}" for text, score in zip(each, scores, strict=False)) or "none"

    if kind == "did":
        done = {state: [m for m in card.mentions if m.event_id and m.status == state] for state in _DONE}
        told = "; ".join(f"{state} {named(found)}" for state, found in done.items())
        return Reading(answer=f"In this document: {told}. {{left}}")
    if kind == "rule":
        lists = [m for m in card.mentions if "rule" in m.mark]
        return Reading(answer=f"From term lists or rules are here: {named(lists)}.")
    found = [m for m in card.mentions if m.mark == "model" and (kind == "model" or m.status == "open")]
    if kind == "model":
        return Reading(answer=f"Only the model has here: {named(found)}.")
    least = named(sorted(found, key=lambda m: m.score), how=", ")
    return Reading(answer=f"The least sure that are open here, which only the model has: {least}.")


_DONE = ("accepted", "rejected")


def cannot_tell(line: str, found: Reading | None, situation: Situation, *, waits: bool) -> Reading | None:
    """That a question is none that can be answered, where nothing that it names was understood.

    Not while a question ``waits``, which it may be about.
    """
    guesses = found is None or (bool(found.question) and _RE.GUESSES.match(found.question) is not None)
    if waits or not (guesses and asks(line)) or re.search(r"[.!?;]\s+\w", line):
        return found
    named = _named(read_words(line, situation).items)
    return found if named else _answer("unknown", situation)


def _thing(work: Work, line: str, found: re.Match[str], situation: Situation) -> str:
    """The words that a question about a decision names, as they stand in a document; empty for none."""
    return _known(work, line[found.start("what") : found.end("what")].strip('"“” ,;:'), situation)


def _known(work: Work, text: str, situation: Situation) -> str:
    """Words as they stand in a document, or those of a mention that is named by its number."""
    plain = (text := text.removeprefix("number ")).lower()
    if POINTS.fullmatch(plain) or (labels_meant(plain, situation.labels) and not situation.holds(plain)):
        return ""
    if plain.isdecimal() and (spot := situation.spot(int(plain))):
        return spot.surface
    for each in (text, text.removesuffix("s")):
        found_at = occurrences(work.connection, work.project.id, each)
        if situation.holds(each.lower()) or next(found_at, None):
            return each
    return ""


def _closed(work: Work, said: str, situation: Situation, *, on: bool) -> Reading | None:
    """What "this report is complete" does: what is open in it is asked about, else it is reviewed."""
    named = re.search(_RE.source("THIS"), said)
    words = re.findall(r"[\w-]+", named[0])[1:] if named else []
    other = work.document_called(" ".join(words), loosely=True) if len(words) > 1 else ""
    if other not in ("", situation.document) or not situation.place:
        return None
    if many := len(situation.offered):
        accepts = ("Accept what is open", "ok next" if on else "ok")
        rejects = ("Reject it", "no all; next" if on else "no all")
        still = f"{quantity(many, 'mention is', 'mentions are')} still open in it"
        return asked(f"{still}: what of that?", accepts, rejects, ("Go on and leave it open", "next"))
    if on:
        return Reading(("next",))
    if not work.card().state.done:
        return Reading(("ok",))
    return Reading(answer=f"“{situation.document}” is reviewed: nothing is open in it. {{left}}")


def every_label(work: Work, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Choices of labels for a text, with those behind them that it was not asked about.

    The likeliest come first where nothing is known of the text.
    """
    offered = [(said.removeprefix("As "), line) for said, line in choices if said.startswith("As ")]
    names = [name for name, line in offered if line.startswith("add ") and line.endswith(f" {name}")]
    if not names or len(names) < len(offered) or work.place.document_id is None:
        return choices
    rest, text = choices[len(offered) :], "".join(re.findall('"(.+?)"', offered[0][1])[:1])
    known = [] if names == list(work.labels[: len(names)]) else names
    here = Counter(m.label for m in work.card().mentions if m.status != "rejected")
    likely = [*known, *likeliest(text, work.labels, here)]
    return (*((f"As {name}", with_label(offered, name)) for name in dict.fromkeys(likely)), *rest)


def unknown_label(pending: Pending, line: str, labels: tuple[str, ...]) -> Reading | None:
    """The question once more where the answer names a label that there is not, with the choice to add it."""
    said = " ".join(line.strip().rstrip(".!").lower().replace("’", "'").split())
    choices = [each for each in pending.choices if each[0].startswith("As ")]
    offered = [(name.removeprefix("As "), line) for name, line in choices]
    found = _RE.NAMES_IT.fullmatch(said)
    if pending.kind != "choice" or not offered or not offered[0][1].startswith("add ") or not found:
        return None
    name = found["name"]
    if labels_meant(name, labels) or (any(map(is_known, name.split())) and not is_a_kind(name)):
        return None
    new = name.upper().replace(" ", "_") if all(map(str.isupper, labels)) else name.title().replace(" ", "")
    made = (f"As a new label {new}", f"label {new}; {with_label(offered, new)}")
    others = (each for each in pending.choices if each not in (made, LEAVE))
    return Reading(
        question=f"There is no label for “{name}” yet. {pending.question}", choices=(*others, made, LEAVE)
    )
