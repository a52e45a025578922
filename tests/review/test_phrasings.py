"""Sentences do what was meant, seen in the store: every phrasing of the files, and what holds of all."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.corpus import Document
from hybrid_ner.errors import InputError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.chat import natural, offers
from hybrid_ner.review.chat.natural import understand
from hybrid_ner.review.chat.numbered import in_single_numbers
from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.readings_edges import places_of
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import PHRASINGS, Situation, Spot, intents
from hybrid_ner.review.commands.language import read_line
from hybrid_ner.review.document.explain import plain_reason
from hybrid_ner.review.listening import situation_of
from hybrid_ner.review.store.gold import gold_hash
from hybrid_ner.review.store.labels import labels_meant
from tests.review.helpers import FakeModels, make_project, say, statuses, suggest, surfaces
from tests.review.phrasing import FOLDER, Phrasing, Sayings, fits, phrasings

FILES = sorted(path.stem for path in FOLDER.glob("*.tsv"))
AS_SAID = dict.fromkeys(
    ("talk_claims", "talk_contracts", "talk_disputes", "talk_reports", "triage_and_permits"), 1 / 3
)
AS_SAID |= dict.fromkeys(
    ("diets_and_ships", "emergency_and_licences", "occupational_and_planning", "rescue_and_soil"), 0.2
)
AS_SAID |= {"renal_and_leases": 0.2, "eyes_and_benefits": 0.2, "talk_pharmacy": 0.45, "talk_privacy": 0.45}
AS_SAID |= {"wards_and_patents": 0.25, "speech_and_wills": 0.25, "hospice_and_tribunal": 0.25}
AS_SAID |= {
    "talk_many": 0.2,
    "skin_and_deeds": 0.25,
    "adverse_and_family": 0.25,
    "paediatric_and_trial": 0.25,
}
AS_SAID |= {"talk_clinics": 0.45, "talk_wards": 0.45, "talk_births": 0.4, "talk_tenders": 0.45}
AS_SAID |= {"talk_last": 0.15, "talk_asides": 0.15, "hurried_and_formal": 0.3, "talk_letters": 0.7}
AS_SAID |= {"talk_halves": 0.15, "trials_and_contracts": 0.25, "studies_and_counsel": 0.25}
AS_SAID |= {"reports_and_deeds": 0.1, "ward_and_chambers": 0.1, "theatre_and_title": 0.15}
AS_SAID |= {"feet_and_embryos": 0.3, "sleep_and_customs": 0.4, "pensions_and_inquests": 0.55}
AS_SAID |= {"blood_and_parole": 0.3, "poisons_and_schools": 0.4, "stomas_and_trading": 0.4}
AS_SAID |= {"talk_statements": 0.5, "gut_and_wine": 0.15, "ears_and_grafts": 0.15, "bailiffs_and_visas": 0.25}
"""What strangers said, that nobody went through row by row: what of it is done is measured
(``benchmarks/chat.md``), and this share may be missed; but nothing may write anything else."""


@pytest.fixture(scope="module")
def sayings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sayings]:
    made = Sayings(tmp_path_factory.mktemp("sayings"))
    yield made
    made.store.close()


@pytest.mark.parametrize("name", FILES)
def test_a_sample_of_the_phrasings(sayings: Sayings, name: str) -> None:
    """The first row of every 1,280, for every day."""
    _check(sayings, list(phrasings(name))[::1_280], 1.0 if name in AS_SAID else 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_phrasings(sayings: Sayings, name: str) -> None:
    """At least nine in ten do what was meant; none writes anything else."""
    _check(sayings, list(phrasings(name)), AS_SAID.get(name, 0.1))


def _check(sayings: Sayings, rows: list[Phrasing], missing: float) -> None:
    missed, wrong = [], []
    for row in rows:
        outcome = sayings.say(row)
        if not fits(outcome, row):
            said = (
                f"{row.where} {row.sentence!r}: {row.effect}, not {sorted(outcome.effects)}"
                f" ({outcome.reply.echo})"
            )
            (wrong if outcome.wrote else missed).append(said)
    assert wrong == []
    assert len(missed) <= int(len(rows) * missing), "\n".join(missed)


_KINDS = (
    # Said of the clause, of another place, of a reason: no other mention is decided.
    ("tests 5 9 11 ok", "PA1", "", "5=ok 9=ok 11=ok"),
    ("It is correct that Mrs Petty senior is a relative.", "PF1", "", "25=ok"),
    ("Court and tax office are offices, this is true.", "PD2", "", "20=ok 25=ok || ask"),
    ("tympanometry at the end also a test", "PA2", "", '+"tympanometry" Test'),
    ("Gdynia is two times, second also is place.", "PD2", "", '+"Gdynia" Place'),
    ("Bielak and Sand in first sentence they are good.", "PD1", "", "5=ok 6=ok || ask"),
    ("keep left ventricular hypertrophy, it's the reason why we declined the heart.", "PC1", "", "15=ok"),
    ("she's allergic to penicillin she didn't get it so that goes", "PB2", "", "13=no"),
    ("keys arent woth taking, delte", "PE2", "", "10=no || nothing"),
    ("okay move on to the next patient", "PB1", "", "moves"),
    ("nurse penn is a person", "PB2", "", "24=ok"),
    (
        "smoking cessation advice is the procedure there",
        "PB2",
        "",
        '21="Smoking cessation advice" 21=Procedure',
    ),
    # Nothing of a whole sentence is lost.
    ("Please proceed to the following case.", "PF1", "", "moves"),
    ("This case should be deferred.", "PF2", "", "skips"),
    ("flag this kid for lena", "PA2", "", "flags"),
    ("go to the tranter job", "PE2", "", "to:PE1"),
    ("The previous entry was made in error and should be reversed.", "PF1", "reject 3", "3=open"),
    ("Oh dear, I didn't mean that, would you put it back, please?", "PC1", "reject 12", "12=open"),
    ("May I suggest that Tacrolimus become a drug?", "PC2", "", "6=Drug"),
    ("I should be glad if number 21 could be changed to facility.", "PC2", "", "21=Facility"),
    ("The courtesy title should not form part of number 12.", "PF1", "", '12="Joanne Petty"'),
    ("Please may Sister be dropped from number 15?", "PC2", "", '15="Quill"'),
    ("take the doctor off varga just the surname", "PB1", "", '21="Varga"'),
    ("yes to bruxism yes to pericoronitis no to anxious", "PB2", "", "3=ok 9=ok 17=no"),
    ("dobbs yea lyle nah hes police", "PE2", "", "8=ok 9=no"),
    ("10 an 18 arent the debtor", "PE1", "", "10=no 18=no"),
    ("Dates 1, 15 and 22 are correct all three.", "PD1", "", "1=ok 15=ok 22=ok"),
    ("I do agree with Dr Chowdry and with Ultrasound.", "PC2", "", "20=ok 17=ok"),
    ("I think the organs are all fine, so please accept them.", "PC1", "", "12=ok 13=ok 14=ok 20=ok"),
    ("locksmith didnt come, no", "PE1", "", "20=no"),
    ("Savings without number is nothing, throw away.", "PD2", "", "15=no"),
    (
        "Neurological death should, I think, be there as a condition.",
        "PC1",
        "",
        '+"neurological death" Condition',
    ),
    ("Here lacks the car as property.", "PD2", "", '+"car" Property'),
    ("A statement should also be listed under documents.", "PF1", "", '+"statement" Document'),
    # A mention that is named whole is not cut at its comma; a figure of a name is no number that is lost.
    ("March 3, 2021 and $2,400 are fine", "k1", "", "1=ok 4=ok || ask"),
    ("the 9 jan 2019 date is right", "EZ1", "", "7=ok"),
    ("Then let us leave it as it was, it is of no great importance.", "TL3", "ok 1 2 | no 3 10 12", "ask"),
)


@pytest.mark.parametrize(("said", "document", "before", "effect"), _KINDS, ids=[row[0] for row in _KINDS])
def test_kinds_of_sentences(sayings: Sayings, said: str, document: str, before: str, effect: str) -> None:
    row = Phrasing(said, document, before, effect)
    outcome = sayings.say(row)
    assert fits(outcome, row), (sorted(outcome.effects), outcome.reply.echo)


_NOT_MEANT = (
    # Counted or named, and not done.
    ("they should both stay", "c1", "framed=5", "ask"),
    ("they're both fine", "c1", "framed=5", "ask"),
    ("accept the other three", "RB2", "one of the Alpenbanks is not right", "ask"),
    ("two are drugs and one is a test", "c1", "", "ask"),
    ("It exists two Sand which are persons, and one which is company.", "PD1", "", "ask"),
    ("four yes five yes six no wait six yes", "PC1", "", "4=ok 5=ok 6=ok"),
    ("accept 1, reject 2, no wait, 2 is right", "m1", "", "1=ok 2=ok"),
    ("the stenosis, the fibrillation and the CKD are correct", "LA3", "", "3=ok 4=ok 5=ok"),
    # Taken back in the same breath.
    ("accept five, six and, no hang on, not six", "PC1", "", "5=ok"),
    ("accept 1 and 2, reject 4, hmm, not 4", "c1", "", "ask"),
    ("reject, no, accept 12", "PC1", "", "12=ok"),
    ("delete? no.", "t1", "framed=7", "ask"),
    ("that is right about the cousin, I have not looked yet; it stays", "PF2", "", "ask || nothing"),
    # Said of something else, done or refused by somebody, supposed.
    ("get rid of this microphone", "PC1", "", "ask"),
    ("Remove the dust from 15 and you'd see it is a seal.", "PF2", "", "ask"),
    ("I have half a mind to throw 3 out.", "RB2", "", "ask"),
    ("The deposit is out of question", "PD1", "", "ask"),
    ("heart no, kidneys yes, liver yes: that was the offer", "PC1", "", "ask"),
    ("we rejected the heart", "PC1", "", "ask"),
    ("nothing wrong with his heart", "c1", "", "nothing"),
    ("I cannot accept 16 as it stands.", "RB1", "", "ask"),
    ("I can not accept 1 because the button is grey.", "k1", "", "ask"),
    ("A former employee is nobody's witness, my father used to say.", "RB2", "", "ask"),
    ("In the alternative, 16 is a precedent", "RB1", "", "ask"),
    ("It misses the street, but street is not in the labels, so no.", "k1", "", "nothing"),
    # Of the step or the question before.
    ("that's not what I dictated", "c1", "no 5", "ask~last step"),
    ("that isn't what I asked", "c1", "no 5", "ask~last step"),
    ("I disagree", "RB1", "ok 3", "ask~last step"),
    ("leave it as it was", "c1", "ok 1-5", "ask~last step"),
    ("leave everything as it was", "c1", "ok 1-5", "ask~last step"),
    ("scrap what I said about 13, its a no", "FJ1", "ok 13", "13=no"),
    ("ok, later", "m4", "never tag pain", "nothing"),
    ("yes to the first, no to the rest", "m1", "you missed hypotension", '+"hypotension" Disease'),
    # Where two readings differ.
    ("no, they should both go", "EX2", "framed=3", "ask"),
    ("85,000 euros", "EC1", "framed=8", "ask~85,000 euros"),
    ("Mr Regent is one person", "LW4", "ok 1-9 12", "ask"),
    ("Jane Whitfield (the tenant) is a person", "k1", "", "3=PERSON"),
    (
        "10 is Amazon Web Services EMEA SARL and 11 is Helpline Polska Sp. z o.o., both are companies.",
        "TO2",
        "no 1 8 16 | ok 2-7 9 14",
        '10="Amazon Web Services EMEA SARL" 11="Helpline Polska Sp. z o.o."',
    ),
)


@pytest.mark.parametrize(
    ("said", "document", "before", "effect"), _NOT_MEANT, ids=[row[0] for row in _NOT_MEANT]
)
def test_nothing_is_written_that_was_not_meant(
    sayings: Sayings, said: str, document: str, before: str, effect: str
) -> None:
    row = Phrasing(said, document, before, effect)
    outcome = sayings.say(row)
    assert fits(outcome, row), (sorted(outcome.effects), outcome.reply.echo)


@pytest.mark.parametrize("said", ["4 , , is right", "4 and 6 are right| , but 5 is one"])
def test_signs_that_stand_alone_are_read(sayings: Sayings, said: str) -> None:
    assert sayings.say(Phrasing(said, "l1", "", "")).reply.level in ("done", "ask", "info")


_AROUND = (
    *("please {}", "Hi, {}", "ok so {}", "well, {}", "umm {}", "Dear assistant, {}", "{} please"),
    *("{}, thanks!", "{}!!", "{}...", "{} :)", "{}, ok?", "{} mate", "  {}  "),
    *("Brilliant. {}", "ok cool, {}", "Before I forget, {}", "Last thing: {}", "Right then. {}"),
    *("{}, hope that helps", "{}, would you?", "{}, the list is useless", "{}, that's how we do it here."),
)


@pytest.mark.parametrize(
    "said", ["2 is wrong", "3 is not a disease but a drug", "everything ok here apart from aspirin"]
)
def test_what_stands_around_a_sentence_never_matters(sayings: Sayings, said: str) -> None:
    """Greetings, fillers, thanks, signs and spaces."""

    def effects(line: str) -> frozenset[str]:
        return sayings.say(Phrasing(line, "m1", "", "")).effects

    plain = effects(said)
    assert plain
    assert {around: found for around in _AROUND if (found := effects(around.format(said))) != plain} == {}


@pytest.mark.parametrize("said", ["no thanks", "thanks!", "so is 2?", "is 2 ok?", "2 is a drug, isn't it?"])
def test_what_only_looks_like_something_around_a_sentence_stays(sayings: Sayings, said: str) -> None:
    assert sayings.say(Phrasing(said, "m1", "", "")).effects == frozenset()


def test_every_row_of_the_files_has_its_four_columns() -> None:
    rows = list(phrasings())
    assert len(rows) > 400
    assert {row.document.rstrip("0123456789") for row in rows} == set(
        tomllib.loads((FOLDER / "documents.toml").read_text("utf-8"))
    )
    assert all(row.effect for row in rows)


def test_what_is_not_understood_offers_what_is_nearest(sayings: Sayings) -> None:
    session = sayings.session(Phrasing("", "c1", "", ""), FakeModels())[0]
    reply = session.handle("10 went in among the drugs although it is a Test.")
    assert reply.pending is not None
    assert ("10 is Test", "10 is Test") in reply.pending.choices
    assert set(statuses(session, "c1").values()) == {"open"}
    assert "I did not understand that" in session.handle("bananas grow on trees").echo
    assert "That I cannot tell" in session.handle("what is the weather like").echo


def test_every_example_is_a_line_with_slots() -> None:
    wording = read_words("3 is a drug, and not warfarin", Situation(spots=()))
    rows = (Path(offers.__file__).with_name("examples.tsv")).read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) > 1000
    full = {
        "{REF0}": "1",
        "{REF1}": "2",
        "{REF2}": "3",
        "{LAB0}": "Drug",
        "{LAB1}": "Dose",
        "{LAB2}": "Form",
    }
    for number, row in enumerate(rows):
        said, line = row.split("\t")
        line = re.sub(r"merge \{REF\d\}", "merge 4 5", line)
        for slot, value in {**full, "{TXT0}": '"a"', "{TXT1}": '"b"'}.items():
            line = line.replace(slot, value)
        line = re.sub(r"\{REF\d\}", "4", re.sub(r"\{TXT\d\}", '"c"', line))
        assert "{" not in line, row
        assert all(read_line(each).command for each in line.split("; ")), row
        assert number % 25 or offers.nearest(said, wording) is not None


def medical(sayings: Sayings) -> ReviewSession:
    return sayings.session(Phrasing("", "m1", "", ""), FakeModels())[0]


def test_a_sentence_of_several_lines_is_one_step_forth_and_back(sayings: Sayings) -> None:
    session = medical(sayings)
    reply = session.handle("1 ok, 2 no, 3 is a drug")
    assert reply.understood == "ok 1; no 2; 3 is Chemical"
    assert [(row.line, row.spans) for row in session.log()] == [("ok 1; no 2; 3 is Chemical", 3)]
    after = statuses(session)
    assert [after[n] for n in (1, 2, 3)] == ["accepted", "rejected", "accepted"]
    say(session, "undo")
    assert set(statuses(session).values()) == {"open"}
    say(session, "redo")
    assert statuses(session) == after
    session.project.rebuild()
    assert statuses(session) == after


def test_of_several_lines_all_are_kept_or_none(sayings: Sayings) -> None:
    session = medical(sayings)
    assert session.handle("ok 1; no 99").level == "error"
    assert session.log() == []
    asked = session.handle('no 1; no all "warfarin"')
    assert asked.level == "ask"
    assert session.log() == []
    assert session.handle("yes please").level == "done"
    assert len(session.log()) == 1
    assert statuses(session)[1] == "rejected"


@pytest.mark.parametrize(
    "line",
    [
        "ok 1; export jsonl /tmp/x",
        "ok 1; replay x",
        "no 1; #2",
        "ok 1; promote r2",
        "1 ok, export csv",
    ],
)
def test_files_and_answers_stand_alone(sayings: Sayings, line: str) -> None:
    session = medical(sayings)
    assert session.handle(line).level in ("error", "ask")
    assert session.log() == []
    assert list(sayings.files.iterdir()) == []


def test_replaying_sentences_gives_the_same_gold(sayings: Sayings, tmp_path: Path) -> None:
    session = medical(sayings)
    lines = (
        "go to document 1",
        "1 ok, 2 no",
        "hello",
        "maybe 3 is a drug",
        "aspirin is a drug",
        "no, I meant 6",
        "undo, please",
        "you missed hypotension",
        "as Disease",
        "5 should include the word before",
        "Looks good, next!",
        "both are correct",
        "reject pain in all documents",
        "yes please",
        "what is left?",
        "make a new label called Symptom",
        "yes",
    )
    for line in lines:
        session.handle(line)
    path = tmp_path / "session.txt"
    path.write_text("\n".join(session.transcript()) + "\n", encoding="utf-8")
    expected, labels = gold_hash(session.project), session.labels
    assert "hello" not in session.transcript()
    again = medical(sayings)
    again.replay(path)
    assert gold_hash(again.project) == expected
    assert again.labels == labels
    assert ("hypotension", "Disease") in surfaces(again, "m1")


def test_a_document_may_be_called_like_a_word(sayings: Sayings) -> None:
    session = medical(sayings)
    _ = session.project.add_documents([Document("a", "Nothing here."), Document("on", "Nor here.")])
    for name in ("a", "on"):
        reply = session.handle(f"go {name}")
        assert (reply.understood, session.log()) == ("", [])
        assert session.card().doc_id == name


def test_a_choice_is_taken_by_its_button_its_place_or_yes(sayings: Sayings) -> None:
    for answer, label in (
        ("yes", "Disease"),
        ("the second one", "Chemical"),
        ("as chemical", "Chemical"),
        ("b", "Chemical"),
        ("yes, as a disease", "Disease"),
        ("It's a drug.", "Chemical"),
        ("that is a chemical", "Chemical"),
        ("disease please", "Disease"),
    ):
        session = medical(sayings)
        asked = session.handle("you missed hypotension")
        assert asked.pending is not None
        assert [line for _, line in asked.pending.choices] == [
            'add "hypotension" Disease', 'add "hypotension" Chemical', "cancel",
        ]  # fmt: skip
        assert session.handle(answer).level == "done"
        assert ("hypotension", label) in surfaces(session)


@pytest.mark.parametrize("answer", ["neither", "none of them", "no, none of these", "nothing", "c"])
def test_a_missed_mention_that_is_none_of_the_labels_is_left(sayings: Sayings, answer: str) -> None:
    session = medical(sayings)
    say(session, "you missed hypotension")
    assert session.handle(answer).level == "info"
    assert session.log() == []


@pytest.mark.parametrize("answer", ["no", "never mind", "cancel", "no thanks", "leave it", "don't"])
def test_a_question_is_left_in_any_words(sayings: Sayings, answer: str) -> None:
    session = medical(sayings)
    say(session, "maybe 2 is a disease")
    assert session.handle(answer).level == "info"
    assert session.pending is None
    assert session.log() == []


def test_yes_after_a_question_that_was_left_accepts_nothing(sayings: Sayings) -> None:
    session = medical(sayings)
    for word in ("yes", "sure", "Ok, yes"):
        say(session, 'no all "warfarin"', "why 1")
        assert session.handle(word).level in ("error", "ask")
    assert session.log() == []


def test_the_assistant_goes_on_to_the_next_question_and_yes_answers_it(sayings: Sayings) -> None:
    session = medical(sayings)
    assert session.handle("the first one is fine").then == "5 are left: is “warfarin” a chemical?"
    reply = session.handle("yes")
    assert reply.understood == "ok 2"
    assert session.handle("everything else is right").then.startswith("Nothing is left here")


def test_why_is_said_in_plain_words_first(sayings: Sayings) -> None:
    session = medical(sayings)
    reply = session.handle("why is 2 a chemical?")
    assert (
        reply.echo == "“warfarin” stands in the term list as a chemical, and the model takes it for a"
        " chemical and is 90% sure."
    )
    assert reply.lines[0].startswith("span 2: characters")


def test_why_of_a_span_that_the_crf_found_names_no_rule() -> None:
    reasons = "its shape is Xxx (+1.0); words used like it in raw text (+0.4); the rules say nothing (-1.6)"
    evidence = {"method": "weights", "reference": reasons}
    vote = {"source": "model", "label": "Breed", "score": 0.89, "evidence": evidence}
    asked: Any = SimpleNamespace(base_label="Breed", label="Breed")
    assert plain_reason("Beagle", asked, SimpleNamespace(detail={"votes": [vote]})) == (
        "the model takes “Beagle” for a breed and is 89% sure "
        "(its shape is Xxx; words used like it in raw text)."
    )
    nobody = plain_reason("Beagle", asked, SimpleNamespace(detail={}))
    assert nobody == "“Beagle” was suggested as a breed; nothing says by what."
    assert (
        plain_reason("Beagle", asked, None)
        == "“Beagle” was marked as a breed in review, nothing else found it."
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("drug", ("Chemical",)), ("a drug", ("Chemical",)), ("diseas", ("Disease",)), ("chemcial",
        ("Chemical",)),
        ("dis", ("Disease",)), ("illness", ("Disease",)), ("not a disease", ()), ("no disease", ()),
        ("non-disease", ()),
        ("isn't a disease", ()), ("never a drug", ()), ("this as a drug", ()), ("disease please", ()),
        ("unchemical", ()),
        ("undisease", ()), ("a unicorn", ()), ("", ()),
    ],
)  # fmt: skip
def test_labels_are_found_by_meaning_and_never_through_a_denial(said: str, meant: tuple[str, ...]) -> None:
    assert labels_meant(said, ("Disease", "Chemical")) == meant


def test_examples_of_the_help_are_all_understood(sayings: Sayings) -> None:
    session = medical(sayings)
    with session.project.read() as connection:
        situation = situation_of(session.look(connection))
        refused = [intent.example for intent in intents() if understand(intent.example, situation) is None]
    assert refused == []


@pytest.mark.parametrize(
    ("sentence", "lines"),
    [
        ("7 and 10 are rubbish, 1 through 3 though are patently right", None),
        ("aspirin, I used to take it, it's a medicine so chemical", ("3 is Chemical",)),
        ("the second warfarin is wrong but keep the first", ("no 4", "ok 2")),
        ("warfarin in both of our notes is okay", ('ok all "warfarin"',)),
        ("2 is right, because the note says so", ("ok 2",)),
        ("hemorrhage goes from pituitary on, it is not complete", ('5 = "pituitary hemorrhage"',)),
        ("hypotension was never picked up, disease", ('add "hypotension" Disease',)),
        ("first three diseases are right", ("ok 1 3 5",)),
        ("everything is right except 3, which is a drug", ("ok 1 2 4-6", "3 is Chemical")),
        ("apart from the first and HIT, tick them all", ("ok 2-5",)),
        ("move the left edge of 5 one word to the left", ("5 <1",)),
        ("severe chest pain as one disease", ('1 = "Severe chest pain"',)),
        ("1,2,4 ✓ | 6 ✗", ("ok 1 2 4", "no 6")),
        ("aspirin isn't a disease, it's what you take for a headache", ("no 3",)),
        ("3 Disease ✗ → Chemical ✓", ("3 is Chemical",)),
        ("pain - disease. Move on.", ("ok 1 next",)),
        ("2 is right, the man has none", ("ok 2",)),
        ("ok 1, email the result to Bob", None),
        ("create the label Symptom, then put HIT under it", ("label Symptom", "6 is Symptom")),
        ("only 3 is wrong", ("no 3",)),
        ("please throw out the last one, HIT is too vague", ("no 6",)),
        ("drop the ones that only the model came up with", ("no 3 6",)),
        ("give 3 the same label as 2", ("3 is Chemical",)),
        ("hypotension gets the same label as chest pain", ('add "hypotension" Disease',)),
        ("odd numbers accept, even reject", ("ok 1 3 5", "no 2 4 6")),
        ("include the two words before 5", ("5 <2",)),
        ("5 needs the word in front of it too", ("5 <1",)),
        ("the warfarin in the second sentence is wrong", ("no 4",)),
        ("the one after 3 is wrong", ("no 4",)),
        ("2 is wrong, correction, 2 is right", ("ok 2",)),
        ("1 is right, I'm not sure about HIT yet", ("ok 1",)),
        ("everything is right except aspirin, it's a drug", ("ok 1 2 4-6", "3 is Chemical")),
        ("which ones did only the model find?", ("all source:model",)),
        ("put a flag on this, I have to ask somebody", ('flag "I have to ask somebody"',)),
        ("go to the very last document", ("go 12",)),
        ("aspirin as a disease is nonsense", ("no 3",)),
        ("HIT is a hypothesis, we don't list those", ("no 6",)),
        ("everything from aspirin on is right except HIT", ("ok 3-5",)),
        ("HIT means a low count, so it is a disease", ("6 is Disease",)),
        ("my boss says aspirin as a disease is nonsense", None),
        ("warfarin yes, aspirin no, HIT maybe", None),
        ("I don't think 3 is a disease", None),
        ("2 is right, promote r2", None),
        ("my boss swears 2 is a disease", None),
        ("2 is wrong, they say", None),
        ("sustain 2, 3 is wrong", None),
        ("reject 3, then go on to the next document", ("no 3", "next")),
        ("not aspirin, only hemorrhage", ("no 3", "ok 5")),
        ("1 is not a drug", ("no 1",)),
        ("1 and 2 are not drugs", ("no 1 2",)),
        ("this is not a drug", None),
        ("1 is not a drug, reject it", ("no 1",)),
        ("aspirin was tagged as a disease, make it a drug", ("3 is Chemical",)),
        ("aspirin was tagged as a disease", None),
        ("reject the aspirin tag, no wait, change it to chemical", ("3 is Chemical",)),
        ("warfarin is bad for pregnant women", None),
        ("I accidentally accepted 2, it is wrong", None),
    ],
)
def test_a_second_reading_does_what_is_clear_and_offers_the_rest(
    sayings: Sayings, sentence: str, lines: tuple[str, ...] | None
) -> None:
    session = medical(sayings)
    with session.project.read() as connection:
        read = understand(sentence, situation_of(session.look(connection)))
    assert read is not None
    assert read.lines == (lines or ())
    assert bool(read.question) == (lines is None)


def test_a_label_that_the_framed_span_does_not_have_is_denied_of_no_span(sayings: Sayings) -> None:
    session = medical(sayings)
    asked = session.handle("this isn't a drug", framed=5)
    assert (asked.level, session.log()) == ("ask", [])
    assert "5 “hemorrhage” is a disease now, and no drug" in asked.echo
    assert asked.pending is not None
    assert ("Reject 5", "no 5") in asked.pending.choices


@pytest.mark.parametrize(
    ("said", "names", "line"),
    [
        ("go to note 05", ("note 05",), 'go "note 05"'),
        ("open contract 3", ("Contract_03",), 'go "Contract_03"'),
        ("go to note 5", ("elsewhere",), "go 5"),
    ],
)
def test_the_name_of_a_document_wins_over_a_position(said: str, names: tuple[str, ...], line: str) -> None:
    read = understand(said, Situation(text="No pain.", labels=("Disease",), has_document=names.__contains__))
    assert read is not None
    assert read.lines == (line,)


def test_one_label_is_explained_alone_and_what_can_be_said_is_short(sayings: Sayings) -> None:
    session = medical(sayings)
    said = session.handle("what does Disease mean?").echo
    assert said.startswith("Disease: ")
    assert "“chest pain”" in said
    assert "Chemical" not in said
    assert 8 < len(session.handle("what can I say?").lines) < 20
    assert len(session.handle("? say all").lines) > 80


@pytest.mark.parametrize("line", ["take the whole company name", "take me to bed"])
def test_take_with_words_that_are_nobodys_name_names_no_reviewer(sayings: Sayings, line: str) -> None:
    assert "reviewer" not in medical(sayings).handle(line).echo


@pytest.mark.parametrize(
    ("before", "sentence", "lines"),
    [
        ("no 3", "6 too", ("no 6",)),
        ("no 3", "same for number 6", ("no 6",)),
        ("3 is Chemical", "and so is HIT", ("6 is Chemical",)),
        ("ok 2", "same for the other warfarin", ("ok 4",)),
        ("no 3", "actually 3 was right", ("ok 3",)),
        ("no 3", "that was a mistake", ("undo",)),
        ("no 3", "Cancel.", ("undo",)),
        ("no 6", "I didn't mean to reject 6", ("reopen 6",)),
        ("no 6", "put 6 back, it's right", ("ok 6",)),
        ("no 6", "Never mind, put it back", ("reopen 6",)),
        ("no 6", "scrap that last change", ("undo",)),
        ("no 6", "cancel that, I was right the first time", ("undo",)),
        ("no 6", "ugh wrong one, I meant 5", ("undo", "no 5")),
    ],
)
def test_what_was_said_a_moment_ago_is_gone_on_with(
    sayings: Sayings, before: str, sentence: str, lines: tuple[str, ...]
) -> None:
    session = medical(sayings)
    say(session, before)
    with session.project.read() as connection:
        read = understand(sentence, situation_of(session.look(connection)))
    assert read is not None
    assert read.lines == lines


@pytest.fixture
def firm(store: ReviewStore) -> ReviewSession:
    """Two letters, the first of which has not got the lawyers of the second."""
    first, second = "Northgate sues Pelham.", "Kessler & Partners LLP and Ms Reed. Kessler & Partners LLP."
    found = [(first, [suggest(first, "Northgate", "ORG")]), (second, [suggest(second, "Reed", "LAWYER")])]
    session = ReviewSession(store, make_project(store, found).name, "ana")
    say(session, "go 1")
    return session


@pytest.mark.parametrize(
    "sentence",
    [
        "Kessler & Partners LLP are the lawyers",
        "Where does Kessler & Partners LLP stand?",
        "Kessler & Partners LLP is missing",
        "kessler & partners llp are lawyers",
    ],
)
def test_what_stands_in_another_document_is_said_to_stand_there(firm: ReviewSession, sentence: str) -> None:
    asked = firm.handle(sentence)
    assert asked.level == "ask"
    assert "does not stand in this document, but 2 times in “d2”" in asked.echo


def test_forget_that_takes_a_decision_back(firm: ReviewSession) -> None:
    for said in ("Forget that", "forget it", "no, forget about it please"):
        say(firm, "ok 1")
        assert firm.handle(said).understood == "undo"
    assert statuses(firm) == {1: "open"}
    firm.handle("thanks")
    assert firm.handle("forget it").understood == "", "nothing was done just before"


@pytest.mark.parametrize("said", ["hide LAWYER", "please hide the label lawyer", "turn off lawyers"])
def test_hiding_a_label_is_done_on_the_page(firm: ReviewSession, said: str) -> None:
    assert "on the page Queue, under Labels" in firm.handle(said).echo
    assert statuses(firm) == {1: "open"}


@pytest.mark.parametrize("said", ["both", "all of them", "All 2 here", "everywhere"])
def test_one_of_several_places_may_be_all_of_them(firm: ReviewSession, said: str) -> None:
    say(firm, "go 2")
    assert firm.handle('add "Kessler & Partners LLP" ORG').level == "ask"
    assert firm.handle(said).level == "done"
    assert surfaces(firm) == [("Kessler & Partners LLP", "ORG")] * 2


def test_a_doubted_label_offers_the_rejection_first(sayings: Sayings) -> None:
    asked = medical(sayings).handle("I don't think 3 is a disease")
    assert asked.pending is not None
    assert asked.pending.choices[0][1] == "no 3"


def test_take_with_more_than_a_name_is_a_sentence(sayings: Sayings) -> None:
    session = medical(sayings)
    say(session, "flag", "take the flag off this document")
    view = session.view()
    assert view is not None
    assert not view.flagged


def test_a_file_of_ones_own_phrasings_is_tried_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.txt"
    own.write_text("zap 3  =>  no {0}\n    zap R\n", encoding="utf-8")
    monkeypatch.setenv(PHRASINGS, str(own))
    intents.cache_clear()
    try:
        assert (intents()[0].lines, intents()[0].patterns) == ("no {0}", ("zap R",))
        assert len(intents()) > 50
        own.write_text("zap 3  =>  no {0}\n    zap (R\n", encoding="utf-8")
        intents.cache_clear()
        with pytest.raises(InputError, match=r"own\.txt, row 2: 'zap \(R' is no wording"):
            intents()
        own.write_text("zap 3  =>  @zap\n    zap R\n", encoding="utf-8")
        with pytest.raises(InputError, match="row 1: '@zap' is no line of the command language"):
            intents()
        own.write_text("zap 3  =>  no {x}\n    zap R\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"row 1: 'no \{x\}' is no line"):
            intents()
        own.write_bytes(b"zap \xff  =>  no {0}\n")
        with pytest.raises(InputError, match="it is no UTF-8"):
            intents()
    finally:
        monkeypatch.delenv(PHRASINGS)
        intents.cache_clear()


def test_a_slip_in_a_file_of_ones_own_is_said_in_the_chat(
    sayings: Sayings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("zap 3  =>  no {3}\n    zap R\n", encoding="utf-8")
    monkeypatch.setenv(PHRASINGS, str(own))
    intents.cache_clear()
    try:
        reply = medical(sayings).handle("zap 3")
        assert (reply.level, "'no {3}' has {3}, and its wording names 1 thing" in reply.echo) == (
            "error",
            True,
        )
    finally:
        monkeypatch.delenv(PHRASINGS)
        intents.cache_clear()


def test_all_good_goes_on_where_nothing_is_open(sayings: Sayings) -> None:
    session = medical(sayings)
    say(session, "accept all")
    before = session.card().doc_id
    assert session.handle("all good, next").understood == "ok next"
    assert session.card().doc_id != before


@pytest.mark.parametrize("first", ["you missed hypotension", "hypotension"])
def test_a_sentence_with_a_label_answers_which_label(sayings: Sayings, first: str) -> None:
    session = medical(sayings)
    assert session.handle(first).level == "ask"
    assert session.handle("it is a disease").level == "done"
    assert ("hypotension", "Disease") in surfaces(session)


HOSTILE = (
    "ok " * 6000, "1 " * 9000, "a" * 20_000, '\\"' * 10_000, "(" * 20_000, "not " * 5000, "and " * 5000,
    "1, " * 6000,
    "reject " * 2800, "\u200b" * 20_000, "é" * 20_000, "🙂" * 20_000, "if " * 100 + "2", "is " * 190,
    "1 ok, " * 95, "no " * 199,
    "2 is not a " * 50, "the first " * 60, "all of them except " * 30, "'" * 500, '"' * 501,
    "warfarin and " * 45, "oops, " * 90,
    "A " + "b" * 60 + "; x", "1" * 60 + " all okx",
    "could " + "1" * 60 + " x please", "all " + "1" * 60 + " no",
    "ok " * 40 + "undx",
)  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:12])
def test_hostile_lines_write_nothing_and_say_so(sayings: Sayings, line: str) -> None:
    session = medical(sayings)
    reply = session.handle(line)
    assert reply.level in ("error", "ask", "info") or line.startswith(("ok", "1", "no"))
    if reply.level != "done":
        assert session.log() == []


def test_understanding_is_linear_in_the_sentence() -> None:
    spots = tuple(Spot(n, n * 10, n * 10 + 8, f"warfarin{n}", "Chemical") for n in range(1, 100))
    situation = Situation(spots, " ".join(f"warfarin{n}" for n in range(100)), ("Disease", "Chemical"))
    for line in (line[:600] for line in HOSTILE[::2]):
        understand(line, situation)
    assert understand("x" * 601, situation) is None


SEVERAL_WORDS = (
    ('always "Vexaro" Study drug', 'always "Vexaro" Study drug'),
    ('always "Vexaro" Study drug here', 'always "Vexaro" Study drug here'),
    ("vexaro is always a study drug", 'always "vexaro" Study drug'),
    ('never "Vexaro" Con med', 'never "Vexaro" Con med'),
    ("never tag vexaro as a con med", 'never "vexaro" Con med'),
    ("ramipril is never an AE", 'never "ramipril" AE'),
    ("don't ever tag ramipril as con med", 'never "Ramipril" Con med'),
    ("ramipril should never be suggested as a con med", 'never "ramipril" Con med'),
    ('never "Vexaro" again', 'never "Vexaro"'),
    ("the word pen must never be a symptom", 'never "pen"'),
    ('term + "pen" = Vexaro Study drug', 'term + "pen" = Vexaro Study drug'),
    ("accept all con meds in all documents", 'ok all label:"Con med"'),
    ("reject all obligation dates everywhere", 'no all label:"Obligation date"'),
    ("show only obligation dates", 'all label:"Obligation date"'),
)


@pytest.mark.parametrize(("line", "meant"), SEVERAL_WORDS, ids=lambda each: each[:30])
def test_a_label_of_several_words_is_one_label(store: ReviewStore, line: str, meant: str) -> None:
    session = trial(store)
    reply = session.handle(line)
    assert (reply.understood or line) == meant
    assert reply.level in ("ask", "info", "done")
    label = re.search("Study drug|Con med|Obligation date|AE", meant)
    assert label is None or meant.startswith(("ok", "no", "all")) or label[0] in reply.echo


@pytest.mark.parametrize("line", ["how many con meds here?", "how many con meds in this document?"])
def test_how_many_here_are_those_of_this_document(store: ReviewStore, line: str) -> None:
    assert trial(store).handle(line).echo.startswith("2 Con med here: 1 “Ramipril” open")


def test_a_new_label_may_end_in_the_name_of_another(store: ReviewStore) -> None:
    pending = trial(store).handle("label Serious AE").pending
    assert pending is not None
    assert ("A new label Serious AE", 'label "Serious AE"') in pending.choices


def trial(store: ReviewStore) -> ReviewSession:
    """A note with labels of several words, and another one with the same words."""
    project = store.create_project("trial", ("AE", "Study drug", "Con med", "Obligation date"))
    text = "Ramipril 5 mg since 3 May 2026. Vexaro pen given."
    project.add_documents([Document("d", text), Document("e", text)])
    found = (("Ramipril", "Con med"), ("3 May 2026", "Obligation date"), ("Vexaro", "Con med"))
    spans = [suggest(text, word, label) for word, label in found]
    project.add_suggestions("r", [("d", spans), ("e", spans)])
    session = ReviewSession(store, "trial", "ana")
    session.open("d")
    return session


@pytest.mark.parametrize(
    "line", ["the second one is fine", "go to part 3", "reject all GB, NL in this document"]
)
def test_work_for_a_sentence_grows_with_the_document_and_no_faster(line: str) -> None:
    calls = [calls_in(line, mentions) for mentions in (400, 800)]
    assert calls[1] < 2.5 * calls[0]


def calls_in(line: str, mentions: int) -> int:
    """How many functions are called to read a sentence beside a document of so many mentions and lines."""
    names = [f"Company {chr(65 + n % 26)}{n}x Ltd" for n in range(mentions)]
    text = "".join(f"{name} of GB and NL pays. Since then {name}.\n" for name in names)
    at = [text.index(f"{name} of") for name in names]
    spots = tuple(
        Spot(n, a, a + len(s), s, "Party") for n, (a, s) in enumerate(zip(at, names, strict=True), 1)
    )
    understand(line, situation := Situation(spots, text, ("Party", "Place")))  # patterns are made here
    situation.kept.clear()
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        understand(line, replace(situation, fresh=True))
    finally:
        sys.setprofile(before)
    return count


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=12),
    st.integers(0, 40),
    st.integers(0, 9),
)
def test_the_mentions_at_a_place_are_those_that_overlap_or_touch_it(
    spans: list[tuple[int, int]], start: int, size: int
) -> None:
    spots = tuple(Spot(n, a, a + length, "x" * length, "Party") for n, (a, length) in enumerate(spans, 1))
    situation = Situation(spots, "x" * 60)
    near = [s for s in spots if s.start <= start + size and start <= s.end]
    assert situation.spots_at(start, start + size) == near
    free = not any(s.start < start + size and start < s.end for s in spots)
    assert situation.unmarked([(start, start + size)]) == [(start, start + size)] * free


def test_words_beside_a_mention_are_found_without_the_rest_of_the_document() -> None:
    situation = Situation((), "pain, pain and pain")
    assert situation.places("pain") == [(0, 4), (6, 10), (15, 19)]
    within = {at: situation.places_within("pain", *at) for at in ((0, 3), (4, 6), (5, 5), (11, 99))}
    assert within == {(0, 3): [(0, 4)], (4, 6): [(0, 4), (6, 10)], (5, 5): [], (11, 99): [(15, 19)]}


def test_a_mention_has_the_words_of_its_sentence_beside_it() -> None:
    text = "No rent. The rent is £900 p.a. here; due.\nThen £900"
    spots = [Spot(1, text.index("£"), text.index("£") + 4, "£900", "Sum")]
    spots.append(Spot(2, len(text) - 4, len(text), "£900", "Sum"))
    situation = Situation(tuple(spots), text)
    assert list(map(situation.sentence, spots)) == ["The rent is £900 p.a", "Then £900"]


def test_a_stores_own_words_are_data(store: ReviewStore) -> None:
    """A label or a span that is a word of the language is still one."""
    from hybrid_ner.corpus import Document
    from tests.review.helpers import suggest

    project = store.create_project("p", ("NO", "OK"))
    text = "no pain, OK"
    project.add_documents([Document("d", text)])
    project.add_suggestions("r", [("d", [suggest(text, "no pain", "NO"), suggest(text, "OK", "OK")])])
    session = ReviewSession(store, "p", "ana")
    session.open("d")
    assert session.handle('"OK" is wrong').level == "done"
    assert statuses(session) == {1: "open", 2: "rejected"}


def test_a_pattern_is_made_only_for_words_that_stand_there(monkeypatch: pytest.MonkeyPatch) -> None:
    situation = Situation(spots=(), text="Crohn's disease, beta-blockers and STRASSE.")
    for said, places in (
        ("crohns disease", [(0, 15)]),
        ("beta blockers", [(17, 30)]),
        ("beta-blockers", [(17, 30)]),
    ):
        assert places_of(said, situation) == places, said
    assert places_of("strasse", situation) == [(35, 42)]
    monkeypatch.setattr(re, "finditer", lambda *_: pytest.fail("a pattern is made"))
    assert places_of("nowhere in this text", situation) == []


def test_what_repeats_in_a_sentence_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty corrections took minutes: each part of the line was read again for each way to come by it."""
    lines: list[str] = []
    plain = natural._understood

    def counted(line: str, situation: Situation) -> Reading | None:
        lines.append(line)
        return plain(line, situation)

    monkeypatch.setattr(natural, "_understood", counted)
    assert understand("sorry no wait " * 28, Situation(spots=())) is None
    assert len(lines) < 200


_NAMED = Situation(
    tuple(
        Spot(n, at, at + len(words), words, label)
        for n, (at, words, label) in enumerate(
            [
                (0, "pain", "Disease"),
                (11, "warfarin", "Drug"),
                (20, "aspirin", "Drug"),
                (29, "warfarin", "Drug"),
            ],
            1,
        )
    ),
    text="pain after warfarin, aspirin; warfarin on 2 May",
    labels=("Disease", "Drug"),
)


@pytest.mark.parametrize(
    ("line", "section", "said"),
    [
        ("aspirin (3) and the one right after 1", "", "3 and 2"),
        ("put [4] back, the one before aspirin too", "", "put 4 back, 2 too"),
        ("mention three, nr 1 and the 2nd one", "single", "3, 1 and 2"),
        ("the second warfarin, the third drug", "single", "4, the third drug"),
        ("aspirin, the drug, is fine", "single", "3 is fine"),
        ('our aspirin tag, "pain"', "called", "3, 1"),
        # another mention than the number, words of the text, new words, what is not clear
        ("pain (3)", "", "pain (3)"),
        ("the one after 2 May", "", "the one after 2 May"),
        ('3 is "the second warfarin"', "single", '3 is "the second warfarin"'),
        ("aspirin, the disease, and the fifth drug", "single", "aspirin, the disease, and the fifth drug"),
        ("number twenty one; all but the first one", "single", "number twenty one; all but the first one"),
        ("warfarin, pain after warfarin", "called", "warfarin, pain after warfarin"),
    ],
)
def test_a_mention_is_named_by_its_number_where_it_is_clear(line: str, section: str, said: str) -> None:
    assert in_single_numbers(line, _NAMED, section) == said
