"""A message in the two forms there are: for programs, and for Slack and what takes the same."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from pydantic_core import to_json

from service.hooks.store import Format
from service.hooks.telling import Said, Told

_TEXT_MOST = 2900  # of a block's 3000 characters: https://docs.slack.dev/reference/block-kit/blocks
_QUOTE_MOST = 600


def body(format_: Format, event: str, at: datetime, workspace: str, told: Told) -> bytes:
    """The document as it is posted."""
    if format_ == "slack":
        return to_json(_slack(told))
    data: dict[str, JsonValue] = {"workspace": workspace, **told.data, "link": told.link}
    if told.said:
        data["quotes"] = [
            {**one.quote.model_dump(mode="json"), "link": one.link} for one in told.said
        ]
    return to_json({"type": event, "timestamp": at.isoformat(), "data": data})


def _slack(told: Told) -> JsonValue:
    """Of what others wrote nothing is markup: no link, no mention, no list of its own."""
    blocks: list[JsonValue] = [_section(f"*{_plain(told.sentence)}*\n{_link(told.link, 'Open')}")]
    blocks += [_section(_quoted(one)) for one in told.said]
    if told.facts:
        facts = " · ".join(map(_plain, told.facts))[:_TEXT_MOST]
        blocks.append({"type": "context", "elements": [_markdown(facts)]})
    return {"text": _plain(told.sentence), "blocks": blocks}


def _section(text: str) -> JsonValue:
    return {"type": "section", "text": _markdown(text)}


def _markdown(text: str) -> JsonValue:
    # verbatim: else Slack makes links and mentions of what looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _quoted(said: Said) -> str:
    words = said.quote.text
    words = words if len(words) <= _QUOTE_MOST else words[:_QUOTE_MOST].rstrip() + "…"
    return f"> {_plain(words)}\n{_plain(said.quote.speaker)}, {_link(said.link, 'in the call')}"


def _plain(text: str) -> str:
    """On one line, with what Slack reads as markup escaped:
    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    line = " ".join(text.split())[:_TEXT_MOST]
    for one, other in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        line = line.replace(one, other)
    # Asterisks and the like would begin bold or code; a zero-width space before them keeps them.
    return "".join(f"\u200b{c}" if c in "*_~`" else c for c in line)


def _link(url: str, label: str) -> str:
    """``url`` is ours, its ids percent-encoded."""
    return f"<{url.replace('&', '&amp;')}|{label}>"
