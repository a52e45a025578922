"""The tokenizer of every pipeline."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English
from spacy.tokenizer import Tokenizer

from hybrid_ner.text import tokenizer as tokenizer_module
from hybrid_ner.text.tokenizer import _QUICK, BoundedTokenizer, blank, ready
from tests.conftest import examples

ODD_WORDS = (
    *(
        "ª",
        "中",
        "A中",
        "İ",
        "ſ",
        "Ⅷ",
        "²",
        "１２",
        "a.b",
        "http://x",
        "www.ab",
        "x@y.zz",
        "twelfth",
        "2ND",
        "1/2",
    ),
    *(
        "-5",
        "€",
        "$",
        "``",
        "(",
        "'",
        "“",
        "LONG" * 30,
        "x" * 99,
        "x" * 100,
        "1" * 100,
        "ABc",
        "aB",
        "ß",
        "ǅa",
    ),
)


def test_text_longer_than_a_million_characters_is_read() -> None:
    text = "word " * 200_001
    assert len(blank().make_doc(text)) == 200_001


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u2060", "\ufeff"])
def test_invisible_marks_stand_apart_from_words(mark: str) -> None:
    text = f"{mark}fever{mark} and chest {mark}pain"
    words = [token.text for token in blank()(text)]
    assert words == [mark, "fever", mark, "and", "chest", mark, "pain"]


@pytest.mark.parametrize("text", ["leak.</p>x", "leak.[12]", 'leak."Then', "leak.”Then", "décision.Puis"])
def test_the_end_of_a_sentence_is_no_part_of_its_last_word(text: str) -> None:
    assert [token.text for token in blank()(text)][1] == "."


def test_a_value_typed_to_a_name_is_a_token_of_its_own() -> None:
    words = [token.text for token in blank()("Hb9.8 HbA1c7.9% eGFR38ml/min CD34 CA125 p53 IL10 v2.1 120mg")]
    assert words[:8] == ["Hb", "9.8", "HbA1c", "7.9", "%", "eGFR", "38ml", "/"]
    assert words[9:] == ["CD34", "CA125", "p53", "IL10", "v2.1", "120", "mg"]


def test_joiners_stay_in_their_word() -> None:
    assert blank()("a\u200d\u200cb 👩\u200d⚕")[0].text == "a\u200d\u200cb"


@cache
def _both() -> tuple[Tokenizer, Tokenizer]:
    """The tokenizer, and spaCy's with the same patterns."""
    ours = blank().tokenizer
    functions = (ours.prefix_search, ours.suffix_search, ours.infix_finditer)
    prefix, suffix, infix = (re.compile(function.__self__.pattern) for function in functions)
    return ours, Tokenizer(
        ours.vocab,
        rules=ours.rules,
        prefix_search=prefix.search,
        suffix_search=suffix.search,
        infix_finditer=infix.finditer,
    )


PIECES = [
    "(",
    ")",
    "..",
    "don't",
    "a",
    "B",
    "1",
    "-",
    "'s",
    "km",
    "°C.",
    "US$",
    "U.S.",
    "e.g.",
    "…",
    "\u200b",
    "“",
]
PIECES += ["Hb", "9.8", "ml/min", "é", "%", "_" * 40, "." * 70, "can't", "/", " ", "x" * 150]


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 30)), max_size=25))
@settings(deadline=None, max_examples=examples(20))
def test_long_chunks_have_the_tokens_of_spacy(parts: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in parts)[:600]
    ours, theirs = ([(t.idx, t.text, t.norm_, t.whitespace_) for t in make(text)] for make in _both())
    assert ours == theirs


def test_the_guard_outlives_saving_and_pickling() -> None:
    nlp = blank()
    for made in (
        blank().from_bytes(nlp.to_bytes()).tokenizer,
        pickle.loads(pickle.dumps(nlp.tokenizer)),
    ):
        assert isinstance(made, BoundedTokenizer)
        assert made.prefix_search("(" * 10_000) is None
        assert len(made("(" * 10_000)) == 10_000


def test_special_cases_are_read_once_whatever_way_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded: list[int] = []
    real = tokenizer_module._LongChunk

    def counted(*args: Any) -> Any:
        guarded.append(len(args[-1]))
        return real(*args)

    nlp = blank()
    data, rules = nlp.to_bytes(), nlp.tokenizer.rules
    monkeypatch.setattr(tokenizer_module, "_LongChunk", counted)
    opened = blank().from_bytes(data)
    # Of the new one and of what it reads: long and short chunks know the same cases.
    assert guarded == [len(rules)] * 2
    assert opened.tokenizer.rules == rules
    assert [t.norm_ for t in opened("He'll can't")] == ["he", "will", "can", "not"]
    bare = blank().tokenizer.from_bytes(nlp.tokenizer.to_bytes(), exclude=["exceptions"])
    assert bare.rules == {}
    assert [t.text for t in bare("e.g.")] != ["e.g."]


def test_special_cases_wait_for_a_text_and_are_never_missed() -> None:
    cases = blank().tokenizer.rules
    assert len(cases) > 1000
    used, unused = blank(), blank()
    assert [token.text for token in used("They don't.")] == ["They", "do", "n't", "."]
    assert unused.tokenizer.to_bytes(exclude=["vocab"]) == used.tokenizer.to_bytes(exclude=["vocab"])
    assert [token for _, token in blank().tokenizer.explain("don't")] == ["do", "n't"]
    assert pickle.loads(pickle.dumps(blank().tokenizer)).rules.keys() == cases.keys()
    loaded = blank().tokenizer.from_bytes(blank().tokenizer.to_bytes())
    assert loaded.rules.keys() == cases.keys()
    none = blank().tokenizer
    none.rules = {}
    assert [token.text for token in none("don't")] == ["don", "'", "t"]
    assert none.rules == {}


CASES = sorted(blank().tokenizer.rules)


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.sampled_from(CASES) | st.sampled_from([" ", ". ", "(", "-", "word"]), max_size=6))
def test_a_text_has_the_same_tokens_whatever_special_cases_were_cut(parts: list[str]) -> None:
    text, new = "".join(parts), blank().tokenizer
    for tokenizer in (new, _used()):
        assert [(t.text, t.norm_) for t in tokenizer(text)] == [(t.text, t.norm_) for t in _whole()(text)]
    assert len(new._waiting) > 1000


@cache
def _used() -> BoundedTokenizer:
    return blank().tokenizer


@cache
def _whole() -> BoundedTokenizer:
    """With all special cases cut, as a pipeline of rules has them before its first text."""
    tokenizer = ready(blank()).tokenizer
    assert not tokenizer._waiting
    return tokenizer


def test_after_a_long_text_no_special_case_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_module, "_LOOKED", 100)
    tokenizer = blank().tokenizer
    for text, waits in (("word " * 50, True), ("word", False)):
        tokenizer(text)
        assert bool(tokenizer._waiting) == waits


def test_a_special_case_of_ones_own_stands_against_those_that_wait() -> None:
    tokenizer = blank().tokenizer
    tokenizer.add_special_case("don't", [{"ORTH": "don't"}])
    tokenizer.add_special_case("abc", [{"ORTH": "a"}, {"ORTH": "bc"}])
    assert [token.text for token in tokenizer("abc don't can't")] == ["a", "bc", "don't", "ca", "n't"]


def test_threads_that_share_a_tokenizer_find_every_special_case() -> None:
    tokenizer, text = blank().tokenizer, "I don't, you can't, and o'clock isn't."
    expected = [token.text for token in blank()(text)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: [token.text for token in tokenizer(text)], range(16)))
    assert found == [expected] * 16


def test_two_dots_are_the_end_of_an_abbreviation_and_of_a_sentence() -> None:
    words = [token.text for token in blank()("sold by Acme, Inc.. Then ... more")]
    assert words == ["sold", "by", "Acme", ",", "Inc.", ".", "Then", "...", "more"]


UNITS = ("g", "h", "l", "m", "s", "w", "µg", "kg", "mL", "%", "°C", "Hz")
FIGURES = st.from_regex(r"[1-9]\d{0,3}(\.\d{1,2})?", fullmatch=True)
ABBREVIATIONS = ("p.m.", "a.m.", "e.g.", "i.e.", "Dr.", "vs.", "Inc.", "Ltd.", "Jan.")


@settings(deadline=None, max_examples=examples(20))
@given(FIGURES, st.lists(st.sampled_from(UNITS), min_size=1, max_size=3), st.sampled_from((" ", "")))
def test_the_full_stop_of_a_sentence_is_no_part_of_a_measure(
    figure: str, units: list[str], space: str
) -> None:
    text = f"It was {figure}{space}{'/'.join(units)}. Then ({figure}) {figure}{space}{units[0]}."
    ends = {token.idx for token in blank()(text)}
    assert {at for at, sign in enumerate(text) if sign in ".)" and text[at + 1 : at + 2] in (" ", "")} <= ends


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.sampled_from((*CASES, *ABBREVIATIONS, *UNITS, "x.", "8)", "(", "Acme", "5")), max_size=8))
def test_every_edge_of_a_token_stays_one(words: list[str]) -> None:
    """Spans of older stores, cut with all special cases of spaCy, still begin and end at tokens."""
    text = " ".join(words)
    assert _edges(_all_cases()(text)) <= _edges(_used()(text))
    for at, word in enumerate(words):
        if word in ABBREVIATIONS:
            start = len(" ".join([*words[:at], ""]))
            assert start + len(word) - 1 not in _edges(_used()(text))


def _edges(doc: Any) -> set[int]:
    return {edge for token in doc for edge in (token.idx, token.idx + len(token))}


@cache
def _all_cases() -> Tokenizer:
    ours = blank().tokenizer
    made = Tokenizer(ours.vocab, prefix_search=ours.prefix_search, suffix_search=ours.suffix_search)
    made.infix_finditer, made.rules = ours.infix_finditer, English.Defaults.tokenizer_exceptions
    return made


@pytest.mark.parametrize("slow", _QUICK, ids=lambda slow: f"{slow.__module__}.{slow.__name__}")
@given(text=st.text(min_size=1, max_size=120) | st.sampled_from(ODD_WORDS))
def test_attributes_of_words_are_those_of_spacy(slow: Callable[[str], object], text: str) -> None:
    assert _QUICK[slow](text) == slow(text)


def test_every_function_of_spacy_that_has_a_quick_one_is_replaced() -> None:
    getters = set(blank().vocab.lex_attr_getters.values())
    assert getters.isdisjoint(_QUICK)
    assert len(getters & set(_QUICK.values())) > len(_QUICK) // 2
