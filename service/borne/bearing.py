"""Whether a sentence is about the matter of its quotes at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ingest import keywords
from ingest.library import Library
from service.borne.known import Known
from service.offtopic import offtopic
from service.said import idle_stems
from service.shapes import Quote

Near = Callable[[str, Sequence[str]], bool]


_BANK = 0.96  # of the bank of other topics, that a sentence has to be farther from


def nearness(library: Library) -> Near:
    """Whether a sentence is nearer to its quotes than to most of the bank of other topics."""

    def near(sentence: str, texts: Sequence[str]) -> bool:
        _, bank = offtopic(library)
        vectors = library.embedder.embed([sentence, *texts]).astype(np.float64)
        best = float((vectors[1:] @ vectors[0]).max())
        return float((bank @ vectors[0] < best).mean()) >= _BANK

    return near


def unlike(
    text: str, said: Sequence[str], quotes: Sequence[Quote], known: Known, near: Near | None
) -> str | None:
    names = " ".join([*(q.speaker for q in quotes), *known.names.values()])
    mine, named, *theirs = (content(s) for s in keywords.stems([text, names, *said]))
    wanted = mine - named
    if any(wanted & stems for stems in theirs):
        return None
    if near is not None and near(text, said):
        return None
    return "it has nothing to do with the quotes"


def content(stems: Sequence[str]) -> set[str]:
    return {s for s in stems if len(s) > 2 and not s.isdigit() and s not in idle_stems()}
