"""Generated documents."""

from __future__ import annotations

from hypothesis import strategies as st

from hybrid_ner.corpus import Document, Entity

WORDS = (
    "Aspirin",
    "of",
    "β-blocker",
    "5-FU/LV",
    "naïve",
    "𝔸",
    "don't",
    "U.S.",
    "ß",
    "(x)",
    "#1",
    "-DOCSTART-",
)
SPACES = (" ", " ", " ", "\n", "  ", "\r\n", "\t", "\u00a0", "")


@st.composite
def word_documents(draw: st.DrawFn) -> Document:
    """Documents whose entities begin and end with words separated by white space."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
    text, spans = "", []
    for word in words:
        spans.append((len(text), len(text) + len(word)))
        text += word + draw(st.sampled_from(SPACES[:8]))
    text += draw(st.sampled_from(("", "\n", "end.")))
    first = draw(st.integers(0, len(words)))
    label = draw(st.sampled_from(("A", "LEGISLATION/ACT")))
    chosen = spans[first : first + draw(st.integers(0, 2))]
    entities = (
        (Entity(chosen[0][0], chosen[-1][1], label, draw(st.sampled_from(("", "X:1")))),) if chosen else ()
    )
    return Document(
        draw(st.sampled_from(("d1", "a/b", "x y", ".hid", "ü%"))), text, entities, {"k": [1, "v"]}
    )
