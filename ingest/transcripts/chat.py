"""The chat of a meeting, which is written and not spoken: told, so that nobody takes it for speech.

Zoom saves it beside a recording: ``00:58:04<tab>Name:<tab>words`` from the cloud, ``14:05:12 From
Name to Everyone: words`` from a computer. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0067312
"""

from __future__ import annotations

import re

_MESSAGE = re.compile(
    r"^(?:\d{4}-\d\d-\d\d )?\d{1,2}:\d\d:\d\d(?:[ \t]+From[ \t]+|[ ]*\t[ ]*)"
    r"[^\t\n:]{1,150}:(?:[ \t]|$)",
    re.MULTILINE,
)
_STAMPED = re.compile(r"^(?:\d{4}-\d\d-\d\d )?\d{1,2}:\d\d:\d\d[ \t]", re.MULTILINE)


def count_messages(text: str) -> int:
    """How many messages of a chat stand in ``text``; 0 where it is anything else."""
    messages = sum(1 for _ in _MESSAGE.finditer(text))
    return messages if messages and messages >= 0.8 * len(_STAMPED.findall(text)) else 0
