"""A fresh process without waiting for it: forked from one that has spaCy and nothing of this package."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

_SERVER = """
import gc, json, os, runpy, sys, warnings
import catalogue, numpy, rich.console, spacy, typer  # what takes a second each time
gc.freeze()
assert not [name for name in sys.modules if name.startswith("hybrid_ner")]
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    for number, (file, flags) in enumerate(asked["files"]):
        os.dup2(os.open(file, flags), number)
    sys.stdin = open(0)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path[1:1] = filter(None, os.environ["PYTHONPATH"].split(os.pathsep))
    catalogue.AVAILABLE_ENTRY_POINTS = catalogue.importlib_metadata.entry_points()  # looked up at import
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    kind, what, *sys.argv[1:] = asked["words"]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    break
"""


@cache
def _server() -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _SERVER], text=True, cwd="/", **pipes)
    atexit.register(server.communicate)
    return server


def fresh(
    *words: str | Path, path: Sequence[Path] = (), cwd: Path | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """What ``python -m MODULE …`` or ``python -c CODE …`` does and says in a process of its own.

    Args:
        path: Folders for PYTHONPATH.
        cwd: Where; by default where this process is.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("in", "out", "err")]
        files[0].write_text(stdin, encoding="utf-8")
        modes = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2)
        asked = {
            "words": [*map(str, words)],
            "cwd": str(cwd or Path.cwd()),
            "env": {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
            "files": [*zip(map(str, files), modes, strict=True)],
        }
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        said = (each.read_text(encoding="utf-8") if each.exists() else "" for each in files[1:])
        return subprocess.CompletedProcess([*map(str, words)], code, *said)
