"""How far a "not" reaches, and a word of loss: which words of a clause they undo."""

from __future__ import annotations

from collections.abc import Sequence

from service import amounts
from service.clause_words import (
    ASKED,
    FILLER,
    NAUGHT,
    NO_NEGATION_BEFORE,
    NOT,
    NOT_ING,
    NOT_TO,
    PASSED_OVER,
    PRONOUNS,
    WISHES,
)

_OBJECTS = frozenset("it them him her us me you that this one".split())

_PHRASE = frozenset("a an the for in on at with by of to from his her their its my our".split())

_SCOPE = 8  # words

_NEAR = 4  # words, on either side of what undoes them

STOPS = frozenset(".!?;…")


def negates(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], at(tokens, n + 1)
    if behind == "suppose":
        return False  # "I don't suppose you could": asks for it
    if word.endswith("n't") or word == "cannot":
        # "…, isn't it?" asks for assent.
        tag = at(tokens, n + 2) in ("?", ".", ",") and behind in PRONOUNS and _tag(tokens, n)
        return not tag
    if word in NOT_TO:
        return behind == "to" or word == "unable"
    if word in NOT_ING:
        return behind.endswith("ing")
    word = word.removesuffix("'s").removesuffix("'d").removesuffix("'ll")  # "nobody's told"
    if word not in NOT:
        return False
    if word == "no" and at(tokens, n - 1) in ("say", "says", "said", "saying", "answered"):
        return False  # "the guard said no"
    if word == "no" and (
        not (behind and behind[0].isalnum())
        or at(tokens, n - 1) in ("a", "the", "that", "or", "if")
    ):
        return False  # an answer
    if word == "no" and behind in ("no", "yeah", "i", "we", "it", "that's", "they"):
        return False
    if word == "not" and behind in ("only", "just", "to") and at(tokens, n + 2) != "be":
        return behind == "to" and at(tokens, n + 2) != "mention"
    if word in ("no", "never", "not") and behind in NO_NEGATION_BEFORE - {"to", "just"}:
        return False
    # "Could not live without": both together affirm.
    return not (
        word == "without"
        and any(_bare_not(tokens[k]) for k in range(max(0, n - 2), n))
        and not any(t in STOPS or t == "," for t in tokens[max(0, n - 2) : n])
    )


def _bare_not(word: str) -> bool:
    return word in ("not", "never", "cannot") or word.endswith("n't")


def _tag(tokens: Sequence[str], n: int) -> bool:
    return at(tokens, n - 1) in (",", "") and at(tokens, n + 2) == "?"


def deny(
    tokens: Sequence[str], n: int, denied: list[int], heads: set[int], declined: set[int]
) -> None:
    if "without" in (at(tokens, n + 1), at(tokens, n + 2)) and _bare_not(tokens[n]):
        return
    reach = 0
    for k in range(n + 1, len(tokens)):
        if tokens[k] in STOPS or tokens[k] in ("but", "because", "although", "—"):
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
    cut = at(tokens, n + 1) == "," and at(tokens, n + 2) not in FILLER
    if tokens[n] == "without" and at(tokens, n + 1) in _OBJECTS:
        return  # "without it"
    found = None if cut else following(tokens, n + 1, cross=True)
    if tokens[n] in NAUGHT and at(tokens, n - 1)[:1].isalnum():
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
        beyond = following(tokens, found + 1, cross=False)
        if beyond is not None:
            heads.add(beyond)
            declined.add(beyond)


def _forbids(tokens: Sequence[str], n: int) -> bool:
    """ "Do not change the drawers": who forbids it does not want it either."""
    do = n - 1 if tokens[n] in ("not", "never") and at(tokens, n - 1) == "do" else n
    if do == n and tokens[n] not in ("don't", "never"):
        return False
    before = at(tokens, do - 1)
    return before in ("", ",", "please", "just", "and", "but", "so") or before in STOPS


def _deny_before(tokens: Sequence[str], n: int, denied: list[int], heads: set[int]) -> None:
    """ "If he's on a beach, don't." "First month, nothing." """
    before = at(tokens, n - 1)
    sure = before == "," and (tokens[n] in NAUGHT or tokens[n].endswith("n't"))
    last = None
    for k in range(n - 1, max(-1, n - 1 - 2 * _SCOPE), -1):
        if tokens[k] in STOPS:
            break
        if k < n - 1 and tokens[k] in (",", "and", "but"):
            sure = False
        denied[k] = max(denied[k], 3 if sure else 2)
        if sure and last is None and tokens[k][0].isalnum() and not idle(tokens[k]):
            last = k
    if last is not None:
        heads.add(last)


def following(tokens: Sequence[str], n: int, *, cross: bool) -> int | None:
    """The first word of meaning from ``n`` on; ``cross`` passes over "…, honestly, …"."""
    for k in range(n, min(len(tokens), n + 9)):
        word = tokens[k]
        if word in STOPS or word in ("but", "because", "—", "–", " - "):
            return None
        if word == "," and not (cross and _beside_filler(tokens, k)):
            return None
        if word == "and" and cross:
            return None
        if not word[0].isalnum():
            continue
        if word == "like" and at(tokens, k + 1) == ",":
            continue
        aside = at(tokens, k - 1) in ("you", "i") and at(tokens, k + 1) == ","
        if word in ("know", "mean") and not aside:
            return k
        if word in PASSED_OVER or word in FILLER - {"like"} or amounts.is_number(word):
            continue
        return k
    return None


def _beside_filler(tokens: Sequence[str], comma: int) -> bool:
    if not (at(tokens, comma + 1) in FILLER or at(tokens, comma - 1) in FILLER):
        return False
    behind = comma + 1
    while _fills(tokens, behind) or at(tokens, behind) == ",":
        behind += 1
    return at(tokens, behind) not in PRONOUNS  # "it doesn't, er, you have to": begun anew


def _fills(tokens: Sequence[str], n: int) -> bool:
    word, behind = at(tokens, n), at(tokens, n + 1)
    return word in FILLER and (word not in ("you", "i") or behind in ("know", "mean"))


def undo(tokens: Sequence[str], denied: list[int], n: int, how: int) -> None:
    for step in (1, -1):
        k = n + step
        for _ in range(_NEAR + 1):
            if not 0 <= k < len(tokens) or tokens[k] in STOPS:
                break
            denied[k] = max(denied[k], how)
            k += step


def contrasted(tokens: Sequence[str], n: int) -> bool:
    """Whether the "not" of a head stands before a phrase and not a verb: "…, not for the lid"."""
    for k in range(n - 1, max(-1, n - 5), -1):
        if tokens[k] == "not":
            return at(tokens, k - 1) in (",", "and", "but", ";") and (
                tokens[k + 1] in _PHRASE or k + 1 == n
            )
    return False


def idle(word: str) -> bool:
    """Whether a word means nothing by itself, also "I'm" and "they've"."""
    return word in PASSED_OVER or ("'" in word and word.partition("'")[0] in PASSED_OVER)


def at(tokens: Sequence[str], n: int) -> str:
    return tokens[n] if 0 <= n < len(tokens) else ""
