"""What the two ICD-10-CM readers share: which codes and which descriptions make terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, longest_prefix, option, prefix_label
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term

__all__ = ["CODE_LABELS", "IcdOptions", "give_code"]

CODE_LABELS = {
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTU", "Disease"),
    **dict.fromkeys("VWXYZ", ""),
}
"""First letters of codes → label; external causes and contacts with health services are no diseases."""

_SEVENTH = 7
_UNSPECIFIED = re.compile(r"\bunspecified\b", re.IGNORECASE)
_OTHER = re.compile(r"^other\b|\bother specified\b|\bnot elsewhere classified\b|\bNEC$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IcdOptions(Options):
    """Options of ICD-10-CM."""

    codes: tuple[str, ...] = option((), "code prefixes to keep where one label is given, for example C,D0")
    unspecified: bool = option(False, "also give descriptions with “unspecified”")
    other: bool = option(False, "also give descriptions such as “Other …” and “… not elsewhere classified”")
    seventh: bool = option(False, "also give codes with a 7th character (initial encounter …)")


def give_code(
    row: int, code: str, names: Sequence[str], options: IcdOptions, recorder: Recorder
) -> Iterator[Term]:
    """Terms of one code; the first name is its description."""
    wanted = not options.codes or longest_prefix(code, dict.fromkeys(options.codes, "yes"))
    label = prefix_label([code], recorder) if wanted else ""
    if not label:
        recorder.skip(NOT_WANTED, row, f"{code} {names[0]}")
        return
    if len(code.replace(".", "")) >= _SEVENTH and not options.seventh:
        recorder.skip("7th-character variant", row, f"{code} {names[0]}")
        return
    for number, name in enumerate(names):
        if not options.unspecified and _UNSPECIFIED.search(name):
            recorder.skip("unspecified", row, f"{code} {name}")
        elif not options.other and _OTHER.search(name):
            recorder.skip("other", row, f"{code} {name}")
        else:
            if term := recorder.term(
                name, row, label, f"ICD10CM:{code}", "preferred" if not number else "synonym"
            ):
                yield term
