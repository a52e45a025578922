"""Everything that can be wrong with an annotated corpus, listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hybrid_ner.corpus.consistency import check_consistency
from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.findings import Finding
from hybrid_ner.corpus.leakage import SharedMentions, check_documents, shared_mentions
from hybrid_ner.corpus.spans import Tokenize, check_spans, product_tokens

__all__ = ["CheckResult", "check_corpora"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Args:
        documents: Number of documents.
        unlabeled: Documents that nobody annotated.
        mentions: Number of annotations.
        findings: By kind, those that concern most places first.
        shared: Mentions that parts have in common, when there are several parts.
    """

    documents: int
    unlabeled: int
    mentions: int
    findings: tuple[Finding, ...]
    shared: tuple[SharedMentions, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Places of each kind of finding."""
        counts: Counter[str] = Counter()
        for finding in self.findings:
            counts[finding.kind] += finding.count
        return dict(counts)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "documents": self.documents,
            "unlabeled": self.unlabeled,
            "mentions": self.mentions,
            "counts": self.counts,
            "findings": [finding.as_dict() for finding in self.findings],
            "shared_mentions": [asdict(shared) for shared in self.shared],
        }


def check_corpora(
    parts: Mapping[str, Iterable[Document]], *, threshold: float = 0.5, tokenize: Tokenize | None = None
) -> CheckResult:
    """Check one corpus, or the parts of a split against each other.

    Args:
        parts: Name of a part → its documents.
        threshold: Resemblance from which documents count as near-duplicates.
        tokenize: Tokens that annotations should fit; by default those that training sees.
    """
    held = {name: list(documents) for name, documents in parts.items()}
    documents = [document for each in held.values() for document in each]
    findings = (
        *check_spans(documents, tokenize or product_tokens()),
        *check_documents(held, threshold),
        *check_consistency(documents),
    )
    return CheckResult(
        documents=len(documents),
        unlabeled=sum(document.entities is None for document in documents),
        mentions=sum(len(document.entities or ()) for document in documents),
        findings=findings,
        shared=tuple(shared_mentions(held)),
    )
