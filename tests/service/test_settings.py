from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_here_and_in_the_readme(name: str) -> None:
    field = Settings.model_fields[name]
    variable = str(field.validation_alias or f"FIRSTHAND_{name.upper()}")
    assert field.description
    assert f"`{variable}`" in README


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path))
    monkeypatch.setenv("FIRSTHAND_INTERNAL_DOMAINS", " Acme.example, acme.test ,")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = Settings()
    assert settings.home == tmp_path
    assert settings.internal_domains == ("acme.example", "acme.test")
    assert settings.options().openai_api_key == "sk-secret"


def test_a_secret_shows_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = Settings()
    assert "sk-secret" not in f"{settings!r} {settings.options()!r} {settings.model_dump_json()}"


def test_a_setting_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "calls"],
        env={"FIRSTHAND_MAX_FILE_MB": "lots", "HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "FIRSTHAND_MAX_FILE_MB cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
