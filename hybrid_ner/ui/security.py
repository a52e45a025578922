"""What the server tells every browser: run only what this server sent, ask nobody else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["LOOPBACK", "SecurityHeaders", "headers", "server_flags"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this machine that no other machine can reach."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'wasm-unsafe-eval'{scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("cross-origin-opener-policy", "same-origin"),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@lru_cache(maxsize=1)
def headers() -> tuple[tuple[bytes, bytes], ...]:
    """Headers of every answer; the scripts in Streamlit's own first page are let through by their hash."""
    import streamlit

    page = Path(streamlit.__file__).parent / "static" / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in inline]
    policy = _POLICY.format(scripts="".join(f" 'sha256-{each}'" for each in hashes))
    return tuple((a.encode(), b.encode()) for a, b in (("content-security-policy", policy), *_HEADERS))


class SecurityHeaders:
    """ASGI middleware that adds ``headers()`` to every answer.

    Args:
        app: The application around which it stands.
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        extra = headers()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in extra}
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
                message = {**message, "headers": [*kept, *extra]}
            await send(message)

        await self.app(scope, receive, with_headers)


def server_flags(port: int, address: str, names: Iterable[str] = ()) -> list[str]:
    """The settings of ``.streamlit/config.toml`` as flags: that file is read from some folders only.

    Args:
        port: Port of the page.
        address: Address to listen on.
        names: Further names under which browsers may reach a page that only this machine can reach.
    """
    settings = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.maxUploadSize": "10",
        "server.enableXsrfProtection": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "type",
        "runner.magicEnabled": "false",
    }
    # A site can point its own name at this machine and read what the browser gets: known names alone may.
    hosts = (*LOOPBACK, *names) if address in LOOPBACK else ("*",)
    pairs = [*settings.items(), *(("server.allowedHosts", host) for host in hosts)]
    return [part for name, value in pairs for part in (f"--{name}", value)]
