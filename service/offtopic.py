"""The bank of topics that nobody asked about: what any question or code is held against.

A shipped list (``offtopic.txt``) of matters that vendors' customers might speak of and of small
talk. Some are spoken of in any home; most are not. What is asked must do better than most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from ingest.library import Library
from service.said import Floats

_KEPT = 10_000  # texts of codes whose vectors are kept in memory


def offtopic(library: Library) -> tuple[tuple[str, ...], Floats]:
    """The bank of topics that are not asked about, and their vectors."""
    kept = library.memory.get("offtopic")
    if not isinstance(kept, tuple):
        text = files("service").joinpath("offtopic.txt").read_text("utf-8")
        bank = tuple(line for line in text.splitlines() if line)
        kept = (bank, library.embedder.embed(bank).astype(np.float64))
        library.memory["offtopic"] = kept
    return kept


def embedded(library: Library, texts: Sequence[str]) -> Floats:
    """Vectors of the codebook's texts, each made once as long as they are in use."""
    kept = library.memory.get("embedded")
    known: dict[str, Floats] = kept if isinstance(kept, dict) and len(kept) < _KEPT else {}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    vectors = library.embedder.embed(new).astype(np.float64)
    known |= dict(zip(new, vectors, strict=True))
    library.memory["embedded"] = known
    # A codebook may be empty.
    return np.stack([known[text] for text in texts]) if texts else vectors
