"""The term lists of an open project, shared by everybody who has it open."""

from __future__ import annotations

import threading
from contextlib import suppress

from hybrid_ner.errors import HybridNerError
from hybrid_ner.review import TermIndex
from hybrid_ner.review.term_table import TermTable
from hybrid_ner.review.terms_cache import term_table
from hybrid_ner.ui.workspace import Workspace

__all__ = ["Terms"]


class Terms(TermIndex):
    """The term lists of a project, opened in the background as soon as somebody opens the project.

    Args:
        place: Where the project is kept.
        project: Its name; the workspace knows its settings.
    """

    def __init__(self, place: Workspace, project: str) -> None:
        self._place, self._project = place, project
        self._opening = threading.Lock()
        self._opened: TermTable | None = None
        threading.Thread(target=self._warm_up, daemon=True).start()

    @property
    def table(self) -> TermTable:  # type: ignore[override]
        """The lists without review edits: the engine adds those itself.

        Whoever asks first opens them, everybody else waits for that.
        """
        with self._opening:
            if self._opened is None:
                self._opened = term_table(self._place.setup(self._project))
            return self._opened

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

    def _warm_up(self) -> None:
        # What is wrong with the lists is said to the reviewer who asks for them.
        with suppress(HybridNerError, OSError):
            self.make_ready()
