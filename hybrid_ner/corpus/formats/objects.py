"""JSON Lines of other tools: parse each line, or say what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.files import parse_json, read_rows, write_text
from hybrid_ner.corpus.problems import Place, Problem, Report

__all__ = ["integer", "read_objects", "write_objects"]


def read_objects(
    path: Path, report: Report, form: str, texts: tuple[str, ...] = ("text",)
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Objects with a ``text``, and where each was read.

    Args:
        path: The file.
        report: Told about lines that are no such object.
        form: What a line looks like.
        texts: Names that the text may have; the first that is there becomes ``text``.
    """
    for row, line in read_rows(path, report):
        if not line.strip():
            continue
        place = Place(str(path), row)
        try:
            found = parse_json(line)
        except (ValueError, RecursionError) as error:
            report(Problem("json", f"broken JSON: {error}.", place, hint=form))
            continue
        named = next((n for n in texts if isinstance(found, dict) and isinstance(found.get(n), str)), None)
        if named is None:
            report(Problem("record", "expected an object with a text.", place, hint=form))
            continue
        yield place, {**found, "text": found[named]}


def write_objects(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one object a line, whole or not at all; the number of lines."""
    count = 0
    with write_text(path) as handle:
        for row in rows:
            handle.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    return count


def integer(value: Any) -> int:
    """An offset; -1, which no text has, for what is no integer."""
    return value if type(value) is int else -1
