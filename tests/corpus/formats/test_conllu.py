"""CoNLL-U: words of ten columns, with entities in MISC as tools and treebanks write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus.formats import detect, read_corpus, write_corpus
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import ProblemLog


def _rows(*words: str) -> str:
    """Words with their MISC behind a space: ``1 John NER=B-PER``."""
    cells = (word.split(" ", 2) for word in words)
    return "".join(f"{n}\t{form}" + "\t_" * 7 + f"\t{misc}\n" for n, form, misc in cells) + "\n"


def _read(path: Path, text: str) -> list[tuple[str, str, list[tuple[str, str, str]] | None]]:
    path.write_text(text)
    return [
        (
            d.doc_id,
            d.text,
            d.entities
            if d.entities is None
            else [(d.text[e.start : e.end], e.label, e.concept_id) for e in d.entities],
        )
        for d in read_corpus(path)
    ]


SENTENCE = ("1 John {}B-PER", "2 Smith {}I-PER", "3 took {}O", "4 gin {}B-DRUG|SpaceAfter=No", "5 . _")


@pytest.mark.parametrize(
    "key", ["NER=", "ner=", "NE=", "NamedEntity=", "start_char=0|ner=", "Entity=", "Ann="]
)
@pytest.mark.parametrize("name", ["a.conllu", "a.conll", "a.txt"])
def test_tags_under_any_key(tmp_path: Path, key: str, name: str) -> None:
    text = "# sent_id = s1\n# text = John Smith took gin.\n" + _rows(*(each.format(key) for each in SENTENCE))
    found = [("John Smith", "PER", ""), ("gin", "DRUG", "")]
    assert _read(tmp_path / name, text) == [("s1", "John Smith took gin.", found)]


def test_documents_paragraphs_and_words_written_as_one(tmp_path: Path) -> None:
    text = (
        "# newdoc id = d1\n# newpar\n# text = Vámonos a León.\n"
        + _rows("1-2 Vámonos ner=O", "1 Vamos _", "2 nos _", "3 a ner=O")[:-1]
        + _rows("4 León ner=S-GPE|SpaceAfter=No", "5 . _")
        + _rows("1 Du _", "2-3 du ner=B-DRUG", "2 de _", "3 le _", "4 vin ner=E-DRUG", "4.1 bu ner=S-DRUG")
        + "# newpar\n"
        + _rows("1 Fin _")
        + "# newdoc\n# text = Ende   gut\n"
        + _rows("1 Ende _", "2 gut _")
    )  # fmt: skip
    with pytest.warns(UserWarning, match="not read: 1 mention of a word that is not in the text"):
        found = _read(tmp_path / "a.conllu", text)
    first = "Vámonos a León. Du du vin\n\nFin"
    assert found == [
        ("d1", first, [("León", "GPE", ""), ("du vin", "DRUG", "")]),
        ("2", "Ende   gut", []),
    ]


def test_brackets_of_corefud_and_gum(tmp_path: Path) -> None:
    words = ("1 The Entity=(e1-organization-2-", "2 hospital _", "3 in _", "4 Leeds Entity=(e2-place-1-)e1)")
    assert _read(tmp_path / "a.conllu", _rows(*words)) == [
        (
            "1",
            "The hospital in Leeds",
            [("The hospital in Leeds", "organization", ""), ("Leeds", "place", "")],
        )
    ]
    gum = "# global.Entity = eid-etype-head-minspan-infstat-salience-identity\n"
    words = (
        "1 The Entity=(1-place-new-1-1,2-sal-Leeds",
        "2 town Entity=1)",
        "3 it Entity=(1-place-1-1-giv-nnn)",
    )
    (found,) = _read(tmp_path / "b.conllu", gum + _rows(*words))
    assert found[2] == [("The town", "place", "Leeds"), ("it", "place", "")]
    old = _rows("1 The Entity=(person-1", "2 boy Entity=(person-2)person-1)", "3 ran Entity=(e5--1)")
    path, log = tmp_path / "c.conllu", ProblemLog()
    path.write_text(old)
    (document,) = read_corpus(path, report=log)
    assert [document.text[e.start : e.end] for e in document.entities or ()] == ["The boy", "boy"]
    assert [problem.message for problem in log.problems] == ["not read: 1 untyped mention."]


def test_labels_alone_go_on_while_they_are_the_same(tmp_path: Path) -> None:
    words = ("1 John NE=PER_1", "2 Smith NE=PER_1", "3 Ann NE=PER_2", "4 ran _")
    (found,) = _read(tmp_path / "a.conllu", _rows(*words))
    assert found[2] == [("John Smith", "PER", ""), ("Ann", "PER", "")]
    plus = "# global.columns = ID FORM UPOS CORP:NER\n1\tJohn\tPROPN\tB-PER\n2\tran\tVERB\tO\n\n"
    assert _read(tmp_path / "a.conllup", plus) == [("1", "John ran", [("John", "PER", "")])]


def test_text_without_entities_is_unlabeled(tmp_path: Path) -> None:
    text = _rows("1 I Gloss=I-see", "2 rained Gloss=rain|SpaceAfter=No", "3 . _")
    assert _read(tmp_path / "a.conllu", text) == [("1", "I rained.", None)]
    assert detect(tmp_path / "a.conllu").name == "conllu"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_rows("1 a NER=O") + "2\tb\n3\n", r"row 4: expected a numbered word, found '3'. A row has ten"),
        (_rows("1 a Entity=(e1-person", "2 b _"), r"row 1: the bracket \(e1-person is not closed"),
        (_rows("1 a Entity=(e1-person)e2)"), r"row 1: the bracket 'e2\)' closes none"),
        ("# global.columns = ID FORM PARSEME:NE\n1\ta\t1:PER\n\n", r"row 2: tags such as '1:PER' .*B-PER"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    (path := tmp_path / "a.conllu").write_text(text)
    assert detect(path).name == "conllu"
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))


def test_it_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="only read"):
        write_corpus(tmp_path / "a.conllu", [])


def test_words_that_the_comment_does_not_have(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="1 text of a comment that its words do not have"):
        (found,) = _read(
            tmp_path / "a.conllu", "# text = Another text\n" + _rows("1 gin NER=B-DRUG", "2 now _")
        )
    assert found == ("1", "gin now", [("gin", "DRUG", "")])
