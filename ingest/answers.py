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

_AMOUNT = re.compile(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|grand|half|"
    r"halves|thirds?|quarters?|fifth|dozen|couple|double|twice|percent|none)\b",
    re.I,
)
_DURATION = re.compile(
    r"\b(?:(?:second|minute|hour|day|week|month|year|night|morning|afternoon|evening|fortnight|"
    r"quarter|weekend)s?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|always|never|constantly|"
    r"hourly|daily|weekly|monthly|yearly|overnight|twice|once)\b",
    re.I,
)
_DATE = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|spring|summer|autumn|winter|midsummer|christmas|"
    r"easter|thanksgiving|new year|q[1-4]|today|tonight|tomorrow|yesterday|noon|midnight|morning|"
    r"night|ago|o['’]clock|past|(?:19|20)\d\d|next|last|end of|before|after|until|since)\b",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|cause[sd]?|since|so|otherwise|reason|due|that['’]s why|means?|if|or else)\b",
    re.I,
)
# A capital inside a sentence, or what somebody is.
_PERSON = re.compile(
    r"(?<=[a-z,;’'] )(?!I\b)[A-Z][a-z]+|\b(?:boss|chief|director|manager|head|supervisor|owner|"
    r"partner|wife|husband|lead|officer|assistant|accountant|controller|colleague|team|guy|lady|"
    r"woman|man|[CV][EFTIMO]O|VP)\b"
)

_ASKED: tuple[tuple[Sort, Sort], ...] = (
    (
        re.compile(
            r"\bhow (?:much|many|high|large|big|few|old|far)\b|\b(?:rate|worth|costs?)\b|"
            r"\bwhat (?:share|proportion|percent\w*|fraction|number|price|amount)\b",
            re.I,
        ),
        _AMOUNT,
    ),
    (
        re.compile(
            r"\bhow (?:long|often|frequently|soon|fast|quickly|late)\b|\bturnaround\b", re.I
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
    (re.compile(r"\bwho(?:m|se)?\b", re.I), _PERSON),
)


def sorts(question: str) -> list[Sort]:
    """The sorts of answer asked for; none for a question that leaves it open ("What happened?")."""
    return [sort for asks, sort in _ASKED if asks.search(question)]


def share(asked: Sequence[Sort], text: str) -> float:
    """How many of the sorts asked for stand in ``text``, from 0 to 1; 0 where none is."""
    return sum(sort.search(text) is not None for sort in asked) / max(1, len(asked))
