"""What the quotes deny is not affirmed, and what they affirm is not denied."""

from __future__ import annotations

from collections.abc import Sequence

from ingest import cues, gate
from service import clauses
from service.borne.supposing import supposed_only
from service.clauses import Read

_PRIVATIVE = ("un", "in", "dis", "non", "im", "ir")


def gainsaid(text: str, said: Sequence[str]) -> str | None:
    parts = [one[a:b] for one in said for a, b in gate.whole_sentences(one)]
    mine, *others = clauses.read([text, *parts])
    theirs = [word for words in others for word in words]
    return (
        _denies(mine, theirs, said)
        or _affirms(mine, theirs)
        or _overlooks(mine, others)
        or _contradicts(mine, theirs)
        or supposed_only(mine, theirs, text, said)
    )


def _denies(mine: Sequence[Read], theirs: Sequence[Read], said: Sequence[str]) -> str | None:
    """A "not" in the sentence that is not in the quotes."""
    negative: bool | None = None
    for word in mine:
        if not word.head or word.declined:
            continue
        same = [t for t in theirs if t.group == word.group]
        if same:
            sparing = any(t.word in clauses.SPARING for t in theirs)
            if not sparing and not any(t.denied or _deprived(t.word) for t in same):
                return f"the quotes do not deny “{word.word}”"
            continue
        if negative is None:
            negative = any(t.denied for t in theirs) or any(
                family.search(one)
                for one in said
                for family in (cues.FAILURE, cues.FEELING, cues.CONTENT, cues.NEGATION)
            )
        if not negative and not any(_deprived(t.word) for t in theirs):
            return f"the quotes deny nothing (“not … {word.word}”)"
    return None


def _affirms(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """A "not" of the quotes that is not in the sentence."""
    denied = {t.group for t in theirs if t.head}
    declined = {t.group for t in theirs if t.declined}
    affirmed = {t.group for t in theirs if t.denied < 3}
    only = denied - affirmed
    for word in mine:
        if word.denied > 1 or word.idle or word.group not in only:
            continue
        if word.asked or (word.wished and word.group not in declined):
            continue
        return f"the quotes say “{word.word}” only with a “not”"
    return None


def _overlooks(mine: Sequence[Read], others: Sequence[Sequence[Read]]) -> str | None:
    """A sentence that denies nothing, of the words that a sentence of the quotes denies."""
    if any(w.denied > 1 or w.word in clauses.SPARING or _deprived(w.word) for w in mine):
        return None
    wanted = {w.group for w in mine if not w.idle}
    wished = {w.group for w in mine if w.wished}
    affirmed = {w.group for words in others for w in words if w.denied < 3}
    for words in others:
        shared = {w.group for w in words if not w.idle} & wanted
        denied = ({w.group for w in words if w.denied == 3} & shared) - affirmed
        if not any(w.declined for w in words):
            denied -= wished  # "There is no export": one can wish for it
        if len(shared) >= 2 and 2 * len(denied) >= len(shared):
            return f"the quotes say “{' … '.join(sorted(denied))}” with a “not”"
    return None


def _contradicts(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """The opposite of a word of the quotes, which they do not have."""
    have = {t.word for t in theirs if t.denied < 3}
    groups = {t.group for t in theirs}
    for word in mine:
        if word.denied == 3 or word.wished or word.hedged or word.group in groups:
            continue
        opposed = clauses.opposites(word.word) & have
        deprived = {p + word.word for p in _PRIVATIVE} & have
        if opposed or deprived:
            return f"the quotes say “{min(opposed | deprived)}”, not “{word.word}”"
    return None


def _deprived(word: str) -> bool:
    return word.startswith(("un", "dis", "non", "im", "ir")) and len(word) > 5
