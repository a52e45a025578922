"""TBX 2 and 3: languages, subject fields, deprecated terms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]

MARTIF = """<?xml version="1.0"?><martif type="TBX"><text><body>
<termEntry id="c1"><descripGrp><descrip type="subjectField">law</descrip></descripGrp>
 <descrip type="subjectField">law</descrip>
 <langSet xml:lang="en-GB"><ntig><termGrp><term>made law</term>
   <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termGrp></ntig>
  <tig><term>ML</term><termNote type="termType">acronym</termNote></tig>
  <tig><term>olde law</term>
   <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig></langSet>
 <langSet xml:lang="fr"><tig><term>loi faite</term></tig></langSet></termEntry>
<termEntry id="c2"><descrip type="subjectField">cooking</descrip>
 <langSet xml:lang="en"><tig><term>made soup</term></tig></langSet></termEntry>
</body></text></martif>
"""
TBX3 = """<?xml version="1.0"?><tbx xmlns="urn:iso:std:iso:30042:ed-2" style="dca" xml:lang="en"><text><body>
<conceptEntry id="c1"><langSec xml:lang="en"><termSec><term>made law</term></termSec></langSec></conceptEntry>
</body></text></tbx>
"""


def test_martif(write: Write) -> None:
    reading = read_gazetteer(write("a.tbx", MARTIF), label="CONCEPT", prefix="IATE")
    assert [(t.text, t.concept_id, t.status, t.row) for t in reading] == [
        ("made law", "IATE:c1", "preferred", 1),
        ("ML", "IATE:c1", "abbreviation", 1),
        ("made soup", "IATE:c2", "synonym", 2),
    ]
    assert {r: s.count for r, s in reading.report.skipped.items()} == {"deprecated": 1, "language fr": 1}


def test_options(write: Write) -> None:
    path = write("a.tbx", MARTIF)
    assert [t.text for t in read_gazetteer(path, label="X", languages="fr")] == ["loi faite"]
    assert [t.text for t in read_gazetteer(path, label_map={"cooking": "FOOD"})] == ["made soup"]
    assert "olde law" in [t.text for t in read_gazetteer(path, label="X", deprecated=True)]


def test_tbx_3_with_a_namespace(write: Write) -> None:
    assert [t.text for t in read_gazetteer(write("a.xml", TBX3), label="X")] == ["made law"]


def test_an_empty_term_and_a_missing_label(write: Write) -> None:
    path = write("a.tbx", MARTIF.replace("<term>ML</term>", "<term/>"))
    with pytest.raises(InputError, match=r"row 1: term without text"):
        list(read_gazetteer(path, label="X"))
    assert len(list(read_gazetteer(path, label="X", skip_bad=True))) == 2
    with pytest.raises(InputError, match="no label"):
        list(read_gazetteer(write("terms.tbx", MARTIF)))


def test_a_cut_file(write: Write) -> None:
    with pytest.raises(InputError, match="malformed XML"):
        list(read_gazetteer(write("a.tbx", MARTIF[:-30]), label="X"))


def test_subject_fields_in_groups_and_the_style_of_elements(write: Write) -> None:
    grouped = MARTIF.replace(' <descrip type="subjectField">law</descrip>\n', "", 1)
    assert [t.text for t in read_gazetteer(write("a.tbx", grouped), label_map={"law": "LAW"})] == [
        "made law",
        "ML",
    ]
    dct = """<?xml version="1.0"?><tbx xmlns="urn:iso:std:iso:30042:ed-2" style="dct" xml:lang="en"
    xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic"><text><body>
    <conceptEntry id="c1"><min:subjectField>law</min:subjectField><langSec xml:lang="en">
    <termSec><term>made law</term>
      <min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus></termSec>
    <termSec><term>ML</term><basic:termType>acronym</basic:termType></termSec>
    <termSec><term>olde law</term>
      <min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
    </langSec></conceptEntry></body></text></tbx>"""
    reading = read_gazetteer(write("dct.tbx", dct), label_map={"law": "LAW"})
    assert [(t.text, t.status) for t in reading] == [("made law", "preferred"), ("ML", "abbreviation")]
    assert reading.report.skipped["deprecated"].count == 1
