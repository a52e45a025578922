"""Labeling sources of a user's own: one function or class, saved with a pipeline and opened again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, Span
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Corpus, Document, ProblemLog, read_corpus
from hybrid_ner.domains.legal.names import Dates
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.errors import InputError, ModelError, PluginError
from hybrid_ner.io import UNREADABLE
from hybrid_ner.matching import Match
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.registry import SOURCES
from hybrid_ner.sources import VETO, read_matches
from hybrid_ner.sources.functions import (
    FunctionSource,
    as_source,
    as_sources,
    asked,
    labeling_source,
    plugin_files,
    restore_source,
    source_state,
)
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.bootstrap import BootstrapSettings, _Work
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import read_docs, read_rules
from hybrid_ner.training.update import read_reviewed

TERMS = Gazetteer.of([Term("aspirin", "Drug"), Term("daily dose", "Drug")])
TEXT = "Aspirin 5 mg, a daily dose (DD). DD again."


@labeling_source("test_doses", label="Dose")
def doses(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\d+ ?mg", text)


@labeling_source("test_vetoes", order="last")
def vetoes(doc: Doc) -> Iterator[tuple[int, int, str]]:
    return ((m.start, m.end, VETO) for m in read_matches(doc, "gazetteer") if m.end - m.start < 8)


class Shouts:
    """Follows the written protocol alone: a name and a call."""

    def __init__(self, label: str) -> None:
        self.name, self.label = "test_shouts", label

    def __call__(self, doc: Doc) -> list[Match]:
        return [Match(t.idx, t.idx + len(t), self.label) for t in doc if t.text.isupper() and len(t) > 1]


@dataclass(frozen=True)
class Numbers:
    """A dataclass: its fields are its state."""

    words: tuple[str, ...] = ("five",)
    name: str = "test_numbers"

    def __call__(self, doc: Doc) -> list[Match]:
        return [Match(t.idx, t.idx + len(t), "Number") for t in doc if t.lower_ in self.words]


class NeedsMore:
    name = "test_more"

    def __init__(self, more: str) -> None:
        self.more = more


class LateDates(Dates):
    """A subclass of a shipped source."""


class Lists:
    """A table by number, which JSON gives back as strings, or a part of what saving needs."""

    def __init__(self, name: str = "test_lists", at: int = 0) -> None:
        self.name, self.table = name, {at: "five"}

    def __call__(self, doc: Doc) -> list[Match]:
        return []

    def to_state(self) -> dict[str, Any]:
        return {"table": self.table}


class Unreadable(Lists):
    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Lists:
        return cls(at=max(number + 1 for number in state["table"]))


class Nameless(Lists):
    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Lists:
        return cls()


def entities(nlp: Any, text: str = TEXT) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


def test_a_decorated_function_runs_is_saved_and_is_named_by_the_evidence(tmp_path: Path) -> None:
    nlp = rule_pipeline(TERMS, "generic", sources=[doses])
    assert ("5 mg", "Dose") in entities(nlp)
    save(nlp, tmp_path / "m")
    again = spacy.load(tmp_path / "m")
    assert entities(again) == entities(nlp)
    (match,) = read_matches(again(TEXT), "test_doses")
    assert match.evidence is not None
    assert match.evidence.reference == "test_doses"
    assert next(doses("5 mg")).span() == (0, 4)


def test_abbreviations_of_a_users_spans_are_found() -> None:
    @labeling_source("test_tests", label="Test")
    def tests(text: str) -> list[tuple[int, int]]:
        return [found.span() for found in re.finditer("full blood count", text)]

    nlp = rule_pipeline(TERMS, "medical", sources=[tests])
    found = entities(nlp, "A full blood count (FBC) was normal. FBC again.")
    assert found == [("full blood count", "Test"), ("FBC", "Test"), ("FBC", "Test")]


def test_a_source_that_runs_last_may_veto() -> None:
    assert ("Aspirin", "Drug") not in entities(rule_pipeline(TERMS, "generic", sources=["test_vetoes"]))


@pytest.mark.parametrize(
    "source", [Shouts("Loud"), Numbers(("five", "six")), LateDates("test_dates")], ids=lambda s: s.name
)
def test_a_source_by_the_protocol_alone_survives_saving(source: Any, tmp_path: Path) -> None:
    nlp = rule_pipeline(TERMS, "generic", sources=[source])
    text = "DON'T take five on 3 May 2012."
    save(nlp, tmp_path / "m")
    assert entities(nlp, text)
    assert entities(spacy.load(tmp_path / "m"), text) == entities(nlp, text)


def test_shapes_that_a_function_may_give() -> None:
    doc = blank().make_doc("one two three")

    def results(doc: Doc) -> list[Any]:
        return [(0, 3, "A"), (4, 7), re.search("three", doc.text), doc.char_span(0, 7, "S"), Match(0, 3, "M")]

    found = FunctionSource("any", results, "L")(doc)
    assert [(m.start, m.end, m.label) for m in found] == [
        (0, 3, "A"),
        (4, 7, "L"),
        (8, 13, "L"),
        (0, 7, "S"),
        (0, 3, "M"),
    ]
    assert isinstance(doc.char_span(0, 7), Span)


@pytest.mark.parametrize("bad", [(0, 99, "A"), (3, 1, "A"), (0, 3), "one", (0.0, 3, "A"), (0, 3, 7)])
def test_what_is_no_place_in_the_text_is_an_error_that_names_the_source(bad: Any) -> None:
    with pytest.raises(InputError, match="labeling source 'bad' gave"):
        FunctionSource("bad", lambda doc: [bad])(blank().make_doc("one two"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "gave 3, which is no list"),
        ("cough", "gave 'cough', which is no list"),
        ({"start": 0, "end": 3}, "which is no list"),
        (re.search("one", "one two"), "which is no list"),
        (blank().make_doc("one two")[0:1], "which is no list"),
        ((0, 3), r"gave \(0, 3\), one place instead of a list"),
        ((0, 3, "A"), "one place instead of a list"),
        (repeat((0, 3, "A")), r"gave more than 10,\d+ places for a text of"),
        ([blank().make_doc("two one")[0:1]], "gave 'two', a span of another text"),
    ],
)
def test_one_place_where_a_list_is_wanted_is_told_as_such(given: Any, said: str) -> None:
    with pytest.raises(PluginError, match=f"labeling source 'bad' .*{said}.* Give "):
        FunctionSource("bad", lambda doc: given, "L")(blank().make_doc("one two"))


def test_white_space_at_the_edges_of_a_place_is_no_part_of_it() -> None:
    """A pattern with an optional end takes the space before it: "80 mg " fitted no tokens and was lost."""

    @labeling_source("spaced", label="Dose")
    def spaced(text: str) -> Any:
        return re.finditer(r" ?\d+ mg ?(?:od)?", text)

    doc = rule_pipeline(Gazetteer(), sources=[spaced])("Take 80 mg instead of 40 mg od.")
    assert [ent.text for ent in doc.ents] == ["80 mg", "40 mg od"]


def test_spans_of_a_pipeline_of_the_sources_own_are_taken() -> None:
    own = blank()
    found = FunctionSource("any", lambda doc: [own(doc.text)[1:2]], "L")(blank().make_doc("one two"))
    assert [(m.start, m.end, m.label) for m in found] == [(4, 7, "L")]


def test_nothing_in_any_form_is_no_place() -> None:
    for nothing in (None, [], (), False, iter(())):
        assert FunctionSource("any", lambda doc, it=nothing: it)(blank().make_doc("one")) == []  # type: ignore[misc]


@pytest.mark.parametrize(
    "bad",
    [{"name": 3}, {"name": ""}, {"name": "a/b"}, {"name": "x", "label": 3}, {"name": "x", "order": "middle"}],
)
def test_what_cannot_be_a_source_is_refused_where_it_is_decorated(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="labeling source"):
        labeling_source(**bad)(lambda text: [])
    assert all(isinstance(name, str) and name not in ("", "a/b", "x") for name in SOURCES.names())


def test_a_name_of_a_kind_of_model_stays_its_own() -> None:
    with pytest.raises(InputError, match="hybrid-ner has a labeling source 'spacy' itself"):
        labeling_source("spacy", label="X")(lambda text: [])
    with pytest.raises(InputError, match="no model here"):
        as_sources("spacy:not_there")


def test_a_class_may_give_what_a_function_may_and_is_checked_too() -> None:
    class Places:
        name = "any_places"
        gives: Any = ()

        def __call__(self, doc: Doc) -> Any:
            return self.gives

    doc, source = blank().make_doc("one two"), Places()
    source.gives = [(0, 3, "A"), doc.char_span(4, 7, "B"), Match(0, 3, "C", ("c:1",))]
    assert [(m.start, m.end, m.label, m.concept_ids) for m in asked(source, doc)] == [
        (0, 3, "A", ()),
        (4, 7, "B", ()),
        (0, 3, "C", ("c:1",)),
    ]
    for bad in (Match(0, 99, "A"), Match(-1, 3, "A"), Match(0, 3, ""), (0, 3), "one"):
        source.gives = [bad]
        with pytest.raises(PluginError, match="'any_places' gave"):
            asked(source, doc)


@labeling_source("test_fails", label="X")
def fails(text: str) -> list[tuple[int, int]]:
    return [(0, len(text))] if "boom" not in text else [(0, 1 // 0)]


def test_a_source_that_changes_the_document_is_refused() -> None:
    def votes_of_others(doc: Doc) -> None:
        doc.spans["gazetteer"] = []

    def tokens(doc: Doc) -> None:
        with doc.retokenize() as merging:
            merging.merge(doc[:2])

    def own_group(doc: Doc) -> None:
        doc.spans["looked_at"] = [doc[:1]]

    @labeling_source("test_changes", order="last")
    def changes(doc: Doc) -> list[tuple[int, int]]:
        change(doc)
        return []

    nlp, change = rule_pipeline(TERMS, "generic", sources=[changes]), votes_of_others
    with pytest.raises(PluginError, match=r"'test_changes' changed the document.* leave its tokens"):
        nlp(TEXT)
    change = tokens
    with pytest.raises(PluginError, match="changed the document"):
        nlp(TEXT)
    change = own_group
    assert entities(nlp)[0] == ("Aspirin", "Drug")


def test_a_source_that_fails_is_told_with_document_and_row() -> None:
    nlp = rule_pipeline(TERMS, "generic", sources=[fails])
    documents = [Document(f"d{n}", "no boom" if n == 5 else f"text {n}") for n in range(9)]
    row = fails.__code__.co_firstlineno + 2
    said = rf"test_functions\.py, row {row}: document 'd5': the labeling source 'test_fails' failed \(ZeroDiv"
    for answers in (read_docs(nlp, documents), read_rules(nlp, documents)):
        with pytest.raises(PluginError, match=said):
            list(answers)  # type: ignore[call-overload]


def test_the_error_handler_of_the_pipeline_is_asked() -> None:
    """As for any component of spaCy: the documents behind the one on which a source fails are read."""
    nlp = rule_pipeline(TERMS, "generic", sources=[fails])
    told: list[tuple[str, list[str], str]] = []
    nlp.set_error_handler(
        lambda name, _, docs, error: told.append((name, [d.text for d in docs], str(error)))
    )
    assert [doc.text for doc in nlp.pipe(["first", "boom", "last"])] == ["first", "last"]
    ((name, texts, said),) = told
    assert (name, texts) == ("test_fails", ["boom"])
    assert "ZeroDivisionError" in said


def test_a_source_that_ends_the_program_or_misses_a_file_is_told() -> None:
    @labeling_source("test_exits", label="X")
    def exits(text: str) -> list[tuple[int, int]]:
        raise SystemExit(4)

    @labeling_source("test_opens", label="X")
    def opens(text: str) -> list[tuple[int, int]]:
        return [(0, len(Path("/none/table.csv").read_text()))]

    for source, said in (
        (exits, "'test_exits' failed .SystemExit: 4"),
        (opens, "'test_opens' failed .FileNotF"),
    ):
        nlp = rule_pipeline(TERMS, "generic", sources=[source])
        for read in (read_docs, read_rules):
            with pytest.raises(PluginError, match=rf"row \d+: document 'd': the labeling source {said}"):
                list(read(nlp, [Document("d", "text")]))  # type: ignore[operator]


@pytest.fixture
def left_out() -> Iterator[ProblemLog]:
    """As ``--skip-bad`` does it."""
    token = UNREADABLE.set(log := ProblemLog())
    yield log
    UNREADABLE.reset(token)


def test_documents_on_which_a_source_fails_may_be_left_out(left_out: ProblemLog, tmp_path: Path) -> None:
    documents = [Document(f"d{n}", f"boom {n}" if n % 50 == 5 else f"text {n}") for n in range(120)]
    kept = [d.doc_id for d in documents if "boom" not in d.text]
    nlp = rule_pipeline(TERMS, "generic", sources=[fails])
    assert [d.doc_id for d, _ in read_docs(nlp, documents)] == kept
    assert [d.doc_id for d in read_rules(nlp, documents)] == kept
    row = fails.__code__.co_firstlineno + 2
    assert [(p.doc_id, p.place.row) for p in left_out.problems] == [
        ("d5", row),
        ("d55", row),
        ("d105", row),
    ] * 2
    assert "document 'd5': the labeling source 'test_fails' failed (ZeroDiv" in str(left_out.problems[0])

    settings = BootstrapSettings("generic", DomainSettings(sources=(fails,)))
    for _ in range(2):  # a part that lacks documents is made again, and told again
        left_out.problems.clear()
        work = _Work(TERMS, tmp_path / "out", settings, lambda step, share, line: None)
        step = work.label("corpus", Corpus.of(documents))
        assert (step["documents"], step["reused"], len(left_out.problems)) == (len(kept), 0, 3)

    decided = {d.doc_id: Decided((), (), complete=True) for d in documents[:8]}
    left_out.problems.clear()
    given = (TERMS, documents, decided, settings)
    read = read_reviewed(*given, folder=tmp_path / "kept", inputs="1")
    assert list(read.reviewed) == [f"d{n}" for n in range(8) if n != 5]
    assert left_out.problems[0].doc_id == "d5"


def test_skip_bad_leaves_out_documents_on_which_a_source_fails(tmp_path: Path) -> None:
    (tmp_path / "text.jsonl").write_text('{"id": "a", "text": "boom"}\n{"id": "b", "text": "aspirin"}\n')
    (tmp_path / "terms.tsv").write_text("term\tlabel\naspirin\tDrug\n")
    command = ["label", "--corpus", str(tmp_path / "text.jsonl"), "--source", "test_fails", "--quiet"]
    command += ["--gazetteer", str(tmp_path / "terms.tsv"), "--output", str(tmp_path / "out.jsonl")]
    stopped = CliRunner().invoke(app, command)
    assert stopped.exit_code == 2, stopped.output
    assert "document 'a': the labeling source 'test_fails' failed" in stopped.output
    went_on = CliRunner().invoke(app, [*command, "--skip-bad"])
    assert went_on.exit_code == 0, went_on.output
    assert "document 'a': the labeling source 'test_fails' failed" in went_on.output
    assert [d.doc_id for d in read_corpus(tmp_path / "out.jsonl")] == ["b"]
    assert UNREADABLE.get() is None


def test_unusable_sources_are_refused_before_any_work() -> None:
    class Hidden:
        name = "hidden"

        def __call__(self, doc: Doc) -> list[Match]:
            return []

    for source, problem in (
        (Hidden(), "is a class in a function"),
        (lambda doc: [], "is no labeling source"),
        (NeedsMore, r"NeedsMore failed \(TypeError: .*It is made without arguments"),
        ("test_dozes", "Did you mean test_doses"),
        (Numbers(name="gazetteer"), "two labeling sources are called 'gazetteer'"),
        (Numbers(name="vocab"), "cannot be called 'vocab'"),
        (Lists(), r"'test_lists' has to_state\(\) and no from_state\(\)"),
        (Unreadable(), r"from_state\(\) of the labeling source 'test_lists' failed \(TypeError"),
        (Nameless("test_suites"), "'test_suites' is another one when it is made again"),
    ):
        with pytest.raises(InputError, match=problem):
            rule_pipeline(TERMS, "generic", sources=[source])


def test_code_that_changed_makes_other_labels(tmp_path: Path) -> None:
    first = DomainSettings(sources=(Numbers(),)).as_dict()
    assert first != DomainSettings(sources=(Numbers(("six",)),)).as_dict()
    assert first == DomainSettings(sources=(Numbers(),)).as_dict()


def test_what_brings_a_source_is_named_when_it_is_not_there() -> None:
    state = json.loads(json.dumps(source_state(as_source(doses))))
    assert restore_source(state).name == "test_doses"
    state |= {
        "name": "gone",
        "from": {**state["from"], "package": "vet-ner", "version": "2", "module": "vet9"},
    }
    with pytest.raises(ModelError, match=r"'gone'; it comes with the package vet-ner 2\. Install it: pip"):
        restore_source(state)
    state["from"] |= {"package": "", "file": "/home/ana/own.py", "module": "own9"}
    with pytest.raises(ModelError, match=r"the file /home/ana/own\.py\. Give that file: --plugin"):
        restore_source(state)
    assert plugin_files(["test_doses"]) == (__file__,)


def test_another_version_is_told_where_it_may_find_other_things() -> None:
    state = json.loads(json.dumps(source_state(Shouts("Loud"))))
    state["from"] |= {"package": "pytest", "version": "0.3.0"}
    with pytest.warns(UserWarning, match=r"'test_shouts' may find other .* It was saved by pytest 0\.3"):
        assert restore_source(state).name == "test_shouts"
    state["kind"] = f"{__name__}:Whispers"
    with (
        pytest.warns(UserWarning, match="may find other things"),
        pytest.raises(ModelError, match=r"is installed\. Install it: pip install pytest==0\.3\.0"),
    ):
        restore_source(state)
    state["kind"] = f"{__name__}:Shouts"
    state["from"]["version"] = version("pytest")
    assert restore_source(state).name == "test_shouts"


@pytest.mark.parametrize("name", ["a/b", "../b", "a.b", "a:b", "", "-x", "é" * 64])
def test_a_name_that_no_folder_or_command_line_takes_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="a labeling source cannot be called"):
        as_source(Numbers(name=name))


ORIGIN = {"package": "", "version": "", "module": "", "file": ""}


def test_a_state_cannot_name_what_is_no_source() -> None:
    for kind in ("os:system", "subprocess:run", "json:JSONDecodeError", "no.such.module:X"):
        with pytest.raises(ModelError, match="needs the labeling source 'x'"):
            restore_source({"kind": kind, "name": "x", "from": ORIGIN, "state": {}})


def test_a_class_of_this_package_that_is_no_more_asks_for_a_new_pipeline() -> None:
    with pytest.raises(ModelError, match="saved by another version"):
        restore_source({"kind": "hybrid_ner.old.roles:Judges", "name": "x", "from": ORIGIN, "state": {}})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Match(0, 5, "D", (5,)), "concept ids (5,)"),  # type: ignore[arg-type]
        (Match(0, 5, "D", (), None), "score None"),  # type: ignore[arg-type]
        (Match(0, 5, "D", (), float("nan")), "score nan"),
        (Match(0, 5, "D", (), 1.0, "because"), "evidence 'because'"),  # type: ignore[arg-type]
        ((False, True), "gave (False, True, 'D')"),
    ],
)
def test_match_of_other_kinds_is_told(given: Any, said: str) -> None:
    source = FunctionSource("odd", lambda doc: [given], "D")
    with pytest.raises(PluginError, match=re.escape(said)):
        source(spacy.blank("en")("Heart failure"))


def test_function_of_code_that_was_run_as_text_can_be_a_source() -> None:
    names: dict[str, Any] = {}
    exec("def halls(text):\n    return [(0, 4)]", names)
    names["halls"].__module__ = None
    nlp = rule_pipeline(Gazetteer(), sources=[labeling_source("halls_of_text", label="Hall")(names["halls"])])
    assert [e.label_ for e in nlp("Hall 5").ents] == ["Hall"]
