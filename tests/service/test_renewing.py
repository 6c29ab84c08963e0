from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest.library import Library
from service import risks
from service.renewing import hedged, staying
from service.scope import resolve
from service.shapes import Filters

ASKED = "And your renewal is in August, are you staying with us?"


def answered(library: Library, asked: str, reply: str, call: str = "FC-4") -> None:
    """In place of the first words of a call."""
    with library.change() as connection:
        for i, text in ((0, asked), (1, reply)):
            connection.execute(
                sa.text("UPDATE utterances SET text = :text WHERE call_id = :call AND i = :i"),
                {"text": text, "call": call, "i": i},
            )
        connection.execute(
            sa.text("DELETE FROM evidence WHERE call_id = :call AND utterance = 1"), {"call": call}
        )


@pytest.mark.parametrize(
    ("asked", "reply", "found"),
    [
        (ASKED, "I don't know. I would like to, but my wife wants to see the others.", True),
        (ASKED, "That hangs together with the drawers, if they are mended by June.", True),
        (ASKED, "Well, a man from the other lot was here and stayed for lunch.", True),
        (ASKED, "Yes, of course, the drawers are the best that I have ever had.", False),
        (ASKED, "I'd have paid you double for it if the drawers had come in time.", False),
        (ASKED, "Hard to say if.", False),
        (
            "What is in the drawers?",
            "I don't know. My wife wants to keep them all to herself.",
            False,
        ),
    ],
)
def test_who_is_asked_and_leaves_it_open_may_leave(
    filled: Library, asked: str, reply: str, found: bool
) -> None:
    answered(filled, asked, reply)
    with filled.read() as connection:
        everyone = resolve(connection, Filters())
        told = [e for e in hedged(connection, everyone) if e.account_id == "FRZ-4"]
        threats = risks.threats(risks.by_account(filled, connection, everyone).get("FRZ-4", ()))
    assert [(e.spoken.call_id, e.spoken.i, e.kind) for e in told] == [("FC-4", 1, "risk")] * found
    assert bool(threats) is found
    assert all(e.quote().text in reply for e in told)


@pytest.mark.parametrize(
    ("reply", "stays"),
    [
        ("August, yes. We're not going anywhere.", True),
        ("I don't think to change, nobody moves house twice.", True),
        ("We're not leaving, unless the drawers stay as they are.", False),
    ],
)
def test_who_says_so_stays(filled: Library, reply: str, stays: bool) -> None:
    answered(filled, ASKED, reply)
    with filled.read() as connection:
        found = staying(connection, resolve(connection, Filters()))
    assert ("FRZ-4" in found) is stays


def test_a_word_of_staying_outweighs_a_sign_of_leaving(filled: Library) -> None:
    with filled.read() as connection:
        assert "FRZ-2" in risks.by_account(filled, connection, resolve(connection, Filters()))
    with filled.change() as connection:
        for i, text in ((4, "And the rest?"), (6, "But we're not leaving.")):
            connection.execute(
                sa.text("UPDATE utterances SET text = :text WHERE call_id = 'FC-2' AND i = :i"),
                {"text": text, "i": i},
            )
        connection.execute(sa.text("DELETE FROM evidence WHERE call_id = 'FC-2' AND utterance = 6"))
        connection.execute(sa.text("UPDATE evidence SET strength = 1 WHERE call_id = 'FC-2'"))
    with filled.read() as connection:
        mine = risks.by_account(filled, connection, resolve(connection, Filters())).get("FRZ-2", ())
    assert not risks.threats(mine)
