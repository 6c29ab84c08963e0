"""Each workspace has an application of its own, which begins when it is first asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient

from ingest.accounts import read_accounts
from ingest.errors import NotFound
from ingest.store import put_accounts
from service.api.apps import Apps
from service.settings import Settings
from service.spaces import Spaces
from service.workspaces import add


def test_each_answers_with_what_is_its_own(tmp_path: Path, files: Path) -> None:
    settings = Settings(home=tmp_path / "home", models=tmp_path / "none")
    add(settings, "one")
    with Spaces(settings) as spaces:
        with spaces.get("one").library.change() as connection:
            put_accounts(connection, read_accounts(files / "accounts.csv"))
        found = asyncio.run(_accounts(spaces))
    assert found == {"one": 5, "main": 0}


async def _accounts(spaces: Spaces) -> dict[str, int]:
    found = {}
    async with Apps(spaces) as apps:
        for name in ("one", "main"):
            one, same = await asyncio.gather(apps.get(name), apps.get(name))
            assert one is same
            transport = ASGITransport(app=one)
            async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
                found[name] = len((await client.get("/api/accounts")).json())
        with pytest.raises(NotFound):
            await apps.get("never")
        sweeping = asyncio.all_tasks() - {asyncio.current_task()}
        assert len(sweeping) == 2  # each has begun
        apps.close_feeds()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return found
