"""The command language: every command stands in the module of its subject, and this imports them all."""

from __future__ import annotations

from importlib import import_module

from hybrid_ner.review.commands.base import TOPICS, Command, CommandSpec, Key, offered
from hybrid_ner.review.commands.language import parse

__all__ = ["COMMANDS", "KEYS", "Command", "CommandSpec", "Key", "offered", "parse"]

for topic in TOPICS[:-1]:
    import_module(f"{__name__}.{topic}")
COMMANDS: tuple[CommandSpec, ...] = tuple(offered(added=False))
"""Every command of the language, in the order of the help; ``offered`` has those of other packages too."""
KEYS: tuple[Key, ...] = tuple(key for spec in COMMANDS for key in spec.keys)
"""The keyboard."""
