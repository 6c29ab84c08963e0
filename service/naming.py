"""Proper names in what is looked for: who asks for Acme wants words in which Acme was said."""

from __future__ import annotations

import re

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.library import Library
from ingest.tables import speakers, utterances
from service.said import Place

_SMALL, _TITLE = 3, 3  # letters up to which a word stays small in titles; longer words of a title
# Long enough not to be "Ann" or "PDF", and with a small letter, so no acronym.
_NAME = re.compile(r"\b[A-Z][a-z]{3,}[A-Za-z]*\b")


def places_of_names(
    connection: sa.Connection, label: str, vendor: frozenset[str]
) -> frozenset[Place] | None:
    """Where customers said a proper name that stands in ``label``; ``None`` when none stands there.

    A capitalised word is a name when nobody in any call ever says it as a common word, and it is
    not the vendor's own (``vendor``, lower case). Names may be written in two words.
    Where all words of a label are capitalised, a name must also have been said.
    """
    found: set[Place] = set()
    named = False
    titled = _is_titled(label)
    for n, match in enumerate(_NAME.finditer(label)):
        word = match.group()
        begins = n == 0 and not re.search(r"\w", label[: match.start()])
        heard = _heard(connection, word)
        common = any(re.search(rf"\b{word.lower()}\b", text) for _, text, _ in heard)
        if word.lower() in vendor or common or ((begins or titled) and not heard):
            continue
        named = True
        found |= {place for place, _, role in heard if role == "customer"}
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


def _heard(connection: sa.Connection, word: str) -> list[tuple[Place, str, str]]:
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
        .where(joined.contains(word.lower(), autoescape=True))
    )
    pattern = re.compile(r"\b" + r"\s?".join(word) + r"(?:['’]s|s)?\b", re.IGNORECASE)
    return [
        ((call_id, i), text, role)
        for call_id, i, text, role in connection.execute(select)
        if pattern.search(text)
    ]
