"""Half a million characters through the models that need no PyTorch: nothing cut, memory bounded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy

from hybrid_ner.corpus import Document, Entity, write_corpus
from tests.sources.models.server import Handler, rows, serving

pytestmark = pytest.mark.slow

LENGTH, EVERY = 500_000, 5_000
MOST_MIB = 300
"""Above what the same takes with a text of a hundredth of the length."""
FILLER = "The patient was seen and was in no distress at all. "
SCRIPT = """
import json, resource, sys, warnings
warnings.simplefilter("ignore")
from hybrid_ner import Gazetteer, Term, rule_pipeline
from hybrid_ner.pipeline.labeling import notes_of
from hybrid_ner.sources import read_matches
source, text = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()
nlp = rule_pipeline(Gazetteer.of([Term("zzz", "Z")]), sources=[source])
name = next(n for n in nlp.pipe_names if n.startswith("s_"))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
list(nlp.pipe([text[:5000]] * 2))
before = peak()
(doc,) = nlp.pipe([text])
found = sorted(m.start for m in read_matches(doc, name))
print(json.dumps({"found": found, "length": len(doc.text), "grown": peak() - before, "notes": notes_of(doc)}))
"""


def long_text() -> tuple[str, list[int]]:
    """A text with ``MARK<number>`` from its first to its last characters, and where each stands."""
    parts, places, at = [], [], 0
    while at < LENGTH:
        mark = f"MARK{len(places)}"
        places.append(at)
        rest = FILLER * ((EVERY - len(mark) - 2) // len(FILLER))
        parts.append(f"{mark}. {rest}")
        at += len(parts[-1])
    parts.append(f"MARK{len(places)}")
    return "".join(parts), [*places, at]


@pytest.fixture
def text(tmp_path: Path) -> tuple[Path, list[int]]:
    written, places = long_text()
    (tmp_path / "text.txt").write_text(written, encoding="utf-8")
    return tmp_path / "text.txt", places


def through(source: dict[str, Any], text: Path) -> dict[str, Any]:
    words = [sys.executable, "-c", SCRIPT, json.dumps(source), str(text)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def checked(found: dict[str, Any], places: list[int]) -> None:
    assert found["found"] == places
    assert found["length"] > LENGTH
    assert found["notes"] == {}
    assert found["grown"] < MOST_MIB


def test_a_language_model_is_asked_about_all_of_it(text: tuple[Path, list[int]]) -> None:
    def marks(handler: Handler, body: dict[str, Any]) -> str:
        asked = body["messages"][-1]["content"]
        words = [word.strip(".") for word in asked.split() if word.startswith("MARK")]
        return rows(*((word, "Mark") for word in words))

    with serving(marks) as server:
        source = {"llm": server.address, "name": "s_llm", "labels": ["Mark"], "cache": "off"}
        checked(through(source, text[0]), text[1])
        assert max(map(len, server.texts())) <= 6_000
        kept = {**source, "cache": str(text[0].parent / "kept.sqlite3")}
        checked(through(kept, text[0]), text[1])
        asked = len(server.asked)
        checked(through(kept, text[0]), text[1])
        assert len(server.asked) == asked


def test_a_spacy_pipeline_reads_all_of_it(text: tuple[Path, list[int]], tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "Mark", "pattern": [{"TEXT": {"REGEX": r"^MARK\d+"}}]}]
    )
    nlp.to_disk(tmp_path / "ruler")
    checked(through({"spacy": str(tmp_path / "ruler"), "name": "s_spacy", "cache": "off"}, text[0]), text[1])


def test_predictions_are_found_again_in_all_of_it(text: tuple[Path, list[int]], tmp_path: Path) -> None:
    """By a program that had other line breaks."""
    spread = text[0].read_text(encoding="utf-8").replace(". ", ".\r\n ")
    places = [match.span() for match in re.finditer(r"MARK\d+", spread)]
    write_corpus(tmp_path / "found.jsonl", [Document("1", spread, tuple(Entity(*p, "Mark") for p in places))])
    source = {"predictions": str(tmp_path / "found.jsonl"), "name": "s_found"}
    checked(through(source, text[0]), text[1])
