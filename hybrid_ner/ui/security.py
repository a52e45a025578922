"""Whom the server answers, and what it tells browsers: run only what this server sent, ask nobody else."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from hybrid_ner.errors import InputError

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


def refusal(hosts: Sequence[str], origins: Sequence[str], names: Sequence[str]) -> str:
    """Why a request is not answered; empty when it is.

    The same rule for a page, a file and the socket. A site can point its own name at this machine: then the
    name is foreign. A page of another program on this machine has the same name, but another port.

    Args:
        hosts: Values of its ``Host`` header.
        origins: Values of its ``Origin`` header; programs and plain navigation send none.
        names: Names that the page is served under; ``*`` or none at all stand for any.
    """
    asked = _address(f"//{hosts[0]}") if len(hosts) == 1 else None
    if asked is None or not asked.hostname:
        return "The request names no host."
    if names and not any(_fits(asked.hostname, name) for name in names):
        return (
            f"This page is not served under the name {asked.hostname[:100]}. Where a proxy serves it, start "
            "it with --proxy-name and that name."
        )
    for origin in origins:
        page = _address(origin)
        if page is None or _place(page, page.scheme) != _place(asked, page.scheme):
            return (
                "The request comes from another page than the one it asks. A proxy must pass the Host header "
                "on as the browser sends it."
            )
    return ""


def _address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # Says whether it is a number that a port can have.
    except ValueError:
        return None
    extra = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return None if extra else parts


def _place(address: SplitResult, scheme: str) -> tuple[str, int]:
    """Name and port; browsers leave out the port that the scheme has anyway."""
    port = address.port if address.port is not None else {"http": 80, "https": 443}.get(scheme, 0)
    return (address.hostname or "").rstrip("."), port


def _fits(name: str, pattern: str) -> bool:
    pattern = pattern.strip().lower().rstrip(".")
    name = name.rstrip(".")
    return pattern == "*" or name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def _served_names() -> Sequence[str]:
    from streamlit import config

    found: Sequence[str] = config.get_option("server.allowedHosts") or ()
    return found


_LOGIN = "/auth/login"
"""Where Streamlit leads a browser on to the provider."""
_TOLD = 20
"""Different refusals that are written down: anybody may ask for any name."""


class Doors:
    """ASGI middleware: answers only who may ask (``refusal``), with ``headers()`` on every answer.

    Args:
        app: The application around which it stands.
        names: Names that it is served under; those of the server's settings by default.
    """

    def __init__(
        self,
        app: Callable[[Message, Receive, Send], Awaitable[None]],
        names: Callable[[], Sequence[str]] = _served_names,
    ) -> None:
        self.app, self.names = app, names
        self._told: set[str] = set()

    def _tell(self, why: str) -> None:
        """Tell it where the server was started, once: of a refused socket a browser shows nothing."""
        if why not in self._told and len(self._told) < _TOLD:
            self._told.add(why)
            plain = "".join(c if c.isprintable() else "?" for c in why)
            logging.getLogger(__name__).warning("A request was refused. %s", plain)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        why = refusal(_values(scope, b"host"), _values(scope, b"origin"), self.names())
        if why:
            self._tell(why)
        if scope["type"] == "websocket":
            if why:
                # Before it is accepted: the browser gets status 403.
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, receive, send)
            return
        extra = headers()
        secure = "https" in (scope.get("scheme"), *_values(scope, b"x-forwarded-proto"))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in extra}
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
                if secure:
                    kept = [*map(_over_https, kept)]
                message = {**message, "headers": [*kept, *extra]}
                if message["status"] == 400 and scope["path"].endswith(_LOGIN):
                    # The provider does not answer: back to the page, which says so, from two words on white.
                    message |= {"status": 303, "headers": [*message["headers"], (b"location", b"../")]}
            await send(message)

        if why:
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await with_headers({"type": "http.response.start", "status": 403, "headers": plain})
            await with_headers({"type": "http.response.body", "body": why.encode()})
            return
        await self.app(scope, receive, with_headers)


def _over_https(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A header; a cookie of a page with HTTPS, such as that of a sign-in, is never sent without it."""
    name, value = pair
    wanted = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return (name, value + b"; Secure") if wanted else pair


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in scope.get("headers", ()) if each.lower() == name]


def sign_in_configured() -> bool:
    """Whether ``[auth]`` is in the server's secrets.

    Raises:
        InputError: Secrets that cannot be read: they may ask for sign-in, which must not be off then.
    """
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return "auth" in st.secrets
    except (OSError, ValueError) as error:
        if isinstance(error, StreamlitSecretNotFoundError) and error.__cause__ is None:  # there are none
            return False
        raise InputError(
            f"{error}.", hint="Mend that file, or take it away if nobody is to sign in ([auth])."
        ) from error


def page_address(port: int, address: str) -> str:
    """The address of the page for browsers, where the server can listen there.

    Raises:
        InputError: Another program has the port, or the address is none of this machine.
    """
    try:
        if not address:
            raise OSError(0, "no address was given")
        kind, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        hint = "Give another --port, or stop what has this one; --host is an address of this machine."
        why = f"{error.strerror or error}".lower()
        raise InputError(f"the page cannot listen on {address!r}, port {port}: {why}.", hint=hint) from error
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def path_prefix(said: str) -> str:
    """The path under which a proxy serves the page, without slashes at its ends; empty for none.

    Raises:
        InputError: It is no plain path.
    """
    found = said.strip("/")
    if found and not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)*", found, re.ASCII):
        raise InputError(
            f"{said!r} is no path of a page.", hint="Give it as in the address, for example ner for /ner/."
        )
    return found


def server_flags(port: int, address: str, names: Iterable[str] = (), prefix: str = "") -> list[str]:
    """The settings of ``.streamlit/config.toml`` as flags: that file is read from some folders only.

    Args:
        names: Names under which a proxy serves it; no other ones are answered then, but for those of this
            machine.
        prefix: Path under which they serve it.

    Raises:
        InputError: Something that is no name of a machine, or no path.
    """
    names = [_machine(name) for name in names]
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
        "client.showErrorLinks": "false",
        "runner.magicEnabled": "false",
        # One run after the other: one that is overtaken at its beginning forgets the line that was typed.
        "runner.fastReruns": "false",
        # Between two runs nothing is heard: beside the shipped lists it took half a second to look for
        # garbage there, and what was typed was forgotten when a click came in that time.
        "runner.postScriptGC": "false",
    }
    if prefix := path_prefix(prefix):
        settings["server.baseUrlPath"] = prefix
    # A site can point its own name at this machine and read what the browser gets: known names alone may.
    hosts = (*LOOPBACK, *names) if names or address in LOOPBACK else ("*",)
    pairs = [*settings.items(), *(("server.allowedHosts", host) for host in hosts)]
    return [part for name, value in pairs for part in (f"--{name}", value)]


def _machine(name: str) -> str:
    """A name as browsers send it, without a port."""
    found = _address(f"//{name.strip().lower()}")
    plain = found.hostname if found else None
    if not plain or not re.fullmatch(r"[a-z0-9_.:-]+", plain) or plain.startswith("-"):
        raise InputError(
            f"{name!r} is no name of a machine.", hint="Give it as in the address, for example ner.ward.test."
        )
    return plain
