"""Reading a call as a whole: what the page, the API and `firsthand show` present."""

from __future__ import annotations

from ingest.library import Library
from ingest.models import Call, Utterance
from ingest.store import get_call, list_utterances


class CallText(Call):
    """A call with everything said in it."""

    utterances: tuple[Utterance, ...] = ()


def read_call(library: Library, call_id: str) -> CallText:
    """Raises ``NotFound``."""
    with library.read() as connection:
        call = get_call(connection, call_id)
        words = list_utterances(connection, call_id)
    return CallText(**{**dict(call), "utterances": tuple(words)})
