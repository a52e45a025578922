"""Read a stranger's file in a process of its own, with limits of time, memory and output that an error names.

A task is a function ``module:name`` that takes a plain value and yields plain values; the child gets one item
after the other and is replaced where an item stops it: one bad file costs only itself. Values travel as
JSON: nothing that the child says is ever executed.
"""

from __future__ import annotations

import io
import json
import os
import posixpath
import re
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from hybrid_ner.bounds import GIB, MIB, limited, reading, shown_size
from hybrid_ner.errors import Hint, HybridNerError, InputError, missing_part

_PACKAGES = str(Path(__file__).resolve().parent.parent)
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Every thread of a numeric library takes address space, which the limit counts."""
_SPLIT = "Split the file, or read it from the command line, where the limits can be raised."


@dataclass(frozen=True, slots=True)
class Guard:
    """What one item may use.

    Args:
        seconds: Of the processor; five times as many of the clock, which runs on while other programs work.
        memory: Bytes that the child may take beyond what it has when it begins.
        output: Bytes that it may give.
        unpacked: Bytes that a compressed file may unpack to.
        hint: The next step where an item would use more.
    """

    seconds: int = 60
    memory: int = 1 * GIB
    output: int = 256 * MIB
    unpacked: int = 200 * MIB
    hint: str = _SPLIT


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How files of Office before 2007 begin, and the envelope of later ones with a password."""


def check_office(head: bytes, name: str, where: str | Path = "") -> None:
    """Refuse what lies beside an Office file, or hides one.

    Raises:
        InputError: The note of a file that is open elsewhere (``~$terms.xlsx``), or a file with a password.
    """
    if Path(name).name.startswith("~$"):
        said, hint = "Office keeps this beside a file that is open.", "Give the file itself, without ~$."
        raise InputError(said, path=where or name, hint=hint)
    if head.startswith(_OLE):
        said, hint = "it has a password, or is older than Office 2007.", "Save it anew, without a password."
        raise InputError(said, path=where or name, hint=hint)


ARCHIVE = 256 << 20
"""Bytes that an archive of files may unpack to: they are held in memory."""
TOO_MUCH = "Pack them into several, or unpack it and give the folder on the command line."
"""The next step where it would be more."""


def unzipped(where: str, content: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of the files in an archive, without what systems put beside them.

    Raises:
        InputError: It is damaged, has a password, or unpacks to too much.
    """
    with archived(where, io.BytesIO(content), ARCHIVE, TOO_MUCH) as (archive, names):
        return [(name, archive.read(name)) for name in names]


@contextmanager
def archived(
    where: str, stream: IO[bytes], most: int, too_much: str
) -> Iterator[tuple[zipfile.ZipFile, list[str]]]:
    """An archive of files and their names, without what systems put beside them.

    Args:
        most: Bytes that it may unpack to; it holds no more than it says of itself.
        too_much: The next step where it would.

    Raises:
        InputError: It is damaged, has a password, holds a file twice or outside of it, or unpacks to too
            much.
    """
    hint = "Pack the files again, as a .zip without a password."
    with reading(where, library=True, hint=hint), zipfile.ZipFile(stream) as archive:
        if sum(part.file_size for part in archive.infolist()) > most:
            raise InputError(f"it unpacks to more than {shown_size(most)}.", path=where, hint=too_much)
        names = (part.filename for part in archive.infolist() if not part.is_dir())
        # "__MACOSX/._a.txt", ".DS_Store", "~$a.docx"
        kept = [name for name in names if not re.search(r"^__MACOSX/|(?:^|/)(?:\.|~\$)[^/]*$", name)]
        check_names(kept, where)
        yield archive, kept


def check_names(names: Iterable[str], where: str | Path) -> None:
    """Refuse an archive that holds a file twice, of which one would be read, or one outside of it.

    Raises:
        InputError: It does.
    """
    seen = set[str]()
    for name in names:
        file = posixpath.normpath(name)
        if file in seen or file.startswith(("/", "../")):
            said = f"it holds the file {name!r} twice, or outside of it."
            raise InputError(said, path=where, hint="Unpack it, and give the folder.")
        seen.add(file)


def guarded(task: str, items: Sequence[Any], guard: Guard) -> Iterator[tuple[int, list[Any] | InputError]]:
    """Number of each item and what the task gave for it, or why it gave nothing.

    Args:
        task: ``module:function``.
        items: Each a plain value, which is the argument of the function.
    """
    done = 0
    while done < len(items):
        for result in _run(task, items[done:], guard):
            yield done, result
            done += 1


def _run(task: str, items: Sequence[Any], guard: Guard) -> Iterator[list[Any] | InputError]:
    """Results of a child, until it has given all or was stopped; the last one then says by what."""
    paths = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH", ""))))
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "hybrid_ner.guarded", task, json.dumps(asdict(guard))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_ONE_THREAD, "PYTHONPATH": paths},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with child.stdin as given:
            given.write(json.dumps(list(items)).encode())
        rows: list[Any] = []
        size = finished = 0
        for line in iter(lambda: child.stdout.readline(guard.output + 1), b""):  # type: ignore[union-attr]
            size += len(line)
            if size > guard.output:
                yield InputError(f"it holds more than {shown_size(guard.output)} of text.", hint=guard.hint)
                return
            said = json.loads(line)
            if "row" in said:
                rows.append(said["row"])
                continue
            yield (
                InputError(said["error"], row=said["at"], hint=Hint.restore(said["hint"]))
                if "error" in said
                else rows
            )
            finished, rows, size = finished + 1, [], 0
        if finished < len(items):
            yield _stopped(child.wait(), guard)
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _stopped(code: int, guard: Guard) -> InputError:
    if code in (-signal.SIGPROF, -signal.SIGALRM):
        return InputError(f"reading it takes more than {guard.seconds} seconds.", hint=guard.hint)
    if code in (-signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
        said = f"reading it takes more than {shown_size(guard.memory)} of memory, or breaks the reader."
        return InputError(said, hint=guard.hint)
    return InputError(f"the reader ended before the file did (code {code}).", hint="Save the file again.")


def _child(task: str, guard: Guard) -> None:
    """Work through the items on standard input."""
    module, _, name = task.partition(":")
    function = getattr(import_module(module), name)
    items = json.load(sys.stdin)
    _limit_memory(guard.memory)
    with limited(unpacked=guard.unpacked):
        for item in items:
            _limit_time(guard.seconds)
            _say(**_result(function, item, guard))
            _limit_time(0)


def _limit_time(seconds: int) -> None:
    """End the process after so long, whatever library is at work: nobody catches the signals."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(5 * seconds)


def _result(function: Any, item: Any, guard: Guard) -> dict[str, Any]:
    try:
        with reading(""):
            for row in function(item):
                _say(row=row)
    except InputError as error:
        if isinstance(error.__cause__, MemoryError):
            said = f"reading it takes more than {shown_size(guard.memory)} of memory."
            return {"error": said, "at": None, "hint": Hint.plain(guard.hint)}
        return {"error": error.problem, "at": error.row, "hint": Hint.plain(error.hint)}
    except (HybridNerError, ModuleNotFoundError) as error:
        known = missing_part(error) if isinstance(error, ModuleNotFoundError) else error
        if known is None:
            raise
        return {"error": str(known), "at": None, "hint": Hint.plain("")}
    return {"done": True}


def _say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _limit_memory(more: int) -> None:
    """Let this process take so many bytes beyond those it has mapped."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):  # not on Linux: the limit of time stays
        return
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _child(sys.argv[1], Guard(**json.loads(sys.argv[2])))
