"""The note that an entry of the loop drafts for the owner of the account, by a template.

What stands in quotation marks is cut from the call; nothing else is said to be the customer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ingest.models import Account
from service.export.words import long_date
from service.ledger import Evidence, shortened
from service.links import Links
from service.shapes import Code, CodeStatus

_QUOTED = 2
_LONGEST = 400  # characters of a quote

# What has become of a need that somebody voices for the first time, and what to do about it.
_STANDS: dict[CodeStatus, str] = {
    "open": "Nothing is decided yet. Thank them, and ask what it costs them today.",
    "planned": "It is planned. You may tell them so; promise no date.",
    "shipped": "",
    "declined": "We decided against it. Tell them why, and ask how they get by.",
}


def drafted(
    code: Code,
    account: Account,
    why: Literal["shipped", "gained"],
    items: Sequence[Evidence],
    links: Links,
) -> str:
    """``items`` are the account's, the plainest first."""
    hello = f"Hi {account.owner.split()[0]}," if account.owner and account.owner.split() else "Hi,"
    spoke = "asked for it" if code.kind == "request" else "told us about it"
    if why == "shipped":
        opening = f"“{code.label}” has shipped. {account.name} {spoke}:"
        closing = "Please tell them that it is there, and ask whether it does what they need."
    else:
        opening = f"{account.name} is new among the accounts that speak of “{code.label}”:"
        closing = _STANDS[code.status]
    quotes = [_quoted(item, links) for item in items[:_QUOTED]]
    return "\n\n".join([hello, opening, *quotes, closing])


def _quoted(item: Evidence, links: Links) -> str:
    words = shortened(item.quote().text, _LONGEST)
    said = item.spoken
    day = "" if item.date is None else f", {long_date(item.date)}"
    link = links.moment(said.call_id, said.i, said.start_s)
    return f"“{words}”\n– {said.speaker}{day}\n{link}"
