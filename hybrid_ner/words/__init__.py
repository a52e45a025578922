"""Word vectors and word classes: those of medical and of legal English come with the package.

::

    words = load_words("medical")
    words.neighbours("cisplatin", 3)         # [("carboplatin", 0.93), …]
    words.classes_of(["cisplatin"])[200]     # class number at the granularity of 200 classes
    own = build_words(texts)                 # of a project's own text
    joined = join(words, own)
"""

from hybrid_ner.words.build import (
    SHIPPED,
    BuildSettings,
    build_words,
    choose_words,
    load_words,
    other_words,
    read_words,
    resolve_words,
    write_words,
)
from hybrid_ner.words.vectors import WordVectors, join, spellings, word_form, word_forms

__all__ = [
    "SHIPPED",
    "BuildSettings",
    "WordVectors",
    "build_words",
    "choose_words",
    "join",
    "load_words",
    "other_words",
    "read_words",
    "resolve_words",
    "spellings",
    "word_form",
    "word_forms",
    "write_words",
]
