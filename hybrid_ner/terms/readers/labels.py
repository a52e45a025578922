"""What several readers ask of a row: the label of a hierarchical code, and whether its language is wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from hybrid_ner.terms.readers.report import Recorder

__all__ = ["is_wanted_language", "longest_prefix", "prefix_label"]


def longest_prefix(code: str, label_map: Mapping[str, str]) -> str | None:
    """Label of the longest prefix of ``code`` in the map; ``None`` when there is none."""
    for end in range(len(code), 0, -1):
        if code[:end] in label_map:
            return label_map[code[:end]]
    return None


def prefix_label(codes: Iterable[str], recorder: Recorder) -> str:
    """Label of the first code that is wanted; the common label where there is no map."""
    if not recorder.label_map:
        return recorder.common()
    for code in codes:
        if found := longest_prefix(code, recorder.label_map):
            return recorder.label or found
    return ""


def is_wanted_language(tag: str, wanted: Collection[str]) -> bool:
    """Whether a language tag (BCP 47) is wanted; ``en`` takes ``en-GB``, and text without a tag is kept."""
    lower = tag.lower()
    return (
        not lower
        or not wanted
        or any(lower == w.lower() or lower.startswith(f"{w.lower()}-") for w in wanted)
    )
