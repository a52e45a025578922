"""The second pass of spaCy's tokenizer, for one chunk at a time.

spaCy cuts affixes off each chunk between spaces and then looks through the whole document once more for
special cases that the cutting took apart: ``30):`` becomes ``30``, ``):``. Nearly always that is decided
inside the chunk. It is not where such a case competes with one that reaches over a space.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy.matcher import PhraseMatcher
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

__all__ = ["SpecialCases"]


class SpecialCases:
    """Special cases of a tokenizer that affixes may take apart.

    Args:
        tokenizer: Its rules must not change afterwards, and hold no white space beside other characters.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        functions = (tokenizer.prefix_search, tokenizer.suffix_search, tokenizer.infix_finditer)
        affixes = [_Affix(function) for function in functions]
        self.first_pass = _tokenizer(tokenizer, tokenizer.rules, affixes)
        """Cuts affixes as the tokenizer does, and leaves out its second pass."""
        for affix in affixes:
            affix.idle = False
        cases = [case for case in tokenizer.rules if _is_taken_apart(tokenizer, case)]
        self._matcher = PhraseMatcher(tokenizer.vocab)
        plain = _tokenizer(tokenizer, {}, affixes)
        self._matcher.add("special", [plain(case) for case in cases])
        self._reach = 2 * max(map(len, cases), default=0)

    def are_in(self, doc: Doc) -> bool:
        """Whether the second pass finds anything in a document of ``first_pass``."""
        return bool(self._matcher(doc))

    def reach_over(self, text: str, start: int, end: int) -> bool:
        """Whether a special case lies in the chunk ``text[start:end]`` and in another one."""
        begin = text.rfind(" ", 0, max(0, start - self._reach)) + 1
        stop = text.find(" ", end + self._reach)
        near = self.first_pass(text[begin:] if stop < 0 else text[begin:stop])
        spans = (near[first:last] for _, first, last in self._matcher(near))
        return any(
            span.start_char < end - begin and start - begin < span.end_char and " " in span.text
            for span in spans
        )


class _Affix:
    """A search for affixes that finds none while ``idle``, so that special cases are only looked up whole."""

    def __init__(self, function: Callable[[str], Any] | None) -> None:
        self._function = function
        self.idle = True

    def __call__(self, text: str) -> Any:
        if self.idle or self._function is None:
            return None
        return self._function(text)

    def finditer(self, text: str) -> Any:
        """For infixes."""
        return self(text) or ()


def _tokenizer(like: Tokenizer, rules: Any, affixes: list[_Affix]) -> Tokenizer:
    prefix, suffix, infix = affixes
    return Tokenizer(
        like.vocab,
        rules=rules,
        prefix_search=prefix,
        suffix_search=suffix,
        infix_finditer=infix.finditer,
        token_match=like.token_match,
        url_match=like.url_match,
    )


def _is_taken_apart(tokenizer: Tokenizer, case: str) -> bool:
    if not tokenizer.faster_heuristics:
        return True
    found = (tokenizer.find_prefix(case), tokenizer.find_suffix(case), tokenizer.find_infix(case))
    return any(found) or " " in case
