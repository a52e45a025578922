"""Reader options: declared once as a dataclass, given as values or as words on a command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from hybrid_ner.errors import InputError

__all__ = ["OptionHelp", "Options", "describe", "make", "mapping", "option"]

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
            raise InputError(f"{reader} has no option {name!r}.", hint=f"Its options: {listed}.")
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
