"""Help, and the line that may have been meant: by likeness, or as a model on this machine proposes it.

Only a person runs what a model proposes.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from urllib.parse import urlsplit

from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.chat.reading import LEAVE, Reading
from hybrid_ner.review.chat.situation import Situation, intents
from hybrid_ner.review.commands.base import NUMBER, SPECS, Asking, Key, command, offered
from hybrid_ner.review.commands.language import ParseError, parse, read_line, spec_of, tokenize
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store.labels import human_name
from hybrid_ner.sources.models.endpoint import Endpoint, EndpointDown, NoAnswer, is_loopback

# Examples of help in the words of a project: its own labels, and what is marked in its documents.

_LABELS = (
    frozenset({"disease", "problem", "symptom", "person"}),
    frozenset({"drug", "chemical"}),
    frozenset({"test"}),
)
"""Words for the label of the first mention, the second, the third: the last one where there are fewer."""
_MENTIONS = {
    **dict.fromkeys(("afib", "mi", "hypotension", "cheerful", "warfarin", "statin"), 0),
    **dict.fromkeys(("pain", "busulfan", "aspirin", "ibuprofen", "arbor", "ecg", "atrial fibrillation"), 1),
    **dict.fromkeys(("echo", "hit", "metropolol 25 mg"), 2),
}
"""Words for a mention → which one."""
_PHRASES = ("severe chest pain", "pituitary hemorrhage", "right atrium", "myocardial infarction")
"""Words for a mention of several words; its first word and the others have their own, and its initials."""
_FIRST, _REST = ("pituitary", "chest", "left"), ("chest pain", "hemorrhage", "effusion")
_INITIALS = ("RA", "MI")
_SPELLING, _CONCEPT = "a-fib", r"MESH:D\d+"
_LEFT = r"(?<=start at )left"
_PATTERNS = (
    *(*_PHRASES, *_REST, *_FIRST[:2], _LEFT, _SPELLING, *_MENTIONS, *map(str.lower, _INITIALS), _CONCEPT),
    *(f"{word}s?" for words in _LABELS for word in words),
)
_WORD = re.compile(
    rf"\b(?P<article>an? )?(?P<said>{'|'.join(sorted(_PATTERNS, key=len, reverse=True))})\b", re.IGNORECASE
)
_PLAIN = re.compile(r"(?=.*[^\W\d_])\w[\w .'’&-]{1,23}(?<![ .'’&-])")
"""A mention that is easily said: "Royal Court", no quotes and no signs of the language."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands for the words of examples.

    Args:
        labels: Labels as people see them, that of the first mention first; without any nothing is changed.
        mentions: Texts that are marked; without any the examples say NAME.
    """

    labels: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()

    def told(self, example: str) -> str:
        """An example in these words; empty where it tells labels apart of which there is but one."""
        if not self.labels:
            return example
        places = {_place(found["said"].lower()) for found in _WORD.finditer(example)} - {-1}
        if len(places) > 1 and len(self.labels) == 1:
            return ""
        return _WORD.sub(self._word, example)

    def _word(self, found: re.Match[str]) -> str:
        said, article = found["said"], found["article"] or ""
        if (place := _place(said.lower())) < 0:
            return article + self._mention(said)
        label = self.labels[min(place, len(self.labels) - 1)]
        if typed := said != said.lower():
            label = label if re.fullmatch(r"[\w-]+", label) else f'"{label}"'
        label = label if typed or label.isupper() else label.lower()
        if said.endswith("s") and not label.endswith("s"):
            label = re.sub(r"(?<=[^aeiou])y$", "ie", label) + "s"  # "severities"
        an = label.strip('"')[:1].lower() in "aeio"
        return f"{'an' if an else 'a'} {label}" if article else label

    def _mention(self, said: str) -> str:
        low, one = said.lower(), self.mentions[0] if self.mentions else "NAME"
        long = next((each for each in self.mentions if " " in each), "NAME OF SEVERAL")
        if said in _INITIALS:
            return "".join(word[0] for word in long.split()).upper()
        if low == _SPELLING:
            return one.replace(" ", "-") if " " in one else one.upper() if one.islower() else one.lower()
        if re.fullmatch(_CONCEPT, said):
            return said if {"Disease", "Chemical"} & {*self.labels} else "Q1234"
        if low in (*_PHRASES, *_FIRST, *_REST):
            first, rest = long.split(" ", 1)
            return long if low in _PHRASES else first if low in _FIRST else rest
        return self.mentions[_MENTIONS[low] % len(self.mentions)] if self.mentions else "NAME"


MANUAL = Words()
"""Nobody's words: examples as they are written."""


def words_for(labels: Iterable[str], mentions: Iterable[tuple[str, str]], domain: str) -> Words:
    """The words of a project.

    Args:
        labels: In key order.
        mentions: Text and label of what is marked in the open document; where that is nothing, what is
            marked in a sample of the domain.
    """
    labels = tuple(labels)
    easy = _easy(mentions, labels) or _easy(_samples(domain), labels)
    first = {label: said for said, label in reversed(easy)}  # one of each label before further ones
    said = dict.fromkeys((*(first[label] for label in labels if label in first), *(s for s, _ in easy)))
    shown = map(human_name, sorted(labels, key=lambda label: label not in first))
    return Words(tuple(dict.fromkeys(shown)), tuple(said))


def _easy(mentions: Iterable[tuple[str, str]], labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(said, label) for said, label in mentions if label in labels and _PLAIN.fullmatch(said)]


@lru_cache(maxsize=8)
def _samples(domain: str) -> Sequence[tuple[str, str]]:
    """What is marked in the first sample of a domain; nothing where it has none."""
    gold = DOMAINS.get(domain).gold if domain in DOMAINS.names() else None
    if gold is None or not gold.is_file():
        return ()
    with gold.open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    return [(first["text"][each["start"] : each["end"]], each["label"]) for each in first["entities"]]


def _place(word: str) -> int:
    return next((n for n, words in enumerate(_LABELS) if {word, word.removesuffix("s")} & words), -1)


_PAGE = """# The commands of the review

Made by `hybrid-ner review commands` from the commands themselves; a test compares. What people say for them
in their own words is in [chat.md](chat.md).
"""
_KEY_NAMES = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←"}


@command(
    "?, h, help",
    says="? · ? all · ? bulk · ? keys: what you can say; `? all` for every command",
    keys=(Key("h", "?", "help"),),
    reads=lambda cursor: cursor.rest().lower(),
)
class Help(Asking):
    loose = True
    topic: str = ""

    def run(self, work: Work) -> Reply:
        words = own_words(work)
        if self.topic in ("", "say", "chat", "sentences"):
            said = "say it in your own words, for example; `? say all` has every kind, `? all` the commands"
            return Reply(said, lines=tuple(" · ".join(_told(words, line.split(" · "))) for line in _SAYINGS))
        if self.topic in ("say all", "chat all", "sentences all"):
            return Reply("an example of everything that can be said", lines=tuple(_told(words, sayings())))
        if self.topic in ("keys", "key", "shortcuts", "keyboard"):
            return Reply("the keys", table=Table(("key", "types", "does"), tuple(_keys())))
        topic = "" if self.topic in ("all", "commands") else self.topic
        lines = help_lines(topic, files=work.services.files is not None, words=words)
        topics = ", ".join(dict.fromkeys(spec.topic for spec in offered()))
        if not lines:
            raise InputError(f"no help on {self.topic!r}.", hint=f"Topics: {topics}.")
        said = f"help on {topic}" if topic else f"help; topics: {topics} (`? bulk`)"
        return Reply(said, lines=tuple(lines))


def own_words(work: Work) -> Words:
    """What examples say in the project, about the document on the card."""
    card = work.card() if work.place.document_id is not None else None
    marked = [(card.text[m.start : m.end], m.label) for m in card.mentions] if card else []
    return words_for(work.labels, marked, work.project.settings.get("domain", ""))


def _told(words: Words, examples: Iterable[str]) -> list[str]:
    """Examples in words of the project, each once."""
    return [said for said in dict.fromkeys(map(words.told, examples)) if said]


_SAYINGS = (
    "“2 is right” · “the first three are fine” · “all correct except 3” · “all good, next”",
    "“2 is wrong” · “reject the last one” · “none of these is right”",
    "“3 is a drug” · “not a disease, a drug” · “3 and 5 have the wrong label, they are tests”",
    "“you missed hypotension” · “add hypotension as a disease” · “A and B are missing, both drugs”",
    '“5 should include pituitary” · “1 without chest” · “just "hemorrhage"”',
    '“join 2 and 3” · “split 2 at "and"”',
    "“no, I meant 3” · “put 5 back” · “undo, please”",
    "“next please” · “go to document 12” · “leave this for later” · “flag this”",
    "“why is this a disease?” · “what does Disease mean?” · “who changed 2?”",
    "“where else does it say busulfan?” · “aspirin is always a drug” · “never tag pain again”",
    "“what is left?” · “show me the ones you are unsure about”",
    "“learn from my corrections” · “download my work”",
)
"""What is said most, a line for each thing that people want."""


def sayings() -> list[str]:
    """An example of everything that sentences can say."""
    return [f"“{intent.example}”" for intent in intents()]


def help_lines(topic: str = "", *, files: bool = True, words: Words = MANUAL) -> list[str]:
    """Help for everything in short, or for one topic or command with all its forms.

    Args:
        words: Of the project, for the examples.
    """
    lines = []
    for spec in offered(files=files):
        if topic in ("", spec.topic) or topic in spec.names:
            shorts = [name for name in spec.names if len(name) == 1 and name not in (NUMBER, "?")]
            short = f"  [{', '.join(shorts)}]" if shorts else ""
            forms = _told(words, spec.usage if topic else spec.usage[:2])
            lines.append(f"{' · '.join(forms)}{short}: {spec.does}")
    return lines


def language_page(*, added: bool = True) -> str:
    """The language as a page of Markdown: every command with its forms, and the keys.

    Args:
        added: With the commands of other packages.
    """
    parts = [_PAGE]
    for topic, specs in groupby(offered(added=added), lambda spec: spec.topic):
        rows = [(" · ".join(f"`{form}`" for form in spec.usage), spec.does) for spec in specs]
        parts.append(_table(topic.capitalize(), ("say", "does"), rows))
    shown = [(f"`{key}`", f"`{types}`", does) for key, types, does in _keys()]
    parts.append(_table("Keys", ("key", "types", "does"), shown))
    return "\n".join(parts)


def _keys() -> Iterator[tuple[str, str, str]]:
    """Each key of the page with the line that it types and what that does."""
    for key in (key for spec in offered(added=False) for key in spec.keys):
        yield _KEY_NAMES.get(key.key, key.key), key.command, key.help


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (columns, *rows)]
    return "\n".join([f"## {title}\n", lines[0], "|---" * len(columns) + "|", *lines[1:], ""])


def advice(line: str) -> str:
    """What to type instead of a line that is no command."""
    if guess := nearest(line):
        return f"Did you mean `{guess}`?"
    if is_sentence(line):
        return (
            "Name what you mean by its number or its words, as in “2 is wrong”; `?` shows what you can say."
        )
    names = _near_names(line, _NEAR)
    return f"Type `? {names[0]}` for the forms of {names[0]}." if names else "Type ? for help."


def is_sentence(line: str) -> bool:
    """Whether a line is words to a person more likely than a command with a slip in it."""
    words = len(line.split())
    return words > _FEW_WORDS or (words > 1 and not _near_names(line, _VERY_NEAR))


_FEW_WORDS = 4
_NEAR, _VERY_NEAR = 55, 80
"""How like a command's name a word is, of 100; "the" (thing looks odd) is like "take" by 57."""


def nearest(line: str) -> str:
    """The line with its words replaced by the closest ones that make it a command; empty when none do."""
    rest = line[tokenize(line)[0].end :].strip()
    for name in _near_names(line, _VERY_NEAR if is_sentence(line) else _NEAR):
        for guess in (f"{name} {rest}".strip(), f"{name} {_corrected(name, rest)}"):
            if read_line(guess).command is not None:
                return guess
    return ""


def _near_names(line: str, least: int) -> list[str]:
    """Commands whose name is close to the first word, the closest first."""
    word = tokenize(line)[0].text.lower()
    names = [name for spec in offered() for name in spec.names if len(name) > 1 and " " not in name]
    return [name for name, *_ in process.extract(word, names, scorer=fuzz.ratio, score_cutoff=least, limit=3)]


def _corrected(name: str, rest: str) -> str:
    """What follows a command's name, with bare words replaced by close ones of the command's forms."""
    found = spec_of(name)
    forms = " ".join(
        form for each in SPECS if found and each.names[0].split()[0] in found.names for form in each.usage
    )
    known = sorted({word for word in forms.split() if word.isalpha() and word.islower()})
    for token in reversed(tokenize(rest)):
        close = process.extractOne(token.text.lower(), known, scorer=fuzz.ratio, score_cutoff=60)
        if close and token.kind == "word":
            rest = rest[: token.start] + close[0] + rest[token.end :]
    return rest


VARIABLE = "HYBRID_NER_HELPER"
"""Address of the server, ``http://127.0.0.1:8080/v1``; without it no model is ever asked."""
_SECONDS = 20.0
_MOST_SPANS = 60


@dataclass(frozen=True)
class Proposer:
    """Asks an OpenAI-compatible server on the loopback interface for one line of the command language.

    Args:
        url: Its address with the version, ``http://127.0.0.1:8080/v1``.
        model: Name of the model, where the server has several.

    Raises:
        InputError: The address is not on this machine.
    """

    url: str
    model: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise InputError(
                f"{self.url!r} is not on this machine.",
                hint="A helper is asked only on the loopback interface, such as http://127.0.0.1:8080/v1.",
            )

    @classmethod
    def from_environment(cls) -> Proposer | None:
        """The helper that the environment names; ``None`` when it names none."""
        url = os.environ.get(VARIABLE, "")
        return cls(url) if url else None

    def propose(self, sentence: str, situation: Situation) -> Reading | None:
        """A line to choose; ``None`` when the server has none, is away, or says something else."""
        try:
            line = self._ask(sentence, situation)
            command = parse(line)
        except (EndpointDown, NoAnswer, ValueError, KeyError, TypeError, IndexError, ParseError):
            return None
        if not command.proposed:
            return None
        said = f"I did not understand that. The model on this machine proposes `{line}`: is that it?"
        return Reading(question=said, choices=((line, line), LEAVE))

    def _ask(self, sentence: str, situation: Situation) -> str:
        forms = "\n".join(f"{use}: {spec.does}" for spec in offered(added=False) for use in spec.usage[:2])
        spans = "\n".join(f"{s.number} {s.surface!r} {s.label}" for s in situation.spots[:_MOST_SPANS])
        instruction = (
            "Turn what a reviewer says into one line of this command language. Answer with the line alone, "
            f"or with nothing when none fits.\n{forms}\nLabels: {', '.join(situation.labels)}\n"
            f"Mentions of the document:\n{spans}\n"
        )
        asked = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": 80,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": sentence},
            ],
        }
        found = Endpoint(self.url, timeout=_SECONDS, tries=1).post("/chat/completions", asked)
        said = str(found["choices"][0]["message"]["content"]).strip()
        return said.splitlines()[0].strip("` ") if said else ""
