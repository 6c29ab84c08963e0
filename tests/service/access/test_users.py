"""Who there is: adding, changing and removing people, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from ingest.access_tables import users as table
from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from service.access import sessions, tokens, users
from service.access.person import Role
from service.access.users import Membership, User
from tests.service.access.conftest import NOW, PASSWORD


def test_without_users_nobody_signs_in(home: Library) -> None:
    with home.read() as connection:
        assert not users.any_users(connection)
        assert not users.has_admin(connection)
        assert users.list_users(connection) == []


def test_a_user_is_kept_with_a_hash_only(home: Library) -> None:
    with home.change() as connection:
        made = users.add_user(connection, "Dana", password=PASSWORD, role="admin", now=NOW)
    with home.read() as connection:
        assert users.any_users(connection)
        assert users.list_users(connection) == [made]
        assert users.named(connection, " DANA ") == made == users.get_user(connection, made.id)
        row = connection.execute(sa.select(table)).one()
    assert made.name == "dana"
    assert made.created_at == NOW
    assert not made.sso
    assert made.memberships == (Membership(workspace="main", role="admin"),)
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(row)


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_the_first_has_to_be_an_admin(home: Library, role: Role) -> None:
    with (
        pytest.raises(Conflict, match="The first user has to be an admin"),
        home.change() as connection,
    ):
        users.add_user(connection, "dana", password=None, role=role, now=NOW)
    with home.read() as connection:
        assert not users.any_users(connection)


def test_an_admin_of_another_workspace_is_not_enough(home: Library) -> None:
    with pytest.raises(Conflict, match="of the main workspace"), home.change() as connection:
        users.add_user(connection, "dana", password=None, role="admin", now=NOW, workspace="sales")


@pytest.mark.parametrize("name", ["ADA@example.com", "ada@EXAMPLE.com", "ａda@example.com"])
def test_a_name_is_there_once_however_it_is_written(home: Library, ada: User, name: str) -> None:
    with pytest.raises(Conflict, match=r"user ada@example\.com already"), home.change() as c:
        users.add_user(c, name, password=None, role="viewer", now=NOW)
    assert ada.name == "ada@example.com"


@pytest.mark.parametrize(
    "name", ["", "  ", "two words", "a\0b", "a\x1b[31m", "<b>", "n" * 255, "a/b"]
)
def test_what_is_no_name(home: Library, name: str) -> None:
    with pytest.raises(BadInput, match="1 to 254 letters"), home.change() as connection:
        users.add_user(connection, name, password=None, role="admin", now=NOW)


@pytest.mark.parametrize("name", ["dana.ruiz+fh@example.com", "o'hara", "josé", "李雷"])
def test_what_is_a_name(home: Library, name: str) -> None:
    with home.change() as connection:
        made = users.add_user(connection, name, password=None, role="admin", now=NOW)
        assert users.named(connection, name.upper()) == made


@pytest.mark.parametrize("workspace", ["", "Sales", "a b", "../main", "w" * 32, "-a"])
def test_what_is_no_workspace(home: Library, ada: User, workspace: str) -> None:
    with pytest.raises(BadInput, match="A workspace has 1 to 31"), home.change() as connection:
        users.add_user(connection, "bo", password=None, role="admin", now=NOW, workspace=workspace)
    with pytest.raises(BadInput, match="A workspace has 1 to 31"), home.change() as connection:
        users.set_role(connection, ada.id, "viewer", workspace=workspace)


def test_a_password_for_the_name_is_refused(home: Library) -> None:
    with pytest.raises(BadInput, match="easy to guess"), home.change() as connection:
        users.add_user(
            connection, "dana.ruiz@example.com", password="dana.ruiz2026", role="admin", now=NOW
        )


CHANGES: dict[str, Callable[[sa.Connection, str], object]] = {
    "demoted": lambda c, u: users.set_role(c, u, "editor"),
    "taken out": lambda c, u: users.remove_from(c, u, "main", now=NOW),
    "disabled": lambda c, u: users.disable(c, u, now=NOW),
    "removed": users.remove,
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_last_admin_stays(home: Library, ada: User, bo: User, change: str) -> None:
    with home.change() as connection:
        secret = sessions.begin(connection, ada.id, "main", now=NOW)
        # Who is disabled is no admin to fall back on, nor is one of another workspace.
        users.set_role(connection, bo.id, "admin", workspace="sales")
        eve = users.add_user(connection, "eve", password=None, role="admin", now=NOW)
        users.disable(connection, eve.id, now=NOW)
    with pytest.raises(Conflict, match="the last admin"), home.change() as connection:
        CHANGES[change](connection, ada.id)
    with home.read() as connection:
        assert users.get_user(connection, ada.id) == ada
        assert sessions.find(connection, secret, NOW)  # nothing was done
    with home.change() as connection:
        users.set_role(connection, bo.id, "admin")
        CHANGES[change](connection, ada.id)
    with home.read() as connection:
        assert sessions.find(connection, secret, NOW) is None
        assert users.has_admin(connection)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_ends_sessions_and_tokens(home: Library, ada: User, bo: User, change: str) -> None:
    with home.change() as connection:
        users.set_role(connection, bo.id, "viewer", workspace="sales")
        users.set_role(connection, bo.id, "admin")
        secrets = [sessions.begin(connection, bo.id, w, now=NOW) for w in ("main", "sales")]
        others = sessions.begin(connection, ada.id, "main", now=NOW)
        kinds: list[tuple[str, Role]] = [
            ("main", "admin"), ("main", "viewer"), ("sales", "viewer"),
        ]  # fmt: skip
        made = {
            (w, r): tokens.make(connection, bo.id, "t", workspace=w, role=r, now=NOW).token
            for w, r in kinds
        }
        CHANGES[change](connection, bo.id)
    with home.read() as connection:
        # A change in one workspace signs nobody out of another.
        one = change in ("demoted", "taken out")
        found = [sessions.find(connection, s, NOW) is not None for s in secrets]
        assert found == [False, one]
        assert sessions.find(connection, others, NOW)
        left = {
            key: visit.person.role
            for key, token in made.items()
            if (visit := tokens.find(connection, token, NOW))
        }
    assert left == {
        "demoted": {
            ("main", "admin"): "editor", ("main", "viewer"): "viewer",
            ("sales", "viewer"): "viewer",
        },
        "taken out": {("sales", "viewer"): "viewer"},
        "disabled": {},
        "removed": {},
    }[change]  # fmt: skip


def test_what_a_token_lost_does_not_come_back(home: Library, ada: User, bo: User) -> None:
    assert ada.memberships
    with home.change() as connection:
        users.set_role(connection, bo.id, "admin")
        token = tokens.make(connection, bo.id, "t", workspace="main", role="admin", now=NOW).token
        users.set_role(connection, bo.id, "viewer")
        users.set_role(connection, bo.id, "admin")
        visit = tokens.find(connection, token, NOW)
        assert visit is not None
        assert visit.person.role == "viewer"
        users.disable(connection, bo.id, now=NOW)
        users.enable(connection, bo.id)
        assert tokens.find(connection, token, NOW) is None
        assert not users.get_user(connection, bo.id).disabled


def test_a_new_password_ends_sessions_and_leaves_tokens(home: Library, ada: User) -> None:
    with home.change() as connection:
        secret = sessions.begin(connection, ada.id, "main", now=NOW)
        token = tokens.make(connection, ada.id, "t", workspace="main", role="viewer", now=NOW).token
        users.set_password(connection, ada.id, PASSWORD)
        assert sessions.find(connection, secret, NOW) is None
        assert tokens.find(connection, token, NOW)
        assert not users.get_user(connection, ada.id).sso


def test_members_of_a_workspace_are_listed_by_name(home: Library, ada: User, bo: User) -> None:
    with home.change() as connection:
        users.set_role(connection, bo.id, "viewer", workspace="sales")
        bo = users.get_user(connection, bo.id)
        assert users.list_users(connection) == [ada, bo]
        assert users.list_users(connection, "sales") == [bo]
        assert [bo.role_in(w) for w in ("main", "sales", "other")] == ["editor", "viewer", None]


def test_who_is_not_there(home: Library, bo: User) -> None:
    for change in CHANGES.values():
        with pytest.raises(NotFound, match="no such user"), home.change() as connection:
            change(connection, "user-none")
    with home.read() as connection:
        for name in ("eve", "\0", "\ud800", "e" * 10_000):
            with pytest.raises(NotFound, match="There is no user"):
                users.named(connection, name)
    with pytest.raises(NotFound, match="not in the workspace sales"), home.change() as connection:
        users.remove_from(connection, bo.id, "sales", now=NOW)
