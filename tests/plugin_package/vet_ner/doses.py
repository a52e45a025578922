"""A labeling source as one function: doses by body weight."""

import re
from collections.abc import Iterator

from hybrid_ner import labeling_source

DOSE = re.compile(r"\d+(?:\.\d+)? ?mg/kg\b")  # "5 mg/kg", "0.2 mg/kg"


@labeling_source("vet_doses", label="Dose")
def doses(text: str) -> Iterator[re.Match[str]]:
    return DOSE.finditer(text)
