"""``hybrid-ner words``: word vectors and classes, made from text and looked into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid_ner.cli._options import Json, Quiet, SkipBad
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.words import WordVectors

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Word vectors and classes from raw text.")

_CLASS_WORDS = 8
"""Words of a class that are shown beside its number."""


@app.command()
def build(
    texts: Annotated[
        list[Path], typer.Argument(help="Raw text: JSONL, folder of .txt, CSV, …; several are read in order.")
    ],
    out: Annotated[Path, typer.Option(help="File to write, for example my.words.")],
    base: Annotated[
        str, typer.Option(help="Words to join with: medical, legal, a file of words build, or none.")
    ] = "none",
    name: Annotated[str, typer.Option(help="Name of the words; by default that of the file.")] = "",
    dimensions: Annotated[int, typer.Option(min=1, help="Numbers a word.")] = 100,
    vocabulary: Annotated[int, typer.Option(min=1, help="Most frequent words to keep.")] = 100_000,
    skip_bad: SkipBad = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make word vectors and classes from raw text, for text that neither shipped file fits.

    Annotations in the text are not read. Give the file to `bootstrap --words`, `retrain --words` or
    `words show --words`.
    """
    from hybrid_ner.cli._inputs import Inputs
    from hybrid_ner.cli._options import bars, print_json
    from hybrid_ner.errors import InputError
    from hybrid_ner.words import BuildSettings, build_words, join, resolve_words, write_words

    inputs = Inputs(skip_bad)
    start = resolve_words(base, ())
    settings = BuildSettings(dimensions=dimensions, vocabulary=vocabulary)
    with bars(quiet or as_json) as report:
        report("words", 0.0, "reading text and making vectors")
        read = (document.text for path in texts for document in inputs.corpus(path))
        words = build_words(read, settings, name or out.stem)
        if not len(words):
            raise InputError("the text holds no word twice.", hint="Give more text.")
        if start is not None:
            words = join(start, words)
        write_words(words, out)
        report("words", 1.0, quantity(len(words), "word"))
    result = {**_summary(words), "out": str(out), "bytes": out.stat().st_size}
    if as_json:
        print_json({**result, "warnings": inputs.warnings()})
        return
    inputs.list_warnings()
    texts_read = quantity(words.texts, "text")
    typer.echo(
        f"{quantity(len(words), 'word')} of {texts_read}, {words.dimensions} numbers each, "
        f"classes {', '.join(map(str, words.classes)) or 'none'} → {out}"
    )
    typer.echo(f"Look into it: hybrid-ner words show WORD --words {out}")


@app.command()
def show(
    word: Annotated[str, typer.Argument(help="A word.")],
    words: Annotated[
        str, typer.Option(help="medical, legal, or a file of words build; by default every shipped one.")
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="Neighbours to list.")] = 10,
    as_json: Json = False,
) -> None:
    """Show the nearest words and the classes of a word."""
    from hybrid_ner.cli._options import print_json
    from hybrid_ner.words import SHIPPED, load_words

    found = [_entry(load_words(name), word, count) for name in ([words] if words else SHIPPED)]
    if as_json:
        print_json(found)
        return
    for entry in found:
        _print(entry)


def _summary(words: WordVectors) -> dict[str, Any]:
    return {
        "name": words.name,
        "words": len(words),
        "texts": words.texts,
        "dimensions": words.dimensions,
        "classes": list(words.classes),
        "fingerprint": words.fingerprint,
    }


def _entry(words: WordVectors, word: str, count: int) -> dict[str, Any]:
    numbers = {size: int(column[0]) for size, column in words.classes_of([word]).items()}
    return {
        "words": words.name,
        "word": word,
        "known": word in words,
        "documents": words.documents_of(word),
        "texts": words.texts,
        "neighbours": [[near, round(cosine, 3)] for near, cosine in words.neighbours(word, count)],
        "classes": {
            size: {"class": number, "words": words.members(size, number)[:_CLASS_WORDS]}
            for size, number in numbers.items()
            if number >= 0
        },
    }


def _print(entry: dict[str, Any]) -> None:
    seen = f"in {entry['documents']:,} of {quantity(entry['texts'], 'text')}"
    if not entry["known"]:
        seen = "not in the vocabulary, judged by its letters" if entry["neighbours"] else "unknown"
    typer.echo(f"{entry['words']}: {entry['word']}, {seen}")
    for near, cosine in entry["neighbours"]:
        typer.echo(f"  {cosine:.2f}  {near}")
    for size, found in entry["classes"].items():
        typer.echo(f"  class {found['class']} of {size}: {', '.join(found['words'])}")
