"""The command language: every command stands in the module of its subject, and this imports them all."""

from __future__ import annotations

from hybrid_ner.review.commands import (
    assign,
    bulk,
    codebook,
    decide,
    edit,
    explain,
    files,
    gazetteer,
    help,
    models,
    move,
    team,
    undo,
)
from hybrid_ner.review.commands.base import Command, CommandSpec, Key, offered
from hybrid_ner.review.commands.language import parse

__all__ = ["COMMANDS", "KEYS", "Command", "CommandSpec", "Key", "offered", "parse"]

SUBJECTS = (decide, edit, explain, bulk, gazetteer, codebook, move, undo, models, team, assign, files, help)
COMMANDS: tuple[CommandSpec, ...] = tuple(offered(added=False))
"""Every command of the language, in the order of the help; ``offered`` has those of other packages too."""
KEYS: tuple[Key, ...] = tuple(key for spec in COMMANDS for key in spec.keys)
"""The keyboard."""
