"""What readers share: what one is, its options, decoding, and the names that one entry holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms import Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.readers.files import Files

if TYPE_CHECKING:
    from hybrid_ner.terms.readers.report import Recorder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """Base of every reader's options: none."""


@dataclass(frozen=True, slots=True)
class OptionHelp:
    """An option as shown to people."""

    name: str
    default: str
    help: str

    def as_dict(self) -> dict[str, str]:
        """For scripts."""
        return {"name": self.name, "default": self.default, "help": self.help}


def option(default: T, help: str, choices: tuple[str, ...] = ()) -> T:
    """A dataclass field with its help; mappings are copied.

    Args:
        default: Its value where none is given.
        help: Shown to people.
        choices: The only words it takes, in any case; any word when empty.
    """
    shown = {"help": help, "choices": choices}
    if isinstance(default, dict):
        copied: Any = field(default_factory=lambda: dict(default), metadata=shown)
        return copied  # type: ignore[no-any-return]
    made: Any = field(default=default, metadata=shown)
    return made  # type: ignore[no-any-return]


def describe(kind: type[Options]) -> list[OptionHelp]:
    """Every option of a reader with its default, in order."""
    return [OptionHelp(f.name, _shown(_default(f)), f.metadata.get("help", "")) for f in fields(kind)]


def make(kind: type[Options], given: Mapping[str, Any], reader: str) -> Options:
    """Build options from values or from text (``ENG,FRE``, ``true``, ``T047=Disease,T121=Chemical``).

    Raises:
        InputError: An option the reader lacks, or a value it cannot use.
    """
    known = get_type_hints(kind)
    choices = {f.name: f.metadata.get("choices", ()) for f in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        key = name.replace("-", "_")
        if key not in choices:
            listed = ", ".join(choices) or "none"
            raise InputError(
                f"{reader} has no option {name!r}.",
                hint=Hint("option", "Its options: {listed}.", listed=listed),
            )
        found = _value(known[key], value, f"option {name}")
        values[key] = _chosen(found, choices[key], f"option {name}") if choices[key] else found
    return kind(**values)


def _chosen(value: Any, choices: tuple[str, ...], name: str) -> Any:
    """The word or words as the reader spells them."""
    if isinstance(value, tuple):
        return tuple(_chosen(word, choices, name) for word in value)
    for choice in choices:
        if choice.lower() == value.lower():
            return choice
    raise InputError(f"{name} takes {', '.join(choices)}, found {value!r}.", hint="Use one of them.")


def _value(wanted: Any, value: Any, name: str) -> Any:
    shown = str(wanted)
    if wanted is bool:
        return _flag(value, name)
    if shown.startswith(("tuple", "typing.Tuple")):
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if "Mapping" in shown:
        return mapping(value, name) if isinstance(value, str) else dict(value)
    if wanted is int:
        return _whole(value, name)
    if not isinstance(value, str):
        raise InputError(f"{name} takes text, found {value!r}.", hint="Give it as text.")
    return value


def _flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "yes", "on", "1"):
        return True
    if str(value).lower() in ("false", "no", "off", "0"):
        return False
    raise InputError(f"{name} takes true or false, found {value!r}.", hint="Use true or false.")


def _whole(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} takes a whole number, found {value!r}.", hint="Give a whole number."
        ) from None


def mapping(value: str, name: str) -> dict[str, str]:
    """``A=x,B=y`` as a mapping; ``A=`` gives an empty value.

    Raises:
        InputError: A part without an equals sign.
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in value.split(","))):
        key, sign, mapped = part.partition("=")
        if not sign or not key.strip():
            raise InputError(
                f"{name} takes KEY=VALUE pairs, found {part!r}.", hint="Write KEY=VALUE,KEY=VALUE."
            )
        pairs[key.strip()] = mapped.strip()
    return pairs


def _default(declared: Any) -> Any:
    return declared.default if declared.default is not MISSING else declared.default_factory()


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}={mapped}" for key, mapped in value.items())
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


_QUOTING = {
    "field larger": "a field of more than 131,072 characters, as when a quote is not closed",
    "unexpected end": "a quote is not closed",
    "new-line character": "a carriage return inside a row",
    "expected after": "text behind a closing quote",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Args:
        name: As given to ``format=``.
        title: What it reads, for people.
        read: Gives the terms of some files, lazily; skipped and bad rows go to the recorder.
        sniff: Whether a file is of this format, by its lower-case name without a compression suffix
            and its first bytes.
        options: Dataclass of its options.
        members: Patterns of the base names that a folder or archive of this format holds.
        label_map: Own types of the source → labels, used where the user gives none.
        label: Label of every row where the user gives none.
        own_labels: Rows may carry their label, or the file name may.
        source: Name of the list where rows do not say.
        mode: Match mode where rows do not say; ``auto`` guesses.
        strict: Whether a string without a letter or digit is an error.
    """

    name: str
    title: str
    read: Callable[[Files, Any, Recorder], Iterator[Term]]
    sniff: Callable[[str, bytes], bool]
    options: type[Options] = Options
    members: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    own_labels: bool = False
    source: str = ""
    mode: str = "auto"
    strict: bool = False


def text_lines(
    files: Files, name: str, recorder: Recorder, *, or_cp1252: bool = False
) -> Iterator[tuple[int, str]]:
    """Numbered lines of an UTF-8 file; another line is bad, or read as Windows-1252 where that may be."""
    recorder.begin(files.shown(name), files.where(name))
    for row, line in enumerate(files.lines(name), start=1):
        try:
            yield row, line.decode()
        except UnicodeDecodeError as error:
            if not or_cp1252:
                recorder.bad("not valid UTF-8", row, f"byte 0x{line[error.start]:02x} at {error.start}")
            elif (text := decode(line, row, recorder)) is not None:
                yield row, text


def decode(line: bytes, row: int, recorder: Recorder) -> str | None:
    """UTF-8, else Windows-1252 (noted once); ``None`` for a skipped bad row."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        pass
    try:
        text = line.decode("cp1252")
    except UnicodeDecodeError as error:
        recorder.bad(
            "neither UTF-8 nor Windows-1252", row, f"byte 0x{line[error.start]:02x} at {error.start}"
        )
        return None
    note = "some rows are not UTF-8 and were read as Windows-1252"
    if note not in recorder.report.notes:
        recorder.report.notes.append(note)
    return text


def quoting_problem(error: Exception, first: int = 0, last: int = 0) -> str:
    """What is wrong with the quotes of a row, in other words than those of the module csv.

    Args:
        error: As raised by a CSV reader.
        first: Row it began to read.
        last: Row it has reached: an open quote swallows the rows between.
    """
    said = next((words for part, words in _QUOTING.items() if part in str(error)), str(error))
    return f"{said}, up to row {last}" if last > first else said


def longest_prefix(code: str, label_map: Mapping[str, str]) -> str | None:
    """Label of the longest prefix of ``code`` in the map; ``None`` when there is none."""
    for end in range(len(code), 0, -1):
        if code[:end] in label_map:
            return label_map[code[:end]]
    return None


def prefix_label(codes: Iterable[str], recorder: Recorder) -> str:
    """Label of the first code that is wanted; the common label where there is no map."""
    if not recorder.label_map:
        return recorder.common()
    for code in codes:
        if found := longest_prefix(code, recorder.label_map):
            return recorder.label or found
    return ""


def is_wanted_language(tag: str, wanted: Collection[str]) -> bool:
    """Whether a language tag (BCP 47) is wanted; ``en`` takes ``en-GB``, and text without a tag is kept."""
    lower = tag.lower()
    return (
        not lower
        or not wanted
        or any(lower == w.lower() or lower.startswith(f"{w.lower()}-") for w in wanted)
    )


# The names that one entry holds.

_BRACKET = re.compile(r"(?P<name>.{2,}?)\s+(?:\((?P<round>[^()]+)\)|\[(?P<square>[^\[\]]+)\])\s*", re.DOTALL)
_AKA = re.compile(
    r"(?:abbr(?:ev(?:iation|iated)?)?\.?|also(?: known as| called)?|aka|a\.k\.a\.|also:|syn(?:onym)?s?[.:]?"
    r"|formerly|or|known as|called|brand(?: name)?s?:?|short(?: for)?:?)\s+(?=\S)",
    re.IGNORECASE,
)
"""Words in brackets that introduce another name: "(aka heart attack)"."""
_QUOTE = re.compile(r"(?:the\s+)?(?=[\"“][^\"“”]+[\"”]\Z)")
_PIECES = re.compile(r"\s*[;,|]\s+|\s*;\s*|\s+(?:or|and)\s+|\s+/\s+|(?<=[A-Z])/(?=[A-Z])")
_SHORT = re.compile(
    r"(?=[^\s]*[A-Za-z][^\s]*[A-Za-z])(?=[^\s]*[A-Z][^\s]*[A-Z0-9])[A-Za-z][A-Za-z0-9&/.+-]{1,9}"
)
SEMANTIC_TAGS = frozenset(
    """
    disorder; finding; procedure; substance; body structure; morphologic abnormality; observable entity;
    organism; medicinal product; medicinal product form; clinical drug; product; situation; event; cell;
    qualifier value; physical object; regime/therapy; specimen; cell structure; occupation; person;
    social concept; assessment scale; tumor staging; staging scale; navigational concept; environment;
    physical force; attribute; ethnic group; record artifact; racial group; life style; religion/philosophy;
    administrative concept; linkage concept; dose form; basic dose form; unit of presentation;
    geographic location; special concept; role; state of matter
    """.replace("\n    ", " ")
    .strip()
    .split("; ")
)
"""Tags behind the names of SNOMED CT; the table of somebody's own export has them too."""
TAG_LABELS = {
    "disorder": "Disease",
    "substance": "Chemical",
    "body structure": "Anatomy",
    "procedure": "Procedure",
}
"""Tag of the fully specified name → label where the user gives none."""
_LEAST = 5
"""Letters of a single word from which a bracket behind it may be left out: "Na (sodium)" stays as it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one entry says.

    Args:
        name: The name itself.
        others: More names of the same thing.
        tag: Semantic tag behind the name, as SNOMED CT writes it: "(disorder)".
    """

    name: str
    others: tuple[str, ...] = ()
    tag: str = ""


_TWO = re.compile(r"(.{3,}?)(?:\s*[/;|=]\s*|,\s+|\s+[–—-]+\s+)(\S{2,10})")
"""Two names of one thing: "total knee arthroplasty / TKA"."""


_MARKED = re.compile(r"[(\[/;|=–]|, | -+ ")


def may_be_several(text: str) -> bool:
    """Whether an entry is worth a closer look: most hold one name and no mark."""
    return _MARKED.search(text) is not None


def names_of(text: str) -> Names:
    """The names of an entry: "atrial fibrillation (AF, AFib)", "needle holder (Mayo-Hegar)".

    Short forms and names behind "aka" in the brackets stand beside the name; a semantic tag is none of it.
    What else stands in brackets may be left out in a text where the name is clear without it.
    """
    if (two := _TWO.fullmatch(text)) and is_short_for(two[2], two[1]):
        return Names(two[1], (two[2],))
    found = _BRACKET.fullmatch(text)
    if not found or text.count("(") > 1 or text[0] in "([":
        return Names(text)
    name, inside = found["name"].strip(), (found["round"] or found["square"]).strip()
    if inside.lower() in SEMANTIC_TAGS and found["round"]:
        return Names(name, tag=inside.lower())
    aka = _AKA.match(inside) or _QUOTE.match(inside)  # "Pinecrest Pharmaceuticals, Inc. ("Pinecrest")"
    pieces = [piece.strip(" \"'“”") for piece in _PIECES.split(inside[aka.end() :] if aka else inside)]
    if all(pieces) and (aka or all(is_short_for(piece, name) for piece in pieces)):
        return Names(name, tuple(pieces))
    if is_short_for(name, inside):
        return Names(name, (inside,))  # "TSH (thyroid-stimulating hormone)"
    several = len(pieces) > 1 or inside.isupper()  # kinds: "vitamin B (B1, B6)", "factor (II)"
    return Names(text, (name,)) if _is_clear(name) and not several else Names(text)


def is_short_for(piece: str, name: str) -> bool:
    """Whether a piece in capitals begins as a word of the name does: "AFib", but "Aspirin (NSAID)"."""
    if not _SHORT.fullmatch(piece):
        return _is_clipped(piece, name)
    firsts = {word[0].lower() for word in re.findall(r"\w+", name)}
    inner = name.lower()
    if piece[0].lower() not in firsts:
        return False
    letters = [letter for letter in piece.lower() if letter.isalpha()]
    if " " not in name:  # "pneumothorax (PTX)": its letters in their order
        rest = iter(inner)
        return len(letters) > 2 and inner[0] == letters[0] and all(letter in rest for letter in letters)
    return len(firsts) > 1 and all(letter in inner for letter in letters[:3])


def _is_clipped(piece: str, name: str) -> bool:
    """Whether the words of a piece begin words of the name in their order: "lap chole"."""
    words, parts = iter(name.lower().split()), piece.lower().split()
    return len(parts) > 1 and all(
        len(part) > 1 and any(word != part and word.startswith(part.rstrip(".")) for word in words)
        for part in parts
    )


def _is_clear(name: str) -> bool:
    words = name.split()
    if len(words) > 1:
        return True
    return len(name) >= _LEAST and not name.isupper() and name.lower() not in english_words()
