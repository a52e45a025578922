"""``label``, ``train``, ``predict`` and ``bootstrap``: shards, bad rows, losses, what a second run says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.cli._bootstrap import _fused
from hybrid_ner.cli._inputs import apart
from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import InputError

QUICK = ("--training.max_epochs", "1", "--quiet")
BAD_ROW = '{"id": "bad"}'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with six notes, the same with a bad row, and a small list of drugs."""
    rows = [json.dumps({"id": f"d{n}", "text": f"Aspirin helps {n}."}) for n in range(6)]
    (tmp_path / "notes.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text("\n".join([rows[0], BAD_ROW, rows[1]]) + "\n", encoding="utf-8")
    (tmp_path / "drugs.csv").write_text("term,label\naspirin,Chemical\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, args)
    assert result.exit_code == code, result.output
    return result


def label(*more: str, corpus: str = "notes.jsonl", output: str = "labels.jsonl", code: int = 0) -> Result:
    given = ("--corpus", corpus, "--gazetteer", "drugs.csv", "--output", output, "--quiet")
    return run("label", *given, *more, code=code)


@pytest.mark.usefixtures("files")
def test_shards_part_the_corpus_and_train_together() -> None:
    count = 7  # one more than there are documents: the last shard is empty
    for index in range(count):
        label("--shard", f"{index}/{count}", output=f"part{index}.jsonl")
    ids = [d.doc_id for index in range(count - 1) for d in read_corpus(f"part{index}.jsonl")]
    assert sorted(ids) == [f"d{n}" for n in range(6)]
    manifest = json.loads(Path("part6.jsonl.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["documents"], manifest["characters"], manifest["entities"]) == (0, 0, 0)
    given = [part for index in range(count) for part in ("--labels", f"part{index}.jsonl")]
    assert "labels Chemical" in run("train", *given, "--out", "model", *QUICK).stdout


@pytest.mark.parametrize(
    "command",
    [
        "label --gazetteer drugs.csv --corpus {} --output ./notes.jsonl",
        "label --gazetteer {} --corpus bad.jsonl --output notes.jsonl",
        "label --corpus texts --output texts/notes.jsonl",
        "evaluate --gold {} --predicted bad.jsonl --mistakes notes.jsonl",
        "evaluate --gold bad.jsonl --predicted mine={} --report notes.jsonl",
        "gazetteer import {} --out notes.jsonl",
        "gazetteer build drugs.csv --without {} --out notes.jsonl",
        "corpus clean {} notes.jsonl",
        "review overlay {} notes.jsonl",
        "review export {} notes.jsonl-wal",
        "review codebook {} --to notes.jsonl",
        "words build {} --out notes.jsonl",
    ],
)
@pytest.mark.usefixtures("files")
def test_no_command_writes_over_a_file_that_it_is_given(command: str) -> None:
    Path("texts").mkdir()
    for path in (Path("notes.jsonl"), Path("texts/notes.jsonl")):
        path.write_text("kept", encoding="utf-8")
    said = run(*command.format("notes.jsonl").split(), code=2).stderr
    assert "the output would take the place of the input" in " ".join(said.split())
    assert Path("notes.jsonl").read_text() == Path("texts/notes.jsonl").read_text() == "kept"


@pytest.mark.usefixtures("files")
def test_labels_are_not_written_into_a_folder_without_a_format() -> None:
    Path("folder").mkdir()
    assert "a folder does not say" in label(output="folder", code=2).stderr
    said = label(output="o.xyz", code=2).stderr
    assert "no format has this ending" in said
    assert "docx" not in said, "that is only read"
    split = run("corpus", "split", "notes.jsonl", "drugs.csv", code=2)
    assert "expected a folder" in split.stderr


@pytest.mark.usefixtures("files")
def test_empty_file_without_a_manifest_is_an_error() -> None:
    Path("empty.jsonl").touch()
    assert "the file is empty" in run("train", "--labels", "empty.jsonl", "--out", "m", *QUICK, code=2).stderr


@pytest.mark.parametrize("shard", ["3/3", "0/0", "a/b", "1", "-1/2"])
@pytest.mark.usefixtures("files")
def test_shard_that_does_not_exist(shard: str) -> None:
    assert "--shard wants I/N with I below N" in label("--shard", shard, code=2).stderr


@pytest.mark.usefixtures("files")
def test_bad_rows_stop_or_are_listed_in_every_command() -> None:
    assert "row 2" in label(corpus="bad.jsonl", code=2).stderr
    assert "bad.jsonl, row 2" in label("--skip-bad", corpus="bad.jsonl").stderr
    Path("labels.jsonl").write_text(Path("labels.jsonl").read_text() + BAD_ROW + "\n", encoding="utf-8")
    train = ("train", "--labels", "labels.jsonl", "--out", "model", *QUICK)
    assert "labels.jsonl, row 3" in run(*train, code=2).stderr
    assert "labels.jsonl, row 3" in run(*train, "--skip-bad").stderr
    predict = ("predict", "--model", "model", "--input", "bad.jsonl", "--output", "found.jsonl", "--quiet")
    assert "bad.jsonl, row 2" in run(*predict, code=2).stderr
    assert not Path("found.jsonl").exists()
    assert "bad.jsonl, row 2" in run(*predict, "--skip-bad").stderr
    found = json.loads(run(*predict, "--skip-bad", "--json", "--shard", "1/2").stdout)
    assert (found["documents"], len(found["warnings"])) == (1, 1)


@pytest.mark.usefixtures("files")
def test_what_a_format_cannot_hold_is_one_line() -> None:
    result = label(output="labels.conll")
    (line,) = result.stderr.splitlines()
    assert line.startswith("[lost data] labels.conll: attributes of entities of 6 documents")


@pytest.mark.usefixtures("files")
def test_guess_about_a_list_is_said() -> None:
    Path("drugs.csv").write_bytes("term,label\naspirin,Chemical\ncaf\u00e9ine,Chemical\n".encode("cp1252"))
    assert "Windows-1252" in label().stderr


@pytest.mark.usefixtures("files")
def test_second_bootstrap_says_what_it_kept_and_what_changed() -> None:
    def bootstrap(*more: str) -> str:
        given = ("--gazetteer", "drugs.csv", "--out", "model", "--no-expand", *QUICK, *more)
        return run("bootstrap", *given).stdout

    assert "last run" not in bootstrap("--corpus", "notes.jsonl")
    assert "Reused    weak labels, student, pipeline" in bootstrap("--corpus", "notes.jsonl")
    more = Path("notes.jsonl").read_text(encoding="utf-8") + '{"id": "new", "text": "More aspirin."}\n'
    Path("notes.jsonl").write_text(more, encoding="utf-8")
    told = bootstrap("--corpus", "notes.jsonl")
    assert "Anew      weak labels, student: what they depend on changed" in told
    assert "Reused" not in told


@pytest.mark.usefixtures("files")
def test_bootstrap_is_scored_on_gold_of_its_own() -> None:
    gold = {"id": "g", "text": "Aspirin helps.", "entities": [{"start": 0, "end": 7, "label": "Chemical"}]}
    Path("gold.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    given = ("bootstrap", "--corpus", "notes.jsonl", "--gazetteer", "drugs.csv", "--out", "model", *QUICK)
    scored = json.loads(run(*given, "--json", "--gold", "gold.jsonl").stdout)
    assert scored["scores"] is not None
    assert Path("model.report.html").is_file()
    refused = run(*given, "--gold", "notes.jsonl", code=2)
    assert "no gold document carries an entity" in refused.stderr


@pytest.mark.usefixtures("files")
def test_list_that_needs_an_option_names_the_command_that_takes_it() -> None:
    Path("drugs.csv").write_text("Wirkstoff,Art\naspirin,x\n", encoding="utf-8")
    told = label(code=2).stderr
    assert "columns=term=NAME" in told
    assert "hybrid-ner gazetteer import drugs.csv --out LIST.tsv" in told
    imported = ("drugs.csv", "--out", "list.tsv", "--set", "columns=term=Wirkstoff", "--label", "Chemical")
    run("gazetteer", "import", *imported)
    given = ("--corpus", "notes.jsonl", "--gazetteer", "list.tsv", "--output", "found.jsonl", "--quiet")
    assert "6 weak labels" in run("label", *given).stdout


@pytest.mark.parametrize(
    ("student", "said"),
    [
        (
            {"rule_spans": 120, "would_add": 5, "may_add": 0},
            "120 rule spans, and the model may add one span for every",
        ),
        ({"rule_spans": 290, "would_add": 31, "may_add": 1}, "model would add 31 spans, 1 may be added"),
    ],
)
def test_rules_alone_are_explained_by_what_was_counted(student: dict[str, int], said: str) -> None:
    assert said in _fused(None, {"min_score": 1.0001, **student})


def test_misspelled_terms_are_labeled_where_asked(files: Path) -> None:
    (files / "typo.jsonl").write_text('{"id": "d", "text": "Took aspirni again."}\n', encoding="utf-8")
    assert "0 weak labels" in label(corpus="typo.jsonl").output
    assert "1 weak label " in label("--fuzzy", "label", corpus="typo.jsonl").output
    manifest = json.loads(Path("labels.jsonl.manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["fuzzy"] == {"mode": "label", "labels": [], "threshold": 0.0}


def test_a_model_keeps_how_it_takes_misspelled_terms_and_predict_may_change_it(files: Path) -> None:
    (files / "typo.jsonl").write_text('{"id": "d", "text": "Took aspirni again."}\n', encoding="utf-8")
    given = ("--corpus", "notes.jsonl", "--gazetteer", "drugs.csv", "--no-expand", *QUICK)
    run("bootstrap", *given, "--out", "m", "--fuzzy", "label")
    found = ("predict", "--model", "m", "--input", "typo.jsonl", "--output", "f.jsonl", "--system", "rule")
    assert "1 entity in 1 document" in run(*found, "--quiet").output
    assert "0 entities in 1 document" in run(*found, "--quiet", "--fuzzy", "off").output


def test_what_predict_makes_nothing_of_is_told(files: Path) -> None:
    plugin = files / "half_words.py"
    plugin.write_text(
        "import re\nfrom hybrid_ner import labeling_source\n\n\n"
        '@labeling_source("half_words", label="Half")\ndef half_words(text: str):\n'
        '    return re.finditer("hel", text)\n'
    )
    model = ("--gazetteer", "drugs.csv", "--plugin", str(plugin), "--out", "m", *QUICK)
    run("bootstrap", "--corpus", "notes.jsonl", *model)
    given = (
        "--model",
        "m",
        "--input",
        "notes.jsonl",
        "--output",
        "f.jsonl",
        "--plugin",
        str(plugin),
        "--quiet",
    )
    for system in ("rule", "hybrid"):
        assert (
            "6 matches fit no tokens; --json lists them" in run("predict", *given, "--system", system).stdout
        )
    (files / "in").mkdir()
    shutil.copy("notes.jsonl", files / "in")
    several = ("predict-files", "--model", "m", "--input", "in", "--output", "out", "--plugin", str(plugin))
    assert "6 matches fit no tokens; --json lists them" in run(*several).stdout
    assert "fit no tokens" not in run(*several).stdout  # everything was finished before
    told = json.loads(run("predict", *given, "--fuzzy", "suggest", "--fuzzy", "Drg=label", "--json").stdout)
    assert told["misaligned"][0] == {
        "start": 8,
        "end": 11,
        "label": "Half",
        "surface": "hel",
        "source": "half_words",
    }
    said = " ".join(told["warnings"])
    assert "near matches that are suggested are no entities" in said
    assert "no term has the label 'Drg' of the fuzzy mode; there is Chemical." in said


@pytest.mark.usefixtures("files")
def test_labels_of_nothing_are_not_to_be_trained_on() -> None:
    Path("other.jsonl").write_text('{"id": "1", "text": "Nothing here."}\n', encoding="utf-8")
    assert "train" in label().stdout
    assert label(corpus="other.jsonl").stdout == "0 weak labels in 1 document → labels.jsonl\n"


def test_other_forms_of_terms_are_labeled_unless_switched_off(files: Path) -> None:
    (files / "many.jsonl").write_text('{"id": "d", "text": "Two aspirins."}\n', encoding="utf-8")
    assert "1 weak label " in label(corpus="many.jsonl").output
    assert "0 weak labels" in label("--no-variants", corpus="many.jsonl").output


def test_bootstrap_says_what_the_rules_of_a_domain_would_add(files: Path) -> None:
    notes = ["Aspirin for chronic nephropathy.", "Renal failure and hepatitis after methylprednisolone."]
    rows = [json.dumps({"id": f"n{n}", "text": notes[n % 2]}) for n in range(6)]
    (files / "clinic.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    given = ("--gazetteer", "drugs.csv", "--no-expand", *QUICK)
    said = run("bootstrap", "--corpus", "clinic.jsonl", *given, "--out", "clinic").output
    assert "the medical rules find" in said
    assert "--domain medical --no-shipped" in said
    assert "rules find" not in run("bootstrap", "--corpus", "notes.jsonl", *given, "--out", "m").output


@pytest.mark.usefixtures("files")
def test_an_output_is_told_from_the_input_by_older_versions_of_typer_too(tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    notes.write_text("{}")
    for given in (notes, str(notes)):  # text until the command is called
        with pytest.raises(InputError, match="take the place of the input"):
            apart({"corpus": notes, "output": given})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("label --corpus notes.jsonl --output a.jsonl --corpus bad.jsonl", "'notes.jsonl' and 'bad.jsonl'"),
        ("label --corpus=notes.jsonl --corpus=bad.jsonl --output a.jsonl", "'notes.jsonl' and 'bad.jsonl'"),
        ("gazetteer import drugs.csv -o a.tsv --out b.tsv", "'a.tsv' and 'b.tsv'"),
        ("review init a.sqlite3 --labels Drug --labels Disease", "'Drug' and 'Disease'"),
        (
            "label --variants --no-variants --corpus notes.jsonl --output a.jsonl",
            "--variants and --no-variants",
        ),
        ("--config a.toml --config b.toml corpus stats notes.jsonl", "'a.toml' and 'b.toml'"),
    ],
)
@pytest.mark.usefixtures("files")
def test_an_option_of_one_value_is_not_given_two(command: str, said: str) -> None:
    found = " ".join(run(*command.split(), code=2).stderr.replace("│", " ").split())
    assert f"{said} are given, where one is taken" in found
    assert not [*Path().glob("a.*"), *Path().glob("b.*")]


@pytest.mark.usefixtures("files")
def test_an_option_may_be_repeated_where_that_says_nothing_else() -> None:
    run("corpus", "stats", "notes.jsonl", "--json", "--json")
    lists = ("--gazetteer", "drugs.csv", "--gazetteer", "drugs.csv")
    run("label", *lists, "--corpus", "notes.jsonl", "--output", "a.jsonl", "--quiet", "--quiet")
    run("-v", "-v", "gazetteer", "match", "drugs.csv", "--text", "--text")
    assert Path("a.jsonl").exists()


def test_a_missing_corpus_names_the_project_file() -> None:
    said = " ".join(run("bootstrap", "--out", "model", code=2).output.replace("│", " ").split())
    assert "Missing option '--corpus'" in said
    assert "once for a folder of work in hybrid-ner.toml" in said


@pytest.mark.usefixtures("files")
def test_a_missing_column_is_told_with_the_first_row() -> None:
    Path("compounds.csv").write_text("Compound;Formula\nsilicon carbide;SiC\n")
    given = ("--corpus", "notes.jsonl", "--output", "found.jsonl", "--gazetteer", "compounds.csv")
    said = run("label", *given, "--columns", "term=Compund", code=2).output
    assert "no column 'Compund'; the first row is Compound | Formula" in said
    assert "no header" not in said


@pytest.mark.usefixtures("files")
def test_rows_without_text_are_kept_and_told() -> None:
    Path("notes.csv").write_text("id,text\n1,Aspirin.\n2,\n3, \n")
    with pytest.warns(UserWarning, match="notes.csv, row 3: 2 rows without text"):
        assert "3 documents written" in run("corpus", "convert", "notes.csv", "out.jsonl").output
    assert [d.doc_id for d in read_corpus("out.jsonl", report=lambda problem: None)] == ["1", "2", "3"]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", ["label", "sources"])
def test_how_lists_were_read_is_told_before_anything_is_made_of_them(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("drugs.csv").write_text("term,label,price\naspirin,Chemical,3\n")

    def stopped(*given: object, **named: object) -> None:
        raise InputError("far later")

    monkeypatch.setattr("hybrid_ner.training.label.label_corpus", stopped)
    monkeypatch.setattr("hybrid_ner.pipeline.rule_pipeline", stopped)
    given = (command, "--gazetteer", "drugs.csv", "--corpus", "notes.jsonl")
    given += ("--output", "labels.jsonl") if command == "label" else ()
    said = run(*given, "--quiet", code=2).stderr
    assert said.index("columns that were not read: price") < said.index("far later")
    assert "not read" not in run(*given, "--json", code=2).output


@pytest.mark.usefixtures("files")
def test_what_was_told_before_is_not_told_again() -> None:
    Path("drugs.csv").write_text("term,label,price\naspirin,Chemical,3\n")
    Path("notes.jsonl").write_text(Path("bad.jsonl").read_text())
    said = label("--skip-bad").stderr
    assert said.count("columns that were not read: price") == said.count("row 2") == 1
    assert len(json.loads(label("--skip-bad", "--json").stdout)["warnings"]) > 1
