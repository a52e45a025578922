"""Typed entry to numba: compile without the GIL, keep the machine code on disk where that is possible.

Without numba (the part ``speed``) the same functions run as plain Python.

numba keeps it beside the module, else in the user's cache folder. Where neither can be written, as in a
read-only installation without a home, a private folder among the temporary ones is used; without that
too, every process compiles for itself.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

try:
    from numba import config, njit
except ImportError:
    njit = None

__all__ = ["compiled", "inlined", "private_folder"]

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile on the first call; later processes load the machine code from the cache."""
    if njit is None:
        return function
    try:
        return cast(Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the package nor the user's cache folder can be written
        return _compiled_elsewhere(function)


def inlined(function: Function) -> Function:
    """Copy the body into compiled callers."""
    if njit is None:
        return function
    return cast(Function, njit(inline="always")(function))


def private_folder() -> Path | None:
    """A temporary folder that nobody else can write, or ``None``: cached code is run as it is found."""
    user = os.getuid()
    folder = Path(tempfile.gettempdir(), f"hybrid_ner-{user}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077
    return folder if own else None


def _compiled_elsewhere(function: Function) -> Function:
    folder, before = private_folder(), config.CACHE_DIR
    if folder is None:
        return cast(Function, njit(nogil=True)(function))
    config.CACHE_DIR = str(folder)  # read when caching is switched on, which is now
    try:
        return cast(Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast(Function, njit(nogil=True)(function))
    finally:
        config.CACHE_DIR = before
