"""The shipped gazetteers and their format."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError, TermError
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer, Term, shipped
from hybrid_ner.terms.lint import WordLists, lint
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer
from hybrid_ner.terms.shipped import COLUMNS, find_pack, load_parents, load_shipped, read_pack, shipped_packs
from hybrid_ner.text import fold

CONCEPT = re.compile(r"(MESH:[CD]|DOID:)\d+")
HEADER = "\t".join(COLUMNS) + "\n"
Packs = Callable[[str], dict[str, tuple[Term, ...]]]


@pytest.fixture(scope="module")
def medical() -> Gazetteer:
    return load_shipped("medical", parents=False)


def write(folder: Path, text: str) -> Path:
    path = folder / "pack.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_term_knows_its_file_and_row(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "gout\tDisease\tMESH:D006073\tpreferred\tfolded\tMeSH 2024\n")
    (term,) = read_pack(path)
    assert (term.text, term.label, term.concept_id, term.file, term.row) == (
        "gout",
        "Disease",
        "MESH:D006073",
        "pack.tsv",
        2,
    )


def test_a_list_of_a_domain_of_ones_own_may_have_two_columns_and_be_saved_by_a_spreadsheet(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pack.tsv"
    path.write_bytes("\ufefflabel\tterm\r\nMeal\tsupper\r\n".encode())
    (term,) = read_pack(path)
    assert (term.text, term.label, term.concept_id, term.status, term.row) == (
        "supper",
        "Meal",
        "",
        "preferred",
        2,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("term\tkind\n", r"pack.tsv, row 1: expected the header"),
        ("", r"pack.tsv, row 1: expected the header"),
        (HEADER + "gout\tDisease\n", r"pack.tsv, row 2: expected 6 columns, found 2"),
        (HEADER + "gout\tDisease\t\tbest\tfolded\tx\n", r"pack.tsv, row 2: unknown status 'best'"),
        (HEADER + "--\tDisease\t\tsynonym\tfolded\tx\n", r"pack.tsv, row 2: term '--' holds no letter"),
    ],
)
def test_a_broken_row_names_file_and_row(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(TermError, match=problem):
        list(read_pack(write(tmp_path, text)))


def test_an_unknown_domain_or_pack_is_an_error() -> None:
    for domain in ("weather", "generic", "english", ".."):
        with pytest.raises(InputError, match=r"no terms are shipped for '.*'\. Use one of .*legal, medical"):
            load_shipped(domain)
    with pytest.raises(InputError, match="have no pack 'umls'"):
        load_shipped("medical", ["umls"])


def test_optional_packs_load_on_request_only() -> None:
    packs = {pack.name: pack.default for pack in shipped_packs("medical")}
    assert packs["mesh_diseases"] is True
    assert [name for name, default in packs.items() if not default] == [
        "mondo",
        "anatomy",
        "procedures",
        "protein_drugs",
        "clinical_notes",
    ]


def test_a_pack_is_named_by_its_domain_and_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_pack("medical/anatomy")
    assert found is not None
    assert found.name == "anatomy.tsv.gz"
    assert find_pack("medical") is find_pack("weather/rain") is find_pack("medical/anatomy.tsv.gz") is None
    with pytest.raises(InputError, match=r"the medical gazetteers have no pack 'anatomi'. Use any of mesh_"):
        find_pack("medical/anatomi")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medical").mkdir()
    (tmp_path / "medical" / "anatomy").write_text("a file of the user's own comes first")
    assert find_pack("medical/anatomy") is None


@pytest.mark.slow
def test_optional_medical_packs_add_their_labels_and_take_none_away(medical: Gazetteer) -> None:
    matched = {fold(term.text) for term in medical if term.mode == "folded"}
    for name, label in (("anatomy", "Anatomy"), ("procedures", "Procedure")):
        reading = read_gazetteer(f"medical/{name}")
        gazetteer = reading.gazetteer()
        assert gazetteer.labels == (label,)
        assert not [term.text for term in gazetteer if fold(term.text) in matched]
        assert gazetteer.parents["MESH:D001921"] == ("MESH:D002490",)  # brain, central nervous system


@pytest.mark.slow
def test_every_medical_pack_is_sound(packs: Packs) -> None:
    for name, terms in packs("medical").items():
        seen = set()
        for term in terms:
            assert term.label in {"Chemical", "Disease", "Anatomy", "Procedure"}
            assert term.source
            key = (term.text, term.label, term.concept_id)
            assert key not in seen
            seen.add(key)
        assert seen, name


def test_gzipped_files_carry_no_time_stamp() -> None:
    for pack in shipped_packs("medical"):
        if pack.path.suffix == ".gz":
            assert pack.path.read_bytes()[4:8] == b"\0\0\0\0"
            with gzip.open(pack.path, "rt", encoding="utf-8") as lines:
                assert next(lines) == HEADER


def test_the_medical_gazetteer_has_the_promised_size_and_hierarchy() -> None:
    gazetteer = load_shipped("medical", ["mesh_chemicals", "mesh_diseases"])
    assert len(gazetteer) > 50_000
    assert gazetteer.labels == ("Chemical", "Disease")
    assert gazetteer.parents["MESH:D009203"] == ("MESH:D007238", "MESH:D017202")
    assert load_parents("medical") == gazetteer.parents


def test_the_hierarchy_is_read_once_for_several_packs() -> None:
    hierarchy = load_parents("medical")
    read = shipped._hierarchy.cache_info().misses
    for pack in ("medical/anatomy", "medical/procedures"):
        assert load_gazetteer(pack).parents == hierarchy
    assert shipped._hierarchy.cache_info().misses == read


@pytest.mark.parametrize("domain", [pytest.param("medical", marks=pytest.mark.slow), "legal"])
def test_checks_of_the_shipped_terms_find_nothing_but_what_sources_md_explains(
    domain: str, packs: Packs
) -> None:
    names = [pack.name for pack in shipped_packs(domain) if pack.default]
    terms = (term for name in names for term in packs(domain)[name])
    found = lint(terms, WordLists.shipped(), kept=1000)
    assert set(found.counts) <= {"too-common", "gene-symbol", "ambiguous"}
    for finding in found.findings:
        if finding.kind == "ambiguous":
            assert finding.other is not None
            assert "defined" in (finding.term.mode, finding.other.mode), finding
        if finding.kind == "too-common":
            assert finding.term.text in ("Gold", "Iron", "Death", "Pain")


def test_every_parent_of_a_medical_concept_is_one_concept() -> None:
    parents = load_parents("medical")
    assert parents["MESH:C538178"] == ("MESH:D000169", "MESH:D015032")
    assert not [id for above in parents.values() for id in above if not CONCEPT.fullmatch(id)]


def test_supplementary_records_of_diseases_are_diseases(medical: Gazetteer) -> None:
    labels = {term.text: term.label for term in medical}
    for name in ("Acrodermatitis enteropathica", "CETP Deficiency", "Fish odor syndrome"):
        assert labels[name] == "Disease"


def test_acronyms_of_lower_cased_lists_want_their_exact_letters(medical: Gazetteer) -> None:
    modes: dict[str, set[str]] = {}
    for term in medical:
        modes.setdefault(term.text.lower(), set()).add(term.mode)
    for acronym in ("copd", "2-me", "5-hiaa", "apoe", "ftdp-17"):
        assert "folded" not in modes[acronym]


@pytest.mark.parametrize("domain", ["medical", "legal"])
def test_no_shipped_term_is_damaged(domain: str, packs: Packs) -> None:
    concept = re.compile(r"[A-Za-z][\w.-]*:[^\s:]+\Z")
    damage = re.compile(r"[\x00-\x1f\x7f-\xa0™®\ufffd\ufeff]")
    lost_bits = re.compile(r"[a-z]C[)($'](?=[a-z]{3})")  # an accented letter: GC)lineau
    for terms in packs(domain).values():
        for term in terms:
            assert not damage.search(term.text), term
            assert term.label != "Disease" or not lost_bits.search(term.text), term
            assert term.text.count("(") == term.text.count(")") or domain == "legal", term
            assert term.text == " ".join(term.text.split()), term
            assert not term.concept_id or concept.match(term.concept_id), term


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("nivolumab", "Chemical"),
        ("Opdivo", "Chemical"),
        ("tirzepatide", "Chemical"),
        ("Mounjaro", "Chemical"),
        ("piperacillin-tazobactam", "Chemical"),
        ("angina", "Disease"),
        ("night sweats", "Disease"),
        ("food poisoning", "Disease"),
    ],
)
def test_names_of_everyday_practice_are_known(medical: Gazetteer, text: str, label: str) -> None:
    assert {term.label for term in medical if term.text == text} == {label}


def test_acts_courts_and_agencies_of_three_countries_are_concepts_of_their_own() -> None:
    legal = load_shipped("legal")
    concepts = {term.text: term.concept_id for term in legal}
    for name in (
        "Equality Act 2010",
        "Court of Protection",
        "Competition and Markets Authority",
        "Corporate Transparency Act",
        "Digital Personal Data Protection Act, 2023",
        "Insolvency and Bankruptcy Board of India",
    ):
        assert name in concepts
    assert concepts["Copyright Act of 1976"] == concepts["Copyright Act"].replace("act.in:", "act.us:")
    assert len({concepts[name] for name in ("Copyright Act of 1976", "Patent Act", "Federal Register")}) == 3
    assert len({concepts[name] for name in ("Indian Army", "Indian Air Force", "Indian Navy")}) == 3


def test_a_list_called_like_a_shipped_one_is_ones_own(tmp_path: Path) -> None:
    (tmp_path / "cities.tsv").write_text("term\tlabel\nfield office\tPLACE_KIND\n", encoding="utf-8")
    terms = gather_terms("legal", [tmp_path / "cities.tsv"])
    assert next(term.file for term in terms if term.text == "field office") == "./cities.tsv"
    doc = rule_pipeline(terms, "legal")("Two field offices were closed.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("field offices", "PLACE_KIND")]
    shipped = load_gazetteer("legal/cities")
    assert {term.file for term in shipped} == {"cities.tsv"}
