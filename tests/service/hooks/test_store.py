from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ingest.copying import tables
from ingest.errors import BadInput, Conflict
from ingest.library import Library, Options
from ingest.outbox import note
from ingest.tables import codes
from service import codebook, loop
from service.access.audit import Wanted, rows
from service.backing_up import back_up
from service.codebook import NewCode
from service.doctor import leaving, news
from service.hooks import deliveries, store
from service.hooks.postman import try_out
from service.hooks.store import NewHook, events_of
from service.loop import ALL, queue
from service.noticing import notice
from service.restoring import restore
from service.settings import Settings
from tests.leftovers import leftovers
from tests.receiver import Receiver

URL = "https://93.184.215.14/services/T0/B1/Zx9Qk7Wv"


def test_no_backup_has_hooks(filled: Library, tmp_path: Path) -> None:
    """A copy of a home tells nobody anything, while what became of the loop is in it."""
    made = store.add(filled, NewHook(url=URL, events=("call.ready",)), private=True)
    (code,) = codebook.put_codes(filled, [NewCode(label="False alarms", kind="pain")])
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    codebook.set_status(filled, code.id, "shipped")
    notice(filled)
    entry = queue(filled, ALL).needs[0].entries[0]
    loop.mark(filled, entry.id, "sent", "dana")
    with filled.change() as connection:
        note(connection, "call.ready", {"call_id": "FC-1"})
    back_up(filled, tmp_path / "home.zip", lambda *_: None)
    copy = Library(tmp_path / "copy", Options(models=tmp_path))
    try:
        restore(copy, tmp_path / "home.zip", lambda *_: None)
        with copy.read() as connection:
            assert store.list_hooks(connection) == []
            assert deliveries.list_deliveries(connection) == []
            assert connection.scalar(sa.select(codes.c.status)) == "shipped"
        (again,) = (e for need in queue(copy, ALL).needs for e in need.entries if e.id == entry.id)
        assert (again.state, again.by) == ("sent", "dana")
    finally:
        copy.close()
    assert leftovers(tmp_path / "copy", [made.secret[-20:], "Zx9Qk7Wv"]) == []
    assert {"hooks", "deliveries"}.isdisjoint(table.name for table in tables())


def test_every_hook_is_told_of_as_leaving(filled: Library) -> None:
    settings = Settings(home=filled.home)
    assert leaving(settings, filled) == ()
    new = NewHook(url=URL, events=("risk.heard", "memo.drafted"), with_words=True)
    made = store.add(filled, new, private=True)
    found = leaving(settings, filled)
    assert [one.where for one in found] == ["93.184.215.14", "93.184.215.14"]
    assert "that an account speaks of leaving, with customers' words about it" in found[0].what
    assert made.id in found[0].how
    assert "Zx9Qk7Wv" not in str(found)
    assert [one.what for one in news(filled, settings, ["memo"])] == [found[1].what]
    assert news(filled, settings, ["memo"]) == ()  # this home was told
    store.switch(filled, made.id, on=False)
    assert leaving(settings, filled) == ()


def test_events_are_named_by_comma() -> None:
    assert events_of("memo.drafted, call.ready") == ("call.ready", "memo.drafted")
    for wrong in ("call.read", "", "call.ready,x"):
        with pytest.raises(BadInput, match=r"is no event; there are call\.ready"):
            events_of(wrong)


def test_there_are_not_too_many(library: Library) -> None:
    for _ in range(20):
        store.add(library, NewHook(url=URL, events=("call.ready",)), private=True)
    with pytest.raises(Conflict, match="20 hooks already"):
        store.add(library, NewHook(url=URL, events=("call.ready",)), private=True)


def test_through_the_api(filled: Library, client: TestClient, receiver: Receiver) -> None:
    wanted = {"url": URL, "events": ["call.ready"], "format": "slack"}
    made = client.post("/api/hooks", json=wanted)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    (shown,) = client.get("/api/hooks").json()
    assert "secret" not in shown
    assert (shown["url"], shown["is_on"]) == ("https://93.184.215.14/…k7Wv", True)
    refused = client.post("/api/hooks", json={**wanted, "url": receiver.url})
    assert refused.status_code == 422
    assert "private network" in refused.json()["detail"]
    assert client.post("/api/hooks", json={**wanted, "events": []}).status_code == 422
    at = f"/api/hooks/{shown['id']}"
    assert client.patch(at, json={"is_on": False}).json()["is_on"] is False
    assert client.post(f"{at}/secret").json()["secret"] != made.json()["secret"]
    local = store.add(filled, NewHook(url=receiver.url, events=("call.ready",)), private=True)
    assert client.post(f"/api/hooks/{local.id}/test").json() == {"status": 204, "why": ""}
    with filled.change() as connection:
        note(connection, "call.ready", {"call_id": "FC-1"})
    (one,) = client.get("/api/hooks/deliveries").json()
    assert (one["subject"], one["state"]) == ("FC-1", "waiting")
    again = client.post(f"/api/hooks/deliveries/{one['id']}/replay")
    assert (again.status_code, again.json()["id"]) == (202, one["id"])
    all_again = client.post("/api/hooks/replay", json={"since": one["happened_at"]})
    assert (all_again.status_code, all_again.json()) == (202, {"queued": 0})  # it waits already
    to_one = {"since": one["happened_at"], "hook_id": local.id}
    assert client.post("/api/hooks/replay", json=to_one).status_code == 202
    assert client.delete(at).status_code == 204
    assert client.delete(at).status_code == 404
    logged = [(row.action, row.subject) for row in rows(filled, Wanted())]
    for action, subject in (
        ("add", shown["id"]),
        ("change", shown["id"]),
        ("export", local.id),
        ("export", one["id"]),
        ("delete", shown["id"]),
    ):
        assert (action, subject) in logged
    assert logged.count(("export", local.id)) == 2  # tried out, and told again all of a day
    assert "unknown" not in {subject for _, subject in logged}


def test_a_private_address_lasts_as_long_as_the_setting_allows_it(
    tmp_path: Path, receiver: Receiver
) -> None:
    new = NewHook(url=receiver.url, events=("call.ready",))
    for allowed, expected in ((True, 204), (False, None)):
        library = Library(tmp_path, Options(models=tmp_path, hooks_private=allowed))
        try:
            if allowed:
                store.add(library, new, private=False)
            with library.read() as connection:
                (hook,) = store.list_hooks(connection)
            assert not hook.private
            assert try_out(library, hook.id).status == expected
        finally:
            library.close()


def test_plain_http_is_for_private_networks(library: Library) -> None:
    plain = NewHook(url=URL.replace("https", "http"), events=("call.ready",))
    for private in (True, False):
        with pytest.raises(BadInput, match="can be read on the way"):
            store.add(library, plain, private=private)
    for url in ("http://127.0.0.1:9/", "http://10.1.2.3/"):
        store.add(library, NewHook(url=url, events=("call.ready",)), private=True)


def test_the_loop_through_the_api(client: TestClient) -> None:
    code = client.post("/api/codes", json={"label": "False alarms"}).json()
    place = {"call_id": "FC-2", "utterance": 1}
    client.post(f"/api/codes/{code['id']}/judge", json={**place, "verdict": "confirm"})
    shipped = client.patch(f"/api/codes/{code['id']}", json={"status": "shipped"}).json()
    assert shipped["status_at"] is not None
    found = client.get("/api/loop", params={"owner": "Ida Kern"}).json()
    entry = found["needs"][0]["entries"][-1]
    assert entry["account_id"] == "FRZ-2"
    done = client.post(f"/api/loop/{entry['id']}/sent").json()
    assert done["state"] == "sent"
    assert done["by"]
    table = client.get("/api/loop/export", params={"state": "sent"})
    assert table.headers["content-type"].startswith("text/csv")
    assert entry["id"] in table.text
    assert client.post(f"/api/loop/{entry['id']}/restore").json()["state"] == "to do"
    assert client.post(f"/api/loop/{entry['id']}/restore").status_code == 422
    assert client.post("/api/loop/entry-none/dismiss").status_code == 404
    assert client.get("/api/loop", params={"need": "code-none"}).status_code == 404
