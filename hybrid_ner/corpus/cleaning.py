"""Steps that mend the texts of a corpus, annotations moving with them, and one name for each label."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType

from hybrid_ner.corpus.document import PAGE_STARTS, Document, Entity, named, page_starts
from hybrid_ner.errors import InputError
from hybrid_ner.io import Place, Problem, Report, fail
from hybrid_ner.registry import DOMAINS
from hybrid_ner.text.offsets import BROKEN_WORD, Edit, OffsetMap, apply_edits

Step = Callable[[str], Iterator[Edit]]
"""The edits a step wants on a text, in order."""

# What the bytes 0x80-0xBF look like when UTF-8 is read as Windows-1252 (undefined ones as Latin-1).
_CONTINUATION = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0)
) + "".join(map(chr, range(0x80, 0xA0)))
_BYTES = {chr(byte): byte for byte in range(0x100)} | {
    char: byte for byte in range(0x80, 0x100) if (char := bytes([byte]).decode("cp1252", "ignore"))
}
_MOJIBAKE = re.compile(f"[ÂÃÄÅÎÏ][{_CONTINUATION}]|[âï][{_CONTINUATION}]{{2}}|ð[{_CONTINUATION}]{{3}}")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINE_BREAK = re.compile("\r\n?|[\u2028\u2029\x85\v\f]")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_SOFT_HYPHEN = re.compile("\u00ad")
_ODD_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_RUN = re.compile(r"(?<=\S)[ \t]+(?=\n)|(?<= )[ \t]+|(?<=\n\n)\n+")
_WRAP = re.compile(r"(?<=[^\W\d_,;])[ \t]*\n[ \t]*(?=[a-z(])")
_LIGATURE = re.compile("[ﬀ-ﬆ]")
_STRAIGHT = str.maketrans("‘’‚‛“”„‟«»", "''''" + '"' * 6)
_QUOTE = re.compile("[‘’‚‛“”„‟«»]")
_COMBINING = re.compile(r".[\u0300-\u036f]+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")


def _mend(pattern: re.Pattern[str], mended: str | Callable[[str], str], text: str) -> Iterator[Edit]:
    """What is found and mended into something else."""
    for match in pattern.finditer(text):
        if (new := mended if isinstance(mended, str) else mended(match[0])) != match[0]:
            yield Edit(match.start(), match.end(), new)


def _decoded(found: str) -> str:
    try:
        return bytes(map(_BYTES.__getitem__, found)).decode("utf-8")
    except UnicodeDecodeError:
        return found


def _soft_hyphens(text: str) -> Iterator[Edit]:
    """Between digits a soft hyphen stands for a hyphen (2004-2005); elsewhere for nothing."""
    for match in _SOFT_HYPHEN.finditer(text):
        around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        yield Edit(match.start(), match.end(), "-" if len(around) == 2 and around.isdigit() else "")


def _hyphenation(text: str) -> Iterator[Edit]:
    """Join words broken at a line end; the document's other words tell whether the hyphen is theirs."""
    found = BROKEN_WORD.finditer(text)
    breaks = [each for each in found if text[each.start() - 1].isalpha() and text[each.end()].isalpha()]
    if not breaks:
        return
    words = Counter(word.casefold() for word in _WORD.findall(text))
    halves = []
    for match in breaks:
        before, after = text[max(0, match.start() - 80) : match.start()], text[match.end() : match.end() + 80]
        halves.append((_WORD.findall(before)[-1], _WORD.findall(after)[0]))
    # What stands at the breaks is no evidence of how a word is written.
    words.subtract(half.casefold() for both in halves for half in both)
    for match, (left, right) in zip(breaks, halves, strict=True):
        keep = not any(sign in match[0] for sign in "\u00ad¬") and _own_hyphen(left, right, words)
        yield Edit(match.start(), match.end(), "-" if keep else "")


def _own_hyphen(left: str, right: str, words: Counter[str]) -> bool:
    """Whether the hyphen is the word's own: attorney-in-fact, Diaz-Villafane, not infec-tion."""
    first, second = left.casefold(), right.casefold()
    if words[first + second] > 0:
        return False
    if words[f"{first}-{second}"] > 0 or "-" in left + right or (right[0].isupper() and not left.isupper()):
        return True
    short = len(left) > 1 and left.isupper() and right.islower()  # "TNF-alpha", "HIV-positive"
    return short or (words[first] > 0 and words[second] > 0)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "mojibake": partial(_mend, _MOJIBAKE, _decoded),
        "html": partial(_mend, _REFERENCE, html.unescape),
        "line-breaks": partial(_mend, _LINE_BREAK, "\n"),
        "control": partial(_mend, _CONTROL, ""),
        "hyphenation": _hyphenation,
        "soft-hyphens": _soft_hyphens,
        "spaces": partial(_mend, _ODD_SPACE, " "),
        "ligatures": partial(_mend, _LIGATURE, partial(unicodedata.normalize, "NFKC")),
        "composed": partial(_mend, _COMBINING, partial(unicodedata.normalize, "NFC")),
        "quotes": partial(_mend, _QUOTE, lambda quote: quote.translate(_STRAIGHT)),
        "wrapped-lines": partial(_mend, _WRAP, " "),
        "runs": partial(_mend, _RUN, ""),
    }
)
"""Name → step, in the order in which they are taken.

``mojibake``: UTF-8 that was read as Windows-1252. ``html``: character references such as ``&amp;``.
``line-breaks``: every kind becomes a line feed. ``control``: control, zero-width and direction characters go.
``hyphenation``: words broken at a line end are joined. ``soft-hyphens``: they go. ``spaces``: tabs, no-break
and other spaces become plain ones. ``ligatures``: ﬁ becomes fi. ``composed``: letter and accent become one
character. ``quotes``: curly ones become straight. ``wrapped-lines``: line breaks inside sentences become
spaces. ``runs``: repeated spaces, spaces at line ends and repeated empty lines go.
"""

DEFAULT_STEPS = ("mojibake", "html", "line-breaks", "control", "hyphenation", "soft-hyphens", "spaces")
"""Steps that mend damage and leave the author's characters alone."""


@dataclass(frozen=True, slots=True)
class CleanedText:
    """A mended text and the way from and to its source.

    Args:
        maps: One map for each step that changed something, in order.
        edits: Number of edits of each such step.
    """

    text: str
    maps: tuple[OffsetMap, ...]
    edits: dict[str, int]

    def to_new(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a span of the source went; ``None`` when it vanished or an edit crosses its edge."""
        span: tuple[int, int] | None = (start, end)
        for each in self.maps:
            span = each.to_new(*span) if span else None
        return span

    def places(self, offsets: Iterable[int]) -> list[int]:
        """Where places of the source went."""
        found = list(offsets)
        for each in self.maps:
            found = [each.place(offset) for offset in found]
        return found

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the mended text came from, for example to show a prediction in the source."""
        for each in reversed(self.maps):
            start, end = each.to_source(start, end)
        return start, end


_EDGE, _LEAST_PAGES = 3, 3
"""Lines at either end of a page that may come again, and pages on which they do at least."""
_RESUMES = re.compile(r"[^\W\d_A-Z]\Z|[,;]\Z")
_DIGITS = re.compile(r"\d{1,18}")


def joined_pages(pages: Sequence[str]) -> tuple[str, int, list[int]]:
    """The pages of a file as one text, how many headers and footers they have, and where each page begins.

    These stand once: a header on the first page, a footer on the last. A sentence that goes on over a page is
    cut by the end of a line alone.
    """
    lines = [[line for line in page.splitlines() if line.strip()] for page in pages]
    above, below = (_running([page[edge] for page in lines]) for edge in (slice(_EDGE), slice(-_EDGE, None)))
    text, starts = "", list[int]()
    for number, page in enumerate(pages):
        rest = page.strip("\n").split("\n")
        while number and rest and (not rest[0].strip() or _line_key(rest[0]) in above):
            rest.pop(0)
        while number + 1 < len(pages) and rest and (not rest[-1].strip() or _line_key(rest[-1]) in below):
            rest.pop()
        if rest:
            goes_on = _RESUMES.search(text[-1:]) and rest[0][:1].isalnum()
            text += "\n" if goes_on else "\n\n" * bool(text)
        starts.append(len(text))
        text += "\n".join(rest)
    return text, len(above | below), starts


def _running(edges: Sequence[Sequence[str]]) -> set[str]:
    """Keys of lines that come again on two of five pages; of their numbers each stays or counts pages."""
    found: dict[str, list[list[tuple[int, int]]]] = {}
    for page, edge in enumerate(edges):
        for line in edge:
            if line.rstrip()[-1] in ".:;,?!":
                continue  # a sentence, which each page of a form may end with
            numbers = [int(number) for number in _DIGITS.findall(line)]
            found.setdefault(_line_key(line), []).append([(each, each - page) for each in numbers])
    least, running = max(_LEAST_PAGES, 0.4 * len(edges)), set()
    for key, rows in found.items():
        columns = zip(*rows, strict=True)
        same = (1 in (len({n for n, _ in column}), len({n for _, n in column})) for column in columns)
        if len(rows) >= least and all(same):
            running.add(key)
    return running


def _line_key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split())).casefold()


def clean_text(text: str, steps: Sequence[str] = DEFAULT_STEPS) -> CleanedText:
    """Take the steps in their fixed order.

    Raises:
        InputError: A step that does not exist.
    """
    if unknown := [name for name in steps if name not in STEPS]:
        problem = f"unknown cleaning step {', '.join(unknown)}."
        raise InputError(problem, hint=f"Steps are {', '.join(STEPS)}.")
    maps: list[OffsetMap] = []
    counts: dict[str, int] = {}
    for name, step in STEPS.items():
        edits = list(step(text)) if name in steps else []
        if edits:
            text, new = apply_edits(text, edits)
            maps.append(new)
            counts[name] = len(edits)
    return CleanedText(text, tuple(maps), counts)


class Cleaner:
    """Cleans documents and counts what it did.

    Args:
        report: Told about annotations that cannot move; the default raises.
    """

    def __init__(self, steps: Sequence[str] = DEFAULT_STEPS, report: Report = fail) -> None:
        self._steps, self._report = tuple(steps), report
        clean_text("", self._steps)
        self.edits: Counter[str] = Counter()
        self.changed = 0

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents, mended."""
        return map(self.document, documents)

    def document(self, document: Document) -> Document:
        cleaned = clean_text(document.text, self._steps)
        if not cleaned.maps:
            return document
        self.edits.update(cleaned.edits)
        self.changed += 1
        entities = document.entities
        if entities is not None:
            moved = (self._moved(document, cleaned, entity) for entity in entities)
            entities = tuple(entity for entity in moved if entity is not None)
        meta = document.meta
        if starts := page_starts(meta):
            meta = {**meta, PAGE_STARTS: cleaned.places(starts)}
        return replace(document, text=cleaned.text, entities=entities, meta=meta)

    def _moved(self, document: Document, cleaned: CleanedText, entity: Entity) -> Entity | None:
        span = cleaned.to_new(entity.start, entity.end)
        if span is None:
            message = (
                f"{named(document, entity)} cannot move: cleaning changes its edge or leaves nothing of it."
            )
            hint = "Correct the annotation, or leave the step out."
            self._report(Problem("lost annotation", message, Place(), document.doc_id, hint))
            return None
        attrs = entity.attrs
        if isinstance(attrs.get("text"), str):
            attrs = {**attrs, "text": cleaned.text[span[0] : span[1]]}
        return replace(entity, start=span[0], end=span[1], attrs=attrs)


# The labels of the known domains, and what other schemes call the same things.
#
# A predicted label that a gold standard does not know is scored under the first of its names that the
# gold standard does know. Names that differ in what they cover (a section number is no statute) are
# left out on purpose: such predictions are counted as out of scheme instead.


@lru_cache(maxsize=8)
def _aliases(domains: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for name, domain in DOMAINS.all():
        if name in domains:
            for label, names in domain.labels.items():
                known.setdefault(label, names)
    return known


def aliases() -> Mapping[str, tuple[str, ...]]:
    """Native label → what other schemes call it, the closest first."""
    return _aliases(DOMAINS.names())


def label_mapping(labels: Iterable[str], inventory: Collection[str]) -> dict[str, str]:
    """For each label that ``inventory`` lacks, the name there that stands for the same thing.

    Args:
        inventory: Labels of the gold standard.

    Returns:
        Label → label of the inventory, which may be its plural ("Breeds", as a file is called) or singular;
        labels of the inventory and labels without counterpart are absent.
    """
    known = {_key(name): name for name in sorted(inventory)}
    mapping: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        keys = (*map(_key, _names(label)), f"{_key(label)}s", _key(label).removesuffix("s"))
        if label not in inventory and (named := next((key for key in keys if key in known), None)):
            mapping[label] = known[named]
    return mapping


def _names(label: str) -> Iterator[str]:
    """Names for the same thing: its own spelling, its aliases, then those it is an alias of."""
    yield label
    known, key = aliases(), _key(label)
    native = next((name for name in known if _key(name) == key), None)
    if native is not None:
        yield from known[native]
        return
    for name, others in known.items():
        if key in map(_key, others):
            yield from (name, *others)


def _key(label: str) -> str:
    """A label of any script without case, spaces and signs: "Klinischer Befund", "klinischer_befund"."""
    return re.sub(r"[^\w/]|_", "", label.casefold()) or label


def map_labels(
    documents: Iterable[Document], inventory: Collection[str], mapping: Mapping[str, str] | None = None
) -> Iterator[Document]:
    """The documents with the labels of another scheme; labels without counterpart stay as they are.

    Args:
        inventory: Labels of the scheme that is wanted.
        mapping: Label → label; where it names a label it comes before the known aliases.
    """
    chosen: dict[str, str] = dict(mapping or {})
    for document in documents:
        if not document.entities:
            yield document
            continue
        new = [entity.label for entity in document.entities if entity.label not in chosen]
        found = label_mapping(new, inventory)
        chosen.update({label: found.get(label, label) for label in new})
        yield replace(document, entities=tuple(replace(e, label=chosen[e.label]) for e in document.entities))
