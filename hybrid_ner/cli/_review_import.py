"""The body of ``hybrid-ner review import``: documents, then what their entities become."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import typer

from hybrid_ner.cli._inputs import list_problems, problems, progress, read, start_log
from hybrid_ner.cli._options import bars, print_json
from hybrid_ner.corpus import Corpus, Document, read_opinions
from hybrid_ner.corpus.document import has_text, told_empty, without_overlaps
from hybrid_ner.corpus.formats import names_in
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import UNREADABLE, Place, Problem, Report
from hybrid_ner.registry import load_plugins
from hybrid_ner.review import Project, ReviewStore
from hybrid_ner.review.rounds.decisions import import_decisions, texts_by_id
from hybrid_ner.review.rounds.model_runs import counted
from hybrid_ner.review.store.card import RunImport
from hybrid_ner.review.store.project import corrections_said
from hybrid_ner.review.store.suggestion import Suggestion, suggestions_from_doc, suggestions_from_document
from hybrid_ner.text import quantity

Told = tuple[dict[str, Any], str]
"""What was done, for scripts and for people."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the command line asked for; see the options of the command."""

    store: str
    corpus: Path
    project: str
    format: str | None
    run: str
    decided_by: str
    model: Path | None
    skip_bad: bool
    by: str = ""
    source: str = ""
    suggest: bool = False
    corrected: bool = False
    again: bool = False
    nlp: Any = None
    """The pipeline in ``model``, once it is opened."""

    def read(self, report: Any) -> Corpus:
        """The documents; of a file that names who decided, as that person decided them."""
        if self.decided_by not in self._people:
            return read(self.corpus, self.format, report)
        theirs = partial(read_opinions, self.corpus, self.format, report=report)
        return Corpus(lambda: (each.document for each in theirs() if each.by == self.decided_by))

    def told_people(self, report: Report) -> None:
        """Say that a file holds the work of several people, and how to have it apart."""
        if len(self._people) > 1 and self.decided_by not in self._people:
            said = f"it names {', '.join(self._people)}, and what counts is taken over for {self.decided_by}."
            hint = "--decided-by with one of these names takes over what that one has decided."
            report(Problem("people", said, Place(str(self.corpus)), hint=hint, warning=True))

    @property
    def _people(self) -> tuple[str, ...]:
        there = self.decided_by and self.corpus.exists()
        return names_in(self.corpus) if there else ()


def run(request: ImportRequest, *, as_json: bool) -> None:
    if bool(request.decided_by) + bool(request.source) + bool(request.run or request.model) > 1:
        problem = "entities are suggestions or decisions, and suggestions of one kind."
        raise InputError(problem, hint="Leave out --as-suggestions, --run or --decided-by.")
    log, report = start_log(request.skip_bad)
    if request.skip_bad:
        UNREADABLE.set(log)
    request.told_people(report)
    _, told_already = start_log(request.skip_bad)
    again = request.read(told_already)
    again = again.map(partial(_apart, request.corpus, report)) if request.decided_by else again
    row: dict[str, Any] = {}
    with ReviewStore.open(request.store, create=False) as store:
        project = store.project(request.project)
        if request.model is not None:  # before documents are added: it may be one that cannot be opened
            load_plugins(project.settings.get("plugins", ()))
            request = replace(request, nlp=_opened(request.model))
        if request.source:
            _, silent = start_log(request.skip_bad)
            known = _Known(project, renames=True)
            done = _correct(request, project, known, request.read(silent)) if request.corrected else []
            steps = iter([*done, _named(request, store, project, report)])
        else:
            if request.suggest:
                _refuse_nothing(store, project)
            annotated = bool(request.decided_by or request.run or request.model)
            known, first = _Known(project, renames=annotated), request.read(report)
            _, silent = start_log(request.skip_bad)
            corrections = _correct(request, project, known, request.read(silent))
            fits = _Fits(project, known, request, report)
            given = (first.map(known).filter(fits), (again.map(known) if annotated else again).filter(fits))
            steps = chain(corrections, _import(request, project, *given, as_json, log), known.told())
        if request.suggest:
            steps = chain(steps, _by_rules(request, store, project, as_json))
        for more, said in steps:
            row |= more
            if not as_json:
                typer.echo(said)
    if as_json:
        print_json({**row, **problems(log)})
    else:
        list_problems(log)


def _opened(model: Path) -> Any:
    from hybrid_ner.training.predict import load_pipeline

    return load_pipeline(model)


def _apart(corpus: Path, report: Report, document: Document) -> Document:
    """A document whose entities do not overlap, as those of a review: the longest; others are reported."""
    kept, lost = without_overlaps(list(dict.fromkeys(document.entities or ())))
    for entity in lost:
        said = document.text[entity.start : entity.end]
        message = f"{entity.label} {said!r} of document {document.doc_id!r} overlaps another entity."
        hint = "A review keeps one: --skip-bad keeps the longest, --run NAME shows all as suggestions."
        report(Problem("overlap", message, Place(str(corpus)), document.doc_id, hint))
    return replace(document, entities=tuple(kept)) if lost else document


class _Known:
    """Gives a document the id under which the project has its text: tools that annotate count anew.

    Args:
        renames: Otherwise it keeps its own id, and it is only told that there are two of the text.
    """

    def __init__(self, project: Project, *, renames: bool) -> None:
        self._renames = renames
        self.texts = texts_by_id(project)
        times = Counter(self.texts.values())
        self._ids = {text: doc_id for doc_id, text in self.texts.items() if times[text] == 1}
        self._claimed: dict[str, str] = {}

    def __call__(self, document: Document) -> Document:
        text = document.content_hash
        if self.texts.get(document.doc_id) == text or text not in self._ids:
            return document
        if self._claimed.setdefault(text, document.doc_id) != document.doc_id:
            return document  # the file has this text twice
        if not self._renames:
            return document
        return replace(document, doc_id=self._ids[text])

    def told(self) -> Iterator[Told]:
        """How many were found by their text."""
        if (found := len(self._claimed)) and not self._renames:
            text, doc_id = next(iter(self._claimed.items()))
            said = f"{quantity(found, 'document')} added beside one of the same text, as {doc_id} beside "
            yield {"same_text": found}, f"{said}{self._ids[text]}"
        elif found:
            said = f"{quantity(found, 'document')} with another id in the project, found by the text"
            yield {"found_by_text": found}, said


def _correct(request: ImportRequest, project: Project, known: _Known, documents: Corpus) -> list[Told]:
    """Take over what has another text in the file, or say what would become of the decisions.

    Raises:
        InputError: Documents have another text, and nobody said what to do with them.
    """
    if not known.texts:
        return []
    others = (d for d in documents.map(known) if known.texts.get(d.doc_id, d.content_hash) != d.content_hash)
    changed = list(filter(has_text, others))
    if not changed or (request.skip_bad and not request.corrected):
        return []
    if request.corrected:
        done = project.correct(changed, by=request.by or "admin")
        taken = {each.doc_id for each in done}
        known.texts.update((each.doc_id, each.content_hash) for each in changed if each.doc_id in taken)
        return [({"corrected": [asdict(each) for each in done]}, corrections_said(done))] if done else []
    if not (found := project.corrections(changed)):
        return []
    raise InputError(
        f"{corrections_said(found, would=True)}.",
        path=request.corpus,
        hint="--corrected takes the texts over, which can be undone; --skip-bad leaves them as they are.",
    )


class _Fits:
    """Whether the project can keep a document; one that it cannot keep is reported, once."""

    def __init__(self, project: Project, known: _Known, request: ImportRequest, report: Report) -> None:
        self._project, self._texts = project, known.texts
        self._place, self._report, self._left = Place(str(request.corpus)), report, set[str]()
        self._erased = {} if request.again else project.erased_marks()

    def __call__(self, document: Document) -> bool:
        try:
            self._project.refuse(document, self._texts.get(document.doc_id, ""), self._erased)
        except CorpusError as error:
            if document.doc_id not in self._left:
                self._left.add(document.doc_id)
                self._report(Problem("not kept", error.problem, self._place, document.doc_id, error.hint))
            return False
        return True


def _named(request: ImportRequest, store: ReviewStore, project: Project, report: Report) -> Told:
    """What others said, each under its name."""
    from hybrid_ner.review.rounds.decisions import import_opinions
    from hybrid_ner.ui.workspace import Workspace

    opinions = read_opinions(request.corpus, request.format, report=report)
    setup = Workspace.of(store).setup(project)
    how: dict[str, Any] = {"default": request.source, "by": request.by or "admin", "again": request.again}
    done = import_opinions(project, setup, opinions, **how)
    return asdict(done), done.sentence()


_SUGGESTED = {"source", "sources", "model_score", "score", "concepts", "votes", "chosen", "rule", "opinions"}
_KEPT = frozenset({"flags", "text", *_SUGGESTED})
"""What a document may say of an entity that a review keeps, shows by itself, or has no more use for."""


def _import(
    request: ImportRequest, project: Project, first: Corpus, again: Corpus, as_json: bool, log: Report
) -> Iterator[Told]:
    left, beside, second = 0, Counter[str](), 0

    empty: list[str] = []

    def met() -> Iterator[Document]:
        nonlocal left, second
        for document in progress(first, as_json):
            if not has_text(document):
                empty.append(document.doc_id)
                continue
            left += len(document.entities or ())
            places = {(each.start, each.end): each.label for each in document.entities or ()}
            second += sum(each.label != places[each.start, each.end] for each in document.entities or ())
            beside.update(key for each in document.entities or () for key in each.attrs.keys() - _KEPT)
            yield document

    added = project.add_documents(met(), by=request.by, again=request.again)
    total, again = added.added + added.known, again.filter(has_text)
    if empty:
        log(Problem("no text", told_empty(empty), Place(str(request.corpus)), warning=True))
    if beside and (request.decided_by or request.run):
        named = ", ".join(f"{key} ({count:,})" for key, count in beside.most_common())
        said = f"of entities a review keeps place, label, concept id and flags; left out: {named}."
        log(Problem("not read", said, Place(str(request.corpus)), warning=True))
    if second and request.run:
        what = quantity(second, "entity is", "entities are")
        said = (
            f"{what} not shown: of several labels of one place a suggestion has the surest, else the first."
        )
        log(Problem("overlap", said, Place(str(request.corpus)), warning=True))
    yield asdict(added), added.sentence()
    if request.decided_by:
        taken = import_decisions(project, request.decided_by, again)
        conflicts = [asdict(each) for each in taken.conflicts]
        counts = {"decided": taken.taken, "unchanged": taken.known, "conflicts": conflicts}
        yield {"decided_by": request.decided_by, **counts}, taken.sentence(request.decided_by)
    elif request.nlp is not None:
        with bars(as_json or not sys.stderr.isatty()) as report:
            read = counted(again, total, report, "suggest", "reading")
            suggested = _suggest(project, read, request)
        yield suggested  # once the bars are gone: a line among them would be drawn into them
    elif request.run:
        with bars(as_json or not sys.stderr.isatty()) as report:
            read = counted(again, total, report, "show", "writing the suggestions of")
            pairs = ((each.doc_id, _suggested(each, request.corpus)) for each in read)
            done = project.add_suggestions(request.run, pairs)
        yield _told(done, request.run)
    if not (request.suggest or request.decided_by or request.run or request.model or left):
        yield {}, "no suggestions: --suggest lets the project's lists and rules make them"
    if left and not (request.decided_by or request.run):
        what = quantity(left, "entity of the file is", "entities of the file are")
        ways = "--run NAME shows them as suggestions, --decided-by NAME takes them over as decided"
        yield {"entities_left": left}, f"{what} not taken over: {ways}"


def _suggested(document: Document, corpus: Path) -> list[Suggestion]:
    """The suggestions of a document; what is wrong with one is said of the file."""
    try:
        return suggestions_from_document(document)
    except CorpusError as error:
        raise CorpusError(error.problem, path=corpus, hint=error.hint) from error


def _by_rules(request: ImportRequest, store: ReviewStore, project: Project, as_json: bool) -> Iterator[Told]:
    """What the project's own lists and rules suggest, or its model in use, as on the page."""
    from hybrid_ner.review.rounds import model_runs
    from hybrid_ner.review.rounds.round import first_round
    from hybrid_ner.ui.workspace import Workspace

    setup, before = Workspace.of(store).setup(project), model_runs.shown_runs(project)
    with bars(as_json or not sys.stderr.isatty()) as report:
        registry = model_runs.registry_of(project, setup)
        if registry.current():
            model_runs.show(project, setup, registry, report)
        else:
            first_round(project, setup, report, request.by)
        made = model_runs.read_suggestions(registry.get(registry.current()).suggestions)
        found = sum(len(each) for _, each in made)
    said = f"{quantity(found, 'suggestion')} of the project's lists and rules"
    others = {run: shown for run, shown in before.items() if run != registry.current()}
    for run, shown in others.items():
        said += f"; those of {run} are no longer shown in {quantity(shown, 'document')}"
    yield {"suggestions": found, **({"replaced": others} if others else {})}, said


def _refuse_nothing(store: ReviewStore, project: Project) -> None:
    """Without lists, rules and models nothing is suggested, which would take the place of what is shown."""
    from hybrid_ner.review.rounds.model_runs import registry_of
    from hybrid_ner.review.rounds.round import project_overlay
    from hybrid_ner.ui.workspace import Workspace

    setup = Workspace.of(store).setup(project)
    if setup.term_files or setup.rule_files or setup.sources or setup.domain != "generic":
        return
    added = any(each.action != "never" for each in project_overlay(project).entries)
    if added or registry_of(project, setup).current():
        return
    hint = "Let a model make them (--model DIR), or give a project its lists: review init … --gazetteer FILE."
    raise InputError("the project has no lists, rules or sources that could suggest anything.", hint=hint)


def _suggest(project: Project, documents: Iterable[Document], request: ImportRequest) -> Told:
    from hybrid_ner.training.predict import read_docs

    assert request.model is not None
    run, read = request.run or request.model.name, read_docs(request.nlp, documents)
    pairs = ((document.doc_id, suggestions_from_doc(doc)) for document, doc in read)
    return _told(project.add_suggestions(run, pairs, meta={"model": str(request.model.resolve())}), run)


def _told(done: RunImport, run: str) -> Told:
    said = f"{quantity(done.suggestions, 'suggestion')} of {run} in {quantity(done.documents, 'document')}"
    said += f"; {quantity(done.known, 'document')} had them already" if done.known else ""
    said += f"; {done.blocked:,} left out, since `never` blocks their terms" if done.blocked else ""
    return {"run": {"name": run, **asdict(done)}}, said
