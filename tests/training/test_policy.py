"""What decisions teach the rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from spacy.language import Language

from hybrid_ner.corpus import Entity
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.pipeline.labeling import voters_of
from hybrid_ner.sources.learned import ReviewPolicy
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.policy import Decided, Reviewed, learn_policy
from hybrid_ner.training.predict import load_pipeline


@cache
def rules() -> Language:
    """Two terms."""
    return rule_pipeline(Gazetteer.of([Term("aspirin", "Chemical"), Term("cold", "Disease")]), "generic")


def learned(*documents: tuple[str, Sequence[tuple[str, str]]], complete: bool = True) -> ReviewPolicy:
    """The policy from texts, each with the accepted surfaces and labels."""
    reviewed = []
    for text, accepted in documents:
        spans = [(text.index(surface), surface, label) for surface, label in accepted]
        entities = tuple(Entity(start, start + len(surface), label) for start, surface, label in spans)
        reviewed.append(Reviewed(rules()(text), Decided(entities, (), complete)))
    return learn_policy(reviewed, voters_of(rules()))


def test_nothing_reviewed_teaches_nothing() -> None:
    assert learn_policy([], voters_of(rules())) == ReviewPolicy()


def test_accepted_surface_without_a_rule_becomes_a_term() -> None:
    policy = learned(("Night sweats since May.", [("Night sweats", "Symptom")]))
    assert [(t.text, t.label, t.right, t.seen) for t in policy.terms] == [("Night sweats", "Symptom", 1, 1)]


def test_a_learned_term_keeps_the_concept_of_most_decisions() -> None:
    text = "GDV seen."
    read = [
        Reviewed(rules()(text), Decided((Entity(0, 3, "Lesion", each),), (), True))
        for each in ("", "01", "01", "7")
    ]
    policy = learn_policy(read, voters_of(rules()))
    assert [(t.text, t.concept_id) for t in policy.terms] == [("GDV", "01")]
    nlp = rule_pipeline(Gazetteer(), "generic", DomainSettings(reviewed=policy))
    for again in (nlp, load_pipeline(nlp.to_bytes())):
        assert [(e.text, e.kb_id_) for e in again("A GDV.").ents] == [("GDV", "01")]


def test_what_the_rules_have_is_not_learned_again() -> None:
    assert not learned(("Aspirin daily.", [("Aspirin", "Chemical")]))


def test_corrected_label_is_learned() -> None:
    (term,) = learned(("Aspirin daily.", [("Aspirin", "Drug")])).terms
    assert (term.text, term.label) == ("Aspirin", "Drug")


def test_surface_that_is_mostly_no_entity_is_not_learned() -> None:
    documents = [("The dose was high.", [("dose", "Chemical")]), ("A dose.", []), ("Any dose.", [])]
    assert learned(*documents).terms == ()


def test_single_letters_are_not_learned() -> None:
    assert learned(("K was low.", [("K", "Chemical")])).terms == ()


def test_vote_that_fails_in_several_documents_is_distrusted() -> None:
    right = [(f"Aspirin {n}.", [("Aspirin", "Chemical")]) for n in range(9)]
    wrong = [(f"Cold water {n}.", ()) for n in range(5)]
    distrusted = learned(*right, *wrong).distrusted
    assert ("surface", "cold", "Disease", 0, 5) in {
        (d.kind, d.value, d.label, d.right, d.seen) for d in distrusted
    }
    assert all(d.label == "Disease" for d in distrusted)


def test_one_document_full_of_a_word_does_not_decide() -> None:
    right = [(f"Aspirin {n}.", [("Aspirin", "Chemical")]) for n in range(9)]
    assert learned(*right, ("Cold water. " * 20, [])).distrusted == ()


def test_few_documents_that_speak_against_a_word_leave_the_rest_of_a_list() -> None:
    right = [(f"Aspirin {n}.", [("Aspirin", "Chemical")]) for n in range(4)]
    documents = [*right, *((f"Cold water {n}.", ()) for n in range(2))]
    assert {d.kind for d in learned(*documents).distrusted} == {"surface"}
    # Where so many are wrong, the whole source is, too.
    assert {d.kind for d in learned(*documents, *((f"Cold air {n}.", ()) for n in range(4))).distrusted} == {
        "surface",
        "source",
    }


def test_a_source_is_judged_by_its_votes_not_by_its_documents() -> None:
    # A lab value in each of six documents, beside two documents that are full of medication.
    accepted = tuple(Entity(n * 9, n * 9 + 7, "Chemical") for n in range(4))
    reviewed = [Reviewed(rules()("Aspirin. " * 4), Decided(accepted, (), True)) for _ in range(2)]
    reviewed += [Reviewed(rules()(f"Aspirin level {n}."), Decided((), (), True)) for n in range(6)]
    kinds = {d.kind for d in learn_policy(reviewed, voters_of(rules())).distrusted}
    assert kinds == {"surface"}  # which has been wrong in six documents of eight


def test_a_source_falls_where_documents_agree_that_it_is_wrong() -> None:
    wrong = [(f"Cold water {n}.", ()) for n in range(6)]
    alike = learned(*wrong, *[("A cold.", [("cold", "Disease")])] * 2)
    assert ("source", "gazetteer", "Disease") in {(d.kind, d.value, d.label) for d in alike.distrusted}
    # As many votes are right, all of them in a document of its own kind: the next one may be like it.
    text = "A cold. " * 2
    one = Reviewed(rules()(text), Decided((Entity(2, 6, "Disease"), Entity(10, 14, "Disease")), (), True))
    two = [Reviewed(rules()("Cold water. " * 3), Decided((), (), True)) for _ in range(2)]
    assert "source" not in {d.kind for d in learn_policy([one, *two], voters_of(rules())).distrusted}


def test_where_rules_do_badly_a_vote_may_be_wrong_more_often() -> None:
    mostly = [("A cold.", [("cold", "Disease")])] * 3 + [("Cold water.", [])] * 6
    well = [("Aspirin.", [("Aspirin", "Chemical")])] * 10
    assert {d.value for d in learned(*mostly, *well).distrusted} == {"cold"}
    # The lists know next to nothing of what is accepted here.
    missed = [(f"{word} it.", [(word, "Disease")]) for word in map("zq{}x".format, range(60))]
    assert learned(*mostly, *well, *missed).distrusted == ()


def test_span_that_is_right_in_part_is_trusted() -> None:
    documents = [(f"Common cold {n}.", [("Common cold", "Disease")]) for n in range(5)]
    assert learned(*documents).distrusted == ()


def test_undecided_spans_say_nothing() -> None:
    assert not learned(*[(f"Cold water {n}.", ()) for n in range(9)], complete=False)


def test_rejected_span_of_an_unfinished_document_counts() -> None:
    text = "Cold water."
    reviewed = [
        Reviewed(rules()(f"{text} {n}"), Decided(rejected=(Entity(0, 4, "Disease"),))) for n in range(6)
    ]
    policy = learn_policy(reviewed, voters_of(rules()))
    assert {d.kind for d in policy.distrusted} == {"surface", "source"}
