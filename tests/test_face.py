"""What ``from hybrid_ner import …`` gives: every name is there, documented, and imported when it is used."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame
from spacy import blank

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
        InputError,
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
    with pytest.raises(InputError, match="expected a folder for the pipeline, found a file"):
        save(rule_pipeline(terms), "notes.jsonl")
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


def test_what_is_no_term_document_or_setting_is_told(tmp_path: Path) -> None:
    from hybrid_ner import (
        BootstrapSettings,
        Document,
        Gazetteer,
        GazetteerMatcher,
        InputError,
        RetrainSettings,
        Term,
        bootstrap,
        compare,
        gather_terms,
        load_gazetteer,
        predict,
        read_corpus,
        rule_pipeline,
        show,
    )

    settings = BootstrapSettings("generic", expand=False)
    for wrong in ((7, "Drug"), ("aspirin", "Drug", 1191), (float("nan"), "Drug")):
        with pytest.raises(InputError, match="a term is of strings"):
            Term(*wrong)  # type: ignore[arg-type]
    terms = Gazetteer.of([Term("aspirin", "Drug")])
    given: Any = "aspirin"
    table: Any = DataFrame({"note": ["Aspirin"]})
    out = tmp_path / "out"
    for call, said in (
        (lambda: Gazetteer.of([given]), "expected a Term, found 'aspirin'"),
        (lambda: Gazetteer.of([("aspirin", given)]), "expected a Term, found"),  # type: ignore[list-item]
        (lambda: GazetteerMatcher([given]), "expected a Gazetteer, found"),  # type: ignore[arg-type]
        (lambda: [*predict(given, [], "rule")], "expected a pipeline, found 'aspirin'.*load_pipeline"),
        (lambda: show(given), "expected a Doc, found 'aspirin'"),
        (lambda: bootstrap(terms, [], out, given), "expected BootstrapSettings, found 'aspirin'"),
        (lambda: RetrainSettings(given), "expected BootstrapSettings, found 'aspirin'"),
        (lambda: bootstrap(terms, given, out, settings), "expected a Document, found 'aspirin'"),
        (lambda: bootstrap(terms, [given], out, settings), "expected a Document, found 'aspirin'"),
        (lambda: bootstrap(terms, [], out, settings), "there is no document"),
        (lambda: bootstrap([given], [], out, settings), "expected a Gazetteer, found"),  # type: ignore[arg-type]
        (lambda: compare([], [given]), "expected predictions by name"),  # type: ignore[arg-type]
        (lambda: Gazetteer.of(table), r"expected terms, found a table \(DataFrame\)\. Give Term"),
        (lambda: load_gazetteer(table), r"expected the path of a list, found a table \(DataFrame\)"),
        (lambda: gather_terms("generic", [table]), "expected a path, found"),
        (lambda: read_corpus(table), "expected a path, found note 0 Aspirin"),
        (lambda: [*predict(rule_pipeline(terms), table, "rule")], "expected documents, found a table"),
        (lambda: blank("en").add_pipe("hybrid_rules").use(table), "expected a Gazetteer"),  # type: ignore[attr-defined]
    ):
        with pytest.raises(InputError, match=said):
            call()
    assert [[m.label for m in found] for found in GazetteerMatcher(terms).match_batch("No aspirin")] == [
        ["Drug"]
    ]
    (one,) = predict(rule_pipeline(terms), Document("1", "No aspirin"), "rule")  # type: ignore[arg-type]
    assert len(one.entities or ()) == 1


def test_one_text_of_labels_or_names_is_not_taken_by_its_letters() -> None:
    from hybrid_ner import Gazetteer, ReviewStore, Term, rule_pipeline
    from hybrid_ner.domains.registry import DomainSettings

    with ReviewStore.open(":memory:") as store:
        assert store.create_project("a", labels="Pest").labels == ("Pest",)
        assert store.create_project("b", labels="Pest, Crop").labels == ("Pest", "Crop")
    settings = DomainSettings(disabled="abbreviations")  # type: ignore[arg-type]
    assert rule_pipeline(Gazetteer.of([Term("a", "X")]), settings=settings).pipe_names == [
        "gazetteer",
        "entity_fusion",
    ]


def test_an_iterator_of_documents_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hybrid_ner import BootstrapSettings, Document, bootstrap
    from hybrid_ner.training.expansion import ExpansionSettings

    monkeypatch.chdir(tmp_path)
    Path("drugs.csv").write_text("term,label\naspirin,Drug\n", encoding="utf-8")
    words = ExpansionSettings(words="none")
    settings = BootstrapSettings(
        "generic", expand=True, expansion=words, overrides={"training.max_epochs": 1}
    )
    documents = (Document(str(n), f"Took aspirin on day {n}.") for n in range(6))
    assert bootstrap("drugs.csv", documents, "model", settings).steps["label"]["documents"] == 6


def test_an_empty_path_is_not_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from hybrid_ner import (
        InputError,
        gather_terms,
        load_gazetteer,
        load_pipeline,
        load_plugin,
        read_corpus,
        read_rules,
    )
    from hybrid_ner.cli import app

    monkeypatch.chdir(tmp_path)
    Path("drugs.csv").write_text("term,label\naspirin,Drug\n", encoding="utf-8")
    for read in (load_gazetteer, read_corpus, read_rules, load_pipeline, load_plugin):
        with pytest.raises(InputError, match="the path is empty"):
            read("")
        with pytest.raises(InputError, match="expected a path, found None"):
            read(None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the path is empty"):
        gather_terms("generic", "")
    # "$NOTES", where NOTES is not set
    result = CliRunner().invoke(
        app, ["label", "--gazetteer", "drugs.csv", "--corpus", "", "--output", "x.jsonl"]
    )
    assert result.exit_code == 2
    assert result.stderr.startswith("error: --corpus: the path is empty. Give a file or folder;")


def test_every_component_can_be_found_by_spacy_alone() -> None:
    """A saved pipeline is opened by ``spacy.load`` in a process that has imported nothing of this package."""
    root = Path(__file__).parent.parent
    named = re.compile(r"@Language\.factory\(\s*\"(\w+)\"")
    made = {name for path in (root / "hybrid_ner").rglob("*.py") for name in named.findall(path.read_text())}
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert made == set(project["entry-points"]["spacy_factories"])


def test_something_of_another_kind_is_told_with_the_next_step(tmp_path: Path) -> None:
    import numpy as np
    import pyarrow as pa

    import hybrid_ner as h
    from hybrid_ner.matching import Fuzzy

    terms = h.Gazetteer.of([h.Term("aspirin", "Drug")])
    matcher, nlp = h.GazetteerMatcher(terms), h.rule_pipeline(terms)
    doc, document, wrong = nlp("Aspirin."), h.Document("d", "Aspirin.", ()), h.Document("d", b"x")  # type: ignore[arg-type]
    settings, (none, out) = h.BootstrapSettings, (None, tmp_path / "out")
    store = h.ReviewStore.open(tmp_path / "review.sqlite3")
    project = store.create_project("notes", labels=("Drug",))
    project.add_documents([document])
    session = h.ReviewSession(store, "notes")
    calls: dict[str, list[Callable[[], Any]]] = {
        "expected a text, found": [
            lambda: matcher.match(none),
            lambda: matcher.match(doc),
            lambda: matcher.suggestions(b"aspirin"),
            lambda: list(matcher.match_batch(["aspirin", float("nan")])),
            lambda: matcher.lookup(none),
        ],
        "expected a pipeline, found": [
            lambda: h.save(none, out),
            lambda: h.three_way(none, [document]),
        ],
        "expected a path, found None": [
            lambda: matcher.save(none),
            lambda: h.GazetteerMatcher.load(none),
            lambda: h.gather_terms("generic", none),
            lambda: h.BatchLabeler(none),
        ],
        "expected the name of a domain, found None": [
            lambda: h.rule_pipeline(terms, none),
            lambda: h.bootstrap(terms, [document], out, settings(none)),
        ],
        "expected a Document, found": [
            lambda: h.Corpus.of(doc),
            lambda: h.compare([doc], {"rule": [document]}),
            lambda: h.compare([document], {"rule": none}),
            lambda: h.three_way(nlp, none),
            lambda: h.write_corpus(out, none, "jsonl"),
        ],
        "are not both strings": [
            lambda: list(h.predict(nlp, [wrong], "rule")),
            lambda: project.add_documents([wrong]),
        ],
        "expected a Term, found": [lambda: h.Gazetteer.of([*terms, document])],
        "expected terms, found None": [lambda: h.Gazetteer.of(none)],
        "expected a Gazetteer, found": [
            lambda: terms.diff(none),
            lambda: terms.merge(none),
            lambda: terms.merge([terms]),
        ],
        "expected a fuzzy mode, found True": [lambda: h.rule_pipeline(terms, fuzzy=True)],
        "expected a mode, modes of labels and a share": [lambda: Fuzzy("label", threshold=5)],
        "expected names of vocabularies": [lambda: h.rule_pipeline(terms, ids=["mesh"])],
        "None is no labeling source": [lambda: h.rule_pipeline(terms, sources=none)],
        "expected a function, found": [lambda: h.labeling_source("length")(len)],
        "expected a label, found None": [lambda: h.load_gazetteer(tmp_path / "a.csv", label=none)],
        "expected a RecordBatch, found": [
            lambda: list(h.BatchLabeler(out)(none)),
            lambda: list(h.BatchLabeler(out)([pa.table({"text": ["a"]})])),
        ],
        "expected overrides, found None": [
            lambda: h.bootstrap(terms, [document], out, settings("generic", overrides=none))
        ],
        "expected the name of a training recipe": [
            lambda: h.bootstrap(terms, [document], out, settings("generic", recipe=none))
        ],
        "expected the path of a review store, found None": [lambda: h.ReviewStore.open(none)],
        "expected a ReviewStore, found": [lambda: h.ReviewSession(none)],
        "expected a line of text, found None": [lambda: session.handle(none)],
        "expected the name of a project, found None": [lambda: store.create_project(none)],
        "expected the name of a reviewer, found 5": [lambda: h.ReviewSession(store, "notes", 5)],  # type: ignore[arg-type]
        "expected labels, found None": [lambda: store.create_project("other", none)],
        "expected the name of a run and pairs": [lambda: project.add_suggestions("r1", none)],
        "expected suggestions for document 'd'": [
            lambda: project.add_suggestions("r1", [("d", [(0, 7, "Drug")])])
        ],
        "expected RetrainSettings, found": [lambda: h.retrain(terms, [document], {}, out, none)],
        "expected decisions by document id, found None": [
            lambda: h.retrain(terms, [document], none, out, h.RetrainSettings(settings("generic")))
        ],
        "expected Settings, found": [
            lambda: h.compare([document], {"rule": [document]}, none or {"seed": 1})
        ],  # type: ignore[arg-type]
        "expected DomainSettings, found 'legal'": [lambda: h.rule_pipeline(terms, settings="legal")],  # type: ignore[arg-type]
        "expected a number of reviews, found": [lambda: store.create_project("other", reviews=none)],
        "there is no engine 'fast'": [lambda: h.GazetteerMatcher(terms, engine="fast")],  # type: ignore[arg-type]
        "holds half a character at 8": [lambda: nlp("Aspirin \ud800")],
    }
    (tmp_path / "a.csv").write_text("term,label\naspirin,Drug\n")
    for said, several in calls.items():
        for number, call in enumerate(several):
            with pytest.raises(h.InputError, match=re.escape(said)) as caught:
                call()
            assert caught.value.hint, (said, number)
    assert [e.text for e in nlp(np.str_("Aspirin")).ents] == ["Aspirin"]
    assert project.add_suggestions("r2", {"d": [h.Suggestion(0, 7, "Drug")]}).documents == 1
    store.close()


def test_what_cannot_be_read_or_counted_is_not_written_or_scored(tmp_path: Path) -> None:
    import numpy as np

    from hybrid_ner import Document, Entity, InputError, compare, read_corpus, write_corpus

    def noted(start: Any, end: Any, **more: Any) -> Document:
        return Document("d", "aspirin", (Entity(start, end, "Drug", **more),))

    path, right = tmp_path / "notes.jsonl", noted(0, 7)
    assert write_corpus(path, [noted(np.int64(0), np.int64(7))]) == 1
    assert list(read_corpus(path)) == [right]
    for wrong, said in (
        (noted(0, True), "are no integers"),
        (noted(0, 7, concept_id=None), "the concept id of Entity"),
        (noted(0, 99), "lies outside the text"),
    ):
        with pytest.raises(InputError, match=said):
            write_corpus(path, [wrong])
        for gold, found in ((right, wrong), (wrong, right)):
            with pytest.raises(InputError, match=said):
                compare([gold], {"rule": [found]})
    with pytest.raises(InputError, match="two documents have the id 'd'"):
        write_corpus(path, [right, right])
    for gold, found in (([right, right], [right]), ([right], [right, right])):
        with pytest.raises(InputError, match="document 'd' comes twice in"):
            compare(gold, {"rule": found})
    assert list(read_corpus(path)) == [right]
