"""Models among the sources count as far as reviewers have found them right; the learner hears all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, read_corpus, write_corpus
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.pipeline.labeling import voters_of
from hybrid_ner.review.document.explain import _votes
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.sources.learned import Trust
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.policy import Decided, Reviewed, learn_policy, learn_trust, wilson
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.retrain import RetrainSettings, retrain
from hybrid_ner.training.trust import earned, estimated_precision, source_facts, with_trust

TERMS = Gazetteer.of([Term("cough", "Sign")])
DRUGS = [f"{a}{b}{c}ol" for a in "bcdf" for b in "aeiou" for c in "lmn"]


def document(number: int) -> Document:
    drug = DRUGS[number]
    text = f"Case {number}: cough, given {drug} daily."
    sign, given = text.index("cough"), text.index(drug)
    return Document(
        f"d{number}", text, (Entity(sign, sign + 5, "Sign"), Entity(given, given + len(drug), "Drug"))
    )


DOCUMENTS = [document(n) for n in range(20)]
DECIDED = {d.doc_id: Decided(d.entities or (), complete=True) for d in DOCUMENTS}


def model_file(folder: Path, name: str, *, right: bool) -> str:
    """A source that finds every drug, or calls the word before it one; it always has "daily" as Time."""
    found = []
    for each in [*DOCUMENTS, document(30)]:
        drug = (each.entities or ())[1]
        start, end = (drug.start, drug.end) if right else (drug.start - 6, drug.start - 1)
        daily = each.text.index("daily")
        found.append(
            Document(
                each.doc_id,
                each.text,
                (Entity(start, end, "Drug"), Entity(daily, daily + 5, "Time")),
                {"by": name},
            )
        )
    write_corpus(folder / f"{name}.jsonl", found)
    settings = folder / f"{name}.yaml"
    settings.write_text(f"- predictions: {name}.jsonl\n  name: {name}\n", encoding="utf-8")
    return str(settings)


@pytest.fixture
def both(tmp_path: Path) -> tuple[str, ...]:
    return model_file(tmp_path, "bad", right=False), model_file(tmp_path, "good", right=True)


def test_trust_is_of_what_a_model_adds_by_source_and_label(both: tuple[str, ...]) -> None:
    nlp = rule_pipeline(TERMS, sources=both, judged=False)
    reviewed = [Reviewed(nlp(d.text), DECIDED[d.doc_id]) for d in DOCUMENTS]
    voters = voters_of(nlp)
    assert (voters.rules, voters.heard) == (("gazetteer", "abbreviations"), ("bad", "good"))
    rows = learn_policy(reviewed, voters).trust
    found = {(t.source, t.label): (t.right, t.seen, t.counts) for t in rows}
    assert found["good", "Drug"] == (20, 20, True)
    assert found["bad", "Drug"] == (0, 20, False)
    assert found["good", "Time"] == (0, 20, False)
    assert found["good", ""] == (20, 40, False)
    said = {(t.source, t.label): t.sentence() for t in rows}
    assert said["good", "Drug"] == "good, Drug: counts, 20 of 20 votes that it adds are right (84 to 100 %)"


def test_few_reviews_are_not_enough_and_none_are_said(both: tuple[str, ...]) -> None:
    nlp = rule_pipeline(TERMS, sources=both)
    reviewed = [Reviewed(nlp(d.text), DECIDED[d.doc_id]) for d in DOCUMENTS[:3]]
    drug = next(t for t in learn_trust(reviewed, ["gazetteer"], ["good"]) if t.label == "Drug")
    assert (drug.right, drug.seen, drug.counts) == (3, 3, False)
    (nothing,) = learn_trust([], ["gazetteer"], ["good"])
    assert nothing.sentence() == "good, any other label: only shown, since nobody has decided on what it adds"
    rest = replace(nothing, right=23, seen=23, low=0.86, high=1.0).sentence()  # of the labels that are known
    assert rest == "good, any other label: only shown, since nothing tells whether it helps there"


def test_votes_for_one_surface_of_a_document_stand_or_fall_together(tmp_path: Path) -> None:
    text = "bol " * 50
    write_corpus(
        tmp_path / "found.jsonl",
        [Document("1", text, tuple(Entity(n, n + 3, "Drug") for n in range(0, 200, 4)))],
    )
    doc = rule_pipeline(TERMS, sources=[f"predictions:{tmp_path / 'found.jsonl'}"])(text)
    accepted = tuple(Entity(n, n + 3, "Drug") for n in range(0, 100, 4))
    found = learn_trust([Reviewed(doc, Decided(accepted, complete=True))], [], ["predictions"])
    assert [(t.right, t.seen, t.low, t.high) for t in found] == [(25, 50, *wilson(0.5, 1))] * 2


@pytest.mark.parametrize(
    ("right", "seen", "low", "high"), [(0, 0, 0.0, 1.0), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)]
)
def test_interval_has_the_published_values(right: int, seen: int, low: float, high: float) -> None:
    """81 of 263: Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(right, seen) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("recipe", ["crf", "cnn"])
def test_retraining_counts_what_has_earned_it(tmp_path: Path, both: tuple[str, ...], recipe: str) -> None:
    settings = BootstrapSettings(
        "generic",
        sources=DomainSettings(sources=both),
        recipe=recipe,
        expand=False,
        overrides={} if recipe == "crf" else {"training.max_epochs": 1},
    )
    found = retrain(TERMS, DOCUMENTS, DECIDED, tmp_path / "model", RetrainSettings(settings))
    sentences = [each["sentence"] for each in found["trust"]]
    assert "good, Drug: counts, 20 of 20 votes that it adds are right (84 to 100 %)" in sentences
    doc = load_pipeline(tmp_path / "model")(document(30).text)
    assert [(s.text, s.label_) for s in doc.spans["rule"]] == [("cough", "Sign"), (DRUGS[30], "Drug")]
    shown = {doc.text[s.start : s.end]: s for s in suggestions_from_doc(doc)}
    assert (shown["given"].chosen, shown[DRUGS[30]].chosen) == (False, True)
    (vote,) = (vote for vote in shown[DRUGS[30]].votes if vote.source == "good")
    assert vote.evidence["trust"] == "good, Drug: counts, 20 of 20 votes that it adds are right (84 to 100 %)"
    assert _votes([{**asdict(vote)}])[0].endswith(vote.evidence["trust"])
    assert "bad, Drug: only shown, 0 of 20 votes that it adds are right" in shown["given"].rule


def test_learner_hears_sources_that_do_not_count(tmp_path: Path) -> None:
    path = Path(model_file(tmp_path, "good", right=True))
    path.write_text(path.read_text(encoding="utf-8") + "  counts: false\n", encoding="utf-8")
    settings = BootstrapSettings("generic", sources=DomainSettings(sources=(str(path),)), recipe="crf")
    found = retrain(TERMS, DOCUMENTS, DECIDED, tmp_path / "model", RetrainSettings(settings))
    assert "trust" not in found
    nlp = load_pipeline(tmp_path / "model")
    recognizer = nlp.get_pipe("ner")
    assert recognizer.heard == ("good",)
    assert "good" not in recognizer.sources
    assert any(name.startswith("v=good|Drug|") for name in recognizer.model.weights)
    doc = nlp(document(30).text)
    assert [s.text for s in doc.spans["rule"]] == ["cough"]
    assert (DRUGS[30], "Drug") in [(e.text, e.label_) for e in doc.ents]


@pytest.mark.parametrize(
    ("votes", "confirmed", "expected"),
    [
        (10, [], None),
        (10, [range(6)], 0.6),
        # 100 of 200 are right; one source has 90 of them, another 10 without looking at the first.
        (200, [range(90), range(81, 91)], 0.5),
        (40, [range(30), range(10, 40)], 1.0),
        (100, [range(30), range(30, 40)], 0.4),  # nothing in common: no more is known than what is confirmed
    ],
)
def test_estimate_without_gold(votes: int, confirmed: list[range], expected: float | None) -> None:
    found = estimated_precision(votes, [set(each) for each in confirmed])
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=0.05)
        assert found <= expected


def test_facts_of_every_source_and_label(tmp_path: Path, both: tuple[str, ...]) -> None:
    other = model_file(tmp_path, "other", right=True)
    nlp = rule_pipeline(TERMS, sources=[*both, other], judged=False)
    read = [(nlp(d.text), DECIDED[d.doc_id] if n < 10 else Decided()) for n, d in enumerate(DOCUMENTS)]
    worth = source_facts(read, voters_of(nlp))
    assert (worth.documents, worth.reviewed) == (20, 10)
    rows = {(row.source, row.label): row for row in worth.rows}
    assert list(rows)[:2] == [("gazetteer", ""), ("gazetteer", "Sign")]
    good, bad = rows["good", "Drug"], rows["bad", "Drug"]
    assert (good.votes, good.documents, good.coverage, good.overlap) == (20, 20, 1.0, 1.0)
    assert (good.right, good.seen, bad.right, bad.seen) == (10, 10, 0, 10)
    assert (bad.overlap, bad.conflict, good.conflict) == (0.0, 0.0, 0.0)
    assert bad.estimated == 0.0
    assert good.estimated == 1.0  # the other one confirms each, and nobody else any
    assert rows["gazetteer", "Sign"].estimated is None  # no model has heard of it
    assert (bad.alone, good.alone) == (20, 0)  # "other" has the same
    assert bad.f1_without is not None
    assert bad.f1_without > 0
    assert good.f1_without == 0.0
    assert rows["gazetteer", ""].alone == 20
    assert rows["gazetteer", ""].f1_without == pytest.approx(2 / 5 - 4 / 6)
    assert {(t.source, t.label): t.counts for t in worth.trust}["good", "Drug"] is True


def labels_that_count(trust: Iterable[Trust]) -> set[tuple[str, str]]:
    return {(each.source, each.label) for each in trust if each.counts}


def test_before_review_models_count_where_another_one_says_what_they_add(
    tmp_path: Path, both: tuple[str, ...]
) -> None:
    other = model_file(tmp_path, "other", right=True)
    settings = DomainSettings(sources=(*both, other))
    found, whole = earned(TERMS, "generic", settings, DOCUMENTS)
    assert whole
    # Both find the drugs, and all three have "daily": agreement is all that is known of it.
    expected = {(name, "Drug") for name in ("good", "other")} | {
        (n, "Time") for n in ("bad", "good", "other")
    }
    assert labels_that_count(found) == expected
    said = {(t.source, t.label): t.sentence() for t in found}
    assert (
        said["bad", "Drug"]
        == "bad, Drug: only shown, 0 of 20 votes that it adds have another model's vote too (0 to 16 %)"
    )
    nlp = rule_pipeline(TERMS, "generic", with_trust(settings, found))
    assert [e.text for e in nlp(document(30).text).ents] == ["cough", DRUGS[30], "daily"]


def test_a_model_named_twice_does_not_confirm_itself(tmp_path: Path) -> None:
    first = model_file(tmp_path, "first", right=True)
    settings = DomainSettings(sources=(first, json.dumps({"predictions": str(tmp_path / "first.jsonl")})))
    found, _ = earned(TERMS, "generic", settings, DOCUMENTS)
    assert labels_that_count(found) == set()
    counting = DomainSettings(
        sources=(json.dumps({"predictions": str(tmp_path / "first.jsonl"), "counts": True}),)
    )
    assert earned(TERMS, "generic", counting, DOCUMENTS) == ((), True)
    doc = rule_pipeline(TERMS, "generic", counting)(document(0).text)
    assert [e.text for e in doc.ents] == ["cough", DRUGS[0], "daily"]


def test_models_that_read_a_label_in_another_sense_than_the_rules_do_not_count(tmp_path: Path) -> None:
    """Both call every drug with its dose one, and the rules know some of the drugs."""
    names = []
    for name, more in (("one", 1), ("two", 1)):
        found = [
            Document(d.doc_id, d.text, (Entity(g.start - 6 * more, g.end, "Drug"),))
            for d in DOCUMENTS
            for g in (d.entities or ())[1:]
        ]
        found[0] = replace(found[0], meta={"by": name})  # or the files were the same model
        write_corpus(tmp_path / f"{name}.jsonl", found)
        names.append(json.dumps({"predictions": str(tmp_path / f"{name}.jsonl"), "name": name}))
    rules = Gazetteer.of([Term("cough", "Sign"), *(Term(drug, "Drug") for drug in DRUGS[:3])])
    found_trust, _ = earned(rules, "generic", DomainSettings(sources=tuple(names)), DOCUMENTS)
    assert labels_that_count(found_trust) == set()
    unaware, _ = earned(TERMS, "generic", DomainSettings(sources=tuple(names)), DOCUMENTS)
    assert labels_that_count(unaware) == {("one", "Drug"), ("two", "Drug")}


def test_conflict_is_other_characters_or_another_label(tmp_path: Path) -> None:
    text = "dry cough and daily cough"
    found = Document("1", text, (Entity(0, 9, "Sign"), Entity(20, 25, "Time")))
    write_corpus(tmp_path / "found.jsonl", [found])
    nlp = rule_pipeline(TERMS, sources=[f"predictions:{tmp_path / 'found.jsonl'}"])
    rows = source_facts([(nlp(text), Decided())], voters_of(nlp)).rows
    assert {(row.source, row.label): row.conflict for row in rows} == {
        ("gazetteer", ""): 1.0,
        ("gazetteer", "Sign"): 1.0,
        ("predictions", ""): 1.0,
        ("predictions", "Sign"): 1.0,
        ("predictions", "Time"): 1.0,
    }
    assert all(row.f1_without is None for row in rows)


def test_models_are_only_shown_beside_rules_until_somebody_has_reviewed(both: tuple[str, ...]) -> None:
    sources = DomainSettings(sources=both)
    doc = rule_pipeline(TERMS, "generic", sources)(document(30).text)
    assert [e.text for e in doc.ents] == ["cough"]
    shown = {doc.text[s.start : s.end]: s for s in suggestions_from_doc(doc)}
    assert shown[DRUGS[30]].chosen is False
    assert "only shown, since nobody has decided on what it adds" in shown[DRUGS[30]].rule
    alone = rule_pipeline(Gazetteer(), "generic", sources)(doc.text)
    assert (DRUGS[30], "Drug") in [(e.text, e.label_) for e in alone.ents]


def test_labels_say_what_counts_and_shards_agree(tmp_path: Path, both: tuple[str, ...]) -> None:
    other = model_file(tmp_path, "other", right=True)
    (tmp_path / "signs.txt").write_text("cough\n")
    write_corpus(tmp_path / "notes.jsonl", [Document(d.doc_id, d.text) for d in DOCUMENTS])
    words = ["label", "--corpus", str(tmp_path / "notes.jsonl"), "--gazetteer", str(tmp_path / "signs.txt")]
    words += ["--label", "Sign", "--quiet", *(w for name in (*both, other) for w in ("--source", name))]
    for shard in ("0/1", "1/20"):
        out = tmp_path / f"weak{shard[0]}.jsonl"
        done = CliRunner().invoke(app, [*words, "--output", str(out), "--shard", shard])
        assert done.exit_code == 0, done.output
        assert (
            "Source    good, Drug: counts, 20 of 20 votes that it adds have another model's vote too"
            in done.output
        )
        assert "Source    bad, Drug: only shown, 0 of 20" in done.output
        assert "with counts: true in its settings" in done.output
        first = next(iter(read_corpus(out)))
        found = [first.text[e.start : e.end] for e in first.entities or ()]
        assert found == ["cough", DRUGS[int(shard[0])], "daily"]
