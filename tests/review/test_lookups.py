"""Names, colours and keys of labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.store.labels import human_name
from hybrid_ner.review.store.lookups import HIDDEN, LABEL_KEYS, keep_looks, label_looks, with_names
from tests.review.helpers import make_project, say, suggest


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("OTHER_PERSON", "Other person"),
        ("GPE", "Country or city"),
        ("ORG", "Organisation"),
        ("VTE", "VTE"),
        ("STATUTE", "Statute"),
        ("Disease", "Disease"),
        ("loop diuretic", "loop diuretic"),
        ("LOOP DIURETIC", "Loop diuretic"),
        ("adverse-event", "Adverse event"),
        ("AdverseEvent", "Adverse event"),
        ("SECTION_21", "Section 21"),
        *((name, name) for name in ("csDMARD", "IL-12/23i", "IL-6", "DAS28", "B-cell", "anti-RANKL")),
    ],
)
def test_labels_have_names_for_people(label: str, name: str) -> None:
    assert human_name(label) == name


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("22 “Leeds” GPE", "22 “Leeds” Country or city"),
        (
            "“parties” could be PETITIONER or GPE: which one?",
            "“parties” could be Petitioner or Country or city: which one?",
        ),
        ("3 “GPE” GPE → Disease", "3 “GPE” Country or city → Disease"),
        ('type `4 is GPE`, or add "GPE"', 'type `4 is GPE`, or add "GPE"'),
        ("the GPE-1 form, OLD_GPE", "the GPE-1 form, OLD_GPE"),
        ("GPE.txt: 2 terms (GPE).", "GPE.txt: 2 terms (Country or city)."),
    ],
)
def test_answers_call_labels_as_the_page_does(store: ReviewStore, said: str, shown: str) -> None:
    looks = label_looks(store.create_project("law", ["GPE", "PETITIONER", "Disease"]))
    assert with_names(said, looks) == shown


def test_sixteen_labels_have_sixteen_keys(store: ReviewStore) -> None:
    project = store.create_project("law", [f"L{n}" for n in range(16)])
    keys = [look.key for look in label_looks(project)]
    assert keys == list(LABEL_KEYS[:16])


def test_looks_are_kept(project: Project) -> None:
    first, second, *rest = label_looks(project)
    drug = replace(second, name="Medication", key="m", colour="violet")
    keep_looks(project, [replace(first, hidden=True), drug, *rest])
    looks = label_looks(project)
    assert looks[0] == drug
    assert (looks[-1].label, looks[-1].hidden) == ("PROBLEM", True)
    assert project.labels[0] == "PROBLEM"


def test_a_new_label_takes_neither_key_nor_colour_of_another(session: ReviewSession) -> None:
    """It took the key of a hidden label: who pressed 3 for the one gave the other, and then both had it."""
    project = session.project
    first, *rest = label_looks(project)
    keep_looks(project, [replace(first, hidden=True), *rest])
    say(session, "label SIGN", "yes")
    new = next(look for look in label_looks(project) if look.label == "SIGN")
    assert (new.key, new.colour in {look.colour for look in rest}) == (str(len(rest) + 2), False)
    keep_looks(project, [replace(look, hidden=False) for look in label_looks(project)])


@pytest.mark.parametrize("wrong", [{"key": "a"}, {"colour": "red"}, {"name": " "}, {"key": "2"}])
def test_what_cannot_be_is_refused(project: Project, wrong: dict[str, str]) -> None:
    first, *rest = label_looks(project)
    with pytest.raises(InputError):
        keep_looks(project, [replace(first, **wrong), *rest])  # type: ignore[arg-type]
    assert label_looks(project)[0] == first


def test_one_label_must_stay(project: Project) -> None:
    with pytest.raises(InputError, match="no label would be left"):
        keep_looks(project, [replace(look, hidden=True) for look in label_looks(project)])


def test_hidden_labels_are_not_suggested(store: ReviewStore) -> None:
    text = "aspirin for fever"
    found = [suggest(text, "aspirin", "DRUG"), suggest(text, "fever", "PROBLEM")]
    project = make_project(store, [(text, found)], settings={HIDDEN: ["DRUG"]})
    view = ReviewSession(store, project.name, "ana").view()
    assert view is not None
    assert [span.label for span in view.spans] == ["PROBLEM"]


def test_what_waits_goes_and_comes_with_its_label(store: ReviewStore) -> None:
    text = "aspirin and statin for fever"
    found = [
        suggest(text, "aspirin", "DRUG"),
        suggest(text, "statin", "DRUG"),
        suggest(text, "fever", "PROBLEM"),
    ]
    project = make_project(store, [(text, found)])
    ana = ReviewSession(store, project.name, "ana")

    def shown() -> dict[int, tuple[str, str]]:
        view = ana.view()
        assert view is not None
        return {span.number: (span.surface, span.status) for span in view.spans}

    def use(*hidden: str) -> None:
        keep_looks(project, [replace(each, hidden=each.label in hidden) for each in label_looks(project)])

    ana.handle("ok 1")
    use("DRUG")
    assert shown() == {1: ("aspirin", "accepted"), 3: ("fever", "open")}
    assert ana.queue()[0].suggestions == 1
    ana.handle('add "for" PROBLEM')
    use()
    assert sorted(shown().values()) == [
        ("aspirin", "accepted"),
        ("fever", "open"),
        ("for", "accepted"),
        ("statin", "open"),
    ]


def test_what_is_suggested_while_a_label_is_hidden_comes_with_it(store: ReviewStore) -> None:
    text = "aspirin for fever"
    found = [suggest(text, "aspirin", "DRUG"), suggest(text, "fever", "PROBLEM")]
    project = make_project(store, [(text, found)], settings={HIDDEN: ["DRUG"]})
    view = ReviewSession(store, project.name, "ana").view()
    assert view is not None
    assert [span.label for span in view.spans] == ["PROBLEM"]
    keep_looks(project, [replace(each, hidden=False) for each in label_looks(project)])
    view = ReviewSession(store, project.name, "ana").view()
    assert view is not None
    assert [span.label for span in view.spans] == ["DRUG", "PROBLEM"]


def test_a_label_means_what_its_subject_says_until_somebody_writes_more(store: ReviewStore) -> None:
    project = store.create_project("law", ["FORM", "Client"], domain="legal")
    assert [look.definition for look in label_looks(project)] == ["a form that is filed: Form 10-K", ""]
    ReviewSession(store, project.name, "ana").handle('codebook FORM means "a form"')
    assert label_looks(project)[0].definition == "a form"


@pytest.mark.parametrize("name", ["medical", "legal", "geography"])
def test_what_is_shipped_says_what_each_label_means(name: str) -> None:
    domain = DOMAINS.get(name)
    assert set(domain.meanings) == set(domain.labels)
