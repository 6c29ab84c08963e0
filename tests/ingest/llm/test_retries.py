"""What passes is tried again, as long as the server says; what does not pass is told at once."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.llm import Llm
from ingest.llm.errors import ModelFailed
from tests.ingest.llm.asked import Word, a_word
from tests.ingest.llm.conftest import Ask
from tests.llm_server import LlmServer, Reply, dropped, failing

YES = {"word": "yes"}


@pytest.mark.parametrize(
    ("reply", "at_least_s"),
    [
        (failing(429, retry_after="7"), 7.0),
        (failing(429, retry_after_ms="1500"), 1.5),
        (failing(503, retry_after="2"), 2.0),
        (failing(429, retry_after="soon"), 1.0),
        (failing(429, retry_after="nan"), 1.0),
        (failing(500), 1.0),
        (failing(529, "overloaded"), 1.0),
        (dropped(), 1.0),
        (dropped('{"word": "yes"}', after=5), 1.0),
    ],
)
def test_a_passing_fault_is_tried_again_after_a_while(
    llm: Llm, llm_server: LlmServer, reply: Reply, at_least_s: float
) -> None:
    llm_server.queue.extend([reply, YES])
    assert llm.ask(a_word()) == Word(word="yes")
    [slept_s] = llm_server.slept
    assert at_least_s <= slept_s <= at_least_s + 1.0
    # Tried again as it was, by us and not by the client besides.
    first, second = llm_server.history
    assert first.body == second.body


def test_a_date_to_come_back_at_is_kept(llm: Llm, llm_server: LlmServer) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    llm_server.queue.extend([failing(429, retry_after=date), YES])
    llm.ask(a_word())
    assert 55.0 <= llm_server.slept[0] <= 61.0


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (failing(429), "asks to slow down, again and again: set FIRSTHAND_MODEL_RPM"),
        (failing(502), r"failed \(502\), again and again"),
        (dropped(), "cannot be reached or breaks off"),
    ],
)
def test_five_tries_wait_longer_each_time_and_end(
    llm: Llm, llm_server: LlmServer, reply: Reply, says: str
) -> None:
    llm_server.model = lambda *_: reply
    with pytest.raises(ModelFailed, match=f"127.0.0.1:.* {says}") as caught:
        llm.ask(a_word())
    assert caught.value.retry
    assert len(llm_server.history) == 5
    for slept_s, most_s in zip(llm_server.slept, (2.0, 4.0, 8.0, 16.0), strict=True):
        assert most_s / 2 <= slept_s <= most_s


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (failing(429, "You exceeded your quota.", code="insufficient_quota"), "no credit left"),
        (failing(429, "type: insufficient_quota"), "no credit left"),
        (failing(429, retry_after="86400"), "no requests for the next 1440 minutes"),
        (failing(400, "unknown parameter: user"), r"refused the request \(400: .*user"),
        (Reply("{}", headers={"Content-Type": "text/html"}, body=b"<html>"), "no model's reply"),
        (Reply("{}", body=b'{"error": {"message": "odd"}}'), "no model's reply"),
    ],
)
def test_what_another_try_would_not_mend_is_told_at_once(
    llm: Llm, llm_server: LlmServer, reply: Reply, says: str
) -> None:
    llm_server.queue.append(reply)
    with pytest.raises(ModelFailed, match=says):
        llm.ask(a_word())
    assert len(llm_server.history) == 1
    assert llm_server.slept == []


def test_a_silent_server_is_waited_for_no_longer_than_the_settings_say(
    llm_with: Ask, llm_server: LlmServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelFailed, match="set a longer FIRSTHAND_MODEL_TIMEOUT_S"):
            llm_with(base_url=address, timeout_s=0.05).ask(a_word())
    assert len(llm_server.slept) == 4


def test_a_server_that_is_not_there(llm_with: Ask, llm_server: LlmServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelFailed, match=f"127.0.0.1:{port} cannot be reached"):
        llm_with(base_url=f"http://somebody:password@127.0.0.1:{port}/v1").ask(a_word())
    assert len(llm_server.slept) == 4
