"""PubTator, BioC, WebAnno TSV, UIMA CAS, Parquet and Argilla, against other parsers where there are some."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.corpus.formats import FORMATS, detect
from hybrid_ner.errors import CorpusError

TITLE, ABSTRACT = "Fever 🫀 after metformin.", "Metformin & <rash>: no fever."
TEXT = f"{TITLE}\n{ABSTRACT}"
ENTITIES = (
    Entity(0, 5, "Disease", "MESH:D005334"),
    Entity(14, 23, "Chemical", "MESH:D008687"),
    Entity(25, 34, "Chemical"),
    Entity(38, 42, "Disease", "D1|D2"),
)
DOCUMENT = Document("12", TEXT, ENTITIES)


def _spans(document: Document) -> list[tuple[str, str, str]]:
    return [(document.text[e.start : e.end], e.label, e.concept_id) for e in document.entities or ()]


SPANS = _spans(DOCUMENT)


def _read(path: Path, **given: object) -> tuple[list[Document], ProblemLog]:
    log = ProblemLog()
    return list(read_corpus(path, report=log, **given)), log  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["pubtator", "bioc-xml", "bioc-json", "parquet"])
def test_round_trip_keeps_ids_text_and_spans(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    documents = [DOCUMENT, Document("b", "Only a title", ()), Document("c", "a\n\nb", (Entity(3, 4, "X"),))]
    log = ProblemLog()
    assert write_corpus(path, documents, name, report=log) == 3
    assert detect(path).name == name
    again, _ = _read(path)
    if name == "pubtator":
        assert log.counts == {"lost data": 1}
        documents[2] = Document("c", "a\n b", (Entity(3, 4, "X"),))
    else:
        assert len(log) == 0
    assert [(d.doc_id, d.text, d.entities) for d in again] == [
        (d.doc_id, d.text, d.entities) for d in documents
    ]


@pytest.mark.parametrize("name", ["bioc-xml", "bioc-json"])
def test_what_is_said_of_an_entity_is_kept_as_it_was(tmp_path: Path, name: str) -> None:
    said = {"flags": ["negated"], "model_score": 0.83, "source": "rules", "note": "[?]"}
    document = Document("a", "Fever", (Entity(0, 5, "X", "", said),))
    write_corpus(tmp_path / "x", [document], name)
    assert [dict(e.attrs) for d in _read(tmp_path / "x")[0] for e in d.entities or ()] == [said]


@pytest.mark.parametrize("name", ["webanno", "uima-xmi", "uima-json", "argilla", "docx", "pdf"])
def test_formats_that_are_only_read_say_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="only read"):
        write_corpus(tmp_path / "x", [DOCUMENT], name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["txt", "pubtator", "data"])
def test_pubtator_as_published(tmp_path: Path, ending: str) -> None:
    start = TEXT.index("metformin")
    content = (
        f"12|t|{TITLE}\n12|a|{ABSTRACT}\n12\t0\t5\tFever\tDisease\tD005334\n"
        f"12\t{start}\t{start + 9}\tmetformin\tChemical\t-1\n12\tCID\tD008687\tD005334\n\n13|t|Next\n13|a|\n"
    )
    (tmp_path / f"x.{ending}").write_text(content, encoding="utf-8")
    (first, second), log = _read(tmp_path / f"x.{ending}")
    assert _spans(first) == [("Fever", "Disease", "D005334"), ("metformin", "Chemical", "")]
    assert (second.doc_id, second.text, second.entities) == ("13", "Next\n", ())
    assert [p.message for p in log.problems] == ["not read: 1 relation."]


def test_pubtator_with_the_parts_of_a_composite_mention(tmp_path: Path) -> None:
    rows = "9|t|Gout and pain\n9\t0\t13\tGout and pain\tDisease\tD1|D2\tGout|pain\n"
    (tmp_path / "x.pubtator").write_text(rows)
    (document,), log = _read(tmp_path / "x.pubtator")
    assert _spans(document) == [("Gout and pain", "Disease", "D1|D2")]
    assert [p.message for p in log.problems] == ["not read: 1 value of column 7."]


def test_pubtator_that_does_not_fit_its_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1|t|Fever\n1\t0\t4\tFever\tDisease\n1\t0\tx\nodd\n", encoding="utf-8")
    _, log = _read(tmp_path / "x.txt")
    assert log.counts == {"annotation": 1, "row": 1, "surface": 1}


def test_bioc_is_what_the_bioc_package_reads_and_writes(tmp_path: Path) -> None:
    bioc = pytest.importorskip("bioc")
    from bioc import biocjson, biocxml

    write_corpus(tmp_path / "x.xml", [DOCUMENT], "bioc-xml")
    write_corpus(tmp_path / "x.json", [DOCUMENT], "bioc-json")
    for collection in (
        biocxml.loads((tmp_path / "x.xml").read_text("utf-8")),
        biocjson.loads((tmp_path / "x.json").read_text("utf-8")),
    ):
        (passage,) = collection.documents[0].passages
        found = [(a.text, a.infons["type"], a.infons.get("identifier", "")) for a in passage.annotations]
        assert found == SPANS
        places = [(a.locations[0].offset, a.locations[0].length) for a in passage.annotations]
        assert places == [(e.start, e.end - e.start) for e in ENTITIES]
    collection = bioc.BioCCollection()
    document = bioc.BioCDocument()
    document.id = "12"
    for offset, text, kind in ((0, TITLE, "title"), (len(TITLE) + 1, ABSTRACT, "abstract")):
        passage = bioc.BioCPassage()
        passage.offset, passage.text, passage.infons["type"] = offset, text, kind
        for number, entity in enumerate(ENTITIES):
            if offset <= entity.start < offset + len(text):
                annotation = bioc.BioCAnnotation()
                annotation.id = str(number)
                annotation.text = TEXT[entity.start : entity.end]
                annotation.infons |= {"type": entity.label, "identifier": entity.concept_id}
                annotation.add_location(bioc.BioCLocation(entity.start, entity.end - entity.start))
                passage.add_annotation(annotation)
        document.add_passage(passage)
    relation = bioc.BioCRelation()
    relation.id = "R1"
    document.add_relation(relation)
    collection.add_document(document)
    (tmp_path / "y.xml").write_text(biocxml.dumps(collection), encoding="utf-8")
    (tmp_path / "y.json").write_text(biocjson.dumps(collection, indent=1), encoding="utf-8")
    for path in (tmp_path / "y.xml", tmp_path / "y.json"):
        (again,), log = _read(path)
        assert (again.doc_id, again.text, again.entities) == ("12", TEXT, ENTITIES)
        assert [passage["type"] for passage in again.meta["passages"]] == ["title", "abstract"]
        assert [p.message for p in log.problems] == ["not read: 1 relation."]
        write_corpus(tmp_path / "z.xml", [again], "bioc-xml")
        written = biocxml.loads((tmp_path / "z.xml").read_text("utf-8")).documents[0]
        assert [(p.offset, p.text, p.infons["type"]) for p in written.passages] == [
            (0, TITLE, "title"),
            (len(TITLE) + 1, ABSTRACT, "abstract"),
        ]


def test_bioc_passages_that_overlap_follow_each_other_and_spans_move_along(tmp_path: Path) -> None:
    def passage(offset: int, text: str, at: int) -> dict[str, object]:
        place = {"offset": offset + at, "length": 5}
        annotations = [{"id": "1", "infons": {"type": "D"}, "text": text[at : at + 5], "locations": [place]}]
        return {"offset": offset, "text": text, "annotations": annotations}

    passages = [
        passage(7_000, "Fever is here.", 0),
        passage(7_002, "The cough", 4),
        passage(90_000, "No fever", 3),
    ]
    discontinuous = {"id": "2", "infons": {"type": "D"}, "locations": [{"offset": 1, "length": 1}] * 2}
    parts = [{"offset": 7_006, "length": 2}, {"offset": 7_009, "length": 4}]
    in_parts = {"id": "3", "infons": {"type": "D"}, "locations": parts}
    passages[0]["annotations"] += [discontinuous, in_parts]  # type: ignore[operator]
    lines = [{"id": "a", "passages": passages}, {"id": "b", "passages": passages}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (first, _), log = _read(tmp_path / "x.jsonl")
    assert first.text == "Fever is here.\nThe cough\nNo fever"
    assert [surface for surface, _, _ in _spans(first)] == ["Fever", "is here", "cough", "fever"]
    assert log.counts == {"discontinuous": 2}


WEBANNO = r"""#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_SP=webanno.custom.Cue|kind
#T_RL=webanno.custom.Relation|role|BT_webanno.custom.Cue


#Text=No 🫀 chronic pain.
1-1 0-2 No DT _ _ negation _ _
1-2 3-5 🫀 SYM _ _ _ _ _
1-3 6-13 chronic JJ Q1[1] Disease[1] _ of 1-1
1-4 14-18 pain NN Q1[1]|*[2] Disease[1]|Sign[2] _ _ _
1-5 18-19 . . _ _ _ _ _

#Text=Pain\\less & A|B
2-1 21-30 Pain\\less JJ * Odd\\_x _ _ _
2-1.1 21-25 Pain _ * Sign _ _ _
2-2 33-36 A|B NN * * _ _ _
"""


def test_webanno_tsv_of_several_layers(tmp_path: Path) -> None:
    lines = (line if line.startswith("#") else line.replace(" ", "\t") for line in WEBANNO.split("\n"))
    (tmp_path / "x.tsv").write_text("\n".join(lines), encoding="utf-8")
    (document,), log = _read(tmp_path / "x.tsv")
    assert (document.doc_id, document.text) == ("x", "No 🫀 chronic pain.\n\nPain\\less & A|B")
    assert sorted(_spans(document)) == sorted(
        [
            ("No", "negation", ""),
            ("chronic pain", "Disease", "Q1"),
            ("pain", "Sign", ""),
            ("Pain", "Sign", ""),
            ("Pain\\less", "Odd\\_x", ""),
            ("A|B", "NamedEntity", ""),
        ]
    )
    assert [p.message for p in log.problems] == ["not read: 1 relation."]


def test_webanno_layers_behind_relations_slots_and_several_features(tmp_path: Path) -> None:
    lines = [
        "#FORMAT=WebAnno TSV 3.3",
        "#T_SP=webanno.custom.Drug|certain|dose",
        "#T_RL=webanno.custom.Treats|how|BT_webanno.custom.Drug",
        "#T_SP=webanno.custom.Event|ROLE_webanno.custom.Event:args_webanno.custom.Args|webanno.custom.Drug|kind",
        "",
        "#Text=Took gin.",
        "1-1\t0-4\tTook\t_\t_\t_\t_\twhat\t1-2\tIntake",
        "1-2\t5-8\tgin\ttrue\t5\tsafe\t1-2\t_\t_\t_",
        "1-3\t8-9\t.\t_\t_\t_\t_\t_\t_\t_",
    ]
    (tmp_path / "x.tsv").write_text("\n".join(lines), encoding="utf-8")
    (document,), log = _read(tmp_path / "x.tsv")
    assert _spans(document) == [("Took", "Intake", ""), ("gin", "Drug", "")]
    assert [e.attrs for e in document.entities or ()] == [
        {"layer": "Event"},
        {"certain": "true", "dose": "5"},
    ]
    assert [p.message for p in log.problems] == ["not read: 1 slot, 1 relation."]


def test_webanno_offset_far_behind_the_text_is_a_bad_row(tmp_path: Path) -> None:
    lines = ["#FORMAT=WebAnno TSV 3.3", "#T_SP=webanno.custom.Cue|kind", "", ""]
    lines += ["#Text=No pain", "1-1\t0-2\tNo\t_", "", "#Text=Fever", "2-1\t99000000-99000005\tFever\tA", ""]
    (tmp_path / "x.tsv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"row 9.*text read so far ends at 7"):
        list(read_corpus(tmp_path / "x.tsv"))
    (document,), log = _read(tmp_path / "x.tsv")
    assert (document.text, document.entities, log.counts) == ("No pain", (), {"row": 1})


def _cas() -> object:
    cassis = pytest.importorskip("cassis")
    types = cassis.TypeSystem()
    entity = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", "uima.tcas.Annotation"
    )
    types.create_feature(entity, "value", "uima.cas.String")
    types.create_feature(entity, "identifier", "uima.cas.String")
    token = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "uima.tcas.Annotation"
    )
    mention = types.create_type(
        "org.apache.ctakes.typesystem.type.textsem.ProcedureMention", "uima.tcas.Annotation"
    )
    relation = types.create_type("custom.Relation", "uima.tcas.Annotation")
    for end in ("source", "target"):
        types.create_feature(relation, end, "uima.tcas.Annotation")
    own = types.create_type("custom.DrugEffect", "uima.tcas.Annotation")
    for end in ("drug", "effect"):
        types.create_feature(own, end, "uima.tcas.Annotation")
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    made = [entity(begin=e.start, end=e.end, value=e.label, identifier=e.concept_id) for e in ENTITIES]
    cas.add_all(
        [
            *made,
            token(begin=0, end=5),
            mention(begin=6, end=7),
            relation(begin=0, end=5, source=made[0], target=made[1]),
            own(begin=0, end=5, drug=made[1], effect=made[0]),
        ]
    )
    return cas


@pytest.mark.parametrize("form", ["xmi", "json"])
def test_uima_cas_as_cassis_writes_it(tmp_path: Path, form: str) -> None:
    cas = _cas()
    path = tmp_path / f"x.{form}"
    cas.to_xmi(path) if form == "xmi" else cas.to_json(path)  # type: ignore[attr-defined]
    (document,), log = _read(path)
    assert document.text == TEXT
    found = [span for span in _spans(document) if span[1] != "ProcedureMention"]
    assert found == SPANS
    assert ("🫀", "ProcedureMention", "") in _spans(document)
    assert [p.message for p in log.problems] == ["not read: 2 relations."]


@pytest.mark.parametrize("form", ["xmi", "json"])
def test_chains_slots_and_lists_of_a_cas(tmp_path: Path, form: str) -> None:
    cassis = pytest.importorskip("cassis")
    types = cassis.TypeSystem()
    drug = types.create_type("custom.Drug", "uima.tcas.Annotation")
    types.create_feature(drug, "codes", "uima.cas.StringArray")
    types.create_feature(drug, "category", "uima.cas.String")
    types.create_feature(drug, "label", "uima.cas.String")
    link = types.create_type("custom.CorefLink", "uima.tcas.Annotation")
    types.create_feature(link, "next", link)
    slot = types.create_type("custom.EventArgsLink", "uima.cas.TOP")
    types.create_feature(slot, "role", "uima.cas.String")
    types.create_feature(slot, "target", drug)
    event = types.create_type("custom.Event", "uima.tcas.Annotation")
    types.create_feature(event, "args", "uima.cas.FSArray", elementType=slot)
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = "Took gin.", "text/plain"
    codes = types.get_type("uima.cas.StringArray")(elements=["A", "B"])
    gin = drug(begin=5, end=8, codes=codes, category="x", label="Spirit")
    second = link(begin=5, end=8)
    filled = types.get_type("uima.cas.FSArray")(elements=[slot(role="what", target=gin)])
    cas.add_all([gin, second, link(begin=0, end=4, next=second), event(begin=0, end=4, args=filled)])
    path = tmp_path / f"x.{form}"
    cas.to_xmi(path) if form == "xmi" else cas.to_json(path)
    (document,), log = _read(path)
    assert _spans(document) == [("Took", "Event", ""), ("gin", "Spirit", "")]
    attrs = {"codes": ["A", "B"], "category": "x", "layer": "Drug"}
    assert [e.attrs for e in document.entities or ()] == [{}, attrs]
    assert [p.message for p in log.problems] == ["not read: 1 slot, 2 links of a chain."]


def _hugging_face(path: Path, column: str = "ner_tags") -> None:
    names = ["O", "B-Disease", "I-Disease"]
    feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}
    info = {"info": {"features": {"tokens": {"feature": {"dtype": "string"}}, column: feature}}}
    table = pa.table(
        {"id": ["0", "1"], "tokens": [["Chronic", "pain", "."], ["No"]], column: [[1, 2, 0], [0]]}
    ).replace_schema_metadata({"huggingface": json.dumps(info)})
    pq.write_table(table, path)


@pytest.mark.parametrize("column", ["ner_tags", "tags"])
def test_parquet_of_words_and_tags(tmp_path: Path, column: str) -> None:
    _hugging_face(tmp_path / "train.parquet", column)
    (first, second), log = _read(tmp_path / "train.parquet")
    assert _spans(first) == [("Chronic pain", "Disease", "")]
    assert (second.doc_id, second.entities) == ("1", ())
    assert len(log) == 0


def test_parquet_of_spans_and_a_named_text(tmp_path: Path) -> None:
    spans = [[{"start": 0, "end": 5, "label": "D"}], None]
    pq.write_table(pa.table({"note": ["Fever", "No"], "entities": spans, "ward": [7, 8]}), tmp_path / "x")
    (first, second), _ = _read(tmp_path / "x", text_column="note")
    assert (_spans(first), first.meta) == ([("Fever", "D", "")], {"ward": 7})
    assert second.entities is None
    (tmp_path / "y").write_bytes((tmp_path / "x").read_bytes()[:60])
    with pytest.raises(CorpusError, match="no Parquet file, or a damaged one"):
        list(read_corpus(tmp_path / "y"))


@pytest.mark.parametrize("lines", [True, False])
def test_argilla_records(tmp_path: Path, lines: bool) -> None:
    def record(number: int, responses: list[object]) -> dict[str, object]:
        return {
            "id": f"r{number}",
            "fields": {"text": TEXT, "title": "x"},
            "metadata": {"ward": 7},
            "suggestions": {"span": {"value": [{"start": 0, "end": 5, "label": "X"}], "agent": "m"}},
            "responses": {"span": responses} if responses else {},
            "status": "completed",
        }

    spans = [{"start": e.start, "end": e.end, "label": e.label} for e in ENTITIES]
    one = {"value": spans, "user_id": "u", "status": "submitted"}
    records = [
        record(0, [one]),
        record(1, [{**one, "value": []}, one]),
        record(2, []),
        record(3, [{**one, "status": "draft"}]),
    ]
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records, indent=1)
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    found, log = _read(tmp_path / "x.json")
    assert [len(d.entities) if d.entities is not None else None for d in found] == [4, 4, None, None]
    assert found[0].meta["ward"] == 7
    assert found[0].meta["field.title"] == "x"
    assert [p.message for p in log.problems] == ["1 record with several responses: the last one counts."]


def test_no_two_formats_claim_one_file(tmp_path: Path) -> None:
    """What one format writes, no other recognizes before it."""
    for name, form in FORMATS.items():
        path = tmp_path / name
        try:
            write_corpus(path, [DOCUMENT, Document("2", "More text here.", ())], name, report=ProblemLog())
        except CorpusError:
            continue
        if not form.folder and form.sniff is not None:
            assert detect(path).read == form.read, name
