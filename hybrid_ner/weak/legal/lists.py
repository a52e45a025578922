"""Word lists of the legal rules: data files under ``gazetteers/legal/rules``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hybrid_ner.resources import shipped
from hybrid_ner.weak.rulefiles import read_list

__all__ = ["alternation", "rule_words"]


def rule_words(name: str) -> tuple[str, ...]:
    """Entries of ``gazetteers/legal/rules/<name>.txt`` in file order."""
    return read_list(shipped("gazetteers", "legal", "rules", f"{name}.txt"))


def alternation(entries: Iterable[str]) -> str:
    """A non-capturing group of the words, longest first; a space matches any run of white space."""
    ordered = sorted(set(entries), key=lambda entry: (-len(entry), entry))
    return "(?:" + "|".join(r"\s{1,40}".join(map(re.escape, entry.split())) for entry in ordered) + ")"
