"""A second reading, for sentences that no wording of the table fits: who is spoken of, and what is said of them.

A sentence is cut into clauses, and each clause into what it names (spans, texts of the document, labels) and
what it says of them (yes, no, a label, missing). Clauses that name and say nothing are remarks. What is named
stays the subject until something else is named: "Oakland, I used to live there, it's a city". The lines are
done only where nothing speaks against it: every word of a clause that decides is accounted for, nobody
doubts, asks, supposes or reports, and nothing is said of one span in two ways. Otherwise they are offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.reading import LEAVE, Choice, Item, Reading, Wording, named_spot
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted

_CUT = re.compile(
    r" ?[;,?] ?| (?:and then|and|but|so|then|because|since|which|who|while|whereas|although|though|plus|yet) "
)
_MARKER = re.compile(r"(?:REF|LAB|TXT|UNK|NUM|SRF)\d+")
_AGAINST = re.compile(
    r"\b(?:DOUBT|if|unless|whether|would|could|might|never|always|imagine|suppose|neither"
    r"|what|why|how|^(?:who|which|while)|since when|wait|sorry|oops|actually|anything|nothing|none|ignore|from (?:now )?on"
    r"|(?:i|we) (?:made|did|have made|clicked))\b|\?|REF\d+ ,? ?(?:but|bar|save)(?: not)? REF\d+|REF\d+ documents?"
)
"""Words that turn what is said into something else than a decision on the spans of this document."""
_AGAINST_HERE = re.compile(
    r"\b(?:one|two|three|any|many|few|several|part|each) of (?:the )?REF|\b(?:only|was|except|half|some(?! LAB)|most|almost|nearly|or|nor|either|where|when|like|until|till)\b"
)
"""The same in a clause that names or decides something."""
_REPORTED = re.compile(
    r"(?i)\b(?:says?|said|told|tells?|thinks?|thought|claims?|claimed|according|opinion|hunch|jok\w+|kidding"
    r"|sarcas\w+|wants? (?!to|it|this|that|you|them)|asks?|asked|wish\w*|pretend\w*|suppos\w+|imagin\w+|hypothe\w+"
    r"|swears?|insists?|argues?|reckons?|believes?|heard|rumou?rs?|had (?:i|we|he|she|they)|were (?:i|we|he|she)"
    r"|someone|somebody|anyone|anybody|would've|could've|wow|brilliant|genius|bravo|hilarious|oh sure|henceforth"
    r"|for instance|for example|e\.g|sake of)\b"
)
_TOLD = re.compile(
    r"(?i)\b(?:i|we|you|he|she|they|who|it|model|team|colleagues?|boss)(?: (?:\w+ly|have|has|had|just|already|once))*"
    r" (?:(?:accept|reject|remov|delet|approv|dismiss|label|labell|tagg|mark|dropp|chang|add|confirm|call)ed|took|kept)\b"
)
"""Somebody tells what was done: "I accidentally accepted 1"."""
_POLITE = re.compile(
    r"\bPOLITE\b|\bif (?:you|that|it) (?:would|please|could|is okay|is fine|suits you)\b|\bi (?:would|should) (?:like|prefer|say|suggest|ask"
    r" you)(?: to| that)?\b|\bi would (?=(?:take|include|reject|accept|mark|add|extend|love|rather)\b)|^(?:no )?(?:sorry|oops|wait|actually) ?,?|\b(?:is|be) (?:so )?(?:fine|kind)(?: enough)? (?:as )?to\b|\bwould you\b"
)
_ASK_YOU = re.compile(
    r"(?i)\b(?:i(?:'d| would| must)? ask(?: of)? you|(?:i(?:'d| would)|i) say|thought(?:ful|s))\b"
)
_JOINS = re.compile(r"^(?:(?:and|but|so|then|plus|yet|for|since|because) )+")
_MOVES = frozenset(("undo", "redo", "back", "scratch", "next", "skip", "flag", "unflag", "train"))
_DENIES = frozenset(("not", "no", "never", "noway", "neither", "without", "nor"))
_BETWEEN = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "be",
        "to",
        "as",
        "of",
        "in",
        "on",
        "any",
        "really",
        "some",
        "kind",
        "sort",
        "type",
        "just",
        "or",
        "one",
    ]
)
_AGAIN = frozenset(("also", "too", "same", "likewise", "ditto"))


@dataclass(frozen=True)
class _Said:
    """One thing that a clause says: ``ok``, ``no``, ``label``, ``not label``, ``missing``, ``wrong label``."""

    kind: str
    label: str = ""


_Part = Item | _Said


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    """Word → what it says of a span, or ``glue`` for words that only hold a clause together."""
    names = ("glue", "leave", "missing", "no", "ok")
    return {word: name for name in names for word in w.SAYS[name].split()}


def second_reading(
    wording: Wording, situation: Situation, besides: Callable[[str], Reading | None]
) -> Reading | None:
    """Lines for a sentence, or a question that offers them; ``None`` when it decides nothing.

    Args:
        wording: The sentence in canonical words.
        situation: What it can be about.
        besides: Reads a clause that names nothing: "next", "undo".
    """
    frames = _Frames(situation, wording, besides)
    text = wording.text
    if "POLITE" in text and text.count("?") == 1:
        text = text.replace("?", ";")
    text = re.sub(r" +", " ", _POLITE.sub(" ", text)).strip()
    raw = _ASK_YOU.sub(" ", wording.raw)
    frames.against += [
        match.group() for match in (_AGAINST.search(text), _REPORTED.search(raw), _TOLD.search(raw)) if match
    ]
    frames.everywhere = re.search(r"(?i)\beverywhere\b", text) is not None
    text = frames.edges(re.sub(r"(?i) ?\beverywhere\b", "", text))
    for part in _CUT.split(text):
        frames.clause(part.strip())
    return frames.reading()


@dataclass
class _Frames:
    """What is known after each clause.

    Args:
        said: What is said of each span.
        new: The same of words that are no span.
        after: Lines that come last: "next".
        unnamed: Something was said before anything was named.
        lines: Lines about where spans begin and end.
        spans, word: What is spoken of now.
        waiting: It was named, and nothing was said of it yet.
        against: Why the lines are asked for and not done.
    """

    situation: Situation
    wording: Wording
    besides: Callable[[str], Reading | None]
    said: dict[int, list[_Said]] = field(default_factory=dict)
    new: dict[str, list[_Said]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    unnamed: bool = False
    partial: bool = False
    everywhere: bool = False
    spans: list[int] = field(default_factory=list)
    word: str = ""
    waiting: bool = False
    loose: bool = False
    odd: bool = False
    last: list[_Said] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    # what a clause says

    def clause(self, text: str) -> None:
        """Take in the next clause."""
        text = _JOINS.sub("", text)
        if not text:
            return
        if _MOVES & set(text.split()):
            read = self.besides(text)
            if read is not None and read.lines and not read.question:
                self.after += read.lines
                return
            self.against.append(text)
        if text in ("no", "not", "noway") or (text in ("yes", "okay", "fine", "right") and not self.waiting):
            # "five and six belong together, no, just reject six"; "ok, 2 is wrong"
            if self.spans or self.word:
                self.against.append(text)
            return
        parts, strange, words = self._parts(_without_tail(text.split()))
        kinds = {part.kind for part in parts if isinstance(part, _Said)}
        if kinds == {"unclear"} and len(parts) == 1 and strange:
            return  # "…, not something you give"
        if not parts and strange and self.waiting and not any(_classes().get(word) for word in words):
            self.against += strange  # "heart failure, a-fib, ok"
        pointing = all(item.by in ("this", "that") for item in parts if isinstance(item, Item))
        if parts and not kinds and pointing and strange:
            return  # "reject 10, this is only a verb"
        if parts and (here := _AGAINST_HERE.search(text)):
            self.against.append(here.group())
        if (strange and kinds) or (kinds & {"label"} and kinds & {"ok", "no"}):
            self.against += strange or [text]
        first = text.split()[0]
        first = self.wording.item(first).said if _MARKER.fullmatch(first) else first
        told = first in _TELLS or (len(words) == 0 and first.endswith("ed"))
        if not parts and strange and (not told or self.besides(text)):
            self.against += strange  # "promote r2" may be wanted too; "I used to live there" is only told
        if kinds & {"label"} and any(item.by in ("all", "rest") for item in parts if isinstance(item, Item)):
            self.against.append(text)
        if re.search(r"LAB\d+ is .*REF", text):
            self.against.append(text)
        if self.waiting and self.odd and kinds and not any(isinstance(part, Item) for part in parts):
            self.against.append("odd")
        for names, said in _pairs(parts):
            later = {"later", "after", "show", "open"} & set(words)
            if later and not said and any(item.by == "rest" for item in names):
                continue  # "the rest I see after"
            self._name(names)
            if said or (names and self.last and _AGAIN & set(words)):
                self._say(said or self.last)
            elif names:
                # "sustain 1, wrong": a strange word that comes first may be a verdict
                odd = bool(strange) and not isinstance(self._found(text), Item)
                self.waiting, self.loose, self.odd = True, bool(strange), odd

    def _found(self, text: str) -> _Part | str:
        """What the first word of a clause is that is more than glue."""
        tokens = text.split()
        each = (
            self._marked(tokens, n) if _MARKER.fullmatch(t) else _spoken(tokens, n)
            for n, t in enumerate(tokens)
        )
        return next(filter(None, each), "")

    def _parts(self, tokens: Sequence[str]) -> tuple[list[_Part], list[str], list[str]]:
        parts: list[_Part] = []
        strange: list[str] = []
        for at, token in enumerate(tokens):
            found = self._marked(tokens, at) if _MARKER.fullmatch(token) else _spoken(tokens, at)
            if isinstance(found, str):
                strange += [found] if found else []
            else:
                parts.append(found)
            if isinstance(found, _Said) and found.kind == "unclear":
                self.against.append(token)
        return parts, strange, [token for token in tokens if not _MARKER.fullmatch(token)]

    def _marked(self, tokens: Sequence[str], at: int) -> _Part | str:
        """A marker: what it names, the label that it says, or a strange word."""
        item = self.wording.item(tokens[at])
        if item.kind in ("ref", "txt"):
            if item.kind == "ref" and item.by != "rest" and _denied(tokens, at):
                self.against.append("not " + item.said)
            return item
        if item.kind != "lab":
            small = item.said.lower() in ("mr", "mrs", "ms", "mister", "him", "her")
            return "" if item.kind == "unk" and small else item.said
        if len(item.labels) != 1:
            self.against.append(item.said)
        ahead, behind = tokens[:at], tokens[at + 1 :]
        if (
            all(_classes().get(t) == "glue" for t in ahead)
            and behind
            and behind[0] in ("is", "all", "looks", *_SUBJECT)
        ):
            verdicts = [t for t in behind if t in _SUBJECT]
            if verdicts and not any(t.startswith("REF") for t in behind):
                spans = self.situation.labeled(item.labels)
                problem = "" if spans and (item.plural or len(spans) == 1) else f"which {item.said}"
                return Item("ref", item.said, tuple(s.number for s in spans), by="label", problem=problem)
        if ahead[-1:] == ["from"] and any(t.startswith("LAB") for t in behind):
            return ""
        return _Said("not label" if _denied(tokens, at) else "label", item.labels[0])

    # who it is said of

    def _name(self, items: Sequence[Item]) -> None:
        spans: list[int] = []
        word = ""
        own = [
            item for item in items if item.by not in ("this", "that") and item.said not in ("them", "both")
        ]
        if len({item.numbers for item in own if item.kind == "ref"}) > 1:
            self.against.append("several")  # "from 8 on all is wrong"
        items = own or items
        for item in items:
            if item.problem and item.said in ("them", "both") and not self.spans:
                self.against.append(item.problem)
            if item.by in ("this", "that") or item.said in ("them", "both"):
                spans += self.spans if self.spans or self.word else item.numbers
                word = word or self.word
                continue
            if item.problem or (item.kind == "ref" and not item.numbers):
                self.against.append(item.problem or item.said)
            if item.kind == "txt":
                inside = self.situation.part_of(item.said)
                self.partial = self.partial or bool(inside)
                spans += (inside,) if inside else ()
                word = "" if inside else item.said
            spans += item.numbers
        if not items:
            return
        whole = any(item.by in ("all", "rest") and item.said not in ("them", "both") for item in items)
        if self.waiting and (whole or set(self.spans) - set(spans)):
            if self.loose or whole:
                self.against.append("loose")
            # "seizures, pain, keep": what was named before waits for the same
            spans = [*self.spans, *spans]
            if self.word and self.word != word:
                self.against.append(self.word)
        self.spans, self.word, self.waiting = list(dict.fromkeys(spans)), word, False

    def _say(self, said: Sequence[_Said]) -> None:
        self.last, self.waiting = list(said), False
        if self.partial and any(each.label for each in said):
            self.against.append("partial")  # "India" may be a place in Supreme Court of India
        if self.word and not self.spans:
            self.new.setdefault(self.word, []).extend(said)
            return
        spans = self.spans
        if not spans:
            # nothing is named: the framed span, which has to be asked
            self.against.append("this")
            self.unnamed = True
            focus = self.situation.focus
            spans = [focus.number] if focus else []
        for number in spans:
            self.said.setdefault(number, []).extend(said)

    # where spans begin and end

    def edges(self, text: str) -> str:
        """Lines for words that a span shall have, lose, or be; the text without these words."""
        named = [item for m in re.findall(r"REF\d+", text) for item in (self.wording.item(m),)]
        numbers = [n for item in named if item.by not in ("all", "rest", "label") for n in item.numbers]
        for marker in re.findall(r"TXT\d+", text):
            item = self.wording.item(marker)
            spots = [s for s in self.situation.spots if not numbers or s.number in numbers]
            made = [(s, line) for s in spots if (line := self._edge(s, item.said, text, bool(numbers)))]
            labels = {
                label for each in re.findall(r"LAB\d+", text) for label in self.wording.item(each).labels
            }
            if len(made) > 1:
                # of two spans that a longer one covers, the one of its label
                made = [each for each in made if each[0].label in labels][:1] if labels else []
            if not made:
                continue
            spot, (line, known) = made[0]
            parts = [part for part in _CUT.split(text) if part.strip()]
            used = [part for part in parts if marker in part.split() or _of_edges(part)]
            if not known or not all(map(_of_edges, used)):
                self.against.append("edge")
            self.lines.append(f"{spot.number} = {quoted(line)}")
            self.spans = [spot.number]
            rest = [part for part in parts if part not in used]
            return " , ".join((*rest, *(t for part in used for t in part.split() if t.startswith("LAB"))))
        return text

    def _edge(self, spot: Spot, said: str, text: str, named: bool) -> tuple[str, bool] | None:
        """The new text of a span, and whether the sentence says so in words that are known."""
        words = set(text.split())
        cuts = words & {"without", "reject", "minus", "shorten", "cut", "off", "out", "except", "no"}
        doc = self.situation.text
        for start, end in self.situation.places(said):
            if start <= spot.start and spot.end <= end:
                if (
                    not named
                    and not words & _TAKES
                    and not words & {"whole", "full", "thing", "complete", "entire"}
                ):
                    return None  # words of the text are no sentence about it
                return " ".join(doc[start:end].split()), not cuts
            if spot.start <= start and end <= spot.end:
                if not named or not (cuts or words & {"only", "just", "read", "say", "shorten"}):
                    return None
                left, right = doc[spot.start : start].strip(" ,;-"), doc[end : spot.end].strip(" ,;-")
                kept = (left or right) if cuts and "shorten" not in cuts else said
                return (" ".join(kept.split()), not (left and right)) if kept else None
            takes = words & _TAKES
            gap = doc[min(end, spot.end) : max(start, spot.start)]
            if named and len(gap) < 25 and re.fullmatch(r"[\s,]*(?:(?:of|the)\s+)*", gap):
                if "missing" in words or re.search(r"LAB", text):
                    return None
                return " ".join(doc[min(start, spot.start) : max(end, spot.end)].split()), bool(
                    takes
                ) and not cuts
        return None

    # what it comes to

    def reading(self) -> Reading | None:
        """The lines, or a question for them."""
        lines = list(self.lines)
        if self.unnamed and len(self.against) > 1:
            return None
        if self.waiting and (self.said or self.new):
            self.against.append("waiting")
        groups: dict[str, list[int]] = {}
        for number, said in self.said.items():
            verdict = self._verdict(number, said)
            if verdict:
                groups.setdefault(verdict, []).append(number)
        if self.everywhere:
            return self._bulk(groups)
        for verdict, numbers in groups.items():
            each = numbers_said(numbers)
            lines.append(f"{verdict} {each}" if verdict in ("ok", "no") else f"{each} is {verdict}")
        for word, said in self.new.items():
            labels = _labels(said) or list(self.situation.labels_of(word))
            if any(
                s.start < end and start < s.end
                for start, end in self.situation.places(word)
                for s in self.situation.spots
            ):
                self.against.append(word)
            if len(labels) == 1 and not {"ok", "no"} & {each.kind for each in said}:
                lines.append(f"add {quoted(word)} {labels[0]}")
            else:
                self.against.append(word)
        if (
            not lines
            and self.after
            and not self.waiting
            and set(self.against) <= {"wait", "sorry", "oops", "actually"}
        ):
            return Reading(tuple(self.after), writes=True)
        if not lines:
            return None
        if any(line in ("undo", "redo") for line in self.after):
            self.against.append("undo")
        lines += self.after
        if not self.against:
            return Reading(tuple(lines), writes=True)
        return self._question(lines)

    def _bulk(self, groups: dict[str, list[int]]) -> Reading | None:
        """The lines for all documents, each of which asks by itself."""
        lines: dict[str, None] = {}
        for verdict, numbers in groups.items():
            for spot in filter(None, map(self.situation.spot, numbers)):
                term = quoted(spot.surface)
                lines[
                    f"{verdict} all {term}" if verdict in ("ok", "no") else f"relabel all {term} -> {verdict}"
                ] = None
        if len(lines) == 1 and not self.against and not self.partial:
            return Reading(tuple(lines), writes=True)
        return self._question(list(lines)[:1]) if lines else None

    def _verdict(self, number: int, said: Sequence[_Said]) -> str:
        kinds = {each.kind for each in said}
        labels, spot = _labels(said), self.situation.spot(number)
        if kinds == {"leave"}:
            return ""
        if kinds >= {"no", "unclear"} and "ok" not in kinds:
            kinds -= {"unclear"}  # "not confirmed, strike it"
        other = bool(labels) and spot is not None and labels[-1] != spot.label
        if (
            len(labels) > 1
            or (kinds >= {"ok", "no"})
            or kinds & {"missing", "unclear", "leave"}
            or ("ok" in kinds and other)
        ):
            self.against.append(f"{number}")
        if labels:
            if "not label" in kinds and any(e.kind == "not label" and e.label == labels[-1] for e in said):
                self.against.append(labels[-1])
            return labels[-1]
        if "wrong label" in kinds:
            self.against.append("wrong label")
        if "not label" in kinds:
            if spot and not any(each.label == spot.label for each in said if each.kind == "not label"):
                self.against.append(spot.label)
            return "no"
        return "no" if kinds & {"no", "wrong label"} else "ok" if "ok" in kinds else ""

    def _question(self, lines: Sequence[str]) -> Reading:
        """The lines to click on, and what else may be meant."""
        line = "; ".join(lines)
        choices: list[Choice] = [(self._named(lines), line)]
        if len(self.said) == 1 and not self.new:
            spot = self.situation.spot(next(iter(self.said)))
            if spot:
                others = (
                    (f"Reject {named_spot(spot)}", f"no {spot.number}"),
                    (f"Accept {named_spot(spot)}", f"ok {spot.number}"),
                )
                choices += [each for each in others if each[1] != line][:1]
        return Reading(question="Do I get you right?", choices=(*choices, LEAVE))

    def _named(self, lines: Sequence[str]) -> str:
        """Lines in words, for a button."""
        said = []
        for line in lines:
            match = re.fullmatch(r"(ok|no) (.+)", line)
            said.append(
                f"{'Accept' if match[1] == 'ok' else 'Reject'} {match[2]}"
                if match
                else line.removeprefix("add ")
            )
        return ", ".join(said)


_NOUNS = frozenset(
    [
        "name",
        "word",
        "words",
        "term",
        "list",
        "show",
        "place",
        "class",
        "type",
        "kind",
        "sort",
        "case",
        "text",
        "file",
        "document",
    ]
)
_TELLS = frozenset(
    [
        "i",
        "we",
        "you",
        "he",
        "she",
        "they",
        "it",
        "there",
        "my",
        "our",
        "your",
        "his",
        "her",
        "their",
        "one",
        "nobody",
        "is",
        "was",
        "has",
        "have",
        "as",
        "for",
        "in",
        "on",
        "at",
        "to",
        "from",
        "with",
    ]
)
"""What a remark begins with; anything else may be a request."""
_TAKES = frozenset(
    [
        "include",
        "take",
        "add",
        "plus",
        "extend",
        "before",
        "after",
        "start",
        "starts",
        "begin",
        "begins",
        "until",
        "till",
        "to",
        "part",
        "belongs",
        "in",
        "with",
        "read",
        "say",
    ]
)
_SUBJECT = ("okay", "fine", "right", "wrong", "yes", "no")


_BY = frozenset(["against", "by", "per", "under", "according"])
def _of_edges(text: str) -> bool:
    """Whether a clause has no other words than those that say where a span begins and ends."""
    words = {t for t in text.split() if not _MARKER.fullmatch(t)}
    known = {t for t in words if _classes().get(t) == "glue"} | set(w.SAYS["edge"].split())
    return "UNK" not in text and not words - known


_PREPOSITIONS = frozenset(
    ["for", "against", "by", "per", "under", "in", "at", "from", "with", "according", "after", "during"]
)


def _without_tail(tokens: list[str]) -> list[str]:
    """A clause without what only adds to its verdict: "3 is wrong for our purposes"."""
    verdicts = [n for n, t in enumerate(tokens) if t.startswith("LAB") or _classes().get(t) in ("ok", "no")]
    for at in range((verdicts[0] if verdicts else len(tokens)) + 1, len(tokens)):
        tail = tokens[at:]
        ours = {"our", "my", "us", "project", "guideline", "guidelines"} & set(tail) or tail[0] in _BY
        if (
            tail[0] in _PREPOSITIONS
            and (ours or tokens[verdicts[0]].startswith("LAB"))
            and not any(
                t[:3] in ("REF", "LAB", "TXT", "NUM", "SRF")
                or _classes().get(t) in ("ok", "no", "leave", "missing")
                or t in _DENIES
                for t in tail
            )
            and any(t.startswith("REF") for t in tokens[:at])
        ):
            return tokens[:at]
    return tokens


def _labels(said: Sequence[_Said]) -> list[str]:
    return list(dict.fromkeys(each.label for each in said if each.kind == "label"))


def _spoken(tokens: Sequence[str], at: int) -> _Part | str:
    """A word: what it says, nothing, or itself when it is strange."""
    token = tokens[at]
    kind = _classes().get(token, "")
    after = next((t for t in tokens[at + 1 :] if t not in _BETWEEN), "")
    if token in _DENIES:
        if after.startswith("LAB") or _classes().get(after) in ("ok", "no"):
            return ""
        return (
            _Said("no")
            if token in ("no", "noway") and after == ""
            else _Said("unclear")
            if token != "no"
            else token
        )
    if (
        token in ("marked", "called", "mark")
        and tokens[at - 1 : at]
        and tokens[at - 1] in ("you", "model", "they", "he", "she")
    ):
        return token  # "you called 3 a drug" tells what was
    if token in ("go", "goes") and at == len(tokens) - 1 and at and tokens[at - 1].startswith("REF"):
        return _Said("no")
    if kind in ("ok", "no"):
        if token == "wrong" and after == "mark":
            return _Said("wrong label")
        denied = _denied(tokens, at)
        return _Said(
            "unclear" if denied and token in ("accept", "wrong", "reject") else "no" if denied else kind
        )
    if kind == "missing" or (kind == "leave" and "as" not in tokens):
        return _Said(kind)
    if token in ("has", "have", "had") and tokens[at + 1 : at + 2] and tokens[at + 1].startswith("LAB"):
        return token if tokens[at + 2 : at + 3] != ["mark"] else ""
    if tokens[at - 1 : at] and tokens[at - 1].startswith("LAB") and token in _NOUNS:
        return token  # "2 is a drug name in a title"
    return "" if kind == "glue" else token


def _pairs(parts: Sequence[_Part]) -> Iterable[tuple[list[Item], list[_Said]]]:
    """Subjects with what is said of them: ``S P S P``, or one ``P S P``."""
    runs: list[list[_Part]] = []
    for part in parts:
        if runs and isinstance(runs[-1][0], Item) == isinstance(part, Item):
            runs[-1].append(part)
        else:
            runs.append([part])
    size = len(runs) if runs and not isinstance(runs[0][0], Item) and len(runs) % 2 else 2
    for at in range(0, len(runs), size):
        both = [part for run in runs[at : at + size] for part in run]
        yield [p for p in both if isinstance(p, Item)], [p for p in both if isinstance(p, _Said)]


def _denied(tokens: Sequence[str], at: int) -> bool:
    """Whether a word before this one denies it: "not a disease", "rather than a date"."""
    for back in range(at - 1, max(-1, at - 5), -1):
        before = tokens[back]
        if before in _DENIES:
            return True
        if before in ("than", "of") and tokens[back - 1 : back] in (["rather"], ["instead"], ["place"]):
            return True
        if before not in _BETWEEN and not before.startswith("UNK"):
            return False
    return False
