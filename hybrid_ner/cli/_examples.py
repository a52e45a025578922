"""Lines that people can copy, for the end of each command's help; a test parses every one of them."""

from __future__ import annotations

__all__ = ["EXAMPLES", "shown"]

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("demo", "demo --domain legal --out runs/legal"),
    "new": ("new", "new study --domain medical --gazetteer drugs.csv --corpus notes.jsonl"),
    "bootstrap": (
        "bootstrap --domain medical --corpus notes.jsonl --out model",
        "bootstrap --gazetteer drugs.csv --label Drug --corpus notes/ --gold gold.jsonl --out model",
    ),
    "label": ("label --gazetteer drugs.csv --corpus notes.jsonl --output weak.jsonl --shard 0/4",),
    "train": ("train --labels weak.jsonl --out model --training.max_epochs 5",),
    "retrain": (
        "retrain --gazetteer drugs.csv --corpus notes.jsonl --reviewed corrected.jsonl --out better",
        "retrain --domain medical --corpus notes.jsonl --reviewed corrected.jsonl --out faster --fast",
    ),
    "tune": (
        "tune --gazetteer drugs.csv --corpus notes.jsonl --reviewed corrected.jsonl --out tuned --minutes 30",
    ),
    "compare-recipes": (
        "compare-recipes --gazetteer drugs.csv --corpus notes.jsonl --reviewed corrected.jsonl --out runs",
    ),
    "learning-curve": (
        "learning-curve --gazetteer drugs.csv --corpus notes.jsonl --reviewed corrected.jsonl --out curve",
    ),
    "predict": (
        "predict --model model --input new.jsonl --output found.jsonl",
        "predict --model model --input - --output - --system rule < new.jsonl > found.jsonl",
    ),
    "predict-files": (
        "predict-files --model model --input letters --output found",
        "predict-files --model model --input s3://bucket/notes --output s3://bucket/found --shard 3/16",
    ),
    "evaluate": (
        "evaluate --gold gold.jsonl --predicted found.jsonl --domain medical",
        "evaluate --gold gold.jsonl --predicted old=a.jsonl --predicted new=b.jsonl --report scores.html",
    ),
    "sources": (
        "sources --domain medical --corpus notes.jsonl --source spacy:en_core_web_sm",
        "sources --model model --corpus notes.jsonl --reviewed corrected.jsonl --json",
    ),
    "transfer": (
        "transfer mine=annotated.jsonl --domain medical",
        "transfer reports.jsonl --domain medical --map Sign_symptom=Disease --ids mesh",
    ),
    "package": (
        'package model --name drugs --list-info "drugs.csv=RxNorm 2026-10, UMLS"',
        "package model --name drugs --plain --compare notes.jsonl",
    ),
    "gazetteer formats": ("gazetteer formats", "gazetteer formats umls"),
    "gazetteer packs": ("gazetteer packs medical",),
    "gazetteer import": (
        "gazetteer import MRCONSO.RRF --map T047=Disease --out diseases.tsv",
        "gazetteer import drugs.xlsx --label Drug --columns term=Name,synonyms=4 --out drugs.ttl",
    ),
    "gazetteer build": ("gazetteer build drugs.tsv more.csv --variants all --out all.tsv",),
    "gazetteer stats": ("gazetteer stats drugs.tsv", "gazetteer stats medical --json"),
    "gazetteer diff": ("gazetteer diff old.tsv new.tsv --exit-code",),
    "gazetteer match": (
        'gazetteer match medical --text "No dyspnoea on metfromin." --fuzzy label',
        "gazetteer match drugs.csv < note.txt",
    ),
    "gazetteer search": (
        "gazetteer search medical ehlers-danlos",
        "gazetteer search drugs.tsv asp --how prefix",
    ),
    "gazetteer lint": ("gazetteer lint drugs.tsv",),
    "gazetteer draft": (
        "gazetteer draft drugs.csv --label Drug --source llm:http://127.0.0.1:11434/v1 --out drugs.draft.tsv",
    ),
    "gazetteer guide": (
        "gazetteer guide drugs.csv --label Drug --source llm:http://127.0.0.1:11434/v1 --corpus notes.jsonl",
    ),
    "rules check": ("rules check rules.yaml",),
    "domains": ("domains", "domains --json"),
    "corpus convert": (
        "corpus convert notes/ notes.jsonl",
        "corpus convert gold.jsonl gold.spacy --map DIS=Disease",
    ),
    "corpus clean": ("corpus clean notes.jsonl clean.jsonl",),
    "corpus split": ("corpus split gold.jsonl parts --share train=0.8 --share dev=0.2",),
    "corpus check": ("corpus check parts/train.jsonl parts/dev.jsonl --strict",),
    "corpus stats": ("corpus stats notes.jsonl",),
    "words build": ("words build notes.jsonl --out my.words",),
    "words show": ("words show metformin --count 20",),
    "review init": (
        "review init review.sqlite3 --domain medical",
        "review init review.sqlite3 --labels Room,Meal",
    ),
    "review import": (
        "review import review.sqlite3 notes.jsonl --model model",
        "review import review.sqlite3 tagged.jsonl --decided-by ana",
    ),
    "review run": ("review run review.sqlite3", "review run review.sqlite3 --reviewer ana"),
    "review export": ("review export review.sqlite3 gold.jsonl --format jsonl",),
    "review replay": ("review replay review.sqlite3 session.txt",),
    "review transcript": ("review transcript review.sqlite3 --reviewer ana > session.txt",),
    "review role": ("review role review.sqlite3 ana lead",),
    "review agreement": ("review agreement review.sqlite3",),
    "review overlay": ("review overlay review.sqlite3 edits.csv",),
    "review check": ("review check review.sqlite3",),
    "review backup": ("review backup review.sqlite3 monday.backup",),
    "review restore": ("review restore monday.backup postgresql://server/reviews",),
    "review commands": ("review commands > commands.md",),
    "review serve": ("review serve review.sqlite3",),
    "app": ("app", "app --workspace reviews --port 8600"),
}
"""Command → arguments of ``hybrid-ner``, as a shell reads them."""


def shown(command: str) -> str | None:
    """The examples of a command, for the end of its help."""
    lines = [f"  hybrid-ner {line}" for line in EXAMPLES.get(command, ())]
    # A paragraph each: the help joins the lines of one.
    return "\n\n".join(["Examples:", *lines]) if lines else None
