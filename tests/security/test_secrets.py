"""Keys and passwords are in no log, answer, page, database, backup, job's error or process list.

One server with every store elsewhere and a provider that repeats the key it was sent; then all that
comes out of it is searched for each secret.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError

from ingest.library import Library
from service.access.users import add_user
from service.settings import Settings
from tests.durability.faults_home import QUICK, command, ended, jobs_of, open_home, until
from tests.durability.processes import Web, below
from tests.ingest.sounds import spoken
from tests.ingest.transcribe.servers import Asked, Reply, serving
from tests.postgres import Postgres
from tests.s3 import served

KEY = "sk-proj-quagmire-7731"
STORE_KEY = "s3secret-lampoon-4419"
SSO_SECRET = "sso-secret-marzipan-5518"
PATH = "gateway-token-rhubarb-2207"  # some gateways are told who asks by the path


@dataclass(slots=True)
class Out:
    """All that came out of the program, by where; and what must not be in any of it."""

    secrets: tuple[str, ...]
    texts: dict[str, bytes] = field(default_factory=dict)

    def check(self) -> None:
        for where, text in self.texts.items():
            for secret in self.secrets:
                assert secret.encode() not in text, where
                assert urllib.parse.quote(secret, safe="").encode() not in text, where


def repeating(asked: Asked) -> Reply:
    """A provider that is careless with what it is sent."""
    said = f"bad request to {asked.path} with {asked.headers.get('Authorization')}"
    body = json.dumps({"error": {"message": said, "type": "invalid_request_error"}})
    return Reply(body.encode(), 400, {"Content-Type": "application/json"})


@pytest.fixture
def environment(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    with served(monkeypatch), serving(repeating) as provider:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", STORE_KEY)
        address = f"{provider.address}/{PATH}/v1"
        yield {
            **QUICK,
            "OPENAI_API_KEY": KEY,
            "FIRSTHAND_DATABASE_URL": postgres_url,
            "FIRSTHAND_MEDIA_URL": "s3://calls/p",
            "FIRSTHAND_TRANSCRIBER": "openai",
            "FIRSTHAND_OPENAI_BASE_URL": address,
            "FIRSTHAND_MODEL": "openai:gpt-none",
            "FIRSTHAND_MODEL_BASE_URL": address,
            "FIRSTHAND_LOG": "json",
            "FIRSTHAND_LOG_LEVEL": "DEBUG",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        }


def test_no_secret_comes_out(
    environment: Mapping[str, str],
    postgres: Postgres,
    postgres_url: str,
    tmp_path: Path,
    plain_call: Path,
) -> None:
    out = Out((postgres.password, KEY, STORE_KEY, PATH))
    home, log = tmp_path / "home", tmp_path / "log"
    with Web(home, env=environment, log=log) as web:
        assert web.ready(), log.read_text()
        library = open_home(home, environment)
        client = httpx2.Client(base_url=web.address, timeout=120)
        for path in (plain_call, spoken("beckett.wav")):
            sent = client.post("/api/calls", files={"file": (path.name, path.read_bytes())})
            assert sent.status_code == 202, sent.text
        # What has a model do it is tried again for minutes, and told meanwhile.
        until(lambda: _ended(library) >= 2, "both jobs' end")
        until(lambda: any(job.kind == "read" and job.error for job in jobs_of(library)), "a try")
        asked = client.post("/api/ask", json={"question": "What is hard about the ice?"})
        out.texts["the answer"] = asked.content
        drafted = client.post("/api/memos", json={"vision": "No more ice."})
        out.texts["the memo's job"] = drafted.content
        out.texts |= everything_to_get(client, library_ids(client))
        for pid in (web.pid, *below(web.pid)):
            line = Path(f"/proc/{pid}/cmdline")
            out.texts[f"command line of {pid}"] = line.read_bytes() if line.exists() else b""
        errors = [job.error for job in jobs_of(library)]
        library.close()
        client.close()
    # They were used: else nothing could have come out.
    assert any(error and "refused the sound (400" in error for error in errors), errors
    out.texts["errors"] = repr(errors).encode()
    for name in (["doctor"], ["doctor", "--json"], ["jobs"], ["ask", "What is hard?"]):
        out.texts[" ".join(name)] = output(home, environment, *name)
    out.texts["backup"] = output(home, environment, "backup", str(tmp_path / "backup"))
    wrong = {**environment, "FIRSTHAND_DATABASE_URL": f"{postgres_url}-none"}
    out.texts["no database"] = output(home, wrong, "calls")
    assert (
        b"FIRSTHAND_DATABASE_URL" in out.texts["no database"] or b"none" in out.texts["no database"]
    )
    away = {
        **environment,
        "FIRSTHAND_DATABASE_URL": postgres_url.replace("127.0.0.1:", "127.0.0.1:1"),
    }
    out.texts["database away"] = output(home, away, "serve")
    out.texts["log"] = log.read_bytes()
    out.texts |= _rows(postgres_url)
    out.texts |= {str(p): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    out.check()


def careless(asked: Asked) -> Reply:
    """A sign-in provider that repeats the client's secret when it refuses it."""
    here = f"http://{asked.headers['Host']}"
    if asked.path.endswith("/openid-configuration"):
        told = {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
        }
        return Reply(json.dumps(told).encode(), 200, {"Content-Type": "application/json"})
    said = f"{asked.headers.get('Authorization')} {asked.body.decode()} {SSO_SECRET}"
    refused = {"error": "invalid_client", "error_description": said}
    return Reply(json.dumps(refused).encode(), 401, {"Content-Type": "application/json"})


def test_the_secret_of_single_sign_on_does_not_come_out(tmp_path: Path) -> None:
    client_id = "firsthand"
    basic = base64.b64encode(f"{client_id}:{SSO_SECRET}".encode()).decode()
    out = Out((SSO_SECRET, basic))
    home, log = tmp_path / "home", tmp_path / "log"
    library = open_home(home, {})
    with library.change() as connection:
        add_user(connection, "ada", password=None, role="admin", now=datetime.now(UTC))
    library.close()
    with serving(careless) as provider:
        env = {
            "FIRSTHAND_URL": "https://firsthand.example",
            "FIRSTHAND_OIDC_ISSUER": provider.address,
            "FIRSTHAND_OIDC_CLIENT_ID": client_id,
            "FIRSTHAND_OIDC_CLIENT_SECRET": SSO_SECRET,
            "FIRSTHAND_LOG": "json",
            "FIRSTHAND_LOG_LEVEL": "DEBUG",
        }
        with (
            Web(home, "--no-worker", env=env, log=log) as web,
            httpx2.Client(base_url=web.address, timeout=120) as client,
        ):
            assert web.ready(), log.read_text()
            out.texts["sign-in"] = client.get("/sign-in").content
            away = client.get("/sso?next=/calls")
            out.texts["the way there"] = repr(away.headers).encode() + away.content
            state = urllib.parse.parse_qs(urllib.parse.urlsplit(away.headers["location"]).query)
            [cookie] = away.headers.get_list("set-cookie")
            query = {"code": "a-code", "state": state["state"][0]}
            back = client.get(
                "/sso/callback", params=query, headers={"Cookie": cookie.partition(";")[0]}
            )
            out.texts["the way back"] = repr(back.headers).encode() + back.content
            for pid in (web.pid, *below(web.pid)):
                line = Path(f"/proc/{pid}/cmdline")
                out.texts[f"command line of {pid}"] = line.read_bytes() if line.exists() else b""
        # It was sent, and refused: else nothing could have come out.
        assert any("Basic" in asked.headers.get("Authorization", "") for asked in provider.asked)
        assert b"refused to say who signed in (invalid_client)" in back.content
        for name in (["doctor"], ["doctor", "--json"], ["settings"]):
            out.texts[" ".join(name)] = output(home, env, *name)
        out.texts["backup"] = output(home, env, "backup", str(tmp_path / "backup"))
    out.texts |= {str(p): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    out.check()


def _ended(library: Library) -> int:
    states = [job.state for job in jobs_of(library) if job.kind == "ingest"]
    return len(states) - states.count("queued") - states.count("working")


def library_ids(client: httpx2.Client) -> Mapping[str, str]:
    calls, jobs = client.get("/api/calls").json(), client.get("/api/jobs").json()
    return {
        "call_id": next(call["call_id"] for call in calls if call["state"] == "ready"),
        "job_id": jobs[0]["job_id"],
    }


def everything_to_get(client: httpx2.Client, ids: Mapping[str, str]) -> dict[str, bytes]:
    """Every address of the API that can be asked, every page, and what they answer to nonsense."""
    paths = client.get("/openapi.json").json()["paths"]
    found = {}
    for path, methods in paths.items():
        filled = path
        for name, value in ids.items():
            filled = filled.replace(f"{{{name}}}", value)
        if "get" in methods and not filled.endswith("/events"):
            found[path] = client.get(filled).content
    assert len(found) > 30
    for page in ("/", "/ask", "/themes", "/calls", "/accounts", "/memos", "/settings", "/metrics"):
        found[page] = client.get(page).content
    assert b"settings" in found["/settings"]
    return found


def _rows(url: str) -> dict[str, bytes]:
    """Every row of every table there is, ours and those of the job engine."""
    found = {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') "
            "AND table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, name in tables:
            every = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, name))
            rows = connection.execute(every)
            found[f"{schema}.{name}"] = "\n".join(row[0] for row in rows).encode()
    assert any(name.startswith("dbos") for name in found), sorted(found)
    return found


def output(home: Path, environment: Mapping[str, str], *args: str) -> bytes:
    return ended(command(home, *args, env=environment))[1].encode()


_TAKEN = {
    "FIRSTHAND_OPENAI_BASE_URL": "https://ann:hushhush@host/v1",
    "FIRSTHAND_MODEL_BASE_URL": "https://:hushhush@host/v1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://ann:hushhush@host:4317",
    "FIRSTHAND_DATABASE_URL": "postgresql://ann:hushhush@host/x",
    "OPENAI_API_KEY": "hushhush",
    "FIRSTHAND_URL": "https://firsthand.example",
    "FIRSTHAND_OIDC_ISSUER": "https://id.example",
    "FIRSTHAND_OIDC_CLIENT_ID": "firsthand",
    "FIRSTHAND_OIDC_CLIENT_SECRET": "hushhush",
    "FIRSTHAND_SMTP": "smtps://ann@host:465",
    "FIRSTHAND_SMTP_PASSWORD": "hushhush",
    "FIRSTHAND_MAIL_FROM": "ann@vendor.example",
    "FIRSTHAND_DIGEST_WEBHOOK": "https://host/hushhush",
    "FIRSTHAND_DIGEST_SECRET": "whsec_hushhushhushhushhushhush",
}
_REFUSED = {
    "FIRSTHAND_VECTORS_URL": "http://ann:hushhush@host:8000",
    "FIRSTHAND_MEDIA_URL": "s3://ann:hushhush@calls/p",
    "FIRSTHAND_SMTP": "smtps://ann:hushhush@host",
    "FIRSTHAND_DIGEST_WEBHOOK": "https://ann:hushhush@host/digest",
    "FIRSTHAND_DATABASE_URL": "postgresql://ann:hushhush@127.0.0.1:1/x",
}


@pytest.mark.parametrize("name", _REFUSED)
def test_an_address_that_cannot_be_used_is_not_repeated(name: str, tmp_path: Path) -> None:
    env = {name: _REFUSED[name]}
    status, said = ended(command(tmp_path / "home", "doctor", env=env))
    assert status == 1
    assert said.startswith("firsthand: ")
    assert "hushhush" not in said


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    env = {**_TAKEN, "FIRSTHAND_MODEL": "openai:x", "FIRSTHAND_TRANSCRIBER": "openai"}
    del env["FIRSTHAND_DATABASE_URL"]
    for args in (["doctor"], ["doctor", "--json"]):
        status, said = ended(command(tmp_path / "home", *args, env=env))
        assert status == 0, said
        assert "host" in said
        assert "hushhush" not in said


def test_no_secret_shows_in_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _TAKEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FIRSTHAND_MODEL", "openai:x")
    settings = Settings()
    assert "hushhush" not in f"{settings!r} {settings} {settings.options()!r}"
    monkeypatch.setenv("FIRSTHAND_MODEL", "hushhush")
    with pytest.raises(ValidationError) as told:
        Settings()
    assert "hushhush" not in str(told.value)
