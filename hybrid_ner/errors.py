"""Every error this package raises on purpose.

::

    HybridNerError
    ├── InputError (ValueError)      a file, row or value the user gave
    │   ├── TermError                an unusable term or gazetteer row
    │   ├── CorpusError              an unusable document or annotation
    │   ├── PluginError              code of somebody else that failed
    │   └── StaleError               a decision on something that has changed since it was shown
    ├── CompiledFileError            a compiled artefact that is foreign, truncated or stale
    ├── AccessError                  something that the role of a reviewer does not allow
    ├── MissingPartError (ImportError)  a part of the package that was not installed
    ├── ModelError                   a model folder that cannot be used
    └── StoreError                   the review store refused or failed
        └── StoreConflictError       another transaction was in the way; tried again before it is raised

A message names the file and row, what was expected, what was found and the next step.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

PARTS = {
    "alembic": "review",
    "sqlalchemy": "review",
    "streamlit": "app",
    "altair": "app",
    "sklearn": "train",
    "scipy": "train",
    "optuna": "train",
    "hatchling": "train",
    "pyarrow": "scale",
    "fsspec": "scale",
    "docx": "formats",
    "pypdf": "formats",
    "openpyxl": "formats",
    "rdflib": "formats",
    "authlib": "auth",
    "psycopg": "postgres",
    "transformers": "transformers",
    "torch": "transformers",
    "spacy_transformers": "trf",
    "onnxruntime": "encoder",
    "tokenizers": "encoder",
    "gliner": "gliner",
}
"""Module → the part (extra) of the package that brings it; pyproject.toml says what each part installs."""

_HINTS = {
    errno.ENOSPC: "Free some space, or choose another place; what was finished before is kept.",
    errno.EDQUOT: "Free some space, or choose another place; what was finished before is kept.",
    errno.EFBIG: "Raise the limit for the size of a file (ulimit -f), or choose another place.",
    errno.EACCES: "Ask for the right to it, or choose another path.",
    errno.EROFS: "Choose a path that can be written to.",
    errno.ENOTDIR: "Choose another path.",
    errno.EEXIST: "Choose another path.",
    errno.ELOOP: "Choose another path.",
    errno.ENOENT: "Check the path.",
    errno.EISDIR: "Give a file, not a folder.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ENOMEM: "Let the process have more memory (ulimit -v).",
    errno.EMFILE: "Let a process open more files (ulimit -n).",
}
"""The next step after what the operating system refused."""


class Hint(str):
    """A next step that each face may say in its own words.

    As text it is the words of Python and the command line.

    Args:
        code: Its name.
        words: How it is said where nobody says it otherwise, with ``{values}``.
        values: What is named in it.
    """

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, str]

    def __new__(cls, code: str, words: str, **values: str) -> Hint:
        """A hint, with its values filled in."""
        made = super().__new__(cls, words.format(**values) if values else words)
        made.code, made.values = code, values
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """For pickle: the words are filled in by now."""
        return self.code, str(self)

    @classmethod
    def plain(cls, hint: str) -> dict[str, Any]:
        """A hint as plain values, for another process."""
        return {"words": str(hint), "code": cls.code_of(hint), "values": getattr(hint, "values", {})}

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Hint:
        """The inverse of ``plain``."""
        made = cls(plain["code"], plain["words"])
        made.values = plain["values"]
        return made

    @staticmethod
    def code_of(hint: str) -> str:
        """The name of a hint; empty where it has none."""
        return hint.code if isinstance(hint, Hint) else ""

    @staticmethod
    def in_words(hint: str, face: Mapping[str, str]) -> str:
        """A hint in the words that a face has for it, by code; as it stands where it has none."""
        words = face.get(Hint.code_of(hint))
        return words.format(**hint.values) if isinstance(hint, Hint) and words is not None else hint


STDIN = "standard-input"
"""Name of the file that standard input is kept in while it is read."""


def shown_path(path: str | Path) -> str:
    """A path as people know it: on one line; standard input has none."""
    if PurePath(path).name == STDIN:
        return "standard input"
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: repr(found[0])[1:-1], spelled(str(path)))


def spelled(name: str) -> str:
    """A file name as text: what old archives and Windows wrote in no UTF-8 is read as code page 1252."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
    return name


class HybridNerError(Exception):
    """Base class: catch this to catch everything the package raises on purpose."""


class InputError(HybridNerError, ValueError):
    """Something the user gave cannot be used.

    Args:
        problem: What was expected and what was found.
        path: File the problem is in, when there is one.
        row: One-based row (line or record) in that file.
        hint: The next step, as an imperative sentence.
    """

    def __init__(
        self, problem: str, *, path: str | Path | None = None, row: int | None = None, hint: str = ""
    ) -> None:
        self.problem, self.path, self.row, self.hint = problem, path, row, hint
        shown = "" if path is None else shown_path(path)
        where = shown + (f", row {row}" if row is not None else "") + ": " if path is not None else ""
        super().__init__(where + problem + (f" {hint}" if hint else ""))


class TermError(InputError):
    """A term or a gazetteer row that cannot be used."""


class CorpusError(InputError):
    """A document, or an annotation in it, that cannot be used."""


class PluginError(InputError):
    """Code of somebody else, such as a labeling source, that failed or gave what cannot be used."""

    def of(self, document: str) -> PluginError:
        """The same of a document, by its id."""
        said = f"document {document!r}: {self.problem}"
        return PluginError(said, path=self.path, row=self.row, hint=self.hint)


class StaleError(InputError):
    """A decision on something that has changed since it was shown."""


OTHER_VERSION = "this pipeline was saved by another version. Run the command that made it again."


class CompiledFileError(HybridNerError):
    """A compiled artefact that is foreign, truncated, stale or from another version."""

    of_another_version = False
    """Whether another version wrote it, so that nothing is wrong with the file."""


class AccessError(HybridNerError):
    """Something that the role of a reviewer does not allow."""


class ModelError(HybridNerError):
    """A model folder that is missing, incomplete or incompatible."""


class StoreError(HybridNerError):
    """The review store refused an operation or could not complete it."""


class StoreConflictError(StoreError):
    """Two transactions were in each other's way; the same again may succeed."""


class MissingPartError(HybridNerError, ImportError):
    """Something needs a part of the package that was not installed.

    Args:
        module: The module that is missing.
        part: The part that brings it, a key of ``PARTS``' values.
    """

    def __init__(self, module: str, part: str) -> None:
        self.module, self.part = module, part
        super().__init__(
            f"this needs {module}, which is in the part [{part}] of hybrid-ner. "
            f"Install it: pip install 'hybrid-ner[{part}]'"
        )

    def __reduce__(self) -> tuple[type[MissingPartError], tuple[str, str]]:
        """For pickle: a worker process that raises it would otherwise let its pool wait for ever."""
        return type(self), (self.module, self.part)


def missing_part(error: BaseException | None) -> MissingPartError | None:
    """The missing part behind an error of importing, if that is what it comes from.

    What wraps it is looked through.
    """
    while error is not None:
        if isinstance(error, MissingPartError):
            return error
        top = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
        if top in PARTS:
            return MissingPartError(top, PARTS[top])
        error = error.__cause__
    return None


def need(*modules: str) -> None:
    """Complain about missing parts before any work is done.

    Raises:
        MissingPartError: One of the modules is not installed.
    """
    for module in modules:
        if find_spec(module) is None:
            raise MissingPartError(module, PARTS[module])


def told(error: HybridNerError | OSError) -> str:
    """An expected failure on one line, with the next step."""
    if isinstance(error, OSError) and not isinstance(error, HybridNerError):
        where = "" if error.filename is None else f"{error.filename}: "
        return f"{where}{error.strerror or error}. {_HINTS.get(error.errno or 0, '')}".rstrip()
    return " ".join(str(error).split())


def wrong_kind(expected: str, given: object, hint: str) -> InputError:
    """What is said where something of another kind was given: ``expected a Doc, found None.``"""
    return InputError(f"expected {expected}, found {' '.join(repr(given).split())[:60]}.", hint=hint)


def each_of(given: Any, expected: str, hint: str) -> Iterable[Any]:
    """Several things, or the one that was given.

    Raises:
        InputError: It is a table (pandas, polars, Arrow), which would be read as the names of its columns.
    """
    if hasattr(given, "columns"):
        raise InputError(f"expected {expected}, found a table ({type(given).__name__}).", hint=hint)
    return given if isinstance(given, Iterable) and not isinstance(given, str | bytes) else (given,)


def given_path(path: str | Path) -> Path:
    """A path as somebody gave it.

    Raises:
        InputError: It is empty, as a variable of the shell that is not set; ``Path("")`` would be the folder
            that one is in.
    """
    if isinstance(path, str | os.PathLike) and str(path):
        return Path(path)
    hint = "Give the path of a file or folder."
    if isinstance(path, str):
        raise InputError("the path is empty.", hint=hint)
    raise wrong_kind("a path", path, hint)
