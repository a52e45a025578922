"""The fast update: rules kept, votes kept, only the learner fitted."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline import DomainSettings, FusionSettings, rule_pipeline
from hybrid_ner.terms import ADDED, Gazetteer, Term
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.label import doc_of, plain_doc
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.update import Update, rehearse, small_list, update_learner

GAZETTEER = Gazetteer.of([Term("aspirin", "Chemical"), Term("pain", "Disease")])


def project(number: int) -> tuple[list[Document], dict[str, Decided]]:
    documents, decided = [], {}
    for n in range(number):
        # Every surface is new: terms that reviewers accepted do not help, context does.
        drug, sign = (
            f"{'bcdf'[n % 4]}{'aeiou'[n % 5]}{'lmnpr'[n // 5]}tol",
            f"{'klmn'[n % 4]}{'aeiou'[n // 5]}bic pain",
        )
        text = f"Patient {n} took {drug} for {sign} today."
        spans = ((drug, "Chemical"), (sign, "Disease"))
        entities = tuple(Entity(text.index(s), text.index(s) + len(s), label) for s, label in spans)
        documents.append(Document(f"d{n}", text))
        decided[f"d{n}"] = Decided(entities, complete=True)
    return documents, decided


def update(tmp_path: Path, documents: list[Document], decided: dict[str, Decided], **more: object) -> Update:
    settings = BootstrapSettings("generic", **more)  # type: ignore[arg-type]
    folder, out = tmp_path / "kept", tmp_path / "model"
    return update_learner(GAZETTEER, documents, decided, out, settings, folder=folder, inputs="one")


def answers(pairs: object) -> list[list[tuple[str, str]]]:
    return [[(ent.text, ent.label_) for ent in doc.ents] for _, doc in pairs]  # type: ignore[attr-defined]


def test_learns_and_saves_a_pipeline_that_reads_as_the_update_does(tmp_path: Path) -> None:
    documents, decided = project(24)
    open_ones = [Document("new", "Patient 99 took colchicine for knee pain today.")]
    made = update(tmp_path, documents, decided)
    expected = [[("colchicine", "Chemical"), ("knee pain", "Disease")]]
    assert answers(made.read(open_ones)) == expected
    nlp = load_pipeline(tmp_path / "model")
    assert answers(read_docs(nlp, open_ones)) == expected
    assert nlp.get_pipe("ner").labels == ("Chemical", "Disease")
    assert nlp.config["hybrid"]["recipe"] == "crf"
    assert (made.counts["reviewed"], made.counts["partly_reviewed"], made.counts["misfit"]) == (24, 0, [])
    assert made.counts["fusion"]["settings"]["policy"] == "pooled"
    assert made.counts["fusion"]["f1"] > made.counts["fusion"]["rules_f1"]
    assert "the rules alone" in made.counts["fusion"]["sentence"]
    assert made.counts["forecast"]["sentence"].startswith(
        "the next 10 reviewed documents will probably bring"
    )


@pytest.mark.parametrize("listed", [GAZETTEER, Gazetteer()])
def test_terms_that_reviewers_added_do_not_judge_the_documents_they_come_from(
    listed: Gazetteer, tmp_path: Path
) -> None:
    documents, decided = project(12)
    accepted = [(d.text[e.start : e.end], e) for d in documents for e in decided[d.doc_id].accepted]
    added = [Term(text, e.label, "X:1", file=f"{ADDED}ana", row=3) for text, e in accepted]
    made = {}
    for name, terms in (("without", listed), ("with", Gazetteer.of([*listed, *added]))):
        settings, folder = BootstrapSettings("generic"), tmp_path / name
        given = terms, documents, decided, folder / "model", settings
        made[name] = update_learner(*given, folder=folder / "kept", inputs="one")
    told = ("fusion", "forecast", "features", "distrusted")
    assert [made["with"].counts[key] for key in told] == [made["without"].counts[key] for key in told]
    # They stand in the list, with their concepts: they are not learned once more.
    assert made["without"].counts["reviewed_terms"] == len({text for text, _ in accepted})
    assert made["with"].counts["reviewed_terms"] == 0
    nlp = load_pipeline(tmp_path / "with" / "model")
    doc = nlp(f"She had {added[0].text}.")
    assert [(ent.text, ent.kb_id_) for ent in doc.ents] == [(added[0].text, "X:1")]


def test_a_list_that_was_made_from_the_reviewed_documents_does_not_judge_them(tmp_path: Path) -> None:
    documents, decided = project(20)
    reviewed = {d.doc_id: decided[d.doc_id] for d in documents[:8]}

    def learned(name: str, copied: list[Document]) -> Update:
        terms = [Term(d.text[e.start : e.end], e.label) for d in copied for e in decided[d.doc_id].accepted]
        given = Gazetteer.of([*GAZETTEER, *terms]), documents, reviewed, tmp_path / name
        return update_learner(
            *given, BootstrapSettings("generic"), folder=tmp_path / name / "kept", inputs="1"
        )

    with_none, with_theirs, with_all = (
        learned(*each) for each in (("none", []), ("theirs", documents[:8]), ("all", documents))
    )
    told = with_theirs.counts["copied"]
    assert (told["documents"], told["terms"]) == (8, 14)  # one "pain" stands in two of them
    assert told["sentence"].startswith(
        "probably made from 8 reviewed documents: nearly every mention there is"
    )
    rules = [made.counts["fusion"]["rules_f1"] for made in (with_none, with_theirs, with_all)]
    assert rules[2] == 1.0
    assert max(rules[:2]) < 0.3
    assert with_theirs.counts["reviewed_terms"] == 0  # they stand in the list
    # One that knows as much of other text is a good list.
    assert "copied" not in with_none.counts
    assert "copied" not in with_all.counts


@pytest.mark.parametrize(("copied", "unread", "told"), [(8, 5, 8), (8, 0, 8), (2, 5, 0), (0, 5, 0)])
def test_a_list_that_was_made_from_some_of_the_reviewed_documents_is_told(
    copied: int, unread: int, told: int, tmp_path: Path
) -> None:
    documents, decided = project(20 + unread)
    reviewed = {d.doc_id: decided[d.doc_id] for d in documents[:20]}
    terms = [
        Term(d.text[e.start : e.end], e.label) for d in documents[:copied] for e in decided[d.doc_id].accepted
    ]
    given = Gazetteer.of([*GAZETTEER, *terms]), documents, reviewed, tmp_path / "model"
    made = update_learner(*given, BootstrapSettings("generic"), folder=tmp_path / "kept", inputs="1")
    assert made.counts.get("copied", {"documents": 0})["documents"] == told


@pytest.mark.parametrize(("more", "own", "told"), [(0, False, 14), (0, True, 14), (25, False, 0)])
def test_a_list_of_all_text_there_is_is_told_by_lacking_no_term_of_it(
    more: int, own: bool, told: int, tmp_path: Path
) -> None:
    """Where all is reviewed; a list from elsewhere has terms that stand nowhere in it."""
    documents, decided = project(8)
    names = [d.text[e.start : e.end] for d in documents for e in decided[d.doc_id].accepted]
    names += [f"{a}{b}{c}mab" for a in "bcdfg" for b in "aeiou" for c in "l"][:more]
    terms = [Term(name, "Disease" if "pain" in name else "Chemical", file="words.csv") for name in names]
    others = [Term(f"{a}{b}nib", "Chemical", file="other.csv") for a in "bcdfghjk" for b in "aeiou"]
    given = Gazetteer.of([*terms, *others * own]), documents, decided, tmp_path / "model"
    made = update_learner(*given, BootstrapSettings("generic"), folder=tmp_path / "kept", inputs="1")
    copied = made.counts.get("copied", {"terms": 0, "sentence": ""})
    assert copied["terms"] == told
    said = "nearly every mention there is a term, and all but 0 of its 15 terms stand in reviewed documents"
    assert (said in copied["sentence"]) == bool(told)


def test_a_list_that_knows_half_of_everything_is_not_taken_for_a_copy(tmp_path: Path) -> None:
    """By chance it has all of the two mentions of some documents."""
    documents, decided = project(25)
    reviewed = {d.doc_id: decided[d.doc_id] for d in documents[:20]}
    terms = [
        Term(d.text[e.start : e.end], e.label)
        for n, d in enumerate(documents)
        for k, e in enumerate(decided[d.doc_id].accepted)
        if n % 5 == 0 or (n + k) % 2
    ]
    given = Gazetteer.of(terms), documents, reviewed, tmp_path / "model"
    made = update_learner(*given, BootstrapSettings("generic"), folder=tmp_path / "kept", inputs="1")
    assert "copied" not in made.counts


def test_second_update_opens_no_term_list(tmp_path: Path) -> None:
    documents, decided = project(10)
    first = update(tmp_path, documents, decided)

    def never() -> Gazetteer:
        raise AssertionError("the lists were read again")

    again = update_learner(
        never,
        documents,
        decided,
        tmp_path / "second",
        BootstrapSettings("generic"),
        folder=tmp_path / "kept",
        inputs="one",
    )
    (tmp_path / "kept" / "rules" / "config.cfg").unlink()  # every text is known: no rule runs
    assert answers(again.read(documents)) == answers(first.read(documents))


def test_other_lists_prepare_the_rules_again(tmp_path: Path) -> None:
    documents, decided = project(10)
    update(tmp_path, documents, decided)
    other = Gazetteer.of([Term("today", "Time")])
    made = update_learner(
        other,
        documents,
        {"d0": Decided((Entity(0, 7, "Person"),))},
        tmp_path / "second",
        BootstrapSettings("generic"),
        folder=tmp_path / "kept",
        inputs="two",
    )
    assert ("today", "Time") in answers(made.read(documents[:1]))[0]
    with sqlite3.connect(tmp_path / "kept" / "votes.sqlite3") as kept:
        (rules,) = {row[0] for row in kept.execute("SELECT rules FROM votes")}
    kept.close()
    assert rules.endswith("two")


def test_partly_reviewed_documents_teach_terms_but_no_weights(tmp_path: Path) -> None:
    documents, _ = project(3)
    accepted = Decided((Entity(0, 7, "Person"),), (Entity(8, 9, "Person"),))
    made = update(tmp_path, documents, {"d0": accepted})
    assert (made.counts["reviewed"], made.counts["partly_reviewed"]) == (0, 1)
    people = [a for a in answers(made.read(documents[1:2]))[0] if a[1] == "Person"]
    assert people == [("Patient", "Person")]


def test_few_documents_leave_the_rules(tmp_path: Path) -> None:
    documents, decided = project(3)
    made = update(tmp_path, documents, decided)
    assert "fusion" not in made.counts
    text = [Document("new", "Patient 9 took aspirin for knee pain today.")]
    assert answers(made.read(text)) == [[("aspirin", "Chemical"), ("pain", "Disease")]]


def test_fusion_by_hand_is_kept(tmp_path: Path) -> None:
    documents, decided = project(12)
    update(tmp_path, documents, decided, fusion=FusionSettings(0.8, "model_first"))
    fusion = load_pipeline(tmp_path / "model").get_pipe("entity_fusion")
    assert (fusion.min_score, fusion.policy) == (0.8, "model_first")


def test_flags_and_ids_are_given_as_without_an_update(tmp_path: Path) -> None:
    document = Document("d0", "No aspirin for breast cancer.", (Entity(3, 10, "Chemical"),))
    settings = BootstrapSettings("medical", expand=False, sources=DomainSettings(ids="doid"))
    given = GAZETTEER, [document], {"d0": Decided(document.entities or (), complete=True)}, tmp_path / "model"
    made = update_learner(*given, settings, folder=tmp_path / "kept", inputs="one")
    asked = Document("new", "Denies pain.\nSeen for breast cancer.")
    for read in (made.read([asked]), read_docs(load_pipeline(tmp_path / "model"), [asked])):
        ((_, doc),) = read
        found = {ent.text: (ent.kb_id_, *ent._.flags) for ent in doc.ents}
        assert found == {"pain": ("", "negated"), "breast cancer": ("DOID:1612",)}


def test_nothing_decided_is_said(tmp_path: Path) -> None:
    documents, _ = project(3)
    with pytest.raises(CorpusError, match="no decision to learn from"):
        update(tmp_path, documents, {})
    assert not (tmp_path / "model").exists()


def test_votes_are_kept_whole() -> None:
    nlp = rule_pipeline(Gazetteer.of([Term("aspirin", "Chemical", "C1")]))
    doc = nlp("Aspirin\n\n“helps” 😀 her.")
    again = doc_of(json.loads(json.dumps(plain_doc(doc))), doc.vocab)
    assert (again.text, again.ents[0].kb_id_) == (doc.text, "C1")
    for name, group in doc.spans.items():
        spans = [(s.start, s.end, s.label_, s.kb_id_) for s in again.spans[name]]
        assert spans == [(s.start, s.end, s.label_, s.kb_id_) for s in group]
        assert again.spans[name].attrs == group.attrs


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
