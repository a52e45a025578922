"""Plain lists, a term a line, as people write them: bullets, codes, remarks, definitions, several names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from hybrid_ner.terms.readers import base
from hybrid_ner.terms.readers.files import HEAD_BYTES
from hybrid_ner.terms.readers.headings import as_label, is_listed, names_list
from hybrid_ner.terms.readers.report import Recorder, give
from hybrid_ner.terms.variants.words import brackets_tell, is_short_for, without_marks
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

_MOST = 0.8


def is_comment(line: str) -> bool:
    """Whether a line of a plain list is no term but a comment or a rule of dashes."""
    return _RE.COMMENT.match(line.lstrip()) is not None


def unquoted(line: str) -> str:
    """A line without the quotes around all of it."""
    found = _RE.WHOLE_QUOTED.fullmatch(line.strip())
    return found[1] or found[2] if found else line


def without_bullet(line: str) -> str:
    """A line without "- ", "• ", "3. " or "[x] " before it."""
    found = _RE.BULLET.match(line)
    return line[found.end() :] if found else line


def have_bullets(lines: Sequence[str]) -> bool:
    """Whether nearly all lines have one: a list of chemicals may hold "5. " or "- " in a name.

    Where headings stand between them, half of the lines suffice for a mark that begins no name.
    """
    marked = sum(_RE.BULLET.match(line) is not None for line in lines)
    plainly = sum(_RE.MARKED_LINE.match(line) is not None for line in lines)
    return len(lines) > 1 and (marked >= _MOST * len(lines) or 2 * plainly >= len(lines) > 4)


def _some_bullets(lines: Sequence[str]) -> frozenset[str]:
    """Lines that begin with a mark or are counted from 1 on, where others do not: "• gout" under "asthma"."""
    found = [line for line in lines if _RE.MARKED_LINE.match(line)]
    counted = [line for line in lines if _RE.NUMBERED.match(line)]
    numbers = [int(line.split(maxsplit=1)[0].strip("().")) for line in counted]
    found += counted if len(numbers) > 1 and numbers == [*range(1, len(numbers) + 1)] else []
    return frozenset(line.strip() for line in found)


def parted(lines: Sequence[str]) -> str:
    """What stands behind a dash, colon or sign of equality in nearly all lines, if anything.

    Returns:
        ``names`` where it is another name ("HTN - hypertension", "grippe = influenza"), ``remarks`` where it
        explains, else nothing.
    """
    if any(line.endswith("=") for line in lines) and all("=" in line for line in lines):
        return "names"  # settings: "aspirin=ASA", "heparin="
    cut = [_RE.BETWEEN.split(line, maxsplit=1) for line in lines]
    cut = [parts for parts in cut if len(parts) == 2 and all(parts)]
    dashed = sum(_RE.DASHED.search(line) is not None for line in lines)
    if len(lines) < 2 or (len(cut) < _MOST * len(lines) and (2 * dashed < len(lines) or dashed < 3)):
        return ""
    if len({one for one, _ in cut}) < _MOST * len(cut):  # "fracture - hip", "fracture - wrist"
        return ""
    short = sum(is_short_for(one, other) or is_short_for(other, one) for one, other in cut)
    equal = sum(_RE.EQUAL.search(line) is not None for line in lines)
    return "names" if 2 * max(short, equal) >= len(cut) else "remarks"


_MOST_LISTED = 4
"""Words of a name among several in one line."""


def are_rows_of_names(lines: Sequence[str]) -> bool:
    """Whether lines hold several names each ("aspirin, ibuprofen, naproxen,"), not one that is turned.

    At least four a line on average, or three where there is one line or most begin with small letters.
    """
    pieces = [piece for line in lines for piece in _RE.LISTED.split(_RE.LEAD.sub("", line))]
    pieces = [piece for piece in pieces if piece.strip(" ,;.")]
    if not pieces or any(len(piece.split()) > _MOST_LISTED for piece in pieces):
        return False
    small = 2 * sum(piece[0].islower() for piece in pieces) > len(pieces)
    return len(pieces) >= (3 if small or len(lines) == 1 else 4) * len(lines)


def listed(line: str) -> list[str]:
    """The names of such a line."""
    names = [name for piece in _RE.LISTED.split(_RE.LEAD.sub("", line)) if (name := piece.strip(' ,;."“”'))]
    last = re.fullmatch(r"(\w+) (?:and|or) (\w+)", names[-1]) if len(names) > 1 else None
    return [*names[:-1], last[1], last[2]] if last else names  # "flu, gout and asthma"


def part(line: str) -> tuple[str, str]:
    """A line before and behind the first dash, colon or sign of equality."""
    first, *rest = _RE.BETWEEN.split(line.rstrip("="), maxsplit=1)
    return first.strip(), rest[0].strip() if rest else ""


def defined(line: str) -> list[str]:
    """The terms that a line defines: "Lender" or "Lenders" means …"""
    found = _RE.DEFINED.match(line)
    return [found["first"], *_RE.QUOTED.findall(found["more"])] if found else []


class Style:
    """How the lines of a list are written, as the first of them show; ``notes`` tell people."""

    def __init__(self, lines: Sequence[str], notes: list[str]) -> None:
        self.begun = self.bullets = self.stops = False
        self.some: frozenset[str] = frozenset()
        filled = [line for line in lines if line.strip()]
        self.tags = len(filled) > 1 and all(map(_RE.HASHTAG.match, filled))
        lines = [*map(self.clean, lines)]
        self.remark = _RE.REMARK_OR_SEMICOLON if any(map(_RE.SEMICOLON.match, lines)) else _RE.REMARK
        self.titles = _titles(lines)
        lines = [line for line in lines if line.strip() and not is_comment(line)]
        self.stops = len(lines) > 1 and _are_most(lines, lambda line: line.rstrip()[-1] == ".")
        self.headed = 0 < 2 * sum(map(bool, map(_RE.TITLED.fullmatch, lines))) < len(lines)
        terms = [not self.is_heading(line) for line in lines]
        self.sections = sum(now and not before for before, now in zip([True, *terms], terms, strict=False))
        lines = [line for line, is_term in zip(lines, terms, strict=True) if is_term]
        counted = sum(_RE.COUNT.search(line) is not None for line in lines) >= max(3, _MOST * len(lines))
        self.counts = _RE.COUNT if counted else _RE.FALLING if _fall(lines) else None
        if self.counts:
            notes.append("numbers beside the terms are read as counts or pages")
        self.bullets = have_bullets(lines)
        if self.bullets and not all(map(_RE.BULLET.match, lines)):
            notes.append("the terms stand behind bullets; titles and lines with a colon are left out")
            plainly = 2 * sum(map(bool, map(_RE.MARKED_LINE.match, lines))) >= len(lines)
            between = lines[next(at for at, line in enumerate(lines) if _RE.BULLET.match(line)) :]
            self.begun = not plainly and any(":" not in x and not _RE.BULLET.match(x) for x in between)
            lines = [line for line in lines if _RE.BULLET.match(line)]
        self.some = frozenset() if self.bullets else _some_bullets(lines)
        entries = [self.entry(line) for line in lines]
        codes = (_RE.CODE_FIRST, 3), (_RE.CODE_NEAR, 3), (_RE.CODE_LAST, 2), (_RE.CODE_BEHIND, 3)
        # Where a code stands, and how many lines must have one at least.
        self.code = next((code for code, least in codes if _are_coded(entries, code, least)), None)
        if _are_signs(entries):
            self.code = _RE.SIGN
            titled = not self.coded(entries[0])[0]  # "List of reference signs"
            self.titles |= {line.strip() for line in lines[:titled]}
            entries = entries[titled:]
        entries = [self.coded(entry)[1] for entry in entries]
        self.entries = entries
        self.definitions = len(entries) > 1 and _are_most(entries, _RE.DEFINED.match)
        self.parts = parted(entries)
        pairs = [part(entry) for entry in entries] if self.parts == "names" else []
        self.several = brackets_tell(f"{one} [{others}]" for one, others in pairs)  # "heroin = smack, gear"
        self.rows = not (self.parts or self.definitions) and are_rows_of_names(entries)
        self.mark = next((mark for mark, least in _MARKS if _are_split(entries, mark, least)), None)
        self.mark = None if self.rows else self.mark
        behind = "another name" if self.parts == "names" else "a remark"
        remarks = self.parts and not self.definitions
        semicolon = self.remark is _RE.REMARK_OR_SEMICOLON and any(map(_RE.BEHIND_SEMICOLON.search, lines))
        told = {
            "several names of one thing stand in a line": self.mark,
            "codes beside the terms are read as their ids": self.code,
            "the terms are what the lines define in quotes": self.definitions,
            f"what stands behind a dash, = or : in a line is read as {behind}": remarks,
            "lines hold several names with commas between them": self.rows,
            "what stands behind # or // in a line is read as a remark": any(map(_RE.REMARK.search, lines)),
            "what stands behind ; in a line is read as a remark, as lines that begin so are": semicolon,
        }
        notes += [note for note, holds in told.items() if holds]

    def is_heading(self, line: str) -> bool:
        """Whether a line is a heading, of which a list has fewer than terms."""
        if line.strip() in self.titles:
            return True
        if self.bullets and not _RE.BULLET.match(line) and (not self.begun or ":" in line):
            return True
        return self.headed and _RE.TITLED.fullmatch(line) is not None

    def clean(self, line: str) -> str:
        """A line without tags and brackets, and without its sign where all lines are hashtags."""
        line = without_marks(line)
        return line.lstrip().removeprefix("#").lstrip() if self.tags else line

    def entry(self, line: str) -> str:
        """A line without its remark, its bullet, a comma at its end and the count or page behind dots."""
        marked = self.bullets or line.strip() in self.some
        line = self.remark.sub("", line).rstrip()
        line = line.rstrip(",;") if '"' not in line else line
        line = line.removesuffix(".") if self.stops else line
        line = self.counts.sub("", line) if self.counts else line
        plain = without_bullet(line)
        return unquoted((plain if plain != line else _RE.NUMBERED.sub("", line)) if marked else line)

    def coded(self, entry: str) -> tuple[str, str]:
        """The code before a term, if the list has them, and the term."""
        found = self.code.fullmatch(entry) if self.code else None
        return (found["code"], found["name"]) if found else ("", entry)


def _are_most(lines: Sequence[str], holds: Callable[[str], object]) -> bool:
    """Whether something holds of nearly all lines."""
    return sum(map(bool, map(holds, lines))) >= _MOST * len(lines)


def _fall(lines: Sequence[str]) -> bool:
    """Whether lines end in numbers that only fall: "fever 120", "cough 88", but no "type 1", "type 2"."""
    found = [_RE.FALLING.search(line) for line in lines]
    numbers = [int(number[1]) for number in found if number]
    falling = numbers == sorted(numbers, reverse=True) and len(set(numbers)) > 1
    return falling and len(numbers) == len(lines) > 3


_MARKS = (
    (re.compile(r"\s*\|\s*"), 0.5),
    (re.compile(r"\s*\t\s*"), 0.6),
    (re.compile(r"\s*;\s*"), 0.05),
    (re.compile(r"\s+/\s+"), 0.6),
)
"""What stands between names of one thing, and in what share of the lines at least."""


def _are_split(lines: Sequence[str], mark: re.Pattern[str], least: float) -> bool:
    cut = [base.outside_brackets(mark, line.strip()) for line in lines if not _RE.BAR_WITHIN.search(line)]
    several = [pieces for pieces in cut if len(pieces) > 1]
    short = all(len(piece.split()) <= 2 * _MOST_LISTED for pieces in several for piece in pieces)
    return bool(several) and short and len(several) >= least * len(lines)


def _titles(lines: Sequence[str]) -> frozenset[str]:
    """Lines that are no terms: the heading of the only column, and titles with a rule under them."""
    found = {line.strip() for line, under in pairwise(lines) if _is_underline(under.strip(), line.strip())}
    filled = [line.strip() for line in lines if line.strip() and not is_comment(line)]
    if len(filled) > 2 and _HEADS.issuperset(part.lower() for part in _RE.BETWEEN.split(filled[0])):
        found.add(filled[0])
    letters = [line.strip() for line, below in pairwise(lines) if _is_letter(line.strip(), below.strip())]
    found.update(letters if len(letters) > 1 else ())
    found.update(_shouted(lines))
    blank = [at for at, line in enumerate(lines) if not line.strip()]
    shouted = bool(filled) and filled[0].isupper() and not any(map(str.isupper, filled[1:]))
    is_title = bool(filled) and _RE.OF_LIST.search(filled[0]) is not None
    above = blank[:1] == [1] and all(at > len(lines) - 3 for at in blank[1:])
    if len(filled) > 2 and ((above and (shouted or is_title)) or (shouted and is_title)):
        found.add(filled[0])  # a title, a blank line, and then the list
    return frozenset(found - {""})


def _shouted(lines: Sequence[str]) -> list[str]:
    """Headings in capitals, each first behind a blank line, where next to nothing else is in capitals."""
    blocks = zip(["", *lines], lines, strict=False)
    found = [now.strip() for before, now in blocks if now.isupper() and not before.strip()]
    others = [line for line in lines if line.strip() and line.strip() not in found]
    few = 5 * sum(map(str.isupper, others)) <= len(others) >= 2 * len(found)
    return found if len(found) > 1 and few and all(len(line) > 3 for line in found) else []


_HEADS = frozenset(
    "term terms name names phrase keyword keywords entity synonym synonyms alias abbreviation meaning".split()  # noqa: SIM905
)
"""What heads the only column of a list, or the two parts of its lines: "term = synonym"."""


def _is_letter(line: str, below: str) -> bool:
    """Whether a line is a letter of the alphabet over what begins with it."""
    return len(line) == 1 and line.isalpha() and below[:1].casefold() == line.casefold() and len(below) > 1


def _is_underline(rule: str, title: str) -> bool:
    """Whether it is a rule under a title, not between two terms: as long as the title, or of equal signs."""
    of_length = abs(len(rule) - len(title)) < 2
    return re.fullmatch(r"={3,}", rule) is not None or (of_length and bool(re.fullmatch(r"[-~]{4,}", rule)))


def _are_coded(lines: Sequence[str], code: re.Pattern[str], least: int) -> bool:
    """Whether codes stand beside nearly all terms, and differ."""
    found = [match for line in lines if (match := code.fullmatch(line))]
    codes, names = ({match[part] for match in found} for part in ("code", "name"))
    # Of "vitamin B12", "vitamin B06" nothing is a code.
    return len(codes) == len(found) >= max(least, _MOST * len(lines)) and 2 * len(names) > len(found)


def _are_signs(entries: Sequence[str]) -> bool:
    """Whether numbers that rise stand before different names, as in a list of reference signs: "10 housing".

    A title may stand above them.
    """
    found = [*map(_RE.SIGN.fullmatch, entries)]
    signs = [match for match in found[not (found and found[0]) :] if match]
    if len(signs) < max(_FEW_ROWS, len(entries) - 1):
        return False
    numbers = [int(re.sub(r"\D", "", match["code"])) for match in signs]
    differ = all(len({match[part] for match in signs}) == len(signs) for part in ("code", "name"))
    return differ and numbers == sorted(numbers)


# Lines that are no terms but the rows of a table, in columns that nothing names.

_FEW_ROWS, _COLUMN_MARKS = 3, "|;\t$~^\x14¦"


def mark_of_columns(lines: Sequence[str]) -> tuple[str, int]:
    """What stands between the columns of lines that are rows of a table, and how many there are.

    Names of one thing ("heparin; UFH; heparin sodium") stand in lines too: of a table some column holds
    codes, or comes again, or the signs between are those that no list of names has. Nothing where it is none.
    """
    filled = [line for line in lines if line.strip() and not is_comment(line)]
    for mark in _COLUMN_MARKS if len(filled) > 1 else "":
        widths = {line.count(mark) for line in filled}
        if len(widths) > 1 or max(widths) < (2 if len(filled) >= _FEW_ROWS else 4):
            continue
        columns = [*zip(*([cell.strip() for cell in line.split(mark)] for line in filled), strict=True)]
        if mark not in "|;\t" or any(map(_is_no_name, columns)):
            return mark, len(columns)
    return "", 0


def _is_no_name(column: Sequence[str]) -> bool:
    """Whether a column holds codes throughout, or the same few words again and again."""
    said = [cell for cell in column if cell]
    again = 2 * len(said) > len(column) and 2 * len({*said}) <= len(said)
    return again or all(map(_RE.CODE_CELL.fullmatch, column))


def _refuse_columns(lines: Sequence[str], where: str) -> None:
    filled = [line for line in lines if line.strip()]
    tagged = [found["tag"] for line in filled if (found := _RE.TAGGED.fullmatch(line))]
    if len(tagged) > 1 and len(tagged) >= _MOST * len(filled) and any(tag != "O" for tag in tagged):
        hint = "Give it as documents (a corpus), and a list of names here."
        raise base.InputError("holds words with tags (CoNLL), not terms.", path=where, hint=hint)
    mark, width = mark_of_columns(lines)
    if mark:
        shown = {"\t": "tab"}.get(mark, mark)
        headed = not any(map(str.isdigit, lines[0]))
        said = (
            f"each line has {width} columns with {shown!r} between them: which holds the terms is not said."
        )
        asked = f'--format csv --set "delimiter={shown}"{" --set header=no" * (not headed)}'
        hint = f"Name them by their headings or numbers: {asked} --columns term=2,concept_id=1."
        raise base.InputError(said, path=where, row=1, hint=base.Hint("option", hint))


# A thesaurus as libraries print one: a term, and below it how it stands to others ("UF podagra").

_USED_FOR, _USE = ("UF", "BF", "EP", "UP"), ("USE", "BS", "EM")


def is_thesaurus(lines: Sequence[str]) -> bool:
    """Whether lines say of those above them how they stand to others, names of one thing among it."""
    filled = [line for line in lines if line.strip()]
    said = [_kind(found) for line in filled if (found := _RE.RELATION.fullmatch(line))]
    first = bool(filled) and not _RE.RELATION.fullmatch(filled[0])
    return (
        first and len(said) > 1 and 5 * len(said) >= len(filled) and not {*_USED_FOR, *_USE}.isdisjoint(said)
    )


def _kind(found: re.Match[str]) -> str:
    return (found["kind"] or found["flush"]).upper()


def _of_thesaurus(lines: Iterator[tuple[int, str]], label: str, recorder: Recorder) -> Iterator[base.Term]:
    names, rows, above = dict[str, list[str]](), dict[str, int](), ""
    for row, line in lines:
        found = _RE.RELATION.fullmatch(line)
        kind, name = (_kind(found), found["name"].strip()) if found else ("", line.strip())
        recorder.report.rows += bool(name)
        if not name or (kind and not above):
            continue
        if not kind:
            above = name
            names.setdefault(above, [])
            rows.setdefault(above, row)
        elif kind in _USED_FOR:
            names[above].append(name)
        elif kind in _USE:
            names.setdefault(name, []).append(above)
            rows.setdefault(name, row)
            if not names[above]:
                del names[above]
        else:
            recorder.skip("how a term stands to others", row, line.strip())
    for name, others in names.items():
        yield from give({"term": name, "label": label}, others, (), rows[name], recorder)


# Plain text: one term a line; blank lines and lines that begin with ``#``, ``//`` or ``;`` are comments, and
# so is what stands behind " # ". Where most lines are "name = other name", both are names of one thing; where
# most define a term in quotes (`"Affiliate" means …`), the terms are what is defined.

_LONG = 100
"""Characters of a line from which a file without a suffix is no list."""
_HEAD = 1_000
"""Lines by which it is judged how a list is written."""


def _read_plain(files: base.Files, options: base.Options, recorder: Recorder) -> Iterator[base.Term]:
    name = recorder.begin(files, files.only())
    head = files.head(name)
    begun = head if len(head) < HEAD_BYTES else head.rpartition(b"\n")[0]
    lines = begun.decode("utf-8", "replace").splitlines()[:_HEAD]
    _refuse_columns(lines, files.where(name))
    style = Style(lines, recorder.report.notes)
    headed = not recorder.label and style.sections > 1
    named = bool(recorder.fallback)
    above = "" if style.sections > 1 or style.mark else _label_above(files.head(name), style, named)
    if above:
        chosen = recorder.label or recorder.otherwise
        title = as_label(above.removesuffix(":"))
        note = f"{above!r} is read as the heading of the list"
        recorder.report.notes.append(note if chosen else f"{note}: its terms have the label {title!r}")
    label = "" if headed else title if above and not chosen else recorder.common()
    if not label and not headed:
        hint = base.Hint("label", "Give a label, or name the file after it, for example Disease.txt.")
        raise base.InputError("no label: a plain list brings none.", path=files.where(name), hint=hint)
    if is_thesaurus(lines):
        decoded = (
            (row, base.decode(line, row, recorder)) for row, line in enumerate(files.lines(name), start=1)
        )
        yield from _of_thesaurus(((row, text) for row, text in decoded if text is not None), label, recorder)
        return
    recorder.learn([part(entry)[0] for entry in style.entries] if style.parts else style.entries)
    recorder.report.notes += ["headings are read as the labels of the terms below them"] * headed
    for row, line in enumerate(files.lines(name), start=1):
        text = base.decode(line, row, recorder)
        text = style.clean(text).strip() if text is not None else ""
        if not text:
            continue
        recorder.report.rows += 1
        if is_comment(text):
            recorder.skip("comment", row, text)
        elif style.is_heading(text) or text == above:
            recorder.skip("heading", row, text)
            label = as_label(text.strip("[]=*~_- :")) if headed else label
        elif not any(map(str.isalnum, text := style.entry(text))):
            recorder.skip("no letter or digit", row, text)
        else:
            yield from _of_entry(text, style, label, row, recorder)


def _of_entry(text: str, style: Style, label: str, row: int, recorder: Recorder) -> Iterator[base.Term]:
    """The terms of one entry of a plain list, as the list is written."""
    if "\t" in text and not style.mark:
        term, _, rest = text.partition("\t")
        recorder.skip("what stands behind a tab is no term", row, rest)
        yield from give({"term": term, "label": label}, (), (), row, recorder)
    elif style.mark:
        within = "|" in text and _RE.BAR_WITHIN.search(text) is not None
        first, *others = [text] if within else map(unquoted, base.outside_brackets(style.mark, text.strip()))
        if style.parts == "names":  # "heparin = UFH; heparin sodium"
            first, *others = [*filter(None, part(first)), *others] or [first]
        yield from give({"term": first, "label": label}, others, (), row, recorder)
    elif style.rows:
        for each in listed(text):
            yield from give({"term": each, "label": label}, (), (), row, recorder)
    elif not style.definitions:
        first, other = part(text) if style.parts else (text, "")
        other = other if style.parts == "names" else ""
        others = listed(other) if style.several else [other]
        code, first = style.coded(first.strip())
        yield from give({"term": first, "label": label, "concept_id": code}, others, (), row, recorder)
    elif terms := defined(text):
        yield from give({"term": terms[0], "label": label}, terms[1:], (), row, recorder)
    else:
        recorder.skip("no definition of a term in quotes", row, text)


def _label_above(head: bytes, style: Style, named: bool) -> str:
    """The first line of a list where it is a label of the others: "Disease" over "asthma".

    Where the list is ``named`` that is one which hardly is a term: "Court" is one, over "hearing".
    """
    lines = [style.clean(line).strip() for line in head.decode("utf-8-sig", "replace").splitlines()[:_HEAD]]
    first, *below = [line for line in lines if line and not is_comment(line)] or [""]
    title = first.removesuffix(":")
    is_one = (is_listed(title) or not named) and names_list([title], [[line] for line in below])
    return first if is_one else ""


def _sniff_plain(name: str, head: bytes) -> bool:
    if name.endswith((".txt", ".lst", ".list", ".dic", ".words")):
        return True
    lines = head.decode("utf-8", "replace").splitlines()
    bare = "." not in name or name.endswith((".dat", ".text", ".asc", ".prn"))
    if not bare and name.endswith(_OTHERS):
        return False
    marked = head.lstrip().startswith((b"<", b"{", b"[[", b"%"))
    return not marked and len(lines) > 1 and max(map(len, lines)) < _LONG


_OTHERS = (
    *(".json", ".jsonl", ".csv", ".tsv", ".xml", ".doc", ".rtf", ".pdf", ".html", ".htm", ".owl"),
    *(".obo", ".rdf", ".ttl", ".toml"),
)
"""Endings of files that are lists of another kind, or none."""


PLAIN = base.Reader("txt", "plain text, one term a line", _read_plain, _sniff_plain, **base.OWN_LIST)
