"""Term lists as people bring them, each with a short text: mentions found, and matches that are none.

Purpose: the first run of a list of one's own, of any format and notation. The files of
``tests/terms/own_lists`` hold lists and texts, written before the rules were run on them; mentions stand in
double brackets, with their label behind ``::`` where the list says it. Lists are read as by
``hybrid-ner gazetteer match``::

    python benchmarks/own_lists.py [FILE …]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hybrid_ner.errors import HybridNerError
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms.readers import load_gazetteer

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "terms" / "own_lists"
_MARK = re.compile(r"\[\[(.+?)(?:::([^\]]+))?\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Case:
    """A list, and a text that is looked at with it.

    Args:
        name: Its file.
        label: Label that the user gives, if any.
        body: What it holds; of a workbook the cells with tabs between them.
        text: The text.
        gold: Start and end of each mention, and its label where the list says it.
    """

    name: str
    label: str
    body: str
    text: str
    gold: dict[tuple[int, int], str]

    def write(self, folder: Path) -> Path:
        """The list as a file."""
        path = folder / self.name
        if path.suffix != ".xlsx":
            path.write_text(self.body, encoding="utf-8")
            return path
        import openpyxl

        book = openpyxl.Workbook()
        for line in self.body.split("\n"):
            book.active.append([cell or None for cell in line.split("\t")])
        book.save(path)
        return path

    def found(self, folder: Path) -> dict[tuple[int, int], str]:
        """Labels of the spans that are matched."""
        source = GazetteerSource(load_gazetteer(self.write(folder), label=self.label), variants=True)
        matches = source.in_place(self.text, source.matcher.match(self.text))
        return {(match.start, match.end): match.label for match in matches}


def cases(path: Path) -> Iterator[Case]:
    """The cases of a file."""
    for block in path.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, rest = block.partition("\n")
        body, _, marked = rest.partition("\n--- text\n")
        name, _, label = head.partition(" ")
        text, gold, last = "", {}, 0
        for mark in _MARK.finditer(marked):
            text += marked[last : mark.start()]
            gold[len(text), len(text) + len(mark[1])] = mark[2] or ""
            text, last = text + mark[1], mark.end()
        yield Case(name, label, body + "\n", text + marked[last:], gold)


def judged(case: Case, folder: Path) -> tuple[list[str], list[str]]:
    """Mentions that are missed and matches that are none."""
    found = case.found(folder)
    right = {span for span, label in case.gold.items() if found.get(span, "-") == (label or found.get(span))}
    missed = [case.text[start:end] for start, end in case.gold.keys() - right]
    return missed, [case.text[start:end] for start, end in found.keys() - case.gold.keys()]


def main() -> None:
    print("| lists | texts | mentions | found | false | texts whole |\n|---|---|---|---|---|---|")
    wrong = []
    for path in map(Path, sys.argv[1:] or sorted(map(str, FOLDER.glob("*.txt")))):
        texts = mentions = lost = false = whole = 0
        for case in cases(path):
            with TemporaryDirectory() as folder:
                try:
                    missed, none = judged(case, Path(folder))
                except HybridNerError as error:
                    missed, none = [f"all: {error}"] * len(case.gold), []
            texts, mentions = texts + 1, mentions + len(case.gold)
            lost, false, whole = lost + len(missed), false + len(none), whole + (not missed and not none)
            wrong += [f"{path.stem}, {case.name}: missed {missed}, false {none}"] * bool(missed or none)
        print(f"| {path.stem} | {texts} | {mentions} | {mentions - lost} | {false} | {whole} |")
    print("\n".join(wrong))


if __name__ == "__main__":
    main()
