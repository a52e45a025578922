"""A simulated review: what it learns from, and what it is scored on."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.rehearse import rehearse, small_list

DRUGS = ("aspirin", "ibuprofen", "metoprolol", "warfarin", "naproxen", "digoxin", "insulin", "heparin")
FRAMES = ("The patient took {} daily.", "She was given {} daily.", "He took {} daily again.")


def gold() -> list[Document]:
    made = []
    for number, (frame, drug) in enumerate((f, d) for f in FRAMES for d in DRUGS):
        text = frame.format(drug)
        start = text.index(drug)
        made.append(Document(f"d{number}", text, (Entity(start, start + len(drug), "Drug"),)))
    return made


def test_review_of_one_half_gains_on_the_other(tmp_path: Path) -> None:
    terms, documents = Gazetteer.of([Term("aspirin", "Drug")]), gold()
    settings = BootstrapSettings("generic", expand=False)
    before, after = rehearse(terms, [], documents, (0, 12), settings, tmp_path)
    assert (before.reviewed, after.reviewed) == (0, 12)
    right, predicted, annotated = before.counts["rule"].sum(0).tolist()
    kept_out = documents[1::2]
    assert annotated == len(kept_out)
    assert predicted == right == sum("aspirin" in d.text for d in kept_out)
    assert before.f1() == before.f1("rule")
    assert after.f1() > before.f1()
    assert after.wrong() < before.wrong()


def test_small_list_has_about_a_tenth_and_whole_concepts() -> None:
    terms = Gazetteer.of(Term(f"{kind} {n}", "Drug", f"X:{n}") for n in range(500) for kind in ("a", "b"))
    chosen = small_list(terms)
    assert 40 < len(chosen) / 2 < 60
    assert {t.concept_id for t in chosen if t.text[0] == "a"} == {
        t.concept_id for t in chosen if t.text[0] == "b"
    }
    assert small_list(terms).fingerprint == chosen.fingerprint
