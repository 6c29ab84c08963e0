"""What holds in every room: no barrier, no sideways scrolling, no request elsewhere; pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Visits
from tests.durability.processes import Web

ROOMS = {
    "home": "/",
    "ask": "/ask?q=What+do+our+top+customers+need%3F",
    "themes": "/themes",
    "loop": "/loop",
    "calls": "/calls",
    "accounts": "/accounts",
    "account": "/accounts/ACC-1187",
    "memos": "/memos",
    "settings": "/settings",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("room", ROOMS)
def test_nobody_is_kept_out(
    sample: Web, visit: Visits, shots: Path, room: str, width: int, dark: bool
) -> None:
    seen = visit(sample, ROOMS[room], width=width, dark=dark)
    seen.page.wait_for_load_state("networkidle")
    seen.shot(shots, f"{room}-{width}{'-dark' if dark else ''}")
    assert seen.barriers() == []
    assert seen.sideways() <= 0
