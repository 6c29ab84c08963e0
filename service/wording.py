"""The English of questions: the word lists that ``service.question`` reads."""

from __future__ import annotations

import re
from typing import Final

from service.shapes import EvidenceKind

_WHO = r"(?:customer|account|client|user|buyer|compan(?:y|ie)|firm|people|they|everyone|anyone)s?"
TOP: Final = re.compile(
    r"\b(?:top|largest|biggest|most important)[ -](?:(\d{1,3})[ -])?(?:customer|account|client)s?\b"
    r"|\btop[ -](\d{1,3})\b",
    re.I,
)
COUNT: Final = re.compile(
    r"\bhow many (?:of )?(?:[\w-]+ ){0,3}(?:customers|accounts|clients|companies|firms)\b"
    r"|\b(?:total|combined|how much) (?:arr|revenue)\b",
    re.I,
)
UNHEARD: Final = re.compile(
    r"\b(?:not|never|no|n['’]t|yet to)\b.{0,25}\b(?:spoken|speak|talked|talk|heard|hear|met|called|"
    r"interviewed|listened|conversations?|interviews?|contact(?:ed)?)\b|\b(?:silent|unheard)\b",
    re.I,
)
COMPARE: Final = re.compile(
    r"\b(?:compared?|versus|vs\.?|differ\w*|difference|disagree|rather than|the same (?:thing|as)|"
    r"more or less|or (?:less|fewer|more)|bear out|agree|part company|as much (?:of )?an?|split|"
    r"should)\b",
    re.I,
)
_OF_THEM = r" (?:customers?|accounts?|clients?|firms?|businesses|compan(?:y|ies)|ones|operators)\b"
# How people call the usual tiers.
SIZES: Final = {
    "smb": re.compile(r"\bsmall(?:er)?" + _OF_THEM, re.I),
    "enterprise": re.compile(r"\blarger?" + _OF_THEM, re.I),
    "mid": re.compile(r"\bmid(?:dle)?[- ]?(?:size[d]?|market)" + _OF_THEM, re.I),
}
DIFFER: Final = re.compile(r"\b(?:differ\w*|disagree\w*|part company|split)\b", re.I)
AGGREGATE: Final = re.compile(
    rf"\b(?:what|which|who|where|why|how|do|does|did|are|is)\b.{{0,60}}\b{_WHO}\b"
    r"|\bwho (?:said|says|mention\w*|ask\w*|want\w*|need\w*|complain\w*|report\w*|told|raised)\b"
    r"|\b(?:most common|at risk|top needs|themes?|main (?:needs|pains|problems|complaints)|"
    r"come up|came up|comes up)\b",
    re.I,
)
OF_CALLS: Final = re.compile(
    r"\b(?:calls?|conversations?|interviews?|meetings?|recordings?|we (?:hear|heard)|told us|"
    r"(?:spoke|spoken|talked) (?:to|with))\b",
    re.I,
)
# A customer relationship's own data beside what was said.
HEALTH: Final = re.compile(r"\b(?:crm|health(?: scores?)?)\b", re.I)
AT_RISK_ONES: Final = re.compile(r"\bat[- ]risk (?:customers|accounts|clients)\b", re.I)
RENEWING: Final = re.compile(
    r"\b(?:renew(?:s|ing)?|up for renewal|whose (?:contract|renewal) (?:ends?|is)|"
    r"expir(?:es?|ing))\b.{0,30}",
    re.I,
)
WITHIN: Final = re.compile(
    r"\b(?:with)?in the next (\d{1,3}|three|six|nine|twelve) (day|week|month)s?\b", re.I
)
TONES: Final[tuple[tuple[re.Pattern[str], tuple[EvidenceKind, ...]], ...]] = (
    (
        re.compile(
            r"\b(?:at risk|churn\w*|leav(?:e|ing)|losing (?:us|them)|"
            r"(?:could|might|may|will) we lose|we (?:could|might|may|will) lose)\b",
            re.I,
        ),
        ("risk", "competitor"),
    ),
    (
        re.compile(
            r"\b(?:lik(?:e|es|ed)|lov(?:e|es|ed)|prais\w*|happ(?:y|iest)|best|valu(?:e|es|ed)|"
            r"favou?rite)\b",
            re.I,
        ),
        ("praise",),
    ),
    (re.compile(r"\b(?:competitors?|alternatives?|switch\w*)\b", re.I), ("competitor",)),
    (
        re.compile(r"\b(?:ask(?:s|ed|ing)? for|request\w*|want\w*|wish\w*)\b", re.I),
        ("request", "pain"),
    ),
)
CALENDAR: Final = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
# The words a question is asked with; what is left is what it is about.
FRAME: Final = frozenset(
    """a about account accounts all an and any anyone are as ask asked asking asks at be been best
    biggest big but by call calls can client clients combined come companies company complain
    complained complaining complains complaint complaints connection conversation conversations
    could customer customers did do does drive driving each everyone find firm firms for from get
    give had has have hear heard held her him his how i in into is it its kind largest like
    liked likes list lot love loved main many matter matters me mean mention mentioned mentions
    most much my name need needed needs no not of often on or our out over part people pressing
    problem problems raise raised really report reported reports request requested requests risk
    role said say saying says should so speak spoke spoken talk talked talks tell than that the
    their them there these they thing things this those to told total top trouble us user users
    value want wanted wants was we were what when where which who whom whose why will wish wishes
    with would you your pain pains theme themes tier segment region customer's customers' overall
    arr revenue compare compared comparing versus vs differ differs difference up came comes coming
    may might differences disagree disagrees agree agrees""".split()
)
