"""The overlay: provenance, scope, undo, and what it makes of a gazetteer."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.errors import InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store.overlay import Overlay, OverlayEntry, load_overlay, read_overlay, write_overlay
from hybrid_ner.terms import Gazetteer, Term
from tests.review.helpers import NOTE, make_project, say, suggest, surfaces, ward

BASE = Gazetteer.of(
    [Term("mi", "PROBLEM", "X:1"), Term("MI", "PLACE", "X:2"), Term("aspirin", "DRUG", "X:3")]
)


def _overlay(project: Project) -> Overlay:
    with project.read() as connection:
        return load_overlay(connection, project.id)


def _edit(session: ReviewSession, line: str) -> None:
    asked = session.handle(line)
    assert asked.pending is not None, asked
    assert session.handle(asked.pending.answer).level == "done"


def test_the_overlay_subtracts_and_merges_and_leaves_the_base_alone(session: ReviewSession) -> None:
    _edit(session, 'never "mi" PROBLEM')
    _edit(session, 'term + "afib" = atrial fibrillation PROBLEM')
    merged = _overlay(session.project).apply(BASE)
    assert [(t.text, t.label) for t in merged] == [("MI", "PLACE"), ("aspirin", "DRUG"), ("afib", "PROBLEM")]
    assert merged.terms[-1].source == "review:ana"
    assert len(BASE) == 3
    _edit(session, 'never "mi"')
    assert [t.text for t in _overlay(session.project).apply(BASE)] == ["aspirin", "afib"]


def test_always_accepts_every_mention_and_keeps_the_term(session: ReviewSession) -> None:
    before = surfaces(session, "d2", "open")
    asked = session.handle('always "mi" TEST')
    assert asked.pending is not None
    assert "accepts 2 open mentions (some as PROBLEM until now), marks 1 more in 2" in asked.pending.question
    say(session, "yes")
    assert ("mi", "TEST") in surfaces(session, "d2", "accepted")
    assert [(e.action, e.text, e.label) for e in _overlay(session.project).entries] == [
        ("term", "mi", "TEST")
    ]
    # A text without any span is marked, and what is decided otherwise stays.
    say(session, 'no all "afib"', "yes", 'always "ECHO" TEST', "yes")
    assert surfaces(session, "d3", "accepted").count(("ECHO", "TEST")) == 2
    assert "reviewed left out" in session.handle('always "afib" TEST').echo
    say(session, "cancel", "undo", "undo", "undo")
    assert _overlay(session.project) == Overlay()
    assert surfaces(session, "d2", "open") == before
    assert session.handle('always "mi"').level == "error"


@pytest.mark.parametrize(
    "line", ['always "mi" Document', 'always "mi" "document"', 'term + "cxr" = film Document']
)
def test_a_label_may_be_called_like_a_scope(session: ReviewSession, line: str) -> None:
    say(session, "label Document", "yes", line, "yes")
    assert [entry.label for entry in _overlay(session.project).entries] == ["Document"]
    assert "say its label" in session.handle('always "mi" here').echo


def test_undo_takes_the_edit_and_its_spans_back(session: ReviewSession) -> None:
    _edit(session, 'never "mi"')
    _edit(session, 'term + "ECHO" = echocardiogram TEST')
    assert len(_overlay(session.project).entries) == 2
    say(session, "undo bulk b1")
    (entry,) = _overlay(session.project).entries
    assert (entry.action, entry.text, entry.concept, entry.label) == (
        "term",
        "ECHO",
        "echocardiogram",
        "TEST",
    )
    assert entry.provenance.startswith("ana, ")
    say(session, "undo")
    assert _overlay(session.project) == Overlay()
    assert ("mi", "PROBLEM") in surfaces(session, "d2", "open")


def test_scope(store: ReviewStore, session: ReviewSession) -> None:
    other = ward(store, name="other")
    _edit(session, 'never "chest pain" here')
    _edit(session, 'never "afib"')
    _edit(session, 'never "mi" global')
    assert [e.text for e in _overlay(other).entries] == ["mi"]
    overlay = _overlay(session.project)
    assert [(e.text, e.scope, e.doc_id) for e in overlay.entries] == [
        ("chest pain", "here", "d1"),
        ("afib", "list", ""),
        ("mi", "global", ""),
    ]
    _edit(session, "abbr Pt = patient PERSON here")
    overlay = _overlay(session.project)
    assert len(overlay.added()) == 0
    assert [t.text for t in overlay.added("d1")] == ["Pt"]
    assert overlay.apply(Gazetteer.of([Term("chest pain", "PROBLEM")])).terms


def test_blocked_terms_stay_out_of_the_next_run(session: ReviewSession) -> None:
    _edit(session, 'never "afib"')
    done = session.project.add_suggestions(
        "r2", [("d1", [suggest(NOTE, "afib", "PROBLEM"), suggest(NOTE, "Pt", "PERSON")])]
    )
    assert (done.suggestions, done.blocked) == (1, 1)


def test_reviewed_documents_are_left_out_of_new_suggestions(session: ReviewSession) -> None:
    say(session, "go d3", "ok")
    asked = session.handle('term + "ECHO" = echocardiogram TEST')
    assert "0 new suggestions in 0 documents" in asked.echo
    assert "2 in reviewed documents left out" in asked.echo


def test_meaning_from_the_gazetteer_and_from_decisions(store: ReviewStore, project: Project) -> None:
    terms = Gazetteer.of([Term("right atrium", "ANATOMY", "X:9"), Term("a fib", "PROBLEM", "X:8")])
    session = ReviewSession(store, project.name, "ana", gazetteer=terms)
    _edit(session, "abbr RA = right atrium")
    (entry,) = _overlay(project).entries
    assert (entry.label, entry.concept_id) == ("ANATOMY", "X:9")
    _edit(session, 'variant "a-fib"')
    assert _overlay(project).entries[1].concept_id == "X:8"
    assert "is not known" in session.handle("abbr LA = left atrium").echo
    assert "no term has the same letters" in session.handle('variant "zzz"').echo
    assert "is not on the term lists" in session.handle('variant "zzz" = yyy').echo
    assert "holds no letter" in session.handle('never "--"').echo
    say(session, "go d4", "ok 1")
    _edit(session, 'variant "metropolole" = metropolol')


def test_the_overlay_as_a_file(session: ReviewSession, tmp_path: Path) -> None:
    _edit(session, 'never "mi"')
    assert write_overlay(tmp_path / "o.csv", _overlay(session.project)) == 1
    (row,) = csv.DictReader((tmp_path / "o.csv").open(encoding="utf-8"))
    assert (row["action"], row["text"], row["reviewer"], row["step"]) == ("never", "mi", "ana", "1")


def test_the_overlay_file_is_read_as_it_was(session: ReviewSession, tmp_path: Path) -> None:
    _edit(session, 'never "mi"')
    _edit(session, 'term + "Pt" = patient PERSON here')
    write_overlay(tmp_path / "o.csv", _overlay(session.project))
    assert read_overlay(tmp_path / "o.csv") == _overlay(session.project)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("action,", "deed,", "row 1: expected the columns action, text"),
        ("never,", "always,", "row 2: expected an action"),
        (",list,", ",none,", "row 2: expected an action"),
        ("never,mi", "term,mi", "row 2: a term that is added needs a label"),
    ],
)
def test_a_row_that_is_no_edit_is_refused(
    session: ReviewSession, tmp_path: Path, old: str, new: str, said: str
) -> None:
    _edit(session, 'never "mi"')
    path = tmp_path / "o.csv"
    write_overlay(path, _overlay(session.project))
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_overlay(path)


def _texts(gazetteer: Gazetteer) -> list[tuple[str, str]]:
    return [(term.text, term.label) for term in gazetteer]


def test_of_contrary_edits_the_last_one_counts(session: ReviewSession) -> None:
    _edit(session, 'term + "ECHO" = echocardiogram TEST')
    _edit(session, 'never "echo"')
    overlay = _overlay(session.project)
    assert _texts(overlay.apply(BASE)) == _texts(BASE)
    assert overlay.blocks("ECHO", "TEST")
    _edit(session, 'never "mi"')
    _edit(session, 'term + "mi" = myocardial infarction PROBLEM')
    overlay = _overlay(session.project)
    assert set(_texts(overlay.apply(BASE))) == {("mi", "PROBLEM"), ("aspirin", "DRUG")}
    found = [suggest("MI and mi.", "mi", "PROBLEM"), suggest("MI and mi.", "MI", "TEST")]
    session.project.add_documents([Document("new", "MI and mi.")])
    done = session.project.add_suggestions("r2", [("new", found)])
    assert (done.suggestions, done.blocked) == (1, 1)


def test_an_edit_for_one_document_holds_in_the_next_run_there_alone(session: ReviewSession) -> None:
    _edit(session, 'never "afib" here')
    texts = {"d1": NOTE, "d4": "metropolol and afib."}
    pairs = [(name, [suggest(text, "afib", "TEST")]) for name, text in texts.items()]
    done = session.project.add_suggestions("r2", pairs)
    assert (done.suggestions, done.blocked) == (1, 1)
    overlay = _overlay(session.project)
    assert overlay.of("AFIB", "d1")
    assert overlay.of("AFIB", "d4") == ()
    session.open("d4")
    assert not any("blocked" in line for line in session.handle('why not "afib"').lines)


def test_an_abbreviation_in_capitals_wants_its_exact_letters(store: ReviewStore) -> None:
    texts = ["OR at noon, or later.", "Or never. OR."]
    session = ReviewSession(store, make_project(store, [(text, []) for text in texts]).name, "ana")
    asked = session.handle("abbr OR = operating room TEST")
    assert "2 new suggestions in 2 documents" in asked.echo
    say(session, "yes 2")
    assert surfaces(session, "d1", "open") == [("OR", "TEST")]
    assert surfaces(session, "d2", "open") == [("OR", "TEST")]
    (term,) = _overlay(session.project).added()
    assert (term.mode, term.status) == ("case", "abbreviation")
    assert "4 new suggestions in 2 documents" not in session.handle('term + "or" = x TEST').echo


def test_a_blocked_term_offers_no_exceptions(session: ReviewSession) -> None:
    asked = session.handle('never "mi"')
    assert asked.echo.endswith("blocks the term: type `yes`")
    wrong = session.handle("yes 7")
    assert wrong.echo == f"{asked.echo.removesuffix(': type `yes`')}; to go on, type `yes`"


def test_no_edit_is_a_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    entries = tuple(
        OverlayEntry("term", text, "+L", "=c", reviewer="@ana") for text in ("=1+1", "-ol", "'=x")
    )
    write_overlay(tmp_path / "o.csv", Overlay(entries))
    with (tmp_path / "o.csv").open(newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert read_overlay(tmp_path / "o.csv").entries == entries


def test_a_concept_is_given_to_every_mention_and_kept_as_a_term(session: ReviewSession) -> None:
    said = session.handle('link all "mi" -> MESH:D009203')
    assert said.pending is not None
    assert said.table is not None
    assert "PROBLEM → MESH:D009203, and keep it as a term" in said.echo
    assert session.handle(said.pending.answer).level == "done"
    (entry,) = _overlay(session.project).entries
    assert (entry.action, entry.text, entry.label, entry.concept_id) == (
        "term",
        "mi",
        "PROBLEM",
        "MESH:D009203",
    )
    assert [t.concept_id for t in _overlay(session.project).apply(Gazetteer())] == ["MESH:D009203"]
    again = session.handle('link all "mi" -> MESH:D009203')
    assert again.pending is not None
    assert "link 0 mentions" in again.pending.question
    assert session.handle("undo").echo.endswith("nothing changed")  # of the question, which came last
    assert len(_overlay(session.project).entries) == 1
    say(session, "undo")
    assert _overlay(session.project) == Overlay()
    assert "nothing to link" in session.handle('link all "zzz" -> MESH:D009203').echo


def test_a_link_of_one_mention_is_for_every_mention_of_its_text(session: ReviewSession) -> None:
    view = session.view()
    assert view is not None
    number = next(s.number for s in view.spans if view.text[s.start : s.end].lower() == "afib")
    asked = session.handle(f"{number} -> MESH:D001281")
    assert asked.pending is not None
    assert asked.pending.question == (
        "link 5 mentions in 5 documents “afib” PROBLEM → MESH:D001281, and keep it as a term"
    )
    assert (f"Only {number}", f"{number} -> MESH:D001281 here") in asked.pending.choices
    assert session.handle("yes").level == "done"
    assert [(e.text, e.concept_id) for e in _overlay(session.project).entries] == [("afib", "MESH:D001281")]
    assert "is linked to MESH:D001281 already" in session.handle(f"{number} -> MESH:D001281").echo
    say(session, "undo")
    assert _overlay(session.project) == Overlay()
    assert session.handle(f"{number} -> MESH:D001281").pending is not None
    said = session.handle("only here")
    assert (said.level, said.pending) == ("done", None)
    assert _overlay(session.project) == Overlay()
    again = session.handle("everywhere")
    assert again.pending is not None
    assert again.pending.question.startswith("link 4 mentions in 4 documents “afib”")
    assert session.handle("link 99 -> MESH:D1").echo.startswith("there is no mention 99")


@pytest.mark.parametrize(
    "sentence",
    [
        "link {n} to MESH:D001281",
        "please map {n} to the concept MESH:D001281.",
        "the id of {n} is MESH:D001281",
        "{n} has the code MESH:D001281",
        "give all afibs the id MESH:D001281",
    ],
)
def test_a_concept_is_given_in_a_sentence(session: ReviewSession, sentence: str) -> None:
    view = session.view()
    assert view is not None
    number = next(s.number for s in view.spans if view.text[s.start : s.end].lower() == "afib")
    asked = session.handle(sentence.format(n=number))
    assert asked.pending is not None
    assert "link 5 mentions in 5 documents “afib” PROBLEM → MESH:D001281," in asked.pending.question
    assert session.handle(f"{number} is not MESH:D001281").step is None
