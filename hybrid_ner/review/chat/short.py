"""Lines in words that the readings know: names that are said short, and what is said beside the point.

Names of mentions are said short or as they sound: "flor", "ecoli", "hcq", "abcess".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from rapidfuzz.distance import OSA

from hybrid_ner.review.chat.numbered import beside_this
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.chat.words import NUMBERS, ORDINALS, corrected, is_known, lexicon
from hybrid_ner.review.store.labels import abbreviated, label_words, labels_meant, plain_words
from hybrid_ner.terms.lint import english_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(NUMBERS))

_TOKEN = re.compile(r"\"[^\"]*\"|\w+(?:[-'/&]\w+)*|[^\w\s]")
_LONGEST = 4
"""Words of a short name."""
_BEGUN = 3
"""Letters of the beginning of a word that stands for it, and by which an English one is shorter: "halo"."""
_LETTERS = 6
"""Letters of a name for each one that may be wrong in it."""
_INITIALS, _CONSONANTS = 6, 5
"""Letters that stand for the words of a name, or for the one word that a name has: "pbz"."""
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady")
)
_SMALL = ("of", "the", "and", "in", "to", "for", "with", "by", "a", "an")
_JUDGES = frozenset(
    ("okay", "yes", "fine", "right", "no", "noway", "not", "wrong", "out", "off", "accept", "reject", "and",
     "n", "plus", "but", "also", "too", "both", "so", "same", "likewise", "ditto", "then")
)  # fmt: skip
_LEADS = frozenset(("the", "drop", "keep", "remove", "delete", "discard", "all", "every", "each"))
_GOES_ON = frozenset(("is", "are", "was", "were", "as", "isn't", "isnt", "aren't", "arent", "x2", "twice"))
_THING = frozenset(("thing", "one", "bit"))
_ADDS = re.compile(r"(?i)\b(?:add|tag|mark|include|put|missing|missed|split|cut|new)\b[^,;.]*$")

_DIVIDES = re.compile(
    r"(?i)\b(?:split|divided?|separate|cut|two|three|join|merge|parts?|pieces?|apart"
    r"|everywhere|always|never|each|every"
    r"|all (?:the )?(?:other )?(?:documents?|notes?|files?|letters?|reports?))\b"
)
"""What may name the pieces of a mention ("split 9, stent is a device" is no "plastic biliary stent"), and
what is said of all places of a name, of which a document has more words."""

_BOUNDS = re.compile(
    r"(?i)\d|:|\b(?:not(?! an? )|only|just|alone|long|longer|short|shorter|should|must|without|words?)\b"
)
"""What may say which words a mention is to have."""


def plainer(line: str, situation: Situation) -> str:
    """A line that says no more than is meant, and names each mention.

    Without what it takes back at once ("add gable collapsed as damage - no, just collapsed"), without a
    label that only heads its list ("Sums: 14 add pounds") and what only tells one of two mentions ("the
    second creatinine, the discharge one, is a test"); with what "the other two" and "the other furosemide"
    are, and with the number of the mention that words alone are new edges of ("yes, George Mabey").
    """
    labels = label_words(situation.labels)
    if first := _RE.FIRST_OF.search(line):  # "(1) 4 accept (2) 7 reject"
        line = f"{line[: first.start()]} {_RE.EACH_OF.sub('; ', line[first.end() :])}".strip()
    if _RE.REWRITES_EACH.match(line) and len(list(_RE.ONE_AS.finditer(line))) > 1:
        bare = _RE.REWRITES_EACH.sub("", line)
        targets = _RE.ONE_AS.split(bare)[3::3]
        if not any(plain_words(each.strip(" ,.")) in labels for each in targets):
            line = _RE.ONE_AS.sub(lambda said: f"{said['before']}{said['n']} = ", bare)
    line = _RE.WHICH_ONE.sub(r"\1", _RE.COMBINATION.sub("", line))
    if (headed := _RE.HEADED.match(line)) and plain_words(headed["label"]) in labels:
        line = line[headed.end() :]
    line = _RE.rewritten("plainer", line) or "never mind"
    for step in (_without_kind, _named_others, _asked_about, _same_edges, beside_this):
        line = step(line, situation)

    def less(said: re.Match[str]) -> str:
        inside = f" {squeezed(said['less'])} " in f" {squeezed(said['whole'])} "
        labeled = plain_words(said["label"].split()[-1]) in labels
        return f"{said['head']}{said['less']}{said['label']}" if inside and labeled else said.group()

    return _RE.TAKEN_BACK.sub(less, line)


def _without_kind(line: str, situation: Situation) -> str:
    """Without the word that only tells what kind of one it is: "12 November is the limitation date"."""
    labels = label_words(situation.labels)
    told = _RE.KIND_OF_LABEL.search(line)
    if told and plain_words(told["label"]) in labels and situation.holds(told["kind"].lower()):
        both = f"{told['kind']} {told['label']}".lower()
        if not (is_known(told["kind"].lower()) or plain_words(both) in labels or situation.holds(both)):
            return f"{line[: told.start()]}{told['is']}{told['label']}{line[told.end() :]}"
    own = _RE.OWN_KIND.match(line)  # "yellow book is a book. bin it"
    ends = own is not None and squeezed(own["name"]).endswith(f" {squeezed(own['kind'])}")
    ends = ends and own is not None and plain_words(own["kind"]) not in labels
    return f"{own['name']}, {line[own.end() :]}" if own and ends else line


def _named_others(line: str, situation: Situation) -> str:
    """With the place that has no mention, or the numbers: "the other furosemide", "the other two as well"."""
    if (other := _RE.OTHER_PLACE.search(line)) and (nth := _unmarked(other["name"], situation)):
        head = "you missed " if "there" in other["head"].lower() else other["head"]
        return f"{line[: other.start()]}{head}the {nth} {other['name']}{line[other.end() :]}"
    if counted := _RE.ITS_NUMBER.search(line):  # "bed no. isn't a dose", of bed 14
        names = re.findall(rf"(?im)^{counted['kind']} \d+$", "\n".join(s.surface for s in situation.spots))
        return line.replace(counted[0], names[0]) if len({*names}) == 1 else line
    if (too := _RE.OTHERS_TOO.fullmatch(line)) and (others := _same_words(too["count"], situation)):
        return f"{' and '.join(map(str, others))} as well"
    return line


def _asked_about(line: str, situation: Situation) -> str:
    """With the number of the mention that is asked about: "drug, yes, but lose the word course"."""
    focus = situation.focus if situation.asked else None
    yes = _RE.LABEL_YES.match(line)
    meant = situation.labels_named(yes["label"]) if yes else ()
    if yes and focus and meant == (focus.label,):
        line = f"yes, {line[yes.end() :]}"
    bare = _RE.ITS_WORDS.fullmatch(line)
    if bare and focus and _is_reworded(bare, focus, situation):
        return f"{focus.number} should be {quoted(bare['words'])}"
    return line


def _is_reworded(said: re.Match[str], spot: Spot, situation: Situation) -> bool:
    """Whether words are longer or shorter ones of a mention, and of no other; after a "yes" longer ones."""
    if plain_words(said["words"]) in label_words(situation.labels):
        return False
    own = spot.start, spot.end
    at = [(s, e) for s, e in situation.places(said["words"].lower()) if spot.meets(s, e)]
    longer = [(s, e) for s, e in at if s <= spot.start and spot.end <= e and (s, e) != own]
    shorter = [(s, e) for s, e in at if spot.start <= s and e <= spot.end and (s, e) != own]
    kind = re.search(r"(?i)\b(?:that|it)(?:'?s| is) (?:just |only )?(?:the|an?) ", said[0])
    wanted = longer or (shorter if not (said["yes"] or kind) else [])  # "nope, that's just the county"
    return len(wanted) == 1 and not any(
        s.start < wanted[0][1] and wanted[0][0] < s.end for s in situation.spots if s != spot
    )


def _same_edges(line: str, situation: Situation) -> str:
    """Each mention by itself: "A and B are right both times", "Nordlicht Krankenkasse in both places"."""
    two = _RE.EACH_BOTH.fullmatch(line)
    if two and {squeezed(two["a"]), squeezed(two["b"])} <= {*situation.by_surface}:
        return f"{two['a']} is {two['judged']} both times. {two['b']} is {two['judged']} both times"
    if counted := _RE.ALL_TIMES.match(line):
        spots = [s.number for s in situation.in_text if s.has(counted["name"])]
        if len(spots) == NUMBERS.get(counted["count"], 0) or str(len(spots)) == counted["count"]:
            line = f"{' and '.join(map(str, spots))} are {counted['judged']}{line[counted.end() :]}"
    if (longer := _RE.LONGER_EACH.fullmatch(line)) and (numbers := _parts(longer["words"], situation)):
        return _each_in_full(numbers, longer["words"], situation)
    return _whole_asked(line, situation) or _less_asked(line, situation)


def _each_in_full(numbers: Sequence[int], words: str, situation: Situation) -> str:
    """The mentions with their new words, and the one place of these that has no mention."""
    nth, spot = _unmarked(words, situation), situation.spot(numbers[0])
    too = f"; add {quoted(words)} #{ORDINALS[nth]} {spot.label}" if nth and spot else ""
    return f"{' and '.join(map(str, numbers))} should be {quoted(words)}{too}"


def _whole_asked(line: str, situation: Situation) -> str:
    """ "linear foreign WHAT? body! whole thing pls", of the mention and the words behind it; else empty."""
    if (said := _RE.WHAT.fullmatch(line)) is None:
        return ""
    named = [s for s in situation.spots if squeezed(s.surface) == squeezed(said["own"])]
    own = [s for s in named if s.number == situation.framed] or named
    whole = f"{said['own']} {said['more']}"
    at_own = len(own) == 1 and any(start == own[0].start for start, _ in situation.places(whole.lower()))
    return f"{own[0].number} should be {quoted(whole)}" if at_own else ""


def _less_asked(line: str, situation: Situation) -> str:
    """A line without what its own other words are, or that leaves a word out at each place; else as it is.

    "1 is just Labrador, MN is his missing bits"; "serum lipase everywhere as Test but without the and".
    """
    if (said := _RE.ONLY_JUST.fullmatch(line)) and (spot := situation.spot(int(said["n"]))):
        words = said["kept"] or said["alone"]
        kept, own = f" {squeezed(words)} ", f" {squeezed(spot.surface)} "
        told = re.findall(r"[\w'-]+", said["told"].lower())
        labels = label_words(situation.labels)
        tells = kept in own and told and told[0] in own.replace(kept, " ").split()
        if tells and not any((each,) in labels for each in told):
            return f"{spot.number} is only {words}"
    if said := _RE.LESS_EACH.fullmatch(line):
        around = [
            s
            for s in situation.spots
            for at, end in situation.places(said["words"].lower())
            if s.start <= at and end <= s.end
        ]
        left = squeezed(around[0].surface).replace(squeezed(said["out"]), "") if len(around) == 1 else ""
        label = situation.labels_named(said["label"])
        if left.strip() == squeezed(said["words"]) and label in ((), (around[0].label,)):
            return _each_in_full([around[0].number], said["words"], situation)
    framed = situation.spot(situation.framed)
    if (said := _RE.OUTER.fullmatch(line)) and framed and _is_outer(said["out"], framed):
        return f'remove the word "{said["out"]}" from {framed.number}'

    def from_it(said: re.Match[str]) -> str:
        spot = situation.spot(int(said["n"].split()[-1]))
        inside = spot is not None and _is_outer(said["out"], spot)
        return f'{said["head"]}remove the word "{said["out"]}" from {said["n"]}' if inside else said.group()

    return _RE.TAKEN_OFF.sub(from_it, line)


def _is_outer(words: str, spot: Spot) -> bool:
    """Whether a mention begins or ends with words and has others too."""
    own, out = squeezed(spot.surface), squeezed(words)
    return own.startswith(f"{out} ") or own.endswith(f" {out}")


def _parts(words: str, situation: Situation) -> list[int]:
    """The mentions in the same words that stand in longer words of the text, where all but one have one."""
    places = situation.places(words.lower())
    inside = [[s for s in situation.spots if at <= s.start and s.end <= end] for at, end in places]
    found = [spots[0] for spots in inside if len(spots) == 1]
    same = len({squeezed(s.surface) for s in found}) == 1 and squeezed(words) not in situation.by_surface
    free = 1 if _unmarked(words, situation) else 0
    return [spot.number for spot in found] if same and len(found) + free == len(places) else []


def _same_words(count: str, situation: Situation) -> list[int]:
    """The open mentions in the words of the last decision, if as many as is said: "the other two"."""
    last = situation.last_decided
    same = [s for s in situation.spots if last and s.open and squeezed(s.surface) == squeezed(last.surface)]
    many = NUMBERS.get(count.lower(), int(count) if count.isdecimal() else len(same))
    return [spot.number for spot in same] if len(same) == many else []


def _unmarked(name: str, situation: Situation) -> str:
    """Which place of a name has no mention, as an ordinal; empty where it is none, or not one alone."""
    spots = [(spot.start, spot.end) for spot in situation.spots]
    places = enumerate(situation.places(name.lower()))
    free = [at for at, (start, end) in places if not any(s < end and start < e for s, e in spots)]
    ordinals = [word for word, n in ORDINALS.items() if len(free) == 1 and n == free[0] + 1]
    return ordinals[0] if ordinals else ""


def in_full(line: str, situation: Situation) -> str:
    """A line with the names of mentions in full where they are said short, as far as each can be only one.

    A name stands where one is expected: at the beginning, behind a sign, a verdict or "and", and before a
    verdict, a label, "is" or another name. Words of the language, of the text elsewhere and English ones
    are no names, but for the beginning of a longer word.

    Args:
        line: As typed; what is in quotes stays.
        situation: What it can be about.
    """
    tokens = list(_TOKEN.finditer(line))
    if not situation.spots or len(tokens) < 2 or _DIVIDES.search(line):
        return line
    bounds = _BOUNDS.search(line) is not None
    made: list[tuple[int, int, str]] = []
    at = 0
    while at < len(tokens):
        begins = _begins(tokens, at, line, situation)
        made += (run := _names_from(tokens, at, line, situation) if begins else [])
        whole = 0 if run or not begins else _size(tokens, at, line, situation)
        at = max(at + 1, at + whole, sum(token.start() < run[-1][1] for token in tokens) if run else 0)
    for start, end, name in reversed(made):
        within = f" {squeezed(line[start:end])} " in f" {squeezed(name)} "
        if within and (bounds or squeezed(name) in squeezed(line)):
            continue  # "5 is too long: naproxen" wants these words; a name in full has no short ones in it
        line = f"{line[:start]}{name}{line[end:]}"
    return line


def _names_from(
    tokens: Sequence[re.Match[str]], at: int, line: str, situation: Situation
) -> list[tuple[int, int, str]]:
    """The names in a row that begin here, with where they stand; none without something short among them."""
    found, short = list[tuple[int, int, str]](), False
    while size := _size(tokens, at, line, situation):
        start, end = tokens[at].start(), tokens[at + size - 1].end()
        name = meant(said := line[start:end], situation)
        short, at = short or bool(name), at + size
        if name and _is_unclear(said, name, tokens, at, situation, alone=not found):
            return []
        if name and at < len(tokens) and tokens[at].group().lower() in _THING:
            end, at = tokens[at].end(), at + 1
        found.append((found[-1][1] if found else start, end, name or said))
        if _ends(tokens, at, situation):
            return _joined(found, line) if short else []
    return []


def _is_unclear(
    said: str, name: str, tokens: Sequence[re.Match[str]], at: int, situation: Situation, *, alone: bool
) -> bool:
    """Whether a short name may be words that a mention is to lose, a description, or one of several mentions.

    "Lugano out", of Banca Torrelli in Lugano; "Whitfield is the tenant, a person"; "the Hargreaves one".
    """
    after = " ".join(token.group().lower() for token in tokens[at : at + 2])
    first = after.split(" ")[0]
    if first in _THING and len(situation.by_surface.get(squeezed(name), ())) > 1:
        return True
    if squeezed(said) in (squeezed(name)[: len(said)], *situation.by_surface):
        return False
    if len(said.split()) == len(name.split()) > 1:
        return False  # "abdo ultrasound is right"
    refused = re.match(r"(?:is|are|goes) (?:out|off|not|no|wrong)", after) is not None
    alone = alone and re.match(r"\w\.? \w", said) is None  # "c diff is fine" describes nothing
    return refused or _canonical(first) in _REFUSES or (alone and first in _GOES_ON)


_AGREES = frozenset(("yes", "no", "okay", "accept"))
_REFUSES = frozenset(("no", "noway", "not", "wrong", "out", "off", "reject"))


def _joined(found: Sequence[tuple[int, int, str]], line: str) -> list[tuple[int, int, str]]:
    """Names in a row with "and" between: "coxiella haemonchus ok"."""
    return [(s, e, f" and {name}" if n else name) for n, (s, e, name) in enumerate(found)]


def _size(tokens: Sequence[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that name a mention, in full or short; the longest."""
    for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
        said = line[tokens[at].start() : tokens[at + size - 1].end()]
        if not said[0].isalnum() or re.search(r"[^\w\s.'’-]|\.$", said):
            continue  # "Heparin ✓ nodule ✓"
        if squeezed(said) in situation.by_surface or meant(said, situation):
            return size
    return 0


def _canonical(word: str) -> str:
    return lexicon()[0].get(word, word)


def _labels(word: str, situation: Situation) -> bool:
    return (word,) in label_words(situation.labels) or bool(
        labels_meant(word, situation.labels) or abbreviated(word, situation.labels)
    )


def _begins(tokens: Sequence[re.Match[str]], at: int, line: str, situation: Situation) -> bool:
    before = tokens[at - 1].group().lower() if at else ","
    if _ADDS.search(line[: tokens[at].start()]):
        return False
    if before in ("is", "are") and at > 1:
        before = tokens[at - 2].group().lower()  # "as is E. coli"
    if before in ("to", "for") and at > 1 and _canonical(tokens[at - 2].group().lower()) in _AGREES:
        return True  # "yes to Brightwell"
    fits = before == "as" or (not before[-1:].isalnum() and before not in ('"', "=", "-", "/", "'"))
    fits = fits or _canonical(before) in _JUDGES or before in _LEADS
    return fits or ((before,) in label_words(situation.labels))


def _ends(tokens: Sequence[re.Match[str]], at: int, situation: Situation) -> bool:
    if at == len(tokens):
        return True
    after = tokens[at].group().lower()
    fits = after in ",;.!?&+" or _canonical(after) in _JUDGES or after in _GOES_ON
    return fits or (after,) in label_words(situation.labels)


def meant(said: str, situation: Situation) -> str:
    """The one name that words stand for; empty where they are one, or stand for none or several."""
    read: dict[str, str] = situation.__dict__.setdefault("short", {})
    key = squeezed(said)
    if key not in read:
        names = {squeezed(spot.surface): " ".join(spot.surface.split()) for spot in situation.spots}
        known = {key, key.removesuffix("s")} & situation.by_surface.keys()  # "both metformins"
        read[key] = "" if known else _found(key, names, situation)
    return read[key]


def _found(key: str, names: dict[str, str], situation: Situation) -> str:
    words = key.split()
    if any(word in NUMBERS or word.isdecimal() for word in words[:1]):
        return ""
    ways = _ways(words, situation) if len(words) > 1 or not _is_word(key, situation) else []
    for way in ways:
        if found := [name for name in names if way(name)]:
            return names[found[0]] if len(found) == 1 else ""
    return ""


def _is_word(word: str, situation: Situation) -> bool:
    """Whether a word is one of the language, a label, or too short; "us" is never said to be right itself."""
    short = len(word) < 2 or not word.replace("-", "").isalpha()
    return word != "us" and (short or word in lexicon()[1] or is_known(word) or _labels(word, situation))


def _ways(words: Sequence[str], situation: Situation) -> list[Callable[[str], bool]]:
    """How words may stand for a name, the surest first."""
    if (
        len(words) > 1
        and words[0].rstrip(".") in _TITLES
        and squeezed(" ".join(words[1:])) in situation.by_surface
    ):
        return [partial(_untitled, words)]
    if len(words) > 1:
        plain = all(is_known(word) for word in words)
        several = [_by_letters, _in_order, _turned]
        return [] if plain or situation.holds(" ".join(words)) else [partial(way, words) for way in several]
    word = words[0]
    english = word in english_words() and word != "us"
    if situation.holds(word):  # "coxiella", where nothing else is called so; "copper" may be any
        whole = (
            len(word) > _BEGUN and situation.only_named(word) and (not english or _is_proper(word, situation))
        )
        return [lambda name: word in name.split()] if whole else []
    if english:
        return [partial(_longer, word)] if len(word) > _BEGUN else []
    near = corrected(word) != word
    ways = [_by_letters, _in_order, _initials, _misspelled] + ([] if near else [_consonants])
    return [partial(way, words) for way in ways]


def _bare(said: str) -> str:
    return re.sub(r"[\W_]", "", said)


def _by_letters(words: Sequence[str], name: str) -> bool:
    """ "ecoli" and "e coli" for "E. coli"."""
    return len(_bare(name)) > _BEGUN and _bare("".join(words)) in (_bare(name), _bare(name).removesuffix("s"))


def _is_proper(word: str, situation: Situation) -> bool:
    """Whether a word stands in names of several words with capitals alone: "Drake" of Colin Drake."""
    names = [spot.surface.split() for spot in situation.spots if word in squeezed(spot.surface).split()]
    return all(len(name) > 1 and all(each[0].isupper() for each in name) for name in names)


def _untitled(words: Sequence[str], name: str) -> bool:
    """ "Ms Lindqvist", where Lindqvist is the mention."""
    return name == " ".join(words[1:])


def _longer(word: str, name: str) -> bool:
    """An English word that a longer one begins with, in a name of one word: "halo" for Halocur."""
    return " " not in name and name.startswith(word) and len(name) >= len(word) + _BEGUN


def _in_order(words: Sequence[str], name: str) -> bool:
    """Words, or their beginnings, as a name has them: "strep equi", "flor", "c diff", "pip-taz", "mets"."""
    if "-" in name:
        words, name = re.split("[ -]", " ".join(words)), name.replace("-", " ")
    own = name.split()
    rest = own[len(words) - 1 :]
    if len(words) > 1 and len(rest) > 1 and words[-1] == "".join(each[0] for each in rest):
        return _in_order(words[:-1], name)  # "Leeds ET" for Leeds Employment Tribunal
    if len(words) > 1 and len(own) > len(words) and all(len(each) > _BEGUN for each in words):
        rest_of = iter(own)  # "burch score", of Burch-Wartofsky score
        return all(any(other.startswith(each) for other in rest_of) for each in words)
    return len(words) <= len(own) and all(
        each == other
        or (len(each) >= _BEGUN and other.startswith(each))
        or (len(each) > _BEGUN and other.startswith(each.removesuffix("s")))
        or each == f"{other[0]}."
        or (each == other[0] and each not in ("a", "i") and len(words) > 1)
        for each, other in zip(words, own, strict=False)
    )


def _turned(words: Sequence[str], name: str) -> bool:
    """The words of a name in another order: "placenta retained"."""
    return sorted(words) == sorted(each for each in name.split() if each not in _SMALL)


def _initials(words: Sequence[str], name: str) -> bool:
    firsts = [each[0] for each in re.split(r"[\s/.-]+", name) if each and each not in _SMALL]
    return len(words[0]) <= _INITIALS and len(firsts) > 1 and "".join(firsts) == words[0]


def _misspelled(words: Sequence[str], name: str) -> bool:
    """ "abcess" for abscesses, "penicilin"."""
    word = words[0]
    if len(word) <= _BEGUN + 1 or word[0] != name[0]:
        return False
    forms = (name, name.removesuffix("s"), name.removesuffix("es"))
    most = max(1, len(word) // _LETTERS)
    return any(OSA.distance(word, each, score_cutoff=most) <= most for each in forms)


def _consonants(words: Sequence[str], name: str) -> bool:
    """Letters of a name in their order, with the first one of each word: "pbz", "ect"; of two "us" alone."""
    word = words[0]
    if len(name) <= _LETTERS or not (word == "us" or _BEGUN <= len(word) <= _CONSONANTS):
        return False
    plain = word == "us" or not re.search("[aeiou]", word[1:])
    firsts = "".join(each[0] for each in name.split())
    return plain and word[0] == name[0] and _within(word, name) and _within(firsts, word)


def _within(letters: str, said: str) -> bool:
    """Whether letters stand in a word in this order."""
    rest = iter(said)
    return all(letter in rest for letter in letters)
