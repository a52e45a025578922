"""Rebuild the list of documents that had a part in the rules, from the corpora they are of.

Purpose: ``hybrid-ner transfer`` marks documents by it. It holds hashes of how each text begins, and no text::

    python benchmarks/maintain_read.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

from hybrid_ner.evaluation import compare
from hybrid_ner.registry import DOMAINS

PARTS = {
    "jnlpba_read": ("jnlpba", 0, 350),
    "jnlpba": ("jnlpba", 350, None),
    "maccrobat_read": ("maccrobat", 0, 60),
    "maccrobat": ("maccrobat", 60, None),
}
"""Folder and which of its documents, train first; the other sets are whole folders."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    lines = ["set\tdocuments\n"]
    for name in compare.read_sets():
        folder, start, end = PARTS.get(name, (name, 0, None))
        files = [data / folder / f"{part}.jsonl" for part in ("train", "dev")]
        if name == "samples":
            files = [path for _, domain in DOMAINS.all() for path in (domain.gold, domain.unlabeled) if path]
        texts = [text for path in files for text in read(path)]
        keys = sorted({compare.document_key(text) for text in texts[start:end]})
        lines.append(f"{name}\t{' '.join(keys)}\n")
        print(f"{name}: {len(keys)} documents")
    target = Path(compare.__file__).with_name("read_documents.tsv.gz")
    target.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))


def read(path: Path) -> list[str]:
    """The texts of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["text"]) for line in lines]


if __name__ == "__main__":
    main()
