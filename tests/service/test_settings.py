from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.llm import ModelOptions
from service.access.identity import OidcOptions
from service.cli import main
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


def test_the_page_has_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_PORT", "8500")
    for host, page in (
        ("127.0.0.1", "http://127.0.0.1:8500"),
        ("::1", "http://[::1]:8500"),
        ("localhost", "http://localhost:8500"),
    ):
        monkeypatch.setenv("FIRSTHAND_HOST", host)
        assert (Settings().page, Settings().options().url) == (page, page)
    monkeypatch.setenv("FIRSTHAND_URL", "https://firsthand.example")
    assert (Settings().page, Settings().options().url) == ("https://firsthand.example",) * 2


def test_a_secret_shows_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = Settings()
    assert "sk-secret" not in f"{settings!r} {settings.options()!r} {settings.model_dump_json()}"


def test_a_language_model_is_what_the_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FIRSTHAND_MODEL": "openai:gpt-5-mini",
        "FIRSTHAND_MODEL_BASE_URL": "http://127.0.0.1:11434/v1",
        "FIRSTHAND_MODEL_CONCURRENCY": "2",
        "FIRSTHAND_MODEL_RPM": "60",
        "FIRSTHAND_MODEL_TPM": "90000",
        "FIRSTHAND_MODEL_TIMEOUT_S": "30",
        "FIRSTHAND_MODEL_BUDGET_USD": "5",
        "FIRSTHAND_MODEL_PRICES": "0.25/2.00",
        "FIRSTHAND_MODEL_CONTEXT": "20000",
        "FIRSTHAND_MODEL_MASK": "false",
        "OPENAI_API_KEY": "sk-secret",
    }.items():
        monkeypatch.setenv(name, value)
    assert Settings().options().model == ModelOptions(
        "openai:gpt-5-mini",
        "http://127.0.0.1:11434/v1",
        concurrency=2,
        requests_per_minute=60,
        tokens_per_minute=90_000,
        timeout_s=30.0,
        budget_usd=5.0,
        prices=(0.25, 2.0),
        context_tokens=20_000,
        mask=False,
        api_key="sk-secret",
    )


def test_there_is_no_language_model_unless_one_is_named() -> None:
    assert Settings().options().model is None


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"MODEL": "gpt-5-mini"}, "FIRSTHAND_MODEL cannot be used: .* it is provider:model"),
        ({"MODEL": ":gpt"}, "FIRSTHAND_MODEL cannot be used: .* it is provider:model"),
        ({"MODEL_PRICES": "2"}, "FIRSTHAND_MODEL_PRICES cannot be used: .* as in 0.25/2.00"),
        ({"MODEL_PRICES": "nan/1"}, "FIRSTHAND_MODEL_PRICES cannot be used: .* as in 0.25/2.00"),
        ({"MODEL_PRICES": "-1/1"}, "FIRSTHAND_MODEL_PRICES cannot be used: .* as in 0.25/2.00"),
        (
            {"MODEL_BUDGET_USD": "5"},
            "FIRSTHAND_MODEL_PRICES cannot be used: .* FIRSTHAND_MODEL_BUDGET_USD needs them",
        ),
        (
            {"MODEL_BUDGET_USD": "inf", "MODEL_PRICES": "1/1"},
            "FIRSTHAND_MODEL_BUDGET_USD cannot be used: .* number of US dollars",
        ),
    ],
)
def test_what_makes_no_sense_of_a_model_is_refused_at_the_start(
    variables: dict[str, str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"FIRSTHAND_{name}", value)
    with pytest.raises(SystemExit):
        main(["calls"])
    assert re.search(says, capsys.readouterr().err)


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


SINGLE_SIGN_ON = {
    "FIRSTHAND_URL": "https://Firsthand.example.com:443/",
    "FIRSTHAND_OIDC_ISSUER": "https://idp.acme.example/realms/all",
    "FIRSTHAND_OIDC_CLIENT_ID": "firsthand",
    "FIRSTHAND_OIDC_CLIENT_SECRET": "not for eyes",
}


def test_single_sign_on_is_what_the_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().oidc() is None
    for name, value in SINGLE_SIGN_ON.items():
        monkeypatch.setenv(name, value)
    plain = Settings().oidc()
    assert plain == OidcOptions(
        issuer="https://idp.acme.example/realms/all",
        client_id="firsthand",
        client_secret="not for eyes",
        redirect_uri="https://firsthand.example.com/sso/callback",
        name="idp.acme.example",
        role=None,
        domains=(),
    )
    monkeypatch.setenv("FIRSTHAND_OIDC_NAME", "Acme")
    monkeypatch.setenv("FIRSTHAND_OIDC_ROLE", "viewer")
    monkeypatch.setenv("FIRSTHAND_OIDC_DOMAINS", "Acme.example, acme.test")
    settings = Settings()
    assert settings.oidc() == replace(
        plain, name="Acme", role="viewer", domains=("acme.example", "acme.test")
    )
    assert "not for eyes" not in f"{settings!r} {settings.oidc()!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FIRSTHAND_URL", "", "FIRSTHAND_OIDC_ISSUER cannot be used: .*it needs FIRSTHAND_URL"),
        ("FIRSTHAND_URL", "http://firsthand.example.com", "FIRSTHAND_URL .*begins with https://"),
        ("FIRSTHAND_URL", "https://firsthand.example.com/app", "FIRSTHAND_URL .*without more"),
        ("FIRSTHAND_URL", "https://me:pw@firsthand.example.com", "FIRSTHAND_URL .*without more"),
        ("FIRSTHAND_URL", "https://", "FIRSTHAND_URL .*without more"),
        ("FIRSTHAND_URL", "https://[x", "FIRSTHAND_URL cannot be used"),
        ("FIRSTHAND_URL", "https://a.example:99999", "FIRSTHAND_URL cannot be used"),
        ("FIRSTHAND_URL", "https://a b.example", "FIRSTHAND_URL .*without more"),
        ("FIRSTHAND_OIDC_ISSUER", "http://idp.acme.example", "begins with https://"),
        ("FIRSTHAND_OIDC_ISSUER", "https://idp.acme.example?x=1", "without more"),
        ("FIRSTHAND_OIDC_CLIENT_ID", "", "OIDC_CLIENT_ID .*FIRSTHAND_OIDC_ISSUER needs it"),
        ("FIRSTHAND_OIDC_CLIENT_SECRET", "", "OIDC_CLIENT_SECRET .*OIDC_ISSUER needs it"),
        ("FIRSTHAND_OIDC_ROLE", "editor", "OIDC_ROLE .*it needs FIRSTHAND_OIDC_DOMAINS"),
        ("FIRSTHAND_OIDC_ROLE", "admin", "FIRSTHAND_OIDC_ROLE cannot be used"),
    ],
)
def test_single_sign_on_that_is_half_or_unsafe_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    sentence: str,
) -> None:
    for variable, told in {**SINGLE_SIGN_ON, name: value}.items():
        monkeypatch.setenv(variable, told)
    with pytest.raises(SystemExit):
        main(["calls"])
    said = capsys.readouterr().err
    assert re.search(sentence, said)
    assert "not for eyes" not in said
    assert len(said.splitlines()) == 1
