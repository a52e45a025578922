"""A sentence on its way to its bare wording: words of the lexicon, and markers for what it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from rapidfuzz.distance import OSA

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.numbered import numbers_typed, text_item
from hybrid_ner.review.chat.reading import Item, Wording, new_item
from hybrid_ner.review.chat.situation import (
    Situation,
    capitals,
    dotted_text,
    near_words,
    part_words,
    plural_words,
    span_words,
    squeezed,
)
from hybrid_ner.review.chat.words import (
    PHRASE,
    corrected,
    is_english,
    is_known,
    lexicon,
    own_words,
    phrase_words,
    stemmed,
    typed,
)
from hybrid_ner.review.store.labels import abbreviated, common_kind, label_words

LONGEST = 600
"""Characters of a sentence; a longer line can only be a command."""
MOST_WORDS = 90
_BOTH = re.compile(r"(?i)\b(?:both|all)(?: of)?(?: the| these| those)? +$")
_LETTERS = 6
"""Letters of a span for each one that may be wrong in a misspelled name of it."""
_LEAST = 4
"""Letters of the beginning of a name that stands for it."""
_SURE = 5
"""Letters of a misspelled name above which the one span that is near is meant."""

_TOKEN = re.compile(
    r"""(?P<quote>"[^"]*"|(?<![\w])'[^']+'(?!\w))
    |(?P<range>\d{1,6}\s?[-–]\s?\d{1,6}(?![\w-]))
    |(?P<number>100(?=%)|\d{1,6}(?![\w%]))
    |(?P<word>(?!100%)\d+(?:[.,]\d+)*%|(?:(?<!\w)(?:[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|St|[Ii]nc|[Cc]orp|[Ll]td|Co|[Jj]r|Sr|Hon|vs?)\.)
        |(?<!\w)(?:[Cc]hr(?:on)?|[Aa]rt|[Rr]ez|[Ss]ek|[Vv]it)\.(?=\s[^\W\d_])|\w+(?:['\-./&]\w+)*)
    |(?P<sign>[^\w\s])""",
    re.X,
)
_FIGURES = re.compile(r"\d+(?:[.,/]\d+)+(?![\w,./]\d)")
"""2,400 and 1950.5"""
_MEASURED = re.compile(r"\d+(?:[.,]\d+)* ?[°µ]+ ?[A-Za-z]+")
"""1850 °C"""
_AMOUNT = re.compile(r" ?\d+(?:[.,]\d+)*(?!\w)")
"""What follows the sign of a currency."""
_PARTS = {".": ";", "!": ";", ";": ";", "?": "?", ",": ",", "&": "and", "+": "plus"}


def is_name(word: str, situation: Situation) -> bool:
    """Whether a word is no slip of the language: it is known, English, of the text, a label, or near one."""
    low = word.lower()
    return (
        low in lexicon()[1]
        or low in w.PATTERN_WORDS
        or is_known(stemmed(low))
        or is_english(low)
        or situation.holds(low)
        or (low,) in label_words(situation.labels)
        or bool(_label_slip(low, situation) or situation.near(low) or _span_slip(word, situation))
    )


def worded(line: str, situation: Situation) -> Wording:
    """A line in canonical words, with markers for numbers, labels and texts.

    Args:
        line: As typed.
        situation: What it can be about.
    """
    line = re.sub(r"(?<=n)[;:,](?=t\b)", "'", typed(line))
    # "dry mouth's a symptom", where the name has two words
    line = re.sub(r"(?<=\w)'s (?=(?:an?|not|missing|wrong|fine|ok|okay|correct)\b)", " is ", line)
    found = list(_TOKEN.finditer(line))[: MOST_WORDS + 1]
    wording = Wording("", [], line)
    parts: list[str] = []
    at = 0
    while at < len(found):
        taken, marker = _one(found, at, line, situation, wording)
        parts.append(marker)
        at += taken
    wording.text = w.in_canonical(re.sub(r"\s+", " ", " ".join(parts)).strip())
    return wording


def _one(
    found: list[re.Match[str]], at: int, line: str, situation: Situation, wording: Wording
) -> tuple[int, str]:
    """How many tokens belong together here, and what stands for them."""
    token = found[at]
    kind, said = token.lastgroup, token.group()
    if kind == "quote":
        inside = said[1:-1].strip()
        return 1, new_item(wording, text_item(inside, situation)) if inside else "UNKNOWN"
    if kind in ("number", "range"):
        size = max(span_words(found, at, line, situation), _number_words(found, at, line, situation))
        # "3308-51" is no row of spans, and "2021" none of them, where the text has it
        first = int(re.match(r"\d+", said).group())  # type: ignore[union-attr]
        year = kind == "range" or len(said) == 4
        size = size or int(year and first > len(situation.spots) and situation.holds(said))
        text = line[token.start() : found[at + size - 1].end()] if size else ""
        return size or 1, new_item(wording, text_item(text, situation) if text else numbers_typed(said))
    if kind == "sign":
        return _sign(found, at, line, situation, wording)
    if at and situation.calls_document(said.lower(), found[at - 1].group().lower()):
        return 1, "document"
    if size := capitals(found, at, situation):
        return size, new_item(wording, Item("txt", line[token.start() : found[at + size - 1].end()]))
    if size := part_words(found, at, line, situation):
        said = line[token.start() : found[at + size - 1].end()]
        return size, new_item(wording, text_item(said, situation))
    if size := phrase_words(found, at):
        return size, " ".join(token.group().lower().replace("'", "") for token in found[at : at + size])
    if said.isupper() and not is_english(said.lower()) and (named := situation.by_initials(said)):
        return 1, new_item(wording, text_item(named, situation))  # "CRP", which is no slip of anything
    size = _document_words(found, at, line, situation)
    labels, plural, label_size = _label(found, at, situation)
    if said.lower() == "flag" and _FLAGS.match(line, token.end()):
        return 1, "flag"
    before = [token.group().lower() for token in found[max(0, at - 3) : at]]
    if label_size and before[-1:] in (["a"], ["an"]) and _describes(found, at, label_size, line, situation):
        return label_size, ""
    ahead = [each for each in before if each != "the"]
    after = found[at + 1].group().lower() if at + 1 < len(found) else ""
    # "the word Court", "1 should end at Court", "add appellant as petitioner", "the Court was missed"
    other = not situation.labeled(labels) and said[:1].isupper() and said in situation.text
    added = after == "as" and (other or said.upper() not in map(str.upper, situation.labels))
    added = (added and ahead[-1:] and ahead[-1] in _ADDS) or (other and "the" in before and after in _LACKS)
    word = label_size == 1 and (added or _CALLED.search(" ".join(ahead)))
    if word and (size or situation.holds(said.lower())):
        label_size, size = 0, max(size, 1)
    if label_size and label_size >= size:
        said = line[token.start() : found[at + label_size - 1].end()]
        return label_size, new_item(wording, Item("lab", said, labels=labels, plural=plural))
    if size and (dotted := dotted_text(line, token.start(), found[at + size - 1], situation)):
        return size + 1, new_item(wording, Item("txt", dotted))
    if size:
        item = text_item(_unowned(line[token.start() : found[at + size - 1].end()], situation), situation)
        then = found[at + size].group().lower() if at + size < len(found) else ""
        ends = " thing" if item.plural else ""
        return size, new_item(wording, item) + (
            " is" if _IS.search(f"{token.group()} {then}") and size == 1 else ends
        )
    name = said.istitle() and at > 0 and found[at - 1].group().isalpha()  # "back to Nowak": no slip
    return _plain_word(said, wording, situation, after, name=name)


def _sign(
    found: list[re.Match[str]], at: int, line: str, situation: Situation, wording: Wording
) -> tuple[int, str]:
    """A sign: what begins an amount of money, a sign of the text, or what parts clauses."""
    token, said = found[at], found[at].group()
    amount = _AMOUNT.match(line, token.end()) if said in "$€£¥" else None
    size = span_words(found, at, line, situation) if said in "$€£¥§" else 0
    if not size and amount and situation.holds(line[token.start() : amount.end()]):
        size = sum(token.start() <= each.start() < amount.end() for each in found[at:])
    if size:
        longer = (
            more
            for more in range(min(PHRASE, len(found) - at), size, -1)
            if found[at + more - 1].lastgroup != "sign"
            and not is_known(found[at + more - 1].group().lower())
            and situation.holds(squeezed(line[token.start() : found[at + more - 1].end()]))
        )
        size = next(longer, size)
        text = line[token.start() : found[at + size - 1].end()]
        return size, new_item(wording, text_item(text, situation))
    if amount and not amount.group().startswith(" ") and re.search(r"[.,]", amount.group()):
        text = line[token.start() : amount.end()]  # "£1,416.00", which is not here, is no 1 and 416
        size = sum(token.start() <= each.start() < amount.end() for each in found[at:])
        return size, new_item(wording, Item("unk", text))
    if said in "$€£¥§%" and situation.holds(said):
        return 1, new_item(wording, Item("txt", said))
    if said in "-:=(){}[]*~\"'–—/>→⇒" or (said == "#" and at + 1 < len(found)):
        return 1, ""
    return 1, _PARTS.get(said, "UNKNOWN")


_IS = re.compile(
    r"(?i)'s (?:an?|the|not|wrong|right|fine|ok|okay|correct|good|no|just|only|really|actually|clearly"
    r"|missing)$"
)
"""Troponin's a test, and no "troponin's label"."""
_OWNER = re.compile(
    r"(?i)^(?:her|his|their|my|our) (?=\w)(?!.*\b(?:is|are|was|were|has|have|had|does|did)\b)"
)
"""Whose it is, before words of the text that may be marked: "her lower back pain is a condition"."""


def _unowned(words: str, situation: Situation) -> str:
    """Words of the text without whose it is, but where a span reads so."""
    return words if squeezed(words) in situation.by_surface else _OWNER.sub("", words, count=1)


_ENDS_LABEL = ("", ",", ";", ".", ")", "and", "!")
"""What may follow a label in short."""
_OWNED = frozenset(("name", "title", "address", "span", "label", "end", "beginning", "edge"))


def _plain_word(
    said: str, wording: Wording, situation: Situation, after: str = "", *, name: bool = False
) -> tuple[int, str]:
    word = re.sub(r"'", "", said.lower())
    if said.lower().endswith("'s") and word not in w.CONTRACTIONS:
        owner = said[:-2]
        labels = label_words(situation.labels).get((owner.lower(),))
        if labels:
            marker = new_item(wording, Item("lab", owner, labels=labels[0], plural=labels[1]))
            return 1, marker if after in _OWNED else f"{marker} is"  # "the court's name"
        if situation.holds(owner.lower()) and not is_known(owner.lower()):
            return 1, f"{new_item(wording, text_item(owner, situation))} is"  # "Jane's a person"
        inner, owner = _plain_word(owner, wording, situation)
        return inner, f"{owner} is"
    if re.fullmatch(r"\d+(?:st|nd|rd|th)", word):
        return 1, f"nth{int(word[:-2])}"
    known = lexicon()[1]
    if word in known and word not in own_words()[0]:
        return 1, new_item(wording, Item("unk", said))
    plain = stemmed(word)
    slip = _span_slip(said, situation) if word not in known and plain not in known else None
    if slip is not None:
        return 1, new_item(wording, slip)
    for each in (word, plain, word if name or word in known or is_english(word) else corrected(word)):
        if each in w.CONTRACTIONS:
            return 1, w.CONTRACTIONS[each]
        if each not in (word, plain) and (meant := label_words(situation.labels).get((each,))):
            return 1, new_item(wording, Item("lab", said, labels=meant[0], plural=meant[1]))  # "perrson"
        own = each in own_words()[0] and each in (word, plain)
        if each in known and (own or not _label_slip(word, situation)):
            return 1, each
    near_label = () if len(word) > 6 and is_english(word) else _label_slip(word, situation)
    if (
        not near_label
        and len(word) > 5
        and word.endswith("ly")
        and not w.NO_ADVERBS.match(word)
        and is_english(word)
    ):
        return 1, ""  # "patently wrong"
    if not near_label and len(word) > _LETTERS and not is_english(word) and (near := situation.near(word)):
        return 1, new_item(wording, Item("txt", near))  # "pituitray" can be nothing else
    if not near_label and after in _ENDS_LABEL and not is_english(word):
        near_label = abbreviated(word, situation.labels)  # "9 amt"
    if not near_label and (named := situation.by_initials(said)):
        return 1, new_item(wording, text_item(named, situation))
    if not near_label:
        return 1, new_item(wording, Item("unk", said))
    several = word.endswith("s") and not any(label.lower().endswith("s") for label in near_label)
    return 1, new_item(wording, Item("lab", said, labels=near_label, plural=several))


def _span_slip(said: str, situation: Situation) -> Item | None:
    """The span that a misspelled name is nearest to, which has to be asked; ``None`` without just one."""
    word = said.lower()
    begun = [each for each in situation.by_surface if each.startswith(word) and len(each) > len(word) + 2]
    long = len(word) > _LEAST or (len(word) == _LEAST and not is_english(word))
    if len(begun) == 1 and long and " " not in begun[0]:
        return text_item(begun[0], situation)  # "nitro"
    near = [
        surface
        for surface in situation.by_surface
        if len(surface) > 4 and surface[0] == word[0] and surface != word
        if OSA.distance(surface, word) <= max(1, len(surface) // _LETTERS)
    ]
    if len(near) != 1 or is_english(word):
        return None
    item = text_item(near[0], situation)
    # "fibrilation" and "clamy" can be nothing else; "pian" may be
    sure = max(len(word), len(near[0])) > _SURE
    return item if sure else replace(item, problem=f"there is no “{said}” here")


def _label(found: list[re.Match[str]], at: int, situation: Situation) -> tuple[tuple[str, ...], bool, int]:
    known = label_words(situation.labels)
    for size in (4, 3, 2, 1):
        tokens = [t.group().lower() for t in found[at : at + size]]
        words = tuple(part for token in tokens for part in re.split(r"[_-]", token))
        if len(tokens) == size and words in known:
            return *known[words], size
        if size > 1 and len(tokens) == size and (near := _near_label(words, known)):
            return *known[near], size
    before = " ".join(t.group().lower() for t in found[max(at - 2, 0) : at])
    if said := _KIND.search(before):
        for size in range(min(2, len(found) - at), 0, -1):
            kind = " ".join(t.group().lower() for t in found[at : at + size])
            if meant := common_kind(kind.removesuffix("s") if said["s"] else kind, situation.labels):
                return meant, bool(said["s"]), size
    return (), False, 0


_KIND = re.compile(r"(?:is|was|'s|=) (?:an?|the)$|(?P<s>\b(?:are|were))(?: all| both)?$")
"""What stands before a kind of thing: "19 is a day", "7 and 16 are antibiotics"."""


_LEAST_LABEL = 7
"""Letters of a label of several words above which one may be wrong."""


def _near_label(words: tuple[str, ...], known: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The one label of as many words that misspelled ones are nearest to: "side efect"; empty without one."""
    said = " ".join(words)
    near = [
        each
        for each in (known if len(said) > _LEAST_LABEL else ())
        if len(each) == len(words)
        and each[0][:1] == said[:1]
        and OSA.distance(" ".join(each), said, score_cutoff=1) == 1
    ]
    return near[0] if len(near) == 1 else ()


def _label_slip(word: str, situation: Situation) -> tuple[str, ...]:
    from hybrid_ner.review.store.labels import labels_meant

    short = len(word) < 4 and (w.VOWELS.search(word) or word in _TITLES)  # "Dr" is no Drug
    how = word.endswith("ly") and is_english(word)  # "partly" is no Party
    return () if short or how else labels_meant(word, situation.labels)


_TITLES = frozenset(("dr", "mr", "mrs", "ms", "prof", "st", "jr", "sr"))


def _number_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from a number on that stand so in the document: ``12 Pier Road``."""
    known = lexicon()[1]
    for pattern in (_MEASURED, _FIGURES):
        written = pattern.match(line, found[at].start())
        if written and situation.holds(written.group().lower()):
            return sum(written.start() <= token.start() < written.end() for token in found[at:])
    for size in range(min(PHRASE, len(found) - at), 1, -1):
        ends = found[at + 1].lastgroup, found[at + size - 1].lastgroup
        if ends[0] != "word" or ends[1] not in ("word", "number"):
            continue  # 12 Pier Road, 30 June 2027
        inner = [token.group().lower() for token in found[at + 1 : at + size]]
        # "2 May 2024" is a date though one may, and so is "2 May" where that is written
        starts, may = f"{found[at].group()} {inner[0]} ", ends[1] == "word" and {inner[0], inner[-1]} & known
        begins = size == 2 and any(each.startswith(starts) for each in situation.by_surface)
        named = begins and found[at + 1].group().istitle()
        if not named and (may or squeezed(inner[0]) in situation.by_surface):
            continue
        if situation.holds(squeezed(line[found[at].start() : found[at + size - 1].end()])):
            return size
    return 0


def _document_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that are words of a span or of the document, and not of the language."""
    size = span_words(found, at, line, situation)
    before = found[at - 1].group().lower() if at else ""
    side = found[at].group().lower()
    says = re.match(r"(?i) +(?:is|was|isn't|should|has|means)\b", line[found[at].end() :])
    filler = (
        lexicon()[0].get(side) == "" or side == "code" or (side.isalpha() and side in situation.by_surface)
    )
    if says and filler and before in ("", "the", "an", "a", ";", ",", ".") and situation.holds(side):
        return 1  # "man is not a problem", "code is a statute"
    verb = found[at - 2].group().lower() if before in ("the", "an", "a") and at > 1 else before
    if side in situation.by_surface and side not in _ALL_OF_THEM and lexicon()[0].get(verb, verb) in _DECIDES:
        return 1  # "discard order", "unmark the order"
    if side in situation.by_surface and before in ("except", "but", "save", "bar", "besides", "excluding"):
        return 1  # "the treatments are fine except home"
    judged = _VERDICT.match(line, found[at].end()) and before in ("", "the", ",", ";", ".", "and", "but")
    if judged and side in situation.by_surface and side not in _ALL_OF_THEM:
        return 1  # "dizziness ok, lunch no", though "after lunch" says when
    if side in situation.by_surface and side not in _ALL_OF_THEM and _in_row(found, at, line, situation):
        return 1  # "reject kick and may"
    if before in w.ORDINALS and len(situation.by_surface.get(side, ())) > 1 and side not in _ALL_OF_THEM:
        return 1  # "the second trust is wrong"
    if side in ("right", "left") and (
        before == "without" or (before in ("word", "term") and situation.holds(side))
    ):
        return max(size, 1)  # "3 without right"
    if size == 1 and not _is_strange(found[at]) and not _as_written(found[at].group(), at, situation):
        size = 0
    if size == 0 and (near := near_words(found, at, line, situation)):
        return near
    if (
        size == 0
        and (_is_strange(found[at]) or _BOTH.search(line, 0, found[at].start()))
        and (more := plural_words(found, at, line, situation))
    ):
        return more
    if more := _longer_words(found, at, size, line, situation):
        return more
    if size == 0 and _is_strange(found[at]):
        for stem in (side.removesuffix("'s"), side.removesuffix("s")):
            if stem != side and stem in situation.by_surface:
                return 1
    return size


def _is_strange(token: re.Match[str]) -> bool:
    """Whether a token is no word of the language."""
    return token.lastgroup == "word" and re.sub("'", "", token.group().lower()) not in own_words()[0]


def _longer_words(found: list[re.Match[str]], at: int, size: int, line: str, situation: Situation) -> int:
    """More tokens than ``size`` from here on that stand so in the document; 0 for none."""
    side = found[at].group().lower()
    paired = False
    for more in range(min(PHRASE, len(found) - at), size, -1):
        last = found[at + more - 1]
        capitals = at and more > 1 and _in_capitals(line, found[at].start(), last.end(), situation)
        if not (_is_strange(found[at]) or size or capitals or _named_so(side, more)) or not (
            _is_strange(last)
            or last.lastgroup == "number"
            or _named_so(last.group().lower())
            or _ends_name(last.group(), situation)
            or (last.lastgroup == "word" and _in_capitals(line, found[at].start(), last.end(), situation))
            or span_words(found, at + more - 1, line, situation)
        ):
            continue
        two = _TWO.match(line, found[at].start(), last.end()) and _ARE.match(line, last.end())
        paired = paired or bool(two)
        if (paired and _TWO.match(line, found[at].start(), last.end())) or "(" in line[
            found[at].start() : last.end()
        ]:
            continue  # "fever and chills are both problems"; "Jane Whitfield (the tenant) is a person"
        words = squeezed(line[found[at].start() : last.end()])
        # "dry lips, nosebleeds are events", though they stand so in the text
        listed = "," in words and all(each in situation.by_surface for each in words.split(", "))
        if not listed and situation.holds(words):
            return more
    return 0


def _in_row(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> bool:
    """Whether a word stands beside the name of another mention, with "and" or a comma between."""
    row = [token.group().lower() for token in found[max(0, at - PHRASE - 1) : at]]
    after = at + 2 < len(found) and found[at + 1].group().lower() in _JOINS
    if after and span_words(found, at + 2, line, situation):
        return True
    return (
        row[-1:] != []
        and row[-1] in _JOINS
        and any(" ".join(row[-1 - size : -1]) in situation.by_surface for size in range(1, len(row)))
    )


_JOINS = frozenset(("and", ",", "&", "+", "n", "plus"))
_VERDICT = re.compile(
    r"(?i)[,:]? +(?:ok|okay|no|yes|wrong|right|fine|out|good|correct|goes|stays|stands)\b"
    r"(?! (?:an?|the|to|in|with) )"
)
_DECIDES = frozenset(("accept", "reject", "unmark", "untag", "discard", "remove", "delete", "drop"))
_ALL_OF_THEM = frozenset(
    ("all", "both", "it", "this", "that", "these", "those", "they", "everything", "rest", "others", "next",
     "first", "second", "last", "yes", "no", "ok", "right", "left")
)  # fmt: skip


def _describes(found: list[re.Match[str]], at: int, size: int, line: str, situation: Situation) -> bool:
    """Whether a label's name only describes the label after it: "not a chemical process"."""
    if at + size >= len(found) or line[found[at + size - 1].end() : found[at + size].start()].strip():
        return False
    return _label(found, at + size, situation)[2] > 0


_FLAGS = re.compile(r"(?i) (?:number |no\.? ?)?(?:\d|it\b|this\b|that\b|these\b)")
"""Flag 6: an order, though a label may be called RedFlag."""
_ADDS, _LACKS = ("add", "mark", "tag", "include", "label"), ("is", "was")
_CALLED = re.compile(
    r"\b(?:words?|term|string"
    r"|(?:starts?|begins?|ends?|stops?|goes|runs) (?:at|with|on|after|before|until|till|up to))$"
)
_TWO = re.compile(r".+\s(?:and|&)\s.+")
_ARE = re.compile(r"(?i)\s+(?:are|were|both|(?:should|must|need to|have to) (?:all )?be (?!an?\b|one\b))\b")


def _named_so(word: str, more: int = 0) -> bool:
    """Whether a word of the language often begins a term too: "type 2 diabetes", "left upper lobe"."""
    name = lexicon()[0].get(word)
    said = name in ("thing", "document", "model", "work") or (name == "mark" and more != 1 and word != name)
    return (
        said or word in w.SAYS["sizes"].split() or (more > 1 and word in ("left", "right", "upper", "lower"))
    )


def _ends_name(said: str, situation: Situation) -> bool:
    """Whether a word of the language may end a name: "rig A", "lantern sign"."""
    letter = said.isupper() and len(said) < 3 and re.search(rf"\b{said}\b", situation.text)
    return bool(letter) or lexicon()[0].get(said.lower()) in ("accept", "reject", "show", "train", "split")


def _in_capitals(line: str, start: int, end: int, situation: Situation) -> bool:
    """Whether words stand so in the text, each with a capital: "Civil Procedure Rules"."""
    said = line[start:end]
    return said in situation.text and all(word[0].isupper() for word in said.split())


def _as_written(said: str, at: int, situation: Situation) -> bool:
    """Whether a word of the language is written like a span is, with capitals: ``HIT``."""
    capitals = sum(char.isupper() for char in said)
    if not capitals or (at == 0 and capitals == 1):
        return False
    return any(spot.surface == said for spot in situation.spots)
