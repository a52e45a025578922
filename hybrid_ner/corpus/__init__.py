"""Documents with annotations, and corpora of them, in the one JSON Lines form.

One record a line::

    {"id": "d1", "text": "…", "entities": [{"start": 0, "end": 4, "label": "Drug"}], "meta": {}}

Offsets are code points of ``text``, half open. A record without ``entities`` is unlabeled; an empty
list says that the document was read and holds none. Other formats are read into, and written from,
the same documents: see ``hybrid_ner.corpus.formats``.
"""

from hybrid_ner.corpus.document import Corpus, Document, Entity, Opinion
from hybrid_ner.corpus.formats import read_corpus, read_opinions, write_corpus
from hybrid_ner.io import Problem, ProblemLog

__all__ = [
    "Corpus",
    "Document",
    "Entity",
    "Opinion",
    "Problem",
    "ProblemLog",
    "read_corpus",
    "read_opinions",
    "write_corpus",
]
