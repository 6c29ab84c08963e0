"""What sort of answer a question asks for, and whether an utterance holds one.

"How long does it take?" is answered by a time and "How much?" by a number, and seldom in the words
of the question: those were said a turn or two before ("We bill by hand." - "And how long does that
take?" - "Two, three hours a day."). A sort is told by its words and never by how well it fits, so
there is nothing to tune.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Sort = re.Pattern[str]

_NUMBER = (
    r"(?:\d[\d.,]*|zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|half|"
    r"thirds?|quarters?|dozens?)"
)
_UNIT = r"(?:second|minute|hour|day|week|month|year|night|morning|afternoon|evening|weekend)s?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SHARE = r"\b(?:percent|per cent|double|twice|none|couple of)\b|%"

# A number that is no time; "one" mostly counts nothing ("one of our best").
_AMOUNT = re.compile(
    rf"(?<![\w.])(?:{_NUMBER}|one (?:in|out of|hundred|thousand|million))\b"
    rf"(?![\s-]+(?:and )?(?:an? )?(?:{_NUMBER}|{_UNIT}|o['’]clock|[ap]\.?m)\b)|{_SHARE}",
    re.I,
)
_MONEY = re.compile(
    r"[$£€]|\b(?:pounds?|dollars?|euros?|quid|bucks|grand|cents?|pence|kron\w+|francs?|\d+k)\b|"
    rf"(?:{_NUMBER}|one|a)[\s-]+(?:hundred|thousand|million|billion)\b|\d,\d\d\d|{_SHARE}",
    re.I,
)
_DURATION = re.compile(
    rf"\b(?:{_NUMBER}|one|an?|the|whole|half|every|single|each|few|several|per|all|next|last)"
    rf"[\s-]+(?:or \w+ )?{_UNIT}\b|\b{_WEEKDAY}s\b|"
    r"\b(?:always|never|constantly|hourly|daily|weekly|monthly|yearly|overnight|twice|once an?)\b",
    re.I,
)
_DATE = re.compile(
    rf"\b(?:{_WEEKDAY}s?|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|spring|summer|autumn|winter|midsummer|christmas|easter|thanksgiving|"
    r"new year|q[1-4]|today|tonight|tomorrow|yesterday|noon|midnight|morning|night|ago|o['’]clock|"
    r"past|(?:19|20)\d\d|next|last|end of|before|after|until|since)\b",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|['’]?cause[sd]?|otherwise|reasons?|due to|that['’]s why|or else|so that)\b", re.I
)
# A capital inside a sentence, or what somebody is.
_PERSON = re.compile(
    r"(?<=[a-z,;’'] )(?!I\b)[A-Z][a-z]+|\b(?:boss|chief|director|manager|head|supervisor|owner|"
    r"partner|wife|husband|lead|officer|assistant|accountant|controller|colleague|team|guy|lady|"
    r"woman|man|[CV][EFTIMO]O|VP)\b"
)

_ASKS_COUNT = re.compile(
    rf"\bhow (?:many(?! {_UNIT}\b)|few|old|far)\b|\brate\b|"
    r"\bwhat (?:share|proportion|percent\w*|fraction|number)\b",
    re.I,
)
_ASKS_AMOUNT = re.compile(
    r"\bhow (?:much(?! time)|high|large|big|expensive)\b|\bwhat (?:price|amount|sum)\b|"
    r"\b(?:worth|costs?)\b",
    re.I,
)
_ABOUT_MONEY = re.compile(
    r"\b(?:costs?|paid|pay|price[sd]?|worth|ow(?:e|es|ed|ing)|spen[dt]|fine[sd]?|penalt\w+|"
    r"charge[sd]?|bill(?:s|ed)?|invoice[sd]?|revenue|budgets?|salar(?:y|ies)|wages?|fees?|debts?|"
    r"unpaid|unbilled|money|loss(?:es)?|funds?|claims?|sum|expensive)\b",
    re.I,
)
_ASKED: tuple[tuple[Sort, Sort], ...] = (
    (_ASKS_COUNT, _AMOUNT),
    (
        re.compile(
            r"\bhow (?:long|often|frequently|soon|fast|quickly|late|much time)\b|\bturnaround\b|"
            rf"\bhow many {_UNIT}\b",
            re.I,
        ),
        _DURATION,
    ),
    (
        # Not "when" as in "What happens when a job is closed?".
        re.compile(
            r"\bwhen (?:do|does|did|is|are|was|were|will|would|must|should|can|has|have)\b|"
            r"\bwhat (?:date|day|month|year|time)\b|\b(?:by|since|until) when\b",
            re.I,
        ),
        _DATE,
    ),
    (re.compile(r"\bwhy\b|\b(?:what|which) (?:reasons?|causes?)\b", re.I), _REASON),
    # Not "who" as in "the customer who left".
    (re.compile(r"(?:^|[,;]|\band)\s*(?:(?:by|to|for|with) )?who(?:m|se)?\b", re.I), _PERSON),
)


def sorts(question: str) -> list[Sort]:
    """The sorts of answer asked for; none for a question that leaves it open ("What happened?")."""
    found = [sort for asks, sort in _ASKED if asks.search(question)]
    if _ASKS_AMOUNT.search(question) and _AMOUNT not in found:
        found.append(_MONEY if _ABOUT_MONEY.search(question) else _AMOUNT)
    return found


def share(asked: Sequence[Sort], text: str) -> float:
    """How many of the sorts asked for stand in ``text``, from 0 to 1; 0 where none is."""
    return sum(sort.search(text) is not None for sort in asked) / max(1, len(asked))
