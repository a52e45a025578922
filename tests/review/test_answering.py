"""Conversations: what "it", "the second", "likewise" and "no, I mean 5" mean after what was just said."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.chat.offers import does_same, offer_words, possible, sensible
from hybrid_ner.review.chat.reading import LEAVE
from hybrid_ner.review.choosing import chosen_in_words, half_chosen, verdict_chosen
from hybrid_ner.review.listening import situation_of
from hybrid_ner.review.reply import Pending
from hybrid_ner.terms import Gazetteer, Term
from tests.review.helpers import say, statuses, suggest, surfaces

TEXT = "He took seizures tablets for profuse sweating and atropine; the farmer said syndrome of weakness."
_CHOICES = (
    ("13 is Disease", "13 is Disease"),
    ("13 is “scours”", '13 = "scours"'),
    ("Accept 13", "ok 13"),
    LEAVE,
)


@pytest.fixture
def session(store: ReviewStore) -> ReviewSession:
    project = store.create_project("talk", labels=("Effect", "Substance"))
    project.add_documents([Document("t1", TEXT), Document("t2", "Nothing here.")])
    words = (
        ("seizures", "Substance"),
        ("sweating", "Effect"),
        ("atropine", "Effect"),
        ("farmer", "Substance"),
    )
    project.add_suggestions("r1", [("t1", [suggest(TEXT, word, label) for word, label in words])])
    session = ReviewSession(store, "talk", "ana")
    session.open("t1")
    return session


def _pending(*choices: tuple[str, str]) -> Pending:
    made = choices or _CHOICES
    return Pending("choice", made[0][1], "said", "", question="Which of these?", choices=made)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("yes, the first option", "13 is Disease"),
        ("no, take the second", '13 = "scours"'),
        ("the last one please", "ok 13"),
        ("both, the second and the first", '13 = "scours"; 13 is Disease'),
        ("the second, and then disease", '13 = "scours"; 13 is Disease'),
        ("the third, accept", "ok 13"),
        ("the first will do", "13 is Disease"),
        ("option 2", '13 = "scours"'),
        ("the third, leave the others be", "ok 13"),
        ("both, the first and the third", ""),
        ("the fourth", ""),
        ("the second is a disease", ""),
        ("the first, pain, is wrong", ""),
    ],
)
def test_a_choice_is_taken_by_its_place_in_any_words(said: str, line: str) -> None:
    assert chosen_in_words(_pending(), said, ("Disease", "Sign")) == line


@pytest.mark.parametrize(
    ("said", "takes_yes", "line"),
    [
        ("accept it, of course", True, "ok 3"),
        ("yes accept", True, "ok 3"),
        ("no, delete it", True, "no 3"),
        ("ok its fine", False, "ok 3"),
        ("ok", True, ""),  # a yes to what was asked
        ("wrong", False, ""),  # the reading, or the span
        ("accept 4", True, ""),
    ],
)
def test_a_bare_verdict_takes_the_choice_that_has_it(said: str, takes_yes: bool, line: str) -> None:
    asked = _pending(("Reject 3", "no 3"), ("Accept 3", "ok 3"), LEAVE)
    assert verdict_chosen(asked, said, takes_yes) == line


@pytest.mark.parametrize(
    "said", ["Leave that for now.", "no, just leave", "Dear me. Leave it.", "Never mind."]
)
def test_a_question_is_left_and_the_document_stays(session: ReviewSession, said: str) -> None:
    assert session.handle("maybe 3 is wrong").level == "ask"
    assert session.handle(said).understood == "cancel"
    view = session.view()
    assert view is not None
    assert view.doc_id == "t1"
    assert set(statuses(session).values()) == {"open"}


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("Neither. 1 and 4 are wrong.", {1: "rejected", 4: "rejected"}),
        ("None of them. Accept 2.", {2: "accepted"}),
    ],
)
def test_what_is_wanted_instead_of_all_choices(
    session: ReviewSession, said: str, changed: dict[int, str]
) -> None:
    say(session, "maybe 3 is wrong")
    session.handle(said)
    assert {n: status for n, status in statuses(session).items() if status != "open"} == changed


def test_all_of_so_many_agrees_where_the_question_is_about_so_many() -> None:
    three = _pending(("Accept 6 15 19", "ok 6 15 19"), LEAVE)
    assert chosen_in_words(three, "yes, all three of them", ()) == "ok 6 15 19"
    assert chosen_in_words(three, "all four", ()) == ""


def test_a_place_with_more_than_can_be_followed_asks_again() -> None:
    again = half_chosen(_pending(), "the second, whatever that does")
    assert again is not None
    assert again.answer.startswith("First this, one at a time: Which of these?")
    assert half_chosen(_pending(), "the second is wrong") is None


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("ok 1 2; no 1", False),
        ('14 = "oral rehydration"; no 14', False),
        ("ok 6 15 6", False),
        ('5-7 = "given"', False),
        ("merge 8", False),
        ("18 <18", False),
        ("ok 1 2; no 3", True),
        ('8 = "x"; 8 is Drug', True),
        ("7 -1", True),
        ('add "3 of 3" Drug; ok 3', True),
        ("3 -> MESH:D001281", True),
    ],
)
def test_no_choice_says_two_opposites_or_a_thing_twice(line: str, fits: bool) -> None:
    assert sensible(line) is fits


def test_it_is_the_span_that_a_question_is_about_and_not_the_last_decided_one(session: ReviewSession) -> None:
    say(session, "3 is Substance", "maybe 4 is an effect")
    assert session.handle("actually no, it is a substance").understood.startswith("4 ")
    assert statuses(session)[3] == "accepted"


def test_they_are_what_the_sentence_names(session: ReviewSession) -> None:
    session.handle("the seizures are an effect, not a substance; simply accept them")
    assert [n for n, status in statuses(session).items() if status == "accepted"] == [1]


def test_likewise_repeats_the_question_and_not_what_was_done_before_it(session: ReviewSession) -> None:
    say(session, "1 is Effect", "maybe 4 is an effect")
    reply = session.handle("likewise atropine")
    assert (reply.level, [line for _, line in reply.pending.choices]) == (  # type: ignore[union-attr]
        "ask",
        ["3 4 is Effect", "3 is Effect", "cancel"],
    )
    assert statuses(session)[3] == "open"


@pytest.mark.parametrize(
    ("before", "said", "what"),
    [
        ("maybe 4 is an effect", "no, I mean 3. It is a substance", ("atropine", "Substance")),
        ("ok 1", "no, I mean number 2, it should be profuse sweating", ("profuse sweating", "Effect")),
        ('2 = "sweating and"', "no, profuse sweating", ("profuse sweating", "Effect")),
        (
            "2 is wide",
            "it was number 2 that I meant, it should read profuse sweating",
            ("profuse sweating", "Effect"),
        ),
    ],
)
def test_another_span_or_other_words_than_those_that_were_heard(
    session: ReviewSession, before: str, said: str, what: tuple[str, str]
) -> None:
    say(session, before, said)
    assert what in surfaces(session)


def test_a_word_that_was_cut_off_comes_back(session: ReviewSession) -> None:
    say(session, "2 should be profuse sweating", "2 is just sweating", "hmm nvm put profuse back")
    assert ("profuse sweating", "Effect") in surfaces(session)


def test_what_protests_or_turns_to_a_span_asks(session: ReviewSession) -> None:
    assert session.handle("ok now the farmer one").level == "ask"
    say(session, "cancel", "ok 2")
    reply = session.handle("no wait, don't")
    assert ("Undo", "undo") in (reply.pending.choices if reply.pending else ())
    assert session.handle("undo").level == "done"
    assert set(statuses(session).values()) == {"open"}


def test_yes_answers_the_question_that_was_asked_last(session: ReviewSession) -> None:
    """A question that was left two decisions ago waits no more."""
    say(session, "maybe 4 is an effect", "2 is fine", "3 is fine")
    assert session.handle("sure").understood == "ok 1"


def test_words_are_offered_with_every_label_or_as_the_span_that_they_hold(session: ReviewSession) -> None:
    with session.looking() as work:
        situation = situation_of(work)
    plain, longer = (offer_words(said, (), situation) for said in ("tablets", "profuse sweating"))
    assert plain is not None
    assert [line for _, line in plain.choices] == [
        '1 = "seizures tablets"',
        'add "tablets" Effect',
        'add "tablets" Substance',
        "cancel",
    ]
    assert longer is not None
    assert [line for _, line in longer.choices] == ['2 = "profuse sweating"', "cancel"]


@pytest.mark.parametrize(
    ("answer", "understood"),
    [
        ("(a)", "3 is Substance"),
        ("a please", "3 is Substance"),
        ("yes, a", "3 is Substance"),
        ("The former, that is to say (a).", "3 is Substance"),
        ("a obvs", "3 is Substance"),
        ("I will take (a), if you would be so good", "3 is Substance"),
        ("a, and number 4 is wrong", "3 is Substance; no 4"),
        ("the first option, and furthermore 2 is right", "3 is Substance; ok 2"),
        ("a. 4 reject", "3 is Substance; no 4"),
        ("leave it. 4 is wrong", "no 4"),
        ("any of these, they are the same to me", "3 is Substance"),
    ],
)
def test_a_choice_is_taken_by_its_letter_with_whatever_else_is_said(
    session: ReviewSession, answer: str, understood: str
) -> None:
    asked = session.handle("3 is perhaps a substance")
    assert asked.pending is not None
    assert asked.pending.choices[0][1] == "3 is Substance"
    reply = session.handle(answer)
    assert (reply.level, reply.understood) == ("done", understood)


def test_a_letter_with_a_rest_that_nobody_can_read_asks_once_more(session: ReviewSession) -> None:
    session.handle("3 is perhaps a substance")
    reply = session.handle("a, and the glim blorbs")
    assert (reply.level, reply.echo) == ("ask", "I did not get “the glim blorbs”. The rest?")
    assert reply.pending is not None
    assert reply.pending.choices[0][1] == "3 is Substance"
    assert set(statuses(session).values()) == {"open"}


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("yes. 3 is a substance, 4 no", "ok 1; 3 is Substance; no 4"),
        ("yep, 4 no", "ok 1; no 4"),
        ("It is; and 3 is a substance.", "ok 1; 3 is Substance"),
        ("yes, 4 isn't a substance", "no 4"),
        ("yes, that's fine", "ok 1"),
    ],
)
def test_a_yes_to_what_was_asked_comes_before_other_orders(
    session: ReviewSession, line: str, understood: str
) -> None:
    assert session.handle(line).understood == understood


def test_ok_is_no_choice_among_several_and_accepts_nothing(session: ReviewSession) -> None:
    asked = session.handle("both are fine")
    assert asked.pending is not None
    reply = session.handle("ok")
    assert reply.echo.startswith("Say which")
    assert set(statuses(session).values()) == {"open"}


def test_a_step_is_undone_while_a_question_of_the_chat_waits(session: ReviewSession) -> None:
    say(session, "ok 2")
    session.handle("3 is perhaps a substance")
    assert session.handle("undo").level == "done"
    assert statuses(session)[2] == "open"
    say(session, "ok 2")
    session.handle("3 is perhaps a substance")
    assert session.handle("Kindly undo the last change.").level == "done"
    assert statuses(session)[2] == "open"


def test_no_after_a_rejection_is_about_what_was_asked_since(session: ReviewSession) -> None:
    say(session, "no 1")
    assert session.handle("no, it is a substance").understood == "2 is Substance"


def test_words_on_no_list_are_what_listed_terms_that_end_alike_are(store: ReviewStore) -> None:
    project = store.create_project("talk", labels=("Effect", "Substance", "Date"))
    project.add_documents([Document("t1", "On simvastatin since 3 May; itching, ventricular bigeminy.")])
    listed = [("atorvastatin", "Substance"), ("pravastatin", "Substance"), ("lovastatin", "Substance")]
    terms = Gazetteer.of([*(Term(text, label) for text, label in listed), Term("nausea", "Effect")])
    session = ReviewSession(store, "talk", "ana", gazetteer=terms)
    session.open("t1")
    assert say(session, "you missed simvastatin").level == "done"
    assert say(session, "3 May is missing").level == "done"
    assert surfaces(session) == [("simvastatin", "Substance"), ("3 May", "Date")]
    assert say(session, "you missed ventricular bigeminy").level == "ask"


def test_words_are_what_the_term_is_that_ends_them(store: ReviewStore) -> None:
    """ "You missed decompensated CHF" made a chemical of it, since some chemicals end in -chf."""
    text = "decompensated CHF, worsening LVF; acute PE, side effects of digoxin"
    project = store.create_project("talk", labels=("Effect", "Substance"))
    project.add_documents([Document("t1", text)])
    project.add_suggestions("r1", [("t1", [suggest(text, "CHF", "Effect")])])
    listed = [Term(f"di{letter}chf", "Substance") for letter in "abcd"]
    listed += [Term(f"{letter}lvf", "Substance") for letter in "abcd"]
    listed += [Term("PE", "Effect"), Term("digoxin", "Substance")]
    session = ReviewSession(store, "talk", "ana", gazetteer=Gazetteer.of(listed))
    session.open("t1")
    say(session, "you missed decompensated CHF", "you missed acute PE")
    assert surfaces(session) == [("decompensated CHF", "Effect"), ("acute PE", "Effect")]
    for unknown in ("worsening LVF", "side effects of digoxin"):
        assert say(session, f"you missed {unknown}").level == "ask"
        say(session, "cancel")


def test_looks_good_next_accepts_all_that_is_offered(store: ReviewStore) -> None:
    """Where a less likely suggestion stood beside them, it accepted the framed one alone and went on."""
    text = "Dysuria, loin pain, rigors."
    project = store.create_project("talk", labels=("Effect", "Substance"))
    project.add_documents([Document("t1", text), Document("t2", text)])
    words = (("Dysuria", True), ("loin pain", True), ("pain", False), ("rigors", True))
    found = [suggest(text, word, "Effect", chosen=chosen) for word, chosen in words]
    project.add_suggestions("r1", [("t1", found)])
    session = ReviewSession(store, "talk", "ana")
    session.open("t1")
    assert session.handle("looks good, next", framed=1).understood == "ok 1 2 4 next"
    session.open("t1")
    assert list(statuses(session).values()) == ["accepted", "accepted", "rejected", "accepted"]


def test_every_place_of_one_text_leaves_out_nothing_else_of_the_message(store: ReviewStore) -> None:
    text = "A. Bello: £255, then £255 again; £126 for R. Venkat."
    store.create_project("costs", labels=("Money", "Lawyer")).add_documents([Document("c1", text)])
    session = ReviewSession(store, "costs", "ana")
    session.open("c1")
    say(session, "£255 and £126 are money")
    assert session.pending is not None
    say(session, "both")
    assert [surface for surface, _ in surfaces(session)] == ["£255", "£255", "£126"]
    # Nor is an initial the letter of a choice.
    say(session, "undo", "£255 and £126 are money", "A. Bello is a lawyer and R. Venkat too")
    assert ("£255", "Money") not in surfaces(session)


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("put it under effect", 'add "weakness" Effect'),
        ("it would be a substance", 'add "weakness" Substance'),
        ("bin it", "cancel"),
        ("that one is wrong", "cancel"),
        ("not that", "cancel"),
        ("none of the above", "cancel"),
        ("accept it", ""),
        ("an effect, probably", ""),
    ],
)
def test_what_only_points_while_a_question_waits_decides_no_other_mention(
    session: ReviewSession, said: str, understood: str
) -> None:
    assert session.handle("you missed weakness").level == "ask"
    reply = session.handle(said)
    assert reply.understood == understood
    assert understood or reply.echo.startswith("First this: What is “weakness”?")
    assert {statuses(session, "t1")[n] for n in range(1, 5)} == {"open"}


@pytest.mark.parametrize("said", ["it's wrong", "not really", "bin it"])
def test_a_no_that_points_leaves_a_question_about_all_documents(session: ReviewSession, said: str) -> None:
    say(session, "never tag farmer again")
    assert session.handle(said).understood == "cancel"
    assert set(statuses(session, "t1").values()) == {"open"}


@pytest.mark.parametrize(
    "said", ["the other one", "no, the other please", "i meant the other", "yes, accept 1"]
)
def test_the_other_of_two_choices_and_a_choice_by_its_name(session: ReviewSession, said: str) -> None:
    session.handle("maybe 1 is an effect")
    assert session.handle(said).understood == "ok 1"


def test_none_of_these_before_another_order_rejects_nothing(session: ReviewSession) -> None:
    session.handle("maybe 1 is an effect")
    session.handle("No, none of these. I mean the two effects.")
    assert set(statuses(session, "t1").values()) == {"open"}


@pytest.mark.parametrize(
    ("line", "can"),
    [
        ('2 = "profuse sweating"', True),
        ('2 = "syndrome"', False),
        ('add "weakness" Effect', True),
        ('add "nausea" Effect', False),
        ("1 >1", False),
        ("ok 2020", False),
        ("why 1-3", False),
        ("undo; ok 2020", True),
    ],
)
def test_a_button_can_be_done(session: ReviewSession, line: str, can: bool) -> None:
    with session.looking() as work:
        assert possible(line, situation_of(work)) is can


def test_no_two_buttons_do_the_same(session: ReviewSession) -> None:
    reply = session.handle("maybe 2 is an effect")
    assert reply.pending is not None
    assert [line for _, line in reply.pending.choices] == ["ok 2", "no 2", "cancel"]
    with session.looking() as work:
        situation = situation_of(work)
    assert does_same("1 2 is Effect", situation) == {"1 is Effect", "ok 2"}
    assert does_same("1 is Effect; ok 1", situation) == {"1 is Effect"} != does_same("ok 1", situation)


@pytest.mark.parametrize(
    ("said", "edge"),
    [
        ("by 2 I miss the profuse", '2 = "profuse sweating"'),
        ("by 1 tablets must come", '1 = "seizures tablets"'),
    ],
)
def test_edges_are_offered_for_what_is_not_understood(session: ReviewSession, said: str, edge: str) -> None:
    reply = session.handle(said)
    assert reply.pending is not None
    assert edge in [line for _, line in reply.pending.choices]


def test_the_next_document_is_no_label_document(store: ReviewStore) -> None:
    project = store.create_project("papers", labels=("Document", "Date"))
    project.add_documents([Document("p1", "The will of May."), Document("p2", "Nothing here.")])
    project.add_suggestions("r1", [("p1", [suggest("The will of May.", "May", "Date")])])
    session = ReviewSession(store, "papers", "ana")
    assert session.handle("Next document please.").doc_id == "p2"


@pytest.mark.parametrize(
    ("done", "said", "line"),
    [
        ("no 3 4", "hm no, keep them", "ok 3 4"),
        ("ok 3 4", "throw them out again", "no 3 4"),
        ("ok 3 4", "they are both effects", "3 4 is Effect"),
        ("3 is not a substance", "it's an effect", "3 is Effect"),
        ("no 3", "nor is 4 a substance", "no 4"),
        ("no 3", "the farmer neither", "no 4"),
        ("ok 3", "4 isn't though", "no 4"),
        ("3 is Substance", "that goes for 2 too", "2 is Substance"),
        ("ok 2-4", "but not the first", "reopen 2"),
        ("no 2-4", "no, only the last one", "reopen 2 3"),
        ("ok 2", "where else is it?", 'all "sweating"'),
        ('2 = "profuse sweating"', "without profuse, I mean", '2 = "sweating"'),
    ],
)
def test_what_is_said_of_what_was_just_done(session: ReviewSession, done: str, said: str, line: str) -> None:
    if done.endswith("a substance"):
        session.handle("3 is Substance")
    session.handle(done)
    assert session.handle(said).understood == line


@pytest.mark.parametrize(
    ("done", "said", "choices"),
    [
        ("ok 4", "throw it out", ["no 4", "no 1"]),
        ("no 4", "of course not, it's nothing", ["no 4", "no 1"]),
        ("ok 3 4", "all of them are fine", ["ok all"]),
        ('4 = "the farmer"', "effect", ["4 is Effect", "1 is Effect"]),
        ("why 3", "ok", ["ok 3", "ok all"]),
        ("ok 3", "1 should be the same", ["1 is Effect", "ok 1"]),
        ('add "syndrome" Effect', "weakness too?", ['add "weakness" Effect']),
    ],
)
def test_what_may_be_said_of_two_things_is_asked(
    session: ReviewSession, done: str, said: str, choices: list[str]
) -> None:
    session.handle(done)
    reply = session.handle(said)
    assert reply.pending is not None
    assert [line for _, line in reply.pending.choices] == [*choices, "cancel"]


def test_figures_are_no_more_of_the_label_before(store: ReviewStore) -> None:
    text = "Anna Keller gets 0.5 percent and Tom 3 percent."
    project = store.create_project("figures", labels=("Person", "Rate"))
    project.add_documents([Document("f1", text)])
    project.add_suggestions("r1", [("f1", [suggest(text, "Tom", "Person")])])
    session = ReviewSession(store, "figures", "ana")
    session.handle('add "Anna Keller" Person')
    assert session.handle("0.5 percent too").level == "ask"
    assert session.handle("rate").level == "done"
    assert session.handle("3 percent as well").understood == 'add "3 percent" Rate'


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("except 6", {6}),
        ("not 6 and 7", {6, 7}),
        ("not the w12", {12}),
        ("ok but keep w12", {12}),
        ("only 1-5", {*range(6, 31)}),
        ("except 60", {*range(1, 31)}),
        ("keep them", {*range(1, 31)}),
        ("not now", {*range(1, 31)}),
        ("hm, maybe later", {*range(1, 31)}),
        ("only the first two", {*range(3, 31)}),
        ("how many is that?", {*range(1, 31)}),
    ],
)
def test_an_answer_leaves_mentions_out(store: ReviewStore, answer: str, left: set[int]) -> None:
    text = " ".join(f"w{n}" for n in range(1, 31)) + "."
    project = store.create_project("many", labels=("Word",))
    project.add_documents([Document("w1", text), Document("w2", "Nothing here.")])
    words = [suggest(text, f"w{n}", "Word", nth=1) for n in range(1, 31)]
    project.add_suggestions("r1", [("w1", words)])
    session = ReviewSession(store, "many", "ana")
    assert session.handle("no all").level == "ask"
    session.handle(answer)
    assert {n for n, status in statuses(session).items() if status == "open"} == left
    assert session.view().doc_id == "w1"  # type: ignore[union-attr]
