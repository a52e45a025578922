"""A model on this machine proposes; nothing is done before a person says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.commands.help import VARIABLE, Proposer
from tests.review.helpers import statuses

ASKED: list[dict[str, object]] = []


class _Fake(BaseHTTPRequestHandler):
    answer = "no 2"

    def do_POST(self) -> None:
        ASKED.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.answer == "elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/")
            self.end_headers()
            return
        body = json.dumps({"choices": [{"message": {"content": self.answer}}]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def helper(store: ReviewStore, project: Project) -> Iterator[ReviewSession]:
    ASKED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = ReviewSession(
        store, project.name, "ana", proposer=Proposer(f"http://127.0.0.1:{server.server_port}/v1")
    )
    session.open("d1")
    yield session
    server.shutdown()
    server.server_close()


def test_a_proposal_is_a_choice_that_a_person_takes(helper: ReviewSession) -> None:
    _Fake.answer = "`no 2`\nSure!"
    reply = helper.handle("blorp the gizmo forthwith")
    assert reply.level == "ask"
    assert reply.pending is not None
    assert [line for _, line in reply.pending.choices] == ["no 2", "cancel"]
    assert "proposes `no 2`" in reply.echo
    assert helper.log() == []
    assert helper.handle("no 2").level == "done"
    assert statuses(helper)[2] == "rejected"


@pytest.mark.parametrize(
    "answer", ["", "I would reject it.", "export jsonl /etc/x", "replay x", "promote r2", "yes", "elsewhere"]
)
def test_what_is_no_line_of_a_reviewer_is_not_proposed(helper: ReviewSession, answer: str) -> None:
    _Fake.answer = answer
    assert helper.handle("blorp the gizmo forthwith").level == "error"
    assert helper.log() == []


def test_it_is_asked_only_for_what_the_rules_do_not_understand(helper: ReviewSession) -> None:
    _Fake.answer = "no 2"
    for line in ("ok 1", "2 is not a disease", "maybe 3 is a drug", "hello", "what is left?"):
        helper.handle(line)
    assert ASKED == []


@pytest.mark.parametrize(
    "url", ["http://example.org/v1", "https://127.0.0.1/v1", "http://10.0.0.1/v1", "file:///etc/passwd", "x"]
)
def test_only_this_machine_is_asked(url: str) -> None:
    with pytest.raises(InputError, match="not on this machine"):
        Proposer(url)


def test_it_is_off_by_default(session: ReviewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    assert session.proposer is None
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Proposer.from_environment() is None
    assert session.handle("blorp the gizmo forthwith").level == "error"
