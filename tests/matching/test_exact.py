from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.matching.exact import EngineName
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.offsets import unbroken
from tests.matching.strategies import gazetteer, text_and_terms
from tests.oracle.matching import all_spans, fold_key, longest

ENGINES: list[EngineName] = ["automaton", "hash"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineName:
    name: EngineName = request.param
    return name


def spans(matcher: GazetteerMatcher, text: str) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in matcher.match(text)]


@pytest.mark.parametrize("name", ENGINES)
@settings(deadline=None)
@given(case=text_and_terms())
def test_all_and_longest_equal_the_oracle(name: EngineName, case: tuple[str, list[str]]) -> None:
    text, terms = case
    naive = all_spans(text, [fold_key(term) for term in terms])
    every = GazetteerMatcher(gazetteer(terms), engine=name, overlap="all")
    assert spans(every, text) == [(start, end) for start, end, _ in naive]
    for match, (_, _, key) in zip(every.match(text), naive, strict=True):
        assert match.evidence is not None
        assert fold_key(match.evidence.reference) == key
        assert match.evidence.surface == text[match.start : match.end]
    chosen = GazetteerMatcher(gazetteer(terms), engine=name)
    assert spans(chosen, text) == longest([(start, end) for start, end, _ in naive], text)


def test_offsets_survive_folds_that_change_lengths(engine: EngineName) -> None:
    matcher = GazetteerMatcher(gazetteer(["strasse", "fibrosis", "naive", "a b"]), engine=engine)
    text = "ß Straße,\r\n ﬁbrosis nai\u0308ve\u0301 a \r\n b"
    assert [text[s:e] for s, e in spans(matcher, text)] == [
        "Straße",
        "ﬁbrosis",
        "nai\u0308ve\u0301",
        "a \r\n b",
    ]


def test_no_match_inside_a_character_or_a_combining_sequence(engine: EngineName) -> None:
    matcher = GazetteerMatcher(gazetteer(["1", "क", "a"]), engine=engine)
    assert spans(matcher, "½ कि \u0301") == []
    assert spans(matcher, "(a\u0301)") == [(1, 3)]


def test_whole_words_only(engine: EngineName) -> None:
    matcher = GazetteerMatcher(gazetteer(["ace", "c++", "-ol"]), engine=engine)
    text = "face ace-inhibitor aces C++ c+++ ACE_1 x-ol"
    assert [text[s:e] for s, e in spans(matcher, text)] == ["ace", "C++", "c++", "ACE", "-ol"]


def test_words_broken_at_a_line_end(engine: EngineName) -> None:
    """With the line's hyphen and with the word's own; offsets are those of the text, and no word is lost."""
    terms = [
        Term(text, "T") for text in ("Greenwich", "drug-eluting stent", "York", "New-York", "pages 1214")
    ]
    matcher = GazetteerMatcher(Gazetteer.of([*terms, Term("HER-2", "T", mode="case")]), engine=engine)
    text = "Green-\nwich, Green¬\r\n  wich; drug-\neluting stent; HER-\n2, her-\n2; New-\nYork; "
    text += "pages 12-\n14 York-\n"
    assert [text[start:end] for start, end in spans(matcher, text)] == [
        "Green-\nwich",
        "Green¬\r\n  wich",
        "drug-\neluting stent",
        "HER-\n2",
        "New-\nYork",
        "York",
    ]


def test_names_to_which_a_value_is_typed(engine: EngineName) -> None:
    terms = ("Hb", "HbA1c", "eGFR", "total bili", "CD4", "CD", "PM2.5", "PM")
    matcher = GazetteerMatcher(Gazetteer.of([Term(text, "LAB") for text in terms]), engine=engine)
    text = "Hb9.8, HbA1c7.9% Hb9,8; eGFR38ml/min; total bili34.5; CD4 CD34 CD4%; PM2.5; xHb9.8 Hb9.8.1 Hb120"
    found = ["Hb", "HbA1c", "Hb", "eGFR", "total bili", "CD4", "CD4", "PM2.5"]
    assert [text[s:e] for s, e in spans(matcher, text)] == found
    assert spans(matcher, "CD2,4 and 8; " + ("total bili" + "x" * 300 + "Hb9.8;") * 3) == []


def test_broken_words_are_found_far_apart_and_the_rest_is_read_once() -> None:
    filler = "the patient slept well and ate some soup "
    text = "".join(f"{filler * 60}n{n} Green-\nwich {filler * 60}" for n in range(3))
    matcher = GazetteerMatcher(gazetteer(["Greenwich", "soup Greenwich", "n1 Greenwich the"]))
    assert [text[start:end] for start, end in spans(matcher, text)] == [
        "Green-\nwich",
        "n1 Green-\nwich the",
        "Green-\nwich",
    ]
    assert spans(matcher, text)[2][0] == text.rindex("Green-")
    assert sum(len(piece) for _, piece, _ in unbroken(text)) < len(text) / 2


def test_an_inverted_name_is_no_list_of_two(engine: EngineName) -> None:
    terms = ["dermatitis, contact", "atopic dermatitis", "contact allergy", "anemia, iron-deficiency", "iron"]
    matcher = GazetteerMatcher(gazetteer(terms), engine=engine)
    text = "atopic dermatitis, contact allergy; dermatitis, contact allergy; anemia, iron-deficiency"
    assert [text[start:end] for start, end in spans(matcher, text)] == [
        "atopic dermatitis",
        "contact allergy",
        "contact allergy",
        "anemia, iron-deficiency",
    ]


def test_nothing_begins_within_a_number(engine: EngineName) -> None:
    """Not "5 mg" in "2.5 mg", nor "900 euros" in "6,900 euros"; but behind a list of numbers and "B1,6"."""
    matcher = GazetteerMatcher(gazetteer(["5 mg", "900 euros", "6", "grade 2"]), engine=engine)
    text = "2.5 mg, 5 mg, 6,900 euros or 900 euros; B1,6 and 5, 6; grade 2.5; 1.6"
    found = [(text[start:end], text[start - 1]) for start, end in spans(matcher, text)]
    assert found == [("5 mg", " "), ("6", " "), ("900 euros", " "), ("6", ","), ("6", " "), ("grade 2", " ")]


def test_case_terms_want_their_letters(engine: EngineName) -> None:
    terms = Gazetteer.of([Term("AIDS", "Disease", mode="case"), Term("Crohn's", "Disease", mode="case")])
    matcher = GazetteerMatcher(terms, engine=engine)
    text = "He aids AIDS and Crohn’s, not crohn's or AÍDS."
    assert [text[s:e] for s, e in spans(matcher, text)] == ["AIDS", "Crohn’s"]


def test_a_refused_longer_term_leaves_the_shorter_one(engine: EngineName) -> None:
    terms = Gazetteer.of([Term("Cold War", "Event", mode="case"), Term("cold", "Disease")])
    assert spans(GazetteerMatcher(terms, engine=engine), "cold war") == [(0, 4)]


def test_defined_terms_are_found_by_lookup_only(engine: EngineName) -> None:
    terms = Gazetteer.of(
        [Term("MS", "Disease", "M:1", mode="defined"), Term("multiple sclerosis", "Disease")]
    )
    matcher = GazetteerMatcher(terms, engine=engine)
    assert matcher.match("MS") == []
    assert matcher.lookup("MS") is None
    assert matcher.lookup("ms", include_defined=True) is None
    found = matcher.lookup(" MS ", include_defined=True)
    assert found is not None
    assert (found.start, found.end, found.concept_ids) == (1, 3, ("M:1",))
    assert matcher.lookup("multiple  Sclerosis") is not None
    assert matcher.lookup("a multiple sclerosis") is None


def test_the_first_label_wins_with_all_its_concepts(engine: EngineName) -> None:
    rows = [("A", "T:1"), ("B", "T:2"), ("A", "T:3")]
    terms = Gazetteer.of(Term("iron", label, concept) for label, concept in rows)
    (match,) = GazetteerMatcher(terms, engine=engine).match("Iron")
    assert (match.label, match.concept_ids) == ("A", ("T:1", "T:3"))
    both = GazetteerMatcher(terms, engine=engine, every_label=True).match("Iron")
    assert [(m.label, m.concept_ids) for m in both] == [("A", ("T:1", "T:3")), ("B", ("T:2",))]


def test_evidence_names_the_row_and_the_variant_rule(engine: EngineName) -> None:
    term = Term("tumours", "D", parent="tumor", rule="British plural", file="d.tsv", row=7)
    (match,) = GazetteerMatcher(Gazetteer.of([term]), engine=engine).match("Tumours")
    assert match.evidence is not None
    assert match.evidence.sentence() == "“Tumours” matches “tumor” (variant): British plural, d.tsv row 7."


def test_terms_that_fold_to_nothing_are_reported(engine: EngineName) -> None:
    matcher = GazetteerMatcher(gazetteer(["ﾞ", "x"]), engine=engine)
    assert [term.text for term in matcher.unmatchable] == ["ﾞ"]
    assert spans(matcher, "ﾞ x") == [(2, 3)]


def test_an_empty_gazetteer_matches_nothing(engine: EngineName) -> None:
    matcher = GazetteerMatcher(Gazetteer(), engine=engine)
    assert matcher.match("text") == []
    assert list(matcher.match_batch(["a", ""])) == [[], []]


def test_batches_arrays_and_threads_agree_with_single_texts(engine: EngineName) -> None:
    matcher = GazetteerMatcher(gazetteer(["a b", "b", "ab é", "c"]), engine=engine)
    texts = [f"{'x ' * n}a b c b ab É c" for n in range(50)]
    single = [matcher.match(text) for text in texts]
    assert list(matcher.match_batch(texts)) == single
    arrays = matcher.match_arrays(texts)
    rows = [(d, m.start, m.end) for d, matches in enumerate(single) for m in matches]
    assert [(d, s, e) for d, s, e, _ in arrays.rows()] == rows
    assert matcher.group_terms(int(arrays.groups[0]))[0].text == "a b"
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(matcher.match, texts)) == single


@pytest.mark.parametrize("name", ["HLA-B*57:01", "CYP2D6*4", "DAGL*Cr"])
def test_a_name_with_a_mark_is_no_wildcard(name: str) -> None:
    matcher = GazetteerMatcher(Gazetteer.of([Term(name, "X"), Term("diabet*", "X")]))
    text = f"{name}, Diabetics, {name.replace('*', 'abc')} and İ diabetes."
    assert [text[m.start : m.end] for m in matcher.match(text)] == [name, "Diabetics", "diabetes"]


def test_the_longest_listed_name_wins_over_a_short_one_that_begins_before_it() -> None:
    names = ["the Port", "Port of Immingham Authority", "Authority", "Authority board of the harbour"]
    terms = GazetteerMatcher(Gazetteer.of(Term(name, "PARTY") for name in names))
    text = "the Port of Immingham Authority closed the Port; Port of Immingham Authority board of the harbour"
    found = [text[match.start : match.end] for match in terms.match(text)]
    assert found == ["Port of Immingham Authority", "the Port", "Authority board of the harbour"]


@pytest.mark.parametrize("more", [[], ["ab*", "cd*", "ef*", "gh*", "ij*"], ["élé*"]])
def test_wildcards_are_found_in_any_case_and_letter(more: list[str]) -> None:
    matcher = GazetteerMatcher(Gazetteer.of([Term(name, "X") for name in ["kidne*", "inter*", *more]]))
    text = "\u212aidneys, KIDNEYED, İnterim, \ud800 internal"
    assert [text[m.start : m.end] for m in matcher.match(text)] == re.findall(r"\w{5,}", text)
    assert matcher.match("") == []


def test_the_calls_that_the_measurements_name_are_there() -> None:
    said = Path(__file__).parents[2].joinpath("benchmarks", "matching.md").read_text(encoding="utf-8")
    calls = sorted(set(re.findall(r"`(GazetteerMatcher\([^`]*\))`", said)))
    assert len(calls) >= 4
    given = {"GazetteerMatcher": GazetteerMatcher, "terms": gazetteer(["breast cancer"])}
    for call in calls:
        found = eval(call, {**given, "texts": ["Breast cancer."]})
        assert len(found if "arrays" in call else next(found)) == 1, call
