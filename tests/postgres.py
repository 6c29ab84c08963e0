"""A PostgreSQL server of the tests' own: started once on loopback, with a database for each test.

It needs Debian's package ``postgresql`` (or ``initdb`` in the path); without it, tests that want it
are skipped. Everything lies in a folder that is removed, and no socket in a shared place.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from ingest.database import open_database
from tests.ports import free_port

_USER = "firsthand"
_START_S = 60.0
# Nothing here outlives the tests, so nothing waits for the disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


@dataclass
class Postgres:
    """A running server. Databases are made empty or as a copy of one that was filled."""

    port: int
    password: str
    command: Sequence[str | Path]
    folder: Path  # with the data and the log; what it is started in
    user: str | None
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        _wait(self, self._process, self.folder / "log")

    def stop(self) -> None:
        """Ends every connection, keeps the data."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast"
            self._process.wait()
            self._process = None

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://{_USER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def make(self, name: str | None = None, *, of: str = "template0") -> str:
        """The URL of a new database."""
        name = name or f"t{secrets.token_hex(6)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self.run(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, with a database ``migrated`` to copy from."""
    with own_postgres() as running:
        open_database(running.make("migrated")).dispose()
        yield running


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """A server that its user may stop and start again."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="firsthand-postgres-"))
    # It refuses to run as root, and its own user must reach the folder.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    password = secrets.token_urlsafe(12)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    data = folder / "data"
    _run(
        user,
        programs / "initdb",
        *("--pgdata", data, "--username", _USER, "--pwfile", secret, "--auth", "scram-sha-256"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    )
    port = free_port()
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(port), *settings]
    server = Postgres(port, password, command, folder, user)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty, migrated database of the test's own."""
    url = postgres.make(of="migrated")
    yield url
    postgres.drop(url)


def database_of_filled() -> str | None:
    """Where the database of ``filled_home`` is, for tests that open it themselves."""
    return os.environ.get("FIRSTHAND_DATABASE_URL")


def _programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return debian[-1].parent if debian else None


def _version(initdb: Path) -> int:
    return int(initdb.parts[-3])


def _run(user: str | None, *command: str | Path) -> None:
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        cwd="/",
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


def _wait(running: Postgres, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            psycopg.connect(running.url()).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
