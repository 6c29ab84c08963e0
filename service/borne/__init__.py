"""Whether a sentence that a model wrote follows from the quotes it names.

Code decides, by rules that can be read: every number and every name of the sentence is in the
quotes, what they deny is not affirmed and what they affirm is not denied, "might" has not become
"will", and it is about the same matter. What only code may say (how many customers, which need is
the greatest) no sentence says. Paraphrase is free: a rule speaks only where words are shared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from ingest import gate
from service import amounts, clauses
from service.borne.bearing import Near as Near
from service.borne.bearing import nearness as nearness
from service.borne.bearing import unlike, unlike_in_part
from service.borne.counts import counted, nameless, ranked, voices
from service.borne.cutting import cut_for as cut_for
from service.borne.denial import gainsaid
from service.borne.form import MOST_WORDS as MOST_WORDS
from service.borne.form import form, shape
from service.borne.known import Known as Known
from service.borne.known import known_in as known_in
from service.borne.lines import inside
from service.borne.lines import plain as plain
from service.borne.names import strange
from service.shapes import Quote


def borne(
    sentence: str,
    quotes: Sequence[Quote],
    known: Known,
    near: Near | None = None,
    *,
    wish: bool = False,
    given: Sequence[str] = (),
    days: Sequence[date] = (),
) -> str | None:
    """``None`` when the quotes bear the sentence; else why not, in a few words.

    ``given`` is what code itself knows of the quotes: the name of a theme that they stand under,
    what the CRM says; its names and words may be used as theirs are, its numbers may not. ``days``
    are those on which they were said ("On 7 May"). What the quotes deny or suppose, neither
    changes.

    A ``wish`` says what should be, where the quotes say what is not ("it does not save": "work has
    to be saved"): what is denied may then be asked for, and where no word is shared, ``near``
    decides. It is asked about nothing but wishes (see ``nearness``).
    """
    text = plain(sentence)
    first_hand = [q for q in quotes if q.hand == "first"]
    if not first_hand:
        return "only hearsay stands behind it" if quotes else "no quote stands behind it"
    said = [plain(q.text) for q in first_hand]
    parts = [one[a:b] for one in said for a, b in gate.whole_sentences(one)]
    known_of = [plain(one) for one in given]
    mine, *others = clauses.read([text, *parts, *known_of])
    theirs = others[: len(parts)]
    bare = nameless(text, first_hand, known)
    told = [*said, *known_of]
    return (
        form(text, said)
        or counted(bare, said, voices(first_hand))
        or ranked(text, said)
        or _numbers(_without_days(bare, days), said)
        or _quoted(text, said)
        or strange(_without_days(text, days), first_hand, told, known)
        or (None if wish else gainsaid(mine, theirs, parts, text))
        or unlike(text, told, first_hand, known, near if wish else None)
        or unlike_in_part(mine, others, first_hand, known, wish=wish)
    )


def fits(label: str, quotes: Sequence[Quote], known: Known, near: Near | None = None) -> str | None:
    """As ``borne``, for the name of a theme: a few words, also "Fieldmoss" or "Pay on the spot"."""
    text = plain(label)
    first_hand = [q for q in quotes if q.hand == "first"]
    if not first_hand:
        return "no quote stands behind it"
    said = [plain(q.text) for q in first_hand]
    mine, *others = clauses.read([text, *said])
    bare = nameless(text, first_hand, known)
    return (
        shape(text)
        or counted(bare, said, voices(first_hand))
        or ranked(text, said)
        or _numbers(bare, said)
        or strange(text, first_hand, said, known)
        or (None if inside(text, said) else unlike(text, said, first_hand, known, near))
        or unlike_in_part(mine, others, first_hand, known, wish=True)
    )


def _without_days(text: str, days: Sequence[date]) -> str:
    """The text without these days as they are written out, with day and month."""
    for day in days:
        month = f"(?:{day:%B}|{day:%b})"
        nth = rf"0?{day.day}(?:st|nd|rd|th)?"
        written = rf"\b(?:{nth} (?:of )?{month}|{month} {nth})\b(?:,? {day.year}\b)?"
        text = re.sub(written, "then", text, flags=re.IGNORECASE)
    return text


def _numbers(text: str, said: Sequence[str]) -> str | None:
    missing = amounts.unborne(text, said)
    return None if missing is None else f"the quotes have no “{missing}”"


_QUOTATION = re.compile(r"[“\"]([^“”\"]{1,400})[”\"]")


def _quoted(text: str, said: Sequence[str]) -> str | None:
    for found in _QUOTATION.finditer(text):
        if re.search(r"\w", found[1]) and not inside(found[1], said):
            return f"nobody said “{found[1]}”"
    return None
