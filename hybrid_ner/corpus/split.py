"""Part a corpus by document, near-duplicates together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence

from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.duplicates import group_duplicates
from hybrid_ner.errors import InputError

__all__ = ["split_documents"]


def split_documents(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    *,
    seed: int = 0,
    threshold: float = 0.5,
    key: Callable[[Document], Hashable] | None = None,
) -> dict[str, list[Document]]:
    """Documents of each part, in their order.

    Args:
        documents: All documents.
        shares: Name of a part → its share of the documents; shares need not add up to 1.
        seed: Equal seeds give equal parts, whatever the order of the documents.
        threshold: Resemblance from which two documents stay together.
        key: Documents with equal values, other than ``None``, stay together too.

    Raises:
        InputError: No share, or one that is not positive.
    """
    if not shares or any(not share > 0 for share in shares.values()):
        raise InputError("every part needs a share greater than 0.", hint="For example train=0.8 dev=0.2.")
    groups = _groups(documents, threshold, key)
    order = sorted(groups, key=lambda group: (-len(group), _draw(documents, group, seed)))
    total = sum(shares.values())
    wanted = {name: share / total * len(documents) for name, share in shares.items()}
    chosen: dict[int, str] = {}
    for group in order:
        # The part that lacks the largest part of its share takes the next group, large groups first.
        name = max(wanted, key=lambda part: wanted[part] / shares[part])
        wanted[name] -= len(group)
        chosen.update(dict.fromkeys(group, name))
    return {
        name: [document for number, document in enumerate(documents) if chosen[number] == name]
        for name in shares
    }


def _groups(
    documents: Sequence[Document], threshold: float, key: Callable[[Document], Hashable] | None
) -> list[list[int]]:
    near = group_duplicates((document.text for document in documents), threshold)
    parents: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parents.setdefault(node, node) != node:
            node = parents[node]
        return node

    for document, group in zip(documents, near, strict=True):
        value = None if key is None else key(document)
        if value is not None:
            parents[root(("near", group))] = root(("key", value))
    members: dict[Hashable, list[int]] = {}
    for number, group in enumerate(near):
        members.setdefault(root(("near", group)), []).append(number)
    return list(members.values())


def _draw(documents: Sequence[Document], group: Sequence[int], seed: int) -> str:
    """A place in the order that depends on the seed and the group's texts, not on where they stand."""
    first = min(documents[number].content_hash for number in group)
    return hashlib.sha256(f"{seed} {first}".encode()).hexdigest()
