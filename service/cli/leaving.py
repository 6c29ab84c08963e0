"""What leaves this machine, said on stderr before the first request that sends it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from service.cli.shell import Shell
from service.cli.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.library import Library
    from service.doctor import Act, Leaving


def announce(
    shell: Shell,
    library: Library,
    *acts: Act,
    transcriber: str | None = None,
    watched: Sequence[str] = (),
) -> None:
    """Say what these acts send where, unless this home was told before. Not to programs."""
    from service.doctor import news
    from service.logs import say

    if shell.as_json:
        return
    settings = shell.settings
    if transcriber is not None:
        settings = settings.model_copy(update={"transcriber": transcriber})
    if watched:
        settings = settings.model_copy(update={"watch": tuple(watched)})
    for line in lines(news(library, settings, acts)):
        say(line)


def lines(found: Sequence[Leaving]) -> list[str]:
    """A heading for each host and model, and under it what goes there and when."""
    told = []
    for (where, how), sent in groupby(found, key=lambda one: (one.where, one.how)):
        told.append(plain(f"Sent to {where} ({how}):"))
        told += [plain(f"  – {one.what}, {one.when}") for one in sent]
    return told
