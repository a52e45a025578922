"""Words that spans lose, where they stop, and what becomes of the pieces of one that is divided.

Words may be called by their kind: "the time", "its dose", "the currency", "her title". How such words are
written is a table (``losses.txt``), so that a mention can lose them ("8 without the time"), gain them ("the
amount lacks its currency") or keep nothing else ("just the date"), whatever they are in the document at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from rapidfuzz.distance import OSA

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.listed import kind_of
from hybrid_ner.review.chat.reading import Reading, asked
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.store.labels import A_LABEL, label_words, labels_meant, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS), TENS="|".join(w.TENS))

LOOSE_END = (
    r"(?i)(?:[\s,;:(–-]+(?:of|the|an?|and|or|in|at|for|to|by|from|with|on|since|until|till|after|before"
    r"|during|within|over|plus|per|than|dated|near|via))*[\s,;:(–-]*$"
)
"""What no mention ends with: "fracture clinic on" is left of "fracture clinic on 13 May"."""
_LINKS = r"[\s,]*(?:\b(?:of|in|at|on|from|since|for|until|dated)\s+(?:the\s+)?)?\(?"
"""What may stand between a mention and words behind it that it shall have: "Orchard Row, Bath"."""


@lru_cache(maxsize=256)
def kind_meant(said: str) -> tuple[tuple[str, str], ...]:
    """The patterns of the words that people call so, the likeliest first; none for any other words.

    Each with the side that such words stand on: ``<`` before or at the beginning of a mention, ``>`` behind
    or at its end, empty for both.
    """
    named = _RE.SAID.fullmatch(" ".join(said.lower().split()))
    name = named["name"] if named else ""
    rows = _RE.made("kinds", str)
    meant = ((pattern, names) for pattern, names in rows if name and re.fullmatch(names.lstrip("<> "), name))
    return tuple((pattern, names[0] if names[0] in "<>" else "") for pattern, names in meant)


def less_kind(surface: str, said: str) -> str:
    """A mention without the words of a kind that it ends or begins with; empty where it has none there.

    Args:
        surface: The words of the mention.
        said: What they are called: "the time", "dose"; several with "and" between go one after the other.
    """
    left = surface
    for each in re.split(r",? and |, | & ", said):
        if not (rest := _less_one(left, each)) and not (rest := _less_one(surface, said)):
            return ""
        left = rest
    return left


def _less_one(surface: str, said: str) -> str:
    for pattern, side in kind_meant(said):
        for start, end in _places(pattern, surface):
            before, after = surface[:start], surface[end:]
            if side != "<" and before.strip() and not after.strip(" .,;)"):
                return _balanced(re.sub(LOOSE_END, "", before))
            if side != ">" and not before.strip() and re.search(r"\w", after):
                return _balanced(re.sub(r"(?i)^[\s,;:]*(?:of\s+(?:the\s+)?)?", "", after))
    return ""


def _balanced(text: str) -> str:
    """A piece of a mention that is one by itself: no bracket is open, and it has letters or figures."""
    whole = text.count("(") == text.count(")") and re.search(r"\w", text)
    return " ".join(text.split()) if whole else ""


def only_kind(surface: str, said: str) -> str:
    """The one piece of a mention that is of a kind; empty where it has none, or several."""
    for pattern, _ in kind_meant(said):
        places = list(_places(pattern, surface))
        if len(places) == 1 and places[0] != (0, len(surface)):
            return " ".join(surface[slice(*places[0])].split())
    return ""


def whole_date(line: str, said: str, situation: Situation) -> str:
    """A line that adds a year, with the one date that the text has of it: "the 1954 date is missing"."""
    year = re.fullmatch(rf'add "(\d{{4}})" (?={A_LABEL}$)(.*)', line)
    if year is None or not re.search(rf"(?i)\b{year[1]} (?:date|one)\b", said):
        return line
    dates = re.finditer(kind_meant("whole date")[0][0], situation.text)
    having = [_flat(each.group()) for each in dates if year[1] in each.group().split()]
    return f"add {quoted(having[0])} {year[2]}" if len(having) == 1 else line


_BESIDES = ("dose", "frequency", "route", "date", "time", "duration", "when", "year", "size")
"""Kinds of words that belong to no name of a thing: what is left without them is "just the drug"."""
_BESIDES_NAMES = (*_BESIDES, "place", "amount")


def bare_name(surface: str, *, called: bool = False) -> str:
    """A mention without doses, dates and times at its end; empty where it has none.

    Args:
        surface: The words of the mention.
        called: It is a name of somebody, which a place is no part of: "Marchmont Estates LLP of Bristol".
    """
    left = surface
    while shorter := next(
        filter(None, (_less_one(left, each) for each in (_BESIDES_NAMES if called else _BESIDES))), ""
    ):
        if not surface.startswith(shorter) or len(shorter) >= len(left):
            break
        left = shorter
    return left if left != surface else ""


def beside(
    text: str, start: int, end: int, said: str, *, front: bool | None = None
) -> tuple[int, int] | None:
    """Where a mention and the words of a kind that stand right beside it begin and end; ``None`` without any.

    Args:
        text: The document.
        start: Where the mention begins.
        end: Where it ends.
        said: What the words are called.
        front: They stand before it; ``None`` where nothing tells.
    """
    strength = re.search(r"(?i)\bdos(?:e|age)s?$", said)  # a dose that lacks is no frequency
    for pattern, side in kind_meant(said)[:: -1 if strength else 1]:
        if front is not False and side != ">":
            for first, last in _places(pattern, line := text[max(0, start - 60) : start]):
                if not line[last:].strip():
                    return start - len(line) + first, end
        behind = re.compile(f"{_LINKS}(?:{pattern})(?!\\w)") if front is not True and side != "<" else None
        found = behind.match(text, end) if behind else None
        if found and re.search(r"[.;]\s", found.group()) is None:
            return start, found.end()
    return None


def _places(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Where words of a kind stand in a text, the longest ones from each place on."""
    return (each.span() for each in re.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text))


_LEAST = 5
"""Letters of words that may be misspelled, at least: "Inc" for "Ltd" is no slip."""


def is_slip(said: str, words: str) -> bool:
    """Whether words as typed are those of a text, with a slip in them: "Limitd", "phospate 30 mg"."""
    typed, meant = " ".join(said.lower().split()), " ".join(words.lower().split())
    if min(len(typed), len(meant)) < _LEAST or typed[0] != meant[0] or typed == meant:
        return False
    same = re.findall(r"\d+", typed) == re.findall(r"\d+", meant)
    return same and OSA.distance(typed, meant) <= max(1, len(meant) // 7)


_New = Callable[[Spot], str]
"""What a span would be; empty where the words do not stand in it so."""
_LOSING = (
    *("TAKES_OFF", "FROM", "SPAN_LOSES", "NOT_BEGIN", "WHERE", "NOT_OF", "GONE", "PASSIVE"),
    *("CREPT", "STRAY", "PICKED_UP", "LESS"),
)
_SURE = re.compile(r"(?i)(?:lose|cut|take|leave|strip|trim|chop|clip|knock)\b")
"""Verbs that take words from a name and hardly a mention away: "drop the stent" may reject it."""
_LOOSE = " ,;:-–("


def losses(line: str, situation: Situation) -> list[str]:
    """The line for the one span that loses words, or ends at some, or has the words behind it; else none."""
    if made := _just(line.strip(" .!"), situation):
        return made
    line = _RE.REASONS.sub("", _RE.LEAD.sub("", line.strip(" .!?")).strip(" .!")).strip(" ,;")
    for read in (_behind, _stops, _loses):
        if made := read(line, situation):
            return made
    return []


def _behind(line: str, situation: Situation) -> list[str]:
    """What stands right behind a span, its full stop too: "should be followed by Limited"."""
    if said := _RE.DOT_MISSING.fullmatch(line) or _RE.PUT_DOT.fullmatch(line):
        return _one_of(said["span"], lambda spot: _with_next(spot, ".", situation), situation)
    if said := _RE.FOLLOWED.fullmatch(line):
        words = _bare(said["after"] or said["behind"])
        return _one_of(said["span"], lambda spot: _with_next(spot, words, situation), situation)
    return []


def _with_next(spot: Spot, words: str, situation: Situation) -> str:
    between = "" if words == "." else r"[\s,]*"
    pattern = r"\s+".join(map(re.escape, words.split()))
    end = r"(?!\w)" if words[-1:].isalnum() else ""
    found = re.compile(f"(?i){between}{pattern}{end}").match(situation.text, spot.end) if words else None
    return _flat(situation.text[spot.start : found.end()]) if found else ""


_BEFORE = re.compile(r"(?i)\s+before\s*$")


def _stops(line: str, situation: Situation) -> list[str]:
    """Where a span ends: "cut it after the word liability", "the rent should stop at the figure"."""
    for name in ("CUT_AT", "STOPS_AT", "STOPS_HERE"):
        said = getattr(_RE, name).fullmatch(line)
        if said is None:
            continue
        words, before = _bare(said["at"]), said["how"].lower() == "before"
        figure = _RE.FIGURE_SAID.fullmatch(words)

        def made(spot: Spot, words: str = words, before: bool = before, figure: object = figure) -> str:
            pattern = _RE.SUM if figure else re.compile(rf"(?i)(?<!\w){re.escape(words)}(?!\w)")
            places = [each.span() for each in pattern.finditer(spot.surface)]
            if len(places) != 1:
                return ""
            kept = spot.surface[: places[0][0] if before else places[0][1]]
            kept = _BEFORE.sub("", kept) if before else kept  # "naproxen before bed", cut before bed
            return _flat(re.sub(LOOSE_END, "", kept.rstrip(_LOOSE)) if before else kept)

        own = situation.spot(situation.part_of(words)) if name == "STOPS_HERE" else None
        span = str(own.number) if own and _RE.IT.fullmatch(said["span"]) else said["span"]
        if lines := _one_of(span, made, situation):
            return lines
    return []


def _loses(line: str, situation: Situation) -> list[str]:
    """Words that go from the beginning or the end of a span."""
    for said, span, sure in _orders(line, situation):
        out = _bare(said)
        if not (span or situation.framed) and squeezed(out) in situation.by_surface:
            continue  # "parapet" needs removing: that mention, and no word of another one
        of_kind = span or not _is_label(out, situation)  # "drop the date" may be of a mention with that label
        sure = sure or bool(situation.framed and of_kind and kind_meant(out))
        new = partial(_less, out=out, kinds=bool(of_kind))
        if out and (made := _one_of(span, new, situation, sure=sure)):
            return made
        if out == "." and span and (spots := next(called(_bare(span), situation), [])) and len(spots) == 1:
            return [f"{spots[0].number} = {quoted(_flat(spots[0].surface))}"]  # without a full stop already
    return []


def _is_label(words: str, situation: Situation) -> bool:
    return plain_words(re.sub(r"(?i)^(?:the|its|an?) ", "", words)) in label_words(situation.labels)


def _just(line: str, situation: Situation) -> list[str]:
    """What a span is without figures, dates and the like, or the one kind of words that stays of it.

    "4: just the drug", "only the date in 11"; the words may be a label, which the span has then too.
    """
    said = _RE.JUST.fullmatch(line) or _RE.JUST_IN.fullmatch(line) or _RE.JUST_LAST.fullmatch(line)
    if said is None or not (said["span"] or situation.framed or situation.waits):
        return []
    what = said["what"].lower()
    meant = situation.labels_named(what)
    if not (meant or kind_meant(what) or _RE.A_NAME.fullmatch(what)):
        return []

    def made(spot: Spot) -> str:
        whose = _RE.OF_WHOM.search(f"{what} {spot.label.lower()}") is not None
        kept = only_kind(spot.surface, what)
        return kept or (bare_name(spot.surface, called=whose) if meant or not kind_meant(what) else "")

    lines = _one_of(said["span"] or "", made, situation)
    spot = situation.spot(int(lines[0].split()[0])) if lines else None
    other = spot and len(meant) == 1 and spot.label not in meant
    return [*lines, f"{lines[0].split()[0]} is {meant[0]}"] if other else lines


def _orders(line: str, situation: Situation) -> Iterator[tuple[str, str, bool]]:
    """The words that go, the span that is named, and whether the words alone tell that it is no mention."""
    if said := _RE.LOSES.fullmatch(line):
        marked = said["words"] is not None or said["out"][:1] in "\"'“‘"
        yield said["out"], "", marked or (_SURE.match(line) is not None and " " in said["out"])
        for cut in re.finditer(r" (?:from|off|out of|in|of|at) ", said["out"]):
            yield said["out"][: cut.start()], said["out"][cut.end() :], True
    for name in _LOSING:
        said = getattr(_RE, name).fullmatch(line)
        if said is None:
            continue
        marked = said["words"] is not None or said["out"][:1] in "\"'“‘"
        at = said.groupdict().get("at") or ""
        span = f"{said['span']}".strip() or at
        if name == "LESS" and situation.framed and not marked:
            yield said["out"], "it", True  # "minus the MN", of the framed mention
        yield said["out"], span, bool(span) or marked
        if at:
            yield f"{said['out']}{line[said.end('out') : said.end('at')]}", said["span"].strip(), True


def _bare(said: str) -> str:
    """Words without quotes and without what only leads up to them."""
    said = said.strip().rstrip("!,;:")
    if found := re.fullmatch(r"[\"'“‘](.+?)[\"'”’]", said):
        return found[1].strip() or found[1]
    said = said.rstrip(".") if len(said) > 1 else said
    if _RE.DOT.fullmatch(said.lower()):
        return "."
    return said.strip('"“” ')


def _less(spot: Spot, out: str, *, kinds: bool = True) -> str:
    """A span without words, or a sign, that it begins or ends with; empty where it is no longer one.

    Where it has no such words, they may be a slip of its own, or what people call those that it has.
    """
    if out == "." or not any(map(str.isalnum, out)):
        return spot.surface[: -len(out)].rstrip() if spot.surface.endswith(out) else ""
    if kinds and (left := less_kind(spot.surface, out)):
        return left
    bare = re.sub(r"(?i)^(?:the|its|his|her|their|that) | (?:bit|part|piece|portion|thing|words?)$", "", out)
    for words in dict.fromkeys((out, bare)):
        pattern = r"\s+".join(map(re.escape, words.split()))
        if behind := re.search(rf"(?i)(?<!\w){pattern}[.)]?$", spot.surface):
            return _flat(re.sub(LOOSE_END, "", spot.surface[: behind.start()].rstrip(_LOOSE)))
        if before := re.match(rf"(?i){pattern}(?!\w)", spot.surface):
            left = spot.surface[before.end() :].lstrip(_LOOSE)
            return _flat(re.sub(r"^(?:(?:of|on|at|in|by|from|to|for|and|or)\s+)+", "", left))  # 4pm on …
    pieces, count = list(re.finditer(r"\S+", spot.surface)), len(bare.split())
    if 0 < count < len(pieces) and is_slip(bare, spot.surface[pieces[-count].start() :]):
        return _flat(re.sub(LOOSE_END, "", spot.surface[: pieces[-count].start()].rstrip(_LOOSE)))
    return ""


def _flat(text: str) -> str:
    return " ".join(text.split())


def _one_of(name: str, new: _New, situation: Situation, *, sure: bool = True) -> list[str]:
    """The line for the one span that is called so and can become something new; none for none or several."""
    for spots in called(_bare(name), situation):
        made = {spot.number: to for spot in spots if (to := new(spot)) and to != _flat(spot.surface)}
        if made:
            (number, to), *others = made.items()
            return [f"{number} = {quoted(to)}"] if sure and not others else []
    return []


def called(said: str, situation: Situation) -> Iterator[list[Spot]]:
    """The spans that words may be about, the most likely ones first: "the second amount", "the rent"."""
    if not said or _RE.IT.fullmatch(said):
        last = situation.spot(situation.touched) if situation.fresh else None
        asked = situation.spot(situation.waits) or (situation.focus if said or not last else None)
        yield [spot for spot in (last,) if spot]
        yield [spot for spot in (asked,) if spot]
        yield [] if said else list(situation.spots)
        return
    if number := _RE.NUMBERED.fullmatch(said):
        tens, ones = (number["tens"] or "").lower(), (number["n"] or "").lower()
        value = int(ones) if ones.isdecimal() else w.TENS.get(tens, 0) + w.NUMBERS.get(ones, 0)
        yield [found] if (found := situation.spot(value)) else []
        return
    if re.match(r"(?i)[a-z]+ \d{1,3}$", said) and (found := situation.spot(int(said.split()[-1]))):
        yield [found] if squeezed(said.split()[0]) in squeezed(found.surface) else []  # Impella 2
    yield situation.these(situation.by_surface.get(squeezed(said), ()))
    words = [word for word in re.findall(r"[\w'-]+", said.lower()) if word not in ("the", "a", "an", "its")]
    labels = label_words(situation.labels)
    meant = {label for word in words for label in labels.get(plain_words(word), ((), False))[0]}
    named = [word for word in words if plain_words(word) not in labels]
    if named and named[0] in w.ORDINALS and (meant or named[1:]):  # "the second amount", "first wheeze"
        alike = [spot for spot in situation.in_text if not meant or spot.label in meant]
        own = set(named[1:])
        having = [spot for spot in alike if own <= set(re.findall(r"[\w'-]+", spot.surface.lower()))]
        yield having[w.ORDINALS[named[0]] - 1 : w.ORDINALS[named[0]]]
        return
    right = [spot for spot in situation.spots if not meant or spot.label in meant]
    if not named:
        yield [] if not words else right
        return
    yield [spot for spot in right if set(named) <= set(re.findall(r"[\w'-]+", spot.surface.lower()))]
    # "the rent" is the sum beside the word
    said_beside = ((spot, situation.sentence(spot).lower()) for spot in right)
    yield [spot for spot, beside in said_beside if set(named) <= set(re.findall(r"[\w'-]+", beside))]


# What becomes of the pieces of a span that is divided: the label of each, and the lines.

_MONEY = frozenset(("sum", "amount", "money", "value", "price", "cost", "fee", "figure"))
_QUANTITIES = frozenset(
    ("dose", "dosage", "strength", "amount", "quantity", "value", "number", "figure", "measure",
     "measurement", "size", "dimension")
)  # fmt: skip
"""Words of labels that a piece with figures may be of: money, and anything else."""
FIGURES = _MONEY | _QUANTITIES
_MEASURES = FIGURES | {"date"}
"""Labels of the piece that has the figures: "split 3 into the drug and the dose"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a span: where it begins and ends in the span, and its label; empty where none is said."""

    start: int
    end: int
    label: str = ""


def _shape(text: str) -> str:
    """How words with figures look: "850 mg" and "40mg" are both "0mg"; else empty."""
    return re.sub(r"\d[\d.,/]*", "0", text.lower()).replace(" ", "") if re.search(r"\d", text) else ""


_NAMES_OF = {"date": ("date",), "money": ("money", "sum", "amount")}
"""Words of labels that figures of a kind have."""


def label_like(text: str, situation: Situation, apart: Spot | None = None) -> str:
    """The label of words that none is said for; empty where nothing tells.

    The one they were accepted with or have in the lists; else, of a date or a sum, the label called so; else
    the one of mentions of their kind or shape ("40 mg" like "850 mg"); for figures the one label of the
    project that is of figures, for words that of the term which ends them, or of the listed terms which end
    like them.

    ``apart`` is a mention that does not count, since the words are a piece of it.
    """
    known, kind, shape = situation.labels_of(text), kind_of(text), _shape(text)
    if len(known) == 1:
        return known[0]
    meant = {labels_meant(word, situation.labels) for word in _NAMES_OF.get(kind, ())} - {()}
    if len(meant) == 1 and len(only := meant.pop()) == 1:
        return only[0]
    spots = [spot for spot in situation.spots if spot != apart and not spot.out]
    alike = {s.label for s in spots if shape and shape == _shape(s.surface)}
    alike = alike or {s.label for s in spots if kind and kind == kind_of(s.surface)}
    if not alike and shape[:1] in ("0", "$", "€", "£", "¥"):
        words = _QUANTITIES if shape[0] == "0" else _MONEY
        alike = {each for each in situation.labels if of_words(each, words)}
    if not (alike or kind):
        head = _BEHIND_HEAD.split(text, maxsplit=1)[0]
        return _label_of_last(head, situation) or situation.label_guess(head)
    return alike.pop() if len(alike) == 1 else ""


_BEHIND_HEAD = re.compile(r"(?i)(?<=\w) (?:of|in|to|with|due|from|after|by|on|at|for|during) ")
"""What follows these words says more of a term, but not what it is: "side effects of aspirin"."""


def _label_of_last(text: str, situation: Situation) -> str:
    """The label of a term that ends words ("decompensated CHF"); empty where none does, or several do."""
    words = text.split()
    ends = (" ".join(words[first:]) for first in range(1, len(words)))
    known = next(filter(None, map(situation.labels_of, ends)), ())
    return known[0] if len(known) == 1 else ""


def of_words(label: str, words: frozenset[str] = _MEASURES) -> bool:
    """Whether a label has one of these words in its name."""
    return bool(set(map(str.lower, re.findall("[A-Z]?[a-z]+|[A-Z]+", label))) & words)


_JOINS = re.compile(r"(?i)(?:of|and|with|plus|in|for|by|,|&|\+)\s+(?=\w)")
"""What joins a piece to the one before it: "600 kg", "of okra"."""


def written(pieces: Sequence[Piece], spot: Spot, situation: Situation) -> Reading:
    """The lines for the pieces of a span; what a piece is that nothing tells is asked.

    A piece without a label is what the span is, unless that is a piece of figures and this one is none.
    """
    joins = (_JOINS.match(spot.surface, each.start, each.end) for each in pieces)
    pieces = [
        replace(each, start=found.end()) if found else each for each, found in zip(pieces, joins, strict=True)
    ]
    texts = [spot.surface[each.start : each.end] for each in pieces]
    labels = [
        each.label or label_like(text, situation, spot) for each, text in zip(pieces, texts, strict=True)
    ]
    figures = [re.match(r"[$€£¥]? ?\d", text) is not None for text in texts]
    order = sorted(range(len(texts)), key=lambda at: figures[at] != of_words(spot.label))
    for at in order:
        others = [figures[n] for n, label in enumerate(labels) if label == spot.label]
        if not labels[at] and (not others or figures[at] in others):
            labels[at] = spot.label

    def lines(label: str) -> str:
        made = zip(pieces, labels, strict=True)
        return "; ".join(_divided([Piece(e.start, e.end, own or label) for e, own in made], spot, situation))

    if "" not in labels:
        return Reading(tuple(lines("").split("; ")), writes=True)
    asks = f"What is “{texts[labels.index('')]}”?"
    return asked(asks, *((f"As {label}", lines(label)) for label in situation.labels if label != spot.label))


def _divided(pieces: Sequence[Piece], spot: Spot, situation: Situation) -> list[str]:
    """The span becomes the piece of its label, or the first one; the others are added."""

    def several(each: Piece) -> bool:
        return len(situation.places(spot.surface[each.start : each.end])) > 1

    ordered = sorted(pieces, key=lambda each: each.start)
    own = situation.spot(spot.number) or spot
    at_own = [e for e in ordered if own.start < spot.start + e.end and spot.start + e.start < own.end]
    stays = next((each for each in at_own if each.label in ("", spot.label)), (at_own or ordered)[0])
    said = {each: quoted(" ".join(spot.surface[each.start : each.end].split())) for each in ordered}
    lines = [f"{spot.number} = {said[stays]}"]
    if stays.label not in ("", spot.label):
        lines.append(f"{spot.number} is {stays.label}")
    for each in ordered:
        if each != stays:
            place = f"@{spot.start + each.start}-{spot.start + each.end} " if several(each) else ""
            lines.append(f"add {said[each]} {place}{each.label or spot.label}")
    return lines
