"""A task for a process of its own, which need not import what the tests do."""

from __future__ import annotations

import time
from collections.abc import Iterator


def sleep(item: int) -> Iterator[int]:
    """Hangs at its second item."""
    if item == 1:
        time.sleep(60)
    yield item
