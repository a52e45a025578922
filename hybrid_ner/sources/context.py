"""Context of a mention in clinical text: negated, historical, of the family, or hypothetical.

Trigger phrases open a scope before or after them; a mention in the scope gets the flag. A scope ends with
the sentence, at a stop phrase, or after ``WINDOW`` words. A pseudo trigger looks like a trigger and opens
none. The method is that of ConText (Harkema et al. 2009, doi:10.1016/j.jbi.2009.05.002); the lists are
data files, ``context_<flag>.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Evidence, Match

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["FLAGS", "ContextRules", "ContextSource", "Trigger"]

FLAGS = ("negated", "historical", "family", "hypothetical")
KINDS = ("before", "after", "pseudo", "stop")
WINDOW = 12
"""Words that a scope reaches at most."""

_BREAK = re.compile(r"[.!?;](?=\s|$)|\n\s*\n|\n\s*(?:[-*•]|\d+[.)])\s|\n(?=[A-Z][\w /]{0,40}:)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A phrase of a list.

    Args:
        phrase: In lower case, single spaces.
        flag: One of ``FLAGS``.
        kind: ``before`` (stands before the mention), ``after``, ``pseudo`` or ``stop``.
        file: List it was read from.
        row: One-based row in it.
    """

    phrase: str
    flag: str
    kind: str
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class _Scope:
    start: int
    end: int
    trigger: Trigger


class ContextRules:
    """Trigger lists, ready to use.

    Args:
        triggers: Every trigger of every flag.
    """

    def __init__(self, triggers: Iterable[Trigger]) -> None:
        self.triggers = tuple(triggers)
        self._by_phrase: dict[str, list[Trigger]] = {}
        for each in self.triggers:
            self._by_phrase.setdefault(each.phrase, []).append(each)
        ordered = sorted(self._by_phrase, key=len, reverse=True)
        inner = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered)
        self._pattern = re.compile(rf"(?<!\w)(?:{inner})(?!\w)", re.IGNORECASE) if ordered else None

    @classmethod
    def load(cls, folder: str | Path) -> ContextRules:
        """Read ``context_<flag>.txt`` of every flag: ``kind<TAB>phrase`` a line, ``#`` starts a comment."""
        triggers: list[Trigger] = []
        for flag in FLAGS:
            triggers += _read(Path(folder) / f"context_{flag}.txt", flag)
        return cls(triggers)

    def flags(self, text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
        """Flags of each span ``(start, end)`` in characters, sorted by name."""
        return [tuple(sorted(found)) for found in self.explain(text, spans)]

    def explain(self, text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Trigger]]:
        """The trigger behind each flag of each span."""
        if not spans or self._pattern is None:
            return [{} for _ in spans]
        scopes = self._scopes(text)
        return [_flags_of(span, scopes) for span in spans]

    def _scopes(self, text: str) -> list[_Scope]:
        assert self._pattern is not None
        hits = [
            (found.start(), found.end(), self._by_phrase[" ".join(found.group().lower().split())])
            for found in self._pattern.finditer(text)
        ]
        if not any(t.kind in ("before", "after") for _, _, triggers in hits for t in triggers):
            return []
        breaks = [found.start() for found in _BREAK.finditer(text)]
        scopes = []
        for start, end, triggers in hits:
            pseudo = {t.flag for t in triggers if t.kind == "pseudo"}
            for trigger in triggers:
                if trigger.kind in ("before", "after") and trigger.flag not in pseudo:
                    scopes.append(_scope(text, start, end, trigger, breaks, hits))
        return scopes


def _scope(
    text: str,
    start: int,
    end: int,
    trigger: Trigger,
    breaks: Sequence[int],
    hits: Sequence[tuple[int, int, list[Trigger]]],
) -> _Scope:
    stops = [
        (left, right)
        for left, right, triggers in hits
        if any(t.kind == "stop" and t.flag == trigger.flag for t in triggers)
    ]
    if trigger.kind == "before":
        # "denies chest pain, h/o afib": a trigger after a comma begins a clause of its own.
        clauses = [at for at, _, found in hits if found[0].flag != trigger.flag and _after_comma(text, at)]
        ends = [*breaks, *(at for at, _ in stops), *clauses]
        limit = min([at for at in ends if at >= end] + [len(text)])
        return _Scope(end, _words_right(text, end, limit), trigger)
    limit = max([at + 1 for at in breaks if at < start] + [at for _, at in stops if at <= start] + [0])
    return _Scope(_words_left(text, limit, start), start, trigger)


def _after_comma(text: str, at: int) -> bool:
    return text[max(0, at - 4) : at].rstrip().endswith(",")


def _words_right(text: str, start: int, limit: int) -> int:
    for count, word in enumerate(_WORD.finditer(text, start, limit), 1):
        if count == WINDOW:
            return word.end()
    return limit


def _words_left(text: str, limit: int, end: int) -> int:
    words = [word.start() for word in _WORD.finditer(text, limit, end)]
    return words[-WINDOW] if len(words) >= WINDOW else limit


def _flags_of(span: tuple[int, int], scopes: Sequence[_Scope]) -> dict[str, Trigger]:
    found: dict[str, Trigger] = {}
    for scope in scopes:
        if scope.start <= span[0] < scope.end or scope.start < span[1] <= scope.end:
            found.setdefault(scope.trigger.flag, scope.trigger)
    return found


def _read(path: Path, flag: str) -> list[Trigger]:
    triggers = []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, _, phrase = line.partition("\t")
        if kind not in KINDS or not phrase.strip():
            raise InputError(
                f"expected `kind<TAB>phrase` with kind one of {', '.join(KINDS)}, found {line!r}.",
                path=path,
                row=row,
                hint="Correct the row.",
            )
        triggers.append(Trigger(" ".join(phrase.lower().split()), flag, kind, path.name, row))
    return triggers


@dataclass(frozen=True, slots=True)
class ContextSource:
    """A source that says in which context the spans of other sources stand.

    Its matches carry the flag in capitals as label (``NEGATED``) and the trigger as evidence; they are
    attributes of mentions, not entities, and do not belong into the aggregation.

    Args:
        rules: Trigger lists.
        groups: Span groups to look at; ``doc.ents`` is always looked at.
    """

    rules: ContextRules
    groups: tuple[str, ...] = ()
    name: str = "context"

    def __call__(self, doc: Doc) -> list[Match]:
        """One match for each flag of each span."""
        text = doc.text
        spans = {(e.start_char, e.end_char) for e in doc.ents}
        for group in self.groups:
            spans |= {(s.start_char, s.end_char) for s in doc.spans.get(group, ())}
        ordered = sorted(spans)
        found = self.rules.explain(text, ordered)
        return [
            Match(start, end, flag.upper(), (), 1.0, _evidence(text[start:end], trigger))
            for (start, end), flags in zip(ordered, found, strict=True)
            for flag, trigger in sorted(flags.items())
        ]


def _evidence(surface: str, trigger: Trigger) -> Evidence:
    return Evidence("pattern", surface, trigger.phrase, trigger.file, trigger.row)
