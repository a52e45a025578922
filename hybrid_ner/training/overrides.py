"""Config overrides as ``spacy train`` takes them, for example ``--training.max_epochs 3``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hybrid_ner.errors import InputError

__all__ = ["parse_overrides"]


def parse_overrides(args: Iterable[str]) -> dict[str, Any]:
    """Dotted setting names with their values; a value is JSON where it can be, else a string.

    Raises:
        InputError: An argument that is no dotted option, or one without a value.
    """
    overrides: dict[str, Any] = {}
    rest = iter(args)
    for arg in rest:
        name, equals, value = arg.removeprefix("--").partition("=")
        if not arg.startswith("--") or "." not in name:
            raise InputError(
                f"unexpected argument {arg!r}.", hint="Config settings look like --training.max_epochs 3."
            )
        if not equals:
            value = next(rest, "")
            if not value or value.startswith("--"):
                raise InputError(f"setting {arg} has no value.", hint=f"Write {arg} VALUE.")
        overrides[name] = _value(value)
    return overrides


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
