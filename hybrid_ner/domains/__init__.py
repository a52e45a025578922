"""The domains that come with the package: one folder each, registered as any other package's are.

A domain's ``__init__.py`` holds a ``hybrid_ner.registry.Domain`` called ``DOMAIN`` that an entry point names.
It imports neither spaCy nor its rules, so that its labels and files can be asked for at once.
"""

from __future__ import annotations

from hybrid_ner.registry import Domain

__all__ = ["GENERIC"]

GENERIC = Domain("generic", "Something else (my own lists alone)", expand=(True, True), order=99)
"""Knows nothing of a subject: the user's terms and the abbreviations a document defines."""
