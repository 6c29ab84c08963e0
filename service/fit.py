"""The vision beside the calls: for each sentence of it, what customers said that is nearest.

Likeness of wording is all that code can prove. Whether a need *fits* the vision, and which of the
two should give way, is left to the author.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.library import Library
from ingest.signs import WORD, sentences
from service.ledger import Evidence
from service.pointed import pointed
from service.shapes import FitLine, Theme

# How near a need is to a sentence: the cosine with its name and definition, and the mean of that
# with its two nearest quotes, added up. For a test corpus, sentences about a need scored 0.66 to
# 0.85, others with their nearest need at most 0.61. A single quote has to be this near by itself;
# below, something is always nearest and means nothing.
_NEED, _QUOTE = 0.64, 0.42
_SENTENCES = 30  # of a vision; what follows is not read
_FEWEST_WORDS = 4
_QUOTES = 2


def fit(
    library: Library, vision: str, needs: Sequence[Theme], items: Sequence[Evidence]
) -> tuple[FitLine, ...]:
    """A line for each sentence of ``vision``. ``items`` is everything customers said."""
    said = _sentences(vision)
    if not said:
        return ()
    if not items:
        return tuple(FitLine(sentence=s, theme_id=None, quotes=()) for s in said)
    aims = library.embedder.embed(said)
    near = aims @ np.stack([e.vector for e in items]).T
    likeness = [_likeness(library, aims, theme) for theme in needs]
    return tuple(
        _line(sentence, n, needs, likeness, items, near[n]) for n, sentence in enumerate(said)
    )


def untouched(needs: Sequence[Theme], lines: Sequence[FitLine]) -> tuple[str, ...]:
    """The needs that no sentence is near."""
    touched = {line.theme_id for line in lines}
    return tuple(t.id for t in needs if t.id not in touched)


def _sentences(vision: str) -> list[str]:
    lines = [" ".join(line.lstrip("#*->• ").split()) for line in vision.splitlines()]
    whole = [line[a:b] for line in lines for a, b in sentences(line)]
    return [s for s in whole if len(WORD.findall(s)) >= _FEWEST_WORDS][:_SENTENCES]


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """How near each sentence is to a need, and to each quote of it: (sentences, quotes)."""

    need: NDArray[np.float32]
    quotes: NDArray[np.float32]


def _likeness(library: Library, aims: NDArray[np.float32], theme: Theme) -> _Likeness:
    name, *quotes = library.embedder.embed(
        [f"{theme.label}. {theme.definition}", *(q.text for q in theme.evidence)]
    )
    quoted = aims @ np.stack(quotes).T
    return _Likeness(aims @ name + np.sort(quoted, axis=1)[:, -2:].mean(axis=1), quoted)


def _line(
    sentence: str,
    n: int,
    needs: Sequence[Theme],
    likeness: Sequence[_Likeness],
    items: Sequence[Evidence],
    near: NDArray[np.float32],
) -> FitLine:
    best = max(range(len(needs)), key=lambda t: likeness[t].need[n], default=None)
    if best is not None and likeness[best].need[n] >= _NEED:
        nearest = np.argsort(-likeness[best].quotes[n], kind="stable")[:_QUOTES]
        return FitLine(
            sentence=sentence,
            theme_id=needs[best].id,
            quotes=tuple(needs[best].evidence[int(q)] for q in nearest),
        )
    order = [int(i) for i in np.argsort(-near, kind="stable")[:_QUOTES]]
    alone = tuple(pointed(items[i]) for i in order if near[i] >= _QUOTE)
    return FitLine(sentence=sentence, theme_id=None, quotes=alone)
