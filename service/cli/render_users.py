"""What `users` and `tokens` print for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.printing import console
from service.cli.text import plain

if TYPE_CHECKING:
    from service.access.sessions import OpenSession
    from service.access.tokens import ApiToken
    from service.access.users import User


def users(found: Sequence[User]) -> None:
    out = console()
    width = max((len(user.name) for user in found), default=0)
    for user in found:
        roles = ", ".join(f"{m.role} of {m.workspace}" for m in user.memberships) or "nowhere"
        notes = ["single sign-on"] * user.sso + ["disabled"] * user.disabled
        line = f"{plain(user.name):<{width}}  since {user.created_at:%Y-%m-%d}  {roles}"
        told = f"{line}  ({', '.join(notes)})" if notes else line
        out.print(Text(told, style="dim" if user.disabled else ""), soft_wrap=True)


def sessions(found: Sequence[OpenSession]) -> None:
    out = console()
    for one in found:
        line = f"{one.id}  {one.workspace}  since {one.created_at:%Y-%m-%d %H:%M}"
        line += f"  last seen {one.seen_at:%Y-%m-%d %H:%M}  {plain(one.address)}"
        out.print(Text(f"{line}  {plain(one.agent)}".rstrip()), soft_wrap=True)


def tokens(found: Sequence[ApiToken], now: datetime) -> None:
    out = console()
    for one in found:
        ended = one.revoked_at is not None or one.expires_at <= now
        state = "revoked" if one.revoked_at else "expired" if ended else "until"
        seen = f"  last seen {one.seen_at:%Y-%m-%d %H:%M}" if one.seen_at else "  never used"
        line = f"{one.id}  {plain(one.user)} as {one.role} of {one.workspace}"
        line += f"  {state} {one.revoked_at or one.expires_at:%Y-%m-%d}{seen}  {plain(one.name)}"
        out.print(Text(line, style="dim" if ended else ""), soft_wrap=True)
