"""What a session makes of a line: a command as it stands, an answer to its question, or a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from hybrid_ner.errors import HybridNerError
from hybrid_ner.review.answering import (
    EITHER,
    as_edge,
    as_label,
    denied_label,
    doubted_label,
    finds_here,
    goes_to,
    in_reply,
    moves_last,
    of_next,
    of_question,
    redone,
    renamed,
    takes_out,
)
from hybrid_ner.review.chat.edges import in_numbers
from hybrid_ner.review.chat.gains import kept_whole
from hybrid_ner.review.chat.natural import understand
from hybrid_ner.review.chat.numbered import in_single_numbers
from hybrid_ner.review.chat.offers import NOT_SURE, does_same, in_plain, offered, possible, sensible, settled
from hybrid_ner.review.chat.orders import orders
from hybrid_ner.review.chat.reading import (
    GOODBYE,
    LEAVE,
    Choice,
    Reading,
    asked,
    choices_about,
    decided,
    named_spot,
)
from hybrid_ner.review.chat.readings_terms import project_wide
from hybrid_ner.review.chat.readings_verdicts import said_of_one
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.sentences import unaccounted, without_article
from hybrid_ner.review.chat.several import told_apart
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    numbers_said,
    quoted,
    squeezed,
)
from hybrid_ner.review.chat.weighing import in_bounds, in_plain_words
from hybrid_ner.review.chat.wording import LONGEST
from hybrid_ner.review.chat.words import (
    NUMBERS,
    corrected,
    is_known,
    typed,
    without_remarks,
    without_shell,
)
from hybrid_ner.review.choosing import (
    as_you_say,
    chosen_in_words,
    dismissed,
    first_this,
    half_chosen,
    judged,
    labelled,
    left_then,
    lettered,
    only_here,
    shows_it,
    some_of,
    told_why,
    verdict_chosen,
    with_others,
)
from hybrid_ner.review.commands.base import Command
from hybrid_ner.review.commands.bulk import SAMPLES, Bulk, Occurrences
from hybrid_ner.review.commands.decide import Confirm, Except
from hybrid_ner.review.commands.edit import Add, Boundary, Link, NewLabel, Relabel
from hybrid_ner.review.commands.explain import (
    about_work,
    cannot_tell,
    every_label,
    left_said,
    unknown_label,
)
from hybrid_ner.review.commands.files import Export
from hybrid_ner.review.commands.gazetteer import Always, Never, label_guess, labels_of
from hybrid_ner.review.commands.help import Help
from hybrid_ner.review.commands.language import Line, read_line, script, whole_number
from hybrid_ner.review.commands.move import Go, Order, document_with, elsewhere, last_turns, listed_last
from hybrid_ner.review.commands.team import Assign, Take
from hybrid_ner.review.commands.undo import Undo, earlier, last_step, unblocked
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.queue import ORDER_NAMES
from hybrid_ner.review.reply import CHOICE_LETTERS, Pending, Reply
from hybrid_ner.review.rows import PAIR, in_numbers_of_rows, rows_listed
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.gold import TABLE
from hybrid_ner.review.store.labels import DENIALS, label_words, labels_meant, plain_words
from hybrid_ner.review.store.schema import last_position
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

FORMATS = ("spacy", "jsonl", "brat", "conll", "biluo", "csv", "label-studio", "doccano", "prodigy")
"""Names of formats that gold is written in."""
_PARTS = (
    "A long document has its parts on the page: the keys . and , turn them, and the list above the text goes "
    "to any. Nothing changed."
)
_PRONOUNS = frozenset(("it", "this", "that", "them", "these", "those", "all", "both"))


def is_command(said: Line, labels: tuple[str, ...]) -> bool:
    """Whether a line is a command of the language and cannot be meant as a sentence."""
    if said.parts:
        return all(is_command(part, labels) for part in said.parts)
    line, command = said.text, said.command
    if command is None or re.search(r"\d{10}", line):
        return re.search(r"\d{10}", line) is not None  # a number that is too long is said as such
    if getattr(command, "exactly", False) or re.match(r"\?|h(?:elp)? (?:all|commands)$", line):
        return True  # "why 3 exactly"; "? say all"
    if isinstance(command, Undo) and (command.every or command.step):
        return True
    if isinstance(command, Undo) and command.name and not re.fullmatch(r"b?\d+", command.name):
        return False
    if typed(line) != line and '"' not in line:
        return False
    if "?" in line and not isinstance(command, Help) and '"' not in line:
        return False
    if re.match(r"\d{1,3}(?:,\d{3})+ ?[^\W\d]", line):
        return False  # "85,000 euros" are words of the text
    named = isinstance(command, Order) and command.name in ORDER_NAMES
    if named or (isinstance(command, Export) and command.format.lower() in (*FORMATS, TABLE)):
        return True
    if (labeling := _is_labeling(command, line, labels)) is not None:
        return labeling
    if isinstance(command, Confirm | Except) or (isinstance(command, Bulk) and _RE.BUT.search(line)):
        return False  # "reject all except Elena Kovacs"
    if isinstance(command, Bulk | Occurrences) and re.search(r"\b[a-z]+:\w", line):
        return True  # "all source:gazetteer"
    if isinstance(command, Bulk | Occurrences) and command.selection.term and '"' not in line:
        tail = plain_words(command.selection.term)
        return not (labels_meant(command.selection.term, labels) or any(map(is_known, tail)))
    if isinstance(command, Link) and re.search("->|→", command.concept):
        return False  # "2 -> Drug and 3 -> Disease"
    if isinstance(command, Boundary) and command.quote:
        return '"' in line
    if isinstance(command, Take) and command.reviewer.isdecimal():
        return False  # "take 2": a span
    if isinstance(command, Take) and " " in command.reviewer:
        return re.fullmatch(r'take "[^"]+"', line) is not None  # "take the flag off this document"
    if isinstance(command, Assign):
        return not any(plain_words(name) in label_words(labels) for name in command.names)
    if isinstance(command, Go) and command.where.removeprefix("doc ").isdecimal():
        return True
    if command.loose and not re.search(r"[\"“„«]", line):
        return not any(map(is_known, re.findall(r"[^\W\d_]+", line.lower())[1:]))
    return True


def _is_labeling(command: Command, line: str, labels: tuple[str, ...]) -> bool | None:
    """Whether a line that gives or makes a label is a command; ``None`` where the label does not tell."""
    concept = command.concept if isinstance(command, Link) else ""
    if concept and (
        is_known(concept.lower())
        or labels_meant(re.split("[,;]| (?:please|pls|thanks|thx)$", concept)[0], labels)
    ):
        return False  # "6 → medication, 10 out"; "6 → junk"
    if isinstance(command, Relabel):
        words = set(plain_words(command.label))
        known, word = any(map(is_known, words)), command.label.lower()
        plain = command.label in labels or (word.isalnum() and not is_known(word) and corrected(word) == word)
        return plain or (not words & DENIALS and len(labels_meant(command.label, labels)) == 1 and not known)
    if isinstance(command, Add):
        if command.label in labels and line.split() == ["add", command.text, command.label]:
            return True  # "add rest TEST", though "the rest" are spans
        # "add Banque Courcelles": the second word is no label either
        marks = re.search(r'"|#\d|^add all\b', line) and len(command.label.split()) == 1
        unclear = len(labels_meant(command.label, labels)) != 1 and not marks
        return False if unclear else None
    if isinstance(command, Never) and _RE.AGAIN.fullmatch(line.rstrip(" .!").lower()):
        return False  # "never again", of what is framed
    if isinstance(command, Never | Always) and command.label:  # 'never "pain" again, please'
        return None if labels_meant(command.label, labels) else False
    if isinstance(command, NewLabel):
        tail = plain_words(command.name)
        if len(tail) > 3 and any((word,) in label_words(labels) for word in tail):
            return False  # "Label 25 OUTCOME and 13 DRUG; 17 reads \"blurred vision\""
        if '"' in line or command.name.casefold() in map(str.casefold, labels):
            return True
        if len(tail) == 1 and line == f"label {command.name.upper()}" and tail[0] not in _PRONOUNS:
            return True  # "label SIGN", though "sign it" is a sentence
        loose = labels_meant(command.name, labels) or len(tail) > 3
        return not (loose or any(is_known(word) or labels_meant(word, labels) for word in tail))
    return None


def _in_words_of(work: Work, said: Line, framed: int) -> Line:
    """The line with names of the text that hold a command in quotes: "Timed Up and Go" is no order to go."""
    line = said.text
    if _RE.HOLDS_COMMAND.search(line) and work.place.document_id is not None:
        text = situation_of(work, framed).text
        line = _RE.HOLDS_COMMAND.sub(lambda name: quoted(name[0]) if name[0] in text else name[0], line)
    line = _RE.SHOULD_HAVE.sub("", _RE.NO_IDEA.sub("", line))
    if not (line.split()[-1:] and line.split()[-1] in work.labels and line[:1] in "nN"):
        line = _RE.AND_N.sub(r"\g<ok>and ", line)  # "n ECHO TEST" is a command
    for pattern, plain in _RE.rules("plainly"):
        line = pattern.sub(plain, line)
    if work.place.pending is not None:
        line = _RE.GRUMBLES.sub("", line)
    return said if line == said.text else read_line(line)


def reading_of(work: Work, said: Line, framed: int = 0) -> Reading | None:
    """What a line stands for when it is no plain command; ``None`` to take it as it is.

    ``framed`` is the span that the page frames, 0 when nobody knows.
    """
    typed_line, pending = said.text, work.place.pending
    said = _in_words_of(work, said, framed)
    if not is_command(said, work.labels):
        if isinstance(listed := in_numbers_of_rows(work, said), Reading):
            return listed
        said = listed
    if said.text != typed_line and is_command(said, work.labels):
        return Reading((said.text,), writes=True)  # "the second one is Drug", of a list
    if pending is None:
        found = _of_listed(work, _sentence(work, said, framed), said.text, framed)
        return found and (_of_titled(found, said.text, situation_of(work, framed)) or found)
    if (answer := _to_question(work, pending, said, framed)) is not None:
        return answer
    if (found := _sentence(work, said, framed)) is None:
        return None
    situation = situation_of(work, framed)
    return _of_titled(found, said.text, situation) or of_question(found, pending, said.text, situation)


def _of_listed(work: Work, found: Reading | None, line: str, framed: int) -> Reading | None:
    """What "accept them" means behind a list of mentions: these, and not all that is open here."""
    if found is None or not _RE.LISTED.search(line):
        return found
    situation = situation_of(work, framed)
    made, offered = "; ".join(found.lines), {spot.number for spot in situation.offered}
    verb = "ok" if made in _WHOLE else "no" if made == "no all" else made[:2]
    whole = made in (*_WHOLE, "no all") or (len(offered) > 1 and {*decided(found.lines, verb)} == offered)
    next_one = (
        situation.focus is not None and made == f"{verb} {situation.focus.number}" and not numbers_in(line)
    )
    if not whole and not (next_one and _RE.LISTED_ONES.search(line)):
        return found
    selects, hits = listed_last(work)
    here = [hit.mention.number for hit in hits if hit.document_id == work.place.document_id]
    in_words, choices = "Accept" if verb == "ok" else "Reject", list[Choice]()
    if not hits and situation.told and whole and not _RE.ALL_OF_THEM.search(line):
        listed = rows_listed(work)
        open_rows = [
            n
            for n in dict.fromkeys(n for _, n in listed.rows)
            if listed.since and n in {s.number for s in situation.waiting}
        ]
        here = open_rows or (
            [situation.named] if situation.named in {s.number for s in situation.waiting} else []
        )
        if not here or {*here} == offered:
            return found
        if open_rows:
            return Reading((f"{verb} {numbers_said(here)}",), writes=True)
    elif not hits or {*here} == offered:
        return found
    elif len(here) == len(hits):
        return Reading((f"{verb} {numbers_said(here)}",), writes=True)
    else:
        choices = [(f"{in_words} the {len(hits)} open ones of all documents", f"{verb} {selects}")]
        if not here and (not whole or _RE.TOO_ONES.search(line)):
            return Reading((f"{verb} {selects}",), writes=True)  # "those as well", which is asked about
    own = [(f"{in_words} {numbers_said(here)} here", f"{verb} {numbers_said(here)}")] if here else []
    return asked("Which of them?", *own, *choices, (f"{in_words} everything in this document", f"{verb} all"))


def _sentence(work: Work, said: Line, framed: int) -> Reading | None:
    """What a line stands for that is no answer to what waits."""
    line, pending = _RE.NEXT_DOCUMENT.sub("next", said.text), work.place.pending
    plain = line.strip().rstrip(".!").lower()
    if pending is None and line == "ok":
        agrees = of_next(Reading(("ok",)), line, situation_of(work, framed))
        return agrees if agrees.question else None  # right after "why 5" it may be of 5
    if pending is not None:
        whole = next((each for each in _WHOLE if said.command == read_line(each).command), "")
        if whole and pending.kind == "choice":
            past = _past_question(pending, Reading((whole,)), line, situation_of(work, framed))
            return None if past.lines else past
    if pending is None and _RE.LETTER.fullmatch(line) and work.document_row(plain) is None:
        return Reading(answer=f"No choices stand here that “{plain}” could be: `ok` accepts what is open.")
    if _RE.PART.fullmatch(plain) and work.document_row(plain) is None:
        return Reading(answer=_PARTS)
    now = partial(situation_of, work, framed)
    told = _told_here(line, plain, now, waits=pending is not None)
    if told is not None:
        return told
    if pending is None and (counted := _RE.COUNTED.fullmatch(line.strip())):
        return _all_counted(counted, now())
    if (edge := as_edge(said, now, partial(_is_concept, work), understand)) is not None:
        return edge
    opens = isinstance(said.command, Go) and work.document_row(said.command.where) is not None
    if len(line) > LONGEST or is_command(said, work.labels) or opens:
        return None  # a document may be called "a" or "on"
    situation = situation_of(work, framed)
    said = replace(said, text=in_single_numbers(said.text, situation))  # "the one after 5" loses no 5
    line = with_others(in_numbers(in_plain_words(line, situation), situation), situation)
    answered = _RE.OWN_ANSWER.search(line) and orders(line, situation)  # "What about May? It is a date."
    told = takes_out(work, said.text, situation)
    told = told or (None if pending else told_apart(line, situation, understand, alone=True))
    if told is None and not answered:
        # "the second drug and 15 are containers": said of two
        told = said_of_one(in_single_numbers(line, situation, "single"), situation)
        told = told or about_work(work, line, situation, understand)
    told = told or unblocked(work, line) or project_wide(line, situation)
    told = told or finds_here(work, line, situation) or goes_to(work, line, situation)
    if told is None and situation.document and _RE.SHOW_TEXT.fullmatch(line):
        told = Reading((f"go {quoted(situation.document)}",))
    for each in dict.fromkeys((line, line if _RE.SLIP.match(line) else without_remarks(line))):
        if found := told or redone(each, situation) or in_reply(each, situation, pending, understand):
            return found
    if situation.fresh and _RE.FOLLOWS.fullmatch(plain):
        return _and_everywhere(situation, plain)
    if (yes := _RE.SURE.fullmatch(plain)) and situation.spots and not situation.waiting:
        return Reading(("next",))  # "Nothing is left here: shall we go on?"
    if not situation.asked and yes:
        return None if said.command else _no_question(situation)
    found = understand(line, situation) or (understand("yes", situation) if yes and not pending else None)
    found = of_next(found, line, situation) if found and pending is None else found
    if found is None and isinstance(said.command, Take) and " " in said.command.reviewer:
        return Reading(answer="I did not get what to take. Say it of a span by its number, or type `? say`.")
    found = cannot_tell(line, found or moves_last(line, situation), situation, waits=pending is not None)
    if pending is None and (found is None or found.question not in ("", EITHER)):
        found = _half_understood(said, found, situation)
    return _as_taken(work, said, found, situation)


def _compared(situation: Situation, *numbers: int) -> Reading | None:
    """Which label two mentions of the same words have that "are the same", where they have another each."""
    spots = situation.these(numbers)
    labels = dict.fromkeys(spot.label for spot in spots)
    if len({squeezed(spot.surface) for spot in spots}) != 1 or len(labels) < len(numbers):
        return None
    both = numbers_said(numbers)
    return asked("Which label have both?", *((f"As {label}", f"{both} is {label}") for label in labels))


def _treated_alike(situation: Situation, numbers: Sequence[int]) -> Reading | None:
    """What two mentions that were just compared become: what the one is that is decided, or what both are."""
    spots = situation.these(numbers)
    if len(spots) != PAIR:
        return None
    decided_one = [spot for spot in spots if not spot.open]
    other = spots[spots[0] in decided_one]
    if len(decided_one) == 1:
        run = f"no {other.number}" if decided_one[0].out else f"{other.number} is {decided_one[0].label}"
        return Reading((run,), writes=True)
    both, labels = numbers_said(numbers), dict.fromkeys(spot.label for spot in spots)
    if len(labels) == 1:
        return Reading((f"ok {both}",), writes=True)
    return asked("Which label have both?", *((f"As {label}", f"{both} is {label}") for label in labels))


def _told_here(line: str, plain: str, now: Callable[[], Situation], *, waits: bool) -> Reading | None:
    """What is answered, shown or asked of a line that decides nothing by itself.

    "No, only in this document"; "the drugs?"; "ok, leave it then", after a line that
    was not understood; "delete the label Cause".
    """
    if (alike := _RE.ALIKE.fullmatch(line)) and (found := _compared(now(), int(alike["a"]), int(alike["b"]))):
        return found
    if (asks := _RE.WHAT_WITH.fullmatch(line)) and (spot := now().spot(int(asks["n"]))):
        return choices_about(f"ok {spot.number}", now(), f"What shall I do with {named_spot(spot)}?")
    if waits:
        return None
    if treats := _RE.TREAT_ALIKE.fullmatch(line):
        numbers = tuple(map(int, filter(None, treats.groups()))) or now().group
        if found := _treated_alike(now(), numbers):
            return found
    if _RE.HERE.fullmatch(plain) and not _WIDE.match(now().last):
        return Reading(answer="Yes: what you said was done in this document alone.")
    compares = _RE.COMPARES.fullmatch(line)
    spots = now().these(map(int, compares.groups())) if compares else []
    if len(spots) == PAIR:
        told = (f"{named_spot(spot)} is {'out' if spot.out else spot.label}" for spot in spots)
        return Reading(answer=f"{', '.join(told)}.")
    if _RE.THEN_LEAVE.fullmatch(line) and (now().refused or (now().told and not now().named)):
        return Reading(answer="All right, nothing changed.")
    if _RE.NOT_THAT.fullmatch(line):
        return Reading(answer="I did not get which one is not meant: say its number. Nothing changed.")
    of_label = _RE.SHOWS_LABEL.fullmatch(line) or _RE.DROPS_LABEL.fullmatch(line)
    if of_label is None:
        return None
    situation, said = now(), of_label["label"] or ""
    label, ways = labels_meant(said, situation.labels), of_label.groupdict()
    if len(label) != 1 or situation.holds(said.lower()):
        return None
    if "bare" not in ways:
        return Reading(
            answer=f"A label stays once it is there: `join label {label[0]} into …` makes it another."
        )
    plural = said.lower().endswith("s") and situation.labels_named(said[:-1]) != ()
    return Reading((f"all label:{label[0]}",)) if plural or ways["bare"] is None else None


_WIDE = re.compile(r"(?:always|never|term|block|(?:ok|no|relabel|add|link) all)\b")
"""Lines that are about more than the document on the card."""


def _as_taken(work: Work, said: Line, found: Reading | None, situation: Situation) -> Reading | None:
    """A reading as far as it counts, beside a question that waits and the command that a line may be."""
    line, pending = said.text, work.place.pending
    if found is None or not all(read_line(each).command for each in found.lines):
        return None
    found = replace(found, lines=tuple(without_article(each, line, situation) for each in found.lines))
    if any(map(_RE.ADDS_NOTHING.match, found.lines)) and '"' not in line:
        return None  # "in both places" marks no "in"
    plain = in_bounds(line, situation)
    writes = found.writes and found.lines
    if writes and (_RE.NO_ORDER.search(line) or unaccounted(found.lines, plain, situation)):
        edge = re.fullmatch(r'(\d+) = ".*"', "; ".join(found.lines))
        return offered(found.lines, situation.spot(int(edge[1])) if edge else None)
    focus = situation.focus
    if pending is not None and focus and found.lines == (f"ok {focus.number}",) and _RE.SAYS_YES.search(line):
        return _no_question(situation)  # "because the chart says so, yes please" may be of question or span
    if found.question == NOT_SURE and said.command is not None and len(line.split()) < 3:
        return None  # "export word": the command says what is wrong, and "assign ana each" what it lacks
    if said.error is not None and not found.lines and re.match(r"(?:assign|codebook)\b", line):
        return None
    if pending is not None and found.lines == ("undo",) and _RE.LAST_STEP.search(line):
        return Reading((last_step(work),))  # and not only the question
    if pending is not None and pending.kind == "choice" and found.lines:
        found = _past_question(pending, found, line, situation)
    if len(found.lines) > 1 and not script("; ".join(found.lines)):
        return asked("One thing at a time: which first?", *((each, each) for each in found.lines[:3]))
    return found


def _of_titled(found: Reading, line: str, situation: Situation) -> Reading | None:
    """What is asked of a word right before a mention: "the producer is a writer", of "Producer DJ Halo"."""
    added = re.fullmatch(r'add "([^"]+)" (\S+)', "; ".join(found.lines))
    if added is None or not re.search(rf"(?i)\bthe {re.escape(added[1])} (?:is|was)\b", line):
        return None
    ends = [end + 1 for _, end in situation.places(added[1].lower())]
    spots = [spot for spot in situation.spots if spot.start in ends]
    if len(ends) != 1 or len(spots) != 1:
        return None
    runs = (f"{spots[0].number} is {added[2]}", added[0])
    return asked("Which do you mean?", *((in_plain(run), run) for run in runs))


def _half_understood(said: Line, found: Reading | None, situation: Situation) -> Reading | None:
    """The answer at the head of a line, to the question about one mention that the screen ends with.

    With a remark on why it is the verdict; before anything else ("Yes, but …", "No, shorter, …") a question.
    What the line was taken for otherwise stays, as the verdict that its tone settles (``offers.settled``).
    """
    spot = situation.focus
    if spot is not None and (verdict := told_why(said.text, situation)):
        return Reading((f"{verdict} {spot.number}",), writes=True)
    agrees, denies = (
        isinstance(said.command, Confirm),
        said.error is not None and _RE.SAYS_NO.match(said.text),
    )
    if found is not None:
        words = read_words(bared(said.text, situation), situation)
        return kept_whole(settled(found, said.text, words, situation), said.text, situation)
    if spot is None or not (agrees or denies):
        return None
    line = f"{'ok' if agrees else 'no'} {spot.number}"
    return choices_about(line, situation, f"I did not get all of that: what is {named_spot(spot)}?")


def _to_question(work: Work, pending: Pending, said: Line, framed: int) -> Reading | None:
    """What a line says to the question that waits; ``None`` where it is something else."""
    line, plain = said.text, _plain(said.text)
    unsure = bool(_RE.OPEN.search(pending.question))
    if pending.choices and pending.kind in ("choice", "which"):
        situation, told = situation_of(work, framed), _RE.NO_OTHERS.sub("", _RE.COURTESY.sub("", line))
        if situation.fresh and _RE.PLACE_JUDGED.match(told):
            return None
        taken = lettered(told, situation, pending, understand)
        if taken := taken or left_then(told, situation, pending, understand):
            taken = of_question(taken, pending, line, situation)  # "forget it, not needed"
            return Reading((last_step(work),)) if taken.lines == ("undo",) else taken
        if (taken := as_you_say(told, situation, pending, understand)) is not None:
            return taken
        label = partial(as_label, pending, labels=work.labels)
        if (taken := labelled(line, situation, pending, label, understand)) is not None:
            return taken
    if verdict := (verdict_chosen(pending, plain, not unsure) or judged(pending, plain)):
        return Reading((verdict,))
    if dismissed(pending, plain):
        return Reading(("cancel",))
    several = len([each for each in pending.choices if each != LEAVE]) > 1
    if re.match("no ", pending.answer) and _RE.LOOKS_FINE.fullmatch(plain):
        unsure = True  # "maybe 3 is wrong", asked about: "it's fine" may be said of 3
    if unsure and several and _RE.AGREES.fullmatch(plain) and not _chosen(pending, plain):
        return Reading(answer=f"Say which: {' · '.join(name for name, _ in pending.choices[:-1])}")
    for each in (line, without_shell(line)):
        if answer := _answer(pending, each, work.labels):
            return Reading((answer,))
    for again in (denied_label, doubted_label, unknown_label):
        if asked := again(pending, line, work.labels):
            return asked
    if pending.kind == "choice" and (asked := half_chosen(pending, plain)):
        return asked
    if name := renamed(pending, line):
        return Reading((name,))
    # A whole command is no part of an answer: "ok all "afib"" shows its samples again.
    asks = pending.kind in ("yes", "count") and not isinstance(said.command, Bulk)
    if asks and (asked := _answered_in_part(work, pending, line, framed)):
        return asked
    return None


def _is_concept(work: Work, text: str, label: str) -> bool:
    with suppress(HybridNerError):
        return bool(work.services.terms.find(text, label))
    return False


def _all_counted(match: re.Match[str], situation: Situation) -> Reading | None:
    """All of so many, where so many are shown: "accept all 24"; another number than theirs is told."""
    count = NUMBERS.get(match["count"].lower()) or int(match["count"])
    if count == (shown := len(situation.offered)):
        return understand(f"{match['before']}{match['after']}".strip(), situation)
    if "".join(match.group("before", "after")).strip().lower() == "all" or count < 2:
        return None
    return Reading(answer=f"{shown} are open here, not {count}: `ok` accepts all of it, `no all` rejects it.")


def _no_question(situation: Situation) -> Reading | None:
    """What "sure" means after a question that was left: nothing, so that it is asked."""
    spot = situation.focus
    asks = f"Do you mean {named_spot(spot)}?" if spot else ""
    return choices_about(f"ok {spot.number}", situation, asks) if spot else None


def spoken(work: Work, line: str, reading: Reading) -> Reply:
    """A question with its choices, or a plain answer, after which only its own question still waits."""
    if not reading.question:
        ends = work.place.pending is None and reading.answer == GOODBYE and bool(_RE.LEAVES.search(line))
        if not _RE.OF_QUESTION.match(reading.answer):
            work.place = replace(work.place, pending=None)
        return Reply(reading.answer.replace("{left}", left_said(work)).strip(), ends=ends)
    # A typed "ok" is no choice among several, so the one that accepts all is written in full.
    told = [(name, "ok all" if run == "ok" else run) for name, run in reading.choices]
    kept = [each for each in told if sensible(each[1])]
    if all(run == "cancel" for _, run in kept):  # lines that contradict each other are asked for one by one
        each = dict.fromkeys(part for _, run in told for part in run.split("; ") if part != "cancel")
        kept = [*((in_plain(part), part) for part in each if sensible(part)), *kept]
    choices = every_label(work, _useful(work, kept))
    answer = choices[0][1] if choices and choices[0][1] != "cancel" else ""
    pending = Pending("choice", answer, line, "", question=reading.question, choices=choices)
    return work.ask(pending, Reply(reading.question, "ask"))


def _useful(work: Work, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices that can be done, the first of those that do the same; all where none would be left."""
    situation, undoes = situation_of(work), last_step(work) != "undo"
    kept: dict[frozenset[str], Choice] = {}
    for name, run in choices:
        if not undoes and run.startswith("undo; "):
            run = re.sub("^(?:undo; )+", "", run)
            name = in_plain(run)
        if possible(run, situation) and (undoes or run != "undo"):
            kept.setdefault(does_same(run, situation), (name, run))
    return tuple(kept.values()) if len(kept) > 1 else tuple(choices)


def situation_of(work: Work, framed: int = 0) -> Situation:
    """What sentences can be about now."""
    if work.place.document_id is None:
        return Situation(labels=work.labels)
    card = work.card()
    chosen = work.chosen(card)
    spots = tuple(
        Spot(
            m.number,
            m.start,
            m.end,
            card.text[m.start : m.end],
            m.label,
            m.status == "open",
            m.mark == "reviewer" or chosen(m),
            m.mark,
            m.status == "rejected",
            m.score,
        )
        for m in card.mentions
        if m.reason not in ("merged", "split")
    )
    last, asked, fresh, told, since, undone, refused = last_turns(work)
    at = next((spot for spot in spots if spot.number == framed), None)
    if at is None or (not at.open and re.search(rf"(?<!\d){framed}(?!\d)", last)):
        # The frame of a span that was just decided has not moved on yet.
        framed = 0
    about = work.place.pending.about if work.place.pending else 0  # "it is a place", after a question
    touched = undone[0] if len(undone) == 1 else _touched(card) if fresh else 0
    said = (last, touched, fresh, told, asked)
    situation = Situation(
        spots,
        card.text,
        work.labels,
        about or framed,
        about,
        0,
        about,
        *said,
        card.position,
        card.doc_id,
        has_document=lambda name: work.document_row(name) is not None,
        labels_of=lambda text: labels_of(work, text),
        label_guess=lambda text: label_guess(work, text),
        last_document=lambda: last_position(work.connection, work.project.id),
        document_with=lambda words: document_with(work, words),
        elsewhere=lambda words: elsewhere(work, words),
        past=lambda: earlier(work),
        group=undone,
        refused=refused,
    )
    return situation if work.place.pending else _with_topic(situation, since)


def _with_topic(situation: Situation, since: Sequence[str]) -> Situation:
    """What is talked of where nothing waits: "is 3 a disease?", "no"; then "make it a chemical" means 3.

    Args:
        since: The lines since the last decision, the newest first.
    """
    points = True
    for line in since:
        if isinstance(read_line(line).command, Go):
            return situation  # "go 1" has opened a document, and named no mention
        words = read_words(line, situation)
        refs = words.named(words.text)
        named = {n for item in refs if item.by not in ("this", "that") for n in item.numbers}
        if named:
            plain = line == since[0] and read_line(line).command is None
            if plain and {item.by for item in refs} <= {"number", "term"}:
                situation = replace(situation, group=tuple(sorted(named)))  # "are 3 and 9 alike?"
            about = named.pop() if len(named) == 1 else 0
            return replace(situation, named=about if points else 0, lately=about)
        points = points and bool(refs or line == "cancel")
    rejected = re.fullmatch(r"no (\d+)", situation.last)
    return replace(situation, lately=int(rejected[1])) if rejected else situation


def _touched(card: Card) -> int:
    """Number of the one span that the last step has changed here; 0 when there were none or several."""
    newest = max((m.event_id for m in card.mentions), default=0)
    changed = [m.number for m in card.mentions if newest and m.event_id == newest]
    return changed[0] if len(changed) == 1 else 0


_PLACES = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "fifth": 5}
_PLACES |= {"last": -1, "former": 1, "latter": -1}


def _plain(line: str) -> str:
    """An answer in small letters, without what only sounds polite or amused around it."""
    said = " ".join(line.strip().rstrip(".!").lower().replace("’", "'").split())
    return _RE.NO_OTHERS.sub("", _RE.LAUGHS.sub("", _RE.COURTESY.sub("", said)))


def _answer(pending: Pending, line: str, labels: tuple[str, ...]) -> str:
    """The line that answers the question; empty when it is something else."""
    said = _plain(line)
    if "?" in said or len(said) > 80:
        return ""
    if pending.kind == "which" and (place := _which(said, pending.count)):
        return f"#{place}"
    if pending.kind == "which" and pending.choices and _RE.EACH_HERE.fullmatch(said):
        return pending.choices[0][1]
    if pending.kind == "choice":
        return _choice(pending, said, labels)
    if line := _chosen(pending, said):
        return line
    if pending.kind in ("yes", "count") and (found := _RE.ALL_BUT.fullmatch(said)):
        words = re.findall(r"\d{1,4}|first|second|third|fourth|fifth|last", found.group(1))
        end = min(pending.count + len(pending.without), SAMPLES)
        numbers = [end if word == "last" else _PLACES.get(word, 0) or int(word) for word in words]
        if numbers and not re.search(r"[^\W\d]{4,}", _RE.SAMPLE.sub("", found.group(1))):
            return "except " + " ".join(map(str, numbers))
    denies = re.search(r"\b(?:no|don'?t|cancel|leave|never)\b", said)
    everywhere = pending.kind in ("yes", "count") and _RE.EVERYWHERE.fullmatch(said)
    if (everywhere or _RE.AGREES.fullmatch(said)) and not denies:
        words = [str(NUMBERS[each]) for each in said.split() if each != "one" and each in NUMBERS]
        return " ".join(("yes", *(_RE.NUMBER.findall(said) or words)[:1]))
    refused = _RE.REFUSES.fullmatch(said) or (pending.kind == "which" and _RE.NONE.fullmatch(said))
    return "cancel" if refused else ""


def _answered_in_part(work: Work, pending: Pending, line: str, framed: int) -> Reading | None:
    """What an answer asks for that goes less far than the question, or further than a yes."""
    said = line.strip().rstrip(".!").lower()
    if _RE.HOW_MANY.fullmatch(said):
        return first_this(pending)
    if some := some_of(pending, line, situation_of(work, framed)):
        return some
    if (here := _RE.HERE.fullmatch(said)) and (found := only_here(pending, situation_of(work, framed))):
        return Reading((found,), writes=True)
    if not here and ("?" in said or not _RE.LEADS.match(said)):
        return None
    return first_this(pending)


_WHOLE = ("ok", "ok all", "ok next")
"""Lines that accept all that is shown."""


def _past_question(pending: Pending, found: Reading, line: str, situation: Situation) -> Reading:
    """What accepts more than it names accepts nothing that a question is about.

    After "maybe 3 is wrong", which is asked about, "everything else is right" leaves 3 out, and "looks good,
    next" is told of the question first. What is only offered to be accepted, or to go to, is in no doubt.
    """
    lines = [each for _, each in pending.choices]
    doubts = [each for each in lines if not each.startswith("ok ") and not any(map(_RE.MOVE.match, lines))]
    asked = {int(n) for each in doubts for n in re.findall(r"(?:^|; )(?:ok |no )?(\d+)\b", each)}
    all_of_them = any(each in _WHOLE for each in found.lines)
    accepted = {spot.number for spot in situation.offered} if all_of_them else {*decided(found.lines, "ok")}
    named = {spot.number for spot in situation.spots if spot.surface.lower() in line.lower()}
    words = read_words(line, situation)
    counted = words.named(words.text)  # "twelve to nineteen"
    named.update(n for item in counted if item.by == "number" for n in item.numbers)
    unnamed = (accepted & asked) - named - numbers_in(line)
    if unnamed == accepted == {pending.about} and _RE.SAYS_IT.search(line):
        return found  # "no, it's fine", where it was asked where a mention ends
    if _RE.BESIDES.search(line) and unnamed:
        kept = numbers_said(accepted - asked)
        rest = tuple(each for each in found.lines if not re.match(r"ok\b", each))
        return replace(found, lines=(*((f"ok {kept}",) if kept else ()), *rest))
    if not unnamed and not (all_of_them and any(re.search(r"^add | = ", each) for each in lines)):
        return found
    return first_this(pending)


def _and_everywhere(situation: Situation, plain: str) -> Reading | None:
    """The last decision on one span for all documents: "2 is wrong", "everywhere"."""
    spot = situation.last_decided
    said = re.fullmatch(r"(ok|no|accept|reject) \d+|(?:link )?\d+ (is|->) (.+?)(?: here)?", situation.last)
    if spot is None or said is None:
        return None
    verb = {"accept": "ok", "reject": "no", "is": "relabel", "->": "link"}.get(way := said[1] or said[2], way)
    line = f"{verb} all {quoted(spot.surface)}{f' -> {said[3]}' if said[3] else ''}"
    if not re.search(_RE.source("FAR"), plain):  # "all of them too" may be of the card
        return asked(f"“{spot.surface}” in all documents?", ("In all documents", line))
    return Reading((line,), writes=True)


def _which(said: str, count: int) -> int:
    word = re.sub(
        r"^(?:the |number |nr |no\.? |#|take the |i mean the )+|(?: one| please| occurrence)+$", "", said
    )
    place = _PLACES.get(word) or whole_number(word) or 0
    return place if 1 <= place <= count else count if place == -1 else 0


def _chosen(pending: Pending, said: str) -> str:
    """The line of the choice that is said by its name, its line or its letter: "yes, reject 6 please"."""
    bare = _RE.AROUND_NAME.sub("", said)
    for letter, (name, line) in zip(CHOICE_LETTERS, pending.choices, strict=False):
        if said in (name.lower(), line.lower(), letter) or bare in (name.lower(), line.lower()):
            return line
    return ""


def _choice(pending: Pending, said: str, labels: tuple[str, ...]) -> str:
    if line := _chosen(pending, said):
        return line
    if pending.answer and _RE.AGREES.fullmatch(said) and not re.search(r"\b(?:no|don'?t)\b", said):
        return pending.answer
    if (_RE.REFUSES.fullmatch(said) or _RE.NONE.fullmatch(said)) and not re.search(r"\d", said):
        return "cancel"
    if line := as_label(pending, said, labels):
        return line
    if shows_it(said):
        looks = (run for name, run in pending.choices if name.startswith("Show"))
        return next(looks, "")
    if _RE.ANY.fullmatch(said) and len(pending.choices) > 1:
        return pending.choices[0][1]
    here, far = _RE.HERE.fullmatch(said), _RE.EVERYWHERE.fullmatch(said) or _RE.AGAIN.fullmatch(said)
    for name, line in pending.choices if here or far else ():
        if name.endswith(" here") if here else re.match(r"(?:never|always) |\w+ all ", line):
            return line
    if line := pending.verdict_on(said):
        return line
    place = 0 if said.isdecimal() else _which(said, sum(each != LEAVE for each in pending.choices))
    return pending.choices[place - 1][1] if place else chosen_in_words(pending, said, labels)
