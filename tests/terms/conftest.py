"""Shipped lists for the tests of terms."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from hybrid_ner.terms import Term
from hybrid_ner.terms.shipped import read_pack, shipped_packs


@pytest.fixture(scope="package")
def packs() -> Callable[[str], dict[str, tuple[Term, ...]]]:
    """Of a domain: pack → its terms; half a million are read once for all that looks at each of them."""
    return cache(lambda domain: {pack.name: tuple(read_pack(pack.path)) for pack in shipped_packs(domain)})
