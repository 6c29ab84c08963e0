"""What `hooks` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.printing import console, indented
from service.cli.text import plain

if TYPE_CHECKING:
    from service.hooks.deliveries import Delivery
    from service.hooks.store import Hook


def hooks(found: Sequence[Hook]) -> None:
    """A line for each, and beneath it what is wrong."""
    out = console()
    for hook in found:
        words = ", with customers' words" if hook.with_words else ""
        state = "on" if hook.is_on else "off"
        told = f"{hook.id}  {state}  {plain(hook.url)}  {', '.join(hook.events)} ({hook.format}"
        waiting = f"  {hook.waiting_n} waiting" if hook.waiting_n else ""
        out.print(Text(f"{told}{words}){waiting}"), soft_wrap=True)
        if hook.why:
            since = (
                f"failing since {hook.failing_since:%Y-%m-%d %H:%M}: " if hook.failing_since else ""
            )
            indented(out, f"{since}{hook.why}", "red")
    if not found:
        out.print("No hooks: nobody is told what happens here.")


def deliveries(found: Sequence[Delivery]) -> None:
    """A line for each, and beneath it why it did not arrive."""
    out = console()
    for one in found:
        tries = f", {one.tries} tries" if one.tries > 1 else ""
        when = f"{one.happened_at:%Y-%m-%d %H:%M}"
        line = (
            f"{one.id}  {when}  {one.hook_id}  {one.event} {plain(one.subject)}  {one.state}{tries}"
        )
        out.print(Text(line, style="red" if one.state == "given up" else ""), soft_wrap=True)
        if one.why:
            again = f" Next try {one.next_at:%Y-%m-%d %H:%M}." if one.next_at else ""
            indented(out, f"{one.why}{again}", "dim")
    if not found:
        out.print("Nothing was sent, and nothing waits.")
