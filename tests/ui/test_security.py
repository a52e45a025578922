"""Headers of every answer."""

from __future__ import annotations

import asyncio
from typing import Any

from hybrid_ner.ui.security import SecurityHeaders, server_flags


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"Referrer-Policy", b"unsafe-url")]}
    )
    await send({"type": "http.response.body", "body": b"x"})


def answers(scope: dict[str, Any]) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(application)(scope, None, send))  # type: ignore[arg-type]
    return sent


def test_every_answer_carries_the_policy() -> None:
    found = answers({"type": "http"})[0]["headers"]
    policy = dict(found)[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-" in policy


def test_our_headers_replace_weaker_ones() -> None:
    found = [
        value for name, value in answers({"type": "http"})[0]["headers"] if name.lower() == b"referrer-policy"
    ]
    assert found == [b"no-referrer"]


def test_other_protocols_pass_untouched() -> None:
    assert answers({"type": "websocket"})[0]["headers"] == [(b"Referrer-Policy", b"unsafe-url")]


def test_server_listens_on_this_machine_and_reports_nothing() -> None:
    flags = server_flags(8501, "127.0.0.1")
    options = dict(zip(flags[::2], flags[1::2], strict=True))
    assert options["--server.address"] == "127.0.0.1"
    assert options["--browser.gatherUsageStats"] == "false"
    assert int(options["--server.maxUploadSize"]) <= 10


def allowed(flags: list[str]) -> list[str]:
    pairs = zip(flags[::2], flags[1::2], strict=True)
    return [value for name, value in pairs if name == "--server.allowedHosts"]


def test_page_of_this_machine_answers_to_known_names_only() -> None:
    assert allowed(server_flags(8501, "127.0.0.1")) == ["127.0.0.1", "localhost", "::1"]
    assert allowed(server_flags(8501, "127.0.0.1", ["ner.ward.test"]))[-1] == "ner.ward.test"
    assert allowed(server_flags(8501, "0.0.0.0")) == ["*"]
