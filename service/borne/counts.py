"""What only code may say: how many customers, and which of their needs comes first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest import gate
from service.borne.known import Known
from service.borne.lines import inside
from service.shapes import Quote

_COUNT = (
    r"(?:\d[\d,.]*%?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens|hundreds|"
    r"thousands|half|both|all|most|many|several|some|few|fewer|every|each|no|none|multiple|"
    r"numerous|"
    r"various|nearly all|almost all|virtually all|lots|plenty|a (?:few|couple|handful|number|"
    r"majority|"
    r"minority|third|quarter|lot|range)|the (?:majority|rest|bulk)|other|another|certain|more|"
    r"a single|"
    r"only one|two thirds|countless)"
)
_CUSTOMERS = (
    r"(?:customers?|accounts?|clients?|compan(?:y|ies)|organi[sz]ations?|buyers?|subscribers?|"
    r"respondents?|interviewees?|participants?|callers?|prospects?)"
)
_PEOPLE = r"(?:users?|people|firms|businesses|speakers?|interviews?|calls)"
_SAYS = (
    r"(?:say|said|want|complain|report|are|were|have|had|need|describe|mention|ask|asked|told|"
    r"like|love|"
    r"hate|find|feel|agree|think|expect|face|struggle|raise|cite|voice|share|use|would|will|do|"
    r"did)s?"
)
_COUNTS = (
    re.compile(
        rf"\b{_COUNT}(?: of)?(?: (?:the|our|their|its|these|those|"
        rf"your))?(?: [\w-]+)? {_CUSTOMERS}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:both|all|most|many|several|some|few|every|each|multiple|numerous|various|"
        r"nearly all|"
        r"a (?:few|handful|majority|lot) of|the majority of|lots of|dozens of|other)"
        rf"(?: of)?(?: (?:the|our|these|those))? {_PEOPLE}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:^|[,;:—] |\b(?:and|but|that) )(?:both|several|many|most|few|some|all|others|"
        r"multiple|two|"
        rf"three|four|five|six|seven|eight|nine|ten|half) (?:of (?:them|these|those) )?{_SAYS}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bthe majority\b|\bunanimous\w*|\bconsensus\b|\bwidespread\b|\bcommon(?:ly)? "
        r"(?:complaint|request|theme|need|problem|issue|reported|raised|mentioned)\w*|"
        r"\bacross (?:the )?"
        r"(?:\w+ )?(?:accounts|customers|calls|customer base|base|board|portfolio)\b|"
        r"\buniversal(?:ly)?\b|"
        r"\b(?:recurring|frequent(?:ly)?) (?:theme|complaint|request|raised|mentioned|cited)\b",
        re.IGNORECASE,
    ),
)
_PRONOMINAL = re.compile(
    r"\b(both|all|most|many|several|some|half|none|each|few) of (?:them|these|those)\b|"
    r"\b(everyone|everybody)\b",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"\b(?:every(?:one|body)|every (?:single )?one of|all of (?:us|them|you)|all hands|each of|"
    r"(?:we|they|us|them)(?:['’]re)? all)\b",
    re.IGNORECASE,
)
_RANKS = re.compile(
    r"\b(?:most (?:\w+ )?(?:important|urgent|pressing|critical|common|requested|frequent|"
    r"valuable|wanted|"
    r"needed|serious|significant|severe|painful|damaging|costly|voiced|mentioned|cited|popular)|"
    r"(?:top|first|highest|number[- ]one|no\.? ?1|main|key|biggest|greatest|chief|primary|"
    r"overriding|"
    r"leading|foremost) (?:\w+ )?(?:priorit(?:y|ies)|needs?|requests?|problems?|issues?|concerns?|"
    r"complaints?|pains?|reasons?|asks?|demands?|themes?|drivers?|risks?|causes?|frustrations?|"
    r"challenges?|opportunit(?:y|ies)|threats?|worr(?:y|ies)|gaps?|barriers?|obstacles?|"
    r"wish(?:es)?)|"
    r"number[- ]one|no\.? ?1|priorit(?:y|ies) (?:number )?(?:one|1)|top[- ](?:priority|"
    r"of the list|"
    r"ranked)|above (?:all|everything|everybody|everyone)|biggest|greatest|single (?:biggest|"
    r"most)|"
    r"root cause|main reason|more than anything|outweighs?|ranks? (?:first|highest|above)|"
    r"far more important|most of all|foremost|paramount|the top (?:need|ask|request)|"
    r"drives? churn|highest[- ](?:priority|value|impact)|matters? (?:the )?most)\b",
    re.IGNORECASE,
)


def nameless(text: str, quotes: Sequence[Quote], known: Known) -> str:
    """The sentence without the names it may use, for "Two Otters" are no number."""
    names = {known.names.get(q.account_id or "", "") for q in quotes} | {q.speaker for q in quotes}
    for name in sorted(names, key=len, reverse=True):
        parts = name.split()
        for size in range(len(parts), 1, -1):
            text = text.replace(" ".join(parts[:size]), "they")
    return text


def voices(quotes: Sequence[Quote]) -> int:
    """How many accounts the quotes are of; a call without account is one of its own."""
    return len({q.account_id or q.call_id for q in quotes})


def counted(text: str, said: Sequence[str], voices: int) -> str | None:
    """A count or a quantity of customers; "some" and "others" may stand over two accounts."""
    for pattern in _COUNTS:
        for found in pattern.finditer(text):
            phrase = found.group().strip(" ,;:—")
            phrase = re.sub(r"^(?:and|but|that) ", "", phrase, flags=re.IGNORECASE)
            first = phrase.split()[0].lower()
            if voices >= _LOOSE.get(first, 10**9) or inside(phrase, said):
                continue
            if first == "other" and _TO.search(text[: found.start()]):
                continue  # "jobs wander off to other people"
            return f"counts are computed, not written (“{phrase}”)"
    for found in _PRONOMINAL.finditer(text):
        word = (found[1] or found[2]).casefold()
        if not any(
            _EVERY.search(one) if word.startswith("every") else inside(word, [one]) for one in said
        ):
            return f"counts are computed, not written (“{found.group()}”)"
    return _many(text, said)


_LOOSE = {"some": 2, "other": 2, "others": 2, "another": 1}  # over so many accounts
_TO = re.compile(r"\b(?:to|of|by|with|for|from|at|on|than) $", re.IGNORECASE)
# Quantities, and what in a quote says the same.
_QUANTITIES = {
    "most": r"most|mostly|mainly|majority|(?:nearly|almost) (?:all|every\w*)",
    "majority": r"most|mostly|mainly|majority",
    "many": r"many|lots?|loads|tons|bunch|plenty|dozens|hundreds|thousands|endless|piles?|heaps?",
    "all": r"all|every\w*|each|always|any|whole|entire|both|nobody|none|nothing|no|the lot",
    "several": r"several|few|couple|handful|some|bunch|a number|more than one|two or three",
    "few": r"few|little|couple|handful|hardly|barely|rare\w*|only|one or two|two or three",
}
_QUANTITIES |= {
    other: _QUANTITIES[one]
    for one, others in {
        "many": "numerous countless lots plenty dozens multiple",
        "all": "every each both",
        "few": "handful",
    }.items()
    for other in others.split()
}
_QUANTITY = re.compile(
    r"(?<!how )(?<!as )(?<!so )(?<!too )(?<!at )(?<!after )(?<!not )(?<!above )\b"
    rf"(?P<much>{'|'.join(_QUANTITIES)})(?: of)?(?: (?:the|these|those|their|our|its|your))?"
    r"(?P<what>(?: [\w-]+){1,3}?) (?P<verb>are|is|were|was|have|has|had|will|would|"
    r"wants?|needs?|says?|said|"
    r"complain|plan|think|find|feel|report|leave|left|switch|cancel|ask|asked|use|like|love|hate|lose|pay|"
    r"prefer|struggle|do|did|do not|don['’]t)\b|"
    r"(?<!how )(?<!as )(?<!so )(?<!too )(?<!at )\b(?P<plain>most|many|several|numerous|multiple|"
    r"countless|dozens|plenty)(?: of)?(?: (?:the|these|those|their|our|its))?"
    r"(?P<noun>(?: [\w-]+)? [\w-]+s)\b",
    re.IGNORECASE,
)


def _many(text: str, said: Sequence[str]) -> str | None:
    """ "Most labs are about to leave": a quantity of whatever it may be, which the quotes lack."""
    for found in _QUANTITY.finditer(text):
        if inside(found.group(), said):
            continue
        much = (found["much"] or found["plain"]).lower()
        same = re.compile(rf"\b(?:{_QUANTITIES[much]})\b", re.IGNORECASE)
        words = (found["what"] or found["noun"]).split()
        stems = [w.lower()[:4] for w in words if len(w) > 3] or [words[0].lower()]
        bearing = [one for one in said if same.search(one)]
        if found["verb"]:
            bearing = [
                part
                for one in bearing
                for a, b in gate.whole_sentences(one)
                for part in [one[a:b]]
                if same.search(part)
                and (
                    any(s in part.lower() for s in stems)
                    or re.search(r"\b(?:we|us|they|them)\b", part)
                )
            ]
        if not bearing:
            return f"counts are computed, not written (“{found.group()}”)"
    return None


def ranked(text: str, said: Sequence[str]) -> str | None:
    for found in _RANKS.finditer(text):
        if not inside(found.group(), said):
            return f"what comes first is computed, not written (“{found.group()}”)"
    return None
