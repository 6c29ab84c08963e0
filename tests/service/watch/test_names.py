from __future__ import annotations

import re

import pytest

from ingest.errors import BadInput
from service.watch.names import NameRule


@pytest.mark.parametrize(
    ("rule", "path", "said"),
    [
        (
            "{account}_{date}_{title}",
            "in/Acme_Corp_2026-05-12_Kick_off.m4a",
            {"account": "Acme_Corp", "date": "2026-05-12", "title": "Kick_off"},
        ),
        ("{date} {_} {account}", "20260512 Zoom Acme.mp4", {"date": "20260512", "account": "Acme"}),
        (
            "{account}/{date}",
            "x/Bolt & Co/2026-05-12.vtt",
            {"account": "Bolt & Co", "date": "2026-05-12"},
        ),
        ("{account_id}-{title}", "ACC-1-Weekly.wav", {"account": "ACC", "title": "1-Weekly"}),
        ("{title} (recording)", "A  talk (recording).mp4", {"title": "A talk"}),
        ("{title} (recording)", "A (recording) talk.mp4", None),
        ("CALL {title}", "call one.md", {"title": "one"}),
        ("{account}_{date}", "Acme_12.05.2026.m4a", None),
        ("{account}/{title}", "alone.vtt", None),
        ("{{{title}}}", "{a}.vtt", {"title": "a"}),
        ("{title}", ".hidden", {"title": ".hidden"}),
        ("{account}_{date}", "a/b_2026-05-12.m4a", {"account": "b", "date": "2026-05-12"}),
    ],
)
def test_what_a_name_says(rule: str, path: str, said: dict[str, str] | None) -> None:
    assert NameRule(rule).read(path) == said


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{acount}", "{acount} is none of {account}"),
        ("{account", "its braces do not fit together"),
        ("{account}{date}", "something has to stand before {date}"),
        ("{date}_{date}", "{date} stands there twice"),
        ("{account}_{account_id}", "stands there twice"),
        ("{title!r}", "is none of"),
        ("{title:5}", "is none of"),
        ("call", "it has no field to read"),
        ("{_}", "it has no field to read"),
    ],
)
def test_a_rule_that_cannot_be_used_is_one_sentence(rule: str, why: str) -> None:
    with pytest.raises(BadInput, match=re.escape(why)) as told:
        NameRule(rule)
    assert str(told.value).count("\n") == 0


def test_no_name_makes_a_rule_slow() -> None:
    """Tried at every place, this would not end: 250 over 6 ways."""
    rule = NameRule("{account}_{_}_{_}_{_}_{title}_{date}")
    assert rule.read("_" * 250 + "!") is None
    assert rule.read("_2026-01-01" * 300) is None
