from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest

from ingest.errors import BadInput
from ingest.library import Library
from service.hooks import store
from service.hooks.addresses import checked, is_public, require_public, shown
from service.hooks.sending import To, send
from service.hooks.store import NewHook
from tests.receiver import Receiver

PRIVATE = """
127.0.0.1
127.9.9.9
0.0.0.0
10.1.2.3
172.16.0.1
192.168.1.1
169.254.169.254
100.64.0.1
224.0.0.1
255.255.255.255
::1
::
fe80::1
fe80::1%eth0
fd00::1
ff02::1
::ffff:127.0.0.1
::ffff:10.0.0.1
2002:7f00:1::
64:ff9b::a00:1
2001:0:4136:e378:8000:63bf:3fff:fdd2
""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_private_in_whatever_form(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8400/x",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "https://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_what_means_this_machine_is_refused_in_whatever_words(url: str) -> None:
    with pytest.raises(BadInput, match="on this machine or in a private network"):
        require_public(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x",
        "file:///etc/passwd",
        "example.com",
        "https://",
        "https://a b.example/",
        "https://user:word@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exämple.com/",
        "javascript:alert(1)",
        "https://example.com/" + "x" * 2000,
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        checked(url)


def test_what_stands_behind_the_host_is_not_shown() -> None:
    slack = "https://hooks.slack.com/services/T0/B1/SeCrEtWxYz"
    assert shown(slack) == "https://hooks.slack.com/…WxYz"
    assert shown("https://example.com/in") == "https://example.com/in"


def test_it_is_refused_again_when_it_is_sent(receiver: Receiver) -> None:
    """The name may mean another machine by then."""
    to = To(receiver.url, "whsec_c2VjcmV0", private=False)
    answer = send(to, "msg_1", b"{}", datetime.now(UTC))
    assert answer.status is None
    assert answer.why == (
        "127.0.0.1 is on this machine or in a private network. Nothing was sent there."
    )
    assert receiver.nothing()


def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, receiver.url)
    to = To("http://10.255.255.1/", "whsec_c2VjcmV0", private=False)
    assert "private network" in send(to, "msg_1", b"{}", datetime.now(UTC)).why
    assert receiver.nothing()


def test_through_the_api_no_private_address_is_added(library: Library) -> None:
    new = NewHook(url="http://127.0.0.1:9/", events=("call.ready",))
    with pytest.raises(BadInput, match="FIRSTHAND_HOOKS_PRIVATE=true"):
        store.add(library, new, private=False)
    with library.read() as connection:
        assert store.list_hooks(connection) == []


def test_a_certificate_that_nobody_knows_is_not_trusted(receiver: Receiver) -> None:
    to = To(receiver.url.replace("http:", "https:"), "whsec_c2VjcmV0", private=True)
    answer = send(to, "msg_1", b"{}", datetime.now(UTC), patience_s=5)
    assert answer.status is None
    assert answer.why
