"""The gazetteers that come with the package.

``packs.tsv`` in the folder of a domain's terms lists its packs: ``pack file default note``. A pack is a
tab-separated file, gzipped or plain, with the header ``term label concept_id status mode source``.
``parents.tsv.gz`` beside it, where there is one, holds ``concept_id parents`` with the parents separated
by a space. Without a list of packs every term file of the folder is a default pack.

Wherever a term file is asked for, ``<domain>/<pack>`` (``medical/anatomy``) names a pack; that is how the
packs that are not loaded by default are switched on.

Beside the packs ``concepts/crosswalk.tsv.gz`` says which ids of several vocabularies mean the same, each with
who says so (``concept_id same source``), ``concepts/names.tsv.gz`` holds names that serve to find ids alone:
they are never matched in text.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from sys import intern
from typing import TextIO, cast

from hybrid_ner.errors import InputError, TermError, wrong_kind
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer, MatchMode, Term, TermStatus
from hybrid_ner.text import brief

COLUMNS = ("term", "label", "concept_id", "status", "mode", "source")
"""Header of every shipped gazetteer file."""
PARENTS = "parents.tsv.gz"


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of a domain's gazetteers."""

    name: str
    path: Path
    default: bool
    note: str


def shipped_packs(domain: str) -> tuple[Pack, ...]:
    """The packs of a domain, in order of priority.

    Raises:
        InputError: No such domain, or a broken list of packs.
    """
    folder = _folder(domain)
    listing = folder / "packs.tsv"
    if not listing.exists():
        files = sorted(path for path in folder.iterdir() if path.name.endswith((".tsv", ".tsv.gz")))
        return tuple(Pack(path.name.split(".")[0], path, True, "") for path in files)
    packs = []
    for row, (name, file, default, note) in table_rows(listing, ("pack", "file", "default", "note")):
        if default not in {"yes", "no"}:
            raise InputError(f"default must be yes or no, found {default!r}.", path=listing, row=row)
        packs.append(Pack(name, folder / file, default == "yes", note))
    return tuple(packs)


def pack_domains() -> tuple[str, ...]:
    """Domains that bring terms."""
    return tuple(name for name, domain in DOMAINS.all() if domain.terms is not None)


def names_of_lists() -> Iterator[str]:
    """Names that stand for shipped lists wherever a term file is asked for."""
    for domain in pack_domains():
        yield domain
        yield from (f"{domain}/{pack.name}" for pack in shipped_packs(domain))


def names_of_packs(path: Path) -> frozenset[str]:
    """File names that a list of one's own must not be known by: those of packs, unless ``path`` is one.

    What a term's file says decides whether its list is a shipped one, and ``cities.tsv`` is a likely name.
    """
    packs = [pack.path for domain in pack_domains() for pack in shipped_packs(domain)]
    return frozenset() if path in packs else frozenset(pack.name for pack in packs)


@cache
def is_shipped(file: str) -> bool:
    """Whether a term's file is a shipped list."""
    return file in names_of_packs(Path())


def _folder(domain: str) -> Path:
    folder = DOMAINS.get(domain).terms if domain in DOMAINS else None
    if folder is None:
        hint = f"Use one of {', '.join(pack_domains())}."
        raise InputError(f"no terms are shipped for {domain!r}.", hint=hint)
    return folder


def find_pack(name: str) -> Path | None:
    """File of the pack that ``domain/pack`` names; ``None`` for what is no such name.

    Raises:
        InputError: The domain is shipped, but has no such pack.
    """
    domain, slash, pack = name.partition("/")
    if not slash or not domain.isidentifier() or "/" in pack or "." in pack or Path(name).exists():
        return None
    try:
        packs = shipped_packs(domain)
    except InputError:
        return None
    return _chosen(domain, packs, [pack])[0].path


def _chosen(domain: str, packs: Sequence[Pack], names: Sequence[str]) -> list[Pack]:
    known = {pack.name: pack for pack in packs}
    for name in names:
        if name not in known:
            hint = f"Use any of {', '.join(known)}."
            raise InputError(f"the {domain} gazetteers have no pack {name!r}.", hint=hint)
    return [known[name] for name in names]


def load_shipped(domain: str, packs: Sequence[str] | None = None, parents: bool = True) -> Gazetteer:
    """The shipped gazetteer of a domain.

    Args:
        domain: A domain that brings terms, for example ``medical``.
        packs: Names of packs in order of priority; the default packs when ``None``.
        parents: Whether to read the concept hierarchy too.

    Raises:
        InputError: An unknown domain or pack.
    """
    known = shipped_packs(domain)
    wanted = [pack for pack in known if pack.default] if packs is None else _chosen(domain, known, packs)
    terms = [term for pack in wanted for term in read_pack(pack.path)]
    hierarchy = load_parents(domain) if parents else {}
    return Gazetteer(tuple(terms), hierarchy, domain)


def read_pack(path: Path) -> Iterator[Term]:
    """The terms of one file in the shipped format, each with its file and row.

    Raises:
        TermError: A row that is no term.
    """
    file = path.name
    for row, fields in pack_rows(path):
        text, *shared = fields
        label, concept, status, mode, source = map(intern, shared)  # kept once, not once a row
        kind, how = cast(TermStatus, status), cast(MatchMode, mode)
        yield Term(text, label, concept, kind, source, how, file, row)


def pack_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Row number and the values of ``COLUMNS``; of a list of one's own ``term`` and ``label`` are enough.

    Raises:
        TermError: Other columns, or a row of another width.
    """
    with _open(path) as lines:
        named = _stripped(next(lines, "")).split("\t")
    if tuple(named) == COLUMNS or not {"term", "label"} <= set(named) <= set(COLUMNS):
        yield from table_rows(path, COLUMNS)
        return
    for row, fields in table_rows(path, named):
        given = _ELSE | dict(zip(named, fields, strict=True))
        yield row, [given[name] for name in COLUMNS]


_ELSE = {"concept_id": "", "status": "preferred", "mode": "folded", "source": ""}
"""What stands for a column that a list does not have."""


def _stripped(line: str) -> str:
    """A line without its end and the mark of its encoding, as spreadsheets write them."""
    return line.removeprefix("\ufeff").rstrip("\r\n")


def load_parents(domain: str) -> dict[str, tuple[str, ...]]:
    """Concept id → ids of its parents; empty where the domain ships no hierarchy."""
    return dict(_hierarchy(_folder(domain) / PARENTS))


def parents_shipped_in(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """As ``load_parents``, of the domain whose lists stand in a folder; empty where those of none do."""
    ships = any(_folder(domain).resolve() == folder for domain in pack_domains())
    return _hierarchy(folder / PARENTS) if ships else {}


@lru_cache(maxsize=2)
def _hierarchy(path: Path) -> Mapping[str, tuple[str, ...]]:
    """What a command that names several packs reads once: that of MeSH has 180,000 rows."""
    if not path.exists():
        return {}
    rows = table_rows(path, ("concept_id", "parents"))
    return {concept: tuple(ids.split(" ")) for _, (concept, ids) in rows}


def origin_of(domain: str, term: Term) -> tuple[str, str]:
    """What the file of a term is made from, and its licence, where the term is of a shipped list.

    Args:
        domain: Domain of the pipeline that holds the term.
        term: One with file and row. A list of one's own may have the name of a shipped file, so the row is
            looked up.
    """
    known = pack_domains() if term.file and term.row else ()
    for name in sorted(known, key=lambda name: name != domain):
        path = _folder(name) / term.file
        if path.is_file():
            with _open(path) as lines:
                line = next(islice(lines, term.row - 1, None), "")
            if line.rstrip("\r\n").split("\t")[:2] == [term.text, term.label]:
                return _said_of(name, term.file)
    return "", ""


def _said_of(domain: str, file: str) -> tuple[str, str]:
    """Origin and licence from the table of ``SOURCES.md``, or of the domain's own ``README.md``."""
    place = _folder(domain).parent
    for said in (place / "SOURCES.md", place / "README.md"):
        section = ""
        for line in said.read_text(encoding="utf-8").splitlines() if said.is_file() else ():
            section = line if line.startswith("## ") else section
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] == f"`{file}`" and (said.name == "README.md" or f"`{domain}/`" in section):
                return cells[1], cells[-1]
    return "", ""


def table_rows(path: Path, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of a tab-separated file, gzipped or plain.

    Raises:
        TermError: Another header, or a row of another width.
    """
    width = len(header)
    with _open(path) as lines:
        found = _stripped(next(lines, ""))
        if found != "\t".join(header):
            raise TermError(f"expected the header {' '.join(header)!r}, found {found!r}.", path=path, row=1)
        for row, line in enumerate(lines, 2):
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) != width:
                raise TermError(f"expected {width} columns, found {len(fields)}.", path=path, row=row)
            yield row, fields


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


CROSSWALK, NAMES = "crosswalk.tsv.gz", "names.tsv.gz"
VOCABULARIES = ("mesh", "omim", "doid", "mondo", "drugbank", "chebi", "icd10cm")
_STEPS = 2
"""DRUGBANK → CHEBI → MESH is trusted; a third step leads from a disease to its neighbours."""


@dataclass(frozen=True, slots=True)
class Same:
    """A concept that means the same as another.

    Args:
        steps: Links between the two; 0 for the concept itself.
        source: Who states the links, in order.
    """

    concept: str
    steps: int = 0
    source: str = ""


class Crosswalk:
    """Links between ids (one, another, and who says so), read in both directions."""

    def __init__(self, links: Iterable[tuple[str, str, str]] = ()) -> None:
        self._links: dict[str, dict[str, str]] = {}
        for one, other, source in links:
            self._links.setdefault(one, {}).setdefault(other, source)
            self._links.setdefault(other, {}).setdefault(one, source)

    __repr__ = brief

    def __len__(self) -> int:
        return len(self._links)

    def to(self, concept: str, vocabularies: Iterable[str]) -> list[Same]:
        """What a concept is called in the first of the vocabularies that has it, the nearest first."""
        near = self._near(concept)
        for vocabulary in vocabularies:
            if found := [each for each in near if vocabulary_of(each.concept) == vocabulary]:
                return [each for each in found if each.steps == found[0].steps]
        return []

    def _near(self, concept: str) -> list[Same]:
        seen = {concept: Same(concept)}
        edge = [concept]
        for steps in range(1, _STEPS + 1):
            further = []
            for one in edge:
                for other, source in self._links.get(one, {}).items():
                    if other not in seen:
                        before = f"{seen[one].source}, " if seen[one].source else ""
                        seen[other] = Same(other, steps, before + source)
                        further.append(other)
            edge = further
        return list(seen.values())


def vocabulary_of(concept: str) -> str:
    """Name of the vocabulary of an id: what stands before the colon, in small letters."""
    return concept.partition(":")[0].lower() if ":" in concept else ""


@cache
def _prefix(heading: str) -> str:
    words = heading.lower().replace("-", "").replace("_", " ").split()
    return next((f"{name.upper()}:" for name in VOCABULARIES if words[:1] == [name] and len(words) < 3), "")


def in_vocabulary(code: str, heading: str) -> str:
    """An id as the crosswalks have it: "D007251" of a column "MeSH" or "MeSH ID" is ``MESH:D007251``."""
    return code if ":" in code else f"{_prefix(heading)}{code}"


def parse_ids(given: str) -> tuple[str, ...]:
    """Vocabularies from a list with commas, in order of preference; empty for ``lists``.

    Raises:
        InputError: An unknown vocabulary.
    """
    if not isinstance(given, str):
        raise wrong_kind("names of vocabularies", given, 'Give them in one text: "mesh,omim".')
    names = tuple(dict.fromkeys(filter(None, (name.strip().lower() for name in given.split(",")))))
    if names in ((), ("lists",)):
        return ()
    if unknown := next((name for name in names if name not in VOCABULARIES), ""):
        known = ", ".join(VOCABULARIES)
        hint = f"Use {known}, several separated by commas, or lists for the ids that term lists give."
        raise InputError(f"no vocabulary {unknown!r} to give ids of.", hint=hint)
    return names


@cache
def load_crosswalk(domain: str) -> Crosswalk:
    """The crosswalk that a domain ships; empty where it ships none."""
    path = concepts_folder(domain) / CROSSWALK
    rows = table_rows(path, ("concept_id", "same", "source")) if path.is_file() else ()
    return Crosswalk((one, other, source) for _, (one, other, source) in rows)


def concept_names(domain: str) -> Iterator[Term]:
    """The names that serve to find ids alone, as terms that are never matched."""
    path, columns = concepts_folder(domain) / NAMES, ("name", "label", "concept_id", "status", "source")
    for row, (name, label, concept, status, source) in table_rows(path, columns) if path.is_file() else ():
        yield Term(name, label, concept, cast(TermStatus, status), source, file=NAMES, row=row)


def concepts_folder(domain: str) -> Path:
    """Where a domain keeps what ids need; it need not exist."""
    folder = DOMAINS.get(domain).terms if domain in DOMAINS else None
    return (folder or Path("no-terms")) / "concepts"
