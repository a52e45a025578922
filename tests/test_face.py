"""What ``from hybrid_ner import …`` gives: every name is there, documented, and imported when it is used."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import hybrid_ner

DOCS = (Path(__file__).parent.parent / "docs" / "python.md").read_text(encoding="utf-8")


def test_every_name_is_there_and_documented() -> None:
    assert sorted(hybrid_ner.__all__) == sorted(hybrid_ner._MODULES)
    for name in hybrid_ner.__all__:
        assert getattr(hybrid_ner, name) is not None
        assert name in dir(hybrid_ner)
        assert re.search(rf"\b{name}\b", DOCS), f"docs/python.md does not show {name}"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import hybrid_ner, sys; print(*{'spacy', 'numpy', 'catalogue', 'sqlalchemy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


def test_folders_may_be_given_as_strings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hybrid_ner import (
        BootstrapSettings,
        Document,
        Gazetteer,
        Term,
        bootstrap,
        load_pipeline,
        read_corpus,
        rule_pipeline,
        save,
        write_corpus,
    )

    monkeypatch.chdir(tmp_path)
    terms = Gazetteer.of([Term("aspirin", "Drug")])
    write_corpus("notes.jsonl", [Document(str(n), f"Took aspirin on day {n}.") for n in range(6)])
    settings = BootstrapSettings("generic", expand=False, overrides={"training.max_epochs": 1})
    bootstrap(terms, read_corpus("notes.jsonl"), "model", settings)
    save(rule_pipeline(terms), "rules")
    for folder in ("model", "rules"):
        assert [e.text for e in load_pipeline(folder)("More aspirin.").ents] == ["aspirin"]


def test_one_name_is_taken_for_a_list_and_what_is_no_term_or_document_is_told(tmp_path: Path) -> None:
    from hybrid_ner import (
        Gazetteer,
        InputError,
        Term,
        gather_terms,
        labeling_source,
        predict,
        rule_pipeline,
    )

    @labeling_source("one_name", label="Dose")
    def one_name(text: str) -> list[re.Match[str]]:
        return list(re.finditer("5 mg", text))

    (tmp_path / "drugs.csv").write_text("term,label\naspirin,Drug\n")
    assert len(gather_terms("generic", str(tmp_path / "drugs.csv"))) == 1
    terms = [Term("aspirin", "Drug")]
    nlp = rule_pipeline(Gazetteer.of(terms), sources="one_name")
    assert [e.text for e in nlp("Aspirin 5 mg").ents] == ["Aspirin", "5 mg"]
    with pytest.raises(InputError, match=r"expected a Gazetteer, found \[Term.* Give Gazetteer\.of\(terms\)"):
        rule_pipeline(terms)  # type: ignore[arg-type]
    for system in ("rule", "hybrid"):
        with pytest.raises(InputError, match="expected a Document, found 'Aspirin'"):
            list(predict(nlp, ["Aspirin"], system))  # type: ignore[arg-type,list-item]


def test_every_component_can_be_found_by_spacy_alone() -> None:
    """A saved pipeline is opened by ``spacy.load`` in a process that has imported nothing of this package."""
    root = Path(__file__).parent.parent
    named = re.compile(r"@Language\.factory\(\s*\"(\w+)\"")
    made = {name for path in (root / "hybrid_ner").rglob("*.py") for name in named.findall(path.read_text())}
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert made == set(project["entry-points"]["spacy_factories"])
