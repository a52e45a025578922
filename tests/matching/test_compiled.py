from __future__ import annotations

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from errno import ENOMEM
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hybrid_ner.errors import CompiledFileError, told
from hybrid_ner.matching import GazetteerMatcher, read_terms
from hybrid_ner.matching.compiled import _FOLD, Compiled, load_gazetteer, write_arrays
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text import fold_char

TERMS = (
    Term("Myocardial infarction", "Disease", "D:1", source="mesh", file="d.tsv", row=3),
    Term("MI", "Disease", "D:1", status="abbreviation", mode="case"),
    Term("infarkt \ud800 é", "Disease"),
    Term("tumours", "Disease", "D:2", status="variant", parent="tumor", rule="British plural"),
    Term("GENE", "Gene", mode="defined"),
)
SOURCE = Gazetteer(TERMS, {"D:1": ("D:0",)}, "small")
TEXT = "An MI, a myocardial infarction; mi, tumours, GENE."


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    path = tmp_path / "small.gaz"
    GazetteerMatcher(SOURCE).save(path)
    return path


def test_a_loaded_matcher_equals_the_one_it_was_saved_from(compiled: Path) -> None:
    loaded = GazetteerMatcher.load(compiled, fingerprint=SOURCE.fingerprint)
    for engine in ("automaton", "hash"):
        assert loaded.match(TEXT) == GazetteerMatcher(SOURCE, engine=engine).match(TEXT)
    assert loaded.lookup("GENE", include_defined=True) is not None
    assert loaded.gazetteer.terms == TERMS
    assert loaded.gazetteer.parents == SOURCE.parents
    assert loaded.gazetteer.name == "small"


def test_a_loaded_matcher_can_be_saved_again(compiled: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.gaz"
    GazetteerMatcher.load(compiled).save(again)
    assert again.read_bytes() == compiled.read_bytes()


def test_a_file_of_a_python_with_another_unicode_is_indexed_anew(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid_ner.matching.compiled.unicodedata", SimpleNamespace(unidata_version="1.0"))
    opened = read_terms(compiled)
    assert (opened, opened.fingerprint) == (SOURCE, SOURCE.fingerprint)
    assert read_terms(compiled, [opened]) is opened
    loaded = GazetteerMatcher.load(compiled, fingerprint=SOURCE.fingerprint)
    assert loaded.match(TEXT) == GazetteerMatcher(SOURCE).match(TEXT)
    monkeypatch.setattr("hybrid_ner.matching.compiled._FOLD", 99)
    with pytest.raises(
        CompiledFileError, match=r"holds 'gazetteer' under '\d+, .*expected .*'99, Unicode 1\.0'"
    ):
        load_gazetteer(compiled)


def test_whoever_changes_folding_raises_its_number() -> None:
    """Of the characters of Unicode 3.2, which fold the same whatever Python's own Unicode is."""
    old = (c for c in map(chr, range(0x20000)) if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs", "Co"))
    folded = sha256("\n".join(map(fold_char, old)).encode()).hexdigest()
    assert (_FOLD, folded[:12]) == (4, "359732ec031c"), (
        "raise _FOLD: what older files hold is folded otherwise"
    )


def test_terms_are_read_one_at_a_time(compiled: Path) -> None:
    terms = load_gazetteer(compiled).terms
    assert len(terms) == len(TERMS)
    assert terms[3] == TERMS[3]
    assert terms[1:3] == TERMS[1:3]


def test_a_changed_source_is_refused(compiled: Path) -> None:
    changed = Gazetteer((*TERMS[:-1], replace(TERMS[-1], mode="case")))
    with pytest.raises(CompiledFileError, match="the source is now"):
        GazetteerMatcher.load(compiled, fingerprint=changed.fingerprint)


def test_a_source_in_another_order_is_refused_where_order_decides_a_label(tmp_path: Path) -> None:
    iron, other, far = Term("iron", "Element"), Term("Íron", "Metal"), Term("zinc", "Metal")
    path = tmp_path / "iron.gaz"
    GazetteerMatcher(Gazetteer((iron, other, far))).save(path)
    moved, turned = Gazetteer((far, iron, other)), Gazetteer((other, iron, far))
    labels = [GazetteerMatcher(g).match("IRON")[0].label for g in (moved, turned)]
    assert labels == ["Element", "Metal"]
    assert GazetteerMatcher.load(path, fingerprint=moved.fingerprint).match("IRON")[0].label == "Element"
    with pytest.raises(CompiledFileError, match="the source is now"):
        GazetteerMatcher.load(path, fingerprint=turned.fingerprint)


def test_every_truncation_is_refused(compiled: Path, tmp_path: Path) -> None:
    content = compiled.read_bytes()
    cut = tmp_path / "cut.gaz"
    for size in {*range(0, 64), *range(64, len(content), 97), len(content) - 1}:
        cut.write_bytes(content[:size])
        with pytest.raises(CompiledFileError):
            GazetteerMatcher.load(cut)
        with pytest.raises(CompiledFileError):
            GazetteerMatcher.load(cut, verify=False)


def test_every_flipped_byte_is_refused(compiled: Path, tmp_path: Path) -> None:
    content = compiled.read_bytes()
    bad = tmp_path / "bad.gaz"
    header = 56 + int.from_bytes(content[16:24], "little")
    for place in [*range(0, header, 7), *range(-(-header // 64) * 64, len(content), 61)]:
        bad.write_bytes(content[:place] + bytes([content[place] ^ 0x40]) + content[place + 1 :])
        with pytest.raises(CompiledFileError, match=r"bad\.gaz"):
            GazetteerMatcher.load(bad)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"term\tlabel\n" * 20, b"HybridNERarrays2" + b"\xff" * 40]
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.gaz"
    path.write_bytes(content)
    with pytest.raises(CompiledFileError, match=r"foreign\.gaz"):
        GazetteerMatcher.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompiledFileError, match="none"):
        GazetteerMatcher.load(tmp_path / "none")


def test_arrays_of_another_kind_or_fold_are_refused(tmp_path: Path, compiled: Path) -> None:
    other = tmp_path / "other.gaz"
    write_arrays(other, {"a": np.arange(3, dtype=np.int32)}, {"kind": "words"})
    with pytest.raises(CompiledFileError, match="expected 'gazetteer'"):
        GazetteerMatcher.load(other)


def test_arrays_outside_the_file_or_of_objects_are_refused(compiled: Path, tmp_path: Path) -> None:
    content = compiled.read_bytes()
    length = int.from_bytes(content[16:24], "little")
    header = json.loads(content[56 : 56 + length])
    for damage in (["object", [1], 0], ["int32", [1 << 40], 0], ["int32", [1], 1 << 40]):
        arrays = {**header["arrays"], "terms.row": damage}
        text = json.dumps({**header, "arrays": arrays}).encode()
        head = content[:16] + len(text).to_bytes(8, "little") + sha256(text).digest() + text
        bad = tmp_path / "bad.gaz"
        bad.write_bytes(head.ljust(-(-len(head) // 64) * 64, b"\0") + content[-header["size"] :])
        with pytest.raises(CompiledFileError, match=r"bad\.gaz"):
            GazetteerMatcher.load(bad)


def test_saving_leaves_no_temporary_file(compiled: Path) -> None:
    assert [path.name for path in compiled.parent.iterdir()] == ["small.gaz"]


def test_tables_that_point_outside_each_other_are_refused(compiled: Path) -> None:
    phrases = load_gazetteer(compiled).phrases
    assert phrases.is_sound()
    assert not replace(phrases, roots=phrases.roots + 100).is_sound()
    assert not replace(phrases, letters=phrases.letters[:-1]).is_sound()
    Compiled(SOURCE, replace(phrases, edge_nodes=phrases.edge_nodes - 1)).save(compiled)
    with pytest.raises(CompiledFileError, match="contradict"):
        GazetteerMatcher.load(compiled)


def test_a_file_replaced_while_it_is_mapped_leaves_the_mapping_as_it_was(compiled: Path) -> None:
    old = GazetteerMatcher.load(compiled)
    before = old.match(TEXT)
    GazetteerMatcher(Gazetteer((Term("nothing", "X"),))).save(compiled)
    assert old.match(TEXT) == before
    assert GazetteerMatcher.load(compiled).match("nothing")[0].label == "X"


def test_several_threads_may_compile_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "one.gaz"
    matcher = GazetteerMatcher(SOURCE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: matcher.save(path), range(24)))
    assert GazetteerMatcher.load(path).match(TEXT) == matcher.match(TEXT)
    assert [found.name for found in tmp_path.iterdir()] == ["one.gaz"]


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("a file")
    with pytest.raises(OSError, match="none"):
        GazetteerMatcher(SOURCE).save(tmp_path / "none" / "a.gaz")


def test_a_file_without_stems_is_indexed_anew(tmp_path: Path) -> None:
    terms = Gazetteer.of([Term("lung biopsy", "X")])
    _ = terms.surfaces
    saved = GazetteerMatcher(terms).compiled()
    file = tmp_path / "old.gaz"
    arrays, said = saved._content(whole=True)
    write_arrays(file, {name: array for name, array in arrays.items() if name != "stems"}, said)
    opened = load_gazetteer(file)
    assert "surfaces" not in vars(opened)
    assert opened.surfaces.row("lung biopsy") == 0


def test_want_of_memory_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(np, "memmap", no_room)
    with pytest.raises(OSError, match="Cannot allocate memory") as raised:
        GazetteerMatcher.load(tmp_path / "terms.gaz")
    assert told(raised.value) == "Cannot allocate memory. Let the process have more memory (ulimit -v)."
