"""JSON Lines and TermBase eXchange."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer
from hybrid_ner.terms.readers import streams as json_stream
from hybrid_ner.terms.readers.records import NOT_PLAIN

# JSON Lines and EntityRuler patterns.

Write = Callable[..., Path]


def test_records_with_every_key(write: Write) -> None:
    line = (
        '{"term": "ALS", "label": "Disease", "concept_id": "D:1", "status": "abbreviation", "mode": "case",'
        ' "source": "mine", "synonyms": ["motor neuron disease"], "parents": ["D:0"]}\n'
    )
    reading = read_gazetteer(write("a.jsonl", line))
    first, second = reading
    assert (first.text, first.label, first.concept_id) == ("ALS", "Disease", "D:1")
    assert (first.status, first.mode, first.source, first.row) == ("abbreviation", "case", "mine", 1)
    assert (second.text, second.status, second.concept_id) == ("motor neuron disease", "synonym", "D:1")
    assert reading.parents == {"D:1": ("D:0",)}


def test_entity_ruler_phrase_and_token_patterns(write: Write) -> None:
    lines = (
        '{"label": "ORG", "pattern": "Apple", "id": "apple"}\n'
        '{"label": "GPE", "pattern": [{"LOWER": "san"}, {"LOWER": "francisco"}]}\n'
        '{"label": "VIRUS", "pattern": [{"ORTH": "SARS"}, {"ORTH": "-"}, {"ORTH": "CoV"}]}\n'
    )
    terms = list(read_gazetteer(write("patterns.jsonl", lines)))
    assert [(t.text, t.label, t.concept_id, t.mode) for t in terms] == [
        ("Apple", "ORG", "apple", "folded"),
        ("san francisco", "GPE", "", "folded"),
        ("SARS-CoV", "VIRUS", "", "case"),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        '[{"LOWER": {"REGEX": "deal"}}]',
        '[{"POS": "NOUN"}]',
        '[{"LOWER": "a", "OP": "+"}]',
        "[{}]",
        "5",
    ],
)
def test_token_patterns_that_are_not_plain_are_reported(write: Write, pattern: str) -> None:
    text = f'{{"label": "X", "pattern": {pattern}}}\n{{"label": "X", "pattern": "plain"}}\n'
    reading = read_gazetteer(write("patterns.jsonl", text))
    assert [t.text for t in reading] == ["plain"]
    assert reading.report.skipped[NOT_PLAIN].count == 1
    assert reading.report.skipped[NOT_PLAIN].examples[0][0] == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"term": "a1", "label"', "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"label": "X"}', "no term"),
        ('{"term": "...", "label": "X"}', "unusable term"),
    ],
)
def test_malformed_lines_name_the_row(write: Write, line: str, problem: str) -> None:
    path = write("a.jsonl", '{"term": "ok", "label": "X"}\n' + line + "\n")
    with pytest.raises(InputError, match=rf"a\.jsonl, row 2: {problem}"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True)
    assert [t.text for t in reading] == ["ok"]
    assert reading.report.bad[problem].examples[0][0] == 2


@pytest.mark.parametrize("block", [3, 1 << 16])
def test_a_json_array_of_records_and_strings(
    write: Write, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", block)
    text = '\ufeff [{"label": "ORG", "pattern": "Apple"},\n "pear", {"term": "flu", "label": "Disease"}]\n'
    reading = read_gazetteer(write("Fruit.json", text))
    found = [(t.text, t.label, t.row) for t in reading]
    assert found == [("Apple", "ORG", 1), ("pear", "Fruit", 2), ("flu", "Disease", 3)]


def test_a_cut_or_odd_json_array(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 2: not whole JSON"):
        list(read_gazetteer(write("a.json", '[{"term": "a1", "label": "X"}, {"term":')))
    with pytest.raises(InputError, match=r"row 1: not a JSON object: 12"):
        list(read_gazetteer(write("a.json", "[12]")))


def test_invalid_utf8_names_the_row(write: Write) -> None:
    path = write("a.jsonl", b'{"term": "ok", "label": "X"}\n{"term": "\xff", "label": "X"}\n')
    with pytest.raises(InputError, match=r"row 2: not valid UTF-8"):
        list(read_gazetteer(path))


def test_a_token_pattern_is_exact_or_not(write: Write) -> None:
    lines = (
        '{"label": "X", "pattern": [{"ORTH": "IL"}, {"LOWER": "receptor"}]}\n'
        '{"label": "X", "pattern": [{"LOWER": "covid"}, {"ORTH": "-"}, {"TEXT": "19"}]}\n'
    )
    reading = read_gazetteer(write("patterns.jsonl", lines))
    assert [(t.text, t.mode) for t in reading] == [("covid-19", "folded")]
    assert reading.report.skipped[NOT_PLAIN].examples[0][0] == 1


def test_synonyms_in_one_string_are_judged_by_the_records(write: Write) -> None:
    lines = '{"term": "flu", "synonyms": "influenza, grippe"}\n{"term": "MI", "synonyms": ["a, b"]}\n'
    reading = read_gazetteer(write("a.jsonl", lines), label="X")
    assert [t.text for t in reading] == ["flu", "influenza", "grippe", "MI", "a, b"]
    assert reading.report.notes == [
        "synonyms that are one string are separated by ',', as the first records show"
    ]


# TBX 2 and 3: languages, subject fields, deprecated terms.

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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "<terms><term><name>anthrax</name><synonym>charbon</synonym><synonym>wool fever</synonym></term>"
            "<term><name>gout</name></term></terms>",
            "anthrax X, charbon X, wool fever X, gout X",
        ),
        ("<i><item name='gate valve' code='G1'/><item name='rotor'/></i>", "gate valve X, rotor X"),
        ("<l><e>lay<i>time</i></e><e>H<sub>2</sub>O</e></l>", "laytime X, H2O X"),
        (
            "<t version='1'><list type='Drug'><v>zinc</v><v>heparin</v></list>"
            "<list type='Disease'><v>flu</v><v>gout</v></list></t>",
            "zinc Drug, heparin Drug, flu Disease, gout Disease",
        ),
        (
            "<r><meta><date>2020</date></meta><drugs><d>zinc</d><d>heparin</d></drugs>"
            "<tools><d>saw</d><d>awl</d></tools></r>",
            "zinc drugs, heparin drugs, saw tools, awl tools",
        ),
        (
            "<d><word category='Tool'>spanner</word><word category='Fault'>backlash</word></d>",
            "spanner Tool, backlash Fault",
        ),
        (
            "<c><Drug><DrugName>Bisoprolol</DrugName><Brand kind='uk'>Cardicor</Brand></Drug>"
            "<Drug><DrugName>Ramipril</DrugName><Brand>Tritace</Brand></Drug></c>",
            "Bisoprolol X, Cardicor X, Ramipril X, Tritace X",
        ),
    ],
)
def test_xml_of_any_shape(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<?xml version='1.0'?>{text}", encoding="utf-8")
    own = not told.endswith("X")
    reading = read_gazetteer(path, label="" if own else "X")
    assert ", ".join(f"{term.text} {term.label}" for term in reading) == told


def test_xml_that_is_no_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        f"<doc>{'<p>It was a dark and stormy night, and the rain fell in torrents all day.</p>' * 2}</doc>"
    )
    with pytest.raises(InputError, match="nothing in <doc> repeats that could be a term"):
        list(read_gazetteer(path, label="X"))
    path.write_text("<a><b><x>1</x><y>H5</y></b><b><x>2</x><y>H7</y></b></a>")
    assert [term.text for term in read_gazetteer(path, label="X", columns="term=y")] == ["H5", "H7"]
    path.write_text("<a><b><x>1</x><x>2</x></b><b><x>2</x><y>3</y></b></a>")
    with pytest.raises(InputError, match=r"no term: keys x, y\. Name the key.*columns term=KEY"):
        list(read_gazetteer(path, label="X"))


def test_records_under_their_ids_and_keys_in_other_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"D1": {"label": "bedsore", "alt": ["decubitus"]}, "D2": {"label": "fall"}}')
    found = [(term.text, term.concept_id) for term in read_gazetteer(path, label="X")]
    assert found == [("bedsore", "D1"), ("decubitus", "D1"), ("fall", "D2")]
    path.write_text('[{"prefLabel": "bilge", "altLabels": ["sump"], "notation": "B"}, {"prefLabel": "keel"}]')
    found = [(term.text, term.concept_id) for term in read_gazetteer(path, label="X")]
    assert found == [("bilge", "B"), ("sump", "B"), ("keel", "")]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "a.json",
            '{"concepts": [{"prefLabel": {"en": "hull", "de": "Rumpf"}, "altLabel": {"en": ["shell"]}},'
            ' {"prefLabel": {"en": "keel"}}]}',
            "hull, shell, keel",
        ),
        ("a.toml", '[Drug]\nterms = ["zinc"]\n[Device]\nterms = ["stent"]\n', "zinc, stent"),
        ("a.jsonl", '{"name": ["flu", "grippe"]}\n{"name": "gout"}\n', "flu, grippe, gout"),
        (
            "a.xml",
            "<v><c><name xml:lang='en'>bow</name><name xml:lang='fr'>proue</name></c>"
            "<c><name>stern</name></c></v>",
            "bow, stern",
        ),
    ],
)
def test_names_by_language_and_lists_of_names(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert ", ".join(term.text for term in read_gazetteer(path, label="X")) == told


def test_multiterm_and_translation_memories_are_read_in_one_language(write: Write) -> None:
    said = (
        "<mtf><conceptGrp><concept>7</concept>"
        '<languageGrp><language type="English" lang="EN"/><termGrp><term>lease</term></termGrp>'
        "<termGrp><term>tenancy</term></termGrp></languageGrp>"
        '<languageGrp><language lang="DE"/><termGrp><term>Mietvertrag</term></termGrp></languageGrp>'
        "</conceptGrp></mtf>"
    )
    found = read_gazetteer(write("a.xml", said), label="X")
    assert [(term.text, term.concept_id) for term in found] == [("lease", "7"), ("tenancy", "7")]
    assert found.report.skipped["language de"].count == 1
    both = '<tuv xml:lang="en"><seg>lease</seg></tuv><tuv xml:lang="de"><seg>Miete</seg></tuv>'
    unit = f'<tu tuid="u1">{both}</tu>'
    memory = write("a.tmx", f"<tmx version='1.4'><body>{unit}</body></tmx>")
    assert [term.text for term in read_gazetteer(memory, label="X")] == ["lease"]
    german = read_gazetteer(memory, label="X", languages="de")
    assert [(term.text, term.concept_id) for term in german] == [("Miete", "u1")]
    with pytest.raises(InputError, match=r"language en.*languages=fr,de"):
        list(read_gazetteer(memory, label="X", languages="fr").some())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("MRSTY.RRF", "C0004057|T109|A1.4|Organic Chemical|AT1|256|\n", "a table of UMLS without names"),
        ("piece.txt", "C0004057|A0001|SCUI|RB|C0004058|A0002|\nC0004057|A1|a|b|c|d|\n", "UMLS without names"),
        ("a.html", "<table><tr><th>Term</th></tr><tr><td>flu</td></tr></table>", "is a web page"),
        ("a.po", 'msgid "lease"\nmsgstr "Miete"\n', "holds translations"),
    ],
)
def test_files_that_hold_no_list_are_refused(write: Write, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(read_gazetteer(write(name, text), label="X"))


def test_a_bundle_of_fhir_and_codes_that_are_inactive(write: Write) -> None:
    codes = [{"code": "1", "display": "rum"}, {"code": "2", "display": "gin", "inactive": True}]
    value_set = {"resourceType": "ValueSet", "name": "Spirits", "expansion": {"contains": codes}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": value_set}]}
    reading = read_gazetteer(write("a.json", json.dumps(bundle)), label="X")
    assert [(term.text, term.concept_id) for term in reading] == [("rum", "1")]
    assert reading.report.skipped["not active"].count == 1


def test_codes_and_numbers_beside_the_terms_of_a_plain_list(write: Write) -> None:
    coded = read_gazetteer(write("a.txt", "Asthma J45\nGout M10.9\nScabies B86\n"), label="X")
    assert [(t.text, t.concept_id) for t in coded] == [
        ("Asthma", "J45"),
        ("Gout", "M10.9"),
        ("Scabies", "B86"),
    ]
    named = read_gazetteer(write("a.txt", "vitamin B12\nvitamin B06\nvitamin D25\n"), label="X")
    assert [term.text for term in named] == ["vitamin B12", "vitamin B06", "vitamin D25"]
    counted = read_gazetteer(write("a.txt", "1 flu\n2 gout\n3 asthma\n"), label="X")
    assert [term.text for term in counted] == ["flu", "gout", "asthma"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.bib", "@article{a,\n title={Rum},\n}\n", "BibTeX"),
        ("a.txt", "PMID- 1\nTI  - Rum\n", "MEDLINE"),
        ("a.txt", "MSH|^~\\&|LAB\rPID|1\r", "HL7 v2"),
        ("a.mrk", "=LDR  00000nz\n=150  \\\\$aRum\n", "MARC"),
        ("a.txt", "From a@b.c Mon Jan  1 00:00:00 2024\nSubject: rum\n", "mbox"),
        ("a.txt", "1;T;A00;Rum\n2;T;A01;Gin\n3;T;A02;Port\n", "4 columns with ';' between them"),
        (
            "a.xml",
            "<?xml version='1.0'?><PubmedArticleSet><PubmedArticle/></PubmedArticleSet>",
            "documents in XML",
        ),
        ("a.conll.txt", "Took VB O\ngin NN B-DRUG\n", "words with tags"),
        (
            "a.jsonl",
            '{"text": "Took gin", "spans": [{"start": 5, "end": 8, "label": "X"}]}',
            "texts with annotations",
        ),
        ("a.txt", "RUM~TABLET~ACME\nGIN~GEL~ACME\nALE~GEL~ACME\n", "3 columns with '~' between them"),
    ],
)
def test_lines_of_fields_are_no_names_of_one_thing(write: Write, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        list(read_gazetteer(write(name, text), label="X"))


def test_a_table_of_codes_without_headings_loses_no_row(write: Write) -> None:
    rows = [f"1-{n};1-10;Test {chr(n)} of rum" for n in range(70, 76)]
    terms = [*read_gazetteer(write("ops.txt", "\n".join(rows)), label="X")]
    assert [(t.text, t.concept_id) for t in terms] == [
        (f"Test {chr(n)} of rum", f"1-{n}") for n in range(70, 76)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "rum\n  UF grog\n  BT spirits\n  RT molasses\nnavy rum\n  USE rum\n",
        "rum\nBF: grog\nOB: Alkohol\nnavy rum\nBS: rum\n",
    ],
)
def test_a_thesaurus_of_a_library(write: Write, text: str) -> None:
    reading = read_gazetteer(write("a.txt", text), label="X")
    assert [(t.text, t.concept_id) for t in reading] == [
        ("rum", "name:rum"),
        ("grog", "name:rum"),
        ("navy rum", "name:rum"),
    ]
    assert "how a term stands to others" in reading.report.skipped


def test_what_looks_like_a_pattern_is_told_and_kept_whole(write: Write) -> None:
    reading = read_gazetteer(
        write("a.csv", "term\nrum\n\\bdiabet\\w+\nhyper(tension|lipidemia)\n"), label="X"
    )
    assert [t.text for t in reading] == ["rum", "\\bdiabet\\w+", "hyper(tension|lipidemia)"]
    assert any("regular expression" in note and "first row 3" in note for note in reading.report.notes)
    plain = read_gazetteer(
        write("b.csv", "term\niron(III) oxide\nfee in US$\nwho?\n[18F]FDG\nC++\n"), label="X"
    )
    assert len([*plain]) == 5
    assert not any("regular expression" in note for note in plain.report.notes)


@pytest.mark.parametrize(
    "heads", ["术语,标签", "用語,分類", "용어,분류", "Термин,Метка", "المصطلح,التصنيف", "ศัพท์,หมวด"]
)
def test_headings_in_other_scripts(write: Write, heads: str) -> None:
    reading = read_gazetteer(write("a.csv", f"{heads}\nrum,SPIRIT\nport,WINE\n"))
    assert [(t.text, t.label) for t in reading] == [("rum", "SPIRIT"), ("port", "WINE")]


def test_a_list_too_long_for_other_forms_is_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid_ner.terms.variants.MOST", 2)
    for names, notes in (("flu\ngout\n", 0), ("flu\ngout\nfever\n", 1)):
        reading = read_gazetteer(write("a.txt", names), label="X")
        reading.gazetteer()
        assert sum(note.startswith("more than 2 terms") for note in reading.report.notes) == notes


def test_terms_of_scripts_without_spaces_are_told(write: Write) -> None:
    reading = read_gazetteer(write("a.txt", "痛风\nโรคเกาต์\ngout\n"), label="X")
    reading.gazetteer()
    assert any(note.startswith("2 terms in a script without spaces") for note in reading.report.notes)


def test_a_load_file_of_concordance(write: Write) -> None:
    text = "\ufeffþTermþ\x14þLabelþ\r\nþwork, productþ\x14þLEGALþ\r\n"
    assert [(t.text, t.label) for t in read_gazetteer(write("a.dat", text))] == [("work, product", "LEGAL")]


def test_commas_of_chinese_and_japanese(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "term，label\n酒，SPIRIT\n茶，TEA\n"))
    assert [(t.text, t.label) for t in reading] == [("酒", "SPIRIT"), ("茶", "TEA")]
    reading = read_gazetteer(write("b.csv", "term,synonyms\n酒,黄酒、白酒\n茶,红茶\n"), label="X")
    assert [t.text for t in reading] == ["酒", "黄酒", "白酒", "茶", "红茶"]
