"""Proper names in what is looked for: who asks for Acme wants words in which Acme was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.library import Library
from ingest.tables import speakers, utterances
from service.by_call import by_call
from service.said import Place

_SMALL, _TITLE = 3, 3  # letters up to which a word stays small in titles; longer words of a title
# Long enough not to be "Ann" or "PDF", and with a small letter, so no acronym.
_NAME = re.compile(r"\b[A-Z][a-z]{3,}[A-Za-z]*\b")


def places_of_names(
    connection: sa.Connection, label: str, vendor: frozenset[str], *, keep: bool = False
) -> frozenset[Place] | None:
    """Where customers said a proper name that stands in ``label``; ``None`` when none stands there.

    A capitalised word is a name when nobody in any call ever says it as a common word, and it is
    not the vendor's own (``vendor``, lower case). Names may be written in two words.
    Where all words of a label are capitalised, a name must also have been said. ``keep`` what is
    found for a label that is looked for again and again.
    """
    found: set[Place] = set()
    named = False
    titled = _is_titled(label)
    for n, match in enumerate(_NAME.finditer(label)):
        word = match.group()
        begins = n == 0 and not re.search(r"\w", label[: match.start()])
        heard = [*_everywhere(connection, word, keep=keep).values()]
        common = any(one.common for one in heard)
        if word.lower() in vendor or common or ((begins or titled) and not heard):
            continue
        named = True
        found |= {place for one in heard for place in one.places}
    return frozenset(found) if named else None


def _is_titled(label: str) -> bool:
    """Whether all its longer words are capitalised: "Signed Records For Auditors"."""
    long = [word for word in re.findall(r"[^\W\d_]+", label) if len(word) > _SMALL]
    return len(long) >= _TITLE and all(word[0].isupper() for word in long)


def vendor_names(library: Library, connection: sa.Connection) -> frozenset[str]:
    """The vendor's own name, as its people's e-mail domains have it, lower case."""
    domains = internal_domains(connection) | set(library.options.internal_domains)
    of_people = sa.select(speakers.c.email).where(
        speakers.c.role == "internal", speakers.c.email.is_not(None)
    )
    domains |= {email.rpartition("@")[2] for email in connection.scalars(of_people.distinct())}
    return frozenset(domain.split(".")[0].casefold() for domain in domains)


@dataclass(frozen=True, slots=True)
class _Heard:
    """Where customers said a word in a call, and whether anybody there said it as a common word."""

    places: tuple[Place, ...]
    common: bool


def _everywhere(connection: sa.Connection, word: str, *, keep: bool) -> Mapping[str, _Heard]:
    """By call; those in which it was not said are left out."""
    if not keep:
        return _heard(connection, word, sa.true())
    return by_call(
        connection,
        f"heard: {word}",
        lambda ids: _heard(connection, word, utterances.c.call_id.in_(ids)),
    )


def _heard(
    connection: sa.Connection, word: str, where: sa.ColumnElement[bool]
) -> dict[str, _Heard]:
    """Utterances in which the word stands, also as two ("Acme Corp" for Acmecorp)."""
    joined = sa.func.replace(sa.func.lower(utterances.c.text), " ", "")
    select = (
        sa.select(utterances.c.call_id, utterances.c.i, utterances.c.text, speakers.c.role)
        .join(
            speakers,
            sa.and_(
                speakers.c.call_id == utterances.c.call_id,
                speakers.c.label == utterances.c.speaker,
            ),
        )
        .where(where, joined.contains(word.lower(), autoescape=True))
    )
    pattern = re.compile(r"\b" + r"\s?".join(word) + r"(?:['’]s|s)?\b", re.IGNORECASE)
    small = re.compile(rf"\b{word.lower()}\b")
    found: dict[str, _Heard] = {}
    for call_id, i, text, role in connection.execute(select):
        if pattern.search(text):
            before = found.get(call_id, _Heard((), common=False))
            place = ((call_id, i),) if role == "customer" else ()
            common = before.common or small.search(text) is not None
            found[call_id] = _Heard((*before.places, *place), common)
    return found
