"""Terms in another spelling."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hybrid_ner.domains.medical.base import spelling_variants
from hybrid_ner.domains.medical.spelling import _RE, SpellingSource, split_words
from hybrid_ner.terms import Gazetteer, Term, surface_key
from hybrid_ner.text.tokenizer import blank

_TERMS = (
    "lung biopsy",
    "eye disease",
    "eyes",
    "red eyes",
    "MK-801",
    "non-small cell cancer",
    "hemorrhage",
    "oedema of the eye",
    "Addison's crisis",
    "edema",
    "psychosis",
    "cell line",
    "see-saw nystagmus",
    "épilepsie",
)
_SOURCE = SpellingSource(Gazetteer.of(Term(text, "X") for text in _TERMS), stops=("red eye",))
_WORDS = (
    "lung biopsies eye eyes diseases MK 801 non small cell cells cancers haemorrhages oedemas of the in is"
)
_MORE = "Addison's crises edemas psychoses line see saw nystagmus Épilepsies red y"
_TEXTS = st.lists(
    st.tuples(
        st.sampled_from([*_WORDS.split(), *_MORE.split()]), st.sampled_from([" ", " ", "-", ", ", " (GI) "])
    ),
    max_size=14,
).map(lambda parts: "".join(word + gap for word, gap in parts))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two lung biopsies.", {"lung biopsies": "plural"}),
        ("MK 801 and MK801", {"MK 801": "hyphen for space", "MK801": "joint of letters and digits"}),
        ("Nonsmall", {}),
        ("an oedema, haemorrhage", {"oedema": "British spelling", "haemorrhage": "British spelling"}),
        ("cell (GI) line", {"cell (GI) line": "short form in brackets left out"}),
        ("the red eye", {}),
        ("lung biopsy", {}),
    ],
)
def test_terms_in_another_spelling(text: str, found: dict[str, str]) -> None:
    matches, near = next(_SOURCE.read([text]))
    said = {text[m.start : m.end]: m.evidence.edits[0] for m in matches if m.evidence}
    assert said == found
    assert near == []


def _slowly(text: str) -> list[tuple[int, int, str, str]]:
    """Every window of every word, asked one by one."""
    words, found = split_words(text, skip_short_forms=True), []
    for first in range(len(words.starts)):
        key = surface_key(words.surfaces[first])
        word = words.surfaces[first].lower().removesuffix("'s")
        american = next((v for v, rule in spelling_variants(word) if rule == "British spelling"), word)
        for last in range(first, min(first + 6, len(words.starts))):
            if last > first:
                if words.gaps[last] not in (" ", "-") or not _SOURCE._terms.starts(american):
                    break
                key += words.gaps[last] + surface_key(words.surfaces[last])
            start, end = words.starts[first], words.ends[last]
            if last > first and key[-1].isdigit() and words.gaps[last] == " " and _RE.DOSE.match(text, end):
                continue  # what begins as a dose, "801-"
            if len(key) >= 5 and (term := _SOURCE._lookup(key, whole=end - start == len(key))):
                found.append((start, end, term[0].text, term[1]))
    return found


@given(st.lists(_TEXTS, max_size=4))
@example(["MK 801-lung "])
def test_several_texts_at_once_give_what_every_window_of_each_gives(texts: list[str]) -> None:
    for text, (matches, _) in zip(texts, _SOURCE.read(texts), strict=True):
        quick = [(m.start, m.end, m.evidence.reference, m.evidence.edits[0]) for m in matches if m.evidence]
        assert quick == _slowly(text)
        assert matches == _SOURCE(_Doc(text))  # type: ignore[arg-type]


def test_threads_share_what_words_tell() -> None:
    source = pickle.loads(pickle.dumps(_SOURCE))
    texts = [" ".join(f"biopsies{n} lung biopsies" for n in range(at, at + 40)) for at in range(0, 400, 10)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: next(source.read([text]))[0], texts))
    assert found == [next(_SOURCE.read([text]))[0] for text in texts]
    assert all(len(matches) == 40 for matches in found)


class _Doc:
    def __init__(self, text: str) -> None:
        self.text = text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MK 801 was given", ["MK 801"]),
        ("MK 801 mg a day", []),
        ("MK 801 µg/kg", []),
        ("MK 801, then", ["MK 801"]),
    ],
)
def test_the_number_of_a_dose_is_no_part_of_a_name(text: str, found: list[str]) -> None:
    doc = blank().make_doc(text)
    assert [text[match.start : match.end] for match in _SOURCE(doc)] == found


def test_a_negation_is_no_symbol() -> None:
    source = SpellingSource(Gazetteer.of([Term("NO-ibuprofen", "X")]))
    text = "no ibuprofen, No ibuprofen, NO ibuprofen, NO IBUPROFEN"
    assert [match.start for match in source(_Doc(text))] == [text.index("NO i")]  # type: ignore[arg-type]
