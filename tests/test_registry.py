"""Registries: names without imports, clear errors, and plug-in files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import Distribution, EntryPoint
from itertools import islice
from pathlib import Path
from typing import Any

import catalogue
import pytest
from typer.testing import CliRunner

from hybrid_ner import Document, Term, load_gazetteer
from hybrid_ner.cli import app
from hybrid_ner.corpus.formats.records import Losses
from hybrid_ner.corpus.formats.shared import Format, of_others
from hybrid_ner.errors import InputError, PluginError
from hybrid_ner.io import Place, Problem, ProblemLog, Report, fail
from hybrid_ner.registry import (
    COMMANDS,
    DOMAINS,
    FORMATS,
    LEARNERS,
    PLUGINS_VARIABLE,
    READERS,
    SOURCES,
    Domain,
    Registry,
    load_plugin,
    provider_of,
)
from hybrid_ner.terms.readers.base import Reader, text_lines
from hybrid_ner.text import quantity


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLUGINS_VARIABLE, "")


def test_the_shipped_domains_come_through_the_same_door() -> None:
    assert {"generic", "legal", "medical"} <= set(DOMAINS.names())
    assert DOMAINS.get("legal").terms is not None
    assert all(isinstance(domain, Domain) for _, domain in DOMAINS.all())


def test_an_unknown_name_says_which_are_near_or_known() -> None:
    with pytest.raises(InputError, match=r"unknown domain 'legl'\. Did you mean legal"):
        DOMAINS.get("legl")
    with pytest.raises(InputError, match="unknown thing 'x'"):
        Registry[int]("things", "thing").get("x")


def test_a_broken_package_is_named_and_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("broken", "no_such_module:x", "hybrid_ner_things")]
    things: Registry[int] = Registry("things", "thing")
    monkeypatch.setattr(things, "_points", lambda: points)
    monkeypatch.setattr("catalogue.REGISTRY", {})
    things.register("mine", 1)
    with pytest.raises(InputError, match="'broken' of no_such_module:x cannot be imported"):
        things.get("broken")
    with pytest.warns(UserWarning, match="left out: the thing 'broken'"):
        assert dict(things.all()) == {"mine": 1}


def test_two_packages_of_one_name_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("x", f"{module}:x", "hybrid_ner_things") for module in ("one", "two")]
    things: Registry[int] = Registry("things", "thing")
    monkeypatch.setattr(things, "_points", lambda: points)
    monkeypatch.setattr("catalogue.REGISTRY", {})
    for _ in range(2):
        with pytest.raises(InputError, match="one:x and two:x both bring a thing 'x'"):
            things.get("x")
        things.register("x", 1)  # as a decorator does when something else of its module is imported


def test_what_is_none_is_named_with_its_package_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    things: Registry[int] = Registry("things", "thing", "a number", lambda value: isinstance(value, int))
    points = [EntryPoint("odd", "os:sep", "hybrid_ner_things")]
    monkeypatch.setattr(things, "_points", lambda: points)
    monkeypatch.setattr("catalogue.REGISTRY", {})
    with pytest.raises(InputError, match=r"the thing 'odd' of os:sep is none: found '/'\. Give a number"):
        things.get("odd")
    things.register("mine", 1)
    with pytest.warns(UserWarning, match="left out: the thing 'odd'"):
        assert dict(things.all()) == {"mine": 1}
    assert dict(things.all()) == {"mine": 1}  # told once; warnings are errors here
    with pytest.raises(InputError, match="the thing 'x' is none"):
        things.register("x", "no number")  # type: ignore[arg-type]


def test_a_name_of_this_package_stays_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ("theirs:x", "hybrid_ner.text:quantity")
    points = [EntryPoint("x", value, "hybrid_ner_things") for value in values]
    things: Registry[object] = Registry("things", "thing")
    monkeypatch.setattr(things, "_points", lambda: points)
    monkeypatch.setattr("catalogue.REGISTRY", {})
    with pytest.warns(UserWarning, match=r"'x' of theirs:x: hybrid-ner has one of that name\. It"):
        assert things.get("x") is quantity
    other: Registry[object] = Registry("others", "other")
    monkeypatch.setattr(other, "_points", lambda: points[:1])
    with pytest.warns(UserWarning, match="the other 'x' of theirs:x: hybrid-ner has one"):
        assert other.beside(("x", "y")) == ()


def test_a_domain_and_a_format_have_one_name() -> None:
    for door, value in ((DOMAINS, Domain("barn")), (FORMATS, LINES)):
        with pytest.raises(InputError, match=r"'shed' calls itself .*Use one name for both"):
            door.register("shed", value)  # type: ignore[arg-type]


def _lines(path: Path, report: object) -> Iterator[tuple[Place, Document]]:
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield Place(str(path), row), Document(line.split("|")[0], line.split("|")[1])


LINES = Format("barred", (".barred",), _lines, lambda path, documents, report: path.write_text("x"))


def test_what_a_format_of_others_leaves_out_is_told_of_the_file_that_was_asked_for(tmp_path: Path) -> None:
    def write(path: Path, documents: Iterable[Document], report: Report) -> int:
        lost = Losses(path, report)
        lost.note("entities")
        lost.warn()
        return path.write_text("x" * len([*documents]))

    file, log = tmp_path / "a.barred", ProblemLog()
    assert of_others(replace(LINES, write=write)).write(file, [Document("1", "one")], log) == 1
    assert [problem.place.path for problem in log.problems] == [str(file)]


def test_what_fails_in_a_format_or_reader_of_others_is_told_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path, documents: Iterable[Document], report: object) -> int:
        with path.open("w") as out:
            for document in documents:
                out.write(document.meta["barn"])
        return 1

    file = tmp_path / "a.barred"
    file.write_text("1|one\ntwo\n", encoding="utf-8")
    form = of_others(replace(LINES, write=cut))
    row = _lines.__code__.co_firstlineno + 2
    with pytest.raises(
        PluginError, match=rf"test_registry\.py, row {row}: .*'barred', on .*a\.barred, failed \(Ind"
    ):
        list(form.read(file, fail))
    with pytest.raises(PluginError, match=r"'barred', on .*failed \(KeyError: 'barn'\)"):
        form.write(file, [Document("1", "one")], fail)
    assert file.read_text(encoding="utf-8").startswith("1|one")  # what was there stays
    with pytest.raises(PluginError, match=r"gave 'x'\. Give pairs of Place"):
        list(of_others(replace(LINES, read=lambda path, report: iter("x"))).read(file, fail))
    with pytest.raises(PluginError, match="gave None when it had written"):
        of_others(replace(LINES, write=lambda path, documents, report: None)).write(file, [], fail)  # type: ignore[arg-type,return-value]

    def read(files: Any, options: Any, recorder: Any) -> Iterator[Term]:
        yield Term("hay", "Feed")
        raise LookupError("no such row")

    file.write_text("hay\n", encoding="utf-8")
    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))
    READERS.register("barns", Reader("barns", "barns", read, lambda name, head: False, own_labels=True))
    with pytest.raises(PluginError, match=r"'barns', on .*failed \(LookupError: no such row\)"):
        load_gazetteer(file, format="barns")


def test_a_format_of_others_writes_every_document_or_tells_of_it(tmp_path: Path) -> None:
    file, documents = tmp_path / "a.barred", [Document(each, each) for each in ("one", "two", "three")]

    def writer(count: int, take: int = 3, told: int = 0, made: bool = True) -> Format:
        def write(path: Path, given: Iterable[Document], report: Any) -> int:
            for document in islice(given, take):
                for _ in range(told):
                    report(Problem("lost data", document.doc_id, Place(str(path)), warning=True))
            if made:
                path.write_text("new", encoding="utf-8")
            return count

        return of_others(replace(LINES, write=write))

    for form, said in (
        (writer(1, take=1), "wrote 1 document and left others out"),
        (writer(2), "wrote 2 documents, and was given 3"),
        (writer(77), "wrote 77 documents, and was given 3"),
        (writer(3, made=False), "wrote 0 documents, and was given 3"),
    ):
        file.write_text("old", encoding="utf-8")
        with pytest.raises(PluginError, match=said):
            form.write(file, documents, fail)
        assert file.read_text(encoding="utf-8") == "old"
    log = ProblemLog()
    assert writer(0, told=1).write(file, documents, log) == 0
    assert log.counts == {"lost data": 3}
    assert writer(0, made=False).write(file, [], fail) == 0
    assert file.read_text(encoding="utf-8") == ""


def test_a_plugin_file_registers_once_and_is_handed_on(tmp_path: Path) -> None:
    file = tmp_path / "own_rules_1.py"
    file.write_text("from hybrid_ner import labeling_source\nlabeling_source('own_1')(lambda doc: [])\n")
    load_plugin(file)
    load_plugin(str(file))
    assert "own_1" in SOURCES
    assert os.environ[PLUGINS_VARIABLE] == str(file)


def test_two_plugins_of_one_name_are_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "own_rules_3.py", tmp_path / "own_rules_4.py"
    for file in (first, second):
        file.write_text("from hybrid_ner import labeling_source\nlabeling_source('own_3')(lambda doc: [])\n")
    load_plugin(first)
    kept = SOURCES.get("own_3")
    with pytest.raises(InputError, match=r"labeling source 'own_3', and so does .*own_rules_3\.py"):
        load_plugin(second)
    assert SOURCES.get("own_3") is kept
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "domain.yaml").write_text("name: hostel\nlabels: {Room: []}\n")
    load_plugin(tmp_path / "one")
    load_plugin(tmp_path / "one")
    with pytest.raises(InputError, match=r"domain 'hostel', and so does .*one"):
        load_plugin(tmp_path / "two")


def test_unusable_plugin_files_are_errors(tmp_path: Path) -> None:
    broken = tmp_path / "own_rules_2.py"
    broken.write_text("1 / 0\n")
    with pytest.raises(InputError, match=r"cannot be run \(ZeroDivisionError"):
        load_plugin(broken)
    taken = tmp_path / "json.py"
    taken.write_text("")
    with pytest.raises(InputError, match="a module called 'json' exists already"):
        load_plugin(taken)
    with pytest.raises(InputError, match="expected a Python file"):
        load_plugin(tmp_path / "none.py")


def _flat(*words: str) -> str:
    """What a command says, without frames and line breaks."""
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "100"})
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return re.sub(r"[│\s]+", " ", result.output)


def test_help_names_what_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))
    LEARNERS.register("test-learner", Path("small.cfg"))
    for command in ("bootstrap", "retrain", "tune", "compare-recipes"):
        assert re.search(r"Registered: cnn, crf, [^.]*test-learner", _flat(command, "--help")), command
    assert "Domains: generic, geography, legal, medical." in _flat("label", "--help")
    writable = _flat("corpus", "convert", "--help").partition("--to ")[2]
    assert "Formats: conll, biluo," in writable
    assert "docx" not in writable
    assert "obograph" in _flat("gazetteer", "import", "--help")
    assert "Formats: jsonl, spacy" in _flat("review", "export", "--help")


def test_a_domain_whose_samples_are_empty_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))
    (tmp_path / "inns" / "samples").mkdir(parents=True)
    (tmp_path / "inns" / "domain.yaml").write_text("name: inns\nlabels: {Meal: []}\n")
    (tmp_path / "inns" / "samples" / "unlabeled.jsonl").touch()
    command = ("demo", "--plugin", str(tmp_path / "inns"), "--domain", "inns", "--out", str(tmp_path / "out"))
    said = _flat(*command)
    assert "no samples for 'inns'. Put texts into unlabeled.jsonl, and annotated ones into gold.jsonl" in said
    assert not (tmp_path / "out").exists()
    assert "(samples)" not in _flat("domains")


def test_a_plug_in_that_ends_the_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "ends_here.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(
        InputError, match=r"ends_here\.py, row 1: the plug-in cannot be run \(SystemExit: 3\)"
    ):
        load_plugin(tmp_path / "ends_here.py")


def test_a_term_of_a_reader_of_others_without_a_label_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))

    def read(files: Any, options: Any, recorder: Any) -> Iterator[Term]:
        for row, line in text_lines(files, files.only(), recorder):
            if term := recorder.term(line.strip(), row, "Feed" if row == 1 else ""):
                yield term

    reader = Reader("stable", "stable", read, lambda name, head: name.endswith(".stable"), own_labels=True)
    READERS.register("stable", reader)
    (tmp_path / "a.stable").write_text("hay\noats\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.stable, row 2: .*'oats' has no label"):
        load_gazetteer(tmp_path / "a.stable")


def test_a_plug_in_that_registers_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))
    (tmp_path / "plug_without_decorator.py").write_text("def rooms(text):\n    return []\n")
    with pytest.warns(UserWarning, match=r"plug_without_decorator\.py: the plug-in registers nothing\. Dec"):
        load_plugin(tmp_path / "plug_without_decorator.py")


def test_installed_packages_are_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each error of a plug-in asked for them: with 40 documents left out that took a minute."""
    asked: list[int] = []

    def found() -> dict[str, list[str]]:
        asked.append(1)
        return {}

    monkeypatch.setattr("hybrid_ner.registry.packages_distributions", found)
    monkeypatch.syspath_prepend("elsewhere")
    for _ in range(3):
        assert not provider_of("no_such_module").package
    assert len(asked) == 1


def test_what_a_package_says_of_itself_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline asks for each of its sources: a fifth of the time in which it was made."""
    told = provider_of("hybrid_ner.sources")
    monkeypatch.setattr(Distribution, "metadata", property(lambda self: pytest.fail("read again")))
    assert provider_of("hybrid_ner.sources") == told
    assert told.package == "hybrid-ner"


def test_what_cannot_be_found_or_used_is_refused_when_it_is_registered(tmp_path: Path) -> None:
    for name in ("", "two words", None):
        with pytest.raises(InputError, match="could not be found"):
            COMMANDS.register(name, lambda session, rest: "")  # type: ignore[arg-type]
    for wrong in ({"name": None}, {"name": ""}, {"name": "hotel", "labels": ["Room"]}):
        with pytest.raises(InputError, match="expected a name and labels"):
            Domain(**wrong)  # type: ignore[arg-type]
    assert Domain("hotel", terms=str(tmp_path)).terms == tmp_path  # type: ignore[arg-type]
