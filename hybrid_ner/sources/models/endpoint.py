"""An address that speaks the OpenAI protocol (Ollama, llama.cpp, vLLM), asked within bounds.

Only this machine is asked unless the user named the host: nothing of a document leaves by a settings file
alone. Proxies and redirects are not followed. An answer has a longest time and a largest size, whatever
the other side does.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from hybrid_ner.errors import InputError
from hybrid_ner.text import plain_line

REMOTE_VARIABLE = "HYBRID_NER_ALLOW_REMOTE"
"""Hosts that the user allowed, separated by commas; processes that this one starts know them too."""
_MOST_BYTES = 8 << 20
_CHUNK = 64 << 10
_LONGEST_WAIT = 30.0
"""Seconds that a busy server may ask for."""
_BUSY = (429, 500, 502, 503, 504)
_HOPELESS = (401, 403, 404)
"""No other text would be answered: a wrong key, a wrong model, a wrong address."""


class EndpointDown(Exception):  # noqa: N818 -- it ends a run, not a question
    """Nobody answers there, or never will; the message is one line."""


class NoAnswer(Exception):  # noqa: N818
    """This question was not answered; the message is one line.

    Args:
        said: Why.
        status: The HTTP status, 0 when there was none.
        wait: Seconds that a busy server asks for.
        late: Whether the time was up.
    """

    def __init__(self, said: str, status: int = 0, wait: float = 0.0, late: bool = False) -> None:
        self.status, self.wait, self.late = status, wait, late
        super().__init__(said)


def allow_remote(hosts: Iterable[str]) -> None:
    """Let models be asked that run on these hosts, in this process and those that it starts."""
    kept = dict.fromkeys([*remote_hosts(), *(host.strip().lower() for host in hosts)])
    os.environ[REMOTE_VARIABLE] = ",".join(filter(None, kept))


def remote_hosts() -> tuple[str, ...]:
    """Hosts that the user allowed."""
    return tuple(filter(None, os.environ.get(REMOTE_VARIABLE, "").lower().split(",")))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone: no server of names is asked."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask.

    Args:
        address: For example ``http://127.0.0.1:11434/v1``.
        key: Name of the variable that holds the key, if one is needed; the key itself is never saved.
        timeout: Seconds that one answer may take.
        tries: How often a question is asked when the server is busy or does not answer.
    """

    address: str
    key: str = ""
    timeout: float = 120.0
    tries: int = 3

    @property
    def host(self) -> str:
        """Who is asked."""
        return (self._split().hostname or "").lower()

    @property
    def is_remote(self) -> bool:
        """Whether text would leave this machine."""
        return not is_loopback(self.host)

    def check(self) -> None:
        """Complain about an address that may not be asked.

        Raises:
            InputError: It is none, or its host was not allowed.
        """
        split = self._split()
        if split.scheme not in ("http", "https") or not split.hostname:
            raise InputError(
                f"expected an address such as http://127.0.0.1:11434/v1, found {self.address!r}.",
                hint="Give the address of a server that speaks the OpenAI protocol.",
            )
        if self.is_remote and self.host not in remote_hosts():
            raise InputError(
                f"{self.host} is not this machine, so no text is sent there.",
                hint=f"If the documents may leave this machine, say so: --allow-remote {self.host}.",
            )

    def _split(self) -> SplitResult:
        try:
            split = urlsplit(self.address)
            _ = split.port
        except ValueError:
            return urlsplit("")
        return split

    def get(self, path: str) -> Any:
        """JSON of a page.

        Raises:
            EndpointDown: Nobody answers.
            NoAnswer: Something else came back.
        """
        return self._once("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any], *, again: bool = True) -> Any:
        """JSON of the answer; asked again while the server is busy.

        Args:
            path: Below the address.
            body: The question.
            again: Whether a question that took too long is asked again too.

        Raises:
            EndpointDown: Nobody answers there.
            NoAnswer: It was not answered this time.
        """
        packed = json.dumps(body).encode()
        for number in range(self.tries):
            try:
                return self._once("POST", path, packed)
            except NoAnswer as error:
                hopeless = (error.status and error.status not in _BUSY) or (error.late and not again)
                if number + 1 == self.tries or hopeless:
                    raise
                time.sleep(min(_LONGEST_WAIT, error.wait or 0.5 * 2**number))
        raise AssertionError

    def _once(self, method: str, path: str, body: bytes | None) -> Any:
        self.check()
        split = self._split()
        kind = HTTPSConnection if split.scheme == "https" else HTTPConnection
        connection = kind(split.hostname or "", split.port, timeout=min(10.0, self.timeout))
        with closing(connection):
            try:
                connection.connect()
            except OSError as error:
                raise EndpointDown(f"nobody answers at {self.address} ({_reason(error)})") from error
            status, data, wait = self._exchange(connection, method, split.path.rstrip("/") + path, body)
        return self._understood(status, data, wait)

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, body: bytes | None
    ) -> tuple[int, bytes, str]:
        """Status, body and ``Retry-After``; the socket is shut when the time is up, whatever comes in."""
        ended, headers = threading.Event(), self._headers()
        opened = connection.sock

        def end() -> None:
            ended.set()
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

        opened.settimeout(self.timeout)
        watch = threading.Timer(self.timeout, end)
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data = _read(response)
            if ended.is_set():  # a socket that is shut looks like the end of the answer
                raise TimeoutError
            return response.status, data, response.headers.get("Retry-After", "")
        except (OSError, HTTPException, ValueError) as error:
            late = ended.is_set() or isinstance(error, TimeoutError)
            said = (
                f"no whole answer in {self.timeout:g} s"
                if late
                else f"the connection broke ({_reason(error)})"
            )
            raise NoAnswer(said, late=late) from error
        finally:
            watch.cancel()

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self.key:
            value = os.environ.get(self.key, "")
            if not value:
                raise InputError(f"the variable {self.key} with the key is not set.", hint="Set it.")
            headers["Authorization"] = f"Bearer {value}"
        return headers

    def _understood(self, status: int, data: bytes, wait: str) -> Any:
        if 300 <= status < 400:
            raise EndpointDown(f"{self.address} points elsewhere (HTTP {status}), which is not followed")
        if status != 200:
            said = plain_line(data[:300].decode("utf-8", "replace"))
            if status in _HOPELESS:
                raise EndpointDown(f"{self.address} refuses (HTTP {status}): {said}")
            raise NoAnswer(f"HTTP {status}: {said}", status, float(wait) if wait.isdecimal() else 0.0)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(
                f"an answer that is no JSON: {data[:80].decode('utf-8', 'replace')!r}", 200
            ) from error


def _read(response: HTTPResponse) -> bytes:
    """The body, up to a bound."""
    parts, size = [], 0
    while part := response.read1(_CHUNK):
        size += len(part)
        if size > _MOST_BYTES:
            raise HTTPException(f"more than {_MOST_BYTES >> 20} MiB came back")
        parts.append(part)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return plain_line(str(error)) or type(error).__name__
