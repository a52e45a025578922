"""Other words for a term of one's own list: compounds, another order, two names in one row, a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from hybrid_ner.io import shipped
from hybrid_ner.terms.lint import english_words, read_words
from hybrid_ner.terms.variants.forms import is_site
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def other_words(text: str) -> Iterator[tuple[str, str]]:
    """The rule and the form; repeats are possible."""
    for make in (_compounds, _turned, _clipped, _alternatives):
        yield from make(text)


_SHORTEST = 3
"""Letters of each part of a compound: of two, "in-sight", anything is made of words."""


def _compounds(text: str) -> Iterator[tuple[str, str]]:
    """ "driveshaft", "tug-boat", "oak leaf", "intra-medullary nail", "tamtam"."""
    words = text.split(" ")
    first, rest = words[0], text[len(words[0]) :]
    if len(words) == 2 and all(w.isalpha() and len(w) >= _SHORTEST for w in words):
        if not _RE.FUNCTION.fullmatch(first):
            yield "together", f"{first}{words[1].lower()}"
    elif _RE.TWICE.search(text):
        yield "together", _RE.TWICE.sub(r"\1", text)
    if not first.isascii() or not first.isalpha() or first.isupper():
        return
    if (prefix := _RE.PREFIX.match(first)) and prefix[1].lower() in english_words():
        yield "hyphen", f"{prefix[0]}-{prefix[1]}{rest}"
    yield from (("hyphen", form) for form in combined(text))
    for cut in range(_SHORTEST, len(first) - _SHORTEST + 1):
        parts = first[:cut], first[cut:]
        are_words = english_words().issuperset(part.lower() for part in parts)
        if are_words and not any(map(_RE.FUNCTION.fullmatch, parts)):
            yield "hyphen", f"{'-'.join(parts)}{rest}"
            # "firefighter" is a word by itself, and a "black bird" need be no blackbird.
            if first.lower() not in english_words():
                yield "apart", f"{' '.join(parts)}{rest}"


def combined(text: str) -> Iterator[str]:
    """A first word of two combining forms with its hyphen: "gastro-oesophageal reflux"."""
    if found := _RE.COMBINED.match(text):
        yield f"{found[1]}-{text[found.end(1) :]}"


def _turned(text: str) -> Iterator[tuple[str, str]]:
    """ "prosthesis of the knee", "72-hour clause" for "72 hours clause", "M8x40 bolt"."""
    site, _, head = text.rpartition(" ")
    of_body = is_site(site) or _RE.PART.search(site)
    if of_body and _RE.HEAD.fullmatch(head.lower()) and not _RE.PHRASE.search(text):
        yield from (("of-the", f"{head} of {article}{site}") for article in ("the ", ""))
    if _RE.UNIT.search(text):
        yield from (("number", _RE.UNIT.sub(rf"\1{mark}\2", text)) for mark in "- ")
    if coded := _RE.CODED.fullmatch(text):
        yield "order", f"{coded[2]} {coded[1]}"


def _clipped(text: str) -> Iterator[tuple[str, str]]:
    """The initial of a genus ("B. pendula"), a genus of "spp.", full stops in words ("Cab. Sauv.")."""
    if (name := _RE.BINOMIAL.fullmatch(text)) and name[2] not in _everyday():
        rest = f"{name[2]}{name[3] or ''}"
        yield from (("genus", f"{name[1]}{mark}{rest}") for mark in (". ", "."))
        if short := _genera().get(text.partition(" ")[0]):  # "Staph. aureus", "Staph aureus"
            yield from (("genus", f"{short}{mark}{rest}") for mark in (". ", " "))
    if genus := _RE.SPECIES.fullmatch(text):
        yield "species", genus[1]
    if _RE.SHORTENED.fullmatch(text) and not english_words().issuperset(text.lower().split()):
        yield "full stop", text.replace(" ", ". ") + "."


def _alternatives(text: str) -> Iterator[tuple[str, str]]:
    """Each of two names that one row holds: "larch/tamarack", "sugar maple/rock maple", "CK7/20"."""
    if (both := _RE.NUMBERS.fullmatch(text)) and _are_two(both[2], both[3]):
        yield from (("slash", f"{both[1]}{number}{both[4]}") for number in (both[2], both[3]))
    if not (pair := _RE.EITHER.fullmatch(text)):
        return
    halves = (pair[1] or pair[3]).split(), (pair[2] or pair[4]).split()
    if len(halves[0]) == len(halves[1]) == 1:
        ends = (half[0].lower() for half in halves)
        several = not any(_RE.PAIRED.fullmatch(end) or end in _everyday() for end in ends)
    else:
        same = min(map(len, halves)) > 1 and halves[0][-1].lower() == halves[1][-1].lower()
        several = same or (" / " in text and all(map(_stands_alone, halves)))
    if several:
        yield from (("slash", " ".join(half)) for half in halves)


def _are_two(first: str, second: str) -> bool:
    """Whether numbers are those of two things, in their order: no "Humulin 30/70" and no "6/6"."""
    if first.isdigit() and second.isdigit():
        return int(first) < int(second) and int(first) + int(second) != _WHOLE
    return first != second and not (first + second).isdigit()


_WHOLE = 100
"""Percent of two kinds of insulin in one."""


def _stands_alone(half: Sequence[str]) -> bool:
    """Whether a name needs nothing of the other one: "Support Worker", "co-amoxiclav"; not "Sales"."""
    return len(half) > 1 or half[0].lower() not in english_words()


@cache
def _genera() -> dict[str, str]:
    """Genera that laboratories write shorter than by their initial: "Staphylococcus" → "Staph"."""
    return dict(pair.split("/") for pair in _RE.each("CLIPPED_GENERA"))


@cache
def _everyday() -> frozenset[str]:
    return frozenset(word.lower() for word in read_words(shipped("gazetteers", "english", "frequent.txt")))


# The names that one entry holds.

TAG_LABELS = {
    "disorder": "Disease",
    "substance": "Chemical",
    "body structure": "Anatomy",
    "procedure": "Procedure",
}
"""Tag of the fully specified name → label where the user gives none."""
_LEAST = 5
"""Letters of a single word from which a bracket behind it may be left out: "Na (sodium)" stays as it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one entry says.

    Args:
        tag: Semantic tag behind the name, as SNOMED CT writes it: "(disorder)".
    """

    name: str
    others: tuple[str, ...] = ()
    tag: str = ""


def may_be_several(text: str) -> bool:
    """Whether an entry is worth a closer look: most hold one name and no mark."""
    return _RE.MARKED.search(text) is not None


def names_of(text: str, listed: bool = False) -> Names:
    """The names of an entry: "atrial fibrillation (AF, AFib)", "needle holder (Mayo-Hegar)".

    Short forms and names behind "aka" in the brackets stand beside the name; a semantic tag is none of it.
    What else stands in brackets may be left out in a text where the name is clear without it, and is another
    name where the list shows that (``listed``): "heroin [smack, gear]".
    """
    text = _RE.READ_CODE.sub("", _RE.FOOTNOTE.sub("", text))  # "dry eye disease†", "[X]Depression"
    if _RE.OPTIONAL.search(text):  # "claim(s)"
        return Names(_RE.OPTIONAL.sub("", text), (_RE.OPTIONAL.sub(r"\1", text),))
    if symbol := _RE.ELEMENT.fullmatch(text):
        return Names(symbol["name"], (symbol["symbol"],))  # "Lead (Pb)"
    if (two := _RE.TWO.fullmatch(text)) and is_short_for(two[2], two[1]):
        return Names(two[1], (two[2],))
    first, mark, second = text.partition(" / ")
    if mark and {*second.lower().split()} < {*first.lower().split()}:
        return Names(first, (second,))  # "xanthan gum / xanthan"
    if trading := _RE.TRADING.fullmatch(text):
        return Names(trading[1], (trading[2],))
    if ": " in text and (both := short_and_full(text)):
        return Names(both[1], (both[0],))  # "MRSA: methicillin-resistant Staphylococcus aureus"
    if listed and (behind := _RE.COLON.fullmatch(text)):
        return Names(behind[1], tuple(_RE.PIECES.split(behind[2])))  # "heroin: smack, gear"
    found = _RE.BRACKET.fullmatch(text)
    if not found or text.count("(") > 1 or text[0] in "([":
        return Names(text)
    name, inside = found["name"].strip(), (found["round"] or found["square"]).strip()
    if _leaves_open(inside, name) and (found["square"] or not name.istitle()):  # "cough [NOS]"
        return Names(name, (f"{name} {inside}",))
    if found["round"] and inside.lower() in _RE.each("SEMANTIC_TAGS"):
        return Names(name, tag=inside.lower())
    if found["round"] and _RE.STATE.fullmatch(inside):  # "formaldehyde (solution)", "nitrogen (liquid)"
        before = [f"{inside} {name}"] * bool(_RE.ADJECTIVE.fullmatch(inside))
        others = (f"{name} {inside}", *before)
        bare = len(name) >= _LEAST - 1 and name.lower() not in _everyday()
        return Names(name, others) if bare else Names(text, others)
    if _RE.QUOTE.fullmatch(inside) and (said := _RE.IN_QUOTES.findall(inside)):  # "Acme Inc. (the "Company")"
        return Names(_RE.BODY.sub("", name) or name, tuple(said))
    said = [piece.strip(" \"'“”") for piece in _RE.PIECES.split(inside)]
    aka = [_RE.AKA.match(piece) for piece in said]  # "(EUAA, formerly EASO)"
    pieces = [piece[found.end() :] if found else piece for piece, found in zip(said, aka, strict=True)]
    if _RE.INITIALS.fullmatch(inside) and is_short_for(inside, name):
        return Names(name, (inside,))  # "bill of lading (B/L)"
    known = (aka[0] or found or is_short_for(piece, name) for piece, found in zip(pieces, aka, strict=True))
    if all(pieces) and (listed or all(known)):
        return Names(name, (*pieces, *_with_year(name, pieces)))
    several = len(pieces) > 1 and is_short_for(pieces[0], name)
    if several and (";" in inside or all(map(str.islower, pieces[1:]))):
        return Names(name, tuple(pieces))  # "myocardial infarction (MI, heart attack)"
    if found["square"] and text.isupper() and min(len(name), len(inside)) >= _LEAST:
        return Names(name, () if ";" in inside else (inside,))  # "NOVALGIN [METAMIZOLE SODIUM]"
    if " " in inside and {*name.lower().split()}.issuperset(inside.lower().split()):
        return Names(name, (inside,))  # "OECD Model Tax Convention (OECD Model)"
    formula = any(map(_RE.FORMULA.fullmatch, (name, inside)))
    if formula or is_short_for(name, inside) or _is_brand(inside, name):
        return Names(name, (inside,))  # "TSH (thyroid-stimulating hormone)", "sodium sulphate (Na2SO4)"
    kinds = len(pieces) > 1 or inside.isupper()  # "vitamin B (B1, B6)", "factor (II)"
    coined = len(name) >= _LEAST and not name.isupper() and name.lower() not in english_words()
    is_clear = len(name.split()) > 1 or coined
    return Names(text, (name,)) if is_clear and not kinds else Names(text)


def brackets_tell(entries: Iterable[str]) -> bool:
    """Whether brackets behind entries hold other names: "heroin [smack, gear]", "ketamine [ket]".

    Half of the entries have some, a third of these several, of a few words; hardly one has a digit, comes
    twice, as a unit or a kind does, or is an entry, as "morphine" beside "opioids (morphine, codeine)". In
    round ones remarks stand as often ("aspirin (oral, daily)"): of these it takes more entries.
    """
    entries = list(dict.fromkeys(entries))
    found = [match for entry in entries if (match := _RE.BRACKET.fullmatch(entry))]
    inside = [_pieces(match) for match in found]
    several = sum(len(pieces) > 1 for pieces in inside)
    least = _SQUARE if 2 * sum(bool(match["square"]) for match in found) > len(found) else _ROUND
    if len(found) < least or 2 * len(found) < len(entries) or 3 * several < len(found):
        return False
    said = [piece for each in inside for piece in each]
    if 2 * sum(any(map(str.islower, piece)) for piece in said) < len(said):
        return False  # short forms are told by their letters, and "factor (II)" is none
    pieces = [piece.casefold() for piece in said]
    names = {entry.casefold() for entry in entries} | {match["name"].strip().casefold() for match in found}
    odd = [len(piece.split()) > _WORDS or piece in names or any(map(str.isdigit, piece)) for piece in pieces]
    return _SEVENTH * (sum(odd) + len(pieces) - len({*pieces})) <= len(pieces)


def with_brackets(entry: str) -> str:
    """An entry whose other names stand behind a colon, as one with brackets: "heroin: smack, gear"."""
    return _RE.COLON.sub(r"\1 [\2]", entry)


_SQUARE, _ROUND, _WORDS, _SEVENTH = 3, 6, 5, 7
"""Entries with brackets of a kind that show how a list is written, words of a name, what part may be odd."""


def _pieces(bracket: re.Match[str]) -> list[str]:
    return _RE.PIECES.split((bracket["round"] or bracket["square"]).strip())


def says_state(entry: str) -> bool:
    """Whether brackets behind a name say in what state or form it comes, and no other name: "(solution)"."""
    found = _RE.BRACKET.fullmatch(entry)
    return found is not None and _RE.STATE.fullmatch(found["round"] or "") is not None


def _with_year(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """Short forms of an act with its year: "TCPA 1990" of "Town and Country Planning Act 1990 (TCPA)"."""
    if dated := _RE.YEAR_LAST.search(name):
        yield from (f"{piece} {dated[1]}" for piece in pieces if piece.isalpha())


def _leaves_open(inside: str, name: str) -> bool:
    """Whether brackets say that nothing more is known: "cough [NOS]", but "nitric oxide synthase [NOS]"."""
    words = [word for word in name.split() if not _RE.SMALL_WORD.fullmatch(word)]
    initials = "".join(word[0].upper() for word in words) if len(words) > 1 else "-"
    return inside in ("NOS", "NEC") and not inside.startswith(initials)


def unquoted(name: str) -> str:
    """A name without quotes around the whole of it: `"Tri"` of a cell `TCE, "Tri"`."""
    found = _RE.WHOLE_IN_QUOTES.fullmatch(name)
    return found[1] if found else name


def keeps_brackets(entry: str) -> bool:
    """Whether brackets that hold several words or names stay part of an entry: "heroin (H, smack, gear)"."""
    found = _RE.BRACKET.fullmatch(entry)
    return found is not None and len(_pieces(found)) > 1 and names_of(entry).name == entry


def short_and_full(text: str) -> tuple[str, str] | None:
    """A short form and its name, where one string has both: "POAG - Primary open angle glaucoma", "HT: …"."""
    found = _RE.SHORT_FIRST.fullmatch(text)
    return (found[1], found[2]) if found and is_short_for(found[1], found[2]) else None


def _is_brand(inside: str, name: str) -> bool:
    """Whether one name stands behind another, and neither is a word: "salbutamol (albuterol)"."""
    words = name.split()
    coined = inside.isalpha() and inside[1:].islower() and len(inside) >= _LEAST and words[2:] == []
    if coined and inside.istitle() and inside[:_LEAST].lower() == name[:_LEAST]:
        return True  # "amoxicillin [Amoxil]"
    coined = coined and (name.islower() or not _RE.EPITHET.search(inside))  # "Aspergillus (fumigatus)"
    return coined and english_words().isdisjoint((words[0].lower(), inside.lower()))


_COMPOUND = 12
"""Letters of one word whose short form may have two: it is of two words in a row, "Abgaben-ordnung"."""


def is_short_for(piece: str, name: str) -> bool:
    """Whether a piece in capitals begins as a word of the name does: "AFib", but "Aspirin (NSAID)"."""
    if piece[:1].isdigit() and piece[1:2] == "-" and piece[2:].isupper() and name.startswith(piece[:2]):
        rest = iter(name[2:].lower())  # "5-fluorouracil (5-FU)"
        return piece[2].lower() == name[2:3].lower() and all(letter in rest for letter in piece[2:].lower())
    if not _RE.SHORT.fullmatch(piece):
        first, _, head = piece.partition(" ")
        if head and _RE.SHORT.fullmatch(first) and name.lower().endswith(f" {head.lower()}"):  # "CCL rupture"
            return is_short_for(first, name[: -len(head)].strip())
        return _is_clipped(piece, name)
    if _RE.NUMERAL.fullmatch(piece) and _RE.NUMERAL.fullmatch(name.rpartition(" ")[2]):
        return False  # "stage I/II"
    firsts = {word[0].lower() for word in re.findall(r"\w+", name)}
    inner, letters = name.lower(), [letter for letter in piece.lower() if letter.isalpha()]
    if piece[0].lower() not in firsts:
        return False
    if " " in name and len(firsts) > 1:
        return all(letter in inner for letter in letters[:3])
    if " " in name and letters[-1] != inner.split()[-1][0]:  # "acetylsalicylic acid (ASA)", no "LLC"
        return False
    rest = iter(inner)  # "pneumothorax (PTX)": its letters in their order; "Abgabenordnung (AO)"
    enough = len(letters) > 2 or (piece.isupper() and len(name) >= _COMPOUND)
    return enough and inner[0] == letters[0] and all(letter in rest for letter in letters)


def _is_clipped(piece: str, name: str) -> bool:
    """Whether the words of a piece begin words of the name in their order: "lap chole", "hypo"."""
    words, parts = iter(name.lower().split()), piece.lower().split()
    if _RE.CLIPPED.fullmatch(piece) and " " not in name:  # "hypoglycaemia (hypo)"
        return len(name) > len(piece) + 1 and name.lower().startswith(piece.rstrip("."))
    if len(parts) < 2 or not all(len(part) > 1 for part in parts):
        return False
    stems = [part.rstrip(".") for part in parts]
    found = [next((word for word in words if word.startswith(stem)), "") for stem in stems]
    whole = sum(word == part for word, part in zip(found, parts, strict=True))
    return all(found) and whole < len(parts) and (not whole or parts[0][-1] == ".")


# Marks of HTML, wikis and Markdown within a line.


def without_marks(line: str) -> str:
    """A line without tags of HTML and without the brackets of a wiki: "<li>flu</li>", "* [[flu]]"."""
    return _RE.WIKI.sub(r"\1", _RE.TAG.sub("", line)) if "<" in line or "[[" in line else line


def plainly(text: str) -> str:
    """A name without the emphasis of Markdown, "*Listeria* spp."; the stars of "*itis*" are wildcards."""
    return _RE.EMPHASIS.sub(lambda found: found[0] if found[2].islower() else found[2], text)


def item_of(text: str) -> str:
    """The term of an item: what is in bold, code or a link before the rest; else up to a dash or colon."""
    text = text.strip()
    if found := _RE.LEADING.match(text):
        aside = _RE.ASIDE.match(found["rest"])  # "**Hypertension** (HTN): high blood pressure"
        rest, term = aside[0].strip() if aside else "", bare(found[2])
        return f"{term.rstrip(':')} {rest}".strip() if rest.startswith(("(", "[")) else term
    return bare(_RE.EXPLAINED.split(_RE.LINK.sub(r"\1", text), maxsplit=1)[0])


def bare(text: str) -> str:
    """A text without emphasis, links and escapes."""
    text = _RE.EMPHASIS.sub(r"\2", _RE.LINK.sub(r"\1", text.strip()))
    text = _RE.ESCAPED.sub(r"\1", _RE.NOTE_MARK.sub("", text)).rstrip(":").strip()
    return text[1:-1] if text[:1] in '"“' and text[-1:] in '"”' and len(text) > 1 else text


# Regular expressions in place of names.

_MOST_FORMS = 500


def written_out(text: str) -> list[str]:
    r"""The names that regular expressions, one a line, stand for: ``\b(?:flu|asthma)\b``, ``tumou?rs?``."""
    lines = [line.strip().strip("`") for line in text.splitlines() if line.strip() and line[0] != "#"]
    lines = [_RE.DELIMITERS.sub("", line) for line in lines]
    regular = sum(_RE.REGULAR.search(line) is not None for line in lines)
    if not regular and len(lines) == 1 and lines[0].count("|") > 1:
        return [name.strip() for name in lines[0].strip("()^$").split("|") if name.strip()]
    few = not lines or 2 * regular < len(lines) + (len(lines) == 1)
    if few or any(map(_RE.ODD_SET.search, lines)):
        return []
    try:
        return [" ".join(name.split()) for line in lines for name in _forms(_parser.parse(line))]
    except (re.error, ValueError, OverflowError, RecursionError):
        return []


def _forms(nodes: Iterable[tuple[Any, Any]]) -> list[str]:
    """Everything that a parsed pattern matches, with wildcards for any letters.

    Raises:
        ValueError: Too much, or a part that stands for no names.
    """
    forms = [""]
    for code, held in nodes:
        forms = [f"{form}{part}" for form in forms for part in _form(str(code), held)]
        if len(forms) > _MOST_FORMS:
            raise ValueError("too many forms")
    return forms


def _form(code: str, held: Any) -> list[str]:
    if code in ("AT", "ASSERT", "ASSERT_NOT"):
        return [""]
    if code == "LITERAL":
        return [chr(held)]
    if code == "SUBPATTERN":
        return _forms(held[-1])
    if code == "BRANCH":
        return [form for branch in held[1] for form in _forms(branch)]
    if code == "IN":
        return [form for kind, value in held for form in _form(str(kind), value)]
    if code == "RANGE" and held[1] - held[0] < 10:
        return [chr(at) for at in range(held[0], held[1] + 1)]
    if code == "CATEGORY" and str(held) == "CATEGORY_SPACE":
        return [" "]
    if code in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = held
        if str(inner) in _LETTERS:
            return ["*"]
        if most == 1 or _forms(inner) == [" "]:
            return [*[""] * (least == 0), *_forms(inner)]
    raise ValueError(code)


_LETTERS = frozenset(
    str(_parser.parse(any_letter)) for any_letter in (r"\w", ".", r"\S", "[a-z]", "[A-Za-z]")
)
"""What stands for the rest of a word where it is repeated."""
