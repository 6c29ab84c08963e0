"""What a deployment is made from, read by the programs that people check such files with."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import Settings
from tests.conftest import ROOT
from tests.deploy.composed import SECRETS, URL, services

UNITS = ("firsthand.service", "firsthand-worker@.service")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def program(name: str) -> str:
    """Where it is; the test is skipped without it, which the gate takes for a failure."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )


def test_the_dockerfile_has_no_fault() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = run(str(hadolint), "--failure-threshold", "style", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_image_takes_all_that_the_package_is_built_from_and_no_more() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M))
    wanted = {name for line in copied for name in line.split()}
    assert wanted == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "NOTICE"} | {
        "prompts",
        "ingest",
        "service",
    }
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in let_in if line.startswith("!")} == wanted
    assert let_in[0] == "*"


def test_nobody_is_root_in_the_image_and_its_health_is_asked() -> None:
    *_, last = DOCKERFILE.split("\nFROM ")
    assert re.search(r"^USER 10001$", last, re.M)
    assert re.search(r"^HEALTHCHECK ", last, re.M)


def test_compose_reads_its_file(tmp_path: Path) -> None:
    compose = program("docker-compose")
    filled = tmp_path / "env"
    filled.write_text("".join(f"{k}={v}\n" for k, v in {"FIRSTHAND_URL": URL, **SECRETS}.items()))
    done = run(compose, "--env-file", str(filled), "config", "--quiet")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["FIRSTHAND_URL", *SECRETS])
def test_compose_says_what_is_missing(tmp_path: Path, missing: str) -> None:
    compose = program("docker-compose")
    values = {"FIRSTHAND_URL": URL, **SECRETS, missing: ""}
    filled = tmp_path / "env"
    filled.write_text("".join(f"{k}={v}\n" for k, v in values.items()))
    done = run(compose, "--env-file", str(filled), "config", "--quiet")
    assert done.returncode != 0
    assert missing in done.stderr
    assert ".env" in done.stderr


def test_the_example_of_secrets_has_each_of_them_and_none_filled_in() -> None:
    lines = (ROOT / "deploy/env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given.keys() == {"FIRSTHAND_URL", *SECRETS}
    assert not any(given[name] for name in SECRETS)


def test_our_containers_are_read_only_and_may_do_nothing_special() -> None:
    ours = {k: v for k, v in services({"FIRSTHAND_URL": URL, **SECRETS}).items() if "build" in v}
    assert ours.keys() == {"web", "worker"}
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
    assert ours["worker"]["scale"] == 2


def test_every_variable_that_is_set_is_one_that_is_read() -> None:
    known = {f"FIRSTHAND_{name.upper()}" for name in Settings.model_fields}
    services_set = services({"FIRSTHAND_URL": URL, **SECRETS})["web"]["environment"]
    dockerfile_set = re.findall(r"^(?:ENV)? +([A-Z_]+)=", DOCKERFILE, re.M)
    units_set = [
        pair.partition("=")[0]
        for unit in UNITS
        for line in (ROOT / "deploy" / unit).read_text("utf-8").splitlines()
        if line.startswith("Environment=")
        for pair in line.removeprefix("Environment=").split()
    ]
    ours = {n for n in (*services_set, *dockerfile_set, *units_set) if n.startswith("FIRSTHAND_")}
    assert ours >= {"FIRSTHAND_URL", "FIRSTHAND_HOME", "FIRSTHAND_MODELS", "FIRSTHAND_HOST"}
    assert ours <= known


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_reads_the_unit(tmp_path: Path, unit: str) -> None:
    analyze = program("systemd-analyze")
    # What the unit starts is not installed here, so something that is stands in for it.
    text = (ROOT / "deploy" / unit).read_text("utf-8")
    ours = "/opt/firsthand/.venv/bin/firsthand"
    assert ours in text
    there = tmp_path / unit.replace("@", "@1")
    there.write_text(text.replace(ours, "/bin/true").replace("file:/opt/firsthand/", "file:/"))
    done = run(analyze, "verify", str(there))
    assert (done.returncode, done.stderr) == (0, "")
    safe = run(analyze, "security", "--offline=true", "--threshold=20", str(there))
    assert safe.returncode == 0, safe.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_the_units_are_alike_where_they_protect(unit: str) -> None:
    def read(name: str) -> dict[str, str]:
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str  # type: ignore[method-assign,assignment]
        parser.read(ROOT / "deploy" / name, "utf-8")
        return dict(parser["Service"])

    first, this = read(UNITS[0]), read(unit)
    own = {"ExecStart", "Environment", "EnvironmentFile", "Restart", "TimeoutStopSec"}
    own |= {"StateDirectory"}
    assert {k: v for k, v in this.items() if k not in own} == {
        k: v for k, v in first.items() if k not in own
    }
