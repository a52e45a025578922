"""What a language model wrote: read where one reading is possible, else named; quotes found in the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.sources.models.replies import aligned, read_rows

ROW = {"quote": "fever", "label": "Disease"}
PLAIN = json.dumps([ROW])


@pytest.mark.parametrize(
    "written",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Here are the entities:\n{PLAIN}\nI hope this helps [really]!",
        f"<think>Is [it] a {{disease}}?</think>{PLAIN}",
        json.dumps({"entities": [ROW]}),
        json.dumps(ROW),
        '[{"quote": "fever", "label": "Disease",},]',
        "[{'quote': 'fever', 'label': 'Disease'}]",
        '[{"quote": "fever", "label": "Disease"}',
        "{'quote': 'fever', 'label': 'Disease'}",
    ],
)
def test_one_row_in_many_clothes(written: str) -> None:
    found = read_rows(written)
    assert found.rows == (ROW,)
    assert found.problems == ()


OTHER = {"quote": "cough", "label": "Disease"}


@pytest.mark.parametrize(
    "written",
    [
        f"Acute:\n{PLAIN}\nChronic:\n{json.dumps([OTHER])}",  # an array for each label
        f"As said in [1], [sic]: {json.dumps([ROW, OTHER])}",
        f"The [text] says {{much}}.</think>{json.dumps([ROW, OTHER])}",  # the server began the thought itself
        f"```json\n[]\n```\nNo, wait:\n{json.dumps([ROW, OTHER])}",
        '{"quote": "fever", "label": "Disease",}\n{"quote": "cough", "label": "Disease"}',
        json.dumps({"mentions": [ROW, OTHER], "notes": []}),
    ],
)
def test_nothing_behind_the_first_json_is_lost(written: str) -> None:
    found = read_rows(written)
    assert found.rows == (ROW, OTHER)
    assert found.problems == ()


def test_a_row_may_hold_a_list_and_a_broken_last_one_is_named() -> None:
    row = {**ROW, "also": ["pyrexia"]}
    found = read_rows(json.dumps(row) + '\n{"quote": "cou')
    assert found.rows == (row,)
    assert found.problems == ('an answer that breaks off: “{"quote": "cou”',)


def test_half_characters_and_control_codes_stay_in_no_words() -> None:
    rows = read_rows(
        '[{"quote": "May", "label": "Drug", "why": "\\ud83d a \\u001b[31m month"}, {"quote": "\\ud83d"}]'
    )
    reply = aligned(TEXT, rows.rows, ["Drug"])
    assert reply.answers[0].words == "a [31m month"
    assert "\n".join(reply.problems).isprintable()


def test_of_very_many_problems_the_first_are_listed_and_the_rest_counted() -> None:
    reply = aligned(TEXT, [{"quote": f"x{n}", "label": "Drug"} for n in range(1_000)], ["Drug"])
    assert len(reply.problems) == 101
    assert reply.problems[-1] == "900 more rows that cannot be used"


@pytest.mark.parametrize(
    "written", ["[" * 100_000, '{"a' * 100_000, "{x " * 100_000, '[{"quote":"' + "x" * 1_000_000]
)
def test_long_nonsense_is_read_once(written: str) -> None:
    assert not read_rows(written).found


def test_json_lines() -> None:
    assert read_rows(f"{json.dumps(ROW)}\n{json.dumps(ROW)}\n").rows == (ROW, ROW)


def test_whole_rows_are_taken_and_the_broken_end_is_named() -> None:
    for head in ("[", '{"entities": ['):
        found = read_rows(head + json.dumps(ROW) + ', {"quote": "cou')
        assert found.rows == (ROW,)
        assert found.problems == ('an answer that breaks off: “{"quote": "cou”',)


@pytest.mark.parametrize("written", ["", "I cannot help with that.", "[broken", "[[[[", "{" * 5000, "[1, 2"])
def test_what_is_no_json_is_named(written: str) -> None:
    found = read_rows(written)
    assert not [row for row in found.rows if isinstance(row, dict)]
    assert found.problems or found.rows


def test_nothing_is_not_a_problem() -> None:
    assert read_rows("[]") == read_rows("```\n[]\n```")
    assert read_rows("[]").found


@given(st.text(st.sampled_from("[]{}\",:'ab\\\n `<think>/"), max_size=60))
def test_anything_may_be_written(written: str) -> None:
    read_rows(written)


TEXT = "Fever in May.  No fever since; “feverish” mood. Heart\nfailure, and a naïve – fever."


def spans(*rows: object, text: str = TEXT) -> list[tuple[int, int, str]]:
    return [(a.start, a.end, a.label) for a in aligned(text, rows, ["Disease", "Drug"]).answers]


def test_a_quote_stands_for_all_its_places_but_not_inside_of_words() -> None:
    found = spans(ROW)
    assert [TEXT[a:b] for a, b, _ in found] == ["Fever", "fever", "fever"]


def test_context_chooses_among_places_whatever_its_punctuation() -> None:
    at = TEXT.index("fever since")
    assert spans({**ROW, "before": "No", "after": "since"}) == [(at, at + 5, "Disease")]
    assert spans({**ROW, "before": "naive -"}) == [(len(TEXT) - 6, len(TEXT) - 1, "Disease")]
    nowhere = aligned(TEXT, [{**ROW, "before": "high"}], ["Disease"])
    assert nowhere.answers == ()
    assert nowhere.problems == ("“fever” stands 3 times, and never after “high”",)


def test_one_place_needs_no_context_and_no_offsets() -> None:
    row = {"quote": "heart failure,", "label": "disease", "start": 3, "end": 9, "before": "wrong"}
    assert [TEXT[a:b] for a, b, _ in spans(row)] == ["Heart\nfailure"]


def test_whatever_cannot_be_used_is_named() -> None:
    rows = [
        {"quote": "lupus", "label": "Disease"},
        {"quote": "ever", "label": "Disease"},
        {"quote": "May", "label": "Month"},
        {"quote": " , ", "label": "Drug"},
        {"label": "Drug"},
        "May",
        7,
        {"quote": "May", "label": "Drug"},
        {"quote": "May", "label": "Disease"},
    ]
    reply = aligned(TEXT, rows, ["Disease", "Drug"])
    assert [(a.start, a.label) for a in reply.answers] == [(9, "Drug")]
    said = "\n".join(reply.problems)
    for part in (
        "not in the text: “lupus”",
        "only inside of words: “ever”",
        "not asked for, “Month”",
        "an empty quote for Drug",
        'a row without a quote: “{"label": "Drug"}”',
        "“May” is called Drug and Disease: the first stands",
    ):
        assert part in said
    assert len(reply.problems) == 8
