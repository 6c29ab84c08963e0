"""What mail, the digest and hooks are sent with comes out nowhere, also where sending fails."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from ingest.facts import put_fact
from service.digest import slot
from service.home_settings import SettingsChange, change_settings
from service.hooks import store
from service.hooks.store import NewHook
from tests.durability.faults_home import open_home, until
from tests.durability.processes import Web, below
from tests.mail_server import PASSWORD, USER, certificate_for, mail_server
from tests.security.test_secrets import Out, everything_to_get, output
from tests.service.backups import taken_apart
from tests.service.digest.receiver import receiver

DIGEST_PATH = "digest-path-saffron-3316"
DIGEST_KEY = base64.b64encode(b"digest key of pumpernickel").decode()
HOOK_PATH = "hook-path-tamarind-9042"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while")  # it does not see TLS from the start
def test_what_is_sent_away_takes_no_secret_elsewhere(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    certificate = certificate_for(tmp_path)
    with (
        mail_server(certificate, at_once=True, wants_password=True) as mail,
        receiver() as program,
    ):
        mail.says, program.status = "554 spam", 500
        at = f"http://127.0.0.1:{program.port}"
        library = open_home(home)
        change_settings(
            library, SettingsChange(digest="mon 08:00", digest_to=("ada@vendor.example",))
        )
        with library.change() as connection:
            put_fact(connection, slot.SINCE, "2026-01-01T00:00:00+00:00")
        new = NewHook(url=f"{at}/{HOOK_PATH}-and-more", events=("call.ready",))
        hook = store.add(library, new, private=True)
        library.close()
        plain = f"\0{USER}\0{PASSWORD}".encode()
        mails = (PASSWORD, base64.b64encode(PASSWORD.encode()).decode())
        login = base64.b64encode(plain).decode()
        digests = (DIGEST_PATH, DIGEST_KEY)
        out = Out((*mails, login, *digests, HOOK_PATH, hook.secret.removeprefix("whsec_")))
        env = {
            "FIRSTHAND_SMTP": f"smtps://{USER}@localhost:{mail.port}",
            "FIRSTHAND_SMTP_PASSWORD": PASSWORD,
            "FIRSTHAND_MAIL_FROM": "f@vendor.example",
            "SSL_CERT_FILE": str(certificate),
            "FIRSTHAND_DIGEST_WEBHOOK": f"{at}/{DIGEST_PATH}",
            "FIRSTHAND_DIGEST_SECRET": f"whsec_{DIGEST_KEY}",
            "FIRSTHAND_HOOKS_PRIVATE": "true",
            "FIRSTHAND_LOG": "json",
            "FIRSTHAND_LOG_LEVEL": "DEBUG",
        }
        with (
            Web(home, "--no-worker", env=env, log=log) as web,
            httpx2.Client(base_url=web.address, timeout=120) as client,
        ):
            assert web.ready(), log.read_text()
            until(lambda: log.read_text().count("was not sent by") == 2, "both refusals")
            out.texts["the hook's test"] = client.post(f"/api/hooks/{hook.id}/test").content
            out.texts |= everything_to_get(client, {"hook_id": hook.id})
            for pid in (web.pid, *below(web.pid)):
                line = Path(f"/proc/{pid}/cmdline")
                out.texts[f"command line of {pid}"] = line.read_bytes() if line.exists() else b""
        for name in (["doctor"], ["doctor", "--json"], ["settings"], ["hooks"], ["digest"]):
            out.texts[" ".join(name)] = output(home, env, *name)
        # They were used, and refused: else nothing could have come out.
        assert mail.users[0] == USER
        ids = [headers["webhook-id"] for headers, _ in program.got]
        assert [one.startswith("digest-main-") for one in ids[:2]] == [True, False]
        assert b"answered 500" in out.texts["the hook's test"]
        assert b"554 spam" in out.texts["digest"]
    output(home, env, "backup", str(tmp_path / "backup"))
    out.texts |= {
        f"backup: {name}": part for name, part in taken_apart(tmp_path / "backup").items()
    }
    out.texts |= _rows(home / "firsthand.db")
    out.texts |= {
        str(path): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and not path.name.startswith("firsthand.db")
    }
    out.check()


def _rows(database: Path) -> dict[str, bytes]:
    """Every row there is but a hook's address and secret, without which it could not be sent."""
    found = {}
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        for (name,) in tables:
            cursor = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            columns = [column[0] for column in cursor.description]
            kept = [n for n, c in enumerate(columns) if (name, c) not in _NEEDED]
            found[name] = "\n".join(repr([row[n] for n in kept]) for row in cursor).encode()
    assert found["hooks"]
    return found


_NEEDED = {("hooks", "url"), ("hooks", "secret")}
