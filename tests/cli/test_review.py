"""``hybrid-ner review``: a whole review in a terminal, replayed to the same gold."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import _review_import, app
from hybrid_ner.corpus import Document, Entity, read_corpus, write_corpus
from hybrid_ner.review import Project, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.model_runs import registry_of
from hybrid_ner.review.rounds.round import first_round
from hybrid_ner.review.store.lookups import label_looks
from hybrid_ner.ui.workspace import Workspace

TEXT = "Pt denies chest pain, h/o afib."
DOCUMENTS = (
    Document(
        "n1", TEXT, (Entity(10, 20, "PROBLEM"), Entity(26, 30, "PROBLEM", attrs={"sources": ["model"]}))
    ),
    Document("n2", "ECHO normal."),
)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_corpus(folder / "docs.jsonl", DOCUMENTS)
    made = str(folder / "review.sqlite3")
    _run("init", made, "--labels", "PROBLEM,TEST", "--domain", "medical")
    _run("import", made, str(folder / "docs.jsonl"), "--run", "r1")
    return folder


@pytest.fixture
def store(tmp_path: Path, made_once: Path) -> str:
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return str(tmp_path / "review.sqlite3")


def _run(*words: str, typed: str = "", code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["review", *words], input=typed)
    assert result.exit_code == code, result.output
    return result


def test_review_export_transcript_and_replay(store: str, tmp_path: Path) -> None:
    typed = 'ok 1\nno 2\nnext\nadd "ECHO" test\nqwerty\nnext\n'
    said = _run("run", store, "-r", "ana", typed=typed, code=1).output
    assert "[1 chest pain]-neg, h/o [2 afib]-hist" in said
    assert "✗2 PROBLEM" in said
    assert "'qwerty' is no command." in said
    assert "1 line changed nothing, by number: 5\n" in said  # a script goes by it, and by the exit status
    out = _run("export", store, str(tmp_path / "gold.jsonl"), "--format", "jsonl").output
    assert "2 documents, 2 mentions, 1 rejected mention" in out
    assert "2 documents, 2 mentions" in _run("export", store, str(tmp_path / "gold.spacy")).output
    table = tmp_path / "gold.csv"
    assert "2 documents, 2 mentions" in _run("export", store, str(table), "--format", "table").output
    head, *rows = csv.reader(table.read_text(encoding="utf-8-sig").splitlines())
    assert (head[:3], len(rows)) == (["document", "mention", "label"], 2)
    assert _run("export", store, "-", "--format", "table").stdout_bytes == table.read_bytes()
    since = ("export", store, "-", "--since")
    assert _run(*since, "2000-01-01", "--format", "table").stdout_bytes == table.read_bytes()
    assert "0 documents, 0 mentions" in _run(*since, "2100-01-01").stderr
    assert "no day and no time" in _run(*since, "monday", code=2).output
    assert "not with --by" in _run(*since, "2000-01-01", "--by", "ana", code=2).output
    piped = _run("export", store, "-")
    assert piped.stdout == (tmp_path / "gold.jsonl").read_text(encoding="utf-8")
    assert "2 documents, 2 mentions, 1 rejected mention → -" in piped.stderr
    rejected = [document.meta.get("rejected") for document in read_corpus(tmp_path / "gold.spacy")]
    assert rejected == [d.meta["rejected"] for d in read_corpus(tmp_path / "gold.jsonl")]
    first, second = read_corpus(tmp_path / "gold.jsonl")
    assert [e.start for e in first.entities or ()] == [10]
    assert [e.label for e in second.entities or ()] == ["TEST"]
    lines = _run("transcript", store, "-r", "ana").output
    (tmp_path / "session.txt").write_text(lines, encoding="utf-8")
    other = str(tmp_path / "other.sqlite3")
    _run("init", other, "--labels", "PROBLEM,TEST", "--domain", "medical")
    _run("import", other, str(tmp_path / "docs.jsonl"), "--run", "r1")
    replayed = _run("replay", other, str(tmp_path / "session.txt"), "-r", "bob").output
    assert replayed.split()[-1] in out


def _notes(store: ReviewStore, place: Workspace) -> tuple[Project, ModelSetup]:
    """A project with a folder for its term lists."""
    project = store.create_project("notes", ("PROBLEM",))
    setup = place.setup(project)
    (setup.folder / "terms").mkdir(parents=True)
    return project, setup


def test_a_model_that_is_promoted_shows_its_suggestions_at_once(tmp_path: Path) -> None:
    place = Workspace(tmp_path, str(tmp_path / "review.sqlite3"))
    with ReviewStore.open(place.store) as opened:
        project, setup = _notes(opened, place)
        project.add_documents([Document("n1", TEXT)])
        for terms in ("afib", "chest pain"):
            (setup.folder / "terms" / "PROBLEM.txt").write_text(f"{terms}\n", encoding="utf-8")
            first_round(project, setup)
    typed = "rollback r0\nr0\nchanges r1\npromote r1\nr1\nundo\n"
    said = _run("run", place.store, "-r", "ana", typed=typed).output
    cards = [line for line in said.splitlines() if line.startswith("Pt denies")]
    assert ["chest pain]" in card for card in cards] == [True, False, True, False]
    assert ["afib]" in card for card in cards] == [False, True, False, True]
    assert "r1 beside r0: 1 suggestion new, 1 gone in 1 document" in said
    assert "“chest pain” PROBLEM" in said


def test_a_model_in_use_that_does_not_open_is_told_once(tmp_path: Path) -> None:
    """What an earlier version saved is refused, and with a new document that ended the review."""
    place = Workspace(tmp_path, str(tmp_path / "review.sqlite3"))
    with ReviewStore.open(place.store) as opened:
        project, setup = _notes(opened, place)
        (setup.folder / "terms" / "PROBLEM.txt").write_text("afib\n", encoding="utf-8")
        project.add_documents([Document("n1", TEXT)])
        first_round(project, setup)
        project.add_documents([Document("n2", "More afib.")])
        model = registry_of(project, setup).get("r0").folder / "model"
        model.mkdir()
        (model / "config.cfg").write_text("[nlp]\n", encoding="utf-8")
    said = _run("run", place.store, "-r", "ana", typed="ok 1\ngo n2\n").output
    assert said.count("The model in use does not open.") == 1
    assert "In 1 document that came after it: no suggestions" in said
    assert "accepted 1" in said


def test_decisions_agreement_and_overlay(store: str, tmp_path: Path) -> None:
    for name in ("ana", "bob"):
        said = _run("import", store, str(tmp_path / "docs.jsonl"), "--decided-by", name).output
        assert f"1 annotated document taken over for {name}" in said
    assert "F1 1.00, word kappa 1.00 on 1 document" in _run("agreement", store, "-r", "ana").output
    _run("run", store, "-r", "ana", typed='never "afib"\nyes 0\n')
    assert "1 edit →" in _run("overlay", store, str(tmp_path / "o.csv")).output


def test_documents_that_a_tool_counted_anew_are_those_of_the_project(store: str, tmp_path: Path) -> None:
    documents = [json.loads(line) for line in (tmp_path / "docs.jsonl").read_text().splitlines()]
    anew = tmp_path / "anew.jsonl"
    anew.write_text(
        "".join(f"{json.dumps({**each, 'id': f'{at}-anew'})}\n" for at, each in enumerate(documents))
    )
    for given in (("--decided-by", "ana"), ("--run", "theirs")):
        said = _run("import", store, str(anew), *given).output
        assert f"0 documents added, {len(documents)} known" in said
        assert f"{len(documents)} documents with another id in the project, found by the text" in said
    assert f"{len(documents)} documents added" in _run("import", store, str(anew)).output


def test_of_two_labels_of_one_place_the_one_that_is_not_shown_is_told(store: str, tmp_path: Path) -> None:
    entities = (Entity(0, 6, "PROBLEM"), Entity(0, 6, "TEST"), Entity(0, 3, "TEST"))
    write_corpus(tmp_path / "two.jsonl", [Document("n3", "asthma", entities)])
    said = _run("import", store, str(tmp_path / "two.jsonl"), "--run", "r2").output
    assert "2 suggestions of r2" in said
    assert "1 entity is not shown: of several labels of one place" in " ".join(said.split())


def test_every_step_answers_scripts_as_json(store: str, tmp_path: Path) -> None:
    def said(*words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(_run(*words, "--json").stdout)
        return found

    docs, other = str(tmp_path / "docs.jsonl"), str(tmp_path / "other.sqlite3")
    made = said("init", other, "--project", "p", "--labels", "PROBLEM, TEST")
    assert made == {"project": "p", "labels": ["PROBLEM", "TEST"], "domain": "generic", "reviews": 1}
    no_problems = {"problem_counts": {}, "problems": []}
    run = {"name": "r1", "documents": 2, "suggestions": 2, "known": 0, "blocked": 0}
    assert said("import", other, docs, "--run", "r1") == {
        "added": 2,
        "known": 0,
        "withdrawn": 0,
        "numbers": [1, 2],
        "run": run,
        **no_problems,
    }
    assert said("agreement", store, "-r", "ana") == {"pairs": []}
    for name in ("ana", "bob"):
        decided = {"decided_by": name, "decided": 1, "unchanged": 0, "conflicts": []}
        assert said("import", store, docs, "--decided-by", name) == {
            "added": 0,
            "known": 2,
            "withdrawn": 0,
            "numbers": [0, 0],
            **decided,
            **no_problems,
        }
    (pair,) = said("agreement", store, "-r", "ana")["pairs"]
    assert (pair["first"], pair["second"], pair["documents"], pair["span_f1"]) == ("ana", "bob", 1, 1.0)
    (tmp_path / "session.txt").write_text("ok 1\nno 2\nlog\n", encoding="utf-8")
    replayed = said("replay", other, str(tmp_path / "session.txt"), "-r", "ana")
    assert (replayed["lines"], replayed["steps"]) == (3, 2)
    gold = said("export", store, str(tmp_path / "gold.jsonl"), "--format", "jsonl")
    assert (gold["documents"], gold["spans"], gold["negatives"], gold["partial"]) == (1, 2, 0, [])
    assert len(gold["gold"]) == len(replayed["gold"]) == 64
    assert said("overlay", store, str(tmp_path / "o.csv")) == {"edits": 0, "output": str(tmp_path / "o.csv")}


def test_errors_are_one_line(store: str, tmp_path: Path) -> None:
    missing = _run("run", str(tmp_path / "none.sqlite3"), code=2)
    assert "does not exist. Make it with `hybrid-ner review init`." in missing.output
    both = ["import", store, str(tmp_path / "docs.jsonl"), "--run", "r2", "--decided-by", "ana"]
    assert "suggestions or decisions, and suggestions of one kind" in _run(*both, code=2).output


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        (
            "a.csv",
            "term,label\nrum,Drug\ngin,\n",
            "hybrid-ner gazetteer import FILE --out terms.tsv --skip-bad",
        ),
        ("b.csv", "foo,bar\n1,2\n3,4\n", "--columns term=NAME,label=TYPE"),
        ("list.txt", "rum\ngin\n", "Give a label, or name the file after it"),
    ],
)
def test_hints_of_lists_are_options_and_no_fields_of_the_page(
    tmp_path: Path, name: str, text: str, hint: str
) -> None:
    (tmp_path / name).write_text(text)
    refused = _run("init", str(tmp_path / "s.sqlite3"), "--gazetteer", str(tmp_path / name), code=2).output
    assert hint in " ".join(refused.split())
    assert "field" not in refused
    assert "add the file" not in refused


@pytest.mark.parametrize("word", ["quit", "exit", "Q"])
def test_quit_ends_the_chat(store: str, word: str) -> None:
    said = _run("run", store, "-r", "ana", typed=f"ok 1\n{word}\nok 2\n").output
    assert "accepted 1" in said
    assert "accepted 2" not in said


@pytest.mark.parametrize("word", ["ta, bye", "Then I shall bid you good day, and close this.", "gotta go"])
def test_a_goodbye_ends_the_chat(store: str, word: str) -> None:
    said = _run("run", store, "-r", "ana", typed=f"ok 1\n{word}\nok 2\n").output
    assert "accepted 1" in said
    assert "Everything is saved" in said
    assert "accepted 2" not in said


def test_a_goodbye_beside_an_order_or_a_question_that_waits_ends_nothing(store: str) -> None:
    said = _run(
        "run", store, "-r", "ana", typed="bye, oh and 1 is wrong\nmaybe 2 is wrong\nbye\nok 2\n"
    ).output
    assert "rejected 1" in said
    assert "accepted 2" in said


def test_who_begins_later_gets_another_document(store: str) -> None:
    # ana has said nothing yet: her first line was refused when ben had decided in the same document
    for who, typed, shown in (
        ("ana", "", "doc 1/2"),
        ("ben", "done\n", "doc 2/2"),
        ("ana", "ok\n", "doc 1/2"),
    ):
        said = _run("run", store, "--reviewer", who, typed=typed).output
        assert shown in said
        assert "Nothing changed" not in said


def test_an_answer_is_about_what_was_asked_last(store: str) -> None:
    """After a sentence the next mention is asked about; "no, it is …" was of the one just decided."""
    said = _run("run", store, "-r", "ana", typed="number 2 is fine\nno, it is a test\n").output
    assert "One is left: is “chest pain” a problem?" in said
    assert "1 “chest pain” PROBLEM → TEST" in said


def test_skip_bad_lists_what_is_left_out(store: str, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("")
    (folder / "b.txt").write_text("pain")
    assert "a.txt: the file is empty" in _run("import", store, str(folder), code=2).output
    said = _run("import", store, str(folder), "--skip-bad", "--run", "r2").output
    assert "1 document added" in said
    assert said.count("a.txt: the file is empty") == 1


def test_skip_bad_leaves_out_what_the_project_cannot_keep(store: str, tmp_path: Path) -> None:
    path = tmp_path / "more.jsonl"
    write_corpus(
        path, [Document("n1", "Other words."), Document("x" * 500, "Rash."), Document("n3", "afib again")]
    )
    refused = _run("import", store, str(path), code=2).output
    assert f"{path}: 1 document has another text (n1): nothing is decided in it. --corrected takes" in refused
    said = _run("import", store, str(path), "--skip-bad", "--run", "r2").output
    assert "1 document added, 0 known" in said
    assert said.count("with another text") == said.count("has 500 characters") == 1


def test_bytes_that_are_no_text_are_one_line(store: str) -> None:
    said = _run("run", store, "-r", "ana", typed="ok \0\n", code=1).output
    assert "! the line holds characters that no text has" in said


def test_the_terminal_knows_the_terms_and_models_of_a_project_of_the_page(store: str) -> None:
    folder = Workspace.at(Path(store).parent, store).project_folder("review")
    with ReviewStore.open(store) as opened:
        ModelSetup(folder, "generic").save(opened.project())
    (folder / "terms").mkdir(parents=True)
    (folder / "terms" / "list.csv").write_text("text,label\nechos,TEST\n")
    said = _run("run", store, "-r", "ana", typed='score\ngo n2\nwhy not "ECHO"\n', code=1).output
    assert "no model is in use yet" in said
    assert "terms     1 term, none folds to 'echo'" in said
    assert "best fuzzy `echos`" in said


def test_init_keeps_how_misspelled_terms_are_taken(tmp_path: Path) -> None:
    store = str(tmp_path / "review.sqlite3")
    _run("init", store, "-p", "one", "--fuzzy", "Drug=off", "--fuzzy-threshold", "0.9")
    place = Workspace.at(tmp_path, store)
    _run("init", store, "-p", "two", "--fuzzy", "off", "--no-variants")
    with ReviewStore.open(store) as opened:
        setup, other = (place.setup(opened.project(name)) for name in ("one", "two"))
    assert (setup.fuzzy.mode, setup.fuzzy.mode_of("Drug"), setup.fuzzy.threshold) == ("label", "off", 0.9)
    assert setup.fuzzy.mode_of("PERSON") == "suggest"
    assert not other.fuzzy.is_on
    assert (setup.variants, other.variants) == (True, False)


def test_labels_of_a_file_have_meanings_and_no_label_is_a_file_name(tmp_path: Path) -> None:
    store, file = str(tmp_path / "review.sqlite3"), tmp_path / "labels.txt"
    file.write_text("Vessel: a named ship\n- Port – where it loads\nAmount; Clause\n", encoding="utf-8")
    _run("init", store, "--labels", str(file))
    with ReviewStore.open(store) as opened:
        looks = {look.label: look.definition for look in label_looks(opened.project("review"))}
    assert looks == {"Vessel": "a named ship", "Port": "where it loads", "Amount": "", "Clause": ""}
    for given in ("gone.txt", "Vessel;Port", "Vessel: a named ship,Port"):
        said = _run("init", store, "-p", "two", "--labels", given, code=2).output
        assert "is no list of labels" in said
        assert "a label a line" in " ".join(said.split())


def test_roles_are_given_and_listed(store: str) -> None:
    assert "nobody has a role yet" in _run("role", store).output
    assert "owner  otto@w.test" in _run("role", store, "otto@w.test", "owner", "--by", "root").output
    _run("role", store, "rea@w.test", "reviewer")
    said = json.loads(_run("role", store, "rea@w.test", "none", "--json").output)
    assert said == {"project": "review", "roles": {"otto@w.test": "owner"}}
    assert "last owner" in _run("role", store, "otto@w.test", "lead", code=2).output
    assert "no role 'king'" in _run("role", store, "rea@w.test", "king", code=2).output
    assert "say which role" in _run("role", store, "rea@w.test", code=2).output


def test_what_a_model_suggests_is_told_once_its_progress_is_gone(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    @contextmanager
    def watched(quiet: bool) -> Iterator[Callable[..., None]]:
        yield lambda step, share, line: None
        seen.append("bars gone")

    def suggest(*_: object) -> tuple[dict[str, Any], str]:
        return {}, "3 suggestions"

    monkeypatch.setattr(_review_import, "bars", watched)
    monkeypatch.setattr(_review_import, "_suggest", suggest)
    monkeypatch.setattr(_review_import, "_opened", lambda model: model)
    monkeypatch.setattr(_review_import.typer, "echo", seen.append)
    _run("import", store, str(tmp_path / "docs.jsonl"), "--model", str(tmp_path))
    assert seen[:3] == ["0 documents added, 2 known", "bars gone", "3 suggestions"]
    assert "2 entities of the file are not taken over" in seen[3]


def test_own_lists_make_the_suggestions_where_that_is_asked_for(tmp_path: Path) -> None:
    made, listed = str(tmp_path / "review.sqlite3"), tmp_path / "drugs.csv"
    listed.write_text("term,label\nmetformin,Drug\nlisinopril,Drug\n", encoding="utf-8")
    write_corpus(tmp_path / "a.jsonl", [Document("a", "Metfromin and lisinopril were given.")])
    write_corpus(tmp_path / "b.jsonl", [Document("b", "Lisinopril again.")])
    _run("init", made, "--gazetteer", str(listed), "--fuzzy", "suggest")
    assert "no suggestions: --suggest lets" in _run("import", made, str(tmp_path / "a.jsonl")).output
    asked = _run("import", made, str(tmp_path / "a.jsonl"), "--suggest").output
    assert "0 documents added, 1 known\n2 suggestions of the project's lists and rules" in asked
    near = _run("run", made, "-r", "ana", typed="queue fuzzy\n").output
    assert "rule fuzzy 0.89 (metformin)" in near
    # What comes later is read by the same rules.
    later = _run("import", made, str(tmp_path / "b.jsonl"), "--suggest").output
    assert "1 document added, 0 known\n3 suggestions of the project's lists and rules" in later


def test_of_several_people_in_a_file_each_is_taken_over_by_name(store: str, tmp_path: Path) -> None:
    tasks = [
        {"text": TEXT, "_annotator_id": who, "answer": "accept", "spans": spans}
        for who, spans in (("ana", [{"start": 10, "end": 20, "label": "PROBLEM"}]), ("ben", []))
    ]
    prodigy = tmp_path / "prodigy.jsonl"
    prodigy.write_text("\n".join(map(json.dumps, tasks)), encoding="utf-8")
    for who in ("ana", "ben"):
        said = _run("import", store, str(prodigy), "--decided-by", who).output
        assert "1 annotated document taken over" in said
        assert "[people]" not in said
    pairs = json.loads(_run("agreement", store, "--json").output)["pairs"]
    assert [(p["first"], p["second"], p["both"], p["first_only"]) for p in pairs] == [("ana", "ben", 0, 1)]
    only = _run("export", store, str(tmp_path / "ana.jsonl"), "--by", "ana")
    assert "1 document, 1 mention" in only.output
    assert "reviewers differ" not in only.output
    said = _run("import", store, str(prodigy), "--decided-by", "carl", "--skip-bad").output
    assert "it names ana, ben, and what counts is taken over for carl" in " ".join(said.split())


def test_imports_are_in_the_log(store: str) -> None:
    said = _run("run", store, "-r", "ana", typed="log\n").output
    assert "added 2 documents" in said


def test_documents_are_shared_out(store: str) -> None:
    shown = _run("assign", store, "ana", "Bob Lee", "--each", "2").output
    assert "everybody has a queue of their own" in shown
    rows = json.loads(_run("progress", store, "--json").stdout)["people"]
    people = {row["who"]: row for row in rows}
    assert (people["ana"]["of"], people["Bob Lee"]["shared"]) == (people["ana"]["shared"],) * 2
    assert people["ana"]["of"] > 0
    assert "3 reviewers each, and 1 named" in _run("assign", store, "ana", "--each", "3", code=2).output
    _run("assign", store, "nobody")
    rows = json.loads(_run("progress", store, "--json").stdout)["people"]
    assert all(row["of"] == 0 for row in rows)


def test_entities_left_behind_are_counted_and_an_empty_gold_replaces_nothing(
    tmp_path: Path,
) -> None:
    store, corpus = str(tmp_path / "s.sqlite3"), tmp_path / "gold.jsonl"
    row = {"id": "a", "text": "Oak.", "entities": [{"start": 0, "end": 3, "label": "Wood"}]}
    corpus.write_text(json.dumps(row) + "\n", encoding="utf-8")
    for line in (["init", store], ["import", store, str(corpus)]):
        said = CliRunner().invoke(app, ["review", *line])
        assert said.exit_code == 0, said.output
    assert "1 entity of the file is not taken over: --run NAME" in said.output
    refused = CliRunner().invoke(app, ["review", "export", store, str(corpus)])
    assert refused.exit_code == 2
    assert "no document is reviewed, and the file holds something" in refused.output
    assert json.loads(corpus.read_text(encoding="utf-8")) == row


def test_nested_gold_is_no_decision_without_a_word(store: str, tmp_path: Path) -> None:
    spans = (Entity(10, 20, "PROBLEM"), Entity(16, 20, "PROBLEM"), Entity(10, 20, "TEST"))
    write_corpus(tmp_path / "nested.jsonl", [Document("n1", TEXT, spans)])
    given = ("import", store, str(tmp_path / "nested.jsonl"), "--decided-by", "ana")
    told = _run(*given, code=2).stderr
    assert (
        "nested.jsonl: TEST 'chest pain' of document 'n1' overlaps another entity. A review keeps one" in told
    )
    told = _run(*given, "--skip-bad").stderr
    assert "2 problems: overlap 2" in told
    assert "PROBLEM 'pain'" in told
    assert "1 document, 1 mention" in _run("export", store, str(tmp_path / "gold.jsonl")).output


def test_what_a_review_cannot_keep_of_entities_is_told(tmp_path: Path) -> None:
    store, docs = str(tmp_path / "s.sqlite3"), tmp_path / "docs.jsonl"
    entity = {"start": 0, "end": 4, "label": "D", "flags": ["negated"], "note": "ask", "by": "x"}
    docs.write_text(json.dumps({"id": "a", "text": "afib", "entities": [entity]}) + "\n", encoding="utf-8")
    _run("init", store, "--labels", "D")
    told = _run("import", store, str(docs), "--decided-by", "ana")
    assert "left out: by (1), note (1)" in told.stderr or "left out: note (1), by (1)" in told.stderr
    odd = json.dumps({"id": "a", "text": "afib", "entities": [{**entity, "score": "high"}]})
    docs.write_text(odd + "\n", encoding="utf-8")
    refused = _run("import", store, str(docs), "--run", "theirs", code=2)
    assert f"error: {docs}: what is said of D [0, 4) of document 'a' cannot be used" in refused.stderr


def test_documents_without_text_are_left_out_and_told(store: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,text\nr1,New cough.\nr2,\nr3,  \n", encoding="utf-8")
    with pytest.warns(UserWarning, match="2 rows without text"):
        said = _run("import", store, str(tmp_path / "rows.csv"))
    assert "1 document added" in said.stdout
    assert "2 documents without text are left out" in said.stderr
    assert "the first is 'r2'" in said.stderr
    empty = [Document("e1", " ", ()), Document("e2", "Cough.", ())]
    write_corpus(tmp_path / "given.jsonl", empty)
    done = json.loads(
        _run("import", store, str(tmp_path / "given.jsonl"), "--decided-by", "bob", "--json").stdout
    )
    assert (done["added"], done["decided"], done["problem_counts"]) == (1, 1, {"no text": 1})
