"""What the quotes deny is not affirmed, and what they affirm is not denied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest import cues
from service import clauses
from service.borne.standing import Parts, contradicts, deprived, has, knows, praises
from service.borne.supposing import supposed_only
from service.clause_words import ABSENT, SPARES, WISHES
from service.clauses import Read

# Verbs and adjectives that judge: a complaint bears that one does not trust, like, manage.
_JUDGES = (
    frozenset(
        """trust believe rely like love enjoy work help suit fit happy satisfied content pleased
    keen glad good fine well right enough useful usable acceptable easy simple possible clear sure
    certain manage cope afford convenient confident comfortable worth able care matter""".split()
    )
    | WISHES
)
_COMPLEMENT = frozenset("that when because if until before after while where which who".split())
_COMPLAINTS = (cues.FAILURE, cues.FEELING, cues.WORKAROUND)
_NEAR = 5  # words of meaning behind a "not" that it surely reaches

_UN = ("under", "uni", "until", "unless", "unto")
_OR = re.compile(r"\b(?:or|if|unless|otherwise|until)\b", re.IGNORECASE)
_AUXILIARY_NOT = frozenset(("not", "never", "cannot"))
_NOTS = _AUXILIARY_NOT | {"no", "without"}


def gainsaid(mine: Sequence[Read], others: Parts, parts: Sequence[str], text: str) -> str | None:
    """Why the sentence stands against its quotes; ``None`` when it does not.

    ``parts`` are the sentences of the quotes; ``mine`` and ``others`` are sentence and parts read.
    """
    theirs = [word for words in others for word in words]
    return (
        _denies(mine, others, parts)
        or _affirms(mine, others)
        or _overlooks(mine, others)
        or knows(mine, theirs)
        or has(mine, theirs)
        or praises(mine, others, parts)
        or contradicts(mine, others)
        or supposed_only(mine, others, text, parts)
    )


def _denies(mine: Sequence[Read], others: Parts, parts: Sequence[str]) -> str | None:
    """A "not" in the sentence that is not in the quotes.

    A word that the quotes have has to be denied there, or to be what is lost or fails. For a word
    that they do not have, what is said of the same matter has to deny something.
    """
    theirs = [word for words in others for word in words]
    for n, word in enumerate(mine):
        if not word.head or word.declined:
            continue
        reach = _reach(mine, n)
        for one in reach:
            same = [t for t in theirs if t.group == one.group]
            if (
                one.word in ABSENT
                and one.denied == 3
                and same
                and not any(_denied(t) for t in same)
            ):
                return f"the quotes do not deny “{one.word}”"
        if word.contrast and _contrasts(mine, reach, theirs, parts):
            continue
        if word.wished and _complains(others, parts):
            continue  # "they need a report that does not …": a wish for the contrary
        same = [t for t in theirs if t.group == word.group]
        if _conditional(mine, n) and not same:
            continue  # "if nobody answers" denies nothing
        if _conditional(mine, n) and any(
            _OR.search(part)
            for part, words in zip(parts, others, strict=True)
            if any(t.group == word.group for t in words)
        ):
            continue  # "when it is not sent back": "send it back or they charge you"
        if same and word.word not in WISHES:  # "do not want it changed": "don't touch it"
            sparing = any(
                any(t.word in SPARES for t in words)
                for words in others
                if any(t.group == word.group for t in words)
            )
            if not sparing and not any(_denied(t) or deprived(t.word) for t in same):
                return f"the quotes do not deny “{word.word}”"
            continue
        if not _denied_near(word, reach, mine, others, parts):
            return f"the quotes deny nothing of it (“not … {word.word}”)"
    return None


def _complains(others: Parts, parts: Sequence[str]) -> bool:
    families = (*_COMPLAINTS, cues.WISH, cues.NEGATION)
    return any(f.search(p) for f in families for p in parts) or any(
        w.denied > 1 for words in others for w in words
    )


def _conditional(mine: Sequence[Read], n: int) -> bool:
    return any(w.word in ("if", "when", "unless", "whenever") for w in mine[max(0, n - 8) : n])


def _denied(word: Read) -> bool:
    return word.denied == 3 or word.bereft or word.desired


def _reach(mine: Sequence[Read], n: int) -> list[Read]:
    """The head of a negation and the words of meaning behind it that it surely reaches."""
    found: list[Read] = []
    for word in mine[n:]:
        if found and (word.word in _COMPLEMENT or word.clause != mine[n].clause):
            break
        if not word.idle and word.denied >= 2 - (word is mine[n]):
            found.append(word)
        if len(found) == _NEAR:
            break
    return found


def _contrasts(
    mine: Sequence[Read], reach: Sequence[Read], theirs: Sequence[Read], parts: Sequence[str]
) -> bool:
    """ "…, and not in dollars": borne by any denial of the phrase, or by a wish for the other."""
    groups = {w.group for w in reach}
    if any(t.group in groups and t.denied > 1 for t in theirs):
        return True
    wished = any(w.wished or w.hedged for w in mine)
    return wished and any(cues.WISH.search(p) or cues.NEGATION.search(p) for p in parts)


def _denied_near(
    head: Read,
    reach: Sequence[Read],
    mine: Sequence[Read],
    others: Parts,
    parts: Sequence[str],
) -> bool:
    """Whether what the quotes say of the same matter denies anything."""
    have = {t.group for words in others for t in words}
    about = {w.group for w in reach} | {w.group for w in mine if w.clause == head.clause}
    about &= have - {w.group for words in (*others, mine) for w in words if w.idle}
    for n, words in enumerate(others):
        if about and not about & {w.group for w in words}:
            continue
        if any(w.denied == 3 or w.bereft or deprived(w.word) for w in words):
            return True
        if any(w.denied == 3 for w in (others[n + 1] if n + 1 < len(others) else ())):
            return True  # "The export? It does not exist."
        if cues.NEGATION.search(parts[n]) or any(w.word in SPARES for w in words):
            return True
        if clauses.opposites(head.word) & {w.word for w in words}:
            return True
        if any(w.undone for w in words) and not about & {w.group for w in words if w.denied < 2}:
            return True
        if head.word in _JUDGES and (
            cues.FAILURE.search(parts[n]) or cues.FEELING.search(parts[n])
        ):
            return True
    return False


def _affirms(mine: Sequence[Read], others: Parts) -> str | None:
    """A "not" of the quotes that is not in the sentence."""
    theirs = [word for words in others for word in words]
    denied = {t.group for t in theirs if t.head}
    declined = {t.group for t in theirs if t.declined}
    affirmed = {t.group for t in theirs if t.denied < 3}
    only = denied - affirmed - {w.group for w in mine if w.denied > 1}
    have = {t.group for t in theirs}
    told = _matter(mine)
    for n, word in enumerate(mine):
        if word.idle or word.group not in only or word.denied > 1:
            continue
        if any(w.word in _AUXILIARY_NOT or w.word.endswith("n't") for w in mine[n + 1 : n + 4]):
            continue  # "a replacement cannot be found"
        if word.asked or (word.wished and word.group not in declined):
            continue
        if any(_undoes(w.word) for w in mine if w.clause == word.clause):
            continue  # "they go unpaid": it says the same
        alone = _matter(w for w in mine if w.clause == word.clause) & have <= only
        if alone or any(_shared(words, word.group, told) for words in others):
            return f"the quotes say “{word.word}” only with a “not”"
    return None


def _matter(words: Iterable[Read]) -> set[str]:
    """The words of meaning, by their groups."""
    return {w.group for w in words if not (w.idle or _bare_not(w.word))}


def _undoes(word: str) -> bool:
    return word.startswith("un") and len(word) > 5 and not word.startswith(_UN)


def _bare_not(word: str) -> bool:
    return word in _NOTS or word.endswith("n't")


def _shared(words: Sequence[Read], group: str, told: set[str]) -> bool:
    """Whether the sentence tells of a clause that denies ``group``, and not of that word alone."""
    for head in words:
        if head.head and head.group == group:
            clause = _matter(w for w in words if w.clause == head.clause)
            if len(clause & told) >= 2 or clause <= told:
                return True
    return False


def _overlooks(mine: Sequence[Read], others: Sequence[Sequence[Read]]) -> str | None:
    """A sentence that denies nothing, of the words that a sentence of the quotes denies."""
    if any(w.denied > 1 or w.undone or w.word in clauses.SPARING or deprived(w.word) for w in mine):
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
