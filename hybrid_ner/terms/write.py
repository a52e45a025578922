"""Write a gazetteer: in the format of this package, or for other programs (CSV, SKOS, EntityRuler).

The format of this package is written whole or not at all, the same bytes for the same rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from hybrid_ner.errors import InputError, TermError
from hybrid_ner.io import write_text
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.readers import Reading
from hybrid_ner.terms.shipped import COLUMNS
from hybrid_ner.text import guarded

VARIANT_COLUMNS = (*COLUMNS, "parent", "rule")
"""Header where some terms are generated variants."""


def write_gazetteer(gazetteer: Gazetteer, path: str | Path) -> None:
    """Write ``path`` (gzipped where it ends in ``.gz``) and, if there is a hierarchy, the parents beside it.

    Raises:
        TermError: A text that the format cannot hold.
    """
    path = Path(path)
    variants = any(term.rule for term in gazetteer.terms)
    write_terms(gazetteer.terms, path, variants)
    _write_parents(gazetteer.parents, path)


def write_terms(terms: Iterable[Term], path: str | Path, variants: bool = False) -> int:
    """Write terms as they come, without holding them; returns how many.

    Args:
        path: The file; replaced only when all terms are written.
        variants: Whether to write the columns ``parent`` and ``rule`` too.
    """
    return _write(Path(path), _lines(terms, variants)) - 1


def write_reading(reading: Reading, path: str | Path) -> int:
    """Write the terms of a file as they are read, then the parents; returns how many terms.

    Raises:
        InputError: A bad row, or no term at all; nothing is written then.
    """
    path = Path(path)
    count = write_terms(reading.some(), path, reading.holds_variants)
    _write_parents(reading.parents, path)
    return count


def parents_path(path: Path) -> Path:
    """Where the parents of a gazetteer file stand: ``x.tsv.gz`` → ``x.parents.tsv.gz``."""
    zipped = ".gz" if path.name.endswith(".gz") else ""
    stem = path.name.removesuffix(".gz").removesuffix(".tsv")
    return path.with_name(f"{stem}.parents.tsv{zipped}")


_cells = attrgetter("text", "label", "concept_id", "status", "mode", "source")
"""What stands under ``COLUMNS``."""


def _lines(terms: Iterable[Term], variants: bool) -> Iterator[str]:
    yield "\t".join(VARIANT_COLUMNS if variants else COLUMNS)
    for term in terms:
        cells = [*_cells(term), term.parent, term.rule] if variants else [*_cells(term)]
        line = "\t".join(map(guarded, cells))
        if line.count("\t") != len(cells) - 1 or "\n" in line or "\r" in line:
            problem = f"term {term.text!r} holds a tab or a line break."
            hint = "Remove it from the term, label, id or source."
            raise TermError(problem, path=term.file or None, row=term.row or None, hint=hint)
        yield line


def _write_parents(parents: Mapping[str, tuple[str, ...]], path: Path) -> None:
    beside = parents_path(path)
    if parents:
        rows = (f"{guarded(child)}\t{guarded(' '.join(parents[child]))}" for child in sorted(parents))
        _write(beside, chain(["concept_id\tparents"], rows))
    else:
        beside.unlink(missing_ok=True)


def _write(path: Path, lines: Iterable[str]) -> int:
    if not path.parent.is_dir():
        raise InputError("its folder does not exist.", path=path, hint="Make the folder, or give another.")
    count = 0
    with write_text(path) as handle:
        for line in lines:
            handle.write(f"{line}\n")
            count += 1
    return count


# Gazetteers for other programs: CSV, SKOS (Turtle) and patterns of spaCy's EntityRuler.


def is_gazetteer(path: Path) -> bool:
    """Whether the name is that of the format of this package, not of a list for another program."""
    return path.name.endswith((".tsv", ".tsv.gz"))


def export_gazetteer(gazetteer: Gazetteer, path: Path) -> list[str]:
    """Write a gazetteer in the form that the ending of the path names, whole or not at all.

    Returns:
        What the form cannot hold, counted.
    """
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    lines, lost = EXPORTS[f".{ending}"]
    with write_text(path) as handle:
        handle.writelines(lines(gazetteer))
    return lost(gazetteer)


def _csv(gazetteer: Gazetteer) -> Iterator[str]:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow((*COLUMNS, "parents"))
    for term in gazetteer.terms:
        parents = "|".join(gazetteer.parents.get(term.concept_id, ())) if term.status == "preferred" else ""
        table.writerow(map(guarded, (*_cells(term), parents)))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _csv_lost(gazetteer: Gazetteer) -> list[str]:
    variants = sum(bool(term.rule) for term in gazetteer.terms)
    return [f"rule and origin of {variants:,} variants"] if variants else []


_LOCAL = "urn:hybrid-ner:"


def _skos(gazetteer: Gazetteer) -> Iterator[str]:
    """Concepts in the order of their first terms; the label is the scheme, the source a note."""
    yield "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n"
    for label in gazetteer.labels:
        yield f"<{_scheme(label)}> a skos:ConceptScheme ; skos:prefLabel {_literal(label)} .\n"
    concepts: dict[tuple[str, str], list[Term]] = {}
    for term in gazetteer.terms:
        # A term without a concept is one of its own.
        key = term.concept_id or f"{_LOCAL}{quote(term.text, safe='')}"
        concepts.setdefault((key, term.label), []).append(term)
    for (concept, label), terms in concepts.items():
        said = [f"    skos:inScheme <{_scheme(label)}>"]
        preferred = next((term for term in terms if term.status == "preferred"), None)
        for term in terms:  # a concept has one preferred label in a language
            other = "hiddenLabel" if term.status == "variant" else "altLabel"
            said.append(f"    skos:{'prefLabel' if term is preferred else other} {_literal(term.text)}")
        said += [f"    skos:broader <{_address(parent)}>" for parent in gazetteer.parents.get(concept, ())]
        if _address(concept) != concept:
            said.append(f"    skos:notation {_literal(concept)}")
        yield f"<{_address(concept)}> a skos:Concept ;\n" + " ;\n".join(said) + " .\n"


def _scheme(label: str) -> str:
    return f"{_LOCAL}scheme/{quote(label, safe='')}"


def _address(concept: str) -> str:
    """An address that stands for a concept: itself where it is one."""
    is_address = concept.startswith(("http://", "https://", "urn:")) and not set(concept) & set('<>"{}|^`\\ ')
    return concept if is_address else f"{_LOCAL}{quote(concept, safe=':')}"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _skos_lost(gazetteer: Gazetteer) -> list[str]:
    lost = {
        "match modes": sum(term.mode != "folded" for term in gazetteer.terms),
        "sources": sum(bool(term.source) for term in gazetteer.terms),
        "statuses (abbreviation, brand)": sum(t.status in ("abbreviation", "brand") for t in gazetteer.terms),
    }
    return [f"{name} of {count:,} terms" for name, count in lost.items() if count]


def _patterns(gazetteer: Gazetteer) -> Iterator[str]:
    """Token patterns: in any case by ``LOWER``, in exact letters by ``ORTH``."""
    from hybrid_ner.text.tokenizer import blank

    nlp = blank()
    for term in gazetteer.terms:
        words = [token.text for token in nlp.make_doc(term.text) if not token.is_space]
        folded = term.mode == "folded"
        pattern = [{"LOWER": word.lower()} if folded else {"ORTH": word} for word in words]
        row: dict[str, Any] = {"label": term.label, "pattern": pattern}
        row |= {"id": term.concept_id} if term.concept_id else {}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _patterns_lost(gazetteer: Gazetteer) -> list[str]:
    lost = [f"status and source of {len(gazetteer):,} terms"]
    defined = sum(term.mode == "defined" for term in gazetteer.terms)
    if defined:
        lost.append(f"that {defined:,} terms match only where the text defines them")
    return lost + ([f"parents of {len(gazetteer.parents):,} concepts"] if gazetteer.parents else [])


_Export = tuple[Callable[[Gazetteer], Iterator[str]], Callable[[Gazetteer], list[str]]]

EXPORTS: Mapping[str, _Export] = MappingProxyType(
    {".csv": (_csv, _csv_lost), ".ttl": (_skos, _skos_lost), ".jsonl": (_patterns, _patterns_lost)}
)
"""Ending → what writes it, and what it cannot hold."""
