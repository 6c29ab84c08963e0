"""Who is let in by single sign-on, and as whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ingest.errors import Conflict, Forbidden
from ingest.library import Library
from service.access import users
from service.access.admitting import admit
from service.access.identity import Identity
from service.access.person import Role
from service.settings import Settings
from tests.service.access.conftest import NOW, PASSWORD

DANA = Identity("https://idp.example", "dana-1", "dana@acme.example", "Dana Ruiz")
CLOSED = Settings()
OPEN = Settings(oidc_domains=("acme.example",), oidc_role="viewer")


@pytest.fixture
def team(home: Library, ada: users.User) -> Library:
    """A home with an admin."""
    assert ada.role_in("main") == "admin"
    return home


def _add(library: Library, name: str, role: Role, password: str | None = None) -> str:
    with library.change() as connection:
        return users.add_user(connection, name, password=password, role=role, now=NOW).id


def _admit(library: Library, identity: Identity, settings: Settings = CLOSED) -> str:
    with library.change() as connection:
        return admit(connection, identity, settings, NOW)


def _change(library: Library, how: Callable[..., None], *given: str, **named: Any) -> None:
    with library.change() as connection:
        how(connection, *given, **named)


def test_somebody_whom_an_admin_added_is_let_in_as_that(team: Library) -> None:
    added = _add(team, "Dana@Acme.example", "editor")
    assert _admit(team, DANA) == added


def test_after_the_first_time_the_address_does_not_matter(team: Library) -> None:
    added = _add(team, "dana@acme.example", "editor")
    _admit(team, DANA)
    assert _admit(team, replace(DANA, email="dana.li@acme.example")) == added
    assert _admit(team, replace(DANA, email=None)) == added
    _add(team, "dana.li@acme.example", "admin")
    assert _admit(team, replace(DANA, email="dana.li@acme.example")) == added


def test_whoever_gets_an_address_later_is_somebody_else(team: Library) -> None:
    _add(team, "dana@acme.example", "editor")
    _admit(team, DANA)
    for another in (replace(DANA, subject="dana-2"), replace(DANA, issuer="https://other.example")):
        with pytest.raises(Forbidden, match="somebody else here"):
            _admit(team, another, OPEN)


def test_who_has_a_password_is_not_taken_over(team: Library) -> None:
    _add(team, "dana@acme.example", "admin", PASSWORD)
    for settings in (CLOSED, OPEN):
        with pytest.raises(Forbidden, match="signs in with a password here"):
            _admit(team, DANA, settings)


def test_whoever_is_not_added_is_not_let_in(team: Library) -> None:
    with pytest.raises(Forbidden, match="not a user here"):
        _admit(team, DANA)
    with team.read() as connection:
        assert [user.name for user in users.list_users(connection)] == ["ada@example.com"]


def test_where_the_settings_say_so_they_come_by_themselves(team: Library) -> None:
    came = _admit(team, DANA, OPEN)
    assert _admit(team, DANA, CLOSED) == came  # and stay when that ends
    with team.read() as connection:
        user = users.get_user(connection, came)
    assert (user.name, user.sso, user.role_in("main")) == ("dana@acme.example", True, "viewer")


@pytest.mark.parametrize("email", ["dana@evil-acme.example", "dana@acme.example.evil.example"])
def test_another_domain_does_not(team: Library, email: str) -> None:
    with pytest.raises(Forbidden, match="not a user here"):
        _admit(team, replace(DANA, email=email), OPEN)


def test_all_domains_are_a_star(team: Library) -> None:
    everybody = Settings(oidc_domains=("*",), oidc_role="editor")
    assert _admit(team, replace(DANA, email="dana@anywhere.example"), everybody)


def test_without_a_confirmed_address_nobody_comes_for_the_first_time(team: Library) -> None:
    with pytest.raises(Forbidden, match="does not confirm an e-mail address"):
        _admit(team, replace(DANA, email=None), Settings(oidc_domains=("*",), oidc_role="viewer"))


def test_who_is_disabled_is_not_let_in(team: Library) -> None:
    added = _add(team, "dana@acme.example", "editor")
    _change(team, users.disable, added, now=NOW)
    with pytest.raises(Forbidden, match="disabled"):  # before the first time
        _admit(team, DANA, OPEN)
    _change(team, users.enable, added)
    _admit(team, DANA)
    _change(team, users.disable, added, now=NOW)
    with pytest.raises(Forbidden, match="disabled"):
        _admit(team, DANA, OPEN)


def test_who_was_removed_comes_only_as_somebody_new(team: Library) -> None:
    added = _add(team, "dana@acme.example", "editor")
    _admit(team, DANA)
    _change(team, users.remove, added)
    with pytest.raises(Forbidden, match="not a user here"):
        _admit(team, DANA)
    assert _admit(team, DANA, OPEN) != added


def test_nobody_comes_before_there_is_an_admin(home: Library) -> None:
    """Or the first stranger would lock the owner of the machine out."""
    with pytest.raises(Conflict, match="has to be an admin"):
        _admit(home, DANA, OPEN)
    with home.read() as connection:
        assert not users.any_users(connection)
