"""A chat command: `census` counts the spans of the document on the card by label."""

from collections import Counter

from hybrid_ner import ReviewSession


def census(session: ReviewSession, rest: str) -> str:
    """`census`: the spans of the document by label."""
    view = session.view()
    counts = Counter(span.label for span in view.spans) if view else Counter()
    return ", ".join(f"{label} {count}" for label, count in sorted(counts.items())) or "no span"
