"""The sources that need no more than spaCy: a pipeline, predictions of others, drafts; and the whole loop."""

from __future__ import annotations

import json
import tracemalloc
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Corpus, Document, Entity, read_corpus, write_corpus
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.pipeline.labeling import notes_of, take_reports
from hybrid_ner.sources import read_matches
from hybrid_ner.sources.models import MOVED_VARIABLE, UNKNOWN, ModelSettings
from hybrid_ner.sources.models.drafts import (
    DraftSource,
    draft_guidelines,
    draft_terms,
    read_draft,
    write_draft,
)
from hybrid_ner.sources.models.llm import LlmSettings, LlmSource
from hybrid_ner.sources.models.local import (
    SpacySettings,
    SpacySource,
    TransformersSettings,
    TransformersSource,
    _Loaded,
    _words,
    read_tags,
)
from hybrid_ner.sources.models.predictions import PredictionsSettings, PredictionsSource
from hybrid_ner.sources.models.settings import kept_names
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.readers import load_gazetteer
from hybrid_ner.training.bootstrap import BootstrapSettings, _Work
from tests.fresh import fresh
from tests.sources.models.server import rows, serving

TERMS = Gazetteer.of([Term("aspirin", "Drug")])
TEXT = "Acme tested aspirin against lupus."


@spacy.Language.component("test_span_writer")
def span_writer(doc: Doc) -> Doc:
    """Stands in for a span categorizer: nested spans with scores."""
    spans = [Span(doc, 0, 1, "ORG"), Span(doc, 0, 3, "EVENT")]
    doc.spans["sc"] = SpanGroup(doc, name="sc", spans=spans, attrs={"scores": [0.9, 0.2]})
    return doc


@pytest.fixture
def ruler(tmp_path: Path) -> Path:
    """A saved pipeline that knows Acme and lupus."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "ORG", "pattern": "Acme"}, {"label": "SICK", "pattern": [{"LOWER": {"REGEX": "^lupus"}}]}]
    )
    nlp.to_disk(tmp_path / "ruler")
    return tmp_path / "ruler"


def found(source: Any, text: str = TEXT) -> list[tuple[str, str, float]]:
    doc = rule_pipeline(TERMS, sources=[source])(text)
    return [(text[m.start : m.end], m.label, m.score) for m in read_matches(doc, source.name)]


def test_entities_of_a_pipeline_by_the_label_map(ruler: Path) -> None:
    source = SpacySource(SpacySettings(str(ruler), labels={"SICK": "Disease", "ORG": ""}))
    assert found(source) == [("lupus", "Disease", UNKNOWN)]
    assert source.take_report().left_out == {"ORG": 1}
    assert found(SpacySource(SpacySettings(str(ruler))))[0] == ("Acme", "ORG", UNKNOWN)


def test_span_groups_with_scores(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("test_span_writer")
    nlp.to_disk(tmp_path / "spans")
    source = SpacySource(SpacySettings(str(tmp_path / "spans"), spans=("sc",), min_score=0.5))
    assert found(source) == [("Acme", "ORG", 0.9)]


def test_a_span_ruler_is_read_without_being_told(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("span_ruler").add_patterns([{"label": "ORG", "pattern": "Acme"}])
    nlp.to_disk(tmp_path / "spans")
    assert found(SpacySource(SpacySettings(str(tmp_path / "spans")))) == [("Acme", "ORG", UNKNOWN)]


def test_a_pipeline_without_components_is_no_model(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    nlp = rule_pipeline(TERMS, sources=[f"spacy:{tmp_path / 'blank'}"])
    with pytest.raises(InputError, match="has no component, so it finds nothing"):
        nlp("Aspirin.")


def test_a_model_that_is_not_there_is_one_error_with_the_next_step(
    ruler: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"no_such_package: .*pip install no_such_package"):
        SpacySource(SpacySettings("no_such_package"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="cannot be opened"):
        found(SpacySource(SpacySettings(str(tmp_path / "empty"))))
    save(rule_pipeline(TERMS, sources=[f"spacy:{ruler}"]), tmp_path / "m")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    ruler.rename(moved / "ruler")
    with pytest.raises(ModelError, match=f"needs a model: .*{MOVED_VARIABLE}"):
        spacy.load(tmp_path / "m")
    monkeypatch.setenv(MOVED_VARIABLE, str(moved))
    assert len(read_matches(spacy.load(tmp_path / "m")(TEXT), "spacy")) == 2
    (moved / "ruler" / "meta.json").write_text('{"lang": "en", "name": "other"}')
    with pytest.warns(UserWarning, match="is another model than when this was saved"):
        spacy.load(tmp_path / "m")


@pytest.mark.slow
def test_half_a_million_characters_in_windows_of_bounded_memory(ruler: Path) -> None:
    filler = "The patient was seen again and felt well that day.\n"
    text = "".join(f"{filler}lupus{n} came. " if n % 97 == 0 else filler for n in range(10_000))
    source = SpacySource(SpacySettings(str(ruler), labels={"SICK": "Disease"}))
    view = type("View", (), {"text": text})()
    source(type("View", (), {"text": TEXT})())  # what opening it takes
    tracemalloc.start()
    matches = source(view)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [text[m.start : m.end] for m in matches] == [f"lupus{n}" for n in range(0, 10_000, 97)]
    assert source.take_report().windows > 20
    assert peak < 60 << 20


@pytest.mark.parametrize("ending", [".jsonl", ".spacy", ".conll"])
def test_predictions_in_any_format(tmp_path: Path, ending: str) -> None:
    text = "Two  spaces\nand a naïve 🦠 lupus."
    at = text.index("lupus")
    path = tmp_path / f"theirs{ending}"
    attrs = {"score": 0.7, "source": "ana"} if ending == ".jsonl" else {}
    entity = Entity(at, at + 5, "Disease", "", attrs)
    write_corpus(path, [Document("x", text, (entity,)), Document("y", "Other.", ())])
    nlp = rule_pipeline(TERMS, sources=[f"predictions:{path}"])
    doc = nlp(text)
    match = read_matches(doc, "predictions")[0]
    assert (match.start, match.end, match.label) == (at, at + 5, "Disease")
    nlp("A text that nobody read.")
    assert take_reports(nlp)["predictions"].absent == 1
    if ending == ".jsonl":
        assert match.score == 0.7
        assert match.evidence is not None
        assert match.evidence.reference == "ana says Disease"


def test_predictions_that_say_nothing_of_a_text_are_no_opinion(tmp_path: Path) -> None:
    texts = {"open": None, "none": (), "blank": (Entity(2, 3, "Drug"),)}
    documents = [Document(each, f"{each[:2]} cough", entities) for each, entities in texts.items()]
    write_corpus(tmp_path / "found.jsonl", documents)
    source = PredictionsSource(PredictionsSettings(str(tmp_path / "found.jsonl")))
    nlp = rule_pipeline(TERMS, sources=[source])
    docs = [nlp(each.text) for each in documents]
    assert take_reports(nlp)["predictions"].absent == 1
    assert [notes_of(doc) for doc in docs[:2]] == [{}, {}]
    assert notes_of(docs[2])["predictions"]["problems"] == ["characters 0-8: 1 span of white space alone"]


def test_predictions_of_one_text_twice_are_taken_together(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    write_corpus(path, [Document(n, TEXT, (Entity(*at, "X"),)) for n, at in (("a", (0, 4)), ("b", (5, 11)))])
    source = PredictionsSource(PredictionsSettings(str(path)))
    assert [surface for surface, _, _ in found(source)] == ["Acme", "tested"]
    doc = rule_pipeline(TERMS, sources=[f"predictions:{path}"])(TEXT)
    assert [span.text for span in doc.spans["predictions"]] == ["Acme", "tested"]


def test_terms_are_drafted_and_only_suggested(tmp_path: Path) -> None:
    answers = iter(
        [
            '[{"term": "Lupus", "why": "an illness"}, {"term": "aspirin"}, "gout", {"term": 7}]',
            '[{"term": "gout"}, {"term": "scurvy"',
            "[]",
            "[]",
        ]
    )
    with serving(lambda handler, body: next(answers)) as server:
        source = LlmSource(LlmSettings(server.address, labels={"Disease": "an illness"}))
        gazetteer = Gazetteer.of([Term("aspirin", "Drug"), Term("measles", "Disease")])
        drafted = draft_terms(source, gazetteer, "Disease", 10)
        assert "- measles" in server.texts()[0]
        assert "- aspirin" not in server.texts()[0]
        assert "proposed already: Lupus; gout" in server.texts()[1]
    assert [term.text for term in drafted.terms] == ["Lupus", "gout"]
    assert drafted.known == 1
    assert any("breaks off" in said for said in drafted.problems)
    path = tmp_path / "disease.draft.tsv"
    write_draft(path, drafted.terms)
    assert read_draft(path) == drafted.terms
    for form in (None, "csv", "txt"):
        with pytest.raises(InputError, match=r"nobody has judged them.*--source draft:"):
            load_gazetteer(path, form)
    nlp = rule_pipeline(TERMS, sources=[f"draft:{path}"])
    doc = nlp("Lupus and GOUT, aspirin.")
    assert [e.text for e in doc.ents] == ["aspirin"]
    matches = read_matches(doc, "draft")
    assert [(m.start, m.end, m.label) for m in matches] == [(0, 5, "Disease"), (10, 14, "Disease")]
    assert matches[0].evidence is not None
    assert matches[0].evidence.words == "an illness"
    assert matches[0].evidence.reference == (
        "a draft of small-model, prompt terms.1 says Disease, no probability"
    )
    with pytest.raises(InputError, match="expected a draft of terms"):
        DraftSource(ModelSettings(__file__))(type("View", (), {"text": TEXT})())


def test_guidelines_are_marked_as_a_draft() -> None:
    with serving("## Definition\nAn illness.") as server:
        source = LlmSource(LlmSettings(server.address))
        said = draft_guidelines(source, TERMS, "Drug", ["A text with aspirin."])
        assert "- aspirin" in server.texts()[0]
        assert "- A text with aspirin." in server.texts()[0]
    assert said.startswith("<!-- Draft of small-model, prompt guide.1: nobody has read it yet. -->\n# Drug\n")
    with pytest.raises(InputError, match="no guidelines: nobody answers"):
        draft_guidelines(LlmSource(LlmSettings("http://127.0.0.1:9/v1")), TERMS, "Drug", [])


def run(*words: str, stdin: str = "", code: int = 0) -> str:
    result = CliRunner().invoke(app, words, input=stdin)
    assert result.exit_code == code, result.output
    return result.output


def test_a_model_that_does_not_answer_leaves_no_draft(tmp_path: Path) -> None:
    out = tmp_path / "drug.draft.tsv"
    source = "llm:http://127.0.0.1:9/v1#small"
    ran = CliRunner().invoke(
        app, ["gazetteer", "draft", "--label", "Drug", "--source", source, "--out", str(out)]
    )
    assert ran.exit_code == 2
    assert "nothing was proposed: nobody answers at http://127.0.0.1:9/v1" in " ".join(ran.output.split())
    assert not out.exists()


@pytest.mark.parametrize("row", ["gout\tDisease", "gout\tDisease\twhy\tmodel\tmore"])
def test_a_row_of_a_draft_with_other_columns_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "disease.draft.tsv"
    write_draft(path, [])
    path.write_text("\ufeff" + path.read_text(encoding="utf-8") + f"\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 4: \d columns instead of 4 \(term, label, why, source\)"):
        read_draft(path)


def test_drafting_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sick.txt").write_text("measles\n")
    write_corpus(Path("n.jsonl"), [Document("a", "Mumps here.")])
    with serving('[{"term": "gout", "why": "joints"}]') as server:
        source = "--source", f"llm:{server.address}"
        said = run("gazetteer", "draft", "sick.txt", "--label", "Disease", *source, "--count", "1")
        assert "1 proposal for Disease by small-model → terms.draft.tsv" in said
        assert "- measles" in server.texts()[0]
        said = run("gazetteer", "draft", "--label", "X", *source, "--count", "1", "--json")
        found = json.loads(said[said.index("{") :])
        assert found["terms"][0]["why"] == "joints"
        run("gazetteer", "guide", "sick.txt", "--label", "Disease", *source, "--corpus", "n.jsonl")
        assert "- Mumps here." in server.texts()[-1]
        assert Path("guide.draft.md").read_text().startswith("<!-- Draft of small-model")
    draft = "--source", "draft:terms.draft.tsv"
    said = run("gazetteer", "draft", "--label", "X", *draft, "--out", "more.tsv", code=2)
    assert "0 language models here. Name one: llm:ADDRESS." in said


SENTENCES = [
    f"Acme sold aspirin to patient {n}; lupus {word}, then asthma returned."
    for n, word in enumerate(
        ("eased", "grew", "faded", "stayed", "left", "came", "rose", "fell", "began", "ended")
    )
]


@pytest.mark.slow
def test_bootstrap_review_retrain_save_and_load(
    ruler: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every light source in one project, on the command line."""
    monkeypatch.chdir(tmp_path)
    notes = Path("notes.jsonl")
    write_corpus(notes, [Document(str(n), text) for n, text in enumerate(SENTENCES)])
    Path("terms.csv").write_text("term,label\naspirin,Drug\n")
    theirs = [(text, text.index("asthma")) for text in SENTENCES]
    write_corpus(
        Path("theirs.jsonl"),
        [Document(str(n), t, (Entity(a, a + 6, "Disease"),)) for n, (t, a) in enumerate(theirs)],
    )
    with serving(rows(("Acme", "Company"))) as server:
        Path("models.yaml").write_text(
            "- spacy: ruler\n  labels: {SICK: Disease}\n"
            "- predictions: theirs.jsonl\n"
            f"- llm: {server.address}\n  labels: {{Company: a firm}}\n  name: small\n"
        )
        common = "--gazetteer", "terms.csv", "--source", "models.yaml", "--quiet"
        train = "--training.max_epochs", "1"
        said = run("bootstrap", "--corpus", "notes.jsonl", "--out", "model", *common, *train)
        assert "Asked     small: 10 windows" in said
        assert "--source models.yaml" in said
        again = json.loads(
            run("bootstrap", "--corpus", "notes.jsonl", "--out", "model", *common, *train, "--json")
        )
        assert again["steps"]["label"]["models"]["small"]["windows"] == 10
        assert again["steps"]["assemble"]["reused"]
        assert len(server.asked) == 10
        run("review", "init", "r.sqlite3", "--labels", "Drug,Disease,Company", "--source", "models.yaml")
        save(rule_pipeline(TERMS, sources=["models.yaml"]), Path("rules"))  # one epoch makes a poor student
        run("review", "import", "r.sqlite3", "notes.jsonl", "--model", "rules")
        why = run("review", "run", "r.sqlite3", stdin="".join(f"why {n} exactly\n" for n in range(1, 5)))
        assert "small-model says Company, prompt ner.1, no probability, in its own words “a test”" in why
        assert "en_pipeline 0.0.0 says SICK, no probability" in why
        assert "theirs.jsonl says Disease" in why
        answers = run("review", "run", "r.sqlite3", stdin="ok\nyes\n" * 10)
        assert "Traceback" not in answers
        run("review", "export", "r.sqlite3", "corrected.jsonl", "--format", "jsonl")
        corrected = list(read_corpus(Path("corrected.jsonl")))
        assert {e.label for d in corrected for e in d.entities or ()} == {"Drug", "Disease", "Company"}
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
            "import spacy, json; doc = spacy.load('better')('Acme sold aspirin to patient 0; "
            "lupus eased, then asthma returned.'); print(json.dumps([(e.text, e.label_) for e in doc.ents]))"
        )
        got = [tuple(pair) for pair in json.loads(fresh("-c", code).stdout)]
    assert got == [("Acme", "Company"), ("aspirin", "Drug"), ("lupus", "Disease"), ("asthma", "Disease")]


def test_a_part_with_missing_answers_is_made_again(tmp_path: Path) -> None:
    corpus = Corpus.of([Document(str(n), text) for n, text in enumerate(SENTENCES)])

    def half(handler: Any, body: dict[str, Any]) -> Any:
        return handler.send(404, {"error": "gone"}) if len(server.asked) > 4 else rows(("Acme", "Company"))

    with serving(half) as server:
        source = json.dumps(
            {"llm": server.address, "model": "m", "labels": ["Company"], "counts": True, "parallel": 1}
        )
        settings = BootstrapSettings("generic", DomainSettings(sources=(source,)))

        def labeled() -> dict[str, Any]:
            work = _Work(TERMS, tmp_path / "out", settings, lambda step, share, line: None)
            step = work.label("corpus", corpus)
            did = work.models["llm"]
            return {**step, "asked": len(server.asked), "kept": did.kept, "unanswered": did.unanswered}

        with pytest.warns(UserWarning, match="404.*gone"):
            first = labeled()
        assert (first["asked"], first["unanswered"], first["entities"]) == (5, 6, 14)
        listed = json.loads((tmp_path / "out.work/labels/corpus-00000.unanswered.json").read_text())
        assert [row["id"] for row in listed["result"]["unanswered"]] == ["4", "5", "6", "7", "8", "9"]
        server.asked.clear()
        server.answer = rows(("Acme", "Company"))
        second = labeled()
        assert (second["asked"], second["kept"], second["entities"], second["reused"]) == (6, 4, 20, 0)
        assert second["labels_id"] != first["labels_id"]
        assert [p.name for p in (tmp_path / "out.work/labels").glob("*.json")] == ["corpus-00000.json"]
        third = labeled()
        assert (third["asked"], third["reused"], third["labels_id"]) == (6, 1, second["labels_id"])


def test_a_project_keeps_its_models_by_absolute_paths(ruler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ruler.parent)
    kept = kept_names(["spacy:ruler", "rooms"], ["Drug"])
    assert kept == (json.dumps({"spacy": str(ruler)}), "rooms")
    asking = kept_names(["llm:http://localhost/v1"], ["Drug"])
    assert json.loads(asking[0])["labels"] == {"Drug": "Drug"}


def test_models_are_imported_only_when_named() -> None:
    code = (
        "import sys; from hybrid_ner import rule_pipeline, Gazetteer, Term; "
        "rule_pipeline(Gazetteer.of([Term('a', 'X')]))('a'); "
        "print([m for m in sys.modules if m in ('transformers', 'gliner') or 'models.llm' in m])"
    )
    assert fresh("-c", code).stdout.strip() == "[]"


def test_notes_are_empty_where_all_went_well(ruler: Path) -> None:
    assert notes_of(rule_pipeline(TERMS, sources=[f"spacy:{ruler}"])(TEXT)) == {}


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ("O B-Drug I-Drug", "O B/Drug I/Drug"),
        ("O B-Drug B-Sick", "O B/Drug B/Sick"),
        ("O B_Drug L_Drug U_Drug I_Drug", "O B/Drug L/Drug U/Drug I/Drug"),
        ("O B-Drug M-Drug E-Drug S-Drug", "O B/Drug M/Drug E/Drug S/Drug"),
        ("O I-Drug I-E-Mail", "O I/Drug I/E-Mail"),
        ("o b-Drug i-Drug", "O B/Drug I/Drug"),
        ("O Drug-B Drug-I", "O B/Drug I/Drug"),
        ("O Drug S-Bahn E-Mail", "O I/Drug I/S-Bahn I/E-Mail"),
        ("O B-cell T-cell", "O I/B-cell I/T-cell"),
        ("O Vitamin-B Drug", "O I/Vitamin-B I/Drug"),
        ("O B-Drug I-Drug S-Bahn [CLS]", "O B/Drug I/Drug I/S-Bahn I/[CLS]"),
        ("LABEL_0 LABEL_1", "I/LABEL_0 I/LABEL_1"),
    ],
)
def test_letters_of_a_scheme_are_told_from_names(names: str, read: str) -> None:
    expected = [each.partition("/") for each in read.split()]
    assert read_tags(names.split()) == [(a, b) if b else ("I", "") for a, _, b in expected]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ("No| lup|us|;| (|di|goxin|)|.", "No|lupus|;|(|digoxin|)|."),
        ("beta|-|blocker|s|,| U|.|S|.", "beta-blockers|,|U.S."),
        ("“| |gout|”", "“|gout|”"),
        ("…| a", "…|a"),
    ],
)
@pytest.mark.parametrize("knows_words", [True, False])
def test_punctuation_is_no_part_of_what_stands_between_spaces(
    pieces: str, words: str, knows_words: bool
) -> None:
    """As the tokenizers of SentencePiece cut, some of which call the whole text one word."""
    parts, ids = pieces.split("|"), [0]
    ends = [*accumulate(map(len, parts))]
    for part in parts[1:]:
        ids.append(ids[-1] + (knows_words and part.startswith(" ")))
    text = "".join(parts)
    found = _words(ids, [*zip([0, *ends], ends, strict=False)], text)
    assert [text[start:end].strip() for _, start, end in found] == words.split("|")
    assert [token for token, *_ in found] == sorted({token for token, *_ in found})


@pytest.mark.parametrize(("room", "window", "limit"), [(8190, 0, 512), (8190, 2000, 2000), (62, 0, 62)])
def test_a_model_that_takes_much_reads_no_more_than_it_is_told(room: int, window: int, limit: int) -> None:
    source = object.__new__(TransformersSource)
    source.settings, source._model = TransformersSettings("x", window=window), _Loaded(None, None, room, ())
    assert source._budget()[0] == limit


def test_what_is_too_long_and_cannot_be_cut_is_told() -> None:
    source = object.__new__(TransformersSource)
    said = source._in_pieces("e" + "\u0301" * 5).problems
    assert said == ("6 characters that are too many to be read, and cannot be cut",)
