from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ingest.library import Library
from service import codebook
from service.against import against_it
from service.codebook import NewCode
from service.ledger import Evidence, plainest
from service.quotes import Spoken
from service.scope import resolve
from service.shapes import EvidenceKind, Filters
from service.themes import confirmed_themes
from service.witness import members, witnessed


def said(
    text: str, kind: EvidenceKind = "praise", strength: int = 1, *, i: int = 0, call: str = "FC-1"
) -> Evidence:
    spoken = Spoken(call, i, text, "Ana", "customer", 0.0, "FRZ-1", None, None)
    return Evidence(
        evidence_id=f"{call}:{i}",
        kind=kind,
        strength=strength,
        hand="first",
        first_char=0,
        end_char=len(text),
        spoken=spoken,
        date=date(2026, 5, 4),
        vector=np.zeros(0, np.float32),
    )


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (said("It works fine here, we never had that one."), True),
        (said("That's not the problem, I'd actually like more of it.", "pain"), True),
        (said("No, not for us.", "pain"), True),
        (said("We love it, it is brilliant.", strength=2), True),
        (said("Delivered is a lovely word."), False),
        (said("A lovely lad, the last one you sent."), False),
        (said("You pay for the lorry if you don't use it too.", "pain"), False),
    ],
)
def test_only_a_plain_sign_speaks_against_a_need(item: Evidence, told: bool) -> None:
    assert (against_it(item) is not None) == told


def test_of_who_has_the_need_only_a_word_of_ease_counts_against_it() -> None:
    assert against_it(said("That's not the problem, the map is.", "pain"), has_it=True) is not None
    assert against_it(said("Don't make me say the name.", "pain"), has_it=True) is None
    assert against_it(said("We love it, it is brilliant.", strength=2), has_it=True) is None


def test_what_is_both_clear_and_weighty_comes_first(filled: Library) -> None:
    light = said("It broke.", "pain", i=0)
    weighty = said("It broke on Monday and cost us four thousand dollars.", "pain", 3, i=1)
    middling = said("It broke again and again last week.", "pain", 2, i=2)
    with filled.read() as connection:
        scope = resolve(connection, Filters())
    assert plainest([light, weighty, middling], scope) == [weighty, light, middling]
    elsewhere = said("It broke.", "pain", call="FC-0")
    assert plainest([elsewhere], scope) == []


def test_a_need_is_quoted_from_all_that_belongs_to_it_and_in_scope(filled: Library) -> None:
    code = NewCode(
        label="False alarms", definition="The alarm rings and does not say which freezer it is"
    )
    (alarm,) = codebook.put_codes(filled, [code])
    with filled.read() as connection:
        scope = resolve(connection, Filters(accounts=("FRZ-1",)))
        (need,) = witnessed(filled, connection, confirmed_themes(filled, connection, scope), scope)
        belonging = members(filled, connection, scope)[alarm.id]
    assert {q.account_id for q in need.evidence} == {"FRZ-1"}
    first = need.evidence[0]
    assert any(first.text in e.quote().text for e in belonging[:4])
    assert len({(q.call_id, q.utterance) for q in need.evidence}) == len(need.evidence)
    assert {(q.call_id, q.utterance) for q in need.evidence} <= {
        (e.spoken.call_id, e.spoken.i) for e in belonging
    }
