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
from service import amounts
from service.clause_frames import Told, desired, told
from service.clause_parts import parts
from service.clause_words import (
    ABSENT,
    ASKED,
    FILLER,
    HEDGES,
    IFS,
    NAUGHT,
    NO_NEGATION_BEFORE,
    NOT,
    NOT_ING,
    NOT_TO,
    OPPOSITES,
    PARTICIPLES,
    PASSED_OVER,
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
_STOPS = frozenset(".!?;…")
_OBJECTS = frozenset("it them him her us me you that this one".split())
_PHRASE = frozenset("a an the for in on at with by of to from his her their its my our".split())
_SCOPE = 8  # words
_NEAR = 4  # words, on either side of what undoes them


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
            _undo(tokens, denied, n, 2 if word in UNDONE else 1)
        if word in ABSENT:
            _undo(tokens, bereft, n, 1)
        if _negates(tokens, n):
            _deny(tokens, n, denied, heads, declined)
        if word in WISHES:
            for k in range(n + 1, min(size, n + 31)):
                if tokens[k] in _STOPS:
                    break
                wished[k] = True
        if _supposes(tokens, n):
            found = _next(tokens, n + 1, cross=False)
            if found is not None and tokens[found] not in SAYING | WISHES:
                supposed.add(found)
    hedged, asked = _hedged(tokens), _open(tokens)
    known, wanted, clause = told(tokens, denied), desired(tokens), parts(tokens)
    sentence = list(accumulate(token in _STOPS for token in ["", *tokens][:size]))
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
            idle=_idle(word),
            bereft=bool(bereft[n]),
            undone=word in UNDONE,
            contrast=n in heads and _contrasted(tokens, n),
            told=known[n],
            desired=wanted[n],
            clause=clause[n],
            sentence=sentence[n],
        )
        for n, word in enumerate(tokens)
        if word[0].isalnum()
    ]


def _idle(word: str) -> bool:
    """Whether a word means nothing by itself, also "I'm" and "they've"."""
    return word in PASSED_OVER or ("'" in word and word.partition("'")[0] in PASSED_OVER)


def _contrasted(tokens: Sequence[str], n: int) -> bool:
    """Whether the "not" of a head stands before a phrase and not a verb: "…, not for the lid"."""
    for k in range(n - 1, max(-1, n - 5), -1):
        if tokens[k] == "not":
            return _at(tokens, k - 1) in (",", "and", "but", ";") and (
                tokens[k + 1] in _PHRASE or k + 1 == n
            )
    return False


def _at(tokens: Sequence[str], n: int) -> str:
    return tokens[n] if 0 <= n < len(tokens) else ""


def _supposes(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], _at(tokens, n + 1)
    if word.endswith("'d") and word[:-2] in PRONOUNS:
        had = behind in PARTICIPLES or behind.endswith(("ed", "en"))  # "I'd told him"
        return not had and behind != "better"
    return word in SUPPOSES or (word in ("thinking", "thought") and behind in ("about", "of"))


def _negates(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], _at(tokens, n + 1)
    if behind == "suppose":
        return False  # "I don't suppose you could": asks for it
    if word.endswith("n't") or word == "cannot":
        # "…, isn't it?" asks for assent.
        tag = _at(tokens, n + 2) in ("?", ".", ",") and behind in PRONOUNS and _tag(tokens, n)
        return not tag
    if word in NOT_TO:
        return behind == "to" or word == "unable"
    if word in NOT_ING:
        return behind.endswith("ing")
    word = word.removesuffix("'s").removesuffix("'d").removesuffix("'ll")  # "nobody's told"
    if word not in NOT:
        return False
    if word == "no" and _at(tokens, n - 1) in ("say", "says", "said", "saying", "answered"):
        return False  # "the guard said no"
    if word == "no" and (
        not (behind and behind[0].isalnum())
        or _at(tokens, n - 1) in ("a", "the", "that", "or", "if")
    ):
        return False  # an answer
    if word == "no" and behind in ("no", "yeah", "i", "we", "it", "that's", "they"):
        return False
    if word == "not" and behind in ("only", "just", "to") and _at(tokens, n + 2) != "be":
        return behind == "to" and _at(tokens, n + 2) != "mention"
    if word in ("no", "never", "not") and behind in NO_NEGATION_BEFORE - {"to", "just"}:
        return False
    # "Could not live without": both together affirm.
    return not (
        word == "without"
        and any(_bare_not(tokens[k]) for k in range(max(0, n - 2), n))
        and not any(t in _STOPS or t == "," for t in tokens[max(0, n - 2) : n])
    )


def _bare_not(word: str) -> bool:
    return word in ("not", "never", "cannot") or word.endswith("n't")


def _tag(tokens: Sequence[str], n: int) -> bool:
    return _at(tokens, n - 1) in (",", "") and _at(tokens, n + 2) == "?"


def _deny(
    tokens: Sequence[str], n: int, denied: list[int], heads: set[int], declined: set[int]
) -> None:
    if "without" in (_at(tokens, n + 1), _at(tokens, n + 2)) and _bare_not(tokens[n]):
        return
    reach = 0
    for k in range(n + 1, len(tokens)):
        if tokens[k] in _STOPS or tokens[k] in ("but", "because", "although", "—"):
            break
        if reach and tokens[k] in ASKED:
            break  # "I couldn't tell you how they managed"
        if tokens[k] == "," and not _beside_filler(tokens, k):
            break
        if not tokens[k][0].isalnum():
            continue
        reach += 1
        if reach > _SCOPE:
            break
        denied[k] = 3
    cut = _at(tokens, n + 1) == "," and _at(tokens, n + 2) not in FILLER
    if tokens[n] == "without" and _at(tokens, n + 1) in _OBJECTS:
        return  # "without it"
    found = None if cut else _next(tokens, n + 1, cross=True)
    if tokens[n] in NAUGHT and _at(tokens, n - 1)[:1].isalnum():
        # "Wants nothing", "gets nothing".
        denied[n - 1] = 3
    if found is None:
        _deny_before(tokens, n, denied, heads)
        return
    heads.add(found)
    denied[found] = 3
    if _forbids(tokens, n):
        declined.add(found)
    if tokens[found] in WISHES:
        beyond = _next(tokens, found + 1, cross=False)
        if beyond is not None:
            heads.add(beyond)
            declined.add(beyond)


def _forbids(tokens: Sequence[str], n: int) -> bool:
    """ "Do not change the drawers": who forbids it does not want it either."""
    do = n - 1 if tokens[n] in ("not", "never") and _at(tokens, n - 1) == "do" else n
    if do == n and tokens[n] not in ("don't", "never"):
        return False
    before = _at(tokens, do - 1)
    return before in ("", ",", "please", "just", "and", "but", "so") or before in _STOPS


def _deny_before(tokens: Sequence[str], n: int, denied: list[int], heads: set[int]) -> None:
    """ "If he's on a beach, don't." "First month, nothing." """
    before = _at(tokens, n - 1)
    sure = before == "," and (tokens[n] in NAUGHT or tokens[n].endswith("n't"))
    last = None
    for k in range(n - 1, max(-1, n - 1 - 2 * _SCOPE), -1):
        if tokens[k] in _STOPS:
            break
        if k < n - 1 and tokens[k] in (",", "and", "but"):
            sure = False
        denied[k] = max(denied[k], 3 if sure else 2)
        if sure and last is None and tokens[k][0].isalnum() and not _idle(tokens[k]):
            last = k
    if last is not None:
        heads.add(last)


def _next(tokens: Sequence[str], n: int, *, cross: bool) -> int | None:
    """The first word of meaning from ``n`` on; ``cross`` passes over "…, honestly, …"."""
    for k in range(n, min(len(tokens), n + 9)):
        word = tokens[k]
        if word in _STOPS or word in ("but", "because", "—", "–", " - "):
            return None
        if word == "," and not (cross and _beside_filler(tokens, k)):
            return None
        if word == "and" and cross:
            return None
        if not word[0].isalnum():
            continue
        if word == "like" and _at(tokens, k + 1) == ",":
            continue
        aside = _at(tokens, k - 1) in ("you", "i") and _at(tokens, k + 1) == ","
        if word in ("know", "mean") and not aside:
            return k
        if word in PASSED_OVER or word in FILLER - {"like"} or amounts.is_number(word):
            continue
        return k
    return None


def _beside_filler(tokens: Sequence[str], comma: int) -> bool:
    if not (_at(tokens, comma + 1) in FILLER or _at(tokens, comma - 1) in FILLER):
        return False
    behind = comma + 1
    while _fills(tokens, behind) or _at(tokens, behind) == ",":
        behind += 1
    return _at(tokens, behind) not in PRONOUNS  # "it doesn't, er, you have to": begun anew


def _fills(tokens: Sequence[str], n: int) -> bool:
    word, behind = _at(tokens, n), _at(tokens, n + 1)
    return word in FILLER and (word not in ("you", "i") or behind in ("know", "mean"))


def _undo(tokens: Sequence[str], denied: list[int], n: int, how: int) -> None:
    for step in (1, -1):
        k = n + step
        for _ in range(_NEAR + 1):
            if not 0 <= k < len(tokens) or tokens[k] in _STOPS:
                break
            denied[k] = max(denied[k], how)
            k += step


def _hedged(tokens: Sequence[str]) -> list[bool]:
    """By sentences: whether each word stands in one with an "if" or a "might"."""
    out: list[bool] = []
    start = 0
    for n in range(len(tokens) + 1):
        if n == len(tokens) or tokens[n] in _STOPS:
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
        now = word in IFS or (now and word not in _STOPS and word != ",")
        out.append(now)
    return out


def _plain(token: str) -> str:
    return token.lower().replace("’", "'").replace("ain't", "isn't")
