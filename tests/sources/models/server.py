"""A server on this machine that speaks the OpenAI protocol and answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = str | dict[str, Any] | Callable[["Handler", dict[str, Any]], Any]
"""Text of a message; a whole body; or a function of handler and question that gives one or writes itself."""


@dataclass
class Server:
    """Its address, and the questions that it was asked.

    Args:
        answer: What it answers: one for all, or a function of the question's text.
        models: Names that it lists.
    """

    answer: Any
    models: tuple[str, ...] = ("small-model",)
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def texts(self) -> list[str]:
        """The last message of every question."""
        return [body["messages"][-1]["content"] for body in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Answers GET /v1/models and POST /v1/chat/completions."""

    server_of: Server

    def do_GET(self) -> None:
        self.send(200, {"data": [{"id": name} for name in self.server_of.models]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server_of.asked.append(body)
        answer = self.server_of.answer
        found = answer(self, body) if callable(answer) else answer
        if found is not None:
            self.send(200, found if isinstance(found, dict) else message(found))

    def send(self, status: int, body: dict[str, Any], **headers: str) -> None:
        """A whole answer."""
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def message(text: str, ended: str = "stop", **more: Any) -> dict[str, Any]:
    """An answer of the protocol."""
    choice = {"message": {"role": "assistant", "content": text, **more}, "finish_reason": ended}
    return {"choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


def rows(*pairs: tuple[str, str], **more: str) -> str:
    """JSON of quotes with labels."""
    return json.dumps([{"quote": quote, "label": label, "why": "a test", **more} for quote, label in pairs])


def slowly(handler: Handler, body: dict[str, Any]) -> None:
    """Endless white space, a little at a time."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def endlessly(handler: Handler, body: dict[str, Any]) -> None:
    """More than anybody reads."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(400):
            handler.wfile.write(b"x" * (1 << 20))
    except OSError:
        return


@contextmanager
def serving(answer: Any, models: tuple[str, ...] = ("small-model",)) -> Iterator[Server]:
    """A running server."""
    state = Server(answer, models)
    kind = type("Here", (Handler,), {"server_of": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    http.daemon_threads = True
    state.address = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
