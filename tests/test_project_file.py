"""``hybrid-ner.toml``: found, read, refused, and used by every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import _inputs, app
from hybrid_ner.errors import InputError
from hybrid_ner.project_file import ListFile, current, find_project_file, project_text, read_project_file
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.ui.workspace import Workspace

TOML = """
domain = "generic"
labels = ["Drug", "Meal"]
corpus = "notes.jsonl"
model = "model"

[[lists]]
file = "lists/drugs.csv"
label = "Drug"
columns = "term=Handelsname"
version = "RxNorm 2026-10"
license = "UMLS"

[[lists]]
file = "medical/anatomy"

[settings]
fuzzy = ["label"]
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "drugs.csv").write_text("Nr,Handelsname\n1,Zestril\n2,Aspirin Cardio\n")
    (tmp_path / "hybrid-ner.toml").write_text(TOML)
    (tmp_path / "notes.jsonl").write_text('{"id": "1", "text": "Zestril and Zestrl."}\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "250"})
    assert result.exit_code == code, result.output
    return result.output


def _spans(file: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return [(r["text"][e["start"] : e["end"]], e["label"]) for r in rows for e in r["entities"]]


def test_paths_are_those_of_its_folder(work: Path) -> None:
    said = read_project_file(Path("hybrid-ner.toml"))
    assert said.lists[0] == ListFile(
        work / "lists" / "drugs.csv", "Drug", "term=Handelsname", "RxNorm 2026-10", "UMLS"
    )
    assert said.lists[1].file == Path("medical/anatomy")
    assert (said.corpus, said.model, said.labels) == (work / "notes.jsonl", work / "model", ("Drug", "Meal"))


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    (file := tmp_path / "hybrid-ner.toml").write_bytes(b'\xef\xbb\xbfdomain = "medical"\r\n')
    assert read_project_file(file).domain == "medical"


def test_the_nearest_above_counts_up_to_the_root_of_a_repository(work: Path) -> None:
    (work / "repo" / ".git").mkdir(parents=True)
    (work / "sub" / "deep").mkdir(parents=True)
    assert find_project_file(work / "sub" / "deep") == work / "hybrid-ner.toml"
    assert find_project_file(work / "repo") is None
    assert current().domain == "generic"


def test_commands_start_from_it(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the settings all are options of this command: to make the others would take longer than its work.
    monkeypatch.setattr(_inputs, "_every", lambda: pytest.fail("another command is made"))
    _run("label", "--output", "weak.jsonl", "--quiet")
    assert _spans(work / "weak.jsonl") == [("Zestril", "Drug"), ("Zestrl", "Drug")]


def test_command_line_comes_first(work: Path) -> None:
    (work / "meals.csv").write_text("term,label\nZestril,Meal\n")
    _run("label", "--output", "weak.jsonl", "--gazetteer", "meals.csv", "--fuzzy", "off", "--quiet")
    assert _spans(work / "weak.jsonl") == [("Zestril", "Meal")]


def test_it_is_read_from_a_folder_below_and_can_be_left_out(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "sub").mkdir()
    monkeypatch.chdir(work / "sub")
    _run("label", "--output", "weak.jsonl", "--quiet")
    assert len(_spans(work / "sub" / "weak.jsonl")) == 2
    assert "Missing option '--corpus'" in _run("--no-config", "label", "--output", "w.jsonl", code=2)
    monkeypatch.chdir("/")
    _run("--config", str(work / "hybrid-ner.toml"), "label", "--output", str(work / "w.jsonl"), "--quiet")
    assert len(_spans(work / "w.jsonl")) == 2


def test_commands_with_work_of_their_own_ignore_it(work: Path) -> None:
    (work / "hybrid-ner.toml").write_text('domain = "nowhere"\n')
    _run("demo", "--help")
    assert "unknown domain 'nowhere'" in _run("label", "--output", "w", "--corpus", "notes.jsonl", code=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("domain = ", "no valid TOML"),
        ('domian = "x"', "Did you mean domain?"),
        ("domain = 3", "domain is a text, found 3"),
        ('labels = "A,B"', "labels is a list of texts"),
        ('lists = "drugs.csv"', "lists are a list"),
        ("lists = [3]", "a list without a file"),
        ('[[lists]]\nfile = "a"\nlable = "b"', "Did you mean label?"),
        ("[settings]\nfuzy = 1", "Did you mean fuzzy?"),
        ("shipped = 1", "shipped is true or false"),
    ],
)
def test_what_nothing_takes_is_refused(work: Path, text: str, said: str) -> None:
    (work / "hybrid-ner.toml").write_text(text + "\n")
    told = _run("label", "--output", "w.jsonl", code=2)
    assert said in told
    assert "hybrid-ner.toml" in told
    assert "Traceback" not in told


def test_new_writes_one_that_commands_take(work: Path) -> None:
    (work / "study").mkdir()
    told = _run(
        "new", "study", "--gazetteer", "lists/drugs.csv", "--corpus", "notes.jsonl", "--labels", "A,B"
    )
    assert "hybrid-ner bootstrap" in told
    said = read_project_file(work / "study" / "hybrid-ner.toml")
    assert said.lists[0].file.resolve() == (work / "lists" / "drugs.csv").resolve()
    assert said.corpus is not None
    assert said.corpus.resolve() == work / "notes.jsonl"
    assert (said.labels, said.domain) == (("A", "B"), "generic")
    assert "there is a project file already" in _run("new", "study", code=2)


def test_new_keeps_plug_ins_and_says_what_is_not_there_yet(work: Path) -> None:
    (work / "rooms_of_new.py").write_text(
        'from hybrid_ner import labeling_source\n\n\n@labeling_source("rooms_of_new", label="Room")\n'
        "def rooms(text: str):\n    return []\n"
    )
    told = _run(
        "new", "other", "--gazetteer", "gone.csv", "--corpus", "notes.jsonl", "--labels", "A,B,A",
        "--plugin", "rooms_of_new.py",
    )  # fmt: skip
    assert "not there yet: gone.csv\n" in told
    said = read_project_file(work / "other" / "hybrid-ner.toml")
    assert [path.resolve() for path in said.plugins] == [work / "rooms_of_new.py"]
    assert said.labels == ("A", "B")


def test_new_text_names_every_key_and_its_comments_are_valid(tmp_path: Path) -> None:
    file = tmp_path / "hybrid-ner.toml"
    file.write_text(project_text({"domain": "medical"}))
    assert read_project_file(file).domain == "medical"
    lines = [
        line.removeprefix("# ") for line in file.read_text().splitlines() if " = " in line or "[" in line
    ]
    keep = [line for line in lines if not line.startswith("lists") and not line.startswith("Keys")]
    file.write_text("\n".join(line for line in keep if "=" in line or line.startswith("[")) + "\n")
    assert read_project_file(file).lists[0].license == "UMLS"


def test_review_is_told_labels_and_domain(work: Path) -> None:
    result = CliRunner().invoke(app, ["review", "init", "review.sqlite3", "--json"])
    assert json.loads(result.stdout)["labels"] == ["Drug", "Meal"]
    assert "drugs.csv: 2 terms (Drug)" in result.stderr


def test_evaluate_does_not_take_its_labels(work: Path) -> None:
    rows = [{"id": "1", "text": "Zestril x", "entities": [{"start": 0, "end": 7, "label": "Other"}]}]
    (work / "g.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = json.loads(_run("evaluate", "--gold", "g.jsonl", "--predicted", "g.jsonl", "--json"))
    assert list(told["per_label"]) == ["Other"]


def test_lists_of_the_readers_options_of_one_list(work: Path) -> None:
    assert current().options_of(Path("lists/drugs.csv")) == {"label": "Drug", "columns": "term=Handelsname"}
    assert current().options_of(Path("other.csv")) == {}


def test_sources_are_no_name_of_a_list(work: Path) -> None:
    (work / "hybrid-ner.toml").write_text('sources = ["spacy:en_core_web_sm"]\n')
    (work / "lists" / "Drug.txt").write_text("Zestril\n")
    _run("gazetteer", "import", "lists/Drug.txt", "--out", "drugs.tsv")
    assert "spacy" not in (work / "drugs.tsv").read_text()


def test_environment_names_it_for_other_processes(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRID_NER_PROJECT_FILE", "")
    assert current().path is None
    monkeypatch.setenv("HYBRID_NER_PROJECT_FILE", str(work / "missing.toml"))
    with pytest.raises(OSError, match="missing"):
        current()


def test_input_error_is_raised_in_python_too(tmp_path: Path) -> None:
    (tmp_path / "hybrid-ner.toml").write_text("x = 1\n")
    with pytest.raises(InputError, match="unknown key 'x'"):
        read_project_file(tmp_path / "hybrid-ner.toml")


def test_review_init_takes_lists_with_their_columns(work: Path) -> None:
    (work / "r.yaml").write_text("label: Room\nrules:\n  - {terms: [suite], match: ['[[suite]]']}\n")
    (work / "hybrid-ner.toml").write_text(TOML.replace('[[lists]]\nfile = "medical/anatomy"\n', ""))
    _run("review", "init", "review.sqlite3", "--rules", "r.yaml")
    _run("review", "import", "review.sqlite3", "notes.jsonl")
    with ReviewStore.open("review.sqlite3") as store:
        project = store.project("review")
        setup = ModelSetup.of(project, Workspace.at("", "review.sqlite3").project_folder("review"))
        assert setup.lists == {"drugs.csv": {"label": "Drug", "columns": "term=Handelsname"}}
    assert "Zestril" in _run("review", "run", "review.sqlite3", "--reviewer", "ana")
    (work / "own.csv").write_text("Nr,Handelsname\n7,Zestrilium\n")
    given = ("review", "run", "review.sqlite3", "--gazetteer", "own.csv", "--reviewer", "ana")
    assert "no column can be taken for the term" in _run(*given, code=2)
    assert "Zestril" in _run(*given, "--columns", "term=Handelsname")
    refused = _run("review", "init", "review.sqlite3", code=2)
    assert "already" in refused


def test_page_offers_the_files_of_the_folder(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    (work / "hybrid-ner.toml").write_text(TOML.replace('[[lists]]\nfile = "medical/anatomy"\n', ""))
    monkeypatch.setenv("HYBRID_NER_WORKSPACE", str(work / "workspace"))
    monkeypatch.setenv("HYBRID_NER_STORE", "")
    script = "from hybrid_ner.ui.views import welcome\nwelcome.page(None, 'ana')\n"
    page = AppTest.from_string(script, default_timeout=120).run()
    assert not page.exception
    assert [each.value for each in page.warning] == []
    # Markdown of the label, in which punctuation is escaped.
    assert [box.label.replace("\\", "") for box in page.checkbox] == [
        "With the files of hybrid-ner.toml: drugs.csv, notes.jsonl"
    ]
    next(each for each in page.text_input if each.label == "Name of the project").set_value("mine")
    next(each for each in page.button if each.label == "Create the project").click().run()
    assert not page.exception
    with ReviewStore.open(work / "workspace" / "review.sqlite3") as store:
        session = ReviewSession(store, "mine", "ana")
        view = session.view()
        assert view is not None
        assert ("Zestril", "Drug") in {(span.surface, span.label) for span in view.spans}
        assert session.labels[:2] == ("Drug", "Meal")
