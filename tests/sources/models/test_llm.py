"""A language model as a source, against a server on this machine: recorded answers, and hostile ones."""

from __future__ import annotations

import json
import re
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
import spacy

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.pipeline.labeling import notes_of, take_reports
from hybrid_ner.sources import read_matches
from hybrid_ner.sources.models import UNKNOWN
from hybrid_ner.sources.models.endpoint import Endpoint, NoAnswer, _seconds, allow_remote
from hybrid_ner.sources.models.llm import PROMPT, LlmSettings, LlmSource
from hybrid_ner.sources.models.settings import read_models
from hybrid_ner.terms import Gazetteer, Term
from tests.sources.models.server import Handler, Server, endlessly, message, rows, serving, slowly

TERMS = Gazetteer.of([Term("aspirin", "Drug")])
LABELS = {"Disease": "a disease or symptom", "Drug": ""}
TEXT = "Lupus and fever; aspirin given."


def llm(address: str, **more: Any) -> LlmSource:
    return LlmSource(
        LlmSettings(
            address, **{"labels": LABELS, "counts": True, "timeout": 60.0, "tries": 1, "parallel": 1, **more}
        )
    )


def found(source: LlmSource, text: str = TEXT) -> list[tuple[str, str]]:
    doc = rule_pipeline(TERMS, sources=[source])(text)
    return [(text[m.start : m.end], m.label) for m in read_matches(doc, source.name)]


def problems(source: LlmSource, text: str = TEXT) -> list[str]:
    doc = rule_pipeline(TERMS, sources=[source])(text)
    return notes_of(doc).get(source.name, {}).get("problems", [])


def test_votes_say_model_prompt_and_the_models_own_words() -> None:
    with serving(rows(("lupus", "disease"), ("aspirin", "Drug"))) as server:
        nlp = rule_pipeline(TERMS, sources=[llm(server.address)])
        doc = nlp(TEXT)
    match = read_matches(doc, "llm")[0]
    assert match.evidence is not None
    assert match.evidence.method == "model"
    assert match.evidence.reference == f"small-model says Disease, prompt {PROMPT}, no probability"
    assert match.evidence.words == "a test"
    assert match.score == UNKNOWN
    assert [(e.text, e.label_) for e in doc.ents] == [("Lupus", "Disease"), ("aspirin", "Drug")]
    assert doc.spans["rule"].attrs["sources"] == ["llm", "gazetteer"]
    system = server.asked[0]["messages"][0]["content"]
    assert "- Disease: a disease or symptom\n- Drug\n" in system
    assert server.texts() == [TEXT]
    report = take_reports(nlp)["llm"]
    assert (report.windows, report.tokens_in, report.tokens_out) == (1, 100, 10)


def test_what_a_model_says_stands_only_where_no_rule_does() -> None:
    with serving(rows(("aspirin given", "Disease"))) as server:
        doc = rule_pipeline(TERMS, sources=[llm(server.address)])(TEXT)
    assert [(e.text, e.label_) for e in doc.ents] == [("aspirin", "Drug")]
    assert len(read_matches(doc, "llm")) == 1


def test_a_source_that_does_not_count_is_only_shown() -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        doc = rule_pipeline(TERMS, sources=[llm(server.address, counts=False)])(TEXT)
    assert [e.text for e in doc.ents] == ["aspirin"]
    assert len(read_matches(doc, "llm")) == 1


def test_a_source_that_has_earned_nothing_is_only_shown() -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        nlp = rule_pipeline(TERMS, sources=[llm(server.address, counts=None)])
        doc = nlp(TEXT)
        alone = rule_pipeline(Gazetteer(), sources=[llm(server.address, counts=None)])(TEXT)
    assert [e.text for e in doc.ents] == ["aspirin"]
    assert len(read_matches(doc, "llm")) == 1
    assert [e.text for e in alone.ents] == ["Lupus"]  # no rules that it could spoil


def at_once(texts: int, parallel: int, **more: Any) -> tuple[list[int], int, Server]:
    """Entities of each text, and most questions that were under way at a time."""
    lock, under_way, most, two = threading.Lock(), [0], [0], threading.Event()

    def slow(handler: Handler, body: dict[str, Any]) -> Any:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            if under_way[0] == min(2, parallel):
                two.set()
        two.wait(60)  # however late the second one is sent
        number = int(re.findall(r"\d+", body["messages"][-1]["content"])[0])
        time.sleep(0.05 if number % 2 else 0.01)  # so that they do not come back in order
        with lock:
            under_way[0] -= 1
        return rows(*[("lupus", "Disease")] * (number % 3 > 0))

    with serving(slow) as server:
        nlp = rule_pipeline(TERMS, sources=[llm(server.address, parallel=parallel, **more)])
        found = [len(doc.ents) for doc in nlp.pipe(f"Lupus in case {n}." for n in range(texts))]
    return found, most[0], server


@pytest.mark.parametrize("cache", ["", "off"])
def test_several_questions_are_under_way_and_answers_stay_in_order(cache: str) -> None:
    found, most, server = at_once(20, 4, cache=cache)
    assert found == [int(n % 3 > 0) for n in range(20)]
    assert 1 < most <= 4
    assert len(server.asked) == 20
    alone, most_alone, _ = at_once(20, 1, cache="off")
    assert (alone, most_alone) == (found, 1)


def test_windows_of_one_long_text_are_asked_together_too() -> None:
    text = " ".join(f"Lupus in case {n}." for n in range(400))
    with serving(rows(("lupus", "Disease"))) as server:
        source = llm(server.address, parallel=3, window=600)
        doc = rule_pipeline(TERMS, sources=[source])(text)
    assert len(doc.ents) == 400
    assert len(server.asked) == source.report.windows > 10


def test_a_dead_server_is_one_line_with_many_questions_under_way() -> None:
    with serving("") as server:
        pass
    source = llm(server.address, parallel=4, model="m")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        docs = list(rule_pipeline(TERMS, sources=[source]).pipe(f"Aspirin in case {n}." for n in range(30)))
    assert [str(w.message) for w in told] == [
        f"the source 'llm': nobody answers at {server.address} (Connection refused); "
        "the other sources go on without it."
    ]
    assert [len(doc.ents) for doc in docs] == [1] * 30
    assert source.report.unanswered == 30


def test_a_server_that_is_too_slow_for_several_is_asked_one_at_a_time() -> None:
    def too_many(handler: Handler, body: dict[str, Any]) -> Any:
        if len(server.asked) > 4:
            return rows(("lupus", "Disease"))
        return handler.rfile.read(1) or None  # until who asked has given up

    with serving(too_many) as server:
        source = llm(server.address, parallel=4, timeout=1, tries=4)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            docs = list(rule_pipeline(TERMS, sources=[source]).pipe(f"Lupus in case {n}." for n in range(6)))
    assert [len(doc.ents) for doc in docs] == [1] * 6
    assert len(server.asked) >= 4 + 6


def test_nothing_is_asked_twice_and_a_broken_run_goes_on(tmp_path: Path) -> None:
    texts = [f"Lupus in case {n}." for n in range(5)]

    def three_times(handler: Handler, body: dict[str, Any]) -> Any:
        if len(server.asked) > 3:
            return handler.send(503, {"error": "overloaded"})
        return rows(("lupus", "Disease"))

    with serving(three_times) as server:
        nlp = rule_pipeline(TERMS, sources=[llm(server.address, model="m")])
        with pytest.warns(UserWarning, match="HTTP 503.*the other sources go on without it"):
            first = [len(doc.ents) for doc in nlp.pipe(texts)]
        assert first == [1, 1, 1, 0, 0]
        assert len(server.asked) == 5
        server.asked.clear()
        server.answer = rows(("lupus", "Disease"))
        again = rule_pipeline(TERMS, sources=[llm(server.address, model="m")])
        assert [len(doc.ents) for doc in again.pipe(texts)] == [1] * 5
        assert server.texts() == texts[3:]
        assert take_reports(again)["llm"].kept == 3
        server.asked.clear()
        # Another prompt, model or setting is another question.
        for other in ({"guidelines": "Be strict."}, {"model": "n"}, {"temperature": 0.5}):
            found(llm(server.address, **{"model": "m", **other}), texts[0])
        assert len(server.asked) == 3


def test_kept_answers_are_private_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        found(llm(server.address))
        kept = tmp_path / "answers" / "answers.sqlite3"
        assert kept.stat().st_mode & 0o077 == 0
        kept.write_bytes(b"no database at all, " * 100)
        with pytest.raises(InputError, match=r"answers.sqlite3: .*Remove the file"):
            found(llm(server.address))
        assert found(llm(server.address, cache="off")) == [("Lupus", "Disease")]


def test_what_was_answered_counts_while_the_server_rests() -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        nlp = rule_pipeline(TERMS, sources=[llm(server.address, model="m")])
        assert len(nlp("Lupus in case 1.").spans["llm"]) == 1
    with pytest.warns(UserWarning, match="nobody answers"):
        docs = list(nlp.pipe(f"Lupus in case {n}." for n in (2, 1)))
    assert [len(doc.spans["llm"]) for doc in docs] == [0, 1]


def test_a_dead_endpoint_is_one_line_and_the_other_sources_go_on() -> None:
    source = llm("http://127.0.0.1:9/v1", model="m")
    nlp = rule_pipeline(TERMS, sources=[source])
    with pytest.warns(UserWarning, match="nobody answers") as told:
        docs = list(nlp.pipe([TEXT, "More aspirin."]))
    assert [[e.text for e in doc.ents] for doc in docs] == [["aspirin"], ["aspirin"]]
    assert len(told) == 1
    line = "nobody answers at http://127.0.0.1:9/v1 (Connection refused)"
    assert str(told[0].message) == f"the source 'llm': {line}; the other sources go on without it."
    assert notes_of(docs[1])["llm"] == {"unanswered": [f"characters 0-13: {line}"]}
    assert take_reports(nlp)["llm"].unanswered == 2


def test_hostile_answers_are_listed_and_never_guessed() -> None:
    said = json.dumps(
        [
            {"quote": "pneumonia", "label": "Disease"},
            {"quote": "lupus", "label": "Disease", "start": 999, "end": -4},
            {"quote": "fev", "label": "Disease"},
            {"quote": "fever", "label": "Person"},
        ]
    )
    with serving(said) as server:
        assert found(llm(server.address)) == [("Lupus", "Disease")]
        lines = problems(llm(server.address))
    assert len(lines) == 3
    assert all(line.startswith("characters 0-31: ") for line in lines)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (message("", refusal="That is private."), "the model refuses: That is private."),
        (message("[", "content_filter"), "the model refuses: content filter"),
        ('[{"quote": "lupus", "label": "Disease"}, {"quo', "an answer that breaks off"),
    ],
)
def test_refusals_and_broken_json_are_listed(answer: Any, line: str) -> None:
    with serving(answer) as server:
        assert any(line in each for each in problems(llm(server.address)))


def test_an_answer_without_any_json_is_missing_and_asked_for_the_next_time() -> None:
    with serving("I'm sorry, I can't help with that.") as server:
        source = llm(server.address)
        doc = rule_pipeline(TERMS, sources=[source])(TEXT)
        said = "no JSON in the answer: “I'm sorry, I can't help with that.”"
        assert notes_of(doc)["llm"] == {"unanswered": [f"characters 0-{len(TEXT)}: {said}"]}
        assert (source.report.unanswered, source.report.problems) == (1, 0)
        server.answer = rows(("lupus", "Disease"))
        assert found(llm(server.address)) == [("Lupus", "Disease")]


def test_prose_is_answered_by_one_more_question() -> None:
    def once(handler: Handler, body: dict[str, Any]) -> str:
        return "Sure! I see lupus." if len(server.asked) == 1 else rows(("lupus", "Disease"))

    with serving(once) as server:
        assert found(llm(server.address)) == [("Lupus", "Disease")]
        assert [len(body["messages"]) for body in server.asked] == [2, 4]


def test_an_answer_that_is_too_long_is_asked_for_in_pieces() -> None:
    text = " ".join(f"Sentence {n} tells of lupus." for n in range(60))

    def short(handler: Handler, body: dict[str, Any]) -> Any:
        asked = body["messages"][-1]["content"]
        whole = rows(("lupus", "Disease"))
        return message(whole[:20], "length") if len(asked) > 600 else whole

    with serving(short) as server:
        assert found(llm(server.address), text) == [("lupus", "Disease")] * 60
        assert len(server.asked) > 4


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_text_that_is_too_long_for_the_server_is_asked_in_pieces(status: int) -> None:
    text = " ".join(f"Sentence {n} tells of lupus." for n in range(60))

    def small(handler: Handler, body: dict[str, Any]) -> Any:
        if len(body["messages"][-1]["content"]) > 1000:
            return handler.send(status, {"error": "the context has 256 tokens"})
        return rows(("lupus", "Disease"))

    with serving(small) as server:
        assert len(found(llm(server.address), text)) == 60


@pytest.mark.parametrize(
    "other",
    [
        {"Disease": ["lupus"], "Drug": []},
        {"entities": [{"text": "lupus", "type": "Disease"}]},
        [["lupus", "Disease"]],
        {"lupus": "Disease"},
    ],
)
def test_json_of_another_form_is_no_opinion_but_one_more_question(other: Any) -> None:
    def once(handler: Handler, body: dict[str, Any]) -> str:
        return json.dumps(other) if len(server.asked) == 1 else rows(("lupus", "Disease"))

    with serving(once) as server:
        assert found(llm(server.address)) == [("Lupus", "Disease")]
    with serving(json.dumps(other)) as server:
        doc = rule_pipeline(TERMS, sources=[llm(server.address, cache="off")])(TEXT)
        assert "no object with a quote" in notes_of(doc)["llm"]["unanswered"][0]


def test_half_an_answer_is_asked_for_again() -> None:
    def half(handler: Handler, body: dict[str, Any]) -> Any:
        if len(server.asked) > 1:
            return rows(("lupus", "Disease"))
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        handler.wfile.write(b'{"choices": [')
        handler.close_connection = True
        return None

    with serving(half) as server:
        assert found(llm(server.address, tries=2)) == [("Lupus", "Disease")]


@pytest.mark.parametrize("hostile", [slowly, endlessly])
def test_endless_answers_end(hostile: Any) -> None:
    with (
        serving(hostile) as server,
        pytest.raises(NoAnswer, match=r"no whole answer in 0.5 s|more than 8 MiB"),
    ):
        Endpoint(server.address, timeout=0.5, tries=1).post("/chat/completions", {"messages": [{}]})


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("7", 7, 7),
        ("1.5", 1.5, 1.5),
        ("Sat, 01 Jan 2050 00:00:00 GMT", 1, 1 << 30),
        ("soon", 0, 0),
        ("-1", 0, 0),
    ],
)
def test_seconds_that_a_server_asks_for(said: str, low: float, high: float) -> None:
    assert low <= _seconds(said) <= high


def test_a_busy_server_is_asked_again_as_it_says() -> None:
    def busy(handler: Handler, body: dict[str, Any]) -> Any:
        if len(server.asked) == 1:
            return handler.send(429, {}, Retry_After="1")
        return "[]"

    with serving(busy) as server:
        started = time.monotonic()
        assert found(llm(server.address, tries=2, model="m")) == []
        assert time.monotonic() - started >= 1
        assert len(server.asked) == 2


@pytest.mark.parametrize("body", [{}, {"choices": []}, {"choices": [{"message": "hi"}]}, {"choices": None}])
def test_another_protocol_is_an_unanswered_question(body: dict[str, Any]) -> None:
    with serving(body) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        doc = rule_pipeline(TERMS, sources=[llm(server.address)])(TEXT)
    assert "an answer without a message" in notes_of(doc)["llm"]["unanswered"][0]


def test_several_models_on_a_server_want_a_name() -> None:
    with serving("[]", models=("a", "b")) as server:
        with pytest.warns(UserWarning, match=r"several models \(a, b\); name one: model: NAME"):
            found(llm(server.address))
        assert found(llm(f"{server.address}#b")) == []
        assert server.asked[0]["model"] == "b"


def test_no_text_leaves_this_machine_unless_the_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://10.0.0.7/v1", "https://api.example.org/v1", "http://127.0.0.1.example.org/v1"):
        with pytest.raises(InputError, match=r"is not this machine.*--allow-remote"):
            llm(address)
    for address in ("ftp://localhost/v1", "localhost:11434", "http://[bad/v1", ""):
        with pytest.raises(InputError, match="expected an address"):
            llm(address)
    allow_remote(["API.example.org"])
    source = llm("https://api.example.org/v1")
    assert source.remote == "api.example.org"
    assert llm("http://[::1]:8080/v1").remote == ""


def test_redirects_are_not_followed() -> None:
    def elsewhere(handler: Handler, body: dict[str, Any]) -> Any:
        return handler.send(307, {}, Location="http://example.org/v1/chat/completions")

    with serving(elsewhere) as server, pytest.warns(UserWarning, match="points elsewhere"):
        assert found(llm(server.address)) == []


def test_the_key_stays_in_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = []

    def look(handler: Handler, body: dict[str, Any]) -> str:
        seen.append(handler.headers["Authorization"])
        return "[]"

    with serving(look) as server:
        source = llm(server.address, key="TEST_KEY")
        with pytest.raises(InputError, match="TEST_KEY with the key is not set"):
            found(source)
        monkeypatch.setenv("TEST_KEY", "secret-word")
        nlp = rule_pipeline(TERMS, sources=[source])
        nlp(TEXT)
        save(nlp, tmp_path / "m")
    assert seen == ["Bearer secret-word"]
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"secret-word" in p.read_bytes()]


def test_a_saved_pipeline_asks_again_where_it_may(tmp_path: Path) -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        save(rule_pipeline(TERMS, sources=[llm(server.address)]), tmp_path / "m")
        doc = spacy.load(tmp_path / "m")(TEXT)
    assert [e.text for e in doc.ents] == ["Lupus", "aspirin"]
    state = tmp_path / "m" / "llm" / "source.json"
    state.write_text(state.read_text().replace("127.0.0.1", "10.1.2.3"))
    with pytest.raises(ModelError, match=r"10.1.2.3 is not this machine"):
        spacy.load(tmp_path / "m")


def test_a_domain_says_what_to_look_for() -> None:
    with serving("[]") as server:
        nlp = rule_pipeline(TERMS, "medical", sources=[f"llm:{server.address}"])
        nlp(TEXT)
        assert "- Chemical\n- Disease" in server.asked[0]["messages"][0]["content"]
        rule_pipeline(TERMS, sources=[f"llm:{server.address}"])(TEXT)
        asked = server.asked[-1]["messages"][0]["content"]
        assert all(f"- {label}\n" in asked for label in TERMS.labels), "those of the lists"
        with pytest.raises(InputError, match="no labels to ask for"):
            rule_pipeline(Gazetteer(), sources=[f"llm:{server.address}"])(TEXT)


def test_half_a_million_characters_are_read_whole() -> None:
    filler = "The patient was seen again and felt well that day. "
    marks = [f"Lupus{n}" for n in range(0, 10_000, 97)]
    text = "".join(f"{filler}{marks[n // 97]} began. " if n % 97 == 0 else filler for n in range(10_000))
    assert len(text) > 500_000

    def each(handler: Handler, body: dict[str, Any]) -> str:
        words = {w.strip(".") for w in body["messages"][-1]["content"].split() if w.startswith("Lupus")}
        return rows(*((word, "Disease") for word in sorted(words)))

    with serving(each) as server:
        assert [surface for surface, _ in found(llm(server.address), text)] == marks
        assert max(map(len, server.texts())) <= 6_000


def test_a_saved_pipeline_asks_the_model_that_its_settings_name(tmp_path: Path) -> None:
    with serving(rows(("lupus", "Disease"))) as server:
        source = llm(server.address, model="second", cache="off")
        save(rule_pipeline(TERMS, sources=[source]), tmp_path / "m")
        again = spacy.load(tmp_path / "m")  # a warning that it is another model would be an error here
        again(TEXT)
        assert again.get_pipe("llm").source.settings == source.settings
        assert [body["model"] for body in server.asked] == ["second"]


def test_settings_files_are_read_with_exact_complaints(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(
        "- llm: http://127.0.0.1:1/v1\n  name: a\n  labels: [Drug]\n- {llm: 'http://[::1]/v1', name: b}\n"
    )
    first, second = read_models(str(file))
    assert (first.name, dict(first.settings.labels), second.name) == ("a", {"Drug": "Drug"}, "b")
    for text, said in (
        (
            "- llm: http://localhost/v1\n  modle: x",
            r"models.yaml, source 1: unknown setting 'modle'. Did you mean mod",
        ),
        ("- llm: http://localhost/v1\n  timeout: soon", "timeout wants a float, found 'soon'"),
        ("- llm: http://localhost/v1\n  timeout: -1", "timeout wants 0.1 to 86400, found -1"),
        ("- llm: http://localhost/v1\n  min_score: 2", "min_score wants 0 to 1, found 2"),
        ("- llm: http://localhost/v1\n  parallel: 0", "parallel wants at least 1, found 0"),
        ("- llm: http://localhost/v1\n  counts: 1", "counts wants true or false, found 1"),
        ("- lm: http://localhost/v1", "'lm' is no kind of model. Did you mean llm?"),
        ("- llm: ''", "llm has no place"),
        ("[", "no settings of models"),
        ("7", "expected a list of models"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=said):
            read_models(str(file))
