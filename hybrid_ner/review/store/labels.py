"""The labels of a project, and the one that a reviewer means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rapidfuzz.distance import OSA

from hybrid_ner.corpus.cleaning import aliases
from hybrid_ner.errors import InputError
from hybrid_ner.review.store.events import EventDraft
from hybrid_ner.review.store.schema import event, step
from hybrid_ner.review.store.schema import project as project_table

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


def extend_labels(connection: sa.Connection, project_id: int, found: Iterable[str]) -> None:
    """Add labels that came with imported suggestions; no step, so that nothing undoes them."""
    labels = project_labels(connection, project_id)
    new = sorted(set(found) - set(labels))
    if new:
        _save(connection, project_id, [*labels, *new])


def rebuild_labels(connection: sa.Connection, project_id: int) -> None:
    """Make the list agree with the log."""
    query = (
        sa.select(event.c.payload, step.c.undone)
        .join(step, step.c.id == event.c.step_id)
        .where(event.c.project_id == project_id, event.c.kind == LABEL)
        .order_by(event.c.id)
    )
    for payload, undone in connection.execute(query).all():
        show_labels(connection, project_id, [payload], shown=not undone)


def _save(connection: sa.Connection, project_id: int, labels: Sequence[str]) -> None:
    where = project_table.c.id == project_id
    connection.execute(project_table.update().where(where).values(labels=list(labels)))


DENIALS = frozenset(
    ["no", "not", "non", "isnt", "never", "nor", "neither", "none", "dont", "without", "nope", "wrong"]
) | {"maybe"}
"""Words that no label is guessed from: "not a disease" is not a slip of "disease"."""
_TOO_COMMON = frozenset(
    ("time", "case", "name", "form", "code", "misc", "problem", "day", "sign", "individual")
)
"""Names that mean much else in a sentence ("no problem"): they count as a label's own name only."""
_LEADING = frozenset(("a", "an", "the"))


@cache
def _meanings() -> tuple[tuple[str, ...], ...]:
    """Everyday words for one thing: a label whose name is one of them is meant by the others too."""
    lines = Path(__file__).with_name("meanings.txt").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split(", ")) for line in lines if not line.startswith("#"))


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a label in lower case: ``OTHER_PERSON`` and ``OtherPerson`` are two words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return tuple(re.findall(r"[^\W_]+", parted.casefold()))


def _plain(label: str) -> str:
    return "".join(filter(str.isalnum, label.casefold()))


def _plural(word: str) -> Iterator[str]:
    yield word + "s"
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh")):
        yield word + "es"
    if word.endswith("is"):
        yield word[:-2] + "es"


def _spoken(label: str) -> Iterator[str]:
    """A label's names, its own first, then by meaning."""
    own = " ".join(plain_words(label))
    yield own
    for group in _meanings():
        if own in group:
            yield from (name for name in group if name not in _TOO_COMMON)
    known = aliases()
    native = [*known.get(label, ()), *(n for n, others in known.items() if label in others)]
    names = (" ".join(plain_words(name)) for name in native)
    yield from (name for name in names if len(name) > 3 and name not in _TOO_COMMON)


@lru_cache(maxsize=64)
def label_words(labels: tuple[str, ...]) -> dict[tuple[str, ...], tuple[tuple[str, ...], bool]]:
    """Words that name labels, each with the labels it may mean and whether it is a plural.

    A word that is the name of a label means no other one.
    """
    found: dict[str, tuple[int, dict[str, None]]] = {}
    for label in labels:
        for rank, name in enumerate(dict.fromkeys(_spoken(label))):
            level = 0 if rank == 0 else 1
            best, meant = found.get(name, (level, {}))
            if level < best:
                best, meant = level, {}
            if level == best:
                meant[label] = None
            found[name] = (best, meant)
    singular = {tuple(name.split()): (tuple(meant), False) for name, (_, meant) in found.items() if name}
    several = {
        (*words[:-1], last): (meant, True)
        for words, (meant, _) in singular.items()
        for last in _plural(words[-1])
    }
    return {**several, **singular}


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
    near: dict[str, int] = {}
    for names, (meant, _) in label_words(tuple(labels)).items():
        name = " ".join(names)
        if len(names) == len(words) and name[0] == said[0]:
            distance = OSA.distance(said, name, score_cutoff=most)
            if distance <= most:
                for label in meant:
                    near[label] = min(distance, near.get(label, distance))
    best = min(near.values(), default=0)
    return tuple(label for label, distance in near.items() if distance == best)


def find_label(said: str, labels: Sequence[str]) -> str:
    """The one label meant by ``said``.

    Raises:
        InputError: None fits, or several do; the message lists them.
    """
    meant = labels_meant(said, labels)
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise InputError(f"label {said!r} could be {' or '.join(meant)}.", hint="Type more of it.")
    known = ", ".join(labels) if labels else "none"
    raise InputError(f"no label like {said!r}. Labels: {known}.", hint="Add one with `label NAME`.")
