"""What the next reviewed documents will probably bring, foretold from the learning curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.text import quantity
from hybrid_ner.training.choose_fusion import Counts, f1

NEXT = 10
"""Documents that a forecast looks ahead."""
_RESAMPLES = 500
_USUAL, _USUAL_DOCUMENTS = 0.15, 20
"""Exponent of the learning curve that is expected, and documents it counts for: from the first to the second
hundred documents of five corpora it was between 0.0 and 0.23, however steep the curve of ten documents."""
_SCATTER = 0.065
"""Standard deviation of F1 between two draws of documents, times the root of their number: the gain of ten
more documents depends on which they are, and on the text that is read then (``benchmarks/rounds.md``)."""
_NORMAL_80 = 1.28
"""Standard deviations to each side of the mean that 80 % lie within."""
_NOTHING = 0.0002


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next documents will probably bring, from the learning curve of the chosen fusion.

    Args:
        documents: How many.
        gain: Expected gain of strict F1, between 0 and 1.
        low: With a probability of 80 % the gain on other text is between ``low`` …
        high: … and ``high``.
        curve: Number of documents learned from, and F1 on documents left out.
    """

    documents: int
    gain: float
    low: float
    high: float
    curve: tuple[tuple[int, float], ...]

    @property
    def worth(self) -> bool:
        """Whether going on is likely to be felt."""
        return self.gain > _NOTHING * self.documents

    def sentence(self) -> str:
        """For people, with a hint to stop when nothing is to be gained."""
        said = (
            f"the next {quantity(self.documents, 'document')} will probably bring "
            f"{100 * self.gain:+.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"
        )
        return said if self.worth else f"{said}: reviewing more of this text changes little"


def forecast(documents: int, learned: int, half: Counts, whole: Counts) -> Forecast:
    """The error falls as a power of the number of documents (Hestness et al. 2017).

    The exponent is the measured one, drawn towards the usual one where documents are few. The interval joins
    the spread over draws of the reviewed documents (bootstrap) with that between draws of the next ones.
    """
    drawn = np.random.default_rng(0).integers(0, len(whole), (_RESAMPLES, len(whole)))

    def gain(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
        error = np.maximum(1 - after, 1e-3)
        measured = np.log(np.maximum(1 - before, 1e-3) / error) / np.log(2)
        known = learned / (learned + _USUAL_DOCUMENTS)
        exponent = np.maximum(known * measured + (1 - known) * _USUAL, 0.0)
        now, then = ((learned / n) ** exponent for n in (documents, documents + NEXT))
        return np.asarray(error * (now - then))

    expected = float(gain(f1(half.sum(0)), f1(whole.sum(0))))
    spread = float(gain(f1(half[drawn].sum(1)), f1(whole[drawn].sum(1))).std())
    reach = _NORMAL_80 * float(np.hypot(spread, _SCATTER / np.sqrt(documents)))
    curve = ((round(learned / 2), float(f1(half.sum(0)))), (learned, float(f1(whole.sum(0)))))
    return Forecast(NEXT, expected, expected - reach, expected + reach, curve)
