"""The optional packs that are cut out of the MeSH trees: anatomy and procedures.

Purpose: ``maintain_medical.py`` calls this after the other packs. A descriptor belongs to a pack when one of
its tree numbers stands in the pack's trees and none in the trees that are left out. A string that another
pack holds stays with that pack, so that switching one of these on adds its label and takes none away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hybrid_ner.terms import Term, TermStatus, guess_mode
from hybrid_ner.terms.variants.forms import inverted
from hybrid_ner.text import fold

__all__ = ["TREE_PACKS", "TreePack", "tree_terms"]

SOURCE, WRITTEN = "MeSH 2024", "hybrid_ner common names"
OTHER_LABELS = ("C", "D", "F03")
"""Trees of diseases, chemicals and mental disorders."""


@dataclass(frozen=True, slots=True)
class TreePack:
    """What a pack is made of.

    Args:
        name: Of the pack and its file.
        label: Of every term.
        trees: Beginnings of the tree numbers that are in.
        without: Beginnings of tree numbers that keep a descriptor out.
    """

    name: str
    label: str
    trees: tuple[str, ...]
    without: tuple[str, ...]


TREE_PACKS = (
    TreePack(
        "anatomy",
        "Anatomy",
        # A13 and A18 to A21 are parts of other animals, plants, fungi, bacteria and viruses.
        (*(f"A{number:02}" for number in range(1, 13)), "A14", "A15", "A16", "A17"),
        # Cultured lines, cells of plants and bacteria, spores.
        ("A11.251", "A11.600", "A11.750", "A11.760", "A11.789", "A11.868", "A11.870", *OTHER_LABELS),
    ),
    TreePack(
        "procedures",
        "Procedure",
        ("E01.158", "E01.370", "E02", "E03", "E04", "E06", "F04.669", "F04.754"),
        # Ratings, protocols, schedules, errors, prescribing, placebos, phases of care, equipment; what is
        # measured rather than done (G) and health occupations (H02).
        (
            "E01.370.360", "E01.370.400", "E02.085", "E02.183", "E02.208", "E02.319.283", "E02.319.300",
            "E02.319.305", "E02.319.307", "E02.319.490", "E02.319.529", "E02.319.698", "E02.637",
            "E02.760.169", "E02.760.263", "E02.760.287", "E02.760.300", "E02.760.352", "E02.760.415",
            "E02.760.823", "E02.760.928", "E02.760.952", "E02.785", "E02.831.067", "E02.860", "E03.160",
            "E04.085", "E04.582", "E04.614", "E06.186", "E06.208", "E06.276", "E06.292", "E06.570",
            "E06.640", "E06.685", "E06.892",
            "E06.912", "E07", "F04.754.720", "G", "H02", *OTHER_LABELS,
        ),
    ),
)  # fmt: skip


def tree_terms(
    pack: TreePack,
    descriptors: Iterable[list[str]],
    written: Mapping[str, Sequence[str]],
    taken: Collection[str],
) -> Iterator[Term]:
    """The terms of a pack, once each.

    Args:
        pack: What to take.
        descriptors: Identifier, name, other names and tree numbers, the last two joined by bars.
        written: Identifier → names that MeSH lacks.
        taken: Folded strings that are not wanted: those of the other packs, and too general ones.
    """
    for identifier, name, others, numbers in descriptors:
        if not _belongs(pack, numbers.split("|")):
            continue
        own = (name, *filter(None, others.split("|")))
        known = {fold(text): text for text in reversed((*own, *written.get(identifier, ())))}
        for key, text in reversed(known.items()):
            turned_round = text != name and any(fold(other) in known for other in inverted(text))
            if key in taken or turned_round or len(text) < 2:
                continue
            mode = guess_mode(text)
            status: TermStatus = "synonym" if mode == "folded" else "abbreviation"
            status = "preferred" if text == name else status
            source = SOURCE if text in own else WRITTEN
            yield Term(text, pack.label, f"MESH:{identifier}", status, source, mode)


def _belongs(pack: TreePack, numbers: list[str]) -> bool:
    return any(number.startswith(pack.trees) for number in numbers) and not any(
        number.startswith(pack.without) for number in numbers
    )
