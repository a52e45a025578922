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
from math import isnan
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.sources.models import ModelSettings, ModelSource
from hybrid_ner.sources.models.endpoint import Answer, Reply

_TAG = re.compile(r"([BIMELSUW])[-_](.+)\Z", re.IGNORECASE)
"""``B-Disease`` and its like."""
_LAST_LETTER = re.compile(r"(.+)[-_]([BIMELSUW])\Z")
"""``Disease-B``, the other way round."""
_BEGINS, _GOES_ON = "BSUW", "BIM"
_UNNAMED = re.compile(r"LABEL_\d+\Z")
"""What ``transformers`` calls a label whose name it was not told."""
_OVERLAP = 64
"""Tokens that two windows share."""
_LONGEST, _SHORTEST = 512, 8
"""Tokens that are read at once unless the settings say more, since time and memory grow with the square of
them, and that a model has to take to be of use."""
_AT_ONCE = 8
_READ = 2
"""Of answers of token classifiers that are kept; raise it when their tags are read in another way."""


def _unopened(said: str, error: Exception, hint: str) -> ModelError:
    return ModelError(f"{said} ({type(error).__name__}: {' '.join(str(error).split())[:200]}). {hint}")


def from_folder(kind: Any, folder: Path) -> Any:
    """What an auto class of ``transformers`` finds in a folder, weights and all.

    Nothing is fetched, and no code that comes with the weights is run, nor is anybody asked whether to.

    Raises:
        ModelError: Weights are missing; the library would put random ones in their place.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # its reports of weights without a use
    try:
        found, told = kind.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, output_loading_info=True
        )
    finally:
        logging.set_verbosity(level)
    missing = sorted(name for name in told["missing_keys"] if "pooler" not in name)
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3:,} more" if len(missing) > 3 else "")
        raise ModelError(f"{folder}: its weights lack {shown}. Give a model that was trained for this.")
    return found


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
    tags: Sequence[tuple[str, str]]


class TransformersSource(ModelSource):
    """``transformers:FOLDER``."""

    kind = "transformers"
    packages = ("torch", "transformers")
    holds = "config.json"
    settings_type = TransformersSettings
    settings: TransformersSettings
    at_once = _AT_ONCE

    def _asked(self) -> dict[str, Any]:
        return {"read": _READ}

    def _budget(self) -> tuple[int, int]:
        room = self._loaded().room
        limit = min(self.settings.window or _LONGEST, room)
        return limit, min(_OVERLAP, limit // 2)

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        return tokens_in(self._loaded().tokenizer, texts)

    def _loaded(self) -> _Loaded:
        if self._model is not None:
            known: _Loaded = self._model
            return known
        from transformers import AutoModelForTokenClassification, AutoTokenizer

        folder = self.path
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False
            )
            model = from_folder(AutoModelForTokenClassification, folder).eval().to(self.settings.device)
        except ModelError:
            raise
        except Exception as error:  # damaged or foreign files, no such device: it raises whatever it likes
            hint = "Give a folder of save_pretrained with its tokenizer, and a device that is there."
            raise _unopened(f"{folder}: no token classifier that opens", error, hint) from error
        if not tokenizer.is_fast:
            raise ModelError(f"{folder}: its tokenizer gives no offsets. Save it with tokenizer.json.")
        if len(tokenizer) <= len(tokenizer.all_special_tokens):
            raise ModelError(f"{folder}: no tokenizer here. Save it into this folder with save_pretrained.")
        room = _room(model, tokenizer)
        if room < _SHORTEST:
            said = f"{folder}: it takes {max(0, room)} tokens at once by its config.json and tokenizer"
            raise ModelError(f"{said}, expected {_SHORTEST} or more. Correct model_max_length.")
        self._model = loaded = _Loaded(model, tokenizer, room, self._tags(model.config))
        return loaded

    def _tags(self, config: Any) -> Sequence[tuple[str, str]]:
        """Letter of the scheme and label of each of its outputs.

        Raises:
            InputError: It is no token classifier, or does not say which of its labels is none.
        """
        kinds = getattr(config, "architectures", None) or ()
        if any(str(kind).endswith("ForSequenceClassification") for kind in kinds):
            raise InputError(
                "this model classifies whole texts, not their tokens.",
                path=self.path,
                hint="Give a token classifier.",
            )
        names = [str(config.id2label[number]) for number in range(len(config.id2label))]
        tags = read_tags(names)
        if all(label for _, label in tags) and not self.settings.labels:
            found = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            why = "its labels have no names" if all(map(_UNNAMED.match, names)) else "none of its labels is O"
            raise InputError(
                f"{why} ({found}), so all text would be marked.",
                path=self.path / self.holds,
                hint=f"Say which of them count and as what: labels: {{{tags[-1][1]}: Disease}}.",
            )
        return tags

    def _ask(self, texts: Sequence[str]) -> Iterator[Reply]:
        # Windows are measured sentence by sentence: some tokenizers need more for the whole.
        fitting = [cost <= self._loaded().room for cost in self._measure(texts)]
        short = [text for text, fits in zip(texts, fitting, strict=True) if fits]
        many = max(1, _AT_ONCE * _LONGEST // max(_LONGEST, self.settings.window))
        batches = (short[start : start + many] for start in range(0, len(short), many))
        replies = chain.from_iterable(map(self._batch, batches))
        for text, fits in zip(texts, fitting, strict=True):
            yield next(replies) if fits else self._in_pieces(text)

    def _batch(self, texts: Sequence[str]) -> Iterator[Reply]:
        import torch

        loaded = self._loaded()
        given = loaded.tokenizer(list(texts), return_offsets_mapping=True, padding=True, return_tensors="pt")
        offsets = given.pop("offset_mapping").tolist()
        try:
            with torch.inference_mode():
                scores = loaded.model(**given.to(self.settings.device)).logits.softmax(-1)
        except (RuntimeError, IndexError, TypeError) as error:
            hint = "Its weights and its tokenizer have to be of one model."
            raise _unopened(f"{self.path}: the token classifier fails on a text", error, hint) from error
        best, tags = scores.max(-1)
        for number, text in enumerate(texts):
            words = _words(given.word_ids(number), offsets[number], text)
            found = [
                (first, last, int(tags[number, at]), float(best[number, at])) for at, first, last in words
            ]
            if any(isnan(score) for *_, score in found):
                yield Reply(unanswered="the model gives no probabilities (NaN)")
                continue
            yield Reply(tuple(_spans((a, b, *loaded.tags[tag], score) for a, b, tag, score in found)))


def _room(model: Any, tokenizer: Any) -> int:
    """Tokens of text that fit beside the special ones."""
    said = [getattr(model.config, "max_position_embeddings", 0), tokenizer.model_max_length]
    # RoBERTa and its kin count their positions from behind the padding token.
    inner = getattr(model.base_model, "embeddings", None)
    padding = getattr(getattr(inner, "position_embeddings", None), "padding_idx", None)
    offset = 0 if padding is None else padding + 1
    sizes = [size - offset * (n == 0) for n, size in enumerate(said) if size and 0 < size < 1_000_000]
    special: int = tokenizer.num_special_tokens_to_add()
    return int(min(sizes, default=_LONGEST)) - special


def tokens_in(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Subword tokens of each text, without the special ones."""
    if not texts:
        return []
    given = tokenizer(list(texts), add_special_tokens=False, verbose=False)  # or it warns of long ones
    return [len(ids) for ids in given["input_ids"]]


def _words(
    word_ids: Sequence[int | None], offsets: Sequence[Sequence[int]], text: str
) -> list[tuple[int, int, int]]:
    """First token, start and end of every word; a word is tagged by its first token.

    What a tokenizer calls a word may be all that stands between spaces (SentencePiece): punctuation at its
    edges is tagged by itself, as the tokenizer of BERT has it.
    """
    found: list[tuple[int, int, int]] = []
    pieces: list[tuple[int, int, int]] = []
    last = None
    for token, word in enumerate(word_ids):
        start, end = offsets[token]
        if word is None or start == end:
            continue
        before = text[pieces[0][1] : start] if pieces else ""
        spaced = before.strip() and (
            text[start].isspace() or before[-1].isspace()
        )  # some see one word in all
        if pieces and (word != last or spaced):
            found += _bare(pieces, text)
            pieces = []
        pieces.append((token, start, end))
        last = word
    return [*found, *_bare(pieces, text)]


def _bare(pieces: Sequence[tuple[int, int, int]], text: str) -> Iterator[tuple[int, int, int]]:
    """The pieces of a word as one, between those at its edges that hold no letter or digit."""
    letters = [n for n, (_, start, end) in enumerate(pieces) if any(map(str.isalnum, text[start:end]))]
    first, last = (letters[0], letters[-1] + 1) if letters else (len(pieces), len(pieces))
    if first and first < last and not text[pieces[first - 1][1] : pieces[first - 1][2]].strip():
        first -= 1  # the sign that a word begins is what was tagged
    yield from pieces[:first]
    if first < last:
        token, start, end = pieces[first][0], pieces[first][1], pieces[last - 1][2]
        if "." in text[start:end]:  # the full stop of "U.S." is its own
            end, last = pieces[-1][2], len(pieces)
        yield token, start, end
    yield from pieces[last:]


def read_tags(names: Sequence[str]) -> list[tuple[str, str]]:
    """Letter of the scheme and label behind each name of an output; no label is none.

    ``B-Disease`` is read so where the other names go by such a scheme too, and ``Disease-B`` as well; in
    ``Drug, E-Mail`` the letter is a part of the name.
    """
    turned = [_LAST_LETTER.sub(r"\2-\1", name) for name in names]
    read = next((each for each in (names, turned) if _is_scheme(each)), ())
    parsed = [_TAG.match(name) for name in read] or [None] * len(names)
    heads = {found[2] for found in parsed if found and found[1].upper() in _GOES_ON}
    return [
        (found[1].upper(), found[2])
        if found and found[2] in heads
        else ("I", "" if name.upper() == "O" else name)
        for name, found in zip(names, parsed, strict=True)
    ]


def _is_scheme(names: Sequence[str]) -> bool:
    """Whether labels begin with letters that tell where in a mention a word stands."""
    found = [_TAG.match(name) for name in names if name.upper() != "O"]
    letters = {each[1].upper() for each in found if each}
    return bool(letters & {"I", "M"}) or ("B" in letters and all(found))


def _spans(tagged: Iterable[tuple[int, int, str, str, float]]) -> Iterator[Answer]:
    """Neighboring words of one label as one span, by any of the usual schemes; its score is their mean."""
    label, start, end = "", 0, 0
    scores: list[float] = []
    for first, last, letter, name, score in tagged:
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
    at_once = _AT_ONCE

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
                self._model = found.eval().to(self.settings.device)
            except Exception as error:  # damaged or foreign files: it raises whatever it likes
                hint = "Save it with save_pretrained again, and give a device that is there."
                raise _unopened(f"{self.path}: no GLiNER model that opens", error, hint) from error
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
