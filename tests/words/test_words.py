"""Word vectors on made-up text: build, look up, join, keep in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.words import (
    BuildSettings,
    WordVectors,
    build_words,
    join,
    load_words,
    read_words,
    word_form,
    word_forms,
    write_words,
)
from tests.training.test_expand import DRUGS, PLACES, TEXTS

SETTINGS = BuildSettings(dimensions=20, min_count=1, classes=(2, 10))


@pytest.fixture(scope="module")
def words() -> WordVectors:
    return build_words(TEXTS, SETTINGS, "made up")


def test_forms_are_folded_and_numbers_told_by_their_length() -> None:
    assert word_forms("Élan of IL-6, 12 mg in 2012 (p53)") == [
        *("elan", "of", "il", "-", "0", ",", "00", "mg", "in", "0000", "(", "p53", ")")
    ]
    assert word_form("1234567") == word_form("76543")


def test_vectors_tell_kinds_of_words_apart(words: WordVectors) -> None:
    drugs, places = words.vectors(DRUGS), words.vectors(PLACES)
    assert np.allclose(np.linalg.norm(drugs, axis=1), 1, atol=0.02)
    assert (drugs @ drugs.T).mean() > (drugs @ places.T).mean() + 0.2
    near = [word for word, _ in words.neighbours(DRUGS[0], 5)]
    assert DRUGS[0] not in near
    assert set(near) <= set(DRUGS)


def test_classes_hold_one_kind_of_word(words: WordVectors) -> None:
    found = words.classes_of([*DRUGS, *PLACES])
    assert sorted(found) == [2, 10]
    assert set(found[10][:80].tolist()).isdisjoint(found[10][80:].tolist())
    number = int(found[10][0])
    assert DRUGS[0] in words.members(10, number)


def test_plural_hyphen_and_case_are_found(words: WordVectors) -> None:
    row = words.row(DRUGS[0])
    assert row is not None
    assert words.row(f"{DRUGS[0].upper()}s") == words.row(f"pre-{DRUGS[0]}") == row
    assert words.row("Visitor") == words.row("visitors")
    assert f"{DRUGS[0]}s" in words


def test_a_new_word_is_judged_by_its_letters_when_wanted(words: WordVectors) -> None:
    new = "zarzaridine"
    assert words.row(new) is None
    guess = words.vectors([new])
    assert (guess @ words.vectors(DRUGS).T).mean() > (guess @ words.vectors(PLACES).T).mean() + 0.2
    assert not words.vectors([new], guess=False).any()
    assert words.classes_of([new])[2] == words.classes_of([DRUGS[0]])[2]


def test_without_letters_a_new_word_is_of_no_class() -> None:
    plain = build_words(TEXTS, replace(SETTINGS, subwords=False))
    assert plain.classes_of(["zarzaridine", DRUGS[0]])[2].tolist()[0] == -1
    assert not plain.vectors(["zarzaridine"]).any()
    assert plain.neighbours("zarzaridine") == []


@pytest.mark.parametrize("texts", [[], [""], ["..."], ["one"]])
def test_text_without_contexts_gives_vectors_of_nothing(texts: list[str]) -> None:
    made = build_words(texts, SETTINGS)
    assert not made.vectors(["one"]).any()
    assert made.classes_of(["one"]) == {}


def test_documents_are_counted_once_each(words: WordVectors) -> None:
    assert (words.texts, words.documents_of("Patients"), words.documents_of("absent")) == (160, 80, 0)


def test_the_same_text_gives_the_same_file(words: WordVectors, tmp_path: Path) -> None:
    write_words(words, tmp_path / "a.words")
    write_words(build_words(TEXTS, SETTINGS, "made up"), tmp_path / "b.words")
    assert (tmp_path / "a.words").read_bytes() == (tmp_path / "b.words").read_bytes()


def test_a_file_gives_back_what_was_written(words: WordVectors, tmp_path: Path) -> None:
    path = tmp_path / "own.words"
    write_words(words, path)
    again = load_words(path)
    assert again.fingerprint == words.fingerprint
    assert (again.words, again.name, again.texts) == (words.words, words.name, words.texts)
    assert np.array_equal(again.codes, words.codes)
    assert again.about == words.about
    assert again.neighbours(DRUGS[3]) == words.neighbours(DRUGS[3])


def _cut(content: bytes) -> bytes:
    return content[:-10]


def _flipped(content: bytes) -> bytes:
    return content[:-10] + bytes([content[-10] ^ 1]) + content[-9:]


def _foreign(content: bytes) -> bytes:
    return b"PK" + content


def _no_header(content: bytes) -> bytes:
    return content[:40]


@pytest.mark.parametrize("damage", [_cut, _flipped, _foreign, _no_header])
def test_a_damaged_file_is_named(words: WordVectors, tmp_path: Path, damage: object) -> None:
    path = tmp_path / "own.words"
    write_words(words, path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(InputError, match=r"own\.words.*hybrid-ner words build"):
        read_words(path)


def test_joining_keeps_space_and_classes_and_adds_own_words(words: WordVectors) -> None:
    own_texts = [
        text.replace(drug, f"{drug}ex")
        for text, drug in zip(TEXTS[::2], DRUGS, strict=True)
        for _ in range(30)
    ]
    own = build_words([*own_texts, *TEXTS[1::2]], replace(SETTINGS, subwords=False))
    joined = join(words, own)
    new = f"{DRUGS[0]}ex"
    assert words.row(new) is None
    assert new in joined
    assert joined.classes_of([new])[2] == words.classes_of([DRUGS[0]])[2]
    assert joined.neighbours(new, 5)[0][0] in {*DRUGS, *(f"{d}ex" for d in DRUGS)}
    assert joined.documents_of("patients") == words.documents_of("patients") + own.documents_of("patients")
    assert np.array_equal(joined.classes[10][: len(words)], words.classes[10])
    assert joined.fingerprint != words.fingerprint


def test_little_text_of_ones_own_changes_little(words: WordVectors) -> None:
    own = build_words(TEXTS[:4], SETTINGS)
    joined = join(words, own)
    both = (words.vectors(words.words) * joined.vectors(words.words)).sum(axis=1)
    assert both.min() > 0.9


def test_joining_with_nothing_changes_nothing(words: WordVectors) -> None:
    joined = join(words, build_words([], SETTINGS))
    assert joined.words == words.words
    assert np.allclose(joined.unit(), words.unit(), atol=0.02)


def test_unknown_words_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"'medicine'.*medical or legal"):
        load_words("medicine")
