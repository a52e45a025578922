"""Where the shipped data files are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.errors import InputError

__all__ = ["shipped"]

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """Path of a shipped file or folder, for example ``shipped("gazetteers", "medical")``.

    Raises:
        InputError: The installation lacks it.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise InputError(
        f"{'/'.join(parts)} is missing from this installation.", hint="Install hybrid-ner again."
    )
