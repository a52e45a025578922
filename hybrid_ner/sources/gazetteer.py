"""The gazetteer as a labeling source."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.io import paused_gc
from hybrid_ner.matching import GazetteerMatcher, Match
from hybrid_ner.matching.compiled import Compiled, CompiledGazetteer, checksum, load_gazetteer
from hybrid_ner.matching.match import Evidence, Fuzzy, FuzzyMode
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.variants import is_verb, with_own_variants
from hybrid_ner.words import SHIPPED, load_words

# The terms of a pipeline that was saved before they were compiled: every field of every row, gzipped.

_FIELDS = tuple(field.name for field in fields(Term))
_HEADER = "\t".join(_FIELDS)


@paused_gc()
def unpack_terms(data: bytes, path: str = "terms") -> Gazetteer:
    """The gazetteer of such rows.

    Args:
        data: The packed rows.
        path: What an error calls them.

    Raises:
        CompiledFileError: Foreign or truncated data.
    """
    try:
        with gzip.open(io.BytesIO(data), "rt", encoding="utf-8", newline="\n") as lines:
            header, _, count = next(lines, "").rstrip("\n").rpartition("\t")
            if header != _HEADER:
                raise CompiledFileError(
                    f"{path}: not the terms of a saved pipeline. Save the pipeline again."
                )
            terms = tuple(_term(line.rstrip("\n")) for line in lines)
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise CompiledFileError(f"{path}: unreadable terms ({error}). Save the pipeline again.") from error
    if str(len(terms)) != count:
        raise CompiledFileError(
            f"{path}: {len(terms)} terms, {count} expected: truncated. Save the pipeline again."
        )
    return Gazetteer(terms)


def _term(line: str) -> Term:
    values: list[Any] = line.split("\t")
    if "\\" in line:
        values = [_unescape(value) for value in values]
    row = _FIELDS.index("row")
    values[row] = int(values[row])
    return Term(*values)


def _unescape(value: str) -> str:
    out, rest = [], iter(value)
    for char in rest:
        out.append(
            {"t": "\t", "n": "\n", "r": "\r"}.get(follow := next(rest, ""), follow) if char == "\\" else char
        )
    return "".join(out)


TERMS, OLD_TERMS = "terms.gaz", "terms.tsv.gz"
"""Files of the terms of a saved component: compiled, and as earlier versions wrote them."""
_GZIP = b"\x1f\x8b"


class GazetteerSource:
    """Votes for every term of a gazetteer that the text holds as whole words.

    Args:
        gazetteer: Terms with match modes.
        name: Name of the source and of its span group.
        fuzzy: Whether near matches are looked for, and whether they vote or are only suggested.
        variants: Whether to look for other forms of the terms that no shipped list has, too.
    """

    reads_view: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = True

    def __init__(
        self,
        gazetteer: Gazetteer,
        name: str = "gazetteer",
        fuzzy: Fuzzy | FuzzyMode = "off",
        variants: bool = False,
    ) -> None:
        self.gazetteer = gazetteer
        self.name = name
        self.fuzzy = Fuzzy.of(fuzzy)
        self.variants = variants

    @cached_property
    def matcher(self) -> GazetteerMatcher:
        """Built when it is first asked for, since a domain's source may be given other settings first."""
        return self.matcher_of()

    def matcher_of(self, *, every_label: bool = False) -> GazetteerMatcher:
        """A matcher with this source's settings; ``every_label`` keeps all labels of an ambiguous string."""
        words = known_words() if self.fuzzy.is_on else None
        terms = self.gazetteer
        if isinstance(terms, CompiledGazetteer) and not terms.serves(variants=self.variants):
            terms = Gazetteer(terms.terms, terms.parents, terms.name)  # compiled for another setting
        if self.variants and not isinstance(terms, CompiledGazetteer):
            terms = with_own_variants(terms)
        return GazetteerMatcher(terms, every_label=every_label, fuzzy=self.fuzzy, common_words=words)

    def compiled(self) -> Compiled:
        """What a saved pipeline keeps of it."""
        return self.matcher.compiled(self.gazetteer if self.variants else None)

    def __repr__(self) -> str:
        return f"GazetteerSource({self.gazetteer!r}, name={self.name!r})"

    def __call__(self, doc: Doc) -> list[Match]:
        """The longest matches, and the near matches that vote."""
        return self.nouns(doc.text, self.matcher.match(doc.text))

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """For each text the matches that vote, and the near matches that are only suggested."""
        for text, (found, near) in zip(texts, self.matcher.match_apart(texts), strict=True):
            yield self.nouns(text, found), near

    def nouns(self, text: str, found: list[Match]) -> list[Match]:
        """Matches without variants of a term that are verbs where they stand ("Borrower warrants that")."""
        if not self.variants:
            return found
        verbs = {m[:2] for m in found if _is_made(m[5]) and is_verb(text, m[0], m[1])}
        return [m for m in found if m[:2] not in verbs] if verbs else found

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold; the terms are kept apart."""
        fuzzy = {"fuzzy": self.fuzzy.as_dict()} if self.fuzzy.is_on else {}
        return {"name": self.name, **fuzzy, **({"variants": True} if self.variants else {})}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], gazetteer: Gazetteer | None) -> GazetteerSource:
        """The source that ``to_state`` described, over a gazetteer."""
        fuzzy = Fuzzy.restore(state.get("fuzzy", {}))
        variants = bool(state.get("variants", False))
        source = cls(gazetteer or Gazetteer(), str(state["name"]), fuzzy, variants)
        _ = source.matcher  # now, not with the first text
        return source


def compiled_terms(gazetteer: Gazetteer, sources: Iterable[Any]) -> Compiled:
    """The terms that sources share, as a saved pipeline keeps them."""
    for source in sources:
        if isinstance(source, GazetteerSource) and source.gazetteer is gazetteer:
            return source.compiled()
    return GazetteerMatcher(gazetteer).compiled()


def find_terms(folder: Path) -> Path | None:
    """The file of terms in the folder of a saved component."""
    return next((file for name in (TERMS, OLD_TERMS) if (file := folder / name).is_file()), None)


def read_terms(given: Path | bytes, known: Iterable[Any] = ()) -> Gazetteer:
    """The terms of a saved component.

    Args:
        given: Their file, or its content.
        known: Gazetteers that are open already: one with the same content is given again.

    Raises:
        CompiledFileError: Foreign or damaged content.
    """
    is_old = _starts(given) == _GZIP
    data = b"" if not is_old else given if isinstance(given, bytes) else given.read_bytes()
    content = sha256(data).hexdigest() if is_old else checksum(given)
    for other in known:
        if getattr(other, "sha256", None) == content:
            return other  # type: ignore[no-any-return]
    if not is_old:
        return load_gazetteer(given)
    opened = unpack_terms(data, "terms" if isinstance(given, bytes) else str(given))
    object.__setattr__(opened, "sha256", content)
    return opened


def _starts(given: Path | bytes) -> bytes:
    if isinstance(given, bytes):
        return given[:2]
    with given.open("rb") as file:
        return file.read(2)


def _is_made(why: Evidence | None) -> bool:
    """Whether it is another form of its term, or "tenants act" for the "Tenants Act"."""
    if why is None or why.method == "variant":
        return why is not None
    return why.reference.endswith("s Act") and why.surface.islower()


@cache
def known_words() -> frozenset[str]:
    """What is no misspelling: English words, and those that the shipped medical and legal texts keep using.

    A dictionary lacks the words of a trade ("nociception", "microg", "ANOVA"), and one edit away from each of
    them some term is easily found: on clean abstracts that was most of what near matches got wrong.
    """
    used = (word for name in SHIPPED for word in load_words(name).words if word.isascii() and word.isalpha())
    return english_words() | frozenset(used)
