"""Questions that pages ask about a whole project, and how its labels appear to people.

A label has a name, a colour, a key and a definition, and may be hidden; the label itself, as documents and
exports have it, never changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import NO_REASON, WITHDRAWN
from hybrid_ner.review.store.labels import BY_PEOPLE, HIDDEN, LOOKS, human_name
from hybrid_ner.review.store.postings import occurrences, surface_key
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.projection import hide_suggestions
from hybrid_ner.review.store.ranking import rank_documents
from hybrid_ner.review.store.schema import (
    count_documents,
    counting,
    document,
    event,
    mention,
    of_project,
    position,
    reviewer,
    suggestion,
)
from hybrid_ner.text import excerpt, quantity

DIFFERING = ("model", "rule", "rule≠model", "split")
"""Marks of spans that not all see."""
MOST_DISAGREEMENTS, MOST_SURFACES = 200, 500
"""As many as a page shows, and as many as a search offers."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A span that not all systems see.

    Args:
        text: What stands there.
        votes: Sources with their labels and scores, as ``found_by`` of the page reads them.
        number: Of its mention in the document; 0 of a model that is not in use.
    """

    doc_id: str
    text: str
    label: str
    mark: str
    votes: str
    start: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a project is: documents, reviewed documents, decided spans by outcome."""

    documents: int
    reviewed: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Found:
    """Where a term stands in the project: counts, and samples of document id, excerpt, and place."""

    occurrences: int
    documents: int
    samples: tuple[tuple[str, str, tuple[int, int]], ...]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A document that was taken out of the project: its number, why, by whom, and when (ISO 8601, UTC)."""

    doc_id: str
    position: int
    reason: str
    reviewer: str
    at: str


def withdrawals(connection: sa.Connection, project_id: int) -> list[Withdrawal]:
    """The documents that are withdrawn now, in order."""
    columns = (document.c.doc_id, document.c.position, document.c.withdrawn, reviewer.c.name, event.c.at)
    query = counting(*columns).join(document, document.c.id == event.c.document_id)
    query = query.join(reviewer, reviewer.c.id == event.c.reviewer_id)
    out = (event.c.project_id == project_id, event.c.kind == WITHDRAWN, document.c.withdrawn.is_not(None))
    last = {row.doc_id: Withdrawal(*row) for row in connection.execute(query.where(*out))}
    return sorted(last.values(), key=lambda each: each.position)


def withdrawn_said(found: Sequence[Withdrawal]) -> str:
    """``3 documents are withdrawn (wrong patient 2, duplicate 1)``; empty for none."""
    if not found:
        return ""
    count = Counter(each.reason or NO_REASON for each in found)
    reasons = ", ".join(f"{reason} {n}" if len(count) > 1 else reason for reason, n in count.most_common())
    return f"{quantity(len(found), 'document is', 'documents are')} withdrawn ({reasons})"


def on_the_card(project: Project, reviewer_id: int) -> str:
    """Id of the document that a reviewer has open; empty before the first visit."""
    query = sa.select(document.c.doc_id).join(position, position.c.document_id == document.c.id)
    with project.read() as connection:
        return connection.scalar(query.where(position.c.reviewer_id == reviewer_id)) or ""


def never_suggested(project: Project) -> bool:
    """Whether there are documents, and no list, rule or model has read any of them."""
    query = sa.select(sa.func.count(), sa.func.count(document.c.run_id))
    with project.read() as connection:
        documents, read = connection.execute(query.where(of_project(project.id))).one()
    return bool(documents) and not read


def finished_documents(project: Project) -> int:
    """Documents that anybody has finished."""
    counted = sa.select(sa.func.count()).where(of_project(project.id), document.c.done_count > 0)
    with project.read() as connection:
        return int(connection.scalar(counted) or 0)


def standing(project: Project, by: str = "") -> Standing:
    """Counts over all reviewers; a document counts as reviewed when anybody has finished it.

    Args:
        by: A reviewer: spans are those that this person has decided, one place once.
    """
    mine: tuple[sa.ColumnElement[bool], ...] = (mention.c.project_id == project.id, BY_PEOPLE)
    if by:
        mine = (*mine, mention.c.reviewer_id == project.reviewer_id(by))
    decided = sa.select(mention.c.status, sa.func.count()).where(*mine)
    finished = sa.select(sa.func.count()).where(of_project(project.id), document.c.done_count > 0)
    with project.read() as connection:
        documents = count_documents(connection, project.id)
        reviewed = int(connection.scalar(finished) or 0)
        counts = {row[0]: int(row[1]) for row in connection.execute(decided.group_by(mention.c.status))}
    return Standing(documents, reviewed, counts.get("accepted", 0), counts.get("rejected", 0))


def disagreements(project: Project) -> list[Disagreement]:
    """Spans on which rules and the model in use differ, the least certain first; empty for one kind alone."""
    shown = (suggestion.c.project_id == project.id, suggestion.c.shown)
    with project.read() as connection:
        kinds = set(connection.scalars(sa.select(suggestion.c.mark).where(*shown).distinct()))
        if not any("model" in kind or kind == "split" for kind in kinds):
            return []
        query = (
            sa.select(suggestion, document.c.doc_id, document.c.text)
            .join(document, document.c.id == suggestion.c.document_id)
            .where(*shown, suggestion.c.mark.in_(DIFFERING))
            .order_by(sa.func.abs(suggestion.c.score - 0.5), document.c.position, suggestion.c.number)
            .limit(MOST_DISAGREEMENTS)
        )
        found = []
        for r in connection.execute(query):
            said = (r.text[r.start_char : r.end_char], r.label, r.mark, said_votes(r.detail.get("votes", ())))
            found.append(Disagreement(r.doc_id, *said, r.start_char, r.number))
        return found


def said_votes(votes: Iterable[Mapping[str, Any]]) -> str:
    """``gazetteer Part 1.00, model Drug 0.81``."""
    return ", ".join(f"{v['source']} {v['label']} {v['score']:.2f}" for v in votes)


def surface_counts(project: Project, texts: Sequence[str]) -> dict[str, int]:
    """How often each text is suggested now, by the text as given."""
    keys = {text: surface_key(text) for text in texts}
    s = suggestion.c
    query = sa.select(s.surface_key, sa.func.count()).where(s.project_id == project.id, s.shown)
    with project.read() as connection:
        rows = rows_in(connection, query.group_by(s.surface_key), s.surface_key, sorted(set(keys.values())))
    counts = {row[0]: int(row[1]) for row in rows}
    return {text: counts.get(key, 0) for text, key in keys.items()}


def top_surfaces(project: Project) -> list[str]:
    """Folded texts of the rules' suggestions shown now, the most frequent first."""
    count = sa.func.count()
    query = (
        sa.select(suggestion.c.surface_key)
        .where(suggestion.c.project_id == project.id, suggestion.c.shown, suggestion.c.mark != "model")
        .group_by(suggestion.c.surface_key)
        .order_by(count.desc(), suggestion.c.surface_key)
    )
    with project.read() as connection:
        return list(connection.scalars(query.limit(MOST_SURFACES)))


def find_term(project: Project, text: str, samples: int = 8) -> Found:
    """What a term would match in the documents of the project: whole words, folded alike."""
    total = ids = 0
    kept: list[tuple[int, str, tuple[int, int]]] = []
    with project.read() as connection:
        for number, whole, places in occurrences(connection, project.id, text):
            total, ids = total + len(places), ids + 1
            if len(kept) < samples:
                kept.append((number, excerpt(whole, *places[0]), places[0]))
        query = sa.select(document.c.id, document.c.doc_id).where(document.c.id.in_([n for n, *_ in kept]))
        names = {row[0]: row[1] for row in connection.execute(query)}
    return Found(total, ids, tuple((names[number], *rest) for number, *rest in kept))


def texts_of(connection: sa.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Texts of documents by row."""
    query = sa.select(document.c.id, document.c.text)
    return {row.id: row.text for row in rows_in(connection, query, document.c.id, sorted(set(ids)))}


COLOURS = ("blue", "orange", "green", "pink", "ochre", "sky", "violet", "grey")
"""In the order of the style sheet: told apart by people who are colour-blind too."""
LABEL_KEYS = "1234567890bdgimopqstuz"
"""Keys that no command has, in the order in which labels get them."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class LabelLook:
    """A label as it is shown.

    Args:
        label: As documents have it.
        name: For people.
        colour: One of ``COLOURS``.
        key: One of ``LABEL_KEYS``, or empty.
        definition: What the codebook says of it.
        hidden: It is not offered, and new suggestions of it are left out.
    """

    label: str
    name: str
    colour: str
    key: str = ""
    definition: str = ""
    hidden: bool = False


def meanings_of(domain: str) -> Mapping[str, str]:
    """What the labels of a subject mean, for people; nothing for a subject that is not installed here."""
    return DOMAINS.get(domain).meanings if domain in DOMAINS.names() else {}


def label_looks(project: Project) -> tuple[LabelLook, ...]:
    """Every label of a project, those that are used first, in key order."""
    settings = project.settings
    kept: Mapping[str, Mapping[str, str]] = settings.get(LOOKS, {})
    hidden = frozenset(settings.get(HIDDEN, ()))
    labels, book = project.labels, codebook_of(project)
    meanings = meanings_of(settings.get("domain", ""))
    # A label that is hidden keeps its key, which hands remember, as long as there are others.
    used = [look for label, look in kept.items() if label not in hidden]
    keys, all_keys, colours = (
        {look.get(name, "") for look in looked}
        for name, looked in (("key", used), ("key", kept.values()), ("colour", used))
    )
    free = iter(sorted((key for key in LABEL_KEYS if key not in keys), key=lambda key: key in all_keys))
    hues = cycle([hue for hue in COLOURS if hue not in colours] or COLOURS)
    looks = []
    for label in sorted(labels, key=lambda each: each in hidden):
        own = {**kept.get(label, {}), "definition": book.definition(label) or meanings.get(label, "")}
        if "key" not in own:
            own["key"] = "" if label in hidden else next(free, "")
        default = {"name": human_name(label), "colour": own.get("colour") or next(hues)}
        looks.append(LabelLook(label, **{**default, **own}, hidden=label in hidden))  # type: ignore[arg-type]
    return tuple(looks)


_QUOTED = r"“[^”]*”|`[^`]*`|\"[^\"]*\""
"""Words of documents and commands, which stay as they are."""


def with_names(text: str, looks: Iterable[LabelLook]) -> str:
    """An answer as the page shows it: ``22 “Immingham” GPE`` → ``22 “Immingham” Country or city``.

    What is quoted stays as it is, and so do names of files: ``ORG.txt``.
    """
    names = {look.label: look.name for look in looks if look.name != look.label}
    if not names:
        return text
    labels = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    found = re.compile(rf"{_QUOTED}|(?<![\w-])(?:{labels})(?![\w-]|\.\w)")
    return found.sub(lambda match: names.get(match[0], match[0]), text)


def keep_looks(project: Project, looks: Iterable[LabelLook]) -> None:
    """Keep how labels are shown; what they mean is kept by ``codebook`` lines.

    The suggestions of a label that is hidden do not wait any more; they come back with the label.

    Raises:
        InputError: Two labels of one key, an unknown key or colour, an empty or long name, or no label left.
    """
    looks = tuple(looks)
    _check(looks)
    values: dict[str, Any] = {
        LOOKS: {look.label: {"name": look.name, "colour": look.colour, "key": look.key} for look in looks},
        HIDDEN: [look.label for look in looks if look.hidden],
    }
    before = frozenset(project.settings.get(HIDDEN, ()))
    after = frozenset(values[HIDDEN])
    project.change_settings(values)
    if before != after:
        with project.alone() as connection:
            hide_suggestions(connection, project.id, after - before, before - after)
            rank_documents(connection, project.id)


def _check(looks: Sequence[LabelLook]) -> None:
    used: dict[str, str] = {}
    names: dict[str, str] = {}
    for look in looks:
        if not look.name.strip():
            raise InputError(f"label {look.label!r} has no name.", hint="Type one. Nothing changed.")
        if len(look.name) > _LONGEST_NAME:
            raise InputError(f"the name of {look.label!r} is longer than {_LONGEST_NAME} characters.")
        if look.colour not in COLOURS:
            raise InputError(f"{look.colour!r} is no colour.", hint=f"Use one of {', '.join(COLOURS)}.")
        if look.hidden:
            continue
        name = look.name.strip().casefold()
        if (other := names.setdefault(name, look.label)) != look.label:
            raise InputError(
                f"{look.label!r} and {other!r} would have the same name {look.name.strip()!r}.",
                hint="Join the two labels, or choose another name. Nothing changed.",
            )
        if not look.key:
            continue
        if look.key not in LABEL_KEYS:
            raise InputError(
                f"{look.key!r} is no key of a label.", hint=f"Free ones: {' '.join(LABEL_KEYS)}."
            )
        if look.key in used:
            raise InputError(
                f"{look.label!r} and {used[look.key]!r} have the same key {look.key!r}.",
                hint="Change one of them. Nothing changed.",
            )
        used[look.key] = look.label
    if looks and all(look.hidden for look in looks):
        raise InputError("no label would be left.", hint="Keep at least one. Nothing changed.")
