"""How a line of the command language is cut into tokens, and which command it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from hybrid_ner import registry
from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import BY_NAME, HASH, NUMBER, Added, Command, CommandSpec

MOST_PARTS = 50
"""Commands in one line."""
LARGEST = 2**31 - 1
"""The largest number that a column of every store holds."""


class ParseError(InputError):
    """A line that is no command; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the line.

    Args:
        kind: ``quoted``, ``arrow``, ``shift``, ``op``, ``at``, ``hash``, ``signed``, ``range``,
            ``number``, ``comma`` or ``word``.
        text: Its text, without quotes.
        end: Where what follows it begins.
    """

    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""
    (?P<arrow>->|→)
    |(?P<shift><\d{1,9}(?=\s|$)|>\d{1,9}(?=\s|$))
    |(?P<op>>=|<=|≥|≤|>|<|=)
    |(?P<at>@\d{1,9}-\d{1,9}(?=\s|$))
    |(?P<hash>\#\d{1,9}(?!\d))
    |(?P<signed>[+\-]\d{1,9}(?=\s|$))
    |(?P<range>\d+[-–]\d+(?![\w.]))
    |(?P<number>\d+(?:\.\d+)?(?=[\s,<>=≥≤→]|->|\+\d+(?:\s|$)|$))
    |(?P<comma>,(?=\s|\d))
    |(?P<word>(?:[^\s"“”„«»<>=≥≤\-]|-(?!>))(?:[^\s"“”„«»<>=≥≤,\-]|-(?!>)|,(?=\S))*)
    """,
    re.VERBOSE,
)


_CLOSES: Mapping[str, re.Pattern[str]] = {
    # A quote with an even number of backslashes before it; a backslash before a line break closes nothing.
    '"': re.compile(r'(?<!\\)(?:\\\\)*(?P<close>"|\\\n)'),
    "“": re.compile("(?P<close>”)"),
    "”": re.compile("(?P<close>”)"),
    "„": re.compile("(?P<close>[“”])"),
    "«": re.compile("(?P<close>»)"),
    "»": re.compile("(?P<close>«)"),
    "‘": re.compile("(?P<close>’)"),
    # An apostrophe inside a word closes nothing: 'the patient's son'.
    "'": re.compile(r"(?P<close>'(?!\w))"),
}
"""Opening quote → the next place that may close it. With these a line of any length is read once."""
_ENDS_WORD = "‘'"
_ANY = re.compile('(?P<close>["“”])')


class _Quotes:
    """The quoted texts of a line, asked for from left to right.

    A regular expression for each would look through the rest of the line at every quote that is not closed.
    """

    def __init__(self, line: str) -> None:
        self._line = line
        self._next: dict[re.Pattern[str], int] = {}

    def end(self, at: int) -> int | None:
        """Where the text ends that is quoted from ``at`` on, behind its closing quote."""
        opening = self._line[at]
        if opening not in _CLOSES:
            return None
        closed = self._close(_CLOSES[opening], at)
        if closed is not None and self._fits(opening, at, closed):
            return closed + 1
        closed = self._close(_ANY, at) if opening in '"“”' else None
        return None if closed is None else closed + 1

    def _close(self, pattern: re.Pattern[str], at: int) -> int | None:
        place = self._next.get(pattern, -1)
        if place <= at:
            found = pattern.search(self._line, at + 1)
            place = self._next[pattern] = found.start("close") if found else len(self._line)
        return place if place < len(self._line) else None

    def _fits(self, opening: str, at: int, closed: int) -> bool:
        behind = self._line[closed + 1 : closed + 2]
        if self._line[closed] == "\\":
            return False
        return opening not in _ENDS_WORD or (
            (not behind or behind.isspace()) and (opening == "‘" or closed > at + 1)
        )


def is_text(line: str) -> bool:
    """Whether every store can keep it: no half of a character, and no character number 0."""
    return "\0" not in line and not any("\ud800" <= char <= "\udfff" for char in line)


def whole_number(text: str) -> int | None:
    """The number that digits stand for, when every store can hold it."""
    # Python itself refuses to read thousands of digits.
    number = int(text) if text.isdecimal() and len(text) <= len(str(LARGEST)) else LARGEST + 1
    return number if number <= LARGEST else None


def tokenize(line: str) -> list[Token]:
    """The tokens of a line.

    Raises:
        ParseError: A quote that is not closed.
    """
    tokens, at, quotes = [], 0, _Quotes(line)
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        if end := quotes.end(at):
            text = line[at + 1 : end - 1].replace('\\"', '"').replace("\\\\", "\\")
            tokens.append(Token("quoted", text, at, end))
            at = end
            continue
        found = _TOKEN.match(line, at)
        if found is None:
            raise ParseError(f"the quote at character {at + 1} is not closed.", hint='Close it with ".')
        tokens.append(Token(str(found.lastgroup), found.group(), at, found.end()))
        at = found.end()
    return tokens


class Cursor:
    """Reads tokens in order.

    Args:
        at: The next one.
    """

    def __init__(self, line: str, tokens: Sequence[Token], at: int = 0) -> None:
        self.line, self.tokens, self.at = line, tokens, at

    def peek(self) -> Token | None:
        """The next token, or ``None`` at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *kinds: str) -> Token | None:
        """The next token if it is of one of the kinds (any when none is named)."""
        token = self.peek()
        if token is None or (kinds and token.kind not in kinds):
            return None
        self.at += 1
        return token

    def word(self, *words: str) -> str:
        """The next word in lower case if it is one of ``words``, else an empty string."""
        token = self.peek()
        if token is not None and token.kind == "word" and token.text.lower() in words:
            self.at += 1
            return token.text.lower()
        return ""

    def rest(self) -> str:
        """The rest of the line as typed, outer quotes removed."""
        token = self.peek()
        if token is None:
            return ""
        if token.kind == "quoted" and self.at == len(self.tokens) - 1:
            self.at += 1
            return token.text
        self.at = len(self.tokens)
        return self.line[token.start :].strip()

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            ParseError: Something does.
        """
        token = self.peek()
        if token is not None:
            raise ParseError(f"did not expect {self.line[token.start :]!r} here.", hint="Nothing changed.")

    def numbers(self) -> tuple[int, ...]:
        """Span numbers and ranges: ``1 3``, ``1, 3``, ``2-5``; may be empty.

        Raises:
            ParseError: A range that runs backwards, or a number that is not whole.
        """
        found: list[int] = []
        while token := self.take("number", "range", "comma"):
            if token.kind == "comma":
                continue
            first, _, last = token.text.replace("–", "-").partition("-")
            start, stop = whole_number(first), whole_number(last or first)
            if start is None or stop is None or stop < start:
                raise ParseError(f"{token.text[:40]!r} is no number or range.", hint="Nothing changed.")
            if stop - start > 10_000:
                raise ParseError(f"the range {token.text!r} is too long.", hint="Nothing changed.")
            found += range(start, stop + 1)
        return tuple(dict.fromkeys(found))

    def listed(self, example: str) -> tuple[int, ...]:
        numbers = self.numbers()
        if not numbers:
            raise ParseError("name one or more numbers.", hint=f"For example `{example}`.")
        return numbers

    def span(self, example: str) -> int:
        numbers = self.numbers()
        if len(numbers) != 1:
            raise ParseError("name one mention.", hint=f"For example {example}.")
        return numbers[0]

    def number(self, example: str) -> int:
        """A number from 1 on, or 0 where there is none."""
        numbers = self.numbers()
        if len(numbers) > 1 or 0 in numbers:
            hint = f"For example `{example}`. Nothing changed."
            raise ParseError("expected one number, from 1 on.", hint=hint)
        return numbers[0] if numbers else 0

    def label(self, example: str) -> str:
        """The rest of the line, which is a label."""
        if label := self.rest():
            return label
        raise ParseError("say which label.", hint=f"For example `{example}`.")

    def characters(self) -> tuple[int, int] | None:
        """``@12-16``: characters of the document, half-open; ``None`` when no such token follows."""
        token = self.take("at")
        if token is None:
            return None
        first, _, last = token.text[1:].partition("-")
        return int(first), int(last)

    def words(self) -> list[str]:
        """The rest of the line, parted at white space alone: ``2,4-dinitrophenol`` is one word."""
        found: list[str] = []
        end = -1
        while token := self.take():
            if token.start == end:
                found[-1] += token.text
            else:
                found.append(token.text)
            end = token.end
        return found

    def text(self, what: str, example: str = '"afib"') -> str:
        """A quoted text, or the next bare word.

        Args:
            what: What is expected, for the message.

        Raises:
            ParseError: Neither follows.
        """
        token = self.take("quoted") or self.take("word", "number", "range")
        if token is None or not token.text.strip():
            quotes = "Write it in quotes, for example" if example.startswith('"') else "For example"
            raise ParseError(f"expected {what}.", hint=f"{quotes} {example}.")
        return token.text


def word_of(what: str, example: str) -> Callable[[Cursor], str]:
    """Reads one word or quoted text; ``what`` and ``example`` are for whoever leaves it out."""
    return lambda cursor: cursor.text(what, example)


def words_of(what: str, example: str = '"afib"') -> Callable[[Cursor], str]:
    return lambda cursor: cursor.rest().strip() or cursor.text(what, example)


def parse(line: str) -> Command:
    """What a line means.

    Raises:
        ParseError: It is no command; the message names the nearest one.
    """
    try:
        tokens = tokenize(line)
    except ParseError:
        if added := _added_command(line):
            return added
        raise
    if not tokens:
        raise ParseError("an empty line is no command.", hint="Type ? for help.")
    first = tokens[0]
    if first.kind == "hash" and len(tokens) == 1:
        return BY_NAME[HASH].kind.read(Cursor(line, tokens))
    if first.kind in ("number", "range"):
        return _finish(BY_NAME[NUMBER], Cursor(line, tokens))
    found = spec_of(first.text) if first.kind == "word" else None
    if found is None and line.startswith("?"):
        return BY_NAME["?"].kind.read(Cursor(line[1:], tokenize(line[1:])))
    if found is None and (added := _added_command(line)):
        return added
    if found is None:
        raise _no_command(line)
    try:
        return _finish(found, Cursor(line, tokens, 1))
    except ParseError as error:
        raise (_no_command(line) if _ARTICLE.fullmatch(line) else error) from None


_ARTICLE = re.compile(
    r"[Aa]n? (?=(?:[,.!]? ?[\w'’-]){4})[\w'’-]+(?:(?:[,.!] ?| )[\w'’-]+)*[,.!]? ?"  # something parts words
)
"""A salary is not a fee: a sentence, and no slip in `a label:Fee`."""


def _no_command(line: str) -> ParseError:
    from hybrid_ner.review.commands.help import advice, is_sentence

    said = "I did not understand that." if is_sentence(line) else f"{line.strip()!r} is no command."
    return ParseError(said, hint=f"{advice(line)} Nothing changed.")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read: a command, several with ``;`` between, or why it is none."""

    text: str
    command: Command | None = None
    error: ParseError | None = None
    parts: tuple[Line, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        return tuple(each.command for each in self.parts or (self,) if each.command is not None)


def read_line(text: str) -> Line:
    if parts := script(text):
        return Line(text, parts=parts)
    try:
        return Line(text, _not_alone(text) or parse(text))
    except ParseError as error:
        return Line(text, error=error)


_POLITE = re.compile(r"(?i)(?:please|kindly|(?:can|could|would) you(?: please)?),? ")


def _added_command(line: str) -> Added | None:
    word, _, rest = _POLITE.sub("", line.strip(), count=1).partition(" ")
    if word not in registry.COMMANDS:
        return None
    return Added(word, rest.strip())


def _not_alone(line: str) -> Added | None:
    """A command of another package among others: as it takes the rest of its line, none of them is run. What
    is no command is text for it."""
    parts = _parted(line)
    commands: tuple[Command, ...] = ()
    if len(parts) > 1:
        with suppress(ParseError):
            commands = tuple(map(parse, parts))
    for part, each in zip(parts, commands, strict=False):
        if isinstance(each, Added):
            said = f"{each.name} takes the rest of its line. Give {part!r} a line of its own."
            return replace(each, problem=said)
    return None


def script(line: str) -> tuple[Line, ...]:
    """The parts of a line that holds several commands, ``ok 1; no 2``; empty when it does not."""
    if ";" not in line:
        return ()
    parts = _parted(line)
    if not 1 < len(parts) <= MOST_PARTS:
        return ()
    with suppress(ParseError):
        lines = tuple(Line(part, parse(part)) for part in parts)
        return () if any(each.alone for line in lines for each in line.commands) else lines
    return ()


def _parted(line: str) -> list[str]:
    """The line between its semicolons; those inside quotes part nothing."""
    parts, quoted = [""], False
    for piece in re.split(r'([";])', line):
        quoted ^= piece == '"'
        if piece == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _finish(spec: CommandSpec, cursor: Cursor) -> Command:
    found = spec.kind.read(cursor)
    cursor.end()
    return found


def spec_of(word: str) -> CommandSpec | None:
    """The command that a word starts."""
    found = (BY_NAME[said] for said in (word, word.lower()) if said in BY_NAME and said not in (NUMBER, HASH))
    return next(found, None)
