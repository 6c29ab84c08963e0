"""Whether every name in a sentence is in its quotes, or is of those who said them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ingest import keywords
from service import amounts
from service.borne.known import Known
from service.borne.lines import inside
from service.shapes import Quote

WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*\.?")
OPENS = frozenset('.!?:“"')
_PLAIN_CAPITALS = frozenset("i i'm i've i'd i'll ok okay am pm".split())
_FORM_WORDS = (
    keywords.STOP
    | keywords.FRAME
    | frozenset(
        """they it there when without because although though despite even still instead after
        before customer customers client clients account accounts user users staff team teams
        people
        nobody nothing someone somebody everyone everything one another both either neither
        according
        asked using given once since unless until whenever wherever whatever having being getting
        losing waiting working missing paying sometimes often usually currently today now never
        always yes no not also finding keeping making switching leaving sending retyping typing
        manual manually managers manager support pricing price prices billing reports reporting
        scheduling invoices technicians engineers operators workers crews drivers dispatchers
        office their employees company owner owners data work jobs job time money cost costs
        errors delays problems trouble fixing changing adding removing entering roughly beyond
        approximately nearly besides despite regarding overall based rather whereas thanks due
        whether should would could getting alongside amid among throughout within toward towards
        unlike via per plus even still meanwhile however therefore thus hence later earlier
        afterwards previously recently ideally reportedly apparently frustrated unhappy happy
        annoyed worried pleased unable unwilling willing keen reluctant
        knowledge access accuracy automation clarity communication compliance confidence control
        coverage evidence feedback flexibility frustration growth information integration lack
        leaving maintenance mistakes morale onboarding overtime ownership paperwork payment payments
        payroll performance planning privacy problem process productivity quality records renewal
        reliability responsibility risk safety security service speed stress tickets tools training
        transparency trust turnover usage value visibility visits workflow younger older new old
        good bad better worse small large long short late early hard easy slow fast""".split()
    )
)


def strange(text: str, quotes: Sequence[Quote], said: Sequence[str], known: Known) -> str | None:
    mine = {q.account_id for q in quotes if q.account_id is not None}
    own = " ".join(known.names.get(a, "") for a in mine)
    speakers = " ".join(q.speaker for q in quotes)
    spoken = _lower_words(" ".join(said))
    allowed = spoken | _lower_words(own) | _lower_words(speakers)
    have = _lower_words(text)
    # An account is named only over its own words.
    owned = _lower_words(own) | _lower_words(speakers)
    for account, name in known.names.items():
        if account in mine:
            continue
        telling = _telling(name, known) - owned
        if telling & have or (
            len(name.split()) > 1 and inside(name, [text]) and not inside(name, [own])
        ):
            return f"{name} is named, and no quote is theirs"
    for person in known.people:
        if person in speakers or not _telling(person, known) & have:
            continue
        for part in sorted(_telling(person, known) & have):
            if part not in allowed:
                return f"{part.capitalize()} is named, and is not in the quotes"
    capitals = [m for m in WORD.finditer(text) if m.group()[0].isupper()]
    titled = 2 * len(capitals) > len(text.split())
    for found in WORD.finditer(text):
        word = found.group().rstrip(".")
        if not named(word):
            continue
        before = text[: found.start()].rstrip("'‘( ")
        opens = not before or before[-1] in OPENS
        ordinary = opens or (titled and word[1:].islower())
        if _allowed(word, allowed) or (ordinary and _ordinary(word, allowed, known)):
            continue
        return f"“{word}” is not in the quotes"
    return None


def named(word: str) -> bool:
    """Whether a word is written like a name: a capital, or letters with digits."""
    if word.lower().replace("’", "'") in _PLAIN_CAPITALS:
        return False
    if any(c.isupper() for c in word):
        return not amounts.amounts(word) or (
            bool(re.search(r"[A-Z]\w*\d", word)) and word[0] != "Q"
        )
    letters = any(c.isalpha() for c in word)
    return letters and any(c.isdigit() for c in word) and not amounts.amounts(word)


def _allowed(word: str, allowed: Collection[str]) -> bool:
    low = possessed(word.lower())
    if low in allowed or low.replace(".", "") in allowed:
        return True
    if low.endswith("s") and low[:-1] in allowed:
        return True
    if low + "s" in allowed:
        return True
    parts = [possessed(p) for p in re.split(r"[-&'’.]", low) if p]
    return len(parts) > 1 and all(p in allowed or p in _FORM_WORDS or len(p) < 2 for p in parts)


def _ordinary(word: str, allowed: Collection[str], known: Known) -> bool:
    """Whether a word that opens a sentence is an ordinary one, as far as anybody can tell."""
    if any(c.isupper() for c in word[1:]):
        return False
    forms = _forms(possessed(word.lower()))
    return any(f in _FORM_WORDS or f in known.vocabulary or f in allowed for f in forms)


def _forms(word: str) -> set[str]:
    """The word and what it may be a form of: "dispatchers", "dispatcher", "dispatch"."""
    forms = {word}
    for part in word.split("-"):
        forms |= {part} if len(word.split("-")) > 1 else set()
    for ending in (
        "s",
        "es",
        "ed",
        "d",
        "ing",
        "er",
        "ers",
        "ly",
        "r",
        "rs",
        "ment",
        "ions",
        "ion",
    ):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            root = word[: -len(ending)]
            forms |= {root, root + "e", root + "s", root + "ing", root + "ed"}
            if len(root) > 3 and root[-1] == root[-2]:
                forms.add(root[:-1])
    if word.endswith("ies"):
        forms.add(word[:-3] + "y")
    return forms | {word + "s", word + "d", word + "ed", word + "ing"}


def possessed(word: str) -> str:
    for tail in ("'s", "’s", "'d", "’d", "'ll", "’ll", "'re", "’re", "'ve", "’ve", "'", "’"):
        word = word.removesuffix(tail)
    return word


def _lower_words(text: str) -> set[str]:
    found = {possessed(w.lower().rstrip(".")) for w in WORD.findall(text)}
    return found | {p for w in found for p in re.split(r"[-&'’.]", w) if p}


def _telling(name: str, known: Known) -> set[str]:
    """The words of a name that are nothing but a name."""
    return {
        w
        for w in _lower_words(name)
        if len(w) > 2 and w not in known.vocabulary and w not in _FORM_WORDS
    }
