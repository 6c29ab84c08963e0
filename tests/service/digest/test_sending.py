"""The digest by itself: when it is due, once, and again only where surely nothing went out."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from service.digest.sending import send_due, waits
from service.home_settings import SettingsChange, change_settings
from service.settings import Settings
from tests.mail_server import MailServer, mail_server
from tests.ports import free_port
from tests.service.digest.receiver import Receiver, receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TO = ("ada@vendor.example", "bo@vendor.example")


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


def test_those_who_are_refused_are_named_in_the_log(
    weekly: Library, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = {TO[1]: "450 greylisted"}
    with caplog.at_level(logging.WARNING):
        send_due(weekly, settings(server), local(1, 8))
    assert server.to == [[TO[0]]]
    assert f"these were refused: {TO[1]} (450 greylisted)" in caplog.text


def test_two_servers_at_once_send_it_once(weekly: Library, server: MailServer) -> None:
    by = settings(server)
    with ThreadPoolExecutor() as pool:
        for one in [pool.submit(send_due, weekly, by, local(1, 8)) for _ in range(6)]:
            one.result()
    assert len(server.got) == 1


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
