"""Context flags: sentences with known answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.sources.context import FLAGS, ContextRules, Trigger, read_lists, shipped_lists

RULES = ContextRules.from_texts(shipped_lists())


def _flags(text: str, word: str) -> tuple[str, ...]:
    start = text.index(word)
    return RULES.flags(text, [(start, start + len(word))])[0]


@pytest.mark.parametrize(
    ("text", "word", "flags"),
    [
        ("No chest pain today.", "chest pain", ("negated",)),
        ("Patient denies fever, chills or cough.", "cough", ("negated",)),
        ("Denies fever but has a cough.", "cough", ()),
        ("No fever. Cough is present.", "Cough", ()),
        ("Pulmonary embolism was ruled out.", "Pulmonary embolism", ("negated",)),
        ("No increase in pain.", "pain", ()),
        ("Gram-negative sepsis.", "sepsis", ()),
        ("NO EVIDENCE OF METASTASIS", "METASTASIS", ("negated",)),
        ("no\nevidence of metastasis", "metastasis", ("negated",)),
        ("Cannot rule out pneumonia.", "pneumonia", ("possible",)),
        ("Return if dyspnea worsens.", "dyspnea", ("hypothetical",)),
        ("Pneumonia is suspected.", "Pneumonia", ("possible",)),
        ("h/o afib, on warfarin.", "afib", ("historical",)),
        ("Past medical history: diabetes, hypertension.", "hypertension", ("historical",)),
        ("Past medical history: diabetes.\nHPI: presents with cough.", "cough", ()),
        ("Denies chest pain, h/o afib.", "afib", ("historical",)),
        ("Mother had breast cancer.", "breast cancer", ("family",)),
        ("Mat GM had dementia.", "dementia", ("family",)),
        ("Family history of stroke; patient has migraine.", "migraine", ()),
        ("No family history of colon cancer.", "colon cancer", ("family", "negated")),
        ("Nothing special about a cold.", "cold", ()),
        ("", "", ()),
    ],
)
def test_flags(text: str, word: str, flags: tuple[str, ...]) -> None:
    assert _flags(text, word) == flags


@pytest.mark.parametrize(
    ("text", "flagged", "free"),
    [
        ("If diarrhea occurs stop amoxicillin.", "diarrhea", "amoxicillin"),
        ("In case of hypotension reduce ramipril.", "hypotension", "ramipril"),
        ("Prophylaxis against thrombosis with enoxaparin.", "thrombosis", "enoxaparin"),
        ("To prevent stroke apixaban was started for fibrillation.", "stroke", "apixaban"),
        ("To prevent stroke apixaban was started for fibrillation.", "stroke", "fibrillation"),
        ("To avoid osteoporosis she takes calcium.", "osteoporosis", "calcium"),
        ("No seizures under levetiracetam.", "seizures", "levetiracetam"),
    ],
)
def test_the_drug_given_for_what_is_not_there_is_given(text: str, flagged: str, free: str) -> None:
    spans = [(text.index(word), text.index(word) + len(word)) for word in (flagged, free)]
    first, second = RULES.flags(text, spans)
    assert first
    assert not second


def test_a_scope_is_bounded() -> None:
    far = "no " + "word " * 30 + "pain"
    assert _flags(far, "pain") == ()


def _traps() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for line in Path(__file__).with_name("context_traps.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            _, text, mention, flags = line.split("\t")
            yield text.replace("\\n", "\n"), mention, tuple(flags.split(",")) if flags != "-" else ()


def test_traps_and_their_near_misses() -> None:
    rows = [*_traps()]
    assert len(rows) > 1_000
    wrong = [
        f"{text!r}: {word!r} is {found}, not {flags}"
        for text, word, flags in rows
        if (found := _flags(text, word)) != flags
    ]
    assert not wrong, "\n".join(wrong)


def test_many_triggers_in_one_sentence_are_read_once_each() -> None:
    text = "no fever, " * 400
    spans = [(at, at + 5) for at in range(3, len(text), 10)]
    assert RULES.flags(text, spans) == [("negated",)] * 400


def test_letters_whose_lower_case_is_longer_do_not_shift_offsets() -> None:
    assert _flags("İİİ no fever", "fever") == ("negated",)


def test_every_trigger_is_read_with_its_row() -> None:
    assert {t.flag for t in RULES.triggers} == {*FLAGS, "clause"}
    assert all(t.row and t.file.startswith("context_") for t in RULES.triggers)


def test_the_trigger_behind_a_flag_is_told() -> None:
    (found,) = RULES.explain("Denies fever.", [(7, 12)])
    assert {flag: trigger.phrase for flag, trigger in found.items()} == {"negated": "denies"}


def _folder(tmp_path: Path, family: str) -> Path:
    for flag in (*FLAGS, "clause"):
        (tmp_path / f"context_{flag}.txt").write_text("# list\nbefore\tno\n", encoding="utf-8")
    (tmp_path / "context_family.txt").write_text(family, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("sideways\tno", "expected `kind<TAB>phrase`"),
        ("before\t(a|b", "a bracket is never closed"),
        ("before\ta) b", "a bracket is closed that was never opened"),
        ("before\t{rel} has", "no row defines {rel}"),
        ("before\t" + "(a|b) " * 20, "stands for too many phrases"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, problem: str) -> None:
    folder = _folder(tmp_path, f"# list\n{row}\n")
    with pytest.raises(InputError, match=r"context_family.txt, row 2: .*") as caught:
        ContextRules.from_texts(read_lists(folder), folder)
    assert problem in str(caught.value)


def test_choices_names_and_brackets_in_a_row(tmp_path: Path) -> None:
    rows = "define\trel = aunt|great uncle\nbefore\t{rel} (has|had) (a|)\nafter\t\\( # \\)\n"
    rules = ContextRules.from_texts(read_lists(_folder(tmp_path, rows)))
    assert rules.flags("Great uncle had a stroke", [(18, 24)]) == [("family",)]
    assert rules.flags("stroke (7) or uncle", [(0, 6)]) == [("family",)]
    assert ContextRules([Trigger("no", "negated", "before")]).flags("no pain", [(3, 7)]) == [("negated",)]
    assert ContextRules([]).flags("no pain", [(3, 7)]) == [()]
