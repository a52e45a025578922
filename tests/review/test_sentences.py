"""Several sentences in one line: each is read alone, and nothing that one of them says is lost."""

from __future__ import annotations

import random

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.chat.situation import spans_in
from tests.conftest import examples
from tests.review.helpers import say, statuses, suggest, surfaces
from tests.review.phrasing import phrasings

TEXT = "Seizures under bupropion 150 mg in the ward; bupropion was stopped, rash and ward round followed."


@pytest.fixture
def session(store: ReviewStore) -> ReviewSession:
    """Mentions 1 Seizures, 2 bupropion, 3 150 mg, 4 bupropion, 5 rash."""
    project = store.create_project("talk", labels=("Event", "Drug", "Dose"))
    project.add_documents([Document("CASE-1", TEXT), Document("CASE-2", "Nothing here.")])
    words = (
        ("Seizures", "Drug", 1),
        ("bupropion", "Drug", 1),
        ("150 mg", "Event", 1),
        ("bupropion", "Drug", 2),
    )
    found = [suggest(TEXT, word, label, nth=nth) for word, label, nth in (*words, ("rash", "Event", 1))]
    project.add_suggestions("r1", [("CASE-1", found)])
    session = ReviewSession(store, "talk", "ana")
    session.open("CASE-1")
    return session


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("1 event. 3 is a dose, and 5 no.", "1 is Event; 3 is Dose; no 5"),
        ("5 no. 3 dose. 2 yes.", "no 5; 3 is Dose; ok 2"),
        ("Let me be plainer. 2 and 4 are drugs.", "2 4 is Drug"),
        ("Three is a dose, five an event and one an event.", "3 is Dose; 5 is Event; 1 is Event"),
        ("1, event, not a drug. 3, dose, not event.", "1 is Event; 3 is Dose"),
        ("accept 2, 4 and 5, and 3 is a dose", "ok 2 4 5; 3 is Dose"),
        ("1 is wrong, 5 as well, 2 is right", "no 1; no 5; ok 2"),
        ("bupropion is a drug here, so I accept all of them", "2 4 is Drug; ok 2 4"),
        ("that is wrong, because 150 mg is not an event but a dose", "3 is Dose"),
        ("Next. Seizures, event.", "1 is Event"),
        ("One accept. Five reject.", "ok 1; no 5"),
        ("ok. 3 is a dose.", "3 is Dose"),  # the first word accepts nothing
        ("Good. 3 is a dose. ok. 5 no", "3 is Dose; no 5"),
        # without signs, or with those of lists
        ("2 4 ok 1 event 3 dose 5 no", "ok 2 4; 1 is Event; 3 is Dose; no 5"),
        ("1 is event 5 not an event rest ok", "1 is Event; no 5; ok 2-4"),
        ("1 Event / 3 Dose / 5 no", "1 is Event; 3 is Dose; no 5"),
        ("- 1 is Event - 5 no - 3 = Dose", "1 is Event; no 5; 3 is Dose"),
        ("5 bin it", "no 5"),
        # a group by its label, less what is named; the clauses about edges beside the others
        ("5 is right and so are all the other drugs", "ok 1 2 4 5"),
        ("yes, and the two other drugs too", "ok 1 2 4"),
        ("1 is an event, the mg is superfluous", '1 is Event; 3 = "150"'),
        ("Just 150, not the mg. 1 is an event.", '3 = "150"; 1 is Event'),
        # one takes its last word back
        ("2 is fine, no wait, 4", "ok 4"),
        ("reject 2... er no, 5", "no 5"),
        ("make 3 a drug, sorry, a dose", "3 is Dose"),
        ("1 and 5 out, hang on, not 1, only 5", "no 5"),
        # with what leads from one order to the next, remarks, questions
        ("reject 5. While you are about it, accept 2 as well.", "no 5; ok 2"),
        ("take 5 out, after that accept 2 and 4", "no 5; ok 2 4"),
        (
            "Delete number 5, please; it is merely an adjective. Number 3, on the other hand, is a dose.",
            "no 5; 3 is Dose",
        ),
        ("first 1 delete, second 2 is good, third 3 is dose", "no 1; ok 2; 3 is Dose"),
        ("what is 5 again? anyway, 3 is a dose", "why 5; 3 is Dose"),
        # what is missing, with what one asks or says of it
        ("where's the ward round? it's an event, pop it in would you", 'add "ward round" Event'),
        ("why is there no ward round? please put as event", 'add "ward round" Event'),
        ("ward round is one of our events as well, do put it in", 'add "ward round" Event'),
        (
            "I find no mark upon the ward round, which is an event of course. Please supply it.",
            'add "ward round" Event',
        ),
        ("Och for heaven's sake. 3 is a dose", "3 is Dose"),
        ("flag 5 for the registrar, 2 ok", "flag; ok 2"),
        # exceptions before a range
        ("Save for number 3, numbers 2 to 5 are acceptable; number 1, however, is an Event.",
         "ok 2 4 5; 1 is Event"),
        ("Apart from 2 and 3, numbers 1 to 5 are all right.", "ok 1 4 5"),
        ("Aside from number 4, reject 3 to 5.", "no 3 5"),
        # a verdict in fuller words
        ("I do not accept 5.", "no 5"),
        ("Neither 3 nor 5 should have been suggested.", "no 3 5"),
        ("not 5", "no 5"),
        ("I don't want number 5 in there, everybody has a rash", "no 5"),
        ("take the rash off please, too vague to be any use", "no 5"),
        ('Please discard the two fragments "150 mg" and "rash" altogether.', "no 3 5"),
        ("Who put the rash down as a drug? It's an event!", "5 is Event"),
    ],
)  # fmt: skip
def test_each_sentence_does_what_it_says(session: ReviewSession, line: str, understood: str) -> None:
    reply = session.handle(line)
    assert (reply.level, reply.understood) == ("done", understood)


def test_a_word_that_joins_nothing_is_no_command(session: ReviewSession) -> None:
    assert session.handle("of").echo.startswith("'of' is no command")  # was an IndexError


def test_a_list_that_is_one_mention_is_read_at_once(session: ReviewSession) -> None:
    """Each of its parts became the whole name, again and again: "A, B and C and A, B and C"."""
    text = "He goes home on aspirin, atorvastatin and clopidogrel."
    session.project.add_documents([Document("CASE-3", text)])
    found = [suggest(text, "aspirin, atorvastatin and clopidogrel", "Drug")]
    session.project.add_suggestions("r3", [("CASE-3", found)])
    session.open("CASE-3")
    line = (
        "Number 1 comprises three drugs, namely aspirin, atorvastatin and clopidogrel; please separate them."
    )
    assert session.handle(line).level == "done"
    assert session.handle(f"What of that? Namely {text[16:-1]}").level in ("ask", "info", "error")


@pytest.mark.parametrize(
    "line",
    ["not sure about 5", "I might not accept 5", "Neither 3 nor 5 should be decided today.",
     "Perhaps save for number 3, numbers 2 to 5 are acceptable.", "I don't want number 5 to be forgotten",
     "Please remove the reference to bupropion.", "5 is coded wrong", "Except for 2, 3 and 5 are right.",
     "not all the other drugs are right", "the ward comes up again, mark it as an event"],
)  # fmt: skip
def test_doubt_and_what_is_left_open_write_nothing(session: ReviewSession, line: str) -> None:
    session.handle(line)
    assert session.log() == []


def test_what_one_sentence_asks_is_asked_with_what_the_others_do(session: ReviewSession) -> None:
    reply = session.handle("3 is a dose. 5 is perhaps a drug. 2 yes")
    assert reply.level == "ask"
    assert reply.pending is not None
    assert reply.pending.choices[0][1] == "3 is Dose; 5 is Drug; ok 2"
    assert set(statuses(session).values()) == {"open"}
    say(session, "a")
    assert surfaces(session) == [("bupropion", "Drug"), ("150 mg", "Dose"), ("rash", "Drug")]


def test_a_sentence_that_cannot_be_read_is_told(session: ReviewSession) -> None:
    reply = session.handle("3 is a dose. rash blorbs the glim. 2 yes")
    assert reply.level == "ask"
    assert reply.pending is not None
    assert all("ok 2" in line for _, line in reply.pending.choices[:1])


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("Seizures. 150 mg dose.", set()),  # no label for Seizures, so that it gets none
        ("Keep 5. No, 2.", set()),  # asked
        ("1 is wrong. It should be an event.", {1}),
        ("he is ill. So 5 is an event.", {5}),
    ],
)
def test_a_sentence_may_turn_the_one_before(session: ReviewSession, line: str, changed: set[int]) -> None:
    session.handle(line)
    assert {n for n, status in statuses(session).items() if status != "open"} == changed


def test_what_is_taken_back_comes_first_and_what_leaves_last(session: ReviewSession) -> None:
    say(session, "5 is a drug")
    reply = session.handle("NO rash is an event!! undo")
    assert reply.understood == "undo; 5 is Event"
    reply = session.handle("next! oh, and 3 is a dose")
    assert reply.understood == "3 is Dose; next"
    assert reply.doc_id == "CASE-2"


@pytest.mark.parametrize(
    "line",
    [
        "could you please open CASE-2 first, because I know it best?",
        "case 2 pls",
        "no, leave it. Please go to CASE-2, then.",
        "wait, did that stick? go to case-2",
    ],
)
def test_a_document_is_opened_by_its_name_in_any_words(session: ReviewSession, line: str) -> None:
    assert session.handle(line).doc_id == "CASE-2"
    session.open("CASE-1")
    assert set(statuses(session).values()) == {"open"}


def test_where_one_is(session: ReviewSession) -> None:
    assert session.handle("where am I?").echo.startswith("This is document 1, “CASE-1”. 5 mentions are open")
    reply = session.handle("I think that is all for this one. What remains to be done?")
    assert reply.understood == "left"


def test_no_line_of_several_sentences_breaks(session: ReviewSession) -> None:
    """Sentences of other people's documents, glued in every way, are read or asked and never raise."""
    draw = random.Random(7)
    said = [each.sentence for each in phrasings("plain_*")]
    for _ in range(examples(4)):
        parts = draw.sample(said, draw.randint(2, 3))
        line = draw.choice((". ", ", ", " and ", " ", "; ", " / ", " - ")).join(parts)
        assert session.handle(line).echo
        session.open("CASE-1")


def test_the_rest_is_without_a_range_that_a_choice_decides(session: ReviewSession) -> None:
    """What a line is about is read in one way: ranges as their spans, no places and no quoted figures."""
    line = 'ok 2-4 7; 8 = "40 mg 12"; add "x" #2 Drug; add "y" @10-20 Dose'
    assert spans_in(line) == {2, 3, 4, 7, 8}
    assert session.handle("maybe reject 2 to 4").level == "ask"
    reply = session.handle("a, and accept the rest")
    assert {n: statuses(session)[n] for n in (2, 3, 4)} == dict.fromkeys((2, 3, 4), "rejected"), (
        reply.understood
    )
    assert statuses(session)[1] == statuses(session)[5] == "accepted"


def test_a_slip_of_one_among_several_is_asked(session: ReviewSession) -> None:
    reply = say(session, "accept 1 and 2, sorry, 4")
    assert reply.pending is not None
    assert [line for _, line in reply.pending.choices] == ["ok 1 4", "ok 4", "cancel"]


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("could you put a little flag on this letter, I want to talk it over with Priya", "flag"),
        ("Could you mark this document so that I can come back to it?", "flag"),
        ("this text later, i must ask first the supervisor", "skip"),
        ("right, go and learn something from what Ive done", "update"),
        ("Let me have the whole thing as a csv file, if it is not too much trouble", "export csv"),
        ("Could you tell me how reliable the suggestions are at present?", "score"),
        ("oh heavens I've done the last two all wrong, can you undo them both", "undo; undo"),
        ("scrap my last two goes", "undo; undo"),
    ],
)
def test_what_is_asked_of_the_work_has_anything_around_it(
    session: ReviewSession, line: str, understood: str
) -> None:
    say(session, "ok 1")
    say(session, "no 2")
    assert say(session, line).understood == understood


@pytest.mark.parametrize(
    "line",
    [
        "don't train yet, I'm not done with this",
        "should we learn from my work now?",
        "what would happen if I undid my last two steps?",
        "where's the ward round? I don't want it added",
        "is 3 right, sorry, 5?",
        "maybe 3 is wrong, no wait, 5",
    ],
)
def test_what_is_no_order_writes_nothing(session: ReviewSession, line: str) -> None:
    before = statuses(session)
    reply = say(session, line)
    assert reply.understood not in ("update", "retrain", "undo; undo")
    assert statuses(session) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("delete document 3", "`go 3` opens it"),
        ("reject doc 2", "`go 2` opens it"),
        ("please throw note 1 out", "`go 1` opens it"),
        ("reject all by bob", "`undo all by bob`"),
        ("accept everything by bob", "`take bob`"),
    ],
)
def test_what_is_said_of_documents_and_people_decides_no_mention(
    session: ReviewSession, line: str, said: str
) -> None:
    before = statuses(session)
    reply = session.handle(line)
    assert said in reply.echo
    assert "Nothing changed." in reply.echo
    assert statuses(session) == before
