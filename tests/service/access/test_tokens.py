from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ingest.access_tables import api_tokens
from ingest.errors import BadInput, NotFound
from ingest.library import Library
from service.access import tokens, users
from service.access.person import Role
from service.access.tokens import NewToken
from service.access.users import User
from service.access.visit import touch
from tests.service.access.conftest import NOW


def make(home: Library, user: User, role: Role = "viewer", days: int = 90) -> NewToken:
    with home.change() as connection:
        return tokens.make(
            connection, user.id, "weekly  report", workspace="main", role=role, now=NOW, days=days
        )


def test_a_token_is_shown_once_and_kept_as_a_digest(home: Library, bo: User) -> None:
    made = make(home, bo)
    assert re.fullmatch(r"fh_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}", made.token)
    with home.read() as connection:
        visit = tokens.find(connection, made.token, NOW)
        [row] = connection.execute(sa.select(api_tokens)).all()
        [shown] = tokens.list_tokens(connection)
    assert visit is not None
    assert (visit.person.user_id, visit.person.name) == (bo.id, "bo")
    assert (visit.person.role, visit.person.via) == ("viewer", "token")
    assert (visit.workspace, visit.key, visit.seen_at) == ("main", made.id, None)
    assert made.token.rpartition("_")[2] not in str(row)
    assert made.token not in shown.model_dump_json()
    assert (shown.name, shown.user, shown.expires_at) == (
        "weekly report", "bo", NOW + timedelta(days=90),
    )  # fmt: skip


def test_only_the_whole_token_lets_in(home: Library, bo: User) -> None:
    token = make(home, bo).token
    swapped = token[:-1] + ("a" if token[-1] != "a" else "b")
    with home.read() as connection:
        digest = connection.scalars(sa.select(api_tokens.c.digest)).one()
        near = (swapped, token[:-1], f"{token}a", token.upper(), f"{token}\n", digest)
        far = ("", "fh_", f"fh_{token[3:15]}_{'x' * 43}", f"fh_{'é' * 12}_{'x' * 43}")
        for other in near + far:
            assert tokens.find(connection, other, NOW) is None, other
        assert tokens.find(connection, token, NOW)


def test_a_token_ends_on_its_day(home: Library, bo: User) -> None:
    token = make(home, bo, days=7).token
    with home.read() as connection:
        assert tokens.find(connection, token, NOW + timedelta(days=7, seconds=-1))
        assert tokens.find(connection, token, NOW + timedelta(days=7)) is None


def test_a_token_is_revoked_by_whoever_owns_it(home: Library, ada: User, bo: User) -> None:
    made = make(home, bo)
    with pytest.raises(NotFound, match="no such token"), home.change() as connection:
        tokens.revoke(connection, made.id, now=NOW, user_id=ada.id)
    with home.change() as connection:
        assert tokens.find(connection, made.token, NOW)
        tokens.revoke(connection, made.id, now=NOW, user_id=bo.id)
        tokens.revoke(connection, made.id, now=NOW + timedelta(days=1))  # changes nothing
        assert tokens.find(connection, made.token, NOW) is None
        [shown] = tokens.list_tokens(connection, user_id=bo.id)
        assert shown.revoked_at == NOW
        assert tokens.list_tokens(connection, user_id=ada.id) == []
    with pytest.raises(NotFound, match="no such token"), home.change() as connection:
        tokens.revoke(connection, "none", now=NOW)


@pytest.mark.parametrize(
    ("asked", "own", "may"),
    [
        ("viewer", "admin", "viewer"),
        ("editor", "admin", "editor"),
        ("editor", "viewer", "viewer"),
        ("admin", "editor", "editor"),
    ],
)
def test_a_token_does_no_more_than_its_user(
    home: Library, ada: User, bo: User, asked: Role, own: Role, may: Role
) -> None:
    assert ada.memberships
    with home.change() as connection:
        users.set_role(connection, bo.id, "admin")
        made = tokens.make(connection, bo.id, "t", workspace="main", role=asked, now=NOW)
        # As it stands in the table, whatever cut it down: what counts is looked up at each use.
        users._put_role(connection, bo.id, "main", own)
        visit = tokens.find(connection, made.token, NOW)
    assert visit is not None
    assert visit.person.role == may


def test_a_token_is_for_one_workspace(home: Library, bo: User) -> None:
    with home.change() as connection:
        users.set_role(connection, bo.id, "viewer", workspace="sales")
        made = tokens.make(connection, bo.id, "t", workspace="sales", role="viewer", now=NOW)
        visit = tokens.find(connection, made.token, NOW)
        assert visit is not None
        assert visit.workspace == "sales"
        assert tokens.list_tokens(connection, workspace="main") == []
        assert [t.id for t in tokens.list_tokens(connection, workspace="sales")] == [made.id]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"role": "admin"}, "no more than its user, who is editor"),
        ({"days": 0}, "1 to 366 days"),
        ({"days": 367}, "1 to 366 days"),
        ({"days": 10**30}, "1 to 366 days"),
        ({"name": " "}, "1 to 100 characters"),
        ({"name": "n" * 101}, "1 to 100 characters"),
        ({"name": "a\x1b[31m"}, "1 to 100 characters"),
        ({"workspace": "sales"}, "not in the workspace"),
        ({"user_id": "user-none"}, "not in the workspace"),
    ],
)
def test_what_is_no_token(home: Library, bo: User, changes: dict[str, object], says: str) -> None:
    asked = {"user_id": bo.id, "name": "t", "workspace": "main", "role": "viewer", "now": NOW}
    with pytest.raises((BadInput, NotFound), match=says), home.change() as connection:
        tokens.make(connection, **(asked | changes))  # type: ignore[arg-type]  # of a table
    with home.read() as connection:
        assert tokens.list_tokens(connection) == []


def test_when_a_token_was_used_is_noted(home: Library, bo: User) -> None:
    made = make(home, bo)
    later = NOW + timedelta(hours=3)
    with home.read() as connection:
        visit = tokens.find(connection, made.token, later)
    assert visit is not None
    touch(home, visit, later)
    with home.read() as connection:
        assert [t.seen_at for t in tokens.list_tokens(connection)] == [later]
