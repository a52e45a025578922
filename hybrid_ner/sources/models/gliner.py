"""A GLiNER model from a local folder as a labeling source: labels are described, not learned.

The model finds what the descriptions ask for (Zaratiana et al. 2023, https://aclanthology.org/2024.naacl-long.300).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.sources.models.answers import Answer, Reply
from hybrid_ner.sources.models.base import ModelSettings, ModelSource
from hybrid_ner.sources.models.token_classifier import tokens_in

_WORD = re.compile(r"\w+|[^\w\s]")
_OVERLAP = 48
"""Words that two windows share."""
_AT_ONCE = 8
_LEAST_ROOM = 32
"""Tokens that must be left for text when the descriptions are in."""


@dataclass(frozen=True)
class GlinerSettings(ModelSettings):
    """See ``ModelSettings``; ``labels`` are ours → what the model is asked for.

    Args:
        min_score: Least probability.
        codebook: As for a language model; of gliner the definitions become the descriptions of the labels.
        nested: Whether spans may lie in one another.
        device: Where it runs, as PyTorch calls it.
    """

    min_score: float = 0.5
    codebook: str = ""
    nested: bool = False
    device: str = "cpu"


class GlinerSource(ModelSource):
    """``gliner:FOLDER``; the labels of the domain are asked for where the settings name none."""

    kind = "gliner"
    packages = ("torch", "gliner")
    settings_type = GlinerSettings
    settings: GlinerSettings
    asks = True

    def _identified(self) -> str:
        if not (self.path / "gliner_config.json").is_file():
            raise InputError(
                f"the source {self.name!r} wants a folder with gliner_config.json.",
                path=self.path,
                hint="Give the folder of a GLiNER model, as save_pretrained leaves it.",
            )
        return super()._identified()

    def _asked(self) -> dict[str, Any]:
        return {"labels": dict(self._descriptions()), "nested": self.settings.nested, "least": self._least}

    @property
    def _least(self) -> float:
        return self.settings.min_score

    def _descriptions(self) -> Mapping[str, str]:
        """What is asked for → our label."""
        if not self.settings.labels:
            raise InputError(
                f"the source {self.name!r} has no labels to ask for.",
                hint="Give them in its settings: labels: {Disease: a disease or symptom}.",
            )
        return {said or label: label for label, said in self.settings.labels.items()}

    def _ours(self, label: str) -> str:
        return self._descriptions().get(label, "")

    def _budget(self) -> tuple[int, int]:
        model = self._loaded()
        tokenizer = model.data_processor.transformer_tokenizer
        asked = sum(tokens_in(tokenizer, list(self._descriptions()))) + 2 * len(self._descriptions())
        positions = getattr(model.config.encoder_config, "max_position_embeddings", 0) or 1 << 20
        room = min(int(model.config.max_len), positions - asked - 4)
        if room < _LEAST_ROOM:
            raise InputError(
                f"the descriptions of the source {self.name!r} leave the model no room for text.",
                hint="Shorten them, or ask for fewer labels.",
            )
        return min(self.settings.window or room, room), _OVERLAP

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        # It counts words, its encoder tokens: of some characters there are words and no tokens.
        tokens = tokens_in(self._loaded().data_processor.transformer_tokenizer, texts)
        words = (len(_WORD.findall(text)) for text in texts)
        return [max(pair) for pair in zip(tokens, words, strict=True)]

    def _loaded(self) -> Any:
        if self._model is None:
            from gliner import GLiNER

            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of its own libraries, on how it is built
                    found = GLiNER.from_pretrained(str(self.path), local_files_only=True)
            except Exception as error:  # damaged or foreign files: it raises whatever it likes
                raise ModelError(
                    f"{self.path}: no GLiNER model that opens ({type(error).__name__}: "
                    f"{' '.join(str(error).split())[:200]}). Save it with save_pretrained again."
                ) from error
            self._model = found.eval().to(self.settings.device)
        return self._model

    def _ask(self, texts: Sequence[str]) -> Iterator[Reply]:
        model, asked = self._loaded(), list(self._descriptions())
        for start in range(0, len(texts), _AT_ONCE):
            batch = list(texts[start : start + _AT_ONCE])
            found = model.inference(
                batch,
                asked,
                flat_ner=not self.settings.nested,
                threshold=self._least,
                batch_size=_AT_ONCE,
            )
            for spans in found:
                yield Reply(tuple(Answer(s["start"], s["end"], s["label"], float(s["score"])) for s in spans))
