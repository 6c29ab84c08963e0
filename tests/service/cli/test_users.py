"""`firsthand users` and `firsthand tokens`, and what they refuse."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.library import Library, Options
from service.access.audit import Wanted, rows
from service.access.lockout import Lockout
from service.access.signing_in import Browser, Credentials, sign_in
from service.access.tokens import TOKEN_ID
from service.access.users import named
from service.cli import main
from tests import contract

PASSWORD = "correct horse battery staple"
OTHER = "seven lanterns under wet gravel"
ADMIN = ("users", "add", "ada", "--sso", "--role", "admin")


def run(home: Path, *args: str, typed: str | None = None) -> Result:
    arguments = ["--home", str(home), *args]
    return CliRunner().invoke(main, arguments, catch_exceptions=False, input=typed)


def document(home: Path, *args: str, typed: str | None = None) -> object:
    result = run(home, *args, "--json", typed=typed)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def entered(home: Path, name: str, password: str) -> str:
    """The session that somebody gets; their name in it."""
    library = Library(home, Options(models=home / "models"))
    try:
        given, browser = Credentials(name, password), Browser("192.0.2.1", "Firefox \x1b[31m")
        return sign_in(library, Lockout(), given, browser, datetime.now(UTC)).user.name
    finally:
        library.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_nobody_yet(home: Path) -> None:
    assert run(home, "users").stdout == "No users.\n"
    run(home, "workspaces", "add", "sales")
    assert run(home, "users", "--workspace", "sales").stdout == "No users in sales.\n"
    assert run(home, "tokens").stdout == "No tokens.\n"
    assert document(home, "users") == document(home, "tokens") == []


def test_a_user_is_added_and_signs_in(home: Path) -> None:
    args = ("users", "add", "Dana", "--role", "admin", "--password-stdin")
    made = run(home, *args, typed=f"{PASSWORD}\n")
    assert made.stdout == "dana may come in as admin of main.\n"
    assert PASSWORD not in made.output
    assert entered(home, "dana", PASSWORD) == "dana"
    found = document(home, "users")
    contract.check(found, contract.arr(contract.USER, least=1))
    told = run(home, "users", "password", "dana", "--password-stdin", typed=f"{OTHER}\r\n")
    assert "dana has another password and is signed out." in told.stdout
    assert document(home, "users", "sessions", "dana") == []
    assert entered(home, "dana", OTHER) == "dana"


def test_users_are_changed_and_removed(home: Path) -> None:
    run(home, "workspaces", "add", "sales")
    contract.check(document(home, *ADMIN), contract.USER)
    bo = document(home, "users", "add", "bo", "--sso", "--workspace", "sales")
    assert isinstance(bo, dict)
    assert bo["memberships"] == [{"workspace": "sales", "role": "viewer"}]
    assert run(home, "users", "role", "bo", "editor").stdout == "bo is editor of main.\n"
    contract.check(document(home, "users", "disable", "bo"), contract.USER)
    printed = run(home, "users").stdout.splitlines()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert printed == [
        f"ada  since {today}  admin of main  (single sign-on)",
        f"bo   since {today}  editor of main, viewer of sales  (single sign-on, disabled)",
    ]
    assert "bo is let in again." in run(home, "users", "enable", "bo").stdout
    removed = document(home, "users", "remove", "bo", "--from", "sales")
    assert removed == {"removed": bo["id"], "workspace": "sales"}
    assert document(home, "users", "list", "--workspace", "sales") == []
    assert run(home, "users", "remove", "bo").stdout == "bo is removed.\n"
    assert [line.split()[0] for line in run(home, "users").stdout.splitlines()] == ["ada"]


def test_users_are_of_the_home_whatever_workspace_a_command_is_about(home: Path) -> None:
    run(home, *ADMIN)
    run(home, "workspaces", "add", "sales")
    dana = document(home, "--workspace", "sales", "users", "add", "dana@example.com", "--sso")
    assert document(home, "--workspace", "sales", "users") == [dana]
    assert isinstance(dana, dict)
    assert dana["name"] == "dana@example.com"  # which is no customer's, and so not masked
    assert "viewer of sales" in run(home, "users").stdout
    token = run(home, "tokens", "add", "t", "--user", "dana@example.com", "--workspace", "sales")
    assert token.stdout.startswith("fh_")
    assert "dana@example.com as viewer of sales" in run(home, "tokens").stdout
    assert run(home, "tokens", "--workspace", "main").stdout == "No tokens.\n"
    # With the workspace goes who was in it, also when there is another of its name.
    run(home, "workspaces", "remove", "sales", "--yes")
    run(home, "workspaces", "add", "sales")
    assert document(home, "users", "--workspace", "sales") == []
    assert document(home, "tokens") == []
    assert "dana@example.com  since" in run(home, "users").stdout


def test_what_is_done_to_users_is_in_the_log_of_the_home(home: Path) -> None:
    run(home, *ADMIN)
    run(home, "workspaces", "add", "sales")
    bo = document(home, "users", "add", "bo", "--sso", "--workspace", "sales")
    assert isinstance(bo, dict)
    run(home, "users", "role", "BO", "editor")
    run(home, "users", "disable", "eve")
    run(home, "tokens", "add", "t", "--user", "bo")
    run(home, "users", "sign-out", "bo")
    run(home, "users", "remove", "bo")
    library = Library(home, Options(models=home / "models"))
    found = list(reversed(rows(library, Wanted())))
    told = [(r.action, r.kind, r.subject, r.result) for r in found]
    with library.read() as connection:
        ada = named(connection, "ada").id
    library.close()
    roles = [row.detail["role"] for row in found if row.kind == "user" and row.detail]
    assert roles == ["admin", "admin", "viewer", "viewer", "editor"]
    [token] = [row[2] for row in told if row[1:4:2] == ("token", "done")]
    assert TOKEN_ID.fullmatch(token)
    assert [row for row in told if row[1] in ("user", "token", "session")] == [
        ("add", "user", "", "allowed"),
        ("add", "user", ada, "done"),
        ("add", "user", "", "allowed"),
        ("add", "user", bo["id"], "done"),
        ("change", "user", bo["id"], "allowed"),
        ("change", "user", "unknown", "allowed"),
        ("change", "user", "unknown", "failed"),
        ("add", "token", bo["id"], "allowed"),
        ("add", "token", token, "done"),
        ("delete", "session", bo["id"], "allowed"),
        ("delete", "user", bo["id"], "allowed"),
    ]


def test_sessions_are_listed_and_ended(home: Path) -> None:
    run(home, *ADMIN)
    run(home, "users", "password", "ada", "--password-stdin", typed=PASSWORD)
    assert run(home, "users", "sessions", "ada").stdout == "Signed in nowhere.\n"
    for _ in range(2):
        entered(home, "ada", PASSWORD)
    found = document(home, "users", "sessions", "ada")
    contract.check(found, contract.arr(contract.SESSION, least=2))
    printed = run(home, "users", "sessions", "ada").stdout
    assert "192.0.2.1  Firefox" in printed
    assert "\x1b" not in printed
    assert document(home, "users", "sign-out", "ada") == {"ended": 2}
    assert "signed out of 0 sessions" in run(home, "users", "sign-out", "ada").stdout


def test_a_token_is_made_listed_and_revoked(home: Path) -> None:
    run(home, *ADMIN)
    made = run(home, "tokens", "add", "weekly report", "--user", "ada", "--days", "7")
    assert made.stdout.startswith("fh_")
    assert len(made.stdout.split()) == 1  # for a script to take
    assert "not shown again" in made.stderr
    new = document(home, "tokens", "add", "other", "--user", "ada", "--role", "editor")
    contract.check(new, contract.NEW_TOKEN)
    assert isinstance(new, dict)
    found = document(home, "tokens", "--user", "ada", "--workspace", "main")
    contract.check(found, contract.arr(contract.TOKEN, least=2))
    listed = run(home, "tokens").stdout
    assert "ada as viewer of main  until" in listed
    assert new["token"] not in listed
    assert made.stdout.strip() not in listed
    assert document(home, "tokens", "revoke", new["id"]) == {"revoked": new["id"]}
    assert f"{new['id']}  ada as editor of main  revoked" in run(home, "tokens").stdout


@pytest.mark.parametrize(
    ("args", "typed", "status", "says"),
    [
        (["users", "add", "bo"], "", 1, "Nobody is here to type a password"),
        (["users", "add", "bo", "--sso", "--password-stdin"], PASSWORD, 2, "not both"),
        (["users", "add", "bo", "--password-stdin"], "", 1, "12 to 1,024 characters"),
        (["users", "add", "bo", "--password-stdin"], "password1234", 1, "easy to guess"),
        (["users", "add", "bo", "--role", "boss", "--sso"], None, 2, "boss"),
        (["users", "add", "b o", "--sso"], None, 1, "A sign-in name has"),
        (["users", "add", "bo", "--sso", "--workspace", "../x"], None, 1, "names no workspace"),
        (["users", "add", "bo", "--sso", "--workspace", "x"], None, 1, "no workspace 'x'"),
        (["users", "role", "ada", "viewer", "--workspace", "x"], None, 1, "no workspace 'x'"),
        (["users", "add", "ADA", "--sso"], None, 1, "There is a user ada already"),
        (["users", "password", "eve", "--password-stdin"], OTHER, 1, "no user “eve”"),
        (["users", "role", "ada", "viewer"], None, 1, "the last admin"),
        (["users", "disable", "ada"], None, 1, "the last admin"),
        (["users", "remove", "ada"], None, 1, "the last admin"),
        (["users", "remove", "ada", "--from", "sales"], None, 1, "not in the workspace sales"),
        (["users", "sign-out", "\x1b[31m"], None, 1, "no user “�[31m”"),
        (["tokens", "add", "t"], None, 2, "--user"),
        (["tokens", "add", "t", "--user", "eve"], None, 1, "no user “eve”"),
        (["tokens", "add", "t", "--user", "ada", "--days", "0"], None, 1, "1 to 366 days"),
        (["tokens", "add", "t", "--user", "ada", "--workspace", "x"], None, 1, "no workspace 'x'"),
        (["tokens", "revoke", "none"], None, 1, "no such token"),
        (["tokens", "--user", "eve"], None, 1, "no user “eve”"),
    ],
)
def test_what_cannot_be_done_is_said(
    home: Path, args: list[str], typed: str | None, status: int, says: str
) -> None:
    run(home, *ADMIN)
    refused = run(home, *args, typed=typed)
    assert (refused.exit_code, says in refused.stderr) == (status, True), refused.stderr
    assert "Traceback" not in refused.stderr
    assert not typed or typed not in refused.output


def test_the_first_user_has_to_be_an_admin(home: Path) -> None:
    refused = run(home, "users", "add", "bo", "--sso")
    assert refused.exit_code == 1
    assert "The first user has to be an admin" in refused.stderr
    assert document(home, "users") == []


def test_in_a_terminal_the_password_is_asked_for_twice_and_not_shown(home: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "service.cli", "--home", str(home)]
    command += ["users", "add", "dana", "--role", "admin", "--json"]
    said = b""
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # else it would be asked for in the terminal of the tests
    ) as asked:
        os.close(theirs)
        assert asked.stdout is not None
        assert asked.stderr is not None
        try:
            # What is typed before the question is thrown away.
            for answer in (PASSWORD, OTHER, PASSWORD, PASSWORD):
                while not said.endswith(b": "):
                    read = os.read(asked.stderr.fileno(), 1_000)
                    assert read, said.decode()
                    said += read
                os.write(ours, f"{answer}\n".encode())
                said += b"\n"
            printed, rest = asked.communicate(timeout=120)
        finally:
            asked.kill()
    os.close(ours)
    told = (said + rest).decode()
    assert asked.returncode == 0, told
    assert "do not match" in told
    assert told.count("Password: ") == 2
    assert PASSWORD not in printed.decode() + told
    assert printed.decode().startswith("{")
    assert entered(home, "dana", PASSWORD) == "dana"
