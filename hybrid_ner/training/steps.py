"""Resumable steps: each leaves a record of the inputs it was made from, written last."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
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

    def run(self, name: str, inputs: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The step's results: from its record when ``inputs`` are the same, else by running ``work``."""
        record = self.folder / f"{name}.json"
        if (done := self._read(record)) and done.get("inputs") == inputs:
            return {**done["result"], "reused": True}
        record.unlink(missing_ok=True)
        started = time.perf_counter()
        result = work()
        result["seconds"] = round(time.perf_counter() - started, 1)
        with atomic_path(record) as temporary:
            temporary.write_text(json.dumps({"inputs": inputs, "result": result}, indent=1), encoding="utf-8")
        return {**result, "reused": False}

    @staticmethod
    def _read(record: Path) -> dict[str, Any] | None:
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and "result" in found else None
