"""A task for a process of its own, which need not import what the tests do."""

from __future__ import annotations

import time
from collections.abc import Iterator


def hang(item: int) -> Iterator[int]:
    """Waits, as where other programs have the processor, and hangs at its second item."""
    time.sleep(1.2)
    while item == 1:
        pass
    yield item
