"""American citations found by the legal rules beside those that eyecite finds.

Purpose: eyecite knows the reporters and forms of American citations best, so it is the oracle for ours. The
sentences were written for this benchmark; every citation stands between ``[[`` and ``]]`` as volume, reporter
and page. One counts as found when a precedent of ours, or a citation of eyecite, covers it whole; what either
finds that touches none is wrong. Needs the extra ``legal`` (``pip install hybrid-ner[legal]``)::

    python benchmarks/citations_us.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hybrid_ner.domains.legal.sources import legal_sources
from hybrid_ner.sources import aggregate, write_matches
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.text.tokenizer import blank

Span = tuple[int, int]

WRITTEN = {
    "full citation": (
        "The rule comes from Harlow v. Brandt, [[512 U.S. 218]], 231 (1994).",
        "See Quarry Mills, Inc. v. Stone, [[114 S. Ct. 2223]] (1994).",
        "Accord Stone v. Rivers, [[129 L. Ed. 2d 182]] (1994).",
        "The panel followed Mason v. City of Alder, [[87 F.3d 1203]] (9th Cir. 1996).",
        "In re Northfield, [[245 F. 102]] (2d Cir. 1917), is old but sound.",
        "Brown v. Ames Tool Co., [[671 F.2d 11]], 14 (1st Cir. 1982).",
        "United States v. Alder, [[31 F.4th 550]] (6th Cir. 2022), says so.",
        "Rivers v. Lowell Bank, [[932 F. Supp. 777]] (D. Mass. 1996).",
        "Lowell v. Stone, [[118 F. Supp. 2d 402]] (S.D.N.Y. 2000).",
        "Stone v. Stone, [[401 F. Supp. 3d 99]] (N.D. Cal. 2019).",
        "The order rests on Field v. Field, [[190 F.R.D. 12]] (D.D.C. 1999).",
        "In re Harbor Ferries, [[215 B.R. 88]] (Bankr. D. Del. 1997).",
        "People v. Mason, [[52 Cal. 3d 815]] (1991).",
        "People v. Lark, [[12 Cal. App. 4th 700]] (1993).",
        "Alder v. Brook, [[88 Cal. Rptr. 2d 19]] (1999).",
        "Marsh v. Reed, [[61 N.Y.2d 33]] (1984).",
        "Reed v. Marsh, [[204 A.D.2d 11]] (N.Y. App. Div. 1994).",
        "Marsh v. Hill, [[455 N.E.2d 90]] (Ill. 1983).",
        "Hill v. Dale, [[612 N.W.2d 300]] (Minn. 2000).",
        "Dale v. Hill, [[77 S.W.3d 5]] (Tex. 2002).",
        "Ford v. Lane, [[330 S.E.2d 41]] (N.C. 1985).",
        "Lane v. Ford, [[702 So. 2d 18]] (Fla. 1997).",
        "Price v. West, [[480 A.2d 60]] (Del. Ch. 1984).",
        "West v. Price, [[812 P.2d 900]] (Colo. 1991).",
        "State v. Dunn, [[93 Wash. 2d 44]] (1980).",
        "Dunn v. State, [[150 Ohio St. 3d 7]] (2016).",
        "Commonwealth v. Price, [[402 Mass. 33]] (1988).",
        "Baker v. Stone, [[199 Ill. 2d 4]] (2002).",
        "Estate of Alder v. Commissioner, [[104 T.C. 200]] (1995).",
        "Dunn v. United States, [[41 Fed. Cl. 20]] (1998).",
        "Alder v. Dunn, [[2019 WL 334455]] (D. Or. 2019).",
        "Price v. Dunn, [[2004 U.S. Dist. LEXIS 1123]] (D. Me. 2004).",
    ),
    "several in a row": (
        "Harlow v. Brandt, [[512 U.S. 218]], [[114 S. Ct. 2223]], [[129 L. Ed. 2d 182]] (1994).",
        "Marsh v. Hill, [[98 Ill. 2d 40]], [[455 N.E.2d 90]] (1983); Dale, [[612 N.W.2d 300]] (2000).",
    ),
    "short form": (
        "The Court drew the line there. Harlow, [[512 U.S. at 224]].",
        "As Mason put it, [[87 F.3d at 1205]], notice is enough.",
        "But see Hill, [[612 N.W.2d at 303]].",
        "Rivers, [[932 F. Supp. at 780]], is not to the contrary.",
    ),
    "written after the rules": (
        "Vance v. Holt, [[603 U.S. 12]], 15–16 (2024) (per curiam).",
        "Holt v. Vance, [[56 F. App'x 310]] (4th Cir. 2003).",
        "Crane v. Pike, [[220 Cal. App. 3d 1411]], [[270 Cal. Rptr. 1]] (1990).",
        "Pike v. Crane, [[19 Misc. 3d 44]] (N.Y. Sup. Ct. 2008).",
        "Moss v. Bell, [[146 Wash. App. 9]], [[190 P.3d 72]] (2008).",
        "Bell v. Moss, [[77 Haw. 3]] (1994).",
        "Lund v. Kerr, [[31 Kan. App. 2d 88]] (2002).",
        "Kerr, [[190 P.3d at 75]]; Lund, [[31 Kan. App. 2d at 90]].",
        "Webb v. Dow, No. 19-cv-331, [[2020 U.S. App. LEXIS 20981]] (7th Cir. July 2, 2020).",
        "In re Webb, [[9 Vet. App. 4]] (1996).",
        "Dow v. Webb, [[66 M.J. 114]] (C.A.A.F. 2008).",
        "Ruiz v. Dow, [[5 T.C.M. (CCH) 21]] (1946).",
    ),
    "no citation": (
        "The parcel at 118 Harbor Street, Suite 402, was sold for 512 U.S. dollars in 1994.",
        "Deliver 31 pallets and 550 crates by May 5, 2022.",
        "Section 12 of Form 10-K and Exhibit 4 were filed with 41 pages.",
        "The vote was 52 to 48 on April 4, 1991, with 3 absent.",
    ),
}
_MARK = re.compile(r"\[\[(.*?)\]\]")


def unmarked(text: str) -> tuple[str, list[Span]]:
    """The sentence without its marks, and what they marked."""
    spans, plain, last = [], "", 0
    for found in _MARK.finditer(text):
        plain += text[last : found.start()]
        spans.append((len(plain), len(plain) + len(found[1])))
        plain, last = plain + found[1], found.end()
    return plain + text[last:], spans


def ours() -> Callable[[str], Iterator[Span]]:
    """Precedents of the legal rules."""
    nlp, sources = blank(), legal_sources(load_shipped("legal", parents=False))
    names = [source.name for source in sources]

    def find(text: str) -> Iterator[Span]:
        doc = nlp.make_doc(text)
        for source in sources:
            write_matches(doc, source.name, source(doc))
        yield from (
            (v.match.start, v.match.end) for v in aggregate(doc, names) if v.match.label == "PRECEDENT"
        )

    return find


def eyecites(text: str) -> Iterator[Span]:
    """Citations of cases that eyecite finds, in full and in short form."""
    from eyecite import get_citations
    from eyecite.models import CaseCitation

    yield from (cite.span() for cite in get_citations(text) if isinstance(cite, CaseCitation))


def counts(sentences: Iterable[str], find: Callable[[str], Iterator[Span]]) -> tuple[int, int, int]:
    """Citations found whole, citations written, and what was found that touches none."""
    right = wrong = total = 0
    for sentence in sentences:
        text, gold = unmarked(sentence)
        found = list(find(text))
        right += sum(any(low <= start and end <= high for low, high in found) for start, end in gold)
        wrong += sum(not any(low < end and start < high for start, end in gold) for low, high in found)
        total += len(gold)
    return right, total, wrong


def main() -> None:
    """Print the table."""
    rules = ours()
    print("| kind | citations | rules: found / wrong | eyecite: found / wrong |\n|---|---|---|---|")
    for kind, sentences in WRITTEN.items():
        (a, total, b), (c, _, d) = counts(sentences, rules), counts(sentences, eyecites)
        print(f"| {kind} | {total} | {a} / {b} | {c} / {d} |")


if __name__ == "__main__":
    main()
