"""CoNLL in its dialects, and spaCy's DocBin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.errors import CorpusError

# CoNLL columns: tag schemes, documents and bad rows.


def _spans(tmp_path: Path, content: str) -> list[list[tuple[str, str]]]:
    path = tmp_path / "x.conll"
    path.write_text(content, encoding="utf-8")
    return [[(doc.text[e.start : e.end], e.label) for e in doc.entities or ()] for doc in read_corpus(path)]


def _rows(tags: str) -> str:
    return "\n".join(f"w{i} {tag}" for i, tag in enumerate(tags.split()))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-A I-A O B-A B-A", [("w0 w1", "A"), ("w3", "A"), ("w4", "A")]),
        ("I-A I-A O I-B I-A", [("w0 w1", "A"), ("w3", "B"), ("w4", "A")]),
        ("I-A B-A I-A", [("w0", "A"), ("w1 w2", "A")]),
        ("B-A L-A U-A B-B I-B L-B", [("w0 w1", "A"), ("w2", "A"), ("w3 w4 w5", "B")]),
        ("B-A E-A S-A S-A", [("w0 w1", "A"), ("w2", "A"), ("w3", "A")]),
        ("B-A M-A E-A O", [("w0 w1 w2", "A")]),
        ("B-LEGISLATION/ACT I-LEGISLATION/ACT", [("w0 w1", "LEGISLATION/ACT")]),
    ],
)
def test_tag_schemes(tmp_path: Path, tags: str, expected: list[tuple[str, str]]) -> None:
    assert _spans(tmp_path, _rows(tags)) == [expected]


@pytest.mark.filterwarnings("ignore:.*continues no entity of its label", "ignore:.*values of column")
def test_sentences_are_documents_unless_documents_are_marked(tmp_path: Path) -> None:
    assert _spans(tmp_path, "a B-A\n\n\nb I-A\n") == [[("a", "A")], [("b", "A")]]
    marked = "-DOCSTART- -X- -X- O\n\na NN x B-A\n\nb NN x I-A\n\n-DOCSTART- -X- O O\n\nc NN x O\n"
    assert _spans(tmp_path, marked) == [[("a", "A"), ("b", "A")], []]
    named = "# id = one\na\tB-A\n\n# newdoc id = two\n# sent_id = 1\nb\tO\n"
    path = tmp_path / "y.conll"
    path.write_text(named)
    assert [(d.doc_id, d.text) for d in read_corpus(path)] == [("one", "a"), ("two", "b")]


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        ("a B-A\nb", 2, "expected a token and a tag"),
        ("a B-A\nb NOUN", 2, "expected a token and a tag"),
        ("a O\nb L-A", 2, "continues no A entity"),
        ('# id = d\n# text = "abc"\nx O', 3, "does not occur in the text"),
        ('# id = d\n# text = "took aspirin daily"\ntook O\ndaily O', 4, "no token is 'aspirin'"),
        ('# id = d\n# text = "took aspirin daily"\ntook O\n', 3, "no token is 'aspirin daily'"),
        ('# id = d\n# text = "took aspirin"\n', 1, "cut off: copy or export it again"),
    ],
)
def test_bad_row(tmp_path: Path, content: str, row: int, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as caught:
        _spans(tmp_path, content)
    assert caught.value.row == row


def test_a_bad_row_is_left_out_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("a B-A\nbroken\nc O\n")
    log = ProblemLog()
    assert [d.text for d in read_corpus(path, report=log)] == ["a c"]
    assert log.counts == {"row": 1}


def test_conll_writes_biluo_when_asked(tmp_path: Path) -> None:
    text = "acute kidney\ninjury, pain"
    document = Document("d", text, (Entity(0, 19, "P"), Entity(21, 25, "P")))
    path = tmp_path / "x.biluo"
    write_corpus(path, [document])
    tags = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    assert tags == [["acute", "B-P"], ["kidney", "I-P"], ["injury", "L-P"], [",", "O"], ["pain", "U-P"]]
    assert list(read_corpus(path)) == [document]


# spaCy's binary files.


def test_a_file_written_by_spacy_names_documents_by_number(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    labeled, unlabeled = nlp("aspirin helps"), nlp("more")
    labeled.ents = [labeled.char_span(0, 7, "Chemical", kb_id="MESH:D001241")]
    DocBin(docs=[labeled, unlabeled]).to_disk(tmp_path / "x.spacy")
    first, second = read_corpus(tmp_path / "x.spacy")
    assert (first.doc_id, second.doc_id) == ("1", "2")
    assert [(e.start, e.label, e.concept_id) for e in first.entities or ()] == [
        (0, "Chemical", "MESH:D001241")
    ]
    assert second.entities is None


def test_span_groups_and_labels_of_texts_are_counted(tmp_path: Path) -> None:
    doc = spacy.blank("en")("aspirin helps")
    doc.spans["sc"] = [doc.char_span(0, 7, "Chemical"), doc.char_span(8, 13, "Verb")]
    doc.cats["urgent"] = 1.0
    DocBin(docs=[doc]).to_disk(tmp_path / "x.spacy")
    log = ProblemLog()
    list(read_corpus(tmp_path / "x.spacy", report=log))
    said = "not read: 2 spans of the group sc, 1 label of whole texts."
    assert [problem.message for problem in log.problems] == [said]


def test_a_docbin_is_known_by_its_content(tmp_path: Path) -> None:
    documents = [Document("d", "aspirin helps", entities=(Entity(0, 7, "Chemical"),))]
    write_corpus(tmp_path / "x.spacy", documents)
    (tmp_path / "x.spacy").rename(tmp_path / "gold")
    assert [each.entities for each in read_corpus(tmp_path / "gold")] == [each.entities for each in documents]


@pytest.mark.parametrize("content", [b"", b"no docbin", b"\x00" * 50])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.spacy"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"the file is empty|no \.spacy file, or a damaged one"):
        list(read_corpus(path))


def test_numbered_tokens_are_words_by_their_second_column(tmp_path: Path) -> None:
    """They were taken for the text "1 2 3"; counting words without another column stay what they are."""
    path = tmp_path / "a.conll"
    path.write_text(
        "# id = 7\n1\tSevere\tO\n2\tgout\tB-D\n\n1\tPain\tB-D\n2\t.\tO\n\n# id = 8\n1 O\n2 B-D\n", "utf-8"
    )
    first, second = read_corpus(path)
    assert (first.text, [e.start for e in first.entities or ()]) == ("Severe gout\nPain .", [7, 12])
    assert second.text == "1 2"


def test_comments_of_other_tools_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("# id = d1\n# speaker = Ann\n# no comment\n#\tO\n1\tO\nbed\tB-Thing\n\n")
    with pytest.warns(UserWarning, match="not read: 2 comments"):
        (document,) = read_corpus(path)
    assert (document.doc_id, document.text) == ("d1", "# 1 bed")


BROKEN = "gout\tI-Disease\nof\tO\nthe\tB-Disease\nknee\tI-Drug\nend\tB-Drug\nx\tI-Disease\n\nfoo\tI-Disease\n"


def test_tags_that_continue_nothing_are_told_in_a_file_that_begins_with_b(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(BROKEN)
    first, second = read_corpus(tmp_path / "a.conll", report=(log := ProblemLog()))
    found = [(e.start, e.end, e.label) for e in first.entities or ()]
    assert [label for _, _, label in found] == ["Disease", "Disease", "Drug", "Drug", "Disease"]
    assert len(second.entities or ()) == 1
    (problem,) = log.problems
    assert (problem.place.row, problem.warning) == (1, True)
    assert "4 tags I-… continue no entity of its label" in problem.message


def _rows_of(broken: str) -> list[tuple[list[str], list[str]]]:
    """Words and tags of each sentence."""
    sentences = ([row.split("\t") for row in part.split("\n") if row] for part in broken.split("\n\n"))
    return [([word for word, _ in rows], [tag for _, tag in rows]) for rows in sentences]


def _as_jsonl(path: Path) -> None:
    rows = (json.dumps({"tokens": words, "ner_tags": tags}) for words, tags in _rows_of(BROKEN))
    path.write_text("\n".join(rows))


def _as_csv(path: Path) -> None:
    sentences = enumerate(_rows_of(BROKEN), start=1)
    rows = (f"{n},{w},{t}" for n, each in sentences for w, t in zip(*each, strict=True))
    path.write_text("\n".join(("sentence_id,word,tag", *rows)))


def _as_conllu(path: Path) -> None:
    lines = []
    for words, tags in _rows_of(BROKEN):
        pairs = enumerate(zip(words, tags, strict=True), start=1)
        lines += [f"{n}\t{word}\t{chr(9).join('_' * 7)}\tNER={tag}" for n, (word, tag) in pairs] + [""]
    path.write_text("\n".join(lines))


def _as_parquet(path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    words, tags = zip(*_rows_of(BROKEN), strict=True)
    pq.write_table(pa.table({"tokens": list(words), "ner_tags": list(tags)}), path)


@pytest.mark.parametrize("write", [_as_jsonl, _as_csv, _as_conllu, _as_parquet], ids=lambda f: f.__name__[4:])
def test_tags_that_continue_nothing_are_told_in_every_format(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    write(path := tmp_path / f"a.{write.__name__[4:]}")
    documents = [*read_corpus(path, report=(log := ProblemLog()))]
    assert [[e.label for e in d.entities or ()] for d in documents] == [
        ["Disease", "Disease", "Drug", "Drug", "Disease"],
        ["Disease"],
    ]
    (problem,) = (each for each in log.problems if each.kind == "tag")
    assert problem.warning
    assert "4 tags I-… continue no entity of its label" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "gout\tI-Disease\nasthma\tB-Disease\nof\tO\nx\tI-Drug\n\nfoo\tI-Drug\n",  # IOB1
        "gout\tB-Disease\nattack\tI-Disease\nx\tO\n\nfoo\tB-Drug\n",
    ],
)
def test_whole_schemes_are_read_without_a_word(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.conll").write_text(text)
    assert [*read_corpus(tmp_path / "a.conll", report=(log := ProblemLog()))]
    assert not log.problems


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1\taspirin\tB-A\n2\thelps\tO\n\n1\tfever\tB-A\n", ["aspirin helps", "fever"]),
        ("1\tfever\tB-A\n\n1\taspirin\tB-A\n2\thelps\tO\n", ["fever", "aspirin helps"]),
        ("1\tfever\tB-A\n\n1\tflu\tB-A\n", ["fever", "flu"]),
        ("1 NUM B-A\n\nfive NUM B-A\nmg NOUN I-A\n", ["1", "five mg"]),
    ],
)
@pytest.mark.filterwarnings("ignore:.*values? of column 2")
def test_a_sentence_of_one_token_is_numbered_as_the_others_are(
    tmp_path: Path, content: str, words: list[str]
) -> None:
    path = tmp_path / "x.conll"
    path.write_text(content, encoding="utf-8")
    assert [doc.text for doc in read_corpus(path)] == words


def test_names_of_columns_above_the_tokens_are_told(tmp_path: Path) -> None:
    path, log = tmp_path / "x.conll", ProblemLog()
    path.write_text("Token\tPOS\tNER tag\naspirin\tNN\tB-A\nhelps\tVB\tO\n", encoding="utf-8")
    assert [doc.text for doc in read_corpus(path, report=log)] == ["aspirin helps"]
    # Parts of speech are counted, not lost without a word.
    said = ["not read: 1 heading, 2 values of column 2." in str(problem) for problem in log.problems]
    assert said == [True]
    path.write_text("aspirin\tDrug\nhelps\tO\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"row 1: .*B- and the label for the first token of a mention"):
        list(read_corpus(path))
