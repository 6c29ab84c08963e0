"""Finding one person in all calls: where they spoke, where they are named, and who may be them.

A name is the same when all its words are, whatever their case and order of writing ("Ruiz, Dana").
Similar names are only listed: whether "D. Ruiz" is the same person is for people to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import sqlalchemy as sa

from ingest.erased import ERASED
from ingest.errors import BadInput
from ingest.models import Call
from ingest.store import list_calls
from ingest.tables import accounts, utterances
from service.gone import Mask
from service.person_begun import WORD, begun_with, words_of

_ALIKE = 0.85  # of two names, by difflib
_SHORTEST = 2  # letters of a first or last name that is masked when it stands alone
_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to erase: their names as words, lower case, and e-mail addresses, lower case."""

    name: str
    names: frozenset[_Words]
    emails: frozenset[str]

    def are(self, name: str, email: str | None) -> bool:
        """Whether a speaker is this person."""
        return bool(email and email.casefold() in self.emails) or words_of(name) in self.names


@dataclass(frozen=True, slots=True)
class Spoke:
    """A call in which the person spoke, under which labels. ``only``: no other customer did."""

    call: Call
    labels: frozenset[str]
    only: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """A speaker whose name or address is similar, and the calls they spoke in."""

    name: str
    email: str | None
    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """``named`` are the calls, other than those they spoke in, that name them in what is said, in
    title, file name or warnings; ``mentions`` how many utterances of others do; ``addresses`` those
    that the calls they spoke in tell.
    """

    wanted: Wanted
    spoke: tuple[Spoke, ...]
    named: tuple[Call, ...]
    mentions: int
    similar: tuple[Alike, ...]
    masks: Masks
    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Masks:
    """``full`` masks the whole name and the addresses anywhere; ``of_calls`` masks, in calls in
    which they spoke, first and last name alone as well.
    """

    full: Mask
    of_calls: Mapping[str, Mask]

    def of(self, call_id: str) -> Mask:
        return self.of_calls.get(call_id, self.full)


def wanted(name: str, emails: Iterable[str] = (), also: Iterable[str] = ()) -> Wanted:
    """Raises ``BadInput`` for a name of one word: that is anybody's."""
    if len(words_of(name)) < 2:
        raise BadInput(
            f"{name[:80]!r} is not enough to know one person by: give first and last name."
        )
    names = {words_of(one) for one in (name, *also)} - {()}
    return Wanted(
        " ".join(name.split()), frozenset(names), frozenset(e.strip().casefold() for e in emails)
    )


def find(connection: sa.Connection, who: Wanted) -> Found:
    """Everything of the person that is here."""
    who = replace(who, emails=who.emails | begun_with(connection, who.name))
    calls = list_calls(connection)
    saying = _who_says_what(connection)
    spoke = [
        Spoke(call, mine, not _others(call, mine, saying.get(call.call_id, frozenset())))
        for call in calls
        if (mine := frozenset(s.label for s in call.speakers if who.are(s.name, s.email)))
    ]
    addresses = _addresses(spoke)
    masks = _masks(connection, replace(who, emails=who.emails | addresses), spoke)
    theirs = {one.call.call_id: one.labels for one in spoke}
    named, mentions = set(), 0
    for row in connection.execute(
        sa.select(utterances.c.call_id, utterances.c.speaker, utterances.c.text)
    ):
        if row.speaker in theirs.get(row.call_id, ()):
            continue
        if masks.of(row.call_id)(row.text) != row.text:
            mentions += 1
            named.add(row.call_id)
    told = [
        call
        for call in calls
        if call.call_id not in theirs
        and (call.call_id in named or any(masks.full(t) != t for t in _about(call)))
    ]
    return Found(who, tuple(spoke), tuple(told), mentions, _similar(calls, who), masks, addresses)


def _about(call: Call) -> tuple[str, ...]:
    """All that is told of a call in words."""
    return call.title, call.file_name, call.transcript_file or "", *call.warnings


def _who_says_what(connection: sa.Connection) -> dict[str, frozenset[str]]:
    """The labels with an utterance, by call."""
    found: dict[str, set[str]] = {}
    rows = sa.select(utterances.c.call_id, utterances.c.speaker).distinct()
    for row in connection.execute(rows):
        found.setdefault(row.call_id, set()).add(row.speaker)
    return {call_id: frozenset(labels) for call_id, labels in found.items()}


def _others(call: Call, mine: Collection[str], saying: Collection[str]) -> bool:
    """Whether somebody else is left for whose sake the call stays.

    For a customer that is another customer; for one of our own people anybody.
    """
    customer = any(s.role == "customer" for s in call.speakers if s.label in mine)
    return any(
        s.label in saying and s.label not in mine and not (customer and s.role != "customer")
        for s in call.speakers
        if not s.name.startswith(ERASED)
    )


def _addresses(spoke: Iterable[Spoke]) -> frozenset[str]:
    return frozenset(
        speaker.email.casefold()
        for one in spoke
        for speaker in one.call.speakers
        if speaker.label in one.labels and speaker.email
    )


def _masks(connection: sa.Connection, who: Wanted, spoke: Sequence[Spoke]) -> Masks:
    whole = _whole(who.names, who.emails)
    firms = {
        row.account_id: set(words_of(row.name))
        for row in connection.execute(sa.select(accounts.c.account_id, accounts.c.name))
    }
    of_calls = {}
    for one in spoke:
        call = one.call
        taken = {w for s in call.speakers if s.label not in one.labels for w in words_of(s.name)}
        taken |= firms.get(call.account_id or "", set())
        single = {
            word
            for s in call.speakers
            if s.label in one.labels
            for word in WORD.findall(s.name)
            if word.casefold() not in taken and len(word) >= _SHORTEST and word[0].isupper()
        }
        of_calls[call.call_id] = _mask(whole, _alone(single))
    return Masks(_mask(whole), of_calls)


def _whole(names: Iterable[_Words], addresses: Iterable[str]) -> re.Pattern[str]:
    """The whole name, also in an address or with the last name first; and the addresses."""
    told = [re.escape(address) for address in sorted(addresses, key=len, reverse=True)]
    for words in sorted((w for w in names if len(w) > 1), key=len, reverse=True):
        parts = [re.escape(word) for word in words]
        told.append(r"[\s._-]*".join(parts) + r"(?:@\w[\w.-]*\w)?")
        told.append(rf"{parts[-1]}\s*,\s*" + r"\s+".join(parts[:-1]))
    return re.compile(rf"(?<!\w)(?:{'|'.join(told)})(?!\w)", re.IGNORECASE)


def _alone(words: Collection[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    told = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{told})(?!\w)")


def _mask(*patterns: re.Pattern[str] | None) -> Mask:
    def mask(text: str) -> str:
        for pattern in patterns:
            if pattern is not None:
                text = pattern.sub(ERASED, text)
        return text

    return mask


def _similar(calls: Sequence[Call], who: Wanted) -> tuple[Alike, ...]:
    addresses = {
        s.email.casefold()
        for c in calls
        for s in c.speakers
        if s.email and who.are(s.name, s.email)
    }
    found: dict[tuple[str, str | None], list[str]] = {}
    for call in calls:
        for s in call.speakers:
            if who.are(s.name, s.email):
                continue
            same_address = bool(s.email) and (s.email or "").casefold() in addresses
            if same_address or any(_alike(words_of(s.name), name) for name in who.names):
                found.setdefault((s.name, s.email), []).append(call.call_id)
    return tuple(
        Alike(*key, tuple(dict.fromkeys(ids))) for key, ids in sorted(found.items(), key=str)
    )


def _alike(one: _Words, other: _Words) -> bool:
    """Whether two different names may be one person's: a first name or an initial, a middle name,
    a slip of the pen.
    """
    if not one or not other:
        return False
    few, many = sorted((one, other), key=len)
    if set(few) <= set(many):
        return True
    if one[-1] == other[-1] and one[0][0] == other[0][0]:
        return True
    if one[0] == other[0] and one[-1][0] == other[-1][0] and 1 in (len(one[-1]), len(other[-1])):
        return True
    return SequenceMatcher(None, " ".join(one), " ".join(other)).ratio() >= _ALIKE
