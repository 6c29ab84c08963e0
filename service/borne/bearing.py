"""Whether a sentence is about the matter of its quotes at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from ingest import keywords
from ingest.library import Library
from service import amounts
from service.borne.known import Known
from service.clauses import Read
from service.irregular import base, root
from service.offtopic import offtopic
from service.said import idle_stems
from service.shapes import Quote

Near = Callable[[str, Sequence[str]], bool]


_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2  # words of meaning that a clause has, before one of them has to be in the quotes
_SAYS_NOTHING = frozenset(
    """something nothing anything everything else end ends ended ending begin begins began start
    starts started happen happens happened become becomes became keep keeps kept great matter
    matters whole part parts several various certain already soon instead together alone first
    second last next then others another around away turn turns turned remain remains remained
    stay stays stayed good well better bad worse new old big small long short full high low right
    wrong real true different same able sure possible simply rather nearly almost""".split()
)
_BANK = 0.96  # of the bank of other topics, that a sentence has to be farther from


def nearness(library: Library) -> Near:
    """Whether a sentence is nearer to its quotes than to most of the bank of other topics.

    It bears almost anything that has no name or number in it, so ``borne`` asks it about wishes
    alone: a need says in general words what is behind a complaint. No statement rests on it.
    """

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
    mine, named, *theirs = (content(s) for s in stems([text, names, *said]))
    wanted = mine - named
    if any(wanted & one for one in theirs):
        return None
    if near is not None and near(text, said):
        return None
    return "it has nothing to do with the quotes"


def unlike_in_part(
    mine: Sequence[Read],
    others: Sequence[Sequence[Read]],
    quotes: Sequence[Quote],
    known: Known,
    *,
    wish: bool,
) -> str | None:
    """A clause of the sentence that shares nothing with the quotes: "…, and ruins careers".

    What a clause says beyond its names and words of form has to be there in part, if it is more
    than a single word. A ``wish`` says in general words why and how; of it only what is added as
    a fact is held so: a second sentence, or a verb that goes on with "and".
    """
    names = " ".join([*(q.speaker for q in quotes), *known.names.values()])
    named = {n for one in keywords.stems([names]) for n in one}
    have = {root(t.group) for words in others for t in words}
    for number in sorted({w.clause for w in mine}):
        words = [w for w in mine if w.clause == number]
        told = {
            root(w.group)
            for w in words
            if not w.idle
            and w.stem not in named
            and len(w.stem) > 2
            and w.stem not in idle_stems()
            and w.word not in _SAYS_NOTHING
            and not amounts.is_number(w.word)
        }
        if len(told) < _ENOUGH or told & have or (wish and not _adds(mine, words)):
            continue
        clause = " ".join(w.word for w in words)
        return f"“{clause}” has nothing to do with the quotes"
    return None


def _adds(mine: Sequence[Read], words: Sequence[Read]) -> bool:
    """Whether a clause is a sentence of its own, or goes on with "and ruins …"."""
    if words[0].sentence > mine[0].sentence:
        return True
    return len(words) > 1 and words[0].word == "and" and words[1].word.endswith("s")


def content(words: Sequence[str]) -> set[str]:
    """The stems that tell what something is about."""
    return {root(s) for s in words if len(s) > 2 and not s.isdigit() and s not in idle_stems()}


def stems(texts: Sequence[str]) -> list[list[str]]:
    """The stems of each text's words by their base forms: "paid" is "pay"."""
    plainer = (_WORD.sub(lambda m: base(m.group().lower()), text) for text in texts)
    return keywords.stems(list(plainer))
