"""The codebook of a project: what each label means and where its borders are, with decided examples.

A label has a definition and rules of three kinds: what is included, what is excluded, and where a mention
begins and ends. A rule that nobody has accepted yet, as a language model drafts it, is a suggestion: it is
shown to people, and told to nobody else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.io import parse_json

KINDS = ("definition", "include", "exclude", "boundary")
_HEADINGS = {"include": "Include", "exclude": "Exclude", "boundary": "Where a mention begins and ends"}
_DECIDED = {"accepted": "labeled {label}", "rejected": "not labeled {label}"}


@dataclass(frozen=True, slots=True)
class Example:
    """A place in a document that somebody decided on.

    Args:
        decision: ``accepted`` or ``rejected``.
        event: The event of the log that decided it.
        reviewer: Whose decision it is.
        before: Some of the text before.
        after: Some of the text behind.
        stands: Whether the reviewer still has it decided in this way.
    """

    doc_id: str
    start: int
    end: int
    text: str
    label: str
    decision: str
    event: int
    reviewer: str = ""
    before: str = ""
    after: str = ""
    stands: bool = True

    def sentence(self) -> str:
        """The text in its context, and what was decided, for people and models."""
        said = _DECIDED.get(self.decision, self.decision).format(label=self.label)
        said += "" if self.stands else " then, and decided otherwise since"
        return f"{_line(self.before)}[{_line(self.text)}]{_line(self.after)} ({said})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a label.

    Args:
        number: What people call it: of one label, and never given twice.
        kind: One of ``KINDS``.
        examples: Decisions that it stands on.
        by: Who drafted it, where that was no reviewer.
        accepted: Whether it holds; otherwise it is a suggestion.
    """

    number: int
    kind: str
    text: str
    examples: tuple[Example, ...] = ()
    by: str = ""
    accepted: bool = True


@dataclass(frozen=True)
class Codebook:
    """What labels mean.

    Args:
        labels: Label → its rules by number, those that nobody has accepted among them.
        step: Step of the log that changed it last, 0 outside of a project.
    """

    labels: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    step: int = 0

    def __bool__(self) -> bool:
        return any(self.rules(label) for label in self.labels)

    @property
    def version(self) -> str:
        """Changes with every rule that holds: ``12-3fa9c1d2``, the step and a hash; empty without a rule."""
        if not self:
            return ""
        rows = {label: [asdict(rule) for rule in self.rules(label)] for label in sorted(self.labels)}
        kept = {label: own for label, own in rows.items() if own}
        made = hashlib.sha256(json.dumps(kept, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.step}-{made[:8]}"

    def rules(self, label: str, kind: str = "") -> tuple[Rule, ...]:
        """The rules of a label that hold, in the order of ``KINDS``."""
        held = [rule for rule in self.labels.get(label, ()) if rule.accepted and kind in ("", rule.kind)]
        return tuple(sorted(held, key=lambda rule: (KINDS.index(rule.kind), rule.number)))

    def suggested(self, label: str) -> tuple[Rule, ...]:
        """Those that wait for somebody."""
        return tuple(rule for rule in self.labels.get(label, ()) if not rule.accepted)

    def definition(self, label: str) -> str:
        """What it means, one line; empty where nobody said."""
        return next((rule.text for rule in self.rules(label, "definition")), "")

    def guidelines(self, labels: Iterable[str]) -> str:
        """Everything beside the definitions as text, for a model; empty where there is nothing."""
        return "\n".join(line for label in labels for line in self._told(label))

    def _told(self, label: str) -> Iterator[str]:
        lines = []
        for rule in self.rules(label):
            if rule.kind != "definition":
                lines.append(f"- {_HEADINGS[rule.kind].lower()}: {_line(rule.text)}")
            elif any(example.stands for example in rule.examples):
                lines.append("- examples:")
            lines += [f"  e.g. {example.sentence()}" for example in rule.examples if example.stands]
        if lines:
            yield from (f"{label}:", *lines)

    def markdown(self, title: str = "Codebook") -> str:
        """As a page for people; each example names its document, characters and event."""
        said = f"Version {self.version}." if self else "Nothing is written yet."
        lines = [f"# {title}", "", said]
        for label in self.labels:
            lines += ["", f"## {label}", *self._page(label)]
        return "\n".join(lines) + "\n"

    def _page(self, label: str) -> Iterator[str]:
        for rule in self.rules(label, "definition"):
            yield from ("", rule.text, *_shown(rule, ""))
        for kind, heading in _HEADINGS.items():
            if rules := self.rules(label, kind):
                yield from ("", f"### {heading}", "")
                for rule in rules:
                    yield from (f"{rule.number}. {_line(rule.text)}", *_shown(rule, "   "))

    def as_dict(self) -> dict[str, Any]:
        """Plain values; ``from_dict`` takes them back."""
        rows = {label: [asdict(rule) for rule in own] for label, own in self.labels.items()}
        return {"codebook": self.version, "step": self.step, "labels": rows}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Codebook:
        """The inverse of ``as_dict``."""
        labels = {str(label): tuple(map(_rule, rules)) for label, rules in row["labels"].items()}
        return cls(labels, int(row.get("step", 0)))


def _rule(row: Mapping[str, Any]) -> Rule:
    if row["kind"] not in KINDS:
        raise ValueError(f"no kind of rule: {row['kind']!r}")
    return Rule(**{**row, "examples": tuple(Example(**each) for each in row.get("examples", ()))})


def _shown(rule: Rule, indent: str) -> Iterator[str]:
    for each in rule.examples:
        where = f"{each.doc_id} {each.start}-{each.end}, event {each.event}"
        yield f"{indent}- {each.sentence()} — {where}{f' by {each.reviewer}' if each.reviewer else ''}"


def _line(text: str) -> str:
    """A text on one line; a space at either end stays, so that context does not run into a mention."""
    return re.sub(r"\s+", " ", text)


def read_codebook(path: str | Path) -> Codebook:
    """A codebook that was exported as JSON.

    Raises:
        InputError: The file is none.
    """
    hint = "Export one: hybrid-ner review codebook STORE --to codebook.json."
    try:
        return Codebook.from_dict(parse_json(Path(path).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the codebook cannot be read ({error}).", path=path, hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"no codebook ({error}).", path=path, hint=hint) from error


_HEADING = re.compile(
    r"\s{0,3}(?P<marks>#{1,6}\s+)?(?:\d{1,2}[.)]\s+)?(?:\*\*|__)?(?P<name>[^\n:*_#]{2,60}?)(?:\*\*|__)?"
    r"\s*(?::\s*(?:\*\*|__)?\s*(?P<rest>.*))?"
)
"""``## Include``, ``**Exclude:** doses``, ``Definition: a drug``, ``### 4. Boundaries``; what follows the
colon belongs to it."""
_ITEM = re.compile(r"\s{0,8}(?:[-*+•]|\d{1,3}[.)])\s+")
"""``- doses``, ``2. names of classes``"""
_MEANT = {
    "definition": ("definition", "meaning"),
    "include": ("include", "includes", "included", "inclusion"),
    "exclude": ("exclude", "excludes", "excluded", "exclusion", "do not include"),
    "boundary": (
        *("where a mention begins and ends", "begins and ends"),
        *("boundary", "boundaries", "boundary rules"),
    ),
}


def drafted_rules(text: str) -> dict[str, tuple[Rule, ...]]:
    """The rules that Markdown guidelines hold, as suggestions: one for each item of a list, or paragraph.

    Args:
        text: As ``hybrid-ner gazetteer guide`` writes it: a first-level heading for each label, below it the
            headings *Definition*, *Include*, *Exclude* and *Where a mention begins and ends*.
    """
    by = next(iter(re.findall(r"<!--\s*Draft of (.*?):", text)), "a draft")
    found: dict[str, list[Rule]] = {}
    label = kind = ""
    open_ = False
    for line in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).splitlines():
        title = re.fullmatch(r"#\s+(\S.*?)\s*", line)
        if title and not _kind_of(title[1]):
            label, kind, open_ = title[1], "", False
            found.setdefault(label, [])
            continue
        heading = _HEADING.fullmatch(line)
        if heading and (meant := _kind_of(heading["name"])):
            kind, open_, line = meant, False, heading["rest"] or ""
        elif heading and heading["marks"]:
            kind = ""
        rules = found.get(label)
        if rules is None or not kind or not line.strip():
            open_ = open_ and bool(line.strip())
            continue
        item = _ITEM.match(line)
        said = re.sub(r"\*\*|__", "", line[item.end() :] if item else line).strip()
        if open_ and not item:
            rules[-1] = replace(rules[-1], text=f"{rules[-1].text} {said}")
        elif said:
            rules.append(Rule(len(rules) + 1, kind, said, by=by, accepted=False))
            open_ = True
    return {label: tuple(rules) for label, rules in found.items() if rules}


def _kind_of(heading: str) -> str:
    said = heading.strip(" :.*_").casefold()
    return next((kind for kind, names in _MEANT.items() if said in names), "")


def rules_of(path: str | Path) -> dict[str, tuple[Rule, ...]]:
    """What a file proposes: Markdown guidelines, or an exported codebook; nothing of it is accepted here.

    Raises:
        InputError: There is no rule in it.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        found: dict[str, tuple[Rule, ...]] = {}
        for label, rules in read_codebook(path).labels.items():
            held = [rule for rule in rules if rule.accepted]
            found[label] = tuple(replace(r, examples=(), by=r.by or path.name, accepted=False) for r in held)
    else:
        try:
            found = drafted_rules(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the guidelines cannot be read ({error}).", path=path) from error
    if not any(found.values()):
        problem = (
            "no rules found: expected `# LABEL`, and below it Definition, Include, Exclude, or Where a "
            "mention begins and ends."
        )
        raise InputError(problem, path=path, hint="hybrid-ner gazetteer guide drafts such a file.")
    return {label: rules for label, rules in found.items() if rules}
