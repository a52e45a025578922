"""States of a frozen encoder as a few numbers a token: any folder with ONNX or Hugging Face weights.

The encoder is never trained. Its states are projected onto their first principal components, which are those
of the documents that were reviewed. ``benchmarks/learner.md`` has what they are worth.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import blake2b
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.errors import InputError, ModelError, need
from hybrid_ner.io import kept_database
from hybrid_ner.sources.models.local import from_folder

Floats = NDArray[np.float32]
Batch = Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]
"""Numbers of word pieces and their mask, one row a window → states, one row a piece."""

_WINDOW, _LEAST_WINDOW, _SHARE = 192, 24, 6
"""Word pieces that are read together: as many as a model takes, halved down to the least; the share of them
at each edge that only gives context is one of so many."""
_BATCH = 16
_COMPONENTS = 32
"""Numbers of a token's state: as many as the measurement had (``benchmarks/learner.md``)."""
_LENGTH = 2.5
"""Of a typical row, as of a word vector (``token_features``)."""
_FITTED, _LEAST = 20_000, 2_000
"""Tokens that decide on the components, and those from which on the components stay."""
_TOKENIZER = "tokenizer.json"
_CHUNK = 1 << 20
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS states (encoder TEXT, text TEXT, data BLOB, PRIMARY KEY (encoder, text))"
)


class FrozenEncoder:
    """The weights in a folder, opened when they are first needed.

    Args:
        folder: ``tokenizer.json``, and ``model.onnx`` (anywhere in it) or what ``save_pretrained`` leaves.

    Raises:
        InputError: The folder holds no encoder.
        MissingPartError: Reading it needs a part of the package that is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._onnx = next(iter(sorted(self.folder.rglob("*.onnx"))), None)
        if not (self.folder / _TOKENIZER).is_file() or not (self._onnx or self._weights):
            hint = "Give a folder as save_pretrained or an export to ONNX leaves it."
            if self._onnx or self._weights:  # of an old version, with vocab.txt
                hint = (
                    f"transformers writes {_TOKENIZER}: AutoTokenizer.from_pretrained(X).save_pretrained(X)."
                )
            raise InputError(
                f"no encoder here: expected {_TOKENIZER}, and a file .onnx or Hugging Face weights.",
                path=self.folder,
                hint=hint,
            )
        need(*(("onnxruntime",) if self._onnx else ("torch", "transformers")), "tokenizers")

    @property
    def part(self) -> str:
        """The part of this package that reads it."""
        return "encoder" if self._onnx else "transformers"

    @property
    def _weights(self) -> list[Path]:
        found = (*self.folder.glob("*.safetensors"), *self.folder.glob("pytorch_model*.bin"))
        return sorted(found) if (self.folder / "config.json").is_file() else []

    @property
    def files(self) -> list[Path]:
        """What has to be copied to have the same encoder elsewhere."""
        if self._onnx:
            return [self.folder / _TOKENIZER, self._onnx, *self._beside]
        shards = sorted(self.folder.glob("*.index.json"))  # which weights are in which file
        return [self.folder / _TOKENIZER, self.folder / "config.json", *self._weights, *shards]

    @property
    def _beside(self) -> list[Path]:
        """Files in which a large model keeps its weights, by any name: the graph tells it."""
        assert self._onnx is not None
        plain = (".onnx", ".json", ".txt", ".md")
        others = [path for path in self._onnx.parent.iterdir() if path.is_file() and path.suffix not in plain]
        if not others or not self._onnx.stat().st_size:
            return []
        with self._onnx.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as graph:
            return sorted(path for path in others if graph.find(path.name.encode()) >= 0)

    @cached_property
    def fingerprint(self) -> str:
        made = blake2b(digest_size=16)
        for path in self.files:
            with path.open("rb") as file:
                while part := file.read(_CHUNK):
                    made.update(part)
        return made.hexdigest()

    def copy(self, folder: Path) -> None:
        """The same encoder in another folder, as files of its own.

        A link would change with the file of the user's, and those in a cache of the hub are links already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for path in self.files:
            target = folder / path.name
            if not (target.exists() and target.samefile(path)):
                target.unlink(missing_ok=True)
                shutil.copyfile(path, target)

    def states(self, texts: Sequence[str], edges: Sequence[Sequence[tuple[int, int]]]) -> list[Floats]:
        """The mean state of the word pieces of each token.

        Args:
            texts: Documents.
            edges: First and last character of the tokens of each, half open.
        """
        # One by one: a batch is spread over threads, which copies of this process do not have.
        found = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        rows = zip(found, edges, self._read([each.ids for each in found]), strict=True)
        return [_by_token(states, each.offsets, places) for each, places, states in rows]

    def _read(self, ids: Sequence[Sequence[int]]) -> list[Floats]:
        """States of all word pieces, read in windows with context to both sides."""
        first, last = self._specials
        around = self._window // _SHARE
        step = self._window - 2 * around
        windows = [
            (number, start, max(0, start - around), start + step)
            for number, each in enumerate(ids)
            for start in range(0, len(each), step)
        ]
        parts: list[list[Floats]] = [[] for _ in ids]
        for place in range(0, len(windows), _BATCH):
            batch = windows[place : place + _BATCH]
            rows = [[*first, *ids[n][low : stop + around], *last] for n, _, low, stop in batch]
            width = max(map(len, rows))
            mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows], dtype=np.int64)
            padded = np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int64)
            states = self._run(padded, mask)
            for found, (n, start, low, stop) in zip(states, batch, strict=True):
                own = len(first) + start - low
                parts[n].append(found[own : own + min(stop, len(ids[n])) - start])
        width = next((part.shape[1] for each in parts for part in each), 1)
        return [np.concatenate(each) if each else np.zeros((0, width), "float32") for each in parts]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            made = Tokenizer.from_file(str(self.folder / _TOKENIZER))
        except Exception as error:  # it raises nothing more special
            raise self._unusable("no tokenizer that opens", error, self.folder / _TOKENIZER) from error
        made.no_truncation()
        made.no_padding()
        return made

    @cached_property
    def _specials(self) -> tuple[list[int], list[int]]:
        """What stands before and after a text, such as ``[CLS]`` and ``[SEP]``."""
        whole, bare = (self._tokenizer.encode("a", add_special_tokens=s).ids for s in (True, False))
        place = next(n for n in range(len(whole)) if whole[n : n + len(bare)] == bare)
        return whole[:place], whole[place + len(bare) :]

    @cached_property
    def _window(self) -> int:
        """Word pieces that the model takes beside the special ones, found by asking: a graph does not say."""
        first, last = self._specials
        piece = self._tokenizer.encode("a", add_special_tokens=False).ids[:1] or first[:1]
        size, run = _WINDOW, self._open
        while True:
            ids = np.array([[*first, *piece * size, *last]] * 2, dtype=np.int64)
            try:
                run(ids, np.ones_like(ids))
            except Exception as error:  # its library raises whatever it likes
                size //= 2
                if size < _LEAST_WINDOW:
                    raise self._unusable("this encoder reads no text", error) from error
            else:
                return size

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
        """States of windows that it takes.

        Raises:
            ModelError: It fails, or its states are no numbers.
        """
        run = self._open
        try:
            states = run(ids, mask)
        except Exception as error:
            raise self._unusable("the encoder fails on a text", error) from error
        if not np.isfinite(states).all():
            raise ModelError(
                f"{self.folder}: the states of this encoder are no numbers (NaN). Save it again."
            )
        return states

    def _unusable(self, said: str, error: Exception, path: Path | None = None) -> ModelError:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        hint = "Its weights and tokenizer.json have to be whole and of one model."
        return ModelError(f"{path or self.folder}: {said} ({why}). {hint}")

    @cached_property
    def _open(self) -> Batch:
        try:
            return self._by_onnx() if self._onnx else self._by_torch()
        except (InputError, ModelError):
            raise
        except Exception as error:  # damaged or foreign files
            raise self._unusable("no encoder that opens", error, self._onnx) from error

    def _by_onnx(self) -> Batch:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread: whoever wants more cores copies this process, and a copy has none of its threads.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what it raises is told
        session = onnxruntime.InferenceSession(str(self._onnx), options, providers=["CPUExecutionProvider"])
        wanted = {each.name: _NUMBERS.get(each.type, np.int64) for each in session.get_inputs()}
        outputs = [each.name for each in session.get_outputs() if len(each.shape) == 3]
        if not outputs:
            raise InputError("this model gives no state of each word piece.", path=self._onnx)

        def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            fed = {name: value.astype(wanted[name]) for name, value in given.items() if name in wanted}
            return np.asarray(session.run(outputs[:1], fed)[0], dtype=np.float32)

        return run

    def _by_torch(self) -> Batch:
        import torch
        from transformers import AutoModel

        model = from_folder(AutoModel, self.folder).eval().float()  # NumPy knows no bfloat16

        def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
            with torch.inference_mode():
                read = model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))
            return np.asarray(read.last_hidden_state.numpy(), dtype=np.float32)

        return run


_NUMBERS = {"tensor(int32)": np.int32, "tensor(float)": np.float32}
"""Types of inputs, where they are not 64-bit integers."""


def _by_token(states: Floats, offsets: Sequence[tuple[int, int]], edges: Sequence[tuple[int, int]]) -> Floats:
    """Mean of the pieces that touch each token; white space has none and stays at zero."""
    rows = np.zeros((len(edges), states.shape[1]), dtype=np.float32)
    place = 0
    for number, (start, end) in enumerate(edges):
        while place < len(offsets) and offsets[place][1] <= start:
            place += 1
        last = place
        while last < len(offsets) and offsets[last][0] < end:
            last += 1
        if last > place:
            rows[number] = states[place:last].mean(axis=0)
    return rows


class TokenStates:
    """The projected states of documents, kept by text.

    Args:
        mean: Subtracted from a state.
        components: What a state is then multiplied with, one column a number.
        kept: Database for states of documents that will be read again.
    """

    def __init__(
        self, encoder: FrozenEncoder, mean: Floats, components: Floats, kept: Path | None = None
    ) -> None:
        self.encoder, self.mean, self.components = encoder, mean, components
        self._kept, self._ahead = kept, dict[str, Floats]()

    @classmethod
    def fit(cls, folder: str | Path, docs: Iterable[Doc], kept: Path | None = None) -> TokenStates:
        """With the principal components of some documents.

        Args:
            folder: Of the encoder.
            docs: The first of them are read.
            kept: Database for states; the components of an earlier call with the same encoder are taken.
        """
        encoder = FrozenEncoder(folder)
        if kept is not None:
            with kept_database(kept, _SCHEMA) as database:
                query = "SELECT data FROM states WHERE encoder = ? AND text = 'components'"
                row = database.execute(query, (encoder.fingerprint,)).fetchone()
            if row is not None:
                found = np.asarray(np.load(BytesIO(row[0])), dtype=np.float32)
                return cls(encoder, found[0], found[1:].T, kept)
        tokens, texts, edges = 0, [], []
        for doc in docs:
            texts.append(doc.text)
            edges.append(_edges(doc))
            tokens += len(doc)
            if tokens >= _FITTED:
                break
        states = np.concatenate(encoder.states(texts, edges))
        mean = states.mean(axis=0)
        _, _, ways = np.linalg.svd(states - mean, full_matrices=False)
        components = ways[:_COMPONENTS].T
        lengths = np.linalg.norm((states - mean) @ components, axis=1)
        components = (components * (_LENGTH / max(float(lengths.mean()), 1e-6))).astype(np.float32)
        kept = kept if tokens >= _LEAST else None
        if kept is not None:
            with kept_database(kept, _SCHEMA) as database:
                packed = BytesIO()
                np.save(packed, np.vstack([mean, components.T]).astype(np.float32))
                row = encoder.fingerprint, "components", packed.getvalue()
                database.execute("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", row)
        return cls(encoder, mean.astype(np.float32), components, kept)

    @property
    def size(self) -> int:
        """Numbers of a token."""
        return int(self.components.shape[1])

    def look_up(self, docs: Iterable[Doc]) -> None:
        """Read many documents at once, which is faster than one at a time."""
        missing = {key: doc for doc in docs if (key := _key(doc)) not in self._ahead}
        if self._kept is not None and missing:
            self._ahead |= self._found(missing)
        new = {key: doc for key, doc in missing.items() if key not in self._ahead}
        if not new:
            return
        states = self.encoder.states([d.text for d in new.values()], [_edges(d) for d in new.values()])
        made = {
            key: ((each - self.mean) @ self.components).astype(np.float32)
            for key, each in zip(new, states, strict=True)
        }
        self._ahead |= made
        if self._kept is not None:
            rows = [(self.encoder.fingerprint, key, each.tobytes()) for key, each in made.items()]
            with kept_database(self._kept, _SCHEMA) as database:
                database.executemany("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", rows)

    def __call__(self, doc: Doc) -> Floats:
        """One row a token."""
        if _key(doc) not in self._ahead:
            self.look_up([doc])
        return self._ahead.pop(_key(doc))

    def _found(self, docs: dict[str, Doc]) -> dict[str, Floats]:
        assert self._kept is not None
        with kept_database(self._kept, _SCHEMA) as database:
            query = "SELECT data FROM states WHERE encoder = ? AND text = ?"
            rows = [
                (key, database.execute(query, (self.encoder.fingerprint, key)).fetchone()) for key in docs
            ]
        return {
            key: np.frombuffer(row[0], dtype=np.float32).reshape(-1, self.size)
            for key, row in rows
            if row is not None
        }


def _key(doc: Doc) -> str:
    """Of the text and its tokens."""
    edges = np.array(_edges(doc), dtype=np.int64).tobytes()
    return blake2b(doc.text.encode() + edges, digest_size=16).hexdigest()


def _edges(doc: Doc) -> list[tuple[int, int]]:
    return [(token.idx, token.idx + len(token)) for token in doc]
