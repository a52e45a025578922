"""What models answered, kept so that nothing is asked twice; and an address, asked within bounds.

It speaks the OpenAI protocol (Ollama, llama.cpp, vLLM). Only this machine is asked unless the user named the
host: nothing of a document leaves by a settings file alone. Proxies and redirects are not followed. An answer
has a longest time and a largest size, whatever the other side does.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from hybrid_ner.errors import InputError
from hybrid_ner.io import cache_folder, kept_database
from hybrid_ner.text import plain_line, quantity

CACHE_VARIABLE = "HYBRID_NER_ANSWERS"
"""Folder of the kept answers; by default ``hybrid_ner`` in the user's cache folder."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A span that a model named.

    Args:
        start: First character of the text that was asked about.
        end: One past the last.
        label: In the model's own words.
        score: Its probability; ``None`` where it gives none.
        words: What it said about it.
        by: Who found it, where the model passes on what others did.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    words: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one text.

    Args:
        problems: What was answered but cannot be used, for people.
        unanswered: Why nothing came back; such a text is asked again the next time.
    """

    answers: tuple[Answer, ...] = ()
    problems: tuple[str, ...] = ()
    unanswered: str = ""

    def packed(self) -> str:
        """For the file of kept answers."""
        rows = [[a.start, a.end, a.label, a.score, a.words, a.by] for a in self.answers]
        return json.dumps([rows, self.problems], ensure_ascii=False)

    @classmethod
    def unpacked(cls, kept: str) -> Reply:
        """The inverse of ``packed``."""
        rows, problems = json.loads(kept)
        return cls(tuple(Answer(*row) for row in rows), tuple(problems))


@dataclass
class ModelReport:
    """What one source did.

    Args:
        windows: Texts that it was to answer.
        kept: Of them, those that were answered before.
        unanswered: Of them, those without an answer.
        problems: Answers, or parts of one, that could not be used.
        tokens_in: Tokens read, where the model counts them.
        tokens_out: Tokens written.
        seconds: Spent waiting for it.
        absent: Texts that a file of predictions does not have.
        left_out: Spans by label that the label map does not name.
    """

    windows: int = 0
    kept: int = 0
    unanswered: int = 0
    problems: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    absent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def line(self, name: str) -> str:
        said = f"{name}: {quantity(self.windows, 'window')}"
        said += f", {self.kept:,} answered before" if self.kept else ""
        said += f", {self.seconds:.1f} s" if self.seconds >= 0.05 else ""
        if self.tokens_in or self.tokens_out:
            said += f", {self.tokens_in:,} tokens read and {self.tokens_out:,} written"
        said += f"; {quantity(self.problems, 'answer')} not usable" if self.problems else ""
        said += f"; {quantity(self.unanswered, 'window')} without an answer" if self.unanswered else ""
        absent = f"; {quantity(self.absent, 'text')} not in its file, or without entities there"
        said += absent if self.absent else ""
        others = ", ".join(f"{label} {count:,}" for label, count in self.left_out.most_common())
        return said + (f"; labels that are not in its map: {others}" if others else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain values; ``add`` takes them back."""
        return {**asdict(self), "seconds": round(self.seconds, 2), "left_out": dict(self.left_out)}

    def add(self, other: Mapping[str, Any]) -> None:
        """Take in the counts of another."""
        for name, value in other.items():
            if name == "left_out":
                self.left_out.update(value)
            elif hasattr(self, name):
                setattr(self, name, getattr(self, name) + value)


_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT)"


class KeptAnswers:
    """Answers on disk, by what was asked; each is written whole or not at all.

    Args:
        path: The file; ``None`` keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @classmethod
    def of(cls, setting: str) -> KeptAnswers:
        if setting == "off":
            return cls(None)
        folder = os.environ.get(CACHE_VARIABLE) or str(cache_folder())
        path = Path(setting or Path(folder, "answers.sqlite3")).expanduser()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # answers quote documents
        except OSError as error:
            said = f"answers of models are not kept: {path}: {error.strerror}. Set {CACHE_VARIABLE}."
            warnings.warn(said, stacklevel=2)
            return cls(None)
        return cls(path)

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Those that were answered before."""
        marks = ", ".join("?" * len(keys))
        rows = self._run(f"SELECT key, answer FROM answers WHERE key IN ({marks})", keys)
        return {key: Reply.unpacked(answer) for key, answer in rows}

    def put(self, key: str, reply: Reply) -> None:
        self._run("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, reply.packed()))

    def _run(self, query: str, values: Sequence[str]) -> list[Any]:
        if self.path is None:
            return []
        # A connection for each call: a source may be used in several threads and processes.
        with kept_database(self.path, _SCHEMA) as kept:
            return kept.execute(query, values).fetchall()


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
            broke = f"the connection broke ({_reason(error)})"
            raise NoAnswer(f"no whole answer in {self.timeout:g} s" if late else broke, late=late) from error
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
            raise NoAnswer(f"HTTP {status}: {said}", status, _seconds(wait))
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
    if response.length:  # of a body whose size was said; ``read1`` takes a lost connection for the end
        raise HTTPException(f"it ended {response.length:,} bytes too early")
    return b"".join(parts)


def _seconds(said: str) -> float:
    """What ``Retry-After`` asks for: seconds or a date (RFC 9110); 0 where it says nothing usable."""
    try:
        until = float(said)
    except ValueError:
        try:
            until = parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return until if 0 < until < 1 << 30 else 0.0


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else ""
    return said or plain_line(str(error)) or type(error).__name__
