"""Suggests the names of voices that nobody named, from greetings and introductions.

Only given names, only when two things agree: somebody calls the voice so ("Hi Maureen", then
Maureen speaks), and either it introduces itself so ("I'm Imogen") or it is called so again.
A wrong name on a quote is worse than "Speaker 1".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from ingest.models import Utterance

_NAME = r"([A-Z][a-z]{2,15})"
_SELF = re.compile(
    rf"\b(?:I'm|I am|my name is|my name's|it's|this is) {_NAME}"
    r"(?=[,.!?]|\s+(?:from|with|here|and)\b)"
)
_GREETING = re.compile(
    r"^(?:(?:Okay|So|Well|Oh|Um)[, ]+)?(?:Hi|Hey|Hello|Morning|Good morning|Good afternoon|Thanks"
    rf"|Thank you|Welcome|Sorry|Okay|So|Nice to meet you),? {_NAME}(?=[,.!?])"
)
_OPENING = re.compile(rf"^{_NAME}, ")
_CLOSING = re.compile(rf", {_NAME}[.?!]$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words with a capital at these places that are nobody's name.
_NOBODY = _words(
    """actually again also alright anyway because bless but can cheers christmas come does english
    especially everyone everybody exactly fine folks friday god goodbye great guys hang hello hey
    honestly just listen literally look man mate maybe monday never nice not now okay please really
    right saturday see sir so sorry sunday sure team thanks that there these they this though
    thursday today tomorrow totally tuesday understood wait wednesday well what when which yeah yep
    yes you"""
)
_LEAST = 2  # pieces of evidence that have to agree


def suggest_names(utterances: Sequence[Utterance]) -> dict[str, str]:
    """A given name for each label that has a safe one; labels that share one get none.

    A greeting speaks for the voice that talks next, a thing said in closing a question too; in a
    call of two, whoever is addressed is the other one.
    """
    labels = list(dict.fromkeys(u.speaker for u in utterances))
    called: dict[str, Counter[str]] = defaultdict(Counter)
    itself: dict[str, Counter[str]] = defaultdict(Counter)
    for said, following in pairwise([*utterances, None]):
        if said is None:
            break
        for found in _SELF.finditer(said.text.replace("’", "'")):
            itself[said.speaker][found[1]] += 1
        addressed = _addressed(said, following, labels)
        if addressed is not None:
            for name in _vocatives(said.text):
                called[addressed][name] += 1
    chosen: dict[str, str] = {}
    for label in labels:
        counts = called[label] + Counter({n: 1 for n in itself[label] if n in called[label]})
        best = counts.most_common(2)
        clear = best and best[0][1] >= _LEAST and (len(best) == 1 or best[0][1] >= 2 * best[1][1])
        if clear:
            chosen[label] = best[0][0]
    shared = {name for name, n in Counter(chosen.values()).items() if n > 1}
    return {label: name for label, name in chosen.items() if name not in shared}


def _addressed(said: Utterance, following: Utterance | None, labels: list[str]) -> str | None:
    if len(labels) == 2:
        return labels[1 - labels.index(said.speaker)]
    if following is None or following.speaker == said.speaker:
        return None
    return following.speaker


def _vocatives(text: str) -> set[str]:
    """Names called where an utterance begins or ends; in between, people quote others."""
    sentences = re.split(r"(?<=[.!?])\s+", text.replace("’", "'"))
    first, last = sentences[0], sentences[-1]
    found = (_GREETING.match(first), _OPENING.match(first), _CLOSING.search(last))
    return {match[1] for match in found if match and match[1].lower() not in _NOBODY}
