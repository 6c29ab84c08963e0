"""Turns the labels of a file into names without making one person of two."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.errors import BadInput
from ingest.models import Participant
from ingest.transcripts.clean import name_and_company

NOBODY = "Unknown speaker"
_MOST = 1_000


def names_of(labels: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """For every label its name and, where it says so, company: ``Alex Kim (Larkspur)``.

    Where two labels would get the same name, both keep what tells them apart. Raises ``BadInput``
    for more people than a call can have.
    """
    labels = list(labels)
    if len(labels) > _MOST:
        raise BadInput(f"{len(labels):,} people speak in it, which is no call; look at the export")
    split = {label: name_and_company(label) for label in labels}
    split = {label: (name or NOBODY, company) for label, (name, company) in split.items()}
    owners: dict[str, set[str]] = {}
    for name, company in split.values():
        owners.setdefault(name, set()).add(company or "")
    whole = {name for name, companies in owners.items() if len(companies - {""}) > 1}
    return {
        label: (f"{name} ({company})" if name in whole and company else name, company)
        for label, (name, company) in split.items()
    }


def participants_of(
    names: Iterable[tuple[str, str | None]], listed: Iterable[Participant] = ()
) -> tuple[Participant, ...]:
    """Those who are listed, then those who only speak, each once."""
    people = {person.name: person for person in listed}
    for name, company in names:
        if name not in people:
            people[name] = Participant(name=name, company=company)
    return tuple(people.values())
