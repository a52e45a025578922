"""The main job on public corpora: bootstrap without labels, then score rules, model and hybrid on dev.

Purpose: the score table of the README, by one command. Gold is read for scoring alone. The text of the scored
documents is among the text that was labeled by rules (transductive), except where the row says otherwise.

    python benchmarks/quality.py --data DATA --out runs/quality [--only medical]

DATA holds ``bc5cdr``, ``ncbi_disease``, ``inlegalner`` and ``ener``, each with ``train.jsonl`` and
``dev.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from hybrid_ner.corpus import Corpus, Document, read_corpus
from hybrid_ner.evaluation import Settings
from hybrid_ner.evaluation.compare import three_way
from hybrid_ner.matching import fold, gather_terms
from hybrid_ner.training.bootstrap import BootstrapSettings, bootstrap
from hybrid_ner.training.predict import load_pipeline


@dataclass(frozen=True)
class Run:
    """One bootstrap and the gold files it is scored on."""

    name: str
    domain: str
    text: tuple[str, ...]
    gold: tuple[str, ...]
    by: str | None = None


RUNS = (
    Run(
        "medical",
        "medical",
        ("bc5cdr/train", "bc5cdr/dev"),
        ("bc5cdr/dev", "ncbi_disease/dev"),
    ),
    Run("indian", "legal", ("inlegalner/train", "inlegalner/dev"), ("inlegalner/dev",), by="meta.kind"),
    Run("filings", "legal", ("ener/train", "ener/dev"), ("ener/dev",)),
)


def merged(data: Path, names: tuple[str, ...]) -> Corpus:
    """Several files as one corpus, ids made unique by file."""

    def read() -> chain[Document]:
        return chain.from_iterable(_renamed(data / f"{name}.jsonl", name) for name in names)

    return Corpus(read, "+".join(names))


def _renamed(path: Path, name: str) -> list[Document]:
    return [Document(f"{name}/{d.doc_id}", d.text) for d in read_corpus(path)]


def score(run: Run, data: Path, out: Path, say: Callable[[str], None]) -> list[dict[str, object]]:
    """Bootstrap once and score on every gold file."""
    started = time.perf_counter()
    gazetteer = gather_terms(run.domain)
    settings = BootstrapSettings(run.domain)
    result = bootstrap(gazetteer, merged(data, run.text), out / run.name, settings)
    seconds = time.perf_counter() - started
    say(f"{run.name}: bootstrapped on {'+'.join(run.text)} in {seconds:.0f} s, {dict(result.steps['label'])}")
    known = frozenset(fold(term.text) for term in gazetteer)
    nlp = load_pipeline(out / run.name)
    rows: list[dict[str, object]] = []
    for name in run.gold:
        scored = three_way(nlp, read_corpus(data / f"{name}.jsonl"), Settings(known=known), by=run.by)
        assert scored is not None, f"{name} holds no gold"
        parts = {name: scored.comparison}
        parts |= {f"{name} {key}": value for key, value in scored.comparison.groups.items()}
        for part, comparison in parts.items():
            for system, scores in comparison.systems.items():
                rows.append({"gold": part, "system": system, **scores.as_dict()})
    return rows


def table(rows: list[dict[str, object]]) -> str:
    """Markdown, F1 × 100."""
    lines = [
        "| gold | mentions | system | P | R | F1 | seen F1 | unseen F1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        micro, seen, unseen = (row[key] or {} for key in ("micro", "seen", "unseen"))
        cells = [micro["precision"], micro["recall"], micro["f1"], seen.get("f1", 0), unseen.get("f1", 0)]  # type: ignore[index,attr-defined]
        numbers = " | ".join(f"{100 * value:.1f}" for value in cells)
        lines.append(f"| {row['gold']} | {micro['gold']:,} | {row['system']} | {numbers} |")  # type: ignore[index]
    return "\n".join(lines)


def main() -> None:
    """Run, print, and keep the numbers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/quality"))
    parser.add_argument("--only", choices=[run.name for run in RUNS])
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    for run in RUNS:
        if args.only in (None, run.name):
            rows += score(run, args.data, args.out, print)
            print(table(rows), flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "scores.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
