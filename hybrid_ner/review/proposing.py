"""A model on this machine may propose a line for what the rules do not understand; only a person runs it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.reading import LEAVE, Reading
from hybrid_ner.review.chat.situation import Situation
from hybrid_ner.review.commands.base import offered
from hybrid_ner.review.commands.language import ParseError, parse
from hybrid_ner.sources.models.endpoint import Endpoint, EndpointDown, NoAnswer, is_loopback

VARIABLE = "HYBRID_NER_HELPER"
"""Address of the server, ``http://127.0.0.1:8080/v1``; without it no model is ever asked."""
_SECONDS = 20.0
_MOST_SPANS = 60


@dataclass(frozen=True)
class Proposer:
    """Asks an OpenAI-compatible server on the loopback interface for one line of the command language.

    Args:
        url: Its address with the version, ``http://127.0.0.1:8080/v1``.
        model: Name of the model, where the server has several.

    Raises:
        InputError: The address is not on this machine.
    """

    url: str
    model: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise InputError(
                f"{self.url!r} is not on this machine.",
                hint="A helper is asked only on the loopback interface, such as http://127.0.0.1:8080/v1.",
            )

    @classmethod
    def from_environment(cls) -> Proposer | None:
        """The helper that the environment names; ``None`` when it names none."""
        url = os.environ.get(VARIABLE, "")
        return cls(url) if url else None

    def propose(self, sentence: str, situation: Situation) -> Reading | None:
        """A line to choose; ``None`` when the server has none, is away, or says something else."""
        try:
            line = self._ask(sentence, situation)
            command = parse(line)
        except (EndpointDown, NoAnswer, ValueError, KeyError, TypeError, IndexError, ParseError):
            return None
        if not command.proposed:
            return None
        said = f"I did not understand that. The model on this machine proposes `{line}`: is that it?"
        return Reading(question=said, choices=((line, line), LEAVE))

    def _ask(self, sentence: str, situation: Situation) -> str:
        asked = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": 80,
            "messages": [
                {"role": "system", "content": _instruction(situation)},
                {"role": "user", "content": sentence},
            ],
        }
        found = Endpoint(self.url, timeout=_SECONDS, tries=1).post("/chat/completions", asked)
        said = str(found["choices"][0]["message"]["content"]).strip()
        return said.splitlines()[0].strip("` ") if said else ""


def _instruction(situation: Situation) -> str:
    forms = "\n".join(f"{usage}: {spec.does}" for spec in offered(added=False) for usage in spec.usage[:2])
    spans = "\n".join(f"{s.number} {s.surface!r} {s.label}" for s in situation.spots[:_MOST_SPANS])
    return (
        "Turn what a reviewer says into one line of this command language. Answer with the line alone, or "
        f"with nothing when none fits.\n{forms}\nLabels: {', '.join(situation.labels)}\n"
        f"Spans of the document:\n{spans}\n"
    )
