"""The CRF learner: features, weights, decoding, saving, explaining."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise, product
from pathlib import Path

import numpy as np
import pytest
import srsly
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from hybrid_ner.errors import ModelError
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import (
    CrfModel,
    CrfSettings,
    Lattice,
    Likelihood,
    PartScores,
    owl_qn,
)
from hybrid_ner.pipeline.scored_ner import PLACES, UNLISTED, ScoredSpan, SpanScorer, added, log_odds, surest
from hybrid_ner.pipeline.token_features import (
    Numbered,
    Part,
    TokenFeatures,
    bio_tags,
    stretches,
    tagged,
    told,
)
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.words import BuildSettings, build_words, load_words

TEXTS = [
    ("Severe headache after aspirin.", [(7, 15, "Disease"), (22, 29, "Chemical")]),
    ("No headache. Warfarin was given.", [(3, 11, "Disease"), (13, 21, "Chemical")]),
    ("Chest pain after warfarin.", [(0, 10, "Disease"), (17, 25, "Chemical")]),
]


def document(nlp: Language, text: str, spans: list[tuple[int, int, str]], votes: bool = False) -> Doc:
    doc = nlp.make_doc(text)
    made = [doc.char_span(*span) for span in spans]
    doc.set_ents(made)
    if votes:
        doc.spans["gazetteer"] = SpanGroup(doc, name="gazetteer", spans=made)
    return doc


def recognizer(nlp: Language, votes: bool = False) -> CrfEntityRecognizer:
    pipe = nlp.add_pipe("crf_ner", name="ner", config={"sources": ["gazetteer"] if votes else []})
    features = TokenFeatures(pipe.sources)
    docs = [document(nlp, text, spans, votes) for text, spans in TEXTS]
    pipe.learn(fitted(features, docs))
    return pipe


def fitted(features: TokenFeatures, docs: list[Doc]) -> CrfModel:
    numbered = Numbered(features)
    return CrfModel.fit([s for doc in docs for s in numbered(doc)], numbered)


def found(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_learns_words_and_labels() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    assert pipe.labels == ("Chemical", "Disease")
    doc = nlp("Severe headache after warfarin.")
    assert found(doc) == [("headache", "Disease"), ("warfarin", "Chemical")]
    scores = doc.spans["model"].attrs["scores"]
    assert [span.text for span in doc.spans["model"]] == ["headache", "warfarin"]
    assert all(0.3 < score <= 1 for score in scores)


def test_several_threads_get_what_one_gets() -> None:
    """What is seen of words is kept in tables, which two threads let grow at once: most texts failed."""
    texts = [f"Severe headache{n} after aspirin{n} and pain{n * 7} in ward{n % 5}." for n in range(200)]
    one, several = blank(), blank()
    for nlp in (one, several):
        recognizer(nlp)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            answers = [found(doc) for doc in pool.map(several, texts)]
    finally:
        sys.setswitchinterval(interval)
    assert answers == [found(one(text)) for text in texts]


def test_scored_by_spacy_as_its_own_recognizer_is() -> None:
    nlp = blank()
    recognizer(nlp)
    gold = [Example(nlp.make_doc(text), document(nlp, text, spans)) for text, spans in TEXTS]
    assert nlp.evaluate(gold)["ents_per_type"]["Disease"]["f"] == 1.0


def test_votes_carry_over_to_words_never_seen() -> None:
    nlp = blank()
    pipe = recognizer(nlp, votes=True)
    doc = document(nlp, "Zyx after qwertol.", [(0, 3, "Disease"), (10, 17, "Chemical")], votes=True)
    doc.set_ents([])
    assert found(pipe(doc)) == [("Zyx", "Disease"), ("qwertol", "Chemical")]


def test_without_learning_it_says_nothing() -> None:
    nlp = blank()
    nlp.add_pipe("crf_ner", name="ner")
    doc = nlp("Aspirin.")
    assert not doc.ents
    assert not doc.spans["model"]
    assert not nlp("").ents


def test_probabilities_are_those_of_all_sequences() -> None:
    tags = ("O", "B-X", "I-X", "B-Y", "I-Y")
    random = np.random.default_rng(3)
    model = CrfModel(tags, {}, random.normal(size=(5, 5)))
    bounds = [(0, 1), (1, 4), (4, 8), (8, 10)]
    scores = random.normal(size=(10, 5)) * 2
    lattice = model.lattice(scores, bounds)
    likely = {(s.start, s.end, s.label): s.score for s in lattice.likely(0.05)}
    for start, end in bounds:
        weighed = _all_sequences(model, scores[start:end])
        for first, stop in combinations(range(start, end + 1), 2):
            for label in "XY":
                wanted = _share(weighed, tags, first - start, stop - start, label)
                assert lattice.probability(first, stop, label) == pytest.approx(wanted, abs=1e-9)
                assert ((first, stop, label) in likely) == (wanted >= 0.05)
    assert lattice.probability(3, 5, "X") == 0.0  # no span runs over the end of a stretch


def _all_sequences(model: CrfModel, scores: NDArray[np.float64]) -> dict[tuple[int, ...], float]:
    weighed: dict[tuple[int, ...], float] = {}
    for path in product(range(len(model.tags)), repeat=len(scores)):
        steps = list(pairwise((0, *path)))
        if all(model.tags[b][0] != "I" or model.tags[a][2:] == model.tags[b][2:] for a, b in steps):
            between = sum(model.transitions[step] for step in steps[1:])
            weighed[path] = float(np.exp(between + sum(scores[n, t] for n, t in enumerate(path))))
    return weighed


def _share(
    weighed: Mapping[tuple[int, ...], float], tags: Sequence[str], start: int, stop: int, label: str
) -> float:
    first, inside = tags.index(f"B-{label}"), tags.index(f"I-{label}")
    wanted = (first, *[inside] * (stop - start - 1))
    same = (w for path, w in weighed.items() if path[start:stop] == wanted and (*path, 0)[stop] != inside)
    return sum(same) / sum(weighed.values())


@pytest.mark.parametrize("words", [None, BuildSettings(min_count=1)], ids=["names", "and numbers"])
def test_the_likelihood_is_that_of_all_sequences_and_the_gradient_its_slope(
    words: BuildSettings | None,
) -> None:
    """By going through every sequence of tags, and by small steps of each weight."""
    nlp = blank()
    known = build_words([text for text, _ in TEXTS], words) if words else None
    numbered = Numbered(TokenFeatures((), known))
    texts = [
        ("Severe pain today", [(7, 11, "Disease")]),
        ("No", []),
        ("Aspirin helped", [(0, 7, "Chemical")]),
    ]
    (stretch, *more) = [each for text, spans in texts for each in numbered(document(nlp, text, spans))]
    text = Likelihood([stretch, *more], numbered)
    weights = np.random.default_rng(0).normal(size=text.size)
    value, slope = text(weights)
    model = _model_of(text, numbered, weights)
    expected = 0.0
    for each, (words, _) in zip([stretch, *more], texts, strict=True):
        scores = _scores_of(model, numbered.features(nlp.make_doc(words)))
        ways = {
            tags: sum(row[tag] for row, tag in zip(scores, tags, strict=True))
            + sum(model.transitions[pair] for pair in pairwise(tags))
            for tags in product(range(len(model.tags)), repeat=len(scores))
        }
        gold = tuple(map(model.tags.index, each.tags))
        expected += float(np.logaddexp.reduce(list(ways.values()))) - ways[gold]
    assert value == pytest.approx(expected, abs=1e-9)
    for place in range(0, text.size, 7):
        step = np.zeros(text.size)
        step[place] = 1e-5
        assert (text(weights + step)[0] - text(weights - step)[0]) / 2e-5 == pytest.approx(
            slope[place], abs=1e-6
        )


def _model_of(text: Likelihood, numbered: Numbered, weights: NDArray[np.float64]) -> CrfModel:
    rows, transitions = text.grids(weights)
    return CrfModel(text.tags, dict(zip(numbered.names(text.features), rows, strict=True)), transitions)


def _scores_of(model: CrfModel, rows: Sequence[Sequence[Part]]) -> list[NDArray[np.float64]]:
    return [np.sum([model.part(part) for part in row], axis=0) for row in rows]


def test_sums_of_sequences_side_by_side_are_those_of_each_token_by_token() -> None:
    random, tags = np.random.default_rng(0), ("O", "B-A", "I-A")
    lengths = [9, 1, 0, 14, 9, 5]
    starts = np.cumsum([0, *lengths]).tolist()
    scores = 40 * random.random((sum(lengths), 3))
    lattice = Lattice(tags, scores, list(pairwise(starts)), random.standard_normal((3, 3)))
    for start, end in pairwise(starts):
        ways, behind = np.ones(3), np.ones(3)
        for place in range(start, end):
            ways = (ways @ lattice.step if place > start else ways) * lattice.factor[place]
            assert lattice.scale[place] == pytest.approx(ways.sum(), rel=1e-12)
            ways /= ways.sum()
            assert lattice.forward[place] == pytest.approx(ways, rel=1e-12)
        for place in reversed(range(start, end)):
            assert lattice.backward[place] == pytest.approx(behind, rel=1e-12)
            behind = lattice.step @ (lattice.factor[place] * behind) / lattice.scale[place]


def test_parts_that_are_numbered_are_scored_as_those_met_later() -> None:
    nlp = blank()
    docs = [document(nlp, text, spans, votes=True) for text, spans in TEXTS]
    features = TokenFeatures(
        ["gazetteer"], build_words([text for text, _ in TEXTS], BuildSettings(min_count=1))
    )
    numbered = Numbered(features)
    model = CrfModel.fit([s for doc in docs[:2] for s in numbered(doc)], numbered)
    rows = [row for doc in docs for row in features(doc)]
    ready, later = (PartScores([model, model], known)(rows) for known in (numbered, None))
    np.testing.assert_allclose(later[0], _scores_of(model, rows), rtol=0, atol=1e-12)
    for one, other in zip(ready, later, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    assert np.abs(later[0]).max() > 0.1


def test_the_least_value_with_an_l1_penalty_is_found() -> None:
    """Of a bowl whose axes are not the weights' own it is where no weight can gain more than it costs."""
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))[0]
    bowl = turned @ np.diag(np.arange(1.0, 9.0)) @ turned.T
    wanted = np.array([3.0, -2.0, 0.1, 0.0, 1.0, -0.05, 0.5, -4.0])

    def function(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        away = weights - wanted
        return float(away @ bowl @ away) / 2 + 1, bowl @ away

    settings = CrfSettings(l1=0.8, l2=0.05, iterations=200)
    found = owl_qn(function, np.zeros(8), settings)
    slope = function(found)[1] + 2 * settings.l2 * found
    assert 0 < np.count_nonzero(found == 0) < 8
    assert np.abs(slope[found == 0]).max() <= 0.8
    assert slope[found != 0] == pytest.approx(-0.8 * np.sign(found[found != 0]), abs=0.02)
    assert not owl_qn(function, np.zeros(8), CrfSettings(l1=1e3)).any()


def test_sums_of_single_precision_lead_to_the_same_weights() -> None:
    docs = [document(blank(), *each) for each in TEXTS]
    numbered = Numbered(TokenFeatures(()))
    learned = [s for doc in docs for s in numbered(doc)]
    exact, single = (Likelihood(learned, numbered, single=single) for single in (False, True))
    weights = owl_qn(single, np.zeros(single.size), CrfSettings(iterations=30))
    wanted = owl_qn(exact, np.zeros(exact.size), CrfSettings(iterations=30))
    assert exact(weights)[0] == pytest.approx(exact(wanted)[0], rel=1e-3)
    assert single(wanted)[0] == pytest.approx(exact(wanted)[0], rel=1e-5)
    for far in (30.0, -30.0):  # as a search may try; numbers of single precision end at e^88
        wanted[-6:] = far
        assert single(wanted)[0] == pytest.approx(exact(wanted)[0], rel=1e-4)


def test_weights_begin_with_those_of_a_part_of_the_text() -> None:
    docs = [document(blank(), *each) for each in TEXTS]
    numbered = Numbered(TokenFeatures(()))
    rows = [numbered(doc) for doc in docs]
    learned, step = [s for each in rows for s in each], CrfSettings(iterations=3)
    text = Likelihood(learned, numbered)

    def value(start: CrfModel | None) -> float:
        model = CrfModel.fit(learned, numbered, step, start)
        return text(text.places(numbered.rows(model.weights, len(model.tags)), model.transitions))[0]

    part = CrfModel.fit([s for each in rows[:2] for s in each], numbered)
    assert value(part) < value(None) / 2
    other = CrfModel(("O", "B-X", "I-X"), {}, np.zeros((3, 3)))  # of other tags nothing is taken over
    assert value(other) == value(None)


def test_features_that_are_known_are_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    doc = nlp.make_doc("Severe headache after warfarin.")
    pipe.learn(pipe.model, rows={doc.text: pipe.features(doc)})
    monkeypatch.delattr(TokenFeatures, "__call__")
    assert found(next(iter(pipe.pipe([doc])))) == [("headache", "Disease"), ("warfarin", "Chemical")]
    with pytest.raises(TypeError):
        next(iter(pipe.pipe([nlp.make_doc("Warfarin.")])))


def test_any_span_is_scored() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    doc = nlp("Severe headache.\n\nWarfarin.")
    scores = dict(zip(doc.spans["model"], doc.spans["model"].attrs["scores"], strict=True))
    for span, score in scores.items():
        assert pipe.span_scores(doc, span.start, span.end)[span.label_] == pytest.approx(score, abs=1e-4)
    assert pipe.span_scores(doc, 0, 2)["Disease"] < 0.5
    assert pipe.span_scores(doc, 1, 5) == {"Chemical": 0.0, "Disease": 0.0}


def test_saved_model_reads_alike(tmp_path: Path) -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    nlp.to_disk(tmp_path)
    import spacy

    again = spacy.load(tmp_path)
    text = "Severe headache after warfarin."
    assert found(again(text)) == found(nlp(text))
    other = CrfEntityRecognizer(nlp.vocab, "ner", []).from_bytes(pipe.to_bytes())
    assert other.to_bytes() == pipe.to_bytes()


def test_what_knows_the_edges_is_read_beside_it_and_saved() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    wider = [[(0, 15, "Disease"), TEXTS[0][1][1]], TEXTS[1][1], TEXTS[2][1]]
    docs = [document(nlp, text, spans) for (text, _), spans in zip(TEXTS, wider, strict=True)]
    pipe.learn(pipe.model, edges=fitted(pipe.features, docs))
    for each in (pipe, CrfEntityRecognizer(nlp.vocab, "ner", []).from_bytes(pipe.to_bytes())):
        doc = each(nlp.make_doc(TEXTS[0][0]))
        edges = [(doc[a:b].text, label) for a, b, label in sorted(doc.spans["model"].attrs["edges"])]
        assert edges == found(doc) == [("Severe headache", "Disease"), ("aspirin", "Chemical")]
    assert "edges" not in recognizer(blank())(nlp.make_doc(TEXTS[0][0])).spans["model"].attrs


def test_what_is_not_told_the_votes_finds_what_no_source_has_and_is_saved() -> None:
    nlp = blank()
    pipe = recognizer(nlp, votes=True)
    features, text = pipe.features, TEXTS[2][0]
    docs = [document(nlp, *each, votes=True) for each in TEXTS] * 8
    numbered = Numbered(features)
    stretches = list(numbered.without_votes([s for doc in docs for s in numbered(doc)]))
    untold = CrfModel.fit(stretches, numbered)
    assert not any(name.startswith(("v=", "aw=", "0a=")) for name in untold.weights)
    assert max(pipe(nlp.make_doc(text)).spans["model"].attrs["scores"]) < UNLISTED
    pipe.learn(pipe.model, untold=untold)
    for each in (pipe, CrfEntityRecognizer(nlp.vocab, "ner", ["gazetteer"]).from_bytes(pipe.to_bytes())):
        doc = each(nlp.make_doc(text))
        assert found(doc) == [("Chest pain", "Disease"), ("warfarin", "Chemical")]
        assert min(doc.spans["model"].attrs["scores"]) >= UNLISTED
        assert sum(reason.weight for reason in each.why(doc, 0, 2, "Disease")) > 0
        said = {tuple(span): score for *span, score in doc.spans["model"].attrs["considered"]}
        assert each.span_scores(doc, 0, 2)["Disease"] == pytest.approx(said[0, 2, "Disease"], abs=1e-3)


def test_sure_spans_of_who_is_not_told_the_votes_are_added() -> None:
    first = [ScoredSpan(0, 1, "A", 0.2), ScoredSpan(4, 5, "A", 0.99)]
    more = [ScoredSpan(0, 1, "A", 0.95), ScoredSpan(2, 3, "A", 0.89), ScoredSpan(4, 5, "A", 0.9)]
    assert added(first, more) == [ScoredSpan(0, 1, "A", 0.95), first[1]]


def judging(weights: Mapping[str, Sequence[float]]) -> SpanScorer:
    rows = {name: np.array(row, dtype="float32") for name, row in weights.items()}
    return SpanScorer(("Chemical", "Disease"), rows, np.zeros((len(PLACES), 0, 3), dtype="float32"))


def test_spans_are_judged_as_a_whole_and_what_judges_them_is_saved() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    text = "Severe headache after warfarin."
    before = {tuple(s): p for *s, p in pipe(nlp.make_doc(text)).spans["model"].attrs["considered"]}
    pipe.learn(pipe.model, spans=judging({"own": (1, 0, 0), "before w=severe": (0, 0, -9), "": (0, 0, 0)}))
    for each in (pipe, CrfEntityRecognizer(nlp.vocab, "ner", []).from_bytes(pipe.to_bytes())):
        doc = each(nlp.make_doc(text))
        now = {tuple(s): p for *s, p in doc.spans["model"].attrs["considered"]}
        assert now.keys() == before.keys()
        judged = (before[1, 2, "Disease"] + 1 / (1 + np.exp(9 - log_odds(before[1, 2, "Disease"])))) / 2
        assert now[1, 2, "Disease"] == pytest.approx(judged, abs=1e-3)
        assert now[3, 4, "Chemical"] == pytest.approx(before[3, 4, "Chemical"], abs=1e-3)
        assert each.span_scores(doc, 1, 2)["Disease"] == pytest.approx(judged, abs=1e-3)
        against = next(r for r in each.why(doc, 1, 2, "Disease") if "as a whole" in r.text)
        assert against.weight == pytest.approx(log_odds(judged) - log_odds(before[1, 2, "Disease"]), abs=0.1)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "crf.msgpack").write_bytes(b"\x81\xa1x\x01")
    with pytest.raises(ModelError, match=r"crf\.msgpack.*Train the model again"):
        CrfEntityRecognizer(blank().vocab, "ner", []).from_disk(tmp_path)


def test_why_names_the_heaviest_features() -> None:
    nlp = blank()
    pipe = recognizer(nlp, votes=True)
    doc = document(nlp, "Severe headache.", [(7, 15, "Disease")], votes=True)
    reasons = pipe.why(doc, 1, 2, "Disease")
    assert any("by the term lists Disease is exactly this word" in reason.text for reason in reasons)
    assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)
    assert pipe.why(doc, 0, 1, "Symptom") == []
    vote = next(s for s in suggestions_from_doc(pipe(doc)) if s.label == "Disease").model
    assert vote is not None
    assert vote.evidence["method"] == "weights"
    assert "the rules say Disease (+" in vote.evidence["reference"]


def test_stretches_end_at_blank_lines_and_long_ones_at_a_line_or_sentence() -> None:
    doc = blank().make_doc("One. Two 3.5 mg\nthree! End\n\nOf it")
    assert [doc[a:b].text.strip() for a, b in stretches(doc)] == ["One. Two 3.5 mg\nthree! End", "Of it"]
    doc = blank().make_doc("so " * 700 + "ended. " + "so " * 10)
    assert [b - a for a, b in stretches(doc)] == [702, 10]


def test_a_mention_over_a_line_break_is_learned() -> None:
    nlp = blank()
    courts = [f"{a} COURT OF {b}\nAT {c}" for a, b, c in zip("ABCD", "EFGH", "IJKL", strict=True)]
    docs = [document(nlp, f"THE {court}\nBETWEEN", [(4, 4 + len(court), "COURT")]) for court in courts]
    pipe = nlp.add_pipe("crf_ner", name="ner")
    pipe.learn(fitted(TokenFeatures(()), docs))
    assert found(nlp("THE M COURT OF N\nAT O\nBETWEEN")) == [("M COURT OF N\nAT O", "COURT")]


def test_where_spans_overlap_the_surest_stands() -> None:
    spans = [ScoredSpan(0, 2, "X", 0.4), ScoredSpan(1, 3, "X", 0.5), ScoredSpan(4, 5, "X", 0.3)]
    assert surest(spans, 0.35) == [spans[1]]
    assert surest(spans, 0.2) == spans[1:]


def test_mention_over_a_blank_line_begins_again() -> None:
    nlp = blank()
    doc = nlp.make_doc("New\n\nYork")
    doc.set_ents([Span(doc, 0, len(doc), "GPE")])
    assert bio_tags(doc)[-1] == "I-GPE"
    assert [tags[0] for *_, tags in tagged(doc)] == ["B-GPE", "B-GPE"]


def test_words_with_line_breaks_and_arrows_are_learned() -> None:
    nlp = blank()
    docs = [document(nlp, text, [(0, 4, "X")]) for text in ("Acme\n--> y", "Acme \r\n(0) a --> b")]
    features = TokenFeatures(())
    model = fitted(features, docs)
    assert model.tags == ("O", "B-X", "I-X")
    assert any("\n" in name for name in model.weights)


def test_what_the_rules_say_of_a_word_elsewhere_in_the_document_is_seen() -> None:
    nlp = blank()
    doc = document(nlp, "Zolpax, or zolpax, was given.", [(0, 6, "Drug")], votes=True)
    rows = TokenFeatures(["gazetteer"])(doc)
    said = [[name for part in row for name in part if str(name).startswith("d")] for row in rows]
    assert said[0] == ["d=O", "da=O|S-Drug"]
    assert said[3] == ["d=Drug", "da=Drug|O"]
    assert not any(each for n, each in enumerate(said) if n not in (0, 3))


def test_words_known_from_raw_text_are_like_one_another() -> None:
    nlp = blank()
    raw = [
        f"{a} acts on {b}." for a in ("Alpha", "Beta", "Gamma") for b in ("cells", "bone", "skin", "liver")
    ]
    words = build_words([*raw, "We saw nobody today, and delta never."] * 3, BuildSettings(classes=(3,)))
    texts = [("We saw alpha today.", "alpha"), ("We saw beta today.", "beta"), ("We saw nobody today.", "")]
    docs = [
        document(nlp, text, [(text.index(name), text.index(name) + len(name), "X")] if name else [])
        for text, name in texts
    ]
    features = TokenFeatures((), words)
    pipe = nlp.add_pipe("crf_ner", name="ner")
    pipe.learn(fitted(features, docs), words)
    assert found(nlp("We saw gamma today.")) == [("gamma", "X")]
    assert not found(nlp("We saw delta today."))
    said = [reason.text for reason in pipe.why(nlp.make_doc("gamma"), 0, 1, "X", most=9)]
    assert "words used like it in raw text" in said
    assert any(text.startswith("the class of the word is") and text.endswith(" of 3") for text in said)
    again = CrfEntityRecognizer(nlp.vocab, "ner", ()).from_bytes(pipe.to_bytes())
    assert [ent.text for ent in again(nlp.make_doc("We saw gamma today.")).ents] == ["gamma"]


def test_shipped_words_are_kept_by_name() -> None:
    nlp = blank()
    pipe = recognizer(nlp)
    pipe.learn(pipe.model, load_words("medical"))
    packed = pipe.to_bytes()
    assert len(packed) < 100_000
    again = CrfEntityRecognizer(nlp.vocab, "ner", ()).from_bytes(packed)
    assert again.words is load_words("medical")
    kept = srsly.msgpack_loads(packed)
    kept["words"]["fingerprint"] = "of another version"
    with pytest.raises(ModelError, match="other medical words"):
        again.from_bytes(srsly.msgpack_dumps(kept))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-1w=severe", "right before it the word is severe"),
        ("2s=Xx", "two behind it its shape is Xx"),
        ("s3=ine", "it ends with ine"),
        ("p3=cis", "it begins with cis"),
        ("0a=S-Disease", "the rules say Disease"),
        ("aw=B-Disease|a|b", "the rules say Disease"),
        ("1a=O", "right behind it the rules say nothing"),
        ("1w=", "right behind it the word is none, the text ends"),
        ("-2c=?", "two before it the class of the word is unknown"),
        ("0c200=7", "the class of the word is 7 of 200"),
        ("v=gazetteer|Disease|10", "by the term lists Disease begins here"),
        ("x12", "words used like it in raw text"),
        ("-1h=", "right before it a word of which nothing is learned"),
        ("y=naive", "a part of it is naive"),
        ("d=O", "elsewhere in the document the rules say nothing of the word"),
        ("da=Disease+O|S-Disease", "elsewhere in the document the rules say Disease and nothing of the word"),
    ],
)
def test_features_are_told(name: str, said: str) -> None:
    assert told(name) == said
