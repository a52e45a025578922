"""How often the chat does what people mean: sentences of files, each with the effect that it has to have.

Purpose: the share of other people's sentences at their first try, apart by what became of them. A sentence
that only asks counts by what its buttons would do: ``right choice`` when one of them has the effect.

Run: ``python -m benchmarks.phrasings FILE.tsv…`` (the format is in ``tests/review/phrasing.py``); ``--rows``
prints every row that was not done, ``--draws N`` says N sentences of each row with choices, ``--varied``
says the decisions of the files that are done once more in other words (``phrasings.txt``) and counts what
became of those, ``--examples`` writes the wordings of all phrasing files that are done as they should be,
with the lines that they stand for, where the chat looks for what is nearest to a sentence, ``--leanings``
learns from all of them by what words a sentence accepts, rejects or labels.
"""

from __future__ import annotations

import argparse
import collections
import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from hybrid_ner.pipeline.crf_model import CrfSettings, Weights, owl_qn
from hybrid_ner.review.chat import natural, offers
from hybrid_ner.review.chat.reading import Wording
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.situation import Situation, numbers_said, quoted
from hybrid_ner.review.chat.words import is_known, without_shell
from hybrid_ner.review.listening import situation_of
from hybrid_ner.terms.lint import english_words
from hybrid_ner.text.patterns import Patterns
from tests.review.helpers import FakeModels
from tests.review.phrasing import Outcome, Phrasing, Sayings, fits, phrasings, read_phrasings

KINDS = ("done", "right choice", "asked otherwise", "refused", "otherwise", "WRONG WRITE")
"""``otherwise``: nothing was written, and something else than was meant was answered or shown."""


def kind_of(sayings: Sayings, row: Phrasing) -> tuple[str, Outcome]:
    """What became of one sentence."""
    outcome = sayings.say(row)
    if fits(outcome, row):
        return "done", outcome
    if outcome.wrote:
        return "WRONG WRITE", outcome
    if outcome.reply.level == "error":
        return "refused", outcome
    if outcome.reply.level != "ask":
        return "otherwise", outcome
    return ("right choice" if _offers(sayings, row, outcome) else "asked otherwise"), outcome


def _offers(sayings: Sayings, row: Phrasing, outcome: Outcome) -> bool:
    pending = outcome.reply.pending
    lines = [line for _, line in pending.choices if line != "cancel"] if pending else []
    for line in lines or ["yes"]:
        before = " | ".join(filter(None, (row.before, row.sentence))) if line == "yes" else row.before
        if fits(sayings.say(replace(row, sentence=line, before=before)), row):
            return True
    return False


def measure(paths: Iterable[Path], rows_too: bool, draws: int) -> None:
    """Print the shares of every file; ``draws`` sentences of each row that has choices."""
    with tempfile.TemporaryDirectory() as folder:
        sayings = Sayings(Path(folder))
        for path in paths:
            counts: collections.Counter[str] = collections.Counter()
            for row in read_phrasings(path, draws):
                kind, outcome = kind_of(sayings, row)
                counts[kind] += 1
                if rows_too and kind != "done":
                    print(
                        f"{kind:15} {row.where} {row.sentence!r} [{row.document} {row.before}] {row.effect}"
                    )
                    reply = outcome.reply
                    print(f"    {sorted(outcome.effects)} {reply.understood} | {reply.echo[:110]}")
            total = sum(counts.values())
            shares = ", ".join(f"{kind} {counts[kind]}" for kind in KINDS)
            print(f"{path.name}: {total} sentences, {counts['done'] / max(1, total):.1%} done: {shares}")
        sayings.store.close()


_SECTIONS = ("punctuation", "numbers", "synonyms", "requests", "order", "joined", "doubts", "unread")
EACH = 12
"""Sentences that a variation is tried on."""


def varied(rows: list[Phrasing]) -> Iterator[tuple[str, Phrasing]]:
    """Decisions in other words, each with its class; the same ones at every run."""
    chance = random.Random(1)
    for section in _SECTIONS:
        for pattern, said in Patterns(__file__).rules(section):
            made = [replace(row, sentence=pattern.sub(said, row.sentence)) for row in rows]
            pairs = [(row, new) for row, new in zip(rows, made, strict=True) if _changes(section, row, new)]
            for _, new in chance.sample(pairs, min(EACH, len(pairs))):
                more = " || ".join(f"{each.strip()} moves" for each in new.effect.split("||"))
                effect = {"joined": more, "doubts": "nothing"}.get(section, new.effect)
                yield section, replace(new, effect=effect)
    for row in chance.sample(rows, min(EACH * 20, len(rows))):
        if word := next(filter(_is_told, chance.sample(words := row.sentence.split(), len(words))), ""):
            at = chance.randrange(1, len(word) - 1)
            slips = (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])
            slip = chance.choice((*slips, word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
            if slip not in english_words() and not is_known(slip) and slip != word:
                yield "slips", replace(row, sentence=re.sub(rf"\b{word}\b", slip, row.sentence, count=1))


def _changes(section: str, row: Phrasing, new: Phrasing) -> bool:
    named = set(re.findall(r"\d+", row.sentence)) <= set(re.findall(r"(?<![\w.])(\d+)=", row.effect))
    first = row.document.endswith("1") and not row.before and "?" not in row.sentence
    fits = {"numbers": named, "joined": first, "doubts": first}.get(section, True)
    return new.sentence != row.sentence and fits


def _is_told(word: str) -> bool:
    """Whether a word is one of the language, in small letters: a name may be anything."""
    return len(word) > 3 and word.isalpha() and word.islower() and is_known(word)


def measure_varied(paths: Iterable[Path], rows_too: bool) -> None:
    """Print what becomes of known decisions in other words."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        sayings = Sayings(Path(folder))
        decides = re.compile(r"\d+=(?:no|ok|[A-Z\"])|\+\"").match
        known = [row for path in paths for row in read_phrasings(path) if decides(row.effect)]
        done = [row for row in known if fits(sayings.say(row), row)]
        for section, row in varied(done):
            kind, outcome = kind_of(sayings, row)
            counts[section][kind] += 1
            if rows_too and kind != "done":
                print(f"{section:11} {kind:15} {row.sentence!r} [{row.document}] {row.effect}")
                print(
                    f"    {sorted(outcome.effects)} {outcome.reply.understood} | {outcome.reply.echo[:110]}"
                )
        sayings.store.close()
    for section, found in counts.items():
        shares = ", ".join(f"{kind} {found[kind]}" for kind in KINDS)
        total = sum(found.values())
        print(f"{section}: {total} sentences, {found['done'] / total:.1%} done: {shares}")


def templates(rows: Iterable[Phrasing]) -> dict[str, str]:
    """Wordings with markers for what they name → the lines that they stand for, with slots for the same."""
    read: dict[str, tuple[str, Wording]] = {}
    reader = natural.read_words

    def noted(line: str, situation: Situation) -> Wording:
        wording = reader(line, situation)
        read.setdefault(line, (wording.text, wording))
        return wording

    found: dict[str, str] = {}
    natural.read_words = noted
    try:
        with tempfile.TemporaryDirectory() as folder:
            sayings = Sayings(Path(folder))
            for row in rows:
                read.clear()
                outcome = sayings.say(row)
                line = outcome.reply.understood
                said = without_shell(row.sentence)
                if line and said in read and fits(outcome, row):
                    text, wording = read[said]
                    if template := _template(line, text, wording):
                        found.setdefault(offers.MARKER.sub(r"\1", text), template)
            sayings.store.close()
    finally:
        natural.read_words = reader
    return found


def _template(line: str, text: str, wording: Wording) -> str:
    """The line with a slot for each thing that the wording names; nothing where it holds more than these."""
    told: collections.Counter[str] = collections.Counter()
    for kind, number in offers.MARKER.findall(text):
        item = wording.items[int(number)]
        name = "TXT" if kind == "UNK" else kind
        slot = f"{{{name}{told[name]}}}"
        told[name] += 1
        spelled = {
            "REF": [numbers_said(item.numbers), " ".join(map(str, item.numbers))] if item.numbers else [],
            "LAB": list(item.labels),
            "TXT": [quoted(item.said)],
        }[name]
        for each in spelled:
            line = re.sub(rf"(?<![\w\"{{-]){re.escape(each)}(?![\w\"}}-])", slot, line)
    bare = re.sub(r"\{[A-Z]{3}\d\}", "", line)
    return "" if re.search(r"\d|\"|\b[A-Z]", bare) else line


def write_examples() -> None:
    """Write what the chat compares sentences with."""
    made = templates(phrasings())
    head = "# What people said, with markers for what they name, and the line that it stands for"
    rows = [f"{wording}\t{line}" for wording, line in sorted(made.items()) if "\t" not in wording]
    target = Path(offers.__file__).with_name("examples.tsv")
    target.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    print(f"{len(rows)} wordings of {len(set(made.values()))} kinds of lines -> {target.name}")


_EACH = r"(?:[A-Za-z]+\d+\.|\*\.)?\d+="
_DOES = {
    "ok": f"{_EACH}ok",
    "no": f"{_EACH}no",
    "label": rf"{_EACH}[A-Z]\w*",
    "nothing": "(?:ask|says|nothing).*",
}
_LEAST_WEIGHT = 0.05
_SPARSE = CrfSettings(l1=0.5, l2=0.05, iterations=200)
"""Penalties of the weights: a fifth of L1 keeps twice as many marks and settles no more."""


def does(effect: str) -> str:
    """The one of ``offers.LEANS`` that an effect is."""
    first = re.findall(r'\S*"[^"]*"\S*(?: [A-Z]\w*)?|\S+', effect.split("||")[0].strip())
    kinds = (kind for kind, form in _DOES.items() if all(re.fullmatch(form, each) for each in first))
    return next(kinds, "other")


def seen(rows: Iterable[Phrasing]) -> Iterator[tuple[set[str], str]]:
    """What the chat's model sees of each sentence, and what the sentence does."""
    groups: dict[tuple[str, str], list[Phrasing]] = {}
    for row in rows:
        groups.setdefault((row.document, row.before), []).append(row)
    with tempfile.TemporaryDirectory() as folder:
        sayings = Sayings(Path(folder))
        for (name, before), said in groups.items():
            session, framed = sayings.session(Phrasing("", name, before, ""), FakeModels())
            with session.looking() as work:
                for row in said:
                    situation = situation_of(work, framed)
                    wording = read_words(bared(row.sentence, situation), situation)
                    yield offers.leaning_marks(row.sentence, wording, situation), does(row.effect)
        sayings.store.close()


def fit_leanings(rows: Sequence[tuple[set[str], str]]) -> dict[str, list[float]]:
    """Mark → its weight for each of ``offers.LEANS``, of those that say anything."""
    count = collections.Counter(mark for marks, _ in rows for mark in marks)
    number = {mark: n for n, mark in enumerate(sorted(mark for mark, times in count.items() if times > 1))}
    cells = [[number[mark] for mark in sorted(marks) if mark in number] for marks, _ in rows]
    ends = np.cumsum([0, *map(len, cells)])
    grid = csr_matrix((np.ones(ends[-1]), np.concatenate(cells), ends), shape=(len(rows), len(number)))
    right, turned = np.eye(len(offers.LEANS))[[offers.LEANS.index(kind) for _, kind in rows]], grid.T.tocsr()

    def loss(weights: Weights) -> tuple[float, Weights]:
        said = grid @ weights.reshape(len(number), -1)
        said -= said.max(axis=1, keepdims=True)
        total = np.exp(said).sum(axis=1, keepdims=True)
        value = np.log(total).sum() - (said * right).sum()
        return float(value), (turned @ (np.exp(said) / total - right)).ravel()

    weights = owl_qn(loss, np.zeros(len(number) * len(offers.LEANS)), _SPARSE).reshape(len(number), -1)
    kept = np.abs(weights).max(axis=1) >= _LEAST_WEIGHT
    return {mark: weights[n].tolist() for mark, n in number.items() if kept[n]}


def write_leanings() -> None:
    """Write by what the chat tells a verdict in a sentence of which it reads all but the tone."""
    rows = list(seen(phrasings()))
    made = fit_leanings(rows)
    head = f"# What is seen of a sentence, and how it leans to {', '.join(offers.LEANS)} (log-linear weights)"
    told = (
        "\t".join([mark, *(f"{w:.2f}" if abs(w) >= 0.005 else "" for w in row)]) for mark, row in made.items()
    )
    target = Path(offers.__file__).with_name("leanings.tsv")
    target.write_text("\n".join([head, *told]) + "\n", encoding="utf-8")
    print(f"{len(rows)} sentences, {len(made)} marks -> {target.name}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--varied", action="store_true")
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--leanings", action="store_true")
    made = parser.parse_args()
    if made.examples:
        write_examples()
    if made.leanings:
        write_leanings()
    if made.varied:
        measure_varied(made.files, made.rows)
    else:
        measure(made.files, made.rows, made.draws)


if __name__ == "__main__":
    main()
