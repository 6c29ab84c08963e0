"""Signing in: who is let in, who is not and learns nothing from it, and who has to wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from ingest.access_tables import sessions as sessions_table
from ingest.access_tables import users as table
from ingest.errors import NotFound, TooOften
from ingest.library import Library
from service.access import sessions, users
from service.access.errors import SignInRefused
from service.access.lockout import Attempt, Lockout
from service.access.signing_in import Browser, Credentials, SignedIn, sign_in
from service.access.users import User
from tests.service.access.conftest import NOW, PASSWORD

# As strong as the real ones in nothing but being quick: most of these tests are about the rest.
_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
AT = Browser("192.0.2.1", "Firefox")


@pytest.fixture
def dana(home: Library) -> User:
    with home.change() as connection:
        return users.add_user(connection, "Dana", password=PASSWORD, role="admin", now=NOW)


def enter(
    home: Library,
    password: str = PASSWORD,
    name: str = "dana",
    *,
    lockout: Lockout | None = None,
    browser: Browser = AT,
    workspace: str | None = None,
) -> SignedIn:
    given = Credentials(name, password, workspace)
    return sign_in(home, lockout or Lockout(), given, browser, NOW)


def test_the_right_password_begins_a_session(home: Library, dana: User) -> None:
    found = enter(home, name=" DANA")
    assert (found.user, found.workspace) == (dana, "main")
    with home.read() as connection:
        visit = sessions.find(connection, found.session, NOW)
        [shown] = sessions.list_sessions(connection, dana.id, NOW)
    assert visit is not None
    assert (visit.person.user_id, visit.person.role) == (dana.id, "admin")
    assert (shown.address, shown.agent) == ("192.0.2.1", "Firefox")


def test_no_secret_shows_in_a_repr(home: Library, dana: User) -> None:
    assert dana.name in (told := repr(enter(home)))
    assert PASSWORD not in repr(Credentials("dana", PASSWORD))
    assert "session" not in told
    assert "device" not in told


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("dana", "not the password of dana"),
        ("dana", ""),
        ("dana", "\ud800"),
        ("eve", PASSWORD),
        ("", ""),
        ("\0", PASSWORD),
        ("\ud800", PASSWORD),
        ("d" * 100_000, PASSWORD),
        ("sso-only", PASSWORD),
        ("sso-only", ""),
        ("gone", PASSWORD),
    ],
)
def test_whoever_is_not_let_in_learns_nothing(
    home: Library, dana: User, name: str, password: str
) -> None:
    assert dana.memberships
    with home.change() as connection:
        users.add_user(connection, "sso-only", password=None, role="viewer", now=NOW)
        gone = users.add_user(connection, "gone", password=None, role="viewer", now=NOW)
        users.put_hash(connection, gone.id, _QUICK.hash(PASSWORD))
        users.disable(connection, gone.id, now=NOW)
    with pytest.raises(SignInRefused) as refused:
        enter(home, password, name)
    assert str(refused.value) == "The name or the password is wrong, or the account is disabled."
    assert refused.value.status == 401
    with home.read() as connection:
        assert connection.execute(sa.select(sessions_table)).all() == []


def test_after_ten_wrong_passwords_the_right_one_waits(home: Library, dana: User) -> None:
    lockout = Lockout()
    for _ in range(10):
        assert lockout.enter(Attempt("dana", "192.0.2.1"), NOW.timestamp()) == 0
    with pytest.raises(TooOften, match="try again in 15 minutes") as refused:
        enter(home, lockout=lockout)
    assert (refused.value.status, refused.value.retry_after_s) == (429, 900)
    for _ in range(10):
        lockout.enter(Attempt("eve", "192.0.2.1"), NOW.timestamp())
    for name in ("DANA", "eve"):  # who does not exist waits as well
        with pytest.raises(TooOften):
            enter(home, name=name, lockout=lockout)
    assert enter(home, lockout=lockout, browser=Browser("198.51.100.9")).user == dana


def test_a_browser_that_has_signed_in_is_let_in_whatever_strangers_do(
    home: Library, dana: User
) -> None:
    lockout = Lockout()
    cookie = enter(home, lockout=lockout).device
    for n in range(200):
        for name in ("dana", f"n{n}"):
            for address in ("192.0.2.1", f"198.51.100.{n}"):
                lockout.enter(Attempt(name, address), NOW.timestamp())
    with pytest.raises(TooOften):
        enter(home, lockout=lockout)
    assert enter(home, lockout=lockout, browser=Browser("192.0.2.1", device=cookie)).user == dana
    made_up = f"{cookie.partition('.')[0]}x.{cookie.partition('.')[2]}"
    for other in (made_up, cookie[:-1], "", ".", "\ud800.\ud800", "x" * 10_000):
        with pytest.raises(TooOften):
            enter(home, lockout=lockout, browser=Browser("192.0.2.1", device=other))


def test_a_device_cookie_is_of_one_name(home: Library, dana: User) -> None:
    lockout = Lockout()
    cookie = enter(home, lockout=lockout).device
    with home.change() as connection:
        bo = users.add_user(connection, "bo", password=None, role="viewer", now=NOW)
        users.put_hash(connection, bo.id, _QUICK.hash(PASSWORD))
    for _ in range(10):
        lockout.enter(Attempt("bo", "192.0.2.1"), NOW.timestamp())
    browser = Browser("192.0.2.1", device=cookie)
    with pytest.raises(TooOften):
        enter(home, name="bo", lockout=lockout, browser=browser)
    assert enter(home, lockout=lockout, browser=browser).user == dana


def test_failures_are_counted_and_success_forgives_them(home: Library, dana: User) -> None:
    lockout = Lockout()
    with home.change() as connection:
        users.put_hash(connection, dana.id, _QUICK.hash(PASSWORD))
    for _ in range(9):
        with pytest.raises(SignInRefused):
            enter(home, "wrong", lockout=lockout)
    enter(home, lockout=lockout)
    for _ in range(10):
        with pytest.raises(SignInRefused):
            enter(home, "wrong", lockout=lockout)
    with pytest.raises(TooOften):
        enter(home, "wrong", lockout=lockout)


def test_an_outdated_hash_is_made_anew_once(home: Library, dana: User) -> None:
    with home.change() as connection:
        users.put_hash(connection, dana.id, _QUICK.hash(PASSWORD))
    kept = []
    for _ in range(2):
        enter(home)
        with home.read() as connection:
            kept.append(connection.scalars(sa.select(table.c.password_hash)).one())
    assert kept[0] == kept[1]
    assert not PasswordHasher().check_needs_rehash(kept[0])


class Meanwhile(Lockout):
    """Something happens between the look into the database and the sign-in."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens = happens

    def enter(self, attempt: Attempt, now: float) -> float:
        self._happens()
        return super().enter(attempt, now)


@pytest.mark.parametrize("what", ["password", "disabled", "removed"])
def test_what_changes_while_somebody_signs_in_counts(home: Library, dana: User, what: str) -> None:
    def happens() -> None:
        with home.change() as connection:
            users.add_user(connection, "other", password=None, role="admin", now=NOW)
            if what == "password":
                users.set_password(connection, dana.id, "entirely different words here")
            elif what == "disabled":
                users.disable(connection, dana.id, now=NOW)
            else:
                users.remove(connection, dana.id)

    with pytest.raises(SignInRefused):
        enter(home, lockout=Meanwhile(happens))
    with home.read() as connection:
        assert connection.execute(sa.select(sessions_table)).all() == []


def test_where_one_begins(home: Library, dana: User) -> None:
    with home.change() as connection:
        users.put_hash(connection, dana.id, _QUICK.hash(PASSWORD))
        users.add_user(connection, "other", password=None, role="admin", now=NOW)
        for workspace in ("sales", "zoo", "asia"):
            users.set_role(connection, dana.id, "viewer", workspace=workspace)
    assert enter(home).workspace == "main"
    assert enter(home, workspace="zoo").workspace == "zoo"
    with pytest.raises(NotFound, match="no such workspace for you"):
        enter(home, workspace="none")
    with home.change() as connection:
        users.remove_from(connection, dana.id, "main", now=NOW + timedelta(days=1))
    assert enter(home).workspace == "asia"
    with home.change() as connection:
        for workspace in ("sales", "zoo", "asia"):
            users.remove_from(connection, dana.id, workspace, now=NOW)
    with pytest.raises(SignInRefused, match="You are in no workspace"):
        enter(home)
