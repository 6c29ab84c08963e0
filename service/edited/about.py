"""Whether a sentence is about customers, so that it needs evidence. When in doubt, it is.

A sentence is about customers when it names an account or somebody who spoke for one; when it has
a word for customers, or one that can stand for them ("they", "nobody", "most"); when it repeats
words as said, or puts a number or a share on revenue, renewals or calls; and when anybody but us
needs, says, leaves or suffers something. What remains is about ourselves ("We decide on Friday"),
a question, or a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from service.borne import plain

_LABEL = 6  # words; a longer label states something

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CUSTOMERS = re.compile(
    r"\b(?:customers?|clients?|accounts?|buyers?|subscribers?|prospects?|users?|end[- ]users?|"
    r"respondents?|interviewees?|participants?|callers?|champions?|companies|company|firms?|"
    r"businesses|organi[sz]ations?|logos?|tenants?|patients?|members?|partners?|people|persons?|"
    r"market|segments?|enterprises?|smbs?|dispatchers?|technicians?|operators?|managers?|admins?|"
    r"leaders?|crews?|drivers?|teams?)\b",
    re.IGNORECASE,
)
_OURS = re.compile(r"\b(?:our|my) (?:own )?(?:\w+ ){0,2}$", re.IGNORECASE)
_OWN = re.compile(r"(?:teams?|people|managers?|leaders?|company|firm|business)\b", re.IGNORECASE)
_THEM = re.compile(
    r"\b(?:they|them|their|theirs|themselves|he|him|his|she|hers?|everyone|everybody|nobody|"
    r"no one|noone|someone|somebody|anyone|anybody|others|most|many|several|few|some|half|"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+) (?:of|out of|in)|"
    r"a (?:majority|minority|handful|lot|number|couple|third|quarter))\b",
    re.IGNORECASE,
)
_REVENUE = re.compile(
    r"\b(?:arr|mrr|acv|nps|csat|nrr|grr|churn\w*|renew\w*|revenue|contracts?|upsell\w*|"
    r"retention|win[- ]?rate|seats?|licen[cs]es?|pipeline|health)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"[$€£¥₹]\s?\d|\d\s?%|\bper ?cent\b|\d\s?(?:usd|eur|gbp)\b", re.IGNORECASE)
_HEARD = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|"
    r"forty|fifty|dozens?|hundreds?|all|every|each|most|many|both)\b"
    r"(?: \w+){0,2} (?:calls?|interviews?|conversations?|meetings?|mentions?|passages?|hours?)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"«„][^”\"»“]{2,}[”\"»“]")
# What is said, needed or suffered; by whom, the subject tells.
_VERBS = re.compile(
    r"\b(?:said|says?|told|tells?|asks?|asked|complain\w*|report(?:s|ed)?|mention(?:s|ed)?|"
    r"demand(?:s|ed)?|needs?(?! \d)|needed|wants?|wanted|wish(?:es|ed)?|loves?|loved|hates?|hated|"
    r"likes?|liked|prefers?|preferred|expects?|expected|struggl\w+|suffer\w*|loses?|losing|"
    r"lost|leav(?:e|es|ing)|left|cancel\w*|switch(?:es|ed|ing)?|threaten\w*|pays?|paid|"
    r"depends?|reli(?:es|ed)|works? around|gives? up|gave up|trusts?|distrusts?|fears?|"
    r"feels?|felt|frustrat\w+|unhappy|happy|satisfied|dissatisfied|angry|annoyed|voice[ds]?|"
    r"requests?|requested|rely|worr(?:y|ies|ied)|agrees?|agreed)\b",
    re.IGNORECASE,
)
_WE = re.compile(
    r"^\W*(?:(?:and|but|so|then|first|next|also|finally|therefore|today)\W+)?"
    r"(?:we|i|our|my|let['’]?s|us)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(r"^\W*(?:what|who|whom|whose|why|how|when|where|which)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Words that are nothing but somebody's name; those that are one where they have a capital;
    and ordinary words ("Hope") that are one where they have a capital and open no sentence.
    """

    pure: frozenset[str]
    capital: frozenset[str]
    ordinary: frozenset[str]


def names_of(accounts: Iterable[str], people: Iterable[str], vocabulary: frozenset[str]) -> Names:
    """Of accounts and of customers; ``vocabulary`` are the words that mean something."""
    pure: set[str] = set()
    capital: set[str] = set()
    ordinary: set[str] = set()
    for name in accounts:
        words = _name_words(name)
        telling = words - vocabulary
        pure |= telling
        capital |= set() if telling else words
    for name in people:
        words = _name_words(name)
        capital |= words - vocabulary
        ordinary |= words & vocabulary
    return Names(frozenset(pure), frozenset(capital), frozenset(ordinary))


def about_customers(words: str, names: Names, *, label: bool = False) -> bool:
    """Whether ``words``, a sentence, need evidence; of a ``label`` (a heading, a cell) only what
    states something does.
    """
    text = plain(words)
    if not _WORD.search(text):
        return False
    if any(p.search(text) for p in (_QUOTED, _AMOUNT, _HEARD)) or _named(text, names):
        return not label or len(text.split()) > _LABEL or bool(_VERBS.search(text))
    if label and (_ASKING.match(text) or not _VERBS.search(text)):
        return False
    if text.rstrip(" ”\"'’)").endswith("?") and not _VERBS.search(text):
        return False
    if any(not _own(text, found) for found in _CUSTOMERS.finditer(text)):
        return True
    if _THEM.search(text) or _REVENUE.search(text):
        return True
    return bool(_VERBS.search(text)) and not _WE.match(text)


def _own(text: str, found: re.Match[str]) -> bool:
    """ "Our own people": not customers."""
    return bool(_OWN.fullmatch(found.group()) and _OURS.search(text[: found.start()]))


def _named(text: str, names: Names) -> bool:
    for n, word in enumerate(_WORD.findall(text)):
        bare, small = _bare(word), word[0].islower()
        if bare in names.pure or (not small and bare in names.capital):
            return True
        if n and not small and bare in names.ordinary:
            return True
    return False


def _name_words(name: str) -> frozenset[str]:
    return frozenset(b for b in map(_bare, _WORD.findall(plain(name))) if len(b) > 2)


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.casefold())
