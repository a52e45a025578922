"""New projects: the demo in one go, or the user's own documents and term lists."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.labels import SCHEMES
from hybrid_ner.review import ReviewStore
from hybrid_ner.review.model_setup import ModelSetup
from hybrid_ner.review.project import Project
from hybrid_ner.review.rounds import first_round
from hybrid_ner.review.term_table import TermTable
from hybrid_ner.review.terms_cache import term_table
from hybrid_ner.samples import SAMPLE_DOMAINS, gold_path, unlabeled_path
from hybrid_ner.text import quantity
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.ui.importing import check_terms, save_terms
from hybrid_ner.ui.workspace import Workspace

__all__ = ["Wish", "create_demo", "create_project"]

Files = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new project shall be.

    Args:
        name: Unique in the store.
        domain: ``medical``, ``legal`` or ``generic``.
        documents: Its documents; annotations in them are not read.
        terms: Uploaded term lists.
        label: Label of terms whose list names none.
        labels: More labels, in key order.
        by: Who creates it.
    """

    name: str
    domain: str
    documents: Sequence[Document]
    terms: Files = ()
    label: str = ""
    labels: tuple[str, ...] = ()
    by: str = ""


def create_demo(store: ReviewStore, workspace: Workspace, domain: str, report: Report, by: str = "") -> str:
    """The samples of a domain as a project, with frozen gold; returns its name."""
    if domain not in SAMPLE_DOMAINS:
        raise InputError(f"no samples for {domain!r}.", hint=f"Use one of {', '.join(SAMPLE_DOMAINS)}.")
    name = _free_name(store, f"demo-{domain}")
    setup = ModelSetup(workspace.project_folder(name), domain)
    setup.save()
    shutil.copyfile(gold_path(domain), setup.gold_path)
    _prepared(setup, report)
    wish = Wish(name, domain, list(read_corpus(unlabeled_path(domain))), by=by)
    _fill(store, setup, wish, report)
    return name


def create_project(store: ReviewStore, workspace: Workspace, wish: Wish, report: Report) -> str:
    """A project of the user's own; returns its name.

    Raises:
        InputError: Nothing to review, nothing to match, or an unusable term list; nothing is created then.
    """
    name = wish.name.strip()
    if not name:
        raise InputError("the project has no name.", hint="Type one.")
    if name in store.projects():
        raise InputError(f"there is a project {name!r} already.", hint="Choose another name.")
    if not wish.documents:
        raise InputError("there are no documents.", hint="Add at least one file.")
    folder = workspace.project_folder(name)
    setup = ModelSetup(folder, wish.domain, label=wish.label)
    try:
        for path in save_terms(folder, wish.terms):
            check_terms(path, wish.label)
        setup.save()
        if not len(_prepared(setup, report)):
            raise InputError("there are no terms.", hint="Add a term list, or choose medical or legal.")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _fill(store, setup, replace(wish, name=name), report)
    return name


def _fill(store: ReviewStore, setup: ModelSetup, wish: Wish, report: Report) -> Project:
    scheme = SCHEMES.get(wish.domain, ())
    labels = tuple(dict.fromkeys((*wish.labels, *((wish.label,) if wish.label else ()), *scheme)))
    report("documents", 0.0, f"adding {quantity(len(wish.documents), 'document')}")
    project = store.create_project(wish.name, labels, domain=wish.domain)
    project.add_documents(Document(d.doc_id, d.text, None, d.meta) for d in wish.documents)
    first_round(project, setup, report, wish.by)
    return project


def _prepared(setup: ModelSetup, report: Report) -> TermTable:
    """The terms, ready for the first question about them."""
    return term_table(setup, lambda: report("terms", 0.0, "indexing the terms"))


def _free_name(store: ReviewStore, name: str) -> str:
    taken = set(store.projects())
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if n not in taken)
