"""The third domain: well-formed samples and lists, rules that hold their examples, a score that stands."""

from __future__ import annotations

from pathlib import Path

import catalogue
import pytest

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.evaluation.compare import compare
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.registry import DOMAINS, read_domain
from hybrid_ner.sources.rule_sets import check_rules
from hybrid_ner.terms.shipped import load_shipped, read_pack, shipped_packs
from hybrid_ner.training.predict import predict

DOMAIN = DOMAINS.get("geography")


@pytest.fixture(scope="module")
def gold() -> list[Document]:
    assert DOMAIN.gold is not None
    return list(read_corpus(DOMAIN.gold, labels=DOMAIN.labels))


def test_samples_are_many_and_of_one_scheme(gold: list[Document]) -> None:
    assert DOMAIN.unlabeled is not None
    others = list(read_corpus(DOMAIN.unlabeled))
    assert len(gold) >= 25
    assert not {d.text for d in gold} & {d.text for d in others}
    assert {e.label for d in gold for e in d.entities or ()} == set(DOMAIN.labels)
    assert all(d.entities is None for d in others)


def test_a_name_is_tagged_wherever_it_stands(gold: list[Document]) -> None:
    for document in gold:
        for entity in document.entities or ():
            surface = document.text[entity.start : entity.end]
            places = {e.start for e in document.entities or () if document.text[e.start : e.end] == surface}
            inside = sum(surface in document.text[e.start : e.end] for e in document.entities or ())
            assert document.text.count(surface) <= max(len(places), inside), (document.doc_id, surface)


def test_lists_are_long_unique_and_of_known_labels() -> None:
    terms = load_shipped("geography", parents=False).terms
    assert len(terms) > 15_000
    assert {term.label for term in terms} == set(DOMAIN.labels) - {"COORDINATE"}
    for pack in shipped_packs("geography"):
        rows = [(term.text, term.label) for term in read_pack(pack.path)]
        assert len(rows) == len(set(rows)), pack.name


def test_the_rule_file_holds_its_examples() -> None:
    assert DOMAIN.rules is not None
    _, rules, problems = check_rules(DOMAIN.rules)
    assert problems == []
    assert all(rule.match and rule.no_match for rule in rules)


def test_rules_find_places_that_no_list_has() -> None:
    nlp = rule_pipeline(gather_terms("geography"), "geography")
    doc = nlp(
        "From the Bale Mountains the Wabe River runs past Lake Besseka in Ethiopia, at 7.0412, 39.7411."
    )
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Bale Mountains", "MOUNTAIN"),
        ("Wabe River", "WATER"),
        ("Lake Besseka", "WATER"),
        ("Ethiopia", "COUNTRY"),
        ("7.0412, 39.7411", "COORDINATE"),
    ]
    assert [e.text for e in nlp("We were reading of a nice bath, and went to lake and island.").ents] == []


def test_the_score_on_the_samples_stands(gold: list[Document]) -> None:
    nlp = rule_pipeline(gather_terms("geography"), "geography")
    scores = compare(gold, {"rule": list(predict(nlp, gold, "rule"))}).systems["rule"]
    assert scores.micro.f1 > 0.93
    assert scores.micro.precision > 0.97


def test_a_folder_that_describes_no_domain_is_an_error(tmp_path: Path) -> None:
    from hybrid_ner.errors import InputError

    for content, problem in (
        (None, "no description of a domain"),
        ("name: a b\n", "the name 'a b' is not one word"),
        ("name: a\ncolour: red\n", "unknown key 'colour'"),
        ("- a\n", "no description of a domain"),
        ("name: a\nexpand: never\n", "expand is yes or no, found 'never'"),
        ("", "found no keys"),
        ("name: a\nlabels: {A: {b: c}}\n", "labels: expected each with a list"),
    ):
        if content is not None:
            (tmp_path / "domain.yaml").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=problem):
            read_domain(tmp_path)


def test_a_folder_in_short_forms_is_a_domain_and_no_list_in_it_is_passed_over(tmp_path: Path) -> None:
    from hybrid_ner.errors import InputError

    (tmp_path / "terms").mkdir()
    (tmp_path / "domain.yaml").write_text("name: größe\ntitle:\nlabels: [Crop, Pest]\n", encoding="utf-8")
    (tmp_path / "rules.tsv").write_text("kind\tvalue\tlabel\nterms\trye\tCrop\n", encoding="utf-8")
    domain = read_domain(tmp_path)
    assert (domain.title, domain.labels) == ("größe", {"Crop": (), "Pest": ()})
    assert domain.rules == tmp_path / "rules.tsv"
    (tmp_path / "domain.yaml").write_text("name: a\nlabels: {Crop: plant}\n", encoding="utf-8")
    assert read_domain(tmp_path).labels == {"Crop": ("plant",)}, "one name, not its letters"
    (tmp_path / "terms" / "crops.csv").write_text("wheat,Crop\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"gazetteer import crops.csv --out crops.tsv"):
        read_domain(tmp_path)


def test_a_folder_flags_mentions_in_its_own_language(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    from hybrid_ner import Gazetteer, Term, rule_pipeline
    from hybrid_ner.errors import InputError

    (tmp_path / "domain.yaml").write_text("name: notas\nlabels: [Mal]\n", encoding="utf-8")
    (lists := tmp_path / "context").mkdir()
    DOMAINS.register("notas", read_domain(tmp_path))
    request.addfinalizer(lambda: catalogue._remove(("hybrid_ner", "domains", "notas")))
    terms = Gazetteer.of([Term("fiebre", "Mal"), Term("neumonía", "Mal")])
    with pytest.raises(InputError, match=r"no list of context is in it. Call the files context_negated.txt"):
        rule_pipeline(terms, "notas")
    (lists / "context_negated.txt").write_text("before\t(niega|sin)\nstop\tpero\n", encoding="utf-8")
    (lists / "context_family.txt").write_text("before\tmadre con\n", encoding="utf-8")
    doc = rule_pipeline(terms, "notas")("Niega fiebre pero tiene neumonía. Madre con neumonía.")
    assert [sorted(entity._.flags) for entity in doc.ents] == [["negated"], [], ["family"]]
    (lists / "context_negation.txt").write_text("before\tno\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"context_negation\.txt is none of the lists of context"):
        rule_pipeline(terms, "notas")


@pytest.mark.parametrize(("variants", "found"), [("yes", ["wasps", "Wasp"]), ("no", ["Wasp"])])
def test_terms_of_a_folder_are_found_in_other_forms_unless_it_says_no(
    tmp_path: Path, variants: str, found: list[str], request: pytest.FixtureRequest
) -> None:
    from hybrid_ner import Gazetteer, rule_pipeline
    from hybrid_ner.terms.shipped import load_shipped

    (tmp_path / "domain.yaml").write_text(
        f"name: insects_{variants}\ntitle: Insects\nvariants: {variants}\nlabels:\n  Pest: []\n",
        encoding="utf-8",
    )
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / f"{variants}.tsv").write_text(
        "term\tlabel\tconcept_id\tstatus\tmode\tsource\nwasp\tPest\tp:1\tpreferred\tfolded\tmine\n",
        encoding="utf-8",
    )
    name = DOMAINS.register(f"insects_{variants}", read_domain(tmp_path)).name
    request.addfinalizer(lambda: catalogue._remove(("hybrid_ner", "domains", name)))
    terms = load_shipped(name)
    assert isinstance(terms, Gazetteer)
    assert [entity.text for entity in rule_pipeline(terms, name)("Two wasps. Wasp.").ents] == found
