"""Resumable steps: each leaves a record of the inputs it was made from, written last."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid_ner.text import atomic_path

__all__ = ["Steps", "fingerprint"]


def fingerprint(*values: Any) -> str:
    """SHA-256 over plain values (strings, numbers, lists, dicts with string keys)."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs named steps in a folder, and skips one whose record names the same inputs."""

    folder: Path

    def run(
        self, name: str, inputs: str, work: Callable[[], dict[str, Any]], made: Iterable[Path] = ()
    ) -> dict[str, Any]:
        """The step's results: from its record when nothing changed, else by running ``work``.

        Args:
            name: Of the step, and of its record.
            inputs: Fingerprint of all that the results depend on.
            work: Gives the results, as plain values.
            made: Files the step leaves; the record is worth nothing without them.

        Returns:
            The results with ``reused``, and ``changed``: an earlier run had other inputs.
        """
        record = self.folder / f"{name}.json"
        done = self._read(record)
        if done and done.get("inputs") == inputs and all(path.exists() for path in made):
            return {**done["result"], "reused": True, "changed": False}
        record.unlink(missing_ok=True)
        started = time.perf_counter()
        result = work()
        result["seconds"] = round(time.perf_counter() - started, 1)
        with atomic_path(record) as temporary:
            temporary.write_text(json.dumps({"inputs": inputs, "result": result}, indent=1), encoding="utf-8")
        return {**result, "reused": False, "changed": done is not None and done.get("inputs") != inputs}

    @staticmethod
    def _read(record: Path) -> dict[str, Any] | None:
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and "result" in found else None
