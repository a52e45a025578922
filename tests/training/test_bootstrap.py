"""The main job on a small corpus: label, train, fuse, save, open in another process."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.cli import package
from spacy.tokens import DocBin

from hybrid_ner.corpus import Corpus, Document, Entity
from hybrid_ner.errors import CorpusError, InputError, ModelError
from hybrid_ner.evaluation.compare import three_way
from hybrid_ner.pipeline import alone, work_folder
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.bootstrap import BootstrapSettings, bootstrap
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import load_pipeline, predict
from hybrid_ner.training.recipe import train_on_documents
from hybrid_ner.training.retrain import RetrainSettings, retrain
from hybrid_ner.training.update import update_learner
from tests.fresh import fresh

TERMS = Gazetteer.of(
    [
        Term("aspirin", "Chemical", "MESH:D001241", file="drugs.csv", row=2),
        Term("ibuprofen", "Chemical"),
        Term("headache", "Disease"),
        Term("myocardial infarction", "Disease", "MESH:D009203"),
    ]
)
TEXTS = [
    "Aspirin relieves headache in most patients.",
    "She took ibuprofen and her headache went away.",
    "Myocardial infarction (MI) was ruled out; MI is rare after aspirin.",
    "Nothing of note was seen.",
    "",
]
SETTINGS = BootstrapSettings("generic", overrides={"training.max_epochs": 2})


def corpus(*extra: str) -> Corpus:
    return Corpus.of(Document(f"d{n}", text) for n, text in enumerate([*TEXTS * 6, *extra]))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bootstrap") / "model"
    bootstrap(TERMS, corpus(), folder, SETTINGS)
    return folder


def _copied(model: Path, folder: Path) -> None:
    shutil.copytree(model, folder)
    shutil.copytree(work_folder(model), work_folder(folder))


def test_pipeline_holds_rules_model_and_fusion(model: Path) -> None:
    nlp = load_pipeline(model)
    assert nlp.pipe_names == ["gazetteer", "abbreviations", "ner", "entity_fusion"]
    assert nlp.config["hybrid"]["gazetteer_fingerprint"] == TERMS.fingerprint
    doc = nlp(TEXTS[2])
    assert ("MI", "Disease", "abbreviations") in [
        (s.text, s.label_, o)
        for s, o in zip(doc.spans["rule"], doc.spans["rule"].attrs["sources"], strict=True)
    ]


def test_evidence_survives_saving(model: Path) -> None:
    doc = load_pipeline(model)(TEXTS[0])
    evidence = doc.spans["gazetteer"].attrs["evidence"]["0:7:Chemical"]
    assert (evidence["file"], evidence["row"], evidence["reference"]) == ("drugs.csv", 2, "aspirin")


def test_saved_pipeline_opens_with_spacy_alone(model: Path) -> None:
    code = f"import spacy; print([e.text for e in spacy.load({str(model)!r})({TEXTS[1]!r}).ents])"
    assert "ibuprofen" in fresh("-c", code).stdout


def test_weak_labels_are_docbins_with_a_manifest(model: Path) -> None:
    part = work_folder(model) / "labels" / "corpus-00000.spacy"
    docs = list(DocBin().from_disk(part).get_docs(blank().vocab))
    record = json.loads(part.with_suffix(".json").read_text(encoding="utf-8"))
    assert len(docs) == record["result"]["documents"] == len(TEXTS) * 6
    assert all(doc.has_annotation("ENT_IOB") for doc in docs if len(doc))
    assert sum(len(doc.ents) for doc in docs) == record["result"]["entities"]


def test_second_run_repeats_nothing(model: Path) -> None:
    again = bootstrap(TERMS, corpus(), model, SETTINGS)
    assert all(again.steps[name]["reused"] for name in ("data", "train", "assemble"))


def test_pipeline_that_another_command_replaced_is_put_back(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    _copied(model, folder)
    config = folder / "config.cfg"
    ours = config.read_text(encoding="utf-8")
    config.write_bytes((work_folder(folder) / "student" / "model-last" / "config.cfg").read_bytes())
    again = bootstrap(TERMS, corpus(), folder, SETTINGS)
    assert (again.steps["train"]["reused"], again.steps["assemble"]["reused"]) == (True, False)
    assert config.read_text(encoding="utf-8") == ours


def test_changed_text_is_told_apart_from_kept_parts(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    _copied(model, folder)
    steps = bootstrap(TERMS, corpus("Aspirin again."), folder, SETTINGS).steps
    assert (steps["label"]["parts"], steps["label"]["reused"], steps["label"]["changed"]) == (1, 0, 1)
    assert (steps["train"]["changed"], steps["assemble"]["changed"]) == (True, False)


def test_model_holds_no_text_of_its_documents(tmp_path: Path) -> None:
    model, words = tmp_path / "model", "Mrs Johannsen of Quickborn took ibuprofen against her headache."
    bootstrap(TERMS, corpus(words), model, SETTINGS)
    (tmp_path / "wheels").mkdir()
    package(model, tmp_path / "wheels", create_sdist=False, create_wheel=False, silent=True)
    in_model, in_package = _content(model), _content(tmp_path / "wheels")
    in_work = _content(work_folder(model))
    assert len(in_package) > len(in_model)
    for secret in (b"relieves", b"Johannsen", b"Quickborn", b"Nothing of note"):
        assert secret in in_work
        assert secret not in in_model
        assert secret not in in_package
    before = [(ent.text, ent.label_) for ent in load_pipeline(model)(words).ents]
    assert ("ibuprofen", "Chemical") in before


def _content(folder: Path) -> bytes:
    """Every file of a folder, unpacked where it is packed."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found.append(gzip.decompress(data) if path.suffix == ".gz" else data)
        if path.suffix == ".spacy":
            docs = DocBin().from_bytes(data).get_docs(blank().vocab)
            found += [doc.text.encode() for doc in docs]
    return b"\n".join(found)


def test_unknown_setting_is_refused_before_the_labeling(tmp_path: Path) -> None:
    settings = BootstrapSettings("generic", overrides={"training.max_epoch": 2})
    with pytest.raises(InputError, match=r"Did you mean training\.max_epochs"):
        bootstrap(TERMS, corpus(), tmp_path / "model", settings)
    assert not (tmp_path / "model").exists()


def test_gold_in_the_corpus_changes_nothing(tmp_path: Path, model: Path) -> None:
    lie = (Entity(0, 4, "Chemical"),)
    documents = [Document(d.doc_id, d.text, lie if len(d.text) > 4 else ()) for d in corpus()]
    bootstrap(TERMS, Corpus.of(documents), tmp_path / "m", SETTINGS)
    first, second = (json.loads((work_folder(m) / "data.json").read_text()) for m in (model, tmp_path / "m"))
    assert first["inputs"] == second["inputs"]


def test_prediction_of_each_system(model: Path) -> None:
    nlp = load_pipeline(model)
    documents = [Document("a", TEXTS[0]), Document("b", "")]
    rule, empty = predict(nlp, documents, "rule")
    assert [(e.start, e.end, e.label, e.concept_id) for e in rule.entities or ()] == [
        (0, 7, "Chemical", "MESH:D001241"),
        (17, 25, "Disease", ""),
    ]
    assert empty.entities == ()


def test_three_way_needs_gold(model: Path) -> None:
    nlp = load_pipeline(model)
    assert three_way(nlp, corpus()) is None
    gold = [Document("a", TEXTS[0], (Entity(0, 7, "Chemical"), Entity(17, 25, "Disease")))]
    scored = three_way(nlp, gold)
    assert scored is not None
    assert scored.comparison.systems["rule"].micro.f1 == 1.0


def test_interrupted_save_is_no_model(model: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    half.mkdir()
    (half / "meta.json").write_bytes((model / "meta.json").read_bytes())
    with pytest.raises(ModelError, match="no complete model"):
        load_pipeline(half)


@pytest.mark.parametrize("command", ["bootstrap", "train", "retrain", "update"])
def test_two_that_make_a_model_in_one_folder_are_told(tmp_path: Path, command: str) -> None:
    text = Document("d", "Aspirin.", (Entity(0, 7, "Chemical"),))
    decided, out = {"d": Decided(text.entities or (), complete=True)}, tmp_path / "model"
    make: dict[str, Callable[[], object]] = {
        "bootstrap": lambda: bootstrap(TERMS, corpus(), out, SETTINGS),
        "train": lambda: train_on_documents("cnn", [text], out),
        "retrain": lambda: retrain(TERMS, [text], decided, out, RetrainSettings(SETTINGS)),
        "update": lambda: update_learner(TERMS, [text], decided, out, SETTINGS, folder=tmp_path, inputs=""),
    }
    with (
        alone(out),
        pytest.raises(InputError, match=r"model: another process makes its own there now\. Wait"),
    ):
        make[command]()
    assert [*tmp_path.iterdir()] == []


def test_gazetteer_without_any_hit_is_an_error(tmp_path: Path) -> None:
    nothing = Gazetteer.of([Term("zzyzx", "Disease")])
    with pytest.raises(CorpusError, match="found no entity"):
        bootstrap(nothing, corpus(), tmp_path, SETTINGS)
