from __future__ import annotations

from ingest.library import Library
from service.codebook import NewCode, attach, dismiss, judge, list_codes, put_codes
from service.scope import resolve
from service.shapes import Code, Filters, Theme
from service.themes import confirmed_themes, find, themes

ALARMS = NewCode(
    label="Alarms that do not say which freezer",
    definition="A false alarm wakes people at night and does not tell which freezer it is.",
)
EXPORT = NewCode(
    label="Signed temperature records for auditors",
    definition="Temperature data must reach the auditor signed, without retyping.",
    kind="request",
)
ABSENT = NewCode(
    label="Parking for delivery vans",
    definition="Drivers find no place to park at the loading bay.",
)


def coded(library: Library, *codes: NewCode) -> list[Code]:
    return put_codes(library, codes)


def confirmed(library: Library, filters: Filters | None = None) -> dict[str, Theme]:
    with library.read() as connection:
        scope = resolve(connection, filters or Filters())
        return {t.label: t for t in confirmed_themes(library, connection, scope)}


def accounts(theme: Theme) -> list[str]:
    return [a.account_id for a in theme.accounts]


def test_a_code_gathers_who_spoke_of_it_and_an_absent_one_stays_empty(filled: Library) -> None:
    coded(filled, ALARMS, EXPORT, ABSENT)
    found = confirmed(filled)
    assert set(found) == {ALARMS.label, EXPORT.label}
    alarms = found[ALARMS.label]
    assert accounts(alarms) == ["FRZ-1", "FRZ-2"]
    assert (alarms.arr_usd, alarms.rank, alarms.status) == (650_000, 1, "confirmed")
    assert "2 accounts worth $650,000 a year" in alarms.statement
    assert {q.role for q in alarms.evidence} == {"customer"}
    assert {q.hand for q in alarms.evidence} == {"first"}
    assert alarms.first_heard is not None
    assert alarms.last_heard is not None
    assert alarms.first_heard < alarms.last_heard
    assert accounts(found[EXPORT.label]) == ["FRZ-3"]
    assert "Only one account spoke of it." in found[EXPORT.label].notes


def test_scope_narrows_a_theme_without_changing_what_it_is(filled: Library) -> None:
    coded(filled, ALARMS)
    whole = confirmed(filled)[ALARMS.label]
    part = confirmed(filled, Filters(accounts=("FRZ-2",)))[ALARMS.label]
    assert (part.id, accounts(part), part.arr_usd) == (whole.id, ["FRZ-2"], 250_000)
    assert confirmed(filled, Filters(accounts=("FRZ-4",))) == {}


def test_what_a_person_rejects_is_gone_and_what_is_confirmed_is_there(filled: Library) -> None:
    code = coded(filled, ALARMS)[0]
    for quote in confirmed(filled)[ALARMS.label].evidence:
        if quote.account_id == "FRZ-2":
            judge(filled, code.id, quote.call_id, quote.utterance, "reject")
    left = confirmed(filled)[ALARMS.label]
    assert not {(q.call_id, q.utterance) for q in left.evidence if q.account_id == "FRZ-2"} & {
        ("FC-2", 1)
    }
    judge(filled, code.id, "FC-4", 1, "confirm")
    assert "FRZ-4" in accounts(confirmed(filled)[ALARMS.label])


def test_evidence_moves_to_the_code_it_is_attached_to(filled: Library) -> None:
    alarms, export = coded(filled, ALARMS, EXPORT)
    attach(filled, "FC-3", 1, alarms.id, from_code=export.id)
    found = confirmed(filled)
    assert "FRZ-3" in accounts(found[ALARMS.label])
    # What is left there is one weak remark, which is no theme of its own.
    assert EXPORT.label not in found


def test_candidates_come_after_and_leave_out_what_codes_hold(filled: Library) -> None:
    coded(filled, ALARMS)
    found = themes(filled, Filters())
    states = [t.status for t in found]
    assert states == sorted(states, reverse=True)  # confirmed before candidate
    assert [t.rank for t in found] == list(range(1, len(found) + 1))
    held = {(q.call_id, q.utterance) for q in found[0].evidence}
    for theme in found[1:]:
        assert not held & {(q.call_id, q.utterance) for q in theme.evidence}
        assert theme.confidence == "low"
        assert theme.accounts_n > 1


def test_what_was_dismissed_is_not_offered_again(filled: Library) -> None:
    code = coded(filled, ALARMS)[0]
    before = {(q.call_id, q.utterance) for q in confirmed(filled)[ALARMS.label].evidence}
    dismiss(filled, code.id)
    offered = themes(filled, Filters())
    assert all(t.id != code.id for t in offered)
    assert not before & {(q.call_id, q.utterance) for t in offered for q in t.evidence}


def test_nothing_ours_and_nothing_reported_is_in_any_theme(filled: Library) -> None:
    coded(
        filled,
        ALARMS,
        EXPORT,
        NewCode(label="A hologram display", definition="A hologram shows the lid.", kind="request"),
        NewCode(label="A mobile app", definition="An app for the phone.", kind="request"),
    )
    words = " ".join(q.text for t in themes(filled, Filters()) for q in t.evidence)
    for never in ("hologram", "mobile app", "sounds neat", "any AI"):
        assert never not in words


def test_ids_persist(filled: Library) -> None:
    coded(filled, ALARMS)
    first, again = themes(filled, Filters()), themes(filled, Filters())
    assert [t.id for t in first] == [t.id for t in again]
    assert len({t.id for t in first}) == len(first)


def test_an_empty_home_has_no_themes(library: Library) -> None:
    coded(library, ALARMS)
    assert themes(library, Filters()) == []
    with library.read() as connection:
        assert find(library, connection, resolve(connection, Filters())) == []
        assert [c.label for c in list_codes(connection)] == [ALARMS.label]
