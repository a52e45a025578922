"""SKOS and OWL: languages, labels, scopes, deprecated, nested nodes; the stream against rdflib."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.rdf import curie

Write = Callable[..., Path]

SKOS = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
 xmlns:owl="http://www.w3.org/2002/07/owl#">
<skos:ConceptScheme rdf:about="http://x.org/s1">
 <skos:prefLabel xml:lang="en">Scheme</skos:prefLabel></skos:ConceptScheme>
<skos:Concept rdf:about="http://x.org/1"><skos:inScheme rdf:resource="http://x.org/s1"/>
 <skos:prefLabel xml:lang="en">made
   law</skos:prefLabel><skos:prefLabel xml:lang="fr">loi faite</skos:prefLabel>
 <skos:altLabel xml:lang="en-GB">maker’s law</skos:altLabel><skos:altLabel>lex facta</skos:altLabel>
 <skos:hiddenLabel xml:lang="en">maid law</skos:hiddenLabel>
 <skos:broader rdf:resource="http://x.org/0"/></skos:Concept>
<rdf:Description rdf:about="http://x.org/2"><rdf:type rdf:resource="http://www.w3.org/2004/02/skos/core#Concept"/>
 <skos:prefLabel xml:lang="en">
 gone law</skos:prefLabel><owl:deprecated>true</owl:deprecated></rdf:Description>
<skos:Concept rdf:about="http://x.org/3" skos:prefLabel="flat law"><skos:narrower>
 <skos:Concept rdf:about="http://x.org/4">
 <skos:prefLabel xml:lang="en">inner law</skos:prefLabel></skos:Concept>
</skos:narrower></skos:Concept>
</rdf:RDF>
"""
OWL = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY obo "http://purl.obolibrary.org/obo/">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:oio="http://www.geneontology.org/formats/oboInOwl#">
<owl:Ontology rdf:about="http://purl.obolibrary.org/obo/doid.owl"/>
<owl:Class rdf:about="&obo;DOID_1"><rdfs:label>made fever</rdfs:label>
 <rdfs:subClassOf rdf:resource="&obo;DOID_0"/>
 <rdfs:subClassOf><owl:Restriction>
 <owl:onProperty rdf:resource="&obo;RO_1"/></owl:Restriction></rdfs:subClassOf>
 <oio:hasExactSynonym xml:lang="en">fever of making</oio:hasExactSynonym>
 <oio:hasBroadSynonym>fever</oio:hasBroadSynonym></owl:Class>
<owl:Class rdf:about="&obo;DOID_2"><rdfs:label>old fever</rdfs:label>
 <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated></owl:Class>
<owl:Class rdf:about="&obo;XX_3"><rdfs:label>foreign</rdfs:label></owl:Class>
<owl:AnnotationProperty rdf:about="http://x.org/p"><rdfs:label>comment</rdfs:label></owl:AnnotationProperty>
</rdf:RDF>
"""


def test_skos(write: Write) -> None:
    reading = read_gazetteer(write("CONCEPT.rdf", SKOS), prefix="EV")
    assert [(t.text, t.concept_id, t.status, t.label) for t in reading] == [
        ("made law", "EV:1", "preferred", "CONCEPT"),
        ("maker’s law", "EV:1", "synonym", "CONCEPT"),
        ("lex facta", "EV:1", "synonym", "CONCEPT"),
        ("flat law", "EV:3", "preferred", "CONCEPT"),
        ("inner law", "EV:4", "preferred", "CONCEPT"),
    ]
    assert reading.parents == {"EV:1": ("EV:0",), "EV:4": ("EV:3",)}
    assert {r: s.count for r, s in reading.report.skipped.items()} == {
        "scheme or collection, no concept": 1,
        "language": 1,
        "hidden label": 1,
        "obsolete": 1,
    }


def test_skos_options(write: Write) -> None:
    path = write("a.rdf", SKOS)

    def texts(**given: object) -> list[str]:
        return [t.text for t in read_gazetteer(path, **given)]  # type: ignore[arg-type]

    assert texts(label="X", languages="fr") == ["loi faite", "lex facta", "flat law"]
    assert "maid law" in texts(label="X", hidden=True)
    assert "gone law" in texts(label="X", obsolete=True)
    assert texts(label="X", schemes="s1") == ["made law", "maker’s law", "lex facta"]
    assert texts(label_map={"s1": "LAW"}) == ["made law", "maker’s law", "lex facta"]


def test_owl(write: Write) -> None:
    reading = read_gazetteer(write("doid.owl", OWL))
    assert [(t.text, t.concept_id, t.status, t.source) for t in reading] == [
        ("made fever", "DOID:1", "preferred", "DOID"),
        ("fever of making", "DOID:1", "synonym", "DOID"),
    ]
    assert reading.parents == {"DOID:1": ("DOID:0",)}
    assert {r: s.count for r, s in reading.report.skipped.items()} == {
        "no class": 1,
        "synonym scope BROAD": 1,
        "obsolete": 1,
        "type not wanted": 1,
    }


def test_owl_options(write: Write) -> None:
    path = write("doid.owl", OWL)
    assert [t.text for t in read_gazetteer(path, label="X", prefixes="XX")] == ["foreign"]
    assert "fever" in [t.text for t in read_gazetteer(path, scopes="BROAD")]
    assert "old fever" in [t.text for t in read_gazetteer(path, obsolete=True)]


@pytest.mark.parametrize(("text", "format"), [(SKOS, "skos"), (OWL, "owl")])
@pytest.mark.parametrize("syntax", ["turtle", "nt", "pretty-xml"])
def test_the_stream_gives_what_rdflib_gives(write: Write, text: str, format: str, syntax: str) -> None:
    rdflib = pytest.importorskip("rdflib")
    suffix = {"turtle": "ttl", "nt": "nt", "pretty-xml": "rdf"}[syntax]
    whole = load_gazetteer(write("a.rdf", text), format, label="X")
    again = rdflib.Graph().parse(data=text, format="xml").serialize(format=syntax)
    other = load_gazetteer(write(f"b.{suffix}", again), format, label="X")
    assert {(t.text, t.concept_id, t.status) for t in whole} == {
        (t.text, t.concept_id, t.status) for t in other
    }
    assert whole.parents == other.parents


def test_malformed(write: Write) -> None:
    with pytest.raises(InputError, match=r"row \d+: malformed XML"):
        list(read_gazetteer(write("a.rdf", SKOS[:-20]), "skos", label="X", skip_bad=True))
    path = write(
        "b.rdf",
        SKOS.replace('"http://x.org/3" skos:prefLabel="flat law"', '"http://x.org/3" skos:prefLabel=""'),
    )
    with pytest.raises(InputError, match="empty label"):
        list(read_gazetteer(path, label="X"))
    assert len(list(read_gazetteer(path, label="X", skip_bad=True))) == 4


def test_malformed_turtle(write: Write) -> None:
    pytest.importorskip("rdflib")
    with pytest.raises(InputError, match="not valid turtle"):
        list(read_gazetteer(write("a.ttl", "<a> <b> ."), "skos", label="X"))


def test_curies() -> None:
    assert curie("http://purl.obolibrary.org/obo/MONDO_0000001") == "MONDO:0000001"
    assert curie("http://eurovoc.europa.eu/100", "EUROVOC") == "EUROVOC:100"
    assert curie("http://x.org/a#b") == "http://x.org/a#b"


def test_relative_addresses_languages_of_the_root_and_literals_with_markup(write: Write) -> None:
    text = """<rdf:RDF xml:base="http://x.org/v" xml:lang="en" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#">
<owl:Class rdf:ID="Fever"><rdfs:label>made fever</rdfs:label></owl:Class>
<owl:Class rdf:about="#Cold"><rdfs:label rdf:parseType="Literal">made <i>cold</i></rdfs:label>
 <rdfs:label xml:lang="fr">rhume</rdfs:label><rdfs:subClassOf rdf:resource="#Fever"/></owl:Class>
</rdf:RDF>"""
    path = write("a.owl", text)
    found = load_gazetteer(path, label="Disease", prefix="V")
    assert [(t.text, t.concept_id) for t in found] == [("made fever", "V:Fever"), ("made cold", "V:Cold")]
    assert found.parents == {"V:Cold": ("V:Fever",)}
    bare = load_gazetteer(write("b.owl", text.replace('xml:base="http://x.org/v" ', "")), label="Disease")
    assert [t.concept_id for t in bare] == ["#Fever", "#Cold"]


def test_an_id_space_may_hold_an_underscore() -> None:
    assert curie("http://purl.obolibrary.org/obo/NCBITaxon_Union_0000025") == "NCBITaxon_Union:0000025"
    assert curie("http://purl.obolibrary.org/obo/DOID_4") == "DOID:4"


def test_skos_xl_labels_before_and_after_their_concepts(write: Write) -> None:
    head = SKOS.partition("xmlns:skos=")[0] + (
        'xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:xl="http://www.w3.org/2008/05/skos-xl#">'
    )
    body = """
    <xl:Label rdf:about="http://x/l1"><xl:literalForm xml:lang="en">made law</xl:literalForm></xl:Label>
    <skos:Concept rdf:about="http://x/1"><xl:prefLabel rdf:resource="http://x/l1"/>
      <xl:altLabel><xl:Label rdf:about="http://x/l2">
        <xl:literalForm xml:lang="en">law of making</xl:literalForm></xl:Label></xl:altLabel>
      <xl:altLabel rdf:resource="http://x/l3"/></skos:Concept>
    <xl:Label rdf:about="http://x/l3"><xl:literalForm xml:lang="fr">loi faite</xl:literalForm></xl:Label>
    <skos:Concept rdf:about="http://x/2"><xl:prefLabel rdf:resource="http://x/l3"/></skos:Concept>
    <skos:Concept rdf:about="http://x/3"><skos:prefLabel xml:lang="en">plain law</skos:prefLabel>
      <skos:broader rdf:resource="http://x/1"/></skos:Concept></rdf:RDF>"""
    reading = read_gazetteer(write("CONCEPT.rdf", head + body), prefix="X")
    assert [(t.text, t.concept_id, t.status, t.row) for t in reading] == [
        ("plain law", "X:3", "preferred", 5),
        ("made law", "X:1", "preferred", 2),
        ("law of making", "X:1", "synonym", 2),
    ]
    assert reading.parents == {"X:3": ("X:1",)}
    assert reading.report.skipped["no name in these languages"].examples == [(4, "http://x/2")]


def test_json_ld_says_what_to_do(write: Write) -> None:
    path = write("a.jsonld", '{"@context": {"skos": "http://www.w3.org/2004/02/skos/core#"}}')
    with pytest.raises(InputError, match=r"JSON-LD is not read: .* Save it as Turtle or RDF/XML"):
        list(read_gazetteer(path, label="X"))


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.owl", '<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>', "its root is Ontology, not RDF"),
        ("a.owl", "Prefix(:=<http://x#>)\nOntology(<http://x>)\n", "is in another syntax of OWL"),
        ("a.ofn", "Ontology(<http://x>)\n", "is in another syntax of OWL"),
        ("a.omn", "Prefix: : <http://x#>\n", "is in another syntax of OWL"),
    ],
)
def test_other_syntaxes_of_owl_say_what_to_do(write: Write, name: str, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=rf"{problem}.*Save it as RDF/XML or Turtle"):
        list(read_gazetteer(write(name, text), label="X"))


SKOS_NAME = "http://www.w3.org/2004/02/skos/core#"
OWL_NAME = "http://www.w3.org/2002/07/owl#"


@pytest.mark.parametrize("size", [0, 9_000, 2_000_000])
@pytest.mark.parametrize("name", ["a.ttl", "a.nt", "list.rdf"])
def test_skos_is_known_wherever_its_vocabulary_is_named(write: Write, name: str, size: int) -> None:
    filling = "# A licence of many words, as publishers put it on top.\n" * (size // 55)
    if name == "a.nt":
        text = f'<x:1> <{SKOS_NAME}prefLabel> "fever"@en .\n'
    elif name == "a.ttl":
        text = f'@prefix core: <{SKOS_NAME}> .\n<x:1> a core:Concept ; core:prefLabel "fever"@en .\n'
    else:
        filling = f"<!-- {filling} -->"
        text = (
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="{SKOS_NAME}">'
            '<s:Concept rdf:about="x:1"><s:prefLabel xml:lang="en">fever</s:prefLabel></s:Concept></rdf:RDF>'
        )
    path = write(name, filling + text)
    assert [(t.text, t.concept_id) for t in read_gazetteer(path, label="Disease")] == [("fever", "x:1")]


def test_thesaurus_that_calls_itself_an_ontology_is_skos(write: Write) -> None:
    text = f"""<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY skos "{SKOS_NAME}"><!ENTITY owl "{OWL_NAME}">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="{OWL_NAME}"
 xmlns:skos="{SKOS_NAME}"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
<owl:Ontology rdf:about="http://t.example/"><rdfs:label>A thesaurus</rdfs:label></owl:Ontology>
<owl:Class rdf:about="http://t.example/meta/Concept"><rdfs:label>kind</rdfs:label></owl:Class>
<rdf:Description rdf:about="http://t.example/p1"><rdf:type rdf:resource="&skos;Concept"/>
<skos:prefLabel xml:lang="fi">kuume</skos:prefLabel>
<skos:prefLabel xml:lang="en">fever</skos:prefLabel></rdf:Description>
<rdf:Description rdf:about="http://t.example/p2"><rdf:type rdf:resource="&skos;Concept"/>
<skos:prefLabel xml:lang="en">cough</skos:prefLabel></rdf:Description>
</rdf:RDF>"""
    reading = read_gazetteer(write("ysa.rdf", text), label="Topic")
    assert [t.text for t in reading] == ["fever", "cough"]


def test_ontology_of_classes_in_rdf_is_owl_wherever_they_begin(write: Write) -> None:
    text = f"""<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY owl "{OWL_NAME}">]>
<!-- {"long " * 2_000} -->
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="&owl;"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xml:base="http://v.example/vin">
<owl:Class rdf:ID="Wine">
<rdfs:label xml:lang="en">wine</rdfs:label><rdfs:label xml:lang="fr">vin</rdfs:label></owl:Class>
<owl:ObjectProperty rdf:ID="made"><rdfs:label>made of</rdfs:label></owl:ObjectProperty>
</rdf:RDF>"""
    reading = read_gazetteer(write("vin.rdf", text), label="Drink")
    assert [(t.text, t.concept_id) for t in reading] == [("wine", "http://v.example/vin#Wine")]
    assert {r: s.count for r, s in reading.report.skipped.items()} == {"language": 1, "no class": 1}


def test_translations_without_a_name_of_the_class_are_read(write: Write) -> None:
    text = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
 xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#">
<owl:Class rdf:about="http://purl.obolibrary.org/obo/HP_0001945">
<oboInOwl:hasExactSynonym xml:lang="fr">Fièvre</oboInOwl:hasExactSynonym></owl:Class>
<rdf:Description rdf:about="http://purl.obolibrary.org/obo/HP_0012735">
<oboInOwl:hasExactSynonym xml:lang="fr">Toux</oboInOwl:hasExactSynonym></rdf:Description>
</rdf:RDF>"""
    path = write("hp-fr.owl", text)
    reading = read_gazetteer(path, languages="fr")
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("Fièvre", "Phenotype", "HP:0001945", "synonym"),
        ("Toux", "Phenotype", "HP:0012735", "synonym"),
    ]
    with pytest.raises(InputError, match=r"2 language.*--set languages=fr"):
        read_gazetteer(path).gazetteer()
