from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.pipeline import About, describe
from ingest.redaction import NOTHING, Redaction
from ingest.tables import accounts, calls, loop_states, noticed
from service import codebook, loop
from service.codebook import NewCode
from service.erase import erase
from service.erase_person import erase_person
from service.home_settings import SettingsChange, change_settings
from service.loop import Entry, Wanted, queue
from service.loop_file import as_csv
from service.noticing import notice
from service.shapes import Code
from tests.service.voiced import hear

ALARM = "The alarm rings and does not say which freezer"


@pytest.fixture
def alarms(filled: Library) -> Code:
    """A need that FRZ-1 and FRZ-2 voiced before anybody looked."""
    (code,) = codebook.put_codes(
        filled, [NewCode(label="False alarms", definition=ALARM, kind="pain")]
    )
    for call_id in ("FC-1", "FC-2"):
        code = codebook.judge(filled, code.id, call_id, 1, "confirm")
    notice(filled)
    return code


def entries(library: Library, **wanted: object) -> list[Entry]:
    found = queue(library, Wanted(**{"state": None, **wanted}))  # type: ignore[arg-type]
    return [entry for need in found.needs for entry in need.entries]


def voice(library: Library, code: Code, folder: Path) -> str:
    """A call in which FRZ-5 voices the need as well."""
    call_id = hear(library, folder)
    codebook.judge(library, code.id, call_id, 1, "confirm")
    notice(library)
    return call_id


def test_a_shipped_need_lists_everybody_who_voiced_it_in_their_words(
    filled: Library, alarms: Code
) -> None:
    assert entries(filled) == []
    codebook.set_status(filled, alarms.id, "shipped")
    (need,) = queue(filled).needs
    assert (need.label, need.status) == ("False alarms", "shipped")
    assert [e.account_id for e in need.entries] == ["FRZ-1", "FRZ-2"]  # the most ARR first
    for entry in need.entries:
        assert entry.why == "shipped"
        assert entry.state == "to do"
        assert all(q.account_id == entry.account_id for q in entry.quotes)
        assert entry.quotes[0].text in entry.note
        assert entry.quotes[0].speaker in entry.note
        assert f"/calls/{entry.quotes[0].call_id}?t=" in entry.note
        assert entry.note.startswith(f"Hi {(entry.owner or '').split()[0]},")
    assert queue(filled).owners == ("Ida Kern",)


def test_that_it_shipped_is_undone_as_any_change_of_the_codebook(
    filled: Library, alarms: Code
) -> None:
    shipped = codebook.set_status(filled, alarms.id, "shipped")
    assert shipped.status_at is not None
    with filled.read() as connection:
        assert codebook.history(connection)[0].what == "marked “False alarms” as shipped"
    assert codebook.undo(filled) == "marked “False alarms” as shipped"
    with filled.read() as connection:
        assert codebook.get_code(connection, alarms.id) == alarms
    assert entries(filled) == []
    # Marked as what it is already: the day stays.
    again = codebook.set_status(filled, alarms.id, "shipped")
    assert codebook.set_status(filled, alarms.id, "shipped").status_at == again.status_at


def test_an_account_that_is_new_to_a_need_is_an_entry_once(
    filled: Library, alarms: Code, tmp_path: Path
) -> None:
    voice(filled, alarms, tmp_path)
    (entry,) = entries(filled)
    assert (entry.account_id, entry.why, entry.owner) == ("FRZ-5", "gained", "Tom Bell")
    assert "Nothing is decided yet." in entry.note
    codebook.set_status(filled, alarms.id, "planned")
    (planned,) = entries(filled)
    assert planned.id == entry.id
    assert "It is planned." in planned.note
    # Once it has shipped there is one entry for each of them, the new one among them.
    codebook.set_status(filled, alarms.id, "shipped")
    assert [e.account_id for e in entries(filled)] == ["FRZ-1", "FRZ-2", "FRZ-5"]


def test_who_moved_with_a_merge_is_not_new(filled: Library, alarms: Code) -> None:
    (export,) = codebook.put_codes(
        filled,
        [NewCode(label="Signed export", definition="A signed temperature export", kind="request")],
    )
    notice(filled)
    codebook.merge(filled, [export.id], alarms.id)
    codebook.judge(filled, alarms.id, "FC-3", 1, "confirm")
    notice(filled)
    assert entries(filled) == []
    with filled.read() as connection:
        known = connection.execute(
            sa.select(noticed.c.account_id).where(
                noticed.c.subject == alarms.id, noticed.c.account_id == "FRZ-3"
            )
        )
        assert known.all() == [("FRZ-3",)]


def test_sent_dismissed_and_back_with_who_and_when(filled: Library, alarms: Code) -> None:
    codebook.set_status(filled, alarms.id, "shipped")
    first, second = entries(filled)
    sent = loop.mark(filled, first.id, "sent", "dana")
    assert (sent.state, sent.by) == ("sent", "dana")
    assert sent.at is not None
    put_aside = loop.mark(filled, second.id, "dismissed", "ana")
    assert [e.id for e in entries(filled, state="sent")] == [first.id]
    assert [e.id for e in entries(filled, state="dismissed")] == [second.id]
    assert entries(filled, state="to do") == []
    assert queue(filled).to_do_n == 0
    assert loop.mark(filled, second.id, "sent", "ana").state == "sent"  # another mind
    assert loop.restore(filled, put_aside.id) == second
    with pytest.raises(BadInput, match="still to do"):
        loop.restore(filled, second.id)
    with pytest.raises(NotFound, match="no entry 'entry-nothing'"):
        loop.mark(filled, "entry-nothing", "sent", "ana")
    # A need that ships anew is told anew.
    codebook.set_status(filled, alarms.id, "planned")
    codebook.set_status(filled, alarms.id, "shipped")
    assert {e.state for e in entries(filled)} == {"to do"}


def test_it_is_narrowed_by_need_and_owner(filled: Library, alarms: Code) -> None:
    (export,) = codebook.put_codes(
        filled,
        [NewCode(label="Signed export", definition="A signed temperature export", kind="request")],
    )
    codebook.judge(filled, export.id, "FC-3", 1, "confirm")
    for code in (alarms, export):
        codebook.set_status(filled, code.id, "shipped")
    assert {e.account_id for e in entries(filled, owner="tom bell")} == {"FRZ-3"}
    assert {e.account_id for e in entries(filled, need=alarms.id)} == {"FRZ-1", "FRZ-2"}
    assert "asked for it" in entries(filled, need=export.id)[0].note
    with pytest.raises(NotFound, match="no code"):
        entries(filled, need="code-nothing")


def test_erased_calls_and_people_are_gone_from_it(
    filled: Library, alarms: Code, tmp_path: Path
) -> None:
    call_id = voice(filled, alarms, tmp_path)
    assert [e.account_id for e in entries(filled)] == ["FRZ-5"]
    erase(filled, call_id)
    notice(filled)
    assert entries(filled) == []
    codebook.set_status(filled, alarms.id, "shipped")
    for entry in entries(filled):
        loop.mark(filled, entry.id, "sent", "Noor Haddad")
    erase_person(filled, "Noor Haddad")
    assert [e.account_id for e in entries(filled)] == ["FRZ-2"]
    with filled.read() as connection:
        held = str(
            [tuple(r) for t in (noticed, loop_states) for r in connection.execute(sa.select(t))]
        )
    assert "Noor" not in held
    assert "freezer" not in held


def test_who_told_them_is_erased_though_the_name_is_nowhere_else(
    filled: Library, alarms: Code
) -> None:
    codebook.set_status(filled, alarms.id, "shipped")
    loop.mark(filled, entries(filled)[0].id, "sent", "Petra Unbekannt")
    erase_person(filled, "Petra Unbekannt")
    with filled.read() as connection:
        (by,) = connection.scalars(sa.select(loop_states.c.by))
    assert "Petra" not in by
    assert "Unbekannt" not in by


def test_without_consent_nobody_is_quoted(filled: Library, alarms: Code) -> None:
    codebook.set_status(filled, alarms.id, "shipped")
    change_settings(filled, SettingsChange(ask_consent=True))
    assert entries(filled) == []
    describe(filled, "FC-1", About(consent="given"))
    assert [e.account_id for e in entries(filled)] == ["FRZ-1"]
    describe(filled, "FC-1", About(consent="refused"))
    assert entries(filled) == []


def test_a_table_runs_nothing_and_masks(filled: Library, alarms: Code) -> None:
    with filled.change() as connection:
        connection.execute(accounts.update().values(owner="=HYPERLINK(1)"))
        connection.execute(calls.update().values(title="@sum"))
    codebook.rename(filled, alarms.id, "+1 alarms")
    codebook.set_status(filled, alarms.id, "shipped")
    rows = list(csv.reader(io.StringIO(as_csv(queue(filled), NOTHING).decode("utf-8-sig"))))
    assert len(rows) == 3
    cells = [cell for row in rows for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert "'+1 alarms" in cells
    assert [cell for cell in cells if cell[:1] in "=+-@" and cell] == []
    masked = as_csv(queue(filled), Redaction(("Noor Haddad",))).decode("utf-8-sig")
    assert "Noor" not in masked
    assert "••••" in masked


def test_what_was_kept_of_the_codebook_before_there_was_a_status_is_put_back(
    filled: Library, alarms: Code
) -> None:
    from ingest.tables import codebook_history

    codebook.rename(filled, alarms.id, "Alarms")
    with filled.change() as connection:
        newest = connection.execute(
            sa.select(codebook_history).order_by(codebook_history.c.seq.desc()).limit(1)
        ).one()
        before = dict(newest.before)
        for row in before["codes"].values():
            del row["status"], row["status_at"]
        where = codebook_history.c.seq == newest.seq
        connection.execute(codebook_history.update().where(where).values(before=before))
    codebook.undo(filled)
    with filled.read() as connection:
        assert codebook.get_code(connection, alarms.id) == alarms
