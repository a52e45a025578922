"""A token classifier of the ``transformers`` library, from a local folder, as a labeling source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.sources.models.answers import Answer, Reply
from hybrid_ner.sources.models.base import ModelSettings, ModelSource

_TAG = re.compile(r"([BIELSUO])(?:[-_](.+))?\Z")
"""``B-Disease`` and its like; a label without such a letter before it is one of its own (``Disease``)."""
_BEGINS = "BSU"
_OVERLAP = 64
"""Tokens that two windows share."""
_LONGEST = 512
"""Tokens that a model reads where it does not say."""
_AT_ONCE = 8


@dataclass(frozen=True)
class TransformersSettings(ModelSettings):
    """See ``ModelSettings``.

    Args:
        device: Where it runs, as PyTorch calls it; ``cpu``, or ``cuda``.
    """

    device: str = "cpu"


@dataclass(frozen=True)
class _Loaded:
    model: Any
    tokenizer: Any
    room: int


class TransformersSource(ModelSource):
    """``transformers:FOLDER``."""

    kind = "transformers"
    packages = ("torch", "transformers")
    settings_type = TransformersSettings
    settings: TransformersSettings

    def _identified(self) -> str:
        if not (self.path / "config.json").is_file():
            raise InputError(
                f"the source {self.name!r} wants a folder with config.json, as save_pretrained leaves it.",
                path=self.path,
                hint="Give the folder of a token classifier.",
            )
        return super()._identified()

    def _budget(self) -> tuple[int, int]:
        room = self._loaded().room
        limit = min(self.settings.window or room, room)
        return limit, min(_OVERLAP, limit // 2)

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        return tokens_in(self._loaded().tokenizer, texts)

    def _loaded(self) -> _Loaded:
        if self._model is None:
            self._model = self._load()
        loaded: _Loaded = self._model
        return loaded

    def _load(self) -> _Loaded:
        from transformers import AutoModelForTokenClassification, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        folder = str(self.path)
        try:
            # Nothing is fetched, and no code that comes with the weights is run.
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForTokenClassification.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # damaged or foreign files: it raises whatever it likes
            raise ModelError(
                f"{folder}: no token classifier that opens ({type(error).__name__}: "
                f"{' '.join(str(error).split())[:200]}). Give a folder of save_pretrained with its tokenizer."
            ) from error
        if not tokenizer.is_fast:
            raise ModelError(f"{folder}: its tokenizer gives no offsets. Save it with tokenizer.json.")
        return _Loaded(model.eval().to(self.settings.device), tokenizer, _room(model.config, tokenizer))

    def _ask(self, texts: Sequence[str]) -> Iterator[Reply]:
        # Windows are measured sentence by sentence: some tokenizers need more for the whole.
        fitting = [cost <= self._loaded().room for cost in self._measure(texts)]
        short = [text for text, fits in zip(texts, fitting, strict=True) if fits]
        batches = (short[start : start + _AT_ONCE] for start in range(0, len(short), _AT_ONCE))
        replies = chain.from_iterable(map(self._batch, batches))
        for text, fits in zip(texts, fitting, strict=True):
            yield next(replies) if fits else self._in_pieces(text)

    def _batch(self, texts: Sequence[str]) -> Iterator[Reply]:
        import torch

        loaded = self._loaded()
        given = loaded.tokenizer(list(texts), return_offsets_mapping=True, padding=True, return_tensors="pt")
        offsets = given.pop("offset_mapping").tolist()
        with torch.inference_mode():
            scores = loaded.model(**given.to(self.settings.device)).logits.softmax(-1)
        best, tags = scores.max(-1)
        names = loaded.model.config.id2label
        for number in range(len(texts)):
            words = _words(given.word_ids(number), offsets[number])
            tagged = [
                (start, end, str(names[int(tags[number, token])]), float(best[number, token]))
                for token, start, end in words
            ]
            yield Reply(tuple(_spans(tagged)))


def _room(config: Any, tokenizer: Any) -> int:
    """Tokens of text that fit beside the special ones."""
    said = [getattr(config, "max_position_embeddings", 0), tokenizer.model_max_length]
    # RoBERTa counts its positions from behind the padding token.
    offset = (config.pad_token_id or 0) + 1 if config.model_type in _FROM_PADDING else 0
    sizes = [size - offset * (n == 0) for n, size in enumerate(said) if size and 0 < size < 1_000_000]
    special: int = tokenizer.num_special_tokens_to_add()
    return int(min(sizes, default=_LONGEST)) - special


_FROM_PADDING = ("roberta", "xlm-roberta", "camembert", "longformer", "xlm-roberta-xl")


def tokens_in(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Subword tokens of each text, without the special ones."""
    if not texts:
        return []
    given = tokenizer(list(texts), add_special_tokens=False, verbose=False)  # or it warns of long ones
    return [len(ids) for ids in given["input_ids"]]


def _words(word_ids: Sequence[int | None], offsets: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """First token, start and end of every word; a word is tagged by its first token."""
    found: list[tuple[int, int, int]] = []
    last = None
    for token, word in enumerate(word_ids):
        start, end = offsets[token]
        if word is None or start == end:
            continue
        if word == last:
            found[-1] = (*found[-1][:2], end)
        else:
            found.append((token, start, end))
        last = word
    return found


def _spans(tagged: Iterable[tuple[int, int, str, float]]) -> Iterator[Answer]:
    """Neighboring words of one label as one span, by any of the usual schemes; its score is their mean."""
    label, start, end = "", 0, 0
    scores: list[float] = []
    for first, last, tag, score in tagged:
        scheme = _TAG.match(tag)
        letter, name = (scheme[1], scheme[2] or "") if scheme else ("I", tag)
        if label and (name != label or letter in _BEGINS):
            yield Answer(start, end, label, sum(scores) / len(scores))
            label = ""
        if name and not label:
            label, start, scores = name, first, []
        if name:
            end = last
            scores.append(score)
    if label:
        yield Answer(start, end, label, sum(scores) / len(scores))
