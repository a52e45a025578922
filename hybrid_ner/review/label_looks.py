"""How labels appear to people: a name, a colour, a key, a definition, and whether they are used at all.

The label itself, as documents and exports have it, never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.labels import HIDDEN, LOOKS, plain_words
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.schema import project as project_table

__all__ = ["COLOURS", "HIDDEN", "LABEL_KEYS", "LabelLook", "human_name", "keep_looks", "label_looks"]

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


def human_name(label: str) -> str:
    """``OTHER_PERSON`` → ``Other person``, ``ORG`` → ``Organisation``; other short ones stay: ``VTE``."""
    if label in _SPELLED_OUT:
        return _SPELLED_OUT[label]
    words = plain_words(label)
    if len(words) < 2 and (len(label) <= 3 or not label.isupper()):
        return label
    return " ".join(words).capitalize()


def label_looks(project: Project) -> tuple[LabelLook, ...]:
    """Every label of a project, those that are used first, in key order."""
    settings = project.settings
    kept: Mapping[str, Mapping[str, str]] = settings.get(LOOKS, {})
    hidden = frozenset(settings.get(HIDDEN, ()))
    labels, book = project.labels, codebook_of(project)
    taken = {look.get("key", "") for label, look in kept.items() if label not in hidden}
    free = iter([key for key in LABEL_KEYS if key not in taken])
    looks = []
    for place, label in enumerate(sorted(labels, key=lambda each: each in hidden)):
        own = {**kept.get(label, {}), "definition": book.definition(label)}
        if "key" not in own:
            own["key"] = "" if label in hidden else next(free, "")
        default = {"name": human_name(label), "colour": COLOURS[place % len(COLOURS)]}
        looks.append(LabelLook(label, **{**default, **own}, hidden=label in hidden))  # type: ignore[arg-type]
    return tuple(looks)


def keep_looks(project: Project, looks: Iterable[LabelLook]) -> None:
    """Keep how labels are shown; what they mean is kept by ``codebook`` lines.

    Raises:
        InputError: Two labels of one key, an unknown key or colour, an empty or long name, or no label left.
    """
    looks = tuple(looks)
    _check(looks)
    values: dict[str, Any] = {
        LOOKS: {look.label: _plain(look) for look in looks},
        HIDDEN: [look.label for look in looks if look.hidden],
    }
    with project.alone() as connection:
        where = project_table.c.id == project.id
        now = connection.scalar(sa.select(project_table.c.settings).where(where)) or {}
        connection.execute(project_table.update().where(where).values(settings={**now, **values}))


def _plain(look: LabelLook) -> dict[str, str]:
    kept = asdict(look)
    return {name: kept[name] for name in ("name", "colour", "key")}


def _check(looks: Sequence[LabelLook]) -> None:
    used: dict[str, str] = {}
    for look in looks:
        if not look.name.strip():
            raise InputError(f"label {look.label!r} has no name.", hint="Type one. Nothing changed.")
        if len(look.name) > _LONGEST_NAME:
            raise InputError(f"the name of {look.label!r} is longer than {_LONGEST_NAME} characters.")
        if look.colour not in COLOURS:
            raise InputError(f"{look.colour!r} is no colour.", hint=f"Use one of {', '.join(COLOURS)}.")
        if not look.key or look.hidden:
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
