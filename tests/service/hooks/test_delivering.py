"""Hooks that fail and recover, against a real receiver on loopback."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook, WebhookVerificationError

import service.hooks.postman
from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.outbox import note as happened
from ingest.tables import deliveries as outbox
from service.erase import erase
from service.hooks import deliveries, store
from service.hooks.deliveries import Delivery, list_deliveries
from service.hooks.postman import Postman, try_out
from service.hooks.sending import Answer
from service.hooks.store import EVENTS, HookMade, NewHook
from service.workers import clock
from tests.receiver import Receiver


@pytest.fixture
def postman(filled: Library) -> Iterator[Postman]:
    one = Postman(filled, patience_s=60.0)  # a loaded machine is slow
    yield one
    one.end()


def hooked(library: Library, receiver: Receiver, **more: object) -> HookMade:
    new = NewHook.model_validate({"url": receiver.url, "events": EVENTS, **more})
    return store.add(library, new, private=True)


def ready(library: Library, call_id: str = "FC-1") -> None:
    with library.change() as connection:
        happened(connection, "call.ready", {"call_id": call_id})


def sent(library: Library) -> list[Delivery]:
    with library.read() as connection:
        return list_deliveries(connection)


def due_now(library: Library) -> None:
    """As if the time until the next try were over."""
    with library.change() as connection:
        connection.execute(outbox.update().values(next_at=0.0))


def wait_of(library: Library) -> float:
    """Seconds until the next try."""
    with library.read() as connection:
        return next_try(library) - clock(connection)


def next_try(library: Library) -> float:
    with library.read() as connection:
        return float(connection.execute(sa.select(outbox.c.next_at)).scalar_one())


def test_it_arrives_once_and_verified(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hook = hooked(filled, receiver)
    ready(filled)
    postman.finish(60)
    (delivery,) = sent(filled)
    message_id, document = receiver.verified(hook.secret)
    assert (delivery.id, delivery.state, delivery.status) == (message_id, "delivered", 204)
    assert isinstance(document, dict)
    assert (document["type"], document["data"]["call_id"]) == ("call.ready", "FC-1")
    postman.finish(60)
    assert receiver.nothing()


def test_another_secret_does_not_verify_and_a_new_one_is_used_at_once(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hook = hooked(filled, receiver)
    renewed = store.rotate(filled, hook.id)
    ready(filled)
    postman.finish(60)
    headers, body = receiver.next()
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(hook.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(renewed.secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(renewed.secret).verify(body, {**headers, "webhook-timestamp": "1700000000"})
    Webhook(renewed.secret).verify(body, headers)


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (500, "It answered 500."),
        (302, "It answered 302, a redirect; those are not followed."),
        ("hangs", "It did not answer within 1 s."),
        ("drips", "It did not answer within 1 s."),
        ("closes", "The connection was closed before it answered."),
    ],
)
def test_it_fails_and_recovers_under_the_same_id(
    filled: Library, receiver: Receiver, postman: Postman, act: int | str, why: str
) -> None:
    hook = hooked(filled, receiver)
    receiver.acts = [act]
    receiver.headers_sent = {"Location": receiver.url}
    ready(filled)
    with filled.read() as connection:
        began = clock(connection)
    hasty = Postman(filled, patience_s=1.0 if act in ("hangs", "drips") else 60.0)
    hasty.finish(60)
    hasty.end()
    (failed,) = sent(filled)
    assert (failed.state, failed.why, failed.tries) == ("waiting", why, 1)
    with filled.read() as connection:
        (shown,) = store.list_hooks(connection)
    assert shown.why == why
    assert shown.failing_since is not None
    assert began + deliveries.DELAYS_S[0] <= next_try(filled)
    assert wait_of(filled) <= deliveries.DELAYS_S[0]
    first, _ = receiver.verified(hook.secret)
    assert receiver.nothing()  # a redirect leads nowhere, not even back
    due_now(filled)
    postman.finish(60)
    again, _ = receiver.verified(hook.secret)
    assert again == first == failed.id
    (delivered,) = sent(filled)
    assert (delivered.state, delivered.why, delivered.tries) == ("delivered", "", 2)
    with filled.read() as connection:
        (shown,) = store.list_hooks(connection)
    assert (shown.why, shown.failing_since, shown.waiting_n) == ("", None, 0)


def test_nobody_there(filled: Library, receiver: Receiver, postman: Postman) -> None:
    hooked(filled, receiver, url="http://127.0.0.1:1/")
    ready(filled)
    postman.finish(60)
    assert sent(filled)[0].why == "It could not be reached (connection refused)."


def test_it_is_given_up_after_about_a_day_with_a_sentence(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hook = hooked(filled, receiver)
    receiver.acts = [500] * 50
    ready(filled)
    waited_s = 0.0
    for _ in range(50):
        postman.finish(60)
        (delivery,) = sent(filled)
        if delivery.state != "waiting":
            break
        wait_s = wait_of(filled)
        waited_s += wait_s
        due_now(filled)
    assert delivery.state == "given up"
    assert delivery.why == "Given up after 10 tries in about a day. It answered 500."
    assert 22 * 3600 < waited_s < 26 * 3600
    # Others are still told, and this again when somebody wants it.
    receiver.acts = []
    assert deliveries.replay(filled, delivery.id).state == "waiting"
    postman.finish(60)
    ids = {receiver.next()[0]["webhook-id"] for _ in range(11)}
    assert ids == {delivery.id}
    assert sent(filled)[0].state == "delivered"
    assert hook.id == sent(filled)[0].hook_id


def test_gone_turns_it_off(filled: Library, receiver: Receiver, postman: Postman) -> None:
    hook = hooked(filled, receiver)
    receiver.acts = [410]
    ready(filled, "FC-1")
    ready(filled, "FC-2")
    postman.finish(60)
    receiver.next()
    assert receiver.nothing()
    with filled.read() as connection:
        (shown,) = store.list_hooks(connection)
    assert not shown.is_on
    assert shown.why == "It answered 410 Gone: it wants to be told nothing more."
    assert {d.state for d in sent(filled)} == {"given up"}
    ready(filled, "FC-3")  # nothing is kept for one that is off
    assert len(sent(filled)) == 2
    with pytest.raises(Conflict, match="is off"):
        deliveries.replay(filled, sent(filled)[0].id)
    store.switch(filled, hook.id, on=True)
    assert deliveries.replay_since(filled, datetime.now(UTC) - timedelta(hours=1), hook.id) == 2
    postman.finish(60)
    assert {receiver.verified(hook.secret)[0] for _ in range(2)} == {d.id for d in sent(filled)}


def test_what_waits_behind_another_goes_out_with_it(
    filled: Library, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    deliver = service.hooks.postman.deliver

    def held(*args: Any) -> None:
        assert let_go.wait(60)
        deliver(*args)

    class Unlucky(Postman):
        def round(self) -> int:
            """What was under way ends just after it was looked what is due."""
            begun = super().round()
            if not begun:
                let_go.set()
                wait(self._busy.values())
            return begun

    monkeypatch.setattr(service.hooks.postman, "deliver", held)
    hooked(filled, receiver)
    ready(filled, "FC-1")
    ready(filled, "FC-2")
    postman = Unlucky(filled)
    postman.finish(60)
    postman.end()
    assert [d.state for d in sent(filled)] == ["delivered", "delivered"]


def test_it_waits_as_long_as_it_is_asked_to(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hooked(filled, receiver)
    receiver.acts = [429]
    receiver.headers_sent = {"Retry-After": "3600"}
    ready(filled)
    postman.finish(60)
    assert 3500 < wait_of(filled) <= 3600


def test_what_a_clock_that_was_ahead_put_off_is_sent_now(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hook = hooked(filled, receiver)
    ready(filled)
    with filled.change() as connection:
        ahead = clock(connection) + 40 * 24 * 3600
        connection.execute(outbox.update().values(next_at=ahead))
    postman.finish(60)
    receiver.verified(hook.secret)


def test_a_slow_hook_does_not_hold_up_others(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hooked(filled, receiver)
    receiver.acts = ["hangs"]
    ready(filled)
    assert postman.round() == 1
    receiver.next()
    hooked(filled, receiver)
    ready(filled)  # the second of the first hook waits, the other hook is told
    assert postman.round() == 1
    receiver.next()
    assert receiver.nothing()
    receiver.let_go.set()
    postman.finish(60)


def test_of_two_postmen_one_sends(filled: Library, receiver: Receiver, postman: Postman) -> None:
    hooked(filled, receiver)
    for call_id in ("FC-1", "FC-2", "FC-3", "FC-4"):
        ready(filled, call_id)
    other = Postman(filled, patience_s=60.0)
    try:
        for _ in range(20):
            postman.round()
            other.round()
            postman.finish(60)
            other.finish(60)
    finally:
        other.end()
    ids = [receiver.next()[0]["webhook-id"] for _ in range(4)]
    assert len(set(ids)) == 4
    assert receiver.nothing()
    assert {(d.state, d.tries) for d in sent(filled)} == {("delivered", 1)}


def test_who_claims_first_has_it_until_the_lease_is_over(
    filled: Library, receiver: Receiver
) -> None:
    hooked(filled, receiver)
    ready(filled)
    with filled.read() as connection:
        (wanted,) = deliveries.due(connection)
    assert deliveries.claim(filled, wanted, lease_s=100) is not None
    assert deliveries.claim(filled, wanted) is None
    with filled.read() as connection:
        assert deliveries.due(connection) == []
    due_now(filled)  # it died before it noted what came of it
    claimed = deliveries.claim(filled, wanted)
    assert claimed is not None
    assert (claimed.delivery_id, claimed.tries) == (wanted, 2)


def test_what_was_erased_before_it_was_sent_is_told_to_nobody(
    filled: Library, receiver: Receiver, postman: Postman
) -> None:
    hooked(filled, receiver, with_words=True)
    ready(filled, "FC-1")
    erase(filled, "FC-1")
    postman.finish(60)
    assert receiver.nothing()
    assert [(d.state, d.why) for d in sent(filled)] == [
        ("dropped", "What it told of is not there any more.")
    ]


def test_only_what_it_wants_and_only_while_it_is_on(filled: Library, receiver: Receiver) -> None:
    hook = hooked(filled, receiver, events=("memo.drafted",))
    ready(filled)
    assert sent(filled) == []
    store.switch(filled, hook.id, on=False)
    with filled.change() as connection:
        happened(connection, "memo.drafted", {"memo_id": "memo-1"})
    assert sent(filled) == []
    store.remove(filled, hook.id)
    with pytest.raises(NotFound, match="no hook"):
        store.switch(filled, hook.id, on=True)


def test_what_did_not_come_about_is_not_told(filled: Library, receiver: Receiver) -> None:
    hooked(filled, receiver)

    def broken_off() -> None:
        with filled.change() as connection:
            happened(connection, "call.ready", {"call_id": "FC-1"})
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        broken_off()
    assert sent(filled) == []


def test_what_happened_long_ago_is_forgotten(filled: Library, receiver: Receiver) -> None:
    hooked(filled, receiver)
    ready(filled)
    now = datetime.now(UTC)
    with filled.change() as connection:
        deliveries.prune(connection, now + timedelta(days=29))
    assert len(sent(filled)) == 1
    with filled.change() as connection:
        deliveries.prune(connection, now + timedelta(days=31))
    assert sent(filled) == []
    with pytest.raises(BadInput, match="kept for 30 days"):
        deliveries.replay_since(filled, now - timedelta(days=40))


def test_a_test_says_that_it_is_one(filled: Library, receiver: Receiver) -> None:
    hook = hooked(filled, receiver)
    assert try_out(filled, hook.id).status == 204
    message_id, document = receiver.verified(hook.secret)
    assert message_id.startswith("msg_test_")
    assert isinstance(document, dict)
    assert document["type"] == "hook.test"
    receiver.acts = [404]
    assert try_out(filled, hook.id).why == "It answered 404."


def test_no_secret_is_shown_again_or_logged(
    filled: Library, receiver: Receiver, postman: Postman, caplog: pytest.LogCaptureFixture
) -> None:
    hook = hooked(filled, receiver)
    receiver.acts = [500]
    with caplog.at_level(logging.DEBUG):
        ready(filled)
        postman.finish(60)
    with filled.read() as connection:
        told = "".join(one.model_dump_json() for one in store.list_hooks(connection))
    for text in (told, caplog.text):
        assert hook.secret not in text
        assert "/hook/in/0123" not in text
    assert hook.secret.removeprefix("whsec_") not in receiver.next()[1].decode()


def test_what_fails_here_is_a_try_and_given_up_at_last(
    filled: Library,
    receiver: Receiver,
    postman: Postman,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hooked(filled, receiver)
    problems = itertools.cycle(
        [ValueError("x"), sa.exc.ProgrammingError("SELECT", {}, Exception("no such table"))]
    )

    def fails(*_: object, **__: object) -> None:
        raise next(problems)

    monkeypatch.setattr("service.hooks.postman.tell", fails)
    ready(filled)
    for tries in range(1, len(deliveries.DELAYS_S) + 2):
        due_now(filled)
        postman.finish(60)
        (one,) = sent(filled)
        assert one.tries == tries
        assert "Something failed here" in one.why
    assert one.state == "given up"
    assert "telling the hook" in caplog.text
    assert receiver.nothing()


def test_a_long_reason_is_cut(filled: Library, receiver: Receiver) -> None:
    hook = hooked(filled, receiver)
    for status in (None, 410):
        ready(filled)
        with filled.read() as connection:
            (due,) = deliveries.due(connection)
        claimed = deliveries.claim(filled, due)
        assert claimed is not None
        deliveries.note(filled, claimed, Answer(status, "x" * 500))
        with filled.read() as connection:
            assert len(store.get_hook(connection, hook.id).why) == 300
        assert {len(one.why) for one in sent(filled) if one.why} == {300}
