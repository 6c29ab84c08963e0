"""What speaks against a need: plain signs of it, and who may give them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from ingest import cues
from service.ledger import Evidence
from service.pointed import pointed, sharpest
from service.shapes import Quote

# Praise weaker than this is a kind word in passing.
_PRAISED = 2
# Who has the need speaks against it too only with so many words of ease beside those of trouble.
_TORN = 2
# "If you don't use it" does not say that nobody does.
_PLEASE = re.compile(r"(?:please|do not|don['’]t)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\bif\b[^.!?]*$", re.IGNORECASE)

# What items were found to say, which does not change; it goes when the item goes.
_FOUND: WeakKeyDictionary[Evidence, dict[bool, Quote | None]] = WeakKeyDictionary()


def against(
    having: Sequence[Evidence], counter: Sequence[Evidence]
) -> Iterator[tuple[Evidence, Quote]]:
    """Those of ``counter`` that plainly speak against a need which ``having`` voice, in their
    order, each with the words that do.
    """
    voiced = Counter(_person(e) for e in having)
    minding = Counter(_person(e) for e in counter if e.content)
    for item in counter:
        if item.matter is not None:
            # A model read it in its place and said so; the signs below are for who cannot read.
            yield item, pointed(item)
            continue
        mine = voiced[_person(item)]
        if mine <= _TORN * minding[_person(item)]:
            found = _FOUND.setdefault(item, {})
            if (mine > 0) not in found:
                found[mine > 0] = against_it(item, has_it=mine > 0)
            quote = found[mine > 0]
            if quote is not None:
                yield item, quote


def against_it(item: Evidence, *, has_it: bool = False) -> Quote | None:
    """The words that speak against a need, where a plain sign says so.

    Of somebody who has the need as well (``has_it``) neither praise nor a no nor a "please don't"
    is enough: it is about something else, or irony.
    """
    text = item.quote().text
    if any(_is_plain(text, m, has_it=has_it) for m in cues.CONTENT.finditer(text)):
        return sharpest(item.spoken, item.first_char, item.end_char, sign=cues.CONTENT)
    praised = item.kind == "praise" and item.strength >= _PRAISED
    refused = cues.NO.match(item.spoken.text) is not None and item.first_char == 0
    return pointed(item) if (praised or refused) and not has_it else None


def _is_plain(text: str, sign: re.Match[str], *, has_it: bool) -> bool:
    asked = has_it and _PLEASE.match(sign.group()) is not None
    return not asked and _SUPPOSED.search(text[: sign.start()]) is None


def _person(item: Evidence) -> tuple[str | None, str]:
    """Who has the need seldom speaks against it; somebody else at the same account may."""
    return item.account_id or item.spoken.call_id, item.spoken.speaker
