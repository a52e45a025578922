"""The same for object stores: files are fetched one at a time, labeled here, and put back whole.

Whatever fsspec opens serves (``s3://``, ``gs://``, ``az://``, ``sftp://``, ``memory://``), with the package
that it asks for. A record beside each output names what it was made from; it is put last, so that a worker
that is killed leaves at most one file to be done again. Shards are made by name alone, before any file is
read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hybrid_ner.corpus.formats import endings
from hybrid_ner.errors import CorpusError, InputError, need
from hybrid_ner.io import Place, Problem, fail
from hybrid_ner.scale.batches import BatchLabeler
from hybrid_ner.scale.files import RECORDS, FileResult, label_one, model_stamp, output_name
from hybrid_ner.text import quantity
from hybrid_ner.training.label import fingerprint

__all__ = ["is_address", "label_store"]


def is_address(place: str) -> bool:
    """Whether a place is an address of a store instead of a path."""
    return "://" in place


@dataclass(frozen=True, slots=True)
class _Store:
    """A folder of a store: the file system and its path there."""

    files: Any
    root: str
    shown: str

    @classmethod
    def at(cls, address: str) -> _Store:
        """The folder at an address.

        Raises:
            InputError: Nobody knows such addresses, or the package that does is not installed.
        """
        need("fsspec")
        import fsspec

        try:
            place = address if is_address(address) else str(Path(address).absolute())
            files, root = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError) as error:
            said = " ".join(str(error).split())
            hint = "Check the address, or install what it needs."
            raise InputError(f"cannot be opened ({said}).", path=address, hint=hint) from error
        return cls(files, root.rstrip("/"), address.rstrip("/"))

    def names(self) -> list[str]:
        """Every file, relative to the folder and sorted; hidden ones are left out."""
        if self.files.isfile(self.root):
            return [""]
        found = (path[len(self.root) :].lstrip("/") for path in self.files.find(self.root))
        return sorted(name for name in found if not any(part.startswith(".") for part in name.split("/")))

    def path(self, name: str) -> str:
        """Where a file is in the file system."""
        return f"{self.root}/{name}" if name else self.root

    def stamp(self, name: str) -> str:
        """What changes when a file does: size, time and tag as the store knows them."""
        known = self.files.info(self.path(name))
        return fingerprint(sorted((key, str(value)) for key, value in known.items()))

    def fetch(self, name: str, to: Path) -> Path:
        """A copy of a file on this machine."""
        to.parent.mkdir(parents=True, exist_ok=True)
        self.files.get_file(self.path(name), str(to))
        return to

    def put(self, made: Path, name: str) -> None:
        """Put a file there; it appears under its name when it is whole."""
        target = self.path(name)
        self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
        if "file" not in self.files.protocol:  # a name, or a tuple of names
            self.files.put_file(str(made), target)  # an object store shows a file once it is whole
            return
        part = f"{target}.part"
        self.files.put_file(str(made), part)
        self.files.mv(part, target)

    def record(self, name: str) -> dict[str, Any]:
        """What an earlier run left of an output; empty for none."""
        path = self.path(f"{RECORDS}/{name}.json")
        try:
            found = json.loads(self.files.cat_file(path))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def label_store(
    source: str,
    output: str,
    labeler: BatchLabeler,
    *,
    shard: tuple[int, int] = (0, 1),
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
) -> Iterator[FileResult]:
    """As ``label_files``, where source, output or both are addresses (``s3://bucket/notes``).

    Raises:
        CorpusError: No usable file, or one that cannot be read; what was finished before is kept.
        InputError: An address that cannot be opened.
    """
    given, made = _Store.at(source), _Store.at(output)
    here = made.files is given.files
    outside = [n for n in given.names() if not (here and f"{given.path(n)}/".startswith(f"{made.root}/"))]
    names = outside[shard[0] :: shard[1]]
    if shard == (0, 1) and not names:
        raise CorpusError("no file to label here.", path=source, hint="Check the address.")
    stamp = model_stamp(labeler)
    unread: list[Path] = []
    for number, name in enumerate(names):
        report("label", number / len(names), f"{given.shown}/{name}")
        with TemporaryDirectory(prefix="hybrid-ner.") as folder:
            result = _one(given, made, name, labeler, stamp, Path(folder))
        if result is None:
            unread.append(Path(name))
        else:
            yield result
    if unread:
        message = f"{quantity(len(unread), 'file')} not read: {endings(unread)}."
        fail(Problem("not read", message, Place(source), warning=True))


def _one(
    given: _Store, made: _Store, name: str, labeler: BatchLabeler, stamp: str, folder: Path
) -> FileResult | None:
    """One file, fetched only where its record is not of the same input and model.

    Returns:
        What became of it; ``None`` for one of no known format.
    """
    called = name or given.root.rpartition("/")[2]
    inputs = fingerprint(stamp, given.stamp(name))
    record = made.record(called)
    if record.get("inputs") == inputs and record.get("made") == _stamp(made, record.get("output", "")):
        kept = record["result"]
        return _result(given, made, name, record["output"], kept, reused=True)
    local = given.fetch(name, folder / "in" / called)
    target = output_name(local, called)
    result: dict[str, int] = {"documents": 0, "entities": 0}
    if target:
        result = label_one(local, folder / "out" / target, labeler)
        made.put(folder / "out" / target, target)
    note = folder / "record.json"
    row = {"inputs": inputs, "output": target, "made": _stamp(made, target), "result": result}
    note.write_text(json.dumps(row), encoding="utf-8")
    made.put(note, f"{RECORDS}/{called}.json")
    return _result(given, made, name, target, result, reused=False)


def _result(
    given: _Store, made: _Store, name: str, target: str, counts: dict[str, int], *, reused: bool
) -> FileResult | None:
    if not target:
        return None
    source = f"{given.shown}/{name}" if name else given.shown
    return FileResult(source, f"{made.shown}/{target}", counts["documents"], counts["entities"], reused)


def _stamp(made: _Store, name: str) -> str:
    try:
        return made.stamp(name) if name else ""
    except OSError:
        return "gone"
