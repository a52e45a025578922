"""What was learned about the edges of mentions, in words, and how to forget it."""

from __future__ import annotations

from hybrid_ner.corpus import Entity
from hybrid_ner.pipeline.crf_model import CrfSettings
from hybrid_ner.pipeline.labeling import Voters
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.boundaries import habits, hidden_words
from hybrid_ner.training.crf import CrfWork, crf_facts, learn_crf
from hybrid_ner.training.policy import Decided, Reviewed

SITES = ("arm", "leg", "knee", "hip", "toe", "ear", "eye", "jaw")


def reviewed() -> dict[str, Reviewed]:
    """ "severe" stays outside, "left" belongs inside."""
    found = {}
    for number, site in enumerate(SITES):
        text = f"She has severe {site} pain and left {site} ache today."
        spans = (f"{site} pain", f"left {site} ache")
        entities = tuple(Entity(text.index(s), text.index(s) + len(s), "Sign") for s in spans)
        found[str(number)] = Reviewed(blank().make_doc(text), Decided(entities, complete=True))
    return found


def test_habits_are_told() -> None:
    said = {habit.kind: habit.sentence() for habit in habits(reviewed().values())}
    assert said == {
        "severity": "severity (severe) stays outside: 8 of 8 places",
        "location": "location (left) belongs inside: 8 of 8 places",
    }
    learned = learn_crf(reviewed(), Voters(), None, [], lambda share, line: None)
    assert [each["kind"] for each in crf_facts(learned)["boundaries"]] == ["severity", "location"]


def test_few_places_and_mixed_ones_say_nothing() -> None:
    assert habits(list(reviewed().values())[:1]) == ()
    text = "Severe pain, severe pain."
    mixed = Decided((Entity(0, 11, "Sign"), Entity(20, 24, "Sign")), complete=True)
    assert habits([Reviewed(blank().make_doc(text), mixed)] * 4) == ()


def test_nothing_is_learned_of_words_to_forget() -> None:
    forget = hidden_words(["severity", "Left"])
    assert {"severe", "mild", "left"} <= set(forget)
    model = CrfWork(reviewed(), Voters(), None, (), CrfSettings(forget=forget)).fit(range(len(SITES)))
    assert not any(name.endswith(("w=severe", "w=left")) for name in model.weights)
    known = CrfWork(reviewed(), Voters(), None).fit(range(len(SITES)))
    assert any(name.endswith("w=severe") for name in known.weights)
