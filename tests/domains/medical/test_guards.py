"""What is no chemical or disease, although a list or rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from spacy.language import Language

from hybrid_ner.domains.medical.base import is_clinical, is_note, talks_of_genes
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer, Term

CHEMICALS = (
    "estrogen",
    "androgen",
    "zinc",
    "escherichia coli",
    "dopamine",
    "angiotensin",
    "dexamethasone",
    "bisoprolol",
    "creatinine",
    "oxygen",
)
DISEASES = (
    "tumor",
    "necrosis",
    "tuberculosis",
    "leukemia",
    "candida infection",
    "neck pain",
    "heart failure",
    "diabetes",
    "type 2 diabetes",
    "generalized anxiety disorder",
    "hypertension",
)
TERMS = Gazetteer(
    (
        *(Term(c, "Chemical", file="mesh_chemicals.tsv.gz") for c in CHEMICALS),
        *(Term(d, "Disease", file="doid.tsv.gz") for d in DISEASES),
        *(Term(d, "Disease", mode="case", file="doid.tsv.gz") for d in ("OGD", "DVT")),
    ),
    name="terms",
)


@cache
def _nlp() -> Language:
    return rule_pipeline(TERMS, "medical")


GENES = (
    "The promoter binds a transcription factor; gene expression in monocytes and cell lines was measured. "
)


def _found(text: str, words: Sequence[str] = (*CHEMICALS, *DISEASES)) -> list[str]:
    return [ent.text.lower() for ent in _nlp()(text).ents if ent.text.lower() in words]


@pytest.mark.parametrize(
    "text",
    [
        "Cultures grew Escherichia coli.",
        "Leukemia inhibitory factor maintains stem cells; myeloid cell leukemia 1 is a protein.",
        "Retinoblastoma-binding protein 4 and tumor protein p53 were found.",
        "DU-145 cells were cultured; DU145 as well.",
        "Levels of tumor necrosis factor rose.",
        "A zinc finger was found.",
        "She took an angiotensin-converting enzyme inhibitor.",
        "Isolates of Mycobacterium tuberculosis.",
        "RPMI 8402 cells and PLB-985 cells",
        "Estrogen receptor status was noted, and estrogen/androgen receptors.",
        "Residues of 900 amino acids",
    ],
)
def test_names_that_are_no_mention_in_any_text(text: str) -> None:
    assert [ent.text for ent in _nlp()(text).ents] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The estrogen receptor was cloned.", []),
        ("The estrogen, androgen and glucocorticoid receptors differ.", []),
        ("The dexamethasone-resistant CEM clones grew.", []),
        ("A Ca(2+)-activated K+ channel opened.", []),
        ("An ecdysone-inducible insect factor was bound.", []),
        ("The disulfide bridges were reduced.", []),
        ("The 1,25-dihydroxyvitamin D3 [1,25(OH)2D3]receptor was bound.", []),
        ("The leukemia (HL60) cells grew.", []),
        ("The leukemia (stage I) was treated.", ["leukemia"]),
        ("The hepatitis B virus genome was cloned.", []),
        ("The estrogen was given.", ["estrogen"]),
        ("The dexamethasone-treated cells grew.", ["dexamethasone"]),
        ("A dopamine receptor antagonist was given.", ["dopamine"]),
        ("A zinc-rich region was found.", []),
        ("The leukemia cell line grew.", []),
        ("The leukemia cell line of patients grew.", ["leukemia"]),
        ("The leukemia virus was cloned.", []),
    ],
)
def test_parts_of_names_of_genes_and_cells(text: str, found: list[str]) -> None:
    assert talks_of_genes(GENES + text)
    assert _found(GENES + text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An estrogen receptor antagonist was given.", ["estrogen"]),
        ("Dopamine receptors were blocked.", ["dopamine"]),
        ("Leukemia virus was found.", ["leukemia"]),
        ("Drosophila dopamine was measured.", ["dopamine"]),
        ("A candida infection was treated.", ["candida infection"]),
        ("Tuberculosis was treated.", ["tuberculosis"]),
    ],
)
def test_what_the_guards_must_leave_alone(text: str, found: list[str]) -> None:
    assert _found(text) == found


def test_an_own_term_named_like_a_protein_stands() -> None:
    own = rule_pipeline(Gazetteer((Term("lymphokine", "Chemical", file="mine.csv"),)), "medical")
    assert [ent.text for ent in own(f"{GENES}A lymphokine was added.").ents] == ["lymphokine"]


def test_body_sites_are_joined_by_a_comma_only_before_a_conjunction() -> None:
    assert [e.text for e in _nlp()("He had throat, neck pain.").ents] == ["neck pain"]
    assert "breast, lung and ovarian cancer" in [
        e.text for e in _nlp()("No breast, lung and ovarian cancer.").ents
    ]


def test_ions_with_their_charge() -> None:
    text = "Ca2+, Mg2+ and K+ were added to Tris-HCl with SDS; 4Ca2+"
    assert [ent.text for ent in _nlp()(text).ents] == ["Ca2+", "Mg2+", "K+", "Tris-HCl", "SDS"]


NOTE = (
    "65-year-old man admitted with fever. PMH: HTN, s/p CABG.\n"
    "Denies chest pain. BP 120/80 mm Hg, afebrile.\n"
    "The patient was started on antibiotics in the ICU. "
)
REPORT = (
    "A 65-year-old man was admitted to the emergency department with a three-day history of fever and "
    "productive cough. The patient was treated with antibiotics in the intensive care unit, and his blood "
    "pressure was 120/80 mm Hg. Physical examination was unremarkable, and a computed tomography "
    "scan of the abdomen that was performed on the same day did not show anything of note in his liver. "
)


@pytest.mark.parametrize(
    ("text", "in_note", "in_report"),
    [
        ("CT showed a mass.", ["mass"], ["mass"]),
        ("CT showed wall thickening.", [], ["wall thickening"]),
        ("He has a breast lump.", ["breast lump"], ["lump"]),
        ("He got beta-blockers and IVIG.", ["beta-blockers", "IVIG"], ["beta-blockers", "IVIG"]),
        ("He was drowsy, on no medication.", [], ["drowsy", "medication"]),
        ("Serum creatinine was 1.2 mg/dL.", ["creatinine"], []),
        ("Zinc level was low.", ["Zinc"], []),
        ("Oxygen saturation fell.", [], []),
        ("Zinc was given.", ["Zinc"], ["Zinc"]),
        ("He took zinc/dexamethasone.", ["zinc/dexamethasone"], ["zinc/dexamethasone"]),
        ("He had liver lesions.", ["liver lesions"], ["lesions"]),
        ("He had ankle swelling.", ["ankle swelling"], ["swelling"]),
    ],
)
def test_notes_and_case_reports_speak_their_own_way(
    text: str, in_note: list[str], in_report: list[str]
) -> None:
    for opening, found in ((NOTE, in_note), (REPORT, in_report)):
        assert is_clinical(opening + text)
        assert is_note(opening + text) is (opening is NOTE)
        ents = [ent.text for ent in _nlp()(opening + text).ents if ent.start_char >= len(opening)]
        assert ents == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FHx: father MI age 58. ?PE, no LOC.", ["MI", "PE", "LOC"]),
        ("PE: lungs clear. SpO2 97% RA, 500 MG given.", []),
        ("Labs: K 5.1, Na: 133, PO4 0.6, Ca 125 normal.", ["K", "Na", "PO4"]),
        ("Given abx and vanco, 1 g TDS.", ["abx", "vanco"]),
        ("On macrolide\n- bisoprolol 2.5 mg.", ["macrolide", "bisoprolol"]),
        ("Probable T3 N1 disease. Throat NAD.", []),
        ("Known heart failure, type 2 diabetes.", ["heart failure", "type 2 diabetes"]),
        ("Localised and generalised anxiety disorder.", ["generalised anxiety disorder"]),
        ("System: cardiac\nHypertension noted.", ["Hypertension"]),
        ("Known DVT 2018, for OGD.", ["DVT"]),
        ("Found a bleeding tumor, then bleeding stopped.", ["tumor", "bleeding"]),
    ],
)
def test_short_forms_and_doses_of_notes(text: str, found: list[str]) -> None:
    ents = [ent.text for ent in _nlp()(NOTE + text).ents if ent.start_char >= len(NOTE)]
    assert ents == found


def test_short_forms_of_notes_are_nothing_elsewhere() -> None:
    assert not _nlp()("We compared MI, PE and LOC of two designs in 12 schools.").ents


def test_an_abstract_about_a_case_is_no_note() -> None:
    abstract = (
        "Fever after drug use. We report a 60-year-old man who presented with fever and was discharged."
    )
    assert not is_clinical(abstract)
    assert [ent.text for ent in _nlp()(f"{abstract} A mass was seen.").ents if ent.text == "mass"] == []


def test_a_long_text_is_judged_by_its_pages() -> None:
    filler = "Prices rose and trade was brisk in every market of the land. " * 400
    assert is_clinical(NOTE)
    assert not is_clinical(filler + NOTE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "ED NOTE: 24F c/o RLQ pain, T 38.4. Abd: rebound tenderness, guarding. CT: appendicitis. WBC 16.",
            {"rebound tenderness", "guarding", "appendicitis"},
        ),
        (
            "PSYCHIATRY PROGRESS NOTE\nMs. K denies SI. Hx of trauma. MSE: flat affect. A/P: start prazosin "
            "qHS for nightmares. Her father was admitted for mania.",
            {"flat affect", "nightmares"},
        ),
        (
            "NURSING NOTE 0700-1900\nPt A&O x3, afebrile, denies cough. SpO2 95%. Skin tear to arm. "
            "Family at bedside. Hx of falls. BP 120/80 mm Hg.",
            {"Skin tear"},
        ),
    ],
)
def test_notes_of_a_few_lines_are_notes(text: str, found: set[str]) -> None:
    assert is_clinical(text)
    assert found <= {ent.text for ent in _nlp()(text).ents}


def test_allergies_before_a_colon_are_a_heading() -> None:
    nlp = rule_pipeline(Gazetteer.of([Term("allergies", "Disease")]), "medical")
    assert not nlp("Allergies: none.").ents
    assert [ent.text for ent in nlp("Allergies were common.").ents] == ["Allergies"]
