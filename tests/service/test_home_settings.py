from __future__ import annotations

from datetime import date

import pytest

from ingest.errors import BadInput
from ingest.facts import internal_domains, start_date
from ingest.library import Library
from service.coverage import report
from service.drafting import draft_and_save
from service.home_settings import HomeSettings, SettingsChange, change_settings, home_settings
from service.shapes import Filters

MAY, JUNE = date(2026, 5, 4), date(2026, 6, 3)


def now(library: Library) -> HomeSettings:
    with library.read() as connection:
        return home_settings(connection)


def test_what_is_given_is_set_and_the_rest_stays(library: Library) -> None:
    assert now(library) == HomeSettings()
    change_settings(library, SettingsChange(goal_hours=2.5, top=3))
    change_settings(library, SettingsChange(start=MAY, internal_domains=("@Vendor.example ", "")))
    found = HomeSettings(start=MAY, goal_hours=2.5, top=3, internal_domains=("vendor.example",))
    assert now(library) == found
    masks = SettingsChange(mask=False, mask_names=(" Dana  Ruiz", "Dana", ""))
    masked = found.model_copy(update={"mask": False, "mask_names": ("Dana", "Dana Ruiz")})
    assert change_settings(library, masks) == masked
    change_settings(library, SettingsChange(mask=None, mask_names=None))
    assert now(library) == found
    back = SettingsChange(start=None, goal_hours=None, top=None, internal_domains=None)
    assert change_settings(library, back) == HomeSettings() == now(library)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (SettingsChange(goal_hours=0), "The goal 0 is no number of hours"),
        (SettingsChange(goal_hours=float("nan")), "The goal nan is no number of hours"),
        (SettingsChange(top=0), "The board takes 1 to 500 accounts, not 0"),
        (SettingsChange(top=501), "The board takes 1 to 500 accounts, not 501"),
        (SettingsChange(start=date(1066, 10, 14)), "The year of the start 1066-10-14 is not"),
        (SettingsChange(internal_domains=("a b.example",)), "'a b.example' is no e-mail domain"),
        (SettingsChange(internal_domains=("<b>.example",)), "'<b>.example' is no e-mail domain"),
        (SettingsChange(internal_domains=("vendor",)), "'vendor' is no e-mail domain"),
        (SettingsChange(mask_names=("Dana", "-")), "'-' cannot be masked as a name"),
        (SettingsChange(mask_names=("x" * 101,)), "2 to 100 characters"),
        (SettingsChange(mask_names=tuple(f"Dana {n}" for n in range(501))), "over 500 names"),
        (
            SettingsChange(internal_domains=tuple(f"v{n}.example" for n in range(101))),
            "over 100 domains",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_it_is_set(
    library: Library, wrong: SettingsChange, says: str
) -> None:
    change_settings(library, SettingsChange(goal_hours=3))
    with pytest.raises(BadInput) as refused:
        change_settings(
            library, SettingsChange(**{"top": 7, **wrong.model_dump(exclude_unset=True)})
        )
    assert says in str(refused.value)
    assert now(library) == HomeSettings(goal_hours=3)


def test_the_board_the_goal_and_the_start_are_the_home_s(filled: Library) -> None:
    change_settings(filled, SettingsChange(start=MAY, goal_hours=0.02, top=2))
    found = report(filled, Filters(), None, JUNE)
    assert [row.account_id for row in found.board] == ["FRZ-1", "FRZ-2"]
    assert (found.goal_hours, found.start, found.start_from) == (0.02, MAY, "set")
    asked = report(filled, Filters(top=4), date(2026, 5, 1), JUNE, 5.0)
    assert (len(asked.board), asked.goal_hours, asked.start_from) == (4, 5.0, "given")


def test_a_memo_is_about_the_board_and_counts_from_the_start_that_was_set(filled: Library) -> None:
    change_settings(filled, SettingsChange(start=MAY, top=2))
    drafted = draft_and_save(filled, filters=Filters(), today=JUNE)
    assert (drafted.day, drafted.filters.top, len(drafted.board)) == (30, 2, 2)


def test_a_start_that_was_set_wins_over_what_a_memo_was_told(filled: Library) -> None:
    told = date(2026, 5, 14)
    draft_and_save(filled, filters=Filters(), start=told, today=JUNE)
    assert (now(filled).start, now(filled).start_remembered) == (None, told)
    change_settings(filled, SettingsChange(start=MAY))
    drafted = draft_and_save(filled, filters=Filters(), start=told, today=JUNE)
    assert drafted.day == 20, "this memo was told another"
    assert (now(filled).start, now(filled).start_remembered) == (MAY, None)
    with filled.read() as connection:
        assert start_date(connection) == MAY
    change_settings(filled, SettingsChange(start=None))
    assert now(filled).start_remembered == told


def test_domains_are_those_that_calls_are_read_with(library: Library) -> None:
    change_settings(library, SettingsChange(internal_domains=("vendor.example", "v.test")))
    change_settings(library, SettingsChange(internal_domains=("münchen.example",)))
    with library.read() as connection:
        assert internal_domains(connection) == {"münchen.example"}
