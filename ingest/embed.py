"""Turns text into vectors: all-MiniLM-L6-v2 on onnxruntime, with weights that come in our wheel.

No torch and no download. ``weights/make_minilm.py`` says where the weights are from and how they
were rounded. Another model takes its place by way of ``Wrapped``; the index records which one made
its vectors and refuses to mix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import EngineFailed, MissingPart

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

Vectors = NDArray[np.float32]

NAME = "all-MiniLM-L6-v2-int8"
DIM = 384
# The model reads 256 word pieces, about 1,200 characters of English; cutting here already keeps a
# hostile text from being split into pieces that nobody reads.
_MAX_CHARS = 8_000
_WORTH = 4  # texts, under which a second thread only costs


class Embedder(Protocol):
    """Anything that makes vectors of one kind. ``name`` is written into the index."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length per text, in order: shape (len(texts), dim)."""
        ...


def open_embedder(*, threads: int = 1) -> MiniLM:
    """The default model, loaded in about 0.1 CPU seconds. Safe to share between threads."""
    return MiniLM(threads)


class MiniLM:
    """Holds the onnxruntime session and the word pieces of all-MiniLM-L6-v2."""

    name = NAME
    dim = DIM

    def __init__(self, threads: int = 1) -> None:
        import onnxruntime
        import tokenizers

        folder = Path(__file__).with_name("weights")
        model = folder / "minilm-l6-v2.int8.onnx"
        pieces = folder / "minilm-l6-v2.tokenizer.json"
        for path in (model, pieces):
            if not path.is_file():
                raise MissingPart(
                    f"The sentence model's file {path} is missing: install firsthand again."
                )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session: onnxruntime.InferenceSession = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: tokenizers.Tokenizer = tokenizers.Tokenizer.from_file(str(pieces))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Rows of unit length, shape (len(texts), 384); of each text the first 256 word pieces.

        One text at a time: on a CPU that is as fast as batches (no padding is computed), memory
        stays that of one text, and a text gets the same vector whatever stands beside it.
        """
        vectors = np.empty((len(texts), DIM), np.float32)
        for row, text in enumerate(texts):
            # A lone surrogate from hostile JSON is no text; it becomes a question mark.
            plain = text[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8")
            ids = np.array([self._tokenizer.encode(plain).ids], np.int32)
            vectors[row] = self._session.run(["vector"], {"ids": ids})[0][0]
        return vectors


@dataclass(frozen=True, slots=True)
class Spread:
    """``of`` on two cores at once, for somebody who waits; the vectors are the same."""

    of: Embedder

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def dim(self) -> int:
        return self.of.dim

    def embed(self, texts: Sequence[str]) -> Vectors:
        half = (len(texts) + 1) // 2
        if half < _WORTH:
            return self.of.embed(texts)
        with ThreadPoolExecutor(2) as pool:
            return np.concatenate([*pool.map(self.of.embed, (texts[:half], texts[half:]))])


def whole_words() -> frozenset[str]:
    """The English words, lower case, that are one piece to the sentence model."""
    import tokenizers

    pieces = Path(__file__).with_name("weights") / "minilm-l6-v2.tokenizer.json"
    found = tokenizers.Tokenizer.from_file(str(pieces)).get_vocab()
    return frozenset(word for word in found if word.isalpha())


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Any function from texts to vectors as an embedder, for example LangChain's:

    ``Wrapped("openai/text-embedding-3-small", 1536, OpenAIEmbeddings(…).embed_documents)``.
    """

    name: str
    dim: int
    function: Callable[[list[str]], Sequence[Sequence[float]] | Vectors]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Rows scaled to unit length; ``EngineFailed`` if the function answers in another shape."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        vectors = np.asarray(self.function(list(texts)), np.float32)
        if vectors.shape != (len(texts), self.dim):
            raise EngineFailed(
                f"The embedder {self.name} answered {len(texts)} texts with an array of shape "
                f"{vectors.shape}, not {(len(texts), self.dim)}: check its name and its dimension."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise EngineFailed(
                f"The embedder {self.name} answered with an empty or infinite vector: try again, "
                "or use the default model."
            )
        return np.asarray(vectors / lengths, np.float32)
