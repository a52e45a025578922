"""An import of decisions never undoes a later one, writes nothing twice, and names what it left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import decisions
from hybrid_ner.review.rounds.decisions import Conflict, DecisionImport, import_decisions
from hybrid_ner.review.store.gold import gold_documents, gold_hash
from hybrid_ner.review.store.suggestion import suggestions_from_document
from tests.review.helpers import NOTE, say, surfaces, ward

ECHO = (Entity(10, 20, "PROBLEM"), Entity(65, 69, "TEST"))
FILE = (Document("d1", NOTE, ECHO), Document("d5", "Nothing to see here.", ()))


@pytest.fixture
def carl(any_store: ReviewStore) -> ReviewSession:
    project = ward(any_store)
    assert import_decisions(project, "carl", FILE) == DecisionImport(2)
    return ReviewSession(any_store, project.name, "carl")


def _again(carl: ReviewSession, *documents: Document) -> tuple[int, int, list[tuple[str, str]], int]:
    """What an import did, and how many events it wrote."""
    before = len(carl.project.events())
    done = import_decisions(carl.project, "carl", documents or FILE)
    left = [(each.doc_id, each.why) for each in done.conflicts]
    return done.taken, done.known, left, len(carl.project.events()) - before


def test_the_same_file_again_writes_nothing(carl: ReviewSession) -> None:
    assert _again(carl) == (0, 2, [], 0)
    assert _again(carl, *FILE, *FILE) == (0, 2, [], 0)


@pytest.mark.parametrize("line", ["no 4", "1 is TEST", "reopen 1", 'add "25 mg" DRUG', "2 is PROBLEM"])
def test_what_was_changed_since_stays_and_is_named(carl: ReviewSession, line: str) -> None:
    say(carl, "go d1", line)
    changed = (surfaces(carl, "d1"), gold_hash(carl.project))
    assert _again(carl) == (0, 1, [("d1", "decided by hand")], 0)
    assert (surfaces(carl, "d1"), gold_hash(carl.project)) == changed
    say(carl, "undo")
    assert _again(carl) == (0, 2, [], 0)


def test_an_import_that_was_undone_stays_undone(carl: ReviewSession) -> None:
    say(carl, "undo")
    why = "taken over before and undone"
    assert _again(carl) == (0, 0, [("d1", why), ("d5", why)], 0)
    say(carl, "redo")
    assert _again(carl) == (0, 2, [], 0)


def test_a_corrected_file_replaces_what_nobody_touched(carl: ReviewSession) -> None:
    corrected = Document("d1", NOTE, ECHO[:1])
    assert _again(carl, corrected) == (1, 0, [], 2)
    assert surfaces(carl, "d1") == [("chest pain", "PROBLEM")]
    assert _again(carl, FILE[0]) == (0, 0, [("d1", "a later import says otherwise")], 0)
    assert surfaces(carl, "d1") == [("chest pain", "PROBLEM")]


def test_what_was_decided_by_hand_before_the_first_import_stays(any_store: ReviewStore) -> None:
    project = ward(any_store)
    dora = ReviewSession(any_store, project.name, "dora")
    say(dora, "go d1", "no 1")
    done = import_decisions(project, "dora", FILE)
    assert done == DecisionImport(1, 0, (Conflict("d1", "decided by hand"),))
    # The same spans, whoever decided them: nothing to write and no conflict.
    say(dora, "go d1", "1 is PROBLEM", "4 is TEST", "no 2 3")
    assert import_decisions(project, "dora", FILE) == DecisionImport(0, 2)


def test_an_interrupted_import_goes_on_where_it_stopped(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "RUN_BATCH", 1)

    def breaks_off() -> Iterator[Document]:
        yield FILE[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_decisions(project, "carl", breaks_off())
    assert project.version == 1
    assert import_decisions(project, "carl", FILE) == DecisionImport(1, 1)
    assert import_decisions(project, "carl", FILE) == DecisionImport(0, 2)
    assert [each.kind for each in project.events()] == ["mentions", "done", "done"]


def test_a_document_given_twice_must_say_the_same(project: Project) -> None:
    with pytest.raises(CorpusError, match="'d1' is given twice, with different entities"):
        import_decisions(project, "carl", [FILE[0], Document("d1", NOTE, ())])
    assert project.events() == []


def test_a_concept_that_the_file_leaves_out_is_no_difference(carl: ReviewSession) -> None:
    with_concept = Document("d1", NOTE, (Entity(10, 20, "PROBLEM", "C1"), ECHO[1]))
    assert _again(carl, with_concept)[0] == 1
    assert _again(carl, with_concept) == (0, 1, [], 0)
    assert _again(carl, FILE[0]) == (0, 1, [], 0)


def test_labels_that_the_file_brings_become_labels_of_the_project(project: Project) -> None:
    new = Document("d1", NOTE, (Entity(10, 20, "SIGN"), Entity(65, 69, "TEST")))
    assert import_decisions(project, "carl", [new]) == DecisionImport(1)
    assert "SIGN" in project.labels
    assert [each.kind for each in project.events()].count("label") == 1


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (Document("d1", NOTE + " ", ()), "document 'd1' has another text in the project"),
        (Document("d99", NOTE, ()), "document 'd99' is not in the project"),
    ],
)
def test_only_documents_of_the_project_can_be_decided(
    project: Project, document: Document, said: str
) -> None:
    with pytest.raises(CorpusError, match=said):
        import_decisions(project, "carl", [document])
    assert project.events() == []


def test_a_span_undone_by_hand_and_taken_over_again_is_known(carl: ReviewSession) -> None:
    say(carl, "go d1", "no 4", "undo", "go d5", 'add "see" TEST')
    assert _again(carl) == (0, 1, [("d5", "decided by hand")], 0)
    say(carl, "undo")
    assert _again(carl) == (0, 2, [], 0)


def test_flags_come_back_with_the_gold(project: Project) -> None:
    flagged = Entity(0, 3, "PROBLEM", "", {"flags": ["negated", "historical"]})
    import_decisions(project, "carl", [Document("d1", NOTE, (flagged,))])
    (gold,) = gold_documents(project)
    assert [(e.start, e.end, e.attrs) for e in gold.entities or ()] == [
        (0, 3, {"flags": ["historical", "negated"]})
    ]


@pytest.mark.parametrize("flags", [5, "negated", [1, None], [["negated"]], {"negated": 1}])
def test_flags_of_another_program_are_none(project: Project, flags: object) -> None:
    odd = Document("d1", NOTE, (Entity(0, 3, "PROBLEM", "", {"flags": flags}),))
    import_decisions(project, "carl", [odd])
    assert [e.attrs for gold in gold_documents(project) for e in gold.entities or ()] == [{}]
    assert [each.flags for each in suggestions_from_document(odd)] == [()]


@pytest.mark.parametrize(
    "attrs", [{"score": "high"}, {"score": []}, {"model_score": "x"}, {"votes": 5}, {"votes": [1]}]
)
def test_a_suggestion_that_is_none_names_its_document(attrs: dict[str, object]) -> None:
    odd = Document("d1", NOTE, (Entity(10, 20, "PROBLEM", "", attrs),))
    with pytest.raises(CorpusError, match=r"PROBLEM \[10, 20\) of document 'd1' cannot be used"):
        suggestions_from_document(odd)


def test_a_score_of_null_is_none() -> None:
    odd = Document("d1", NOTE, (Entity(10, 20, "PROBLEM", "", {"score": None, "votes": None}),))
    assert [each.score for each in suggestions_from_document(odd)] == [1.0]


def test_half_a_character_is_refused_by_the_store(project: Project) -> None:
    with pytest.raises(CorpusError, match="the text of document 'z' holds a lone surrogate"):
        project.add_documents([Document("z", "\ud800")])
