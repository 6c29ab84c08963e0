"""What a text affirms, what it denies and what it only supposes, word by word.

A small reading of English clauses: a negation reaches a few words to the right and no further than
its clause; its *head* is the first word of meaning after it ("did not *sync*"). Words of meaning
are compared by their stems, and a few closed groups of synonyms count as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest import keywords
from service.clause_denials import STOPS, at, contrasted, deny, following, idle, negates, undo
from service.clause_frames import Told, desired, told
from service.clause_parts import parts
from service.clause_words import (
    ABSENT,
    HEDGES,
    IFS,
    OPPOSITES,
    PARTICIPLES,
    PRONOUNS,
    SAYING,
    SUPPOSES,
    SYNONYMS,
    TROUBLED,
    UNDONE,
    WISHES,
)
from service.clause_words import SPARING as SPARING
from service.irregular import base, root

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:.!?…—–()\"“”]|\s-\s")


@dataclass(frozen=True, slots=True)
class Read:
    """A word of meaning or of form, with how it stands in its clause.

    ``denied`` is 3 in the reach of a negation, 2 near a word such as "lost", 1 near one such as
    "late", else 0. ``head``
    marks the first word of meaning after a negation; ``declined`` one that is not *wanted*.
    ``wished`` stands after "want", ``asked`` after "whether", ``hedged`` in a sentence with "if"
    or "might", and ``supposed`` is what a "might" is about. ``bereft`` stands near a word that says
    that something is gone, ``undone`` is such a word or one of trouble itself. ``contrast`` is a
    head after "…, not for". ``told`` and ``desired`` are as in ``service.clause_frames``,
    ``clause`` as in ``service.clause_parts``; ``sentence`` counts up at every stop and semicolon.
    """

    word: str
    stem: str
    group: str
    denied: int
    head: bool
    declined: bool
    wished: bool
    hedged: bool
    supposed: bool
    asked: bool
    idle: bool
    bereft: bool
    undone: bool
    contrast: bool
    told: Told
    desired: bool
    clause: int
    sentence: int


def read(texts: Sequence[str]) -> list[list[Read]]:
    """The words of each text in order."""
    split = [[_plain(t) for t in _TOKEN.findall(text)] for text in texts]
    known = sorted({w for tokens in split for w in tokens if w[0].isalnum()})
    stemmed = keywords.stems([base(w) for w in known])
    stem = {w: (s[0] if s else w) for w, s in zip(known, stemmed, strict=True)}
    return [_read(tokens, stem) for tokens in split]


def opposites(word: str) -> frozenset[str]:
    """The words that say the contrary, from a closed list."""
    return OPPOSITES.get(word, frozenset())


def _read(tokens: Sequence[str], stem: dict[str, str]) -> list[Read]:
    size = len(tokens)
    denied, heads, declined = [0] * size, set[int](), set[int]()
    bereft = [0] * size
    wished, supposed = [False] * size, set[int]()
    for n, word in enumerate(tokens):
        if word in UNDONE or word in TROUBLED:
            undo(tokens, denied, n, 2 if word in UNDONE else 1)
        if word in ABSENT:
            undo(tokens, bereft, n, 1)
        if negates(tokens, n):
            deny(tokens, n, denied, heads, declined)
        if word in WISHES:
            for k in range(n + 1, min(size, n + 31)):
                if tokens[k] in STOPS:
                    break
                wished[k] = True
        if _supposes(tokens, n):
            found = following(tokens, n + 1, cross=False)
            if found is not None and tokens[found] not in SAYING | WISHES:
                supposed.add(found)
    hedged, asked = _hedged(tokens), _open(tokens)
    known, wanted, clause = told(tokens, denied), desired(tokens), parts(tokens)
    sentence = list(accumulate(token in STOPS for token in ["", *tokens][:size]))
    return [
        Read(
            word=word,
            stem=stem[word],
            group=SYNONYMS.get(word) or root(stem[word]),
            denied=denied[n],
            head=n in heads,
            declined=n in declined,
            wished=wished[n],
            hedged=hedged[n],
            supposed=n in supposed,
            asked=asked[n],
            idle=idle(word),
            bereft=bool(bereft[n]),
            undone=word in UNDONE,
            contrast=n in heads and contrasted(tokens, n),
            told=known[n],
            desired=wanted[n],
            clause=clause[n],
            sentence=sentence[n],
        )
        for n, word in enumerate(tokens)
        if word[0].isalnum()
    ]


def _supposes(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], at(tokens, n + 1)
    if word.endswith("'d") and word[:-2] in PRONOUNS:
        had = behind in PARTICIPLES or behind.endswith(("ed", "en"))  # "I'd told him"
        return not had and behind != "better"
    return word in SUPPOSES or (word in ("thinking", "thought") and behind in ("about", "of"))


def _hedged(tokens: Sequence[str]) -> list[bool]:
    """By sentences: whether each word stands in one with an "if" or a "might"."""
    out: list[bool] = []
    start = 0
    for n in range(len(tokens) + 1):
        if n == len(tokens) or tokens[n] in STOPS:
            part = tokens[start : n + 1]
            asks = n < len(tokens) and tokens[n] == "?"
            hedge = asks or any(w in HEDGES or w.endswith("'d") for w in part)
            out += [hedge] * len(part)
            start = n + 1
    return out[: len(tokens)]


def _open(tokens: Sequence[str]) -> list[bool]:
    """Whether each word follows an "if" or a "whether" in its clause."""
    out, now = [], False
    for word in tokens:
        now = word in IFS or (now and word not in STOPS and word != ",")
        out.append(now)
    return out


def _plain(token: str) -> str:
    return token.lower().replace("’", "'").replace("ain't", "isn't")
