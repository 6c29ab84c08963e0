"""Understanding a question: what kind it is, which accounts and days it is about, its own words.

Plain rules over English question forms (``service.wording``) and the values found in the accounts;
filters that the asker set always win over what the words suggest.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.errors import BadInput
from ingest.models import Account
from service import wording
from service.coverage import is_unwell
from service.scope import TOP
from service.shapes import EvidenceKind, Filters, QuestionKind
from service.when import span

LONGEST = 2000  # characters; a question, not a document
_PARTS = re.compile(
    r"\band (?:in |on |by |for |with |at )?(?:how|what|why|when|where|who|which|whose)\b", re.I
)
_CAPITAL = r"[A-Z][^\W\d_]*[a-z][^\W\d_]{2,}(?:['’]s)?"
_NUMBERS = {"three": 3, "six": 6, "nine": 9, "twelve": 12}
_DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Known:
    """What a question is understood against.

    ``vendor`` are names of the vendor, lower case, which are no topic; ``latest`` is the day of the
    last call and ``today`` the clock's, for days that are named without a year.
    """

    accounts: Sequence[Account]
    vendor: frozenset[str] = frozenset()
    latest: date | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """``about`` are the question's own content words, lower case, in order; none makes it general.

    ``names`` are the proper names among them that stand for no account: who asks about a name
    wants words in which it was said. ``tone`` are the kinds of evidence a general question asks
    for; ``unheard`` means that it asks whom nobody has listened to, ``health`` that it holds CRM
    data against the calls. ``parts`` is how many things are asked at once. ``sides`` are values of
    one field of the accounts that are being compared ("enterprise", "smb").
    """

    text: str
    kind: QuestionKind
    filters: Filters
    about: tuple[str, ...]
    names: tuple[str, ...]
    unheard: bool
    health: bool
    tone: tuple[EvidenceKind, ...]
    parts: int
    sides: tuple[tuple[str, str], ...] = ()


def understand(question: str, known: Known, given: Filters) -> Understood:
    """What is asked. Raises ``BadInput`` for a question that is endless or has no words."""
    text = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not re.search(r"\w", text):
        raise BadInput(
            f"The question {'has no words' if text else 'is empty'}; "
            "ask something like “What do our top customers need?”."
        )
    if len(text) > LONGEST:
        raise BadInput(f"The question has {len(text):,} characters; ask it in at most {LONGEST:,}.")
    named = named_accounts(text, known.accounts)
    filters, used = _filters(text, known, given, named)
    health = bool(wording.HEALTH.search(text))
    cue, tone = _tone(text)
    idle = wording.FRAME | used | known.vendor | _words(cue)
    about = tuple(
        word
        for word in re.findall(r"[\w$€£%]+(?:[.,:'’-]\w+)*", text.casefold())
        if not _parts(word) <= idle
    )
    names = tuple(_names(text, used | known.vendor))
    sides = _sides(text, known.accounts)
    unheard = bool(wording.UNHEARD.search(text)) and not named
    kind: QuestionKind = "lookup"
    if wording.COUNT.search(text):
        kind = "count"
    elif _compares(text, filters, health or len(sides) > 1):
        kind = "compare"
    elif (wording.AGGREGATE.search(text) or unheard) and filters.accounts is None:
        kind = "aggregate"
    return Understood(
        text=text,
        kind=kind,
        filters=filters,
        about=about,
        names=names,
        unheard=unheard,
        health=health and bool(filters.accounts),
        tone=tone,
        parts=1 + len(_PARTS.findall(text)),
        sides=sides,
    )


def _tone(text: str) -> tuple[str, tuple[EvidenceKind, ...]]:
    """All words that ask for a kind of evidence, and the first one's kinds; pains and requests by
    default.
    """
    found = [(m[0], kinds) for cue, kinds in wording.TONES for m in cue.finditer(text)]
    kinds = found[0][1] if found else ("pain", "request")
    return " ".join(words for words, _ in found), kinds


def _compares(text: str, filters: Filters, held_against: bool) -> bool:
    """Whether two things are held against each other; within one account only people can be."""
    if filters.accounts and not held_against:
        return wording.DIFFER.search(text) is not None
    return wording.COMPARE.search(text) is not None


def _parts(word: str) -> set[str]:
    """The word's own parts, without possessive endings: ``top-20`` is ``top`` and ``20``."""
    return set(re.findall(r"\w+", re.sub(r"['’]s?\b", "", word.casefold())))


def _names(text: str, used: frozenset[str]) -> list[str]:
    """Proper names as they stand: runs of capitalised words that do not begin a sentence.

    No acronyms, nothing of which a word is ``used`` already, and no run of nothing but months,
    days and words of the frame.
    """
    runs = re.findall(rf"(?<=[\w,;:] )[“\"'(]*({_CAPITAL}(?: {_CAPITAL})*)", text)
    found = []
    for run in runs:
        words = re.sub(r"['’]s?\b", "", run.casefold()).split()
        if not set(words) & used and not set(words) <= wording.CALENDAR | wording.FRAME:
            found.append(" ".join(words))
    return found


# --- scope ----------------------------------------------------------------------------------------


def _filters(
    text: str, known: Known, given: Filters, named: dict[str, tuple[str, ...]]
) -> tuple[Filters, frozenset[str]]:
    """The filters said in words where none were set, and the words that said them."""
    said: dict[str, object] = {}
    # An account's name is no topic, whoever set the filter.
    used = {w for words in named.values() for w in words}
    if top := wording.TOP.search(text):
        said["top"] = int(top[1] or top[2] or TOP)
        used |= _words(top[0]) | {top[1] or top[2] or ""}
    for field in ("tier", "segment", "region"):
        values = [v for f, v in _sides(text, known.accounts) if f == field]
        used |= {w for value in values for w in _words(value)}
        if field == "tier" and values:
            used |= {"small", "smaller", "large", "larger", "mid", "market", "ones"}
        # Two of them side by side are being compared, not asked for together; and an account's
        # name says more than its tier does.
        if len(values) == 1 and not named:
            said[field] = values[0]
    # A day is of the calls only where the calls are spoken of; else it is of what was told in them.
    of_calls = known.latest is not None and wording.OF_CALLS.search(text)
    days = span(text, known.latest) if of_calls and known.latest is not None else None
    renewing = _renewing(text, known)
    if days is not None and renewing is None:
        said |= {"since": days.since, "until": days.until}
        used |= _words(days.said)
    if named:
        said["accounts"] = tuple(named)
    elif renewing is not None:
        said["accounts"] = renewing
        used |= {w for found in wording.RENEWING.findall(text) for w in _words(found)}
    elif wording.AT_RISK_ONES.search(text):
        said["accounts"] = tuple(a.account_id for a in known.accounts if is_unwell(a))
        used |= {"at", "risk"}
    open_sides = {k: v for k, v in said.items() if getattr(given, k) is None}
    return given.model_copy(update=open_sides), frozenset(used)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _sides(text: str, accounts: Sequence[Account]) -> tuple[tuple[str, str], ...]:
    """Values of tier, segment and region that the text names, as ``(field, value)``."""
    found = []
    for field in ("tier", "segment", "region"):
        values = sorted({v for a in accounts if (v := getattr(a, field))})
        found += [(field, v) for v in values if re.search(rf"\b{re.escape(v)}\b", text, re.I)]
        if field == "tier":
            found += [(field, v) for v in values if (field, v) not in found and _by_size(text, v)]
    return tuple(found)


def _by_size(text: str, tier: str) -> bool:
    """Whether the text means this tier by how large its customers are ("small firms": SMB)."""
    size = wording.SIZES.get(tier.casefold())
    return size is not None and size.search(text) is not None


def _renewing(text: str, known: Known) -> tuple[str, ...] | None:
    """Accounts whose renewal lies where the text says, or ``None`` when it does not say."""
    found = wording.RENEWING.search(text)
    today = known.today
    if found is None or today is None:
        return None
    if within := wording.WITHIN.search(found[0]):
        count = _NUMBERS.get(within[1].lower()) or int(within[1])
        first, last = today, today + timedelta(days=count * _DAYS[within[2].lower()])
    else:
        # A renewal without a year is the next one.
        years = (today.year, today.year + 1)
        spans = [d for year in years if (d := span(found[0], date(year, 12, 31)))]
        if not spans:
            return None
        days = next((d for d in spans if d.until is None or d.until >= today), spans[0])
        first, last = days.since or today, days.until or date.max
    return tuple(
        a.account_id
        for a in known.accounts
        if a.renewal_date is not None and first <= a.renewal_date <= last
    )


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
            found[same[0].account_id] = tuple(
                {word.casefold(), *re.findall(r"\w+", same[0].name.casefold())}
            )
    return found


def _head(name: str) -> str:
    """The first word of a name that is long enough to stand for it."""
    parts = re.findall(r"[\w’'-]+", name.casefold())
    return next((p for p in parts if len(p) >= 4 and p not in wording.FRAME), name.casefold())
