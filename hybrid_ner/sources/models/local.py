"""Models in a local folder as labeling sources: token classifiers, GLiNER, spaCy pipelines.

A token classifier is one of the ``transformers`` library. A GLiNER model finds what the descriptions of its
labels ask for (Zaratiana et al. 2023, https://aclanthology.org/2024.naacl-long.300). Of a spaCy pipeline
the recognizer, span categorizer or rulers are read; long text goes through it in windows of characters, and
what it keeps in its vocabulary for one is freed before the next.
"""

from __future__ import annotations

import importlib.util
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.sources.models import ModelSettings, ModelSource
from hybrid_ner.sources.models.endpoint import Answer, Reply

_TAG = re.compile(r"([BIELSUO])(?:[-_](.+))?\Z")
"""``B-Disease`` and its like; a label without such a letter before it is one of its own (``Disease``)."""
_BEGINS = "BSU"
_OVERLAP = 64
"""Tokens that two windows share."""
_LONGEST = 512
"""Tokens that a model reads where it does not say."""
_AT_ONCE = 8


def _unopened(said: str, error: Exception, hint: str) -> ModelError:
    return ModelError(f"{said} ({type(error).__name__}: {' '.join(str(error).split())[:200]}). {hint}")


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
    holds = "config.json"
    settings_type = TransformersSettings
    settings: TransformersSettings

    def _budget(self) -> tuple[int, int]:
        room = self._loaded().room
        limit = min(self.settings.window or room, room)
        return limit, min(_OVERLAP, limit // 2)

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        return tokens_in(self._loaded().tokenizer, texts)

    def _loaded(self) -> _Loaded:
        if self._model is not None:
            known: _Loaded = self._model
            return known
        from transformers import AutoModelForTokenClassification, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        folder = str(self.path)
        try:
            # Nothing is fetched, and no code that comes with the weights is run.
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForTokenClassification.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # damaged or foreign files: it raises whatever it likes
            hint = "Give a folder of save_pretrained with its tokenizer."
            raise _unopened(f"{folder}: no token classifier that opens", error, hint) from error
        if not tokenizer.is_fast:
            raise ModelError(f"{folder}: its tokenizer gives no offsets. Save it with tokenizer.json.")
        room = _room(model.config, tokenizer)
        self._model = loaded = _Loaded(model.eval().to(self.settings.device), tokenizer, room)
        return loaded

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


_WORD = re.compile(r"\w+|[^\w\s]")
_SHARED_WORDS = 48
"""Words that two windows of GLiNER share."""
_LEAST_ROOM = 32
"""Tokens that must be left for text when the descriptions are in."""


@dataclass(frozen=True)
class GlinerSettings(ModelSettings):
    """See ``ModelSettings``; ``labels`` are ours → what the model is asked for.

    Args:
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
    holds = "gliner_config.json"
    settings_type = GlinerSettings
    settings: GlinerSettings
    asks = True

    def _asked(self) -> dict[str, Any]:
        s = self.settings
        return {"labels": dict(self._descriptions()), "nested": s.nested, "least": s.min_score}

    def _descriptions(self) -> Mapping[str, str]:
        """What is asked for → our label."""
        return {said or label: label for label, said in self._wanted().items()}

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
        return min(self.settings.window or room, room), _SHARED_WORDS

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
                hint = "Save it with save_pretrained again."
                raise _unopened(f"{self.path}: no GLiNER model that opens", error, hint) from error
            self._model = found.eval().to(self.settings.device)
        return self._model

    def _ask(self, texts: Sequence[str]) -> Iterator[Reply]:
        model, asked = self._loaded(), list(self._descriptions())
        for start in range(0, len(texts), _AT_ONCE):
            batch = list(texts[start : start + _AT_ONCE])
            flat, least = not self.settings.nested, self.settings.min_score
            found = model.inference(batch, asked, flat_ner=flat, threshold=least, batch_size=_AT_ONCE)
            for spans in found:
                yield Reply(tuple(Answer(s["start"], s["end"], s["label"], float(s["score"])) for s in spans))


_SPAN_WRITERS = ("spancat", "spancat_singlelabel", "span_ruler", "future_entity_ruler")


@dataclass(frozen=True)
class SpacySettings(ModelSettings):
    """See ``ModelSettings``.

    Args:
        spans: Span groups to read; by default those that a span categorizer or ruler writes.
    """

    spans: tuple[str, ...] = ()


class SpacySource(ModelSource):
    """``spacy:FOLDER`` or ``spacy:PACKAGE``."""

    kind = "spacy"
    settings_type = SpacySettings
    settings: SpacySettings
    _title = ""  # spaCy makes its meta anew each time it is asked

    @property
    def path(self) -> Path:
        name = self.settings.place
        if not Path(name).exists() and name.isidentifier():
            found = importlib.util.find_spec(name)
            if found is not None and found.origin:
                return Path(found.origin).parent
        try:
            return super().path
        except InputError as error:
            package = f"Or install the package: pip install {name}." if name.isidentifier() else ""
            raise InputError(error.problem, path=error.path, hint=f"{error.hint} {package}".strip()) from None

    @property
    def title(self) -> str:
        if not self._title:
            meta = self._pipeline().meta
            self._title = f"{meta.get('lang', '')}_{meta.get('name', 'pipeline')} {meta.get('version', '')}"
        return self._title

    def _asked(self) -> dict[str, Any]:
        return {"spans": list(self.settings.spans)}

    def _pipeline(self) -> Any:
        if self._model is None:
            import spacy

            place = self.settings.place
            try:
                is_package = not Path(place).exists() and self.path.joinpath("__init__.py").is_file()
                self._model = spacy.load(place if is_package else self.path)
            except Exception as error:  # damaged files, missing packages: they raise whatever they like
                said = f"{place}: the spaCy pipeline of the source {self.name!r} cannot be opened"
                hint = "Try spacy.load on it; install what it says is missing."
                raise _unopened(said, error, hint) from error
            if not self._model.pipe_names:
                said = (
                    f"the spaCy pipeline of the source {self.name!r} has no component, so it finds nothing."
                )
                raise InputError(said, path=place, hint="Give one with a recognizer or ruler.")
        return self._model

    def _ask(self, texts: Sequence[str]) -> Iterable[Reply]:
        nlp = self._pipeline()
        groups = self.settings.spans or tuple(_groups(nlp))
        for text in texts:
            with nlp.memory_zone():
                yield Reply(tuple(_answers(nlp(text), groups)))


def _groups(nlp: Any) -> Iterator[str]:
    """Span groups that its components write as their answer."""
    for name, pipe in nlp.pipeline:
        key = getattr(pipe, "key", None) or getattr(pipe, "spans_key", None)
        if nlp.get_pipe_meta(name).factory in _SPAN_WRITERS and isinstance(key, str):
            yield key


def _answers(doc: Any, groups: Sequence[str]) -> Iterator[Answer]:
    for ent in doc.ents:
        yield Answer(ent.start_char, ent.end_char, ent.label_)
    for name in groups:
        if name in doc.spans:
            spans = doc.spans[name]
            scores = spans.attrs.get("scores")
            given = [None] * len(spans) if scores is None else [float(score) for score in scores]
            for span, score in zip(spans, given, strict=True):
                yield Answer(span.start_char, span.end_char, span.label_, score)
