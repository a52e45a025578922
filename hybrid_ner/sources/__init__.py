"""Weak supervision: labeling sources that vote on spans, and how their votes become labels.

``source`` has the protocol of a source and how votes are kept on a ``Doc``; ``gazetteer``, ``abbreviations``,
``rules``, ``learned`` and ``reviewed`` are sources; ``medical`` and ``legal`` hold those of a subject;
``domains`` puts them together; ``aggregate`` decides between their votes.
"""
