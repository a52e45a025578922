"""Variant rules: what they make, what they leave alone, where a variant comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.variants import RULES, expand, variants


def _made(text: str, rule: str, **settings: str) -> list[str]:
    return [v.text for v in variants(Term(text, "X", "X:1", **settings), [rule])]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("inverted", "Cancer, Lung", ["Lung Cancer"]),
        ("inverted", "Anemia, Hemolytic, Autoimmune", ["Autoimmune Hemolytic Anemia"]),
        ("inverted", "Diabetes Mellitus, Type 2", ["Type 2 Diabetes Mellitus", "Diabetes Mellitus Type 2"]),
        ("inverted", "Prostate Cancer, Hereditary, 10", ["Hereditary Prostate Cancer 10"]),
        ("inverted", "urea, phenyl-", []),
        ("inverted", ", 22", []),
        ("inverted", "carbonic acid, disodium salt", []),
        ("inverted", "Response, Compensation and Liability", []),
        ("inverted", "Apple, Inc.", []),
        ("inverted", "pain, not specified", []),
        ("inverted", "1,2-dichloroethane", []),
        ("inverted", "Anemia, Hemolytic (Acquired)", []),
        ("plural", "lung cancer", ["lung cancers"]),
        ("plural", "liver biopsy", ["liver biopsies"]),
        ("plural", "metastasis", ["metastases"]),
        ("plural", "cancer of the lung", ["cancers of the lung"]),
        ("plural", "diabetes", []),
        ("plural", "hepatitis", []),
        ("plural", "hemodialysis", ["hemodialyses"]),
        ("plural", "AIDS", []),
        ("plural", "sunitinib", []),
        ("plural", "hyoscyamine sulfate", []),
        ("plural", "stephanotic acid", []),
        ("plural", "nucleic acid", ["nucleic acids"]),
        ("plural", "osteogenesis imperfecta", []),
        ("plural", "acne vulgaris", []),
        ("plural", "senna leaf", ["senna leaves"]),
        ("plural", "barbiturate", ["barbiturates"]),
        ("singular", "lung cancers", ["lung cancer"]),
        ("singular", "biopsies", ["biopsy"]),
        ("singular", "metastases", ["metastasis"]),
        ("singular", "diseases", ["disease"]),
        ("singular", "masses", ["mass"]),
        ("singular", "abscess", []),
        ("singular", "psoriasis", []),
        ("singular", "typhus", []),
        ("singular", "osteoarthritides", ["osteoarthritis"]),
        ("singular", "vocal cord paralyses", ["vocal cord paralysis"]),
        ("singular", "Headaches", ["Headache"]),
        ("singular", "varices", ["varix"]),
        ("singular", "postpartum sepses", ["postpartum sepsis"]),
        ("singular", "pyranoses", ["pyranose"]),
        ("singular", "zoonoses", ["zoonosis"]),
        ("singular", "doses", ["dose"]),
        ("singular", "kinases", ["kinase"]),
        ("singular", "phosphatases", ["phosphatase"]),
        ("singular", "viruses", ["virus"]),
        ("singular", "prostheses", ["prosthesis"]),
        ("singular", "stippled epiphyses", ["stippled epiphysis"]),
        *(("singular", text, []) for text in ("diabetes", "root caries", "larva migrans", "monocrotophos")),
        *(("singular", text, []) for text in ("codeini phosphas", "trichomonas", "signs and symptoms")),
        ("british", "iron deficiency anemia", ["iron deficiency anaemia"]),
        ("british", "Esophageal tumor", ["Oesophageal tumour"]),
        ("british", "analogue", []),
        ("british", "systemic erythema", []),
        ("british", "ischemic colitis", ["ischaemic colitis"]),
        ("british", "colorectal tumor", ["colorectal tumour"]),
        ("british", "magnetic resonance imaging", []),
        ("british", "chemotherapy", []),
        ("british", "bronchiolitis obliterans", []),
        ("british", "humoral laboratory", []),
        ("british", "Wiedemann syndrome", []),
        ("american", "Tumour of oesophagus", ["Tumor of esophagus"]),
        ("american", "HAEMORRHAGE", ["HEMORRHAGE"]),
        ("american", "diarrhoea", ["diarrhea"]),
        ("american", "defence counsel", ["defense counsel"]),
        ("american", "aspirin", []),
        ("american", "gastroesophageal reflux", []),
        ("american", "gastrooesophageal reflux", ["gastroesophageal reflux"]),
        ("american", "fluoroestradiol", []),
        ("american", "angioedema", []),
        ("american", "lymphoedema", ["lymphedema"]),
        ("american", "facial paralyses", []),
        ("american", "alitretinoin", []),
        ("greek", "alpha-tocopherol", ["α-tocopherol"]),
        ("greek", "β-blocker", ["beta-blocker"]),
        ("greek", "5 µg", []),
        ("greek", "Δ9-THC", ["Delta9-THC"]),
        ("greek", "alphabet", []),
        ("greek", "cranial nerve xi", []),
        ("greek", "PI protocol", []),
        ("possessive", "Crohn's disease", ["Crohn disease", "Crohns disease"]),
        ("possessive", "Crohn’s disease", ["Crohn disease", "Crohns disease"]),
        ("possessive", "5'-nucleotidase", []),
        ("possessive", "Graves' disease", ["Graves disease"]),
        ("possessive", "N Methyl N' nitro", []),
        ("hyphen", "beta-blocker", ["beta blocker", "betablocker"]),
        ("hyphen", "T cell", ["T-cell"]),
        ("hyphen", "Orotic Acid", []),
        ("hyphen", "Feer Disease", []),
        ("hyphen", "amyloid beta-peptide (39-42)", []),
        ("hyphen", "2-amino-6-vinylpurine", []),
        ("hyphen", "SQ 32970", ["SQ-32970", "SQ32970"]),
        ("hyphen", "anti-inflammatory", ["anti inflammatory", "antiinflammatory"]),
        ("hyphen", "beta-carotene", ["beta carotene"]),
        ("hyphen", "non-small-cell lung cancer", ["non small cell lung cancer"]),
        (
            "hyphen",
            "asthma/COPD overlap",
            ["asthma COPD overlap", "asthma-COPD overlap", "asthma / COPD overlap"],
        ),
        ("roman", "factor VIII deficiency", ["factor 8 deficiency"]),
        ("roman", "type 2 diabetes", ["type II diabetes"]),
        ("roman", "sclerosis type 10", []),
        ("roman", "fibroblast growth factor 2", []),
        ("roman", "World War II", []),
        ("roman", "Copper II", ["Copper 2"]),
        ("roman", "vitamin C", []),
        ("of-the", "cancer of the lung", ["cancer of lung", "lung cancer"]),
        ("of-the", "Bank of the West", ["Bank of West"]),
        ("of-the", "cancer of lung", ["cancer of the lung", "lung cancer"]),
        (
            "of-the",
            "malignant neoplasm of urinary bladder",
            [
                "malignant neoplasm of the urinary bladder",
                "malignant urinary bladder neoplasm",
            ],
        ),
        ("of-the", "atrophy of infancy", []),
        ("of-the", "Crohn's disease of colon", ["Crohn's disease of the colon"]),
        ("of-the", "lung cancer", []),
    ],
)
def test_each_rule(rule: str, text: str, expected: list[str]) -> None:
    assert _made(text, rule) == expected


def test_proper_names_have_no_plural_and_one_order() -> None:
    for text, label in (
        ("Simi Valley", "GPE"),
        ("Trade Unions Act, 1926", "STATUTE"),
        ("Tax Courts", "COURT"),
    ):
        assert list(variants(Term(text, label))) == []


def test_a_variant_knows_its_parent_and_rule() -> None:
    term = Term("Cancer, Lung", "Disease", "MESH:D1", "preferred", "MeSH", "folded", "desc.xml", 7)
    (variant,) = variants(term, ["inverted"])
    assert variant == Term(
        "Lung Cancer",
        "Disease",
        "MESH:D1",
        "variant",
        "MeSH",
        "folded",
        "desc.xml",
        7,
        "Cancer, Lung",
        "inverted",
    )
    assert list(variants(variant)) == []


def test_acronyms_get_no_variant_that_makes_a_word() -> None:
    assert [v.text for v in variants(Term("CATs", "X", mode="case"))] == []
    made = {v.text: v.mode for v in variants(Term("TNFα", "X", mode="case"))}
    assert made == {"TNFalpha": "case", "TNF-alpha": "case"}


@given(st.text(st.sampled_from("ab c-()[]/,'sα2IV."), min_size=1, max_size=25))
def test_parentheses_are_never_taken_off(text: str) -> None:
    if not any(map(str.isalnum, text)):
        return
    for variant in variants(Term(text, "X")):
        for bracket in "()[]":
            assert variant.text.count(bracket) == text.count(bracket)


@given(
    st.text(st.one_of(st.characters(), st.sampled_from("typeſ İıKsulphμµ")), min_size=1),
    st.sampled_from(sorted(RULES)),
)
def test_rules_accept_any_text_and_never_repeat_it(text: str, rule: str) -> None:
    if any(map(str.isalnum, text)):
        assert all(
            variant.text.casefold() != text.casefold() for variant in variants(Term(text, "X"), [rule])
        )


def test_expand_leaves_known_texts_to_their_terms() -> None:
    gazetteer = Gazetteer(
        (
            Term("Cancer, Lung", "Disease", "D:1"),
            Term("lung cancer", "Disease", "D:2"),
            Term("tumour", "Disease"),
        )
    )
    expansion = expand(gazetteer, ["inverted", "american", "plural"])
    assert [(t.text, t.rule) for t in expansion.gazetteer][3:] == [
        ("Lung Cancers", "plural"),
        ("tumor", "american"),
        ("tumours", "plural"),
    ]
    assert expansion.known == {"inverted": 1, "plural": 1}
    assert expansion.made == {"plural": 2, "american": 1}


def test_unknown_rule() -> None:
    with pytest.raises(InputError, match=r"unknown variant rule 'magic'.*inverted"):
        expand(Gazetteer(), ["magic"])
