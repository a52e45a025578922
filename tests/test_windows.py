"""Windows hold every character, end at sentences, and see whole what begins in them."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.text.windows import Window, owned, windows_of

WORDS = st.text(st.sampled_from("ab .\n!é\u0301。 Xyz"), max_size=400)


@given(WORDS, st.integers(2, 60), st.integers(0, 30))
def test_windows_cover_every_character_once_and_stay_in_bounds(text: str, limit: int, overlap: int) -> None:
    windows = windows_of(text, limit, overlap)
    if not text.strip():
        assert windows == []
        return
    assert windows[0].first == 0
    assert windows[-1].last == len(text)
    assert all(a.last == b.first for a, b in itertools.pairwise(windows))
    for window in windows:
        assert window.start <= window.first <= window.last <= window.end
        # A letter with a long tail of marks is the one thing that is never cut.
        assert window.end - window.start <= limit or "\u0301" in text


def test_a_window_ends_where_a_sentence_ends_and_reads_on_past_its_own_part() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve. The end."
    windows = windows_of(text, 40, 20)
    assert [text[w.start : w.end] for w in windows] == [
        "One two three. Four five six. ",
        "Four five six. Seven eight nine. ",
        "Seven eight nine. Ten eleven twelve. ",
        "Ten eleven twelve. The end.",
    ]
    assert all(w.last < w.end for w in windows[:-1])


def test_long_sentences_are_cut_at_white_space() -> None:
    text = "word " * 400
    windows = windows_of(text, 100, 40)
    assert all(text[w.start : w.end].split(" ")[0] == "word" for w in windows)
    assert all(w.last + 10 <= w.end for w in windows[:-1])


def test_cost_may_be_anything() -> None:
    def tokens(texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    text = "A b c d. " * 50
    windows = windows_of(text, 10, 4, tokens)
    assert max(tokens([text[w.start : w.end] for w in windows])) <= 10
    assert windows_of("a b", 10, 4, tokens) == [Window(0, 3, 0, 3)]


def test_what_two_windows_see_is_told_once() -> None:
    windows = [Window(0, 20, 0, 15), Window(10, 40, 15, 40)]
    told = list(owned(windows, [[(1, 3), (12, 18), (16, 20)], [(12, 18), (15, 20), (19, 25)]]))
    assert told == [[True, True, False], [False, False, True]]
