"""People's corrections of a call as they write them: what was masked for them is put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest import corrections, pipeline
from ingest.fixes import SpeakerFix, UtteranceFix
from ingest.library import Library
from ingest.models import Call
from ingest.pipeline import About
from ingest.store import get_call, list_utterances
from service.redaction import meant


def correct(
    library: Library,
    call_id: str,
    *,
    speakers: Mapping[str, SpeakerFix] | None = None,
    merge: Mapping[str, str] | None = None,
    utterances: Mapping[int, UtteranceFix] | None = None,
) -> Call:
    """As ``ingest.corrections.correct``; what is masked in a text or a name stays what it was.

    Raises ``BadInput`` as well where that cannot be told.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
        names = {s.label: [s.name] for s in call.speakers}
        said = {u.i: [u.text] for u in list_utterances(connection, call_id)}

        def whole(written: str | None, original: list[str]) -> str | None:
            return written and meant(library, connection, written, original, alone=True)

        people = {
            label: replace(fix, name=whole(fix.name, names.get(label, [])))
            for label, fix in (speakers or {}).items()
        }
        words = {
            i: replace(fix, text=whole(fix.text, said.get(i, [])))
            for i, fix in (utterances or {}).items()
        }
    return corrections.correct(library, call_id, speakers=people, merge=merge, utterances=words)


def describe(library: Library, call_id: str, about: About) -> None:
    """As ``ingest.pipeline.describe``; what is masked in the title stays what it was."""
    if about.title is not None:
        with library.read() as connection:
            before = [get_call(connection, call_id).title]
            title = meant(library, connection, about.title, before, alone=True)
        about = replace(about, title=title)
    pipeline.describe(library, call_id, about)
