"""Shared set-up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hybrid_ner.text import tokenizer


@pytest.fixture(autouse=True, scope="package")
def _one_tokenizer() -> Iterator[None]:
    """Writers make their tokenizer anew for every file; here files are tiny and many."""
    nlp = tokenizer.blank()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "blank", lambda: nlp)
        yield
