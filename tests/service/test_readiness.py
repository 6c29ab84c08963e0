from __future__ import annotations

import re
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ingest.library import Library, Options
from ingest.tables import workers
from service.api import create_app
from service.readiness import NotReady, Readiness
from service.settings import Settings
from service.workers import clock
from tests.conftest import ON_POSTGRESQL


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_without_a_worker_it_can_answer_and_says_so(filled: Library) -> None:
    readiness = Readiness(filled, wait_s=60, holds_s=0)
    assert readiness.ask().workers == 0
    with filled.change() as connection:
        connection.execute(
            workers.insert().values(
                executor_id="a", host="h", pid=1, version="0", beat=clock(connection)
            )
        )
    assert readiness.ask().workers == 1
    assert readiness.ask().status == "ready"


def test_vectors_are_looked_for_where_they_are(filled: Library) -> None:
    readiness = Readiness(filled, wait_s=60, holds_s=0)
    assert readiness.ask().vectors == "database"
    filled.index.chroma.open()
    assert readiness.ask().vectors == "chroma"


def test_however_often_it_is_asked_it_looks_once_in_a_while(filled: Library) -> None:
    readiness = Readiness(filled, wait_s=60, holds_s=3600)
    found = readiness.ask()
    with filled.change() as connection:
        connection.execute(
            workers.insert().values(
                executor_id="a", host="h", pid=1, version="0", beat=clock(connection)
            )
        )
    assert readiness.ask() is found
    assert Readiness(filled, wait_s=60).ask().workers == 1


def test_asking_leaves_nothing_behind(filled: Library) -> None:
    Readiness(filled, wait_s=60, holds_s=0).ask()
    with filled.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(workers)) == 0


def test_a_database_that_can_only_be_read_is_not_ready(
    filled: Library, caplog: pytest.LogCaptureFixture
) -> None:
    def forbid(connection: sa.Connection) -> None:
        connection.exec_driver_sql(
            "SET TRANSACTION READ ONLY" if ON_POSTGRESQL else "PRAGMA query_only = ON"
        )

    Readiness(filled, wait_s=60, holds_s=0).ask()
    sa.event.listen(filled.engine, "begin", forbid)
    with pytest.raises(NotReady) as told:
        Readiness(filled, wait_s=60, holds_s=0).ask()
    # Anybody may ask: why is not for them.
    assert str(told.value) == "Not ready: the database fails. The server's log says more."
    assert re.search("the database is not ready: .*read-?only", caplog.text)


def test_a_full_disk_is_not_ready(filled: Library) -> None:
    """No file may grow, as on a full disk, while everything there can be read."""
    readiness = Readiness(filled, wait_s=60, holds_s=0)
    readiness.ask()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(NotReady) as told:
            readiness.ask()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "the media store fails" in str(told.value)
    assert ON_POSTGRESQL or "the database fails" in str(told.value)
    assert readiness.ask().status == "ready"


def test_a_newer_schema_is_not_ready(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match="the database has schema 9999 and this program"):
        Readiness(filled, wait_s=60, holds_s=0).ask()


def test_a_media_store_that_says_nothing_is_not_waited_for(
    filled_home: Path, filled_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_server() as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        options = Options(
            models=filled_home / "models", database_url=filled_url, media_url="s3://bucket/x"
        )
        library = Library(filled_home, options)
        library.embedder.embed(["warm"])
        app = create_app(library, Settings(home=filled_home))
        app.state.readiness = Readiness(library, wait_s=2, holds_s=0)
        with TestClient(app, base_url="http://127.0.0.1:8400") as client:
            told = [client.get("/readyz") for _ in range(3)]
            hanging = [t for t in threading.enumerate() if t.name == "ready"]
        library.close()
    assert [answer.status_code for answer in told] == [503] * 3
    assert told[0].json()["detail"] == (
        "Not ready: the media store did not answer within 2 s. The server's log says more."
    )
    assert len(hanging) == 1
    assert told[0].headers["content-type"] == "application/problem+json"


def test_a_media_folder_that_cannot_be_written_to_is_not_ready(library: Library) -> None:
    (library.home / "media").symlink_to("/proc")  # where nobody writes, not even root
    with pytest.raises(NotReady, match=r"^Not ready: the media store fails\. "):
        Readiness(library, wait_s=60, holds_s=0).ask()


def test_a_media_folder_that_is_none_is_not_ready(library: Library) -> None:
    (library.home / "media").write_bytes(b"")
    with pytest.raises(NotReady, match="the media store fails"):
        Readiness(library, wait_s=60, holds_s=0).ask()
