"""Concept ids of one vocabulary: names, abbreviations, other lists, what the document says."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from hybrid_ner.corpus import Document
from hybrid_ner.errors import InputError
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import concept_ids, rule_pipeline
from hybrid_ner.pipeline.concept_ids import candidates_of, set_ids
from hybrid_ner.sources.concept_names import ConceptWords, NameIndex
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.readers import load_gazetteer
from hybrid_ner.training.predict import predict


@pytest.fixture(scope="module")
def nlp() -> Language:
    return rule_pipeline(gather_terms("medical"), "medical", ids="mesh")


def ids(nlp: Language, text: str) -> dict[str, str]:
    return {ent.text: ent.kb_id_ for ent in nlp(text).ents}


@pytest.mark.parametrize(
    ("text", "mention", "concept"),
    [
        ("He had breast cancer.", "breast cancer", "MESH:D001943"),
        ("No tumours were found.", "tumours", "MESH:D009369"),
        ("Severe congestive heart failure (CHF). CHF improved.", "CHF", "MESH:D006333"),
        ("She was hypertensive.", "hypertensive", "MESH:D006973"),
        ("Convulsions followed.", "Convulsions", "MESH:D012640"),
        ("He got adriamycin.", "adriamycin", "MESH:D004317"),
        ("Valproate was stopped.", "Valproate", "MESH:D014635"),
        ("She took diclofenac sodium.", "diclofenac sodium", "MESH:D004008"),
        ("It caused renal damage.", "renal damage", "MESH:D007674"),
        ("Gentamicin was given.", "Gentamicin", "MESH:D005839"),
        ("Lung and liver cancer were seen.", "Lung and liver cancer", "MESH:D008175|MESH:D008113"),
        ("Congenital hearing loss is rare.", "Congenital hearing loss", "MESH:D034381"),
        ("It is an X-linked recessive disorder.", "X-linked recessive disorder", "MESH:D040181"),
        ("He has von Willebrand disease type B.", "von Willebrand disease type B", "MESH:D014842"),
        (
            "Breast or ovarian cancer is often hereditary.",
            "Breast or ovarian cancer",
            "MESH:D001943|MESH:D010051",
        ),
        ("Inherited breast/ovarian cancer.", "Inherited breast/ovarian cancer", "MESH:D061325"),
    ],
)
def test_a_mention_gets_the_id_of_its_concept(nlp: Language, text: str, mention: str, concept: str) -> None:
    assert ids(nlp, text)[mention] == concept


def test_what_a_drug_brought_about_is_the_concept_of_that_name(nlp: Language) -> None:
    assert ids(nlp, "Dyskinesia was seen in chorea.")["Dyskinesia"] != "MESH:D004409"
    found = ids(nlp, "Levodopa-induced dyskinesia is common. Dyskinesia troubles patients.")
    assert found["Dyskinesia"] == "MESH:D004409"


def test_candidates_stay_with_their_names_and_sources(nlp: Language) -> None:
    (doc,) = nlp.pipe(["Gouty arthritis and depression."])
    for ent in doc.ents:
        best, *others = candidates_of(ent)
        assert best["concept"] == ent.kb_id_
        assert best["name"]
        assert best["source"]
        assert ent.kb_id_ not in [each["concept"] for each in others]
    assert [s.kb_id_ for s in doc.spans["rule"]] == [e.kb_id_ for e in doc.ents]


def test_a_saved_pipeline_keeps_its_vocabulary_and_takes_another(nlp: Language, tmp_path: Path) -> None:
    own = rule_pipeline(Gazetteer.of([Term("heart failure", "Disease")]), "medical", ids="mesh")
    own.to_disk(tmp_path / "model")
    loaded = spacy.load(tmp_path / "model")
    assert ids(loaded, "heart failure")["heart failure"] == "MESH:D006333"
    set_ids(loaded, "doid")
    assert ids(loaded, "heart failure")["heart failure"] == "DOID:6000"
    set_ids(loaded, "lists")
    assert ids(loaded, "heart failure")["heart failure"] == ""
    with pytest.raises(InputError, match="no vocabulary 'umls'"):
        set_ids(loaded, "umls")


def test_ids_are_chosen_in_the_config_of_all_rules(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "term,label,id\nmyocardial infarction,Disease,D1\naspirin,Chemical,C1\n"
    )
    config = {"terms": str(tmp_path / "own.csv"), "shipped": False}
    nlp = spacy.blank("en")
    nlp.add_pipe("hybrid_rules", config={**config, "domain": "medical", "ids": "mesh"})
    nlp.to_disk(tmp_path / "model")
    for each in (nlp, spacy.load(tmp_path / "model")):
        ents = each("Aspirin after myocardial infarction (MI); MI again.").ents
        assert [ent.kb_id_ for ent in ents] == ["MESH:D001241", *["MESH:D009203"] * 3]
    with pytest.raises(InputError, match="no vocabulary 'mesch'"):
        spacy.blank("en").add_pipe("hybrid_rules", config={**config, "ids": "mesch"})


NAMES = [
    *(Term("Renal Stone", "Disease", "MESH:D1", "synonym"), Term("kidney stones", "Disease", "OMIM:2")),
    *(Term("stone, kidney", "Disease", "MESH:D3"), Term("FK-506", "Chemical", "MESH:C4")),
    *(
        Term("acid salt", "Chemical", "MESH:C5"),
        Term("no id", "Disease"),
        Term("a b c d e f g h i", "Disease", "X:1"),
    ),
]


def test_names_are_found_by_their_letters_words_and_meaning() -> None:
    words = ConceptWords({"renal": ("kidney",)})
    index = NameIndex(NameIndex.made(NAMES, words), words)

    def found(how: str, key: str) -> list[str]:
        return [term.concept_id for term in index.find(how, key)]

    assert found("exact", "fk506") == ["MESH:C4"]
    assert found("words", "kidney stone") == ["OMIM:2", "MESH:D3"]
    assert found("meaning", "kidney stone") == ["MESH:D1", "OMIM:2", "MESH:D3"]
    assert found("words", "acid salt") == found("exact", "noid") == found("meaning", "") == []
    assert index.find("exact", "renalstone") == NAMES[:1]
    assert {label: [*index.concepts(label)] for label in index.labels()} == {
        "Disease": ["MESH:D1", "OMIM:2", "MESH:D3", "X:1"],
        "Chemical": ["MESH:C4", "MESH:C5"],
    }


def test_names_are_made_once_and_again_where_the_file_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(concept_ids, "_names", lambda domain: (read.append(1), iter(NAMES))[1])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def index() -> NameIndex:
        found = concept_ids._index.__wrapped__("generic")
        assert [term.concept_id for term in found.find("exact", "kidneystones")] == ["OMIM:2"]
        return found

    index()
    index()
    assert len(read) == 1
    (kept,) = (tmp_path / "hybrid_ner").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    (tmp_path / "hybrid_ner" / "names-generic-old.gaz").write_bytes(b"")
    index()
    assert len(read) == 2
    assert [*(tmp_path / "hybrid_ner").iterdir()] == [kept]
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    index()
    assert len(read) == 3


def test_the_ids_of_a_list_of_ones_own_come_first(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("term,label,id\nfunny turn,Disease,DOID:1826\ngout,Disease,LOCAL:7\n", encoding="utf-8")
    shipped = Gazetteer.of([Term("gout", "Disease", "MESH:D006073", file="mesh_diseases.tsv.gz", row=2)])
    nlp = rule_pipeline(load_gazetteer(path).merge(shipped), "medical", ids="mesh")
    doc = nlp("A funny turn, then gout.")
    assert [(e.text, e.kb_id_) for e in doc.ents] == [
        ("funny turn", "MESH:D004827"),
        ("gout", "MESH:D006073"),
    ]
    assert candidates_of(doc.ents[0])[0]["via"] == "DOID:1826"


def test_predictions_carry_the_id_and_the_other_candidates(nlp: Language) -> None:
    (found,) = predict(nlp, [Document("1", "Morphine for depression.")], "hybrid")
    assert found.entities is not None
    assert found.entities[0].concept_id == "MESH:D009020"
    assert all(e.concept_id == e.attrs.get("concepts", [e.concept_id])[0] for e in found.entities)
