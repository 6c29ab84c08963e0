from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import Forbidden
from service.access.pending import local_path, new_pending, seal, unseal

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", ["/", "/calls", "/calls/7?at=1&x=%2F#t=3", "/a//b", "/@evil.example"]
)
def test_a_path_on_this_server_is_gone_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "calls",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "/\x00",
        "/caf\u00e9",
        "javascript:alert(1)",
        "/" + "x" * 1000,
    ],
)
def test_whatever_might_lead_elsewhere_leads_to_the_front_page(path: str) -> None:
    assert local_path(path) == "/"
    assert new_pending(path, NOW).next_path == "/"


def test_a_cookie_is_read_by_whom_it_was_made_and_nobody_else() -> None:
    pending = new_pending("/calls", NOW)
    cookie = seal(pending, "secret")
    assert unseal(cookie, "secret", NOW) == pending
    with pytest.raises(Forbidden):
        unseal(cookie, "another", NOW)


def test_no_letter_of_a_cookie_can_be_changed() -> None:
    cookie = seal(new_pending("/", NOW), "secret")
    for at in range(len(cookie)):
        other = "A" if cookie[at] != "A" else "B"
        with pytest.raises(Forbidden, match="not begun in this browser"):
            unseal(cookie[:at] + other + cookie[at + 1 :], "secret", NOW)


def test_the_longest_cookie_is_one_that_browsers_keep() -> None:
    assert len(seal(new_pending("/" + '"' * 999, NOW), "secret")) < 4096 - 100
