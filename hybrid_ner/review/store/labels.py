"""What is settled about a project by its log: its labels, the one a reviewer means, and who reviews what.

A lead deals documents out as a step of the log; the last deal that is not undone is in force. Whoever was
given documents has these alone in the queue; everybody else has those that were given to nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations, groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rapidfuzz.distance import OSA

from hybrid_ner.corpus.cleaning import aliases
from hybrid_ner.errors import InputError
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.review.store.database import batches
from hybrid_ner.review.store.events import JOINED, EventDraft, fold_joined
from hybrid_ner.review.store.schema import (
    assignment,
    counting,
    document_state,
    event,
    mention,
    reviewer,
    step,
    withdrawn_documents,
)
from hybrid_ner.review.store.schema import project as project_table
from hybrid_ner.terms.variants.own import irregular_plurals, plurals

A_LABEL = r"[^\s#@;][^;]*"
"""A label at the end of a line that was made, as a pattern: "Study drug"; ``#2`` is a place."""
LOOKS, HIDDEN = "label looks", "hidden labels"
"""Settings of a project: how labels appear to people, and those that are not used."""
_VOWELS = re.compile("[aeiou]")
LABEL = "label"
"""Event kind: a label was added, at a place in key order."""


def project_labels(connection: sa.Connection, project_id: int) -> list[str]:
    """The labels now, in key order."""
    query = sa.select(project_table.c.labels).where(project_table.c.id == project_id)
    return list(connection.scalars(query).one())


def label_drafts(labels: Sequence[str], names: Iterable[str]) -> tuple[EventDraft, ...]:
    """Events that add the names that are not there yet, at the end."""
    new = [name for name in dict.fromkeys(names) if name not in labels]
    return tuple(
        EventDraft(LABEL, {"name": name, "place": place}) for place, name in enumerate(new, len(labels))
    )


def show_labels(
    connection: sa.Connection, project_id: int, payloads: Iterable[Mapping[str, Any]], *, shown: bool
) -> None:
    """Put the labels of events into the list, or take them out again."""
    labels = before = project_labels(connection, project_id)
    for payload in payloads:
        name = payload["name"]
        labels = [label for label in labels if label != name]
        if shown:
            labels.insert(payload["place"], name)
    if labels != before:
        _save(connection, project_id, labels)


def joined_labels(connection: sa.Connection, project_id: int) -> dict[str, str]:
    """Labels that were joined into another one, each with that one."""
    return fold_joined(connection.scalars(JOINS, {"of": project_id}))


JOINS = counting(event.c.payload).where(event.c.project_id == sa.bindparam("of"), event.c.kind == JOINED)
"""Payloads of the joins that count, of the project ``of``."""


def extend_labels(connection: sa.Connection, project_id: int, found: Iterable[str]) -> None:
    """Add labels that came with imported suggestions; no step, so that nothing undoes them."""
    labels, joined = project_labels(connection, project_id), joined_labels(connection, project_id)
    new = sorted({joined.get(label, label) for label in found} - set(labels))
    if new:
        _save(connection, project_id, [*labels, *new])


def rebuild_labels(connection: sa.Connection, project_id: int) -> None:
    """Make the list agree with the log."""
    query = (
        sa.select(event.c.payload, event.c.kind, step.c.undone)
        .join(step, step.c.id == event.c.step_id)
        .where(event.c.project_id == project_id, event.c.kind.in_((LABEL, JOINED)))
        .order_by(event.c.id)
    )
    for payload, kind, undone in connection.execute(query).all():
        show_labels(connection, project_id, [payload], shown=undone == (kind == JOINED))


def _save(connection: sa.Connection, project_id: int, labels: Sequence[str]) -> None:
    where = project_table.c.id == project_id
    connection.execute(project_table.update().where(where).values(labels=list(labels)))


DENIALS = frozenset(
    ["no", "not", "non", "isnt", "never", "nor", "neither", "none", "dont", "without", "nope", "wrong"]
) | {"maybe"}
"""Words that no label is guessed from: "not a disease" is not a slip of "disease"."""


def is_a_kind(said: str) -> bool:
    """Whether a word names a kind of thing that a label may stand for, whatever labels there are."""
    return any(said in group for group in _meanings())


_TOO_COMMON = frozenset(
    ("time", "case", "name", "form", "code", "misc", "problem", "day", "sign", "individual")
)
"""Names that mean much else in a sentence ("no problem"): they count as a label's own name only."""
_NO_KINDS = frozenset(
    ("number", "type", "value", "part", "word", "order", "note", "status", "class", "group", "other",
     "label", "thing", "place", "body", "term", "text", "document", "file", "page", "line", "list", "id")
)  # fmt: skip
"""Last words of a label's name that stand for it no more than for anything else."""
_LEADING = frozenset(("a", "an", "the"))


@cache
def _meanings() -> tuple[tuple[str, ...], ...]:
    """Everyday words for one thing: a label whose name is one of them is meant by the others too."""
    return tuple(tuple(row.split(", ")) for row in _rows_of_meanings() if " < " not in row)


@cache
def _things() -> dict[str, str]:
    """The thing that each word is a kind of: an antibiotic is a chemical."""
    rows = (row.partition(" < ") for row in _rows_of_meanings())
    return {kind: thing for thing, _, kinds in rows for kind in kinds.split(", ") if kinds}


def _rows_of_meanings() -> list[str]:
    lines = Path(__file__).with_name("meanings.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a label in lower case: ``OTHER_PERSON`` and ``OtherPerson`` are two words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return tuple(re.findall(r"[^\W_]+", parted.casefold()))


def _plain(label: str) -> str:
    return "".join(filter(str.isalnum, label.casefold()))


def _plural(word: str) -> Iterator[str]:
    if word.endswith("person"):
        yield word.removesuffix("person") + "people"
    yield word + "s"
    yield from plurals(word)  # "Diagnosen", "Medikamente"
    yield from (plural for plural, singular in irregular_plurals().items() if singular == word)
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh")):
        yield word + "es"
    if word.endswith("is"):
        yield word[:-2] + "es"


def _synonyms(own: str) -> Iterator[str]:
    """Everyday words for what a label's own name says."""
    for group in _meanings():
        if own in group:
            yield from (name for name in group if name not in _TOO_COMMON)


def _spoken(label: str) -> Iterator[str]:
    """A label's names, its own first, then by meaning."""
    own = " ".join(plain_words(label))
    yield own
    yield from _synonyms(own)
    words = own.split()
    if len(words) > 1 and words[-1] not in _NO_KINDS | _TOO_COMMON:
        yield words[-1]  # "drug" for STUDY_DRUG
    known = aliases()
    native = [*known.get(label, ()), *(n for n, others in known.items() if label in others)]
    names = (" ".join(plain_words(name)) for name in native)
    yield from (name for name in names if len(name) > 3 and name not in _TOO_COMMON)


def common_kind(word: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The one label behind "is a" of a word that else means none, or much else too.

    "7 is an antibiotic", which is a kind of chemical; "19 is a day", a DATE.
    """
    thing = label_words(tuple(labels)).get((_things().get(word, ""),), ((), False))[0]
    if len(thing) == 1:
        return thing
    own = {label: " ".join(plain_words(label)) for label in labels}
    groups = [group for group in _meanings() if word in group] if word in _TOO_COMMON - _NEVER_KINDS else []
    found = [label for label, name in own.items() if any(name in group for group in groups)]
    return tuple(found) if len(found) == 1 else ()


_NEVER_KINDS = frozenset(("problem", "case", "form", "misc"))
"""Of the common names those that are none behind "is a" either: "2 is a problem" says that it is wrong."""
_APART = 5
"""Names between two labels of one meaning from which a name means the nearer one alone: where there are
Medication and Treatment, "drug" is a Medication."""


def _nearest(name: str, meant: tuple[str, ...]) -> tuple[str, ...]:
    """Of labels with one meaning the one whose name stands far nearer to a name; else all of them."""
    own = {label: " ".join(plain_words(label)) for label in meant}
    group = next((g for g in _meanings() if name in g and all(each in g for each in own.values())), None)
    if group is None or len(meant) < 2:
        return meant
    away = sorted((abs(group.index(name) - group.index(each)), label) for label, each in own.items())
    return (away[0][1],) if away[1][0] - away[0][0] >= _APART else meant


@lru_cache(maxsize=64)
def label_words(labels: tuple[str, ...]) -> dict[tuple[str, ...], tuple[tuple[str, ...], bool]]:
    """Words that name labels, each with the labels it may mean and whether it is a plural.

    A word that is the name of a label means no other one, and one that says the same as that name means none
    that has it from another scheme alone: an "organisation" is an ORG, though a GOVERNMENT counts as one
    where texts know no other label for it.
    """
    own = {label: " ".join(plain_words(label)) for label in labels}
    names = frozenset(own.values())
    near = {label: {name, *_synonyms(name)} for label, name in own.items()}
    said = frozenset[str]().union(*near.values())
    found: dict[str, list[str]] = {}
    for label in labels:
        for place, name in enumerate(dict.fromkeys(_spoken(label))):
            meant = found.setdefault(name, [])
            theirs = name in names or (name in said and name not in near[label])
            meant += [label] if place == 0 or not theirs else []
    singular = {
        tuple(name.split()): (_nearest(name, tuple(meant)), False) for name, meant in found.items() if name
    }
    several = {
        (*words[:-1], last): (meant, True)
        for words, (meant, _) in singular.items()
        for last in _plural(words[-1])
    }
    both = {words: found for words, found in several.items() if singular.get(words, ())[:1] == found[:1]}
    return {**several, **singular, **both}  # "people" is one of the words for a person, and more than one


_SHAPES = (
    # "Nurse Patel", "Mr. Justice Rao", "Dr Hannah Reyes"
    (
        r"(?:(?:mr|mrs|ms|miss|dr|prof|nurse|sister|sir|lady|judge|justice|adv|advocate|hon)\b\.?,? ?)+\w",
        "person",
    ),
    # "Halden Marine Ltd", "Northgate Hospital", "Ministry of Health"
    (
        r".*\b(?:ltd|limited|inc|llp|llc|plc|gmbh|ag|corp|co|bank|university|hospital|clinic|ministry)\b",
        "company",
    ),
    (r".*\bcourt\b", "court"),
    (r".*\b(?:act|statute|code|regulation|directive|ordinance)\b", "statute"),
    (r"(?:section|sec\.|s\.|article|art\.|clause|rule|order) ?\d", "provision"),
    (r".* v\.? ", "precedent"),
    (r".*\b(?:(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})\b", "date"),
)
"""How a text looks, small, and in a word the label that it then has, where the project has one like that."""


def likeliest(text: str, labels: Sequence[str], used: Mapping[str, int]) -> list[str]:
    """All labels, the likeliest for a text first: by its looks, then by how often each is ``used``."""
    looks = [word for shape, word in _SHAPES if re.match(shape, text.lower())]
    fits = [label for word in looks for label in labels_meant(word, labels)]
    return list(dict.fromkeys([*fits, *sorted(labels, key=lambda label: -used.get(label, 0))]))


def labels_meant(said: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that ``said`` names, or means, or begins, or slips from; several when it is not clear."""
    if said in labels:
        return (said,)
    words = plain_words(said)
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    plain = "".join(words)
    if same := tuple(label for label in labels if _plain(label) == plain and plain):
        return same
    if meant := label_words(tuple(labels)).get(words):
        return meant[0]
    if not plain or DENIALS.intersection(words):
        return ()
    if begun := tuple(label for label in labels if _plain(label).startswith(plain)):
        return begun
    return _slips(words, labels)


def abbreviated(word: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The one label whose name a word is short for: "mat" and "jur" begin it, "amt" has its consonants.

    Args:
        word: In small letters; shorter ones than three stand for nothing.
        labels: Those of the project.

    Returns:
        That label alone, or nothing where none or several fit.
    """
    if len(word) < 3 or not word.isalpha():
        return ()
    meant: dict[bool, set[str]] = {True: set(), False: set()}
    own = {" ".join(plain_words(label)) for label in labels}
    for names, (each, _) in label_words(tuple(labels)).items():
        name = names[0]
        rest = iter(name[1:])
        begins = name.startswith(word) and len(name) > len(word)
        drops = word[0] == name[0] and not _VOWELS.search(word[1:]) and all(c in rest for c in word[1:])
        if len(names) == 1 and (begins or drops):
            meant[name in own].update(each)
    # "pty" is a Party, though "pathology" has these letters too; a bus is no business
    nearest = meant[True] or (set() if word in everyday_words() else meant[False])
    return tuple(nearest) if len(nearest) == 1 else ()


def _slips(words: tuple[str, ...], labels: Sequence[str]) -> tuple[str, ...]:
    """Labels as many words long as what was said, a letter or two away, with the same first letter."""
    said = " ".join(words)
    if len(said) > 2 and not _VOWELS.search(said):
        # What a phone makes of a label: "tst", "drg"
        return tuple(
            dict.fromkeys(
                label
                for names, (meant, _) in label_words(tuple(labels)).items()
                if len(names) == 1 and names[0][0] == said[0] and _VOWELS.sub("", names[0]) == said
                for label in meant
            )
        )
    most = 0 if len(said) < 4 else 1 if len(said) < 8 else 2
    names = [(" ".join(each), meant) for each, (meant, _) in label_words(tuple(labels)).items()]
    names = [(name, meant) for name, meant in names if len(name.split()) == len(words)]
    # "AdverseEvnt", which is one word as it is typed
    names += [(_plain(label), (label,)) for label in labels if len(words) == 1]
    near: dict[str, int] = {}
    for name, meant in names:
        distance = OSA.distance(said, name, score_cutoff=most)
        if distance <= most and name[0] == said[0]:
            near |= {label: min(distance, near.get(label, distance)) for label in meant}
    best = min(near.values(), default=0)
    return tuple(label for label, distance in near.items() if distance == best)


_SPELLED_OUT = {
    "GPE": "Country or city",
    "LOC": "Place",
    "ORG": "Organisation",
    "PER": "Person",
    "NORP": "Nationality or group",
    "FAC": "Building or site",
    "MISC": "Other name",
    "NUM": "Number",
    "LANG": "Language",
}
"""Short forms of common corpora (OntoNotes, CoNLL), which nobody else knows."""


_CODED = re.compile(r"\d|[A-Z]{2}|\b[A-Z]\b")
"""What small letters would spoil: "IL-17i", "csDMARD", "B-cell"; of a label in capitals, digits alone."""


def human_name(label: str) -> str:
    """``OTHER_PERSON`` → ``Other person``, ``ORG`` → ``Organisation``; other short ones stay: ``VTE``.

    So do those with abbreviations or digits in them: ``IL-6``, ``csDMARD``.
    """
    if label in _SPELLED_OUT:
        return _SPELLED_OUT[label]
    if " " in label and not label.isupper():
        return label  # somebody wrote it for people: ``loop diuretic``, ``Law firm``
    if "_" not in label and re.search(r"\d" if label.isupper() else _CODED, label):
        return label
    words = plain_words(label)
    if len(words) < 2 and (len(label) <= 3 or not label.isupper()):
        return label
    return " ".join(words).capitalize()


def respelled(found: Iterable[str], labels: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Which of ``found`` are one of ``labels`` in another spelling: capitals, joins, a plural, or its name.

    ``Client``, ``client`` and ``Clients`` are a project's CLIENT, ``Defined terms`` is its DEFINED_TERM, and
    ``Organisation`` its ORG, which people see under that name.

    Args:
        labels: The labels, or each with the name that people see.
    """
    own: dict[str, str] = {}
    names = labels if isinstance(labels, Mapping) else {label: human_name(label) for label in labels}
    for shown, label in (*((each, each) for each in names), *((name, each) for each, name in names.items())):
        *head, last = plain_words(shown) or ("",)
        for name in (last, *_plural(last)):
            own.setdefault(" ".join((*head, name)), label)
    said = {label: own.get(" ".join(plain_words(label)), "") for label in found if label not in labels}
    return {label: meant for label, meant in said.items() if meant}


def find_label(said: str, labels: Sequence[str]) -> str:
    """The one label meant by ``said``.

    Raises:
        InputError: None fits, or several do; the message lists them.
    """
    meant = labels_meant(said, labels) or abbreviated(said.casefold(), labels)
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise InputError(f"label {said!r} could be {' or '.join(meant)}.", hint="Type more of it.")
    known = ", ".join(labels) if labels else "none"
    raise InputError(f"no label like {said!r}. Labels: {known}.", hint="Add one with `label NAME`.")


ASSIGN = "assign"
"""Event kind: the whole deal, documents by reviewer."""
Deal = Mapping[int, Sequence[int]]
"""Rows of reviewers by the row of a document."""


def deal(
    documents: Sequence[int],
    reviewers: Sequence[int],
    each: int = 1,
    overlap: float = 0.0,
    known: Deal | None = None,
) -> dict[int, tuple[int, ...]]:
    """Give documents to reviewers, so that all have about as many and every two share some.

    Args:
        overlap: Share of the documents, spread evenly, that one reviewer more gets.
        known: Who has documents already; they keep them, and what is missing is added.
    """
    known = known or {}
    load = Counter(dict.fromkeys(reviewers, 0))
    load.update(who for given in known.values() for who in given if who in load)
    pairs = Counter(frozenset(two) for given in known.values() for two in combinations(given, 2))
    up_to = [int(place * overlap + 1e-9) for place in range(len(documents) + 1)]
    found = {number: tuple(known.get(number, ())) for number in documents}
    # Those that one more reads come first, while nobody has many: later the two who happen to have least
    # would often be the same.
    extras = [later - sooner for sooner, later in pairwise(up_to)]
    for number, extra in sorted(zip(documents, extras, strict=True), key=lambda each: -each[1]):
        chosen = list(found[number])
        while len(chosen) < min(each + extra, len(reviewers)):
            free = [who for who in reviewers if who not in chosen]
            best = min(free, key=lambda who: (sum(pairs[frozenset((who, c))] for c in chosen), load[who]))
            pairs.update(frozenset((best, other)) for other in chosen)
            load[best] += 1
            chosen.append(best)
        found[number] = tuple(chosen)
    return found


def show_assignment(connection: sa.Connection, project_id: int) -> None:
    """Make the table agree with the last deal of the log that counts."""
    connection.execute(assignment.delete().where(assignment.c.project_id == project_id))
    deals = counting(event.c.payload).where(event.c.project_id == project_id, event.c.kind == ASSIGN)
    payload = connection.scalar(deals.order_by(None).order_by(event.c.id.desc()).limit(1)) or {}
    rows = [
        {"project_id": project_id, "reviewer_id": int(who), "document_id": number}
        for who, numbers in payload.items()
        for number in numbers
    ]
    for part in batches(rows, 5000):
        connection.execute(assignment.insert(), part)


def assigned(connection: sa.Connection, project_id: int) -> dict[int, tuple[int, ...]]:
    """Reviewers by document."""
    a = assignment.c
    return _by_document(connection, sa.select(a.document_id, a.reviewer_id).where(a.project_id == project_id))


def reviewed_by(connection: sa.Connection, project_id: int) -> dict[int, tuple[int, ...]]:
    """Reviewers who have finished a document, by document."""
    d = document_state.c
    query = sa.select(d.document_id, d.reviewer_id).where(d.project_id == project_id, d.done)
    return _by_document(connection, query)


def _by_document(connection: sa.Connection, query: sa.Select[Any]) -> dict[int, tuple[int, ...]]:
    """Reviewers of each document, from a query of both."""
    rows = sorted(map(tuple, connection.execute(query)))
    return {number: tuple(who for _, who in group) for number, group in groupby(rows, key=itemgetter(0))}


BY_PEOPLE = mention.c.reason.in_(("", "never"))
"""Condition: it was decided itself, and not pushed out or taken in by another mention."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is.

    Args:
        assigned: Documents given to the person, 0 when none were.
        done: Of those (of all documents, without an assignment) reviewed.
        shared: Of those given to others too.
        accepted: Spans accepted in all documents.
        last: When the person did something last, ISO 8601; empty for never.
    """

    reviewer: str
    assigned: int
    done: int
    shared: int
    accepted: int
    rejected: int
    last: str


def progress(connection: sa.Connection, project_id: int) -> list[Progress]:
    """How far everybody is who was given documents or has done something, in order of arrival."""
    out = withdrawn_documents(connection, project_id)
    given = {n: to for n, to in assigned(connection, project_id).items() if n not in out}
    done: dict[int, set[int]] = {}
    state = document_state.c
    finished = sa.select(state.reviewer_id, state.document_id).where(
        state.project_id == project_id, state.done
    )
    for who, number in connection.execute(finished):
        done.setdefault(who, set()).add(number)
    counted = sa.select(mention.c.reviewer_id, mention.c.status, sa.func.count())
    counted = counted.where(mention.c.project_id == project_id, BY_PEOPLE)
    grouped = connection.execute(counted.group_by(mention.c.reviewer_id, mention.c.status))
    spans = {(row[0], row[1]): int(row[2]) for row in grouped}
    latest = sa.select(step.c.reviewer_id, sa.func.max(step.c.at)).where(step.c.project_id == project_id)
    last = {row[0]: row[1] for row in connection.execute(latest.group_by(step.c.reviewer_id))}
    people = sa.select(reviewer.c.id, reviewer.c.name).where(reviewer.c.project_id == project_id)
    found = []
    for who, name in connection.execute(people.order_by(reviewer.c.id)):
        mine = {number for number, given_to in given.items() if who in given_to}
        if not mine and who not in last and who not in done:
            continue
        reviewed = done.get(who, set())
        found.append(
            Progress(
                name,
                len(mine),
                len(reviewed & mine if mine else reviewed),
                sum(len(given[number]) > 1 for number in mine),
                spans.get((who, "accepted"), 0),
                spans.get((who, "rejected"), 0),
                last.get(who, ""),
            )
        )
    return found
