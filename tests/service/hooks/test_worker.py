"""Hooks as workers tell them: after a call came in, and whatever dies in between."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from ingest.library import Library
from ingest.pipeline import About
from ingest.tables import deliveries as outbox
from service.adding import Adding
from service.hooks import store
from service.hooks.deliveries import list_deliveries
from service.hooks.store import NewHook
from service.noticing import notice
from tests.durability.processes import Program
from tests.receiver import Receiver
from tests.service.voiced import LEAVING, voiced
from tests.working import working


def add(library: Library, path: Path) -> None:
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()


def hooked(library: Library, receiver: Receiver, *events: str) -> str:
    new = NewHook.model_validate({"url": receiver.url, "events": events})
    return store.add(library, new, private=True).secret


def test_a_command_that_adds_a_call_tells_of_it_before_it_ends(
    filled: Library, receiver: Receiver, tmp_path: Path
) -> None:
    notice(filled)
    secret = hooked(filled, receiver, "call.ready", "risk.heard")
    add(filled, voiced(tmp_path, LEAVING))
    told = [receiver.verified(secret)[1] for _ in range(2)]
    assert [(one["type"], one["data"]["call_id"]) for one in told] == [  # type: ignore[index]
        ("call.ready", "FC-5"),
        ("risk.heard", "FC-5"),
    ]
    assert receiver.nothing()


def test_a_worker_notices_by_itself(filled: Library, receiver: Receiver) -> None:
    from service import codebook
    from service.codebook import NewCode

    (code,) = codebook.put_codes(filled, [NewCode(label="False alarms", kind="pain")])
    notice(filled)
    secret = hooked(filled, receiver, "theme.gained_account")
    with working(filled):
        codebook.judge(filled, code.id, "FC-3", 1, "confirm")
        _, document = receiver.verified(secret, seconds=120)
    assert document["data"]["account_id"] == "FRZ-3"  # type: ignore[index]


def test_a_worker_killed_between_sending_and_noting_sends_it_again_under_the_same_id(
    filled: Library, filled_home: Path, receiver: Receiver, tmp_path: Path
) -> None:
    from ingest.outbox import note

    secret = hooked(filled, receiver, "call.ready")
    with filled.change() as connection:
        note(connection, "call.ready", {"call_id": "FC-1"})
    receiver.acts = ["hangs"]
    log = tmp_path / "worker.log"
    first = Program(filled_home, "worker", env=dict(os.environ), log=log)
    try:
        sent, _ = receiver.verified(secret, seconds=120)
    finally:
        first.kill(all_of_it=True)
    with filled.read() as connection:
        (one,) = list_deliveries(connection)
    assert (one.state, one.tries) == ("waiting", 1)
    with filled.change() as connection:  # as if the lease were over
        connection.execute(sa.update(outbox).values(next_at=0.0))
    with Program(filled_home, "worker", env=dict(os.environ), log=log):
        again, _ = receiver.verified(secret, seconds=120)
    assert again == sent
