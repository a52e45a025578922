"""A pipeline that travels: whatever way it takes, it finds the same spans for the same reasons."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from hybrid_ner.cli._options import unfit_lines
from hybrid_ner.corpus import Document
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.errors import ModelError
from hybrid_ner.matching import compiled
from hybrid_ner.pipeline import FusionSettings, assemble, rule_pipeline, save, take_misaligned
from hybrid_ner.pipeline.crf_model import CrfModel
from hybrid_ner.pipeline.labeling import RuleReader, source_names
from hybrid_ner.pipeline.token_features import Numbered
from hybrid_ner.sources import read_matches
from hybrid_ner.sources.functions import labeling_source
from hybrid_ner.sources.learned import LearnedWord, ReviewPolicy
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import BoundedTokenizer, blank, token_edges
from hybrid_ner.training.predict import document_from, load_pipeline, predict, read_docs
from hybrid_ner.words import BuildSettings, build_words
from tests.conftest import examples
from tests.fresh import fresh

TERMS = Gazetteer.of(
    [
        Term("myocardial infarction", "Disease", "D1", file="lists/diseases.csv", row=4),
        Term("fever", "Disease"),
        Term("aspirin", "Chemical", "C1", mode="case"),
        Term("Supreme Court", "COURT"),
    ]
)
TEXTS = [
    "No fever. Myocardial infarction (MI) after aspirin 20 mg; her mother had MI and feever.",
    "See Roe v. Wade, 410 U.S. 113 (1973), § 12 of the Act, in the Supreme Court (SC). SC agreed.",
    "",
]
SOURCES = DomainSettings(learned=(LearnedWord("agreed", "COURT", 0.9, 3),), reviewed=ReviewPolicy())


def said(doc: Doc) -> dict[str, Any]:
    """All that a pipeline says of a document."""
    groups = {
        name: ([(s.start_char, s.end_char, s.label_, s.kb_id_, s.id_) for s in group], dict(group.attrs))
        for name, group in doc.spans.items()
    }
    return {
        **groups,
        "ents": [(e.text, e.label_, e.kb_id_) for e in doc.ents],
        "words": [t.text for t in doc],
    }


def all_said(nlp: Language) -> list[dict[str, Any]]:
    return [said(doc) for doc in nlp.pipe(TEXTS)]


def by_bytes(nlp: Language, _: Path) -> list[dict[str, Any]]:
    return all_said(load_pipeline(nlp.to_bytes()))


def by_spacy_bytes(nlp: Language, _: Path) -> list[dict[str, Any]]:
    return all_said(type(nlp).from_config(nlp.config).from_bytes(nlp.to_bytes()))


def by_pickle(nlp: Language, _: Path) -> list[dict[str, Any]]:
    return all_said(pickle.loads(pickle.dumps(nlp)))


def by_disk(nlp: Language, folder: Path) -> list[dict[str, Any]]:
    save(nlp, folder / "model")
    return all_said(load_pipeline(folder / "model"))


def by_processes(nlp: Language, _: Path) -> list[dict[str, Any]]:
    return [said(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=1)]


NEW_PROCESS = """
import pickle, sys
from pathlib import Path
from tests.pipeline.test_labeling import all_said
here = Path(sys.argv[1])
(here / "said").write_bytes(pickle.dumps(all_said(pickle.loads((here / "nlp").read_bytes()))))
"""


def by_new_process(nlp: Language, folder: Path) -> list[dict[str, Any]]:
    """Nothing is shared with it, unlike a forked one."""
    (folder / "nlp").write_bytes(pickle.dumps(nlp))
    ran = fresh("-c", NEW_PROCESS, folder, path=[Path(__file__).parents[2]])
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = pickle.loads((folder / "said").read_bytes())
    return found


WAYS = [by_bytes, by_spacy_bytes, by_pickle, by_disk, by_processes]
Way = Callable[[Language, Path], list[dict[str, Any]]]


@pytest.fixture(scope="module", params=["generic", "medical", "legal"])
def rules(request: pytest.FixtureRequest) -> Language:
    return rule_pipeline(TERMS, request.param, SOURCES)


@pytest.mark.parametrize("way", WAYS)
def test_rules_travel(rules: Language, way: Way, tmp_path: Path) -> None:
    before = all_said(rules)
    assert before[0]["ents"]
    assert before[1]["ents"]
    assert any(group[1].get("evidence") for name, group in before[0].items() if name == "gazetteer")
    assert way(rules, tmp_path) == before


def student(learner: str, rules: Language) -> Language:
    nlp, docs = blank(), list(rules.pipe(TEXTS))
    if learner == "crf_ner":
        pipe = nlp.add_pipe("crf_ner", name="ner", config={"sources": source_names(rules)})
        numbered = Numbered(pipe.features)
        rows = [row for doc in docs for row in numbered(doc)]
        pipe.learn(CrfModel.fit(rows, numbered), build_words(TEXTS, BuildSettings(min_count=1)))
        return nlp
    nlp.add_pipe("scored_ner", name="ner")
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs if len(doc)]
    nlp.initialize(lambda: examples)
    for _ in range(30):
        nlp.update(examples)
    return nlp


@pytest.fixture(scope="module", params=["crf_ner", "scored_ner"])
def hybrid(request: pytest.FixtureRequest) -> Language:
    learned = student(request.param, rule_pipeline(TERMS, "medical"))
    return assemble(TERMS, "medical", DomainSettings(), learned, FusionSettings(0.4, "model_first"))


@pytest.mark.parametrize("way", [*WAYS, by_new_process])
def test_rules_and_model_travel(hybrid: Language, way: Way, tmp_path: Path) -> None:
    before = all_said(hybrid)
    assert before[0]["model"][0]
    assert before[0]["context"][0]
    assert way(hybrid, tmp_path) == before


def test_tokenizer_stays_bounded_on_the_way(rules: Language) -> None:
    for nlp in (load_pipeline(rules.to_bytes()), pickle.loads(pickle.dumps(rules))):
        assert type(nlp.tokenizer) is BoundedTokenizer
        assert len(nlp.tokenizer("(" * 5_000)) == 5_000
        assert len(nlp(("word" * 25 + " ") * 10_000)) == 10_000  # more than spaCy's million characters


def test_source_without_terms_says_so() -> None:
    nlp = blank()
    nlp.add_pipe("labeling_source", name="gazetteer")
    with pytest.raises(ModelError, match="never given its terms"):
        nlp.to_bytes()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x80"])
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="cannot be opened"):
        load_pipeline(data)
    with pytest.raises(ModelError, match="unreadable source state"):
        blank().add_pipe("labeling_source").from_bytes(data)


def _terms_in(model: Path) -> list[str]:
    return sorted(file.parent.name for file in model.rglob("terms.gaz"))


def _terms_of(nlp: Language, name: str) -> Gazetteer:
    found = nlp.get_pipe(name).source.gazetteer
    assert isinstance(found, Gazetteer)
    return found


def test_terms_of_two_sources_are_stored_and_read_once(tmp_path: Path) -> None:
    nlp, model = rule_pipeline(TERMS, "medical"), tmp_path / "model"
    save(nlp, model)
    assert _terms_in(model) == ["gazetteer"]
    opened = load_pipeline(model)
    assert _terms_of(opened, "gazetteer") is _terms_of(opened, "spelling")
    opened.remove_pipe("gazetteer")
    save(opened, tmp_path / "less")
    assert _terms_in(tmp_path / "less") == ["spelling"]
    assert len(_terms_of(load_pipeline(tmp_path / "less"), "spelling")) == len(TERMS)
    save(opened, model)  # over the folder of the whole one, whose terms are no part of it any more
    assert len(_terms_of(load_pipeline(model), "spelling")) == len(TERMS)
    other = load_pipeline(nlp.to_bytes())
    assert _terms_of(other, "gazetteer") is _terms_of(other, "spelling")


def test_lost_terms_are_said(tmp_path: Path) -> None:
    save(rule_pipeline(TERMS, "generic"), tmp_path / "model")
    (tmp_path / "model" / "gazetteer" / "terms.gaz").unlink()
    with pytest.raises(ModelError, match="the terms of 'gazetteer' are not there"):
        load_pipeline(tmp_path / "model")


def test_forms_of_own_terms_are_saved_beside_them(tmp_path: Path) -> None:
    own = Gazetteer.of([Term("zorbex syndrome", "Disease", "Z:1", file="own.csv", row=3)])
    nlp = rule_pipeline(own, "medical")
    save(nlp, tmp_path / "model")
    opened = load_pipeline(tmp_path / "model")
    gazetteer = _terms_of(opened, "gazetteer")
    assert len(gazetteer) == 1
    assert gazetteer == own
    assert (gazetteer.labels, gazetteer[0], repr(gazetteer)) == (own.labels, own[0], repr(own))
    for each in (nlp, opened, load_pipeline(opened.to_bytes())):
        doc = each("Two zorbex syndromes.")
        (found,) = doc.spans["gazetteer"]
        assert (found.text, found.kb_id_) == ("zorbex syndromes", "Z:1")
    save(opened, tmp_path / "again")
    kept = [(tmp_path / name / "gazetteer" / "terms.gaz").read_bytes() for name in ("model", "again")]
    assert kept[0] == kept[1]


# The rules asked alone give what they give on a Doc.

READ_TERMS = Gazetteer.of(
    [
        Term("breast cancer", "Disease", "D:1"),
        Term("aspirin", "Chemical", "C:1"),
        Term("can", "Chemical", "C:2"),
        Term("5-FU", "Chemical", "C:3"),
    ]
)
READ_TEXTS = (
    "No breast cancer; aspirin-induced asthma, e.g. 5-FU/LV. You can't.",
    "History of breast  cancer (BC). BC recurred.\n\n can\u200b aspirin…",
    "",
    "x" * 300 + "-aspirin-" + "y" * 300,
)


def _documents() -> list[Document]:
    return [Document(str(n), text) for n, text in enumerate(READ_TEXTS)]


def test_the_text_alone_gives_what_a_doc_gives() -> None:
    nlp, again = (rule_pipeline(READ_TERMS, "medical") for _ in "ab")
    assert RuleReader.serves(nlp)
    wanted = [document_from(document, doc, "rule") for document, doc in read_docs(nlp, _documents())]
    assert list(predict(again, _documents(), "rule")) == wanted
    assert wanted[0].entities
    assert [entity.attrs.get("flags") for entity in wanted[0].entities][:1] == [["negated"]]
    lost = take_misaligned(nlp)
    assert [match.surface for match in lost] == ["can"]
    assert take_misaligned(again) == lost


class Halved:
    """Gives the first letter of a word, which is no token."""

    name = "halved"

    def __call__(self, doc: Doc) -> list[tuple[int, int, str]]:
        return [(0, 1, "Word")]


def test_a_match_that_fits_no_tokens_is_told_once() -> None:
    for read in (lambda nlp, text: nlp(text), lambda nlp, text: next(nlp.pipe([text]))):
        nlp = rule_pipeline(READ_TERMS, "generic", sources=[Halved()])
        with pytest.warns(UserWarning, match=r"halved: 'N' is no whole number of tokens"):
            read(nlp, "No aspirin.")
        read(nlp, "No cancer.")
        assert [match.surface for match in take_misaligned(nlp)] == ["N", "N"]


def test_a_part_of_a_token_is_no_news_of_a_list_but_with_another_tokenizer(
    recwarn: pytest.WarningsRecorder,
) -> None:
    terms = Gazetteer.of([Term("or", "Word")])
    nlp = rule_pipeline(terms, "generic")
    nlp("knee and/or hip")
    assert [match.surface for match in take_misaligned(nlp)] == ["or"]
    assert not recwarn.list
    other = spacy.blank("en")
    other.add_pipe("hybrid_rules").use(terms)
    with pytest.warns(UserWarning, match=r"gazetteer: 'or' is no whole number of tokens"):
        other("knee and/or hip")


@cache
def shared() -> Language:
    return blank()


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.sampled_from(["a", "don't", "can't", "U.S.", " ", "\n", "-", "(", "°C.", "é", "x" * 140])))
def test_edges_are_those_of_the_tokens(parts: list[str]) -> None:
    text, nlp = "".join(parts), shared()
    edges, doc = token_edges(nlp.tokenizer), nlp.make_doc(text)
    for start in range(len(text)):
        for end in range(start + 1, min(start + 6, len(text) + 1)):
            assert edges.align(text, start, end) == (doc.char_span(start, end) is not None)


class _NoModel:
    def pipe(self, stream: Iterable[Doc], **_: int) -> Iterator[Doc]:
        raise AssertionError("the model was run")


def test_rules_alone_do_not_run_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    student = blank()
    student.add_pipe("crf_ner", name="ner")
    nlp = assemble(READ_TERMS, "generic", DomainSettings(), student, FusionSettings(0.4))
    monkeypatch.setattr(type(nlp.get_pipe("ner")), "pipe", _NoModel.pipe)
    (found,) = predict(nlp, [Document("1", "aspirin")], "rule")
    assert [entity.label for entity in found.entities or ()] == ["Chemical"]
    with pytest.raises(AssertionError, match="was run"):
        list(predict(nlp, [Document("1", "aspirin")], "hybrid"))


@labeling_source("long_words", label="Long", order="last")
def long_words(doc: Doc) -> Iterator[tuple[int, int]]:
    """Words of eight letters that stand beside an earlier vote."""
    assert doc.spans["gazetteer"]
    return ((token.idx, token.idx + len(token)) for token in doc if len(token) == 8)


def test_a_source_that_wants_a_doc_gets_one_with_the_votes_so_far() -> None:
    nlp: Language = rule_pipeline(READ_TERMS, "generic", sources=[long_words])
    (found,) = predict(nlp, [Document("1", "aspirin helps patients")], "rule")
    assert [(e.label, e.start) for e in found.entities or ()] == [("Chemical", 0), ("Long", 14)]


def test_a_foreign_component_is_not_passed_over() -> None:
    nlp = rule_pipeline(READ_TERMS, "generic")
    nlp.add_pipe("sentencizer", first=True)
    assert not RuleReader.serves(nlp)
    (found,) = predict(nlp, [Document("1", "aspirin")], "rule")
    assert found.entities


def _renamed(nlp: Language, _: Path) -> Language:
    nlp.rename_pipe("gazetteer", "lists")
    return nlp


def _renamed_and_saved(nlp: Language, folder: Path) -> Language:
    save(_renamed(nlp, folder), folder / "model")
    return spacy.load(folder / "model")


def _taken_by_another(nlp: Language, _: Path) -> Language:
    """spaCy renames the component that both pipelines then have."""
    spacy.blank("en").add_pipe("gazetteer", source=nlp, name="lists")
    return nlp


@pytest.mark.parametrize("way", [_renamed, _renamed_and_saved, _taken_by_another])
def test_votes_of_a_renamed_source_count(way: Callable[[Language, Path], Language], tmp_path: Path) -> None:
    """They stood in a group that nobody looked at: the lists found nothing any more."""
    nlp = way(rule_pipeline(READ_TERMS, "generic"), tmp_path)
    doc = nlp("Aspirin for breast cancer (BC). BC recurred.")
    assert [ent.text for ent in doc.ents] == ["Aspirin", "breast cancer", "BC", "BC"]
    assert read_matches(doc, "lists") == read_matches(doc, "gazetteer") != []


def test_matches_that_fit_no_tokens_are_all_counted_and_the_first_listed() -> None:
    """They were kept as long as a service ran."""
    nlp = rule_pipeline(READ_TERMS, "generic", sources=[Halved()])
    with pytest.warns(UserWarning, match="halved"):
        nlp("No aspirin.")
    found = nlp.get_pipe("halved").misaligned
    found.add(found * 1500)
    assert (len(found), found.total) == (1000, 1501)
    told = take_misaligned(nlp).as_dict()
    assert (len(told["misaligned"]), told["misaligned_count"]) == (1000, 1501)
    assert [*unfit_lines(told, "--json lists them")] == [
        "1,501 matches fit no tokens; --json lists them, the first 1,000 of each source"
    ]
    assert take_misaligned(nlp).total == 0


@pytest.mark.parametrize("what", ["terms", "state"])
def test_a_pipeline_of_another_version_says_what_to_do(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said to compile a gazetteer, or to save a model that did not open."""
    if what == "terms":
        monkeypatch.setattr(compiled, "_FOLD", 0)
    save(rule_pipeline(READ_TERMS, "generic"), tmp_path / "model")
    monkeypatch.undo()
    if what == "state":
        file = tmp_path / "model" / "gazetteer" / "source.json"
        kept = json.loads(file.read_text())
        file.write_text(json.dumps({key: value for key, value in kept.items() if key != "from"}))
    for opened in (load_pipeline, spacy.load):
        with pytest.raises(
            ModelError, match=r"saved by another version\. Run the command that made it again"
        ):
            opened(tmp_path / "model")
