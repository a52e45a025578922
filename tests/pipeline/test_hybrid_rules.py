"""All rules as one component in anyone's pipeline."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import DocBin, Span
from spacy.tokens.underscore import Underscore
from spacy.training import Example

from hybrid_ner import __version__
from hybrid_ner.corpus import Document
from hybrid_ner.errors import HybridNerError, InputError, ModelError
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import hybrid_rules, rule_pipeline
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import version_range
from hybrid_ner.training.predict import load_pipeline, predict
from tests.pipeline.test_labeling import TEXTS, all_said, said

LIST = """term,label,id
myocardial infarction,Disease,D1
fever,Disease,
aspirin,Chemical,C1
Supreme Court,COURT,
"""


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "drugs.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def with_rules(terms: Path, nlp: Language | None = None, **config: Any) -> Language:
    nlp = nlp or spacy.blank("en")
    nlp.add_pipe("hybrid_rules", config={"terms": str(terms), "shipped": False, **config})
    return nlp


def finer() -> Language:
    return spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "hybrid_ner.Tokenizer.v1"}}})


@pytest.mark.parametrize("domain", ["generic", "medical", "legal"])
def test_one_component_says_what_a_rule_pipeline_says(terms: Path, domain: str) -> None:
    whole = rule_pipeline(gather_terms(domain, [terms], shipped=False), domain)
    assert all_said(with_rules(terms, finer(), domain=domain)) == all_said(whole)


@pytest.mark.parametrize("domain", ["generic", "medical", "legal"])
def test_it_carries_its_terms(terms: Path, domain: str, tmp_path: Path) -> None:
    nlp = with_rules(terms, finer(), domain=domain)
    packed, pickled = nlp.to_bytes(), pickle.dumps(nlp)  # before any document was read
    nlp.to_disk(tmp_path / "model")
    before = all_said(nlp)
    assert before[0]["ents"]
    assert before[1]["ents"]
    assert [said(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=1)] == before
    terms.unlink()
    for sent in (spacy.load(tmp_path / "model"), load_pipeline(packed), pickle.loads(pickled)):
        assert all_said(sent) == before
    same = finer()
    same.add_pipe("hybrid_rules", config={"domain": domain})
    assert all_said(same.from_bytes(packed)) == before


def test_context_flags_are_read_from_the_span(terms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Underscore, "span_extensions", {})
    doc = with_rules(terms, domain="medical")("Aspirin given. No fever.")
    assert [ent._.flags for ent in doc.ents] == [(), ("negated",)]
    Span.set_extension("flags", default="theirs", force=True)
    with pytest.warns(UserWarning, match=r'somebody else.*doc\.spans\["context"\]'):
        doc = with_rules(terms, domain="medical")("Aspirin given. No fever.")
    assert [ent._.flags for ent in doc.ents] == ["theirs", "theirs"]
    assert [span.label_ for span in doc.spans["context"]] == ["NEGATED"]


def test_terms_are_stored_once(terms: Path, tmp_path: Path) -> None:
    with_rules(terms, domain="medical").to_disk(tmp_path / "model")
    assert len(list((tmp_path / "model").rglob("*terms*"))) == 1


def test_entities_of_others_stand_unless_told_otherwise(terms: Path) -> None:
    text = "A severe myocardial infarction after aspirin and penicillin."
    expected = {
        False: [("severe myocardial", "OTHER"), ("aspirin", "Chemical"), ("penicillin", "OTHER")],
        True: [("myocardial infarction", "Disease"), ("aspirin", "Chemical"), ("penicillin", "OTHER")],
    }
    for overwrite, entities in expected.items():
        nlp = spacy.blank("en")
        patterns = [{"label": "OTHER", "pattern": word} for word in ("severe myocardial", "penicillin")]
        nlp.add_pipe("entity_ruler").add_patterns(patterns)
        doc = with_rules(terms, nlp, overwrite_ents=overwrite, spans_key="mine")(text)
        assert [(ent.text, ent.label_) for ent in doc.ents] == entities
        assert [span.text for span in doc.spans["mine"]] == ["myocardial infarction", "aspirin"]
        assert doc.ents[0].kb_id_ == ("D1" if overwrite else "")
        assert doc.spans["gazetteer"].attrs["evidence"]["37:44:Chemical"]["row"] == 4


def test_scored_by_spacy_as_a_recognizer_is(terms: Path) -> None:
    for nlp in (with_rules(terms, domain="generic"), rule_pipeline(gather_terms("generic", [terms]))):
        gold = nlp.make_doc("Fever after aspirin")
        gold.set_ents([Span(gold, 0, 1, "Disease")])
        scores = nlp.evaluate([Example(nlp.make_doc(gold.text), gold)])
        assert (scores["ents_p"], scores["ents_r"]) == (0.5, 1.0)


def test_tokenizer_of_ones_own(terms: Path) -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab, token_match=None)  # cuts at spaces alone
    with_rules(terms, nlp)
    assert [ent.text for ent in nlp("aspirin for a fever now").ents] == ["aspirin", "fever"]
    with pytest.warns(UserWarning, match="'aspirin' is no whole number of tokens"):
        doc = nlp("He took aspirin, for fever today")
    assert [ent.text for ent in doc.ents] == ["fever"]
    assert nlp("Again aspirin, twice.").ents == ()  # said once
    lost = nlp.get_pipe("hybrid_rules").take_misaligned()
    assert [match.surface for match in lost] == ["aspirin", "aspirin"]


def test_terms_made_in_python(terms: Path) -> None:
    nlp = with_rules(terms)
    nlp.get_pipe("hybrid_rules").use(Gazetteer.of([Term("gout", "Disease")]))
    assert [ent.text for ent in nlp("Gout, no fever").ents] == ["Gout"]
    (found,) = predict(nlp, [Document("1", "Gout, no fever")], "rule")
    assert [(e.start, e.end, e.label) for e in found.entities or ()] == [(0, 4, "Disease")]
    other = with_rules(terms, spans_key="mine")
    with pytest.raises(ModelError, match="no answer of the rule alone"):
        next(predict(other, [Document("1", "Gout")], "rule"))


def test_several_lists_own_rules_and_less_sources(terms: Path, tmp_path: Path) -> None:
    more, rules = tmp_path / "more.csv", tmp_path / "hotel.yaml"
    more.write_text("Group;Our name\nA;platelets\n", encoding="utf-8")
    rules.write_text("name: doses\nrules:\n  - pattern: '[0-9]+ mg'\n    label: Dose\n", encoding="utf-8")
    nlp = spacy.blank("en")
    config = {"terms": [str(more)], "label": "Cell", "columns": "term=Our name", "rules": str(rules)}
    nlp.add_pipe("hybrid_rules", config={**config, "disable": ["abbreviations"]})
    doc = nlp("Platelets after 5 mg.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Platelets", "Cell"), ("5 mg", "Dose")]
    assert "abbreviations" not in doc.spans


def test_what_cannot_work_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="medica1"):
        spacy.blank("en").add_pipe("hybrid_rules", config={"domain": "medica1"})
    nlp = with_rules(tmp_path / "none.csv")
    with pytest.raises(HybridNerError, match=r"none\.csv"):
        nlp("text")
    empty = spacy.blank("en")
    empty.add_pipe("hybrid_rules")
    with pytest.raises(InputError, match="has no terms and no rules"):
        empty("text")
    with pytest.raises(ModelError, match="unreadable rules"):
        nlp.get_pipe("hybrid_rules").from_disk(tmp_path)
    with pytest.raises(ModelError, match="unreadable rules"):
        nlp.get_pipe("hybrid_rules").from_bytes(b"x")


def test_lost_terms_are_said(terms: Path, tmp_path: Path) -> None:
    with_rules(terms).to_disk(tmp_path / "model")
    (tmp_path / "model" / "hybrid_rules" / "terms.gaz").unlink()
    with pytest.raises(ModelError, match="terms of 'hybrid_rules' are not there"):
        spacy.load(tmp_path / "model")


def test_near_matches_and_other_forms_are_chosen_in_the_config(terms: Path, tmp_path: Path) -> None:
    text = "Myocardial infartcion and fevers."
    assert [e.text for e in with_rules(terms)(text).ents] == ["fevers"]
    assert not with_rules(terms, variants=False)(text).ents
    labeled = with_rules(terms, fuzzy="label")
    labeled.to_disk(tmp_path / "model")
    for nlp in (labeled, spacy.load(tmp_path / "model")):
        assert [e.text for e in nlp(text).ents] == ["Myocardial infartcion", "fevers"]
    doc = with_rules(terms, fuzzy=["off", "Disease=suggest"])(text)
    assert [span.text for span in doc.spans["near_matches"]] == ["Myocardial infartcion"]
    with pytest.raises(InputError, match="unknown fuzzy mode 'on'"):
        with_rules(terms, fuzzy="on")


def test_rules_are_made_of_a_list_by_its_path_and_of_a_domain_by_its_name(terms: Path) -> None:
    def found(nlp: Language, text: str) -> list[tuple[str, str]]:
        return [(ent.text, ent.label_) for ent in nlp(text).ents]

    assert found(rule_pipeline(str(terms)), "The Supreme Court.") == [("Supreme Court", "COURT")]
    both = found(rule_pipeline(terms, "geography"), "A fever in Portugal.")
    assert [text for text, _ in both] == ["fever", "Portugal"]
    assert found(rule_pipeline("geography"), "A fever in Portugal.") == both[1:]
    with pytest.raises(InputError, match=r"nolist\.csv: no such file"):
        rule_pipeline("nolist.csv")


def _two(terms: Path, second: str) -> Language:
    nlp = with_rules(terms)
    nlp.add_pipe("hybrid_rules", name="more").use(
        Gazetteer.of([Term(second, "Word"), Term("gout", "Disease")])
    )
    return nlp


def test_two_in_one_pipeline_keep_their_groups(terms: Path) -> None:
    nlp = _two(terms, "mother")
    doc = nlp("aspirin for a mother with fever")
    for _ in range(2):  # read again it is the same
        assert [ent.text for ent in doc.ents] == ["aspirin", "mother", "fever"]
        groups = {name: [span.text for span in group] for name, group in doc.spans.items() if len(group)}
        assert groups == {
            "gazetteer": ["aspirin", "fever"],
            "rule": ["aspirin", "fever"],
            "more.gazetteer": ["mother"],
            "more.rule": ["mother"],
        }
        assert doc.spans["gazetteer"].attrs["evidence"]["0:7:Chemical"]["row"] == 4
        assert "14:20:Word" in doc.spans["more.gazetteer"].attrs["evidence"]
        assert doc.spans["more.rule"].attrs["sources"] == ["gazetteer"]
        (again,) = DocBin(docs=[doc]).get_docs(nlp.vocab)
        assert [span.text for span in again.spans["more.rule"]] == ["mother"]
        for _, pipe in nlp.pipeline:
            doc = pipe(doc)


def test_threads_wait_until_the_lists_are_read(terms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second thread was given the sources that there were by then."""
    nlp, text, found = with_rules(terms), "No fever on aspirin; CAP (Compound Alpha-Phase)", []
    made = hybrid_rules.build_sources
    other = Thread(target=lambda: found.append([ent.text for ent in nlp(text).ents]))

    def slowly(*given: Any) -> Iterator[Any]:
        for number, source in enumerate(made(*given)):
            if number == 0:
                other.start()
                other.join(0.2)
            yield source

    monkeypatch.setattr(hybrid_rules, "build_sources", slowly)
    first = [ent.text for ent in nlp(text).ents]
    other.join()
    assert first
    assert found == [first]


@pytest.mark.parametrize("key", ["", "gazetteer"])
def test_an_answer_needs_a_group_of_its_own(key: str, terms: Path) -> None:
    with pytest.raises(InputError, match="spans_key"):
        with_rules(terms, spans_key=key)("aspirin")


def test_spacy_is_told_what_a_pipeline_needs(terms: Path, tmp_path: Path) -> None:
    """``spacy package`` made a wheel that opened nowhere else, and did not say what it lacked."""
    nlp = with_rules(terms, spacy.blank("en"))
    assert nlp.meta["requirements"] == [version_range("hybrid-ner", __version__)]
    nlp.to_disk(tmp_path / "mine")
    assert spacy.load(tmp_path / "mine").meta["requirements"] == nlp.meta["requirements"]
    assert rule_pipeline(Gazetteer.of([Term("gout", "Disease")])).meta["requirements"]
