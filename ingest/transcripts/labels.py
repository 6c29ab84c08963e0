"""Finds out who speaks in lines such as ``Maureen Tolliver: I can hear you``.

A colon alone proves nothing ("Look: it broke"), so a label has to look like a name or to come back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# "**Name:** text", "**Name**: text", "Name: text", each perhaps after a time in brackets.
_LABELLED = re.compile(
    r"^(?:[-*] )?(?:[\[(](?P<stamp>(?:\d{1,2}:)?\d{1,3}:\d\d)(?:\.\d+)?[\])]\s*)?"
    r"(?:\*\*|__)?(?P<label>[^\s:*_#>|][^:\n*]{0,79}?)(?:\*\*|__)?\s*:(?:\*\*|__)?"
    r"(?:\s+(?P<text>.*)|$)",
    re.DOTALL,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What often stands before a colon and is nobody.
HEADERS = _words(
    """
    account accounts agenda attendees call client company customer date document duration email
    from host id invitees language length link location meeting organizer organiser participants
    people phone place present project recorded recording room session source speakers start
    started subject summary time title to topic transcript transcription type url venue when
    where
    """
)
_DISCOURSE = _words(
    """
    actually also always and answer anyway basically because but caution example examples first
    firstly finally fine fact honestly http https idea important instead issue listen look maybe
    mind no not note now ok okay one option or point problem ps q question quote re really
    remember result right second secondly see so still step then therefore third thing tip two
    update wait warning well what why yeah yes
    """
)
_NAME_WORD = re.compile(r"^(?:[^\W\d_][\w.'’\-]*|\d{1,3}|\(.*\)|&|@.+)$")
_PARTICLES = _words(
    """
    al bin da de del della den der di dos du el la le of ten ter the van von y zu
    """
)


def split_label(line: str) -> tuple[str, str, str | None] | None:
    """``(label, text, stamp)`` when the line may begin with a label; whether it does is open."""
    found = _LABELLED.match(line.strip())
    if found is None or not _possible(found["label"]):
        return None
    return found["label"].strip(), (found["text"] or "").strip(), found["stamp"]


def true_labels(labels: Iterable[str], lines: int) -> frozenset[str]:
    """Those of ``labels`` (one entry per occurrence, out of so many ``lines``) that are speakers.

    Names (every word with a capital, at most six) are, once is enough; anything else of one or two
    words is from its third occurrence on ("imogen: …"), as people also type transcripts by hand.
    Where many lines have no label at all, a single word that comes once among full names is taken
    for speech ("Dubbo: nine mechanics").
    """
    counts = Counter(labels)
    names = {label for label in counts if _like_a_name(label)}
    full = sum(len(label.split()) > 1 for label in names)
    if full >= 2 and counts.total() < 0.9 * lines:
        names = {label for label in names if len(label.split()) > 1 or counts[label] > 1}
    typed = {label for label, n in counts.items() if n >= 3 and len(label.split()) <= 2}
    return frozenset(names | typed)


def labelled_lines(lines: Sequence[str]) -> list[str]:
    """The labels, one per line that begins with the label of a speaker."""
    found = [split[0] for line in lines if (split := split_label(line)) is not None]
    accepted = true_labels(found, len(lines))
    return [label for label in found if label in accepted]


def _possible(label: str) -> bool:
    words = label.lower().split()
    if not words or len(words) > 8 or any(c in label for c in '?!;"<>{}='):
        return False
    return not (len(words) == 1 and words[0].strip(".,") in HEADERS | _DISCOURSE)


def _like_a_name(label: str) -> bool:
    words = re.sub(r"\([^)]*\)|\[[^\]]*\]|\|.*", " ", label).replace(",", " ").split()
    if not words or len(words) > 6 or not any(c.isalpha() for c in label):
        return False
    if words[0].lower() in _DISCOURSE and len(words) > 1:
        return False
    return (
        all(
            _NAME_WORD.match(word) and (not word[0].islower() or word.lower() in _PARTICLES)
            for word in words
        )
        and not words[0][0].isdigit()
    )
