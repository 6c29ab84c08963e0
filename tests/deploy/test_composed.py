"""What ``compose.yaml`` starts, started by hand: the same commands with the same settings, beside a
PostgreSQL, an S3 server and a Chroma server of the test's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import boto3
import httpx2
import pytest
from sqlalchemy import make_url

from tests import s3
from tests.conftest import ROOT
from tests.deploy.composed import SECRETS, URL, services
from tests.durability.processes import Program, Web
from tests.ingest.chroma_server import chroma_server
from tests.postgres import Postgres

PASSWORD = "five quinces in a basket"
CALL = "Ana Diaz: We need single sign-on before the renewal, or we leave.\nBo Lund: Noted.\n"
WAIT_S = 240.0


def command(env: Mapping[str, str], *args: str, given: str = "") -> str:
    """What ``docker compose run --rm web …`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *args],
        cwd=ROOT,
        env={**os.environ, **env},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_team_comes_in_and_two_workers_do_what_it_uploads(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = services({"FIRSTHAND_URL": URL, **SECRETS})
    made = postgres.make()
    database = make_url(made)
    with s3.served(monkeypatch) as store, chroma_server(tmp_path / "vectors") as vectors:
        boto3.client("s3", endpoint_url=store.address).create_bucket(Bucket="firsthand")
        # Where the containers are is all that differs.
        there = {
            "FIRSTHAND_DATABASE_URL": database._replace(password=None).render_as_string(),
            "PGPASSWORD": str(database.password),
            "FIRSTHAND_VECTORS_URL": vectors.url,
            "AWS_ENDPOINT_URL": store.address,
            "FIRSTHAND_MODELS": str(tmp_path / "models"),
        }

        def env(service: str, home: str) -> dict[str, str]:
            set_ = composed[service]["environment"]
            assert there.keys() - {"FIRSTHAND_MODELS"} <= set_.keys()
            return {**set_, **there, "FIRSTHAND_HOME": str(tmp_path / home)}

        web = env("web", "web")
        command(web, "users", "add", "ana", "--role", "admin", "--password-stdin", given=PASSWORD)
        added = command(web, "tokens", "add", "upload", "--user", "ana", "--role=editor", "--json")
        token = json.loads(added)["token"]
        with ExitStack() as held:
            serve, *options = composed["web"]["command"]
            assert serve == "serve"
            served = held.enter_context(
                Web(tmp_path / "web", *options, env=web, log=tmp_path / "web.log")
            )
            for n in range(composed["worker"]["scale"]):
                worker = Program(
                    tmp_path / f"worker-{n}",
                    *composed["worker"]["command"],
                    env=env("worker", f"worker-{n}"),
                    log=tmp_path / "worker.log",
                )
                held.enter_context(worker)
            assert served.ready(), (tmp_path / "web.log").read_text()
            _healthy(served.port)
            with httpx2.Client(
                base_url=served.address, headers={"Host": "firsthand.example.com"}, timeout=60
            ) as client:
                assert client.get("/api/calls").status_code == 401
                client.headers["Authorization"] = f"Bearer {token}"
                _all_come(client, composed["worker"]["scale"])
                call = _taken_in(client)
                said = client.post("/api/ask", json={"question": "Who needs single sign-on?"})
        assert call in [q["call_id"] for s in said.json()["statements"] for q in s["quotes"]]
        kept = boto3.client("s3", endpoint_url=store.address).list_objects_v2(Bucket="firsthand")
        digest = hashlib.sha256(CALL.encode()).hexdigest()
    assert [each["Key"] for each in kept["Contents"]] == [f"media/{digest[:2]}/{digest}.txt"]
    postgres.drop(made)


def _healthy(port: int) -> None:
    """As the image asks: the words of its HEALTHCHECK, at this port."""
    line = next(
        line
        for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()
        if line.strip().startswith("CMD [") and "healthz" in line
    )
    _python, *asking = json.loads(line.strip().removeprefix("CMD "))
    asking = [part.replace(":8400/", f":{port}/") for part in asking]
    assert subprocess.run([sys.executable, *asking], check=False).returncode == 0
    wrong = [part.replace("healthz", "nothing-there") for part in asking]
    failed = subprocess.run([sys.executable, *wrong], check=False, stderr=subprocess.DEVNULL)
    assert failed.returncode != 0


def _all_come(client: httpx2.Client, number: int) -> None:
    wanted = {"status": "ready", "workers": number, "vectors": "chroma"}
    end = time.monotonic() + WAIT_S
    while (ready := client.get("/readyz").json()) != wanted:
        assert time.monotonic() < end, ready
        time.sleep(0.2)


def _taken_in(client: httpx2.Client) -> str:
    sent = client.post("/api/calls", files={"file": ("intro.txt", CALL.encode())})
    assert sent.status_code == 202, sent.text
    end = time.monotonic() + WAIT_S
    while (job := client.get(f"/api/jobs/{sent.json()['job_id']}").json())["state"] != "done":
        assert job["state"] in ("queued", "working"), job
        assert time.monotonic() < end, job
        time.sleep(0.2)
    call: str = sent.json()["call_id"]
    return call
