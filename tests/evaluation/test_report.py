"""The HTML report: complete, self-contained, escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation import Settings
from hybrid_ner.evaluation.compare import compare
from hybrid_ner.evaluation.report import Mark, PlotRow, dot_plot, element, write_report

EVIL = "<script>alert(1)</script> & 'x'"
TEXT = f"{EVIL} aspirin"
GOLD = [Document('d"<b>', TEXT, (Entity(len(EVIL) + 1, len(TEXT), "C<i>"),), {"kind": "<k>"})]
RULE = [Document(GOLD[0].doc_id, TEXT, (Entity(0, 8, "C<i>"),))]
VOID = {"meta"}


class _Balance(HTMLParser):
    """Checks that every element is closed, and keeps the names and attributes seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page(tmp_path: Path) -> str:
    found = compare(GOLD, {"rule": RULE, "hy<brid": GOLD}, Settings(resamples=100, known={"aspirin"}), "kind")
    path = tmp_path / "report.html"
    write_report(path, found, GOLD, {"rule": RULE, "hy<brid": GOLD}, title="A <report>")
    assert list(tmp_path.iterdir()) == [path]
    return path.read_text(encoding="utf-8")


def test_page_is_well_formed_and_loads_nothing(page: str) -> None:
    parser = _Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert not parser.names & {"script", "link", "img", "iframe", "b", "i", "k", "brid", "report"}
    assert not parser.attributes & {"src", "href", "onload", "onclick"}
    assert not re.search(r"https?:|//|@import|url\(", page)


def test_page_holds_scores_plots_and_mistakes(page: str) -> None:
    assert page.count("<svg viewBox") == 4
    for said in ("Mistakes of rule (2)", "missed: 1", "spurious: 1", "Mistakes of hy&lt;brid (0)"):
        assert said in page
    assert '<span class="gold">aspirin</span>' in page
    assert '<span class="found">&lt;script&gt;</span>' in page


def test_learning_curve_of_an_update_is_drawn(tmp_path: Path) -> None:
    found = compare(GOLD, {"rule": RULE}, Settings(resamples=100))
    said = "the next 10 documents <bring> +2.0"
    forecast = {"documents": 10, "gain": 0.02, "curve": ((10, 0.61), (20, 0.66)), "sentence": said}
    forecast["now"] = (22, 0.67)
    write_report(tmp_path / "report.html", found, GOLD, {"rule": RULE}, forecast=forecast)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What more reviewed documents bring" in page
    assert "the next 10 documents &lt;bring&gt; +2.0" in page
    for point in ("measured on documents left out: 10, 61.0", "foreseen: 22, 67.0", "foreseen: 32, 69.0"):
        assert f"<title>{point}</title>" in page


def test_only_markup_stays_unescaped() -> None:
    assert element("p", "a<b", element("i", "&"), class_='"') == '<p class="&quot;">a&lt;b<i>&amp;</i></p>'


def test_every_mark_lies_on_the_axis() -> None:
    rows = [PlotRow("r", [Mark(0.0), None, Mark(1.0, 0.9, 1.0)])]
    plot = dot_plot(rows, ["a", "b", "c"], "t")
    assert "r, c: 100.0 (95 %: 90.0 to 100.0)" in plot
    assert "r, b" not in plot
    places = [float(x) for x in re.findall(r'(?:cx|x1|x2)="([\d.]+)"', plot)]
    assert min(places) >= 190
    assert max(places) <= 710
