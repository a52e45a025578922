"""``hybrid-ner gazetteer``: every command on small files, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.terms.readers import load_gazetteer

CSV = (
    "term,label,id,synonyms,parents\n"
    'lung cancer,Disease,D:1,"Cancer, Lung",D:0\n'
    "cancer,Disease,D:0,,\n"
    "aspirin,Drug,C:1,,\n"
)


def _run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["gazetteer", *map(str, words)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr or result.output


def _json(*words: object, code: int = 0) -> Any:
    return json.loads(_run(*words, "--json", code=code))


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    """A small CSV with synonyms and parents."""
    path = tmp_path / "mine.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture
def built(terms: Path, tmp_path: Path) -> Path:
    """The same as a gazetteer file."""
    out = tmp_path / "built.tsv.gz"
    _run("build", terms, "-o", out)
    return out


def test_formats_lists_every_reader_with_its_options() -> None:
    out = _run("formats")
    assert "umls: UMLS Metathesaurus" in out
    assert "languages=ENG" in out
    assert "takes mrconso.rrf of a folder or archive" in out
    assert "Chemical (D, SCR1); left out (D08, D12," in out
    found = _json("formats")
    assert found["umls"]["labels"]["T047"] == "Disease"
    assert found["snomed"]["files"] == ["sct2_description_*.txt"]
    assert list(_json("formats", "rxnorm")) == ["rxnorm"]


def test_import_writes_the_gazetteer_format_and_reports(terms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tsv.gz"
    found = _json("import", terms, "--out", out)
    assert found["terms"] == 4
    assert found["reports"][0]["rows"] == 3
    again = load_gazetteer(out)
    assert [t.text for t in again] == ["lung cancer", "Cancer, Lung", "cancer", "aspirin"]
    assert again.parents == {"D:1": ("D:0",)}
    assert again.fingerprint == load_gazetteer(terms).fingerprint


def test_import_stops_at_a_bad_row_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("term,label\nflu,Disease\nbroken\n", encoding="utf-8")
    out = tmp_path / "out.tsv"
    message = _run("import", path, "-o", out, code=2)
    assert "mine.csv, row 3: wrong number of columns" in message
    assert "Traceback" not in message
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]
    found = _json("import", path, "-o", out, "--skip-bad")
    assert found["reports"][0]["bad"]["wrong number of columns"]["count"] == 1


def test_import_takes_format_options_and_a_label_map(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name;Kind\nflu;sick\nrome;city\n", encoding="utf-8")
    out = tmp_path / "out.tsv"
    words = ("-s", "columns=term=Name,label=Kind", "-m", "sick=Disease", "--source", "mine")
    _run("import", path, "-o", out, *words)
    assert out.read_text(encoding="utf-8").splitlines()[1:] == ["flu\tDisease\t\tpreferred\tfolded\tmine"]
    assert "csv has no option 'colums'" in _run("import", path, "-o", out, "-s", "colums=x", code=2)
    assert "--set takes NAME=VALUE" in _run("import", path, "-o", out, "-s", "columns", code=2)


def test_build_merges_expands_and_leaves_out(terms: Path, tmp_path: Path) -> None:
    banned = tmp_path / "banned.txt"
    banned.write_text("Aspirin\n", encoding="utf-8")
    out = tmp_path / "out.tsv"
    found = _json("build", terms, terms, "-o", out, "--variants", "inverted,plural", "--without", banned)
    assert found["left_out"] == 1
    assert found["variants"] == {"plural": 2}
    again = load_gazetteer(out)
    assert ("lung cancers", "plural", "lung cancer") in {(t.text, t.rule, t.parent) for t in again}
    assert again.fingerprint == found["fingerprint"]
    assert "unknown variant rule 'magic'" in _run("build", terms, "-o", out, "--variants", "magic", code=2)


def test_build_writes_the_same_bytes_again(terms: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.tsv.gz", tmp_path / "two.tsv.gz"
    _run("build", terms, "-o", one)
    _run("build", terms, "-o", two)
    assert one.read_bytes() == two.read_bytes()


def test_build_keeps_or_drops_subtrees(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tsv"
    _run("build", built, "-o", out, "--under", "D:0", "--not-under", "D:1")
    assert [t.text for t in load_gazetteer(out)] == ["cancer"]
    assert "no concept 'D:7'" in _run("build", built, "-o", out, "--under", "D:7", code=2)


def test_stats(built: Path) -> None:
    found = _json("stats", built)
    assert (found["terms"], found["concepts"], found["parents"]) == (4, 3, 1)
    assert found["labels"] == {"Disease": 3, "Drug": 1}
    assert "fingerprint" in _run("stats", built)
    assert _json("stats", built, "--under", "D:1")["terms"] == 2


def test_stats_counts_a_subtree(built: Path) -> None:
    rows = _json("stats", built, "--tree", "D:0")
    assert [(r["concept_id"], r["name"], r["concepts"], r["terms"]) for r in rows] == [
        ("D:0", "cancer", 2, 3),
        ("D:1", "lung cancer", 1, 2),
    ]
    assert "lung cancer" in _run("stats", built, "--tree", "D:0")


def test_stats_of_a_shipped_domain() -> None:
    assert _json("stats", "legal")["terms"] > 1000


def test_diff(terms: Path, built: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_text(
        CSV.replace("aspirin", "ibuprofen").replace("cancer,Disease,D:0,,", "cancer,Disease,D:0,tumor,")
    )
    found = _json("diff", terms, newer)
    assert found["counts"] == {"added": 2, "removed": 1, "changed": 0}
    assert {t["term"] for t in found["added"]} == {"ibuprofen", "tumor"}
    text = _run("diff", terms, newer, "--limit", "1")
    assert "2 added, 1 removed, 0 changed" in text
    assert "+ … 1 more" in text
    assert "- aspirin  [Drug" in text
    _run("diff", terms, newer, "--exit-code", code=1)
    assert _run("diff", terms, built, "--exit-code").startswith("0 added, 0 removed, 0 changed")


def test_diff_shows_changed_settings(tmp_path: Path) -> None:
    for name, mode in (("one", "case"), ("two", "folded")):
        (tmp_path / f"{name}.csv").write_text(f"term,label,mode\nALS,Disease,{mode}\n", encoding="utf-8")
    out = _run("diff", tmp_path / "one.csv", tmp_path / "two.csv")
    assert "~ ALS  [Disease, preferred, folded" in out
    assert "was preferred, case" in out


def test_match_says_what_and_why(terms: Path, tmp_path: Path) -> None:
    out = _run("match", terms, "--text", "Aspirin for Lung  Cancer.")
    assert "0-7 Drug C:1" in out
    assert "mine.csv row 4" in out
    assert "matched 1 Drug, 1 Disease" in out
    document = tmp_path / "a.txt"
    document.write_text("no cancer", encoding="utf-8")
    found = _json("match", terms, "--input", document)
    assert found["counts"] == {"Disease": 1}
    assert found["matches"][0]["surface"] == "cancer"
    assert found["matches"][0]["row"] == 3
    assert "Give either --text TEXT or --input FILE" in _run("match", terms, code=2)
    piped = CliRunner().invoke(app, ["gazetteer", "match", str(terms)], input="no cancer\n")
    assert "matched 1 Disease" in piped.output
    assert "matched nothing" in _run("match", terms, "-t", "x")


def test_match_takes_misspelled_terms_where_asked(terms: Path) -> None:
    assert "matched nothing" in _run("match", terms, "-t", "lung cancre")
    out = _run("match", terms, "-t", "lung cancre", "--fuzzy", "suggest")
    assert "0-11 near Disease" in out
    assert "“er” swapped" in out
    assert "matched 1 near Disease" in out
    labeled = _json("match", terms, "-t", "lung cancre", "--fuzzy", "Disease=label")
    assert labeled["counts"] == {"Disease": 1}
    strict = ("--fuzzy", "label", "--fuzzy-threshold", "0.95")
    assert "matched nothing" in _run("match", terms, "-t", "lung cancre", *strict)
    assert "unknown fuzzy mode 'on'" in _run("match", terms, "-t", "x", "--fuzzy", "on", code=2)


def test_match_finds_other_forms_as_a_pipeline_does(terms: Path) -> None:
    out = _run("match", terms, "-t", "Lung cancers; lung-cancer")
    assert "matches “lung cancer” (variant)" in out
    assert "matched 2 Disease" in out
    assert "lung-cancer" not in _run("match", terms, "-t", "Lung-Cancers", "--no-variants")


def test_match_reads_documents(terms: Path, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text(
        '{"id": "d1", "text": "aspirin and cancer"}\n{"id": "d2", "text": "cancer"}\n', encoding="utf-8"
    )
    found = _json("match", terms, "-i", path, "--limit", "2")
    assert [(m["doc"], m["label"]) for m in found["matches"]] == [("d1", "Drug"), ("d1", "Disease")]
    assert found["counts"] == {"Drug": 1, "Disease": 2}


def test_search(built: Path) -> None:
    assert _json("search", built, "LUNG")["total"] == 2
    assert [t["term"] for t in _json("search", built, "cancer", "--how", "prefix")["terms"]] == [
        "Cancer, Lung",
        "cancer",
    ]
    assert _json("search", built, "lung cancr", "--how", "fuzzy")["terms"][0]["term"] == "lung cancer"
    assert _json("search", built, "D:1", "--how", "concept")["total"] == 2
    assert "1 of 3 terms" in _run("search", built, "cancer", "--limit", "1")
    assert "no term is alike" in _run("search", built, "zzzzzz", "--how", "fuzzy")
    assert "unknown way to search 'odd'" in _run("search", built, "x", "--how", "odd", code=2)


def test_lint(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "term,label,id\nflu,Disease,D:1\nFlu,Disease,D:1\nflu,Drug,C:1\nthe,Drug,C:2\nab,Drug,C:3\n"
        "12,Drug,C:4\nhttps://x.org/y,Drug,C:5\nGENE1,Drug,C:6\n",
        encoding="utf-8",
    )
    genes = tmp_path / "genes.txt"
    genes.write_text("# symbols\nGENE1\n", encoding="utf-8")
    found = _json("lint", path, "--genes", genes)
    assert found["counts"] == {
        "duplicate": 1,
        "ambiguous": 1,
        "too-common": 1,
        "too-short": 1,
        "number": 1,
        "markup": 1,
        "gene-symbol": 1,
    }
    assert found["terms"] == 8
    text = _run("lint", path, "--only", "ambiguous")
    assert "flu  [Drug, C:1, preferred, folded, a.csv row 4]  and  flu  [Disease, D:1" in text
    assert "1 finding in 8 terms" in text
    _run("lint", path, "--exit-code", code=1)
    assert set(_json("lint", path, "--skip", "duplicate", "--skip", "number")["counts"]) >= {
        "ambiguous",
        "markup",
    }
    assert "number" not in _json("lint", path, "--skip", "number")["counts"]
    assert "unknown kind 'odd'" in _run("lint", path, "--only", "odd", code=2)


def test_lint_with_own_common_words(tmp_path: Path, terms: Path) -> None:
    common = tmp_path / "common.txt"
    common.write_text("aspirin\n", encoding="utf-8")
    assert _json("lint", terms, "--common", common)["counts"] == {"too-common": 1}


def test_a_missing_label_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("flu\n", encoding="utf-8")
    message = _run("stats", path, code=2)
    assert message.startswith("error: ")
    assert "no label" in message
    assert message.count("\n") == 1
    assert _json("stats", path, "--label", "Disease")["terms"] == 1


def test_an_unknown_file_is_one_clear_line() -> None:
    assert "nofile.csv: no such file or folder." in _run("stats", "nofile.csv", code=2)


def test_packs_lists_what_is_shipped_and_what_is_off() -> None:
    rows = {row["name"]: row["default"] for row in _json("packs", "medical")}
    assert rows["medical/mesh_diseases"] is True
    assert rows["medical/anatomy"] is False
    assert "medical/procedures                   on request: MeSH descriptors" in _run("packs", "medical")
    assert "no terms are shipped for 'weather'. Use one of geography, legal, medical." in _run(
        "packs", "weather", code=2
    )


def test_a_pack_is_named_like_a_file() -> None:
    found = _json("match", "medical/anatomy", "medical/procedures", "--text", "MRI of the liver")
    assert found["counts"] == {"Procedure": 1, "Anatomy": 1}
    assert _json("search", "medical/anatomy", "brain", "--how", "exact")["terms"][0]["concept_id"]
    assert "have no pack 'anatomi'" in _run("stats", "medical/anatomi", code=2)


@pytest.mark.parametrize("command", ["import", "build"])
def test_mode_is_for_rows_that_bring_none(tmp_path: Path, command: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("term,label,mode\nBPD,Disease,\nflu,Disease,folded\n", encoding="utf-8")
    out = tmp_path / "out.tsv"
    for mode, wanted in (("", "folded"), ("case", "case"), ("auto", "case"), ("defined", "defined")):
        _run(command, path, "-o", out, *(("--mode", mode) if mode else ()))
        assert [term.mode for term in load_gazetteer(out)] == [wanted, "folded"]
    message = _run(command, path, "-o", out, "--mode", "exact", code=2)
    assert "unknown match mode 'exact'. Use auto, folded, case, defined." in message


def test_member_chooses_a_file_of_a_folder(tmp_path: Path) -> None:
    for name in ("Disease", "Drug"):
        (tmp_path / f"{name}.txt").write_text(f"a {name}\n", encoding="utf-8")
    assert "name one of them with --member NAME" in _run("stats", tmp_path, code=2)
    out = tmp_path / "out.tsv"
    _run("import", tmp_path, "--member", "Drug*", "--label", "Drug", "-o", out)
    assert [term.text for term in load_gazetteer(out)] == ["a Drug"]


def test_every_command_that_reads_takes_options_of_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("NAME,KIND\nlung cancer,Disease\n", encoding="utf-8")
    columns = ("--set", "columns=term=NAME,label=KIND")
    assert _json("match", path, "--text", "lung cancer", *columns)["counts"] == {"Disease": 1}
    assert _json("search", path, "lung", *columns)["terms"][0]["term"] == "lung cancer"
    assert _json("diff", path, path, *columns)["counts"]["added"] == 0
    assert _json("lint", path, *columns)["terms"] == 1
    assert _json("stats", path, *columns)["terms"] == 1


def test_the_help_names_every_rule_and_kind() -> None:
    from hybrid_ner.cli.gazetteer import LINT_KINDS, VARIANT_RULES
    from hybrid_ner.terms.lint import KINDS
    from hybrid_ner.terms.variants import RULES

    assert VARIANT_RULES.split(",") == list(RULES)
    assert LINT_KINDS.split(", ") == list(KINDS)


@pytest.mark.parametrize("command", ["import", "build"])
def test_an_output_that_cannot_be_written_is_refused_with_the_next_step(terms: Path, command: str) -> None:
    missing = terms.parent / "none" / "out.tsv"
    assert "its folder does not exist. Make the folder" in _run(command, terms, "-o", missing, code=2)
    message = _run(command, terms, "-o", terms.parent / "out.xls", code=2)
    assert "out.xls: a gazetteer is written to .tsv or .tsv.gz; .csv, .ttl (SKOS) and .jsonl" in message
    assert "Give such a name to --out." in message


def test_columns_of_a_table_are_named_on_any_command(tmp_path: Path) -> None:
    path = tmp_path / "liste.txt"
    path.write_text("Begriff;Art;Auch\nGrippe;Krankheit;Influenza, Virusgrippe\n")
    columns = ["--columns", "term=Begriff,label=Art,synonyms=Auch"]
    runner = CliRunner()
    for words in (
        ["stats", str(path)],
        ["match", str(path), "-t", "Grippe"],
        ["search", str(path), "grippe"],
    ):
        result = runner.invoke(app, ["gazetteer", *words, *columns, "--json"])
        assert result.exit_code == 0, result.output
        assert "Krankheit" in result.stdout
    out = tmp_path / "out.csv"
    result = runner.invoke(app, ["gazetteer", "build", str(path), "-o", str(out), *columns])
    assert result.exit_code == 0, result.output
    assert out.read_text().splitlines()[1:3] == [
        "Grippe,Krankheit,name:grippe,preferred,folded,,",
        "Influenza,Krankheit,name:grippe,synonym,folded,,",
    ]
    result = runner.invoke(app, ["gazetteer", "import", str(path), "-o", str(tmp_path / "x.ttl"), *columns])
    assert "urn:hybrid-ner:scheme/Krankheit" in (tmp_path / "x.ttl").read_text()
    output = tmp_path / "found.jsonl"
    (tmp_path / "a.csv").write_text("nr,Befund\n1,Grippe\n")
    words = [
        "label",
        "--corpus",
        str(tmp_path / "a.csv"),
        "--text-column",
        "Befund",
        "--gazetteer",
        str(path),
    ]
    result = runner.invoke(app, [*words, *columns, "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert '"Krankheit"' in output.read_text()


def test_match_looks_at_every_document_of_a_folder(terms: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text("On aspirin.", encoding="utf-8")
    (notes / "b.txt").write_text("Lung cancer.", encoding="utf-8")
    found = _json("match", terms, "--input", notes)
    assert [match["doc"] for match in found["matches"]] == ["a", "b"]


def test_match_leaves_out_files_that_cannot_be_read_where_asked(terms: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text("On aspirin.", encoding="utf-8")
    (notes / "b.txt").write_bytes(b"\0\1")
    given = ["gazetteer", "match", str(terms), "--input", str(notes)]
    assert "--skip-bad leaves such a one out" in CliRunner().invoke(app, given).stderr
    told = CliRunner().invoke(app, [*given, "--skip-bad"])
    assert told.stdout.startswith("a 3-10")
    assert "1 problem: file 1" in told.stderr
    assert "b.txt" in told.stderr


def test_match_tells_that_operators_of_a_search_are_words(tmp_path: Path) -> None:
    search = '(privileg* OR "attorney client") AND NOT newsletter'
    (tmp_path / "l.txt").write_text(f"BED AND BREAKFAST\ngout\n{search}\n", encoding="utf-8")
    given = ["gazetteer", "match", str(tmp_path / "l.txt"), "--label", "X", "--text", "gout"]
    [note] = [line for line in CliRunner().invoke(app, given).stderr.splitlines() if "of a search" in line]
    assert note.endswith("first row 3")


def test_match_says_what_of_a_list_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("term,price,label\naspirin,3,Drug\nheparin,5,Drug\n", encoding="utf-8")
    (tmp_path / "n.txt").write_bytes("Grüße: aspirin".encode("utf-16"))
    given = ["gazetteer", "match", str(tmp_path / "l.csv"), "--input", str(tmp_path / "n.txt")]
    told = CliRunner().invoke(app, given)
    assert "columns that were not read: price" in told.stderr
    assert told.stdout.startswith("7-14 Drug\n")


def test_fuzzy_mode_of_a_label_that_no_term_has_is_told(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("term,label\naspirin,Dental drug\n", encoding="utf-8")
    (tmp_path / "n.txt").write_text("asprin", encoding="utf-8")
    said = "no term has the label 'Dentl drug' of the fuzzy mode; there is Dental drug."
    given = ("--fuzzy", "Dentl drug=label", "--fuzzy", "Dental drug=label")
    told = CliRunner().invoke(app, ["gazetteer", "match", str(tmp_path / "l.csv"), "-t", "asprin", *given])
    assert said in told.stderr
    assert "0-6 Dental drug" in told.stdout
    paths = (
        "--gazetteer",
        tmp_path / "l.csv",
        "--corpus",
        tmp_path / "n.txt",
        "--output",
        tmp_path / "o.jsonl",
    )
    told = CliRunner().invoke(app, ["label", *map(str, paths), *given])
    assert said in told.stderr


def test_a_list_is_never_written_over_itself(terms: Path, tmp_path: Path) -> None:
    before, link = terms.read_bytes(), tmp_path / "link.csv"
    link.symlink_to(terms)
    for words in (("import", terms, "--out", link), ("build", terms, "--out", terms)):
        assert "take the place of the input" in " ".join(_run(*words, code=2).split())
    assert terms.read_bytes() == before


def test_marks_of_several_characters_are_refused(terms: Path, tmp_path: Path) -> None:
    for option in ("delimiter=||", "quote=''"):
        said = _run("import", terms, "--out", tmp_path / "x.tsv", "--set", option, code=2)
        assert f"option {option.partition('=')[0]} takes one character" in " ".join(said.split())
