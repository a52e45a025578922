"""Votes on a document survive writing, reading and serialization."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from hybrid_ner.matching import Evidence, Match
from hybrid_ner.sources import VETO, aggregate, read_matches, view_of, write_matches
from hybrid_ner.text.tokenizer import blank

NLP = blank()
TEXT = "history of lung cancer stage iv"
MATCH = Match(
    11,
    22,
    "Disease",
    ("A:1", "B:2"),
    0.9,
    Evidence("fuzzy", "lung cancer", "lung cancers", "f.tsv", 7, ("- s",), 0.9),
)


def test_matches_survive_a_docbin() -> None:
    doc = NLP.make_doc(TEXT)
    assert write_matches(doc, "terms", [MATCH]) == []
    docbin = DocBin(store_user_data=False)
    docbin.add(doc)
    (copied,) = DocBin().from_bytes(docbin.to_bytes()).get_docs(NLP.vocab)
    assert read_matches(copied, "terms") == [MATCH]


def test_rows_of_evidence_are_no_field_of_it() -> None:
    fuzzy = MATCH.evidence
    assert fuzzy is not None
    row = fuzzy.row_of(MATCH.concept_ids, MATCH.score)
    assert (row["concepts"], row["edits"], row["row"]) == (["A:1", "B:2"], ["- s"], 7)
    assert json.loads(json.dumps(asdict(fuzzy)))["reference"] == "lung cancers"
    assert pickle.loads(pickle.dumps(fuzzy)) == fuzzy


def test_match_inside_a_token_is_returned_not_dropped() -> None:
    doc = NLP.make_doc(TEXT)
    (left,) = write_matches(doc, "terms", [Match(12, 22, "Disease"), MATCH])
    assert (left.start, left.end, left.surface) == (12, 22, "ung cancer")
    assert len(doc.spans["terms"]) == 1


def test_absent_source_has_no_matches() -> None:
    assert read_matches(NLP.make_doc(TEXT), "nobody") == []


def _chosen(**groups: list[Match]) -> list[tuple[str, int, int, str]]:
    doc = NLP.make_doc(TEXT)
    for name, matches in groups.items():
        write_matches(doc, name, matches)
    return [(v.source, v.match.start, v.match.end, v.match.label) for v in aggregate(doc, list(groups))]


def test_longest_vote_wins_then_the_more_trusted_source() -> None:
    short, long = Match(16, 22, "A"), Match(11, 22, "B")
    assert _chosen(first=[short], second=[long]) == [("second", 11, 22, "B")]
    assert _chosen(first=[Match(11, 22, "C")], second=[long]) == [("first", 11, 22, "C")]


def test_veto_hits_only_earlier_sources_and_only_the_same_characters() -> None:
    votes = [Match(11, 22, "A"), Match(23, 31, "B")]
    assert _chosen(first=votes, second=[Match(11, 22, VETO)]) == [("first", 23, 31, "B")]
    assert len(_chosen(first=[Match(11, 22, VETO)], second=votes)) == 2
    assert len(_chosen(first=votes, second=[Match(11, 15, VETO)])) == 2


def _one_by_one(groups: list[list[Match]]) -> list[tuple[int, Match]]:
    """The rule of ``aggregate`` as it is told: every vote against all that were taken before."""
    votes: list[tuple[int, Match]] = []
    for rank, matches in enumerate(groups):
        against = {m[:2] for m in matches if m.label == VETO}
        votes = [vote for vote in votes if vote[1][:2] not in against]
        votes += [(rank, match) for match in matches if match.label != VETO]
    model = {id(m): m.evidence is not None and m.evidence.method == "model" for _, m in votes}
    votes.sort(key=lambda v: (model[id(v[1])], v[1].start - v[1].end, v[0], v[1].start))
    taken: list[tuple[int, Match]] = []
    for vote in votes:
        if all(vote[1].end <= m.start or m.end <= vote[1].start for _, m in taken):
            taken.append(vote)
    return sorted(taken, key=lambda vote: vote[1].start)


_WORDS = "a b c d e f g h"
_VOTE = st.builds(
    lambda start, words, label, method: Match(
        2 * start, 2 * min(8, start + words) - 1, label, evidence=Evidence(method, "", "")
    ),
    st.integers(0, 7),
    st.integers(1, 4),
    st.sampled_from(["A", "B", VETO]),
    st.sampled_from(["pattern", "model"]),
)


@given(st.lists(st.lists(_VOTE, max_size=5), max_size=3))
def test_votes_are_chosen_as_one_by_one(groups: list[list[Match]]) -> None:
    doc = NLP.make_doc(_WORDS)
    for number, matches in enumerate(groups):
        assert write_matches(doc, str(number), matches) == []
    chosen = aggregate(doc, [str(number) for number in range(len(groups))])
    assert [(int(source), match) for source, match in chosen] == _one_by_one(groups)


def test_sources_of_a_document_share_one_text_and_the_votes_as_objects() -> None:
    doc = blank()("aspirin and warfarin")
    write_matches(doc, "first", [Match(0, 7, "Chemical")])
    view = view_of(doc)
    assert view_of(doc) is view
    assert view_of(view) is view
    assert read_matches(doc, "first")[0] is read_matches(view, "first")[0]
    assert view.text == doc.text


def test_votes_are_read_from_the_document_again_when_its_groups_were_changed() -> None:
    doc = blank()("aspirin and warfarin")
    write_matches(doc, "first", [Match(0, 7, "Chemical")])
    doc.spans["first"] = [doc[2:3]]
    assert [(m.start, m.end) for m in read_matches(doc, "first")] == [(12, 20)]


def test_groups_of_votes_are_made_when_asked_for_and_look_like_any() -> None:
    doc = NLP.make_doc(TEXT)
    write_matches(doc, "terms", [MATCH])
    write_matches(doc, "others", [Match(23, 31, "Stage")])
    assert (len(doc.spans), list(doc.spans), "terms" in doc.spans) == (2, ["terms", "others"], True)
    assert not isinstance(doc.spans.data["terms"], SpanGroup)  # none of these made one
    assert repr(copy.copy(doc.spans)) == repr(doc.copy().spans) == repr(doc.spans)
    assert "lung cancer" in repr(doc.spans)
    (span,) = doc.spans["terms"]
    assert (span.label_, span.kb_id_, span.id_) == ("Disease", "A:1", "lung cancers")
    assert doc.spans["terms"].attrs["evidence"]["11:22:Disease"]["row"] == 7
    assert doc.spans.pop("others")[0].text == "stage iv"
    doc.spans["terms"].append(Span(doc, 0, 1, "X"))
    assert [match.label for match in read_matches(doc, "terms")] == ["Disease", "X"]


def test_groups_that_nobody_asked_for_do_not_keep_the_document() -> None:
    doc = NLP.make_doc(TEXT)
    write_matches(doc, "terms", [MATCH])
    left = weakref.ref(doc)
    gc.disable()
    del doc
    gone = left() is None
    gc.enable()
    assert gone


def test_the_view_does_not_travel_with_a_saved_document() -> None:
    doc = blank()("aspirin")
    write_matches(doc, "first", [Match(0, 7, "Chemical")])
    copied = Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert view_of(copied) is not view_of(doc)
    assert read_matches(copied, "first") == read_matches(doc, "first")
