"""Context of a mention in clinical text: negated, historical, of a relative, hypothetical, or possible.

Trigger phrases open a scope before or after them; a mention in the scope gets the flag. A scope ends with
the clause or sentence, at a stop phrase, or after ``WINDOW`` words without a comma or conjunction. A pseudo
trigger looks like a trigger and opens none. The method is that of ConText (Harkema et al. 2009,
doi:10.1016/j.jbi.2009.05.002) after NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029), with the page's
layout beside it: sections, check boxes, "Fever: none". The lists are data files, ``context_<flag>.txt``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from hybrid_ner.io import shipped
from hybrid_ner.sources.context_layout import layout_scopes
from hybrid_ner.sources.context_lists import CLAUSE, FLAGS, Trigger, TriggerTrie, read_triggers
from hybrid_ner.sources.context_page import Page, read_page
from hybrid_ner.sources.context_scopes import WINDOW, phrase_scopes

__all__ = ["FLAGS", "WINDOW", "ContextRules", "Trigger", "context_rules", "read_lists", "shipped_lists"]


class ContextRules:
    """Trigger lists, ready to use.

    Args:
        triggers: Every trigger of every flag.
        names: Phrases that ``{name}`` in a trigger stands for.
    """

    def __init__(
        self, triggers: Iterable[Trigger], names: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        self.triggers = tuple(triggers)
        self._trie = TriggerTrie(self.triggers, names)

    @classmethod
    def load(cls, folder: str | Path) -> ContextRules:
        """Read ``context_<flag>.txt`` of every flag, and ``context_clause.txt``.

        Raises:
            InputError: A row that is no trigger.
        """
        return cls.from_texts(read_lists(folder), Path(folder))

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], folder: Path = Path()) -> ContextRules:
        """The rules of lists that were read already, by flag."""
        triggers: list[Trigger] = []
        names: dict[str, list[str]] = {}
        for flag, text in texts.items():
            read, named = read_triggers(text, folder / f"context_{flag}.txt", flag)
            triggers += read
            names |= named
        return cls(triggers, names)

    def flags(self, text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
        """Flags of each span ``(start, end)`` in characters, sorted by name."""
        return [tuple(sorted(found)) for found in self.explain(text, spans)]

    def explain(self, text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Trigger]]:
        """The trigger behind each flag of each span; time grows with the text's length."""
        if not spans or not self.triggers:
            return [{} for _ in spans]
        page = read_page(text, spans, self._trie)
        covers: dict[str, dict[int, Trigger]] = {flag: {} for flag in FLAGS}
        for scope in (*layout_scopes(page), *phrase_scopes(page)):
            cover = covers[scope.trigger.flag]
            for token in range(scope.start, scope.end):
                cover.setdefault(token, scope.trigger)
        return [_flags_of(page, span, covers) for span in spans]


def _flags_of(page: Page, span: tuple[int, int], covers: dict[str, dict[int, Trigger]]) -> dict[str, Trigger]:
    first, last = page.tokens_of(span)
    found: dict[str, Trigger] = {}
    for flag, cover in covers.items():
        trigger = cover.get(first) or cover.get(last)
        if trigger is not None:
            found[flag] = trigger
    if "negated" in found and found["negated"].kind in ("after", "answer"):
        # "Workup for DVT was negative": the question was asked and is answered.
        found.pop("possible", None)
        found.pop("hypothetical", None)
    return found


def read_lists(folder: str | Path) -> dict[str, str]:
    """Text of the list of every flag, and of the clauses."""
    paths = {flag: Path(folder) / f"context_{flag}.txt" for flag in (*FLAGS, CLAUSE)}
    return {flag: path.read_text(encoding="utf-8") for flag, path in paths.items()}


def shipped_lists() -> dict[str, str]:
    """The lists that come with the package."""
    return read_lists(shipped("gazetteers", "medical", "rules"))


@lru_cache(maxsize=2)
def _rules_of(texts: tuple[tuple[str, str], ...]) -> ContextRules:
    return ContextRules.from_texts(dict(texts))


def context_rules(texts: Mapping[str, str]) -> ContextRules:
    """The rules of some lists; those of the same lists are built once."""
    return _rules_of(tuple(texts.items()))
