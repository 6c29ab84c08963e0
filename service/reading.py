"""Reading a call as a whole: what the page, the API and `firsthand show` present."""

from __future__ import annotations

from ingest.correction_log import LastCorrection, newest
from ingest.library import Library
from ingest.models import Call, Utterance
from ingest.readings import Dropped, NamedSpeaker, load
from ingest.store import get_call, list_utterances


class CallText(Call):
    """A call with everything said in it.

    ``suggested`` is who speakers may be, as a model gathered from what is said; a person decides.
    ``dropped`` is what the model gave that did not check out; ``read_by`` the model. ``undo`` is
    the correction that can be taken back.
    """

    utterances: tuple[Utterance, ...] = ()
    suggested: tuple[NamedSpeaker, ...] = ()
    read_by: str | None = None
    dropped: tuple[Dropped, ...] = ()
    undo: LastCorrection | None = None


def read_call(library: Library, call_id: str) -> CallText:
    """Raises ``NotFound``."""
    with library.read() as connection:
        call = get_call(connection, call_id)
        words = list_utterances(connection, call_id)
        reading = load(connection, call_id)
        undo = newest(connection, call_id)
    told: dict[str, object] = {**dict(call), "utterances": tuple(words), "undo": undo}
    if reading is not None:
        unnamed = {s.label for s in call.speakers if not s.named_by_person}
        told |= {
            "read_by": reading.model,
            "suggested": tuple(n for n in reading.names if n.label in unnamed),
            "dropped": reading.dropped,
        }
    return CallText.model_validate(told)
