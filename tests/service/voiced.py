"""One more call for the small corpus: another customer voices what two of them voiced before."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.library import Library
from ingest.pipeline import About, process, receive
from tests import corpus

SAID = "Another false alarm in the night. The alarm rings and does not say which freezer it is."
LEAVING = "If that goes on we will leave you, and cancel the contract in September."


def voiced(folder: Path, said: str = SAID, call_id: str = "FC-5", account: str = "FRZ-5") -> Path:
    """The call as a file."""
    call = {**corpus.call("FC-2"), "call_id": call_id, "account_id": account, "title": "Visit <1>"}
    call["date"] = "2026-06-20"
    utterances = call["utterances"]
    assert isinstance(utterances, list)
    call["utterances"] = [utterances[0], {**utterances[1], "text": said}]
    path = folder / f"{call_id}.json"
    path.write_text(json.dumps(call), "utf-8")
    return path


def hear(library: Library, folder: Path, said: str = SAID, call_id: str = "FC-5") -> str:
    """Take it in here and now; its id."""
    heard = receive(library, voiced(folder, said, call_id), About()).call_id
    process(library, heard)
    return heard
