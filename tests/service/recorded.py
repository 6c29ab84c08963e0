"""A call with a recording that nobody had to hear: real speech, and what is said in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.derive import derive
from ingest.library import Library
from ingest.models import Speaker, Utterance
from ingest.pipeline import About, receive
from ingest.playback import make
from ingest.store import replace_words, update_call
from tests.ingest.sounds import spoken

CUSTOMER, OURS = "S1", "S2"
# Dickens, as two people might say him, with the seconds at which they do.
LINES = (
    (CUSTOMER, 1.2, 8.36, "It was the best of times, it was the worst of times, it was the age of"
     " wisdom, it was the age of foolishness,"),
    (OURS, 8.36, 14.91, "it was the epoch of belief, it was the epoch of incredulity, it was the"
     " season of Light,"),
    (CUSTOMER, 15.14, 20.64, "it was the season of Darkness, it was the spring of hope, it was the"
     " winter of despair,"),
)  # fmt: skip
NAMES = {CUSTOMER: "Sydney Carton", OURS: "Jarvis Lorry"}


def recorded(
    library: Library,
    account_id: str | None,
    lines: Sequence[tuple[str, float | None, float | None, str]] = LINES,
    path: Path | None = None,
) -> str:
    """The id of a call in the home with these words, ready, and its copy to play."""
    about = About(account_id=account_id)
    call_id = receive(library, path or spoken("two_cities.wav"), about).call_id
    make(library, call_id)
    words = [
        Utterance(i=i, speaker=label, start_s=start, end_s=end, text=text)
        for i, (label, start, end, text) in enumerate(lines)
    ]
    voices = [
        Speaker(
            label=label,
            name=NAMES[label],
            role="customer" if label == CUSTOMER else "internal",
            basis="person",
        )
        for label in NAMES
    ]
    derived = derive(library.embedder, call_id, words, voices)
    with library.change() as connection:
        replace_words(connection, call_id, voices, words)
        derived.write(connection, library.index)
        update_call(connection, call_id, state="ready", duration_s=44.4)
    return call_id
