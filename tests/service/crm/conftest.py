from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.library import Library
from ingest.models import Account
from ingest.store import list_accounts, put_accounts
from service.crm.applying import apply_crm, preview_crm
from service.crm.shapes import Applied, Choices, CrmPreview

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
EXPORTS = Path(__file__).parent / "exports"
HERE = (
    Account(
        account_id="ACC-1",
        name="Alderline Logistics",
        arr_usd=120000.0,
        tier="enterprise",
        health="green",
    ),
    Account(account_id="ACC-2", name="Bramblewick Foods", region="UK", health="red"),
    Account(account_id="ACC-3", name="Copperfin Marine"),
    Account(account_id="ACC-4", name="Dunmore Söhne"),
    Account(account_id="ACC-5", name="Eastmere Clinics"),
)
Look = Callable[..., CrmPreview]
Load = Callable[..., Applied]


@pytest.fixture
def home(library: Library) -> Library:
    """Five accounts, nothing else."""
    with library.change() as connection:
        put_accounts(connection, HERE)
    return library


@pytest.fixture
def look(home: Library) -> Look:
    """``look(text, rates={"EUR": 1.1})``: the preview of a file with these choices."""

    def preview(data: str | bytes, **choices: object) -> CrmPreview:
        data = data.encode() if isinstance(data, str) else data
        return preview_crm(home, data, Choices.model_validate(choices))

    return preview


@pytest.fixture
def load(home: Library) -> Load:
    """``load(text)``: applied, with the mapping as it is proposed unless it is remembered."""

    def apply(data: str | bytes, **choices: object) -> Applied:
        data = data.encode() if isinstance(data, str) else data
        given = Choices.model_validate({"mapping_is_right": True, **choices})
        return apply_crm(home, data, given, NOW, file_name="export.csv")

    return apply


def accounts(home: Library) -> dict[str, Account]:
    with home.read() as connection:
        return {a.account_id: a for a in list_accounts(connection)}
