"""New projects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import spacy

from hybrid_ner.corpus import Document
from hybrid_ner.domains.registry import build_sources, gold_path
from hybrid_ner.errors import AccessError, InputError
from hybrid_ner.matching.match import Fuzzy, FuzzyMode
from hybrid_ner.review import JobStatus, LogRow, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelService
from hybrid_ner.review.rounds.model_runs import registry_of
from hybrid_ner.review.rounds.terms import source_of
from hybrid_ner.review.store.lookups import label_looks
from hybrid_ner.sources.functions import labeling_source
from hybrid_ner.terms import Gazetteer
from hybrid_ner.ui.creating import (
    add_lists,
    create_demo,
    create_project,
    doubled,
    labels_given,
    labels_with_meanings,
)
from hybrid_ner.ui.workspace import Terms, Workspace
from tests.ui.conftest import quiet, wish


def test_project_shows_what_its_lists_find(place: Workspace, store: ReviewStore) -> None:
    said: list[str] = []
    name = create_project(store, place, wish(), lambda step, share, line: said.append(step))
    session = ReviewSession(store, name, "ana")
    view = session.view("note-2")
    assert view is not None
    assert [s.surface for s in view.spans] == ["Fever", "afib", "Aspirin", "ibuprofen"]
    assert {s.label for s in view.spans} == {"Disease", "Drug"}
    assert list(dict.fromkeys(said)) == ["terms", "documents", "rules", "suggest", "score", "show"]
    assert place.setup(store.project(name)).domain == "generic"


def test_a_list_gives_its_label_before_a_document_has_one_of_its_terms(
    place: Workspace, store: ReviewStore
) -> None:
    name = create_project(store, place, wish(one="Fever again."), quiet)
    session = ReviewSession(store, name, "ana")
    assert set(session.labels) == {"Disease", "Drug"}
    assert session.handle("add again Drug").level == "done"


def test_own_labels_have_keys_and_meanings_from_the_beginning(place: Workspace, store: ReviewStore) -> None:
    typed = "Symptom: what the patient  feels\n\nLab test\nDrug: given, not refused: never planned"
    meanings = labels_with_meanings(typed)
    assert meanings == {
        "Symptom": "what the patient  feels",
        "Lab test": "",
        "Drug": "given, not refused: never planned",
    }
    as_lists_are_written = (
        "- Drug – given\n2. Lab\ttest of blood\nScore - DAS28, BASDAI\nStage: 1) or 2) or later\n"
        "Symptom, Dose; Route"
    )
    assert labels_with_meanings(as_lists_are_written) == {
        "Drug": "given",
        "Lab": "test of blood",
        "Score": "DAS28, BASDAI",
        "Stage": "1) or 2) or later",
        **dict.fromkeys(("Symptom", "Dose", "Route"), ""),
    }
    mine = replace(wish(), labels=tuple(meanings), meanings=meanings, by="ana")
    project = store.project(create_project(store, place, mine, quiet))
    looks = {look.label: look for look in label_looks(project)}
    assert [looks[label].key for label in ("Symptom", "Lab test", "Drug")] == ["1", "2", "3"]
    assert looks["Drug"].definition == "given, not refused: never planned"
    assert looks["Lab test"].definition == ""
    # Without any list: everything is marked by hand, until a model has learned from it.
    bare = replace(mine, name="by hand", terms=(), labels=("Symptom",), meanings={})
    session = ReviewSession(store, create_project(store, place, bare, quiet), "ana")
    assert session.handle('add "again" Symptom').level == "done"
    with pytest.raises(InputError, match="Put a colon"):
        create_project(store, place, replace(mine, name="other", meanings={"x" * 50: ""}), quiet)
    assert "other" not in store.projects()


def test_a_label_that_the_subject_has_under_another_name_is_said() -> None:
    (said,) = doubled(("Disease", "Drug", "Rank"), ("Chemical", "Disease"))
    assert said.startswith("Your list says Drug where the lists of the subject say Chemical")
    (said,) = doubled(("pv_drugs", "ranks", "###"), ("Chemical", "Disease"))
    assert said.startswith("Your list says pv_drugs where the lists of the subject say Chemical")


@pytest.mark.parametrize(("choice", "people"), [("label", "suggest"), ("suggest", "suggest"), ("off", "off")])
def test_project_takes_misspelled_terms_as_chosen(
    place: Workspace, store: ReviewStore, choice: FuzzyMode, people: str
) -> None:
    project = store.project(create_project(store, place, replace(wish(), fuzzy=choice), quiet))
    fuzzy = place.setup(project).fuzzy
    assert (fuzzy.mode, fuzzy.mode_of("PERSON")) == (choice, people)
    assert Terms(place, project).fuzzy == fuzzy


def test_lists_and_misspelled_terms_change_later(place: Workspace, store: ReviewStore) -> None:
    text = "Aspirn, feverr and amoxicilin."
    project = store.project(
        create_project(store, place, replace(wish(), documents=[Document("a", text)]), quiet)
    )
    session = ReviewSession(store, project.name, "ana")

    def shown() -> dict[str, bool]:
        view = session.view("a")
        assert view is not None
        return {span.surface: span.chosen for span in view.spans}

    assert shown() == {"Aspirn": True, "feverr": True}
    assert session.handle("ok 1").level == "done"
    # Hinted at, by label, and with as many slips as are allowed.
    by_label = Fuzzy("label", (("Disease", "suggest"),))
    assert session.read_again(replace(place.setup(project), fuzzy=by_label), quiet)
    assert (shown()["feverr"], place.setup(project).fuzzy) == (False, by_label)
    assert session.read_again(replace(place.setup(project), fuzzy=Fuzzy("label", (), 0.95)), quiet)
    assert shown() == {"Aspirn": True}, "it was accepted"
    # A list that cannot be used leaves all as it was; one that can is kept, and takes its namesake's place.
    notes: list[str] = []
    before = place.setup(project)
    with pytest.raises(InputError, match="empty"):
        add_lists(before, [("Drug.txt", b"")], {}, notes)
    more = [("Drug.txt", b"aspirin\namoxicillin\n"), ("x.csv", b"\0"), ("my drugs.txt", b"feverr")]
    setup = add_lists(before, more, {"my drugs.txt": {"otherwise": "Drug"}}, notes)
    assert session.read_again(replace(setup, fuzzy=Fuzzy("label")), quiet)
    assert shown() == {"Aspirn": True, "feverr": True, "amoxicilin": True}
    assert [path.name for path in setup.term_files] == ["Disease.txt", "Drug.txt", "my drugs.txt"]
    assert place.setup(project).lists == {"my drugs.txt": {"otherwise": "Drug"}}
    assert add_lists(setup, [("my drugs.txt", b"feverr")], {}, []).lists == setup.lists
    assert [note.split(":")[0] for note in notes if "x.csv" in note] == ["Left out"]
    assert "Drug.txt took the place of the file of that name." in notes
    assert [path.name for path in setup.folder.iterdir() if path.name.startswith(".lists")] == []


def test_a_chosen_label_is_that_of_what_names_none(place: Workspace, store: ReviewStore) -> None:
    """Of a table with a client, an opponent and a judge in each row it is that of the first."""
    matters = b"Client,Opponent,Judge\nHarrow Ltd,Pike plc,Rosa Lind\nBell Co,Mill Ltd,Jon Ash\n"
    lists = (("matters.csv", matters), ("terms.csv", b"term,label\nlease,Deed\ncharge,\n"))
    told = {name: {"otherwise": "Party"} for name, _ in lists}
    made = replace(wish(a="Bell Co."), terms=lists, labels=("Party",), told=told)
    project = store.project(create_project(store, place, made, quiet))
    labels = {term.text: term.label for term in place.setup(project).gazetteer()}
    assert [labels[name] for name in ("Harrow Ltd", "Pike plc", "Jon Ash")] == ["Party", "Opponent", "Judge"]
    assert (labels["lease"], labels["charge"]) == ("Deed", "Party")
    # Chosen anew it takes the place of what was said before, also as the label of all rows.
    before = replace(place.setup(project), lists={"terms.csv": {"label": "Deed"}})
    setup = add_lists(before, lists[1:], {"terms.csv": {"otherwise": "Burden"}}, [])
    assert {term.text: term.label for term in setup.gazetteer()}["charge"] == "Burden"


def test_meanings_are_no_line_of_the_chat_and_no_step_to_undo(place: Workspace, store: ReviewStore) -> None:
    made = replace(wish(), labels=("Drug",), meanings={"Drug": "what is given"})
    project = store.project(create_project(store, place, made, quiet))
    session = ReviewSession(store, project.name, "ana")
    assert label_looks(project)[0].definition == "what is given"
    assert list(session.history()) == []
    assert session.handle("undo").echo == "nothing to undo"
    assert session.handle('codebook Drug means "a substance"').level == "done"
    assert label_looks(project)[0].definition == "a substance"
    with pytest.raises(InputError, match=r"'Drug' means has 2,001 characters"):
        create_project(store, place, replace(made, name="other", meanings={"Drug": "x" * 2001}), quiet)
    assert store.projects() == (project.name,)


def test_one_label_in_two_spellings_is_one_label(place: Workspace, store: ReviewStore) -> None:
    table = b"term,label\naspirin,Drug\nfever,Signs\n"
    mine = replace(
        wish(a="Aspirin for fever."),
        terms=[("ours.csv", table), ("list.txt", b"rash")],
        labels=("DRUG", "drug", "SIGN"),
        meanings={"DRUG": "", "drug": "given", "SIGN": ""},
        told={"list.txt": {"otherwise": "signs"}},
    )
    notes: list[str] = []
    project = store.project(create_project(store, place, mine, quiet, notes))
    assert project.labels == ("DRUG", "SIGN")
    assert label_looks(project)[0].definition == "given"
    view = ReviewSession(store, project.name, "ana").view()
    assert view is not None
    assert [(span.surface, span.label) for span in view.spans] == [("Aspirin", "DRUG"), ("fever", "SIGN")]
    assert "The label Signs of your list is read as SIGN." in notes
    setup = add_lists(
        place.setup(project), [("more.csv", b"term,label\nrash,sign\n")], {}, [], project.labels
    )
    assert {term.label for term in setup.gazetteer()} == {"DRUG", "SIGN"}
    assert source_of(setup) != source_of(replace(setup, spelled={}))


def test_a_list_that_comes_to_a_trained_model_brings_its_labels(place: Workspace, store: ReviewStore) -> None:
    """Its terms could not be blocked: "No label like 'Finding'"."""
    project = store.project(create_project(store, place, wish(), quiet))
    setup = place.setup(project)
    registry = registry_of(project, setup)
    with registry.stage() as staged:
        (staged / "model").mkdir()
        (staged / "model" / "config.cfg").write_text("", encoding="utf-8")
        project.use_model(registry.add(staged, {"kind": "trained"}))
    setup = add_lists(setup, [("own.csv", b"term,label\nnit,Finding\n")], {}, [], project.labels)
    session = ReviewSession(store, project.name, "ana")
    assert not session.read_again(setup, quiet)
    assert project.labels == ("Disease", "Drug", "Finding")


def test_lists_do_not_change_while_it_learns_from_them(place: Workspace, store: ReviewStore) -> None:
    project = store.project(create_project(store, place, wish(), quiet))
    learning = SimpleNamespace(status=lambda: JobStatus("running", "reading"), use=lambda name: None)
    session = ReviewSession(store, project.name, "ana", models=cast(ModelService, learning))
    with pytest.raises(InputError, match="it learns just now"):
        session.check_lists_may_change()
    with pytest.raises(InputError, match="it learns just now"):
        session.read_again(replace(place.setup(project), fuzzy=Fuzzy("off")), quiet)
    assert place.setup(project).fuzzy.mode == "label"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "  "}, "no name"),
        ({"documents": ()}, "no documents"),
        ({"terms": ()}, "no terms"),
        ({"terms": (("x.csv", b"\x00\x01"),)}, "x.csv"),
        ({"domain": "cooking"}, "unknown domain"),
    ],
)
def test_unusable_wish_creates_nothing(
    place: Workspace, store: ReviewStore, change: dict[str, object], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        create_project(store, place, replace(wish(), **change), quiet)  # type: ignore[arg-type]
    assert store.projects() == ()
    assert not place.project_folder("notes").exists()


RULES = b"label: Sign\nrules:\n  - {terms: [afib], match: ['[[afib]]']}\n"


@labeling_source("page_numbers", label="Number")
def page_numbers(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"[0-9]+", text)


def test_project_has_sources_and_rules_of_its_own(place: Workspace, store: ReviewStore) -> None:
    own = replace(wish(), terms=(), sources=("page_numbers",), rules=(("own.yaml", RULES),))
    name = create_project(store, place, own, quiet)
    session = ReviewSession(store, name, "ana")
    view = session.view("note-2")
    assert view is not None
    assert ("afib", "Sign") in {(s.surface, s.label) for s in view.spans}
    session.handle("find afib")
    number = next(s.number for s in view.spans if s.surface == "afib")
    session.handle("go note-2")
    assert "own: Sign" in "\n".join(session.handle(f"why {number}").lines)
    setup = place.setup(store.project(name))
    assert setup.sources == ("page_numbers",)
    assert [path.name for path in setup.rule_files] == ["own.yaml"]
    assert [source.name for source in build_sources(setup.domain, Gazetteer(), setup.bootstrap.sources)][
        :2
    ] == [
        "page_numbers",
        "own",
    ]


def test_project_takes_models_and_predictions(place: Workspace, store: ReviewStore, tmp_path: Path) -> None:
    ruler = spacy.blank("en")
    ruler.add_pipe("entity_ruler").add_patterns([{"label": "WHO", "pattern": "Ana"}])
    ruler.to_disk(tmp_path / "ruler")
    settings = f"- spacy: {tmp_path / 'ruler'}\n  name: ruler\n  cache: 'off'\n".encode()
    text = "Ana has a cough."
    found = json.dumps({"text": text, "entities": [{"start": 10, "end": 15, "label": "Sign"}]}).encode()
    own = replace(
        wish(),
        terms=(),
        documents=(Document("x", text),),
        models=(("models.yaml", settings),),
        predictions=(("their file.jsonl", found),),
    )
    notes: list[str] = []
    name = create_project(store, place, own, quiet, notes)
    view = ReviewSession(store, name, "ana").view("x")
    assert view is not None
    assert [(s.surface, s.label) for s in view.spans] == [("Ana", "WHO"), ("cough", "Sign")]
    assert [note.split(",")[0] for note in notes] == ["ruler: 1 window", "their_file: 1 window"]
    setup = place.setup(store.project(name))
    assert [json.loads(each).get("name") for each in setup.sources] == ["ruler", "their_file"]
    broken = replace(own, name="b", models=(("models.yaml", b"- spacy: no_such_place\n"),))
    with pytest.raises(InputError, match="no_such_place"):
        create_project(store, place, broken, quiet)
    assert not place.project_folder("b").exists()


def test_a_rule_that_does_not_hold_is_refused_by_the_name_of_its_file(
    place: Workspace, store: ReviewStore
) -> None:
    broken = replace(wish(), rules=(("own.yaml", b"rules: [{terms: [a], label: X, match: ['[[b]]']}]"),))
    with pytest.raises(InputError, match=r"^own\.yaml: own\.yaml rule 1: in 'b' expected"):
        create_project(store, place, broken, quiet)
    assert not place.project_folder("notes").exists()


def test_name_is_taken_once(place: Workspace, store: ReviewStore, notes: str) -> None:
    with pytest.raises(InputError, match="already"):
        create_project(store, place, wish(notes), quiet)


def test_demo_needs_samples(place: Workspace, store: ReviewStore) -> None:
    for domain, problem in (("cooking", "unknown domain 'cooking'"), ("generic", "no samples for 'generic'")):
        with pytest.raises(InputError, match=problem):
            create_demo(store, place, domain, quiet)


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["medical", "legal"])
def test_demo_comes_with_frozen_gold_and_a_free_name(
    place: Workspace, store: ReviewStore, domain: str
) -> None:
    store.create_project(f"demo-{domain}")
    name = create_demo(store, place, domain, quiet)
    assert name == f"demo-{domain}-2"
    assert place.setup(store.project(name)).gold_path.read_bytes() == gold_path(domain).read_bytes()


def test_no_project_gets_the_folder_of_another_one(place: Workspace, store: ReviewStore) -> None:
    create_project(store, place, replace(wish(), name="two words"), quiet)
    folder = place.project_folder("two words")
    kept = sorted(path.name for path in folder.rglob("*"))
    with pytest.raises(InputError, match="too much like that of another project"):
        create_project(store, place, replace(wish(), name=folder.name), quiet)
    assert sorted(path.name for path in folder.rglob("*")) == kept


def test_where_people_sign_in_the_creator_is_the_owner(place: Workspace, store: ReviewStore) -> None:
    name = create_project(store, place, replace(wish(), by="ana@w.test", owner=True), quiet)
    assert ReviewSession(store, name, "ana@w.test", signed_in=True).role == "owner"
    with pytest.raises(AccessError):
        ReviewSession(store, name, "eve@w.test", signed_in=True)
    assert [row.line for row in store_log(store, name)] == ["role ana@w.test owner", "import"]


def store_log(store: ReviewStore, name: str) -> list[LogRow]:
    return ReviewSession(store, name, "admin").log()


def test_columns_and_label_of_one_list_hold_for_it_alone(place: Workspace, store: ReviewStore) -> None:
    table = b"Nr,Handelsname\n7,afib\n8,Fever\n"
    lists = (("own.csv", table), ("more.csv", b"term,label\naspirin,Drug\n"))
    told = {"own.csv": {"columns": "term=Handelsname", "label": "Finding"}}
    project = store.project(create_project(store, place, replace(wish(), terms=lists, told=told), quiet))
    view = ReviewSession(store, project.name, "ana").view("note-2")
    assert view is not None
    assert [(s.surface, s.label) for s in view.spans] == [
        ("Fever", "Finding"),
        ("afib", "Finding"),
        ("Aspirin", "Drug"),
    ]
    setup = place.setup(project)
    assert {t.text for t in setup.gazetteer()} == {"afib", "Fever", "aspirin"}
    other = replace(setup, lists={"own.csv": {"columns": "term=Nr"}})
    assert source_of(setup) != source_of(other)
    assert setup.terms_stamp() != other.terms_stamp()


def test_a_long_list_of_labels_is_no_name_of_a_file() -> None:
    many = [f"Label{number}" for number in range(200)]
    assert list(labels_given(",".join(many))) == many
