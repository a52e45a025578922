"""The compared engines, each as: build from terms, then texts → spans in characters, the longest first.

An engine returns every span of every text as (start, end). Those that need spaCy say which tokenizer
cache they run with: ``stock`` is 10,000 chunks, ``tuned`` 1,000,000, filled by a first pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hybrid_ner.text.offsets import Intervals

Spans = list[list[tuple[int, int]]]
Engine = Callable[[Sequence[str]], Any]
TUNED = 1_000_000


def gazetteer(terms: Sequence[str]) -> Any:
    from hybrid_ner.terms import Gazetteer, Term

    return Gazetteer.of(Term(text, "X", f"C:{number}") for number, text in enumerate(terms))


def hash_arrays(terms: Sequence[str]) -> Engine:
    """hybrid_ner, phrase hash, spans as arrays."""
    from hybrid_ner.matching.exact import longest_first, taken
    from hybrid_ner.matching.phrase_hash import PhraseHashEngine, build_phrases

    engine = PhraseHashEngine(build_phrases(terms))

    def find(texts: Sequence[str]) -> Any:
        hits = engine.find(texts)
        return taken(hits, longest_first(hits))

    return find


def hash_matches(terms: Sequence[str]) -> Engine:
    """hybrid_ner, phrase hash, Match objects with label, concepts and evidence."""
    from hybrid_ner.matching import GazetteerMatcher

    matcher = GazetteerMatcher(gazetteer(terms), engine="hash")
    return lambda texts: list(matcher.match_batch(texts))


def automaton(terms: Sequence[str]) -> Engine:
    """hybrid_ner, pyahocorasick engine: fold, offset map, boundaries, choice."""
    from hybrid_ner.matching.automata import AutomatonEngine
    from hybrid_ner.matching.exact import longest_first, taken

    engine = AutomatonEngine(terms)

    def find(texts: Sequence[str]) -> Any:
        hits = engine.find(texts)
        return taken(hits, longest_first(hits))

    return find


def raw_pyahocorasick(terms: Sequence[str]) -> Engine:
    """pyahocorasick over lowered text (offsets wrong where lowering changes lengths), bare loop."""
    import ahocorasick

    machine = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for term in terms:
        lowered = term.lower()
        machine.add_word(lowered, len(lowered))
    machine.make_automaton()
    return lambda texts: [_choose(list(_whole(machine, text.lower()))) for text in texts]


def _whole(machine: Any, text: str) -> Iterator[tuple[int, int]]:
    size = len(text)
    for last, length in machine.iter(text):
        start, end = last + 1 - length, last + 1
        if start and text[start - 1].isalnum() and text[start].isalnum():
            continue
        if end < size and text[end].isalnum() and text[last].isalnum():
            continue
        yield start, end


def _choose(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    taken = Intervals()
    spans.sort(key=lambda span: (span[0] - span[1], span[0]))
    return sorted(span for span in spans if taken.take(*span))


def flashtext(terms: Sequence[str]) -> Engine:
    """FlashText 2.7."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor()
    for term in terms:
        processor.add_keyword(term)
    return lambda texts: [
        [(start, end) for _, start, end in processor.extract_keywords(text, span_info=True)] for text in texts
    ]


def phrase_matcher(terms: Sequence[str]) -> Engine:
    """spaCy PhraseMatcher(attr="LOWER"), tokenizing included; terms are tokenized elsewhere."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.util import filter_spans

    nlp, other = spacy.blank("en"), spacy.blank("en")
    other.vocab = nlp.vocab
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    tokenizer = spacy.blank("en", vocab=nlp.vocab).tokenizer
    matcher.add("X", [tokenizer(term) for term in terms])

    def find(texts: Sequence[str]) -> Spans:
        found = []
        for text in texts:
            doc = nlp.make_doc(text)
            spans = filter_spans(matcher(doc, as_spans=True))
            found.append([(span.start_char, span.end_char) for span in spans])
        return found

    find.nlp = nlp  # type: ignore[attr-defined]
    return find


def entity_ruler(terms: Sequence[str]) -> Engine:
    """spaCy EntityRuler with LOWER phrase patterns, text → doc.ents."""
    import spacy

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "X", "pattern": term} for term in terms])  # type: ignore[attr-defined]

    def find(texts: Sequence[str]) -> Spans:
        return [[(span.start_char, span.end_char) for span in nlp(text).ents] for text in texts]

    find.nlp = nlp  # type: ignore[attr-defined]
    return find


def rule_docs(terms: Sequence[str]) -> Engine:
    """hybrid_ner, text → ``doc.ents`` by the pipeline that ``rule_pipeline`` gives a user."""
    from hybrid_ner.pipeline import rule_pipeline

    nlp = rule_pipeline(gazetteer(terms), "generic")

    def find(texts: Sequence[str]) -> Spans:
        return [[(span.start_char, span.end_char) for span in doc.ents] for doc in nlp.pipe(texts)]

    find.nlp = nlp  # type: ignore[attr-defined]
    return find


def hash_fuzzy(terms: Sequence[str]) -> Engine:
    """hybrid_ner, exact and fuzzy matches as Match objects."""
    from hybrid_ner.matching import GazetteerMatcher

    matcher = GazetteerMatcher(gazetteer(terms), fuzzy="label")
    return lambda texts: list(matcher.match_batch(texts))


ENGINES: dict[str, Callable[[Sequence[str]], Engine]] = {
    "hash_arrays": hash_arrays,
    "hash_matches": hash_matches,
    "automaton": automaton,
    "raw_pyahocorasick": raw_pyahocorasick,
    "flashtext": flashtext,
    "phrase_matcher": phrase_matcher,
    "entity_ruler": entity_ruler,
    "rule_docs": rule_docs,
    "hash_fuzzy": hash_fuzzy,
}


def as_spans(result: Any, count: int) -> Spans:
    """Any engine's result as (start, end) for each text."""
    if isinstance(result, list):
        return [[(row[0], row[1]) for row in rows] for rows in result]
    spans: Spans = [[] for _ in range(count)]
    for doc, start, end, _ in result.rows():
        spans[doc].append((start, end))
    return spans


def load_time(terms: Sequence[str], path: Path) -> None:
    """Save a compiled gazetteer for the load measurement."""
    from hybrid_ner.matching import GazetteerMatcher

    GazetteerMatcher(gazetteer(terms), engine="hash").save(path)


CALLS = {
    "hash_arrays": '`GazetteerMatcher(terms, engine="hash").match_arrays(texts)`',
    "hash_matches": '`GazetteerMatcher(terms, engine="hash").match_batch(texts)`, as in every pipeline and '
    "command from 20,000 terms",
    "automaton": '`GazetteerMatcher(terms, engine="automaton").match_batch(texts)`, as below 20,000 terms',
    "raw_pyahocorasick": "pyahocorasick, the bare loop over lowered text",
    "flashtext": "FlashText",
    "phrase_matcher": 'spaCy: `PhraseMatcher(attr="LOWER")`',
    "entity_ruler": 'spaCy: `entity_ruler` with `phrase_matcher_attr="LOWER"`',
    "rule_docs": "`rule_pipeline(terms).pipe(texts)`, `load_pipeline(folder).pipe(texts)`",
    "hash_fuzzy": '`GazetteerMatcher(terms, fuzzy="label").match_batch(texts)`, '
    "`hybrid-ner gazetteer match --fuzzy label`",
}
"""What a user calls for what each engine measures."""
