"""Where the page keeps its projects and their term lists."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from hybrid_ner.errors import HybridNerError, InputError
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.review import Project, ReviewStore, TermIndex
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.terms import TermTable, term_table

WORKSPACE_VARIABLE = "HYBRID_NER_WORKSPACE"
STORE_VARIABLE = "HYBRID_NER_STORE"
PROJECT_VARIABLE = "HYBRID_NER_PROJECT"
"""The project to open first; the newest one by default."""
_DEFAULT = "workspace"
_FOLDER = "folder"
"""Setting of a project whose folder has not the usual name."""
_HINT = "Give another one, or ask for the right to write to it."


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of projects.

    Args:
        folder: Projects' models and term lists are kept here.
        store: Review store: a file, or a ``postgresql://`` URL.
    """

    folder: Path
    store: str

    @classmethod
    def at(cls, folder: str | Path = "", store: str = "") -> Workspace:
        """A workspace; by default the folder of the store file, or ``workspace`` in the current folder."""
        beside = Path(store).parent if store and "://" not in store else _DEFAULT
        place = Path(folder or beside).absolute()
        return cls(place, store or str(place / "review.sqlite3"))

    @classmethod
    def of(cls, store: ReviewStore) -> Workspace:
        """That of a store: its own folder, or one in the current folder for a server."""
        url = store.engine.url
        if url.get_backend_name() == "sqlite" and url.database:
            return cls.at("", str(Path(url.database).absolute()))
        return cls.at("", url.render_as_string(hide_password=False))

    @classmethod
    def from_environment(cls) -> Workspace:
        """The workspace that ``hybrid-ner app`` was started for."""
        return cls.at(os.environ.get(WORKSPACE_VARIABLE, ""), os.environ.get(STORE_VARIABLE, ""))

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            InputError: It cannot be made, or nothing can be written to it or to the folder of the store.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise InputError("a file stands where the folder would.", path=self.folder, hint=_HINT) from error
        except OSError as error:
            raise InputError(f"{error.strerror}.", path=self.folder, hint=_HINT) from error
        store = self.folder if "://" in self.store else Path(self.store).absolute().parent
        for folder in (self.folder, store):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise InputError("nothing can be written to this folder.", path=folder, hint=_HINT)

    def check(self, store: ReviewStore) -> None:
        """See that no project has its lists and models in another folder, where nothing here would find them.

        Raises:
            InputError: One has: beside the store file, or in the usual folder without a store of its own.
        """
        if "://" in self.store:
            return
        usual = Workspace.at()
        others = (Workspace.of(store), *(() if usual.exists else (usual,)))
        for project in map(store.project, store.projects()):
            for other in others:
                here, there = self.folder_of(project), other.folder_of(project)
                if not _keeps(here, project) and _keeps(there, project):
                    said = f"the lists and models of project {project.name!r} are in {there}, not in {here}."
                    raise InputError(said, hint=f"Say --workspace {other.folder}.")

    @property
    def exists(self) -> bool:
        """Whether the store has been made; a server is taken to be there."""
        return "://" in self.store or Path(self.store).is_file()

    def setup(self, project: Project) -> ModelSetup:
        """Settings and folder of a project's models."""
        return ModelSetup.of(project, self.folder_of(project))

    def folder_of(self, project: Project) -> Path:
        """Folder of a project: the one that was made for it, which its row names, or that of its name."""
        usual = self.project_folder(project.name)
        kept = str(project.settings.get(_FOLDER, ""))
        return usual.with_name(kept) if re.fullmatch(re.escape(usual.name) + r"~\d+", kept) else usual

    def new_folder(self, project: str) -> Path:
        """Make the folder of a new project; never one that is there already.

        Another store beside this one may have a project of the same name, or had one before it was removed:
        its lists and models are not those of the new project. Pass ``kept_folder`` of it on to
        ``ReviewStore.create_project``.
        """
        usual = self.project_folder(project)
        usual.parent.mkdir(parents=True, exist_ok=True)
        # No name of a project makes a folder with a "~", so that none is taken from another project.
        for folder in chain([usual], (usual.with_name(f"{usual.name}~{number}") for number in count(2))):
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
        raise AssertionError("numbers do not end")

    def kept_folder(self, folder: Path, project: str) -> dict[str, str]:
        """What the row of a project says of its folder: nothing where its name says it."""
        return {} if folder == self.project_folder(project) else {_FOLDER: folder.name}

    def project_folder(self, project: str) -> Path:
        """Usual folder of a project: its name as far as a file system takes it, else with a hash."""
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", project).strip("-")[:60]
        if plain != project or not plain:
            plain += "-" + hashlib.sha256(project.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self.folder / "projects" / plain.lstrip("-")


def _keeps(folder: Path, project: Project) -> bool:
    """Whether this folder is that of a project, with the model that it uses."""
    return (folder / "models" / project.model if project.model else folder).is_dir()


_MOMENT = 0.5
"""Seconds that a document waits for the term lists."""


class Terms(TermIndex):
    """The term lists of a project.

    Args:
        place: Where its files are kept.
        project: The project, which knows its settings.
        now: Open them in the background at once; otherwise when somebody asks for them.
    """

    def __init__(self, place: Workspace, project: Project, *, now: bool = True) -> None:
        self._place, self._project = place, project
        self._opening, self._open = threading.Lock(), threading.Event()
        self._opened: TermTable | None = None
        if now:
            threading.Thread(target=self._warm_up, daemon=True).start()

    @property
    def table(self) -> TermTable:  # type: ignore[override]
        """The lists without review edits: the engine adds those itself.

        Whoever asks first opens them, everybody else waits for that.
        """
        with self._opening:
            if self._opened is None:
                self._opened = term_table(self._place.setup(self._project))
                self._open.set()
            return self._opened

    @property
    def fuzzy(self) -> Fuzzy:  # type: ignore[override]
        """How the project takes near matches."""
        return self._place.setup(self._project).fuzzy

    @property
    def ready(self) -> bool:
        """Whether a question is answered at once."""
        return self._opened is not None

    def make_ready(self) -> None:
        """Open the lists, or wait until they are open.

        A question that needs them runs inside a transaction: without this, reading a long list would keep
        every other reviewer from writing meanwhile.
        """
        len(self.table)

    def labels_like(self, words: Sequence[str], used: Collection[str]) -> list[str]:
        """The same, and none while the lists are read anew.

        Lists that have not changed are open in a moment, which is waited for.
        """
        return super().labels_like(words, used) if self._open.wait(_MOMENT) else [""] * len(words)

    def _warm_up(self) -> None:
        # What is wrong with the lists is said to the reviewer who asks for them.
        with suppress(HybridNerError, OSError):
            self.make_ready()
