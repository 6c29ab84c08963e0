"""Asking: from a question to an Answer of statements that rest on customers' exact words.

Look-ups come from the passages. Everything else comes from the ledger: the codes of the codebook
first, then account by account in order of revenue, so that no account in scope is skipped. No is
an answer too: nobody in scope was heard, only the vendor's own people spoke of it, or what was said
is no nearer to the question than to questions about something else.

Where a language model is set it is asked (``service.model_ask``); what is about accounts alone, or
about calls that are not there, needs none. When it cannot be asked, the answer is made without it
and says so.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import UTC, date, datetime

import sqlalchemy as sa

from ingest.erasures import erasures
from ingest.errors import BadInput, EngineFailed, MissingPart
from ingest.library import Library
from ingest.llm.errors import BudgetSpent, ModelRefused
from ingest.search import search
from ingest.store import list_accounts
from service import general
from service.answers import abstain, answer, each, places_of, quotes_at
from service.comparing import compare
from service.model_ask import answers
from service.naming import vendor_names
from service.question import Known, Understood, understand
from service.scope import Scope, measure, resolve
from service.shapes import Answer, Filters, Statement
from service.topical import borne, told_of
from service.unspoken import unspoken

SEE_ALSO = 4  # places shown after those that answer a look-up
NEAREST = 3  # weak matches shown when abstaining
_HITS = 12


def ask(
    library: Library, question: str, filters: Filters | None = None, *, today: date | None = None
) -> Answer:
    """The answer to ``question`` within ``filters``; what the words say fills open filters.

    ``today`` is the clock's, unless given. Raises ``BadInput`` for an empty or endless question and
    for a filter that names nothing.
    """
    coming = asking(library, question, filters, today=today)
    while True:
        try:
            next(coming)
        except StopIteration as done:
            whole: Answer = done.value
            return whole


def asking(
    library: Library, question: str, filters: Filters | None = None, *, today: date | None = None
) -> Generator[Statement, None, Answer]:
    """As ``ask``, with the statements of a model as they come and check out before the whole."""
    with library.read() as connection:
        since = erasures(connection)
        known = _known(library, connection, today or datetime.now(UTC).date())
        asked = understand(question, known, filters or Filters())
        scope = resolve(connection, asked.filters)
        if asked.filters.accounts == ():
            return abstain(asked, scope, "No account fits what the question asks for.")
        silence = _silence(asked, scope, connection)
        if silence and not asked.unheard:
            return abstain(asked, scope, silence)
        if asked.unheard:
            return _unheard(asked, scope)
    note = None
    if library.llm is not None:
        try:
            llm = library.llm.as_of(since)
            return (yield from answers(library, llm, asked, known, filters or Filters()))
        except (EngineFailed, BadInput, BudgetSpent, ModelRefused, MissingPart) as problem:
            note = f"Answered without the language model. {problem}"
    with library.read() as connection:
        done = _without_model(library, connection, asked, scope)
    yield from done.statements
    if note is None:
        return done
    provenance = done.provenance.model_copy(update={"note": note})
    return done.model_copy(update={"provenance": provenance})


def _without_model(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Answer:
    if asked.health:
        return general.health(library, connection, asked, scope)
    between_people = asked.kind == "compare" and asked.filters.accounts is not None
    if not (asked.about or asked.sides[1:] or between_people):
        return general.strongest(library, connection, asked, scope)
    if asked.kind == "lookup":
        return _look_up(library, connection, asked, scope)
    if asked.kind == "compare":
        return compare(library, connection, asked, scope)
    return told_of(library, connection, asked, scope)


def _known(library: Library, connection: sa.Connection, today: date) -> Known:
    days = [call.date for call in resolve(connection, Filters()).calls if call.date is not None]
    return Known(
        accounts=list_accounts(connection),
        vendor=vendor_names(library, connection),
        latest=max(days, default=None),
        today=today,
    )


def _silence(asked: Understood, scope: Scope, connection: sa.Connection) -> str | None:
    """Why nobody in scope can have said anything, or ``None``."""
    if scope.call_ids and any(call.customer_utterances for call in scope.calls):
        return None
    named = [scope.names[a] for a in asked.filters.accounts or () if a in scope.names]
    if scope.call_ids:
        return "No customer spoke in the calls in scope; only your own people did."
    if named:
        return f"There is no call with {' or '.join(named[:5])}."
    if not resolve(connection, Filters()).call_ids:
        return "There are no calls yet; add recordings or transcripts first."
    if not scope.accounts:
        return "No account lies within these filters."
    return "No call lies within these filters."


def _unheard(asked: Understood, scope: Scope) -> Answer:
    """Whom nobody listened to: account data, about which nobody has to have said anything."""
    silent = [scope.names[a] for a in measure(scope).accounts_silent]
    missing = sum(scope.arr.get(a) or 0.0 for a in measure(scope).accounts_silent)
    told = (
        f"Not heard yet, most revenue first (${missing:,.0f} a year together): {', '.join(silent)}."
        if silent
        else "Every account in scope was heard."
    )
    return answer(asked, scope, (), reason=told)


def _look_up(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Answer:
    """The place that answers, or as many as things were asked; what else is near comes after."""
    missing = unspoken(connection, asked, scope)
    hits = search(
        connection,
        library.index,
        library.embedder,
        asked.text,
        call_ids=scope.call_ids,
        limit=_HITS,
    )
    found = each(quotes_at(connection, places_of(hits), asked.about), scope)
    internal = general.internal(library, connection, asked, scope, hits)
    if missing is not None:
        return abstain(asked, scope, missing, internal=internal, nearest=found[:NEAREST])
    if not borne(library, connection, asked, scope):
        # Whether our own people did is not known: theirs are the nearest words, of whatever.
        reason = "No customer spoke of it in the calls in scope."
        return abstain(asked, scope, reason, internal=internal, nearest=found[:NEAREST])
    # Who asks two things at once is often answered in two turns that follow each other.
    told = 2 if asked.parts > 1 and _beside(found) else 1
    return answer(
        asked, scope, found[:told], internal=internal, nearest=found[told : told + SEE_ALSO]
    )


def _beside(found: Sequence[Statement]) -> bool:
    """Whether the first two places are neighbours in one call: with one turn of ours between."""
    if len(found) < 2:
        return False
    first, second = found[0].quotes[0], found[1].quotes[0]
    return first.call_id == second.call_id and abs(first.utterance - second.utterance) <= 2
