"""Lines that mean something, and lines that do not."""

from __future__ import annotations

import pytest

from hybrid_ner.review import parse
from hybrid_ner.review.commands.base import TOPICS, Command
from hybrid_ner.review.commands.bulk import Bulk, Occurrences
from hybrid_ner.review.commands.decide import Accept, Confirm, Except, Flag, Reject, Which
from hybrid_ner.review.commands.edit import Add, Boundary, Link, NewLabel, Relabel
from hybrid_ner.review.commands.explain import WhoChanged, Why, WhyNot
from hybrid_ner.review.commands.files import Export
from hybrid_ner.review.commands.gazetteer import Abbr, Never, TermAdd, Variant
from hybrid_ner.review.commands.help import Help, help_lines, nearest
from hybrid_ner.review.commands.language import ParseError
from hybrid_ner.review.commands.move import Go, Order
from hybrid_ner.review.commands.selection import Condition, Selection
from hybrid_ner.review.commands.undo import Undo
from hybrid_ner.review.document.spans import Numbers

EVERY = Numbers(every=True)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("ok", Accept(EVERY)),
        ("OK", Accept(EVERY)),
        ("ok 1 3", Accept(Numbers((1, 3)))),
        ("ok 1, 3", Accept(Numbers((1, 3)))),
        ("ok 1,3-5", Accept(Numbers((1, 3, 4, 5)))),
        ("ok 2 2", Accept(Numbers((2,)))),
        ("ok all", Accept(EVERY)),
        ("ok all but 4 5", Accept(Numbers(every=True, but=(4, 5)))),
        ("ok next", Accept(EVERY, True)),
        ("ok all next", Accept(EVERY)),
        ("no 2-5", Reject(Numbers((2, 3, 4, 5)))),
        ("no all", Reject(EVERY)),
        ("2 is DRUG", Relabel(Numbers((2,)), "DRUG")),
        ("2 3 is DRUG", Relabel(Numbers((2, 3)), "DRUG")),
        ("2 adverse event", Relabel(Numbers((2,)), "adverse event")),
        ("3 +1", Boundary(3, right=1)),
        ("3 -1", Boundary(3, right=-1)),
        ("3 <2", Boundary(3, left=2)),
        ("3 >1 +2", Boundary(3, left=-1, right=2)),
        ('3 = "a \\"b\\" c"', Boundary(3, quote='a "b" c')),
        ("3 = “curly”", Boundary(3, quote="curly")),
        ("3 -> MESH:D1", Link(3, "MESH:D1")),
        ("3->MESH:D1", Link(3, "MESH:D1")),
        ("3→MESH:D1", Link(3, "MESH:D1")),
        ("3+1", Boundary(3, right=1)),
        ("3<1", Boundary(3, left=1)),
        ("3 → heart-lung machine", Link(3, "heart-lung machine")),
        ('add "5-FU/LV" #2 DRUG', Add("5-FU/LV", "DRUG", 2)),
        ('add "ECHO" @65-69 TEST', Add("ECHO", "TEST", at=(65, 69))),
        ('3 = "25 mg" @54-59', Boundary(3, quote="25 mg", at=(54, 59))),
        ('3 = "25 mg" daily', Boundary(3, quote='"25 mg" daily')),
        ('why not "ECG"', WhyNot("ECG")),
        ("why 3", Why(3)),
        ("who changed 2", WhoChanged(2)),
        ('A "x"', Occurrences(Selection(term="x"))),
        ("all afib", Occurrences(Selection(term="afib"))),
        (
            'no all "x" label:DRUG source:model method:fuzzy status:open score>0.5 score<=0.9',
            Bulk(
                "reject",
                Selection(
                    "x",
                    "DRUG",
                    "model",
                    "fuzzy",
                    (Condition(">", 0.5), Condition("<=", 0.9)),
                    status="open",
                ),
            ),
        ),
        (
            'ok all "x" where near "y z" where neg except doc 3 4 including reviewed',
            Bulk(
                "accept",
                Selection("x", near="y z", flags=("negated",), skipped=("3", "4"), reviewed=True),
            ),
        ),
        (
            "ok all x except doc a, 3 4, b",
            Bulk("accept", Selection("x", skipped=("a", "3", "4", "b"))),
        ),
        ("ok all score≥.5", Bulk("accept", Selection(scores=(Condition(">=", 0.5),)))),
        ('ok all "x" score>1', Bulk("accept", Selection("x", scores=(Condition(">", 1.0),)))),
        ('relabel all "ECHO" -> TEST', Bulk("relabel", Selection("ECHO"), "TEST")),
        ("relabel 2 -> TEST", Relabel(Numbers((2,)), "TEST")),
        ('add all "ECHO" TEST', Bulk("add", Selection("ECHO"), "TEST")),
        ('never "you" PERSON global', Never("you", "PERSON", "global")),
        ('never "you" document', Never("you", "", "here")),
        (
            'term + "afib" = atrial fibrillation PROBLEM',
            TermAdd("afib", ("atrial", "fibrillation", "PROBLEM")),
        ),
        (
            'term + "DNP" = 2,4-dinitrophenol DRUG',
            TermAdd("DNP", ("2,4-dinitrophenol", "DRUG")),
        ),
        ('term + "DNP" = "2,4 x" DRUG here', TermAdd("DNP", ("2,4 x", "DRUG"), "here")),
        ("term x = 5-HT->y a<3=b", TermAdd("x", ("5-HT->y", "a<3=b"))),
        ("abbr RA = right atrium here", Abbr("RA", ("right", "atrium"), "here")),
        ('variant "a-fib" = afib global', Variant("a-fib", "afib", "global")),
        ("queue new-terms", Order("new-terms")),
        ("queue random 50", Order("random", 50)),
        ("undo bulk b7", Undo(name="b7")),
        ("undo 3", Undo(3)),
        ("undo all", Undo(every=True)),
        ("label adverse event", NewLabel("adverse event")),
        ('flag "it\'s odd"', Flag("it's odd")),
        ("flag ask cardiology", Flag("ask cardiology")),
        ("go doc note_17", Go("doc note_17")),
        ("yes 128", Confirm("128")),
        ("except 3 4", Except((3, 4))),
        ("#2", Which(2)),
        ("?bulk", Help("bulk")),
        ("export label-studio out.json", Export("label-studio", "out.json")),
    ],
)
def test_lines(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "an empty line"),
        ("   ", "an empty line"),
        ("acept 3", "Did you mean `accept 3`?"),
        ("nxet", "Did you mean `next`?"),
        ("reject", "say which mentions to reject"),
        ("undoo 3", "Did you mean `undo 3`?"),
        ("zzzzzz", "Type ? for help"),
        ("Pt denies chest pain.", "I did not understand that. Name what you mean"),
        ("A salary is not a fee, I should say.", "I did not understand that. Name what you mean"),
        (
            "the thing with the stuff looks weird",
            "I did not understand that. Name what you mean by its number",
        ),
        ("rejct 2 3 4 5", "Did you mean `reject 2 3 4 5`?"),
        ("ok 5-2", "'5-2' is no number or range"),
        ("ok 1.5", "'1.5' is no number"),
        ("ok 1-99999", "too long"),
        ("ok 1-99999999999", "is no number or range"),
        (f"ok {'9' * 5000}", f"'{'9' * 40}' is no number or range"),
        ("undo 1 2", "expected one number, from 1 on"),
        ("undo 1-3", "expected one number, from 1 on"),
        ("undo 0", "expected one number, from 1 on"),
        ("undo bulk", "say which bulk step"),
        ("queue random 5 6", "expected one number, from 1 on"),
        ("ok all but", "say which mentions to leave out"),
        ("no all but x", "say which mentions to leave out"),
        ("promote", "expected the name of the model. For example `promote r4`"),
        ('ok "x', "the quote at character 4 is not closed"),
        ("ok 1 please", "did not expect 'please'"),
        ("2", "say what to do with it"),
        ("2 3 +1", "one mention at a time"),
        ("3 ->", "say which concept"),
        ("2 is", "say which label"),
        ('add "ECHO"', "say which label"),
        ("add", "expected the text of the new mention"),
        ("merge 2", "two mentions or more"),
        ("split 2", "name one mention and where"),
        ("ok all score>high", "expected a bound"),
        ('ok all "a" "b"', "term was given twice"),
        ("ok all where often", "after `where` comes"),
        ("ok all status:maybe", "status is one of"),
        ("ok all including", "including reviewed"),
        ("relabel all x", "name the mentions and the label"),
        ('term + "afib"', "say what it stands for"),
        ("abbr RA =", "say what it stands for"),
        ("why", "name one mention"),
        ("reopen", "name one or more numbers"),
        ("go", "say where"),
    ],
)
def test_lines_that_mean_nothing_say_what_is_missing(line: str, said: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(line)
    assert said in str(caught.value)


def test_nearest_keeps_the_rest_of_the_line() -> None:
    assert nearest('exprot jsonl "a b"') == 'export jsonl "a b"'
    assert nearest("qqqq") == ""


@pytest.mark.parametrize(
    ("line", "guess"),
    [
        ("acept al", "accept all"),
        ("acept al butt 4", "accept all but 4"),
        ("rejct al \"al\" wher neer 'x'", "reject all \"al\" where near 'x'"),
        ("splt 2 a 'and'", "split 2 at 'and'"),
        ('acept"al b"', ""),
        ("acept please do", ""),
    ],
)
def test_nearest_is_a_command_or_nothing(line: str, guess: str) -> None:
    assert nearest(line) == guess
    if guess:
        parse(guess)


def test_a_line_that_cannot_be_guessed_leads_to_the_forms() -> None:
    with pytest.raises(ParseError, match=r"Type `\? merge` for the forms of merge"):
        parse("merg everything")
    assert help_lines("merge")


def test_every_topic_has_help() -> None:
    assert len(help_lines()) > 40
    for topic in TOPICS[:-1]:
        assert help_lines(topic)
    assert help_lines("ok") != help_lines("decide")
    assert help_lines("none such") == []
