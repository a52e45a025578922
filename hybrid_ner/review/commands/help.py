"""Help, and the line that may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rapidfuzz import fuzz, process

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.situation import intents
from hybrid_ner.review.commands.base import NUMBER, SPECS, TOPICS, Command, Key, command, offered
from hybrid_ner.review.commands.language import read_line, spec_of, tokenize
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.reply import Reply

_PAGE = """# The commands of the review

Made by `hybrid-ner review commands` from the commands themselves; a test compares. What people say for them
in their own words is in [chat.md](chat.md).
"""
_KEY_NAMES = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←"}


@command(
    "?, h, help",
    says="? · ? say · ? bulk: this help; `? say` for what you can say",
    keys=(Key("h", "?", "help"),),
    reads=lambda cursor: cursor.rest().lower(),
)
class Help(Command):
    """``?`` or ``? topic``."""

    effect = "asks"
    loose = True
    topic: str = ""

    def run(self, work: Work) -> Reply:
        if self.topic in ("say", "chat", "sentences"):
            said = "say it in your own words, for example (type ? for the commands they stand for)"
            return Reply(said, lines=tuple(sayings()))
        lines, topics = help_lines(self.topic, files=work.services.files is not None), ", ".join(_topics())
        if not lines:
            raise InputError(f"no help on {self.topic!r}.", hint=f"Topics: {topics}.")
        said = f"help on {self.topic}" if self.topic else f"help; topics: {topics} (`? bulk`)"
        return Reply(said, lines=tuple(lines))


def _topics() -> list[str]:
    known = {spec.topic for spec in offered()}
    return [topic for topic in TOPICS if topic in known]


def sayings() -> list[str]:
    """An example of everything that sentences can say."""
    return [f"“{intent.example}”" for intent in intents()]


def help_lines(topic: str = "", *, files: bool = True) -> list[str]:
    """Help for everything in short, or for one topic or command with all its forms."""
    lines = []
    for spec in offered(files=files):
        if topic in ("", spec.topic) or topic in spec.names:
            shorts = [name for name in spec.names if len(name) == 1 and name not in (NUMBER, "?")]
            short = f"  [{', '.join(shorts)}]" if shorts else ""
            forms = spec.usage if topic else spec.usage[:2]
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
    keys = [key for spec in offered(added=False) for key in spec.keys]
    shown = [(f"`{_KEY_NAMES.get(key.key, key.key)}`", f"`{key.command}`", key.help) for key in keys]
    parts.append(_table("Keys", ("key", "types", "does"), shown))
    return "\n".join(parts)


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (columns, *rows)]
    return "\n".join([f"## {title}\n", lines[0], "|---" * len(columns) + "|", *lines[1:], ""])


def advice(line: str) -> str:
    """What to type instead of a line that is no command."""
    if guess := nearest(line):
        return f"Did you mean `{guess}`?"
    names = _near_names(line)
    return f"Type `? {names[0]}` for the forms of {names[0]}." if names else "Type ? for help."


def nearest(line: str) -> str:
    """The line with its words replaced by the closest ones that make it a command; empty when none do."""
    rest = line[tokenize(line)[0].end :].strip()
    for name in _near_names(line):
        for guess in (f"{name} {rest}".strip(), f"{name} {_corrected(name, rest)}"):
            if read_line(guess).command is not None:
                return guess
    return ""


def _near_names(line: str) -> list[str]:
    """Commands whose name is close to the first word, the closest first."""
    word = tokenize(line)[0].text.lower()
    names = [name for spec in offered() for name in spec.names if len(name) > 1 and " " not in name]
    return [name for name, *_ in process.extract(word, names, scorer=fuzz.ratio, score_cutoff=55, limit=3)]


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
