"""What a language model drafts for people to judge: more terms like those of a list, and label guidelines.

Drafted terms never become a term list by themselves. Their file says so in its first line, readers of term
lists refuse it, and as a source (``draft:FILE``) it only suggests: reviewers see the terms where they stand
in documents, and what they accept is learned from review as anything else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from hybrid_ner.errors import InputError
from hybrid_ner.sources.functions import as_sources
from hybrid_ner.sources.learned import terms_matcher
from hybrid_ner.sources.models import ModelSettings, ModelSource
from hybrid_ner.sources.models.endpoint import Answer, EndpointDown, NoAnswer, Reply
from hybrid_ner.sources.models.llm import LlmSource
from hybrid_ner.sources.models.replies import read_rows
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.readers import DRAFT_MARK
from hybrid_ner.text import atomic_path, fold, guarded, plain_line, quantity, unguarded

TERMS_PROMPT, GUIDE_PROMPT = "terms.1", "guide.1"
_TERMS = """You help to make a term list for named entity recognition.
Label: {label}{means}
Terms that the list has:
{seeds}
Write {count} more terms of the same kind that are not in it: names as they stand in such texts, one thing
each, no explanations in the name. Answer with a JSON array and nothing else:
[{{"term": "…", "why": "a few words"}}]"""
_NOT_THESE = "\nThese were proposed already: {known}"
_GUIDE = """Write annotation guidelines for the label {label}{means} of a named entity recognition project.
Terms that people labeled so:
{seeds}
{samples}
Use these headings: Definition; Include; Exclude; Where a mention begins and ends. Be short and concrete. Give
examples only from the terms and texts above."""
_SEEDS, SAMPLES, _SAMPLE = 60, 8, 300
"""Terms and texts that are shown, and characters of a text."""
_AT_ONCE, _DRY = 50, 2
"""Terms asked for at once, and rounds without a new one after which nothing more is asked."""
_HEADER = ("term", "label", "why", "source")


@dataclass(frozen=True, slots=True)
class DraftedTerm:
    """A proposed term.

    Args:
        why: What the model said about it.
        source: Model and version of the prompt.
    """

    text: str
    label: str
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of asking.

    Args:
        terms: Proposals that the list lacks, in the model's order.
        known: Proposals that the list has.
        problems: Answers that could not be used.
        failed: Why it ended early; empty when it did not.
    """

    terms: tuple[DraftedTerm, ...]
    known: int = 0
    problems: tuple[str, ...] = ()
    failed: str = ""


def drafting_model(given: str) -> LlmSource:
    """The language model that a source names.

    Raises:
        InputError: It is something else, or there are several.
    """
    named = [each for each in as_sources(given) if isinstance(each, LlmSource)]
    if len(named) != 1:
        raise InputError(
            f"{given}: {quantity(len(named), 'language model')} here.", hint="Name one: llm:ADDRESS."
        )
    return named[0]


def draft_terms(
    source: LlmSource,
    gazetteer: Gazetteer,
    label: str,
    count: int,
    told: Callable[[str], None] = lambda line: None,
) -> Drafted:
    """Ask for terms of a label that the gazetteer lacks.

    Args:
        source: The model; its label description and guidelines are used.
        gazetteer: Terms at hand; the first of the label are shown as examples.
        count: How many are wanted; fewer come when the model has no more.

    Raises:
        InputError: The model did not answer before it had proposed anything.
    """
    have = {fold(term.text) for term in gazetteer}
    seeds = _seeds(gazetteer, label)
    found: dict[str, DraftedTerm] = {}
    known, dry = 0, 0
    problems: list[str] = []
    while len(found) < count and dry < _DRY:
        wanted, proposed = min(_AT_ONCE, count - len(found)), "; ".join(term.text for term in found.values())
        text = _TERMS.format(label=label, means=_means(source, label), seeds=_listed(seeds), count=wanted)
        text += _NOT_THESE.format(known=proposed) if proposed else ""
        try:
            rows = read_rows(source.write([{"role": "user", "content": text}]).text)
        except (EndpointDown, NoAnswer) as error:
            if not found:
                hint = "Start the model, and ask again."
                raise InputError(f"nothing was proposed: {error}.", hint=hint) from error
            return Drafted(tuple(found.values()), known, tuple(problems), str(error))
        problems += rows.problems
        before, said = len(found), f"{source.title}, prompt {TERMS_PROMPT}"
        for row in rows.rows:
            written, why = (row.get("term"), row.get("why")) if isinstance(row, Mapping) else (row, "")
            if not isinstance(written, str):
                shown = plain_line(json.dumps(row, ensure_ascii=False, default=str)[:80])
                problems.append(f"a row without a term: {shown}")
                continue
            plain = plain_line(written).strip(" ,;:")
            key = fold(plain)
            known += key in have
            if key and key not in have and len(found) < count:
                found.setdefault(key, DraftedTerm(plain, label, plain_line(str(why or "")), said))
        dry = 0 if len(found) > before else dry + 1
        told(f"{quantity(len(found), 'new term')} of {count:,}")
    return Drafted(tuple(found.values()), known, tuple(dict.fromkeys(problems)))


def _seeds(gazetteer: Gazetteer, label: str) -> list[str]:
    """The first terms of a label; of a list with one label of another name, its terms."""
    labels = set(gazetteer.labels)
    wanted = labels if label not in labels and len(labels) == 1 else {label}
    return list(islice((term.text for term in gazetteer if term.label in wanted), _SEEDS))


def _means(source: LlmSource, label: str) -> str:
    means = source.settings.labels.get(label, "")
    return f" ({means})" if means else ""


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines) or "- (none yet)"


def draft_guidelines(source: LlmSource, gazetteer: Gazetteer, label: str, texts: Iterable[str]) -> str:
    """Guidelines of a label as Markdown, marked as a draft.

    Raises:
        InputError: The model did not answer.
    """
    seeds = _seeds(gazetteer, label)
    samples = [" ".join(text[:_SAMPLE].split()) for _, text in zip(range(SAMPLES), texts, strict=False)]
    shown = f"Texts of the project:\n{_listed(samples)}\n" if samples else ""
    asked = _GUIDE.format(label=label, means=_means(source, label), seeds=_listed(seeds), samples=shown)
    try:
        written = source.write([{"role": "user", "content": asked}])
    except (EndpointDown, NoAnswer) as error:
        raise InputError(f"no guidelines: {error}.", hint="Start the server, then try again.") from error
    if written.refused or not written.text.strip():
        raise InputError(
            f"no guidelines: {written.refused or 'the answer is empty'}.", hint="Ask another model."
        )
    head = f"<!-- Draft of {source.title}, prompt {GUIDE_PROMPT}: nobody has read it yet. -->\n"
    cut = "\n\n(The answer breaks off here.)" if written.cut else ""
    return f"{head}# {label}\n\n{written.text.strip()}{cut}\n"


def write_draft(path: Path, drafted: Iterable[DraftedTerm]) -> None:
    """Write proposals as a table that says what it is."""
    table = io.StringIO()
    rows = csv.writer(table, delimiter="\t", lineterminator="\n")
    rows.writerow(_HEADER)
    rows.writerows([guarded(cell) for cell in (d.text, d.label, d.why, d.source)] for d in drafted)
    with atomic_path(path) as temporary:
        temporary.write_text(f"{DRAFT_MARK}\n{table.getvalue()}", encoding="utf-8")


def read_draft(path: Path) -> tuple[DraftedTerm, ...]:
    """The proposals of such a table.

    Raises:
        InputError: It is none.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if lines.readline().strip() != DRAFT_MARK:
            raise InputError(
                "expected a draft of terms.", path=path, hint="hybrid-ner gazetteer draft makes one."
            )
        table = csv.reader(lines, delimiter="\t")
        next(table, None)
        rows = [(number, row) for number, row in enumerate(table, 3) if any(row)]
    for number, row in rows:
        if len(row) != len(_HEADER):
            raise InputError(
                f"{quantity(len(row), 'column')} instead of {len(_HEADER)} ({', '.join(_HEADER)}).",
                path=path,
                row=number,
                hint="Correct the row, or remove it.",
            )
    return tuple(DraftedTerm(*map(unguarded, row)) for _, row in rows)


class DraftSource(ModelSource):
    """``draft:FILE``: drafted terms where they stand in documents, for reviewers; they never count."""

    kind = "draft"
    opines = False

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__(replace(settings, counts=False))

    def _budget(self) -> tuple[int, int]:
        return 1 << 40, 0

    def _replies(self, texts: Sequence[str]) -> Iterator[Reply]:
        """Looked up each time: the file is at hand."""
        if self._model is None:
            drafted = {(fold(term.text), term.label): term for term in read_draft(self.path)}
            self._model = terms_matcher((term.text, term.label) for term in drafted.values()), drafted
        matcher, drafted = self._model
        for text in texts:
            answers = []
            for start, end, label, *_ in matcher.match(text):
                term = drafted.get((fold(text[start:end]), label), DraftedTerm("", label))
                answers.append(Answer(start, end, label, None, term.why, f"a draft of {term.source}"))
            yield Reply(tuple(answers))
