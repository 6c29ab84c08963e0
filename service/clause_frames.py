"""What a clause only asks for, and what it says that one knows or does not know.

"Nobody can tell *which freezer it is*" says as little of the freezer as "I wish *it were signed*"
says that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Told = Literal["", "yes", "no", "open"]

_STOPS = frozenset(".!?;…")
_ASKED = frozenset("how what which why who whom whose where when whether".split())
_KNOWING = frozenset(
    """know knows knew known knowing tell tells told telling say says said saying show shows showed
    shown showing see sees saw seen seeing find finds found remember remembers remembered recall
    understand understands understood explain explains explained indicate indicates indicated
    reveal reveals revealed identify identifies identified name names named state states stated
    specify specifies specified clear sure certain idea figure work worked decide determine
    determines learn learns learned learnt mention mentions mentioned report reports reported
    display displays displayed""".split()
)
_UNSURE = frozenset(
    """unclear unsure uncertain unknown guess guesses guessed guessing wonder wonders wondered
    wondering ask asks asked asking question questions questioned doubt doubts doubted matter
    matters depend depends regardless forget forgets forgot forgotten""".split()
)
_DESIRES = frozenset(
    """want wants wanted wish wishes wished wishing need needs needed hope hopes hoped hoping prefer
    prefers preferred desire desires crave""".split()
)
_WOULD = frozenset(("would", "'d", "i'd", "we'd", "they'd", "he'd", "she'd", "you'd"))
_WOULD_LIKE = frozenset("like love want prefer appreciate welcome".split())
_ENDS_WISH = frozenset("because since but when so as although though while whereas".split())
_REACH = 12  # words
_BEFORE = 3  # words between the verb of knowing and what is known


def told(tokens: Sequence[str], denied: Sequence[int]) -> list[Told]:
    """For every token whether somebody knows or says what it stands in: "… which freezer"."""
    found: list[Told] = [""] * len(tokens)
    for n, word in enumerate(tokens):
        if word not in _ASKED:
            continue
        how = _governed(tokens, denied, n)
        if not how:
            continue
        for k in range(n + 1, min(len(tokens), n + 1 + _REACH)):
            if tokens[k] in _STOPS or tokens[k] in (",", "so", "because", "but", "and"):
                break
            found[k] = how
    return found


def _governed(tokens: Sequence[str], denied: Sequence[int], n: int) -> Told:
    for k in range(n - 1, max(-1, n - 2 - _BEFORE), -1):
        if tokens[k] in _STOPS or tokens[k] == ",":
            return ""
        if tokens[k] in _UNSURE:
            return "no"
        if tokens[k] in _KNOWING:
            if denied[k] == 3:
                return "no"
            return "open" if k and tokens[k - 1] == "to" else "yes"
    return ""


def desired(tokens: Sequence[str]) -> list[bool]:
    """For every token whether it is what somebody wants, and no more than that."""
    found = [False] * len(tokens)
    for n, word in enumerate(tokens):
        before = tokens[n - 1] if n else ""
        would = before in _WOULD or (n > 1 and tokens[n - 2] in _WOULD and before == "really")
        if not (word in _DESIRES or (word in _WOULD_LIKE and would)):
            continue
        for k in range(n + 1, min(len(tokens), n + 1 + _REACH)):
            if tokens[k] in _STOPS or tokens[k] == "," or tokens[k] in _ENDS_WISH:
                break
            found[k] = True
    return found
