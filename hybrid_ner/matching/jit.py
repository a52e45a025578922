"""Typed entry to numba: compile without the GIL, keep the machine code on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

__all__ = ["compiled", "inlined"]

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile on the first call; later processes load the machine code from the cache."""
    try:
        return cast(Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the package nor the user's cache folder can be written
        return cast(Function, njit(nogil=True)(function))


def inlined(function: Function) -> Function:
    """Copy the body into compiled callers."""
    return cast(Function, njit(inline="always")(function))
