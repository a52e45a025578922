"""A private PostgreSQL server, for the tests and for the benchmark of many reviewers."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

__all__ = ["free_port", "private_server", "programs"]

_PORTS = SystemRandom()
"""Not the generator that a training seeds: every test process would draw the same ports."""


def programs() -> Path | None:
    """The folder of the server's programs; ``None`` when it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


def _account() -> str | None:
    """An unprivileged account: the server refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def free_port() -> int:
    """A port for a server to be started.

    It lies below those that Linux gives to outgoing connections (32768 on): one of these could be taken until
    the server listens.
    """
    while True:
        port = _PORTS.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def private_server(where: Path, options: str = "-c fsync=off") -> Iterator[str]:
    """Start a server in a temporary folder; its URL.

    Args:
        where: The folder of the server's programs.
        options: More options of the server.
    """
    account = _account()
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if account:
            shutil.chown(folder, account)
        data, port = f"{folder}/data", free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        run = {"check": True, "user": account, "cwd": folder, **quiet}
        subprocess.run([where / "initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8"], **run)  # type: ignore[call-overload]
        flags = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {options}"
        subprocess.run([where / "pg_ctl", "-D", data, "-o", flags, "-w", "-t", "300", "start"], **run)  # type: ignore[call-overload]
        try:
            yield f"postgresql://test@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **run)  # type: ignore[call-overload]
