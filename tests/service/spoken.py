"""Calls made by hand, put into a home the way files get there; and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from ingest.library import Library
from ingest.models import Account
from ingest.pipeline import About
from ingest.store import put_accounts
from service.adding import Adding
from service.matching import Lights
from service.said import Place, Said, read_said
from service.scope import resolve
from service.shapes import Answer, Filters, Theme
from service.themes import confirmed_themes
from tests.corpus import VENDOR

Lines = Sequence[tuple[str, str]]  # who ("c" a customer, "v" the vendor, or a name) and the words


def hold(
    library: Library,
    call_id: str,
    account_id: str | None,
    lines: Lines,
    *,
    customer: str = "Ada Moss",
    others: Sequence[str] = (),
    day: str = "2026-05-25",
) -> None:
    """Put a call into the home. ``others`` are customers beside ``customer``."""
    take_in(
        library, [spoken(call_id, account_id, lines, customer=customer, others=others, day=day)]
    )


def spoken(
    call_id: str,
    account_id: str | None,
    lines: Lines,
    *,
    customer: str = "Ada Moss",
    others: Sequence[str] = (),
    day: str = "2026-05-25",
) -> dict[str, object]:
    """A call as native JSON."""
    names = {"c": customer, "v": VENDOR[0]}
    return {
        "call_id": call_id,
        "title": f"{call_id} with product",
        "date": day,
        "account_id": account_id,
        "source": "zoom",
        "participants": [
            *({"name": name, "role": "customer"} for name in (customer, *others)),
            {"name": VENDOR[0], "email": VENDOR[2], "role": "internal"},
        ],
        "utterances": [
            {"i": i, "speaker": names.get(who, who), "text": text}
            for i, (who, text) in enumerate(lines)
        ],
    }


def take_in(library: Library, calls: Iterable[Mapping[str, object]]) -> None:
    """Put calls in native JSON into the home: many at once take little longer than one."""
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for call in calls:
        path = library.home.parent / f"{call['call_id']}.json"
        path.write_text(json.dumps(call), "utf-8")
        adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()


def held(library: Library, told: Mapping[str, Sequence[str]]) -> Said:
    """A call ``C-…`` for each account, in which each text is a passage of its own."""
    with library.change() as connection:
        put_accounts(connection, [Account(account_id=a, name=f"Firm {a}") for a in told])
    calls = []
    for account_id, texts in told.items():
        lines = [line for text in texts for line in (("v", "What else is there?"), ("c", text))]
        calls.append(spoken(f"C-{account_id}", account_id, lines))
    take_in(library, calls)
    with library.read() as connection:
        return read_said(library, connection)


def lit(said: Said, *, dark: Collection[int] = (), praising: Collection[int] = ()) -> Lights:
    """Every passage holds a complaint, ``praising`` ones a praise and ``dark`` ones nothing."""

    def flags(rows: Collection[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        found = np.zeros(len(said), bool)
        found[list(rows)] = True
        return found

    bright = set(range(len(said))) - set(dark)
    return Lights(
        held=tuple(frozenset({place(said, n)} if n in bright else ()) for n in range(len(said))),
        evidence=flags(bright),
        praising=flags(praising),
        content=flags(()),
        minding=flags(bright - set(praising)),
    )


def place(said: Said, row: int) -> Place:
    """Where the passage begins."""
    return said.call_ids[said.call[row]], int(said.first[row])


def confirmed(library: Library, filters: Filters | None = None) -> dict[str, Theme]:
    """The confirmed themes by label."""
    with library.read() as connection:
        scope = resolve(connection, filters or Filters())
        return {t.label: t for t in confirmed_themes(library, connection, scope)}


def accounts(theme: Theme) -> list[str]:
    return [a.account_id for a in theme.accounts]


def places(found: Theme | Answer) -> set[Place]:
    """Where the quotes stand on which a theme or an answer rests."""
    if isinstance(found, Theme):
        return {(q.call_id, q.utterance) for q in found.evidence}
    return {(q.call_id, q.utterance) for s in found.statements for q in s.quotes}
