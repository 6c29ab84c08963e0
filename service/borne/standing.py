"""What the sentence states and the quotes leave open: what nobody knows, what is but wished for.

And what it finds well where they complain, and the opposite of a word of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest import cues
from service import clauses
from service.clauses import Read

Parts = Sequence[Sequence[Read]]
_PRIVATIVE = ("un", "in", "dis", "non", "im", "ir")


def knows(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """What nobody knows or says by the quotes ("… which freezer it is"), and the sentence does."""
    unknown = {t.group for t in theirs if t.told == "no" and not t.idle}
    unknown -= {t.group for t in theirs if t.told == "yes"}
    for word in mine:
        if word.told == "yes" and word.group in unknown and not word.wished:
            return f"the quotes say that nobody knows about “{word.word}”"
    return None


def has(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """What the quotes only wish for, and the sentence has."""
    only = {t.group for t in theirs if t.desired} - {t.group for t in theirs if not t.desired}
    have = {t.group for t in theirs}
    for number in {w.clause for w in mine}:
        words = [w for w in mine if w.clause == number]
        if any(_reserved(w) for w in words):
            continue
        shared = {w.group for w in words if not w.idle} & have
        if shared and shared <= only:
            return f"the quotes only wish for “{min(shared)}”"
    return None


def _reserved(word: Read) -> bool:
    return (
        word.wished
        or word.hedged
        or word.asked
        or word.denied > 0
        or word.undone
        or word.word in clauses.SPARING
        or deprived(word.word)
    )


_FINE = frozenset(
    """can could able works work worked working fine easily easy well properly good happy satisfied
    reliable reliably right correct correctly quick quickly smoothly available manage manages
    perfect perfectly""".split()
)


def praises(mine: Sequence[Read], others: Parts, parts: Sequence[str]) -> str | None:
    """Whatever the quotes say of the matter denies or complains, and the sentence finds it well."""
    fine = [w for w in mine if w.word in _FINE]
    if not fine or any(w.wished or w.denied or w.undone or w.asked for w in mine):
        return None
    if any(deprived(w.word) or w.word in clauses.SPARING for w in mine):
        return None
    told = {w.group for w in mine if not w.idle}
    denies = False
    for words, part in zip(others, parts, strict=True):
        if not told & {w.group for w in words if not w.idle}:
            continue
        denied = any(w.denied == 3 for w in words)
        well = any(w.word in _FINE and w.denied < 2 for w in words) or cues.LIKING.search(part)
        if well or not (denied or cues.FAILURE.search(part) or cues.FEELING.search(part)):
            return None
        denies = denies or denied
    return f"the quotes do not say that it is “{fine[0].word}”" if denies else None


def contradicts(mine: Sequence[Read], others: Parts) -> str | None:
    """The opposite of a word of the quotes, said there of the same matter."""
    groups = {t.group for words in others for t in words}
    told = {w.group for w in mine if not w.idle}
    for word in mine:
        if word.denied == 3 or word.wished or word.hedged or word.group in groups:
            continue
        for words in others:
            have = {t.word for t in words if t.denied < 3}
            opposed = (clauses.opposites(word.word) & have) or (
                {p + word.word for p in _PRIVATIVE} & have
            )
            if opposed and told & {t.group for t in words if not t.idle}:
                return f"the quotes say “{min(opposed)}”, not “{word.word}”"
    return None


def deprived(word: str) -> bool:
    return word.startswith(("un", "dis", "non", "im", "ir")) and len(word) > 5
