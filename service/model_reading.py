"""Has a language model read what no model has read yet, and sorts what it read into themes.

One request for a call, several calls at a time; each reading is stored as it comes, so whatever
stops the work (the spending limit, a dead server, a person) loses nothing and the next time goes on
from there. A call that cannot be read stays as the rules read it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.consent import counts
from ingest.erasures import erasures, require_none
from ingest.errors import Cancelled, FirsthandError, NotFound
from ingest.library import Library
from ingest.llm import Request
from ingest.llm.errors import BudgetSpent, Misshapen, ModelRefused, TooLong
from ingest.llm.port import Llm
from ingest.marks import put_edits
from ingest.readings import Reading, digest, load, save
from ingest.store import get_call, list_utterances, update_call
from ingest.tables import calls, readings
from service.borne import nearness
from service.call_reader import CallRead, Text, checked, halved, requests
from service.known import known_here
from service.theming import sort_matters, unsorted

UNREAD = "Not read by the language model: "
# Of this call alone, and asking again would be paid for in vain.
_OF_THE_CALL = (Misshapen, ModelRefused, NotFound, TooLong)

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """``read`` calls were read now; ``unread`` are sentences on those that could not be."""

    read: int
    unread: tuple[str, ...] = ()


def see_to(
    library: Library,
    progress: Progress = lambda _stage, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    again: bool = False,
) -> Seen:
    """Read and sort whatever waits. Without a model set nothing is done.

    With ``again`` also calls that it could not read before (it declined, gave nothing usable, or
    they are too long).
    Raises ``BudgetSpent`` and ``ModelFailed`` when the work stops before its end; what was read
    until then is kept. Raises ``Cancelled``.
    """
    llm = library.llm
    if llm is None:
        return Seen(0)
    with library.reading(cancelled) as held:  # so that no call is paid for twice
        if not held:
            raise Cancelled("The reading was stopped before it began.")
        with library.read() as connection:
            llm = llm.as_of(erasures(connection))
        seen = _read(library, llm, unread(library, again=again), progress, cancelled)
        progress("themes", 0.0)
        if cancelled():
            raise Cancelled("The reading was stopped; what was read is kept.")
        sort_matters(library, llm)
        progress("themes", 1.0)
    return seen


def waiting(library: Library) -> bool:
    """Whether a model is set and has something to read or to sort."""
    return library.llm is not None and (bool(unread(library)) or unsorted(library))


def unread(library: Library, *, again: bool = False) -> list[str]:
    """The calls that count and that no model has read as they are now, in the order of their ids.

    Those that it could not read are among them only ``again``.
    """
    with library.read() as connection:
        rows = connection.execute(
            sa.select(calls.c.call_id, calls.c.warnings, readings.c.said)
            .join(readings, readings.c.call_id == calls.c.call_id, isouter=True)
            .where(counts())
            .order_by(calls.c.call_id)
        ).all()
        return [
            row.call_id
            for row in rows
            if not row.said and (again or not any(w.startswith(UNREAD) for w in row.warnings))
        ]


def _digest(connection: sa.Connection, call_id: str) -> str | None:
    """Of the call as it is; ``None`` once it was erased."""
    try:
        call = get_call(connection, call_id)
    except NotFound:
        return None
    return digest(list_utterances(connection, call_id), call.speakers)


def _read(
    library: Library,
    llm: Llm,
    ids: Sequence[str],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Seen:
    texts: dict[str, Text] = {}
    failed: dict[str, FirsthandError] = {}
    asked: list[tuple[str, Request[CallRead]]] = []
    for call_id in ids:
        try:
            texts[call_id] = _text(library, call_id)
            asked += [
                (call_id, one) for one in requests(texts[call_id], llm.options.context_tokens)
            ]
        except (TooLong, NotFound) as problem:
            failed[call_id] = problem
    parts = {call_id: sum(name == call_id for name, _ in asked) for call_id in ids}
    answers: dict[str, dict[int, CallRead]] = {call_id: {} for call_id in ids}
    done = 0
    progress("reading", 0.0)
    for n, result in llm.ask_all([one for _, one in asked], cancelled=cancelled):
        call_id = asked[n][0]
        if isinstance(result, CallRead):
            found: list[CallRead] | FirsthandError = [result]
        elif isinstance(result, TooLong) and parts[call_id] == 1:
            found = _in_halves(llm, texts[call_id])
        else:
            found = result
        if isinstance(found, FirsthandError):
            failed[call_id] = found
            continue
        answers[call_id] |= {n + k: answer for k, answer in enumerate(found)}
        if len(answers[call_id]) >= parts[call_id]:
            whole = [answer for _, answer in sorted(answers[call_id].items())]
            done += _keep(library, llm, call_id, checked(texts[call_id], whole, llm.name))
            progress("reading", done / len(ids))
    if cancelled():
        raise Cancelled(f"The reading was stopped; {done} of {len(ids)} calls were read.")
    return _told(library, llm, ids, failed, done)


def _in_halves(llm: Llm, text: Text) -> list[CallRead] | FirsthandError:
    """What a model that could not answer on the whole says of its halves."""
    try:
        return [llm.ask(half) for half in halved(text)]
    except FirsthandError as problem:
        return problem


def _told(
    library: Library, llm: Llm, ids: Sequence[str], failed: dict[str, FirsthandError], done: int
) -> Seen:
    """Notes on each call that it could not be read; raises what would stop the next one too."""
    sentences = []
    with library.change() as connection:
        for call_id, problem in failed.items():
            if _digest(connection, call_id) is None:
                continue  # erased meanwhile: there is nothing left to be told of it
            title = get_call(connection, call_id).title
            sentences.append(f"{title!r} was not read by {llm.name}: {problem}")
            if isinstance(problem, _OF_THE_CALL):
                _warn(connection, call_id, f"{UNREAD}{problem}")
    for problem in failed.values():
        if isinstance(problem, BudgetSpent):
            raise problem
    hopeless = [p for p in failed.values() if not isinstance(p, _OF_THE_CALL)]
    if hopeless:
        raise type(hopeless[0])(
            f"{hopeless[0]} {done} of {len(ids)} calls were read and are kept; "
            "`firsthand read` goes on with the others."
        )
    return Seen(done, tuple(sentences))


def _text(library: Library, call_id: str) -> Text:
    with library.read() as connection:
        return Text(
            get_call(connection, call_id),
            list_utterances(connection, call_id),
            known_here(library, connection),
            nearness(library),
        )


def _keep(library: Library, llm: Llm, call_id: str, reading: Reading) -> bool:
    """Store the reading and make the call's ledger anew, unless the call changed meanwhile."""
    with library.change() as connection:
        require_none(connection, llm.since)
        if _digest(connection, call_id) != reading.said:
            return False  # it is gone, or waits to be read as it is now
        if load(connection, call_id) != reading:
            save(connection, call_id, reading)
            _warn(connection, call_id, None)
            put_edits(library, connection, call_id)
    return True


def _warn(connection: sa.Connection, call_id: str, warning: str | None) -> None:
    """Put ``warning`` in place of what the call says of its reading."""
    before = get_call(connection, call_id).warnings
    left = [w for w in before if not w.startswith(UNREAD)]
    after = left if warning is None else [*left, warning]
    if tuple(after) != before:
        update_call(connection, call_id, warnings=after)


__all__ = ("Progress", "Seen", "see_to", "unread", "waiting")
