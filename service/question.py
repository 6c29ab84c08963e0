"""Understanding a question: what kind it is, which accounts it is about, and its own words.

Plain rules over English question forms and the values found in the accounts; filters that the
asker set always win over what the words suggest.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.errors import BadInput
from ingest.models import Account
from service.scope import TOP
from service.shapes import EvidenceKind, Filters, QuestionKind

LONGEST = 2000  # characters; a question, not a document

_TOP = re.compile(
    r"\b(?:top|largest|biggest|most important)[ -](?:(\d{1,3})[ -])?(?:customer|account|client)s?\b"
    r"|\btop[ -](\d{1,3})\b",
    re.I,
)
_PEOPLE = r"(?:customer|account|client|user|buyer|compan(?:y|ie)|people|they|everyone|anyone)s?"
_COUNT = re.compile(
    r"\bhow many (?:of )?(?:[\w-]+ ){0,3}(?:customers|accounts|clients|companies|firms)\b", re.I
)
_UNHEARD = re.compile(
    r"\b(?:not|never|n['’]t|yet to)\b.{0,20}\b(?:spoken|speak|talked|talk|heard|hear|met|called|"
    r"interviewed|listened)\b|\b(?:silent|unheard)\b",
    re.I,
)
_CALENDAR = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
_COMPARE = re.compile(
    r"\b(?:compared?|versus|vs\.?|differ\w*|difference|disagree|rather than|the same (?:thing|as)|"
    r"more or less|or (?:less|fewer|more)|bear out|agree)\b",
    re.I,
)
_AGGREGATE = re.compile(
    rf"\b(?:what|which|who|where|why|how|do|does|did|are|is)\b.{{0,60}}\b{_PEOPLE}\b"
    r"|\bwho (?:said|says|mention\w*|ask\w*|want\w*|need\w*|complain\w*|report\w*|told)\b"
    r"|\b(?:most common|at risk|top needs|themes?|main (?:needs|pains|problems|complaints))\b",
    re.I,
)
_TONES: tuple[tuple[re.Pattern[str], tuple[EvidenceKind, ...]], ...] = (
    (
        re.compile(r"\b(?:at risk|churn\w*|leav(?:e|ing)|los(?:e|ing) (?:us|them))\b", re.I),
        ("risk",),
    ),
    (
        re.compile(r"\b(?:lik(?:e|es|ed)|lov(?:e|es|ed)|prais\w*|happ(?:y|iest)|best)\b", re.I),
        ("praise",),
    ),
    (re.compile(r"\b(?:competitors?|alternatives?|switch\w*)\b", re.I), ("competitor",)),
    (
        re.compile(r"\b(?:ask(?:s|ed|ing)? for|request\w*|want\w*|wish\w*)\b", re.I),
        ("request", "pain"),
    ),
)
# The words a question is asked with; what is left is what it is about.
_FRAME = frozenset(
    """a about account accounts all an and any anyone are ask asked asks at be been best big biggest
    but by can client clients company companies complain complained complaining complains complaint
    complaints connection could customer customers did do does each everyone find for from get give
    had has have hear heard her him his how i in is it its kind largest like liked likes list lot
    love loved main many me mean mention mentioned mentions most much my name need needed needs of
    often on or our out people problem problems raise raised really report reported request
    requested requests risk said say saying says should so speak spoke talk talked talks tell than
    that the their them there these they thing things this those to told top us user users want
    wanted wants was we were what when where which who whom whose why will wish wishes with would
    you your pain pains theme themes tier segment region customer's customers' overall""".split()
)


@dataclass(frozen=True, slots=True)
class Understood:
    """``about`` are the question's own content words, lower case, in order; none makes it general.

    ``names`` are the proper names among them that stand for no account: who asks about a name
    wants words in which it was said. ``tone`` are the kinds of evidence a general question asks
    for; ``unheard`` means that it asks whom nobody has listened to.
    """

    text: str
    kind: QuestionKind
    filters: Filters
    about: tuple[str, ...]
    names: tuple[str, ...]
    unheard: bool
    tone: tuple[EvidenceKind, ...]


def understand(
    question: str,
    accounts: Sequence[Account],
    given: Filters,
    vendor: frozenset[str] = frozenset(),
) -> Understood:
    """What is asked; ``vendor`` are names of the vendor, lower case, which are no topic.

    Raises ``BadInput`` for an empty or endless question.
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not text:
        raise BadInput(
            "The question is empty; ask something like “What do our top customers need?”."
        )
    if len(text) > LONGEST:
        raise BadInput(f"The question has {len(text):,} characters; ask it in at most {LONGEST:,}.")
    filters, used = _filters(text, accounts, given)
    idle = _FRAME | used | vendor
    about = tuple(
        word
        for word in re.findall(r"[\w$€£%]+(?:[.,:'’-]\w+)*", text.casefold())
        if not _parts(word) <= idle
    )
    names = tuple(name for name in _names(text) if not _parts(name) & idle)
    kind: QuestionKind = "lookup"
    if _COUNT.search(text):
        kind = "count"
    elif _COMPARE.search(text):
        kind = "compare"
    elif _AGGREGATE.search(text) and filters.accounts is None:
        kind = "aggregate"
    tone = next((kinds for cue, kinds in _TONES if cue.search(text)), ("pain", "request"))
    unheard = bool(_UNHEARD.search(text)) and filters.accounts is None and kind != "lookup"
    return Understood(text, kind, filters, about, names, unheard, tone)


def _parts(word: str) -> set[str]:
    """The word's own parts, without possessive endings: ``top-20`` is ``top`` and ``20``."""
    return set(re.findall(r"\w+", re.sub(r"['’]s?\b", "", word.casefold())))


def _names(text: str) -> list[str]:
    """Capitalised words that do not begin a sentence, lower case; no acronyms, months, days."""
    found = re.findall(r"(?<=[\w,;:] )[“\"'(]*([A-Z][^\W\d_]*[a-z][^\W\d_]{2,})", text)
    return [w.casefold() for w in found if w.casefold() not in _CALENDAR]


def _filters(
    text: str, accounts: Sequence[Account], given: Filters
) -> tuple[Filters, frozenset[str]]:
    """The filters said in words where none were set, and the words that said them."""
    said: dict[str, object] = {}
    used: set[str] = set()
    if given.top is None and (top := _TOP.search(text)):
        said["top"] = int(top[1] or top[2] or TOP)
        used |= set(top[0].casefold().split()) | {top[1] or top[2] or ""}
    for field in ("tier", "segment", "region"):
        values = {v for a in accounts if (v := getattr(a, field))}
        named = [v for v in values if re.search(rf"\b{re.escape(v)}\b", text, re.I)]
        # Two of them side by side are being compared, not asked for together.
        if getattr(given, field) is None and len(named) == 1:
            said[field] = named[0]
            used |= set(re.findall(r"\w+", named[0].casefold()))
    if given.accounts is None:
        found = named_accounts(text, accounts)
        if found:
            said["accounts"] = tuple(found)
            used |= {w for words in found.values() for w in words}
    return given.model_copy(update=said), frozenset(used)


def named_accounts(text: str, accounts: Sequence[Account]) -> dict[str, tuple[str, ...]]:
    """Accounts that the text names, by id, with the (lower-case) words that named them.

    A name counts when it stands there whole, or by its first word where that word is no other
    account's; possessives are seen through, and a capitalised word may be misspelt by a letter or
    two (``difflib`` ratio of 0.84).
    """
    words = re.findall(r"[^\W\d_][\w&’'.-]*", text)
    plain = [re.sub(r"(?:['’]s?|[.,;:!?])+$", "", w) for w in words]
    heads: dict[str, list[Account]] = {}
    for account in accounts:
        heads.setdefault(_head(account.name), []).append(account)
    found: dict[str, tuple[str, ...]] = {}
    for account in accounts:
        if re.search(rf"(?<!\w){re.escape(account.name)}(?!\w)", text, re.I):
            found[account.account_id] = tuple(re.findall(r"\w+", account.name.casefold()))
    for word in plain:
        # A lower-case or short word is too likely to be just a word.
        if len(word) < 4 or not word[0].isupper():
            continue
        close = difflib.get_close_matches(word.casefold(), heads, n=1, cutoff=0.84)
        same = heads.get(word.casefold()) or (heads[close[0]] if close and len(word) > 5 else [])
        if len(same) == 1 and same[0].account_id not in found:
            found[same[0].account_id] = (word.casefold(),)
    return found


def _head(name: str) -> str:
    """The first word of a name that is long enough to stand for it."""
    parts = re.findall(r"[\w’'-]+", name.casefold())
    return next((p for p in parts if len(p) >= 4 and p not in _FRAME), name.casefold())
