"""Guesses who is the customer from how people speak: who asks, who answers, who promises.

Used where neither the file nor the channel says it. Six traits of each voice are compared with
the rest of the *same* call, so that a tool's habits (no question marks, short turns) cancel out,
and are weighed with round numbers; `eval/roles.py` measures how often that is right and whether the
stated doubt is honest. The traits are general ones of interviews, reviews and sales calls; no trade
or product has a word here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise, product

from ingest.models import Role, Utterance

# Log odds of "internal" per unit of a trait; see Traits.
WEIGHTS = {
    "quiet": 0.8,
    "terse": 0.8,
    "asks": 0.8,
    "answers": -0.8,
    "you": 0.7,
    "tells": -0.5,
    "phrases": 3.0,
}
_ONE_SIDED = 0.05  # weight of "all on the same side" against a call between two sides
_LEAST_DOUBT = 0.02  # of a guess, however clear: the next call may be of another kind
_MOST_OPEN = 10
# How often two voices follow each other against random order, with 0, 1 or 2 of the vendor's:
# colleagues leave the floor to the customer. Counted as Poisson events, and tempered because
# turns are anything but independent.
_RATES = (1.0, 1.15, 0.5)
_TEMPER = 0.3
_FEW = 4.0  # sentences of average manner mixed into each voice: who says little proves little

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_OPENER = re.compile(
    r"^(?:(?:and|so|but|okay|ok|well|um|uh|then|right|yeah|or)[,\s]+)*"
    r"(?:(?:what|how|why|when|where|who|which)(?:'s)?\s+(?!a\b|an\b)"
    r"|(?:do|does|did|are|is|was|were|have|has|can|could|would|will|should)\s+"
    r"(?:you|your|it|that|there|they|we|the|this)\b)",
    re.IGNORECASE,
)
_YOU = re.compile(r"\b(?:you|your|yours|you're|you've|you'd|you'll)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:s?he|they|him|her|them|his|their|my|mine)\b", re.IGNORECASE)


def _phrases(lines: str) -> re.Pattern[str]:
    """A pattern from regular expressions, one a line, that begin and end at words."""
    return re.compile(rf"\b(?:{'|'.join(filter(None, lines.splitlines()))})\b", re.IGNORECASE)


# What people of the vendor say: they open subjects up, take notes, promise, present.
_VENDOR = _phrases(r"""
(?:walk|talk) (?:me|us) through
tell (?:me|us)
say more|anything else|help me understand
(?:can|could|may) I (?:ask|jump in|throw in|add|just|say|check|show)
I'm (?:just )?curious
(?:I'd|we'd) (?:mostly |just |really )*love to
love to (?:hear|learn|understand|get)
what (?:happens|would|does)|what's it like
how (?:do|does|did|are|would) (?:you|your|the|they|that)
how (?:long|many|much|often)
if you could|in an ideal world|magic wand|would you mind
do you (?:mind|know|remember|have|use|find)
I'll (?:send|check|set|get|take|come back|follow|look|ask|make|raise|close|find|pass|share|log)
we'll (?:send|check|get|take|come back|follow|look|make|see|find|put)
let me (?:check|find|show|share|say)
I can (?:send|introduce|show|put|check|get|ask|set)|what I can (?:say|do|tell|offer)
(?:come|get) back to you|(?:call|ring|e-?mail) you back
(?:if|when) you (?:click|drag|look|go|scroll|press|tap|log)
as you can see|you'll see|you're looking at|my screen|(?:it's called|we call it)
we (?:support|offer|integrate|connect|recommend|release|shipped|launched|hear|typically|usually)
(?:customers|companies|teams|people|businesses) like you(?:rs)?|your (?:side|end|account|ticket)
on your (?:mind|plate)|hand over to|next steps?|good question|happy to
feedback|excited about
we're (?:building|working on|excited|launching|planning|rolling out|looking at)
our (?:roadmap|engineers|product|platform|beta|pilot|release|customers|designers|developers)
(?:can't|cannot|won't|rather not) promise
take that (?:back|away)|(?:I|we) hear you
that's (?:really |very |so |super |actually |genuinely |an? )*(?:clear|helpful|useful|fair|good)
that's (?:really |very |so |super |actually |genuinely |an? )*(?:great|interesting)
makes sense|understood
(?:thank you|thanks) for (?:your|the|taking|making|doing|joining|this)
thanks so much|appreciate (?:it|you|your|the)
sorry (?:about|to hear)|I'm sorry|on our (?:side|end)
""")
# What customers say: their own people and work, and the vendor's things as "yours".
_CUSTOMER = _phrases(r"""
my (?:boss|guys|team|people|managers?|director|staff|crew|lads|girls|customers|clients|office)
my (?:husband|wife|accountant|bookkeeper|business|company|job|desk|day|phone|numbers)
our (?:customers|clients|staff|finance|accounts|budget|board|drivers|operations|sites?|process)
our (?:guys|people|office|team|ceo|cfo|coo|patients|students|members|stores|stock|books)
you (?:guys|people|lot|folks)|y'all
your (?:system|product|app|software|people|company|tool|platform|support|sales|salesperson)
your (?:website|competitors?|prices?|pricing|roadmap|rep|thing)
we (?:use|run|have|had|need|can't|couldn't|pay|paid|bought|tried|lost|get|got|do|don't)
I (?:need|pay|have to|had|got|want|end up|just want)
do you (?:support|offer|integrate)|can (?:it|you guys)|does (?:it|that) (?:work|do|handle)
(?:what|how much) (?:does|would|is|will) (?:it|that|this) cost|send me|for us|we(?:'d| would) want
I'd want|nobody|somebody
I've got|drives me|so now|the other day
every (?:day|morning|week|month|night|time)
and I said|(?:he|she|they) said|s?he goes|and I go
""")


@dataclass(frozen=True, slots=True)
class Traits:
    """How one voice compares with its call. Natural logarithms of ratios, except the last.

    ``quiet``: its share of the words is small; ``terse``: its turns are short; ``asks``: many of
    its sentences are questions; ``answers``: its turns often follow another's question; ``you``:
    it says "you" much; ``tells``: it speaks much of third persons and of what is its own, as in a
    story; ``phrases`` (-1 to 1): vendor's against customer's.
    """

    quiet: float
    terse: float
    asks: float
    answers: float
    you: float
    tells: float
    phrases: float


@dataclass(slots=True)
class _Tally:
    words: int = 0
    turns: int = 0
    sentences: int = 0
    questions: int = 0
    answers: int = 0
    you: int = 0
    own: int = 0
    vendor: int = 0
    customer: int = 0


def traits(utterances: Sequence[Utterance]) -> dict[str, Traits]:
    """The traits of every voice, by label, in the order in which they first speak."""
    tallies = _tally(utterances)
    n = len(tallies)
    words = sum(t.words for t in tallies.values())
    turns = sum(t.turns for t in tallies.values())
    sentences = sum(t.sentences for t in tallies.values())
    asked = (sum(t.questions for t in tallies.values()) + 1) / (sentences + 10)
    answered = (sum(t.answers for t in tallies.values()) + 1) / (turns + 5)
    addressed = (sum(t.you for t in tallies.values()) + 1) / (words + 30)
    told = (sum(t.own for t in tallies.values()) + 1) / (words + 30)
    length = (words + 10) / (turns + 1)
    return {
        label: Traits(
            quiet=-math.log((t.words + 20) * n / (words + 20 * n)),
            terse=-math.log((t.words + 2 * length) / (t.turns + 2) / length),
            asks=math.log((t.questions + _FEW * asked) / (t.sentences + _FEW) / asked),
            answers=math.log((t.answers + _FEW * answered) / (t.turns + _FEW) / answered),
            you=math.log((t.you + 100 * addressed) / (t.words + 100) / addressed),
            tells=math.log((t.own + 100 * told) / (t.words + 100) / told),
            phrases=(t.vendor - t.customer) / (t.vendor + t.customer + 2),
        )
        for label, t in tallies.items()
    }


def log_odds(of: Traits) -> float:
    """Natural log odds that the voice is the vendor's."""
    return math.fsum(weight * float(getattr(of, name)) for name, weight in WEIGHTS.items())


def exchanges(utterances: Sequence[Utterance]) -> dict[tuple[str, str], tuple[int, float]]:
    """How often two voices follow each other, and how often they would in random order.

    Keys are pairs of labels in alphabetical order. Empty with fewer than three voices, where it
    says nothing.
    """
    order = [label for label, _ in groupby(utterances, key=lambda u: u.speaker)]
    turns = Counter(order)
    if len(turns) < 3:
        return {}
    followed = Counter((min(pair), max(pair)) for pair in pairwise(order))
    pairs = list(combinations(sorted(turns), 2))
    total = sum(turns[a] * turns[b] for a, b in pairs)
    changes = len(order) - 1
    return {(a, b): (followed[a, b], turns[a] * turns[b] * changes / total) for a, b in pairs}


def decide(
    evidence: Mapping[str, float],
    follows: Mapping[tuple[str, str], tuple[int, float]],
    together: Mapping[str, str] | None = None,
) -> dict[str, tuple[Role, float]]:
    """The likeliest roles taken together, each with the chance that it is wrong.

    ``evidence`` are log odds of "internal" by label, ``follows`` comes from :func:`exchanges`, and
    ``together`` gives labels that must have the same role the same group (a company). All
    assignments of the ten groups that speak for themselves least clearly are weighed against each
    other; those beyond keep the role of their own evidence.
    """
    groups: dict[str, list[str]] = {}
    for label in evidence:
        groups.setdefault((together or {}).get(label, label), []).append(label)
    strength = {name: abs(sum(evidence[of] for of in members)) for name, members in groups.items()}
    open_groups = sorted(groups, key=lambda name: strength[name])[:_MOST_OPEN]
    inside = {label: evidence[label] > 0 for label in evidence}
    weights: list[tuple[float, dict[str, bool]]] = []
    for choice in product((True, False), repeat=len(open_groups)):
        for name, side in zip(open_groups, choice, strict=True):
            inside.update(dict.fromkeys(groups[name], side))
        weights.append((_log_weight(inside, evidence, follows), dict(inside)))
    best, likeliest = max(weights, key=lambda pair: pair[0])
    chances = [(math.exp(weight - best), sides) for weight, sides in weights]
    total = sum(chance for chance, _ in chances)
    decided: dict[str, tuple[Role, float]] = {}
    for label, side in likeliest.items():
        wrong = sum(chance for chance, sides in chances if sides[label] != side) / total
        role: Role = "internal" if side else "customer"
        decided[label] = (role, round(max(_LEAST_DOUBT, wrong), 3))
    return decided


def _log_weight(
    inside: Mapping[str, bool],
    evidence: Mapping[str, float],
    follows: Mapping[tuple[str, str], tuple[int, float]],
) -> float:
    weight = sum(evidence[label] for label, side in inside.items() if side)
    if len(inside) > 1 and len(set(inside.values())) == 1:
        weight += math.log(_ONE_SIDED)
    for (a, b), (seen, expected) in follows.items():
        rate = _RATES[inside[a] + inside[b]]
        weight += _TEMPER * (seen * math.log(rate) - expected * rate)
    return weight


def _tally(utterances: Sequence[Utterance]) -> dict[str, _Tally]:
    tallies: dict[str, _Tally] = {}
    speaker, open_question = "", False
    for utterance in utterances:
        tally = tallies.setdefault(utterance.speaker, _Tally())
        text = utterance.text.replace("’", "'")
        if utterance.speaker != speaker:
            tally.turns += 1
            tally.answers += open_question
            open_question = False
        speaker = utterance.speaker
        sentences = [s for s in _SENTENCE.split(text) if any(c.isalpha() for c in s)]
        asked = [
            s.rstrip("\"' )]").endswith("?") or _OPENER.match(s) is not None for s in sentences
        ]
        tally.words += len(text.split())
        tally.sentences += len(sentences)
        tally.questions += sum(asked)
        open_question = bool(asked) and asked[-1]
        tally.you += len(_YOU.findall(text))
        tally.own += len(_OWN.findall(text))
        tally.vendor += len(_VENDOR.findall(text))
        tally.customer += len(_CUSTOMER.findall(text))
    return tallies
