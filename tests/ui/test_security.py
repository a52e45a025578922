"""Headers of every answer."""

from __future__ import annotations

import asyncio
from typing import Any

from hybrid_ner.ui.security import SecurityHeaders, server_options


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
    options = server_options(8501, "127.0.0.1")
    assert options["server.address"] == "127.0.0.1"
    assert options["browser.gatherUsageStats"] == "false"
    assert int(options["server.maxUploadSize"]) <= 10
