""" "Might" does not become "will": what the quotes only suppose, a sentence does not state."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest import cues, gate
from service import clauses
from service.clauses import Read

_COMMITS = frozenset(
    """decide decides decided promise promises promised agree agrees agreed commit commits
    committed
    guarantee guarantees guaranteed confirm confirms confirmed approve approves approved""".split()
)
_LEAVES = frozenset(
    """leave leaves leaving left cancel cancels cancelled canceled cancelling switch switches
    switched
    switching churn churns churned churning quit quits terminate terminates terminated terminating
    ditch ditching ditched replace replaces replaced replacing defect defects""".split()
)
# "It left a man idle": who leaves a thing somewhere does not go.
_LEFT_THINGS = frozenset("a an his her its it him them their everyone people nothing".split())
_LEAVES_FOR_SURE = re.compile(
    r"\b(?:churn\w*|cancel(?!lations)\w*|quits?|quitting|terminat\w+|"
    r"(?:have|has) (?:already )?left|(?:will|are|is|['’]ll|plan(?:s|ning)? to|going to) "
    r"(?:(?!not\b|never\b)\w+ )?(?:leave|leaving|switch|"
    r"switching|"
    r"mov(?:e|ing) (?:away|off|to)|replac(?:e|ing)|walk(?:ing)? away)|"
    r"leav(?:e|es|ing) (?:us|the vendor|for good)|gave notice|given notice)\b",
    re.IGNORECASE,
)
_BUYS = frozenset(
    """renew renews renewed renewing upgrade upgrades upgraded upgrading expand expands expanded
    purchase purchases purchased sign signs signed signing extend extends extended""".split()
)
_WILL = re.compile(r"\b(?:will|shall|definitely|certainly|surely)\b|['’]ll\b", re.IGNORECASE)
_WILLS = re.compile(
    r"\b(?:will|shall|won['’]t|going to|gonna|plan(?:s|ned|ning)? (?:to|on)|intends?|about to|"
    r"definitely|"
    r"certain(?:ly)?|am|['’]m|are|['’]re|is) ?\b(?:\w+ing\b)?|['’]ll\b",
    re.IGNORECASE,
)


def supposed_only(
    mine: Sequence[Read], others: Sequence[Sequence[Read]], text: str, said: Sequence[str]
) -> str | None:
    """What is certain in the sentence and only supposed in the quotes."""
    theirs = [word for words in others for word in words]
    told = {w.group for w in mine if not w.idle}
    supposed = {
        t.group
        for words in others
        for t in words
        if t.supposed and _shares({w.group for w in words if not w.idle}, told)
    } - {t.group for t in theirs if not t.supposed and not t.hedged}
    for n, word in enumerate(mine):
        if word.hedged or word.wished or word.denied == 3:
            continue
        for family, demanded in ((_COMMITS, True), (_LEAVES, False), (_BUYS, False)):
            behind = mine[n + 1].word if n + 1 < len(mine) else ""
            if word.word not in family or (family is _LEAVES and behind in _LEFT_THINGS):
                continue
            same = [
                t
                for t in theirs
                if t.word in family and (family is not _LEAVES or t.group == word.group)
            ]
            if same and all(t.hedged for t in same):
                return f"the quotes only suppose “{word.word}”"
            if not same and demanded:
                return f"nobody said “{word.word}”"
        if word.group in supposed and not word.idle:
            return f"the quotes only suppose “{word.word}”"
    hedged = any(w.hedged for w in mine)
    if not hedged and _LEAVES_FOR_SURE.search(text):
        leaving = [m for one in said for m in _sentences_with(cues.LEAVING, one)]
        sure = any(_LEAVES_FOR_SURE.search(one) for one in said)
        if not leaving and not sure:
            return "nobody speaks of leaving"
        if not sure and all(any(w.hedged for w in clauses.read([one])[0]) for one in leaving):
            return "the quotes only suppose that they leave"
    if not hedged and _WILL.search(text) and not any(_WILLS.search(one) for one in said):
        return "nobody said that it will be so"
    return None


def _shares(words: set[str], told: set[str]) -> bool:
    """Whether the sentence tells of this supposition, and not of one word of it alone."""
    return len(words & told) >= 2 or words <= told


def _sentences_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [text[a:b] for a, b in gate.whole_sentences(text) if pattern.search(text[a:b])]
