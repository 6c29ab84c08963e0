"""What hooks are told: each event once, in both forms, as the golden files have it.

``FIRSTHAND_GOLDEN=1`` writes them anew.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.errors import NotFound
from ingest.library import Library
from ingest.outbox import Event
from ingest.pipeline import About, describe, process
from ingest.tables import accounts, calls, evidence
from ingest.tables import deliveries as outbox
from service import codebook, editing
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.erase import erase
from service.home_settings import SettingsChange, change_settings
from service.hooks import store
from service.hooks.deliveries import Delivery, list_deliveries
from service.hooks.formats import body
from service.hooks.store import EVENTS, Format, NewHook
from service.hooks.telling import About as Ids
from service.hooks.telling import tell
from service.noticing import notice
from service.shapes import Code, Filters
from tests.service.voiced import LEAVING, hear

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("FIRSTHAND_GOLDEN") == "1"
AT = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)
HOSTILE = "<!channel> & <https://evil.example|click> *now* `rm`\n> not said"


@pytest.fixture
def hooked(filled: Library) -> Library:
    """A home with a need that two accounts voiced, and a hook that wants all."""
    (code,) = codebook.put_codes(filled, [NewCode(label="False alarms", kind="pain")])
    for call_id in ("FC-1", "FC-2"):
        codebook.judge(filled, code.id, call_id, 1, "confirm")
    notice(filled)
    store.add(filled, NewHook(url="http://127.0.0.1:9/", events=EVENTS), private=True)
    return filled


def told(library: Library) -> list[Delivery]:
    with library.read() as connection:
        return list_deliveries(connection)


def of(library: Library, event: Event) -> list[Delivery]:
    return [one for one in told(library) if one.event == event]


def about(library: Library, event: Event) -> Ids:
    """What the one delivery of the event tells of."""
    with library.read() as connection:
        query = sa.select(outbox.c.about).where(outbox.c.event == event)
        found: Ids = connection.execute(query).scalar_one()
        return found


def code_of(library: Library) -> Code:
    with library.read() as connection:
        (code,) = codebook.list_codes(connection)
    return code


def message(
    library: Library, event: Event, format_: Format, ids: Ids, *, with_words: bool = True
) -> bytes:
    with library.read() as connection:
        one = tell(library, connection, event, ids, with_words=with_words)
    return body(format_, event, AT, "main", one)


def ids_of(library: Library, event: Event, folder: Path) -> Ids:
    """Have it happen; what is told of it."""
    if event == "memo.drafted":
        draft_and_save(library, filters=Filters(), memo_id="memo-1", today=AT.date())
        return about(library, event)
    call_id = hear(library, folder, f"Another false alarm in the night. {LEAVING}")
    if event == "theme.gained_account":
        codebook.judge(library, code_of(library).id, call_id, 1, "confirm")
    notice(library)
    return about(library, event)


@pytest.mark.parametrize("format_", ["standard", "slack"])
@pytest.mark.parametrize("event", EVENTS)
def test_golden(hooked: Library, tmp_path: Path, event: Event, format_: Format) -> None:
    text = message(hooked, event, format_, ids_of(hooked, event, tmp_path))
    # Of a code's id only that it is one.
    document = json.loads(text.replace(code_of(hooked).id.encode(), b"code-1"))
    file = GOLDEN / f"{event}.{format_}.json"
    if WRITES:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert document == json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("format_", ["standard", "slack"])
@pytest.mark.parametrize("event", EVENTS)
def test_without_words_nothing_of_what_was_said_is_in_it(
    hooked: Library, tmp_path: Path, event: Event, format_: Format
) -> None:
    ids = ids_of(hooked, event, tmp_path)
    text = message(hooked, event, format_, ids, with_words=False).decode()
    for words in ("in the night", "we will leave", "Greta", "Noor", "Samuel", "wonderful"):
        assert words not in text


def test_each_event_is_told_once(hooked: Library, tmp_path: Path) -> None:
    call_id = hear(hooked, tmp_path, LEAVING)
    codebook.judge(hooked, code_of(hooked).id, call_id, 1, "confirm")
    for _ in range(3):
        notice(hooked)
    process(hooked, call_id)  # heard anew
    notice(hooked)
    memo = draft_and_save(hooked, filters=Filters())
    draft_and_save(hooked, filters=Filters(), memo_id=memo.id)  # the same again
    assert sorted(one.event for one in told(hooked)) == sorted(EVENTS)
    # Judged away and back it is no news.
    for verdict in ("reject", "confirm"):
        codebook.judge(hooked, code_of(hooked).id, call_id, 1, verdict)
        notice(hooked)
    assert len(told(hooked)) == len(EVENTS)


def test_what_was_there_before_anybody_looked_is_no_news(hooked: Library) -> None:
    """FC-2 speaks of leaving, FC-1 and FC-2 of alarms."""
    notice(hooked)
    codebook.put_codes(hooked, [NewCode(label="Export", definition="A signed export")])
    notice(hooked)
    assert told(hooked) == []


def test_a_call_that_gets_its_account_later_is_told_then(hooked: Library, tmp_path: Path) -> None:
    call_id = hear(hooked, tmp_path, LEAVING)
    with hooked.change() as connection:
        where = calls.c.call_id == call_id
        connection.execute(calls.update().where(where).values(account_id=None))
    notice(hooked)
    assert of(hooked, "risk.heard") == []
    describe(hooked, call_id, About(account_id="FRZ-3"))
    notice(hooked)
    assert about(hooked, "risk.heard")["account_id"] == "FRZ-3"


def test_private_details_are_masked(hooked: Library, tmp_path: Path) -> None:
    said = "A false alarm again. Call me at +1 212 555 0100 or greta@pinecrest.example."
    call_id = hear(hooked, tmp_path, said)
    describe(hooked, call_id, About(title="With Greta Lind, +1 212 555 0100"))
    change_settings(hooked, SettingsChange(mask_names=("Greta Lind",)))
    for format_ in store.FORMATS:
        text = message(hooked, "call.ready", format_, {"call_id": call_id}).decode()
        assert "•••" in text
        for private in ("555", "greta@", "Greta Lind"):
            assert private not in text


def test_hostile_titles_are_text_in_slack(hooked: Library, tmp_path: Path) -> None:
    call_id = hear(hooked, tmp_path, f"A false alarm, {HOSTILE}")
    describe(hooked, call_id, About(title=HOSTILE.replace("\n", " ")))
    with hooked.change() as connection:
        connection.execute(accounts.update().values(name=HOSTILE.replace("\n", " ")))
    document = json.loads(message(hooked, "call.ready", "slack", {"call_id": call_id}))
    texts = [document["text"]]
    for block in document["blocks"]:
        parts = block.get("elements", [block.get("text")])
        texts += [part["text"] for part in parts]
        assert all(part["verbatim"] for part in parts)
    for text in texts:
        # The only markup is ours: bold, links to the page and the mark of a quote.
        ours = text.replace("<http://127.0.0.1:8400/calls/FC-5", "")
        assert "<" not in ours
        assert "evil.example|" not in text.replace("evil.example|click&gt;", "")
        assert sum(line.startswith(">") for line in text.splitlines()) <= 1
        assert len(text) <= 3000
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;" in document["text"]


def test_without_consent_no_words_are_told(hooked: Library) -> None:
    change_settings(hooked, SettingsChange(ask_consent=True))
    document = json.loads(message(hooked, "call.ready", "standard", {"call_id": "FC-1"}))
    assert "quotes" not in document["data"]
    assert document["data"]["evidence"] == {}


def test_what_goes_takes_its_words_from_what_waits(hooked: Library, tmp_path: Path) -> None:
    call_id = hear(hooked, tmp_path, LEAVING)
    codebook.judge(hooked, code_of(hooked).id, call_id, 1, "confirm")
    notice(hooked)
    waiting = {e: about(hooked, e) for e in EVENTS if e != "memo.drafted"}
    assert "leave" not in json.dumps(waiting)
    erase(hooked, call_id)
    for event, ids in waiting.items():
        with pytest.raises(NotFound):
            message(hooked, event, "standard", ids)


def test_what_a_person_struck_out_is_not_told(hooked: Library, tmp_path: Path) -> None:
    call_id = hear(hooked, tmp_path, LEAVING)
    codebook.judge(hooked, code_of(hooked).id, call_id, 1, "confirm")
    notice(hooked)
    risk, gained = about(hooked, "risk.heard"), about(hooked, "theme.gained_account")
    assert b"cancel the contract" in message(hooked, "risk.heard", "standard", risk)
    with hooked.read() as connection:
        query = sa.select(evidence.c.evidence_id).where(evidence.c.call_id == call_id)
        items = connection.scalars(query.where(evidence.c.kind == "risk")).all()
    assert items
    for item in items:
        editing.rekind(hooked, item, "pain")
    with pytest.raises(NotFound):  # it is not about leaving any more
        message(hooked, "risk.heard", "standard", risk)
    for item in items:
        editing.reject(hooked, item)
    with pytest.raises(NotFound):
        message(hooked, "risk.heard", "standard", risk)
    codebook.judge(hooked, code_of(hooked).id, call_id, 1, "reject")
    with pytest.raises(NotFound):
        message(hooked, "theme.gained_account", "standard", gained)
