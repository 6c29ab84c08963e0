"""Which signs a sentence carries, and which other products a call weighs: the reader's eyes.

``ingest.cues`` holds the words; this cuts speech into sentences and counts the *different* signs in
each, so that one word said three times is one sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest import cues
from ingest.models import Role, Speaker, Utterance
from ingest.private import is_private

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A sentence ends at its mark, with the closing quote or bracket that follows it. Abbreviated
# titles and single initials do not end one.
_END = re.compile(
    r"(?<![.!?…])"  # a run of marks is tried once, from its first
    r"(?:(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\b[A-Z])|(?=[.!?…]{2}))"
    r"[.!?…]++[\"'”’)\]]*+(?=\s|$)"
)
_RUN_ON = 60
_PAIN = (cues.FAILURE, cues.FEELING, cues.WORKAROUND)
_SUPPORT = (cues.COST, cues.EXTREME)
_NAMES_OF_NO_PRODUCT = frozenset(
    word
    for line in (
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Christmas Easter God Jesus",
        "January February March April May June July August September October November December",
        "Excel Word Google Microsoft Apple Windows Android Outlook Facebook English OK Okay Mr Mrs",
        "I The This That They We You It He She And But So If No Yes Yeah Well My Our Your His Her",
        "Sorry Right Sure Exactly Honestly Thanks Okay Fine Correct Anyway Look Listen Oh Ah Nah",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the sentence ``text[first:end]`` carries: how many different signs of each sort.

    ``minds`` is whether a feeling is among the pains; ``support`` are signs of weight that have no
    kind of their own (cost, extremity); ``asks`` is a question; ``private`` is a telephone or card
    number or an address, which no quote should carry around.
    """

    first: int
    end: int
    pain: int
    minds: bool
    wish: int
    leaving: int
    liking: int
    rival: int
    support: int
    words: int
    asks: bool
    private: bool


def signs(text: str, first: int, end: int, rivals: frozenset[str]) -> Signs:
    """The signs of the sentence ``text[first:end]``; ``rivals`` as found by ``rivals_in``."""
    said = text[first:end]
    return Signs(
        first,
        end,
        pain=sum(1 for family in _PAIN if family.search(said)),
        minds=cues.FEELING.search(said) is not None,
        wish=_different(cues.WISH, said),
        leaving=_different(cues.LEAVING, said),
        liking=_different(cues.LIKING, said),
        rival=len(rivals.intersection(WORD.findall(said))),
        support=sum(1 for family in _SUPPORT if family.search(said)),
        words=len(WORD.findall(said)),
        asks=said.rstrip("\"'”’)").endswith("?"),
        private=is_private(said),
    )


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of ``text``'s sentences, without the white space between them.

    Recognisers do not always punctuate: what runs on for more than ``_RUN_ON`` words is cut into
    pieces of that length.
    """
    ends = [mark.end() for mark in _END.finditer(text)]
    spans: list[tuple[int, int]] = []
    for first, end in zip([0, *ends], [*ends, len(text)], strict=True):
        starts = [word.start() for word in WORD.finditer(text, first, end)][_RUN_ON::_RUN_ON]
        spans += zip([first, *starts], [*starts, end], strict=True)
    tight = ((a + _blank(text[a:b]), b - _blank(text[a:b][::-1])) for a, b in spans)
    return [(a, b) for a, b in tight if a < b]


def rivals_in(
    utterances: Sequence[Utterance], speakers: Sequence[Speaker], roles: Mapping[str, Role]
) -> frozenset[str]:
    """Other products that customers weigh in this call; nobody present, no day, not the vendor."""
    people = frozenset(
        word.lower() for s in speakers for word in WORD.findall(f"{s.name} {_firm(s.email)}")
    )
    own = {
        m["name"]
        for u in utterances
        if roles.get(u.speaker) == "internal"
        for m in cues.EMPLOYER.finditer(u.text)
    }
    return frozenset(
        m["name"]
        for u in utterances
        if roles.get(u.speaker) == "customer"
        for pattern in cues.RIVALS
        for m in pattern.finditer(u.text)
        if m["name"] not in _NAMES_OF_NO_PRODUCT | own and m["name"].lower() not in people
    )


def _different(family: re.Pattern[str], said: str) -> int:
    return len({m.group().lower() for m in family.finditer(said)})


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip())


def _firm(email: str | None) -> str:
    return email.partition("@")[2].partition(".")[0] if email else ""
