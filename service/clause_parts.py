"""Where a sentence falls into clauses with a verb of their own: "It rings and nobody comes"."""

from __future__ import annotations

from collections.abc import Sequence

from service.irregular import BASE

_JOINS = frozenset("and but or nor so yet while whereas although because plus".split())
_BREAKS = frozenset((";", "—", "–", " - ", ":"))
_STOPS = frozenset(".!?…")
_ENDS = _JOINS | _BREAKS | _STOPS
_LONG = 40  # words; within these a clause shows its verb
_FINITE = frozenset(
    """is are was were am be been isn't aren't wasn't weren't has have had hasn't haven't hadn't do
    does did don't doesn't didn't can can't cannot could couldn't will won't would wouldn't shall
    should shouldn't must mustn't may might ought gets get got goes go""".split()
)
_NO_OBJECT = frozenset(
    """of in on at to for with by from as than and or but nor is are was were has have had do does
    did can could will would that which who when where while because""".split()
)
_SUBJECTS = frozenset("the a an it this that their his her its he she our".split())
_FAR = 3  # words before a verb that ends its clause
_ADVERBS = frozenset(
    "then also even still now never always often just only later instead thus therefore".split()
)
# What ends like a verb and is none.
_NO_VERB = frozenset(
    "need red bed shed speed indeed instead hundred kindred sacred this his its as us was less "
    "across perhaps always yes plus versus sometimes".split()
)


def parts(tokens: Sequence[str]) -> list[int]:
    """For every token the number of its clause, from 0 on."""
    starts = [0]
    for n, word in enumerate(tokens):
        if word in _STOPS or word in _BREAKS:
            start = n + 1
        elif word in _JOINS:
            start = n
        else:
            continue
        if start >= len(tokens):
            continue
        sure = word in _BREAKS or word in _STOPS
        if _verbal(tokens, max(starts[-1], n - _LONG), n, sure=False) and (
            _verbal(tokens, n + 1, _end(tokens, n + 1), sure=not sure)
        ):
            starts.append(start)
    numbers, now = [], 0
    for n in range(len(tokens)):
        now += now + 1 < len(starts) and starts[now + 1] <= n
        numbers.append(now)
    return numbers


def _end(tokens: Sequence[str], n: int) -> int:
    stop = min(len(tokens), n + _LONG)
    while n < stop and tokens[n] not in _ENDS:
        n += 1
    return n


def _verbal(tokens: Sequence[str], first: int, end: int, *, sure: bool) -> bool:
    """Whether these tokens have a finite verb; a verb in -s is only seen at the beginning."""
    words = [w for w in tokens[first:end] if w[0].isalpha()]
    if any(w in _FINITE or w.endswith("n't") for w in words):
        return True
    for w in words:
        past = w.endswith("ed") or (w in BASE and BASE[w] != w)
        if past and len(w) > 2 and w not in _NO_VERB:
            return True
    opening = [w for w in words if w not in _ADVERBS]
    if not sure:
        return _says(tokens[first:end])
    if len(opening) < 2:
        return False
    if opening[0] in _SUBJECTS:
        return _says(opening)
    word, behind = opening[:2]
    if word in BASE and BASE[word] == word:
        return behind not in _NO_OBJECT
    return (
        word.endswith("s") and not word.endswith("ss") and word not in _NO_VERB
    ) and behind not in _NO_OBJECT


def _says(tokens: Sequence[str]) -> bool:
    """Whether a verb in the present may stand here: "the alarm costs lives", "it rings"."""
    for n, word in enumerate(tokens[1:], start=1):
        behind = tokens[n + 1] if n + 1 < len(tokens) else ""
        ends = word.endswith("s") and not word.endswith("ss") and word not in _NO_VERB
        if not (ends or BASE.get(word) == word):
            continue
        if behind[:1].isalpha() and behind not in _NO_OBJECT - {"to"}:
            return True
        if not behind and tokens[0] in _SUBJECTS and n <= _FAR:
            return True
    return False
