"""The digest by itself: when it is due, once, and again only where surely nothing went out."""

from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from ingest.errors import BadInput, Unavailable
from ingest.facts import fact, put_fact
from ingest.library import Library
from service.digest import slot
from service.digest.mailing import NotTaken
from service.digest.options import Hook
from service.digest.posting import post_signed
from service.digest.sending import made, send_due, send_to, waits
from service.home_settings import SettingsChange, change_settings
from service.settings import Settings
from tests.mail_server import MailServer, mail_server
from tests.ports import free_port
from tests.service.digest.receiver import Receiver, receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TO = ("ada@vendor.example", "bo@vendor.example")
PROGRAM = """
import datetime as dt, sys
from pathlib import Path
from ingest.library import Library, Options
from service.digest.sending import send_due
from service.settings import Settings

home, url, smtp, now = sys.argv[1:]
library = Library(Path(home), Options(models=Path(home) / "models", database_url=url or None))
by = Settings(smtp=smtp, mail_from="f@vendor.example")
send_due(library, by, dt.datetime.fromisoformat(now))
"""


def local(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """In June 2026 on this machine's clock; the 1st is a Monday."""
    return dt.datetime(2026, 6, day, hour, minute).astimezone()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def program() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def weekly(filled: Library) -> Library:
    """Due on Mondays at eight, since before June."""
    change_settings(filled, SettingsChange(digest="Monday 8:00", digest_to=TO))
    with filled.change() as connection:
        put_fact(connection, slot.SINCE, local(1, 0).astimezone(dt.UTC).isoformat())
    return filled


def settings(server: MailServer | None = None, program: Receiver | None = None) -> Settings:
    given: dict[str, Any] = {}
    if server is not None:
        given |= {"smtp": f"smtp://127.0.0.1:{server.port}", "mail_from": "f@vendor.example"}
    if program is not None:
        given |= {"digest_webhook": program.url, "digest_secret": SECRET}
    return Settings(**given)


def test_it_is_sent_once_when_it_is_due_also_after_a_restart(
    weekly: Library, server: MailServer
) -> None:
    by = settings(server)
    send_due(weekly, by, local(1, 7, 59))
    assert server.got == []
    with weekly.read() as connection:
        assert not waits(connection, local(1, 7, 59))
        assert waits(connection, local(1, 8))
    for moment in (local(1, 8, 3), local(1, 8, 13), local(3, 12)):  # each may be another process
        send_due(weekly, by, moment)
    assert len(server.got) == 1
    assert server.to == [list(TO)]
    assert server.got[0]["Subject"].startswith("Customer hours, week 22:")  # the last whole week
    send_due(weekly, by, local(10, 23))  # it was off on Monday the 8th
    assert len(server.got) == 2
    assert server.got[1]["Subject"].startswith("Customer hours, week 23:")


def test_what_was_due_before_it_was_set_is_not_sent(filled: Library, server: MailServer) -> None:
    change_settings(filled, SettingsChange(digest="mon 08:00", digest_to=TO))
    now = dt.datetime.now(dt.UTC)
    send_due(filled, settings(server), now)
    assert server.got == []
    send_due(filled, settings(server), now + dt.timedelta(days=7))
    assert len(server.got) == 1


def test_a_server_that_is_away_gets_it_when_it_is_back(
    weekly: Library, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    by = Settings(smtp=f"smtp://127.0.0.1:{port}", mail_from="f@vendor.example")
    with caplog.at_level(logging.WARNING):
        send_due(weekly, by, local(1, 8))
    assert "cannot be reached now" in caplog.text
    with mail_server(port=port) as server:
        server.says = "451 come again"
        send_due(weekly, by, local(1, 8, 10))
        server.says = "250 OK"
        send_due(weekly, by, local(1, 8, 20))
        send_due(weekly, by, local(1, 8, 30))
    assert len(server.got) == 2  # the first of them was not taken


def test_what_may_have_arrived_is_not_sent_again(
    weekly: Library, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.hangs_up = True
    with caplog.at_level(logging.WARNING):
        send_due(weekly, settings(server), local(1, 8))
    assert "it may have arrived" in caplog.text
    server.hangs_up = False
    send_due(weekly, settings(server), local(1, 8, 10))
    assert len(server.got) == 1


def test_a_process_that_dies_while_it_sends_has_sent_it(
    weekly: Library, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Died

    monkeypatch.setattr("service.digest.sending.send", dies)
    with pytest.raises(Died):
        send_due(weekly, settings(server), local(1, 8))
    monkeypatch.undo()
    send_due(weekly, settings(server), local(1, 8, 10))
    assert server.got == []
    with weekly.read() as connection:
        assert fact(connection, slot.sent("mail")) == local(1, 8).isoformat()


def test_what_cannot_be_composed_is_still_due(
    weekly: Library, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT", None, Exception("the server went away"))

    monkeypatch.setattr("service.digest.sending.digest", gone)
    with pytest.raises(sa.exc.OperationalError):
        send_due(weekly, settings(server), local(1, 8))
    with weekly.read() as connection:
        assert fact(connection, slot.sent("mail")) is None
    monkeypatch.undo()
    send_due(weekly, settings(server), local(1, 8, 10))
    assert len(server.got) == 1


def test_who_refuses_it_for_good_is_not_asked_again(weekly: Library, server: MailServer) -> None:
    server.says = "554 spam"
    for minute in (0, 10):
        send_due(weekly, settings(server), local(1, 8, minute))
    assert len(server.got) == 1


def test_who_is_put_off_gets_it_later_and_nobody_else_again(
    weekly: Library, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    with caplog.at_level(logging.WARNING):
        send_due(weekly, settings(server), local(1, 8))
    assert server.to == [[TO[0]]]
    assert f"mailed to 1 of 2; tried again: {TO[1]} (450 greylisted)" in caplog.text
    assert again(weekly, local(1, 8, 10)) == (True, [TO[1]])
    send_due(weekly, settings(server), local(1, 8, 10))  # still "later"
    change_settings(weekly, SettingsChange(digest_to=(*TO, "new@vendor.example")))
    server.refuses = {}
    for minute in (20, 30):
        send_due(weekly, settings(server), local(1, 8, minute))
    assert server.to == [[TO[0]], [TO[1]]]
    assert again(weekly, local(7, 23)) == (False, [])
    assert [one["Subject"][:24] for one in server.got] == ["Customer hours, week 22:"] * 2


def test_who_is_put_off_for_ever_is_asked_until_the_next_one(
    weekly: Library, server: MailServer
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    for moment in (local(1, 8), local(3, 8), local(8, 7, 59)):
        send_due(weekly, settings(server), moment)
        assert again(weekly, moment) == (True, [TO[1]])
    server.refuses = {}
    send_due(weekly, settings(server), local(8, 8))
    assert server.to == [[TO[0]], list(TO)]
    assert server.got[1]["Subject"].startswith("Customer hours, week 23:")
    assert again(weekly, local(8, 8)) == (False, [])


@pytest.mark.parametrize("taken", [(), ("cy@vendor.example",)])
def test_who_is_refused_for_good_is_not_asked_again_and_who_is_put_off_is(
    weekly: Library, server: MailServer, caplog: pytest.LogCaptureFixture, taken: tuple[str, ...]
) -> None:
    change_settings(weekly, SettingsChange(digest_to=(*TO, *taken)))
    server.refuses = {TO[0]: "550 no such person", TO[1]: "450 greylisted"}
    with caplog.at_level(logging.WARNING):
        send_due(weekly, settings(server), local(1, 8))
    assert (
        f"mailed to {len(taken)} of {len(taken) + 2}; tried again: {TO[1]} (450 greylisted); "
        f"not tried again: {TO[0]} (550 no such person)"
    ) in caplog.text
    server.refuses = {}  # who was refused would be taken now
    for minute in (10, 20):
        send_due(weekly, settings(server), local(1, 8, minute))
    assert server.to == [*([list(taken)] if taken else []), [TO[1]]]


def test_who_is_put_off_and_then_refused_is_named_and_not_asked_again(
    weekly: Library, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    for minute, says in ((0, "450 greylisted"), (10, "550 no such person")):
        server.refuses = {TO[1]: says}
        with caplog.at_level(logging.WARNING):
            send_due(weekly, settings(server), local(1, 8, minute))
    assert f"{TO[1]} (550 no such person)" in caplog.text
    assert again(weekly, local(1, 8, 20)) == (False, [])


def test_who_is_put_off_waits_also_while_the_server_is_away(
    weekly: Library, server: MailServer
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    send_due(weekly, settings(server), local(1, 8))
    away = Settings(smtp=f"smtp://127.0.0.1:{free_port()}", mail_from="f@vendor.example")
    send_due(weekly, away, local(1, 8, 10))
    assert again(weekly, local(1, 8, 20)) == (True, [TO[1]])
    server.refuses, server.says = {}, "451 come again"
    send_due(weekly, settings(server), local(1, 8, 20))
    server.says = "250 OK"
    send_due(weekly, settings(server), local(1, 8, 30))
    assert server.to == [[TO[0]], [TO[1]], [TO[1]]]  # the second was not taken
    assert again(weekly, local(1, 8, 40)) == (False, [])


@pytest.mark.parametrize(
    "change",
    [
        SettingsChange(digest=None),
        SettingsChange(digest_to=TO[:1]),
        SettingsChange(digest_to=()),
    ],
)
def test_who_is_put_off_gets_nothing_once_nobody_wants_it_sent(
    weekly: Library, server: MailServer, change: SettingsChange
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    send_due(weekly, settings(server), local(1, 8))
    server.refuses = {}
    change_settings(weekly, change)
    with weekly.read() as connection:
        assert not waits(connection, local(1, 8, 10))
    change_settings(weekly, SettingsChange(digest="mon 08:00", digest_to=TO))  # and on again
    send_due(weekly, settings(server), local(1, 8, 20))
    assert server.to == [[TO[0]]]


def test_who_is_taken_out_while_it_is_sent_is_not_put_off(
    weekly: Library, server: MailServer
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    server.at_goodbye = lambda: change_settings(weekly, SettingsChange(digest_to=TO[:1]))
    send_due(weekly, settings(server), local(1, 8))
    with weekly.read() as connection:
        assert fact(connection, slot.PUT_OFF) == []


def test_a_process_that_is_killed_after_it_sent_it_sends_nobody_a_second(
    weekly: Library, server: MailServer
) -> None:
    by = settings(server)
    server.refuses = {TO[1]: "450 greylisted"}
    killed_at_the_goodbye(weekly, server, local(1, 8))
    send_due(weekly, by, local(1, 8, 10))
    assert server.to == [[TO[0]]]  # who was put off gets none: that was not noted yet
    send_due(weekly, by, local(8, 8))
    assert again(weekly, local(8, 8)) == (True, [TO[1]])
    server.refuses = {}
    killed_at_the_goodbye(weekly, server, local(8, 8, 10))
    send_due(weekly, by, local(8, 8, 20))
    assert server.to[1:] == [[TO[0]], [TO[1]]]


def killed_at_the_goodbye(library: Library, server: MailServer, now: dt.datetime) -> None:
    """A process of its own sends what is due and is killed when the server has taken it."""
    said, gone = Event(), Event()

    def at_goodbye() -> None:
        said.set()
        assert gone.wait(60)

    server.at_goodbye = at_goodbye
    url = library.options.database_url or ""
    given = [str(library.home), url, f"smtp://127.0.0.1:{server.port}", now.isoformat()]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *given])
    try:
        assert said.wait(120)
    finally:
        process.kill()
        process.wait()
        gone.set()
        server.at_goodbye = lambda: None


def again(library: Library, now: dt.datetime) -> tuple[bool, list[str]]:
    """Whether anything is to be sent, and who is put off."""
    with library.read() as connection:
        found = fact(connection, slot.PUT_OFF)
        assert isinstance(found, list)
        return waits(connection, now), found


@pytest.mark.parametrize("status", [503, 404])
def test_who_sends_it_by_hand_is_told_that_the_mail_went_though_the_program_has_it_not(
    weekly: Library, server: MailServer, program: Receiver, status: int
) -> None:
    by = settings(server, program)
    told = made(weekly, by, local(1, 8), dt.date(2026, 5, 29))
    program.status = status
    with pytest.raises((Unavailable, NotTaken), match=rf"{status}.* The mail went to {TO[0]}"):
        send_to(by, told, TO, by.hook())
    with pytest.raises((Unavailable, NotTaken)) as refused:
        send_to(by, told, (), by.hook())
    assert "The mail went" not in str(refused.value)


def six_at_once(library: Library, by: Settings, now: dt.datetime) -> None:
    with ThreadPoolExecutor() as pool:
        for one in [pool.submit(send_due, library, by, now) for _ in range(6)]:
            one.result()


def test_two_servers_at_once_send_it_once(weekly: Library, server: MailServer) -> None:
    by = settings(server)
    six_at_once(weekly, by, local(1, 8))
    assert len(server.got) == 1


def test_two_servers_at_once_send_it_once_to_who_was_put_off(
    weekly: Library, server: MailServer
) -> None:
    by = settings(server)
    server.refuses = {TO[1]: "450 greylisted"}
    send_due(weekly, by, local(1, 8))
    server.refuses = {}
    six_at_once(weekly, by, local(1, 8, 10))
    assert server.to == [[TO[0]], [TO[1]]]


def test_mail_and_program_are_each_for_themselves(
    weekly: Library, server: MailServer, program: Receiver
) -> None:
    by = settings(server, program)
    program.status = 503
    send_due(weekly, by, local(1, 8))
    assert (len(server.got), len(program.got)) == (1, 1)
    program.status = 200
    send_due(weekly, by, local(1, 8, 10))
    send_due(weekly, by, local(1, 8, 20))
    assert (len(server.got), len(program.got)) == (1, 2)
    (one, _), (two, body) = program.got
    assert Webhook(SECRET).verify(body, two)  # signed now, whenever the round began
    assert one["webhook-id"] == two["webhook-id"] == "digest-main-2026-W22"
    told = json.loads(body)
    assert (told["type"], told["workspace"], told["data"]["hours"]["week"]) == (
        "digest.week",
        "main",
        "2026-W22",
    )


def test_what_was_due_while_nothing_named_where_to_is_not_sent(
    weekly: Library, server: MailServer
) -> None:
    send_due(weekly, Settings(), local(1, 8))
    with weekly.read() as connection:
        assert not waits(connection, local(5, 9))
    send_due(weekly, settings(server), local(5, 9))  # a mail server is set on Friday
    assert server.got == []
    send_due(weekly, settings(server), local(8, 8))
    assert len(server.got) == 1


def test_who_is_named_first_gets_none_that_was_due_before(
    filled: Library, server: MailServer
) -> None:
    change_settings(filled, SettingsChange(digest="mon 08:00"))
    with filled.change() as connection:
        put_fact(connection, slot.SINCE, local(1, 0).astimezone(dt.UTC).isoformat())
    change_settings(filled, SettingsChange(digest_to=TO))
    now = dt.datetime.now(dt.UTC)
    send_due(filled, settings(server), now)
    assert server.got == []
    with filled.change() as connection:
        put_fact(connection, slot.SINCE, local(1, 0).astimezone(dt.UTC).isoformat())
    change_settings(filled, SettingsChange(digest_to=TO[:1]))  # fewer are no new beginning
    send_due(filled, settings(server), now)
    assert server.to == [[TO[0]]]


def test_it_is_signed_so_that_the_library_itself_believes_it(program: Receiver) -> None:
    now = dt.datetime.now(dt.UTC)
    body = '{"a": "ümlaut"}'.encode()
    assert post_signed(Hook(program.url, SECRET), "id-1", body, now) == 204
    ((headers, got),) = program.got
    assert Webhook(SECRET).verify(got, headers) == {"a": "ümlaut"}
    here = now.astimezone(dt.timezone(dt.timedelta(hours=5)))
    post_signed(Hook(program.url, SECRET), "id-1", body, here)
    Webhook(SECRET).verify(program.got[1][1], program.got[1][0])
    with pytest.raises(Exception, match="No matching signature"):
        Webhook("whsec_" + "A" * 32).verify(got, headers)


@pytest.mark.parametrize(
    ("status", "error"),
    [(302, NotTaken), (404, NotTaken), (410, NotTaken), (429, Unavailable), (500, Unavailable)],
)
def test_what_the_program_answers_decides(
    program: Receiver, status: int, error: type[Exception]
) -> None:
    program.status = status
    with pytest.raises(error, match=f"answered {status}"):
        post_signed(Hook(program.url, SECRET), "id", b"{}", dt.datetime.now(dt.UTC))
    assert len(program.got) == 1  # no redirection was followed


def test_a_program_that_is_away_or_hangs_up_may_be_told_later(program: Receiver) -> None:
    now = dt.datetime.now(dt.UTC)
    program.status = 0
    for url in (program.url, f"http://127.0.0.1:{free_port()}/"):
        with pytest.raises(Unavailable, match="did not take it"):
            post_signed(Hook(url, SECRET), "id", b"{}", now)


@pytest.mark.parametrize(
    ("when", "now", "due"),
    [
        ("mon 08:00", local(1, 8), local(1, 8)),
        ("mon 08:00", local(8, 7, 59), local(1, 8)),
        ("sun 00:00", local(7, 0), local(7, 0)),
        ("wed 23:59", local(10, 12), local(3, 23, 59)),
    ],
)
def test_the_last_time_it_was_due(when: str, now: dt.datetime, due: dt.datetime) -> None:
    assert slot.last_due(when, now) == due
    assert slot.last_due(when, now.astimezone(dt.UTC)) == due


def test_which_week_it_is_about() -> None:
    weeks = [slot.week_told(dt.date(2026, 6, day)).isocalendar().week for day in range(1, 8)]
    assert weeks == [22, 22, 22, 23, 23, 23, 23]


@pytest.mark.parametrize(
    "wrong", ["", "8:00", "mon", "mon 24:00", "mon 08:60", "any 08:00", "mon 8"]
)
def test_times_that_are_none_are_refused(filled: Library, wrong: str) -> None:
    with pytest.raises(BadInput, match="no time of a week"):
        change_settings(filled, SettingsChange(digest=wrong))
    with pytest.raises(BadInput, match="no e-mail address"):
        change_settings(filled, SettingsChange(digest_to=("a@b.example", "x\r\ny@b.example")))
