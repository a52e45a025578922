"""YAML that people write by hand: values as they are written, and mistakes told with their row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.text.encodings import narrowed

_SAID = re.compile(
    r"(?:found|could not|expected|mapping values|did not|undefined|unacceptable).*?(?= in \"|$)"
)
_QUOTED = "Put words that begin with ! in quotes."
_ADVICE = (
    (r"'\\t'|\t", "Indent by spaces, never by tabs."),
    ("[‘’“”„]", "Use straight quotes, ' and \", not those that word processors make."),
    ("\u00a0", "Use plain spaces: there is a no-break space, as web pages and word processors have it."),
    ("unknown escape", "Put patterns in single quotes, in which \\ is only \\."),
    ("duplicate key", "Leave one of the two."),
    ("mapping values are not allowed", "Put words with a colon in quotes."),
)
"""What is in the message or the row → the next step."""


def decoded(path: Path, hint: str) -> str:
    """The text of a file that people write by hand: UTF-8, UTF-16 or UTF-32.

    Raises:
        InputError: It cannot be read, or is in another encoding.
    """
    content = b""
    try:
        content = narrowed(path.read_bytes())
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        save = "Save it as UTF-8 (in Excel as Unicode text)."
        raise InputError("not valid UTF-8.", path=path, row=row, hint=save) from error
    except OSError as error:
        raise InputError(f"{error.strerror or error}.", path=path, hint=hint) from error


def read_written(content: str, path: Path, hint: str) -> Any:
    """What a YAML file holds: lists, mappings and words.

    Words stay as they are written, in quotes or not: ``1.10``, ``no``, ``2024-01-01`` and ``null`` are what
    they look like, and an empty value is an empty word.

    Args:
        content: The file's text.
        path: Where it is, for errors.
        hint: The next step where none is known for the mistake.

    Raises:
        InputError: It is no YAML.
    """
    from srsly.ruamel_yaml import YAML

    try:
        for event in YAML(typ="base", pure=True).parse(content):
            if tag := getattr(event, "tag", None):  # which would be read past
                row = event.start_mark.line + 1
                raise InputError(f"no YAML here: the tag {tag!r}.", path=path, row=row, hint=_QUOTED)
        return YAML(typ="base", pure=True).load(content)
    except InputError:
        raise
    except Exception as error:  # of several families; a duplicate key is a warning
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        message = " ".join(str(getattr(error, "problem", None) or error).split())
        line = (content.splitlines() or [""])[min(mark.line, content.count("\n"))] if mark is not None else ""
        message = message.partition(" To suppress")[0]
        said = _SAID.search(message)
        do = next((each for sign, each in _ADVICE if re.search(sign, f"{message}\n{line}")), hint)
        problem = f"no YAML: {(said[0] if said else message)[:160].rstrip('.')}."
        raise InputError(problem, path=path, row=row, hint=do) from error
