"""Lines that move, and what is said behind a move: in the document that is then open."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.screen import Shown
from tests.review.helpers import say, statuses, suggest

TEXTS = {"lease-quay": "Orla Finn pays Harbour Ltd.", "msa-cloud": "Lumen Inc bills Tarn plc."}


@pytest.fixture
def session(store: ReviewStore) -> ReviewSession:
    project = store.create_project("contracts", ["Party", "Sum"], domain="legal")
    project.add_documents(Document(name, text) for name, text in TEXTS.items())
    named = {"lease-quay": ("Orla Finn", "Harbour Ltd"), "msa-cloud": ("Lumen Inc", "Tarn plc")}
    spans = [(name, [suggest(TEXTS[name], words, "Sum") for words in each]) for name, each in named.items()]
    project.add_suggestions("r1", spans)
    session = ReviewSession(store, "contracts", "ana")
    session.open("lease-quay")
    return session


def _shown(session: ReviewSession) -> Shown:
    view = session.view()
    assert view is not None
    return Shown.of(view)


@pytest.mark.parametrize(
    "line", ["next part", "go to part 2", "Show me the previous part of the contract, please."]
)
def test_parts_of_a_long_document_are_turned_by_keys(session: ReviewSession, line: str) -> None:
    reply = session.handle(line)
    assert (reply.level, session.log()) == ("info", [])
    assert "the keys . and , turn them" in reply.echo


@pytest.mark.parametrize("line", ["msa-cloud", "go to msa", "go msa", "Good. On we go to the msa."])
def test_a_document_opens_by_the_first_word_of_its_name(session: ReviewSession, line: str) -> None:
    assert session.handle(line).doc_id == "msa-cloud"


@pytest.mark.parametrize(
    "line",
    [
        "can i see the cloud msa again",
        "lets do the clouds msa",
        "let us continue with the msa cloud",
        "Good, then let us continue with Lumen Inc.",
        "could we go back to Tarn plc? I believe I forgot something there.",
    ],
)
def test_a_document_opens_by_words_of_its_name_or_of_its_text(session: ReviewSession, line: str) -> None:
    assert session.handle(line).doc_id == "msa-cloud"


@pytest.mark.parametrize(
    "line", ["go to msa, 2 is a party", "go msa-cloud; 2 is Party", "open msa-cloud. Two is a party."]
)
def test_what_is_said_behind_a_move_is_done_where_it_leads(session: ReviewSession, line: str) -> None:
    reply = session.handle(line, shown=_shown(session))
    assert (reply.level, reply.doc_id, reply.moved) == ("done", "msa-cloud", True)
    assert statuses(session) == {1: "open", 2: "accepted"}
    assert statuses(session, "lease-quay") == {1: "open", 2: "open"}


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("in msa-cloud, 2 is a party", "2 is a party"),
        ("Number 2 is a party in msa-cloud, please.", "Number 2 is a party"),
    ],
)
def test_what_is_said_of_another_document_is_done_there_when_agreed_to(
    session: ReviewSession, line: str, rest: str
) -> None:
    asked = session.handle(line)
    assert asked.pending is not None
    assert asked.pending.choices[0] == ("Go to msa-cloud and do it", f'go "msa-cloud"; {rest}')
    assert asked.pending.choices[1][1] == 'go "msa-cloud"'
    assert statuses(session) == {1: "open", 2: "open"}
    reply = session.handle("a")
    assert (reply.doc_id, reply.moved) == ("msa-cloud", True)
    assert statuses(session) == {1: "open", 2: "accepted"}
    assert statuses(session, "lease-quay") == {1: "open", 2: "open"}


def test_a_move_that_fails_does_nothing_of_the_rest(session: ReviewSession) -> None:
    assert session.handle("go nowhere-9; 2 is Party").level in ("ask", "error")
    assert statuses(session, "lease-quay") == {1: "open", 2: "open"}


def test_a_line_that_is_sent_twice_moves_once(session: ReviewSession) -> None:
    say(session, "go msa-cloud", "go lease-quay")
    first = session.handle("back. 2 is a party", client_id="page", sequence=1)
    again = session.handle("back. 2 is a party", client_id="page", sequence=1)
    assert first.doc_id == "msa-cloud"
    assert again.duplicate
    assert session.view() is not None
    assert statuses(session) == {1: "open", 2: "accepted"}


def test_behind_the_last_document_no_other_one_is_offered(session: ReviewSession) -> None:
    reply = session.handle("all of these are right")
    assert reply.then == "Nothing is left here: shall we go on to the `next` document?"
    say(session, "next")
    reply = session.handle("all of these are right")
    assert reply.then == "Nothing is left here, and no other document waits for you."


@pytest.fixture
def named(store: ReviewStore) -> ReviewSession:
    texts = {
        "weekly_report": "Weekly bench report. E. coli grew.",
        "validation_memo": "Memo on the new respiratory panel. Influenza was found.",
        "clinic_letter": "Dear Dr Halloran, she has a goitre.",
    }
    project = store.create_project("lab", ["FINDING", "METHOD"])
    project.add_documents(Document(name, text) for name, text in texts.items())
    words = {"weekly_report": "coli", "validation_memo": "Influenza", "clinic_letter": "goitre"}
    project.add_suggestions("r1", [(n, [suggest(texts[n], w, "METHOD")]) for n, w in words.items()])
    session = ReviewSession(store, "lab", "ana")
    session.open("weekly_report")
    return session


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Could you take me back to the memo about the respiratory panel?", "validation_memo"),
        ("Fine. Could we have the clinic letter now?", "clinic_letter"),
        ("No, I did not want a file, sorry. I meant the document called clinic_letter, can you open it?", ""),
        ("i need the letter again, i forgot something", "clinic_letter"),
        ("now the validaton memo pls", "validation_memo"),
        ("Great, that one is finished - clinic letter now?", "clinic_letter"),
    ],
)
def test_a_document_opens_by_what_it_is_called_or_is_about(
    named: ReviewSession, line: str, name: str
) -> None:
    assert named.handle(line).doc_id == (name or "clinic_letter")


def test_what_stands_beside_the_name_is_done_in_that_document(named: ReviewSession) -> None:
    reply = named.handle("go back to the letter, goitre is a finding there")
    assert (reply.level, reply.doc_id) == ("done", "clinic_letter")
    assert statuses(named) == {1: "accepted"}
    assert named.handle("Could we have the weekly report as a file?").doc_id == "clinic_letter"


def test_the_state_of_the_work_is_told_in_a_sentence(named: ReviewSession) -> None:
    named.handle("no 1")
    assert named.handle("did i accept coli?").echo == "“coli” is rejected; it stands once here."
    assert "1 of 3 documents" in named.handle("How many have we done now, all told?").echo
    left = named.handle("Are there any documents that still need my attention?").echo
    assert "2 documents are left: validation_memo, clinic_letter." in left
    assert named.handle("Would you please mark this document as finished?").echo.startswith(
        "“weekly_report” is reviewed"
    )
    named.handle("next")
    assert named.handle("I consider this memo complete.").pending is not None
    assert "saved" in named.handle("Thank you for your assistance. I have finished for today.").echo


def test_the_letters_of_choices_do_not_outlive_the_question(named: ReviewSession) -> None:
    assert "No choices stand here" in named.handle("a").echo
    assert named.handle("is 1 perhaps a finding?").pending is not None
    named.handle("what is the weather like in paris today")
    assert "No choices stand here" in named.handle("a").echo
    assert statuses(named) == {1: "open"}
