"""Boundaries, merge and split where other spans are in the way; edits that change nothing write nothing."""

from __future__ import annotations

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.gold import gold_documents
from hybrid_ner.review.store.lookups import standing
from tests.review.helpers import make_project, say, statuses, suggest, surfaces

TEXT = "acute myocardial infarction of left ventricle, then rest"


@pytest.fixture
def overlapping(store: ReviewStore) -> ReviewSession:
    """1 acute myocardial infarction, 2 infarction of left ventricle (model), 3 left ventricle."""
    found = [
        suggest(TEXT, "acute myocardial infarction", "PROBLEM", "rule"),
        suggest(TEXT, "infarction of left ventricle", "PROBLEM", "model", chosen=False),
        suggest(TEXT, "left ventricle", "ANATOMY", "rule"),
    ]
    return ReviewSession(store, make_project(store, [(TEXT, found)]).name, "ana")


def test_an_edge_moves_over_a_comma(overlapping: ReviewSession) -> None:
    """No mention ends with one: a step to it was none, and what stands behind it was never reached."""
    for line, echo in (
        ("3 +1", "3 “left ventricle” → “left ventricle, then”"),
        ("3 -1", "3 “left ventricle, then” → “left ventricle”"),
        ("3 +2", "3 “left ventricle” → “left ventricle, then”"),
        ('3 = "then"', "3 “left ventricle, then” → “then”"),
        ("3 <1", "3 “then” → “ventricle, then”"),
    ):
        assert overlapping.handle(line).echo.partition(";")[0] == echo


def test_the_line_between_cells_is_no_word(store: ReviewStore) -> None:
    text = "| test | RE | LE |"
    project = make_project(store, [(text, [suggest(text, "RE", "SIDE", "rule")])])
    session = ReviewSession(store, project.name, "ana")
    assert session.handle("1 +1").echo == "1 “RE” → “RE | LE”"
    assert session.handle('1 = "LE |"').echo == "1 “RE | LE” → “LE”"


@pytest.mark.parametrize(
    ("first", "again", "echo"),
    [
        ("3 is DRUG", "3 drug", "3 “left ventricle” is DRUG already (nothing to change)"),
        ("ok 3", "3 anat", "3 “left ventricle” is ANATOMY already (nothing to change)"),
        ("ok 3", "ok 3", "accepted 3 “left ventricle” ANATOMY (nothing to change)"),
        ("no 3", "no 3", "rejected 3 “left ventricle” ANATOMY (nothing to change)"),
        ("add rest TEST", "add rest TEST", "4 “rest” is TEST already (nothing to change)"),
        ("ok 3", '3 = "left ventricle,"', "3 “left ventricle” stays as it is (nothing to change)"),
    ],
)
def test_what_changes_nothing_writes_nothing(
    overlapping: ReviewSession, first: str, again: str, echo: str
) -> None:
    assert overlapping.handle(first).level == "done"
    version = overlapping.project.version
    reply = overlapping.handle(again)
    assert (reply.echo, reply.level) == (echo, "info")
    assert overlapping.project.version == version


def test_the_echo_says_what_became_of_a_label(overlapping: ReviewSession) -> None:
    said = "3 “left ventricle” is ANATOMY, accepted; out, because they overlap: 2 "
    assert overlapping.handle("3 anat").echo.startswith(said)
    # What another mention pushed out was rejected by nobody: exports and numbers of progress agree.
    assert "1 mention accepted and 0 rejected" in overlapping.handle("totals").echo
    assert [(row.accepted, row.rejected) for row in overlapping.progress()] == [(1, 0)]
    assert standing(overlapping.project).rejected == 0
    assert overlapping.handle('add "left ventricle" TEST').echo == "3 “left ventricle” ANATOMY → TEST"


def test_merging_into_the_characters_of_a_rejected_span_accepts_that_one(overlapping: ReviewSession) -> None:
    say(overlapping, "no 1", "add acute DRUG", 'add "myocardial infarction" PROBLEM')
    assert overlapping.handle("merge 4 5").echo == "1 “acute myocardial infarction” DRUG, out of 2 mentions"
    assert surfaces(overlapping) == [("acute myocardial infarction", "DRUG")]
    say(overlapping, "1 is PROBLEM", "ok")
    (gold,) = gold_documents(overlapping.project)
    assert gold.meta["rejected"] == []
    say(overlapping, "undo", "undo", "undo")
    assert statuses(overlapping) == {1: "rejected", 2: "rejected", 3: "open", 4: "accepted", 5: "accepted"}


def test_merging_says_what_it_pushes_out(overlapping: ReviewSession) -> None:
    say(overlapping, "add acute PROBLEM", 'add "of" TEST', "add myocardial TEST")
    assert overlapping.handle("merge 4 5").echo == (
        "4 “acute myocardial infarction of” PROBLEM, out of 2 mentions; out, because they overlap: "
        "6 “myocardial” TEST"
    )


def test_splitting_where_a_span_of_these_characters_is_known(overlapping: ReviewSession) -> None:
    say(overlapping, "no 3", 'add "left ventricle, then rest" PROBLEM')
    reply = overlapping.handle('split 4 at "then"')
    assert reply.echo == "3 “left ventricle” ANATOMY → PROBLEM and 5 “rest” PROBLEM"
    assert surfaces(overlapping) == [("left ventricle", "PROBLEM"), ("rest", "PROBLEM")]
    assert statuses(overlapping)[4] == "rejected"
    say(overlapping, "no 1", "ok next")
    (gold,) = gold_documents(overlapping.project)
    places = [(e.start, e.end) for e in gold.entities or ()]
    assert len(set(places)) == 2
    assert gold.meta["rejected"] == [{"start": 0, "end": 27, "label": "PROBLEM"}]
    assert overlapping.handle('all "left ventricle, then rest"').echo.startswith("0 mentions")


def test_splitting_says_all_of_its_halves_and_what_it_pushes_out(store: ReviewStore) -> None:
    text = "fever (38.5; 39) and severe cough"
    found = [suggest(text, text, "PROBLEM"), suggest(text, "severe", "TEST", chosen=False)]
    session = ReviewSession(store, make_project(store, [(text, found)]).name, "ana")
    reply = session.handle('split 1 at "and"')
    assert reply.echo == (
        "1 “fever (38.5; 39)” and 3 “severe cough” PROBLEM; out, because they overlap: 2 “severe” TEST"
    )


def test_a_span_rejected_and_made_again_is_no_negative(overlapping: ReviewSession) -> None:
    say(overlapping, "no 1", '2 = "myocardial"', "2 <1", '2 = "acute"', "ok 3")
    refused = overlapping.handle('2 = "acute myocardial infarction"')
    assert "mention 1 has these characters already" in refused.echo
    say(overlapping, "ok 1", "next")
    (gold,) = gold_documents(overlapping.project)
    assert gold.meta["rejected"] == []


def test_redo_after_undo_all_begins_with_the_first_step(overlapping: ReviewSession) -> None:
    say(overlapping, "ok 3", "3 is DRUG", "no 1", "undo all", "redo")
    assert surfaces(overlapping) == [("left ventricle", "ANATOMY")]
    say(overlapping, "redo", "redo")
    assert statuses(overlapping)[1] == "rejected"


EDGES = "mild pain, no pain and severe pain"
"""Tokens: mild · pain · , · no · pain · and · severe · pain."""


@pytest.fixture
def edges(store: ReviewStore) -> ReviewSession:
    """1 the second “pain”, 2 “severe pain” at the end."""
    found = [suggest(EDGES, "pain", "PROBLEM", nth=2), suggest(EDGES, "severe pain", "PROBLEM")]
    return ReviewSession(store, make_project(store, [(EDGES, found)]).name, "ana")


@pytest.mark.parametrize(
    ("line", "surface"),
    [
        ("1 +2", "pain and severe"),
        ("1 <1", "no pain"),
        ("1 <4", "mild pain, no pain"),
        ("1 +3", "pain and severe pain"),
        ("2 -1", "severe"),
        ("2 >1", "pain"),
        ('1 = "no pain and"', "no pain and"),
        ('1 = "pain and"', "pain and"),
        ('2 = "and severe"', "and severe"),
        ('1 = "no pai"', "no pain"),
    ],
)
def test_edges_move_by_tokens_and_by_quotes(edges: ReviewSession, line: str, surface: str) -> None:
    number = int(line[0])
    reply = edges.handle(line)
    assert reply.level == "done"
    (moved,) = [m for m in edges.card().mentions if m.number == number]
    assert (EDGES[moved.start : moved.end], moved.status) == (surface, "accepted")
    assert ("(to whole words)" in reply.echo) == (line == '1 = "no pai"')


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1 <5", "mention 1 cannot move so far: 4 words before it, 3 after it, 1 in it"),
        ("1 +4", "mention 1 cannot move so far: 4 words before it, 3 after it, 1 in it"),
        ("2 +1", "mention 2 cannot move so far: 6 words before it, 0 after it, 2 in it"),
        ("1 -1", "mention 1 cannot move so far"),
        ("2 >2", "mention 2 cannot move so far"),
        ('1 = "mild"', "“mild” does not stand at mention 1 “pain”"),
        ('1 = "severe"', "“severe” does not stand at mention 1 “pain”"),
        ('1 = ","', "“,” does not stand at mention 1 “pain”"),
        ('split 2 at "mild"', "“mild” does not stand inside mention 2 “severe pain”"),
        ('split 2 at "severe pain"', "“severe pain” does not stand inside mention 2 “severe pain”"),
    ],
)
def test_an_edge_that_cannot_be_there_changes_nothing(edges: ReviewSession, line: str, said: str) -> None:
    version = edges.project.version
    reply = edges.handle(line)
    assert reply.echo.startswith(said)
    assert (reply.level, edges.project.version) == ("error", version)


def test_a_quote_means_the_occurrence_that_is_closest(store: ReviewStore) -> None:
    text = "pain pain pain pain"
    found = [suggest(text, "pain pain pain", "PROBLEM")]
    session = ReviewSession(store, make_project(store, [(text, found)]).name, "ana")
    session.handle('1 = "pain pain"')
    (moved,) = session.card().mentions
    assert (moved.start, moved.end) == (0, 9)


@pytest.mark.parametrize(
    ("at", "halves"),
    [("600 kg", ["600 kg", "okra"]), ("okra", ["600 kg", "okra"]), ("of", ["600 kg", "okra"])],
)
def test_words_that_a_mention_begins_or_ends_with_are_one_half(
    store: ReviewStore, at: str, halves: list[str]
) -> None:
    text = "A second lot, 600 kg of okra, was held."
    session = ReviewSession(
        store, make_project(store, [(text, [suggest(text, "600 kg of okra", "CROP")])]).name, "ana"
    )
    assert session.handle(f'split 1 at "{at}"').level == "done"
    assert surfaces(session) == [(half, "CROP") for half in halves]


def test_what_parts_a_list_splits_it_wherever_it_stands(store: ReviewStore) -> None:
    text = "Tin, nickel, and cobalt salts"
    found = [suggest(text, text, "DRUG", "rule"), suggest(text, "nickel", "PROBLEM", "model", chosen=False)]
    session = ReviewSession(store, make_project(store, [(text, found)]).name, "ana")
    reply = session.handle('split 1 at ","')
    assert reply.echo == "1 “Tin” and 2 “nickel” PROBLEM → DRUG and 3 “cobalt salts” DRUG"
    assert surfaces(session) == [("Tin", "DRUG"), ("nickel", "DRUG"), ("cobalt salts", "DRUG")]
    assert session.handle("undo").level == "done"
    assert statuses(session) == {1: "open", 2: "open"}


def test_no_sign_inside_a_figure_parts_a_span_or_ends_a_quote(store: ReviewStore) -> None:
    text = "paid 5,450 euros, 3,975.50 euros; 900 euros of 6,900 euros"
    found = [suggest(text, "5,450 euros, 3,975.50 euros", "DRUG")]
    session = ReviewSession(store, make_project(store, [(text, found)]).name, "ana")
    assert session.handle('split 1 at "."').echo.startswith("“.” does not stand inside mention 1")
    session.handle('split 1 at ","')
    session.handle('add "900 euros" DRUG')
    each = ("5,450 euros", "3,975.50 euros", "900 euros")
    assert surfaces(session) == [(amount, "DRUG") for amount in each]
    assert text.index("900 euros") in {m.start for m in session.card().mentions}


def test_words_that_stand_twice_split_nothing(store: ReviewStore) -> None:
    text = "fever of days of weeks"
    session = ReviewSession(
        store, make_project(store, [(text, [suggest(text, text, "PROBLEM")])]).name, "ana"
    )
    assert session.handle('split 1 at "of"').echo.startswith("“of” stands more than once inside mention 1")
    assert session.handle('split 1 at "eve"').echo.startswith("“eve” stands inside a word")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('add "Oedem" DIAGNOSE', [("Ödem", "DIAGNOSE")]),
        ("Uebelkeit is a DIAGNOSE", [("Übelkeit", "DIAGNOSE")]),
        ("Oedem is a DIAGNOSE", []),  # asked with what stands there
        ('add "Naegel" DIAGNOSE', []),
    ],
)
def test_umlauts_are_found_from_a_keyboard_without_them(
    store: ReviewStore, line: str, found: list[tuple[str, str]]
) -> None:
    text = "Ödem und Übelkeit bei Gicht."
    project = make_project(store, [(text, [suggest(text, "Gicht", "DIAGNOSE", "rule")])])
    session = ReviewSession(store, project.name, "ana")
    assert (session.handle(line).level == "done") == bool(found)
    assert surfaces(session) == found


def test_an_abbreviation_before_a_word_ends_no_sentence(store: ReviewStore) -> None:
    """ "chr" and "Bronchitis" were two mentions."""
    text = "Gicht und chr. Bronchitis. Fieber."
    project = make_project(store, [(text, [suggest(text, "Gicht", "DIAGNOSE", "rule")])])
    session = ReviewSession(store, project.name, "ana")
    session.handle("you missed chr. Bronchitis")
    session.handle("a")
    assert surfaces(session) == [("chr. Bronchitis", "DIAGNOSE")]
