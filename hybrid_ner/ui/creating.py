"""How a project is made: the demo of a subject, or one of the user's own from files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hybrid_ner.corpus import Document, Opinion, ProblemLog, read_corpus, read_opinions
from hybrid_ner.corpus.codebook import Rule
from hybrid_ner.domains.registry import gold_path, unlabeled_path
from hybrid_ner.errors import HybridNerError, InputError, told
from hybrid_ner.io import read_text
from hybrid_ner.matching.match import Fuzzy, FuzzyMode
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import Project, ReviewStore
from hybrid_ner.review.commands.codebook import LONGEST
from hybrid_ner.review.rounds import FOR_REVIEW, ModelSetup
from hybrid_ner.review.rounds.decisions import keep_named
from hybrid_ner.review.rounds.model_runs import counted
from hybrid_ner.review.rounds.round import first_round
from hybrid_ner.review.rounds.terms import TermTable, term_table
from hybrid_ner.review.store.codebook import suggest_rules
from hybrid_ner.review.store.labels import HIDDEN, labels_meant, plain_words, respelled
from hybrid_ner.review.store.lookups import never_suggested
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.sources.functions import plugin_files
from hybrid_ner.sources.models.settings import kept_names, read_models
from hybrid_ner.terms.shipped import pack_domains
from hybrid_ner.text import part_folder, quantity, scratch
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.ui import importing
from hybrid_ner.ui.workspace import Workspace

_LONGEST_LABEL = 40
"""Characters of a label that is typed: it stands on a button."""
LABELS = ("label", "otherwise")
"""What is told of a list that is a label."""
Files = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new project shall be.

    Args:
        name: Unique in the store.
        documents: Its documents; annotations in them are not read.
        label: Label of terms whose list names none.
        labels: More labels, in key order.
        by: Who creates it.
        owner: Whether that makes its owner: where people sign in.
        sources: Labeling sources to run beside the domain's, by name.
        predictions: Uploaded predictions of other programs, in any corpus format.
        told: Name of a term list → what is told of it: ``label``, ``otherwise``, ``columns``.
        shipped: Whether the domain's own lists are used too.
        fuzzy: What becomes of words that are a term but for a typing error.
        hidden: Labels of the domain that are not used.
        meanings: Label → what it means in one line.
    """

    name: str
    domain: str
    documents: Sequence[Document]
    terms: Files = ()
    label: str = ""
    labels: tuple[str, ...] = ()
    by: str = ""
    owner: bool = False
    sources: tuple[str, ...] = ()
    rules: Files = ()
    models: Files = ()
    predictions: Files = ()
    told: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shipped: bool = True
    fuzzy: Fuzzy | FuzzyMode = FOR_REVIEW.mode
    hidden: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)


def create_demo(
    store: ReviewStore, workspace: Workspace, domain: str, report: Report, by: str = "", owner: bool = False
) -> str:
    """The samples of a domain as a project, with frozen gold; returns its name."""
    gold = gold_path(domain)
    name = _free_name(store, f"demo-{domain}")
    setup = ModelSetup(workspace.new_folder(name), domain)
    shutil.copyfile(gold, setup.gold_path)
    _prepared(setup, report)
    wish = Wish(name, domain, list(read_corpus(unlabeled_path(domain))), by=by, owner=owner)
    _fill(store, workspace, setup, wish, report)
    return name


def save_models(
    folder: Path, settings: Iterable[tuple[str, bytes]], predictions: Iterable[tuple[str, bytes]]
) -> tuple[str, ...]:
    """Keep uploaded settings of models and predictions with a project; returns the sources they name.

    Raises:
        InputError: Settings that cannot be used, a model that is not there, or two files of one name.
    """
    named: list[str] = []
    for name, content in importing.named_apart(settings, "settings of models"):
        path = importing.keep_file(folder / "models.settings" / name, content)
        read_models(str(path))
        named.append(str(path))
    for name, content in (part for each in predictions for part in importing.unpacked(*each)):
        named += keep_named(
            folder, opinions_in(name, content), Path(importing.plain_name(name)).stem
        ).values()
    return tuple(dict.fromkeys(named))


def opinions_in(name: str, content: bytes, notes: list[str] | None = None) -> list[Opinion]:
    """What each person and model said in an uploaded file.

    Args:
        notes: Told what was not read.
    """
    list(importing.read_documents([(name, content)]))  # in a process of its own, within bounds
    log = ProblemLog()
    with scratch() as folder:
        path = folder / importing.plain_name(name)
        path.write_bytes(content)
        found = list(read_opinions(path, report=log))
    if notes is not None:
        notes += (f"{name}: {problem.message}" for problem in log.problems)
    return found


def create_project(
    store: ReviewStore, workspace: Workspace, wish: Wish, report: Report, notes: list[str] | None = None
) -> str:
    """A project of the user's own; returns its name.

    Args:
        workspace: Where its models and term lists are kept.
        wish: What it shall be.
        notes: Filled with the term lists that were left out and why.

    Raises:
        InputError: Nothing to review, nothing to match and no label, or no usable term list; nothing is
            created then.
    """
    name = wish.name.strip()
    if not name:
        raise InputError("the project has no name.", hint="Type one.")
    if name in store.projects():
        raise InputError(f"there is a project {name!r} already.", hint="Choose another name.")
    _refuse_shared_folder(store, workspace, name)
    named = (*wish.meanings, wish.label, *(own.get(key, "") for own in wish.told.values() for key in LABELS))
    if long := next((label for label in named if len(label) > _LONGEST_LABEL), ""):
        said = f"{long[:_LONGEST_LABEL]!r}… is too long for a label."
        raise InputError(
            said, hint="Put a colon between a label and what it means, one label a line, and keep it short."
        )
    if long := next((label for label, said in wish.meanings.items() if len(said) > LONGEST), ""):
        said = f"what {long!r} means has {len(wish.meanings[long]):,} characters."
        raise InputError(said, hint=f"Use at most {LONGEST:,}; rules are added beside a document.")
    wish = _in_one_spelling(wish)
    if not wish.documents:
        raise InputError("there are no documents.", hint="Add a file or paste a text.")
    folder = workspace.new_folder(name)
    try:
        setup = _setup(folder, wish, report, notes)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        _fill(store, workspace, setup, replace(wish, name=name), report, notes)
    except (HybridNerError, OSError) as error:
        if notes is None or name not in store.projects() or not never_suggested(store.project(name)):
            raise
        # The documents are in: the page offers to read them once more.
        notes.append(f"The project was made, but its documents were not read: {told(error)}")
    return name


def _in_one_spelling(wish: Wish) -> Wish:
    """Labels that were typed, as the subject spells them; of two spellings the first one counts."""
    known = list(DOMAINS.get(wish.domain).labels)
    one: dict[str, str] = {}
    for label in (*wish.labels, *wish.meanings):
        one[label] = respelled([label], known).get(label, label)
        known += [] if one[label] in known else [one[label]]
    told = {
        name: {
            key: respelled([said], known).get(said, said) if key in LABELS else said
            for key, said in own.items()
        }
        for name, own in wish.told.items()
    }
    meanings: dict[str, str] = {}
    for label, meaning in wish.meanings.items():
        meanings[one[label]] = meanings.get(one[label]) or meaning
    labels = tuple(dict.fromkeys(one[label] for label in wish.labels))
    hidden = tuple(label for label in wish.hidden if label not in labels)
    return replace(wish, labels=labels, meanings=meanings, told=told, hidden=hidden)


def _setup(folder: Path, wish: Wish, report: Report, notes: list[str] | None) -> ModelSetup:
    """Keep lists, rules and models of a project in its folder; its settings."""
    own = (*wish.sources, *save_models(folder, wish.models, wish.predictions))
    plugins = plugin_files(own)
    asked = _labels(wish)
    setup = ModelSetup(
        folder,
        wish.domain,
        shipped=wish.shipped,
        label=wish.label,
        lists=wish.told,
        sources=kept_names(own, asked),
        plugins=plugins,
        fuzzy=FOR_REVIEW if wish.fuzzy == FOR_REVIEW.mode else Fuzzy.of(wish.fuzzy),
    )
    importing.save_rules(folder, wish.rules, notes)
    kept = importing.save_terms(folder, wish.terms, notes)
    labels = importing.keep_usable(kept, wish.label, [] if notes is None else notes, wish.told)
    setup = replace(setup, spelled=respelled(labels, asked))
    table = _prepared(setup, report)
    if not len(table) and not (own or wish.rules or wish.labels):
        known = " or ".join(pack_domains())
        raise InputError(
            "there are no terms.", hint=f"Add a term list or labels of your own, or choose {known}."
        )
    if notes is not None:
        notes += doubled(table.labels, tuple(DOMAINS.get(wish.domain).labels))
        notes += same_names(setup.spelled)
    return setup


def _labels(wish: Wish) -> tuple[str, ...]:
    """The labels that are asked for, in key order."""
    scheme = DOMAINS.get(wish.domain).labels
    return tuple(dict.fromkeys((*wish.labels, *((wish.label,) if wish.label else ()), *scheme)))


def same_names(spelled: Mapping[str, str]) -> list[str]:
    """A sentence for each label of the lists that is read as the project spells it."""
    return [f"The label {theirs} of your list is read as {ours}." for theirs, ours in spelled.items()]


def as_spelled(
    setup: ModelSetup,
    found: Sequence[str],
    labels: Sequence[str] | Mapping[str, str],
    scheme: Sequence[str],
    *alone: str,
) -> tuple[ModelSetup, list[str]]:
    """Settings under which labels of lists are spelled as the project's, and what is said of them.

    Args:
        found: The labels of the lists.
        labels: Those of the project, or each with the name that people see.
        scheme: Those of its subject, which may call the same otherwise.
        alone: The next step of who wants the lists alone, as for ``doubled``.
    """
    spelled = respelled(found, labels)
    others = [label for label in found if label not in spelled]
    said = doubled(others, scheme, *alone) + same_names(spelled)
    return replace(setup, spelled={**setup.spelled, **spelled}), said


def add_lists(
    setup: ModelSetup,
    files: Files,
    told: Mapping[str, Mapping[str, str]],
    notes: list[str],
    labels: Sequence[str] | Mapping[str, str] = (),
) -> ModelSetup:
    """Keep more term lists with a project, once they are known to be usable; one replaces its namesake.

    Args:
        told: Name of a list → what is told of it, as in ``Wish``; what was told of its namesake holds on.
        notes: Filled with what came of each.
        labels: The labels of the project, or each with the name that people see: those of the lists take
            on their spelling.

    Returns:
        The settings with what these lists need.

    Raises:
        InputError: None of them can be used.
    """
    before = {name: dict(setup.told(Path(name))) for name in told}
    for name in (name for name, said in told.items() if "otherwise" in said):
        before[name].pop("label", None)
    whole = {**setup.lists, **{name: {**before[name], **said} for name, said in told.items()}}
    place = setup.folder / "terms"
    place.mkdir(parents=True, exist_ok=True)
    with part_folder(place) as new:
        paths = importing.save_terms(new, files, notes)
        found = importing.keep_usable(paths, setup.label, notes, whole)
        kept = [path for path in paths if path.is_file()]
        _move_in(kept, place, notes)
    setup, said = as_spelled(setup, found, labels, tuple(DOMAINS.get(setup.domain).labels))
    notes += said
    own = {path.name: whole[path.name] for path in kept if path.name in whole}
    return replace(setup, lists={**setup.lists, **own})


def add_rules(setup: ModelSetup, files: Files, notes: list[str]) -> ModelSetup:
    """Keep more rule files with a project, once they are known to be usable; one replaces its namesake.

    Args:
        notes: Filled with what each holds.

    Raises:
        InputError: None of them can be used.
    """
    place = setup.folder / "rules"
    place.mkdir(parents=True, exist_ok=True)
    with part_folder(place) as new:
        importing.save_rules(new, files, notes)
        _move_in(sorted((new / "rules").iterdir()), place, notes)
    return setup


def _move_in(paths: Iterable[Path], place: Path, notes: list[str]) -> None:
    for path in paths:
        if (place / path.name).exists():
            notes.append(f"{path.name} took the place of the file of that name.")
        os.replace(path, place / path.name)


def take_out(setup: ModelSetup, path: Path, notes: list[str]) -> ModelSetup:
    """Leave a term list or rule file of a project out from now on; the settings without what it was told."""
    path.unlink()
    notes.append(f"{path.name} was taken out.")
    if path.parent.name == "rules":
        return setup
    return replace(setup, lists={name: own for name, own in setup.lists.items() if name != path.name})


def _fill(
    store: ReviewStore,
    workspace: Workspace,
    setup: ModelSetup,
    wish: Wish,
    report: Report,
    notes: list[str] | None = None,
) -> Project:
    labels = _labels(wish)
    report("documents", 0.0, f"adding {quantity(len(wish.documents), 'document')}")
    hidden = [name for name in wish.hidden if name in labels]
    settings = {**setup.settings, HIDDEN: hidden, **workspace.kept_folder(setup.folder, wish.name)}
    project = store.create_project(wish.name, labels, domain=wish.domain, settings=settings)
    if wish.owner:
        give_role(project, wish.by, "owner", wish.by)
    plain_ones = (Document(d.doc_id, d.text, None, d.meta) for d in wish.documents)
    total = len(wish.documents)
    project.add_documents(counted(plain_ones, total, report, "documents", "adding"), by=wish.by)
    first_round(project, setup, report, wish.by, notes)
    define(project, wish.meanings, wish.by or "reviewer")
    return project


_MEANS = re.compile(r"\s*:\s*|\s+[-–—=]\s+|\t+")
"""What stands between a label and what it means: "Drug: given", "Drug - given"."""
_BULLET = re.compile(r"^\s*(?:[-–•*·]|\d+[.)])\s+")
"""What a list of labels may begin each line with: "- Drug", "2. Drug"."""


def labels_with_meanings(typed: str) -> dict[str, str]:
    """Labels as they are typed, one a line, what they mean after a colon or dash: ``Symptom: what hurts``.

    A line that says nothing of a meaning may have several, with commas or semicolons between.
    """
    found: dict[str, str] = {}
    for line in typed.lstrip("\ufeff").splitlines():
        label, *meaning = _MEANS.split(_BULLET.sub("", line, count=1).strip(), maxsplit=1)
        for each in [label] if meaning else re.split("[,;]", label):
            if name := " ".join(each.split()):
                found[name] = "".join(meaning)
    return found


def labels_given(given: str) -> dict[str, str]:
    """Labels of an option, with commas between, or of a file that has them as they are typed on the page.

    Raises:
        InputError: What is no name of a label, such as the name of a file that is not there.
    """
    if os.path.isfile(given):  # which never fails, however long the list is
        return labels_with_meanings(read_text(Path(given), ProblemLog(), windows=True) or "")
    if meant := _NO_LABEL.search(given):
        said = f"{given!r} is no list of labels: {meant[0].strip()!r} stands in it."
        hint = "Put commas between labels, or name a file: a label a line, and after a colon what it means."
        raise InputError(said, hint=hint)
    return labels_with_meanings(given)


_NO_LABEL = re.compile(r":\s|\s[-–—=]\s|;|\.(?:txt|md|[ct]sv|xlsx|jsonl?|ya?ml|toml)$", re.IGNORECASE)
"""What no label has: "Drug: given", "Drug;Dose", "labels.txt"."""


def define(project: Project, meanings: Mapping[str, str], by: str) -> None:
    """Put what labels mean into the codebook of a new project."""
    means = {label: [Rule(1, "definition", said)] for label, said in meanings.items() if said}
    suggest_rules(project, means, by, "new project", accepted=True)


def doubled(
    labels: Sequence[str],
    scheme: Sequence[str],
    alone: str = "choose “Something else” to use your lists alone",
) -> list[str]:
    """A sentence for each label of the lists that the subject has under another name."""
    # "pv_drugs", after a file, is about drugs.
    found = {
        label: labels_meant(label, scheme) or labels_meant((label, *plain_words(label))[-1], scheme)
        for label in labels
        if label not in scheme
    }
    return [
        f"Your list says {label} where the lists of the subject say {meant[0]}: the project has both. Name "
        f"the label {meant[0]} in your list to have one, or {alone}."
        for label, meant in found.items()
        if len(meant) == 1
    ]


def _refuse_shared_folder(store: ReviewStore, workspace: Workspace, name: str) -> None:
    """A name may be the one that another project's folder got, hash and all: each has its own."""
    folder = workspace.project_folder(name)
    for other in store.projects():
        if str(workspace.project_folder(other)).casefold() == str(folder).casefold():
            raise InputError("the name is too much like that of another project.", hint="Choose another.")


def _prepared(setup: ModelSetup, report: Report) -> TermTable:
    """The terms, ready for the first question about them."""
    return term_table(setup, lambda: report("terms", 0.0, "indexing the terms"))


def _free_name(store: ReviewStore, name: str) -> str:
    taken = set(store.projects())
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if n not in taken)
