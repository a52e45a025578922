"""A labeling source as a class without a state of its own: a capitalized word before an animal."""

from itertools import pairwise

from spacy.tokens import Doc

from hybrid_ner import Evidence, Match


class Breeds:
    name = "vet_breeds"

    def __init__(self) -> None:
        self.heads = ["cow", "ewe", "mare"]

    def __call__(self, doc: Doc) -> list[Match]:
        found = []
        for before, head in pairwise(doc):
            if head.text in self.heads and before.is_title and before.i > 0:
                end = head.idx + len(head)
                evidence = Evidence("pattern", doc.text[before.idx : end], "breed before an animal")
                found.append(Match(before.idx, end, "Animal", (), 1.0, evidence))
        return found
